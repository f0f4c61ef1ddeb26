"use strict";
/* Light for desks and tablets, board for walls and dark rooms. The choice is a cookie, so that the server sends the right one. */
(() => {
  const root = document.documentElement;
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    root.dataset.theme = root.dataset.theme === "board" ? "light" : "board";
    document.cookie = `theme_${root.dataset.themeKey}=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
    document.dispatchEvent(new CustomEvent("jobline:theme"));
  });
})();

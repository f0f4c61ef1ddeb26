"use strict";
/* Keys of a desk: "/" find, "g" then a letter to go, Esc clears filters, arrows move between tiles. */
(() => {
  const OFF = "jobline-keys-off";
  const isTyping = (element) => element.closest("input, select, textarea, [contenteditable]");
  const go = (letter) => document.querySelector(`[data-go="${letter}"]`)?.click();
  let waitsFor = "";
  let timer = 0;

  const single = (event) => {
    if (waitsFor === "g") {
      waitsFor = "";
      go(event.key);
      return true;
    }
    if (event.key === "g") {
      waitsFor = "g";
      clearTimeout(timer);
      timer = setTimeout(() => { waitsFor = ""; }, 1500);
      return true;
    }
    const find = event.key === "/" && document.querySelector("[data-find]");
    if (!find) return false;
    find.focus();
    return true;
  };

  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  const move = (event) => {
    const here = document.activeElement?.closest("[data-tile]");
    if (!here || !step[event.key]) return false;
    const all = [...document.querySelectorAll("[data-tile]")];
    all[all.indexOf(here) + step[event.key]]?.focus();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const isOff = localStorage.getItem(OFF) === "1";
    const clear = event.key === "Escape" && document.querySelector("[data-clear]");
    if (clear) clear.click();
    else if (!(move(event) || (!isOff && single(event)))) return;
    event.preventDefault();
  });

  const box = document.querySelector("[data-keys-switch]");
  if (box) {
    box.checked = localStorage.getItem(OFF) !== "1";
    box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "0" : "1"));
  }
})();

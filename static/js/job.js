"use strict";
/* The list of jobs and the page of a job. What a push tells is patched by live.js; the rest is fetched again, at most every
   10 s and only while something runs, never under a finger or while the focus is in it. A line that turns to another
   operation is fetched for at once. */
(() => {
  const EVERY_MS = 10000;
  let stirred = false;
  let isUrgent = false;
  let isPressed = false;
  let isLoading = false;
  let drawnAt = Date.now();

  const region = () => document.querySelector("[data-again]");

  const fetchIfDue = async () => {
    const here = region();
    const isDue = isUrgent ? Date.now() - drawnAt >= 1000 : stirred && Date.now() - drawnAt >= EVERY_MS;
    if (!here || !isDue || isPressed || isLoading || document.hidden || here.contains(document.activeElement)) return;
    isLoading = true;
    const top = here.querySelector(".j-spine")?.scrollTop;
    try {
      await window.htmx.ajax("GET", location.pathname + location.search, { target: `#${here.id}`, select: `#${here.id}`, swap: "outerHTML" });
      stirred = isUrgent = false;
      drawnAt = Date.now();
      const spine = region()?.querySelector(".j-spine");
      if (spine && top) spine.scrollTop = top;
    } finally {
      isLoading = false;
    }
  };

  document.addEventListener("live:line", (event) => {
    const message = event.detail;
    const roots = [...document.querySelectorAll(`[data-job][data-line="${CSS.escape(message.line)}"]`)];
    if (!roots.length) return;
    const job = message.job ? `${message.job.JobNum}/${message.job.AssemblySeq}/${message.job.OprSeq}` : "";
    stirred = true;
    isUrgent ||= roots.some((root) => root.dataset.job !== job);
    fetchIfDue();
  });
  document.addEventListener("pointerdown", () => { isPressed = true; });
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => { isPressed = false; setTimeout(fetchIfDue, 300); });
  }
  setInterval(fetchIfDue, 1000);

  /* The chosen operation is marked where it stands; its parts come below. */
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "parts") return;
    const key = event.detail.target.querySelector("[data-op]")?.dataset.op;
    for (const stage of document.querySelectorAll("[data-stage]")) {
      const isHere = stage.dataset.stage === key;
      stage.classList.toggle("is-sel", isHere);
      // Not by htmx: it would fetch the page by itself when somebody goes back, and so does the reload below.
      if (isHere && stage.href !== location.href) history.pushState(null, "", stage.href);
      if (isHere) stage.setAttribute("aria-current", "true");
      else stage.removeAttribute("aria-current");
    }
  });
  window.addEventListener("popstate", () => location.reload());

  const spine = document.querySelector(".j-spine.is-dense");
  const chosen = spine?.querySelector(".is-sel");
  if (chosen) spine.scrollTop = chosen.offsetTop - spine.clientHeight / 2;
  for (const select of document.querySelectorAll("[data-submit]")) select.addEventListener("change", () => select.form.submit());
})();

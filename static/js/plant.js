"use strict";
/* The order of the lines. What a push changes is text; when the order changes, the bands are fetched again: at once for a
   line that needs someone, else after 20 s, and never under a finger or a pointer. */
(() => {
  const HOLD_MS = 20000;
  const bands = document.getElementById("bands");
  if (!bands) return;
  let isPressed = false;
  let wanted = false;
  let isUrgent = false;
  let drawnAt = Date.now();
  let isLoading = false;

  const shown = () => [...bands.querySelectorAll("[data-line]")].map((tile) => [tile.dataset.line, Number(tile.dataset.rank)]);

  const compare = (order) => {
    const here = shown();
    const ranks = new Map(order);
    const ours = order.filter(([line]) => here.some(([name]) => name === line));
    // With a filter in the address a line may come or go with any change of rank.
    const moved = here.filter(([line, rank], at) => ranks.get(line) !== rank || ours[at]?.[0] !== line);
    wanted = moved.length > 0 || (!location.search.includes("state=") && !location.search.includes("area=") && ours.length !== order.length);
    isUrgent = moved.some(([line, rank]) => (ranks.get(line) <= 3) !== (rank <= 3));
  };

  const fetchIfDue = async () => {
    const isDue = isUrgent || Date.now() - drawnAt >= HOLD_MS;
    if (!wanted || !isDue || isPressed || isLoading || document.hidden) return;
    isLoading = true;
    const focused = document.activeElement?.closest("[data-tile]")?.dataset.line;
    try {
      await window.htmx.ajax("GET", bands.dataset.bands, { target: "#bands", swap: "innerHTML" });
      wanted = isUrgent = false;
      drawnAt = Date.now();
      if (focused) bands.querySelector(`[data-line="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    } finally {
      isLoading = false;
    }
  };

  const lag = (message) => {
    const plan = message.plan;
    const text = document.querySelector(`[data-line="${CSS.escape(message.line)}"] [data-lag]`);
    if (!text) return;
    const minutes = message.state === "slow" && plan && plan.minutes < 0 ? -plan.minutes : 0;
    const hours = Math.floor(minutes / 60);
    const words = hours ? `${hours}\u202fh ${String(minutes % 60).padStart(2, "0")}\u202fmin` : `${minutes}\u202fmin`;
    text.textContent = minutes ? `about ${words} behind` : "";
  };

  /** On a wall the clock is there already: only the name of the shift. */
  const nameShift = (text) => {
    const element = document.querySelector("[data-shift-name]");
    if (element) element.textContent = text.replace(/ \d\d:.*/, "");
  };

  document.addEventListener("live:plant", (event) => {
    compare(event.detail.order);
    nameShift(event.detail.k.shift ?? "");
    fetchIfDue();
  });
  document.addEventListener("live:line", (event) => lag(event.detail));
  document.addEventListener("pointerdown", () => { isPressed = true; });
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => { isPressed = false; setTimeout(fetchIfDue, 300); });
  }
  setInterval(fetchIfDue, 1000);
  document.querySelector("[data-submit]")?.addEventListener("change", (event) => event.target.form.submit());
})();

"use strict";
/* Ticks durations from data-since and clocks from data-clock, once a second, corrected by the server's clock.
   A second only changes one text node; a hidden tab does not tick and is right again when it comes back. */
(() => {
  const page = document.body.dataset;
  const clock = (window.joblineClock ||= { offset: 0 });
  if (page.now && !clock.offset) clock.offset = Number(page.now) - Date.now();
  clock.now = () => Date.now() + clock.offset;

  const two = (number) => String(number).padStart(2, "0");

  /** The same rule as on the server: full units, seconds up to an hour. */
  const parts = (ms) => {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60);
    if (seconds < 60) return [[String(seconds), "s"]];
    if (hours < 1) return [[String(minutes), "min"], [two(seconds % 60), "s"]];
    if (hours < 24) return [[String(hours), "h"], [two(minutes % 60), "min"]];
    return [[String(Math.floor(hours / 24)), "d"], [String(hours % 24), "h"]];
  };

  const iso = (ms) => {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const found = [[Math.floor(seconds / 3600), "H"], [Math.floor(seconds / 60) % 60, "M"], [seconds % 60, "S"]];
    return `PT${found.filter(([number]) => number).map(([number, unit]) => number + unit).join("") || "0S"}`;
  };

  const draw = (element, wanted) => {
    const numbers = element.querySelectorAll("b");
    const units = element.querySelectorAll("i");
    const isSameShape = numbers.length === wanted.length && wanted.every(([, unit], at) => units[at]?.textContent === unit);
    if (isSameShape) {
      wanted.forEach(([number], at) => {
        if (numbers[at].textContent !== number) numbers[at].textContent = number;
      });
      return;
    }
    element.replaceChildren(...wanted.flatMap(([number, unit]) => {
      const value = document.createElement("b");
      const name = document.createElement("i");
      value.textContent = number;
      name.textContent = unit;
      return [value, name];
    }));
  };

  const tickSpan = (element, now) => {
    if (!element.dataset.since) {
      if (element.firstChild) element.replaceChildren();
      return;
    }
    const span = now - Number(element.dataset.since);
    const wanted = parts(span);
    draw(element, element.dataset.short && wanted.length > 1 && wanted[0][1] === "min" ? wanted.slice(0, 1) : wanted);
    if (element.tagName === "TIME") element.dateTime = iso(span);
  };

  const zones = new Map();
  const timeIn = (zone) => {
    if (!zones.has(zone)) {
      zones.set(zone, new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone || undefined }));
    }
    return zones.get(zone);
  };

  const tick = () => {
    if (document.hidden) return;
    const now = clock.now();
    for (const element of document.querySelectorAll("[data-since]")) tickSpan(element, now);
    for (const element of document.querySelectorAll("[data-clock]")) {
      const text = timeIn(element.dataset.clock || page.tz || "").format(now);
      if (element.textContent !== text) element.textContent = text;
    }
  };

  const loop = () => {
    tick();
    setTimeout(loop, 1000 - (clock.now() % 1000) + 5);
  };
  document.addEventListener("visibilitychange", tick);
  document.addEventListener("htmx:load", tick);
  clock.tick = tick;
  loop();
})();

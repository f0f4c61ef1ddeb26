"use strict";
/* Keeps a page right from its socket: patches what is marked (docs/reference/live-message.md), says when it can't.
   Every message is the whole picture, so a missed one does not matter and a late one is dropped. */
(() => {
  const page = document.body.dataset;
  if (!page.socket) return;
  const clock = (window.joblineClock ||= { offset: 0 });
  const LATE = 15000, LOST = 60000, LONGEST = 15000;
  const MARKS = "[data-k],[data-s],[data-c],[data-v],[data-t],[data-aria],[data-show]";
  const seen = new Map(), waiting = new Map();
  let socket = null, heardAt = Date.now(), openedAt = 0, wait = 500, timer = 0, pressed = null, condition = "live";

  const pairs = (text) => text.split(/\s+/).filter(Boolean).map((pair) => pair.split(":"));
  const setVar = (element, name, value) =>
    value === null || value === undefined ? element.style.removeProperty(`--${name}`) : element.style.setProperty(`--${name}`, value);
  const setText = (element, text) => { if (element.textContent !== text) element.textContent = text; };
  const setClass = (element, prefix, value) => {
    const wanted = value ? `${prefix}-${value}` : "";
    const old = [...element.classList].find((name) => name.startsWith(`${prefix}-`));
    if (old && old !== wanted) element.classList.remove(old);
    if (wanted && old !== wanted) element.classList.add(wanted);
  };

  const patch = (element, k) => {
    const marks = element.dataset;
    if (marks.k in k) setText(element, String(k[marks.k] ?? ""));
    if (marks.s in k && marks.state !== k[marks.s]) marks.state = k[marks.s] ?? "";
    if (marks.c) for (const [prefix, key] of pairs(marks.c)) if (key in k) setClass(element, prefix, k[key]);
    if (marks.v) for (const [name, key] of pairs(marks.v)) if (key in k) setVar(element, name, k[key]);
    if (marks.t in k) marks.since = k[marks.t] ?? "";
    if (marks.aria in k) element.setAttribute("aria-label", k[marks.aria] ?? "");
    if (marks.show in k) element.hidden = k[marks.show] === null || k[marks.show] === "" || k[marks.show] === false;
  };

  /* What stands in a list belongs to the list's rows: `home` is the list whose row is being patched, null for the page. */
  const listAround = (element) => element.parentElement?.closest("[data-list]") ?? null;
  const patchBelow = (root, k, home = null) => {
    for (const element of [root, ...root.querySelectorAll(MARKS)]) {
      if (element.matches(MARKS) && listAround(element) === home) patch(element, k);
    }
  };

  const ribbonItem = (list, old, [a, b, kind, label]) => {
    const item = old ?? list.appendChild(document.createElement("li"));
    const words = item.firstElementChild ?? item.appendChild(document.createElement("span"));
    if (!old) words.className = "vh";
    setClass(item, "r", kind);
    setVar(item, "a", a);
    setVar(item, "b", b);
    setText(words, label);
  };
  const listRow = (list, old, row) => {
    const item = old ?? list.appendChild(list.querySelector("template").content.firstElementChild.cloneNode(true));
    patchBelow(item, row, list);
  };
  const fill = (list, message) => {
    const isRibbon = list.dataset.list === "ribbon";
    const rows = isRibbon ? message.ribbon?.items : message[list.dataset.list];
    if (!rows) return;
    const old = [...list.children].filter((child) => child.tagName !== "TEMPLATE");
    rows.forEach((row, at) => (isRibbon ? ribbonItem : listRow)(list, old[at], row));
    old.slice(rows.length).forEach((child) => child.remove());
    if (isRibbon) setVar(list, "span", message.ribbon.span);
    else setVar(list, "hours", rows.length);
  };

  const rootsOf = (message) => document.querySelectorAll(message.line ? `[data-line="${CSS.escape(message.line)}"]` : "[data-plant-scope]");
  const show = (message) => {
    for (const root of rootsOf(message)) {
      if (pressed && root.contains(pressed)) { waiting.set(message.line ?? "", message); continue; }
      patchBelow(root, message.k);
      for (const list of root.querySelectorAll("[data-list]")) if (!listAround(list)) fill(list, message);
    }
    document.dispatchEvent(new CustomEvent(message.line ? "live:line" : "live:plant", { detail: message }));
  };
  const paint = () => {
    const messages = [...waiting.values()];
    waiting.clear();
    messages.forEach(show);
    if (messages.length) clock.tick?.();
  };

  const isStale = (message) => {
    const was = seen.get(message.line ?? "");
    if (was && was.boot === message.boot && (message.rev < was.rev || (message.rev === was.rev && message.t < was.t))) return true;
    seen.set(message.line ?? "", { boot: message.boot, rev: message.rev, t: message.t });
    return false;
  };
  const hear = (event) => {
    const message = JSON.parse(event.data);
    heardAt = Date.now();
    wait = 500;
    // Messages are late, never early: the largest difference is the truest, until a clock was set anew.
    const ahead = message.t - heardAt;
    if (ahead > clock.offset || clock.offset - ahead > 2000) clock.offset = ahead;
    judge();
    if (message.kind === "beat" || isStale(message)) return;
    waiting.set(message.line ?? "", message);
    requestAnimationFrame(paint);
  };

  const timeOf = (at) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: page.tz || undefined }).format(at);
  const judge = () => {
    const silence = Date.now() - heardAt;
    const now = silence > LOST ? "lost" : silence > LATE ? "late" : "live";
    if (now === condition) return;
    condition = now;
    const isLost = now === "lost";
    for (const dot of document.querySelectorAll("[data-live]")) {
      dot.dataset.live = now;
      const words = dot.getAttribute(`data-text-${now}`);
      if (words) setText(dot, words);
    }
    const words = `This screen lost Jobline at ${timeOf(heardAt + clock.offset)}. Showing the last picture.`;
    for (const element of document.querySelectorAll("[data-strip-text]")) if (isLost) setText(element, words);
    for (const element of document.querySelectorAll("[data-strip]")) element.hidden = !isLost;
    for (const element of document.querySelectorAll("[data-freeze]")) element.classList.toggle("is-frozen", isLost);
    document.dispatchEvent(new CustomEvent("live:condition", { detail: { condition: now, heardAt: heardAt + clock.offset } }));
  };

  const connect = () => {
    clearTimeout(timer);
    if (socket && socket.readyState < WebSocket.CLOSING) return;
    openedAt = Date.now();
    const mine = (socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${page.socket}`));
    mine.onmessage = (event) => { if (mine === socket) hear(event); };
    mine.onclose = (event) => {
      if (mine !== socket) return;
      socket = null;
      if (event.code === 4401) location.assign(`/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
      else again();
    };
  };
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(connect, wait * (0.5 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST);
  };
  const atOnce = () => {
    if (document.hidden) return;
    judge();
    if (!socket) { wait = 500; connect(); }
  };
  /* A link that is half open never closes by itself: after 15 s of silence it is given up for a new one. */
  const watch = () => {
    judge();
    if (!socket || Date.now() - Math.max(heardAt, openedAt) < LATE) return;
    const silent = socket;
    socket = null;
    silent.close();
    again();
  };

  const release = () => { pressed = null; requestAnimationFrame(paint); };
  document.addEventListener("pointerdown", (event) => { pressed = event.target; });
  document.addEventListener("pointerup", release);
  document.addEventListener("pointercancel", release);
  document.addEventListener("visibilitychange", atOnce);
  window.addEventListener("online", atOnce);
  window.addEventListener("pageshow", atOnce);
  setInterval(watch, 1000);
  connect();
})();

"use strict";
/* One tap, one reason. What can be tapped is in the page already, so that it works without a network; what was tapped goes
   through the queue of offline.js. */
(() => {
  const page = document.querySelector(".tab");
  const left = document.getElementById("t-left");
  const queue = window.joblineQueue;
  const UNDO_S = 8;
  const one = (path, root = page) => root.querySelector(path);
  const all = (path, root = page) => [...root.querySelectorAll(path)];
  const post = (deed) => `${document.body.dataset.post}${deed}/`;
  const nowMs = () => Date.now() + (window.joblineClock?.offset ?? 0);

  let selected = null; // data-part of the stop that is asked about
  let isChosen = false; // true when a finger chose it
  let lastSaid = 0;
  let isPressed = false;
  let isStale = false;
  const saidAt = () => { lastSaid = Math.max(lastSaid + 1000, Math.round(nowMs() * 1000)); return lastSaid; };
  const minutes = (ms) => {
    const whole = Math.floor(ms / 60000);
    if (ms < 60000) return `${Math.floor(ms / 1000)}\u202fs`;
    return whole < 60 ? `${whole}\u202fmin` : `${Math.floor(whole / 60)}\u202fh ${String(whole % 60).padStart(2, "0")}\u202fmin`;
  };
  const zone = document.body.dataset.tz;
  const clockAt = (ms) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(ms);

  /* Which stop is asked about ------------------------------------------------------------------- */

  const parts = () => all("[data-part]", left);
  const partOf = (id) => parts().find((part) => part.dataset.part === id);
  const waits = (part) => !part.dataset.reason;
  const choose = () => {
    const open = parts().filter(waits);
    // The open stop first while it lasts, then the oldest: the list has the latest on top.
    return open.find((part) => part.classList.contains("t-stop")) ?? open.at(-1) ?? null;
  };

  const show = () => {
    const part = (selected && partOf(selected)) || null;
    for (const other of parts()) {
      other.classList.toggle("is-sel", other === part);
      other.setAttribute("aria-pressed", String(other === part));
    }
    one("[data-ask]").hidden = !part;
    one("[data-idle]").hidden = Boolean(part);
    one('[data-open-sheet="split"]', left).disabled = !part?.dataset.maySplit;
    one('[data-open-sheet="comment"]', left).disabled = !part || part.dataset.reason === "~setup";
    if (!part) return;
    const isDone = !waits(part);
    one("[data-question]").textContent = isDone ? "Another reason?" : "Why did it stop?";
    one("[data-asked]").textContent = isDone ? `${part.dataset.title}, ${part.dataset.reasonText}` : part.dataset.asks;
    for (const button of all("[data-ask] [data-code]")) button.classList.toggle("is-on", isDone && button.dataset.code === part.dataset.reason);
  };
  const settle = () => {
    if (!selected || !partOf(selected) || (!isChosen && !waits(partOf(selected)))) {
      isChosen = false;
      selected = choose()?.dataset.part ?? null;
    }
    show();
    keepAwake();
  };

  /* The left column as the server sees it ------------------------------------------------------- */

  const refresh = async () => {
    if (isPressed || page.querySelector("[data-sheet]:not([hidden])") || (await queue.all()).length) { isStale = true; return; }
    isStale = false;
    await window.htmx.ajax("GET", left.dataset.left, { target: "#t-left", swap: "innerHTML" });
    settle();
    window.joblineClock.tick();
  };
  let seenState = "";
  document.addEventListener("live:line", ({ detail }) => {
    const state = [detail.state, detail.since, detail.need.count, detail.need.latest].join(" ");
    if (seenState && seenState !== state) refresh();
    seenState = state;
  });
  document.addEventListener("pointerdown", () => { isPressed = true; });
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => { isPressed = false; if (isStale) setTimeout(refresh, 300); });
  }

  /** Show at once what was tapped; the server's own picture replaces it. */
  const markDone = (part, code, text) => {
    part.dataset.reason = code;
    part.dataset.reasonText = text;
    part.dataset.by = "me";
    if (part.classList.contains("t-stop")) return;
    const isDone = Boolean(code);
    part.classList.toggle("is-done", isDone);
    one(".g", part).className = `g ${isDone ? "g-check" : "g-untag"}`;
    if (text) one(".t2", part).textContent = text;
    one(`[data-group="${isDone ? "done" : "need"}"]`, left).prepend(part);
    for (const name of ["need", "done"]) one(`[data-head="${name}"]`, left).hidden = !one(`[data-group="${name}"]`, left).children.length;
  };

  /* Saying it ------------------------------------------------------------------------------------ */

  let heldComment = "";
  const tag = (part, code, text, comment = "") => {
    const was = { code: part.dataset.reason, text: part.dataset.reasonText, by: part.dataset.by, comment: part.dataset.comment };
    const fields = { at: part.dataset.part, code, comment, said_at: saidAt() };
    const label = `${part.dataset.title} ${text}`;
    queue.add(post("tag"), fields, label);
    part.dataset.comment = comment;
    markDone(part, code, text);
    toast({ title: part.dataset.title, text, undo: () => undo(part.dataset.part, was) });
    heldComment = "";
    isChosen = false;
    selected = null;
    one("[data-refused]").hidden = true;
    one("[data-question]").parentElement.hidden = false;
    showKind("usual");
    settle();
  };
  const undo = (id, was) => {
    const isPersons = was.code && was.code !== "~setup" && was.by !== "machine";
    const fields = { at: id, said_at: saidAt() };
    if (isPersons) queue.add(post("tag"), { ...fields, code: was.code, comment: was.comment }, was.text);
    else queue.add(post("untag"), fields, "");
    const part = partOf(id);
    if (part) { markDone(part, was.code, was.text); part.dataset.by = was.by; }
    selected = id;
    isChosen = true;
    settle();
  };

  let toastTimer = 0;
  let isOff = false;
  const toast = ({ title, text, undo: take }) => {
    const foot = one("[data-toast]");
    const words = one("[data-toast-text]");
    const strong = document.createElement("b");
    strong.textContent = text;
    words.replaceChildren(...(isOff
      ? [`Kept on this tablet: ${title} `, strong, ". Sends itself when the network is back."]
      : [`${title} tagged `, strong]));
    one("[data-toast-glyph]").className = `g ${isOff ? "g-queue" : "g-check"}`;
    let seconds = UNDO_S;
    clearInterval(toastTimer);
    const tick = () => {
      one("[data-toast-left]").textContent = `${seconds}\u202fs`;
      if (seconds-- <= 0) { foot.hidden = true; clearInterval(toastTimer); }
    };
    tick();
    toastTimer = setInterval(tick, 1000);
    one("[data-undo]").onclick = () => { foot.hidden = true; clearInterval(toastTimer); take(); };
    one("[data-undo]").hidden = !take;
    foot.hidden = false;
  };

  /* The network, and what the server answers ------------------------------------------------------ */

  const showNet = ({ kept, isReachable }) => {
    isOff = !isReachable || !navigator.onLine;
    const pill = one("[data-net]");
    pill.classList.toggle("is-off", isOff);
    one(".g", pill).hidden = !isOff;
    one("[data-net-text]").textContent = isOff ? `Offline${kept ? ` · ${kept} kept here` : ""}` : "Online";
    for (const note of all("[data-offline-only]")) note.hidden = !isOff;
  };
  for (const name of ["added", "kept", "idle"]) queue.on(name, showNet);
  queue.on("idle", () => { if (isStale) refresh(); });
  queue.on("sent", (detail) => {
    showNet(detail);
    if (detail.kept === 0 && detail.text.startsWith("<") && !isPressed) {
      left.innerHTML = detail.text;
      window.htmx.process(left);
      window.joblineVars.apply(left);
      settle();
      window.joblineClock.tick();
    } else isStale = true;
  });
  queue.on("refused", async (detail) => {
    showNet(detail);
    one("[data-toast]").hidden = true;
    one("[data-refused-what]").textContent = `${detail.entry.label || "The last tap"} was not saved.`;
    one("[data-refused-why]").textContent = detail.text;
    await refresh();
    one("[data-refused]").hidden = false;
    one("[data-question]").parentElement.hidden = true;
    if (detail.entry.fields.at && partOf(detail.entry.fields.at)) { selected = detail.entry.fields.at; isChosen = true; show(); }
  });
  document.addEventListener("live:condition", ({ detail }) => { if (detail.condition === "live") queue.pump(); });

  /* Kinds and reasons ------------------------------------------------------------------------------ */

  const showKind = (kind, wanted = 0) => {
    for (const button of all("[data-kind]")) button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
    for (const grid of all("[data-grid]")) grid.hidden = !(grid.dataset.grid === kind && Number(grid.dataset.page) === wanted);
  };
  const more = (button) => {
    const grid = button.closest("[data-grid]");
    const count = all(`[data-grid="${grid.dataset.grid}"]`).length;
    showKind(grid.dataset.grid, (Number(grid.dataset.page) + 1) % count);
  };
  const tapReason = (button) => {
    const text = button.firstElementChild.textContent;
    if (picking) return pick(button.dataset.code, text);
    const part = selected && partOf(selected);
    if (part) tag(part, button.dataset.code, text, heldComment);
    return undefined;
  };

  /* Sheets ------------------------------------------------------------------------------------------ */

  const openSheet = (name) => {
    if (name !== "pick") closePick();
    for (const sheet of all("[data-sheet]")) sheet.hidden = sheet.dataset.sheet !== name;
    one("[data-main]").hidden = Boolean(name);
    if (name) one("[data-toast]").hidden = true;
    const prepare = { split: startSplit, comment: startComment, scrap: startScrap }[name];
    if (prepare) prepare();
    if (!name && isStale) refresh();
  };
  const fillPart = (sheet, part) => {
    const span = Number(part.dataset.end) - Number(part.dataset.start);
    for (const element of all("[data-part-title]", sheet)) element.textContent = part.dataset.title;
    for (const element of all("[data-part-span]", sheet)) element.textContent = minutes(span / 1000);
    for (const element of all("[data-part-reason]", sheet)) element.textContent = part.dataset.reasonText || "No reason yet";
  };

  let cut = null; // the split in the making: instants in ms
  let picking = null;
  const startSplit = () => {
    if (cut?.isBack) { cut.isBack = false; return; }
    const part = partOf(selected);
    const [start, end] = [Number(part.dataset.start) / 1000, Number(part.dataset.end) / 1000];
    const steps = Math.max(1, Math.floor((end - start) / 60000) - 1);
    cut = { part, start, end, at: start + Math.ceil(steps / 2) * 60000, first: null, second: null };
    if (part.dataset.reason && part.dataset.reason !== "~setup") cut.first = { code: part.dataset.reason, text: part.dataset.reasonText };
    fillPart(one('[data-sheet="split"]'), part);
    one("[data-unsplit]").hidden = !part.dataset.cut;
    drawSplit();
  };
  const drawSplit = () => {
    const [first, second] = [cut.at - cut.start, cut.end - cut.at];
    for (const [name, span, chosen] of [["first", first, cut.first], ["second", second, cut.second]]) {
      const bar = one(`[data-cut-${name}]`);
      bar.style.setProperty("--part", String(span));
      bar.classList.toggle("is-done", Boolean(chosen));
      one("b", bar).textContent = minutes(span);
      const button = one(`[data-pick="${name}"]`);
      button.classList.toggle("is-plain", !chosen);
      button.classList.toggle("is-on", Boolean(chosen));
      button.firstElementChild.textContent = chosen ? chosen.text : "Pick a reason";
      button.lastElementChild.textContent = chosen ? chosen.code : "or leave it for later";
    }
    one("[data-cut-bar]").setAttribute("aria-label", `First part ${minutes(first)}, second part ${minutes(second)}`);
    one("[data-cut-at]").textContent = clockAt(cut.at);
    one("[data-first-title]").textContent = `${clockAt(cut.start)}–${clockAt(cut.at)}`;
    one("[data-second-title]").textContent = `${clockAt(cut.at)}–${clockAt(cut.end)}`;
    one('[data-step="-1"]').disabled = cut.at - 60000 <= cut.start;
    one('[data-step="1"]').disabled = cut.at + 60000 >= cut.end;
  };
  const saveSplit = () => {
    const at = Math.round(cut.at * 1000);
    queue.add(post("split"), { at, said_at: saidAt() }, `Split at ${clockAt(cut.at)}`);
    for (const [instant, chosen] of [[cut.part.dataset.part, cut.first], [at, cut.second]]) {
      if (chosen) queue.add(post("tag"), { at: instant, code: chosen.code, comment: "", said_at: saidAt() }, chosen.text);
    }
    const id = cut.part.dataset.part;
    const wasTagged = cut.part.dataset.reason;
    if (wasTagged && wasTagged !== "~setup" && !cut.second) queue.add(post("untag"), { at, said_at: saidAt() }, "");
    if (cut.first) markDone(cut.part, cut.first.code, cut.first.text);
    toast({
      title: cut.part.dataset.title, text: "split in two",
      undo: () => { queue.add(post("unsplit"), { at, said_at: saidAt() }, ""); selected = id; isChosen = true; isStale = true; },
    });
    selected = null;
    cut = null;
    openSheet("");
    settle();
  };
  const unsplit = () => {
    queue.add(post("unsplit"), { at: cut.part.dataset.start, said_at: saidAt() }, "");
    cut = null;
    selected = null;
    openSheet("");
    settle();
  };

  const openPick = (name) => {
    picking = name;
    cut.isBack = true;
    one("[data-pick-title]").textContent = one(`[data-${name}-title]`).textContent;
    one("[data-pick-home]").append(one(".t-cats"), one(".t-stack"));
    for (const button of all(".t-stack [data-code]")) button.classList.toggle("is-on", button.dataset.code === cut[name]?.code);
    showKind("usual");
    openSheet("pick");
  };
  const closePick = () => {
    if (!picking) return;
    picking = null;
    one("[data-ask]").append(one(".t-cats"), one(".t-stack"));
    showKind("usual");
  };
  const pick = (code, text) => {
    cut[picking] = code ? { code, text } : null;
    openSheet("split");
    drawSplit();
  };

  const startComment = () => {
    const part = partOf(selected);
    fillPart(one('[data-sheet="comment"]'), part);
    one("[data-comment-text]").value = part.dataset.comment || heldComment;
    pressPhrases();
  };
  const pressPhrases = () => {
    const text = one("[data-comment-text]").value;
    for (const button of all("[data-phrase]")) button.setAttribute("aria-pressed", String(text.includes(button.dataset.phrase)));
  };
  const tapPhrase = (button) => {
    const area = one("[data-comment-text]");
    const phrase = `${button.dataset.phrase}. `;
    area.value = area.value.includes(phrase) ? area.value.replace(phrase, "") : `${area.value}${phrase}`.slice(0, 200);
    pressPhrases();
  };
  const saveComment = () => {
    const part = partOf(selected);
    const text = one("[data-comment-text]").value.trim();
    openSheet("");
    if (part && !waits(part)) tag(part, part.dataset.reason, part.dataset.reasonText, text);
    else heldComment = text; // goes with the reason, as soon as there is one
  };

  const scrap = { number: "", code: "", text: "" };
  const startScrap = () => { Object.assign(scrap, { number: "", code: "", text: "" }); drawScrap(); };
  const drawScrap = () => {
    one("[data-scrap-number]").textContent = scrap.number || "0";
    for (const button of all("[data-scrap-code]")) button.classList.toggle("is-on", button.dataset.scrapCode === scrap.code);
    const save = one("[data-save-scrap]");
    save.disabled = !Number(scrap.number) || !scrap.code;
    save.textContent = save.disabled ? "Give a number and a reason" : `Add ${Number(scrap.number)} scrap, ${scrap.text}`;
  };
  const saveScrap = () => {
    const text = `${Number(scrap.number)} scrap, ${scrap.text}`;
    queue.add(post("scrap"), { qty: Number(scrap.number), code: scrap.code, said_at: saidAt() }, text);
    openSheet("");
    toast({ title: "Added:", text, undo: null });
  };

  const typed = (old, digit, most) => digit === "clear" ? "" : digit === "back" ? old.slice(0, -1) : (old + digit).slice(0, most);
  let pin = "";
  let person = null;
  const tapDigit = (button) => {
    const { digit } = button.dataset;
    if (button.closest("[data-pad]").dataset.pad === "scrap") { scrap.number = typed(scrap.number, digit, 4); drawScrap(); return; }
    pin = typed(pin, digit, 6);
    one("[data-pin-dots]").textContent = "●".repeat(pin.length) + "–".repeat(6 - pin.length);
    if (pin.length === 6) sayWho({ user: person.id, pin });
  };

  /* Who stands here ---------------------------------------------------------------------------------- */

  const sayWho = async (fields) => {
    const headers = { ...JSON.parse(document.body.getAttribute("hx-headers")), "Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true" };
    let text = "Jobline can’t be reached. Go on without a name, or try again.";
    try {
      const response = await fetch(post("who"), { method: "POST", headers, body: new URLSearchParams(fields).toString() });
      text = await response.text();
      if (response.ok) {
        const [initials, name, seal] = text.split("\n");
        document.body.dataset.seal = seal;
        one("[data-who-initials]").textContent = initials;
        one("[data-who-name]").textContent = name || "Who?";
        openSheet("");
        return;
      }
    } catch { /* said below */ }
    pin = "";
    one("[data-pin-dots]").textContent = "––––––";
    one("[data-pin-says]").textContent = text;
    one('[data-sheet="who"] .sub').textContent = text;
  };
  const tapPerson = (button) => {
    person = { id: button.dataset.person, name: button.dataset.name };
    if (!button.dataset.hasPin) { sayWho({ user: person.id }); return; }
    pin = "";
    one("[data-pin-name]").textContent = person.name;
    one("[data-pin-dots]").textContent = "––––––";
    one("[data-pin-says]").textContent = "Six digits";
    openSheet("pin");
  };
  // A badge reader types: many keys within a moment, then Enter.
  let scanned = "";
  let scannedAt = 0;
  document.addEventListener("keydown", (event) => {
    const isFast = event.timeStamp - scannedAt < 60;
    scannedAt = event.timeStamp;
    if (event.key === "Enter" && isFast && scanned.length >= 4 && one('[data-open-sheet="who"]')) {
      event.preventDefault();
      sayWho({ badge: scanned });
      scanned = "";
    } else if (event.key.length === 1) scanned = isFast ? scanned + event.key : event.key;
  });

  /* Taps: they act on release, inside the same button --------------------------------------------------- */

  const taps = [
    ["[data-part]", (button) => {
      const isSame = selected === button.dataset.part;
      selected = isSame && isChosen ? null : button.dataset.part;
      isChosen = Boolean(selected);
      one("[data-refused]").hidden = true;
      one("[data-question]").parentElement.hidden = false;
      settle();
    }],
    ["[data-kind]", (button) => showKind(button.dataset.kind)],
    ["[data-more]", more],
    ["[data-code]", tapReason],
    ["[data-open-sheet]", (button) => openSheet(button.dataset.openSheet)],
    ["[data-close-sheet]", () => { cut = null; openSheet(""); settle(); }],
    ["[data-back-sheet]", (button) => openSheet(button.dataset.backSheet)],
    ["[data-step]", (button) => { cut.at += Number(button.dataset.step) * 60000; drawSplit(); }],
    ["[data-pick]", (button) => openPick(button.dataset.pick)],
    ["[data-pick-none]", () => pick("", "")],
    ["[data-save-split]", saveSplit],
    ["[data-unsplit]", unsplit],
    ["[data-phrase]", tapPhrase],
    ["[data-save-comment]", saveComment],
    ["[data-digit]", tapDigit],
    ["[data-scrap-code]", (button) => { Object.assign(scrap, { code: button.dataset.scrapCode, text: button.firstElementChild.textContent }); drawScrap(); }],
    ["[data-save-scrap]", saveScrap],
    ["[data-person]", tapPerson],
    ["[data-nobody]", () => sayWho({})],
  ];
  page.addEventListener("click", (event) => {
    for (const [path, act] of taps) {
      const button = event.target.closest(path);
      if (button && !button.disabled) { act(button); return; }
    }
  });
  one("[data-comment-text]").addEventListener("input", pressPhrases);

  /* The screen stays awake while a stop is open */
  let lock = null;
  async function keepAwake() {
    const isOpen = parts().some((part) => part.dataset.open && waits(part));
    try {
      if (isOpen && !lock && !document.hidden) lock = await navigator.wakeLock?.request("screen");
      if (!isOpen && lock) { await lock.release(); lock = null; }
    } catch { lock = null; }
  }
  document.addEventListener("visibilitychange", () => { lock = null; keepAwake(); });

  settle();
})();

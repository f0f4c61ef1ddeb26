"use strict";
/* What was tapped is kept first and sent then, one after the other, in the order of tapping. Without a network it stays in
   IndexedDB and sends itself later. Sending twice does no harm: each tap has a key of its own, under which the server takes
   it in once. The seal says who stood here at the tap, whoever stands here when it is sent. */
(() => {
  const STORE = "said";
  const RETRY_MS = 5000;
  const RELOAD_MS = 60000;
  const listeners = new EventTarget();
  let isSending = false;
  let isReachable = true;
  let timer = 0;

  const opened = new Promise((resolve, reject) => {
    const request = indexedDB.open("jobline", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const run = async (mode, work) => {
    const store = (await opened).transaction(STORE, mode).objectStore(STORE);
    return new Promise((resolve, reject) => {
      const request = work(store);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  };
  const all = () => run("readonly", (store) => store.getAll());
  const remove = (id) => run("readwrite", (store) => store.delete(id));

  const tell = async (name, detail = {}) => {
    listeners.dispatchEvent(new CustomEvent(name, { detail: { ...detail, kept: (await all()).length, isReachable } }));
  };

  const headers = () => ({
    ...JSON.parse(document.body.getAttribute("hx-headers")),
    "Content-Type": "application/x-www-form-urlencoded",
    "HX-Request": "true",
    "HX-Current-URL": location.href,
  });

  /** Load the page anew, for somebody signed in elsewhere since; now and then, should that be of no use. */
  const renew = () => {
    if (Date.now() - Number(sessionStorage.getItem("renewed")) < RELOAD_MS) return;
    sessionStorage.setItem("renewed", String(Date.now()));
    location.reload();
  };

  /** True when the entry is settled, whether the server took it or refused it. */
  const send = async (entry) => {
    let response;
    try {
      const body = new URLSearchParams(entry.fields).toString();
      response = await fetch(entry.url, { method: "POST", headers: headers(), body, credentials: "same-origin" });
    } catch {
      return false;
    }
    if (response.status === 401) {
      location.assign(`/login/?next=${encodeURIComponent(location.pathname)}`);
      return false;
    }
    if (response.headers.get("X-Jobline") === "old page") {
      renew();
      return false;
    }
    if (response.status >= 500 || response.status === 429) return false;
    const text = response.status === 403 ? "You may not do this here." : await response.text();
    await remove(entry.id);
    isReachable = true;
    await tell(response.ok ? "sent" : "refused", { entry, text });
    return true;
  };

  const work = async () => {
    clearTimeout(timer);
    for (const entry of await all()) {
      if (await send(entry)) continue;
      isReachable = false;
      await tell("kept");
      timer = setTimeout(pump, RETRY_MS);
      return;
    }
    await tell("idle");
  };

  /** One sender at a time, also over several tabs of one tablet. */
  const pump = async () => {
    if (isSending) return;
    isSending = true;
    try {
      await (navigator.locks ? navigator.locks.request("jobline-said", work) : work());
    } finally {
      isSending = false;
    }
    const left = await all();
    if (left.length && isReachable) pump();
  };

  /** A random UUID. Over plain http browsers have no randomUUID. */
  const newKey = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };

  const add = async (url, said, label) => {
    const fields = { ...said, key: newKey(), speaker: document.body.dataset.seal ?? "" };
    await run("readwrite", (store) => store.add({ url, fields, label }));
    await tell("added");
    pump();
  };

  window.addEventListener("online", pump);
  window.addEventListener("offline", () => { isReachable = false; tell("kept"); });
  window.joblineQueue = { add, all, pump, on: (name, handler) => listeners.addEventListener(name, (event) => handler(event.detail)) };
  pump();
})();

/* The bell of every page: how much is unread, and what came just now. Nothing here decides.
   One page of a browser listens for all of them: a browser opens only six connections to a host. */
"use strict";

(() => {
  const bell = document.getElementById("bell");
  if (!bell) return;

  const badge = document.getElementById("unread");
  const toast = document.getElementById("notice-toast");
  const SHOWN_MS = 9000;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("steelyard-notices") : null;
  let known = null;
  let isLooking = false;
  let isMissed = false;
  let clearing = 0;

  function count(said) {
    badge.textContent = said.is_more ? `${said.unread}+` : String(said.unread);
    badge.hidden = said.unread === 0;
    bell.classList.toggle("has-unread", said.unread > 0);
  }

  function announce(text) {
    toast.textContent = text;
    toast.classList.add("is-shown");
    window.clearTimeout(clearing);
    clearing = window.setTimeout(() => { toast.classList.remove("is-shown"); toast.textContent = ""; }, SHOWN_MS);
  }

  function outside(newest) {
    if (!("Notification" in window) || Notification.permission !== "granted" || !document.hidden) return;
    if (window.localStorage.getItem("steelyard-notices") !== "on") return;
    // The same tag from several pages is one notice.
    const shown = new Notification(bell.dataset.title, { body: newest.text, tag: `steelyard-${newest.id}` });
    shown.addEventListener("click", () => { window.focus(); window.location.assign("/notices"); });
  }

  function tell(newest) {
    const now = newest ? `${newest.id}:${newest.items}` : "";
    if (known !== null && newest && now !== known) {
      announce(newest.text);
      outside(newest);
    }
    known = now;
  }

  async function look() {
    if (isLooking) { isMissed = true; return; }
    isLooking = true;
    try {
      const answer = await fetch("/notices/bell", { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const said = await answer.json();
        count(said);
        tell(said.newest);
        document.body.dispatchEvent(new CustomEvent("notices-changed"));
      }
    } catch {
      // The page is being left, or the service is away: the stream tells when it is back.
    }
    isLooking = false;
    if (isMissed) { isMissed = false; look(); }
  }

  function listen() {
    const stream = new EventSource("/notices/stream");
    stream.addEventListener("notices", () => { channel?.postMessage(""); look(); });
    window.addEventListener("pagehide", () => stream.close());
  }

  channel?.addEventListener("message", look);
  if (channel && navigator.locks) {
    // Whoever has the lock listens; when that page is closed the next one has it.
    navigator.locks.request("steelyard-notices", () => new Promise(() => { listen(); }));
  } else {
    listen();
  }
  look();

  const settings = document.getElementById("browser-notices");
  if (!settings || !("Notification" in window)) return;
  const state = document.getElementById("browser-state");
  const button = document.getElementById("browser-switch");

  function isOn() {
    return Notification.permission === "granted" && window.localStorage.getItem("steelyard-notices") === "on";
  }

  function show() {
    const isDenied = Notification.permission === "denied";
    state.textContent = isDenied ? settings.dataset.denied : isOn() ? settings.dataset.on : settings.dataset.off;
    button.textContent = isOn() ? settings.dataset.turnOff : settings.dataset.turnOn;
    button.hidden = isDenied;
  }

  button.addEventListener("click", async () => {
    const wanted = !isOn();
    if (wanted && Notification.permission !== "granted") await Notification.requestPermission();
    window.localStorage.setItem("steelyard-notices", wanted ? "on" : "off");
    show();
  });
  settings.hidden = false;
  show();
})();

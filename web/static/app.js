/* The alert list: says what changed, and keeps still under a finger. htmx fetches; nothing here decides. */
"use strict";

(() => {
  const live = document.getElementById("live");
  const list = document.getElementById("alert-list");
  if (!live || !list) return;

  const words = live.dataset;
  const connection = document.getElementById("connection");
  const announcement = document.getElementById("announcement");
  const pause = document.getElementById("pause");
  const title = document.title;
  const HOLD_MS = 700;
  const SHOWN_MS = 6000;
  let isPaused = false;
  let heldUntil = 0;
  let clearing = 0;
  let tabsAt = 0;
  let isMissed = false;
  let state = "lost";
  let known = openAlerts();

  function openAlerts() {
    return new Set(Array.from(list.querySelectorAll('tr[data-state="open"]'), (row) => row.dataset.alert));
  }

  function show(next) {
    state = next;
    const shown = isPaused && next === "live" ? "paused" : next;
    connection.className = `dot dot-${shown}`;
    connection.textContent = words[shown];
  }

  function badge() {
    const awaiting = list.querySelector("#facts")?.dataset.awaiting ?? "0";
    document.title = awaiting === "0" ? title : `(${awaiting}) ${title}`;
  }

  function say(text) {
    announcement.textContent = text;
    window.clearTimeout(clearing);
    clearing = window.setTimeout(() => { announcement.textContent = ""; }, SHOWN_MS);
  }

  function announce(fresh) {
    if (fresh.length === 0) return;
    say(fresh.length === 1 ? words.one : words.many.replace("{n}", String(fresh.length)));
    for (const id of fresh) list.querySelector(`tr[data-alert="${id}"]`)?.classList.add("is-new");
  }

  function catchUp() {
    if (!isMissed || isPaused) return;
    isMissed = false;
    htmx.trigger(list, "refresh");
  }

  list.addEventListener("pointerdown", () => {
    heldUntil = Date.now() + HOLD_MS;
    window.setTimeout(catchUp, HOLD_MS + 20);
  });

  // A list that moves just as it is tapped puts another row under the finger.
  list.addEventListener("htmx:beforeRequest", (event) => {
    const isRefresh = event.detail.elt === list;
    if (!isRefresh || (!isPaused && Date.now() >= heldUntil)) return;
    isMissed = true;
    event.preventDefault();
  });

  list.addEventListener("htmx:beforeSwap", () => { tabsAt = list.querySelector(".tabs")?.scrollLeft ?? 0; });

  list.addEventListener("htmx:afterSwap", () => {
    const tabs = list.querySelector(".tabs");
    if (tabs) tabs.scrollLeft = tabsAt;
    const now = openAlerts();
    announce(Array.from(now).filter((id) => !known.has(id)));
    // Only grows: an alert that leaves a page and comes back is not new.
    for (const id of now) known.add(id);
    badge();
  });

  for (const failure of ["htmx:responseError", "htmx:sendError"]) {
    list.addEventListener(failure, (event) => {
      if (event.detail.elt !== list) say(words.failed);
    });
  }

  live.addEventListener("htmx:sseOpen", (event) => {
    show("live");
    event.detail.source.addEventListener("away", () => show("away"));
    event.detail.source.addEventListener("alerts", () => show("live"));
  });
  live.addEventListener("htmx:sseError", () => show("lost"));

  pause.hidden = false;
  pause.addEventListener("click", () => {
    isPaused = !isPaused;
    pause.textContent = isPaused ? words.resume : words.pause;
    pause.setAttribute("aria-pressed", String(isPaused));
    show(state);
    catchUp();
  });

  badge();
  show("lost");
})();

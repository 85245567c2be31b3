/* Says whether a page that keeps itself up to date does. htmx fetches; nothing here decides. */
"use strict";

(() => {
  const live = document.getElementById("live-page");
  const connection = document.getElementById("connection");
  if (!live || !connection) return;

  function show(state) {
    connection.className = `dot dot-${state}`;
    connection.textContent = live.dataset[state];
  }

  live.addEventListener("htmx:sseOpen", (event) => {
    show("live");
    event.detail.source.addEventListener("away", () => show("away"));
    event.detail.source.addEventListener(live.dataset.event, () => show("live"));
  });
  live.addEventListener("htmx:sseError", () => show("lost"));
  show("lost");
})();

// Writes what the gateway tells into the page. Texts only: nothing that is told becomes markup.
"use strict";

const QUIET_MS = 7000; // the gateway says something every two seconds

const page = document.body;
const ticket = document.querySelector("[data-ticket]");
const lost = document.querySelector(".lost");
const looks = ["state", "verdict", "recorded", "steady"];
let heardAt = Date.now();

function showTicket(address) {
  ticket.hidden = address === "";
  const image = ticket.querySelector("img");
  if (address === "") {
    image.removeAttribute("src");
  } else if (image.getAttribute("src") !== address) {
    image.setAttribute("src", address);
  }
}

function write(texts) {
  for (const look of looks) {
    page.dataset[look] = texts[look];
  }
  for (const place of document.querySelectorAll("[data-text]")) {
    const text = texts[place.dataset.text];
    if (place.textContent !== text) {
      place.textContent = text;
    }
    place.hidden = text === "";
  }
  showTicket(texts.ticket);
}

function heard() {
  heardAt = Date.now();
  lost.hidden = true;
  delete page.dataset.lost;
}

// What was told last may be old by now, and an old weight is not a weight: the style hides it.
function listenForSilence() {
  if (Date.now() - heardAt > QUIET_MS) {
    lost.hidden = false;
    page.dataset.lost = "yes";
  }
}

function watch() {
  const events = new EventSource(page.dataset.events);
  events.addEventListener("texts", (event) => {
    heard();
    write(JSON.parse(event.data));
  });
  events.addEventListener("beat", heard);
  events.addEventListener("error", () => {
    // A refusal (too many screens, a restart) ends an EventSource for good; a lost line does not.
    if (events.readyState === EventSource.CLOSED) {
      setTimeout(watch, 5000);
    }
  });
}

if (page.dataset.events) {
  watch();
  setInterval(listenForSilence, 1000);
} else {
  setTimeout(() => location.reload(), 10000);
}

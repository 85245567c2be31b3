// Opens the checklist where there is no network. What the network says comes first; what was kept is only for without.
// Only checklists and static files are kept: nothing of any other page stays on a phone.
"use strict";

const SHELF = "steelyard-checklists-1";
const isChecklist = (url) => /^\/inspections\/visits\/\d+\/checklist$/.test(url.pathname);
const isKept = (url) => url.origin === location.origin && (isChecklist(url) || url.pathname.startsWith("/static/"));

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const names = (event.data && event.data.keep) || [];
  event.waitUntil(caches.open(SHELF).then((shelf) => Promise.all(
    names.map((name) => new URL(name)).filter(isKept).map(async (url) => {
      const answer = await fetch(url, { credentials: "same-origin" });
      if (answer.ok && !answer.redirected) await shelf.put(url, answer);
    }))));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || !isKept(url)) return;
  event.respondWith((async () => {
    const shelf = await caches.open(SHELF);
    try {
      const answer = await fetch(event.request);
      // Who was signed out meanwhile must not find the page on the phone.
      if (isChecklist(url) && (answer.redirected || answer.type === "opaqueredirect" || answer.status === 404)) await shelf.delete(url);
      else if (answer.ok) await shelf.put(url, answer.clone());
      return answer;
    } catch (error) {
      const kept = await shelf.match(url);
      if (kept) return kept;
      throw error;
    }
  })());
});

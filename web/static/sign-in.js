// Who signs out, or in as somebody else, leaves no checklist of theirs to open without a network (checklist-worker.js).
// Answers that were not sent yet stay: they are kept by account.
"use strict";

if ("caches" in window) caches.delete("steelyard-checklists-1").catch(() => {});

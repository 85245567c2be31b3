// The checklist of a visit on a phone: answers are kept on the phone first and sent when there is a network.
// An answer has an id of its own, so that sending it twice keeps it once. Nothing leaves the phone unkept.
"use strict";

(() => {
  const form = document.querySelector("[data-checklist]");
  if (!form) return;
  const said = form.dataset;
  const place = `steelyard-checklist:${said.username}:${said.visit}`;
  const line = document.querySelector("[data-sync]");
  const RETRY_MS = 15000, AT_ONCE = 100;
  let busy = false;

  // waiting: not sent yet. refused: sent and not taken; it stays until the question is answered again.
  // drafts: typed, and no answer yet. seen: the answer that was told of here since the page came.
  const read = () => {
    const nothing = { waiting: [], refused: [], drafts: {}, seen: {} };
    try { return { ...nothing, ...JSON.parse(localStorage.getItem(place)) }; }
    catch { return nothing; }
  };
  // Where the phone cannot keep it, the page says so instead of pretending.
  const write = (kept) => {
    try { localStorage.setItem(place, JSON.stringify(kept)); return true; }
    catch { tell(said.full, "lost"); return false; }
  };
  const tell = (text, kind) => {
    line.textContent = text;
    line.className = `sync sync-${kind}`;
  };
  const newId = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  };
  const questions = [...form.querySelectorAll("[data-question]")];
  const keyOfAnswer = (one) => `${one.item_code} ${one.question_code}`;
  const keyOf = (box) => `${box.dataset.item} ${box.dataset.question}`;
  const boxOf = (key) => questions.find((box) => keyOf(box) === key);
  const valueOf = (box) => {
    const picked = box.querySelector("input[type=radio]:checked");
    const typed = box.querySelector("[data-value]");
    return picked ? picked.value : typed ? typed.value.trim() : "";
  };
  const noteOf = (box) => box.querySelector("[data-note]").value.trim();
  const show = (box, value, note) => {
    for (const radio of box.querySelectorAll("input[type=radio]")) radio.checked = radio.value === value;
    const typed = box.querySelector("[data-value]");
    if (typed) typed.value = value;
    box.querySelector("[data-note]").value = note;
  };
  const mark = (box, text, kind) => {
    const told = box.querySelector("[data-told]");
    told.textContent = text;
    told.className = kind ? `told told-${kind}` : "told";
  };

  // What waits on this phone is newer than what the page came with.
  const restore = () => {
    const kept = read();
    for (const box of questions) {
      const key = keyOf(box), draft = kept.drafts[key];
      const waiting = kept.waiting.filter((one) => keyOfAnswer(one) === key).pop();
      const refused = kept.refused.filter((one) => keyOfAnswer(one) === key).pop();
      if (waiting) { show(box, waiting.value, waiting.note); mark(box, said.waiting, "waiting"); }
      else if (refused) { show(box, refused.value, refused.note); mark(box, `${said.refused} ${box.dataset.expects || refused.problem}`, "lost"); }
      if (draft) { show(box, draft.value, draft.note); if (!waiting) mark(box, said.draft, "waiting"); }
      // A page that came since tells more than what was noted then.
      const seen = kept.seen[key];
      if (seen && seen.page !== (box.dataset.known || "")) delete kept.seen[key];
    }
    write(kept);
    list(kept);
    count(kept);
  };
  // What was refused and has no question on this page any more is shown below them: nothing is lost unseen.
  const list = (kept) => {
    document.querySelector("[data-refused-list]").replaceChildren(...kept.refused.filter((one) => !boxOf(keyOfAnswer(one))).map((one) => {
      const told = document.createElement("li");
      told.textContent = `${said.refused} ${keyOfAnswer(one)}: ${said[one.value] || one.value} ${one.note} (${one.problem})`;
      return told;
    }));
  };
  const count = (kept) => {
    const left = kept.waiting.length;
    if (!left) tell(said.synced, "done");
    else tell((navigator.onLine ? said.sending : said.offline).replace("{n}", left), "waiting");
  };

  // Every key stroke is kept: a phone that is put away does not say when.
  form.addEventListener("input", (event) => {
    const box = event.target.closest("[data-question]");
    if (!box || event.target.type === "radio") return;
    const kept = read();
    kept.drafts[keyOf(box)] = { value: valueOf(box), note: noteOf(box) };
    if (!write(kept)) mark(box, said.full, "lost");
  });
  const answer = (box) => {
    const value = valueOf(box);
    // A note alone is no answer yet; it is kept as it was typed.
    if (!value) { mark(box, said.draft, "waiting"); return; }
    const kept = read(), key = keyOf(box);
    const known = (kept.seen[key] && kept.seen[key].answer) || box.dataset.known || null;
    delete kept.drafts[key];
    kept.refused = kept.refused.filter((one) => keyOfAnswer(one) !== key);
    kept.waiting.push({
      answer_id: newId(), item_code: box.dataset.item, question_code: box.dataset.question,
      value, note: noteOf(box), answered_at: new Date().toISOString(), known,
    });
    if (!write(kept)) { mark(box, said.full, "lost"); return; }
    mark(box, said.waiting, "waiting");
    list(kept);
    count(kept);
    sync();
  };
  form.addEventListener("change", (event) => {
    const box = event.target.closest("[data-question]");
    if (box) answer(box);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    for (const key of Object.keys(read().drafts)) if (boxOf(key)) answer(boxOf(key));
    sync();
  });

  const settle = (results) => {
    const kept = read();
    for (const result of results) {
      const sent = kept.waiting.find((one) => one.answer_id === result.answer_id);
      if (!sent) continue;
      const key = keyOfAnswer(sent), box = boxOf(key);
      kept.waiting = kept.waiting.filter((one) => one !== sent);
      if (result.outcome === "refused") {
        kept.refused = kept.refused.filter((one) => one.answer_id !== sent.answer_id);
        kept.refused.push({ ...sent, problem: result.problem });
      }
      const other = result.beside || result.standing;
      if (other && box) kept.seen[key] = { answer: other.answer_id, page: box.dataset.known || "" };
      if (!box || kept.waiting.some((one) => keyOfAnswer(one) === key)) continue;
      // Its reply was lost and another answer stands: that is told now, since it was not told then.
      const wasNotTold = result.outcome === "already" && other && other.answer_id !== sent.answer_id
        && (other.value !== sent.value || other.note !== sent.note);
      if (result.outcome === "conflict" || wasNotTold) {
        mark(box, said.conflict.replace("{who}", other.answered_by).replace("{what}", said[other.value] || other.value), "conflict");
      } else if (result.outcome === "refused") mark(box, `${said.refused} ${box.dataset.expects || result.problem}`, "lost");
      else mark(box, said.kept, "done");
    }
    write(kept);
    list(kept);
    return kept;
  };

  const sync = async () => {
    if (busy) return;
    const kept = read();
    if (!kept.waiting.length) return;
    busy = true;
    try {
      const answer = await fetch(`/api/v1/inspections/${said.visit}/answers`, {
        method: "POST", credentials: "same-origin",
        headers: { "content-type": "application/json", "x-csrf-token": said.csrf },
        body: JSON.stringify({ answers: kept.waiting.slice(0, AT_ONCE) }),
      });
      if (answer.ok) {
        const left = settle(await answer.json());
        count(left);
        if (left.waiting.length) setTimeout(sync, 0);
      } else if (answer.status === 401 || answer.status === 403) tell(said.signin.replace("{n}", kept.waiting.length), "lost");
      else if (answer.status === 409 || answer.status === 404 || answer.status === 422) {
        const problem = await answer.json();
        tell(`${said.closed.replace("{n}", kept.waiting.length)} ${problem.detail}`, "lost");
      } else tell(said.offline.replace("{n}", kept.waiting.length), "waiting");
    } catch { tell(said.offline.replace("{n}", kept.waiting.length), "waiting"); }
    finally { busy = false; }
  };

  window.addEventListener("online", sync);
  window.addEventListener("offline", () => count(read()));
  setInterval(sync, RETRY_MS);
  restore();
  sync();
  // Without a worker the page still keeps answers; only opening it again needs a network then.
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/checklist-worker.js", { scope: "/inspections/visits/" })
      .then(() => navigator.serviceWorker.ready)
      .then((ready) => {
        const files = performance.getEntriesByType("resource").map((one) => one.name)
          .filter((name) => name.startsWith(`${location.origin}/static/`));
        ready.active.postMessage({ keep: [location.href, ...files] });
        document.documentElement.dataset.worker = "ready";
      })
      .catch(() => { document.documentElement.dataset.worker = "none"; });
  }
})();

/* Turns the pages of what does not fit, keeps the screen up to date, and says its age while the service is away. */
"use strict";

(() => {
  const TURN_MS = 12000;
  const RETRY_MS = 10000;
  const everyMs = Number(document.body.dataset.every) * 1000;
  const age = document.getElementById("age");
  const turns = new Map();
  let heard = performance.now();
  document.documentElement.classList.add("js");

  /* How many rows fit into the window of a list; on a phone the whole list is scrolled. */
  function sizes(list) {
    const rows = list.children;
    for (const row of rows) row.hidden = false;
    list.style.gridTemplateRows = "";
    list.style.gridAutoFlow = "";
    list.style.removeProperty("--row");
    if (!rows.length || getComputedStyle(document.body).overflowY !== "hidden") return null;
    const columns = getComputedStyle(list).gridTemplateColumns.split(" ").length;
    const height = list.parentElement.clientHeight;
    const lines = Math.max(1, Math.floor(height / rows[0].offsetHeight));
    return { columns, lines, row: Math.floor(height / lines), pages: Math.ceil(rows.length / (columns * lines)) };
  }

  function lay(list) {
    const size = sizes(list);
    const said = document.getElementById(list.dataset.pages);
    if (size === null) {
      said.textContent = "";
      return;
    }
    const page = (turns.get(list.dataset.pages) || 0) % size.pages;
    const first = page * size.columns * size.lines;
    [...list.children].forEach((row, n) => { row.hidden = n < first || n >= first + size.columns * size.lines; });
    list.style.gridAutoFlow = "column";
    list.style.gridTemplateRows = `repeat(${size.lines}, auto)`;
    if (size.pages > 1) list.style.setProperty("--row", `${size.row}px`);
    said.textContent = size.pages > 1 ? `${page + 1} / ${size.pages}` : "";
  }

  function layAll() {
    for (const list of document.querySelectorAll("[data-pages]")) lay(list);
  }

  function turn() {
    for (const list of document.querySelectorAll("[data-pages]")) {
      turns.set(list.dataset.pages, (turns.get(list.dataset.pages) || 0) + 1);
    }
    layAll();
  }

  /* A new release has other scripts and styles: it is taken whole. */
  function isOfThisRelease(fresh) {
    const address = (page) => page.querySelector("script[src]")?.getAttribute("src");
    return address(fresh) === address(document);
  }

  async function renew() {
    let next = everyMs;
    try {
      const answer = await fetch(location.href, { credentials: "omit", cache: "no-cache", signal: AbortSignal.timeout(20000) });
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const board = fresh.getElementById("board");
      if (!board) throw new Error("no board");
      if (!isOfThisRelease(fresh)) {
        location.reload();
        return;
      }
      document.getElementById("board").replaceWith(board);
      heard = performance.now();
      layAll();
    } catch {
      next = RETRY_MS;
    }
    tellAge(next !== everyMs);
    setTimeout(renew, next);
  }

  function tellAge(isLost) {
    const minutes = Math.floor((performance.now() - heard) / 60000);
    age.textContent = isLost ? document.body.dataset.lost.replace("{0}", String(minutes)) : "";
    age.hidden = !isLost;
  }

  addEventListener("resize", layAll);
  layAll();
  setInterval(turn, TURN_MS);
  setTimeout(renew, everyMs);
})();

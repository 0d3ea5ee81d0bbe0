// Progress on pages that only show it, and on the first page what a reader may do with it all:
// take it along as a file, bring it back, clear it.

import { entriesOf, followProgress, forget, load, pages, save, showProgress } from "./store.js";

const FORMAT = "deep-learning-workbook answers";
const VERSION = 1;
const LARGEST = 4e6; // bytes: a browser keeps about five million
const PAGE = /^\w[\w-]*(\/\w[\w-]*)*$/;

const counted = (n, one, many) => `${n} ${n === 1 ? one : many}`;

function exported() {
  const all = Object.fromEntries(pages().map((page) => [page, load(page)]));
  const text = JSON.stringify({ format: FORMAT, version: VERSION, pages: all }, null, 1);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = `workbook-answers-${new Date().toISOString().slice(0, 10)}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  const total = Object.values(all).reduce((sum, entries) => sum + Object.keys(entries).length, 0);
  return total ? `${counted(total, "answer is", "answers are")} in the file ${link.download}.` : "Nothing is kept here yet, so the file holds no answers.";
}

// What a file holds, {page: entries}; a text in words if it is not one of ours.
function opened(text) {
  let data;
  try {
    data = JSON.parse(text);
  } catch {
    return "This file is not one that was exported here: it is not JSON. Nothing was changed.";
  }
  if (data?.format !== FORMAT || !data.pages || typeof data.pages !== "object") return "This file is JSON, but not answers that were exported here. Nothing was changed.";
  if (data.version !== VERSION) return "This file was exported by a newer version of the workbook than this one. Nothing was changed.";
  return new Map(Object.keys(data.pages).filter((page) => PAGE.test(page)).map((page) => [page, entriesOf(data.pages[page])]));
}

// Adds what is not here yet. What is here stays, but a right answer takes the place of one that
// is not. If the browser has no room for all of it, everything is as before.
function imported(text) {
  const found = opened(text);
  if (typeof found === "string") return found;
  const before = new Map();
  let [added, left] = [0, 0];
  for (const [page, entries] of found) {
    const here = load(page);
    before.set(page, { ...here });
    for (const id of Object.keys(entries)) {
      const better = !here[id] || (entries[id].state === "right" && here[id].state !== "right");
      if (better) here[id] = entries[id];
      added += better;
      left += !better;
    }
    if (!save(page, here)) {
      for (const [name, old] of before) if (Object.keys(old).length) save(name, old); else forget(name);
      return "The browser has no room for these answers. Nothing was changed.";
    }
  }
  const stay = left ? ` ${counted(left, "answer", "answers")} that you have here already stayed as they are.` : "";
  return `${counted(added, "answer was", "answers were")} added.${stay}`;
}

function cleared() {
  const all = pages();
  if (!all.length) return "Nothing is kept here yet.";
  if (!confirm(`Clear all answers and predictions of ${counted(all.length, "page", "pages")} in this browser? This cannot be undone; an exported file can bring them back.`)) return "Nothing was cleared.";
  all.forEach(forget);
  return "All answers and predictions are cleared.";
}

function startShelf(shelf) {
  const told = shelf.querySelector("[role=status]");
  const file = shelf.querySelector("input");
  const tell = (words) => {
    told.textContent = words;
    showProgress();
  };
  const acts = { export: () => tell(exported()), import: () => file.click(), clear: () => tell(cleared()) };
  for (const button of shelf.querySelectorAll("[data-do]")) button.addEventListener("click", acts[button.dataset.do]);
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    if (chosen.size > LARGEST) tell("This file is too large to be one that was exported here. Nothing was changed.");
    else tell(imported(await chosen.text()));
    file.value = ""; // the same file may be chosen again
  });
}

followProgress();
document.querySelectorAll(".shelf").forEach(startShelf);

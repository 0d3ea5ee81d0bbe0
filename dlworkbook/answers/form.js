// The field of an answer: Check judges, what was entered is kept, and predictions are shown again
// where the page settles them. The markup is the page's (publish/site/answers.py). Texts are set as
// text, never as HTML.

import { judge, numberOf } from "./judge.js";
import { keep, load, showProgress } from "./store.js";

const LEAD = { right: "Right.", slip: "Not yet.", wrong: "Not yet.", malformed: "This cannot be read.", empty: "" };
const KEPT = "Kept. You will meet it again where the page settles it.";
const SHOWN = 60; // characters of an entry that are shown again
const MOST_LINES = 12;

export const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const brief = (text) => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

// A kind of field: how to read the entry as text, and to write it.
function plainField(form) {
  const field = form.querySelector("input, textarea");
  const grow = () => { if (field.rows) field.rows = Math.min(MOST_LINES, Math.max(2, field.value.split("\n").length)); };
  field.addEventListener("input", grow);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  return {
    read: () => field.value,
    write(text) {
      field.value = text;
      grow();
    },
    mark: (state) => field.setAttribute("aria-invalid", state === "malformed"),
  };
}

function choiceField(form) {
  const boxes = all("input", form);
  return {
    read: () => boxes.filter((box) => box.checked).map((box) => box.value).join(", "),
    write(text) {
      const letters = text.split(", ");
      for (const box of boxes) box.checked = letters.includes(box.value);
    },
  };
}

function orderField(form) {
  const list = form.querySelector("ol");
  const items = () => all("li", list);
  const told = form.querySelector("[aria-live]");
  // The others move past it: what leaves its place loses the focus, and the pointer that holds it.
  const place = (item, to) => {
    for (let at = items().indexOf(item); at > to; at -= 1) item.after(item.previousElementSibling);
    for (let at = items().indexOf(item); at < to; at += 1) item.before(item.nextElementSibling);
  };
  const moved = (item) => {
    form.dispatchEvent(new Event("input"));
    told.textContent = `${item.dataset.letter} is now number ${items().indexOf(item) + 1} of ${items().length}.`;
  };
  for (const item of items()) {
    for (const button of all("button", item)) {
      button.addEventListener("click", () => {
        const to = items().indexOf(item) + Number(button.dataset.by);
        if (to >= 0 && to < items().length) place(item, to);
        moved(item);
      });
    }
    const grip = item.querySelector(".answer-grip");
    grip.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      item.classList.add("answer-held");
    });
    grip.addEventListener("pointermove", (event) => {
      if (!grip.hasPointerCapture(event.pointerId)) return;
      const middle = (other) => other.getBoundingClientRect().top + other.offsetHeight / 2;
      place(item, items().filter((other) => other !== item && middle(other) < event.clientY).length);
    });
    grip.addEventListener("lostpointercapture", () => {
      item.classList.remove("answer-held");
      moved(item);
    });
  }
  return {
    read: () => items().map((item) => item.dataset.letter).join(", "),
    write(text) {
      for (const letter of text.split(", ")) {
        const item = items().find((one) => one.dataset.letter === letter);
        if (item) list.append(item);
      }
    },
  };
}

const FIELDS_BY_KIND = { choice: choiceField, order: orderField };

// A sentence as nodes; code stands between backticks (\x60), and no other markup is known.
function nodes(words) {
  return words.split("\x60").map((part, k) => {
    if (k % 2 === 0) return part;
    const code = document.createElement("code");
    code.textContent = part;
    return code;
  });
}

// Says it in a live region; the same words twice are said twice.
function say(place, lead, words) {
  const before = place.textContent;
  const strong = document.createElement("strong");
  strong.textContent = lead;
  place.replaceChildren(...(lead ? [strong, words ? " " : ""] : []), ...nodes(words));
  if (place.textContent === before) place.append("\u00a0");
}

// "8 px", or the item that was chosen, as nodes.
function entered(form, spec, text) {
  if (spec.kind !== "choice") return [brief(text), spec.unit && numberOf(text, spec) === text ? ` ${spec.unit}` : ""];
  return text.split(", ").flatMap((letter, k) => {
    const item = document.getElementById(`${form.id}-${letter}`);
    return [k ? ", " : "", "“", ...(item?.cloneNode(true).childNodes ?? [letter]), "”"];
  });
}

function settle(form, spec, text) {
  for (const place of all(`[data-settles="${form.dataset.answer}"]`)) {
    const verdict = judge(spec, text);
    const right = verdict.state === "right";
    const mark = document.createElement("strong");
    mark.textContent = right ? "Right." : "Not so.";
    place.dataset.state = right ? "right" : "wrong";
    place.replaceChildren("You predicted ", ...entered(form, spec, text), ". ", mark, " ", ...nodes(verdict.say ?? ""));
  }
}

// Brings a field to life.
export function start(form) {
  const { answer: id, page, kind } = form.dataset;
  const spec = JSON.parse(form.querySelector("script").textContent);
  const predicts = id.startsWith("pr-");
  const field = (FIELDS_BY_KIND[kind] ?? plainField)(form);
  const told = form.querySelector("[role=status]");
  const mine = () => load(page)[id] ?? {};

  function show(state, words, lead = LEAD[state]) {
    form.dataset.state = state;
    say(told, lead, words);
    field.mark?.(state);
  }

  // What was judged or kept last, as long as it stands in the field; a hint stays behind a change.
  function restore() {
    const { text = "", tried, kept } = mine();
    if (predicts && kept !== undefined) {
      settle(form, spec, kept);
      if (text === kept) show("kept", KEPT, "");
      return;
    }
    if (tried === undefined) return;
    const verdict = judge(spec, tried);
    if (text === tried) show(verdict.state, verdict.say);
    else if (verdict.state !== "right") show("stale", verdict.say, LEAD.slip);
  }

  function submitted() {
    const text = field.read();
    const verdict = judge(spec, text);
    if (verdict.state === "empty" || verdict.state === "malformed") {
      show(verdict.state, verdict.say);
    } else if (predicts) {
      keep(page, id, { text, kept: text });
      show("kept", KEPT, "");
      settle(form, spec, text);
    } else {
      keep(page, id, { text, tried: text, state: verdict.state, tries: (mine().tries ?? 0) + 1 });
      show(verdict.state, verdict.say);
      showProgress();
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submitted();
  });
  form.addEventListener("input", () => {
    keep(page, id, { text: field.read() });
    const { tried, kept } = mine();
    if ((predicts ? kept : tried) === field.read()) restore();
    else if (["right", "kept", "malformed", "empty"].includes(form.dataset.state)) show("", "", "");
    else if (form.dataset.state) form.dataset.state = "stale";
  });
  const { text } = mine();
  if (text !== undefined) field.write(text);
  restore();
  for (const button of all("button", form)) button.disabled = false;
}

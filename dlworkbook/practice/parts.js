// What is shown of problems on a page: families are fetched, boxes made, steps opened one by one. For
// the practice (view.js) and the trial exam.

import { start } from "../answers/form.js";
import { scrollStop } from "../widgets/kit/controls.js";
import { make } from "./engine.js";
import { blocksOf, inline } from "./show.js";

export const MOST_SEED = 999999;
const MATHML = "http://www.w3.org/1998/Math/MathML";
const base = (document.currentScript?.src ?? "").replace(/[^/]*$/, "");
const loaded = {}; // family -> promise of it
const arriving = {}; // family -> what to do when its script has run

window.dlworkbookPractice = (family) => arriving[family.name]?.(family);
window.dlworkbookPractice.make = make; // the proof compares it with Node (publish/practice/proof.py)

// The family, from a script of its own.
export function fetched(name, version) {
  loaded[name] ??= new Promise((resolve, reject) => {
    arriving[name] = resolve;
    const script = document.createElement("script");
    script.src = `${base}${name}.js?v=${version}`;
    script.addEventListener("error", () => { delete loaded[name]; reject(new Error("The problems could not be loaded.")); });
    document.head.append(script);
  });
  return loaded[name];
}

// Nodes of show.js as nodes of the page.
export function built(held, space = null) {
  return held.map((node) => {
    if (typeof node === "string") return node;
    const [tag, attributes, ...children] = node;
    const own = tag === "math" ? MATHML : space;
    const element = own ? document.createElementNS(own, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...built(children, own));
    return element;
  });
}

// The page that teaches a family, for a line of text; nothing where that is this page.
export function taughtOn(page) {
  if (!page) return [];
  const [href, title] = page;
  return ["Taught on ", Object.assign(document.createElement("a"), { href, textContent: title }), "."];
}

// Of the boxes that are stops of the tab key only those are so that scroll sideways.
export function reachable(part) {
  for (const one of part.querySelectorAll("[tabindex]")) scrollStop(one, { "aria-label": one.getAttribute("aria-label") }, "group");
}

// A box of the answers for one field of a problem; what is entered is kept as that of an answer.
export function box(template, field, id, counts, kept) {
  const form = template.content.querySelector(`[data-kind="${field.kind}"]`).cloneNode(true);
  const stem = form.id;
  for (const element of [form, ...form.querySelectorAll("*")]) {
    for (const { name, value } of [...element.attributes]) {
      if (["id", "for", "aria-describedby", "name"].includes(name)) element.setAttribute(name, value.replaceAll(stem, id));
    }
  }
  form.querySelector(".answer-ask").replaceChildren(...built(inline(field.ask)));
  const words = form.querySelector(".answer-form");
  if (field.tol) words.append(`; ${counts.tol.replace("{}", Number((100 * field.tol).toPrecision(6)))}`);
  if (field.abs) words.append(`; ${counts.abs.replace("{}", field.abs)}`);
  const unit = form.querySelector(".answer-unit");
  if (unit && field.unit) unit.textContent = field.unit;
  else if (unit) {
    unit.remove();
    const input = form.querySelector("input");
    input.setAttribute("aria-describedby", input.getAttribute("aria-describedby").replace(`${id}-unit `, ""));
  }
  const item = form.querySelector(".answer-items > li");
  item?.parentNode.replaceChildren(...Object.entries(field.of ?? {}).map(([letter, text]) => {
    const own = item.cloneNode(true);
    Object.assign(own.querySelector("input"), { value: letter, type: Array.isArray(field.is) ? "checkbox" : "radio" });
    own.querySelector("b").textContent = letter;
    own.querySelector("span").id = `${id}-${letter}`;
    own.querySelector("span").replaceChildren(...built(inline(text)));
    return own;
  }));
  form.querySelector("script").textContent = JSON.stringify(field);
  Object.assign(form.dataset, kept);
  start(form);
  return form;
}

// The steps of a problem, opened one by one by a button; gives what shows those of another.
export function stepwise(list, more) {
  let steps = [];
  function label() {
    const count = list.children.length;
    more.textContent = count === steps.length ? "All steps are shown" : count ? "Show the next step" : "Show the first step";
    more.setAttribute("aria-disabled", String(count === steps.length));
  }
  more.addEventListener("click", () => {
    const next = steps[list.children.length];
    if (!next) return;
    const item = document.createElement("li");
    item.append(...built(blocksOf(next)));
    list.append(item);
    reachable(item);
    label();
  });
  return (others) => {
    steps = others;
    list.replaceChildren();
    label();
  };
}

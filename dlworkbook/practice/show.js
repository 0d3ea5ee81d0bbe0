// A problem as nodes, for the page and for the sheet: a node is a text or [tag, attributes,
// ...children]. It touches no page.
//
// Statement and steps are lists of blocks. A block is a text, in which $...$ is a formula, **...**
// strong and `...` code; or {formula}, one in a line of its own; {matrices: [[name, rows], ...]}
// side by side; {table: {head, rows}}. A step may be several blocks in a list.

import { mathml, mathmlParts } from "./tex.js";

const PARTS = /\$([^$]+)\$|\*\*([^*]+)\*\*|\x60([^\x60]+)\x60/g; // \x60 is a backtick

// A hyphen before a number is a minus.
const withMinus = (text) => text.replace(/(^|[\s(])-(?=\d)/g, "$1−");

// A text as nodes.
export function inline(text) {
  const found = [];
  let from = 0;
  for (const part of text.matchAll(PARTS)) {
    found.push(withMinus(text.slice(from, part.index)));
    const [all, formula, strong, code] = part;
    found.push(...(formula ? mathmlParts(formula) : [strong ? ["strong", {}, ...inline(strong)] : ["code", {}, code]]));
    from = part.index + all.length;
  }
  return [...found, withMinus(text.slice(from))].filter((node) => node !== "");
}

// A box that is reached by keyboard where it may be too wide; the page takes the mark off where not.
const sideways = (name, what) => ({ class: `practice-${name}`, tabindex: "0", role: "group", "aria-label": `${what}, scrolls sideways` });

const cellOf = (value) => inline(String(value));

function matrixBlock([name, rows]) {
  const body = rows.map((row) => ["tr", {}, ...row.map((value) => ["td", {}, ...cellOf(value)])]);
  return ["div", sideways("matrix", "Matrix"), ["span", {}, ...inline(`$${name} =$`)], ["table", {}, ["tbody", {}, ...body]]];
}

function tableBlock({ head, rows }) {
  const line = (tag, values) => ["tr", {}, ...values.map((value) => (tag === "th" && value ? ["th", { scope: "col" }, ...cellOf(value)] : ["td", {}, ...cellOf(value)]))];
  return ["div", sideways("table", "Table"), ["table", {}, ["thead", {}, line("th", head)], ["tbody", {}, ...rows.map((row) => line("td", row))]]];
}

// One block as a node.
export function blockOf(held) {
  if (typeof held === "string") return ["p", {}, ...inline(held)];
  if (held.formula) return ["div", sideways("formula", "Formula"), mathml(held.formula, true)];
  if (held.matrices) return ["div", { class: "practice-matrices" }, ...held.matrices.map(matrixBlock)];
  if (held.table) return tableBlock(held.table);
  throw new Error(`no block: ${JSON.stringify(held)}`);
}

export const blocksOf = (held) => [held].flat().map(blockOf);

const ESCAPED = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text) => text.replace(/[&<>"]/g, (c) => ESCAPED[c]);

// Nodes as HTML.
export function html(nodes) {
  return nodes.map((node) => {
    if (typeof node === "string") return escaped(node);
    const [tag, attributes, ...children] = node;
    const said = Object.entries(attributes).map(([name, value]) => ` ${name}="${escaped(value)}"`).join("");
    return tag === "mspace" ? `<${tag}${said}/>` : `<${tag}${said}>${html(children)}</${tag}>`;
  }).join("");
}

// The graph of an expression: values node by node, derivatives edge by edge. No DOM.
// tests/widgets/graph_stepper/test_model.py compares every node with torch.
import { GREEK, evaluate, names, number, parse } from "../../answers/expression.js";
import { fmt } from "../kit/controls.js";
import { LOCAL } from "../kit/derivatives.js";
import SETTINGS from "./settings.json" with { type: "json" };

const BIGGEST = 1e6;
export const BRANCHING = ["relu", "abs", "max", "min", "sign", "floor", "ceil"];

// What is special about an operation at its inputs x, in words, or "": a branch, and where there is
// no derivative but a convention. Close is: not told apart from the place itself by 12 digits.
const close = (a, b) => Math.abs(a - b) < 1e-12 * Math.max(1, Math.abs(a));
const MAYBE = " It is so close that this may be rounding.";
export function remark(op, x, needs) {
  const [a, b] = x, [none, way] = ["there is no derivative, and 0 is taken, as in torch", (words) => `Branch taken: ${words}.`];
  if (op === "max" || op === "min") {
    const best = Math[op](...x), taken = x.flatMap((v, k) => (v === best ? [k + 1] : [])), doubt = x.some((v) => v !== best && close(v, best));
    return taken.length > 1 ? `A tie: each of the equal inputs gets an equal share.` : way(`input ${taken[0]} of ${x.length}`) + (doubt ? MAYBE : "");
  }
  if (op === "relu" || op === "abs") return a === 0 ? `The input is 0, at the kink: ${none}.` : way(`the input is ${a > 0 ? "above" : "below"} 0`) + (close(a, 0) ? MAYBE : "");
  if (op === "sign") return a === 0 ? `A jump: ${none}.` : `A flat piece: its derivative is 0.${close(a, 0) ? MAYBE : ""}`;
  if (op === "floor" || op === "ceil") return close(a, Math.round(a)) ? `A jump, at a whole number: ${none}.` : "A flat piece: its derivative is 0.";
  if (op !== "^" || a !== 0) return "";
  const exponent = needs[1] && b === 0 ? `0^0 counts as 1, a convention. By the exponent ${none}.` : "";
  const base = needs[0] && !Number.isInteger(b) ? "Below 0 the power has no value: by the base this is the derivative from the right." : "";
  return exponent || base;
}
// Names that a reader may have meant as products: ab, but not alpha.
export const longNames = (letters) => letters.filter((n) => /^[A-Za-z]{2,}$/.test(n) && !GREEK.includes(n.toLowerCase()));

const SIGNS = { "*": "×", "-": "−", "/": "÷", neg: "minus" };
// A number in a box of eight characters.
export const num = (v) => ((Math.abs(v) < 1e6 && Math.abs(v) >= 1e-3) || v === 0 ? fmt(v) : v.toExponential(2).replace("e+", "e").replaceAll("-", "−"));
const told = (x) => x.map(num).join(" and ");
// What stands in a node.
export function titleOf({ tree, op }) {
  const text = op ? SIGNS[op] ?? op : tree.type === "number" ? num(tree.value) : tree.name;
  return text.length > 9 ? `${text.slice(0, 8)}…` : text;
}

const refuse = (text) => { throw new Error(text); };

// The nodes of a tree, inputs before what is made of them; a name is one node, used where it stands.
// `needs`: whether a derivative flows back to it. A number stands beside what uses it.
function nodesOf(tree) {
  const nodes = [], known = new Map();
  function visit(t) {
    if (known.has(t.name) && t.type === "name") return known.get(t.name);
    const from = [t.left, t.right, t.of, ...(t.args ?? [])].filter(Boolean).map(visit);
    const level = from.length ? 1 + Math.max(...from.map((k) => nodes[k].level)) : 0;
    for (const k of from) if (!nodes[k].from.length && !nodes[k].needs) nodes[k].level = level - 1;
    const op = t.type === "unary" ? "neg" : t.op ?? (t.type === "call" ? t.name : "");
    nodes.push({ tree: t, op, from, level, needs: t.type === "name" || from.some((k) => nodes[k].needs) });
    if (t.type === "name") known.set(t.name, nodes.length - 1);
    return nodes.length - 1;
  }
  visit(tree);
  return nodes;
}

// The texts that a setting stands for: an example's, unless others were typed.
export function textsOf(s) {
  const { of, texts } = SETTINGS.fields.example, [expression, values] = texts[of.indexOf(s.example)];
  return s.expression ? [s.expression, s.values] : [expression, s.values || values];
}

const COMMAS = /[,;，；]/, EQUALS = /[=＝]/;
// "a = 3, b = 1/2" -> { a: 3, b: 0.5 }, with a value for each of the letters.
function valuesOf(text, letters) {
  const found = {};
  for (const part of text.split(COMMAS).filter((p) => p.trim())) {
    const [name, given, more] = part.split(EQUALS);
    if (given === undefined || more !== undefined) refuse(`“${part.trim().slice(0, 20)}” gives no letter a value, as in ${letters[0]} = 3`);
    const tree = parse(name, { names: letters });
    if (tree.type !== "name") refuse(`“${name.trim().slice(0, 20)}” is not one of the letters`);
    if (Object.hasOwn(found, tree.name)) refuse(`${tree.name} is given two values`);
    found[tree.name] = number(given);
    if (Math.abs(found[tree.name]) > BIGGEST) refuse(`${tree.name} is larger than a million`);
  }
  const lacks = letters.find((n) => !Object.hasOwn(found, n));
  return lacks === undefined ? found : refuse(`${lacks} has no value yet`);
}

// Values for the letters of an expression: those that are there already, else 2, 3, 4...
export function valuesFor(expression, before) {
  const old = Object.fromEntries(before.split(COMMAS).map((part) => part.split(EQUALS).map((w) => w.trim())));
  return names(parse(expression)).map((n, k) => `${n} = ${Object.hasOwn(old, n) ? old[n] : k + 2}`).join(", ");
}

// Everything about a setting: nodes with their values and local derivatives, and the steps. Throws
// an Error that says in words what is wrong.
export function work(s) {
  const [expression, given] = textsOf(s), tree = parse(expression), letters = names(tree);
  if (!letters.length) refuse("There is no letter in it whose derivative could be asked for");
  const nodes = nodesOf(tree), values = valuesOf(given, letters);
  if (nodes.length > SETTINGS.most) refuse(`This makes ${nodes.length} nodes; at most ${SETTINGS.most} can be drawn`);
  for (const node of nodes) {
    const x = node.from.map((k) => nodes[k].value), inputs = x.map((v) => ({ type: "number", value: v }));
    node.value = evaluate({ ...node.tree, left: inputs[0], right: inputs[1], of: inputs[0], args: inputs }, values) + 0;
    if (!Number.isFinite(node.value)) refuse(`${titleOf(node)} has no finite value at ${told(x)}`);
    if (node.op === "tan" && Math.abs(node.value) > 1e15) refuse(`tan is at a pole at ${told(x)}, but for rounding`);
    const local = node.from.length ? LOCAL[node.op](x, node.value) : [];
    node.local = node.from.map((k, n) => (nodes[k].needs ? local[n] + 0 : 0));
    if (!node.local.every(Number.isFinite)) refuse(`${titleOf(node)} has no finite derivative at ${told(x)}`);
  }
  const made = nodes.flatMap((node, n) => (node.from.length ? [n] : [])), last = nodes.length - 1;
  const back = [...made].reverse().flatMap((to) => nodes[to].from.flatMap((from, slot) => (nodes[from].needs ? [{ kind: "back", to, from, slot }] : [])));
  return { nodes, letters, steps: [{ kind: "inputs" }, ...made.map((to) => ({ kind: "forward", to })), { kind: "seed", to: last }, ...back] };
}

// What is known after a step: which nodes have a value, and for each the parts of its derivative
// that have come back, each with what came from above and the local derivative.
export function seen({ nodes, steps }, step) {
  const has = nodes.map((node) => !node.from.length), parts = nodes.map(() => []);
  const sum = (n) => parts[n].reduce((total, part) => total + part.up * part.local, 0);
  for (const { kind, to, from, slot } of steps.slice(0, step + 1)) {
    if (kind === "forward") has[to] = true;
    if (kind === "seed") parts[to].push({ up: 1, local: 1 });
    if (kind === "back") parts[from].push({ up: sum(to), local: nodes[to].local[slot] });
  }
  return { has, parts, grads: parts.map((list, n) => (list.length ? sum(n) : null)) };
}

// Places for nodes and for edges on their way: columns are levels, rows are numbered from the
// middle. An edge that spans several levels keeps a place of its own in each, so it meets no node.
export function layout({ nodes }) {
  const rows = nodes.map(() => 0), ways = new Map();
  const deep = nodes.at(-1).level;
  let most = 1;
  for (let level = 0; level <= deep; level++) {
    const here = nodes.flatMap((node, n) => {
      if (node.level === level) return [{ n, at: node.from.map((k, slot) => ways.get(`${n} ${slot}`)?.at(-1)[1] ?? rows[k]) }];
      if (node.level < level) return [];
      return node.from.flatMap((k, slot) => (nodes[k].level < level ? [{ way: `${n} ${slot}`, at: [ways.get(`${n} ${slot}`)?.at(-1)[1] ?? rows[k]] }] : []));
    });
    const mean = (list) => (list.length ? list.reduce((a, b) => a + b, 0) / list.length : nodes.length);
    here.sort((p, q) => (level ? mean(p.at) - mean(q.at) : 0));
    here.forEach(({ n, way }, k) => {
      const row = k - (here.length - 1) / 2;
      if (way === undefined) rows[n] = row; else ways.set(way, [...(ways.get(way) ?? []), [level, row]]);
    });
    most = Math.max(most, here.length);
  }
  return { rows, ways, deep, most };
}

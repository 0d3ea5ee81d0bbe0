// A function of x that somebody types: values, slopes from both sides, and the derivative as a text.
// No DOM. tests/widgets/tangent_secant/test_model.py compares it with torch, sympy and mpmath.
import { FUNCTIONS, evaluate, parse, toText } from "../../answers/expression.js";
import { E, HALF, ONE, PI, ZERO, doubtful, infinite, isWhole, isZero, known, minusOf, negative, over, plus, toPower, signOf, smoothOf, times } from "./numbers.js";
import SETTINGS from "./settings.json" with { type: "json" };

// The tree of a typed text, if it is small enough to be drawn and derived at each key press.
export function treeOf(text) {
  const tree = parse(text, { names: ["x"] }), { most } = SETTINGS, count = partCount(tree);
  if (count > most) throw new Error(`This has ${count} parts (numbers, letters, operations); at most ${most} can be drawn.`);
  return tree;
}

// The derivatives of the functions of one value; those with a kink or a jump away from it.
const RULES = new Map(Object.entries({
  sin: "cos(u)", cos: "-sin(u)", tan: "1 + tan(u)^2", tanh: "1 - tanh(u)^2", exp: "exp(u)", sqrt: "1/(2*sqrt(u))",
  log: "1/u", ln: "1/u", log2: "1/(u*log(2))", log10: "1/(u*log(10))",
  sigmoid: "sigmoid(u)*(1 - sigmoid(u))", sigma: "sigmoid(u)*(1 - sigmoid(u))",
  abs: "sign(u)", relu: "max(0, sign(u))", sign: "0", floor: "0", ceil: "0",
}).map(([name, text]) => [name, parse(text, { names: ["u"] })]));
const partsOf = (t) => [t.left, t.right, t.of, ...(t.args ?? [])].filter(Boolean);
// What is asked of the same tree again and again is kept.
const remember = (f) => { const seen = new WeakMap(); return (t) => { if (!seen.has(t)) seen.set(t, f(t)); return seen.get(t); }; };
const constantIn = remember((t) => evaluate(t));
const free = remember((t) => t.type !== "name" && partsOf(t).every(free));
const partCount = remember((t) => 1 + partsOf(t).reduce((n, part) => n + partCount(part), 0));

// ---- the derivative as an expression

const opposite = (of) => ({ type: "unary", op: "-", of });
const constant = (v) => (v < 0 ? opposite({ type: "number", value: -v }) : { type: "number", value: v });
const numberOf = (t) => (t.type === "number" ? t.value : t.type === "unary" && t.of.type === "number" ? -t.of.value : null);
// [3, sin(x)*x] for 3*sin(x)*x: the number in front, and the rest.
function front(t) {
  if (numberOf(t) !== null) return [numberOf(t), constant(1)];
  const [n, rest] = t.op === "*" ? front(t.left) : [1];
  return n === 1 ? [1, t] : [n, numberOf(rest) === 1 ? t.right : { ...t, left: rest }];
}
const minus = (t) => (t.type === "unary" ? t.of : t.op === "*" && front(t)[0] !== 1 ? { ...t, left: minus(t.left) } : opposite(t));
const call = (name, ...args) => ({ type: "call", name, args });
// A tree without its sign, if it has one in front.
function unsigned(t) {
  if (t.type === "unary") return t.of;
  const left = t.op === "*" || t.op === "/" ? unsigned(t.left) : null;
  return left && { ...t, left };
}

const brief = (v) => Number.isInteger(v) || (Number.isFinite(v) && String(v).length < 9);
// left op right, with what can be left out left out.
function join(op, left, right) {
  const [p, q] = [numberOf(left), numberOf(right)], node = { type: "binary", op, left, right };
  if (p !== null && q !== null && op !== "/") {
    const v = evaluate(node);
    return brief(v) ? constant(v) : node;
  }
  if (op === "+") return p === 0 ? right : q === 0 ? left : unsigned(right) ? join("-", left, unsigned(right)) : node;
  if (op === "-") return q === 0 ? left : p === 0 ? unsigned(right) ?? minus(right) : unsigned(right) ? join("+", left, unsigned(right)) : node;
  const [[n, a], [m, b]] = [front(left), front(right)];
  if (op === "/") return p === 0 || q === 1 ? left : toText(left) === toText(right) ? constant(1) : Math.abs(n) === Math.abs(m) && m !== 1 ? join("/", join("*", constant(n / m), a), b) : node;
  if (op === "^") return q === 1 ? left : node;
  if (p === 0 || q === 1) return left;
  if (q === 0 || p === 1) return right;
  if (p === -1) return unsigned(right) ?? minus(right);
  if (q !== null) return join("*", right, left); // numbers stand in front
  if (n !== 1 && p === null) return join("*", constant(n), join("*", a, right));
  if (m !== 1 && p === null) return join("*", constant(m), join("*", left, b));
  if (m !== 1) return brief(p * m) ? join("*", constant(p * m), b) : node;
  if (unsigned(right)) return join("*", unsigned(left) ?? minus(left), unsigned(right));
  if (p !== null && right.op === "/") return join("/", join("*", left, right.left), right.right);
  if (right.op === "*") return p !== null ? { ...right, left: join("*", left, right.left) } : join("*", join("*", left, right.left), right.right);
  for (const [f, g] of [[left, right], [right, left]]) if (f.op === "/" && numberOf(f.left) === 1) return join("/", g, f.right);
  return node;
}
const filled = (t, u) => (t.type === "name" ? u : {
  ...t, ...(t.left && { left: filled(t.left, u), right: filled(t.right, u) }), ...(t.of && { of: filled(t.of, u) }), ...(t.args && { args: t.args.map((a) => filled(a, u)) }),
});

// max(a, b) = (a + b + |a - b|)/2; for min the last sign is a minus.
function extremeOf(name, [a, b, ...rest]) {
  const [p, q] = [derive(a), derive(b)], bend = join("*", call("sign", join("-", a, b)), join("-", p, q));
  const d = join("/", join(name === "max" ? "+" : "-", join("+", p, q), bend), constant(2));
  if (partCount(d) > LONGEST_RULE) throw new Error("too long to show");
  return rest.length ? extremeOf(name, [{ ...call(name, a, b), d }, ...rest]) : d;
}

// Throws where the text would be longer than a screen: it doubles with each max inside a max.
const LONGEST_RULE = 400;
export function derive(t) {
  const d = derived(t);
  if (partCount(d) > LONGEST_RULE) throw new Error("too long to show");
  return d;
}
function derived(t) {
  if (t.d) return t.d;
  if (free(t)) return constant(0);
  if (t.type === "name") return constant(1);
  if (t.type === "unary") return join("-", constant(0), derive(t.of));
  if (t.type === "call") return t.args.length > 1 ? extremeOf(t.name, t.args) : join("*", filled(RULES.get(t.name), t.args[0]), derive(t.args[0]));
  const { op, left: a, right: b } = t, [p, q] = [derive(a), derive(b)];
  if (op === "+" || op === "-") return join(op, p, q);
  if (op === "*") return join("+", join("*", p, b), join("*", a, q));
  if (op === "/") return free(b) ? join("/", p, b) : join("/", join("-", join("*", p, b), join("*", a, q)), join("^", b, constant(2)));
  if (free(b)) return join("*", join("*", b, join("^", a, join("-", b, constant(1)))), p);
  const log = a.type === "constant" && a.name === "e" ? constant(1) : call("log", a);
  return join("*", t, join("+", join("*", q, log), join("/", join("*", b, p), a)));
}
export function derivativeText(text, longest = Infinity) {
  try {
    const found = toText(derive(treeOf(text)));
    return found.length > longest ? "too long to show" : found;
  } catch (error) {
    if (error.message === "too long to show") return error.message;
    throw error;
  }
}

// ---- value, and slopes from the left and from the right, judged by what is known of their rounding

const WHOLE_ROUND = { floor: [false, Math.floor], ceil: [true, Math.ceil] };

// The whole number below, or with `up` above.
function rounded(name, a) {
  const [up, round] = WHOLE_ROUND[name], whole = isWhole(a);
  if (whole === null) return doubtful(known(round(a.v)), name);
  if (whole || !a.q || a.q.p) return whole ? a : doubtful(known(round(a.v)), a.doubt);
  const [n, d] = [a.q.n, a.q.d], below = n / d - BigInt(a.v < 0 && n % d ? 1 : 0); // BigInt cuts towards 0
  return doubtful(known(Number(below + BigInt(up ? 1 : 0))), a.doubt);
}
const larger = (a, b) => { const s = signOf(minusOf(a, b)); return Number.isNaN(a.v) || s === 1 || (s === null && a.v > b.v) ? a : b; };
// The value of an operation at the values of its parts.
function applied(t, a) {
  const [p, q] = a, name = t.op ?? t.name;
  switch (name) {
    case "+": return plus(p, q);
    case "-": return q ? minusOf(p, q) : negative(p);
    case "*": return times(p, q);
    case "/": return over(p, q);
    case "^": return toPower(p, q);
    case "sqrt": return toPower(p, HALF);
    case "abs": return larger(p, negative(p));
    case "relu": return larger(p, ZERO);
    case "max": return a.reduce(larger);
    case "min": return negative(a.map(negative).reduce(larger));
    case "floor": case "ceil": return Number.isNaN(p.v) ? p : rounded(name, p);
    case "sign": { const s = signOf(p); return Number.isNaN(s) ? p : s === null ? doubtful(known(Math.sign(p.v)), name) : doubtful(known(s), p.doubt); }
    default: return smoothOf(name, p, evaluate(RULES.get(name), { u: p.v }));
  }
}
function valueAt(t, x) {
  if (t.type === "number") return known(t.value);
  if (t.type === "constant") return t.name === "pi" ? PI : E;
  return t.type === "name" ? x : applied(t, partsOf(t).map((part) => valueAt(part, x)));
}

// Of each side: whether values end there: true, false, or null where only a look can tell.
const NEITHER = [false, false], PERHAPS = [null, null];
const LEVEL = { v: ZERO, d: [ZERO, ZERO] }, NOT = infinite(NaN);
const sameAs = (a, b) => a.v === b.v && (!a.q || !b.q || (a.q.n === b.q.n && a.q.d === b.q.d));
// a to a fixed power c; beside a zero of a a broken power may have no values.
function raised(a, c) {
  const side = signOf(a.v), ways = a.d.map((m, k) => { const s = signOf(m); return s ? (k ? s : -s) < 0 : null; });
  const edge = isWhole(c) !== true && side === 0 ? ways : NEITHER;
  if (isZero(c)) return { d: () => ZERO };
  if (side === 0 && c.v !== 1) return { edge, d: (k) => times(c.v > 1 ? ZERO : infinite(Infinity), a.d[k]) };
  return { d: (k) => times(times(c, toPower(a.v, minusOf(c, ONE))), a.d[k]) };
}
// sign -1: the smallest. `texts` tell equal formulas, whose difference is 0 whatever its rounding.
function largest(name, parts, sign, texts = []) {
  const up = parts.map((p) => (sign < 0 ? negative(p.v) : p.v)), gap = (i, j) => (texts[i] !== undefined && texts[i] === texts[j] ? 0 : signOf(minusOf(up[i], up[j])));
  const best = parts.reduce((b, _, k) => (gap(k, b) === 1 ? k : b), 0), same = (p) => p.d.every((m, k) => sameAs(m, parts[best].d[k]));
  const top = parts.filter((_, k) => k === best || gap(k, best) === 0), unsure = parts.some((p, k) => k !== best && gap(k, best) === null && !same(p));
  const pick = (k) => (a, b) => (Number.isNaN(a.v) || Number.isNaN(b.v) ? NOT : (k ? sign : -sign) * (a.v - b.v) >= 0 ? a : b);
  return { bent: !top.every(same), doubt: unsure ? name : "", d: (k) => top.map((p) => p.d[k]).reduce(pick(k)) };
}
// Smooth functions by their rules; sign, floor and ceil have no slope where they jump.
function ruled(name, { v, d }) {
  const stands = name === "sign" ? (v.doubt ? false : signOf(v) === 0) : name in WHOLE_ROUND ? isWhole(v) === true : null;
  if (stands !== null) return { jump: stands ? name : "", d: () => (stands ? NOT : ZERO) };
  const factor = valueAt(RULES.get(name), v);
  return { d: (k) => times(factor, d[k]) };
}
// { d: slope from the left and from the right as a function of 0 and 1 }, and what else was met.
function combine(t, v, [a, b], parts) {
  switch (t.op ?? t.name) {
    case "+": return { d: (k) => plus(a.d[k], b.d[k]) };
    case "-": return { d: (k) => (b ? minusOf(a.d[k], b.d[k]) : negative(a.d[k])) };
    case "*": return { d: (k) => plus(times(a.d[k], b.v), times(a.v, b.d[k])) };
    case "/": return { d: (k) => over(minusOf(a.d[k], times(v, b.d[k])), b.v) };
    case "^":
      if (free(t.right)) return raised(a, b.v);
      return { edge: signOf(a.v) !== 1 ? PERHAPS : NEITHER, d: (k) => times(v, plus(times(b.d[k], smoothOf("log", a.v, 1 / a.v.v)), over(times(b.v, a.d[k]), a.v))) };
    case "sqrt": return raised(a, HALF);
    case "relu": return largest("relu", [a, LEVEL], 1);
    case "abs": return largest("abs", [a, { v: negative(a.v), d: a.d.map(negative) }], 1);
    case "max": case "min": return largest(t.name, parts, t.name === "max" ? 1 : -1, t.args.map(toText));
    default: return ruled(t.name, a);
  }
}
// v and d: value, and slopes from the left and from the right, numbers of numbers.js. NaN for a
// slope: the rules do not decide (0 times infinity). Further what was met on the way: `bent` (a
// kink), `edge` (of the domain, on each side), `jump` (a function that jumps here), `doubt`.
export function slopes(t, x) {
  if (free(t)) return { ...LEVEL, v: valueAt(t, ZERO), bent: false, edge: NEITHER, jump: "", doubt: "" };
  if (t.type === "name") return { ...LEVEL, v: x, d: [ONE, ONE], bent: false, edge: NEITHER, jump: "", doubt: "" };
  const parts = partsOf(t).map((part) => slopes(part, x)), v = applied(t, parts.map((p) => p.v)), own = combine(t, v, parts, parts);
  const met = (key) => own[key] || parts.map((p) => p[key]).find(Boolean) || false;
  const edges = [own, ...parts].map((p) => p.edge ?? NEITHER), edge = [0, 1].map((k) => (edges.some((e) => e[k]) ? true : edges.some((e) => e[k] === null) ? null : false));
  return { v, d: [own.d(0), own.d(1)], bent: met("bent"), edge, jump: met("jump") || "", doubt: met("doubt") || "" };
}

const PLAIN = { "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b, "^": (a, b) => a ** b };
// f(x) in plain 64 bits; NaN where there is no value, as at a pole, and for what is made of none.
export function plainly(t, x) {
  if (t.type === "name") return x;
  if (free(t)) return constantIn(t);
  const inputs = partsOf(t).map((part) => plainly(part, x));
  if (inputs.some(Number.isNaN)) return NaN;
  const [a, b] = inputs, y = t.type === "call" ? FUNCTIONS.get(t.name)(...inputs) : t.type === "unary" ? -a : PLAIN[t.op](a, b);
  return !Number.isFinite(y) && inputs.every(Number.isFinite) && inputs.some((v) => v === 0) ? NaN : y;
}

const NEAR = 1e-6;
// What can be said at the point x with the step h. `kind`: none (no value), slope, kink, steep (a
// slope is infinite), edge (no values on one side), alone (on neither), open (not decided by the
// rules), doubt (not decided in 64 bits; what `doubt` says), large (beyond 64 bits).
export function study(tree, x, h) {
  const at = (place) => known(Number(place.toFixed(6))), here = slopes(tree, at(x)), { v, jump } = here, [left, right] = here.d;
  const ahead = valueAt(tree, at(x + h)), doubt = v.doubt || here.doubt || left.doubt || right.doubt;
  const secant = over(minusOf(ahead, v), at(h)), gap = minusOf(secant, left), error = (a) => (a.q ? 0 : a.e);
  const lacks = [-1, 1].map((side, k) => here.edge[k] ?? [NEAR, 1e-9, 1e-12].every((e) => !Number.isFinite(plainly(tree, x + side * e))));
  const off = Math.abs(left.v - right.v), equal = !here.bent || (left.q && right.q ? sameAs(left, right) : off <= left.e + right.e ? null : false);
  const sides = [left, right].map((d, k) => (lacks[k] ? NaN : d.v));
  const kind = doubt ? (doubt === "large" ? "large" : "doubt") : Number.isNaN(v.v) ? "none" : lacks[0] && lacks[1] ? "alone" : lacks[0] || lacks[1] ? "edge"
    : sides.some(Number.isNaN) ? "open" : !sides.every(Number.isFinite) ? "steep" : equal === null ? "doubt" : equal ? "slope" : "kink";
  return {
    v: v.v, ahead: ahead.v, secant: secant.v, gap: gap.v, left: sides[0], right: sides[1], kind, jump, doubt: doubt || "sides",
    far: ahead.doubt === "large", blur: [v, left, right, secant, gap].map(error), apart: minusOf(right, left).v,
    near: [-NEAR, NEAR].map((e) => (plainly(tree, x + e) - v.v) / e),
  };
}

// ---- the picture: x from -EDGE to EDGE, with every tenth among the samples

export const EDGE = 3.5;
const STEP = 1 / 40, HUGE = 1e12;

// Whether f jumps between two samples: halving the way does not halve the difference.
function jumps(f, from, to) {
  let [a, b] = [from, to].map((x) => [x, f(x)]);
  const first = Math.abs(b[1] - a[1]);
  for (let n = 0; n < 24; n++) {
    const x = (a[0] + b[0]) / 2, c = [x, f(x)];
    if (!Number.isFinite(c[1])) return true;
    if (Math.abs(c[1] - a[1]) > Math.abs(b[1] - c[1])) b = c; else a = c;
  }
  return Math.abs(b[1] - a[1]) > first / 2;
}
// Pieces of the graph without a gap or a jump, as lists of points.
export function curve(tree) {
  const pieces = [[]], f = (x) => plainly(tree, x), drawn = (y) => Math.abs(y) < HUGE;
  const xs = Array.from({ length: 2 * EDGE / STEP + 1 }, (_, k) => Math.round(1000 * (k * STEP - EDGE)) / 1000), ys = xs.map(f);
  const sizes = ys.filter(drawn), rise = 0.02 * (Math.max(...sizes) - Math.min(...sizes));
  xs.forEach((x, k) => {
    if (!drawn(ys[k])) { pieces.push([]); return; }
    const last = pieces.at(-1).at(-1);
    if (last && Math.abs(ys[k] - last[1]) > rise && jumps(f, last[0], x)) pieces.push([]);
    pieces.at(-1).push([x, ys[k]]);
  });
  return pieces.filter((piece) => piece.length);
}
// [from, to] of the values to show: most of the graph, and the two points.
export function rangeOf(pieces, points) {
  const ys = pieces.flat().map(([, y]) => y).sort((a, b) => a - b), share = (p) => ys[Math.round(p * (ys.length - 1))] ?? 0;
  const all = [share(0.08), share(0.92), ...points.filter((y) => Math.abs(y) < HUGE)];
  const low = Math.min(...all), high = Math.max(...all), spare = 0.08 * (high - low) || Math.max(1, Math.abs(low) / 2);
  return [low - spare, high + spare];
}

// A function of x that somebody types: values, slopes from both sides, and the derivative as a text.
// No DOM. tests/widgets/tangent_secant/test_model.py compares it with torch, sympy and mpmath.
import { FUNCTIONS, evaluate, names, parse, toText } from "../../answers/expression.js";

export const treeOf = (text) => parse(text, { names: ["x"] });

// The derivatives of the functions of one value; those with a kink or a jump away from it.
const RULES = new Map(Object.entries({
  sin: "cos(u)", cos: "-sin(u)", tan: "1 + tan(u)^2", tanh: "1 - tanh(u)^2", exp: "exp(u)", sqrt: "1/(2*sqrt(u))",
  log: "1/u", ln: "1/u", log2: "1/(u*log(2))", log10: "1/(u*log(10))",
  sigmoid: "sigmoid(u)*(1 - sigmoid(u))", sigma: "sigmoid(u)*(1 - sigmoid(u))",
  abs: "sign(u)", relu: "max(0, sign(u))", sign: "0", floor: "0", ceil: "0",
}).map(([name, text]) => [name, parse(text, { names: ["u"] })]));
const partsOf = (t) => [t.left, t.right, t.of, ...(t.args ?? [])].filter(Boolean);
const free = (t) => !names(t).length;

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
  return rest.length ? extremeOf(name, [{ ...call(name, a, b), d }, ...rest]) : d;
}

export function derive(t) {
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
export const derivativeText = (text) => toText(derive(treeOf(text)));

// ---- value, and slopes from the left and from the right: exact but for rounding

// A sum that only rounding keeps from 0 is 0, so that 3x - 0.9 has its zero at 0.3.
const total = (a, b) => (Math.abs(a + b) <= 2 ** -50 * Math.abs(a) && Number.isFinite(a) ? 0 : a + b);
const LEVEL = { v: 0, d: [0, 0], jump: "" };

const raised = (v, a, c) => [v, (k) => (c === 0 ? 0 : c * a.v ** (c - 1) * a.d[k])];
function largest(parts, sign) { // sign -1: smallest
  const v = sign * Math.max(...parts.map((p) => sign * p.v)), top = parts.filter((p) => p.v === v);
  return [v, (k) => (k ? sign : -sign) * Math.max(...top.map((p) => (k ? sign : -sign) * p.d[k]))];
}
// Smooth functions by their rules; sign, floor and ceil have no slope where they jump.
function smooth(name, { v, d }) {
  const y = FUNCTIONS.get(name)(v), factor = evaluate(RULES.get(name), { u: v });
  const off = name === "sign" ? v : Math.abs(v - Math.round(v)) > 1e-12 * Math.max(1, Math.abs(v));
  const jump = ["sign", "floor", "ceil"].includes(name) && !off ? name : "";
  return [y, (k) => (jump ? NaN : factor * d[k]), jump];
}
function combine(t, [a, b], parts) {
  switch (t.op ?? t.name) {
    case "+": return [total(a.v, b.v), (k) => a.d[k] + b.d[k]];
    case "-": return b ? [total(a.v, -b.v), (k) => a.d[k] - b.d[k]] : [-a.v, (k) => -a.d[k]];
    case "*": return [a.v * b.v, (k) => a.d[k] * b.v + a.v * b.d[k]];
    case "/": return [a.v / b.v, (k) => (a.d[k] - (a.v / b.v) * b.d[k]) / b.v];
    case "^": {
      const v = a.v ** b.v;
      return free(t.right) ? raised(v, a, b.v) : [v, (k) => v * (b.d[k] * Math.log(a.v) + (b.v * a.d[k]) / a.v)];
    }
    case "sqrt": return raised(Math.sqrt(a.v), a, 0.5);
    case "relu": return largest([a, LEVEL], 1);
    case "abs": return largest([a, { v: -a.v, d: [-a.d[0], -a.d[1]] }], 1);
    case "max": return largest(parts, 1);
    case "min": return largest(parts, -1);
    default: return smooth(t.name, a);
  }
}
// { v: value, d: [slope from the left, from the right], jump: a function that jumps here }. NaN for
// a slope: the rules do not decide (0 times infinity). A side without values is left to study().
export function slopes(t, x) {
  if (free(t)) return { ...LEVEL, v: evaluate(t) };
  if (t.type === "name") return { v: x, d: [1, 1], jump: "" };
  const parts = partsOf(t).map((part) => slopes(part, x)), [v, d, jump = ""] = combine(t, parts, parts);
  // A pole has no value, an overflow an infinite one; what is made of no value has none, NaN^0 neither.
  const none = parts.some((p) => Number.isNaN(p.v)) || (!Number.isFinite(v) && parts.every((p) => Number.isFinite(p.v)) && parts.some((p) => p.v === 0));
  return { v: none ? NaN : v + 0, d: [d(0) + 0, d(1) + 0], jump: jump || (parts.find((p) => p.jump)?.jump ?? "") };
}

const NEAR = 1e-6;
// What can be said at the point x with the step h. `kind`: none (no value), slope, kink, steep (a
// slope is infinite), edge (no values on one side), alone (on neither), open (not decided).
export function study(tree, x, h) {
  const value = (at) => slopes(tree, at).v, { v, d: [left, right], jump } = slopes(tree, x), ahead = value(x + h);
  const lacks = [-NEAR, NEAR].map((e) => !Number.isFinite(value(x + e))), near = [-NEAR, NEAR].map((e) => (value(x + e) - v) / e);
  const equal = left === right || Math.abs(left - right) <= 1e-9 * Math.max(1, Math.abs(left));
  const kind = !Number.isFinite(v) ? "none" : lacks[0] && lacks[1] ? "alone" : lacks[0] || lacks[1] ? "edge"
    : Number.isNaN(left) || Number.isNaN(right) ? "open"
      : !Number.isFinite(left) || !Number.isFinite(right) ? "steep" : equal ? "slope" : "kink";
  return { v, ahead, secant: (ahead - v) / h, left: lacks[0] ? NaN : left, right: lacks[1] ? NaN : right, kind, jump, near };
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
  const pieces = [[]], f = (x) => slopes(tree, x).v, drawn = (y) => Math.abs(y) < HUGE;
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

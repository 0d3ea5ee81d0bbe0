// Numbers that know what rounding did to them, so that nothing is judged by their last digit.
// v: the value in 64 bits (NaN: there is none); e: a bound for its error; q: what it is exactly, a
// fraction n/d times a power p of pi, or null; doubt: what 64 bits could not decide on the way.
// No DOM. tests/widgets/tangent_secant/test_model.py compares the verdicts with 90 digits.
import { FUNCTIONS } from "../../answers/expression.js";

const EPS = 2 ** -52, TINY = 2 ** -1074, BITS = 300, NIL = BigInt(0), UNIT = BigInt(1), TWO = BigInt(2);
const size = (n) => (n < NIL ? -n : n);
const divisor = (a, b) => (b ? divisor(b, a % b) : size(a));

// The fraction in lowest terms; null if its digits grow too many.
function ratio(n, d, p = 0) {
  if (d === NIL) return null;
  const g = divisor(n, d) * (d < NIL ? -UNIT : UNIT), q = { n: n / g, d: d / g, p: n === NIL ? 0 : p };
  return [q.n, q.d].every((k) => size(k).toString(2).length <= BITS) ? q : null;
}
const asNumber = ({ n, d, p }) => (Number(n) / Number(d)) * Math.PI ** p;

// A number from its value and error, or, where it is known, from what it is exactly.
function made(v, e, q, ...parts) {
  const large = !q && Math.abs(v) === Infinity && parts.every((a) => Number.isFinite(a.v));
  const doubt = parts.find((a) => a.doubt)?.doubt || (large ? "large" : "");
  if (q) return { v: asNumber(q) + 0, e: q.n === NIL ? 0 : 8 * EPS * Math.abs(asNumber(q)), q, doubt };
  const own = e + 4 * EPS * Math.abs(v) + TINY;
  return { v: v + 0, e: Number.isFinite(v) ? (own >= 0 ? own : Infinity) : 0, q: null, doubt };
}
// The typed decimal, exactly.
export function known(value) {
  const [, digits, tail = "", power = "0"] = /^(-?\d+)(?:\.(\d+))?(?:e([-+]\d+))?$/.exec(String(value)) ?? [];
  if (digits === undefined) return { v: value, e: 0, q: null, doubt: "" };
  const shift = Number(power) - tail.length, scale = BigInt(10) ** BigInt(Math.min(Math.abs(shift), 400));
  const q = shift < 0 ? ratio(BigInt(digits + tail), scale) : ratio(BigInt(digits + tail) * scale, UNIT);
  return q ? made(0, 0, q) : { v: value, e: 2 * EPS * Math.abs(value), q: null, doubt: "" };
}
export const ZERO = known(0), ONE = known(1), HALF = known(0.5), PI = made(0, 0, { n: UNIT, d: UNIT, p: 1 }), E = made(Math.E, 0, null);
export const infinite = (v) => ({ v, e: 0, q: null, doubt: "" }); // a slope without a bound
export const doubtful = (a, doubt) => (a.doubt ? a : { ...a, doubt });

export const isZero = (a) => a.q?.n === NIL;
// -1, 0 or 1; NaN without a value; null where rounding hides it.
export function signOf(a) {
  if (Number.isNaN(a.v)) return NaN;
  if (a.q) return a.q.n > NIL ? 1 : a.q.n < NIL ? -1 : 0;
  return Math.abs(a.v) > a.e ? Math.sign(a.v) : null;
}
export const negative = (a) => made(-a.v, a.e, a.q && { ...a.q, n: -a.q.n }, a);
export function plus(a, b) {
  if (isZero(a)) return doubtful(b, a.doubt);
  if (isZero(b)) return doubtful(a, b.doubt);
  const q = a.q && b.q && a.q.p === b.q.p ? ratio(a.q.n * b.q.d + b.q.n * a.q.d, a.q.d * b.q.d, a.q.p) : null;
  return made(a.v + b.v, a.e + b.e, q, a, b);
}
export const minusOf = (a, b) => plus(a, negative(b));
export function times(a, b) {
  const q = a.q && b.q ? ratio(a.q.n * b.q.n, a.q.d * b.q.d, a.q.p + b.q.p) : (isZero(a) && Number.isFinite(b.v)) || (isZero(b) && Number.isFinite(a.v)) ? ZERO.q : null;
  return made(a.v * b.v, Math.abs(a.v) * b.e + Math.abs(b.v) * a.e + a.e * b.e, q, a, b);
}
export function over(a, b) {
  if (isZero(b)) return made(NaN, 0, null, a, b);
  const q = a.q && b.q ? ratio(a.q.n * b.q.d, a.q.d * b.q.n, a.q.p - b.q.p) : isZero(a) ? ZERO.q : null, v = a.v / b.v;
  if (!q && signOf(b) === null) return doubtful(made(v, Infinity, null, a, b), "÷");
  return made(v, (a.e + Math.abs(v) * b.e) / (Math.abs(b.v) - b.e), q, a, b);
}

// Whether a number is whole: true, false, or null where rounding hides it.
export function isWhole(a) {
  if (a.q) return a.q.p === 0 ? a.q.d === UNIT : Math.abs(a.v - Math.round(a.v)) > a.e ? false : null;
  return Math.abs(a.v - Math.round(a.v)) > a.e ? false : null;
}
// a to a fixed power c.
export function toPower(a, c) {
  const whole = isWhole(c), v = a.v ** c.v, side = signOf(a);
  if (Number.isNaN(a.v) || Number.isNaN(c.v)) return made(NaN, 0, null, a, c);
  if (isZero(c)) return ONE;
  if (side === 0) return c.v > 0 ? doubtful(ZERO, a.doubt) : made(NaN, 0, null, a, c);
  const k = Math.abs(c.v), n = whole && k <= 64 && a.q ? BigInt(k) : null;
  const q = n === null ? null : c.v > 0 ? ratio(a.q.n ** n, a.q.d ** n, a.q.p * c.v) : ratio(a.q.d ** n, a.q.n ** n, a.q.p * c.v);
  if (q) return made(0, 0, q, a, c);
  if (whole === null || (side === null && !(whole && c.v > 0))) return doubtful(made(v, Infinity, null, a, c), "^");
  const low = Math.abs(a.v) - a.e, high = Math.abs(a.v) + a.e, spread = Math.max(Math.abs(high ** c.v - Math.abs(v)), low > 0 ? Math.abs(low ** c.v - Math.abs(v)) : 0);
  return made(v, spread + 2 * Math.abs(v * Math.log(high)) * c.e, whole && c.q ? null : exactRoot(a, c), a, c);
}
// Roots of squares: sqrt(4/9) is 2/3.
function exactRoot(a, c) {
  if (!a.q || a.q.p || !c.q || c.q.p || c.q.d !== TWO || c.q.n !== UNIT || a.q.n < NIL) return null;
  const roots = [a.q.n, a.q.d].map((n) => { const r = BigInt(Math.round(Math.sqrt(Number(n)))); return r * r === n ? r : null; });
  return roots.includes(null) ? null : ratio(...roots);
}

// What is known exactly of a function of one value; a pole is "pole".
function exactly(name, { q, v }) {
  if (!q) return null;
  if (["sin", "cos", "tan"].includes(name) && (q.n === NIL || q.p === 1)) { // in quarters of a turn
    const quarters = TWO * q.n, quarter = q.n === NIL ? 0 : quarters % q.d ? null : Number((((quarters / q.d) % BigInt(4)) + BigInt(4)) % BigInt(4));
    if (quarter === null) return null;
    if (name === "tan") return quarter % 2 ? "pole" : ZERO.q;
    return ratio(BigInt([0, 1, 0, -1][(quarter + (name === "cos" ? 1 : 0)) % 4]), UNIT);
  }
  const whole = q.p === 0 && q.d === UNIT;
  if (q.n === NIL) return { tanh: ZERO.q, exp: ONE.q, sigmoid: ratio(UNIT, TWO), sigma: ratio(UNIT, TWO), log: "pole", ln: "pole", log2: "pole", log10: "pole" }[name] ?? null;
  if (["log", "ln"].includes(name)) return whole && q.n === UNIT ? ZERO.q : null;
  const base = { log2: 2, log10: 10 }[name];
  if (!base || q.p || v < 0) return null;
  const k = Math.round(Math.log(v) / Math.log(base)), reach = BigInt(base) ** BigInt(Math.min(Math.abs(k), 200));
  return k >= 0 ? (q.d === UNIT && q.n === reach ? ratio(BigInt(k), UNIT) : null) : q.n === UNIT && q.d === reach ? ratio(BigInt(k), UNIT) : null;
}
// A smooth function of one value; `factor` is its derivative there, in 64 bits.
export function smoothOf(name, a, factor) {
  const q = exactly(name, a), f = FUNCTIONS.get(name);
  if (q === "pole" || Number.isNaN(a.v)) return made(NaN, 0, null, a);
  if (q) return made(0, 0, q, a);
  const y = made(f(a.v), 2 * Math.abs(factor) * a.e, null, a);
  if (name === "tan" && Math.abs(Math.cos(a.v)) <= 4 * a.e) return doubtful(y, name);
  if (name.startsWith("l") && Math.abs(a.v) <= 2 * a.e) return doubtful(y, name);
  return name === "exp" && a.e > 0.1 ? { ...y, e: Infinity } : y;
}

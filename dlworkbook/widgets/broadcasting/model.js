// Broadcasting: which axes of two shapes meet, and which entries. No DOM; compared with torch by
// tests/widgets/broadcasting/test_model.py.
import SETTINGS from "./settings.json" with { type: "json" };

export const { most: AXES, longest: LONGEST } = SETTINGS;
// So many entries of an axis are drawn; first the fourth axis from the right.
export const DRAWN = [2, 5, 6, 6];
const BYTES = { float64: 8, float32: 4, float16: 2, uint8: 1 };
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

// "3, 1", "(3,)", "3x1", "torch.Size([3, 1])", "" -> a list of lengths. Half a bracket will do, for
// it may be still under the reader's hands; full-width marks come from Chinese keyboards.
export function readShape(text) {
  const bare = text.trim().replace(/^(torch\.)?Size\b/, "").replace(/^[\s([（【]+|[\s)\]）】]+$/g, "").replace(/(\d)\s*[,，]$/, "$1");
  const words = bare ? bare.split(/\s*[,，x×*]\s*|\s+/i) : [];
  const odd = words.find((w) => !/^\d+$/.test(w));
  if (odd !== undefined) throw new Error(`“${(odd || text).slice(0, 12)}” is not a length: a shape is a row of whole numbers, such as 3, 1`);
  return checkShape(words.map(Number));
}
export function checkShape(v) {
  if (!Array.isArray(v) || !v.every((n) => Number.isInteger(n) && n >= 0 && n <= LONGEST)) throw new Error(`lengths are whole numbers from 0 to ${LONGEST}`);
  if (v.length > AXES) throw new Error(`${v.length} axes are too many: ${AXES} fit in here`);
  return v;
}

// Shapes lined up at the right: for each axis of the result the two lengths (null: no such axis),
// whether they fit, the length of the result, and which of the two is repeated.
export function align(a, b) {
  const count = Math.max(a.length, b.length);
  return Array.from({ length: count }, (_, k) => {
    const pair = [a, b].map((v) => v[v.length - count + k] ?? null), [m, n] = pair.map((v) => v ?? 1);
    const fits = m === n || m === 1 || n === 1, length = m === 1 ? n : m;
    return { pair, fits, length, repeats: [m, n].map((v) => fits && v !== length) };
  });
}
// The shape of the result; null if there is none.
export function resultOf(a, b) {
  const axes = align(a, b);
  return axes.every((x) => x.fits) ? axes.map((x) => x.length) : null;
}
export const total = (shape) => shape.reduce((product, n) => product * n, 1);
export const bytes = (shape, dtype) => total(shape) * BYTES[dtype];
export function sizeText(number) {
  let v = number, n = 0;
  while (v >= 1024 && n < UNITS.length - 1) { v /= 1024; n++; }
  return `${n === 0 || v >= 1000 ? Math.round(v) : +v.toPrecision(3)} ${UNITS[n]}`;
}

// The place of entry n of a shape, counted row by row.
export function unravel(n, shape) {
  const at = [];
  for (let k = shape.length - 1, rest = n; k >= 0; k--) {
    at.unshift(rest % shape[k]);
    rest = Math.floor(rest / shape[k]);
  }
  return at;
}
// The place in `own` that is read for the place `at` of the result: 0 along an axis of length 1.
export const source = (at, own) => own.map((length, k) => (length === 1 ? 0 : at[at.length - own.length + k]));
export const flat = (at, shape) => at.reduce((n, i, k) => n * shape[k] + i, 0);

// What is drawn of a shape: four lengths, each at most as in DRAWN; and whether that is all.
export const padded = (shape) => [...Array(AXES - shape.length).fill(1), ...shape];
export const drawn = (shape) => padded(shape).map((n, k) => Math.min(n, DRAWN[k]));
export const isWhole = (shape) => padded(shape).every((n, k) => n <= DRAWN[k]);
// Entry n of A holds n times this and entry n of B holds n, so that a sum tells both.
export const unit = (b) => (total(b) > 100 ? 1000 : total(b) > 10 ? 100 : 10);

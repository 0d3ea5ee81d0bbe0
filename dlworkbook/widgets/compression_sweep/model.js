// A trained network of two layers, pruned by magnitude and quantised, and how many of 200 stored
// digits it reads. No DOM. Weights are whole multiples of 1/UNIT (make_runs.py, widget.py).
import { reader } from "../kit/pack.js";
import RUNS from "./runs.json" with { type: "json" };

export const UNIT = 256, INPUTS = 64, HIDDEN = 32, CLASSES = 10, PICTURES = 200, GROUP = 16, FLOAT = 32;
const INDEX = 8, COUNT = 8, SCALE = 32, ZERO = 8; // bits of what is stored beside the codes

let known = null;
export function stored() {
  if (known) return known;
  const number = reader(RUNS), list = (n, f) => Array.from({ length: n }, (_, k) => f(k));
  const rows = (context, n, wide) => list(n, () => list(wide, () => number(context) / UNIT));
  const W1 = rows(0, HIDDEN, INPUTS), b1 = rows(1, 1, HIDDEN)[0], W2 = rows(2, CLASSES, HIDDEN), b2 = rows(3, 1, CLASSES)[0];
  const images = list(PICTURES, () => list(INPUTS, (k) => number(4 + (k >> 1)) / 16)), labels = list(PICTURES, () => number(40));
  return (known = { W1, b1, W2, b2, images, labels });
}

// To the nearest whole number; halves to the even one, as torch and Python do.
export function round(v) {
  const low = Math.floor(v), part = v - low;
  return part < 0.5 || (part === 0.5 && low % 2 === 0) ? low : low + 1;
}

// 1 for a weight that stays, 0 for that share of them, the smallest first, earlier ones among equals.
export function mask(flat, percent) {
  const order = flat.map((v, k) => [Math.abs(v), k]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const kept = new Array(flat.length).fill(1);
  for (const [, k] of order.slice(0, round((percent * flat.length) / 100))) kept[k] = 0;
  return kept;
}

// What the values become, and the scale that they share.
export function levels(values, bits, form) {
  if (form === "affine") {
    const low = Math.min(0, ...values), high = Math.max(0, ...values), top = 2 ** bits - 1;
    const s = (high - low) / top || 1, z = -round(low / s);
    return { to: values.map((v) => s * (Math.min(Math.max(round(v / s) + z, 0), top) - z)), s };
  }
  const s = Math.max(...values.map(Math.abs)) / (2 ** (bits - 1) - 1) || 1;
  return { to: values.map((v) => s * round(v / s)), s };
}

// A matrix as it is used: its values in one row, the mask, the scales.
export function small(W, { bits, form, scales, pruned }) {
  const kept = mask(W.flat(), pruned), cut = W.flat().map((v, k) => (kept[k] ? v : 0));
  if (bits === FLOAT) return { flat: cut, kept, scales: [] };
  const size = { tensor: cut.length, row: W[0].length, group: GROUP }[scales], flat = [], found = [];
  for (let at = 0; at < cut.length; at += size) {
    const { to, s } = levels(cut.slice(at, at + size), bits, form);
    flat.push(...to);
    found.push(s);
  }
  return { flat, kept, scales: found };
}

// Scores of a layer whose weights lie in one row.
const linear = (flat, b, x) => b.map((sum, i) => { for (let j = 0; j < x.length; j++) sum += flat[i * x.length + j] * x[j]; return sum; });

export function right(A, C) {
  const { b1, b2, images, labels } = stored();
  return images.filter((x, n) => {
    const scores = linear(C, b2, linear(A, b1, x).map((v) => Math.max(v, 0)));
    return scores.indexOf(Math.max(...scores)) === labels[n];
  }).length;
}

// Right answers, bytes as matrices and as lists of what is not pruned, the largest error of a weight
// of the first layer that stays, half of its largest scale, and the number of scales.
export function result(s) {
  const { W1, W2 } = stored(), one = small(W1, s), two = small(W2, s), count = one.scales.length + two.scales.length;
  const shared = count * (SCALE + (s.form === "affine" ? ZERO : 0)) + (HIDDEN + CLASSES) * FLOAT;
  const left = [...one.kept, ...two.kept].reduce((a, b) => a + b, 0), flat = W1.flat();
  return {
    right: right(one.flat, two.flat),
    dense: ((HIDDEN * INPUTS + CLASSES * HIDDEN) * s.bits + shared) / 8,
    sparse: Math.ceil((left * (s.bits + INDEX) + (HIDDEN + CLASSES) * COUNT + shared) / 8),
    error: Math.max(...one.flat.map((v, k) => (one.kept[k] ? Math.abs(v - flat[k]) : 0))),
    half: one.scales.length ? Math.max(...one.scales) / 2 : 0,
    scales: count,
    first: one.flat,
  };
}

// How many of the values lie in each of n equal bins from -edge to edge.
export function histogram(values, edge, n) {
  const counts = new Array(n).fill(0);
  for (const v of values) counts[Math.min(Math.max(Math.floor(((v + edge) / (2 * edge)) * n), 0), n - 1)]++;
  return counts;
}

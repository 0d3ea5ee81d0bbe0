// Six inputs and one output under dropout. No DOM. Draws come from whole numbers alone; fewer masks
// are the first of many.
import { generator } from "../kit/random.js";

export const X = [2, 1, 3, 1, 2, 4], W = [1, -1, 0.5, 2, -0.5, 0.25];
export const PARTS = X.map((x, i) => W[i] * x), TOTAL = PARTS.reduce((a, b) => a + b);
export const SQUARES = PARTS.reduce((a, b) => a + b * b, 0);

// What a kept input is multiplied by.
export const factor = ({ mode, p, scale }) => (mode === "train" && scale ? 1 / (1 - p) : 1);

// n masks of zeros and ones; in eval mode nothing is dropped.
export function masks({ mode, p, n, seed }) {
  const next = generator(seed), limit = p * 2 ** 32;
  return Array.from({ length: n }, () => X.map(() => (mode === "eval" || next() >= limit ? 1 : 0)));
}

const kept = (mask) => mask.reduce((sum, m, i) => sum + m * PARTS[i], 0);
export const output = (s, mask) => factor(s) * kept(mask);

// Mean and mean squared distance from it, over the masks drawn; and what the formulas say.
export function measured(s) {
  const z = masks(s).map((mask) => output(s, mask)), mean = z.reduce((a, b) => a + b) / s.n;
  return { mean, variance: z.reduce((a, b) => a + (b - mean) ** 2, 0) / s.n };
}
export function formula(s) {
  const p = s.mode === "train" ? s.p : 0;
  return { mean: factor(s) * (1 - p) * TOTAL, variance: factor(s) ** 2 * p * (1 - p) * SQUARES };
}

// Every output that some of the 64 masks gives: its probability, and how often it was drawn.
export function outputs(s) {
  const p = s.mode === "train" ? s.p : 0, found = new Map();
  const at = (sum) => found.get(sum) ?? found.set(sum, { sum, chance: 0, count: 0 }).get(sum);
  for (let code = 0; code < 64; code++) {
    const mask = X.map((_, i) => (code >> i) & 1), stay = mask.reduce((a, b) => a + b);
    at(kept(mask)).chance += p ** (6 - stay) * (1 - p) ** stay;
  }
  for (const mask of masks(s)) at(kept(mask)).count++;
  return [...found.values()].sort((a, b) => a.sum - b.sum).map(({ sum, chance, count }) => ({ value: factor(s) * sum, chance, count }));
}

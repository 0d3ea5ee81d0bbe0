// Two events: what P(A), P(B) and the overlap's place between its bounds decide. No DOM.
// `a` and `b` are twentieths, `share` the twentieths of the way from the least overlap to the
// most; so everything is a whole number of 400ths, and independence is always one of the places.
import { lowest } from "../kit/fraction.js";

export const PARTS = 400;

// In 400ths.
export function areas({ a, b, share }) {
  const low = Math.max(0, a + b - 20), high = Math.min(a, b);
  const both = 20 * low + (high - low) * share, either = 20 * (a + b) - both;
  return {
    both, low: 20 * low, high: 20 * high, either, least: 20 * Math.max(a, b), most: Math.min(PARTS, 20 * (a + b)),
    onlyA: 20 * a - both, onlyB: 20 * b - both, neither: PARTS - either, product: a * b,
  };
}

// P(B | A) in lowest terms.
export const given = (s) => lowest(areas(s).both, 20 * s.a);

// Area that two circles share whose centres are `d` apart.
export function lens(r, q, d) {
  if (d >= r + q) return 0;
  if (d <= Math.abs(r - q)) return Math.PI * Math.min(r, q) ** 2;
  const x = (d * d + r * r - q * q) / (2 * d), h = Math.sqrt(Math.max(0, r * r - x * x));
  return r * r * Math.atan2(h, x) + q * q * Math.atan2(h, d - x) - d * h;
}

// Circles with the areas P(A) and P(B) that share the area of the overlap: radii and distance.
export function circles(s) {
  const r = Math.sqrt(s.a / 20 / Math.PI), q = Math.sqrt(s.b / 20 / Math.PI);
  const { both, low, high } = areas(s);
  let near = Math.abs(r - q), far = r + q;
  if (both === high) return { r, q, d: near };
  if (both === low && low === 0) return { r, q, d: far };
  for (let n = 0; n < 60; n++) {
    const d = (near + far) / 2;
    if (lens(r, q, d) > both / PARTS) near = d; else far = d;
  }
  return { r, q, d: (near + far) / 2 };
}

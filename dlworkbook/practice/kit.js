// What the families of practice problems share: chance, fractions, and how numbers are written.
// It touches no page, so that Node and the browser get the same problem.

import { lowest } from "../widgets/kit/fraction.js";
import { generator, seedOf } from "../widgets/kit/random.js";

// Chance from a text: mulberry32 started at its FNV-1a hash, whole numbers only. The same text
// gives the same numbers in every browser and in Node.
export function chance(text) {
  const next = generator(seedOf(text));
  const int = (low, high) => low + (next() % (high - low + 1)); // both ends may come
  const pick = (list) => list[int(0, list.length - 1)];
  const ints = (n, low, high) => Array.from({ length: n }, () => int(low, high));
  return {
    int,
    pick,
    ints,
    grid: (rows, columns, low, high) => Array.from({ length: rows }, () => ints(columns, low, high)),
    // n different ones of a list, in any order
    some(list, n) {
      const rest = [...list];
      return Array.from({ length: n }, () => rest.splice(int(0, rest.length - 1), 1)[0]);
    },
  };
}

// Fractions are [n, d] in lowest terms with d > 0, exact as long as both stay below 2^53.
export function fraction(n, d = 1) {
  const [a, b] = lowest(n, d);
  return b < 0 ? [-a, -b] : [a, b];
}
export const plus = ([a, b], [c, d]) => fraction(a * d + c * b, b * d);
export const minus = ([a, b], [c, d]) => fraction(a * d - c * b, b * d);
export const times = ([a, b], [c, d]) => fraction(a * c, b * d);
export const over = ([a, b], [c, d]) => fraction(a * d, b * c);
// As a key of an answer: a whole number, or "2/3".
export const key = ([n, d]) => (d === 1 ? n : `${n}/${d}`);
// As LaTeX.
export const tex = ([n, d]) => (d === 1 ? String(n) : `${n < 0 ? "-" : ""}\\frac{${Math.abs(n)}}{${d}}`);

// A decimal with so many places at most: the last digits of exp and ln may differ between browsers.
export const rounded = (x, places = 6) => Number(x.toFixed(places)) + 0;

export const sum = (list) => list.reduce((a, b) => a + b, 0);
export const range = (n) => Array.from({ length: n }, (_, k) => k);
// A negative number in a sum or product, in brackets.
export const bracketed = (n) => (n < 0 ? `(${n})` : String(n));
export const list = (items) => (items.length > 1 ? `${items.slice(0, -1).join(", ")} and ${items.at(-1)}` : String(items[0]));

// Codes of places by sines and cosines, and their scores. No DOM.
export const PLACES = 64;

// By how much each pair of columns turns from one place to the next, in radians.
export const rates = (s) => Array.from({ length: s.d / 2 }, (_, k) => 10000 ** ((-2 * k) / s.d));

// sine, cosine, sine, ... of one place.
export const code = (s, place) => rates(s).flatMap((w) => [Math.sin(w * place), Math.cos(w * place)]);

// The dot product of two codes.
export function score(s, a, b) {
  const other = code(s, b);
  return code(s, a).reduce((sum, v, n) => sum + v * other[n], 0);
}

// Of place i with every place.
export const curve = (s) => Array.from({ length: PLACES }, (_, place) => score(s, s.i, place));

// Places to go once round: of the fastest pair and of the slowest.
export const rounds = (s) => [rates(s)[0], rates(s).at(-1)].map((w) => (2 * Math.PI) / w);

// Another pair of places at the same distance, in the same order: as far left as there is room.
export function same(s) {
  const least = Math.min(s.i, s.j);
  return least > 0 ? [s.i - least, s.j - least] : [s.i, s.j].map((p) => p + PLACES - 1 - Math.max(s.i, s.j));
}

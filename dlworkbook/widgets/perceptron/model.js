// A perceptron on four or five points. No DOM. Places are whole tenths, and so are the bias and the
// weights, so that everything is exact.
export const MOST = 30; // updates that are shown

const TABLES = { and: [0, 0, 0, 1], or: [0, 1, 1, 1], xor: [0, 1, 1, 0] };

// [x, y, target as -1 or 1], in the order in which they are visited.
export function points({ set, extra, x, y }) {
  const four = [[0, 0], [0, 10], [10, 0], [10, 10]].map((at, n) => [...at, 2 * TABLES[set][n] - 1]);
  return extra === "none" ? four : [...four, [x, y, extra === "one" ? 1 : -1]];
}

// b + w1 x + w2 y, a hundredfold.
export const score = ([b, w1, w2], [x, y]) => 10 * b + w1 * x + w2 * y;
export const wrong = (w, all) => all.filter((p) => p[2] * score(w, p) <= 0).length;

// The bias and the weights before and after each update, the point that caused it, and whether a
// whole round without one has ended it.
export function train(all) {
  const steps = [{ w: [0, 0, 0], at: -1 }];
  let quiet = 0;
  for (let n = 0; quiet < all.length && steps.length <= MOST; n++) {
    const at = n % all.length, [x, y, t] = all[at], { w } = steps[steps.length - 1];
    if (t * score(w, all[at]) > 0) quiet++;
    else {
      steps.push({ w: [w[0] + 10 * t, w[1] + t * x, w[2] + t * y], at });
      quiet = 0;
    }
  }
  return { steps, ended: quiet === all.length };
}

// Twice the area of a triangle, with its sign.
const turn = ([ax, ay], [bx, by], [cx, cy]) => (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
const within = (v, a, b) => Math.min(a, b) <= v && v <= Math.max(a, b);
const onSegment = (p, a, b) => turn(a, b, p) === 0 && within(p[0], a[0], b[0]) && within(p[1], a[1], b[1]);
function cross(a, b, c, d) {
  if ([a, b].some((p) => onSegment(p, c, d)) || [c, d].some((p) => onSegment(p, a, b))) return true;
  return turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
}
function inTriangle(p, a, b, c) {
  const sides = [turn(a, b, p), turn(b, c, p), turn(c, a, p)];
  return turn(a, b, c) !== 0 && (sides.every((s) => s >= 0) || sides.every((s) => s <= 0));
}

// Whether some line has all ones on one side and all zeros on the other: no segment between two
// of one kind meets such a segment, or a triangle's point, of the other.
export function separable(all) {
  const kinds = [1, -1].map((t) => all.filter((p) => p[2] === t));
  const pairs = (list) => list.flatMap((a, n) => list.slice(n).map((b) => [a, b]));
  const [ones, zeros] = kinds.map(pairs);
  if (ones.some(([a, b]) => zeros.some(([c, d]) => cross(a, b, c, d)))) return false;
  return ![kinds, [kinds[1], kinds[0]]].some(([inner, outer]) => inner.some((p) => pairs(outer).some(([a, b]) => outer.some((c) => inTriangle(p, a, b, c)))));
}

// The part of the square from `low` to `high`, in tenths, where the score is positive, as corners.
export function region(w, low, high) {
  const square = [[low, low], [high, low], [high, high], [low, high]], corners = [];
  square.forEach((p, n) => {
    const q = square[(n + 1) % 4], [s, t] = [score(w, p), score(w, q)];
    if (s > 0) corners.push(p);
    if ((s > 0 && t < 0) || (s < 0 && t > 0)) corners.push([0, 1].map((k) => p[k] + (s / (s - t)) * (q[k] - p[k])));
    else if (s === 0) corners.push(p);
  });
  return square.some((p) => score(w, p) > 0) ? corners : [];
}

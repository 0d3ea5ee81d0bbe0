// Cross-entropy and focal loss of one example with two classes. No DOM.
// tests/widgets/focal_loss/test_model.py compares all of it with torch's autograd.

// log(1 + e^v), without overflow.
const softplus = (v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
const side = ({ target }) => (target === 1 ? 1 : -1);

// What the focal loss of this class is multiplied by.
export function weight({ reading, alpha, target }) {
  const a = alpha / 20;
  if (reading === "none") return 1;
  if (reading === "both") return a;
  return (reading === "one") === (target === 1) ? a : 1 - a;
}

// The score of class 1 at which the true class has the probability p, in hundredths.
export const scoreOf = (s) => side(s) * Math.log(s.p / (100 - s.p));

// Both losses and their derivatives by the score, at any score.
export function losses(s, score) {
  const m = side(s) * score, logP = -softplus(-m), logQ = -softplus(m), p = Math.exp(logP), q = Math.exp(logQ);
  const factor = weight(s) * Math.exp(s.gamma * logQ);
  return { p, ce: -logP, slope: -side(s) * q, focal: factor * -logP, focalSlope: side(s) * factor * (s.gamma * p * logP - q) };
}
export const here = (s) => losses(s, scoreOf(s));
// Focal over cross-entropy: of the losses, and of the derivatives.
export function ratios(s) {
  const { ce, slope, focal, focalSlope } = here(s);
  return [focal / ce, focalSlope / slope];
}

// [from, to] across, and [x, cross-entropy, focal loss] along it.
export const RANGES = { p: [0, 1], score: [-5.5, 5.5] }, TOP = 5;
export function curves(s, count = 160) {
  const [from, to] = RANGES[s.axis];
  return Array.from({ length: count + 1 }, (_, n) => from + ((n || 0.02) / count) * (to - from) * (n === count ? 1 - 1e-9 : 1)).map((x) => {
    const { ce, focal } = losses(s, s.axis === "score" ? x : side(s) * Math.log(x / (1 - x)));
    return [x, ce, focal];
  });
}
// The place of the point, and the setting that puts it nearest to x.
export const placeOf = (s) => (s.axis === "score" ? scoreOf(s) : s.p / 100);
export function chosen(s, x) {
  const p = s.axis === "score" ? 1 / (1 + Math.exp(-side(s) * x)) : x;
  return Math.max(1, Math.min(99, Math.round(100 * p)));
}

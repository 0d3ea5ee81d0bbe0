// Norm balls: the numbers. No DOM; tests/widgets/norm_balls/test_model.py compares them with torch.
export const exponent = (s) => (s.p === "inf" ? Infinity : s.p);
// The sliders count tenths.
export const point = (s) => [s.x / 10, s.y / 10];

// (sum of |v_i|^p)^(1/p); for p = infinity the largest |v_i|. Below 1 it is no norm.
export function norm(v, p) {
  const sizes = v.map(Math.abs);
  return p === Infinity ? Math.max(...sizes) : sizes.reduce((sum, a) => sum + a ** p, 0) ** (1 / p);
}

// Where the point lies: "in", "on" or "out" of the unit ball.
export function place(s) {
  const size = norm(point(s), exponent(s));
  return Math.abs(size - 1) < 1e-9 ? "on" : size < 1 ? "in" : "out";
}

// Half way between (1, 0) and (0, 1), both of size 1: a norm must not find it larger than 1.
export const between = (p) => norm([0.5, 0.5], p);

// Points of the curve of size 1, once round. A point (c, s) of the circle goes to the powers 2/p
// of its entries: c^2 + s^2 = 1 becomes |x|^p + |y|^p = 1.
const QUARTER = 48;
export function ball(p) {
  const arc = Array.from({ length: QUARTER + 1 }, (_, k) => {
    const [c, s] = k === 0 ? [1, 0] : k === QUARTER ? [0, 1] : [Math.cos, Math.sin].map((f) => f((k * Math.PI) / (2 * QUARTER)));
    return p === Infinity ? [c >= s ? 1 : c / s, c <= s ? 1 : s / c] : [c ** (2 / p), s ** (2 / p)];
  });
  const turned = (n, [x, y]) => [[x, y], [-y, x], [-x, -y], [y, -x]][n];
  return [0, 1, 2, 3].flatMap((n) => arc.slice(0, -1).map((v) => turned(n, v)));
}

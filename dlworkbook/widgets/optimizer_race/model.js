// Six optimisers from one start on a surface of two coordinates, of which the second is flatter by
// kappa. No DOM. Only plus, times, division and roots, in the order in which torch does them.
import { generator } from "../kit/random.js";

export const METHODS = ["SGD", "momentum", "Nesterov", "RMSProp", "Adam", "AdamW"];
export const RATES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 1.5, 2, 3];
export const STEPS = 100, LAST = 20, FAR = 1000, LEAP = 4, NOISE = 0.3;
const BETA = 0.9, SLOW = 0.99, SLOWEST = 0.999, EPS = 1e-8, DECAY = 0.01;

// Each surface: where it is started, its height above the lowest point, its gradient.
const bowl = {
  start: [-1.6, 1.2], least: [[0, 0]],
  loss: ([x, y], kappa) => (x * x + (y * y) / kappa) / 2,
  slope: ([x, y], kappa) => [x, y / kappa],
};
export const SURFACES = {
  quadratic: bowl,
  noisy: bowl,
  rosenbrock: {
    start: [-1.2, 1.1], least: [[1, 1]],
    loss: ([x, y], kappa) => ((y - x * x) ** 2 + (1 - x) ** 2 / kappa) / 2,
    slope: ([x, y], kappa) => [-2 * x * (y - x * x) - (1 - x) / kappa, y - x * x],
  },
  saddle: {
    start: [-1.6, 0.01], least: [[0, 1], [0, -1]],
    loss: ([x, y], kappa) => (x * x) / 2 + (y * y - 1) ** 2 / (4 * kappa),
    slope: ([x, y], kappa) => [x, (y * (y * y - 1)) / kappa],
  },
};

// One coordinate, one step: p, its gradient g, what the method remembers of it, the rate, the step's number.
const adam = (p, g, own, lr, t) => {
  own.m = BETA * own.m + (1 - BETA) * g;
  own.s = SLOWEST * own.s + (1 - SLOWEST) * g * g;
  const root = Math.sqrt(own.s) / Math.sqrt(1 - SLOWEST ** t) + EPS;
  return p - ((lr / (1 - BETA ** t)) * own.m) / root;
};
const RULES = {
  SGD: (p, g, own, lr) => p - lr * g,
  momentum: (p, g, own, lr) => { own.v = BETA * own.v + g; return p - lr * own.v; },
  Nesterov: (p, g, own, lr) => { own.v = BETA * own.v + g; return p - lr * (g + BETA * own.v); },
  RMSProp: (p, g, own, lr) => { own.s = SLOW * own.s + (1 - SLOW) * g * g; return p - (lr * g) / (Math.sqrt(own.s) + EPS); },
  Adam: adam,
  AdamW: (p, g, own, lr, t) => adam(p * (1 - lr * DECAY), g, own, lr, t),
};

// Nearly normal numbers, two for each step, the same for all methods: twelve uniform ones less 6.
export function noise({ surface, seed }) {
  const next = generator(seed), one = () => Array.from({ length: 12 }, next).reduce((a, b) => a + b) / 2 ** 32 - 6;
  return Array.from({ length: STEPS }, () => (surface === "noisy" ? [NOISE * one(), NOISE * one()] : [0, 0]));
}

// The path of one method, from the start; it ends early when it has gone far away.
export function walk(s, method, lr, draws = noise(s)) {
  const { start, slope } = SURFACES[s.surface], path = [start], own = [0, 1].map(() => ({ v: 0, m: 0, s: 0 }));
  for (let t = 1; t <= STEPS; t++) {
    const at = path[t - 1], g = slope(at, s.kappa);
    const p = at.map((v, k) => RULES[method](v, g[k] + draws[t - 1][k], own[k], lr, t));
    if (!(Math.abs(p[0]) < FAR && Math.abs(p[1]) < FAR)) break;
    path.push(p);
  }
  return path;
}

export const losses = (s, path) => path.map((p) => SURFACES[s.surface].loss(p, s.kappa));

// How good a run is: the mean loss of its last steps; none if it went away, or was ever much higher
// than at its start.
export function score(s, path) {
  const all = losses(s, path), leapt = Math.max(...all) > LEAP * all[0];
  return path.length <= STEPS || leapt ? Infinity : all.slice(-LAST).reduce((a, b) => a + b, 0) / LAST;
}

// All six: the rate, each its own best one of the list if none is set, the path, the losses, the score.
export function race(s) {
  const draws = noise(s);
  return METHODS.map((method) => {
    const rates = s.rate === "best" ? RATES : [s.rate];
    const all = rates.map((lr) => { const path = walk(s, method, lr, draws); return { method, lr, path, score: score(s, path) }; });
    const found = all.reduce((a, b) => (b.score < a.score ? b : a));
    return { ...found, losses: losses(s, found.path) };
  });
}

// Lines of equal height inside a frame, as pieces [[x, y], [x, y]], by a grid of n cells a side.
export function contours(s, level, xs, ys, n = 48) {
  const { loss } = SURFACES[s.surface], at = ([a, b], k) => a + ((b - a) * k) / n, pieces = [];
  const high = Array.from({ length: n + 1 }, (_, j) => Array.from({ length: n + 1 }, (_, i) => loss([at(xs, i), at(ys, j)], s.kappa) - level));
  for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) {
    const ring = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]], cuts = [];
    ring.forEach(([a, b], k) => {
      const [c, d] = ring[(k + 1) % 4], u = high[b][a], v = high[d][c], f = u / (u - v);
      if (u < 0 !== v < 0) cuts.push([at(xs, a + f * (c - a)), at(ys, b + f * (d - b))]);
    });
    for (let k = 0; k + 1 < cuts.length; k += 2) pieces.push([cuts[k], cuts[k + 1]]);
  }
  return pieces;
}

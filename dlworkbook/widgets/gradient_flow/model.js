// The numbers behind the gradient widget: the measured grid, unpacked, and the theory of wide
// networks beside it. No DOM. How the grid was measured stands in make_runs.py, how
// it is packed in widget.py; tests compare every line here with those and with torch.
import { reader } from "../kit/pack.js";
import FLOW from "./runs.json" with { type: "json" };
import SETTINGS from "./settings.json" with { type: "json" };

const ACTIVATIONS = SETTINGS.fields.activation.of, NORMS = SETTINGS.fields.norm.of;
const DEPTHS = [...SETTINGS.fields.depth.of].reverse(); // as packed
export const GAINS = ["0.25", "0.3536", "0.5", "0.7071", "1", "1.4142", "2", "2.8284", "4"];
export const WIDTH = 64, STEP = 0.02, BAND = 2;
// log10 of float32's smallest normal number, and of half its smallest number at all.
export const TINY = Math.log10(2 ** -126), ZERO = Math.log10(2 ** -150);

const FULL = DEPTHS[0];
const storedInits = (norm) => ["default", "orthogonal", ...(norm === "none" ? GAINS : ["1"])];

function meanStep(values, at) {
  const n = Math.min(at - 1, 4);
  return n > 0 ? Math.floor((2 * (values[at - 1] - values[at - 1 - n]) + n) / (2 * n)) : 0;
}
// One setting: { spread, h50, W50, ... }, each { low, mid, high } from the first layer up, in steps.
function walk(number) {
  const found = {};
  const series = (kind, depth) => {
    const whole = depth === FULL, long = found[kind + FULL], gap = FULL - depth;
    const h = found[`h${depth}`], top = found[`h${FULL}`];
    const base = ["spread", "h", "W"].indexOf(kind) * 6 + (whole ? 3 : 0);
    const s = { mid: [], low: [], high: [] };
    let last = 0;
    for (let d = 0; d < depth; d++) {
      let guess = 0;
      if (!whole) {
        if (d) guess = s.mid[d - 1] + long.mid[d + gap] - long.mid[d + gap - 1];
        else if (kind === "W") guess = long.mid[gap] - top.mid[gap];
      } else if (d) {
        guess = s.mid[d - 1] + meanStep(s.mid, d);
        if (kind === "W") guess += h.mid[d] - h.mid[d - 1] - meanStep(h.mid, d);
      }
      const off = number(base + last);
      s.mid.push(guess + off);
      last = Math.min(Math.abs(off), 2);
    }
    ["low", "high"].forEach((side, n) => {
      last = 0;
      for (let d = 0; d < depth; d++) {
        let guess = d ? s[side][d - 1] : 0;
        if (!whole) guess += long[side][d] - (d ? long[side][d - 1] : 0);
        const off = number(18 * (n + 1) + base + last);
        s[side].push(guess + off);
        last = Math.min(Math.abs(off), 2);
      }
    });
    found[kind + depth] = s;
  };
  series("spread", FULL);
  for (const depth of DEPTHS) { series("h", depth); series("W", depth); }
  const out = {};
  for (const [name, s] of Object.entries(found)) {
    const mid = s.mid, low = mid.map((m, d) => m - BAND * s.low[d]), high = mid.map((m, d) => m + BAND * s.high[d]);
    out[name] = { low, mid, high };
    if (!name.startsWith("spread")) for (const list of [low, mid, high]) list.reverse();
  }
  return out;
}

const unpacked = new Map();
export function unpack(activation, residual, norm) {
  const n = (ACTIVATIONS.indexOf(activation) * 2 + (residual ? 1 : 0)) * 3 + NORMS.indexOf(norm);
  if (!unpacked.has(n)) {
    const number = reader(FLOW[n]);
    unpacked.set(n, Object.fromEntries(storedInits(norm).map((init) => [init, walk(number)])));
  }
  return unpacked.get(n);
}

// The gain g of a setting: weights have the standard deviation g / sqrt(WIDTH).
export function gainOf(s) {
  return { default: Math.sqrt(1 / 3), xavier: 1, he: Math.SQRT2, orthogonal: 1 }[s.init] ?? +GAINS[s.gain];
}

// log10 quantiles by layer for a setting: { spread, gradient }, each { low, mid, high }.
export function measured(s) {
  const table = unpack(s.activation, s.residual, s.norm);
  const name = { default: "default", orthogonal: "orthogonal", xavier: "1", he: "1.4142" }[s.init] ?? GAINS[s.gain];
  const stored = table[name] ?? table["1"];
  // After a normalisation the gain cancels; the gradient of the weights goes with its inverse.
  const shift = stored !== table[name] && s.wrt === "W" ? -Math.log10(gainOf(s)) : 0;
  const scaled = (list, add, depth) => list.slice(0, depth).map((v) => v * STEP + add);
  const all = (q, add) => Object.fromEntries(Object.entries(q).map(([k, list]) => [k, scaled(list, add, s.depth)]));
  return { spread: all(stored.spread50, 0), gradient: all(stored[s.wrt + s.depth], shift) };
}

// ---- theory: means over infinitely wide layers
// E d(a), E d(a)^2 and E c(a) over a ~ N(0, q), where d is as good as 0 beyond |a| = 40 and c is
// wanted for small q only: trapezoids, whose error falls exponentially for functions like these.
function averages(d, q, c = () => 0) {
  const sd = Math.sqrt(q), end = Math.min(9 * sd, 40), n = Math.max(2, Math.ceil(end / Math.min(0.4 * sd, 0.25)));
  let one = 0, two = 0, three = 0;
  for (let i = 0; i <= n; i++) { // all three functions are even
    const a = (end * i) / n, v = d(a), w = Math.exp((-a * a) / (2 * q)) * (i === 0 || i === n ? 0.5 : 1);
    one += v * w;
    two += v * v * w;
    three += c(a) * w;
  }
  const unit = (2 * end) / n / (sd * Math.sqrt(2 * Math.PI));
  return [one * unit, two * unit, three * unit];
}
// E phi, E phi^2, E phi'^2 over a ~ N(0, q).
export function moments(activation, q) {
  if (activation === "linear") return { mean: 0, square: q, slope: 1 };
  if (activation === "relu") return { mean: Math.sqrt(q / (2 * Math.PI)), square: q / 2, slope: 0.5 };
  if (activation === "gelu") {
    // With P, p the distribution and density of N(0, 1): integrate by parts until only
    // E p^2 and E P^2 are left.
    const pp = 1 / (2 * Math.PI * Math.sqrt(1 + 2 * q)), PP = 0.25 + Math.asin(q / (1 + q)) / (2 * Math.PI);
    const aPp = (q * pp) / (1 + q), aapp = (q * pp) / (1 + 2 * q);
    return { mean: q / Math.sqrt(2 * Math.PI * (1 + q)), square: q * (PP + 2 * aPp), slope: PP + 2 * aPp + aapp };
  }
  if (activation === "tanh") {
    const [d, dd, tt] = averages((a) => 1 / Math.cosh(a) ** 2, q, (a) => Math.tanh(a) ** 2);
    return { mean: 0, square: q < 1 ? tt : 1 - d, slope: dd }; // 1 - d would cancel for small q
  }
  const [d, dd] = averages((a) => 1 / (2 + 2 * Math.cosh(a)), q); // the sigmoid's derivative
  return { mean: 0.5, square: 0.5 - d, slope: dd };
}
// log10 by layer: { spread, gradient }, and the factor per layer of the gradient of outputs.
export function theory(s) {
  const g2 = gainOf(s) ** 2, bias = s.init === "default" ? 1 / (3 * WIDTH) : 0;
  let mean = 0, square = 1, shared = 0; // of a layer's outputs; shared: what two examples have in common
  const spread = [], jump = [], own = [];
  for (let l = 0; l < s.depth; l++) {
    const varied = s.norm === "batch" ? square - shared : square; // what the layer's weights see
    const v = g2 * varied + (s.norm === "batch" ? 0 : bias); // variance in front of the activation
    const m = moments(s.activation, s.norm === "none" ? v : 1);
    const scale = s.norm === "none" ? 1 : 1 / v;
    const chi = g2 * scale * m.slope;
    own.push(0.5 * Math.log10(scale * m.slope * WIDTH * varied));
    jump.push(0.5 * Math.log10(s.residual ? 1 + chi : chi));
    const keep = s.residual ? 1 : 0;
    square = keep * (square + 2 * mean * m.mean) + m.square;
    shared = keep * (shared + 2 * mean * m.mean) + m.mean ** 2;
    mean = keep * mean + m.mean;
    spread.push(0.5 * Math.log10(square - mean ** 2));
  }
  const h = new Array(s.depth).fill(0);
  for (let l = s.depth - 1; l > 0; l--) h[l - 1] = h[l] + jump[l];
  return { spread, gradient: s.wrt === "h" ? h : h.map((v, l) => v + own[l]), jump };
}

// What the picture says in numbers: factor per layer (geometric mean), first over last layer,
// layers whose gradient falls below the range of float32.
export function summary(s, found = measured(s), wide = theory(s)) {
  const factor = (list) => 10 ** ((list[0] - list[s.depth - 1]) / (s.depth - 1));
  const mid = found.gradient.mid;
  return {
    factor: factor(mid),
    theory: factor(wide.gradient),
    ratio: mid[0] - mid[s.depth - 1],
    lost: mid.filter((v) => v < ZERO).length,
    weak: mid.filter((v) => v >= ZERO && v < TINY).length,
  };
}

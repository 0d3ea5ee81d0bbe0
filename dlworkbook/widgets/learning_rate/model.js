// What the learning-rate widget knows: the runs that torch made (runs.json), unpacked, and what
// theory says about them. Touches no page, so that Node can run it.
import { makeCheck } from "../kit/state.js";
import RUNS from "./runs.json" with { type: "json" };
import SETTINGS from "./settings.json" with { type: "json" };

export const RATES = Array.from({ length: SETTINGS.fields.rate.to + 1 }, (_, k) => 10 ** ((k - 30) / 10));
export const STEPS = RUNS.steps;

const [K, S, TOP] = RUNS.scale;
const [FINE, LEAST] = RUNS.fine;
const BASE = RUNS.alphabet.length, SHORT = BASE - 4;
const DIGIT = new Map([...RUNS.alphabet].map((c, n) => [c, n]));

// Text -> whole numbers: one character each, or three that begin with one of the last four.
export function unpack(text) {
  const out = [];
  for (let n = 0; n < text.length; n++) {
    let z = DIGIT.get(text[n]);
    if (z >= SHORT) {
      z = SHORT + (z - SHORT) * BASE * BASE + DIGIT.get(text[n + 1]) * BASE + DIGIT.get(text[n + 2]);
      n += 2;
    }
    out.push(z % 2 ? -(z + 1) / 2 : z / 2);
  }
  return out;
}

const median = (a, b, c) => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));

// The stored numbers of all rates: q[axis][update][rate]; see make_runs.py.
function stored(text) {
  const numbers = unpack(text), q = [];
  let next = 0;
  for (let j = 0; j < 2; j++) {
    q.push([]);
    for (let i = 0; i < STEPS.length - 1; i++) {
      const row = [], above = q[j][i - 1];
      for (let k = 0; k < RATES.length; k++) {
        let guess = 0;
        if (k && i) guess = median(row[k - 1], above[k], row[k - 1] + above[k] - above[k - 1]);
        else if (k) guess = row[k - 1];
        else if (i) guess = above[0];
        row.push(numbers[next++] + guess);
      }
      q[j].push(row);
    }
  }
  return q;
}

const cache = new Map();
function once(key, make) {
  if (!cache.has(key)) cache.set(key, make());
  return cache.get(key);
}
const keyOf = (s) => `${s.features} ${s.method} ${s.batch}`;

export const surface = (s) => RUNS.surfaces[s.features];

// Loss of all examples at (w, b): the least plus half the curvatures times squared offsets.
export function lossAt(s, [w, b]) {
  const { optimum, vectors, curvatures, least } = surface(s);
  const e = [w - optimum[0], b - optimum[1]];
  return [0, 1].reduce((sum, j) => sum + (curvatures[j] * (vectors[0][j] * e[0] + vectors[1][j] * e[1]) ** 2) / 2, least);
}

// Loss after the last update, one for each rate; Infinity where the run diverged.
export function finals(s) {
  const key = keyOf(s);
  return once(`finals ${key}`, () => {
    const text = RUNS.finals[key], most = BASE ** 3 - 1;
    return RATES.map((_, k) => {
      const code = [0, 1, 2].reduce((sum, n) => sum * BASE + DIGIT.get(text[3 * k + n]), 0);
      return code === most ? Infinity : LEAST * 10 ** (code / FINE);
    });
  });
}

// One run: [w, b] and loss after the updates in STEPS, as far as it stayed in reach.
export function run(s) {
  const key = keyOf(s);
  const q = once(`paths ${key}`, () => stored(RUNS.runs[key]));
  const { optimum, vectors, curvatures, least } = surface(s);
  const path = [[0, 0]], losses = [lossAt(s, [0, 0])];
  const limit = Math.round(K * Math.asinh(TOP / S));
  for (let i = 0; i < STEPS.length - 1; i++) {
    const at = [q[0][i][s.rate], q[1][i][s.rate]];
    if (Math.abs(at[0]) >= limit || Math.abs(at[1]) >= limit) break;
    const c = at.map((v) => S * Math.sinh(v / K));
    path.push([0, 1].map((a) => optimum[a] + vectors[a][0] * c[0] + vectors[a][1] * c[1]));
    losses.push(least + (curvatures[0] * c[0] ** 2 + curvatures[1] * c[1] ** 2) / 2);
  }
  return { path, losses, final: finals(s)[s.rate], left: path.length < STEPS.length ? STEPS[path.length] : null };
}

// The derived limits, for the full batch. Adam has none: its steps do not grow with the gradient.
export function limit(s) {
  const most = Math.max(...surface(s).curvatures);
  if (s.method === "sgd") return 2 / most;
  return s.method === "momentum" ? (2 * (1 + RUNS.momentum)) / most : null;
}
export function condition(s) {
  const c = surface(s).curvatures;
  return Math.max(...c) / Math.min(...c);
}
// Number of the best of the rates: the smallest final loss.
export function bestRate(s) {
  const all = finals(s);
  return all.indexOf(Math.min(...all));
}
// Loss at the start.
export const lossAtStart = (s) => lossAt(s, [0, 0]);

// How a run went, for words and colours.
export function verdict(s) {
  const final = finals(s)[s.rate], start = lossAtStart(s), least = surface(s).least;
  if (final === Infinity) return "diverged";
  if (final > start) return "up";
  if (final < 1.1 * least) return "there";
  return final > 0.5 * start ? "slow" : "near";
}

// --- links: sgd-100-badly-22, and the run that is kept behind an underscore.
const validate = makeCheck(SETTINGS, {
  kept: { check(text) { if (typeof text !== "string") throw new Error("kept must be text"); if (text) parseKept(text); } },
});
export const runName = (s) => `${s.method}-${s.batch}-${s.features}-${s.rate}`;
export function parseKept(text) {
  const [method, batch, features, rate, ...rest] = text.split("-");
  if (rest.length || !/^\d+$/.test(batch ?? "") || !/^\d+$/.test(rate ?? "")) throw new Error(`“${text.slice(0, 24)}” is not a run`);
  return validate({ method, batch: Number(batch), features, rate: Number(rate), kept: "" });
}
export const STATE = {
  validate,
  encode: (s) => (s.kept ? `${runName(s)}_${s.kept}` : runName(s)),
  decode(text) {
    const [mine, kept, ...rest] = text.split("_");
    if (rest.length || kept === "") throw new Error(`“${text.slice(0, 24)}” is not a run`);
    return validate({ ...parseKept(mine), kept: kept ?? "" });
  },
};

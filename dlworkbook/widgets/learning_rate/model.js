// What the learning-rate widget knows: the runs that torch made (runs.json), unpacked, and what
// theory says about them. Touches no page, so that Node can run it.
import { makeCheck } from "../kit/state.js";
import { reader } from "../kit/pack.js";
import RUNS from "./runs.json" with { type: "json" };
import SETTINGS from "./settings.json" with { type: "json" };

export const RATES = Array.from({ length: SETTINGS.fields.rate.to + 1 }, (_, k) => 10 ** ((k - 30) / 10));
export const STEPS = RUNS.steps;

const [K, S, TOP] = RUNS.scale;
const [FINE, LEAST, OUT] = RUNS.fine;

const median = (a, b, c) => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
// Rows of numbers, one for each rate, each guessed from the row above it; see make_runs.py.
function rows(number, count, context) {
  const found = [];
  for (let i = 0; i < count; i++) {
    const row = [], above = found[i - 1];
    let last = 0;
    for (let k = 0; k < RATES.length; k++) {
      const guess = !above ? (k ? row[k - 1] : 0) : !k ? above[0] : median(row[k - 1], above[k], row[k - 1] + above[k] - above[k - 1]);
      const off = number(context + last);
      row.push(guess + off);
      last = Math.min(Math.abs(off), 2);
    }
    found.push(row);
  }
  return found;
}

const cache = new Map();
function once(key, make) {
  if (!cache.has(key)) cache.set(key, make());
  return cache.get(key);
}
const placeOf = (s) => RUNS.keys.indexOf(`${s.features} ${s.method} ${s.batch}`);
// What each of the 27 kinds of runs has in a text, in the order of the keys.
function ofEachKind(text, read) {
  const number = reader(text);
  return RUNS.keys.map(() => read(number));
}

export const surface = (s) => RUNS.surfaces[s.features];

// Loss of all examples at (w, b): the least plus half the curvatures times squared offsets.
export function lossAt(s, [w, b]) {
  const { optimum, vectors, curvatures, least } = surface(s);
  const e = [w - optimum[0], b - optimum[1]];
  return [0, 1].reduce((sum, j) => sum + (curvatures[j] * (vectors[0][j] * e[0] + vectors[1][j] * e[1]) ** 2) / 2, least);
}

const unpack = (text, fine) => ofEachKind(text, (number) => rows(number, 1, 0)[0].map((code) => (code === OUT ? Infinity : LEAST * 10 ** (code / fine))));
// Loss after the last update, one for each rate; Infinity where the run diverged.
export const finals = (s) => once("finals", () => unpack(RUNS.finals, FINE))[placeOf(s)];
// Loss after ten times the updates: the median of the last hundred of these.
export const laters = (s) => once("laters", () => unpack(RUNS.later, RUNS.coarse))[placeOf(s)];

// One run: [w, b] and loss after the updates in STEPS, as far as it stayed in reach.
export function run(s) {
  // q[axis][update][rate]
  const q = once("runs", () => ofEachKind(RUNS.runs, (number) => [0, 3].map((context) => rows(number, STEPS.length - 1, context))))[placeOf(s)];
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
// Numbers of the rates whose final loss is within 1% of the smallest: of these none is the best.
export function bestRates(s) {
  const all = finals(s), most = 1.01 * Math.min(...all);
  return all.flatMap((v, n) => (v <= most ? [n] : []));
}
// Loss at the start.
export const lossAtStart = (s) => lossAt(s, [0, 0]);

// How a run went, for words and colours. What time would help was tried: a run is held up if its
// loss stays above the least one in the long run, and a smaller rate ends lower there.
export function verdict(s) {
  const final = finals(s)[s.rate], later = laters(s)[s.rate], start = lossAtStart(s), least = surface(s).least;
  if (final === Infinity) return "diverged";
  if (later > start) return "up";
  if (later > 1.1 * least && laters(s).slice(0, s.rate).some((v) => v < later / 1.1)) return "held";
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

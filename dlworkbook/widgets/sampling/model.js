// Groups of rolls of a die. No DOM. The rolls come from whole numbers alone, so that a seed gives
// the same ones in every browser and in Python.

import { generator } from "../kit/random.js";

// What the equally likely parts of 2³² show: a fair die, and one that shows a six in half.
const FACES = { fair: [1, 2, 3, 4, 5, 6], loaded: [1, 2, 3, 4, 5, 6, 6, 6, 6, 6] };

// What counts of each part: its face, or 1 for a six.
export const parts = ({ what, die }) => FACES[die].map((face) => (what === "six" ? Number(face === 6) : face));
// How many rolls are behind one value, and how many values there are.
export const rolls = ({ what, n }) => (what === "face" ? 1 : n);
export const values = ({ what, n, m }) => (what === "face" ? n * m : m);

// All n m rolls, the first n of them the first group.
export function draw(s) {
  const list = parts(s), next = generator(s.seed), all = new Uint8Array(s.n * s.m);
  for (let k = 0; k < all.length; k++) all[k] = list[Math.floor((next() * list.length) / 2 ** 32)];
  return all;
}

// The sum behind each value.
export function sums(s, all) {
  const k = rolls(s), found = new Array(values(s)).fill(0);
  for (let i = 0; i < all.length; i++) found[Math.floor(i / k)] += all[i];
  return found;
}

// Expectation and standard deviation of one roll, and the standard error of a value.
export function theory(s) {
  const list = parts(s), mean = list.reduce((a, b) => a + b) / list.length;
  const sd = Math.sqrt(list.reduce((a, b) => a + (b - mean) ** 2, 0) / list.length);
  return { mean, sd, error: sd / Math.sqrt(rolls(s)) };
}

// Mean and standard deviation of the values, and the share within two standard errors.
export function measured(s, found) {
  const k = rolls(s), { mean, error } = theory(s), average = found.reduce((a, b) => a + b) / found.length / k;
  const square = found.reduce((a, b) => a + (b / k - average) ** 2, 0) / found.length;
  const near = found.filter((b) => Math.abs(b / k - mean) <= 2 * error).length;
  return { mean: average, sd: Math.sqrt(square), near: near / found.length };
}

// The exact probability of each sum of so many rolls, from the least sum on.
export function exact(s) {
  const list = parts(s), least = Math.min(...list), span = Math.max(...list) - least;
  const one = new Array(span + 1).fill(0);
  for (const v of list) one[v - least] += 1 / list.length;
  let chances = [1];
  for (let k = 0; k < rolls(s); k++) {
    const more = new Array(chances.length + span).fill(0);
    chances.forEach((p, a) => one.forEach((q, b) => { more[a + b] += p * q; }));
    chances = more;
  }
  return { least: least * rolls(s), chances };
}

export const density = (z) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
// The area under the normal curve up to z, by its series.
export function below(z) {
  if (Math.abs(z) > 8) return z < 0 ? 0 : 1;
  let term = z, sum = z;
  for (let k = 3; Math.abs(term) > 1e-17; k += 2) { term *= (z * z) / k; sum += term; }
  return 0.5 + density(z) * sum;
}

// The largest gap between the exact distribution of a value, standardised, and the normal one.
export function gap(s) {
  const { least, chances } = exact(s), k = rolls(s), { mean, sd } = theory(s);
  let sum = 0, most = 0;
  chances.forEach((p, i) => {
    const normal = below((least + i - k * mean) / (sd * Math.sqrt(k)));
    most = Math.max(most, Math.abs(sum - normal), Math.abs(sum + p - normal));
    sum += p;
  });
  return most;
}

// Bars: each stands for so many sums side by side, from `from` to `to` in units of a value; how many
// values fell into it, and how many the exact probabilities expect.
export function bars(s, found, { least, chances }) {
  const k = rolls(s), span = chances.length - 1, quarter = 0.25 * theory(s).sd * Math.sqrt(k);
  const wide = Math.max(1, s.z ? Math.round(quarter) : Math.ceil(span / 60)), list = [];
  for (let i = 0; i <= span; i += wide) {
    const some = chances.slice(i, i + wide);
    list.push({ from: (least + i - 0.5) / k, to: (least + i + some.length - 0.5) / k, count: 0, expected: found.length * some.reduce((a, b) => a + b) });
  }
  for (const sum of found) list[Math.floor((sum - least) / wide)].count++;
  return { wide, list };
}

// After how many rolls a running mean is drawn: all, or some, closer together at the start.
export function stations(most) {
  if (most <= 60) return Array.from({ length: most }, (_, k) => k + 1);
  return [...new Set(Array.from({ length: 80 }, (_, k) => Math.round(most ** (k / 79))))];
}

// Running means of the first 30 groups, or of all rolls in one line.
export function running(s, all) {
  const long = s.what === "face" ? all.length : s.n, lines = s.what === "face" ? 1 : Math.min(s.m, 30), at = stations(long);
  return { at, lines: Array.from({ length: lines }, (_, g) => {
    let sum = 0, k = 0;
    return at.map((stop) => {
      while (k < stop) sum += all[g * long + k++];
      return sum / stop;
    });
  }) };
}

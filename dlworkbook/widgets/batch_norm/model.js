// One unit under batch normalisation. No DOM. Draws come from whole numbers alone, and a batch of 8
// is the first half of the batch of 16.
import { generator } from "../kit/random.js";

export const STEPS = 60, EPS = 1e-5;

// n numbers of batch t that are nearly normal, mean 0, variance 1: twelve uniform ones less 6.
export function noise({ seed, n }, t) {
  const next = generator(64 * seed + t), one = () => Array.from({ length: 12 }, next).reduce((a, b) => a + b);
  return Array.from({ length: n }, () => one() / 2 ** 32 - 6);
}

// Where batch t comes from: its expectation; the standard deviation is 1.5.
export const centre = ({ data }, t) => (data === "drift" ? 2 + 0.05 * t : data === "jump" && t >= 30 ? 6 : 2);
export const SPREAD = 1.5;
export const batch = (s, t) => noise(s, t).map((z) => centre(s, t) + SPREAD * z);

// The mean; the mean of the squared distances from it; and the same by n - 1, if there are two.
export function moments(x) {
  const mean = x.reduce((a, b) => a + b, 0) / x.length, sum = x.reduce((a, b) => a + (b - mean) ** 2, 0);
  return { mean, biased: sum / x.length, unbiased: x.length > 1 ? sum / (x.length - 1) : null };
}

// Statistics of each batch, and the running ones before each, and after the last. A batch of one
// is refused, and changes nothing.
export function history(s) {
  const batches = Array.from({ length: STEPS + 1 }, (_, t) => moments(batch(s, t)));
  const running = [{ mean: 0, variance: 1 }];
  for (const { mean, unbiased } of batches) {
    const old = running[running.length - 1], mixed = (a, b) => (1 - s.momentum) * a + s.momentum * b;
    running.push(unbiased === null ? old : { mean: mixed(old.mean, mean), variance: mixed(old.variance, unbiased) });
  }
  return { batches, running };
}

// The batch in view: before, after (null where training refuses), and by what it is divided.
export function view(s) {
  const x = batch(s, s.step), { batches, running } = history(s), own = batches[s.step];
  const used = s.mode === "train" ? { mean: own.mean, variance: own.biased } : running[s.step];
  const refused = s.mode === "train" && s.n < 2;
  const y = refused ? null : x.map((v) => (v - used.mean) / Math.sqrt(used.variance + EPS));
  return { x, y, used, own, before: running[s.step], next: running[s.mode === "train" ? s.step + 1 : s.step] };
}

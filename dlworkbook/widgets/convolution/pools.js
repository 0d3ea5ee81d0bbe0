// Values that survive when sizes and channels shrink and grow again.
import { dims, groupsProblem } from "./model.js";
import { CHANNELS, KERNEL_SIDE, SIDE } from "./state.js";
import { range } from "./words.js";

const fill = (from, to) => from.forEach((row, i) => row.forEach((v, j) => { to[i][j] = v; }));
const cut = (m, rows, cols) => m.slice(0, rows).map((row) => row.slice(0, cols));
// [output channel, input channel] of the slices, in the order of PyTorch's kernel array.
const pairs = ({ C, O, groups, transposed }) => (transposed
  ? range(C).map((c) => range(O / groups).map((k) => [Math.floor(c / (C / groups)) * (O / groups) + k, c]))
  : range(O).map((o) => range(C / groups).map((k) => [o, Math.floor(o / (O / groups)) * (C / groups) + k])));

// Sizes of a setting: what arrays() needs.
export function confOf(s) {
  const { C, O, n: [H, W], k: [kh, kw] } = dims(s);
  return { C, O, H, W, kh, kw, groups: s.groups, transposed: s.transposed };
}

export function makePools() {
  const x = range(CHANNELS).map((c) => range(SIDE).map((i) => range(SIDE).map((j) => (7 * i + 3 * j + 5 * c) % 10)));
  const k = range(CHANNELS).map((o) => range(CHANNELS).map((c) => range(KERNEL_SIDE).map((u) => range(KERNEL_SIDE).map((v) => (u < 3 && v < 3 ? ((2 * u + 3 * v + 2 * c + o) % 3) - 1 : 0)))));
  const bias = [1, -1, 2];
  return {
    remember(s) {
      const conf = confOf(s);
      s.input.forEach((m, c) => fill(m, x[c]));
      if (!groupsProblem(conf.C, conf.O, s.groups)) {
        pairs(conf).forEach((row, a) => row.forEach(([o, c], b) => { const m = s.kernel[a]?.[b]; if (m) fill(m, k[o][c]); }));
      }
      s.bias.forEach((v, o) => { bias[o] = v; });
    },
    bias: (O) => bias.slice(0, O),
    arrays: (conf) => ({
      input: range(conf.C).map((c) => cut(x[c], conf.H, conf.W)),
      kernel: pairs(conf).map((row) => row.map(([o, c]) => cut(k[o][c], conf.kh, conf.kw))),
    }),
    fillInput: (c, m) => fill(m, x[c]),
    fillKernel: (o, c, m) => fill(m, k[o][c]),
  };
}

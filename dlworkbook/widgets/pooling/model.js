// Pooling of one channel, forward and backward. No DOM. tests/widgets/pooling compares it with torch.
// A setting holds kind, window, stride, padding, ceil, include (count_include_pad); rows, columns and
// fill give the input, unless numbers were typed: then `input` holds them. Likewise sent and grad.
const AXES = [0, 1], range = (n) => Array.from({ length: n }, (_, i) => i);
const PAGE = [[2, 7, 1, 3, 5, 0], [4, 0, 5, 3, 1, 2], [6, 1, 2, 2, 0, 4], [6, 3, 0, 8, 2, 1], [1, 5, 4, 0, 7, 3], [3, 2, 9, 1, 6, 4]];
const FILLS = {
  page: (i, j) => PAGE[i][j], ones: () => 1, dot: (i, j) => (i === 1 && j === 1 ? 9 : 0), negative: (i, j) => PAGE[i][j] - 10,
};

export const inputOf = (s) => (s.input.length ? s.input : range(s.rows).map((i) => range(s.columns).map((j) => FILLS[s.fill](i, j))));

// Padding beyond half the window is refused by PyTorch: then the half is used.
export const paddingOf = (s) => Math.min(s.padding, Math.floor(s.window / 2));

// [rows, columns] of the output. With `ceil` a window may stick out at the end, but it must begin
// inside of the input or of the padding before it.
export function sizeOf(s) {
  const x = inputOf(s), { window: k, stride } = s, p = paddingOf(s);
  return [x.length, x[0].length].map((n) => {
    const rest = n + 2 * p - k;
    if (!s.ceil) return Math.floor(rest / stride) + 1;
    const most = Math.ceil(rest / stride) + 1;
    return (most - 1) * stride >= n + p ? most - 1 : most;
  });
}

// What is read and what is drawn along each axis: [places before the input, places after it].
export function frameOf(s) {
  const x = inputOf(s), p = paddingOf(s), size = sizeOf(s);
  return AXES.map((a) => {
    const n = [x.length, x[0].length][a], end = (size[a] - 1) * s.stride + s.window;
    return [p, Math.max(p, end - p - n)];
  });
}

// The gradient that arrives at each output.
export function gradOf(s) {
  const [rows, cols] = sizeOf(s);
  return range(rows).map((i) => range(cols).map((j) => (s.grad.length ? s.grad[i]?.[j] ?? 1 : s.sent === "ones" ? 1 : i * cols + j + 1)));
}

// One window: its entries inside of the input as [row, column, value], in reading order; those that
// are as large as the largest (`ties`: the first wins), and the number that a mean divides by.
export function windowAt(s, i, j) {
  const x = inputOf(s), p = paddingOf(s), n = [x.length, x[0].length];
  const from = [i, j].map((at) => at * s.stride - p), to = from.map((f, a) => Math.min(f + s.window, n[a] + p));
  const cells = [];
  for (let a = Math.max(from[0], 0); a < Math.min(to[0], n[0]); a++) {
    for (let b = Math.max(from[1], 0); b < Math.min(to[1], n[1]); b++) cells.push([a, b, x[a][b]]);
  }
  const most = Math.max(...cells.map((c) => c[2])), ties = cells.filter((c) => c[2] === most), sum = cells.reduce((t, c) => t + c[2], 0);
  const divisor = s.include ? (to[0] - from[0]) * (to[1] - from[1]) : cells.length;
  return { cells, ties, divisor, value: s.kind === "max" ? most : sum / divisor };
}

// Output, gradient of the input, and for each entry of the input the shares that it gets: [[i, j, share]].
export function run(s) {
  const x = inputOf(s), [rows, cols] = sizeOf(s), sent = gradOf(s);
  const shares = x.map((row) => row.map(() => []));
  const y = range(rows).map((i) => range(cols).map((j) => {
    const w = windowAt(s, i, j);
    const max = s.kind === "max", share = max ? sent[i][j] : sent[i][j] / w.divisor;
    for (const [a, b] of max ? w.ties.slice(0, 1) : w.cells) shares[a][b].push([i, j, share]);
    return w.value;
  }));
  return { y, sent, shares, dx: shares.map((row) => row.map((list) => list.reduce((t, share) => t + share[2], 0))) };
}

// The entry of the input that gets most shares; of equal ones the first.
export function busiest({ shares }) {
  let best = [0, 0];
  shares.forEach((row, a) => row.forEach((list, b) => { if (list.length > shares[best[0]][best[1]].length) best = [a, b]; }));
  return best;
}

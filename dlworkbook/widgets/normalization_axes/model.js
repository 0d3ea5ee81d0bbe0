// Normalisation of an array (N, C, 1, P). No DOM. tests/widgets/normalization_axes compares it with torch.
// The array is kept as N·C rows of P places; row n·C + c is channel c of sample n. Numbers that were
// typed stand in `input`; without them `fill`, `samples` and `places` make the array.
export const CHANNELS = 4, EPS = { tiny: 1e-5, small: 0.01, large: 1 };
const upTo = (n) => Array.from({ length: n }, (_, i) => i);
const PAGE = [
  [[0, 2, 4, 1], [0, 2, 1, 5], [0, 6, 3, 3], [6, 8, 2, 4]],
  [[0, 2, 6, 3], [2, 8, 5, 1], [8, 14, 9, 7], [8, 14, 10, 12]],
  [[5, 1, 2, 0], [3, 3, 7, 1], [4, 10, 6, 8], [1, 9, 0, 2]],
];
const FILLS = {
  page: (n, c, p) => PAGE[n][c][p], brighter: (n, c, p) => (n + 1) * PAGE[0][c][p] + 3 * n,
  contrast: (n, c, p) => (1 + n * (c + 1)) * PAGE[0][c][p] - n * c, flat: (n, c) => PAGE[n][c][1],
};

export const arrayOf = (s) => (s.input.length ? s.input : upTo(s.samples * CHANNELS).map((r) => upTo(s.places).map((p) => FILLS[s.fill](Math.floor(r / CHANNELS), r % CHANNELS, p))));

// [samples, places] of what is shown.
export const sizeOf = (s) => { const x = arrayOf(s); return [x.length / CHANNELS, x[0].length]; };

// The number of the set to which a cell belongs.
export function setNumber(s, r, p) {
  const n = Math.floor(r / CHANNELS), c = r % CHANNELS;
  if (s.norm === "batch") return c;
  if (s.norm === "layer") return n;
  if (s.norm === "token") return n * sizeOf(s)[1] + p;
  if (s.norm === "instance") return r;
  return n * s.groups + Math.floor((c * s.groups) / CHANNELS);
}

// The sets, as { cells: [[row, place, value]], mean, variance }, the set of each cell, and the output.
export function run(s) {
  const x = arrayOf(s), sets = [];
  const of = x.map((row, r) => row.map((_, p) => setNumber(s, r, p)));
  x.forEach((row, r) => row.forEach((v, p) => (sets[of[r][p]] ??= { cells: [] }).cells.push([r, p, v])));
  for (const set of sets) {
    const size = set.cells.length;
    set.mean = set.cells.reduce((t, cell) => t + cell[2], 0) / size;
    set.variance = set.cells.reduce((t, cell) => t + (cell[2] - set.mean) ** 2, 0) / size;
  }
  const y = x.map((row, r) => row.map((v, p) => { const set = sets[of[r][p]]; return (v - set.mean) / Math.sqrt(set.variance + EPS[s.eps]); }));
  return { x, y, sets, of };
}

// Where PyTorch raises an error in training, because it sees one value in each set.
export function refused(s) {
  const [samples, places] = sizeOf(s);
  if (s.norm === "batch") return samples * places === 1;
  if (s.norm === "instance") return places === 1;
  return s.norm === "group" && samples * places * (CHANNELS / s.groups) === 1;
}

// Numbers of weights, and as many biases, that the layer learns.
export const weights = (s) => (s.norm === "layer" ? CHANNELS * sizeOf(s)[1] : CHANNELS);

// The cell that is marked, as [row, place].
export function marked(s) {
  const [samples, places] = sizeOf(s), at = Math.min(s.cell, samples * CHANNELS * places - 1);
  return [Math.floor(at / places), at % places];
}

// Stored Grad-CAM maps: unpacked, cut at zero, enlarged, and what they say in numbers. No page.
// How they were made stands in make_runs.py, how they are packed in widget.py.
import { reader } from "../kit/pack.js";
import RUNS from "./runs.json" with { type: "json" };
import SETTINGS from "./settings.json" with { type: "json" };

const PHOTOS = SETTINGS.fields.photo.of, TARGETS = SETTINGS.fields.target.of, LAYERS = SETTINGS.fields.layer.of;
export const SIDES = { b5: 28, b11: 14, b14: 7, b16: 7, last: 7 }; // cells along an edge, by layer
export const COVERED = 12, PIXELS = 112;

// All maps in whole levels, [photo][class][layer]; read once, in the order in which they were written.
let all = null;
function unpack() {
  const number = reader(RUNS.maps);
  return PHOTOS.map(() => TARGETS.map(() => LAYERS.map((layer, l) => {
    const n = SIDES[layer], list = [];
    for (let k = 0; k < n * n; k++) {
      const left = k % n ? list[k - 1] : 0, up = k < n ? 0 : list[k - n];
      const guess = k < n || !(k % n) ? left + up : Math.floor((left + up) / 2);
      list.push(guess + number(l));
    }
    return list;
  })));
}
const places = (s) => [PHOTOS.indexOf(s.photo), TARGETS.indexOf(s.target), LAYERS.indexOf(s.layer)];
export function levels(s) {
  all ??= unpack();
  const [f, c, l] = places(s);
  return all[f][c][l];
}

// Sums of levels in 7 x 7 squares of the picture, and the squares that are covered, in order.
export function squares(s) {
  const n = SIDES[s.layer], size = n / 7, sums = new Array(49).fill(0);
  levels(s).forEach((v, k) => { sums[7 * Math.floor(Math.floor(k / n) / size) + Math.floor((k % n) / size)] += v; });
  return sums;
}
export function covered(s) {
  if (s.cover === "nothing") return [];
  const sums = squares(s), sign = s.cover === "hot" ? -1 : 1;
  return sums.map((_, k) => k).sort((a, b) => sign * (sums[a] - sums[b]) || a - b).slice(0, COVERED);
}

// Cut at zero if asked for, and divided by its largest size: numbers from -1 to 1.
export function heat(s) {
  const list = levels(s).map((v) => (s.relu ? Math.max(v, 0) : v));
  const top = Math.max(...list.map(Math.abs));
  return list.map((v) => (top ? v / top : 0));
}

// n x n -> size x size, bilinear between the middles of cells, as torch without align_corners.
export function enlarge(list, n, size) {
  const at = Array.from({ length: size }, (_, i) => {
    const x = Math.max(0, ((i + 0.5) * n) / size - 0.5), low = Math.floor(x);
    return [low, Math.min(low + 1, n - 1), x - low];
  });
  return at.flatMap(([i, j, v]) => at.map(([k, l, u]) =>
    (1 - v) * ((1 - u) * list[i * n + k] + u * list[i * n + l]) + v * ((1 - u) * list[j * n + k] + u * list[j * n + l])));
}

// Probability of the class; of the likeliest class and its name; the first one after covering.
export function chances(s) {
  const [f, c, l] = places(s);
  const after = { nothing: null, hot: RUNS.hot, cold: RUNS.cold }[s.cover];
  return { p: RUNS.p[f][c], best: RUNS.best[f][0], bestP: RUNS.best[f][1], after: after && after[f][c][l] };
}

// Where the positive part is: its peak in hundredths across and down (middle of the cell), the share
// of its sum in the left half, and the share of all sizes that is negative.
export function facts(s) {
  const n = SIDES[s.layer], list = levels(s), up = list.map((v) => Math.max(v, 0));
  const sum = up.reduce((a, b) => a + b, 0), sizes = list.reduce((a, b) => a + Math.abs(b), 0);
  const peak = up.indexOf(Math.max(...up));
  const left = up.reduce((a, v, k) => a + v * Math.max(0, Math.min(1, n / 2 - (k % n))), 0);
  return {
    none: sum === 0,
    across: Math.round((100 * ((peak % n) + 0.5)) / n), down: Math.round((100 * (Math.floor(peak / n) + 0.5)) / n),
    left: sum ? left / sum : 0, against: sizes ? 1 - sum / sizes : 0,
  };
}

export const photograph = (s) => RUNS.photos[PHOTOS.indexOf(s.photo)];

// Boxes as rows x1, y1, x2, y2, score: their IoU, and greedy non-maximum suppression. No DOM.
// tests/widgets/iou_nms compares it with torch and with a count of squares on a grid.
export const MOST = 8, LARGEST = 1200;
export const NAMES = "ABCDEFGH";

const side = (low, high) => Math.max(0, high - low);
const area = ([x1, y1, x2, y2]) => side(x1, x2) * side(y1, y2);
export const overlap = (a, b) => side(Math.max(a[0], b[0]), Math.min(a[2], b[2])) * side(Math.max(a[1], b[1]), Math.min(a[3], b[3]));
export function iou(a, b) {
  const both = overlap(a, b);
  return both / (area(a) + area(b) - both);
}

// Numbers of the boxes, the highest score first; of equal ones the first in the list.
export const ranked = (boxes) => boxes.map((_, i) => i).sort((i, j) => boxes[j][4] - boxes[i][4] || i - j);
// The slider counts twentieths.
export const over = (v, { threshold, equal }) => v > threshold / 20 || (equal && v === threshold / 20);

// `order`; `by`: for each box of the list the kept one that removed it, or -1 if it is kept itself.
export function suppress(s) {
  const { boxes } = s, order = ranked(boxes), by = boxes.map(() => -1);
  order.forEach((i, at) => {
    by[i] = order.slice(0, at).find((j) => by[j] < 0 && over(iou(boxes[j], boxes[i]), s)) ?? -1;
  });
  return { order, by };
}

// A kept box that one of higher score overlaps by more (that one must have been removed): [which, by
// which], or null.
export function spared(s) {
  const { order, by } = suppress(s);
  for (const [at, i] of order.entries()) {
    const j = by[i] < 0 ? order.slice(0, at).find((k) => over(iou(s.boxes[k], s.boxes[i]), s)) : undefined;
    if (j !== undefined) return [i, j];
  }
  return null;
}

// How far the picture reaches to the right (its height is two thirds of it), in 60 steps.
export const extent = (boxes) => [1.5, 60, 120, 300, 600, LARGEST].find((e) => boxes.every((b) => b[2] <= e && b[3] <= (2 / 3) * e)) ?? 1.5 * LARGEST;
const tidy = (v) => Math.round(v * 1000) / 1000;
const within = (v, low, high) => Math.max(low, Math.min(high, v));

// A box moved by (dx, dy), or with its corner 2 moved, inside a picture of this extent.
export function moved([x1, y1, x2, y2, score], dx, dy, wide) {
  const mx = within(dx, -x1, wide - x2), my = within(dy, -y1, (2 / 3) * wide - y2);
  return [...[x1 + mx, y1 + my, x2 + mx, y2 + my].map(tidy), score];
}
export function resized([x1, y1, x2, y2, score], dx, dy, wide) {
  const step = wide / 60;
  return [x1, y1, tidy(within(x2 + dx, x1 + step, wide)), tidy(within(y2 + dy, y1 + step, (2 / 3) * wide)), score];
}

// Throws an Error that says what is wrong with these rows.
export function checkBoxes(rows) {
  if (!Array.isArray(rows) || !rows.length) throw new Error("Nothing is written here yet");
  if (rows.length > MOST) throw new Error(`At most ${MOST} boxes can be shown`);
  rows.forEach((row, k) => {
    const who = `Box ${NAMES[k]}`;
    if (!Array.isArray(row) || row.length !== 5) throw new Error(`${who} needs five numbers: x1 y1 x2 y2 score`);
    if (row.some((v) => typeof v !== "number" || !(v >= 0 && v <= LARGEST))) throw new Error(`${who}: numbers must be from 0 to ${LARGEST}`);
    if (row[0] >= row[2] || row[1] >= row[3]) throw new Error(`${who} needs x1 < x2 and y1 < y2`);
    // IoU is 0/0 for two boxes without area, and what is moved is rounded to thousandths.
    if (Math.min(row[2] - row[0], row[3] - row[1]) < 0.0009) throw new Error(`${who}: sides must be at least 0.001`);
    if (row[4] > 1) throw new Error(`${who}: the score must be at most 1`);
  });
  return rows;
}

// Boxes by hand: IoU of two, non-maximum suppression of five, average precision of a list of detections.

import { fraction, key, plus, range, tex } from "../kit.js";

const name = "iou_nms";
const title = "IoU, NMS and average precision";
const page = "ch13_computer_vision/detection_metrics"; // where it is taught
const minutes = { 1: 3, 2: 7, 3: 8 };
const levels = { 1: "IoU of two boxes", 2: "non-maximum suppression", 3: "average precision, as an area and at 11 points" };
const bounds = { most: 99, places: 2 };

const TRIES = 30;
const CLOSE = { tol: 0, abs: 0.0006 }; // three decimals: IoUs of two methods may be near each other

// What two boxes share along both axes; `more` is added to each side.
const sides = ([x1, y1, x2, y2], more = 0) => [x2 - x1 + more, y2 - y1 + more];
const area = (box, more) => sides(box, more).reduce((a, b) => a * b);
const common = (A, B, more = 0) => [0, 1].map((k) => Math.max(0, Math.min(A[k + 2], B[k + 2]) - Math.max(A[k], B[k]) + more));
const shared = (A, B, more) => common(A, B, more).reduce((a, b) => a * b);
const iou = (A, B, more) => fraction(shared(A, B, more), area(A, more) + area(B, more) - shared(A, B, more));
const decimal = ([a, b]) => a / b;
const spelled = (box) => `$(${box.join(", ")})$`;

const THREE = "A fraction may stand in the answer, or a decimal of three places.";
const EDGES = "by the coordinates of their edges, $(x_1, y_1, x_2, y_2)$";
const TWICE = "The shared part was counted twice; it lies in both areas.";
const OWN = "The shared part was divided by one box; divide by all that both cover.";
const iouField = (of, is) => ({ kind: "number", ask: `The IoU of ${of}`, is: key(is), ...CLOSE, else: "What both share, over what they cover together." });
// The IoU of two boxes in words.
function shown(A, B) {
  const I = shared(A, B), [a, b] = [area(A), area(B)];
  return `From the later start to the earlier end along each axis they share $${common(A, B).join(" \\cdot ")} = ${I}$. They cover $${a} + ${b} - ${I} = ${a + b - I}$, as the sum counts the shared part twice. The IoU is $\\frac{${I}}{${a + b - I}} \\approx ${decimal(iou(A, B)).toFixed(3)}$.`;
}

function draw(random, level) {
  const one = { 1: twoBoxes, 2: suppression, 3: precision }[level];
  return range(TRIES).reduce((made) => made ?? one(random), null);
}

function twoBoxes(random) {
  const box = () => { const [x, y] = random.ints(2, 0, 6); return [x, y, x + random.int(2, 8), y + random.int(2, 8)]; };
  const A = box(), B = box();
  const I = shared(A, B), [a, b] = [area(A), area(B)];
  if (I < 2 || I === a || I === b) return null;
  const wide = ([x, y, w, h]) => [x, y, x + w, y + h]; // read as corner and size
  return {
    statement: [`Two boxes are given ${EDGES}: $A$ is ${spelled(A)} and $B$ is ${spelled(B)}. Compute the area of their intersection, and their IoU (intersection over union). ${THREE}`],
    data: { boxes: [A, B] },
    fields: [
      { kind: "integer", ask: "The area of the intersection", is: I, else: "Along each axis: from the later start to the earlier end." },
      iouField("the two boxes", iou(A, B)),
    ],
    slips: [
      { id: "twice", is: [null, key(fraction(I, a + b))], says: TWICE },
      { id: "own_area", is: [null, key(fraction(I, Math.min(a, b)))], says: OWN },
      { id: "pixels", is: [shared(A, B, 1), key(iou(A, B, 1))], says: "1 was added to every side, as for indices of pixels; these are coordinates of edges." },
      { id: "sizes", is: [shared(wide(A), wide(B)), key(iou(wide(A), wide(B)))], says: "The last two numbers were read as width and height; they are the other corner." },
      { id: "added", is: [common(A, B)[0] + common(A, B)[1], null], says: "The two lengths were added; the area is their product." },
    ],
    steps: [
      `The boxes have the areas $${sides(A).join(" \\cdot ")} = ${a}$ and $${sides(B).join(" \\cdot ")} = ${b}$.`,
      shown(A, B),
    ],
  };
}

// Numbers of the boxes that stay, from 1, in the order in which they are kept.
function kept(boxes, order, removes, all = false) {
  const stay = [];
  order.forEach((i, rank) => {
    if (!(all ? order.slice(0, rank) : stay).some((j) => removes(boxes[j], boxes[i]))) stay.push(i);
  });
  return stay.map((i) => i + 1);
}

const NUMBER = 5; // of boxes

function suppression(random) {
  const [w, h] = [random.pick([6, 8, 10, 12]), random.pick([4, 5, 6, 10])];
  const far = w + random.int(6, 9), step = random.int(1, 4);
  const at = [[0, 0], [step, random.int(0, 1)], [2 * step + random.int(0, 1), random.int(0, 2)], [far, random.int(0, 3)], [far + random.int(1, w - 1), random.int(1, 3)]]; // a chain and a pair
  const [dx, dy] = random.ints(2, 0, 5);
  const boxes = random.some(at, NUMBER).map(([x, y]) => [x + dx, y + dy, x + dx + w, y + dy + h]);
  const scores = random.some(range(10), NUMBER).map((s) => (50 + 5 * s) / 100);
  const threshold = random.pick([0.3, 0.4, 0.5]);
  const beyond = (A, B) => decimal(iou(A, B)) > threshold;
  const by = range(NUMBER).sort((i, j) => scores[j] - scores[i]);
  const keys = kept(boxes, by, beyond);
  const chained = kept(boxes, by, beyond, true);
  const close = boxes.some((A) => boxes.some((B) => Math.abs(decimal(iou(A, B)) - threshold) < 0.03));
  const [A, B] = by.map((i) => boxes[i]);
  const I = shared(A, B), a = w * h;
  const as = (id, stay, says, value = null) => ({ id, is: [value && key(value), stay], says });
  const slips = [
    as("listed", kept(boxes, range(NUMBER), beyond), "The boxes were taken in the order of the table; the highest score comes first."),
    as("twice", kept(boxes, by, (one, other) => shared(one, other) / (2 * a) > threshold), TWICE, fraction(I, 2 * a)),
    as("own_area", kept(boxes, by, (one, other) => shared(one, other) / a > threshold), OWN, fraction(I, a)),
  ];
  if (close || keys.length < 2 || keys.length > 4 || !I || new Set(boxes.map(String)).size < NUMBER || [keys, ...slips.map(({ is }) => is[1])].some((stay) => String(stay) === String(chained))) return null;
  slips.push(as("chain", chained, "A box was removed by one that was itself removed; only a box that is kept removes others."));
  const told = by.map((i, rank) => {
    const before = by.slice(0, rank).filter((j) => keys.includes(j + 1)).map((j) => `IoU ${decimal(iou(boxes[j], boxes[i])).toFixed(2)} with box ${j + 1}; `);
    return `Box ${i + 1}: ${before.join("")}it ${keys.includes(i + 1) ? "stays" : "goes"}.`;
  });
  return {
    statement: [
      `Non-maximum suppression with an IoU threshold of ${threshold} goes through five boxes of one class. They are given ${EDGES}; all are ${w} wide and ${h} high. Compute the IoU of the two boxes with the highest scores, and say which boxes stay. ${THREE}`,
      { table: { head: ["Box", "Edges", "Score"], rows: boxes.map((box, i) => [i + 1, spelled(box), scores[i]]) } },
    ],
    data: { boxes, scores, threshold },
    fields: [
      iouField("the two boxes with the highest scores", iou(A, B)),
      { kind: "vector", ask: "The numbers of the boxes that stay, the highest score first", is: keys, else: "By falling score: compare each box with those that have stayed." },
    ],
    slips,
    steps: [
      `Sorted by score: boxes ${by.map((i) => i + 1).join(", ")}. Now the first two. ${shown(A, B)}`,
      "Each box is compared with those that have stayed; a box that is gone removes none.",
      ...told,
    ],
  };
}

// Hits by falling score: the true box must be overlapped enough, and still be free.
function hitsOf(rows, doubles = false) {
  const taken = new Set();
  return rows.map(({ overlap, object }) => {
    const hit = overlap >= 0.5 && (doubles || !taken.has(object));
    if (hit) taken.add(object);
    return hit;
  });
}

// Precision at each hit, as it is and raised to the largest that comes later.
function precisionsOf(hits) {
  const all = hits.map((_, k) => fraction(hits.slice(0, k + 1).filter(Boolean).length, k + 1)).filter((_, k) => hits[k]);
  return [all, all.map((_, k) => all.slice(k).reduce((top, p) => (decimal(p) > decimal(top) ? p : top)))];
}
const average = (values, over) => key(values.map(([n, d]) => fraction(n, d * over)).reduce(plus));

// What is read at the recalls 0, 0.1, ..., 1: the precision of the hit that reaches each, else 0.
const RECALLS = range(11);
const reaching = (r, objects) => Math.max(0, Math.ceil(r * objects / 10) - 1);
const readings = (precisions, objects, at = reaching) => RECALLS.map((r) => precisions[at(r, objects)] ?? [0, 1]);

function precision(random) {
  const objects = random.int(3, 5), n = random.int(5, 6);
  const rows = random.some([95, 90, 85, 80, 75, 70, 60, 50, 40, 30], n).map((s) => ({ score: s / 100, object: random.int(1, objects), overlap: random.pick([25, 35, 45, 55, 60, 70, 80, 90]) / 100 }));
  const sorted = [...rows].sort((a, b) => b.score - a.score);
  const hits = hitsOf(sorted), doubled = hitsOf(sorted, true), unsorted = hitsOf(rows);
  const count = hits.filter(Boolean).length;
  if (count < 2 || count === objects || String(doubled) === String(hits) || String(unsorted) === String(hits)) return null;
  const [plain, raised] = precisionsOf(hits);
  if (String(plain) === String(raised)) return null;
  const eleven = readings(raised, objects);
  const reached = eleven.filter(([top]) => top);
  const area = average(raised, objects), mean = average(eleven, 11);
  const both = (own, all) => [average(own, all), average(readings(own, all), 11)];
  const of = (made) => both(precisionsOf(made)[1], objects);
  const overall = key(fraction(count, n));
  const slips = [
    { id: "not_raised", is: [null, ...both(plain, objects)], says: "The precisions were not raised: each becomes the largest that comes later." },
    { id: "doubles", is: [doubled.filter(Boolean).length, ...of(doubled)], says: "A double was counted as a hit; a true box is found once." },
    { id: "found_only", is: [null, ...both(raised, count)], says: "Only the true boxes that are found were counted; the others count, too." },
    { id: "unsorted", is: [null, ...of(unsorted)], says: "The boxes were taken in the order of the table; the highest score comes first." },
    { id: "precision", is: [null, overall, overall], says: "That is the precision of the whole list; the measure follows the ranking." },
    // of five true boxes the area is the mean of ten readings
    { id: "exchanged", is: [null, mean, objects === 5 ? null : area], says: "The two forms were exchanged: one is an area, the other a mean of eleven readings." },
    { id: "ten", is: [null, null, average(eleven.slice(1), 10)], says: "The reading at a recall of 0 is missing: eleven are asked for." },
    { id: "no_zero", is: [null, null, average(eleven.slice(1), 11)], says: "The recall of 0 was given nothing; it is reached by every hit." },
    { id: "reached", is: [null, null, average(reached, reached.length)], says: "The mean was taken over the recalls that are reached; the others read 0, and count." },
    { id: "before", is: [null, null, average(readings(plain, objects, (r) => Math.max(0, Math.floor(r * objects / 10) - 1)), 11)], says: "The precision of the hit before each recall was read; it is the largest at this recall or a larger one." },
  ];
  const places = raised.map((_, k) => RECALLS.filter((r) => reaching(r, objects) === k));
  const counts = places.map((own) => own.length);
  const told = places.map((own, k) => `${own[0] / 10} to ${own.at(-1) / 10} (${own.length} of them) read $${tex(raised[k])}$`);
  const verdicts = sorted.map((row, k) => `score ${row.score}: ${hits[k] ? "hit" : row.overlap < 0.5 ? "false, IoU too low" : `false, box ${row.object} is taken`}`);
  return {
    statement: [
      `In a picture with ${objects} true boxes of a class a detector has found these. The table says which true box each detection overlaps, and their IoU; with all others it is 0. A detection is a hit from an IoU of 0.5 on, if its true box is still free.`,
      { table: { head: ["Score", "True box", "IoU"], rows: rows.map((row) => [row.score, row.object, row.overlap]) } },
      `Compute the number of hits, and the average precision in two forms. As an area: under precision over recall, each precision first raised to the largest that comes later. At 11 points, as PASCAL VOC 2007 has it: the mean over the recalls 0, 0.1, 0.2, and so on up to 1, for each of which the largest precision at this recall or a larger one is read, or 0 where the detector never gets that far. ${THREE}`,
    ],
    data: { objects, scores: rows.map((row) => row.score), truth: rows.map((row) => row.object), overlaps: rows.map((row) => row.overlap) },
    fields: [
      { kind: "integer", ask: "The number of hits", is: count, else: "By falling score: which true boxes are taken?" },
      { kind: "number", ask: "The average precision as an area", is: area, ...CLOSE, else: "Precision at each hit, raised, times one step of recall; all of it added." },
      { kind: "number", ask: "The average precision at 11 points", is: mean, ...CLOSE, else: "Count how many of the 11 recalls read each raised precision." },
    ],
    slips,
    steps: [
      `By falling score: ${verdicts.join("; ")}. So there are ${count} hits.`,
      `Precision is hits over detections so far; at the hits it is $${plain.map(tex).join(", \\; ")}$.`,
      `Raised to the largest that comes later: $${raised.map(tex).join(", \\; ")}$.`,
      `Each hit is a step of recall of $\\frac{1}{${objects}}$; what is not found adds 0. The area is $\\frac{1}{${objects}} ( ${raised.map(tex).join(" + ")} ) = ${area}$.`,
      `For the 11 points, the recall behind each hit: $${raised.map((_, k) => tex(fraction(k + 1, objects))).join(", \\; ")}$. The recalls ${told.join("; ")}; the rest read 0.`,
      `Their mean is $\\frac{1}{11} ( ${counts.map((times, k) => `${times} \\cdot ${tex(raised[k])}`).join(" + ")} ) = ${mean}$.`,
    ],
  };
}

export default { name, title, page, minutes, levels, bounds, draw };

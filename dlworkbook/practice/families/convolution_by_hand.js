// Slide a kernel over a small image: valid, same or full, with a stride, a bias, two channels.

import { range, sum } from "../kit.js";

const name = "convolution_by_hand";
const title = "Convolution by hand";
const page = "ch06_convolutional_networks/convolution"; // where it is taught
const minutes = { 1: 4, 2: 7, 3: 12 };
const levels = { 1: "one channel, no padding", 2: "padding or a stride, and a bias", 3: "two input channels" };
const bounds = { most: 99 };

// Cross-correlation of channels X with channels K; `pads` holds [before, after] of both axes.
function slid(X, K, { pads, stride, b }) {
  const [n, f] = [X[0].length, K[0].length];
  const at = (x, i, j) => x[i]?.[j] ?? 0;
  const places = range(Math.floor((n + sum(pads) - f) / stride) + 1).map((k) => k * stride - pads[0]);
  const one = (i, j) => sum(X.map((x, c) => sum(range(f).flatMap((u) => range(f).map((v) => at(x, i + u, j + v) * K[c][u][v])))));
  return places.map((i) => places.map((j) => one(i, j) + b));
}

const turned = (k) => k.map((row) => [...row].reverse()).reverse();
const flat = (k) => k[0].map((_, j) => k.map((row) => row[j]));

function draw(random, level) {
  const channels = level === 3 ? 2 : 1;
  const mode = level === 1 ? "valid" : random.pick(level === 2 ? ["valid", "same", "full"] : ["valid", "same"]);
  const stride = level > 1 && mode === "valid" ? 2 : 1;
  const [f, n] = { valid: stride === 2 ? [2, random.pick([4, 5])] : [random.pick([2, 3]), 4], same: [3, 3], full: [2, 3] }[mode];
  const b = level === 1 ? 0 : random.pick([-3, -2, -1, 1, 2, 3]);
  const X = range(channels).map(() => random.grid(n, n, 0, level === 1 ? 6 : 5));
  const K = range(channels).map(() => random.grid(f, f, -1, level === 3 ? 1 : 2));
  if (K.some((k) => k.flat().filter(Boolean).length < 2)) return null;
  const p = { valid: 0, same: (f - 1) / 2, full: f - 1 }[mode];
  const how = { pads: [p, p], stride, b };
  const Y = slid(X, K, how);
  const given = (changes) => slid(X, K, { ...how, ...changes });

  const slips = [
    { id: "turned", is: [slid(X, K.map(turned), how)], says: "The kernel was turned by 180°: that is convolution as mathematics defines it. Networks lay the kernel on as it is printed." },
    { id: "transposed", is: [slid(X, K.map(flat), how)], says: "Rows and columns of the kernel were exchanged." },
    ...(b ? [{ id: "bias", is: [given({ b: 0 })], says: "The bias is missing: it is added to every output." }] : []),
    ...(p ? [
      { id: "one_side", is: [given({ pads: [0, 2 * p] })], says: "All zeros were put on the right and below; each side gets the same number." },
      { id: "unpadded", is: [given({ pads: [0, 0] })], says: "That is without padding: the kernel never left the image." },
    ] : []),
    ...(stride > 1 ? [{ id: "stride", is: [given({ stride: 1 })], says: `The kernel moved by 1; the stride is ${stride}.` }] : []),
    ...(channels > 1 ? [
      { id: "first_channel", is: [slid(X.slice(0, 1), K, how)], says: "Only the first channel was counted; the channels are added up." },
      { id: "bias_twice", is: [given({ b: channels * b })], says: "The bias was added once for each channel; it belongs to the output, once." },
    ] : []),
  ];

  const named = (letter, parts) => parts.map((rows, c) => [parts.length > 1 ? `${letter}_${c + 1}` : letter, rows]);
  const padding = { valid: "without padding (valid)", same: `with ${p} line of zeros on each side (same)`, full: `with ${p} line of zeros on each side (full)` }[mode];
  const products = X.map((x, c) => range(f).flatMap((u) => range(f).map((v) => [K[c][u][v], x[u - p]?.[v - p] ?? 0]))).flat();
  const size = Y.length;
  return {
    statement: [
      `A layer slides the kernel over the image as deep learning does it, without turning it: ${padding}, stride ${stride}, ${b ? `bias ${b}` : "no bias"}.${channels > 1 ? " The image has two channels, and the kernel has one matrix for each." : ""} Compute the output.`,
      { matrices: [...named("X", X), ...named("K", K)] },
    ],
    data: { X, K, padding: p, stride, bias: b },
    fields: [{ kind: "matrix", ask: "The output, row by row", is: Y, else: "Do the corner at the top left alone: lay the kernel on, multiply place by place, and add up." }],
    slips,
    steps: [
      `The size first: $\\lfloor (${n} + 2 \\cdot ${p} - ${f}) / ${stride} \\rfloor + 1 = ${size}$, so the output has ${size} × ${size} numbers.`,
      `The place at the top left: $${products.filter(([k]) => k).map(([k, x]) => `${k < 0 ? `(${k})` : k} \\cdot ${x}`).join(" + ")}${b ? ` + ${b < 0 ? `(${b})` : b}` : ""} = ${Y[0][0]}$${p ? "; outside of the image stand zeros" : ""}.${products.some(([k]) => !k) ? " Where the kernel is 0 nothing is added." : ""}`,
      `Move the kernel by ${stride} and do the same; the first row is ${Y[0].join(", ")}.`,
      { matrices: [["Y", Y]] },
    ],
  };
}

export default { name, title, page, minutes, levels, bounds, draw };

// Receptive field and jump of each layer of a stack, and where the field of a unit begins.

import { range, sum } from "../kit.js";

const name = "receptive_field";
const title = "Receptive fields";
const page = "ch06_convolutional_networks/receptive_fields"; // where it is taught
const minutes = { 1: 3, 2: 5, 3: 7 };
const levels = { 1: "convolutions and a pooling", 2: "field and jump, with strides", 3: "dilation, and where a field begins" };
const bounds = { most: 150 };

const MOST_FIELD = 120; // pixels
const MOST_JUMP = 12;

const isPool = ({ kind }) => kind !== "convolution";
const reach = ({ k, d }) => d * (k - 1);
const stretch = (j, { s }) => j * s;

// Fields and jumps behind each layer, with one step of the recurrence exchanged.
function grow(layers, { add = (layer, j) => reach(layer) * j, jump = stretch, early = false } = {}) {
  let [r, j] = [1, 1];
  return layers.map((layer) => {
    if (early) j = jump(j, layer);
    r += add(layer, j);
    if (!early) j = jump(j, layer);
    return { r, j };
  });
}
const fieldsOf = (rows) => rows.map(({ r }) => r);
const last = (rows) => rows.at(-1).j;

function draw(random, level) {
  const conv = (changes = {}) => ({ kind: "convolution", k: random.pick([3, 3, 5, 7]), s: 1, d: 1, p: 0, ...changes });
  const pool = ([k, s] = random.pick([[2, 2], [3, 2], [3, 3]])) => ({ kind: random.pick(["max pooling", "average pooling"]), k, s, d: 1, p: 0 });
  const layers = {
    1: () => [conv({ k: random.pick([2, 3, 4, 5, 7]) }), pool(), conv(), ...random.pick([() => [], () => [pool()], () => [conv()]])()],
    2: () => [conv({ s: random.int(1, 2) }), pool(), conv({ k: random.pick([3, 5]), s: random.int(1, 2) }), random.pick([() => conv({ k: 3 }), () => pool()])()],
    3: () => [conv({ s: random.int(1, 2), p: random.int(1, 3) }), pool(), conv({ k: 3, d: random.int(2, 3), p: random.int(1, 3) }), conv({ k: 3, s: random.int(1, 2), d: random.int(1, 2), p: random.int(0, 2) })],
  }[level]();
  const rows = grow(layers);
  const fields = fieldsOf(rows);
  const j = last(rows);
  const before = layers.map((_, l) => (l ? rows[l - 1].j : 1));
  const total = sum(layers.map(({ p }, l) => p * before[l]));
  const unit = random.int(3, 9);
  const begin = unit * j - total;
  // no hole: a window whose places lie further apart than their fields are wide would miss pixels
  const holes = layers.some(({ k, d }, l) => k > 1 && d * before[l] > (l ? fields[l - 1] : 1));
  if (fields.at(-1) > MOST_FIELD || j > MOST_JUMP || holes || begin < 0 || begin > 99) return null;

  const asked = (found, step = null, start = null) => [fieldsOf(found), step, start].slice(0, level);
  const other = (change) => grow(layers, change);
  const jumpOf = (change) => (last(other(change)) === j ? null : last(other(change)));
  const none = { jump: (at, layer) => (isPool(layer) ? at : stretch(at, layer)) };
  const mixed = layers.slice(0, -1).some((layer) => layer.s > 1 && !isPool(layer)); // else all strides are the pooling's
  let product = 1;
  const slips = [
    { id: "no_pool", is: asked(other({ add: (layer, at) => (isPool(layer) ? 0 : reach(layer) * at) })), says: "A pooling has a window, too, and adds to the field like every layer." },
    { id: "early", is: asked(other({ early: true })), says: "A layer's own stride was let into its own field; only the layers above it feel it." },
    { id: "no_jump", is: asked(other({ add: reach }), 1, unit - sum(layers.map(({ p }) => p))), says: "Strides were left out: behind them neighbouring places lie further apart than one pixel." },
    ...(mixed ? [{ id: "pool_stride", is: asked(other(none), jumpOf(none), level > 2 ? unit * last(other(none)) - total : null), says: "The stride of the pooling was left out; it counts like that of a convolution." }] : []),
    { id: "windows", is: asked(other({ add: ({ k, d }, at) => (d * (k - 1) + 1) * at })), says: "The whole window was added; its first place is there already, so one less." },
    { id: "product", is: asked(layers.map(({ k }) => ({ r: (product *= k), j }))), says: "The windows were multiplied; neighbouring windows overlap, so they add up." },
    { id: "sum_of_strides", is: level > 1 ? [null, sum(layers.map(({ s }) => s))] : [null], says: "The strides were added; jumps are multiplied." },
    { id: "own_stride", is: level > 1 ? [null, layers.at(-1).s] : [null], says: "That is the stride of the last layer alone; the strides below it count, too." },
    ...(level > 2 ? [
      { id: "no_dilation", is: asked(other({ add: ({ k }, at) => (k - 1) * at })), says: "The dilation was left out: a dilated kernel reaches further than it has numbers." },
      { id: "no_padding", is: [null, null, unit * j], says: "The padding was left out: it moves the first field to the left, out of the image." },
      { id: "plain_padding", is: [null, null, unit * j - sum(layers.map(({ p }) => p))], says: "A place of padding deeper in the network is as wide as the jump there, not one pixel." },
      { id: "from_one", is: [null, null, (unit - 1) * j - total], says: "Units are counted from 0 here; you counted from 1." },
    ] : []),
  ].map((slip) => ({ ...slip, is: slip.is.slice(0, level) }));

  const words = ({ kind, k, s, d, p }) => [kind, `${k} × ${k}`, String(s), ...(level > 2 ? [isPool({ kind }) ? "–" : String(d), String(p)] : [])];
  const row = ({ k, s, d }, l) => {
    const r0 = l ? fields[l - 1] : 1;
    const width = d > 1 ? `${d} \\cdot (${k} - 1)` : `(${k} - 1)`;
    return `Layer ${l + 1}: $r = ${r0} + ${width} \\cdot ${before[l]} = ${fields[l]}$; then $j = ${s} \\cdot ${before[l]} = ${rows[l].j}$.`;
  };
  const padded = range(layers.length).filter((l) => layers[l].p);
  return {
    statement: [
      `An image passes these layers. ${level > 2 ? "" : "Nothing is padded. "}How many pixels wide is the receptive field of one unit of each layer, from its first pixel to its last?${level > 1 ? " The jump of a layer is the number of pixels by which the fields of two neighbouring units are shifted." : ""}${level > 2 ? ` Units and pixels of a row are counted from 0; padding of a layer stands on both sides. At which pixel begins the field of unit ${unit} of the last layer?` : ""}`,
      { table: { head: ["Layer", "Kernel or window", "Stride", ...(level > 2 ? ["Dilation", "Padding on each side"] : [])], rows: layers.map(words) } },
    ],
    data: { layers, ...(level > 2 ? { unit } : {}) },
    fields: [
      { kind: "vector", ask: "Fields behind the layers, in pixels, from first to last", is: fields, else: "Begin with one pixel. Each layer adds what its window reaches beyond its first place, times the jump before the layer." },
      { kind: "integer", ask: "Jump of the last layer", is: j, else: "Multiply the strides of all layers." },
      { kind: "integer", ask: `First pixel of the field of unit ${unit} of the last layer`, is: begin, else: "Unit 0 begins as far outside as all paddings reach together, each counted in the jump before its layer." },
    ].slice(0, level),
    slips,
    steps: [
      `Carry two numbers from layer to layer, the field $r$ and the jump $j$, both 1 at the image. First $r$ grows by $${level > 2 ? "d (k - 1)" : "(k - 1)"}$ times the jump before the layer, then the stride multiplies the jump. A pooling is a window like any other.`,
      ...layers.map(row),
      ...(level > 2 ? [
        `Padding changes neither number; it moves the fields by $p$ times the jump before the layer: $${padded.map((l) => `${layers[l].p} \\cdot ${before[l]}`).join(" + ")} = ${total}$ pixels to the left.`,
        `Unit ${unit} begins at pixel $${unit} \\cdot ${j} - ${total} = ${begin}$.`,
      ] : []),
    ],
  };
}

export default { name, title, page, minutes, levels, bounds, draw };

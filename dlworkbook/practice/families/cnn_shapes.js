// Follow the shape of a batch through a small convolutional network.

import { list, range } from "../kit.js";

const name = "cnn_shapes";
const title = "Shapes through a CNN";
const page = "ch06_convolutional_networks/shapes_and_parameters"; // where it is taught
const minutes = { 1: 3, 2: 5, 3: 7 };
const levels = { 1: "one convolution, one pooling", 2: "three layers with padding and strides", 3: "dilation, and the inputs of a dense layer" };
const bounds = { most: 65536 };

const MOST_INPUTS = 9999; // of the dense layer

const extent = ({ f, dilation }) => dilation * (f - 1) + 1;
const size = (n, layer) => Math.floor((n + 2 * layer.padding - extent(layer)) / layer.stride) + 1;

// Shapes behind each layer, with one step of the method exchanged.
function through([c, h, w], layers, { next = size, channels = (before, layer) => layer.out ?? before } = {}) {
  return layers.map((layer) => {
    [c, h, w] = [channels(c, layer), next(h, layer), next(w, layer)];
    return [c, h, w];
  });
}

function draw(random, level) {
  const input = [random.pick([1, 3]), random.int(12, level === 1 ? 32 : 48), random.int(12, level === 1 ? 32 : 48)];
  const conv = (changes = {}) => ({ kind: "convolution", out: random.pick([4, 6, 8, 10, 12, 16, 24, 32]), f: random.pick([3, 5, 7]), padding: 0, stride: 1, dilation: 1, ...changes });
  const pool = (f) => ({ kind: "max pooling", f, padding: 0, stride: f, dilation: 1 });
  const layers = {
    1: () => [conv({ padding: random.int(0, 2) }), pool(2)],
    2: () => [conv({ padding: random.int(0, 3), stride: random.int(1, 2) }), pool(random.int(2, 3)), conv({ padding: random.int(1, 2), f: random.pick([3, 5]) })],
    3: () => [conv({ padding: random.int(1, 3), stride: random.int(1, 2) }), pool(2), conv({ f: 3, padding: random.int(0, 2), dilation: random.int(2, 3) })],
  }[level]();
  const shapes = through(input, layers);
  const inputs = shapes.at(-1).reduce((a, b) => a * b);
  if (shapes.flat().some((n) => n < 1) || inputs > MOST_INPUTS) return null;

  const dense = level === 3;
  const flat = (wrong) => [...wrong, ...(dense ? [wrong.at(-1).reduce((a, b) => a * b)] : [])].map((v) => ([v].flat().every((n) => n > 0) ? v : null));
  const slip = (id, next, says) => ({ id, is: flat(through(input, layers, { next })), says });
  const slips = [
    slip("ceil", (n, l) => Math.ceil((n + 2 * l.padding - extent(l)) / l.stride) + 1, "The division was rounded up: a last step that does not fit whole is left out, so round down."),
    slip("padding_once", (n, l) => Math.floor((n + l.padding - extent(l)) / l.stride) + 1, "The padding was counted once; it stands on both sides."),
    slip("no_padding", (n, l) => Math.floor((n - extent(l)) / l.stride) + 1, "The padding was left out."),
    slip("one_short", (n, l) => Math.floor((n + 2 * l.padding - extent(l)) / l.stride), "That counts the steps of the kernel; its first place counts, too: add 1."),
    slip("no_stride", (n, l) => size(n, { ...l, stride: l.kind === "convolution" ? 1 : l.stride }), "The stride of a convolution was left out."),
    ...(dense ? [
      slip("no_dilation", (n, l) => size(n, { ...l, dilation: 1 }), "The dilation was left out: a dilated kernel reaches further than it has numbers."),
      { id: "one_channel", is: [null, null, null, shapes.at(-1)[1] * shapes.at(-1)[2]], says: "That is one channel; all channels are laid end to end." },
    ] : []),
    { id: "channels_kept", is: flat(through(input, layers, { channels: (before) => before })), says: "The channels of the input were kept; a convolution has as many outputs as kernels." },
  ];

  const words = ({ kind, out, f, padding, stride, dilation }) => [kind, `${f} × ${f}`, String(stride), String(padding), String(dilation), out ? String(out) : "–"];
  const line = (n, k) => `$\\lfloor (${n} + 2 \\cdot ${layers[k].padding} - ${extent(layers[k])}) / ${layers[k].stride} \\rfloor + 1`;
  const before = [input, ...shapes];
  const reach = layers.map((layer, k) => [layer, k + 1]).filter(([layer]) => layer.dilation > 1);
  return {
    statement: [
      `An image has shape $(${input.join(", ")})$: channels, height, width. It passes these layers, in this order. Sizes are rounded down.${dense ? " Behind them all numbers are laid end to end for a dense layer." : ""}`,
      { table: { head: ["Layer", "Kernel", "Stride", "Padding on each side", "Dilation", "Kernels"], rows: layers.map(words) } },
    ],
    data: { input, layers },
    fields: [
      ...shapes.map((is, k) => ({ kind: "shape", ask: `Shape behind layer ${k + 1}, the ${layers[k].kind}`, is, else: "Channels first. For each side: add the padding of both ends, subtract the reach of the kernel, divide by the stride, round down, add 1." })),
      ...(dense ? [{ kind: "integer", ask: "Inputs of the dense layer", is: inputs, else: "Multiply the three numbers of the last shape." }] : []),
    ],
    slips,
    steps: [
      "Each side follows $\\lfloor (n + 2p - d(f - 1) - 1) / s \\rfloor + 1$ with kernel $f$, padding $p$, stride $s$ and dilation $d$. A convolution puts the number of its kernels in place of the channels; pooling keeps them.",
      ...reach.map(([{ f, dilation }, k]) => `With dilation ${dilation} the kernel of layer ${k} reaches over $${dilation} \\cdot (${f} - 1) + 1 = ${dilation * (f - 1) + 1}$ places.`),
      ...range(layers.length).map((k) => `Layer ${k + 1}: height ${line(before[k][1], k)} = ${shapes[k][1]}$, width ${line(before[k][2], k)} = ${shapes[k][2]}$; shape $(${shapes[k].join(", ")})$.`),
      ...(dense ? [`Laid end to end: $${shapes.at(-1).join(" \\cdot ")} = ${inputs}$ inputs; the factors are ${list(["channels", "height", "width"])}.`] : []),
    ],
  };
}

export default { name, title, page, minutes, levels, bounds, draw };

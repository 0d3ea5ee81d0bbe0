// Count what a dense layer, a convolution, a small network, a recurrent layer stores.

import { sum } from "../kit.js";

const name = "parameters";
const title = "Counting parameters";
const page = "ch05_computation/parameters_and_sharing"; // where it is taught
const minutes = { 1: 3, 2: 6, 3: 5 };
const levels = { 1: "a convolution and a dense layer", 2: "a network with pooling and groups", 3: "RNN, GRU and LSTM" };
const bounds = { most: 60000 };

const biasSaid = (b) => (b ? "Every kernel and every output of a dense layer has a bias." : "No layer has biases.");

// A convolution and a dense layer; a slip exchanges one piece.
const kernels = ({ I, O, k, groups }) => O * (I / groups) * k * k;
const outputs = ({ O }, b) => O * b;
const conv = (layer, b, { weights = kernels, biases = outputs } = {}) => weights(layer) + biases(layer, b);
const dense = (d, q, b) => q * (d + b);

// The slips of a convolution, as changes of its count.
const ofKernels = (b) => [
  b ? ["bias", { biases: () => 0 }, "The biases are missing: one for each output."] : ["bias", { biases: ({ O }) => O }, "Biases were counted; the layers have none."],
  ["one_channel", { weights: ({ O, k }) => O * k * k }, "A kernel has one matrix for each channel that it sees, not one in all."],
  ["pairs", { biases: ({ I, O }) => b * I * O }, "A bias belongs to an output channel, not to each pair of channels."],
  ["side", { weights: ({ I, O, k, groups }) => O * (I / groups) * k }, "Kernels are squares: the side counts twice."],
];

function draw(random, level) {
  return { 1: single, 2: network, 3: recurrent }[level]();

  function single() {
    const b = random.int(0, 1);
    const layer = { I: random.pick([1, 3, 4, 6, 8]), O: random.pick([4, 6, 8, 10, 12, 16, 20, 32]), k: random.pick([3, 5, 7]), groups: 1 };
    const n = random.pick([16, 20, 24, 28, 32]);
    const [d, q] = [random.pick([12, 20, 30, 50, 64, 100, 120]), random.pick([5, 8, 10, 12, 20, 25])];
    const places = (n - layer.k + 1) ** 2;
    const N = conv(layer, b);
    const M = dense(d, q, b);
    const slips = [
      ...ofKernels(b).map(([id, change, says]) => ({ id, is: [conv(layer, b, change), id === "bias" ? dense(d, q, 1 - b) : null], says })),
      { id: "places", is: [kernels(layer) * places + b * layer.O, null], says: "The same weights serve every place of the image: they are stored once." },
      { id: "input_bias", is: [null, q * d + b * d], says: "A bias belongs to each output; one was counted for each input." },
      { id: "one_bias", is: [null, q * d + b], says: "Each output has a bias of its own; one was counted for all." },
      { id: "sum", is: [null, d + q * (1 + b)], says: "Every output is joined to every input: the two numbers are multiplied." },
    ];
    return {
      statement: [
        `A convolution has ${layer.O} kernels of ${layer.k} × ${layer.k} and slides them over an image of ${n} × ${n} pixels with ${layer.I} channel${layer.I > 1 ? "s" : ""}, without padding. In another network a dense layer leads from ${d} inputs to ${q} outputs. ${biasSaid(b)} How many parameters has each of the two layers?`,
      ],
      data: { conv: layer, n, dense: [d, q], bias: b },
      fields: [
        { kind: "integer", ask: "Parameters of the convolution", is: N, else: "How many numbers has one kernel, over all channels of the image? Then all kernels." },
        { kind: "integer", ask: "Parameters of the dense layer", is: M, else: "Each output has a weight for each input." },
      ],
      slips,
      steps: [
        b ? "A convolution stores $O (I k^2 + 1)$ numbers: each of its $O$ kernels has a $k \\times k$ matrix for each of $I$ channels, and a bias. The size of the image does not count." : "A convolution without biases stores $O I k^2$ numbers: each of its $O$ kernels has a $k \\times k$ matrix for each of $I$ channels. The size of the image does not count.",
        `Here $${layer.O} \\cdot ${b ? `(${layer.I} \\cdot ${layer.k}^2 + 1)` : `${layer.I} \\cdot ${layer.k}^2`} = ${N}$.`,
        `A dense layer from $d$ to $q$ stores $${b ? "q (d + 1)" : "q d"}$: $${q} \\cdot ${b ? `(${d} + 1)` : d} = ${M}$.`,
      ],
    };
  }

  function network() {
    const b = random.int(0, 1);
    const [pad, k1, k2] = [random.int(0, 1), random.pick([3, 5]), random.pick([3, 5])];
    const groups = random.pick([2, 2, 4]);
    const one = { I: random.pick([1, 3]), O: groups * random.pick([2, 3, 4]), k: k1, groups: 1, padding: pad * (k1 - 1) / 2 };
    const two = { I: one.O, O: groups * random.pick([1, 2, 3, 4]), k: k2, groups, padding: 0 };
    const [n, q] = [random.int(12, 24), random.pick([5, 8, 10])];
    const first = n + 2 * one.padding - k1 + 1;
    const second = first / 2 - k2 + 1;
    const d = two.O * second * second;
    if (first % 2 || second < 2 || second > 8 || d > 800) return null;
    // all counts, with a piece exchanged: of the convolutions, or the inputs of the dense layer
    const all = (change, inputs = d, bias = b) => {
      const parts = [conv(one, b, change), conv(two, b, change), dense(inputs, q, bias)];
      return [...parts, sum(parts)];
    };
    const changed = (found, keep) => found.map((v, k) => (keep[k] ? v : null));
    const [N1, N2, N3, N] = all();
    const wide = first - k2 + 1; // without the pooling
    const slips = [
      ...ofKernels(b).slice(0, 3).map(([id, change, says]) => ({ id, is: id === "bias" ? all(change, d, 1 - b) : changed(all(change), [1, 1, 0, 1]), says })),
      { id: "no_groups", is: [null, conv({ ...two, groups: 1 }, b), null, N - N2 + conv({ ...two, groups: 1 }, b)], says: "Each kernel was given all channels; it sees those of its group." },
      { id: "one_group", is: [null, kernels(two) / groups + b * two.O, null, N - kernels(two) + kernels(two) / groups], says: "That is one group; each has kernels of its own." },
      { id: "flat", is: [null, null, dense(two.O, q, b), N - N3 + dense(two.O, q, b)], says: "The dense layer was given one number for each channel; it takes every place of the map." },
      { id: "no_pool", is: [null, null, dense(two.O * wide * wide, q, b), N - N3 + dense(two.O * wide * wide, q, b)], says: "The map behind the pooling is half as high and half as wide." },
      { id: "pool_weights", is: [null, null, null, N + 4 * one.O], says: "The pooling was given weights; it has none." },
    ];
    const words = ({ O, k, padding }, g) => ["convolution", `${k} × ${k}`, String(O), String(padding), String(g)];
    const line = ({ I, O, k }, g) => `${O} \\cdot ${b ? "(" : ""}${g > 1 ? `\\frac{${I}}{${g}}` : I} \\cdot ${k}^2${b ? " + 1)" : ""}`;
    return {
      statement: [
        `An image of ${n} × ${n} pixels with ${one.I} channel${one.I > 1 ? "s" : ""} passes these layers. Convolutions have stride 1, the pooling stride 2. Behind them all numbers are laid end to end for a dense layer with ${q} outputs. ${biasSaid(b)} How many parameters has each layer?`,
        { table: { head: ["Layer", "Kernel", "Kernels", "Padding on each side", "Groups"], rows: [words(one, 1), ["max pooling", "2 × 2", "–", "0", "–"], words(two, groups)] } },
      ],
      data: { n, first: one, second: two, outputs: q, bias: b },
      fields: [
        { kind: "integer", ask: "Parameters of the first convolution", is: N1, else: "Numbers of one kernel over all channels of the image, times the kernels." },
        { kind: "integer", ask: "Parameters of the second convolution", is: N2, else: "How many input channels does one kernel see? As many as its group has." },
        { kind: "integer", ask: "Parameters of the dense layer", is: N3, else: "Work out the size of the last map first: how many numbers are laid end to end?" },
        { kind: "integer", ask: "Parameters of the whole network", is: N, else: "Add up the layers." },
      ],
      slips,
      steps: [
        `A convolution with $g$ groups stores $${b ? "O (\\frac{I}{g} k^2 + 1)" : "O \\frac{I}{g} k^2"}$ numbers: each of its $O$ kernels sees $I / g$ of the $I$ channels. A pooling stores nothing.`,
        `First convolution: $${line(one, 1)} = ${N1}$. Second: $${line(two, groups)} = ${N2}$.`,
        `The size along one side: $${n} ${one.padding ? `+ 2 \\cdot ${one.padding} ` : ""}- ${k1} + 1 = ${first}$, behind the pooling $${first / 2}$, behind the second convolution $${first / 2} - ${k2} + 1 = ${second}$. So $${two.O} \\cdot ${second} \\cdot ${second} = ${d}$ numbers are laid end to end.`,
        `A dense layer from $d$ to $q$ stores $${b ? "q (d + 1)" : "q d"}$: $${q} \\cdot ${b ? `(${d} + 1)` : d} = ${N3}$.`,
        `All: $${N1} + ${N2} + ${N3} = ${N}$.`,
      ],
    };
  }

  function recurrent() {
    const kind = random.pick(["RNN", "GRU", "GRU", "LSTM", "LSTM"]);
    const m = { RNN: 1, GRU: 3, LSTM: 4 }[kind];
    const [D, H, q] = [random.pick([3, 4, 5, 6, 8, 10, 12]), random.pick([4, 5, 6, 8, 10, 15, 20]), random.pick([1, 2, 3, 4, 5, 10])];
    const [depth, biases, T] = [random.int(1, 2), random.int(1, 2), random.pick([10, 12, 20, 30])];
    const layer = (I, { blocks = m, b = biases, state = H * H } = {}) => blocks * (I * H + state + b * H);
    const stack = (change = {}, next = H) => layer(D, change) + (depth > 1 ? layer(next, change) : 0);
    const [N1, N2] = [stack(), q * (H + 1)];
    const both = (n, out = N2) => [n === N1 ? null : n, out === N2 ? null : out, n + out];
    const gates = { RNN: "One block", GRU: "A GRU has three blocks (two gates and a candidate)", LSTM: "An LSTM has four blocks (three gates and a candidate)" }[kind];
    const slips = [
      ...(m > 1 ? [
        { id: "one_block", is: both(stack({ blocks: 1 })), says: `That is a single block. ${gates}.` },
        { id: "other_gates", is: both(stack({ blocks: 7 - m })), says: `${gates}; you have those of ${kind === "GRU" ? "an LSTM" : "a GRU"}.` },
      ] : []),
      { id: "biases", is: both(stack({ b: 3 - biases })), says: biases > 1 ? "Each block has two biases for each unit here; one was counted." : "Each block has one bias for each unit here; two were counted." },
      { id: "no_bias", is: both(stack({ b: 0 }), q * H), says: "The biases are missing." },
      { id: "no_state", is: both(stack({ state: 0 })), says: "The weights on the state before are missing: H times H in each block." },
      { id: "steps", is: both(T * N1), says: "The weights were counted anew for each step; all steps share them." },
      { id: "all_states", is: both(N1, q * (T * H + 1)), says: "The dense layer was given the states of all steps; it reads the last one." },
      ...(depth > 1 ? [{ id: "same_input", is: both(stack({}, D)), says: "The second layer does not read the input; it reads the states of the first layer." }] : []),
    ];
    const words = { RNN: "a plain recurrent layer (RNN)", GRU: "a GRU", LSTM: "an LSTM" }[kind];
    const per = biases > 1 ? "2H" : "H";
    const line = (I) => `${m > 1 ? `${m} \\cdot (` : ""}${I} \\cdot ${H} + ${H}^2 + ${biases > 1 ? `2 \\cdot ${H}` : H}${m > 1 ? ")" : ""}`;
    return {
      statement: [
        `Sequences of ${T} steps with ${D} numbers at each step go through ${depth > 1 ? `two layers, one upon the other, each ${words}` : words} with ${H} units. A dense layer with bias turns the last state ${depth > 1 ? "of the upper layer " : ""}into ${q} output${q > 1 ? "s" : ""}. Each ${m > 1 ? "gate, and the candidate," : "layer"} has ${biases > 1 ? "two bias vectors, one with the input and one with the state, as PyTorch stores them" : "one bias vector"}. How many parameters are that?`,
      ],
      data: { kind, D, H, outputs: q, layers: depth, biases, steps: T },
      fields: [
        { kind: "integer", ask: `Parameters of the ${kind}${depth > 1 ? ", both layers together" : ""}`, is: N1, else: "One block first: weights on the input, weights on the state, biases. How many such blocks are there?" },
        { kind: "integer", ask: "Parameters of the dense layer", is: N2, else: "Each output has a weight for each unit, and a bias." },
        { kind: "integer", ask: "Parameters of the whole model", is: N1 + N2, else: "Add up the layers." },
      ],
      slips,
      steps: [
        `One block maps $D$ inputs and $H$ numbers of the state to $H$ units: $D H + H^2 + ${per}$ parameters. A plain RNN has 1 such block, a GRU 3, an LSTM 4. The number of steps does not count, because all steps share the weights.`,
        `${depth > 1 ? "First layer" : "Here"}: $${line(D)} = ${layer(D)}$.`,
        ...(depth > 1 ? [`The second layer reads the ${H} numbers of the first in place of ${D}: $${line(H)} = ${layer(H)}$. Together $${N1}$.`] : []),
        `Dense layer from ${H} to ${q}, with bias: $${q} \\cdot (${H} + 1) = ${N2}$. All: $${N1} + ${N2} = ${N1 + N2}$.`,
      ],
    };
  }
}

export default { name, title, page, minutes, levels, bounds, draw };

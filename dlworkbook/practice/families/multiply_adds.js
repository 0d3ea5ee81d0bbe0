// Multiply-adds of a convolution, and what a bottleneck or a depthwise separable layer saves.

import { fraction, key, rounded, sum } from "../kit.js";

const name = "multiply_adds";
const title = "Multiply-adds of convolutions";
const page = "ch06_convolutional_networks/shapes_and_parameters"; // where it is taught
const minutes = { 1: 3, 2: 5, 3: 6 };
const levels = { 1: "one convolution", 2: "1 × 1 convolutions that narrow", 3: "a depthwise separable layer" };
const bounds = { most: 9999999 };

// A convolution from I channels to O, k × k, at n × n places of its output; a slip exchanges a piece.
const products = ({ I, O, k, n }) => I * O * k * k * n * n;
const stored = ({ I, O, k }) => I * O * k * k;
const side = ({ n, k, s, p }) => Math.floor((n + 2 * p - k) / s) + 1;
const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\\,"); // 12 345
const line = ({ I, O, k, n }) => `${I} \\cdot ${k > 1 ? `${k}^2 \\cdot ` : ""}${O} \\cdot ${n}^2`;
const count = "Multiply-adds are counted, a multiplication with its addition as one; biases are left out.";
const twice = (values) => ({ id: "twice", is: values.map((M) => M && 2 * M), says: "Multiplications and additions were counted apart; here a product with its addition is one." });

function draw(random, level) {
  return { 1: one, 2: narrow, 3: separable }[level]();

  function one() {
    const layer = { I: random.pick([1, 3, 4, 6, 8, 16]), O: random.pick([4, 6, 8, 10, 16, 20, 32]), k: random.pick([3, 5, 7]), s: random.int(1, 2), p: random.int(0, 3), n: random.int(10, 32) };
    if (2 * layer.p >= layer.k) return null;
    const end = (changes = {}) => side({ ...layer, ...changes });
    const n = end();
    const at = (places, changes = {}) => products({ ...layer, n: places, ...changes });
    const M = at(n);
    const sized = (places) => [[layer.O, places, places], at(places)];
    return {
      statement: [
        `A convolution has ${layer.O} kernels of ${layer.k} × ${layer.k} and reads ${layer.I} channel${layer.I > 1 ? "s" : ""} of ${layer.n} × ${layer.n} places: stride ${layer.s}, ${layer.p ? `padding ${layer.p} on each side` : "no padding"}; sizes are rounded down. ${count} What is the shape of the output, and how many multiply-adds does the layer take?`,
      ],
      data: { layer },
      fields: [
        { kind: "shape", ask: "Shape of the output: channels, height, width", is: [layer.O, n, n], else: "Channels first, one for each kernel. For the side: add both paddings, subtract the kernel, divide by the stride, round down, add 1." },
        { kind: "integer", ask: "Multiply-adds of the layer", is: M, else: "How many products does one number of the output take? And how many numbers has the output?" },
      ],
      slips: [
        { id: "input_places", is: [null, at(layer.n)], says: "The places of the input were counted; a kernel is laid on once for each place of the output." },
        { id: "no_padding", is: sized(end({ p: 0 })), says: "The padding was left out." },
        { id: "no_stride", is: sized(end({ s: 1 })), says: "The stride was left out." },
        { id: "one_kernel", is: [null, at(n, { O: 1 })], says: "That is one kernel, for one channel of the output." },
        { id: "one_channel", is: [null, at(n, { I: 1 })], says: "A kernel takes products in every channel of the input." },
        { id: "stored", is: [null, stored(layer)], says: "Those are the weights; each of them works at every place of the output." },
        { id: "one_side", is: [null, M / n], says: "The output has as many places as its height times its width." },
        twice([null, M]),
      ],
      steps: [
        `The output has $\\lfloor (${layer.n} + 2 \\cdot ${layer.p} - ${layer.k}) / ${layer.s} \\rfloor + 1 = ${n}$ places along each side: shape $(${layer.O}, ${n}, ${n})$.`,
        `Each number of the output is a sum of $I k^2 = ${layer.I} \\cdot ${layer.k}^2 = ${layer.I * layer.k ** 2}$ products, and there are $O n'^2 = ${layer.O} \\cdot ${n}^2 = ${grouped(layer.O * n * n)}$ of them.`,
        `So $M = I k^2 \\cdot O n'^2 = ${grouped(M)}$.`,
      ],
    };
  }

  // Direct against a chain of layers, all on maps of n × n.
  function compared({ statement, data, direct, chain, asked, wrong, steps, ratio }) {
    const [A, B] = [products(direct), sum(chain.map(products))];
    const ratios = fraction(A, B);
    // what a wrong chain gives: its count, and the quotient
    const slips = wrong.map(([id, layers, says]) => {
      const found = sum(layers.map(products));
      return { id, is: [null, found, key(fraction(A, found))], says };
    });
    return {
      statement, data,
      fields: [
        { kind: "integer", ask: asked[0], is: A, else: "Products for one number of the output, times the numbers of the output." },
        { kind: "integer", ask: asked[1], is: B, else: "Go through its layers one by one, and add up." },
        { kind: "number", ask: "How many times fewer these are", is: key(ratios), tol: 0.005, else: "Divide the first count by the second." },
      ],
      slips: [
        ...slips,
        { id: "stored", is: [stored(direct), sum(chain.map(stored)), null], says: "Those are the weights; each of them works at every place of the output." },
        twice([A, B, null]),
        { id: "inverted", is: [null, null, key(fraction(B, A))], says: "That is the share that is left; turn the fraction." },
        ...ratio,
      ],
      steps: [...steps, `The quotient: $\\frac{${grouped(A)}}{${grouped(B)}} \\approx ${Number((A / B).toPrecision(3))}$ times fewer. The size of the map cancels.`],
    };
  }

  function narrow() {
    const [wide, n, k] = [random.pick([16, 24, 32, 40, 48, 64]), random.pick([7, 8, 10, 12, 14, 16, 20]), random.pick([3, 3, 5])];
    const back = random.int(0, 1); // whether a second 1 × 1 widens again
    const less = random.pick([2, 4, 8]);
    const [I, O, b] = [wide, back ? wide : random.pick([16, 20, 24, 32, 48]), wide / less];
    const layer = (from, to, size) => ({ I: from, O: to, k: size, n });
    const direct = layer(I, O, k);
    const chain = [layer(I, b, 1), layer(b, back ? b : O, k), ...(back ? [layer(b, O, 1)] : [])];
    if (O <= b || products(direct) <= 1.2 * sum(chain.map(products))) return null;
    const with1 = (at, changes) => chain.map((held, l) => (l === at ? { ...held, ...changes } : held));
    const there = back ? `Version B narrows with a 1 × 1 convolution from ${I} to ${b} channels, lays a ${k} × ${k} convolution from ${b} to ${b} behind it, and widens with a 1 × 1 convolution from ${b} to ${O}` : `Version B narrows with a 1 × 1 convolution from ${I} to ${b} channels and lays a ${k} × ${k} convolution from ${b} to ${O} behind it`;
    return compared({
      statement: [`A layer leads from maps of ${I} channels with ${n} × ${n} places to ${O} channels of the same size. Version A is one ${k} × ${k} convolution. ${there}. Every stride is 1, and padding keeps all maps at ${n} × ${n}. ${count} How many does each version take, and how many times fewer does B take? Three significant digits are enough for the last.`],
      data: { direct, chain },
      direct, chain,
      asked: ["Multiply-adds of version A", "Multiply-adds of version B"],
      wrong: [
        ["no_narrow", chain.slice(1), back ? "Both 1 × 1 convolutions take products; one was left out." : "The 1 × 1 convolution that narrows takes products, too."],
        ["still_wide", with1(1, { I }), `The ${k} × ${k} convolution of version B reads the narrow map, not all channels.`],
        ["square", chain.map((held) => ({ ...held, k })), "A 1 × 1 kernel takes one product for each channel, whatever the other kernel is."],
        ["only_first", chain.slice(0, 1), "That is the 1 × 1 convolution alone."],
      ],
      ratio: [{ id: "ratio_channels", is: [null, null, less], says: "By that much the channels became fewer; products depend on the channels of input and output, and the 1 × 1 convolutions cost, too." }],
      steps: [
        "A convolution from $I$ channels to $O$ takes $I k^2$ products for each number of its output, and its output has $O n^2$ numbers.",
        `Version A: $${line(direct)} = ${grouped(products(direct))}$.`,
        `Version B: $${chain.map(line).join(" + ")} = ${chain.map((held) => grouped(products(held))).join(" + ")} = ${grouped(sum(chain.map(products)))}$.`,
      ],
    });
  }

  function separable() {
    const [I, O, k, s] = [random.pick([8, 12, 16, 24, 32]), random.pick([10, 16, 20, 24, 32, 48]), random.pick([3, 3, 5]), random.int(1, 2)];
    const n = random.pick([6, 7, 8, 10, 12, 14, 16]); // of the output
    const large = n * s;
    const direct = { I, O, k, n };
    const depth = { I: 1, O: I, k, n }; // one channel for each kernel
    const mix = { I, O, k: 1, n };
    const chain = [depth, mix];
    return compared({
      statement: [`A layer leads from maps of ${I} channels with ${large} × ${large} places to ${O} channels with ${n} × ${n} places. Version A is one ${k} × ${k} convolution with ${s > 1 ? "stride 2" : "stride 1"} and padding ${(k - 1) / 2}. Version B is depthwise separable: first a depthwise ${k} × ${k} convolution (one kernel for each channel) with the same stride and padding, then a 1 × 1 convolution with stride 1. ${count} How many does each version take, and how many times fewer does B take? Three significant digits are enough for the last.`],
      data: { I, O, k, stride: s, padding: (k - 1) / 2, size: large },
      direct, chain,
      asked: ["Multiply-adds of version A", "Multiply-adds of version B, both steps together"],
      wrong: [
        ["no_mix", [depth], "That is the depthwise step alone; the 1 × 1 convolution mixes the channels and takes products, too."],
        ["no_depth", [mix], "That is the 1 × 1 convolution alone; the depthwise step takes products, too."],
        ["full_depth", [{ ...depth, I }, mix], "In the depthwise step each kernel reads its own channel only."],
        ["depth_out", [{ ...depth, O }, mix], "The depthwise step has a kernel for each channel of the input; the new channels come from the 1 × 1 convolution."],
        ...(s > 1 ? [["large_mix", [depth, { ...mix, n: large }], "The 1 × 1 convolution works on the map behind the stride, with fewer places."]] : []),
      ],
      ratio: [{ id: "all_channels", is: [null, null, I], says: "A depthwise kernel reads so many times fewer channels; how many kernels there are, and the 1 × 1 convolution, count as well." }],
      steps: [
        "A convolution takes $I k^2$ products for each number of its output, and its output has $O n'^2$ numbers. In a depthwise step each kernel reads one channel: $k^2$ products for each of $I n'^2$ numbers.",
        `Version A: $${line(direct)} = ${grouped(products(direct))}$.`,
        `Version B: depthwise $${k}^2 \\cdot ${I} \\cdot ${n}^2 = ${grouped(products(depth))}$, 1 × 1 $${line(mix)} = ${grouped(products(mix))}$, together $${grouped(sum(chain.map(products)))}$.`,
        `Check: the share that is left is $\\frac{1}{O} + \\frac{1}{k^2} = \\frac{1}{${O}} + \\frac{1}{${k * k}} \\approx ${rounded(1 / O + 1 / k ** 2, 4)}$.`,
      ],
    });
  }
}

export default { name, title, page, minutes, levels, bounds, draw };

// Weights as whole numbers of few bits: scale, zero point, codes, the error, and the bytes.

import { bracketed, rounded } from "../kit.js";

const name = "quantization";
const title = "Quantisation of weights";
const page = "ch12_performance/compression"; // where it is taught
const minutes = { 1: 4, 2: 6, 3: 7 };
const levels = { 1: "symmetric, with one scale", 2: "affine, with a zero point", 3: "groups of weights, and bytes" };
const bounds = { most: 1e8, places: 4 };

const near = Math.round; // no halves occur
const parts = (x) => Math.abs(x - Math.trunc(x)); // behind the point
const clear = (x) => parts(x) === 0 || Math.abs(parts(x) - 0.5) > 0.09; // well away from a half
const say = (list) => list.map((x) => `$${x}$`).join(", ");
const largest = (x) => Math.max(...x.map(Math.abs));
const decimals = (list) => list.map((x) => rounded(x, 4));

function draw(random, level) {
  return { 1: symmetric, 2: affine, 3: groups }[level](random);
}

// Weights over the scale, to one place: one of them is `most` in magnitude, the others less.
const stepsTo = (random, most, n) => {
  const found = random.ints(n - 1, -10 * most + 3, 10 * most - 3).map((k) => k / 10);
  found.splice(random.int(0, n - 1), 0, random.pick([-most, most]));
  return found;
};

function symmetric(random) {
  const bits = random.pick([4, 4, 8]);
  const most = 2 ** (bits - 1) - 1;
  const s = random.pick(bits === 4 ? [0.05, 0.1, 0.2, 0.3, 0.4] : [0.01, 0.02, 0.05]);
  const u = stepsTo(random, most, 4);
  const x = decimals(u.map((k) => k * s));
  const codes = u.map(near);
  if (!u.every(clear) || new Set(codes).size < 4) return null;
  const back = decimals(codes.map((k) => k * s));
  const error = rounded(Math.max(...x.map((v, k) => Math.abs(v - back[k]))), 4);
  if (error < 0.2 * s) return null;
  const by = (scale, f = near) => { // all four values by another scale or rounding
    const found = x.map((v) => f(rounded(v / scale, 6)) + 0);
    return [rounded(scale), found, rounded(Math.max(...x.map((v, k) => Math.abs(v - scale * found[k])))), rounded(scale / 2)];
  };
  const levelsOf = (n) => by(largest(x) / n);
  return {
    statement: [
      `Four weights are to be stored with ${bits} bits each, symmetrically: the codes run from $-${most}$ to $${most}$, the zero point is 0, and the scale $s$ is the largest magnitude of the weights divided by ${most}. A code is $w / s$ rounded to the nearest whole number. Compute the scale, the codes, the largest error of the four when the codes are turned back into numbers, and the bound of the error, the largest that rounding could cause.`,
      `The weights are ${say(x)}.`,
    ],
    data: { x, bits },
    fields: [
      { kind: "number", ask: "The scale", is: s, else: "The largest magnitude gets the largest code." },
      { kind: "vector", ask: "The four codes", is: codes, else: "Divide each weight by the scale, and round." },
      { kind: "number", ask: "The largest error of the four", is: error, else: "Multiply each code by the scale, and compare with the weight." },
      { kind: "number", ask: "The bound of the error", is: rounded(s / 2), else: "How far from a whole number can something be?" },
    ],
    slips: [
      { id: "unsigned", is: levelsOf(2 ** bits - 1), says: "The magnitude was divided by the number of all steps; here half of them are for negative numbers." },
      { id: "all_codes", is: levelsOf(2 ** (bits - 1)), says: "The magnitude was divided by one more than the largest code." },
      { id: "cut", is: [null, ...by(s, Math.trunc).slice(1, 3), s], says: "The digits behind the point were cut off; round to the nearest whole number." },
      { id: "in_steps", is: [null, null, rounded(error / s), 0.5], says: "That is in steps; multiply it by the scale." },
    ],
    steps: [
      `The scale is the largest magnitude over the largest code: $s = ${largest(x)} / ${most} = ${s}$.`,
      `Each weight over the scale: ${say(u.map((k) => rounded(k, 2)))}. Rounded these are the codes ${say(codes.map((k) => k + 0))}.`,
      `A code stands for $s$ times itself: ${say(back)}. The weights differ from that by ${say(x.map((v, k) => rounded(Math.abs(v - back[k]), 4)))}; the largest difference is ${error}.`,
      `Rounding moves $w / s$ by at most $1/2$, and so a weight by at most $s / 2 = ${rounded(s / 2)}$.`,
    ],
  };
}

function affine(random) {
  const bits = random.pick([2, 3, 4, 4]);
  const most = 2 ** bits - 1;
  const s = random.pick([0.1, 0.2, 0.3, 0.5]);
  const tenths = -random.int(4, 10 * most - 14);
  const from = tenths / 10; // the least number, in steps
  const inner = random.ints(2, tenths + 3, tenths + 10 * most - 3).map((k) => k / 10);
  const u = [from, ...inner, rounded(from + most, 2)];
  if (!u.every(clear) || parts(from) === 0 || near(from) === 0) return null;
  const order = random.some([0, 1, 2, 3], 4);
  const steps = order.map((k) => u[k]);
  const x = decimals(steps.map((k) => k * s));
  const z = -near(from) + 0;
  const codesBy = ({ scale = s, zero = z, f = near, clip = true } = {}) => x.map((v) => { const k = f(rounded(v / scale, 6)) + zero; return (clip ? Math.min(most, Math.max(0, k)) : k) + 0; });
  const codes = codesBy();
  const back = (of = codes, scale = s, zero = z) => decimals(of.map((k) => scale * (k - zero)));
  if (new Set(codes).size < 3) return null;
  const all = (scale, zero, f) => { const of = codesBy({ scale, zero, f }); return [rounded(scale), zero, of, back(of, scale, zero)]; };
  const low = Math.min(...x), high = Math.max(...x);
  const shorter = (high - low) / (most + 1);
  return {
    statement: [
      `Four numbers are to be stored with ${bits} bits each, in the affine form: the codes run from 0 to ${most}, and with the least number $a$ and the largest $b$ the scale is $s = (b - a) / ${most}$, the zero point $z = -\\operatorname{round}(a / s)$. The code of $x$ is $\\operatorname{round}(x / s) + z$, cut to the range of the codes, and stands for $s \\, (\\text{code} - z)$. Compute scale, zero point, codes, and the numbers for which the codes stand.`,
      `The numbers are ${say(x)}.`,
    ],
    data: { x, bits },
    fields: [
      { kind: "number", ask: "The scale", is: s, else: "Largest less least, over the number of steps." },
      { kind: "integer", ask: "The zero point", is: z, else: "It is the code of the number 0." },
      { kind: "vector", ask: "The four codes", is: codes, else: "Divide by the scale, round, add the zero point." },
      { kind: "vector", ask: "The numbers for which they stand", is: back(), else: "Subtract the zero point before you multiply." },
    ],
    slips: [
      { id: "codes_for_steps", is: all(shorter, -near(low / shorter) + 0), says: "The range was divided by the number of codes; between them there is one step less." },
      { id: "sign_of_zero", is: [null, -z, codesBy({ zero: -z }), null], says: "The sign of the zero point is turned: the code of a negative number has to become 0 or more." },
      { id: "zero_left_out", is: [null, null, codesBy({ zero: 0, clip: false }), back(codes, s, 0)], says: "The zero point was left out." },
      { id: "zero_added", is: [null, null, null, back(codes, s, -z)], says: "On the way back the zero point is subtracted, not added." },
      { id: "cut", is: all(s, -Math.trunc(from) + 0, Math.trunc), says: "The digits behind the point were cut off; round to the nearest whole number." },
    ],
    steps: [
      `The least number is ${low}, the largest ${high}: $s = (${high} - ${bracketed(low)}) / ${most} = ${s}$.`,
      `The zero point: $a / s = ${rounded(from, 2)}$, rounded $${near(from)}$, so $z = ${z}$.`,
      `Each number over the scale: ${say(steps.map((k) => rounded(k, 2)))}; rounded: ${say(steps.map((k) => near(k) + 0))}. With $z$ added, and cut to 0 to ${most}, these are the codes ${say(codes)}.`,
      `Back: the code less ${z}, times ${s}: ${say(back())}. No number has moved by more than $s / 2 = ${rounded(s / 2)}$.`,
    ],
  };
}

function groups(random) {
  const bits = random.pick([4, 4, 8]);
  const most = 2 ** (bits - 1) - 1;
  const [s1, s2] = random.some([0.01, 0.02, 0.03, 0.05, 0.1, 0.2], 2);
  const held = [stepsTo(random, most, 4), stepsTo(random, most, 4)];
  if (!held.flat().every(clear)) return null;
  const x = held.map((u, g) => decimals(u.map((k) => k * [s1, s2][g])));
  const G = random.pick([32, 64, 128]);
  const own = random.pick([0, bits]); // bits of a zero point for each group
  const [rows, columns] = [random.pick([512, 1024, 2048, 4096]), random.pick([512, 1024, 2048, 4096])];
  const weights = rows * columns;
  const perWeight = (shared = 16 + own, of = G) => bits + shared / of;
  const bytes = (per) => weights * per / 8;
  const mega = (per) => rounded(bytes(per) / 1e6, 4);
  const together = Math.max(s1, s2);
  if (largest(x[0]) === largest(x[1])) return null;
  const scales = (n) => x.map((group) => rounded(largest(group) / n));
  const half = (s) => rounded(s / 2);
  const wrongScales = (n) => [scales(n), half(Math.max(...scales(n))), null, null];
  const size = (per) => [null, null, rounded(per), mega(per)];
  const key = `${weights}*(${bits}+${16 + own}/${G})/8/1000000`;
  return {
    statement: [
      `Weights are stored with ${bits} bits each, symmetrically, in groups that follow each other: each group has a scale of its own, its largest magnitude divided by ${most}. Compute the scales of the two groups of four below, and the bound of the rounding error if one scale served all eight weights.`,
      { table: { head: ["Group", "Weights"], rows: x.map((group, g) => [String(g + 1), say(group)]) } },
      `A matrix of $${rows} \\times ${columns}$ weights is stored with ${bits} bits each, too, in groups of ${G}${own ? `, but in the affine form: each group has a scale of 16 bits and a zero point of ${own} bits` : ", each with a scale of 16 bits"}. How many bits does a weight cost with its share of what its group stores, and how many megabytes ($10^6$ bytes, to four significant digits) does the matrix take?`,
    ],
    data: { x, bits, group: G, zero: own, rows, columns },
    fields: [
      { kind: "vector", ask: "The scales of the two groups", is: [s1, s2], else: "The largest magnitude of each group gets the largest code." },
      { kind: "number", ask: "Bound of the error with one scale for all eight", is: half(together), else: "Which scale would all eight need, and how far can rounding move a number?" },
      { kind: "number", ask: "Bits of a weight", is: `${bits}+${16 + own}/${G}`, tol: 0.0015, else: "Its own bits, and its share of what the group has in common." },
      { kind: "number", ask: "Size of the matrix", unit: "MB", is: key, tol: 0.001, else: "All weights times the bits of one; eight bits are a byte." },
    ],
    slips: [
      { id: "unsigned", is: wrongScales(2 ** bits - 1), says: "The magnitude was divided by the number of all steps; here half of them are for negative numbers." },
      { id: "all_codes", is: wrongScales(2 ** (bits - 1)), says: "The magnitude was divided by one more than the largest code." },
      { id: "whole_step", is: [null, rounded(together), null, null], says: "That is the scale; rounding moves a number by half of it at most." },
      { id: "smaller", is: [null, half(Math.min(s1, s2)), null, null], says: "With the smaller scale the weights of the other group do not fit into the codes." },
      { id: "no_shared", is: size(bits), says: "What a group shares was left out: its scale has to be stored, too." },
      { id: "scale_each", is: size(bits + 16 + own), says: "Each weight was given a scale; a whole group has one." },
      ...(own ? [{ id: "no_zero", is: size(perWeight(16)), says: "The zero point of the groups was left out." }] : []),
      { id: "bits", is: [null, null, null, rounded(weights * perWeight() / 1e6, 4)], says: "Bits are not bytes." },
      { id: "binary", is: [null, null, null, rounded(bytes(perWeight()) / 2 ** 20, 4)], says: "That is in units of 2 to the 20 bytes; a megabyte is a million here." },
    ],
    steps: [
      `The largest magnitudes are ${say(x.map(largest))}; divided by ${most} they give the scales $${s1}$ and $${s2}$.`,
      `One scale for all eight has to reach the largest of all, so it is ${together}. Rounding moves a weight by half a step at most: $s / 2 = ${half(together)}$.`,
      `A group shares ${16 + own} bits${own ? `, $16 + ${own}$` : ""}. Bits of a weight: $${bits} + ${16 + own} / ${G} = ${rounded(perWeight(), 6)}$.`,
      `The matrix has $${rows} \\cdot ${columns} = ${weights}$ weights; that is $${weights} \\cdot ${rounded(perWeight(), 6)} / 8 = ${bytes(perWeight())}$ bytes, or about ${rounded(bytes(perWeight()) / 1e6, 3)} MB.`,
    ],
  };
}

export default { name, title, page, minutes, levels, bounds, draw };

// Filters for a pattern of 3 × 3 pixels: which responds most, and the one that responds to it alone.

import { range, sum } from "../kit.js";

const name = "pattern_filters";
const title = "A filter for a pattern";
const page = "ch06_convolutional_networks/channels"; // where it is taught
const minutes = { 1: 3, 2: 5, 3: 7 };
const levels = { 1: "which of three filters responds most", 2: "a filter for one pattern alone", 3: "pixels that do not matter, and one wrong pixel" };
const bounds = { most: 512 };

const SIDE = range(3);
// By name: edges, a line, a point and a corner, as kernels are met.
const KERNELS = {
  left: [[1, 0, -1], [1, 0, -1], [1, 0, -1]],
  right: [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
  top: [[1, 1, 1], [0, 0, 0], [-1, -1, -1]],
  bottom: [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
  column: [[-1, 1, -1], [-1, 1, -1], [-1, 1, -1]],
  row: [[-1, -1, -1], [1, 1, 1], [-1, -1, -1]],
  falling: [[1, -1, -1], [-1, 1, -1], [-1, -1, 1]],
  rising: [[-1, -1, 1], [-1, 1, -1], [1, -1, -1]],
  corner: [[1, 1, 0], [1, 0, -1], [0, -1, -1]],
  cross: [[-1, 1, -1], [1, 1, 1], [-1, 1, -1]],
};
const dot = (K, X, f = (k, x) => k * x) => sum(K.flatMap((row, i) => row.map((k, j) => f(k, X[i][j]))));
const each = (X, f) => X.map((row) => row.map(f));
const turned = (K) => [...K].reverse().map((row) => [...row].reverse());
const flat = (K) => SIDE.map((j) => K.map((row) => row[j]));
const relu = (x) => Math.max(0, x);
const ones = (X) => sum(X.flat());

function draw(random, level) {
  return level === 1 ? recognised(random) : designed(random, level === 3);
}

function recognised(random) {
  const X = random.grid(3, 3, 0, 1);
  const K = random.some(Object.values(KERNELS), 3);
  const b = random.ints(3, -1, 2);
  if (ones(X) < 3 || ones(X) > 6) return null;
  const scores = (kernels = K, f) => kernels.map((k, c) => dot(k, X, f) + b[c]);
  const best = (values) => { // its number; null if two are equal
    const top = Math.max(...values);
    return values.filter((v) => v === top).length > 1 ? null : values.indexOf(top) + 1;
  };
  const Y = scores().map(relu);
  if (!best(Y) || Y.filter(Boolean).length < 2) return null;
  const both = (values, from = values) => [values, best(from)];
  const slips = [
    { id: "turned", is: both(scores(K.map(turned)).map(relu)), says: "The kernels were turned by 180°; a network lays them on as they are printed." },
    { id: "transposed", is: both(scores(K.map(flat)).map(relu)), says: "Rows and columns of the kernels were exchanged." },
    { id: "no_bias", is: both(scores().map((y, c) => relu(y - b[c]))), says: "The bias is missing: it is added before ReLU." },
    { id: "bias_last", is: both(scores().map((y, c) => relu(y - b[c]) + b[c])), says: "The bias was added behind ReLU; it comes before it." },
    { id: "no_relu", is: both(scores()), says: "ReLU was left out: it makes 0 of a negative number." },
    { id: "absolute", is: both(scores().map(Math.abs)), says: "The minus was left out; ReLU makes 0 of a negative number." },
    { id: "ones_only", is: both(scores(K, (k, x) => Number(k > 0) * x).map(relu)), says: "Only entries of +1 were counted; a pixel under an entry of -1 takes 1 off." },
    { id: "zeros_count", is: both(scores(K, (k, x) => k * (2 * x - 1)).map(relu)), says: "A pixel of 0 was counted like -1; it adds nothing." },
    { id: "agreement", is: [null, best(K.map((k) => dot(k, X, (u, x) => Number(u === x))))], says: "That kernel has most entries in common with the picture; what counts is the sum of products, with its bias." },
    { id: "least", is: [null, best(scores().map((y) => -y))], says: "That filter responds least." },
  ];
  const products = K.map((k) => k.flatMap((row, i) => row.filter((_, j) => X[i][j] && row[j])));
  const line = (c) => `Filter ${c + 1}: the entries that lie on ones are $${products[c].map((k, n) => (k > 0 ? `${n ? "+" : ""}1` : "-1")).join(" ") || "0"}$, and the bias is $${b[c]}$; that gives $${scores()[c]}$, and ReLU makes $${Y[c]}$ of it.`;
  return {
    statement: [
      `Three filters look at the window $X$ of a picture. They have the kernels $K_1$, $K_2$, $K_3$ and the biases $${b.join(", \\; ")}$. Each multiplies place by place, without turning its kernel, adds everything up, adds its bias, and applies ReLU. Compute the three responses, and say which filter responds most.`,
      { matrices: [["X", X], ...K.map((k, c) => [`K_${c + 1}`, k])] },
    ],
    data: { X, K, b },
    fields: [
      { kind: "vector", ask: "The three responses", is: Y, else: "Only pixels of 1 count: add up the entries of the kernel that lie on them, then the bias, then ReLU." },
      { kind: "integer", ask: "Number of the filter that responds most", is: best(Y), else: "Compare the three responses." },
    ],
    slips,
    steps: [
      "A response is $\\max(0, \\; b + \\text{sum of products})$. A pixel of 0 adds nothing, so a sum is that of the entries that lie on ones.",
      ...range(3).map(line),
      `The largest response is ${Math.max(...Y)}, that of filter ${best(Y)}.`,
    ],
  };
}

// P holds 1, 0, and -1 where a pixel is free.
function designed(random, free) {
  const P = random.grid(3, 3, 0, 1);
  const gone = free ? random.some(range(9), random.int(1, 3)) : [];
  for (const k of gone) P[Math.floor(k / 3)][k % 3] = -1;
  const held = P.flat();
  const [n, zeros] = [1, 0].map((v) => held.filter((x) => x === v).length);
  if (n < 3 || n > 6 || zeros < 2) return null;
  const weigh = (one, zero, other) => each(P, (x) => (x === 1 ? one : x === 0 ? zero : other) + 0);
  const K = weigh(1, -1, 0);
  const count = 2 ** gone.length;
  const known = 9 - gone.length;
  const W = each(P, (x) => (x === -1 ? random.int(0, 1) : x)); // a window with wrong pixels
  for (const k of random.some(range(9), random.int(2, 5))) W[Math.floor(k / 3)][k % 3] = 1 - W[Math.floor(k / 3)][k % 3];
  const b = free ? 2 - n : 1 - n;
  const value = (kernel = K) => dot(kernel, W) + b;
  const kernels = {
    zeros: { K: weigh(1, 0, 0), says: "The pattern itself is no kernel for it: a window full of ones gets the same sum." },
    opposite: { K: weigh(-1, 1, 0), says: "That looks for the opposite pattern: ones should add, and zeros should take off." },
    turned: { K: turned(K), says: "That is turned by 180°: the kernel is laid on as it is printed." },
    transposed: { K: flat(K), says: "Rows and columns were exchanged." },
  };
  const biases = {
    loose: { b: b + 1, says: "With this bias windows with one more wrong pixel respond, too." },
    strict: { b: b - 1, says: "With this bias a window that should respond gets 0: ReLU has to leave something over." },
    plus: { b: -b, says: "The sign is turned: the bias has to hold the other windows down." },
    all_pixels: { b: b + n - known, says: "The number of all pixels that matter was taken; only ones add to the sum." },
    balanced: { b: b + zeros, says: "The zeros of the pattern were subtracted from the sum; under an entry of -1 a pixel of 0 adds nothing." },
  };
  const place = (kernel, bias, last) => [kernel, bias, last];
  const slips = [
    ...Object.entries(kernels).map(([id, wrong]) => ({ id, is: place(wrong.K, null, free ? null : value(wrong.K)), says: wrong.says })),
    ...Object.entries(biases).map(([id, wrong]) => ({ id, is: place(null, wrong.b, free ? null : value() - b + wrong.b), says: wrong.says })),
    ...(free ? [
      { id: "free_as_zero", is: place(weigh(1, -1, -1), null, 1 + 9), says: "A pixel that may be anything was taken for a 0 of the pattern." },
      { id: "free_as_one", is: place(weigh(1, -1, 1), null, null), says: "A pixel that may be anything was taken for a 1 of the pattern." },
      { id: "only_right", is: place(null, null, count), says: "Those have no wrong pixel; windows with one wrong pixel respond, too." },
      { id: "only_wrong", is: place(null, null, count * known), says: "Those have exactly one wrong pixel; windows without one respond, too." },
      { id: "free_forgotten", is: place(null, null, 1 + known), says: "Each pixel that may be anything doubles the number." },
      { id: "added", is: place(null, null, count + known), says: "The numbers were added: each choice of the free pixels comes with each wrong pixel." },
    ] : [
      { id: "relu", is: place(null, null, Math.abs(value())), says: "The sum of products and the bias, as it is before ReLU, may be negative." },
      { id: "no_bias", is: place(null, null, value() - b), says: "The bias is missing." },
    ]),
  ];
  const shown = each(P, (x) => (x === -1 ? "∗" : x));
  const wrong = n - dot(K, W);
  return {
    statement: [
      free ? "In pictures of 0 and 1 a filter of 3 × 3 looks for the pattern $P$. A pixel marked ∗ may be 0 or 1; all others matter. Choose a kernel with entries $+1$, $-1$ or $0$ and a whole number as bias: the response, the sum of products plus the bias (kernel not turned), should be positive if at most one of the pixels that matter is wrong, and 0 or negative if two or more are wrong. How many of the 512 windows then have a positive response?" : "In pictures of 0 and 1 a filter of 3 × 3 looks for the pattern $P$. Choose a kernel with entries $+1$ and $-1$ and a bias: the sum of products (kernel not turned) plus the bias, followed by ReLU, should be 1 where the window is $P$, and 0 for every other window. What does your filter give for the window $W$ before ReLU?",
      { matrices: [["P", shown], ...(free ? [] : [["W", W]])] },
    ],
    data: { P, ...(free ? {} : { W }), allowed: Number(free) },
    fields: [
      { kind: "matrix", ask: "The kernel, row by row", is: K, else: "What should a 1 do where the pattern has a 1, and where it has a 0?" },
      { kind: "integer", ask: "The bias", is: b, else: "What is the sum for the pattern, and how much does each wrong pixel take off?" },
      free ? { kind: "integer", ask: "Number of windows with a positive response", is: count * (1 + known), else: "First without a wrong pixel, then with one; how many ways are there for the free pixels?" }
        : { kind: "integer", ask: "The response to $W$ before ReLU", is: value(), else: "Add up the entries of the kernel that lie on ones, then the bias." },
    ],
    slips,
    steps: [
      [`A 1 of the pattern gets $+1$, a 0 gets $-1$: then each wrong pixel takes 1 off the sum, whether a one is missing or is too much.${free ? " A pixel that may be anything gets 0." : ""}`, { matrices: [["K", K]] }],
      `The pattern has ${n} ones, so its sum is ${n}, and with one wrong pixel it is ${n - 1}${free ? `, with two ${n - 2}` : ""}.`,
      free ? `A sum of ${n - 1} should still be positive with the bias, a sum of ${n - 2} no more: $b = -(${n} - 2) = ${b}$.` : `The pattern should give 1, all others 0 or less: $b = 1 - ${n} = ${b}$.`,
      free ? `Without a wrong pixel there is one choice of the ${known} pixels that matter, with one wrong pixel there are ${known}. The ${gone.length === 1 ? "free pixel doubles" : `${gone.length} free pixels multiply`} that${gone.length === 1 ? "" : ` by $2^${gone.length}$`}: $${count} \\cdot (1 + ${known}) = ${count * (1 + known)}$.` : `$W$ has ${wrong} wrong ${wrong === 1 ? "pixel" : "pixels"}, so its sum is $${n} - ${wrong} = ${n - wrong}$, and with the bias $${n - wrong} - ${-b} = ${value()}$. ReLU makes 0 of it.`,
    ],
  };
}

export default { name, title, page, minutes, levels, bounds, draw };

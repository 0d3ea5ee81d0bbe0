// Batch normalisation by hand: a batch in training mode; the running statistics and eval mode, or the gradient.

import { bracketed, fraction, key, minus, over, plus, range, rounded, sum, tex, times } from "../kit.js";

const name = "batch_normalization";
const title = "Batch normalisation";
const page = "ch07_modern_convolutional_networks/batch_normalization"; // where it is taught
const minutes = { 1: 4, 2: 7, 3: 7 };
const levels = { 1: "training mode, one unit", 2: "training mode, two units", 3: "running statistics and eval mode, or the gradient" };
const bounds = { most: 200, places: 2 };

// Deviations from the mean whose standard deviation is a whole number; with n - 1 their variance is one, too.
const DEVIATIONS = [[-5, 1, 1, 3], [-4, 1, 1, 1, 1], [-3, -1, 0, 1, 3], [-7, -1, 1, 2, 5], [-6, -3, 1, 3, 5], [-5, -3, -1, 3, 6], [-5, -2, -1, 1, 7]];
const FOUR = [[-5, 1, 1, 3], [-7, -1, 1, 7]]; // for the four rows of a table
const TRIES = 300;
const DIGITS = "Fractions may stand in the answer; of decimals three significant digits are enough.";
const squares = (d) => sum(d.map((x) => x * x));

function unit(random, patterns) {
  const d = random.pick(patterns);
  const factor = random.pick([-2, -1, 1, 2]), mean = random.int(-3, 6);
  return random.some(d, d.length).map((x) => mean + factor * x);
}

// Values of the units in columns, normalised with one step of the method exchanged.
function normalised(columns, gammas, betas, { correction = 0, root = Math.sqrt, centre = true, pool = (u) => columns[u], finish = (x, gamma, beta) => gamma * x + beta } = {}) {
  const found = columns.map((column, u) => column.map((x, i) => {
    const cells = pool(u, i);
    const mean = sum(cells) / cells.length;
    const variance = squares(cells.map((cell) => cell - mean)) / (cells.length - correction);
    return rounded(finish((x - (centre ? mean : 0)) / root(variance), gammas[u], betas[u]));
  }));
  return found.flat().every(Number.isFinite) ? found : null;
}

const SAYS = {
  unbiased: "The squared deviations were divided by n - 1; in training the batch is divided by all n.",
  no_root: "It was divided by the variance; its root is the standard deviation.",
  swapped: "Scale and shift were exchanged: gamma multiplies, beta is added.",
  shift_first: "The shift was added before the scale; first multiply, then add.",
  not_centred: "The mean was not subtracted.",
  left_out: "Scale and shift were left out.",
};

function draw(random, level) {
  const units = level === 2 ? 2 : 1;
  const columns = [unit(random, level === 2 ? FOUR : DEVIATIONS)];
  if (units > 1) columns.push(unit(random, FOUR));
  const gammas = columns.map(() => random.pick([-2, 2, 3, 4, 6])), betas = columns.map(() => random.pick([-3, -2, -1, 1, 5]));
  if (level === 3) {
    const made = inUse(random, columns[0], gammas[0], betas[0]);
    return made && random.int(0, 1) ? gradient(random) : made; // chosen last: half of the addresses from before the gradient keep their problem
  }

  const n = columns[0].length;
  const means = columns.map((x) => sum(x) / n);
  const variances = columns.map((x, u) => squares(x.map((v) => v - means[u])) / n);
  const hats = columns.map((x, u) => x.map((v) => fraction(v - means[u], Math.sqrt(variances[u]))));
  const ys = hats.map((hat, u) => hat.map((x) => plus(times([gammas[u], 1], x), [betas[u], 1])));
  const turned = (found) => found && found[0].map((_, i) => found.map((column) => column[i]));
  const slip = (id, changes, variance = null) => {
    const found = normalised(columns, gammas, betas, changes);
    return { id, is: units > 1 ? [turned(found)] : [variance, found && found[0]], says: changes.says ?? SAYS[id] };
  };
  const x = columns[0];
  const slips = [
    slip("unbiased", { correction: 1 }, key(fraction(squares(x.map((v) => v - means[0])), n - 1))),
    slip("no_root", { root: (v) => v }),
    slip("swapped", { finish: (v, gamma, beta) => beta * v + gamma }),
    slip("shift_first", { finish: (v, gamma, beta) => gamma * (v + beta) }),
    slip("not_centred", { centre: false }, key(fraction(squares(x), n))),
    slip("left_out", { finish: (v) => v }),
    ...(units > 1 ? [
      slip("rows", { pool: (_, i) => columns.map((column) => column[i]), says: "Mean and variance were taken over each example; each unit has its own, over the batch." }),
      slip("whole", { pool: () => columns.flat(), says: "Mean and variance were taken over the whole table; each unit has its own." }),
    ] : [
      { id: "deviation", is: [Math.sqrt(variances[0]), null], says: "That is the standard deviation; the variance is its square." },
      { id: "not_divided", is: [squares(x.map((v) => v - means[0])), null], says: "The squared deviations were added up; the variance is their mean." },
    ]),
  ];
  const formula = "$y = \\gamma \\hat{x} + \\beta$";
  const linesOf = (u) => {
    const of = units > 1 ? `Unit ${u + 1}: the` : "The";
    const deviations = columns[u].map((v) => v - means[u]);
    return [
      `${of} mean is ${means[u]}; the deviations from it are ${deviations.join(", ")}. The mean of their squares is the variance: $${squares(deviations)} / ${n} = ${variances[u]}$, so the standard deviation is ${Math.sqrt(variances[u])}.`,
      `Normalised: $${hats[u].map(tex).join(", \\; ")}$. Times ${gammas[u]}, plus ${bracketed(betas[u])}: $${ys[u].map(tex).join(", \\; ")}$.`,
    ];
  };
  return {
    statement: [
      units > 1 ? "A layer of batch normalisation is in training mode. The rows of $X$ are the examples of a batch, the columns are two units; row $\\gamma$ holds the scale of each unit, row $\\beta$ its shift. The small $\\epsilon$ under the root is left out. Compute the outputs $Y$."
        : `One unit with batch normalisation is in training mode, with scale $\\gamma = ${gammas[0]}$ and shift $\\beta = ${betas[0]}$. The small $\\epsilon$ under the root is left out. For the ${n} examples of a batch the unit has the values ${columns[0].join(", ")}. Compute the variance by which the batch is normalised, and the outputs.`,
      DIGITS,
      ...(units > 1 ? [{ matrices: [["X", turned(columns)], ["\\gamma", [gammas]], ["\\beta", [betas]]] }] : []),
    ],
    data: { X: turned(columns), gamma: gammas, beta: betas },
    fields: units > 1 ? [
      { kind: "matrix", ask: "The outputs $Y$", is: turned(ys.map((y) => y.map(key))), tol: 0.005, else: "For each unit: mean, variance and standard deviation over the batch, then scale and shift." },
    ] : [
      { kind: "number", ask: "The variance", is: variances[0], tol: 0.005, else: "First the mean. The variance is the mean squared distance from it." },
      { kind: "vector", ask: "The outputs, in the order of the batch", is: ys[0].map(key), tol: 0.005, else: "Subtract the mean, divide by the standard deviation; then scale and shift." },
    ],
    slips,
    steps: [`In training each unit is normalised by mean and standard deviation of the batch, $\\hat{x} = (x - \\mu) / \\sigma$ with $\\sigma^2 = \\frac{1}{n} \\sum_j (x_j - \\mu)^2$; then ${formula}.`, ...columns.flatMap((_, u) => linesOf(u)), ...(units > 1 ? [{ matrices: [["Y", turned(ys.map((y) => y.map((v) => `$${tex(v)}$`)))]] }] : [])],
  };
}

// A batch in training mode moves the running statistics; then one example in eval mode.
function inUse(random, x, gamma, beta) {
  const n = x.length;
  const rho = random.pick([[1, 2], [1, 4], [1, 5], [1, 10]]), rest = minus([1, 1], rho);
  const mu = fraction(sum(x), n);
  const total = squares(x.map((v) => v - mu[0]));
  const [biased, unbiased] = [fraction(total, n), fraction(total, n - 1)];
  const root = random.int(1, 6);
  const v0 = over(minus([root * root, 1], times(rho, unbiased)), rest);
  const m0 = [random.int(-2, 8), 1], asked = [random.int(-6, 12), 1];
  if (v0[1] !== 1 || v0[0] < 1 || v0[0] > 60 || v0[0] === unbiased[0] || m0[0] === mu[0]) return null;

  const moved = (old, fresh, share = rho) => plus(times(minus([1, 1], share), old), times(share, fresh));
  const [m, v] = [moved(m0, mu), moved(v0, unbiased)];
  const hat = fraction(...over(minus(asked, m), [root, 1]));
  const y = plus(times([gamma, 1], hat), [beta, 1]);
  const decimal = ([a, b]) => a / b;
  const out = (mean, variance, finish = (z) => gamma * z + beta, under = Math.sqrt) => rounded(finish((decimal(asked) - decimal(mean)) / under(decimal(variance))));
  const [mt, vt, vb] = [moved(m0, mu, rest), moved(v0, unbiased, rest), moved(v0, biased)];
  const slips = [
    { id: "turned", is: [key(mt), key(vt), out(mt, vt)], says: "The momentum was turned round: here it is the share of the new batch." },
    { id: "replaced", is: [key(mu), key(unbiased), null], says: "That is the batch alone; the running value only moves a part of the way." },
    { id: "biased", is: [null, key(vb), out(m, vb)], says: "The variance of the batch was divided by n; the running variance takes up the unbiased one." },
    { id: "added", is: [key(plus(m0, times(rho, mu))), key(plus(v0, times(rho, unbiased))), null], says: "The old value was kept whole; it keeps only what the new batch leaves it." },
    { id: "batch", is: [null, null, out(mu, biased)], says: "The example was normalised by the batch; eval mode takes the running statistics." },
    { id: "old", is: [null, null, out(m0, v0)], says: "Those are the running statistics of before the batch." },
    { id: "no_root", is: [null, null, out(m, v, (z) => gamma * z + beta, (q) => q)], says: SAYS.no_root },
    { id: "swapped", is: [null, null, out(m, v, (z) => beta * z + gamma)], says: SAYS.swapped },
    { id: "shift_first", is: [null, null, out(m, v, (z) => gamma * (z + beta))], says: SAYS.shift_first },
  ];
  const share = decimal(rho), stays = decimal(rest);
  return {
    statement: [
      `One unit with batch normalisation has scale $\\gamma = ${gamma}$ and shift $\\beta = ${beta}$; its running mean is ${m0[0]}, its running variance ${v0[0]}. The momentum is ${share}, in PyTorch's sense: the share of the new batch. The running variance takes up the unbiased variance of the batch. The small $\\epsilon$ under the root is left out.`,
      `In training mode one batch passes, in which the unit has the values ${x.join(", ")}. Then the layer is set to eval mode, and a single example with the value ${asked[0]} passes. Compute both running statistics behind the batch, and the output for the single example. ${DIGITS}`,
    ],
    data: { X: x.map((value) => [value]), gamma: [gamma], beta: [beta], momentum: share, mean: m0[0], variance: v0[0], asked: asked[0] },
    fields: [
      { kind: "number", ask: "The running mean behind the batch", is: key(m), tol: 0.005, else: "A weighted mean of the old value and that of the batch." },
      { kind: "number", ask: "The running variance behind the batch", is: key(v), tol: 0.005, else: "First the variance of the batch; then a weighted mean of the old value and that." },
      { kind: "number", ask: "The output for the single example, in eval mode", is: key(y), tol: 0.005, else: "Normalise with the two numbers above; then scale and shift." },
    ],
    slips,
    steps: [
      `The batch has the mean $\\mu = ${mu[0]}$; the squared deviations add up to ${total}, so its unbiased variance is $${total} / ${n - 1} = ${tex(unbiased)}$.`,
      `A running value moves to $(1 - \\rho) r + \\rho v$. Mean: $${stays} \\cdot ${bracketed(m0[0])} + ${share} \\cdot ${bracketed(mu[0])} = ${decimal(m)}$. Variance: $${stays} \\cdot ${v0[0]} + ${share} \\cdot ${tex(unbiased)} = ${tex(v)}$.`,
      `In eval mode these two normalise: $\\hat{x} = (${asked[0]} - ${bracketed(decimal(m))}) / \\sqrt{${v[0]}} = ${tex(hat)}$, whatever else is in the batch.`,
      `Scale and shift: $y = ${gamma} \\cdot ${hat[0] < 0 ? `(${tex(hat)})` : tex(hat)} + ${bracketed(beta)} = ${tex(y)}$.`,
    ],
  };
}

// A batch in training mode, and the gradients by scale, shift and inputs.
function gradient(random) {
  const x = unit(random, [[-2, -2, 2, 2], ...FOUR]);
  return range(TRIES).reduce((made) => made ?? backwards(random, x), null);
}

function backwards(random, x) {
  const n = x.length;
  const gamma = random.pick([-3, -2, 2, 3, 4, 5, 6]), beta = random.pick([-3, -2, -1, 1, 4]);
  const dy = random.ints(n, -4, 6);
  const mu = sum(x) / n, d = x.map((v) => v - mu), s = Math.sqrt(squares(d) / n);
  // Gradients with one step of the method exchanged; share: by what the sums are divided.
  const along = (root = s) => sum(dy.map((g, i) => g * d[i])) / root;
  const back = ({ scale = gamma, root = s, share = n, centre = 1, spread = 1 } = {}) => d.map((v, i) => rounded((scale / root) * (dy[i] - centre * sum(dy) / share - spread * (v / root) * along(root) / share)));
  const dx = back().map((value) => fraction(Math.round(60 * value), 60)), dGamma = along(), dBeta = sum(dy);
  if (!Number.isInteger(dGamma) || !dGamma || !dBeta || dBeta % 2 || dx.filter(([a]) => a).length < 3 || dx.some(([, b]) => b > 5) || back().some((value, i) => rounded(dx[i][0] / dx[i][1]) !== value)) return null;

  const sample = Math.sqrt(squares(d) / (n - 1));
  const slips = [
    { id: "constants", is: [null, null, back({ centre: 0, spread: 0 })], says: "Mean and variance were held fixed; each input moves them, too." },
    { id: "no_variance", is: [null, null, back({ spread: 0 })], says: "The path through the variance is missing." },
    { id: "no_mean", is: [null, null, back({ centre: 0 })], says: "The path through the mean is missing." },
    { id: "no_gamma", is: [null, null, back({ scale: 1 })], says: "The scale gamma is missing on the way to the inputs." },
    { id: "summed", is: [null, null, back({ share: 1 })], says: "Sums over the batch were subtracted; it is their means." },
    { id: "unbiased", is: [rounded(along(sample)), null, back({ root: sample })], says: SAYS.unbiased },
    { id: "no_root", is: [rounded(along(s * s)), null, back({ root: s * s })], says: SAYS.no_root },
    { id: "not_normalised", is: [sum(dy.map((g, i) => g * x[i])), null, null], says: "The derivatives were multiplied by the inputs; gamma multiplies the normalised ones." },
    { id: "averaged", is: [dGamma / n, dBeta / n, null], says: "The mean over the batch was taken; every example adds its own part to this gradient." },
    { id: "scaled", is: [gamma * dGamma, gamma * dBeta, null], says: "It was multiplied by gamma, which stands on the way to the inputs alone." },
  ];
  const hats = d.map((v) => fraction(v, s)), g = dy.map((v) => gamma * v);
  const means = [fraction(sum(g), n), fraction(gamma * dGamma, n)];
  const wrapped = (q) => (q[0] < 0 ? `(${tex(q)})` : tex(q));
  const lines = dx.map((value, i) => `$\\frac{1}{${s}} ( ${g[i]} - ${wrapped(means[0])} - ${wrapped(hats[i])} \\cdot ${wrapped(means[1])} ) = ${tex(value)}$`);
  return {
    statement: [
      `One unit with batch normalisation is in training mode, with scale $\\gamma = ${gamma}$ and shift $\\beta = ${beta}$. The small $\\epsilon$ under the root is left out. The table shows the inputs $x$ of the unit for the four examples of a batch, and the derivatives of the loss $L$ by its outputs $y$.`,
      { table: { head: ["Example", ...range(n).map((i) => i + 1)], rows: [["$x$", ...x], ["$\\partial L / \\partial y$", ...dy]] } },
      `Compute the gradients of $L$ by $\\gamma$, by $\\beta$, and by the four inputs. ${DIGITS}`,
    ],
    data: { X: x.map((value) => [value]), gamma: [gamma], beta: [beta], upstream: dy },
    fields: [
      { kind: "number", ask: "The gradient by $\\gamma$", is: dGamma, tol: 0.005, else: "By what is gamma multiplied? Each example adds a part." },
      { kind: "number", ask: "The gradient by $\\beta$", is: dBeta, tol: 0.005, else: "The shift is added to every output." },
      { kind: "vector", ask: "The gradient by the inputs, in the order of the batch", is: dx.map(key), tol: 0.005, else: "Three paths lead back from the outputs to an input. The parts of the gradient add up to 0." },
    ],
    slips,
    steps: [
      `The mean is ${mu}; the deviations from it are ${d.join(", ")}. The variance is $${squares(d)} / ${n} = ${s * s}$, the standard deviation $\\sigma = ${s}$. Normalised: $${hats.map(tex).join(", \\; ")}$.`,
      `As $y_j = \\gamma \\hat{x}_j + \\beta$, each example adds $\\hat{x}_j \\, \\partial L / \\partial y_j$ to the gradient by $\\gamma$: $${hats.map((h, i) => `${wrapped(h)} \\cdot ${bracketed(dy[i])}`).join(" + ")} = ${dGamma}$.`,
      `To the gradient by $\\beta$ it adds $\\partial L / \\partial y_j$: $${dy.map(bracketed).join(" + ")} = ${dBeta}$.`,
      `By the normalised inputs the derivatives are $g_j = \\gamma \\, \\partial L / \\partial y_j$: $${g.join(", \\; ")}$. The mean of $g_j$ is $${tex(means[0])}$, that of $g_j \\hat{x}_j$ is $${tex(means[1])}$.`,
      ["An input acts directly, through the mean, and through the variance:", { formula: "\\frac{\\partial L}{\\partial x_i} = \\frac{1}{\\sigma} ( g_i - \\frac{1}{n} \\sum_j g_j - \\hat{x}_i \\frac{1}{n} \\sum_j g_j \\hat{x}_j )" }],
      ["So the gradient by the inputs is", ...lines, "Its parts add up to 0."],
    ],
  };
}

export default { name, title, page, minutes, levels, bounds, draw };

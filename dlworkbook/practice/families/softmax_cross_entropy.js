// Softmax and cross-entropy from logits that are logarithms of whole numbers.

import { fraction, key, range, rounded, sum, tex } from "../kit.js";

const name = "softmax_cross_entropy";
const title = "Softmax and cross-entropy";
const page = "ch03_linear_networks/softmax_regression"; // where it is taught
const minutes = { 1: 4, 2: 6, 3: 6 };
const levels = { 1: "one sample", 2: "the mean over two samples", 3: "the gradient as well" };
const bounds = { most: 200 };

const DENOMINATORS = [8, 10, 12, 16, 20]; // of the probabilities

// Different whole numbers: shares of a denominator, all times one factor.
function weights(random, classes) {
  const [whole, factor] = [random.pick(DENOMINATORS), random.int(1, 5)];
  const shares = random.some(range(whole / 2).map((k) => k + 1), classes - 1);
  shares.push(whole - sum(shares));
  return shares.at(-1) > 0 && new Set(shares).size === classes ? shares.map((share) => share * factor) : null;
}

function draw(random, level) {
  const samples = level === 2 ? 2 : 1;
  const classes = level === 2 ? 3 : random.int(3, 4);
  const rows = range(samples).map(() => weights(random, classes));
  const labels = random.ints(samples, 0, classes - 1);
  if (rows.some((row) => !row)) return null;
  const picked = rows.map((row, k) => fraction(row[labels[k]], sum(row)));
  // the mean of the losses is the logarithm of this, over the number of samples
  const [top, bottom] = picked.reduce(([a, b], [n, d]) => fraction(a * d, b * n), [1, 1]);
  if (top > 200) return null;
  const ln = bottom === 1 ? `\\ln ${top}` : `\\ln \\frac{${top}}{${bottom}}`;
  const loss = `ln(${key([top, bottom])})${samples > 1 ? `/${samples}` : ""}`;
  const mean = (of) => rounded(sum(rows.map(of)) / samples);

  const p = rows.map((row) => row.map((a) => fraction(a, sum(row))));
  const soft = (row) => row.map((x) => Math.exp(x) / sum(row.map(Math.exp)));
  const ratio = rows.map((row) => row.map((a) => Math.log(a) / sum(row.map(Math.log))));
  const q = rows.map((row, k) => row[labels[k]] / sum(row));
  const hot = (k, c) => Number(c === labels[k]);
  const vector = (f) => rows[0].map((_, c) => f(c));
  const minusHot = vector((c) => key(fraction(rows[0][c] - hot(0, c) * sum(rows[0]), sum(rows[0]))));
  const first = level !== 2 ? [{ kind: "vector", ask: "The probabilities", is: p[0].map(key), tol: 0.005, else: "Undo the logarithms first: `exp(ln a)` is `a`." }] : [];
  const last = level === 3 ? [{ kind: "vector", ask: "The gradient of the loss by the logits", is: minusHot, tol: 0.005, else: "It needs no new exponential: start from the probabilities." }] : [];
  const place = (values) => (level === 2 ? [values[1]] : level === 1 ? values.slice(0, 2) : values); // probabilities, loss, gradient
  const slips = [
    { id: "no_exp", is: place([ratio[0].map((x) => rounded(x)), mean((_, k) => -Math.log(ratio[k][labels[k]] || NaN))]), says: "The logits themselves were divided by their sum; softmax takes exponentials first." },
    { id: "twice", is: place([soft(rows[0].map((a) => a / sum(rows[0]))).map((x) => rounded(x)), mean((row, k) => -Math.log(soft(row.map((a) => a / sum(row)))[labels[k]]))]), says: "Softmax was applied twice: its output was taken for logits." },
    { id: "log2", is: place([null, mean((_, k) => -Math.log2(q[k]))]), says: "That is the logarithm of base 2; the loss is taken with the natural one." },
    { id: "no_log", is: place([null, mean((_, k) => 1 - q[k])]), says: "That is what is missing to 1; the loss is minus the logarithm of the probability." },
    { id: "all_classes", is: place([null, mean((row) => -sum(row.map((a) => Math.log(a / sum(row)))))]), says: "The logarithms of all classes were added up; only the true class counts." },
    ...(level === 2 ? [{ id: "summed", is: place([null, rounded(sum(q.map((x) => -Math.log(x))))]), says: "The losses were added up; the mean was asked for." }] : []),
    ...(level === 3 ? [
      { id: "sign", is: place([null, null, vector((c) => key(fraction(hot(0, c) * sum(rows[0]) - rows[0][c], sum(rows[0]))))]), says: "The sign is turned: the logit of the true class should grow, so its derivative is negative." },
      { id: "not_subtracted", is: place([null, null, p[0].map(key)]), says: "Those are the probabilities; at the true class 1 is subtracted." },
    ] : []),
  ].map((slip) => ({ ...slip, is: slip.is.map((held) => ([held].flat().some((x) => Number.isNaN(x) || Math.abs(x) > 1e6) ? null : held)) }));

  const shown = rows.map((row, k) => [samples > 1 ? `Sample ${k + 1}` : "Logits", ...row.map((a) => `$\\ln ${a}$`), `class ${labels[k] + 1}`]);
  return {
    statement: [
      `A network with ${classes} classes gives ${samples > 1 ? "these logits" : "the logits of one sample"}. ${level === 2 ? "Compute the mean cross-entropy of the two samples" : level === 1 ? "Compute the probabilities and the cross-entropy" : "Compute the probabilities, the cross-entropy, and its gradient by the logits"} (natural logarithm). Three significant digits are enough; a logarithm may stand in the answer.`,
      { table: { head: ["", ...range(classes).map((c) => `Class ${c + 1}`), "True class"], rows: shown } },
    ],
    data: { weights: rows, labels },
    fields: [...first, { kind: "number", ask: samples > 1 ? "The mean cross-entropy" : "The cross-entropy", is: loss, tol: 0.005, else: "It is minus the logarithm of what the true class gets." }, ...last],
    slips,
    steps: [
      ...rows.map((row, k) => `${samples > 1 ? `Sample ${k + 1}: ` : ""}The exponentials of the logits are ${row.join(", ")}; their sum is ${sum(row)}. The probabilities are $${p[k].map(tex).join(", \\; ")}$.`),
      `The true class gets $${picked.map(tex).join("$ and $")}$${samples > 1 ? " in the two samples" : ""}.`,
      samples > 1 ? `The mean of the losses is $\\frac{1}{2} ( ${picked.map(([n, d]) => `\\ln ${tex(fraction(d, n))}`).join(" + ")} ) = \\frac{1}{2} ${ln} \\approx ${rounded(Math.log(top / bottom) / 2, 3)}$.` : `The loss is $-\\ln ${tex(picked[0])} = ${ln} \\approx ${rounded(Math.log(top / bottom), 3)}$.`,
      ...(level === 3 ? [`The gradient is the probabilities less 1 at the true class: $${p[0].map(([n, d], c) => tex(fraction(n - hot(0, c) * d, d))).join(", \\; ")}$. Its parts add up to 0.`] : []),
    ],
  };
}

export default { name, title, page, minutes, levels, bounds, draw };

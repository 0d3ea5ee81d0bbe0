// Binary cross-entropy and focal loss of a few samples, from probabilities or from logits.

import { fraction, key, minus, over, plus, range, rounded, sum, tex, times } from "../kit.js";

const name = "binary_cross_entropy_focal";
const title = "Binary cross-entropy and focal loss";
const page = "ch03_linear_networks/losses"; // where it is taught
const minutes = { 1: 4, 2: 7, 3: 9 };
const levels = { 1: "cross-entropy of probabilities", 2: "focal loss of probabilities", 3: "logits, and the gradient as well" };
const bounds = { most: 99, places: 2 };

const ONE = [1, 1];
const decimal = ([n, d]) => rounded(n / d, 4);
const square = (q) => times(q, q);
const log = (q) => -Math.log(q[0] / q[1]); // of a probability, as a loss

function draw(random, level) {
  const n = level === 3 ? 2 : 3;
  const labels = random.ints(n, 0, 1);
  const odds = random.some([[1, 9], [1, 4], [1, 3], [1, 2], [2, 1], [3, 1], [4, 1], [9, 1]], n);
  const tenths = random.some([1, 2, 3, 4, 5, 6, 8, 9], n);
  const alpha = fraction(random.pick([25, 30, 40, 75]), 100);
  const mean = level === 3 || random.int(0, 1) === 1;
  if (sum(labels) === 0 || sum(labels) === n) return null; // both classes
  const p = level === 3 ? odds.map((q) => over(q, plus(ONE, q))) : tenths.map((k) => fraction(k, 10));
  if (p.some((q, i) => p.some((r, j) => i !== j && key(q) === key(minus(ONE, r))))) return null; // exchanged classes would show in the order alone
  const own = (list, other = (q) => minus(ONE, q)) => list.map((q, k) => (labels[k] ? q : other(q)));
  const pt = own(p); // of the true classes
  const weight = own(labels.map(() => alpha));
  const parts = mean ? n : 1;

  const whole = (values) => (values.every(Number.isFinite) ? rounded(sum(values) / parts) : null);
  const bce = (list = pt, loss = log) => whole(list.map(loss));
  const focal = ({ list = pt, by = weight, power = (q) => square(minus(ONE, q)), loss = log } = {}) => whole(list.map((q, k) => decimal(by[k]) * (power(q)[0] / power(q)[1]) * loss(q)));
  if (level > 1 && focal() < 0.03) return null; // too few digits in four decimals
  const flipped = weight.map((a) => minus(ONE, a));
  const twice = p.map((q) => 1 / (1 + Math.exp(-q[0] / q[1]))); // probabilities read as logits
  const twiceTrue = twice.map((x, k) => [labels[k] ? x : 1 - x, 1]);
  const exchanged = (value) => rounded(mean ? value * n : value / n); // mean and sum

  // fields: 1 p_t, BCE; 2 BCE, focal; 3 probabilities, focal, gradient
  const place = ({ list = null, b = null, f = null, g = null }) => ({ 1: [list, b], 2: [b, f], 3: [list, f, g] }[level]);
  const gradient = (of) => range(n).map((k) => key(times(of(p[k], [labels[k], 1]), [1, n])));
  const slip = (id, held, says) => ({ id, is: place(held), says });
  const slips = [
    slip("class_one", { list: level === 1 ? p.map(key) : null, b: bce(p), f: level === 2 ? focal({ list: p }) : null }, "The probability of class 1 was taken for every sample; a sample of class 0 counts with 1 minus it."),
    slip("wrong_class", { list: (level === 1 ? pt : p).map((q) => key(minus(ONE, q))), b: bce(pt.map((q) => minus(ONE, q))), f: focal({ list: pt.map((q) => minus(ONE, q)) }) }, "That belongs to the other class, throughout."),
    slip("log10", { b: bce(pt, (q) => log(q) / Math.LN10), f: focal({ loss: (q) => log(q) / Math.LN10 }) }, "That is the logarithm of base 10; the natural one was asked for."),
    slip("whole", { b: exchanged(bce()), f: exchanged(focal()) }, mean ? "The losses were added up; the mean was asked for." : "That is the mean; the sum was asked for."),
    ...(level === 1 ? [
      slip("log2", { b: bce(pt, (q) => log(q) / Math.LN2) }, "That is the logarithm of base 2; the natural one was asked for."),
      slip("ones_only", { b: whole(pt.map((q, k) => labels[k] * log(q))) }, "Only the samples of class 1 were counted; those of class 0 have a loss, too."),
      slip("no_log", { b: bce(pt, (q) => 1 - q[0] / q[1]) }, "That is what is missing to 1; the loss is minus the logarithm of the probability."),
    ] : [
      slip("alpha_turned", { f: focal({ by: flipped }) }, "The weights of the two classes were exchanged."),
      slip("alpha_constant", { f: focal({ by: labels.map(() => alpha) }) }, "The weight of class 1 was taken for every sample; class 0 has its own."),
      slip("power_of_p", { f: focal({ power: square }) }, "The square is that of the probability itself; it belongs to what the probability lacks to 1."),
      slip("gamma_one", { f: focal({ power: (q) => minus(ONE, q) }) }, "The factor was not squared: gamma is its exponent."),
    ]),
    ...(level === 3 ? [
      slip("true_class", { list: pt.map(key) }, "Those are the probabilities of the true classes; those of class 1 were asked for."),
      slip("odds", { list: odds.map(key) }, "That is the exponential of the logit; the sigmoid divides it by 1 plus itself."),
      slip("softmax", { list: odds.map((q) => key(over(q, odds.reduce(plus)))) }, "The samples were made to share one softmax; each has a sigmoid of its own."),
      slip("twice", { list: twice.map((x) => rounded(x)), f: focal({ list: twiceTrue, power: (q) => [(1 - q[0]) ** 2, 1] }) }, "The sigmoid was applied twice: its output was taken for a logit."),
      slip("sign", { g: gradient((q, y) => minus(y, q)) }, "The sign is turned: where the target is 1 a larger logit lowers the loss."),
      slip("not_shared", { g: range(n).map((k) => key(minus(p[k], [labels[k], 1]))) }, "That is the gradient of the sum; the mean divides it by the number of samples."),
      slip("no_target", { g: gradient((q) => q) }, "Those are the probabilities, divided; the target is subtracted first."),
    ] : []),
  ];

  const [top, bottom] = pt.reduce((q, r) => over(q, r), ONE);
  const ln = ([a, b]) => (b === 1 ? `\\ln ${a}` : `\\ln \\frac{${a}}{${b}}`);
  const share = parts > 1 ? `/${parts}` : "";
  const factor = weight.map((a, k) => times(a, square(minus(ONE, pt[k]))));
  const focalKey = `(${factor.map((q, k) => `${key(q)}*ln(${key(over(ONE, pt[k]))})`).join("+")})${share}`;
  const fields = {
    list: level === 1 ? { kind: "vector", ask: "The probabilities of the true classes, in the order of the samples", is: pt.map(key), else: "A sample of class 0 had the rest of the probability." } : { kind: "vector", ask: "The probabilities of class 1", is: p.map(key), tol: 0.005, else: "Undo the logarithm: the exponential of a logit is the ratio of both probabilities." },
    b: { kind: "number", ask: `The binary cross-entropy (${mean ? "mean" : "sum"})`, is: `ln(${key([top, bottom])})${share}`, tol: 0.005, else: "One logarithm for each sample, of the probability of its true class, and a minus." },
    f: { kind: "number", ask: `The focal loss (${mean ? "mean" : "sum"})`, is: focalKey, tol: 0.005, else: "Three factors for each sample: the weight of its class, the square of what is missing to 1, minus the logarithm." },
    g: { kind: "vector", ask: "The gradient of the mean binary cross-entropy by the logits", is: gradient(minus), tol: 0.005, else: "It needs no logarithm: start from the probabilities and the targets." },
  };
  const all = mean ? "the mean over the samples" : "the sum over the samples";
  const wanted = {
    1: `Compute the probability of each true class and the binary cross-entropy, ${all}.`,
    2: `Compute the binary cross-entropy and the focal loss, each as ${all}.`,
    3: "Compute the probabilities of class 1, the focal loss as the mean over the samples, and the gradient of the mean binary cross-entropy (without weights) by the two logits.",
  }[level];
  const rule = `The focal loss of a sample is $-\\alpha_t (1 - p_t)^2 \\ln p_t$ with the probability $p_t$ of its true class, so $\\gamma = 2$. The weight $\\alpha_t$ is ${decimal(alpha)} for class 1 and ${decimal(minus(ONE, alpha))} for class 0.`;
  const shown = range(n).map((k) => [String(k + 1), level === 3 ? `$${odds[k][1] === 1 ? `\\ln ${odds[k][0]}` : `-\\ln ${odds[k][1] / odds[k][0]}`}$` : String(decimal(p[k])), String(labels[k])]);
  if (level === 3 && odds.some(([a, b]) => a !== 1 && b !== 1)) return null;
  const losses = pt.map((q) => rounded(log(q), 4));
  const about = (value) => Number(value.toPrecision(3));
  return {
    statement: [
      `A network tells class 1 from class 0. For each sample it gives ${level === 3 ? "a logit, from which a sigmoid makes the probability of class 1" : "the probability of class 1"}. ${level > 1 ? `${rule} ` : ""}${wanted} All logarithms are natural ones. Give three significant digits; fractions and logarithms may stand in an answer.`,
      { table: { head: ["Sample", level === 3 ? "Logit" : "Probability of class 1", "True class"], rows: shown } },
    ],
    data: { ...(level === 3 ? { odds } : { p: p.map(decimal) }), labels, alpha: decimal(alpha), mean: Number(mean) },
    fields: Object.keys(fields).filter((k) => place({ [k]: 1 }).includes(1)).map((k) => fields[k]),
    slips,
    steps: [
      ...(level === 3 ? [`A sigmoid makes $e^z / (1 + e^z)$ of a logit $z$, and $e^{\\ln a} = a$. So the probabilities of class 1 are $${p.map(tex).join("$ and $")}$.`] : []),
      `The true class gets $p_t$: the probability of class 1 where the target is 1, and 1 minus it where the target is 0. That is $${pt.map((q) => (level === 3 ? tex(q) : decimal(q))).join(", \\; ")}$.`,
      `Minus the logarithm of each: $${losses.join(", \\; ")}$.`,
      ...(level < 3 ? [`The binary cross-entropy is their ${mean ? "mean" : "sum"}: $${parts > 1 ? `\\frac{1}{${parts}} ` : ""}${ln([top, bottom])} \\approx ${about(bce())}$.`] : []),
      ...(level > 1 ? [
        `The focal loss has two more factors, $\\alpha_t$ and $(1 - p_t)^2$: $${range(n).map((k) => `${decimal(weight[k])} \\cdot ${level === 3 ? `(${tex(minus(ONE, pt[k]))})` : decimal(minus(ONE, pt[k]))}^2 \\cdot ${losses[k]} = ${about(decimal(weight[k]) * square(minus(ONE, pt[k]))[0] / square(minus(ONE, pt[k]))[1] * log(pt[k]))}`).join("$, $")}$.`,
        `Their ${mean ? "mean" : "sum"} is about $${about(focal())}$.`,
      ] : []),
      ...(level === 3 ? [`The derivative of the binary cross-entropy by a logit is the probability less the target. The mean divides it by ${n}: $${range(n).map((k) => `\\frac{1}{${n}} (${tex(p[k])} - ${labels[k]}) = ${tex(times(minus(p[k], [labels[k], 1]), [1, n]))}`).join("$, $")}$.`] : []),
    ],
  };
}

export default { name, title, page, minutes, levels, bounds, draw };

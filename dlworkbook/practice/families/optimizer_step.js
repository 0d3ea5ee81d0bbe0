// One or two steps of an optimiser on a parabola, with exact decimals.

import { fraction, minus, over, plus, rounded, tex, times } from "../kit.js";

const name = "optimizer_step";
const title = "Steps of an optimiser";
const page = "ch11_optimization/optimizers"; // where it is taught
const minutes = { 1: 2, 2: 4, 3: 7 };
const levels = { 1: "gradient descent, two steps", 2: "momentum, two steps", 3: "Adam, two steps" };
const bounds = { most: 100, places: 4 };

const number = (q) => rounded(q[0] / q[1], 4);
const decimal = (q) => number(q) === q[0] / q[1]; // with four places at most

// Weights behind each of two steps; the state of a method is whatever `step` hands on.
function run(w, slope, step) {
  const found = [];
  let state = {};
  for (let t = 0; t < 2; t += 1) {
    state = step(state, slope(w));
    w = minus(w, state.move);
    found.push(w);
  }
  return found;
}
const zero = [0, 1], one = [1, 1];
const shown = (x) => (x < 0 ? `(${x})` : x); // behind another sign

function draw(random, level) {
  const a = random.pick([1, 2, 4]); // L = a/2 (w − c)²
  const c = random.pick([-2, -1, 0, 1, 3]);
  const w = [c + random.pick([-4, -3, -2, 2, 3, 5]), 1];
  const lr = random.pick(level === 3 ? [[1, 10], [1, 5], [1, 2]] : [[1, 10], [1, 5], [1, 4]]);
  const beta = random.pick([[1, 2], [4, 5], [9, 10]]);
  const slope = (at) => times([a, 1], minus(at, [c, 1]));
  const place = c ? `(w ${c < 0 ? "+" : "-"} ${Math.abs(c)})` : "w";
  const plain = (rate = lr) => (state, g) => ({ move: times(rate, g) });
  const heavy = ({ damped = false, keep = beta, inside = false } = {}) => ({ v = zero }, g) => {
    const more = damped ? times(minus(one, keep), g) : inside ? times(lr, g) : g;
    const next = plus(times(keep, v), more);
    return { v: next, move: inside ? next : times(lr, next) };
  };
  return level === 3 ? adam(random, { a, c, w, lr }) : { 1: first, 2: second }[level]();

  function told(kind, keys, slips, steps, more) {
    const rule = more ? ` ${more}` : "";
    if (keys.some((q) => !decimal(q))) return null;
    return {
      statement: [`The loss is $L(w) = ${a === 2 ? "" : tex(fraction(a, 2))}${place}^2$. ${kind} starts at $w_0 = ${w[0]}$ with learning rate ${number(lr)}.${rule} Compute $w_1$ and $w_2$.`],
      data: { a, c, w: w[0], lr: number(lr), ...(level === 2 ? { momentum: number(beta) } : {}) },
      fields: keys.map((q, k) => ({ kind: "number", ask: `The weight $w_${k + 1}$`, is: number(q), tol: 0.0005, else: k ? "Take the gradient anew, at the new place." : "First the gradient at the start, then the rule of the step." })),
      slips: slips.map(({ id, is, says }) => ({ id, is: is.map((q) => (q && q[1] ? rounded(q[0] / q[1]) : null)), says })),
      steps,
    };
  }
  function first() {
    const keys = run(w, slope, plain());
    const g = slope(w);
    const old = plus(w, times([-2, 1], times(lr, g)));
    return told("Gradient descent", keys, [
      { id: "uphill", is: run(w, slope, plain(times([-1, 1], lr))), says: "The gradient was added: it points uphill, so it is subtracted." },
      { id: "old_gradient", is: [null, old], says: "The gradient of the start was used twice; it is taken anew at each place." },
      { id: "half", is: run(w, (at) => times([1, 2], slope(at)), plain()), says: "The derivative is half of what it should be: the square brings down a 2." },
      { id: "no_rate", is: run(w, slope, plain(one)), says: "The learning rate was left out." },
      { id: "only_step", is: keys.map((q, k) => minus(q, [w, keys[0]][k])), says: "That is the step; it is added to the place before." },
    ], ["The gradient is $L'(w) = " + `${a === 1 ? "" : a}${place}$, and a step is $w - \\eta L'(w)$.`, ...lines(keys)]);
  }
  function second() {
    const keys = run(w, slope, heavy());
    return told("Gradient descent with momentum", keys, [
      { id: "no_momentum", is: [null, run(w, slope, plain())[1]], says: "That is plain gradient descent: the speed of the first step is missing." },
      { id: "damped", is: run(w, slope, heavy({ damped: true })), says: "The gradient was multiplied by one minus the momentum; this rule adds all of it." },
      { id: "complement", is: [null, run(w, slope, heavy({ keep: minus(one, beta) }))[1]], says: "The speed was multiplied by one minus the momentum." },
      { id: "uphill", is: run(w, slope, (state, g) => { const s = heavy()(state, g); return { ...s, move: times([-1, 1], s.move) }; }), says: "The step was added; it is subtracted." },
      { id: "old_gradient", is: [null, run(w, () => slope(w), heavy())[1]], says: "The gradient of the start was used twice; it is taken anew at each place." },
    ], ["First the speed, $v_t = \\beta v_{t-1} + L'(w_{t-1})$, then the step, $w_t = w_{t-1} - \\eta v_t$.", ...lines(keys, true)], `Momentum is $\\beta = ${number(beta)}$: the speed is $v_t = \\beta v_{t-1} + L'(w_{t-1})$ with $v_0 = 0$, and $w_t = w_{t-1} - \\eta v_t$.`);
  }
  function lines(keys, speeds = false) {
    return keys.map((q, k) => {
      const at = [w, keys[0]][k], g = number(slope(at));
      const v = number(over(minus(at, q), lr)); // without momentum the gradient
      return `Step ${k + 1}: at $w = ${number(at)}$ the gradient is $${g}$${speeds ? `, so $v_${k + 1} = ${number(beta)} \\cdot ${k ? shown(number(slope(w))) : 0} + ${shown(g)} = ${v}$` : ""}; $w_${k + 1} = ${number(at)} - ${number(lr)} \\cdot ${shown(v)} = ${number(q)}$.`;
    });
  }
}

// Adam on gradients that are given, so that all roots come out.
function adam(random, { w, lr }) {
  const g = random.some([-6, -4, -3, -2, -1, 1, 2, 3, 4, 6], 1)[0];
  const [b1, b2] = [random.pick([0.5, 0.8, 0.9]), random.pick([0.9, 0.99])];
  const eta = number(lr);
  const turn = random.pick([-1, 2, -2]); // the second gradient over the first
  const gs = [g, turn * g];
  const go = ({ correct = true, root = true, square = true, momentum = true } = {}) => {
    let [at, m, v] = [w[0], 0, 0];
    return gs.map((x, k) => {
      m = momentum ? b1 * m + (1 - b1) * x : x;
      v = b2 * v + (1 - b2) * (square ? x * x : Math.abs(x));
      const [mh, vh] = correct ? [momentum ? m / (1 - b1 ** (k + 1)) : m, v / (1 - b2 ** (k + 1))] : [m, v];
      at -= eta * mh / (root ? Math.sqrt(vh) : vh);
      return rounded(at, 4);
    });
  };
  const keys = go();
  // An average behind the second step in words, and its value with the correction.
  const second = (letter, b, [x, y]) => {
    const part = rounded(1 - b), before = rounded(part * x), mean = rounded(b * before + part * y);
    const corrected = rounded(mean / (1 - b * b), 4);
    return [`$${letter}_2 = ${b} \\cdot ${shown(before)} + ${part} \\cdot ${shown(y)} = ${mean}$, corrected $${mean} / (1 - ${b}^2) = ${corrected}$`, corrected];
  };
  const m = second("m", b1, gs), v = second("v", b2, gs.map((x) => x * x));
  return {
    statement: [
      `Adam has the decay rates $\\beta_1 = ${b1}$ and $\\beta_2 = ${b2}$, learning rate ${eta}, and the small number in the denominator is left out ($\\epsilon = 0$). It starts at $w_0 = ${w[0]}$ with both averages at 0. The first gradient is $${gs[0]}$, the second $${gs[1]}$. Compute $w_1$ and $w_2$, with bias correction, to three decimals.`,
    ],
    data: { w: w[0], lr: eta, b1, b2, gradients: gs },
    fields: keys.map((is, k) => ({ kind: "number", ask: `The weight $w_${k + 1}$`, is, abs: 0.002, tol: 0, else: k ? "Both averages first, then both corrections with the square of the decay rates, then the root." : "With the bias corrected, what is left of the gradient in the first step?" })),
    slips: [
      { id: "no_correction", is: go({ correct: false }), says: "The bias correction is missing: both averages begin at 0 and are too small at first." },
      { id: "no_root", is: go({ root: false }), says: "The average of the squares was not put under a root." },
      { id: "sgd", is: [0, 1].map((k) => rounded(w[0] - eta * (gs[0] + k * gs[1]))), says: "That is gradient descent: nothing was divided." },
      { id: "no_momentum", is: [null, go({ momentum: false })[1]], says: "The gradient itself stands in the numerator; it is its average that counts." },
      { id: "uphill", is: keys.map((q) => rounded(2 * w[0] - q)), says: "The step was added; it is subtracted." },
    ],
    steps: [
      "Averages: $m_t = \\beta_1 m_{t-1} + (1 - \\beta_1) g_t$ and $v_t = \\beta_2 v_{t-1} + (1 - \\beta_2) g_t^2$. Corrected: $\\hat{m}_t = m_t / (1 - \\beta_1^t)$, $\\hat{v}_t = v_t / (1 - \\beta_2^t)$. Step: $w_t = w_{t-1} - \\eta \\hat{m}_t / \\sqrt{\\hat{v}_t}$.",
      `In the first step the correction takes out the decay: $\\hat{m}_1 = ${gs[0]}$ and $\\sqrt{\\hat{v}_1} = ${Math.abs(gs[0])}$, so the step is $\\pm \\eta$, whatever the gradient: $w_1 = ${keys[0]}$.`,
      `In the second, ${m[0]} and ${v[0]}. So $w_2 = ${keys[0]} - ${eta} \\cdot ${shown(m[1])} / \\sqrt{${v[1]}} \\approx ${keys[1]}$.`,
    ],
  };
}

export default { name, title, page, minutes, levels, bounds, draw };

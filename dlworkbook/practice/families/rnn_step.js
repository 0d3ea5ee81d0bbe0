// Steps of a small recurrent network by hand: one unit, two units with an output, and weights found from states.

import { bracketed, fraction, key, minus, range, rounded, sum } from "../kit.js";

const name = "rnn_step";
const title = "Steps of a recurrent network";
const page = "ch08_recurrent_networks/recurrent_networks"; // where it is taught
const minutes = { 1: 3, 2: 7, 3: 7 };
const levels = { 1: "one unit, three steps", 2: "two units, two steps, scores", 3: "weights from states" };
const bounds = { most: 99 };

const TRIES = 30;
const relu = (a) => Math.max(0, a);
const applied = (M, v) => M.map((row) => sum(row.map((m, k) => m * v[k])));
const added = (...vectors) => vectors[0].map((_, k) => sum(vectors.map((v) => v[k])));
const flip = (M) => M[0].map((_, j) => M.map((row) => row[j]));

// States and sums in front of the activation, with one step of the method exchanged.
function run({ W, U, b, h0, xs }, { phi = relu, inputs = (x) => x, before = (h) => h, bias = b } = {}) {
  let h = h0;
  const made = { states: [], sums: [] };
  xs.forEach((x, t) => {
    const a = added(applied(W, before(h)), applied(U, inputs(x, t)), bias);
    h = a.map(phi);
    made.states.push(h);
    made.sums.push(a);
  });
  return made;
}

const RULE = "$h_t = \\operatorname{ReLU}(W h_{t-1} + U x_t + b)$";
const SAYS = {
  no_relu: "The activation was left out: ReLU sets negative sums to 0.",
  no_memory: "The state of before was left out.",
  no_bias: "The bias is missing; it is added at every step.",
  exchanged: "The two weights were exchanged: one belongs to the input, the other to the state of before.",
};

function draw(random, level) {
  const one = { 1: oneUnit, 2: twoUnits, 3: weights }[level];
  return range(TRIES).reduce((made) => made ?? one(random), null);
}

function oneUnit(random) {
  const [w, u] = random.some([-2, -1, 2, 3], 2), b = random.pick([-3, -2, -1, 1, 2]), h0 = random.int(1, 3);
  const xs = random.ints(3, -2, 4);
  const net = { W: [[w]], U: [[u]], b: [b], h0: [h0], xs: xs.map((x) => [x]) };
  const { states, sums } = run(net);
  const flat = (made) => made.states.map(([h]) => h);
  const keys = flat({ states });
  if (sums.flat().filter((a) => a < 0).length !== 1 || sums[2][0] <= 0 || Math.max(...keys) > 40 || xs.some((x) => !x)) return null;
  const as = (id, held, says = SAYS[id]) => ({ id, is: [held], says });
  const step = (t) => `$h_${t + 1} = \\operatorname{ReLU}(${bracketed(w)} \\cdot ${[h0, ...keys][t]} + ${bracketed(u)} \\cdot ${bracketed(xs[t])} + ${bracketed(b)}) = \\operatorname{ReLU}(${sums[t][0]}) = ${keys[t]}$.`;
  return {
    statement: [`A recurrent network has one unit, $h_t = \\operatorname{ReLU}(w h_{t-1} + u x_t + b)$, with $w = ${w}$, $u = ${u}$ and $b = ${b}$. It starts at $h_0 = ${h0}$ and reads $x_1 = ${xs[0]}$, $x_2 = ${xs[1]}$, $x_3 = ${xs[2]}$. Compute the three states.`],
    data: { W: net.W, U: net.U, b: net.b, h0: net.h0, x: net.xs },
    fields: [{ kind: "vector", ask: "The states $h_1$, $h_2$, $h_3$", is: keys, else: "Step by step: what the state keeps, what the input adds, the bias, and then the activation." }],
    slips: [
      as("no_relu", flat(run(net, { phi: (a) => a }))),
      as("exchanged", flat(run({ ...net, W: [[u]], U: [[w]] }))),
      as("from_zero", flat(run({ ...net, h0: [0] })), "The start was taken as 0; another one is given."),
      as("no_bias", flat(run(net, { bias: [0] }))),
      as("no_memory", flat(run(net, { before: () => [0] }))),
      as("only_start", flat(run(net, { before: () => [h0] })), "The start was used at every step; each step takes the state that the step before has left."),
      as("absolute", flat(run(net, { phi: Math.abs })), "ReLU sets a negative sum to 0; it does not turn its sign."),
    ],
    steps: ["Each step uses the same three weights: $w$ on the state of before, $u$ on the input; the bias is added, and ReLU sets what is negative to 0.", ...range(3).map(step)],
  };
}

function twoUnits(random) {
  const net = { W: random.grid(2, 2, -2, 2), U: random.grid(2, 2, -2, 2), b: random.ints(2, -2, 2), h0: [0, 0], xs: random.grid(2, 2, -1, 3) };
  const V = [random.ints(2, -2, 3), random.ints(2, -2, 3)], c = random.ints(2, -3, 3);
  const { states, sums } = run(net);
  const scores = (h) => added(applied(V, h), c);
  const o = scores(states[1]);
  const few = [...net.W, ...net.U, ...V, net.b, c, ...net.xs].some((row) => !row.some(Boolean));
  if (few || sums.flat().filter((a) => a < 0).length !== 1 || !states[0].some(Boolean) || !states[1].some(Boolean) || Math.max(...states.flat()) > 30) return null;
  const as = (id, made, says = SAYS[id]) => ({ id, is: [...made.states, scores(made.states[1])], says });
  const [h1, h2] = states;
  const line = (M, v, k) => M[k].map((m, j) => `${bracketed(m)} \\cdot ${bracketed(v[j])}`).join(" + ");
  const memory = applied(net.W, h1);
  return {
    statement: [
      `A recurrent network has two units, ${RULE}, and gives scores $o_t = V h_t + c$. It starts at $h_0 = (0, 0)$ and reads $x_1 = (${net.xs[0].join(", ")})$, then $x_2 = (${net.xs[1].join(", ")})$; all vectors are columns. The biases are $b = (${net.b.join(", ")})$ and $c = (${c.join(", ")})$. Compute both states and the scores behind the second step.`,
      { matrices: [["W", net.W], ["U", net.U], ["V", V]] },
    ],
    data: { W: net.W, U: net.U, b: net.b, h0: net.h0, x: net.xs, V, c },
    fields: [
      { kind: "vector", ask: "The state $h_1$", is: h1, else: "The state of before is zero, so only the input and the bias count." },
      { kind: "vector", ask: "The state $h_2$", is: h2, else: "Now the first state counts, too. Keep the two matrices apart." },
      { kind: "vector", ask: "The scores $o_2$", is: o, else: "The scores are a linear layer on the state." },
    ],
    slips: [
      as("no_relu", run(net, { phi: (a) => a })),
      as("exchanged", run({ ...net, W: net.U, U: net.W }), "The two matrices were exchanged: one belongs to the input, the other to the state of before."),
      as("turned", run({ ...net, W: flip(net.W), U: flip(net.U) }), "Rows and columns of the matrices were exchanged: vectors are columns, and the matrix stands on their left."),
      as("no_memory", run(net, { before: () => [0, 0] })),
      as("no_bias", run(net, { bias: [0, 0] })),
      as("same_input", run(net, { inputs: () => net.xs[0] }), "The first input was read twice."),
      { id: "score_relu", is: [null, null, o.map(relu)], says: "Scores have no activation: they may be negative." },
      { id: "first_scores", is: [null, null, scores(h1)], says: "Those are the scores behind the first step." },
    ],
    steps: [
      "Each step uses the same weights: $U$ on the input, $W$ on the state of before; $b$ is added, and ReLU sets what is negative to 0.",
      `Step 1: $U x_1 = (${applied(net.U, net.xs[0]).join(", ")})$; its first entry is $${line(net.U, net.xs[0], 0)} = ${applied(net.U, net.xs[0])[0]}$. With the bias $(${sums[0].join(", ")})$, so $h_1 = (${h1.join(", ")})$.`,
      `Step 2: $W h_1 = (${memory.join(", ")})$ and $U x_2 = (${applied(net.U, net.xs[1]).join(", ")})$. With the bias $(${sums[1].join(", ")})$, so $h_2 = (${h2.join(", ")})$.`,
      `Scores: $V h_2 = (${applied(V, h2).join(", ")})$, and with $c$: $o_2 = (${o.join(", ")})$; here no activation follows.`,
    ],
  };
}

// The three weights of one unit from its first three states.
function weights(random) {
  const [w, u] = [random.pick([-2, -1, 2, 3]), random.pick([-2, -1, 1, 2, 3])], b = random.pick([-3, -2, -1, 1, 2, 4]);
  const xs = random.some([-2, -1, 0, 1, 2, 3, 4], 4);
  const net = { W: [[w]], U: [[u]], b: [b], h0: [0], xs: xs.map((x) => [x]) };
  const { sums } = run(net);
  const h = sums.flat();
  const rows = (before, inputs, out) => range(3).map((t) => [before[t], inputs[t], 1, out[t]]);
  const keys = solve(rows([0, h[0], h[1]], xs, h));
  if (h.slice(0, 3).some((a) => a <= 0) || Math.max(...h) > 30 || !keys || new Set(h.slice(0, 3)).size < 3) return null;
  const next = relu(h[3]);
  const as = (id, held, says) => {
    const entries = held && held.map(key);
    const after = held && Math.max(0, rounded(sum([held[0][0] / held[0][1] * h[2], held[1][0] / held[1][1] * xs[3], held[2][0] / held[2][1]])));
    return { id, is: [entries, after], says };
  };
  const noBias = solve([[0, xs[0], h[0]], [h[0], xs[1], h[1]]]);
  return {
    statement: [
      `A recurrent network has one unit, $h_t = \\operatorname{ReLU}(w h_{t-1} + u x_t + b)$, and starts at $h_0 = 0$. It read $x_1 = ${xs[0]}$, $x_2 = ${xs[1]}$, $x_3 = ${xs[2]}$, and its states were $h_1 = ${h[0]}$, $h_2 = ${h[1]}$, $h_3 = ${h[2]}$. Find the weights $w$, $u$ and the bias $b$. Then it reads $x_4 = ${xs[3]}$: compute $h_4$.`,
    ],
    data: { x: xs, h: h.slice(0, 3) },
    fields: [
      { kind: "vector", ask: "The weights and the bias, in the order $w$, $u$, $b$", is: keys.map(key), else: "Each state gives one equation. Which of the three numbers is missing from the first?" },
      { kind: "number", ask: "The state $h_4$", is: next, else: "One more step with the numbers you found; do not forget the activation." },
    ],
    slips: [
      as("no_bias", noBias && [...noBias, [0, 1]], "Two steps were used, with a bias of 0; the third equation does not hold then."),
      as("own_state", solve(rows(h, xs, h)), "The new state was put on both sides; a step sees the state of before."),
      as("exchanged", [keys[1], keys[0], keys[2]], "The two weights are exchanged: `w` stands at the state, `u` at the input."),
      as("shifted", solve(rows([0, h[0], h[1]], [xs[1], xs[2], xs[3]], h)), "Each state was joined with the input of the next step."),
      as("sign", [keys[0], keys[1], minus([0, 1], keys[2])], "The sign of the bias is turned."),
      { id: "no_relu", is: [null, h[3]], says: SAYS.no_relu },
      { id: "no_memory", is: [null, relu(u * xs[3] + b)], says: SAYS.no_memory },
      { id: "old_state", is: [null, relu(w * h[1] + u * xs[3] + b)], says: "The state before the last was kept; the step takes the last one." },
    ],
    steps: [
      "All three states are positive, so ReLU has changed nothing, and each step is a linear equation.",
      `They are $${range(3).map((t) => `${linear([t ? h[t - 1] : 0, "w"], [xs[t], "u"], [1, "b"])} = ${h[t]}`).join("$, $")}$.`,
      `The first one, taken from the other two, leaves $${range(2).map((t) => `${linear([h[t], "w"], [xs[t + 1] - xs[0], "u"])} = ${h[t + 1] - h[0]}`).join("$ and $")}$.`,
      `Their solution is $w = ${w}$ and $u = ${u}$; the first equation then gives $b = ${b}$.`,
      `Step 4: $h_4 = \\operatorname{ReLU}(${bracketed(w)} \\cdot ${h[2]} + ${bracketed(u)} \\cdot ${bracketed(xs[3])} + ${bracketed(b)}) = \\operatorname{ReLU}(${h[3]}) = ${next}$.`,
    ],
  };
}

// A sum of multiples of letters.
const linear = (...terms) => terms.filter(([n]) => n).map(([n, letter], k) => `${n < 0 ? "- " : k ? "+ " : ""}${Math.abs(n) === 1 ? "" : `${Math.abs(n)} `}${letter}`).join(" ");

// Cramer's rule for three equations [a, b, c, right], and for two; null if there is not one solution.
const det = (M) => (M.length === 1 ? M[0][0] : sum(M[0].map((m, j) => (j % 2 ? -m : m) * det(M.slice(1).map((row) => row.filter((_, k) => k !== j))))));
function solve(rows) {
  const n = rows.length;
  const left = rows.map((row) => row.slice(0, n));
  const whole = det(left);
  return whole ? range(n).map((j) => fraction(det(left.map((row, i) => row.map((m, k) => (k === j ? rows[i][n] : m)))), whole)) : null;
}

export default { name, title, page, minutes, levels, bounds, draw };

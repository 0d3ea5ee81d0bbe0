// One step of a GRU or an LSTM of one unit, whose gates and candidate come out as fractions.

import { bracketed, fraction, key, minus, plus, rounded, tex, times } from "../kit.js";

const name = "gated_step";
const title = "One step of a gated unit";
const page = "ch09_modern_rnn/gated_units"; // where it is taught
const minutes = { 1: 4, 2: 7, 3: 8 };
const levels = { 1: "GRU, sums given", 2: "GRU, from its weights", 3: "LSTM, from its weights" };
const bounds = { most: 50, places: 2 };

const one = [1, 1];
const decimal = ([a, b]) => a / b;
const sigmoid = (a) => 1 / (1 + Math.exp(-a));
// Both activations of k ln b, as fractions.
const power = (k, b) => (k < 0 ? [1, b ** -k] : [b ** k, 1]);
const gate = (k, b) => { const [n, d] = power(k, b); return fraction(n, n + d); };
const candidate = (k, b) => { const [n, d] = power(2 * k, b); return fraction(n - d, n + d); };

const texLog = (k, b) => (k === 0 ? "0" : `${k < 0 ? "-" : ""}${Math.abs(k) === 1 ? "" : `${Math.abs(k)} `}\\ln ${b}`);
const texPower = (k, b) => (k === 0 ? "0" : `\\ln ${tex(power(k, b))}`);
const cell = (k, b) => (k === 0 ? "0" : `$${texLog(k, b)}$`);
const inBrackets = (q) => (q[0] < 0 ? `(${tex(q)})` : tex(q));

const logIn = (k, b) => (k < 0 ? `(${texLog(k, b)})` : texLog(k, b));
// The beginning of a formula: the sum in front of an activation.
const sumOf = ([u, w, c], b, x, h) => `$${texLog(u, b)} \\cdot ${bracketed(x)} + ${logIn(w, b)} \\cdot ${inBrackets(h)}${c ? ` + ${logIn(c, b)}` : ""}`;

// Weights [on the input, on the state, bias], multiples of one logarithm, with a sum that is wanted.
function weights(random, x, h, wanted) {
  const U = random.pick([-2, -1, 1, 2]), W = random.pick([-4, -2, 2, 4]);
  return [U, W, wanted - U * x - W * decimal(h)];
}

const THREE = "Fractions may stand in the answer; of decimals three significant digits are enough.";
const ASKED = `Compute both gates, the candidate and the new state. ${THREE}`;
const SAYS = {
  tanh_gate: "Gates take the sigmoid, not tanh: they lie between 0 and 1.",
  turned: "The sign in the exponential is turned: sigmoid(a) is 1 / (1 + exp(-a)).",
  sigmoid_candidate: "The candidate takes tanh, not the sigmoid.",
  no_bias: "The biases were left out.",
  no_state: "The old state was left out; gates and candidate read it, too.",
};

function draw(random, level) {
  const h = random.pick(level === 1 ? [[1, 2], [-1, 2], [1, 4], [-3, 4], [2, 5], [-2, 5]] : [[1, 2], [-1, 2]]);
  const x = random.pick([-1, 1, 2]);
  return level === 3 ? lstm(random, x, h) : gru(random, level, x, h);
}

function gru(random, level, x, h) {
  const base = { r: 3, z: random.pick([2, 3, 4, 9]), n: random.pick([2, 3]) };
  const k = { r: random.pick([-1, 0, 1]), z: random.pick([-1, 1]) };
  const r = gate(k.r, base.r), z = gate(k.z, base.z);
  const q = random.pick([-1, 1]) * r[1]; // state's part of the candidate; gated it is whole
  const kn = random.pick([-1, 1]);
  const p = kn - decimal(r) * q; // the input's part
  if (!p || key(r) === key(z)) return null;
  const n = candidate(kn, base.n);
  const next = plus(times(z, h), times(minus(one, z), n));
  const rows = { r: weights(random, x, h, k.r), z: weights(random, x, h, k.z) };
  const Un = random.pick([-2, -1, 1, 2]), Wn = random.pick([-4, -2, 2, 4]);
  rows.n = [Un, Wn, p - Un * x, q - Wn * decimal(h)];
  if (level > 1 && (!rows.n[2] || !rows.n[3] || [...rows.r, ...rows.z, ...rows.n].some((w) => Math.abs(w) > 8))) return null;

  const ln = { r: Math.log(base.r), z: Math.log(base.z), n: Math.log(base.n) };
  const held = decimal(h);
  // One step in decimals, with one piece exchanged.
  const step = ({ open = sigmoid, ar = k.r, az = k.z, inner = (g) => p + g * q, phi = Math.tanh, mix = (g, old, fresh) => g * old + (1 - g) * fresh, swap = false } = {}) => {
    const [a, b] = [open(ar * ln.r), open(az * ln.z)];
    const [reset, update] = swap ? [b, a] : [a, b];
    const fresh = phi(inner(reset) * ln.n);
    return [reset, update, fresh, mix(update, held, fresh)].map((v) => rounded(v));
  };
  const whole = step();
  const slip = (id, changes, says = SAYS[id]) => ({ id, is: step(changes).map((v, j) => (v === whole[j] ? null : v)), says });
  const part = (row, [u, w, b]) => u * row[0] + w * row[1] * held + b * row[2];
  const slips = [
    slip("z_candidate", { mix: (g, old, fresh) => (1 - g) * old + g * fresh }, "The update gate weighs the candidate; in PyTorch it weighs the old state."),
    slip("tanh_gate", { open: Math.tanh }),
    slip("turned", { open: (a) => sigmoid(-a) }),
    slip("no_reset", { inner: () => p + q }, "The reset gate was left out of the candidate."),
    slip("sigmoid_candidate", { phi: sigmoid }),
    slip("kept_only", { mix: (g, old) => g * old }, "That is what is kept; something of the candidate is written as well."),
    ...(level > 1 ? [
      slip("reset_before", { inner: (g) => part([x, g, 1], rows.n) + rows.n[3] }, "The reset gate was put on the old state; in PyTorch it gates product and bias together."),
      slip("no_state", { ar: part([x, 0, 1], rows.r), az: part([x, 0, 1], rows.z), inner: (g) => part([x, 0, 1], rows.n) + g * rows.n[3] }),
      slip("no_bias", { ar: part([x, 1, 0], rows.r), az: part([x, 1, 0], rows.z), inner: (g) => part([x, g, 0], rows.n) }),
    ] : [
      slip("exchanged", { swap: true }, "The two gates were exchanged."),
    ]),
  ];

  const given = (row) => (level > 1 ? `${sumOf(rows[row], base[row], x, h)} = ${texLog(k[row], base[row])}$; ` : "");
  return {
    statement: level > 1 ? [
      `A GRU has one unit. Its state is $h_{t-1} = ${tex(h)}$, its input $x_t = ${x}$. It is PyTorch's GRU: the reset gate is put on $W_n h_{t-1} + b'_n$, and the update gate weighs the old state. The bias of a gate is the sum of PyTorch's two. ${ASKED}`,
      { table: { head: ["", "On the input, $U$", "On the state, $W$", "Bias $b$", "Second bias $b'$"], rows: [["Reset gate $r$", ...rows.r.map((w) => cell(w, base.r)), "–"], ["Update gate $z$", ...rows.z.map((w) => cell(w, base.z)), "–"], ["Candidate $n$", ...rows.n.map((w) => cell(w, base.n))]] } },
    ] : [
      `A GRU has one unit; its state is $h_{t-1} = ${tex(h)}$. In front of the sigmoid the reset gate has $${texLog(k.r, base.r)}$, the update gate $${texLog(k.z, base.z)}$. In the candidate's sum the part of the input, bias included, is $${texLog(p, base.n)}$; the part of the state, bias included, is $${texLog(q, base.n)}$ before it is gated. It is PyTorch's GRU: the reset gate is put on that part, and the update gate weighs the old state. ${ASKED}`,
    ],
    data: { base, h: held, ...(level > 1 ? { x, rows } : { sums: { ...k, p, q } }) },
    fields: [
      { kind: "number", ask: "The reset gate $r_t$", is: key(r), tol: 0.005, else: "A sigmoid of a logarithm: `exp(-ln a)` is `1/a`." },
      { kind: "number", ask: "The update gate $z_t$", is: key(z), tol: 0.005, else: "A sigmoid of a logarithm: `exp(-ln a)` is `1/a`." },
      { kind: "number", ask: "The candidate for the new state", is: key(n), tol: 0.005, else: "Add the part of the input and the gated part of the state, then tanh." },
      { kind: "number", ask: "The new state $h_t$", is: key(next), tol: 0.005, else: "A weighted mean of two numbers, and the two weights add up to 1." },
    ],
    slips,
    steps: [
      `A gate is $\\sigma(a) = 1 / (1 + e^{-a})$, and $\\sigma(\\ln a) = a / (1 + a)$.`,
      `Reset gate: ${given("r")}$r_t = \\sigma(${texPower(k.r, base.r)}) = ${tex(r)}$.`,
      `Update gate: ${given("z")}$z_t = \\sigma(${texPower(k.z, base.z)}) = ${tex(z)}$.`,
      ...(level > 1 ? [`In the candidate the part of the input is $U_n x_t + b_n = ${texLog(p, base.n)}$, that of the state $W_n h_{t-1} + b'_n = ${texLog(q, base.n)}$.`] : []),
      `Candidate: only the part of the state is gated. The sum is $${texLog(p, base.n)} + ${tex(r)} \\cdot ${logIn(q, base.n)} = ${texPower(kn, base.n)}$, and with $\\tanh(\\ln a) = (a^2 - 1) / (a^2 + 1)$ the candidate is $${tex(n)}$.`,
      `New state: $z_t h_{t-1} + (1 - z_t) \\tilde{h}_t = ${tex(z)} \\cdot ${inBrackets(h)} + ${tex(minus(one, z))} \\cdot ${inBrackets(n)} = ${tex(next)}$.`,
    ],
  };
}

const BLOCKS = ["f", "i", "o", "g"];

function lstm(random, x, h) {
  const base = { f: random.pick([2, 3, 4, 9]), i: random.pick([2, 3, 4]), o: random.pick([2, 3, 4]), g: random.pick([2, 3]) };
  const k = { f: random.pick([-1, 1]), i: random.pick([-1, 0, 1]), o: random.pick([-1, 1]), g: random.pick([-1, 1]) };
  const [f, i, o] = BLOCKS.slice(0, 3).map((b) => gate(k[b], base[b]));
  const g = candidate(k.g, base.g);
  const old = random.pick([[1, 1], [-1, 1], [2, 1], [-2, 1], [1, 2], [-1, 2]]);
  const c = plus(times(f, old), times(i, g));
  const rows = Object.fromEntries(BLOCKS.map((b) => [b, weights(random, x, h, k[b])]));
  if (BLOCKS.some((b) => Math.abs(rows[b][2]) > 8 || !rows[b][2]) || c[0] === 0) return null;

  const [was, held] = [decimal(old), decimal(h)];
  // One step in decimals, with one piece exchanged.
  const step = ({ open = sigmoid, phi = Math.tanh, read = [x, held, 1], carry = (forget, write, fresh) => forget * was + write * fresh, show = (out, now) => out * Math.tanh(now) } = {}) => {
    const sums = BLOCKS.map((b) => rows[b].reduce((total, w, j) => total + w * read[j], 0) * Math.log(base[b]));
    const gates = sums.slice(0, 3).map(open);
    const fresh = phi(sums[3]);
    const now = carry(gates[0], gates[1], fresh);
    return [gates.map((v) => rounded(v)), ...[fresh, now, show(gates[2], now)].map((v) => rounded(v))];
  };
  const whole = step();
  const slip = (id, changes, says = SAYS[id]) => ({ id, is: step(changes).map((v, j) => (String(v) === String(whole[j]) ? null : v)), says });
  const slips = [
    slip("tanh_gate", { open: Math.tanh }),
    slip("turned", { open: (a) => sigmoid(-a) }),
    slip("no_state", { read: [x, 0, 1] }),
    slip("no_bias", { read: [x, held, 0] }),
    slip("exchanged", { carry: (forget, write, fresh) => write * was + forget * fresh }, "Forget gate and input gate were exchanged: the first keeps, the second writes."),
    slip("coupled", { carry: (forget, write, fresh) => forget * was + (1 - forget) * fresh }, "That is a weighted mean as in a GRU; here a gate of its own decides what is written."),
    slip("not_kept", { carry: (forget, write, fresh) => write * fresh }, "The old cell was left out; the forget gate keeps a part of it."),
    slip("no_tanh", { show: (out, now) => out * now }, "The cell was shown without tanh."),
  ];
  const named = { f: "Forget gate", i: "Input gate", o: "Output gate", g: "Candidate" };
  return {
    statement: [
      `An LSTM has one unit. Its cell is $c_{t-1} = ${tex(old)}$, its state $h_{t-1} = ${tex(h)}$, its input $x_t = ${x}$. Each bias is the sum of PyTorch's two. Compute the three gates, the candidate for the cell, the new cell and the new state. ${THREE.replace("s", "s and $\\tanh$")}`,
      { table: { head: ["", "On the input, $U$", "On the state, $W$", "Bias $b$"], rows: BLOCKS.map((b) => [`${named[b]} $${b}$`, ...rows[b].map((w) => cell(w, base[b]))]) } },
    ],
    data: { base, h: held, c: was, x, rows },
    fields: [
      { kind: "vector", ask: "The gates, in the order forget, input, output", is: [f, i, o].map(key), tol: 0.005, else: "Each gate is a sigmoid of a logarithm: `exp(-ln a)` is `1/a`." },
      { kind: "number", ask: "The candidate for the cell", is: key(g), tol: 0.005, else: "Its activation is another one." },
      { kind: "number", ask: "The new cell $c_t$", is: key(c), tol: 0.005, else: "A part of the old cell, and what is written." },
      { kind: "number", ask: "The new state $h_t$", is: `${key(o)}*tanh(${key(c)})`, tol: 0.005, else: "It shows a part of the cell." },
    ],
    slips,
    steps: [
      `A gate is $\\sigma(a) = 1 / (1 + e^{-a})$, and $\\sigma(\\ln a) = a / (1 + a)$; the candidate takes $\\tanh(\\ln a) = (a^2 - 1) / (a^2 + 1)$.`,
      ...BLOCKS.slice(0, 3).map((b, j) => `${named[b]}: ${sumOf(rows[b], base[b], x, h)} = ${texLog(k[b], base[b])}$; $${b}_t = \\sigma(${texPower(k[b], base[b])}) = ${tex([f, i, o][j])}$.`),
      `Candidate: ${sumOf(rows.g, base.g, x, h)} = ${texLog(k.g, base.g)}$; $\\tanh(${texPower(k.g, base.g)}) = ${tex(g)}$.`,
      `Cell: $c_t = f_t c_{t-1} + i_t \\tilde{c}_t = ${tex(f)} \\cdot ${inBrackets(old)} + ${tex(i)} \\cdot ${inBrackets(g)} = ${tex(c)}$.`,
      `State: $h_t = o_t \\tanh(c_t) = ${tex(o)} \\cdot \\tanh(${tex(c)}) \\approx ${rounded(decimal(o) * Math.tanh(decimal(c)), 3)}$.`,
    ],
  };
}

export default { name, title, page, minutes, levels, bounds, draw };

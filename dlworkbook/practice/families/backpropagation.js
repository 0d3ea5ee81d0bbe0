// A small network forwards and backwards, in numbers that stay exact.

import { fraction, key, minus, over, plus, range, rounded, tex, times } from "../kit.js";

const name = "backpropagation";
const title = "Backpropagation by hand";
const page = "ch04_multilayer_perceptrons/backpropagation"; // where it is taught
const minutes = { 1: 5, 2: 9, 3: 9 };
const levels = { 1: "ReLU, one output, gradients", 2: "ReLU, biases, two outputs, an update", 3: "sigmoid at exact points, an update" };
const bounds = { most: 99, places: 1 };

const zero = [0, 1], one = [1, 1];
const whole = (n) => fraction(n);
const exact = (v) => v.map(whole);
const dot = (u, v) => u.reduce((so, a, k) => plus(so, times(a, v[k])), zero);
const flipped = (M) => M[0].map((_, j) => M.map((row) => row[j]));
const applied = (M, v) => M.map((row) => dot(row, v));
const outer = (u, v) => u.map((a) => v.map((b) => times(a, b)));
const added = (u, v) => u.map((a, k) => plus(a, v[k]));
const positive = ([n]) => n > 0;
const stepped = (M, G, rate) => M.map((row, i) => row.map((w, j) => minus(w, times(rate, G[i][j]))));

const open = (a) => (positive(a) ? a : zero);
const slopeOpen = (h, a) => (positive(a) ? one : zero);
const slopeSigmoid = (h) => times(h, minus(one, h));

// The way forward and back with one piece exchanged. `act` and `out` give value j from its input.
function pass({ x, W, b, V, c, y }, { act = open, out = (z) => z, slope = slopeOpen, outSlope = () => one, error = minus, forth = W, back = flipped(V) } = {}) {
  const a = added(applied(forth, x), b);
  const h = a.map(act);
  const guess = added(applied(V, h), c).map(out);
  const dz = guess.map((p, i) => times(error(p, y[i]), outSlope(p)));
  const da = applied(back, dz).map((e, j) => times(e, slope(h[j], a[j])));
  return { a, h, guess, dz, da, gV: outer(dz, h), gW: outer(da, x) };
}

const keys = (v) => v.map(key);
const tables = (M) => M.map(keys);
const decimals = (M) => M.map((row) => row.map(([n, d]) => rounded(n / d, 4)));
const column = (v) => v.map((n) => [n]);
const inline = (v) => `(${v.map(tex).join(", \\; ")})`;
const summed = (u, v) => u.map((a, k) => `${wrapped(a)} \\cdot ${wrapped(v[k])}`).join(" + ");
const wrapped = (q) => (q[0] < 0 ? `(${tex(q)})` : tex(q));
const doubled = (p, y) => times([2, 1], minus(p, y));
const turned = (p, y) => minus(y, p);

const TURNED = "The error is output minus target, not target minus output.";
const RULES = {
  errors: "Errors of the hidden units, with the old weights, down the columns of $\\mathbf{V}$: each error behind an edge times its weight, added up, times the slope of the unit.",
  gradients: "Gradient of a weight: the error where its edge ends times the value where it begins.",
};

function draw(random, level) {
  return level === 3 ? sigmoid() : relu(level === 1 ? 1 : 2);

  function relu(outs) {
    const some = (n) => exact(range(n).map(() => random.pick([-2, -1, 1, 2, 3])));
    const net = { x: some(2), V: range(outs).map(() => some(2)), b: exact(outs > 1 ? random.ints(2, -2, 2) : [0, 0]), c: exact(outs > 1 ? random.ints(2, -2, 2) : [0]) };
    // a row turned round where its unit should be open and is not, or the other way about
    const signs = random.pick([[1, 1], [1, -1], [-1, 1]]);
    net.W = range(2).map((j) => {
      const row = some(2);
      return positive(plus(dot(row, net.x), net.b[j])) === signs[j] > 0 ? row : row.map((w) => minus(zero, w));
    });
    const errors = range(outs).map(() => random.pick([-4, -3, -2, -1, 1, 2, 3]));
    const rate = random.pick([0.1, 0.2, 0.5]);
    const ahead = pass({ ...net, y: exact(errors) });
    net.y = ahead.guess.map((p, i) => minus(p, whole(errors[i])));
    const right = pass(net);
    const eta = fraction(10 * rate, 10);
    const large = [...right.h, ...right.guess, ...net.y].some(([n]) => Math.abs(n) > 12);
    if (large || right.a.some(([n], j) => n * signs[j] <= 0) || right.da.some(([n], j) => !n && signs[j] > 0)) return null;

    const told = (way, { eta: step = eta } = {}) => (outs === 1
      ? [key(way.guess[0]), keys(way.gV[0]), keys(way.da), tables(way.gW)]
      : [keys(way.guess), keys(way.da), tables(way.gW), decimals(stepped(net.V, way.gV, step))]);
    const slip = (id, change, says) => ({ id, is: told(pass(net, change)), says });
    const place = (values) => (outs === 1 ? [null, null, ...values] : [null, ...values, null]);
    const late = pass(net, { back: flipped(stepped(net.V, right.gV, eta)) });
    const slips = [
      { id: "turned", says: TURNED, is: told(pass(net, { error: turned })).map((v, k) => (outs > 1 && k === 3 ? null : v)) },
      slip("doubled", { error: doubled }, "The half in front of the square takes the 2 away."),
      slip("no_relu", { act: (a) => a, slope: () => one }, "ReLU was left out: a unit with a negative input hands on 0."),
      slip("no_slope", { slope: () => one }, "The slope of ReLU was left out: it is 0 where the input is negative."),
      slip("columns", { forth: flipped(net.W) }, "Row and column of W were exchanged: row j leads to hidden unit j."),
      { id: "no_weight", is: place([keys(right.da.map((_, j) => times(right.dz[0], slopeOpen(right.h[j], right.a[j])))), null]), says: "On the way back the error is multiplied by the weight of its edge." },
      { id: "flipped", is: place([null, tables(flipped(right.gW))]), says: "The gradient is turned: row j belongs to the weights that lead to hidden unit j." },
      ...(outs > 1 ? [
        { id: "rows", is: told(pass(net, { back: net.V })), says: "The errors were brought back along the rows of V; what leaves unit j stands in column j." },
        { id: "late", is: place([keys(late.da), tables(late.gW)]), says: "The output weights were used after their update; errors need the old ones." },
        { id: "no_bias", is: told(pass({ ...net, b: [zero, zero], c: [zero, zero] })), says: "The biases were left out." },
        { id: "uphill", is: [null, null, null, told(right, { eta: minus(zero, eta) })[3]], says: "The gradient was added: it points uphill, so it is subtracted." },
        { id: "no_rate", is: [null, null, null, told(right, { eta: one })[3]], says: "The learning rate was left out." },
      ] : [{ id: "before_relu", is: [null, keys(outer(right.dz, right.a)[0]), null, null], says: "The gradient of an output weight needs what the unit hands on, behind its ReLU." }]),
    ];
    const given = [["\\mathbf{x}", column(keys(net.x))], ["\\mathbf{W}", tables(net.W)], ...(outs > 1 ? [["\\mathbf{b}", column(keys(net.b))]] : []), ["\\mathbf{V}", tables(net.V)], ...(outs > 1 ? [["\\mathbf{c}", column(keys(net.c))]] : [])];
    const back = (j) => {
      const terms = summed(flipped(net.V)[j], right.dz);
      return `${outs > 1 ? `(${terms})` : terms} \\cdot ${positive(right.a[j]) ? 1 : 0} = ${tex(right.da[j])}`;
    };
    const plain = (v) => v.map(([n]) => n);
    const sums = (M, v, bias, k) => `${summed(M[k], v)}${outs > 1 ? ` + ${wrapped(bias[k])}` : ""}`;
    const letter = outs > 1 ? "\\hat{\\mathbf{y}}" : "\\hat{y}";
    return {
      statement: [
        `A network has two inputs, two hidden units with ReLU, and ${outs > 1 ? "two outputs" : "one output"} without activation: $\\mathbf{h} = \\mathrm{ReLU}(\\mathbf{W} \\mathbf{x}${outs > 1 ? " + \\mathbf{b}" : ""})$ and $${letter} = \\mathbf{V} \\mathbf{h}${outs > 1 ? " + \\mathbf{c}" : ""}$${outs > 1 ? "" : ", without biases"}. Row $j$ of $\\mathbf{W}$ leads to hidden unit $j$.`,
        { matrices: given },
        outs > 1 ? `The loss is $L = \\frac{1}{2} ((\\hat{y}_1 - y_1)^2 + (\\hat{y}_2 - y_2)^2)$ with the targets $y_1 = ${key(net.y[0])}$ and $y_2 = ${key(net.y[1])}$. Go forwards and back, then make one step of gradient descent with learning rate ${rate}. The error of a hidden unit is the derivative of $L$ by its input, before ReLU.` : `The loss is $L = \\frac{1}{2} (\\hat{y} - y)^2$ with the target $y = ${key(net.y[0])}$. Compute the prediction and the gradients. The error of a hidden unit is the derivative of $L$ by its input, before ReLU.`,
      ],
      data: { x: plain(net.x), W: net.W.map(plain), V: net.V.map(plain), b: plain(net.b), c: plain(net.c), y: plain(net.y), ...(outs > 1 ? { rate } : {}) },
      fields: outs === 1 ? [
        { kind: "number", ask: "The prediction", is: key(right.guess[0]), else: "The inputs of the hidden units first, then ReLU, then the output." },
        { kind: "vector", ask: "The gradient of $L$ by the output weights $\\mathbf{V}$", is: keys(right.gV[0]), else: "The error of the output times the value of each hidden unit." },
        { kind: "vector", ask: "The errors of the two hidden units", is: keys(right.da), else: "The error of the output times the weight on the way to it, times the slope of ReLU." },
        { kind: "matrix", ask: "The gradient of $L$ by $\\mathbf{W}$, row by row", is: tables(right.gW), else: "Row j: the error of hidden unit j times both inputs." },
      ] : [
        { kind: "vector", ask: "The two outputs", is: keys(right.guess), else: "The inputs of the hidden units first, with biases, then ReLU, then the outputs." },
        { kind: "vector", ask: "The errors of the two hidden units", is: keys(right.da), else: "Column j of V times the errors of the outputs, times the slope of ReLU." },
        { kind: "matrix", ask: "The gradient of $L$ by $\\mathbf{W}$, row by row", is: tables(right.gW), else: "Row j: the error of hidden unit j times both inputs." },
        { kind: "matrix", ask: "The output weights $\\mathbf{V}$ behind the update, row by row", is: decimals(stepped(net.V, right.gV, eta)), else: "The gradient is error of the output times value of the hidden unit; subtract the learning rate times it." },
      ],
      slips,
      steps: [
        `Forwards: the inputs of the hidden units are $a_1 = ${sums(net.W, net.x, net.b, 0)} = ${tex(right.a[0])}$ and $a_2 = ${sums(net.W, net.x, net.b, 1)} = ${tex(right.a[1])}$; ReLU keeps what is positive: $\\mathbf{h} = ${inline(right.h)}$.`,
        outs > 1 ? `Outputs: $\\hat{y}_1 = ${sums(net.V, right.h, net.c, 0)} = ${tex(right.guess[0])}$ and $\\hat{y}_2 = ${sums(net.V, right.h, net.c, 1)} = ${tex(right.guess[1])}$.` : `Output: $\\hat{y} = ${sums(net.V, right.h, net.c, 0)} = ${tex(right.guess[0])}$.`,
        `Error of an output, output minus target: $\\delta^z = ${outs > 1 ? inline(right.dz) : tex(right.dz[0])}$.`,
        `${RULES.errors} $\\delta^a_1 = ${back(0)}$ and $\\delta^a_2 = ${back(1)}$.`,
        [RULES.gradients, { matrices: [["\\partial L / \\partial \\mathbf{V}", tables(right.gV)], ["\\partial L / \\partial \\mathbf{W}", tables(right.gW)]] }],
        ...(outs > 1 ? [[`Update: $\\mathbf{V} - ${rate} \\cdot \\partial L / \\partial \\mathbf{V}$.`, { matrices: [["\\mathbf{V}", decimals(stepped(net.V, right.gV, eta))]] }]] : []),
      ],
    };
  }

  // Sigmoid where its values are fractions: at 0, and at the logarithm of a fraction.
  function sigmoid() {
    const share = (q) => over(q, plus(q, one)); // sigmoid of ln q
    const [x1, x2] = random.pick([[1, 2], [2, 1], [1, -1], [1, -2], [2, -1], [-1, 3], [3, 1]]);
    const [sign, turn] = [random.pick([-1, 1]), random.pick([-1, 1])];
    const level0 = [random.pick([-2, -1, 1, 2]), random.pick([-1, 1, 2, 3])]; // its input becomes 0 by the bias
    const odds = random.pick([[2, 1], [3, 1], [4, 1], [1, 2], [1, 3], [1, 4]]);
    const first = random.int(0, 1); // which unit has the logarithm
    const order = (a, b) => (first ? [b, a] : [a, b]);
    const W = order([sign * x2, -sign * x1], level0).map(exact);
    const shift = -(level0[0] * x1 + level0[1] * x2);
    const h = order(share(odds), [1, 2]);
    const entropy = random.int(0, 1) === 1;
    const end = random.pick(entropy ? [[1, 1], [2, 1], [3, 1], [4, 1], [1, 3], [1, 4]] : [[1, 1], [3, 1], [1, 3]]);
    const guess = share(end);
    // output weights that give 0 for these values
    const ratio = fraction(h[1][0] * h[0][1], h[1][1] * h[0][0]);
    const V = [[ratio[0], -ratio[1]].map((v) => whole(v * turn))];
    const y = random.int(0, 1);
    const rate = random.pick([1, 2, 4]);
    const net = { x: exact([x1, x2]), W, b: [zero, zero], V, c: [zero], y: [whole(y)] };
    const how = { act: (_, j) => h[j], out: () => guess, slope: slopeSigmoid, outSlope: entropy ? () => one : slopeSigmoid };
    const right = pass(net, how);
    const eta = whole(rate);
    if (V[0].some(([n]) => Math.abs(n) > 6) || [...right.gW.flat(), ...right.gV[0], ...right.da].some(([, d]) => d > 999)) return null;

    const told = (way, step = eta) => [key(way.guess[0]), key(way.dz[0]), keys(way.da), tables(way.gW), keys(stepped(V, way.gV, step)[0])];
    const slip = (id, change, says) => ({ id, is: told(pass(net, { ...how, ...change })), says });
    const only = (values, at) => [0, 1, 2, 3, 4].map((k) => (at.includes(k) ? values[k] : null));
    const ln = ([n, d]) => (n === d ? 0 : d === 1 ? `ln(${n})` : `-ln(${d})`);
    const lnTex = ([n, d]) => (d === 1 ? `\\ln ${n}` : `-\\ln ${d}`);
    const square = times(end, end);
    const late = pass(net, { ...how, back: flipped(stepped(V, right.gV, eta)) });
    const slips = [
      { id: "no_sigmoid", is: [ln(end), null, null, null, null], says: "That is the input of the output; the sigmoid stands behind it." },
      { id: "opposite", is: [key(minus(one, guess)), null, null, null, null], says: "That is the sigmoid of minus the input." },
      { id: "tanh", is: [key(over(minus(square, one), plus(square, one))), null, null, null, null], says: "That is tanh, not the sigmoid." },
      { id: "turned", is: only(told(pass(net, { ...how, error: turned })), [1, 2, 3]), says: TURNED },
      entropy
        ? slip("output_slope", { outSlope: slopeSigmoid }, "The slope of the sigmoid cancels against the derivative of the cross-entropy.")
        : slip("output_slope", { outSlope: () => one }, "The slope of the output's sigmoid is missing; it cancels with the cross-entropy only."),
      ...(entropy ? [] : [slip("doubled", { error: doubled }, "The half in front of the square takes the 2 away.")]),
      slip("no_slope", { slope: () => one }, "The slopes of the hidden units are missing."),
      slip("slope_tanh", { slope: (p) => minus(one, times(p, p)) }, "That is the slope of tanh; these are sigmoid units."),
      slip("slope_value", { slope: (p) => p }, "The value of a unit is not its slope: the slope is the value times what is missing to 1."),
      { id: "late", is: only(told(late), [2, 3]), says: "The output weights were used after their update; errors need the old ones." },
      { id: "flipped", is: only([0, 0, 0, tables(flipped(right.gW)), 0], [3]), says: "The gradient is turned: row j belongs to the weights that lead to hidden unit j." },
      { id: "uphill", is: only(told(right, minus(zero, eta)), [4]), says: "The gradient was added: it points uphill, so it is subtracted." },
      ...(rate > 1 ? [{ id: "no_rate", is: only(told(right, one), [4]), says: "The learning rate was left out." }] : []),
    ];
    const bias = order([0, odds], [shift, [1, 1]]);
    const isLog = ([, q]) => q[0] !== q[1];
    const shown = bias.map((b) => (isLog(b) ? `$${lnTex(b[1])}$` : String(b[0])));
    const apart = (q) => (q[1] > 1 ? `(${lnTex(q)})` : lnTex(q));
    const input = (j) => `${summed(W[j], net.x)} + ${isLog(bias[j]) ? apart(bias[j][1]) : wrapped(whole(bias[j][0]))} = ${isLog(bias[j]) ? lnTex(bias[j][1]) : 0}`;
    const lnEnd = end[0] === end[1] ? "0" : lnTex(end);
        const loss = entropy ? "L = -y \\ln \\hat{y} - (1 - y) \\ln (1 - \\hat{y})" : "L = \\frac{1}{2} (\\hat{y} - y)^2";
    const exactly = { tol: 0.0005, abs: 0.0001 };
    return {
      statement: [
        "A network has two inputs, two hidden units and one output, all three with a sigmoid: $\\mathbf{h} = \\sigma(\\mathbf{W} \\mathbf{x} + \\mathbf{b})$ and $\\hat{y} = \\sigma(\\mathbf{V} \\mathbf{h} + c)$ with $\\sigma(a) = 1 / (1 + e^{-a})$, so that $\\sigma(\\ln m) = \\frac{m}{m + 1}$. Row $j$ of $\\mathbf{W}$ leads to hidden unit $j$.",
        { matrices: [["\\mathbf{x}", column(keys(net.x))], ["\\mathbf{W}", tables(W)], ["\\mathbf{b}", column(shown)], ["\\mathbf{V}", tables(V)], ["c", [[end[0] === end[1] ? "0" : `$${lnEnd}$`]]]] },
        `The target is $y = ${y}$, the loss $${loss}$. Go forwards and back, then make one step of gradient descent with learning rate ${rate}. The error of a unit is the derivative of $L$ by its input, before the sigmoid. Answer with fractions, or with decimals of four places.`,
      ],
      data: { x: [x1, x2], W: W.map((row) => row.map(([n]) => n)), bias, V: V[0].map(([n]) => n), end, y, loss: entropy ? "cross-entropy" : "squared", rate },
      fields: [
        { kind: "number", ask: "The prediction", is: key(guess), ...exactly, else: "The inputs of the hidden units first: one is 0, one a logarithm. Then their sigmoids." },
        { kind: "number", ask: "The error of the output unit", is: key(right.dz[0]), ...exactly, else: entropy ? "For a sigmoid with cross-entropy the error is simple." : "Output minus target, times the slope of the sigmoid." },
        { kind: "vector", ask: "The errors of the two hidden units", is: keys(right.da), ...exactly, else: "The error of the output times the weight on the way to it, times the slope of the unit." },
        { kind: "matrix", ask: "The gradient of $L$ by $\\mathbf{W}$, row by row", is: tables(right.gW), ...exactly, else: "Row j: the error of hidden unit j times both inputs." },
        { kind: "vector", ask: "The output weights $\\mathbf{V}$ behind the update", is: keys(stepped(V, right.gV, eta)[0]), ...exactly, else: "The gradient is error of the output times value of the hidden unit; subtract the learning rate times it." },
      ],
      slips,
      steps: [
        `Forwards: $a_1 = ${input(0)}$ and $a_2 = ${input(1)}$. With $\\sigma(0) = \\frac{1}{2}$ and $\\sigma(\\ln m) = \\frac{m}{m + 1}$: $\\mathbf{h} = ${inline(h)}$.`,
        `The output: $z = ${summed(V[0], h)} + ${end[0] === end[1] ? "0" : apart(end)} = ${lnEnd}$, so $\\hat{y} = ${tex(guess)}$.`,
        entropy ? `Its error, for a sigmoid with cross-entropy: $\\delta^z = \\hat{y} - y = ${tex(right.dz[0])}$.` : `Its error: $\\delta^z = (\\hat{y} - y) \\hat{y} (1 - \\hat{y}) = ${wrapped(minus(guess, net.y[0]))} \\cdot ${tex(guess)} \\cdot ${tex(minus(one, guess))} = ${tex(right.dz[0])}$.`,
        `${RULES.errors} The slope of a sigmoid is $h (1 - h)$: $\\delta^a_1 = ${wrapped(V[0][0])} \\cdot ${wrapped(right.dz[0])} \\cdot ${tex(h[0])} \\cdot ${tex(minus(one, h[0]))} = ${tex(right.da[0])}$ and $\\delta^a_2 = ${wrapped(V[0][1])} \\cdot ${wrapped(right.dz[0])} \\cdot ${tex(h[1])} \\cdot ${tex(minus(one, h[1]))} = ${tex(right.da[1])}$.`,
        [`${RULES.gradients} By $\\mathbf{V}$: $${inline(right.gV[0])}$.`, { matrices: [["\\partial L / \\partial \\mathbf{W}", tables(right.gW)]] }],
        `Update: $\\mathbf{V} - ${rate} \\cdot \\partial L / \\partial \\mathbf{V} = ${inline(stepped(V, right.gV, eta)[0])}$.`,
      ],
    };
  }
}

export default { name, title, page, minutes, levels, bounds, draw };

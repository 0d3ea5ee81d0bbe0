// A net of two inputs, two hidden units and two outputs: forward, the errors, every gradient, one
// update. No DOM. tests/widgets/backprop_net/test_model.py compares all numbers with torch.
import { LOCAL } from "../kit/derivatives.js";
import SETTINGS from "./settings.json" with { type: "json" };

const DO = { sigmoid: (a) => 1 / (1 + Math.exp(-a)), tanh: Math.tanh, relu: (a) => Math.max(a, 0) };
// The slope of an activation at its input a, where its output is h.
export const slope = (name, a, h) => LOCAL[name]([a], h)[0];

// Which numbers a net can have; throws an Error that says what is wrong.
export function validate({ kind, data, weights }) {
  for (const [rows, count, width, what] of [[data, 2, 2, "inputs and targets"], [weights, 4, 3, "weights"]]) {
    if (!Array.isArray(rows) || rows.length !== count || rows.some((row) => !Array.isArray(row) || row.length !== width)) throw new Error(`The ${what} must be ${count} rows of ${width} numbers`);
    if (rows.flat().some((v) => typeof v !== "number" || !(Math.abs(v) <= SETTINGS.most))) throw new Error(`The ${what} must lie between −${SETTINGS.most} and ${SETTINGS.most}`);
  }
  if (kind === "softmax" && !shares(data[1])) throw new Error("With softmax the targets must be shares that add up to 1, as 1, 0");
}
export const shares = (y) => y.every((v) => v >= 0) && Math.abs(y[0] + y[1] - 1) < 1e-9;

// Inputs, outputs and loss of a forward pass.
function forward({ kind, hidden, data: [x, y] }, weights) {
  const into = (rows, from) => rows.map(([u, v, bias]) => u * from[0] + v * from[1] + bias);
  const a1 = into(weights.slice(0, 2), x), h = a1.map(DO[hidden]), a2 = into(weights.slice(2), h);
  if (kind === "sigmoid") {
    const o = a2.map(DO.sigmoid);
    return { a1, h, a2, o, loss: 0.5 * ((o[0] - y[0]) ** 2 + (o[1] - y[1]) ** 2) };
  }
  const top = Math.max(...a2), lse = top + Math.log(Math.exp(a2[0] - top) + Math.exp(a2[1] - top));
  return { a1, h, a2, o: a2.map((a) => Math.exp(a - lse)), loss: y[0] * (lse - a2[0]) + y[1] * (lse - a2[1]) };
}

// Everything: the forward pass; d2 and d1, the derivatives of the loss by a2 and a1; back, those by
// h; a gradient for each weight and bias; the weights after one update, and the loss with them.
export function run(s) {
  const { kind, hidden, data: [x, y], weights, rate } = s, now = forward(s, weights), { a1, h, a2, o } = now;
  const d2 = o.map((v, k) => (v - y[k]) * (kind === "sigmoid" ? slope("sigmoid", a2[k], v) : 1));
  const back = [0, 1].map((j) => weights[2][j] * d2[0] + weights[3][j] * d2[1]);
  const d1 = back.map((v, j) => v * slope(hidden, a1[j], h[j]));
  const row = (delta, from) => [delta * from[0], delta * from[1], delta];
  const grads = [row(d1[0], x), row(d1[1], x), row(d2[0], h), row(d2[1], h)];
  const after = weights.map((list, n) => list.map((w, k) => w - rate * grads[n][k]));
  return { ...now, d2, back, d1, grads, after, lossAfter: forward(s, after).loss };
}

// The steps: what is done, and to which unit (0 and 1 hidden, 2 and 3 outputs).
export const STEPS = [
  ["start"], ["forward", 0], ["forward", 1], ["forward", 2], ["forward", 3], ["loss"], ["delta", 2], ["delta", 3],
  ["grads", 2], ["grads", 3], ["delta", 0], ["delta", 1], ["grads", 0], ["grads", 1], ["update"],
];
// Whether something has been done to a unit by a step.
export const done = (step, what, unit) => STEPS.slice(0, step + 1).some(([w, u]) => w === what && u === unit);

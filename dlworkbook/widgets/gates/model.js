// A GRU and an LSTM of 8 units that torch trained to name the last digit of a text. No DOM: signs
// in, gates out. The weights are whole multiples of 1/UNIT (make_runs.py, widget.py).
import { reader } from "../kit/pack.js";
import RUNS from "./runs.json" with { type: "json" };

export const H = 8, UNIT = 256, CLASSES = 11, SIGNS = "abcdefghijklmnopqrstuvwxyz 0123456789";

const known = {};
// Tensors by name, as rows of numbers; a bias is a list.
export function weights(cell) {
  if (known[cell]) return known[cell];
  const number = reader(RUNS[cell].text), high = (cell === "gru" ? 3 : 4) * H;
  const list = (context, n) => Array.from({ length: n }, () => number(context) / UNIT);
  const rows = (context, n, wide) => Array.from({ length: n }, () => list(context, wide));
  const Wx = rows(0, high, SIGNS.length), Wh = rows(1, high, H), bx = list(2, high), bh = list(3, high);
  const Wo = rows(4, CLASSES, H), bo = list(5, CLASSES);
  return (known[cell] = { Wx, Wh, bx, bh, Wo, bo });
}

const sigmoid = (v) => 1 / (1 + Math.exp(-v));
const dot = (a, b) => a.reduce((sum, v, k) => sum + v * b[k], 0);
const softmax = (scores) => {
  const top = Math.max(...scores), powers = scores.map((v) => Math.exp(v - top)), sum = powers.reduce((a, b) => a + b);
  return powers.map((v) => v / sum);
};

// PyTorch's GRU (r, z, n): the reset gate acts on the product. `shift` goes to the update gate.
function gru(a, u, h, shift) {
  const side = h.map((_, k) => sigmoid(a[k] + u[k])), keep = h.map((_, k) => sigmoid(a[H + k] + u[H + k] + shift));
  const write = keep.map((z) => 1 - z), fresh = h.map((_, k) => Math.tanh(a[2 * H + k] + side[k] * u[2 * H + k]));
  const memory = h.map((old, k) => keep[k] * old + write[k] * fresh[k]);
  return { keep, write, side, new: fresh, memory, h: memory };
}
// PyTorch's LSTM (i, f, g, o). `shift` goes to the forget gate.
function lstm(a, u, c, shift) {
  const gate = (block, more) => c.map((_, k) => sigmoid(a[block * H + k] + u[block * H + k] + more));
  const write = gate(0, 0), keep = gate(1, shift), side = gate(3, 0);
  const fresh = c.map((_, k) => Math.tanh(a[2 * H + k] + u[2 * H + k]));
  const memory = c.map((old, k) => keep[k] * old + write[k] * fresh[k]);
  return { keep, write, side, new: fresh, memory, h: memory.map((v, k) => side[k] * Math.tanh(v)) };
}

// All that happens at each sign: gates, candidate, memory, state h, probabilities of the classes.
export function run({ text, cell, shift }) {
  const w = weights(cell), zeros = new Array(H).fill(0);
  let last = { h: zeros, memory: zeros };
  return [...text].map((sign) => {
    const n = SIGNS.indexOf(sign), a = w.Wx.map((row, k) => row[n] + w.bx[k]), u = w.Wh.map((row, k) => dot(row, last.h) + w.bh[k]);
    last = cell === "gru" ? gru(a, u, last.h, shift) : lstm(a, u, last.memory, shift);
    return { ...last, probs: softmax(w.Wo.map((row, k) => dot(row, last.h) + w.bo[k])) };
  });
}

// At the sign in view: where the last digit stands (-1: none), the class due and the class said,
// and by how much each unit has kept since that digit: the product of its gates.
export function verdict(s, steps = run(s)) {
  const at = Math.min(s.step, steps.length - 1), seen = [...s.text].slice(0, at + 1);
  let place = at;
  while (place >= 0 && !/\d/.test(seen[place])) place--;
  const { probs } = steps[at], said = probs.indexOf(Math.max(...probs));
  const since = steps.slice(place + 1, at + 1).reduce((all, one) => all.map((v, k) => v * one.keep[k]), new Array(H).fill(1));
  return { at, place, due: place < 0 ? CLASSES - 1 : Number(seen[place]), said, sure: probs[said], since };
}

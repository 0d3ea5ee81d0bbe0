// The sequence reverser: a GRU encoder and a GRU decoder with dot-product attention, run on
// weights that torch trained. No page, no framework: numbers in, numbers out.
//
// Weights are text: two characters of BASE64 for each number of the last snapshot, one of an
// earlier one for its distance from the next; a scale for each tensor (reverser.py tells more).
import REVERSER from "./runs.json" with { type: "json" };

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const CODE = Object.fromEntries([...BASE64].map((c, n) => [c, n]));

// The tensors of one snapshot, in order, with their shapes (as in the state dict of torch).
export function layout(E, H, V) {
  return [
    ["emb", [V, E]],
    ["enc_w_ih", [3 * H, E]], ["enc_w_hh", [3 * H, H]], ["enc_b_ih", [3 * H]], ["enc_b_hh", [3 * H]],
    ["dec_emb", [V, E]],
    ["mlp1_w", [H, H]], ["mlp1_b", [H]],
    ["dec_w_ih", [3 * H, H + E]], ["dec_w_hh", [3 * H, H]], ["dec_b_ih", [3 * H]], ["dec_b_hh", [3 * H]],
    ["mlp2_w", [V, H]], ["mlp2_b", [V]],
  ];
}

// The tensors of snapshot n by name: rows of numbers, or numbers. Unpacked when first asked for.
const models = new Map();
export function modelAt(n) {
  if (!models.has(n)) models.set(n, unpack(REVERSER, n, n + 1 < REVERSER.snapshots.length ? modelAt(n + 1) : null));
  return models.get(n);
}
function unpack({ E, H, V, snapshots }, n, later) {
  const { text, scales } = snapshots[n], tensors = {};
  let at = 0;
  layout(E, H, V).forEach(([name, [rows, cols]], t) => {
    const next = later?.[name].flat(), scale = scales[t];
    const list = Array.from({ length: rows * (cols ?? 1) }, (_, i) => {
      const code = CODE[text[at++]];
      if (!next) return (64 * code + CODE[text[at++]] - 2047) * scale;
      const near = Math.min(31, Math.max(-31, Math.floor(next[i] / scale + 0.5)));
      return (((near + (code % 2 ? -(code + 1) / 2 : code / 2) + 94) % 63) - 31) * scale;
    });
    tensors[name] = cols === undefined ? list : Array.from({ length: rows }, (_, r) => list.slice(r * cols, (r + 1) * cols));
  });
  return tensors;
}

export const dot = (a, b) => { let sum = 0; for (let i = 0; i < a.length; i++) sum += a[i] * b[i]; return sum; };
const affine = (W, b, x) => W.map((row, i) => dot(row, x) + b[i]);
const sigmoid = (v) => 1 / (1 + Math.exp(-v));

// Scores -> probabilities; the largest exponent is zero. A temperature divides the scores.
export function softmax(scores, temperature = 1) {
  const top = Math.max(...scores);
  const e = scores.map((v) => Math.exp((v - top) / temperature));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / sum);
}

// One step of torch's GRU: the reset gate acts after the matrix product.
export function gru(Wx, Wh, bx, bh, x, h) {
  const H = h.length, a = affine(Wx, bx, x), c = affine(Wh, bh, h);
  return h.map((old, i) => {
    const r = sigmoid(a[i] + c[i]), z = sigmoid(a[H + i] + c[H + i]);
    const fresh = Math.tanh(a[2 * H + i] + r * c[2 * H + i]);
    return (1 - z) * fresh + z * old;
  });
}

export function encode(m, tokens) {
  let h = m.enc_b_ih.slice(0, m.mlp1_b.length).fill(0);
  return tokens.map((token) => { h = gru(m.enc_w_ih, m.enc_w_hh, m.enc_b_ih, m.enc_b_hh, m.emb[token], h); return h; });
}

// The first state of the decoder: the mean over time of mlp1(enc_hidden).
export function firstState(m, hidden) {
  const all = hidden.map((h) => affine(m.mlp1_w, m.mlp1_b, h));
  return all[0].map((_, i) => all.reduce((sum, v) => sum + v[i], 0) / all.length);
}

export function step(m, hidden, state, token, temperature) {
  const scores = hidden.map((h) => dot(state, h));
  const weights = softmax(scores, temperature);
  const context = state.map((_, i) => hidden.reduce((sum, h, s) => sum + weights[s] * h[i], 0));
  const next = gru(m.dec_w_ih, m.dec_w_hh, m.dec_b_ih, m.dec_b_hh, [...context, ...m.dec_emb[token]], state);
  const probs = softmax(affine(m.mlp2_w, m.mlp2_b, next));
  const pick = probs.indexOf(Math.max(...probs));
  return { query: state, token, scores, weights, context, state: next, probs, pick };
}

// The whole run. Token 0 starts the output; letters are 1 to 26. With `given` the decoder is fed
// the right letters instead of its own.
export function run(m, tokens, temperature = 1, given = false) {
  const hidden = encode(m, tokens), steps = [];
  let state = firstState(m, hidden), token = 0;
  for (let t = 0; t < tokens.length; t++) {
    const one = step(m, hidden, state, token, temperature);
    steps.push(one);
    state = one.state;
    token = given ? tokens[tokens.length - 1 - t] : one.pick;
  }
  return { hidden, steps };
}

export const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
export const toTokens = (text) => [...text].map((c) => LETTERS.indexOf(c) + 1);
export const letter = (token) => LETTERS[token - 1] ?? "start";

// What the explorer says of a setting `s` and of what came out (`result` of model.js, or null).
import { fmt } from "../kit/controls.js";
import { dims, outputSize, pads, slice, taps } from "./model.js";
import { exact } from "./state.js";

export const range = (n) => Array.from({ length: n }, (_, i) => i);
export const both = (v) => (v[0] === v[1] ? String(v[0]) : x2(v));
export const typed = (v) => exact(v).replace("-", "−");
export const show = (v) => (exact(v).length < 6 ? typed(v) : fmt(v));
const x2 = (v) => `${v[0]} × ${v[1]}`;
const inParens = (v) => (v < 0 ? `(${fmt(v)})` : fmt(v));
const tuple = (v) => (v[0] === v[1] ? v[0] : `(${v[0]}, ${v[1]})`);
const plus = (terms) => terms.join(" + ").replaceAll("+ −", "− ");

// Names of channels and of their values; a single channel needs no number.
export const index = (letter, ...ij) => `${letter}[${ij.join(", ")}]`;
export const indexX = (s, c, i, j) => index("X", ...(s.input.length > 1 ? [c] : []), i, j);
export const indexY = (s, o, i, j) => index("Y", ...(dims(s).O > 1 ? [o] : []), i, j);
const channel = (name, c, total) => (total > 1 ? `${name}[${c}]` : name);
// Where the slice between channels o and c stands in the kernel array.
export function kernelPath(s, o, c) {
  const { C, O } = dims(s);
  return s.transposed ? [c, o % (O / s.groups)] : [o, c % (C / s.groups)];
}
// A turned kernel is shown turned; its cells keep the names of the weights that they show.
export const weightAt = (s, u, v) => { const { k: [kh, kw] } = dims(s); return s.flip ? [kh - 1 - u, kw - 1 - v] : [u, v]; };
export const indexK = (s, o, c, u, v) => { const { C, O } = dims(s); return index("K", ...(O * C > 1 ? kernelPath(s, o, c) : []), ...weightAt(s, u, v)); };

export function inputTitle(s, c, [rows, cols]) {
  const { C, n } = dims(s);
  return `${channel("Input X", c, C)}, ${x2(n)}${rows > n[0] || cols > n[1] ? `, with zeros ${rows} × ${cols}` : ""}`;
}
export function kernelTitle(s, o, c) {
  const { C, O, k } = dims(s);
  const name = O * C > 1 ? index("K", ...kernelPath(s, o, c)) : "K";
  return `${s.flip ? `${name} turned` : `Kernel ${name}`}, ${x2(k)}`; // no longer for being turned
}
export const outputTitle = (s, o, size, isCut) => `${channel("Output Y", o, dims(s).O)}, ${x2(size)}${isCut ? ", border cut off" : ""}`;

export function shapesText(s, result) {
  const { C, O, n, k } = dims(s), of = (channels, size) => `${channels > 1 ? `${channels} × ` : ""}${x2(size)}`;
  return result ? `${of(C, n)}  ${s.transposed ? "transposed with" : s.flip ? "∗" : "⋆"}  ${x2(k)}  →  ${of(O, result.size)}` : "no output";
}
// The formula of the output's size: [whose size, the sum] for rows and columns, or for both at once.
export function sizeSums(s) {
  const { n, k } = dims(s), [before, after] = pads(s), size = outputSize(s);
  const sums = [0, 1].map((a) => {
    const p = before[a] === after[a] ? `2·${before[a]}` : `${before[a]} + ${after[a]}`, d = s.dilation[a];
    return s.transposed
      ? `(${n[a]} − 1)·${s.stride[a]} − ${p} + ${d}·(${k[a]} − 1) + ${s.output_padding[a]} + 1 = ${fmt(size[a])}`
      : `⌊(${n[a]} + ${p} − ${d}·(${k[a]} − 1) − 1) / ${s.stride[a]}⌋ + 1 = ${fmt(size[a])}`;
  });
  return sums[0] === sums[1] ? [["rows and columns: ", sums[0]]] : [["rows: ", sums[0]], ["columns: ", sums[1]]];
}
// Multiply-adds: [the product, a note].
export function workSum(s, { size, nominal, real }) {
  const { C, O, n, k } = dims(s), area = s.transposed ? n : size, rest = nominal - real;
  const note = s.transposed
    ? (rest ? `; ${rest} of them land on the border that is cut off` : "")
    : rest ? `; ${rest} of them multiply a padding zero, ${real} do not` : "; none of them on padding";
  return [`${s.transposed ? C : O}·${(s.transposed ? O : C) / s.groups}·${k[0]}·${k[1]}·${area[0]}·${area[1]} = ${nominal}`, note];
}
export function inPyTorch(s) {
  const args = ["X", s.flip ? "K.flip(-2, -1)" : "K"], [before, after] = pads(s), some = (v, least) => v.some((n) => n > least);
  if (s.bias.length) args.push("b");
  if (some(s.stride, 1)) args.push(`stride=${tuple(s.stride)}`);
  if (s.mode === "same" && !s.transposed) args.push('padding="same"');
  else if (s.mode === "same_tf" && !s.transposed) {
    if (some([...before, ...after], 0)) args[0] = `F.pad(X, (${before[1]}, ${after[1]}, ${before[0]}, ${after[0]}))`;
  } else if (some(before, 0)) args.push(`padding=${tuple(before)}`);
  if (s.transposed && some(s.output_padding, 0)) args.push(`output_padding=${tuple(s.output_padding)}`);
  if (s.groups > 1) args.push(`groups=${s.groups}`);
  if (some(s.dilation, 1)) args.push(`dilation=${tuple(s.dilation)}`);
  const text = `F.conv${s.transposed ? "_transpose" : ""}2d(${args.join(", ")})`;
  return s.relu ? `F.relu(${text})` : text;
}

// The arithmetic of window (i, j) of output channel o, or of the stamp of input value (i, j):
// lines for the eye, and a sentence for the ear.
export const windowWords = (s, result, o, i, j) => (s.transposed ? ofStamp : ofWindow)(s, result, o, i, j);
function ofWindow(s, result, o, i, j) {
  const parts = taps(s, o, i, j), y = result.y[o][i][j], b = s.bias[o], name = indexY(s, o, i, j);
  const products = (list) => plus(list.map((t) => `${fmt(t.x)}·${inParens(t.w)}`));
  const raw = parts.reduce((t, p) => t + p.sum, 0) + (b ?? 0);
  const end = `${b === undefined ? "" : `${b < 0 ? ` − ${fmt(-b)}` : ` + ${fmt(b)}`} (bias)`}${s.relu ? ` = ${fmt(raw)}, ReLU: max(0, ${fmt(raw)})` : ""} = ${fmt(y)}`;
  const lines = parts.length === 1 ? [`${name} = ${products(parts[0].taps)}${end}`]
    : [...parts.map((p) => `channel ${p.c}: ${products(p.taps)} = ${fmt(p.sum)}`), `${name} = ${plus(parts.map((p) => fmt(p.sum)))}${end}`];
  return [lines, `${name} = ${fmt(y)}.`];
}
function ofStamp(s, { size }, o, i, j) {
  const { C, span } = dims(s), [before] = pads(s);
  const stamps = range(C).filter((c) => slice(s, o, c)).map((c) => [`${indexX(s, c, i, j)} = ${fmt(s.input[c][i][j])}`, s.input[c][i][j], slice(s, o, c)]);
  const lines = stamps.map(([name, x, m]) => `${name} stamps ${fmt(x)}·K = [${m.map((row) => row.map((w) => fmt(x * w)).join(" ")).join(" ; ")}]`);
  const from = [i, j].map((n, a) => n * s.stride[a] - before[a]), to = from.map((p, a) => p + span[a] - 1);
  lines.push(`added to ${indexY(s, o, ...from.map((p, a) => (p === to[a] ? p : `${fmt(p)}…${fmt(to[a])}`)))}`
    + (s.dilation.some((d) => d > 1) ? `, in steps of ${both(s.dilation)}` : "")
    + (from.some((p) => p < 0) || to.some((e, a) => e >= size[a]) ? "; what lies outside Y is cut off" : ""));
  return [lines, `${stamps[0][0]}, ${lines.at(-1)}.`];
}

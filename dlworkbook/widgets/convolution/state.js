// What the explorer can be set to: limits, defaults, examples, validation, and the short text
// that a link carries.
import { dims } from "./model.js";

export const LIMITS = {
  input: [1, 10], kernel: [1, 5], channels: [1, 3], stride: [1, 4], dilation: [1, 3],
  padding: [0, 6], output_padding: [0, 3], value: 1e6,
};
export const MODES = ["valid", "same", "full", "custom", "same_tf"];

export const INPUTS = {
  exam: ["2021 exam", [[5, 6, 0, 1, 8, 2], [0, 9, 8, 4, 6, 5], [2, 6, 5, 3, 8, 4], [6, 3, 4, 9, 1, 0], [7, 5, 9, 1, 6, 7], [2, 5, 9, 2, 3, 7]]],
  edge: ["an edge", Array.from({ length: 7 }, () => [0, 0, 0, 9, 9, 9, 9])],
  dot: ["one dot", Array.from({ length: 7 }, (_, i) => Array.from({ length: 7 }, (_, j) => (i === 3 && j === 3 ? 1 : 0)))],
  ramp: ["0, 1, 2, …", Array.from({ length: 4 }, (_, i) => Array.from({ length: 4 }, (_, j) => 4 * i + j))],
  // scikit-image's `camera` (by Lav Varshney, CC0): rows 60-219, columns 180-339 as the means of
  // 16 x 16 blocks, rounded; grey values from 0 (black) to 255 (white).
  photo: ["photo, 0 to 255", [
    [173, 109, 126, 183, 204, 204, 203, 203, 203, 202], [43, 46, 37, 36, 157, 206, 206, 205, 205, 205],
    [32, 49, 56, 29, 36, 173, 208, 207, 207, 207], [17, 23, 46, 34, 25, 95, 210, 209, 209, 209],
    [86, 24, 88, 108, 66, 165, 212, 212, 210, 211], [128, 87, 143, 108, 126, 127, 184, 197, 155, 209],
    [64, 99, 135, 158, 191, 133, 182, 177, 166, 207], [81, 60, 94, 126, 215, 142, 108, 118, 79, 149],
    [133, 30, 50, 73, 146, 128, 28, 52, 32, 104], [58, 46, 50, 60, 118, 57, 40, 54, 45, 112]]],
};
const over = (q, rows) => rows.map((row) => row.map((v) => v / q));
export const KERNELS = {
  exam: ["2021 exam", [[0, -1, 1], [1, 0, 0], [0, -1, 1]]],
  sobel: ["Sobel, left to right", [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]],
  sobel_y: ["Sobel, top to bottom", [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]],
  blur: ["blur (mean)", over(9, [[1, 1, 1], [1, 1, 1], [1, 1, 1]])],
  gauss: ["blur (binomial)", over(16, [[1, 2, 1], [2, 4, 2], [1, 2, 1]])],
  sharpen: ["sharpen", [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]],
  laplace: ["Laplace", [[0, 1, 0], [1, -4, 1], [0, 1, 0]]],
  identity: ["identity", [[0, 0, 0], [0, 1, 0], [0, 0, 0]]],
  count: ["1 to 9", [[1, 2, 3], [4, 5, 6], [7, 8, 9]]],
  pair: ["difference, 1 × 2", [[-1, 1]]],
  even: ["mean, 2 × 2", over(4, [[1, 1], [1, 1]])],
};

export const DEFAULTS = {
  input: [INPUTS.exam[1]], kernel: [[KERNELS.exam[1]]], bias: [], mode: "valid", padding: [1, 1], stride: [1, 1],
  dilation: [1, 1], output_padding: [0, 0], groups: 1, flip: false, relu: false, transposed: false, step: 0, channel: 0,
};
export const KEYS = Object.keys(DEFAULTS);

const rgb = [[3, 1, 0, 2], [0, 5, 4, 1], [1, 2, 6, 3], [2, 0, 1, 4]];
const shift = (m, by) => m.map((row, i) => row.map((_, j) => m[(i + by) % m.length][(j + 2 * by) % row.length]));
const ch = (m, n) => Array.from({ length: n }, (_, c) => shift(m, c));
const K = (name) => KERNELS[name][1];
export const EXAMPLES = {
  exam: ["2021 exam problem", {}],
  edge: ["Sobel on an edge", { input: [INPUTS.edge[1]], kernel: [[K("sobel")]] }],
  dot: ["one dot: the kernel, turned", { input: [INPUTS.dot[1]], kernel: [[K("count")]] }],
  sobel: ["photo, Sobel", { input: [INPUTS.photo[1]], kernel: [[K("sobel")]] }],
  blur: ["photo, blur", { input: [INPUTS.photo[1]], kernel: [[K("blur")]] }],
  sharpen: ["photo, sharpen", { input: [INPUTS.photo[1]], kernel: [[K("sharpen")]] }],
  channels: ["3 channels in, 2 out", {
    input: ch(rgb, 3), bias: [1, -2],
    kernel: [[[[1, 0], [0, -1]], [[0, 1], [1, 0]], [[2, 0], [0, 0]]], [[[0, 0], [1, 1]], [[-1, 0], [0, 1]], [[0, 1], [0, 0]]]],
  }],
  depthwise: ["depthwise: groups = 3", {
    input: ch(rgb, 3), kernel: [[[[1, 1], [1, 1]]], [[[1, -1], [1, -1]]], [[[1, 1], [-1, -1]]]], groups: 3,
  }],
  transposed: ["transposed, stride 2", {
    input: [[[1, 2, 3], [4, 5, 6], [7, 8, 9]]], kernel: [[[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]], transposed: true, stride: [2, 2],
  }],
};

export const clone = (s) => JSON.parse(JSON.stringify(s));
export const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// Text of a cell -> number or null. Fractions are welcome: 1/9.
export function parse(text) {
  const m = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?:\/(\d+\.?\d*))?$/i.exec(text.trim().replace("−", "-").replace(/\s*\/\s*/, "/"));
  if (!m) return null;
  const v = Number(m[1]) / Number(m[2] ?? 1);
  return Number.isFinite(v) && Math.abs(v) <= LIMITS.value ? v : null;
}
// Number -> text that parse() reads back as the same number: 3, -0.5, 1/9.
export function exact(v) {
  const plain = String(v);
  if (plain.replace("-", "").length > 4) {
    for (let q = 3; q <= 81; q++) {
      const p = Math.round(v * q);
      if (p && p / q === v) return `${p}/${q}`;
    }
  }
  return plain;
}

// Throws an Error whose message says which setting is wrong and what is allowed.
export function validate(s) {
  const fail = (what, rule) => { throw new Error(`${what} must be ${rule}`); };
  const whole = (v, [lo, hi], what) => {
    if (!Number.isInteger(v) || v < lo || v > hi) fail(what, `a whole number from ${lo} to ${hi}`);
  };
  const box = (v, limits, what) => {
    const side = ([lo, hi], n) => n >= lo && n <= hi;
    const ok = Array.isArray(v) && side(limits, v.length) && v.every((row) => Array.isArray(row)
      && side(limits, row.length) && row.length === v[0].length
      && row.every((x) => typeof x === "number" && Math.abs(x) <= LIMITS.value));
    if (!ok) fail(what, `rows of numbers, ${limits[0]} to ${limits[1]} each way`);
  };
  const stack = (v, what) => {
    if (!Array.isArray(v) || v.length < 1 || v.length > LIMITS.channels[1]) fail(what, `1 to ${LIMITS.channels[1]} channels`);
  };
  const alike = (list, what) => {
    if (list.some((m) => m.length !== list[0].length || m[0].length !== list[0][0].length)) fail(what, "of one size in all channels");
  };
  stack(s.input, "input");
  s.input.forEach((m) => box(m, LIMITS.input, "input"));
  alike(s.input, "input");
  stack(s.kernel, "kernel");
  s.kernel.forEach((row) => { stack(row, "kernel"); row.forEach((m) => box(m, LIMITS.kernel, "kernel")); });
  if (s.kernel.some((row) => row.length !== s.kernel[0].length)) fail("kernel", "complete: as many slices for each channel");
  alike(s.kernel.flat(), "kernel");
  for (const key of ["stride", "dilation", "padding", "output_padding"]) {
    if (!Array.isArray(s[key]) || s[key].length !== 2) fail(key, "two numbers");
    s[key].forEach((v) => whole(v, LIMITS[key], key));
  }
  if (!MODES.includes(s.mode)) fail("mode", `one of ${MODES.join(", ")}`);
  whole(s.groups, LIMITS.channels, "groups");
  for (const key of ["flip", "relu", "transposed"]) if (typeof s[key] !== "boolean") fail(key, "on or off");
  if (!Array.isArray(s.bias) || s.bias.length > LIMITS.channels[1] || s.bias.some((v) => typeof v !== "number" || !Number.isFinite(v))) {
    fail("bias", "up to three numbers");
  }
  whole(s.step, [0, 9999], "window");
  whole(s.channel, [0, 2], "channel");
  if (dims(s).O > LIMITS.channels[1]) fail("kernel", `for at most ${LIMITS.channels[1]} output channels`);
  return s;
}

// --- links. `x:edge_m:same_s:2,1` : only what differs from DEFAULTS, in characters that no
// messenger breaks and that need no escape in a query.
const CODES = {
  x: "input", k: "kernel", b: "bias", m: "mode", p: "padding", s: "stride", d: "dilation", op: "output_padding",
  g: "groups", f: "flip", r: "relu", t: "transposed", n: "step", o: "channel",
};
const named = { input: INPUTS, kernel: KERNELS };
const wrap = { input: (m) => [m], kernel: (m) => [[m]] };

function shapeOf(v) {
  return Array.isArray(v) ? [v.length, ...shapeOf(v[0])] : [];
}
function fold(flat, [n, ...rest]) {
  if (!rest.length) return flat.slice(0, n);
  const size = flat.length / n;
  return Array.from({ length: n }, (_, i) => fold(flat.slice(i * size, (i + 1) * size), rest));
}

export function encode(s) {
  const out = [];
  for (const [code, key] of Object.entries(CODES)) {
    const v = s[key];
    if (same(v, DEFAULTS[key])) continue;
    let text;
    if (named[key]) {
      const known = Object.entries(named[key]).find(([, [, m]]) => same(wrap[key](m), v));
      text = known ? known[0] : `${shapeOf(v).join("x")}:${v.flat(9).map(exact).join(",")}`;
    } else if (Array.isArray(v)) text = (v[0] === v[1] && v.length === 2 && key !== "bias" ? [v[0]] : v).map(exact).join(",");
    else text = typeof v === "boolean" ? Number(v) : v;
    out.push(`${code}:${text}`);
  }
  return out.join("_") || "exam";
}

export function decode(text) {
  const s = clone(DEFAULTS);
  if (text === "exam") return s;
  // `_` separates settings and also stands in some names, so a setting starts at `_letters:`.
  for (const part of text.split(/_(?=[a-z]{1,2}:)/)) {
    const m = /^([a-z]{1,2}):(.*)$/s.exec(part);
    const key = m && Object.hasOwn(CODES, m[1]) ? CODES[m[1]] : null;
    if (!key) throw new Error(`“${part.slice(0, 20)}” is not a setting`);
    const numbers = (t) => t.split(",").map((w) => {
      const v = parse(w);
      if (v === null) throw new Error(`${key}: “${w.slice(0, 12)}” is not a number`);
      return v;
    });
    const d = DEFAULTS[key];
    if (named[key]) {
      const [head, flat] = m[2].split(":");
      if (flat === undefined) {
        if (!Object.hasOwn(named[key], head)) throw new Error(`${key} “${head.slice(0, 20)}” is unknown`);
        s[key] = clone(wrap[key](named[key][head][1]));
      } else {
        const shape = head.split("x").map(Number), values = numbers(flat);
        const rank = key === "input" ? 3 : 4;
        if (shape.length !== rank || shape.some((n) => !(Number.isInteger(n) && n > 0)) || shape.reduce((a, b) => a * b, 1) !== values.length) {
          throw new Error(`${key}: ${values.length} numbers do not fill ${head.slice(0, 20)}`);
        }
        s[key] = fold(values, shape);
      }
    } else if (key === "bias") s.bias = m[2] ? numbers(m[2]) : [];
    else if (Array.isArray(d)) { const v = numbers(m[2]); s[key] = v.length === 1 ? [v[0], v[0]] : v; }
    else if (typeof d === "boolean") {
      if (!/^[01]$/.test(m[2])) throw new Error(`${key} must be 0 or 1`);
      s[key] = m[2] === "1";
    } else s[key] = typeof d === "number" ? numbers(m[2])[0] : m[2];
  }
  return validate(s);
}

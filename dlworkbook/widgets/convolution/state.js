// The settings that the kit does not know (arrays, pairs for rows and columns), numbers as they
// are typed, and the text that a link carries: `x:edge_m:same_s:2,1`, in characters that no
// messenger breaks and that need no escape in a query.
import { readNumber } from "../kit/matrix.js";
import { alike, makeState, ruleOf } from "../kit/state.js";
import { INPUTS, KERNELS } from "./examples.js";
import { dims } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const FIELDS = SETTINGS.fields, BEYOND = 1e6;
export const CHANNELS = FIELDS.input.most[0], SIDE = FIELDS.input.most[1], KERNEL_SIDE = FIELDS.kernel.most[2];

export const parse = (text) => readNumber(text, BEYOND);
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

const fail = (key, rule) => { throw new Error(`${key} must be ${rule}`); };
const numbers = (text, key) => text.split(",").map((w) => {
  const v = parse(w);
  if (v === null) throw new Error(`${key}: “${w.slice(0, 12)}” is not a number`);
  return v;
});
const within = (v, key, field, name = key) => {
  const [rule, holds] = ruleOf(field);
  if (!holds(v)) fail(name, rule);
};

const pair = {
  check(v, key) {
    if (!Array.isArray(v) || v.length !== 2) fail(key, "two numbers");
    v.forEach((one) => within(one, key, FIELDS[key]));
  },
  text: (v) => (v[0] === v[1] ? v[0] : v.join(",")),
  parse(text, key) {
    const v = numbers(text, key);
    return v.length === 1 ? [v[0], v[0]] : v;
  },
};

const shapeOf = (v) => (Array.isArray(v) ? [v.length, ...shapeOf(v[0])] : []);
function fold(flat, [n, ...rest]) {
  if (!rest.length) return flat;
  const size = flat.length / n;
  return Array.from({ length: n }, (_, i) => fold(flat.slice(i * size, (i + 1) * size), rest));
}
// Channels of matrices; in a link by the name of a known matrix, else as 1x2x2:1,2,3,4.
const array = (known, wrap) => ({
  check(v, key) {
    const { most } = FIELDS[key], side = most.at(-1), fits = (list) => list.length >= 1 && list.length <= side;
    const stack = (list) => { if (!Array.isArray(list) || list.length < 1 || list.length > CHANNELS) fail(key, `1 to ${CHANNELS} channels`); };
    stack(v);
    if (most.length > 3) v.forEach(stack);
    const all = v.flat(most.length - 3);
    for (const m of all) {
      const ok = Array.isArray(m) && fits(m) && m.every((row) => Array.isArray(row) && fits(row) && row.length === m[0].length
        && row.every((x) => typeof x === "number" && Math.abs(x) <= BEYOND));
      if (!ok) fail(key, `rows of numbers, 1 to ${side} each way`);
    }
    if (most.length > 3 && v.some((row) => row.length !== v[0].length)) fail(key, "complete: as many slices for each channel");
    if (all.some((m) => m.length !== all[0].length || m[0].length !== all[0][0].length)) fail(key, "of one size in all channels");
  },
  text: (v) => Object.keys(known).find((k) => alike(wrap(known[k][1]), v)) ?? `${shapeOf(v).join("x")}:${v.flat(9).map(exact).join(",")}`,
  parse(text, key) {
    const [head, flat] = text.split(":");
    if (flat === undefined) {
      if (!Object.hasOwn(known, head)) throw new Error(`${key} “${head.slice(0, 20)}” is unknown`);
      return wrap(known[head][1]);
    }
    const shape = head.split("x").map(Number), values = numbers(flat, key);
    if (shape.length !== FIELDS[key].most.length || !shape.every((n) => Number.isInteger(n) && n > 0) || shape.reduce((a, b) => a * b, 1) !== values.length) {
      throw new Error(`${key}: ${values.length} numbers do not fill ${head.slice(0, 20)}`);
    }
    return fold(values, shape);
  },
});

const bias = {
  check(v) { if (!Array.isArray(v) || v.length > CHANNELS || !v.every(Number.isFinite)) fail("bias", "up to three numbers"); },
  text: (v) => v.map(exact).join(","),
  parse: (text, key) => (text ? numbers(text, key) : []),
};
const state = makeState(SETTINGS, {
  input: array(INPUTS, (m) => [m]), kernel: array(KERNELS, (m) => [[m]]), bias,
  padding: pair, stride: pair, dilation: pair, output_padding: pair,
  step: { check: (v, key) => within(v, key, FIELDS.step, "window") },
});
export const START = state.start;
export const STATE = {
  ...state,
  validate(s) {
    if (dims(state.validate(s)).O > CHANNELS) fail("kernel", `for at most ${CHANNELS} output channels`);
    return s;
  },
  decode: (text) => STATE.validate(state.decode(text)),
};

// What the gradient widget can be set to: defaults, validation, and the short text of a link.
import { ACTIVATIONS, DEPTHS, GAINS, NORMS } from "./model.js";

export const INITS = ["default", "xavier", "he", "orthogonal", "normal"];
export const SIDES = ["W", "h"];
export const DEFAULTS = { depth: 20, activation: "sigmoid", init: "default", gain: 4, residual: false, norm: "none", wrt: "W" };
export const KEYS = Object.keys(DEFAULTS);
export const SORTED = [...DEPTHS].sort((a, b) => a - b);

const LISTS = { activation: ACTIVATIONS, init: INITS, norm: NORMS, wrt: SIDES };
const SHORT = { depth: "d", activation: "a", init: "i", gain: "g", residual: "r", norm: "n", wrt: "w" };

// Throws an Error whose message says which setting is wrong and what is allowed.
export function validate(s) {
  const fail = (what, rule) => { throw new Error(`${what} must be ${rule}`); };
  if (!DEPTHS.includes(s.depth)) fail("depth", `one of ${SORTED.join(", ")}`);
  for (const [key, list] of Object.entries(LISTS)) if (!list.includes(s[key])) fail(key, `one of ${list.join(", ")}`);
  if (!Number.isInteger(s.gain) || s.gain < 0 || s.gain >= GAINS.length) fail("gain", `a whole number from 0 to ${GAINS.length - 1}`);
  if (typeof s.residual !== "boolean") fail("residual", "0 or 1");
  return s;
}
// The settings that differ from the defaults: d:50_a:relu_r:1
export function encode(s) {
  return KEYS.filter((k) => s[k] !== DEFAULTS[k]).map((k) => `${SHORT[k]}:${k === "residual" ? +s[k] : s[k]}`).join("_");
}
export function decode(text) {
  const s = { ...DEFAULTS };
  for (const part of text.split("_").filter(Boolean)) {
    const [short, value, ...rest] = part.split(":");
    const key = KEYS.find((k) => SHORT[k] === short);
    if (!key || value === undefined || rest.length) throw new Error(`“${part.slice(0, 20)}” is not a setting`);
    if (key === "residual") s.residual = { 0: false, 1: true }[value];
    else s[key] = key === "depth" || key === "gain" ? (/^\d+$/.test(value) ? Number(value) : NaN) : value;
  }
  return validate(s);
}

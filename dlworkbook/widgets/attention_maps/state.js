// What the attention maps can be set to: defaults, examples, validation, and the short text
// that a link carries.
import { LETTERS } from "./model.js";

export const MOST = 12; // letters
export const TEMPERATURES = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 4, 8, 20];
export const WORDS = [
  ["STRESSED", "STRESSED"], ["REVERSE", "REVERSE"], ["ABCDEFGH", "ABCDEFGH, all different"], ["AAAABBBB", "AAAABBBB"],
  ["ATTENTION", "ATTENTION, 9 letters"], ["BOOKKEEPER", "BOOKKEEPER, 10"], ["ABCDEFGHIJKL", "ABCDEFGHIJKL, 12"],
];
export const DEFAULTS = { sequence: "STRESSED", trained: 4000, temperature: 1, step: 2, given: false };
export const KEYS = Object.keys(DEFAULTS);

// What is wrong with a typed sequence, in words; empty if nothing is.
export function trouble(typed) {
  const text = typed.trim().toUpperCase();
  if (text === "") return "The sequence is empty; it takes 1 to 12 letters";
  const strange = [...text].find((c) => !LETTERS.includes(c));
  if (strange !== undefined) {
    const name = strange.trim() === "" ? "a space" : `“${strange}”`;
    return `The sequence holds ${name}; the network was trained on the letters A to Z only`;
  }
  if (text.length > MOST) return `The sequence has ${text.length} letters; ${MOST} fit in here, and more than 8 is beyond what training showed`;
  return "";
}

// Throws an Error whose message says which setting is wrong and what is allowed.
export function validate(s, trainings) {
  const fail = (text) => { throw new Error(text); };
  if (typeof s.sequence !== "string") fail("sequence must be letters");
  const wrong = trouble(s.sequence);
  if (wrong) fail(wrong);
  if (!trainings.includes(s.trained)) fail(`trained must be one of ${trainings.join(", ")}`);
  if (!TEMPERATURES.includes(s.temperature)) fail(`temperature must be one of ${TEMPERATURES.join(", ")}`);
  if (!Number.isInteger(s.step) || s.step < 0 || s.step >= MOST) fail(`step must be a whole number from 0 to ${MOST - 1}`);
  if (typeof s.given !== "boolean") fail("given must be on or off");
  return { ...s, sequence: s.sequence.trim().toUpperCase(), step: Math.min(s.step, s.sequence.trim().length - 1) };
}

// --- links: `s:REVERSE_n:300_t:0.5_d:3_g:1`, only what differs from DEFAULTS.
const SIGNS = { s: "sequence", n: "trained", t: "temperature", d: "step", g: "given" };

export function toLink(s) {
  const parts = Object.entries(SIGNS).filter(([, key]) => s[key] !== DEFAULTS[key])
    .map(([sign, key]) => `${sign}:${typeof s[key] === "boolean" ? Number(s[key]) : s[key]}`);
  return parts.join("_") || "start";
}

export function fromLink(text, trainings) {
  const s = { ...DEFAULTS };
  if (text === "start") return s;
  for (const part of text.split("_")) {
    const [sign, value, more] = part.split(":");
    if (!Object.hasOwn(SIGNS, sign) || value === undefined || more !== undefined) throw new Error(`“${part.slice(0, 20)}” is not a setting`);
    const key = SIGNS[sign];
    if (key === "sequence") s.sequence = value;
    else if (key === "given") {
      if (!/^[01]$/.test(value)) throw new Error("given must be 0 or 1");
      s.given = value === "1";
    } else {
      if (!/^\d+(\.\d+)?$/.test(value)) throw new Error(`${key}: “${value.slice(0, 12)}” is not a number`);
      s[key] = Number(value);
    }
  }
  return validate(s, trainings);
}

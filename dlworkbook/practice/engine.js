// Makes a problem from a family, a level and a seed. It touches no page: the browser runs it for
// the page, Node for the printed sheet, the key and the proof (publish/practice).
//
// A family (families/<name>.js) exports { name, title, page, minutes, levels, bounds, draw }. Its
// draw(random, level) gives statement, data, fields, slips and steps, or null where the numbers do
// not come out nicely; CONTRIBUTING.md says what they hold. The engine keeps these rules:
// - Each number in the data and each whole number in a key is at most bounds.most in magnitude, and
//   has at most bounds.places decimals (0 where nothing is said).
// - A slip is left out of a field where its value is the key, or that of another slip, by the judge
//   of the answer box with WIDER times its tolerance: of two methods with one number none is named.
// - A field has at least one slip, and a problem slips of at least LEAST methods.
// Where a rule does not hold the problem is drawn anew: chance starts at "name:level:seed:attempt",
// with the attempt counted from 0 and written into the problem.

import { judge } from "../answers/judge.js";
import { chance } from "./kit.js";

export const LEAST = 2;
const WIDER = 4;
const ATTEMPTS = 200;

// An answer as a reader would write it.
export function written(value) {
  return Array.isArray(value) ? `[${value.map(written).join(", ")}]` : String(value);
}

const wide = ({ kind, tol = 1e-3, abs, unit, of }, is) => ({
  kind, is, of, unit, ...(["number", "vector", "matrix"].includes(kind) ? { tol: WIDER * tol, abs: abs && WIDER * abs } : {}),
});
const sameAnswer = (field, one, other) => judge(wide(field, one), written(other)).state === "right";

// The slips that a field can tell apart.
function distinct(field, slips) {
  const apart = slips.filter((slip) => !sameAnswer(field, field.is, slip.is) && !sameAnswer(field, slip.is, field.is));
  return apart.filter((slip) => !apart.some((other) => other !== slip && (sameAnswer(field, slip.is, other.is) || sameAnswer(field, other.is, slip.is))));
}

// All numbers in the data; of a key those that are numbers.
const figures = (held) => (typeof held === "number" ? [held] : held && typeof held === "object" ? Object.values(held).flatMap(figures) : []);
function bounded(held, { most, places = 0 }) {
  return figures(held).every((n) => Math.abs(n) <= most && Number(n.toFixed(places)) === n);
}

// The drawn problem with its slips sorted out; null if a rule does not hold.
function kept({ statement, data, fields, slips, steps }, bounds) {
  if (!bounded(data, bounds) || !bounded(fields.map((field) => field.is), bounds)) return null;
  const told = fields.map((field, k) => {
    const own = slips.filter((slip) => slip.is[k] !== undefined && slip.is[k] !== null);
    return { ...field, slips: distinct(field, own.map((slip) => ({ id: slip.id, is: slip.is[k], say: slip.says }))) };
  });
  const methods = new Set(told.flatMap((field) => field.slips.map((slip) => slip.id)));
  if (methods.size < LEAST || told.some((field) => !field.slips.length)) return null;
  const left = slips.map((slip) => slip.id).filter((id) => !methods.has(id));
  return { statement, data, fields: told, steps, left };
}

export function make(family, level, seed) {
  if (!(level in family.levels) || !Number.isSafeInteger(seed) || seed < 0) throw new Error(`${family.name}: there is no level ${level} or seed ${seed}`);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const drawn = family.draw(chance(`${family.name}:${level}:${seed}:${attempt}`), level);
    const problem = drawn && kept(drawn, family.bounds);
    if (problem) return { family: family.name, title: family.title, level, seed, attempt, minutes: family.minutes[level], ...problem };
  }
  throw new Error(`${family.name}, level ${level}, seed ${seed}: no problem in ${ATTEMPTS} attempts`);
}

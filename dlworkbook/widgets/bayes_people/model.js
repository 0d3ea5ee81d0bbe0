// Ten thousand people: who of them tests positive, and what that is worth. No DOM. All counts are
// whole numbers, in parts of 100 to the power of the runs, so that nothing is rounded.
import { lowest } from "../kit/fraction.js";

export const PEOPLE = 10000;

// Carriers and healthy people who test positive each time, in `parts` of a person.
export function positives({ carriers, found, alarms, runs }) {
  return { ill: carriers * found ** runs, healthy: (PEOPLE - carriers) * alarms ** runs, parts: 100 ** runs };
}

// Share of carriers among the positives, as a fraction; null if there are none.
export function posterior(s) {
  const { ill, healthy } = positives(s);
  return ill + healthy ? lowest(ill, ill + healthy) : null;
}

// Odds of a carrier before and after, and the factor between them, each as n : d.
export function odds(s) {
  const { ill, healthy } = positives(s);
  return { before: lowest(s.carriers, PEOPLE - s.carriers), factor: lowest(s.found ** s.runs, s.alarms ** s.runs), after: lowest(ill, healthy) };
}

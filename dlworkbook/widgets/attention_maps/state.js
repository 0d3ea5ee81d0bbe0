// The settings of the attention maps, and what a sequence may be.
import { makeState } from "../kit/state.js";
import { LETTERS } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

export const WORDS = [
  ["STRESSED", "STRESSED"], ["REVERSE", "REVERSE"], ["ABCDEFGH", "ABCDEFGH, all different"], ["AAAABBBB", "AAAABBBB"],
  ["ATTENTION", "ATTENTION, 9 letters"], ["BOOKKEEPER", "BOOKKEEPER, 10"], ["ABCDEFGHIJKL", "ABCDEFGHIJKL, 12"],
];
export const tidy = (typed) => typed.trim().toUpperCase();

// What is wrong with a typed sequence, in words; empty if nothing is.
export function trouble(typed) {
  const text = tidy(typed), { most } = SETTINGS.fields.sequence;
  if (text === "") return `The sequence is empty; it takes 1 to ${most} letters`;
  const strange = [...text].find((c) => !LETTERS.includes(c));
  if (strange !== undefined) {
    const name = strange.trim() === "" ? "a space" : `“${strange}”`;
    return `The sequence holds ${name}; the network was trained on the letters A to Z only`;
  }
  if (text.length > most) return `The sequence has ${text.length} letters; ${most} fit in here, and more than 8 is beyond what training showed`;
  return "";
}

export const STATE = makeState(SETTINGS, {
  sequence: {
    check(text) {
      const wrong = typeof text === "string" ? trouble(text) : "sequence must be letters";
      if (wrong) throw new Error(wrong);
    },
    parse: tidy,
  },
});

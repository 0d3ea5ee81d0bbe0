// Temperature, top-k and top-p on stored scores of the next letter. No DOM.
import { generator } from "../kit/random.js";
import RUNS from "./runs.json" with { type: "json" };
import SETTINGS from "./settings.json" with { type: "json" };

export const DRAWS = 40;
export const textOf = (s) => SETTINGS.fields.text.names[s.text]; // shortened, with _ for a blank at the end

// Letters and their scores, the most likely first; of ties the first in the alphabet.
export function ranked(s) {
  const scores = RUNS.scores[s.text].map((v) => v / 100), order = scores.map((_, k) => k).sort((i, j) => scores[j] - scores[i] || i - j);
  return { letters: order.map((k) => RUNS.letters[k]), scores: order.map((k) => scores[k]) };
}

export function softmax(scores, heat = 1) {
  const top = Math.max(...scores), powers = scores.map((z) => Math.exp((z - top) / heat)), sum = powers.reduce((a, b) => a + b);
  return powers.map((v) => v / sum);
}

// How many letters stay, and what mass they had where the cuts were made.
export function kept(s) {
  const p = softmax(ranked(s).scores, s.order === "first" ? s.heat : 1);
  let number = Math.min(s.most, p.length);
  const mass = (n) => p.slice(0, n).reduce((a, b) => a + b, 0);
  if (s.share < 1) {
    const inside = mass(number);
    let above = 0, stay = 0;
    while (stay < number && above < s.share) above += p[stay++] / inside;
    number = stay;
  }
  return { number, mass: mass(number) };
}

// Probabilities of all letters, the most likely first; 0 for what is cut.
export function weights(s) {
  const { scores } = ranked(s), { number } = kept(s), stay = softmax(scores.slice(0, number), s.heat);
  return scores.map((_, k) => stay[k] ?? 0);
}

// In nats: entropy of a list, and its KL divergence from the model's own probabilities.
export const entropy = (p) => -p.reduce((sum, v) => sum + (v > 0 ? v * Math.log(v) : 0), 0);
export const distance = (p, own) => p.reduce((sum, v, k) => sum + (v > 0 ? v * Math.log(v / own[k]) : 0), 0);

// Letters drawn for this place, again and again.
export function draws(s) {
  const { letters } = ranked(s), p = weights(s), next = generator(s.seed);
  let sum = 0;
  const edges = p.map((v) => (sum += v));
  return Array.from({ length: DRAWS }, () => {
    const at = (next() / 2 ** 32) * sum;
    return letters[edges.findIndex((edge) => at < edge)];
  });
}

// All that the view shows.
export function look(s) {
  const { letters, scores } = ranked(s), own = softmax(scores), p = weights(s);
  return { letters, own, p, ...kept(s), entropy: entropy(p), ownEntropy: entropy(own), distance: distance(p, own), draws: draws(s) };
}

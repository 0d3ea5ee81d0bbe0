// Attention maps of a real encoder, as make_runs.py stored them: weights are whole multiples of
// 1/UNIT. No DOM: settings in, tokens and weights out.
import { reader } from "../kit/pack.js";
import RUNS from "./runs.json" with { type: "json" };

const LAYERS = 6, HEADS = 12;

// Where the coder keeps what it knows of such a weight: place in the row, and weight above.
const BOUNDS = [1, 5, 15, 40, 100, 200, 350];
const context = (j, n, above) => 8 * (j === 0 ? 0 : j === n - 1 ? 1 : 2) + BOUNDS.filter((bound) => above >= bound).length;
const range = (n) => Array.from({ length: n }, (_, k) => k);

const known = [];
// The maps of a sentence, [layer][head][query][key], in units of 1/UNIT. Unpacked when first asked for.
function maps(sentence) {
  if (known[sentence]) return known[sentence];
  const { tokens, maps: text } = RUNS.runs[sentence], number = reader(text), n = tokens.length;
  const one = () => {
    let above = range(n).fill(0);
    return range(n).map(() => (above = above.map((v, j) => number(context(j, n, v)))));
  };
  return (known[sentence] = range(LAYERS).map(() => range(HEADS).map(one)));
}

// The places of the tokens in view, and the one that is looked at.
export function places(s) {
  const n = RUNS.runs[s.sentence].tokens.length;
  return s.special ? range(n - 2).map((k) => k + 1) : range(n);
}
export const tokens = (s) => places(s).map((k) => RUNS.runs[s.sentence].tokens[k]);
export const at = (s) => Math.max(0, Math.min(s.token - places(s)[0], places(s).length - 1));

// The weights in view: a row for each token that asks; rows sum to one.
export function map(s) {
  const all = maps(s.sentence)[s.layer - 1], heads = s.head ? [all[s.head - 1]] : all, kept = places(s);
  return kept.map((i) => {
    const row = kept.map((j) => heads.reduce((sum, head) => sum + head[i][j], 0)), total = row.reduce((a, b) => a + b);
    return row.map((v) => (total ? v / total : 0));
  });
}

// What each token gets of all attention: the mean of its column.
export function received(s) {
  const rows = map(s);
  return rows[0].map((_, j) => rows.reduce((sum, row) => sum + row[j], 0) / rows.length);
}

// Mean weight that words give to [CLS], whatever is in view.
export function toCls(s) {
  const words = map({ ...s, special: false }).slice(1, -1);
  return words.reduce((sum, row) => sum + row[0], 0) / words.length;
}

// By which share of their length the words' last vectors move without this head, or this block's.
export const without = (s) => RUNS.runs[s.sentence].changes[s.layer - 1][s.head] / 1000;

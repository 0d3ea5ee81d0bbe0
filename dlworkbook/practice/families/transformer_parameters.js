// Parameters of a language model, a rank of LoRA for a budget, and what fits on a card.

import { list, rounded, sum } from "../kit.js";

const name = "transformer_parameters";
const title = "Sizes of a language model";
const page = "ch12_performance/llm_arithmetic"; // where it is taught
const minutes = { 1: 4, 2: 5, 3: 6 };
const levels = { 1: "parameters of a decoder", 2: "a rank of LoRA for a budget", 3: "quantised weights, cache and tokens" };
const bounds = { most: 99999999, places: 9 };

const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\\,"); // 12 345
const spaced = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ","); // 12,345 in a text
const digits = (x) => Number(x.toPrecision(3));
const times3 = { tol: 0.005 }; // three digits

// Rows and columns of the matrices of attention in one block.
const matrices = ({ d, h, g, dh }) => ({ query: [h * dh, d], key: [g * dh, d], value: [g * dh, d], output: [d, h * dh] });
const entries = (shapes) => sum(shapes.map(([a, c]) => a * c));

function draw(random, level) {
  return { 1: decoder, 2: lora, 3: memory }[level]();

  function decoder() {
    const h = random.pick([4, 8]);
    const d = h * random.pick([8, 16, 32, 64]);
    const [g, f, L, V, tied] = [h / random.pick([1, 2, 4]), d * random.pick([2, 3, 4]), random.int(2, 12), random.pick([1000, 2000, 5000, 8000, 10000, 16000]), random.int(0, 1) === 1];
    const size = { d, h, g, dh: d / h };
    const attention = (changes = {}) => entries(Object.values(matrices({ ...size, ...changes })));
    const [A, F] = [attention(), 3 * d * f];
    const whole = ({ a = A, ff = F, blocks = L, norms = 1, tables = tied ? 1 : 2, last = d } = {}) => tables * V * d + blocks * (a + ff + 2 * d * norms) + last * norms;
    const N = whole();
    if (N > bounds.most) return null;
    const { output, ...rest } = matrices(size);
    const ofAttention = (id, a, says) => ({ id, is: [a, null, whole({ a })], says });
    const ofModel = (id, changes, says) => ({ id, is: [null, null, whole(changes)], says });
    const own = g < h;
    return {
      statement: [
        `A decoder has a table of $V = ${V}$ words, $L = ${L}$ blocks and width $d = ${d}$. Attention has $h = ${h}$ heads of $d_h = ${d / h}$ numbers; ${own ? `keys and values have $g = ${g}$ head${g > 1 ? "s" : ""}, ${g > 1 ? "each " : ""}shared by ${h / g} heads of queries` : "each has keys and values of its own"}; an output matrix stands behind the heads. The feed-forward part of width $f = ${f}$ has three matrices: two go up, one of them as a gate, and one comes down. Nothing has biases, and positions take no parameters. A block has two norms with $d$ weights each; one more norm stands behind all blocks. ${tied ? "One table reads and writes." : "A second table of the same size writes."} How many parameters are that?`,
      ],
      data: { V, L, ...size, f, tables: tied ? 1 : 2 },
      fields: [
        { kind: "integer", ask: "Parameters of attention in one block", is: A, else: "Four matrices: queries, keys, values, output. How many rows and columns has each?" },
        { kind: "integer", ask: "Parameters of the feed-forward part in one block", is: F, else: "Three matrices of the same size." },
        { kind: "integer", ask: "Parameters of the whole model", is: N, else: "Tables, blocks with their norms, and the last norm." },
      ],
      slips: [
        ...(own ? [
          ofAttention("all_heads", attention({ g: h }), "Keys and values were given as many heads as queries; they have fewer here."),
          ...(h === 2 * g ? [] : [ofAttention("few_heads", 4 * d * g * size.dh, "Queries and the output matrix have all heads; only keys and values have fewer.")]),
        ] : []),
        ofAttention("no_output", entries(Object.values(rest)), "The output matrix behind the heads is missing."),
        ofAttention("each_head", h * A, "Heads cut the matrices into pieces; they do not multiply them."),
        { id: "no_gate", is: [null, 2 * d * f, whole({ ff: 2 * d * f })], says: "The feed-forward part has a gate, too: three matrices." },
        { id: "one_matrix", is: [null, d * f, whole({ ff: d * f })], says: "That is one matrix of the feed-forward part." },
        ofModel("no_norms", { norms: 0 }, "The norms have weights, too: two in each block, one at the end."),
        ofModel("tables", { tables: tied ? 2 : 1 }, tied ? "One table reads and writes; it was counted twice." : "The table that writes is one more."),
        ofModel("no_table", { tables: 0 }, "The table of words is missing: it turns a word into a vector."),
        ofModel("one_block", { blocks: 1 }, "That is the model with one block."),
      ],
      steps: [
        `Attention: the query and the output matrix have $d \\cdot h d_h$ numbers each, keys and values $d \\cdot g d_h$ each. Together $2 d (h + g) d_h = 2 \\cdot ${d} \\cdot (${h} + ${g}) \\cdot ${d / h} = ${grouped(A)}$.`,
        `Feed-forward: $3 d f = 3 \\cdot ${d} \\cdot ${f} = ${grouped(F)}$.`,
        `A block with its two norms: $${grouped(A)} + ${grouped(F)} + 2 \\cdot ${d} = ${grouped(A + F + 2 * d)}$; all $${L}$ blocks: $${grouped(L * (A + F + 2 * d))}$.`,
        `${tied ? "The table" : "Both tables"}: $${tied ? "" : "2 \\cdot "}V d = ${tied ? "" : "2 \\cdot "}${V} \\cdot ${d} = ${grouped((tied ? 1 : 2) * V * d)}$. With the last norm of ${d}: $${grouped(N)}$.`,
      ],
    };
  }

  function lora() {
    const h = random.pick([8, 16, 32]);
    const [dh, g, L] = [random.pick([32, 64, 128]), h / random.pick([1, 2, 4]), random.pick([6, 8, 10, 12, 16, 20, 24])];
    const size = { d: h * dh, h, g, dh };
    const chosen = random.pick([["query", "value"], ["query", "key", "value"], ["query", "output"], ["query", "key", "value", "output"]]);
    const budget = random.pick([0.5, 1, 2, 3, 4, 5, 6, 8]) * 1e6;
    const shapes = (changes = {}) => chosen.map((which) => matrices({ ...size, ...changes })[which]);
    const ranked = (held, blocks = L) => blocks * sum(held.map(([a, c]) => a + c));
    const all = L * entries(shapes());
    const one = ranked(shapes());
    const rank = Math.floor(budget / one);
    const share = (r, each = one, of = all) => rounded((100 * r * each) / of, 9);
    if (rank < 2 || rank > 64 || budget % one < 0.05 * one) return null;
    const other = (id, each, says) => ({ id, is: [each, Math.floor(budget / each), null], says });
    const factor = L * sum(shapes().map(([a]) => a));
    const own = g < h && chosen.some((which) => ["key", "value"].includes(which));
    const words = { query: "queries", key: "keys", value: "values", output: "output" };
    const named = list(chosen.map((which) => words[which]));
    return {
      statement: [
        `A model has $L = ${L}$ blocks of width $d = ${size.d}$ with $h = ${h}$ heads of $d_h = ${dh}$ numbers; ${g < h ? `keys and values have $g = ${g}$ heads` : "each head has keys and values of its own"}. LoRA freezes a matrix with $a$ rows and $c$ columns and trains a product of $a \\times r$ and $r \\times c$ that is added to it. It is put on the matrices of attention for ${named}, in every block, and may train at most ${spaced(budget)} numbers. Which is the largest rank $r$, the same for all? Biases are left out.`,
      ],
      data: { L, ...size, chosen, budget },
      fields: [
        { kind: "integer", ask: "Numbers that rank 1 trains in the whole model", is: one, else: "Rank 1 costs one column and one row for each matrix. Then all matrices of all blocks." },
        { kind: "integer", ask: "Largest rank", is: rank, else: "How often do the numbers of rank 1 fit into the budget?" },
        { kind: "number", ask: "Numbers trained at this rank, in percent of those in the matrices to which they are added (three significant digits)", is: share(rank), unit: "%", ...times3, else: "Trained numbers over rows times columns of the same matrices, times 100." },
      ],
      slips: [
        ...(own ? [other("all_heads", ranked(shapes({ g: h })), "Keys and values have fewer heads than queries here, so their matrices have fewer rows.")] : []),
        { id: "product", is: [all, null, null], says: "That is what the matrices hold themselves; LoRA trains rows plus columns for each rank." },
        ...(factor === ranked(shapes().slice(0, 1)) ? [] : [other("one_factor", factor, "That is one of the two factors; both are trained.")]),
        other("one_block", ranked(shapes(), 1), "That is one block; every block has its own."),
        other("one_matrix", ranked(shapes().slice(0, 1)), "That is one matrix in each block; there are more."),
        { id: "rounded_up", is: [null, rank + 1, share(rank + 1)], says: "That rank is beyond the budget: round down." },
        { id: "part", is: [null, null, rounded(share(rank) / 100, 8)], says: "That is a part of 1; percent were asked for." },
        { id: "rank_one", is: [null, null, share(1)], says: "That is rank 1." },
        { id: "budget", is: [null, null, rounded((100 * budget) / all)], says: "That is the whole budget; the rank is a whole number and may leave some of it." },
      ],
      steps: [
        "Rank $r$ trains $r (a + c)$ numbers for a matrix with $a$ rows and $c$ columns.",
        `The matrices: ${chosen.map((which, k) => `${words[which]} $${shapes()[k][0]} \\times ${shapes()[k][1]}$`).join(", ")}${own ? `; keys and values have $g d_h = ${g} \\cdot ${dh} = ${g * dh}$ rows` : ""}.`,
        `Rank 1: $${L} \\cdot (${shapes().map(([a, c]) => a + c).join(" + ")}) = ${grouped(one)}$ numbers.`,
        `$${grouped(budget)} / ${grouped(one)} \\approx ${digits(budget / one)}$, rounded down: $r = ${rank}$.`,
        `It trains $${rank} \\cdot ${grouped(one)} = ${grouped(rank * one)}$ numbers of $${L} \\cdot (${shapes().map(([a, c]) => grouped(a * c)).join(" + ")}) = ${grouped(all)}$: about ${digits(share(rank))}%.`,
      ],
    };
  }

  function memory() {
    const [N, q, G, offset] = [random.pick([1.5, 2, 3, 4, 6, 7, 8, 12, 13, 14]), random.pick([3, 4, 4, 6, 8]), random.pick([32, 64, 128]), random.pick([0, 8, 16])];
    const h = random.pick([16, 24, 32]);
    const [g, dh, L, card] = [h / random.pick([2, 4, 8]), random.pick([64, 128]), random.pick([16, 20, 24, 28, 32, 40]), random.pick([4, 6, 8, 12, 16, 24])];
    const bits = q + (16 + offset) / G;
    const each = 2 * L * g * dh * 2;
    const gb = (b) => rounded((N * b) / 8, 8);
    const fits = (weights, cache = each) => (card > weights ? Math.floor(((card - weights) * 1e9) / cache) : null);
    const W = gb(bits);
    if (W > 0.6 * card || W < 0.2 * card) return null;
    const other = (id, b, says) => ({ id, is: [b, gb(b), null, fits(gb(b))], says });
    const cached = (id, cache, says) => ({ id, is: [null, null, cache, fits(W, cache)], says });
    return {
      statement: [
        `A model has ${N} billion weights in matrices. Each is stored with ${q} bits, and each group of ${G} weights shares a scale of 16 bits${offset ? ` and an offset of ${offset} bits` : ""}. It has $L = ${L}$ blocks, $h = ${h}$ heads of queries and $g = ${g}$ heads of keys and values, all of $d_h = ${dh}$ numbers. The cache keeps keys and values of every token in 16 bits. A card has ${card} GB; 1 GB is $10^9$ bytes. Weights and the cache of one text must fit, and nothing else is counted. How many tokens may the text have? Compute with exact numbers; three significant digits are enough in the answers for GB and tokens.`,
      ],
      data: { billions: N, bits: q, group: G, offset, L, h, g, dh, card },
      fields: [
        { kind: "number", ask: "Bits for each weight, with what its group shares", is: rounded(bits), tol: 0.001, else: "The bits of the weight, and its part of what the group shares." },
        { kind: "number", ask: "The weights", is: W, unit: "GB", ...times3, else: "Bits for each weight times weights; eight bits are a byte." },
        { kind: "integer", ask: "Bytes of the cache for one token", is: each, else: "Keys and values, in every block: heads times numbers of a head, two bytes each." },
        { kind: "number", ask: "Tokens that fit", is: fits(W), tol: 0.01, else: "What the weights leave of the card, divided by the bytes of a token." },
      ],
      slips: [
        other("no_shared", q, "What a group shares must be stored, too."),
        ...(offset ? [other("no_offset", q + 16 / G, "The scale is in it; the offset is missing.")] : []),
        other("not_shared", q + 16 + offset, "A scale for each weight was counted; a group shares it."),
        { id: "bits", is: [null, 8 * W, null, fits(8 * W)], says: "Those are gigabits; eight bits are a byte." },
        cached("all_heads", 2 * L * h * dh * 2, "Queries are not kept: count the heads of keys and values."),
        cached("keys", each / 2, "That is keys or values; both are kept."),
        cached("in_bits", 8 * each, "Those are bits; a number of 16 bits takes two bytes."),
        cached("one_layer", each / L, "That is one block; each block keeps its own."),
        { id: "empty_card", is: [null, null, null, fits(0)], says: "The weights take a part of the card; the cache gets the rest." },
      ],
      steps: [
        `A weight costs its own bits and its part of what a group shares: $${q} + \\frac{${16 + offset}}{${G}} = ${rounded(bits)}$ bits.`,
        `All weights: $${N} \\cdot 10^9 \\cdot ${rounded(bits)} / 8$ bytes are $${W}$ GB.`,
        `The cache keeps, for each token, keys and values in every block: $2 L g d_h$ numbers of 2 bytes, $2 \\cdot ${L} \\cdot ${g} \\cdot ${dh} \\cdot 2 = ${grouped(each)}$ bytes.`,
        `What is left: $${card} - ${W} = ${rounded(card - W, 8)}$ GB. Divided by the bytes of a token: about $${grouped(digits(fits(W)))}$ tokens.`,
      ],
    };
  }
}

export default { name, title, page, minutes, levels, bounds, draw };

// Updates of a perceptron by hand: one point, one round, and rounds until all are right.

import { bracketed, range, sum } from "../kit.js";

const name = "perceptron_update";
const title = "Updates of a perceptron";
const page = "ch03_linear_networks/perceptron"; // where it is taught
const minutes = { 1: 2, 2: 4, 3: 8 };
const levels = { 1: "one point", 2: "one round over three points", 3: "rounds until no point is wrong" };
const bounds = { most: 60 };

const ROUNDS = 4; // at most, the last one without an update
const dot = (w, x) => sum(w.map((a, k) => a * x[k]));
const added = (w, x, by) => w.map((a, k) => a + by * x[k]);
const right = (t, s) => t * s > 0;

// One round over points [1, x1, x2]: what is met at each, and the weights behind it.
function round(w, X, t, { wrong = (k, s) => !right(t[k], s), step = (k) => t[k], input = (x) => x, looks = (now) => now } = {}) {
  const start = w;
  return X.map((x, k) => {
    const before = w;
    const s = dot(looks(w, start), x);
    const update = wrong(k, s);
    if (update) w = added(w, input(x), step(k));
    return { before, s, update, w };
  });
}

// Rounds until one passes without an update; null if there are more than `most`.
function rounds(w, X, t, how, most = ROUNDS) {
  const found = [];
  while (found.length < most) {
    found.push(round(w, X, t, how));
    if (!found.at(-1).some(({ update }) => update)) return found;
    w = found.at(-1).at(-1).w;
  }
  return null;
}
const updates = (visits) => visits.filter(({ update }) => update).length;

function draw(random, level) {
  const n = { 1: 1, 2: 3, 3: random.int(3, 4) }[level];
  const X = range(n).map(() => [1, ...random.ints(2, level === 3 ? -2 : -3, level === 3 ? 2 : 3)]);
  const t = range(n).map(() => random.pick([-1, 1]));
  const w = level === 3 ? [0, 0, 0] : random.ints(3, -3, 3);
  if (new Set(X.map(String)).size < n || X.some((x) => !x[1] && !x[2]) || (n > 1 && Math.abs(sum(t)) === n)) return null;

  const ways = {
    sign: { step: (k) => -t[k], says: "The point was subtracted where it should be added, and the other way round: its target is the sign." },
    label_left_out: { step: () => 1, says: "The point was added whatever its target is; the target is the sign of the step." },
    no_bias: { input: ([, ...x]) => [0, ...x], says: "The bias was not changed: its input is always 1, so it moves by the target." },
    always: { wrong: () => true, says: "Every point was taken for an update; a point on the right side causes none." },
    zero_right: { wrong: (k, s) => t[k] * s < 0, says: "A score of 0 was taken for right; here it counts as wrong for either target." },
    turned: { wrong: (k, s) => right(t[k], s), says: "The points that are right were used for updates; it is the wrong ones." },
    positive_right: { wrong: (k, s) => !right(1, s), says: "Every positive score was taken for right; for a target of -1 the score has to be negative." },
    start_scores: { looks: (now, start) => start, says: "All points were judged by the weights of the start; each meets those that the last update left." },
  };
  const kinds = { 1: first, 2: second, 3: third }[level]();
  if (!kinds) return null;
  const { fields, slips, steps, asked } = kinds;
  return {
    statement: [
      `A perceptron has the score $s = b + w_1 x_1 + w_2 x_2$. A point has the target $t = +1$ or $t = -1$. If $t s \\le 0$ the point is wrong (a score of 0 is wrong for either target), and the perceptron adds $t$ times the point to its weights and $t$ to its bias (learning rate 1). Otherwise nothing changes. It starts with $b = ${w[0]}$, $w_1 = ${w[1]}$, $w_2 = ${w[2]}$. ${asked}`,
      ...(n > 1 ? [{ table: { head: ["Point", "Input $x_1$", "Input $x_2$", "Target $t$"], rows: X.map((x, k) => [String(k + 1), String(x[1]), String(x[2]), `$${t[k] > 0 ? "+" : "-"}1$`]) } }] : []),
    ],
    data: { X: X.map(([, ...x]) => x), t, w },
    fields,
    slips,
    steps: ["The rule: $(b, w_1, w_2)$ becomes $(b, w_1, w_2) + t \\cdot (1, x_1, x_2)$ where $t s \\le 0$, and stays where $t s > 0$.", ...steps],
  };

  function told({ before, s, update, w: after }, k) {
    const product = `$s = ${before[0]} + ${bracketed(before[1])} \\cdot ${bracketed(X[k][1])} + ${bracketed(before[2])} \\cdot ${bracketed(X[k][2])} = ${s}$`;
    return `Point ${k + 1}: ${product}, $t s = ${t[k] * s + 0}$, ${update ? `wrong: $(${before.join(", ")}) ${t[k] > 0 ? "+" : "-"} (${X[k].join(", ")}) = (${after.join(", ")})$` : "right, so nothing changes"}.`;
  }
  function first() {
    const [met] = round(w, X, t);
    if (random.int(0, 2) && !met.update) return null; // a third of those that are right
    const after = ({ w: found }) => dot(found, X[0]);
    const slip = (id) => { const [found] = round(w, X, t, ways[id]); return { id, is: [null, found.w, after(found)], says: ways[id].says }; };
    const [x1, x2] = X[0].slice(1);
    const no_bias = dot([0, ...w.slice(1)], X[0]);
    return {
      asked: `It meets $(x_1, x_2) = (${x1}, ${x2})$ with the target $t = ${t[0] > 0 ? "+" : "-"}1$. Give the score, $(b, w_1, w_2)$ after this point, and the score of the same point then.`,
      fields: [
        { kind: "integer", ask: "The score before", is: met.s, else: "Bias plus both products." },
        { kind: "vector", ask: "$(b, w_1, w_2)$ after the point", is: met.w, else: "Is the point wrong? Then add its target times (1, x1, x2)." },
        { kind: "integer", ask: "The score of the point after it", is: after(met), else: "Work it out anew with the new numbers." },
      ],
      slips: [
        { id: "bias_left_out", is: [no_bias, null, after(met) - met.w[0]], says: "The bias was left out of the score." },
        { id: "crossed", is: [w[0] + w[1] * x2 + w[2] * x1, null, null], says: "The weights were given to the wrong inputs." },
        { id: "times_target", is: [t[0] * met.s, null, t[0] * after(met)], says: "That is the target times the score; the score was asked for." },
        { id: "no_update", is: [null, w, met.s], says: "Nothing was changed, but the point is wrong: its score does not have the sign of its target." },
        { id: "growth", is: [null, null, after(met) - met.s], says: "That is by how much the score has changed." },
        ...["sign", "label_left_out", "no_bias", "always"].map(slip),
      ],
      steps: [told(met, 0), met.update ? `The score then: $${met.w[0]} + ${bracketed(met.w[1])} \\cdot ${bracketed(x1)} + ${bracketed(met.w[2])} \\cdot ${bracketed(x2)} = ${after(met)}$. As a check: it has changed by $t \\, (1 + x_1^2 + x_2^2) = ${after(met) - met.s}$.` : "So the score stays, too."],
    };
  }
  function second() {
    const met = round(w, X, t);
    const count = updates(met);
    if (count < 1 || count > 2 || met.findIndex(({ update }) => update) > 1) return null; // one is right, and one is judged behind an update
    return {
      asked: "It visits the three points once, in the order of the table. How many updates are there, and what are $(b, w_1, w_2)$ behind the third point?",
      fields: [
        { kind: "integer", ask: "Number of updates", is: count, else: "Judge each point by the weights that the one before has left." },
        { kind: "vector", ask: "$(b, w_1, w_2)$ behind the third point", is: met[2].w, else: "Write down the score of each point, whether it is wrong, and the new numbers." },
      ],
      slips: Object.entries(ways).map(([id, way]) => {
        const found = round(w, X, t, way);
        return { id, is: [updates(found), found[2].w], says: way.says };
      }),
      steps: met.map(told),
    };
  }
  function third() {
    const met = rounds(w, X, t);
    if (!met || met.length < 3) return null;
    const last = (found) => found.at(-1).at(-1).w;
    const count = (found) => sum(found.map(updates));
    if (count(met) > 7) return null;
    const slips = Object.entries(ways).map(([id, way]) => {
      const found = ["always", "turned"].includes(id) ? null : rounds(w, X, t, way, 12);
      return { id, is: found ? [count(found), last(found)] : [null, null], says: way.says };
    });
    const one = met[0];
    return {
      asked: "It visits the points in the order of the table, round after round, until a whole round has passed without an update. How many updates are there in all, and what are $(b, w_1, w_2)$ at the end?",
      fields: [
        { kind: "integer", ask: "Number of updates", is: count(met), else: "Keep a line for each visit: score, right or wrong, new numbers." },
        { kind: "vector", ask: "$(b, w_1, w_2)$ at the end", is: last(met), else: "Try your numbers on all points: each must have the sign of its target, and no score may be 0." },
      ],
      slips: [
        ...slips,
        { id: "one_round", is: [updates(one), one.at(-1).w], says: "That is behind the first round; go on until a whole round has no update." },
        { id: "visits", is: [met.length * n, null], says: "Those are the visits; only those of wrong points are updates." },
        { id: "rounds", is: [met.length, null], says: "Those are the rounds; the updates were asked for." },
      ],
      steps: met.map((visits, r) => [`Round ${r + 1}${updates(visits) ? "." : ": no point is wrong, so it ends."}`, ...visits.map(told)]),
    };
  }
}

export default { name, title, page, minutes, levels, bounds, draw };

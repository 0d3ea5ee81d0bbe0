// Attention maps of a network that reverses letters: the view. All numbers come from model.js.
import { factList, fmt, h, scrollStop, select, setAttr, setText, setVar, shade, textBox } from "../kit/controls.js";
import { textField } from "../kit/field.js";
import { makeRender } from "../kit/frame.js";
import { makeGrid } from "../kit/grid.js";
import { makePlayer } from "../kit/player.js";
import { letter, modelAt, run, toTokens } from "./model.js";
import REVERSER from "./runs.json" with { type: "json" };
import SETTINGS from "./settings.json" with { type: "json" };
import { STATE, WORDS, tidy, trouble } from "./state.js";

const TRAININGS = SETTINGS.fields.trained.of;
const thousands = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
const percent = (p) => `${+(100 * p).toFixed(1)}%`;
const fixed = (v, digits) => v.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "−");
const two = (v) => fixed(v, 2);
const factor = (v) => (v < 0 ? `(${two(v)})` : two(v));
const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
const sub = (n) => String(n).replace(/\d/g, (d) => "₀₁₂₃₄₅₆₇₈₉"[d]);
const range = (n) => [...Array(n).keys()];
const largest = (list) => list.indexOf(Math.max(...list));

// What the network does with a setting: its steps, what it writes, and where that is wrong.
function answerTo(s) {
  const { hidden, steps } = run(modelAt(TRAININGS.indexOf(s.trained)), toTokens(s.sequence), s.temperature, s.given);
  const out = steps.map((one) => (one.pick ? letter(one.pick) : "·"));
  const due = steps.map((_, t) => s.sequence[steps.length - 1 - t]);
  return { hidden, steps, out, due, wrong: range(steps.length).filter((t) => out[t] !== due[t]) };
}

// ---- the map: rows are output steps, columns are input letters; the border holds letters
function makeMap({ choose, look }) {
  const grid = makeGrid({ onEdit() {}, onPick: choose, onFocus: choose });
  grid.el.classList.add("dlw-map");
  let hover = null; // the cell under the mouse
  const over = (at) => { if (String(at) !== String(hover)) { hover = at; look(); } };
  grid.el.addEventListener("pointerover", (e) => { if (e.pointerType === "mouse") over(e.target.closest?.("button")?.dlwAt ?? null); });
  grid.el.addEventListener("pointerleave", () => over(null));
  return {
    ...grid,
    hover: () => hover,
    draw(s, { steps, out, wrong }) {
      const n = steps.length, cells = grid.el.children;
      hover = null;
      grid.shape(n + 1, n + 2, { top: 1, left: 1, h: n, w: n }, "button");
      grid.border((i, j) => {
        if (i === 0) return s.sequence[j - 1] ?? "";
        return j ? out[i - 1] : steps[i - 1].token ? letter(steps[i - 1].token) : "▸";
      });
      grid.each((cell, t, j) => {
        const w = steps[t].weights[j];
        cell.dlwAt = [t, j];
        setText(cell, String(Math.round(100 * w)));
        shade(cell, 0.42 * w);
        setAttr(cell, "aria-label", `step ${t + 1}, letter ${j + 1}, ${s.sequence[j]}: weight ${two(w)}`);
      });
      grid.el.querySelectorAll(".dlw-wrong").forEach((c) => c.classList.remove("dlw-wrong"));
      for (const t of wrong) cells[(t + 1) * (n + 2) + n + 1].classList.add("dlw-wrong");
      grid.sheet(1, n, [1, 1]);
      grid.caption("Rows: written. Columns: read. Weights in %");
    },
    // Step t, letter j.
    mark(t, j) {
      grid.move(t + 1, 1);
      grid.each((cell, i, k) => {
        const now = i === t && k === j;
        if (now !== cell.hasAttribute("aria-current")) { if (now) cell.setAttribute("aria-current", "true"); else cell.removeAttribute("aria-current"); }
      });
      if (!grid.el.contains(document.activeElement)) grid.setStop(grid.at(t, j));
    },
  };
}

// ---- one step: vectors as strips of colour, and the three likeliest letters
function makeStrip(name, term) {
  const cells = range(REVERSER.H).map(() => h("span"));
  const dt = h("dt", {}, term), box = h("div", { class: "dlw-strip", role: "img" }, ...cells), note = h("span", { class: "dlw-dim" });
  return {
    els: [dt, h("dd", {}, box, note)],
    draw(values, label, text) {
      values.forEach((v, n) => {
        const sign = v < 0 ? "neg" : "pos";
        if (cells[n].dataset.sign !== sign) cells[n].dataset.sign = sign;
        shade(cells[n], 0.9 * Math.min(1, Math.abs(v)));
      });
      setAttr(box, "aria-label", `${label}: ${values.map(two).join(", ")}`);
      setText(dt, label);
      setText(note, text);
    },
  };
}
function makePanel() {
  const [query, key, context] = ["query", "key", "context"].map((term) => makeStrip(term, term));
  const bars = range(3).map(() => ({ name: h("span"), bar: h("span", { class: "dlw-bar", "aria-hidden": "true" }), value: h("span") }));
  const headline = h("p", { class: "dlw-headline" });
  return {
    el: h("div", { class: "dlw-now" }, headline, h("dl", {}, ...query.els, ...key.els, ...context.els,
      h("dt", {}, "prediction"), h("dd", { class: "dlw-bars" }, ...bars.flatMap((b) => [b.name, b.bar, b.value])))),
    draw(s, one, t, j, hidden, words) {
      setText(headline, words);
      query.draw(one.query, `query s${sub(t)}`, "the decoder's state");
      key.draw(hidden[j], `key h${sub(j + 1)}`, `encoder state at letter ${j + 1}, ${s.sequence[j]}`);
      context.draw(one.context, `context c${sub(t + 1)}`, "keys, weighted and added");
      const top = one.probs.map((p, token) => [p, token]).sort((a, b) => b[0] - a[0]);
      bars.forEach((b, r) => {
        setText(b.name, letter(top[r][1]));
        setVar(b.bar, "--p", top[r][0].toFixed(3));
        setText(b.value, two(top[r][0]));
      });
    },
  };
}

// ---- scores and weights of a step, a column for each letter
function makeScores() {
  const kinds = ["th", "td", "td"], columns = [];
  const rows = kinds.map(() => h("tr")), names = [h("td"), h("th", { scope: "row" }, "score"), h("th", { scope: "row" })];
  const el = h("div", { class: "dlw-scroll" }, h("table", { class: "dlw-scores" }, h("thead", {}, rows[0]), h("tbody", {}, rows[1], rows[2])));
  scrollStop(el, { "aria-label": "scores and weights of this step" });
  return {
    el,
    draw(s, one, j) {
      const n = one.scores.length;
      while (columns.length < n) columns.push(kinds.map((kind) => h(kind, { scope: kind === "th" && "col" })));
      if (rows[0].children.length !== n + 1) rows.forEach((row, r) => row.replaceChildren(names[r], ...columns.slice(0, n).map((c) => c[r])));
      setText(names[2], s.temperature === 1 ? "softmax" : "softmax, ÷ T");
      columns.slice(0, n).forEach((cells, k) => [s.sequence[k], fixed(one.scores[k], 1), two(one.weights[k])].forEach((text, r) => {
        setText(cells[r], text);
        if (cells[r].classList.contains("dlw-on") !== (k === j)) cells[r].classList.toggle("dlw-on", k === j);
      }));
    },
  };
}

// ---- the arithmetic of one weight, and all numbers of a step
function makeWork() {
  const box = textBox(), lines = range(2).map(() => h("p"));
  box.inner.append(...lines);
  return {
    el: box.el,
    draw(one, products, t, j, key, T) {
      const top = range(products.length).sort((a, b) => Math.abs(products[b]) - Math.abs(products[a])).slice(0, 3);
      const rest = one.scores[j] - top.reduce((sum, i) => sum + products[i], 0);
      setText(lines[0], `s${sub(t)}·h${sub(j + 1)} = ${top.map((i) => `${factor(one.query[i])}·${factor(key[i])}`).join(" + ")} + ${products.length - 3} smaller products (together ${two(rest)}) = ${two(one.scores[j])}`);
      const topScore = Math.max(...one.scores), over = T === 1 ? "" : `) / ${fmt(T)}`;
      const power = (v) => Math.exp((v - topScore) / T), sum = one.scores.reduce((total, v) => total + power(v), 0);
      setText(lines[1], `weight = exp(${T === 1 ? "" : "("}${two(one.scores[j])} − ${factor(topScore)}${over}) / ${two(sum)} = ${two(power(one.scores[j]))} / ${two(sum)} = ${two(one.weights[j])}`);
    },
  };
}
function makeUnits() {
  const col = (text = "") => h("th", { scope: "col" }, text), body = h("tbody"), key = col();
  const rows = range(REVERSER.H).map((i) => {
    const cells = range(4).map(() => h("td"));
    body.append(h("tr", {}, h("th", { scope: "row" }, String(i + 1)), ...cells));
    return cells;
  });
  return {
    el: h("table", { class: "dlw-units" }, h("caption", {}, `All ${REVERSER.H} numbers of this step`),
      h("thead", {}, h("tr", {}, col("unit"), col("query"), key, col("product"), col("context"))), body),
    draw(j, ...columns) {
      setText(key, `key h${sub(j + 1)}`);
      rows.forEach((cells, i) => columns.forEach((values, c) => setText(cells[c], fixed(values[i], 3))));
    },
  };
}
const aboutTheNetwork = () => h("p", { class: "dlw-dim" }, `The network runs in this page. Its ${thousands(REVERSER.snapshots[0].text.length)} weights were trained with PyTorch and stored at ${TRAININGS.length} moments: ` +
  "63 levels a weight, 4,095 at the last moment. So every number here belongs to the rounded weights, also the shares of sequences that come out right. " +
  "In a softmax the largest score is subtracted first, which changes nothing but the size of the numbers.");

// ---- the word: typed, or chosen
function makeWord({ alertBox, take, redraw }) {
  const field = textField({ label: "Letters, up to 12", alertBox, redraw, look: "dlw-word", means: (text, kept) => tidy(text) === kept,
    take(text) { const wrong = trouble(text); if (!wrong) take(tidy(text)); return wrong; } });
  const example = select({ label: "Example", options: [["", "your own"], ...WORDS], set: (v) => { if (v) { field.forget(); take(v); } } });
  return {
    els: [field.el, example.el], forget: field.forget, problem: () => field.said(),
    draw({ sequence }) {
      field.draw(sequence);
      example.draw(WORDS.some(([w]) => w === sequence) ? sequence : "");
    },
  };
}

function view({ controls, put, now, reset, initial, shapes, alertBox, redraw }) {
  let answer = null, drawn = "", fitted = "";
  let looked = null; // the cell that has or had the focus
  const choose = (t, j) => {
    if (looked && now().step === t && String(looked) === String([t, j])) return;
    player.stop();
    looked = [t, j];
    put({ step: t });
  };
  const map = makeMap({ choose, look: redraw });
  const panel = makePanel(), scores = makeScores(), work = makeWork(), units = makeUnits(), facts = factList();
  const right = facts.add("Whole sequences right"), sharp = facts.add("Largest weights");
  const word = makeWord({ alertBox, redraw, take(sequence) { player.stop(); looked = null; put({ sequence }); } });
  const player = makePlayer({ label: "Output step", ms: 900, done: () => put({}),
    go: (step) => { looked = null; put({ step }); } });
  const stage = h("div", { class: "dlw-maps-stage" }, map.panel, panel.el);
  controls.trained.el.classList.add("dlw-training");

  function drawAnswer(s) {
    const { steps, out, wrong } = answer, n = steps.length, [low, high] = REVERSER.seen;
    map.draw(s, answer);
    setText(shapes, `${s.sequence} → ${out.join("")}, ${wrong.length ? `${wrong.length} wrong` : "all right"}`);
    const share = REVERSER.snapshots[TRAININGS.indexOf(s.trained)].right[REVERSER.lengths.indexOf(n)];
    setText(right, `${percent(share)} of random sequences of ${plural(n, "letter")}, at temperature 1, after ${thousands(s.trained)} steps`
      + (n < low || n > high ? `; training showed ${low} to ${high} letters` : ""));
    const mean = steps.reduce((sum, one) => sum + Math.max(...one.weights), 0) / n;
    setText(sharp, `${two(mean)} on average over the steps; even weights would be ${two(1 / n)}`);
  }
  function drawStep(s) {
    const { hidden, steps, out, due } = answer, n = steps.length, at = map.hover(), step = Math.min(s.step, n - 1);
    const t = at ? at[0] : step, one = steps[t];
    const j = at ? at[1] : looked && looked[0] === t && looked[1] < n ? looked[1] : largest(one.weights);
    const verdict = out[t] === due[t] ? "right" : `wrong, ${due[t]} was due`, written = letter(one.pick);
    const products = one.query.map((q, i) => q * hidden[j][i]);
    player.draw(step, n);
    map.mark(t, j);
    panel.draw(s, one, t, j, hidden, `Step ${t + 1} of ${n}: ${one.token ? `fed ${letter(one.token)}` : "fed the start token"}, writes ${written}: ${verdict}`);
    scores.draw(s, one, j);
    work.draw(one, products, t, j, hidden[j], s.temperature);
    if (units.el.closest("[open]")) units.draw(j, one.query, hidden[j], products, one.context);
    if (at || player.playing()) return "";
    return `After ${thousands(s.trained)} training steps, step ${t + 1} of ${n}: looks at letter ${j + 1}, ${s.sequence[j]}, with weight ${two(one.weights[j])}, writes ${written}, ${verdict}. Result ${out.join("")}.`;
  }
  // At least 8 letters' room, so that short sequences move nothing.
  function fit(s, wide) {
    const cols = Math.max(8, s.sequence.length) + 2, beside = wide > 560, root = stage.parentNode;
    const cell = Math.max(19, Math.min(28, Math.floor((beside ? 330 : wide) / cols) - 2));
    setVar(root, "--cell", `${cell}px`);
    map.cell(cell);
    setVar(root, "--text", `${cell > 24 ? 12 : 11}px`);
    setVar(root, "--room", cols - 1);
    root.classList.toggle("dlw-below", !beside);
  }

  return {
    top: [...word.els, controls.temperature.el, controls.trained.el],
    body: [stage, player.el, scores.el, work.el, facts.el],
    side: [h("div", { class: "dlw-checks" }, controls.given.el)],
    fold: [aboutTheNetwork(), units.el],
    buttons: [reset],
    player,
    problem: word.problem,
    before(changes, isReset) {
      if (isReset) { word.forget(); looked = null; }
      if (isReset || "trained" in changes) player.stop();
      return changes.sequence ? { ...changes, step: Math.min(changes.step ?? now().step, changes.sequence.length - 1) } : changes;
    },
    shows: (s) => ({ trained: { shown: `${thousands(s.trained)} steps` } }),
    draw(s, width) {
      const { step, ...rest } = s, config = JSON.stringify(rest);
      if (!answer) stage.parentNode.addEventListener("toggle", redraw, true); // "More" shows all numbers
      if (config !== drawn) {
        drawn = config;
        fitted = "";
        answer = answerTo(s);
        drawAnswer(s);
      }
      if (width && fitted !== width) { fitted = width; fit(s, width); }
      word.draw(s);
      return drawStep(s);
    },
  };
}

const render = makeRender(SETTINGS, STATE, view);
export default { render };

// Which cells share a mean: the view. For each sample its input and its output; numbers come from model.js.
import { numberCells } from "../kit/cells.js";
import { factList, fmt, h, setAttr, setText, setVar, textBox } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { makeGrid } from "../kit/grid.js";
import { matrixText, pasting, readNumber } from "../kit/matrix.js";
import { makeState, nameOf } from "../kit/state.js";
import { arrayOf, CHANNELS, marked, refused, run, sizeOf, weights } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const MOST = 1000, SAMPLES = 3, PLACES = 4;
const parse = (text) => readNumber(text, MOST);
const plain = (v) => String(v).replace("-", "−");
const isNumber = (v) => typeof v === "number" && Math.abs(v) <= MOST;
const fits = (v) => [1, 2, 3].includes(v.length / CHANNELS) && v[0].length >= 1 && v[0].length <= PLACES;
const STATE = makeState(SETTINGS, { input: {
  check(v, key) {
    const ok = Array.isArray(v) && (!v.length || (v.every((row) => Array.isArray(row) && row.length === v[0].length && row.every(isNumber)) && fits(v)));
    if (!ok) throw new Error(`${key} must be 4, 8 or 12 rows of 1 to ${PLACES} numbers of at most ${MOST}`);
  },
  ...matrixText(parse, [SAMPLES * CHANNELS, PLACES]),
} });
const at = (name, r, p) => `${name}[${Math.floor(r / CHANNELS)}, ${r % CHANNELS}, ${p}]`;
const minus = (a, b) => `${fmt(a)} ${b < 0 ? "+" : "−"} ${fmt(Math.abs(b))}`;
const several = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;
const OVER = {
  batch: "samples and places, axes 0, 2, 3; a set for each channel", layer: "channels and places, axes 1, 2, 3; a set for each sample",
  token: "channels, axis 1; a set for each place of each sample", instance: "places, axes 2, 3; a set for each channel of each sample",
  group: "places and the channels of a group; a set for each group of each sample",
};
const torchName = (s) => ({
  batch: `nn.BatchNorm2d(${CHANNELS})`, layer: `nn.LayerNorm((${CHANNELS}, 1, ${sizeOf(s)[1]}))`, token: `nn.LayerNorm(${CHANNELS}), channels last`,
  instance: `nn.InstanceNorm2d(${CHANNELS}, affine=True)`, group: `nn.GroupNorm(${s.groups}, ${CHANNELS})`,
})[s.norm];

// What becomes of the marked cell.
function sentence(s, made, r, p) {
  const { cells, mean, variance } = made.sets[made.of[r][p]], v = made.x[r][p], y = made.y[r][p], n = Math.floor(r / CHANNELS);
  const who = `${at("X", r, p)} = ${fmt(v)}: sample ${n}, channel ${r % CHANNELS}, place ${p}.`;
  const samples = new Set(cells.map((cell) => Math.floor(cell[0] / CHANNELS))).size, from = samples > 1 ? ` of ${samples} samples` : "";
  const eps = nameOf(SETTINGS, "eps", s.eps), no = refused(s) ? " PyTorch refuses this in training." : "";
  if (cells.length === 1) return `${who} It shares its mean with no other cell, so whatever it holds becomes 0.${no}`;
  return `${who} Its set has ${cells.length} cells${from}. Mean ${fmt(mean)}, variance ${fmt(variance)}. Normalised: (${minus(v, mean)}) / √(${fmt(variance)} + ${eps}) = ${fmt(Number(y.toPrecision(4)))}.`;
}

function view({ controls, put, now, reset, shapes, redraw }) {
  const cells = numberCells({ parse, typed: plain, limit: MOST, redraw });
  let pasted = "", made = null;
  const edit = (n) => (i, j, text, field) => {
    const x = arrayOf(now()), r = n * CHANNELS + i;
    cells.edit(field, text, at("X", r, j), x[r][j], (v) => {
      const next = x.map((row) => [...row]);
      next[r][j] = v;
      put({ input: next });
    });
  };
  // One sample into its own place, or the whole array.
  const paste = (n) => pasting(parse, [SAMPLES * CHANNELS, PLACES], (rows) => {
    const x = arrayOf(now());
    if (rows.length % CHANNELS) throw new Error(`A sample has ${CHANNELS} rows, one for each channel, and here are ${rows.length}`);
    const own = rows.length === CHANNELS && rows[0].length === x[0].length;
    put(own ? { input: x.map((row, r) => (Math.floor(r / CHANNELS) === n ? rows[r % CHANNELS] : row)) } : { input: rows, samples: rows.length / CHANNELS, places: rows[0].length });
  }, (why) => { pasted = `${why}; X stays as it is.`; redraw(); });
  const pick = (n, i, j) => { const cell = (n * CHANNELS + i) * sizeOf(now())[1] + j; if (cell !== now().cell) put({ cell }); };
  const rows = Array.from({ length: SAMPLES }, (_, n) => {
    const X = makeGrid({ onEdit: edit(n), onPaste: paste(n), onFocus: (i, j) => pick(n, i, j) });
    const Y = makeGrid({ onEdit() {}, onPick: (i, j) => pick(n, i, j) });
    return { X, Y, el: h("div", { class: "dlw-sample" }, X.panel, h("span", { class: "dlw-arrow", "aria-hidden": "true" }, "→"), Y.panel) };
  });
  const stage = h("div", { class: "dlw-samples" }, ...rows.map((row) => row.el)), words = textBox(), facts = factList();
  const [over, count, learned] = [facts.add("Averaged over"), facts.add("Sets"), facts.add("Learns")], code = h("code");
  facts.add("PyTorch", h("dd", {}, code));
  const mark = (cell, is) => { if ((cell.dataset.is ?? "") !== is) { if (is) cell.dataset.is = is; else delete cell.dataset.is; } };

  return {
    top: ["norm", "groups", "samples", "places"].map((key) => controls[key].el),
    body: [stage, words.el, facts.el],
    side: [controls.fill.el, controls.eps.el],
    buttons: [reset],
    problem: () => pasted || cells.problem(),
    shows(s) {
      const [samples, places] = sizeOf(s);
      return { groups: { disabled: s.norm !== "group" }, samples: { shown: String(samples) }, places: { shown: String(places) } };
    },
    before(changes, isReset) {
      pasted = "";
      if (!isReset && ("input" in changes || !["samples", "places", "fill"].some((key) => key in changes))) return changes;
      cells.forget();
      return isReset ? changes : { ...changes, input: [] };
    },
    draw(s, width) {
      made = run(s);
      const [samples, places] = sizeOf(s), [r, p] = marked(s), set = made.of[r][p];
      rows.forEach(({ X, Y, el }, n) => {
        el.hidden = n >= samples;
        if (el.hidden) return;
        X.shape(CHANNELS, places + 1, { top: 0, left: 1, h: CHANNELS, w: places }, "input");
        X.border((i) => `c${i}`);
        Y.shape(CHANNELS, places, { top: 0, left: 0, h: CHANNELS, w: places }, "button");
        X.caption(`Sample ${n}`);
        Y.caption("normalised");
        for (const grid of [X, Y]) grid.move(0, 0, false);
        const is = (i, j) => (n * CHANNELS + i === r && j === p ? "chosen" : made.of[n * CHANNELS + i][j] === set ? "set" : "");
        X.each((cell, i, j) => {
          const v = made.x[n * CHANNELS + i][j];
          cells.show(cell, v);
          setAttr(cell, "aria-label", at("X", n * CHANNELS + i, j));
          mark(cell, is(i, j));
        });
        Y.each((cell, i, j) => {
          const v = fmt(Number(made.y[n * CHANNELS + i][j].toFixed(2)));
          setText(cell, v);
          setAttr(cell, "aria-label", `${at("Y", n * CHANNELS + i, j)} = ${v}`);
          mark(cell, is(i, j));
        });
        if (n === Math.floor(r / CHANNELS)) Y.setStop(Y.at(r % CHANNELS, p));
      });
      cells.forget((cell) => !cell.isConnected || cell.closest("[hidden]"));
      const sizes = made.sets[set].cells.length, w = weights(s);
      setText(over, OVER[s.norm]);
      setText(count, `${several(made.sets.length, "set")} of ${several(sizes, "cell")}`);
      setText(learned, `${w} weights and ${w} biases${s.norm === "layer" ? ", one pair for each channel and place" : ", one pair for each channel"}`);
      setText(code, torchName(s));
      setText(shapes, `${several(samples, "sample")} × ${CHANNELS} channels × ${several(places, "place")}`);
      if (width) {
        const cell = Math.max(24, Math.min(40, Math.floor((width - 60) / (2 * places + 1)) - 2));
        setVar(stage, "--cell", `${cell}px`);
        const longest = Math.max(4, ...made.x.flat().map((v) => plain(v).length), ...made.y.flat().map((v) => fmt(Number(v.toFixed(2))).length));
        setVar(stage, "--text", `${Math.max(9, Math.min(15, (cell - 4) / (longest * 0.7)))}px`);
        rows.forEach(({ X, Y }) => { X.cell(cell); Y.cell(cell); });
      }
      const said = sentence(s, made, r, p);
      setText(words.inner, said);
      return said;
    },
  };
}

const render = makeRender(SETTINGS, STATE, view);
export default { render };

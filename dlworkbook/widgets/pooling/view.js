// Pooling: the view. Above the input and the output, below their gradients; all numbers come from model.js.
import { numberCells } from "../kit/cells.js";
import { factList, fmt, h, setAttr, setText, setVar, shade, textBox } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { makeGrid } from "../kit/grid.js";
import { matrixText, pasting, readNumber } from "../kit/matrix.js";
import { makePlayer } from "../kit/player.js";
import { makeState } from "../kit/state.js";
import { busiest, frameOf, inputOf, paddingOf, run, sizeOf, windowAt } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const MOST = 1000, SIDE = 6, SENT = 7;
const parse = (text) => readNumber(text, MOST);
const plain = (v) => String(v).replace("-", "−");
const isNumber = (v) => typeof v === "number" && Math.abs(v) <= MOST;
// Rows of numbers, or nothing: then the numbers of the menus are used.
const matrix = (low, high) => ({
  check(v, key) {
    const fits = (n) => n >= low && n <= high;
    const ok = Array.isArray(v) && (!v.length || (fits(v.length) && v.every((row) => Array.isArray(row) && fits(row.length) && row.length === v[0].length && row.every(isNumber))));
    if (!ok) throw new Error(`${key} must be rows of numbers, ${low} to ${high} each way, of at most ${MOST}`);
  },
  ...matrixText(parse, [high, high]),
});
const STATE = makeState(SETTINGS, { input: matrix(3, SIDE), grad: matrix(1, SENT) });
const at = (name, i, j) => `${name}[${i}, ${j}]`;
const plus = (list) => list.map(fmt).join(" + ").replaceAll("+ −", "− ");
const copy = (m) => m.map((row) => [...row]);
const tuple = (s) => [s.window, ...(s.stride === s.window && !paddingOf(s) ? [] : [`stride=${s.stride}`]), ...(paddingOf(s) ? [`padding=${paddingOf(s)}`] : []), ...(s.ceil ? ["ceil_mode=True"] : []), ...(s.kind === "max" || s.include ? [] : ["count_include_pad=False"])];

// What becomes of window (i, j), forward and backward.
function sentence(s, made, i, j) {
  const w = windowAt(s, i, j), values = w.cells.map((c) => c[2]), y = fmt(w.value), g = fmt(made.sent[i][j]), name = at("Y", i, j);
  if (s.kind === "max") {
    const where = at("X", ...w.ties[0]), tie = w.ties.length > 1 ? ` A tie: ${fmt(w.value)} stands there ${w.ties.length} times, and the first in reading order wins.` : "";
    return `${name} = max(${values.map(fmt).join(", ")}) = ${y}, from ${where}.${tie} Backward: all of its gradient, ${g}, goes to ${where}.`;
  }
  const share = fmt(made.sent[i][j] / w.divisor), border = w.divisor > w.cells.length ? `, of which ${w.divisor - w.cells.length} are padding` : "";
  return `${name} = (${plus(values)}) / ${w.divisor} = ${y}: the mean of ${w.divisor}${border}. Backward: each entry of X in the window gets ${g} / ${w.divisor} = ${share}.`;
}
function overlap(s, made) {
  const [a, b] = busiest(made), list = made.shares[a][b];
  if (list.length < 2) return "no entry of X gets more than one";
  return `${at("X", a, b)} gets ${plus(list.map((share) => share[2]))} = ${fmt(made.dx[a][b])} from ${list.length} windows`;
}
function sizes(s) {
  const x = inputOf(s), size = sizeOf(s), p = paddingOf(s), [open, close] = s.ceil ? ["⌈", "⌉"] : ["⌊", "⌋"];
  const one = (a) => {
    const n = [x.length, x[0].length][a], plainly = Math.ceil((n + 2 * p - s.window) / s.stride) + 1;
    return `${open}(${n} + 2·${p} − ${s.window}) / ${s.stride}${close} + 1 = ${s.ceil ? plainly : size[a]}${s.ceil && plainly > size[a] ? ", less one that would lie in the padding" : ""}`;
  };
  return one(0) === one(1) ? `rows and columns: ${one(0)}` : `rows: ${one(0)}; columns: ${one(1)}`;
}

function view({ controls, put, now, reset, shapes, redraw }) {
  const cells = numberCells({ parse, typed: plain, limit: MOST, redraw });
  let size = [1, 1], made = null, drawn = "", pasted = "";
  const edit = (key, name, read) => (i, j, text, field) => cells.edit(field, text, at(name, i, j), read()[i][j], (v) => {
    const next = copy(read());
    next[i][j] = v;
    put({ [key]: next });
  });
  const paste = (key, name, [low, high]) => pasting(parse, [high, high], (rows) => {
    if (Math.min(rows.length, rows[0].length) < low) throw new Error(`${name} needs at least ${low} rows and ${low} columns`);
    put({ [key]: rows, step: 0 });
  }, (why) => { pasted = `${why}; ${name} stays as it is.`; redraw(); });
  const go = (n) => put({ step: n });
  const X = makeGrid({ onEdit: edit("input", "X", () => inputOf(now())), onPaste: paste("input", "X", [3, SIDE]) });
  const Y = makeGrid({ onEdit() {}, onPick: (i, j) => { player.stop(); go(i * size[1] + j); } });
  const dX = makeGrid({ onEdit() {} }), dY = makeGrid({ onEdit: edit("grad", "dY", () => made.sent), onPaste: paste("grad", "dY", [1, SENT]) });
  const grids = [X, Y, dX, dY];
  const player = makePlayer({ label: "Step", ms: 900, go, done: () => put({}) });
  const words = textBox(), facts = factList();
  const [outSize, sums, together, code] = [facts.add("Output size"), facts.add("Gradients"), facts.add("Overlap"), h("code")];
  facts.add("PyTorch", h("dd", {}, code));
  const sign = (text) => h("span", { class: "dlw-op", "aria-hidden": "true" }, text);
  const stage = h("div", { class: "dlw-four" }, X.panel, sign("→"), Y.panel, dX.panel, sign("←"), dY.panel);

  const colour = (cell, v, most, key) => {
    const is = v > 0 ? "pos" : v < 0 ? "neg" : "zero";
    if (cell.dataset.sign !== is) cell.dataset.sign = is;
    shade(cell, v ? 0.08 + 0.3 * Math.abs(v) / most : 0);
    if (key) setAttr(cell, "aria-label", `${key} = ${fmt(v)}`);
  };
  const field = (cell, v, name) => {
    cells.show(cell, v);
    setAttr(cell, "aria-label", name);
  };
  const largest = (m) => Math.max(1e-9, ...m.flat().map(Math.abs));

  function numbers(s, width) {
    const x = inputOf(s), [[top, bottom], [left, right]] = frameOf(s), [rows, cols] = size = sizeOf(s);
    made = run(s);
    const box = { top, left, h: x.length, w: x[0].length }, out = { top: 0, left: 0, h: rows, w: cols };
    X.shape(x.length + top + bottom, x[0].length + left + right, box, "input");
    X.border(() => (s.kind === "max" ? "−∞" : "0"));
    dX.shape(x.length + top + bottom, x[0].length + left + right, box, "span");
    dX.border(() => "");
    Y.shape(rows, cols, out, "button");
    dY.shape(rows, cols, out, "input");
    X.caption(`Input X, ${x.length} × ${x[0].length}`);
    Y.caption(`Output Y, ${rows} × ${cols}`);
    dX.caption("dX, gradient of X");
    dY.caption("dY, gradient of Y");
    cells.forget((cell) => !cell.isConnected);
    X.each((cell, i, j) => field(cell, x[i][j], at("X", i, j)));
    dY.each((cell, i, j) => field(cell, made.sent[i][j], at("dY", i, j)));
    const most = [largest(made.y), largest(made.dx)];
    Y.each((cell, i, j) => { setText(cell, fmt(made.y[i][j])); colour(cell, made.y[i][j], most[0], at("Y", i, j)); });
    dX.each((cell, i, j) => { setText(cell, fmt(made.dx[i][j])); colour(cell, made.dx[i][j], most[1]); });
    const total = (m) => m.flat().reduce((a, b) => a + b, 0);
    setText(outSize, sizes(s));
    const [above, below] = [total(made.sent), total(made.dx)];
    setText(sums, `dY sums to ${fmt(above)}, dX to ${fmt(below)}${Math.abs(above - below) > 1e-9 ? ": the rest went into the padding" : ""}`);
    setText(together, overlap(s, made));
    setText(code, `F.${s.kind === "max" ? "max" : "avg"}_pool2d(X, ${tuple(s).join(", ")})`);
    setText(shapes, `${x.length} × ${x[0].length}  →  ${rows} × ${cols}`);
    if (!width) return;
    const wide = x[0].length + left + right, longest = Math.max(2, ...[...made.y.flat(), ...made.dx.flat()].map((v) => fmt(v).length), ...[...x.flat(), ...made.sent.flat()].map((v) => plain(v).length));
    const cell = Math.max(24, Math.min(40, Math.floor((width - 44) / (wide + cols)) - 2));
    setVar(stage, "--cell", `${cell}px`);
    setVar(stage, "--text", `${Math.max(9, Math.min(15, (cell - 3) / (longest * 0.58)))}px`);
    grids.forEach((grid) => grid.cell(cell));
  }

  return {
    top: ["kind", "window", "stride", "padding"].map((key) => controls[key].el),
    body: [stage, player.el, words.el, facts.el],
    side: [...["fill", "rows", "columns", "sent"].map((key) => controls[key].el), h("div", { class: "dlw-checks" }, controls.ceil.el, controls.include.el)],
    buttons: [reset],
    player,
    problem: () => pasted || cells.problem() || (paddingOf(now()) < now().padding ? `PyTorch refuses a padding of more than half the window; with a window of ${now().window}, ${paddingOf(now())} is used.` : ""),
    before(changes, isReset) {
      pasted = "";
      if (isReset || "rows" in changes || "columns" in changes || "fill" in changes) {
        cells.forget();
        player.stop();
        return isReset ? changes : { ...changes, input: [], step: 0 };
      }
      // Another output, or another gradient of it: what was typed there wrongly goes.
      if (["window", "stride", "padding", "ceil", "sent"].some((key) => key in changes)) cells.forget((field) => dY.panel.contains(field));
      return "sent" in changes ? { ...changes, grad: [] } : changes;
    },
    draw(s, width) {
      const { step, ...rest } = s, state = JSON.stringify([rest, width]), fresh = state !== drawn;
      if (fresh) { drawn = state; numbers(s, width); }
      const count = size[0] * size[1], n = Math.min(step, count - 1), i = Math.floor(n / size[1]), j = n % size[1];
      player.draw(n, count);
      const w = windowAt(s, i, j), isIn = (list, a, b) => list.some((c) => c[0] === a && c[1] === b);
      X.sheet(s.window, s.window, [1, 1]);
      dX.sheet(s.window, s.window, [1, 1]);
      for (const grid of [Y, dY]) { grid.sheet(1, 1, [1, 1]); grid.move(i, j); }
      for (const grid of [X, dX]) grid.move(i * s.stride, j * s.stride);
      const marks = (cell, a, b) => {
        const is = s.kind === "max" && isIn(w.ties, a, b) ? (isIn(w.ties.slice(0, 1), a, b) ? "wins" : "ties") : "";
        if ((cell.dataset.is ?? "") !== is) cell.dataset.is = is;
      };
      X.each(marks);
      dX.each(marks);
      Y.setStop(Y.at(i, j));
      const said = sentence(s, made, i, j);
      setText(words.inner, said);
      return player.playing() ? "" : `Window ${n + 1} of ${count}: ${said}`;
    },
  };
}

const render = makeRender(SETTINGS, STATE, view);
export default { render };

// IoU and NMS: the view. All numbers come from model.js.
import { fmt, h, scrollStop, setAttr, setText, slider, textBox } from "../kit/controls.js";
import { drag } from "../kit/drag.js";
import { textField } from "../kit/field.js";
import { makeRender } from "../kit/frame.js";
import { matrixText, readMatrix, readNumber } from "../kit/matrix.js";
import { label, makePlot, px, svg, ticks } from "../kit/plot.js";
import { alike, makeState } from "../kit/state.js";
import { LARGEST, MOST, NAMES, checkBoxes, extent, iou, moved, over, resized, spared, suppress } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const [LEFT, RIGHT, TOP, BOTTOM] = [30, 6, 6, 22], GRIP = 9;
const numberOf = (text) => readNumber(text, LARGEST);
const BOXES = { ...matrixText(numberOf, [MOST, 5]), check: checkBoxes };
const read = (text) => checkBoxes(readMatrix(text, numberOf, [99, 99]));
const written = (rows) => rows.map((row) => row.join(" ")).join("; ");
// What a text of several lines is in a field of one line.
const oneLine = (text) => text.trim().replace(/\s*\n\s*/g, /[[(]/.test(text) ? " " : "; ");

function sentence(s) {
  const { order, by } = suppress(s), kept = order.filter((i) => by[i] < 0), out = order.filter((i) => by[i] >= 0);
  const value = (i, j) => fmt(iou(s.boxes[i], s.boxes[j])), list = (all) => all.map((i) => NAMES[i]).join(", ");
  const first = `At a threshold of ${fmt(s.threshold / 20)}, ${kept.length} of ${order.length} boxes ${kept.length === 1 ? "is" : "are"} kept: ${list(kept)}.`;
  const why = out.length ? ` Removed: ${out.map((i) => `${NAMES[i]} by ${NAMES[by[i]]} (IoU ${value(i, by[i])})`).join(", ")}.` : " No pair overlaps by more.";
  const pair = spared(s);
  return first + why + (pair ? ` ${NAMES[pair[0]]} stays although ${NAMES[pair[1]]} overlaps it by ${value(...pair)}: ${NAMES[pair[1]]} was gone.` : "");
}

function makeTable() {
  const head = h("tr"), body = h("tbody");
  const el = h("div", { class: "dlw-scroll" }, h("table", { class: "dlw-ious" }, h("caption", {}, "IoU with each box before it; in italics: with one that is out"), h("thead", {}, head), body));
  scrollStop(el, { "aria-label": "IoU of each pair" });
  return {
    el,
    show(s) {
      const { order, by } = suppress(s), cell = (text, look) => h("td", { class: look || null }, text);
      head.replaceChildren(...["Box", "Score", "Verdict", ...order.slice(0, -1).map((i) => NAMES[i])].map((name) => h("th", { scope: "col" }, name)));
      body.replaceChildren(...order.map((i, at) => h("tr", { class: i === s.marked ? "dlw-chosen" : null },
        h("th", { scope: "row" }, NAMES[i]), cell(s.boxes[i][4].toFixed(2)), cell(by[i] < 0 ? "kept" : `out, by ${NAMES[by[i]]}`),
        ...order.slice(0, -1).map((j, k) => {
          const v = iou(s.boxes[i], s.boxes[j]);
          return k < at ? cell(fmt(v), by[j] >= 0 ? "dlw-gone" : over(v, s) ? "dlw-over" : "") : cell("");
        }))));
    },
  };
}

// The boxes, those kept with a full edge; the marked one with a grip at its corner.
function drawBoxes(plot, s, by) {
  const at = (b) => ({ x: px(plot.x(b[0])), y: px(plot.y(b[1])), width: px(plot.x(b[2]) - plot.x(b[0])), height: px(plot.y(b[3]) - plot.y(b[1])) });
  const taken = [];
  const tag = (b, i) => {
    const x = plot.x(b[0]) + 5;
    let y = plot.y(b[1]) + 13;
    while (taken.some(([p, q]) => Math.abs(p - x) < 11 && Math.abs(q - y) < 13)) y += 13;
    taken.push([x, y]);
    return label(x, y, NAMES[i], { class: "dlw-tag" });
  };
  const shapes = s.boxes.map((b, i) => svg("rect", { class: `dlw-rect${by[i] < 0 ? "" : " dlw-out"}`, ...at(b) }));
  const [, , x2, y2] = s.boxes[s.marked];
  const grip = svg("rect", { class: "dlw-grip", x: px(plot.x(x2) - 4), y: px(plot.y(y2) - 4), width: 8, height: 8 });
  plot.inside.replaceChildren(...shapes.filter((_, i) => by[i] >= 0), ...shapes.filter((_, i) => by[i] < 0), ...s.boxes.map(tag), grip);
}

function view({ alertBox, controls, now, put, redraw, shapes }) {
  const plot = makePlot({ margin: [LEFT, RIGHT, TOP, BOTTOM] }), table = makeTable(), words = textBox(), xs = [0, 60], ys = [40, 0];
  const field = textField({
    label: "Boxes: x1 y1 x2 y2 score", alertBox, redraw,
    means: (text, kept) => { try { return written(read(text)) === kept; } catch { return false; } },
    take(text) {
      try {
        const boxes = read(text);
        if (!alike(boxes, now().boxes)) put({ boxes, marked: 0 });
      } catch (error) { return error.message.replace(/\. A matrix can .*$/, ""); }
      return "";
    },
  });
  const input = field.el.querySelector("input");
  input.addEventListener("paste", (e) => {
    const text = e.clipboardData?.getData("text") ?? "";
    if (!text.trim().includes("\n")) return;
    e.preventDefault();
    input.value = oneLine(text);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const marked = (s) => Math.min(s.marked, s.boxes.length - 1);
  function change(make, n = marked(now())) {
    const boxes = now().boxes.map((b, i) => (i === n ? make(b) : b));
    if (alike(boxes, now().boxes) && n === now().marked) return;
    field.forget();
    put({ boxes, marked: n });
  }
  const box = slider({ label: "Marked box", min: 0, max: 1, room: "1.4em", set: (v) => put({ marked: v }) });
  const score = slider({ label: "Its score", min: 0, max: 100, room: "2.6em", set: (v) => change((b) => [...b.slice(0, 4), v / 100]) });

  // Pressed at its corner the marked box is resized; elsewhere the box that is hit is moved, the
  // marked one first, then the smallest. `grip` holds what was there when it was pressed.
  let grip = null;
  function taken(x, y) {
    const { boxes } = now(), n = marked(now()), [, , x2, y2] = boxes[n];
    if (Math.abs(plot.x(x) - plot.x(x2)) < GRIP && Math.abs(plot.y(y) - plot.y(y2)) < GRIP) return { n, x, y, from: boxes[n], use: resized };
    const size = (b) => (b[2] - b[0]) * (b[3] - b[1]), hit = boxes.map((_, i) => i).filter((i) => boxes[i][0] <= x && x <= boxes[i][2] && boxes[i][1] <= y && y <= boxes[i][3]);
    const which = hit.includes(n) ? n : hit.sort((i, j) => size(boxes[i]) - size(boxes[j]))[0];
    return which === undefined ? {} : { n: which, x, y, from: boxes[which], use: moved };
  }
  plot.el.addEventListener("pointerdown", () => { grip = null; });
  drag(plot, xs, ys, (x, y) => {
    grip ??= taken(x, y);
    const step = xs[1] / 60, steps = (v) => step * Math.round(v / step);
    if (grip.use) change(() => grip.use(grip.from, steps(x - grip.x), steps(y - grip.y), xs[1]), grip.n);
  });
  setAttr(plot.el, "tabindex", 0);
  plot.el.classList.add("dlw-boxes");
  plot.el.addEventListener("keydown", (e) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    if (!way || e.ctrlKey || e.altKey || e.metaKey) return;
    e.preventDefault();
    const [dx, dy] = way.map((v) => (v * xs[1]) / 60);
    change((b) => (e.shiftKey ? resized : moved)(b, dx, dy, xs[1]));
  });

  return {
    top: [field.el, controls.threshold.el, box.el, score.el, controls.equal.el],
    body: [plot.el, h("p", { class: "dlw-dim dlw-how" }, "Drag a box, or the corner of the marked one. Keys: arrows move it, with Shift they resize it."), words.el, table.el],
    problem: () => field.said("The last list that fitted"),
    shows: (s) => ({ threshold: { shown: (s.threshold / 20).toFixed(2) } }),
    before(changes, isReset) {
      if (isReset) field.forget();
      return changes;
    },
    draw(s, width) {
      const one = { ...s, marked: marked(s) }, { by } = suppress(one), wide = extent(s.boxes), said = sentence(one);
      xs[1] = wide;
      ys[0] = (2 / 3) * wide;
      field.draw(written(s.boxes));
      box.draw(one.marked, { max: s.boxes.length - 1, shown: NAMES[one.marked], spoken: `box ${NAMES[one.marked]}` });
      score.draw(Math.round(100 * s.boxes[one.marked][4]), { shown: s.boxes[one.marked][4].toFixed(2) });
      setText(words.inner, said);
      setText(shapes, `${by.filter((j) => j < 0).length} of ${by.length} boxes kept`);
      if (width) {
        const all = width < 480 ? Math.min(width, 300) : 480;
        plot.scale(all, Math.round(((all - LEFT - RIGHT) * 2) / 3) + TOP + BOTTOM, xs, ys);
        plot.axes(ticks(xs, 7, fmt), ticks([0, ys[0]], 5, fmt));
        drawBoxes(plot, one, by);
        plot.name(`The boxes, those kept with a full edge, those removed dashed. Box ${NAMES[one.marked]} is marked. ${said}`);
      }
      table.show(one);
      return said;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS, { boxes: BOXES }), view);
export default { render };

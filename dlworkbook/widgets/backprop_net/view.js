// Backpropagation through a small net in steps: the view. All numbers come from model.js.
import { button, factList, h, setAttr, setText, textBox } from "../kit/controls.js";
import { textField } from "../kit/field.js";
import { makeRender } from "../kit/frame.js";
import { matrixText, readMatrix, readNumber } from "../kit/matrix.js";
import { label, line, px, svg } from "../kit/plot.js";
import { clone, makeState } from "../kit/state.js";
import { STEPS, done, run, shares, slope, validate } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const [WIDE, HIGH, GAP] = [108, 68, 112];
const UNITS = ["h₁", "h₂", "ŷ₁", "ŷ₂"], INPUTS = ["a₁", "a₂", "z₁", "z₂"];

// A number with four decimals at most, a small or large one with three digits.
const dec = (v) => {
  const size = Math.abs(v), text = size >= 1e4 || (size < 1e-3 && size > 0) ? v.toExponential(2).replace("e+", "e") : String(+v.toFixed(4) || 0);
  return text.replaceAll("-", "−");
};
const put0 = (v) => (v < 0 ? "(" + dec(v) + ")" : dec(v)); // inside a product or a sum
const rowsOf = (rows) => rows.map((row) => row.map((v) => String(v).replace("-", "−")).join(", ")).join("; ");

const SIZES = { data: [2, 2], weights: [4, 3] };
const number = (text) => readNumber(text, Infinity); // how large it may be, validate() says
const matrix = (key) => ({ ...matrixText(number, SIZES[key]), check() {} }); // all at once, below
const base = makeState(SETTINGS, { data: matrix("data"), weights: matrix("weights") });
const STATE = { ...base, decode(text) { const s = base.decode(text); validate(s); return s; } };

// What a step did, in words and numbers.
function sentence(s, all, step) {
  const [what, n] = STEPS[step], { kind, hidden, data: [x, y], weights, rate } = s, top = n > 1, k = n % 2;
  const from = top ? all.h : x, a = top ? all.a2 : all.a1, out = top ? all.o : all.h, delta = top ? all.d2 : all.d1;
  const sigmoid = kind === "sigmoid";
  if (what === "start") return "Inputs, targets, weights and biases are given. Forward: each unit adds its bias and the products of weights and values that lead to it.";
  if (what === "forward") {
    const [u, v, bias] = weights[n], sum = `${INPUTS[n]} = ${dec(u)} · ${put0(from[0])} + ${put0(v)} · ${put0(from[1])} + ${put0(bias)} = ${dec(a[k])}`;
    if (top && !sigmoid) return `Forward: the score ${sum}. Softmax needs both scores.`;
    return `Forward: ${sum}, and ${UNITS[n]} = ${top ? "sigmoid" : hidden}(${dec(a[k])}) = ${dec(out[k])}.`;
  }
  if (what === "loss") {
    if (sigmoid) return `Loss: ½ · [(${dec(all.o[0])} − ${put0(y[0])})² + (${dec(all.o[1])} − ${put0(y[1])})²] = ${dec(all.loss)}. Backward begins here.`;
    return `Softmax turns the scores into ŷ = (${dec(all.o[0])}, ${dec(all.o[1])}). Loss: −${dec(y[0])} · log ${dec(all.o[0])} − ${dec(y[1])} · log ${dec(all.o[1])} = ${dec(all.loss)}. Backward begins here.`;
  }
  if (what === "delta" && top) {
    if (!sigmoid) return `Backward: δ of ${UNITS[n]} = ${dec(out[k])} − ${put0(y[k])} = ${dec(delta[k])}. Softmax and cross-entropy together leave no further factor.`;
    return `Backward: δ of ${UNITS[n]} = (${dec(out[k])} − ${put0(y[k])}) · ${dec(out[k])} · (1 − ${dec(out[k])}) = ${dec(delta[k])}: the error times the slope of the sigmoid.`;
  }
  if (what === "delta") {
    const back = `${put0(weights[2][k])} · ${put0(all.d2[0])} + ${put0(weights[3][k])} · ${put0(all.d2[1])}`, v = out[k];
    const steep = hidden === "sigmoid" ? `${dec(v)} · (1 − ${dec(v)})` : hidden === "tanh" ? `(1 − ${put0(v)}²)` : dec(slope(hidden, a[k], v));
    return `Backward: δ of ${UNITS[n]} = (${back}) · ${steep} = ${dec(all.back[k])} · ${dec(slope(hidden, a[k], v))} = ${dec(delta[k])}. The weights that leave ${UNITS[n]}, as they were on the way forward.`;
  }
  if (what === "grads") {
    const parts = [0, 1].map((j) => `${put0(delta[k])} · ${put0(from[j])} = ${dec(all.grads[n][j])}`);
    return `Gradients into ${UNITS[n]}: its δ times the value at the other end of the edge: ${parts.join(", and ")}. Of the bias: δ itself, ${dec(delta[k])}.`;
  }
  return `Update, all at once: each weight minus ${dec(rate)} times its gradient. Forward again, the loss goes from ${dec(all.loss)} to ${dec(all.lossAfter)}.`;
}

function makePicture() {
  const wires = svg("g"), tags = svg("g", { class: "dlw-tag" }), boxes = svg("g"), el = svg("svg", { role: "img", class: "dlw-plot" }, wires, boxes, tags);
  return {
    el,
    show(s, all, step, width, said) {
      const tall = width < 520, { data: [x, y], weights } = s, [what, at] = STEPS[step], last = what === "update";
      const room = tall ? width - 2 : Math.min(width - 2, 660), high = tall ? 3 * HIGH + 2 * GAP + 8 : 2 * HIGH + 144;
      for (const [key, v] of Object.entries({ width: room, height: high, viewBox: `0 0 ${px(room)} ${high}`, "aria-label": said })) setAttr(el, key, v);
      // The middle of a unit's box: layers from left to right, on a phone from top to bottom.
      const place = (layer, k) => (tall ? [room * (0.24 + 0.52 * k), 4 + HIGH / 2 + layer * (HIGH + GAP)] : [WIDE / 2 + 2 + (layer * (room - WIDE - 4)) / 2, 36 + HIGH / 2 + k * (HIGH + 100)]);
      const lines = [], words = [], units = [];
      const middle = (px0, py0, text, kind) => words.push(label(px0, py0, text, { "text-anchor": "middle", class: kind ?? null }));
      weights.forEach((row, n) => {
        const layer = n < 2 ? 1 : 2, k = n % 2, has = done(step, "grads", n), to = place(layer, k);
        for (const j of [0, 1]) {
          const p = place(layer - 1, j), q = [...to], side = tall ? 1 : 0, half = (tall ? HIGH : WIDE) / 2;
          p[side] += half;
          q[side] -= half;
          const lit = (what === "delta" && n > 1 && at === j) || (at === n && (what === "forward" || what === "grads"));
          lines.push(svg("path", { d: line([p, q]), class: ["dlw-wire", has && "dlw-back", lit && "dlw-at"].filter(Boolean).join(" ") }));
          const t = j === k ? 0.5 : tall ? 0.2 : 0.26, [cx, cy] = [p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])];
          const apart = j === k && !tall ? [-6, 15] : [-2, 12];
          middle(cx, cy + apart[0], dec(last ? all.after[n][j] : row[j]), last && "dlw-new");
          if (has) middle(cx, cy + apart[1], dec(all.grads[n][j]), "dlw-grad");
        }
        const corner = [to[0] - WIDE / 2, to[1] - HIGH / 2 - 5];
        words.push(label(corner[0], corner[1] - 14, `b ${dec(last ? all.after[n][2] : row[2])}`, { class: last ? "dlw-new" : null }));
        if (has) words.push(label(...corner, dec(all.grads[n][2]), { class: "dlw-grad" }));
      });
      const box = (layer, k, title, rows, lit) => {
        const [cx, cy] = place(layer, k);
        units.push(svg("g", { class: lit ? "dlw-unit dlw-at" : "dlw-unit" },
          svg("rect", { x: px(cx - WIDE / 2), y: px(cy - HIGH / 2), width: WIDE, height: HIGH, rx: 8 }),
          label(cx, cy - 19, title, { "text-anchor": "middle", class: "dlw-title-of" }),
          ...rows.map(([text, kind], n) => label(cx, cy - 3 + 15 * n, text, { "text-anchor": "middle", class: kind ?? null }))));
      };
      for (const k of [0, 1]) box(0, k, `x${"₁₂"[k]}`, [[dec(x[k])]], false);
      UNITS.forEach((name, n) => {
        const k = n % 2, top = n > 1, rows = [], soft = top && s.kind === "softmax";
        if (done(step, "forward", n)) {
          rows.push([`${INPUTS[n][0]} ${dec((top ? all.a2 : all.a1)[k])}`]);
          if (!soft || step >= 5) rows.push([`${name[0]} ${dec((top ? all.o : all.h)[k])}`]);
        }
        if (done(step, "delta", n)) rows.push([`δ ${dec((top ? all.d2 : all.d1)[k])}`, "dlw-grad"]);
        box(top ? 2 : 1, k, top ? `${name} → ${dec(y[k])}` : name, rows, at === n || (what === "loss" && top));
      });
      wires.replaceChildren(...lines);
      boxes.replaceChildren(...units);
      tags.replaceChildren(...words);
    },
  };
}

function view({ controls, put, now, reset, shapes, alertBox, redraw }) {
  const picture = makePicture(), words = textBox(), facts = factList(), last = STEPS.length - 1;
  const [loss, outer, inner] = ["Loss", "δ, outputs", "δ, hidden units"].map((name) => facts.add(name));
  const field = (key, title) => textField({
    label: title, alertBox, redraw,
    means: (text, kept) => { try { return rowsOf(readMatrix(text, number, SIZES[key])) === kept; } catch { return false; } },
    take(text) {
      try {
        const changes = { [key]: readMatrix(text, number, SIZES[key]) };
        validate({ ...now(), ...changes });
        put(changes);
        return "";
      } catch (error) { return error.message; }
    },
  });
  const data = field("data", "x; targets"), weights = field("weights", "w, w, bias of h₁; h₂; ŷ₁; ŷ₂");
  const move = (by) => put({ step: Math.max(0, Math.min(last, now().step + by)) });
  const back = button("Back", () => move(-1)), next = button("Next", () => move(1));
  return {
    top: [controls.kind.el, data.el, weights.el],
    body: [picture.el, h("div", { class: "dlw-walk" }, back, next, controls.step.el), words.el, facts.el],
    side: [controls.hidden.el, controls.rate.el],
    shows: (s) => ({ step: { shown: `${s.step + 1} of ${last + 1}` } }),
    problem: () => data.said() || weights.said(),
    before(changes, isReset) {
      if (isReset) { data.forget(); weights.forget(); }
      const s = { ...now(), ...changes };
      return s.kind === "softmax" && !shares(s.data[1]) ? { ...changes, data: [clone(s.data)[0], [1, 0]] } : changes;
    },
    draw(s, width) {
      const all = run(s), { step } = s, said = sentence(s, all, step), pair = (list, known) => (known ? list.map(dec).join(", ") : "not yet");
      data.draw(rowsOf(s.data));
      weights.draw(rowsOf(s.weights));
      for (const [b, off] of [[back, step === 0], [next, step === last]]) if (b.disabled !== off && document.activeElement !== b) b.disabled = off;
      setText(shapes, step < 5 ? "forward" : step === last ? "update" : "backward");
      setText(words.inner, said);
      setText(loss, step < 5 ? "not yet" : dec(all.loss) + (step === last ? `, then ${dec(all.lossAfter)}` : ""));
      setText(outer, pair(all.d2, done(step, "delta", 3)));
      setText(inner, pair(all.d1, done(step, "delta", 1)));
      if (width) picture.show(s, all, step, width, `A net of two inputs, two hidden units and two outputs. ${said}`);
      return `Step ${step + 1} of ${last + 1}. ${said}`;
    },
  };
}

const render = makeRender(SETTINGS, STATE, view);
export default { render };

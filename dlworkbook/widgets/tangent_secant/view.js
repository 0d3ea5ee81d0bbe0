// Secant and tangent of a typed function: the view. All numbers come from model.js.
import { factList, fmt, setAttr, setText, textBox } from "../kit/controls.js";
import { textField } from "../kit/field.js";
import { makeRender } from "../kit/frame.js";
import { dots, line, makePlot, pick, ticks } from "../kit/plot.js";
import { makeState } from "../kit/state.js";
import { EDGE, curve, derivativeText, rangeOf, study, treeOf } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const FUNCTION = {
  check(v) {
    if (typeof v !== "string") throw new Error("f must be a text");
    try { treeOf(v); } catch (error) { throw new Error(`f: ${error.message.replace(/\.$/, "")}`); }
  },
  text: encodeURIComponent, parse: (v) => v,
};
const TENTHS = Array.from({ length: 61 }, (_, k) => (k - 30) / 10), LONG = 110;
// Far from 1 as 2e10, which fits beside an axis.
function num(v) {
  if (Math.abs(v) === Infinity) return v > 0 ? "∞" : "−∞";
  return v === 0 || (Math.abs(v) >= 1e-3 && Math.abs(v) < 1e5) ? fmt(v) : String(+v.toPrecision(4)).length < 7 ? fmt(v) : v.toExponential(3).replace(/\.?0*e\+?/, "e").replaceAll("-", "−");
}
const TITLES = {
  none: "no value here", slope: "differentiable here", kink: "not differentiable here", steep: "not differentiable here",
  edge: "not differentiable here", alone: "not differentiable here", open: "the rules do not decide",
  doubt: "64 bits do not decide", large: "too large for 64 bits",
};
const DOUBTS = {
  "÷": "the divisor is 0 but for rounding", "^": "the base of ^ is 0 but for rounding", tan: "tan is at a pole but for rounding",
  abs: "abs is at its kink but for rounding", relu: "relu is at its kink but for rounding", max: "two values in max are equal but for rounding",
  min: "two values in min are equal but for rounding", sides: "the slopes from both sides are equal but for rounding",
};
const doubtOf = (op) => DOUBTS[op] ?? `${op} is at the edge of a jump or of its domain but for rounding`;
// A number of which rounding may have moved every digit is not shown as if it were known.
const told = (v, blur) => (!(blur > 5e-4 * Math.abs(v)) || !Number.isFinite(v) ? num(v) : Math.abs(v) <= blur ? "0 but for rounding" : `about ${num(+v.toPrecision(1))}`);

// What is true at the point, in words.
function sentence(s, q) {
  const at = num(s.x / 10), there = num(s.x / 10 + s.h), { secant, kind, jump, near, far, doubt, blur } = q;
  const [value, left, right] = [[q.v, blur[0]], [q.left, blur[1]], [q.right, blur[2]]].map((pair) => told(...pair));
  if (kind === "large") return `On the way to f(${at}) or to its slope a number is too large for 64 bits, so nothing can be said here.`;
  const steps = `Steps of −0.000001 and 0.000001 give the slopes ${near.map((m) => (Number.isFinite(m) ? num(m) : "none")).join(" and ")}.`;
  if (kind === "doubt") return `At ${at} ${doubtOf(doubt)}. Whether f has a value and a derivative exactly here cannot be told in 64 bits. ${steps}`;
  if (kind === "none") return `f has no finite value at x = ${at}: no point, no secant, no tangent.`;
  const cut = Number.isFinite(secant) ? `From x = ${at} to ${there} the secant has the slope ${told(secant, blur[3])}.` : far ? `At ${there} f is too large for 64 bits, so no secant is shown.` : `f has no finite value at ${there}, so there is no secant.`;
  const rest = {
    slope: `The tangent at ${at} has the slope ${left}${Number.isFinite(secant) ? `; the difference is ${told(q.gap, blur[4])}` : ""}.`,
    kink: `From the left the slope at ${at} is ${left}, from the right ${right}${left === right ? `, and they differ by ${num(q.right - q.left || q.apart)}` : ""}: there is no derivative.`,
    steep: `From the left the slope at ${at} is ${left}, from the right ${right}: there is no finite derivative.`,
    edge: `${Number.isNaN(q.right) && !Number.isNaN(q.left) ? `From the left the slope is ${left}, on` : Number.isNaN(q.right) ? "On one side the rules do not decide, on" : `From the right the slope is ${right}, on`} the other side f has no values: there is no derivative at ${at}.`,
    alone: `Beside ${at} f has no values: there is no derivative.`,
    open: `${jump ? `At ${at} the rules meet a jump of ${jump}` : `At ${at} the rules end in a form like 0 times infinity`}, and decide nothing. ${steps}`,
  }[kind];
  return `f(${at}) = ${value}. ${cut} ${rest}`;
}

function view({ controls, shapes, put, now, redraw, alertBox }) {
  const plot = makePlot({ margin: [44, 8, 8, 24] });
  const [graph, tangent, secant, point] = ["curve", "tangent", "secant", "dots"].map((kind) => plot.path(`dlw-${kind}`));
  const facts = factList(), work = textBox();
  const [slopeS, slopeT, rule] = ["Slope of the secant", "Slope of the tangent", "f′(x), where it exists"].map((name) => facts.add(name));
  slopeS.previousElementSibling.classList.add("dlw-key-secant");
  slopeT.previousElementSibling.classList.add("dlw-key-tangent");
  const field = textField({ label: "f(x) =", alertBox, redraw, take: (text) => {
    try { treeOf(text); } catch (error) { return error.message; }
    put({ f: text.trim() });
    return "";
  } });
  pick(plot, () => TENTHS, (n) => put({ x: n - 30 }));
  let known = {};
  return {
    top: [field.el, controls.x.el, controls.h.el],
    body: [plot.el, work.el, facts.el],
    problem: () => field.said(),
    before(changes, isReset) { if (isReset) field.forget(); return changes; },
    shows: (s) => ({ x: { shown: num(s.x / 10) }, h: { shown: num(s.h) } }),
    draw(s, width) {
      if (known.f !== s.f) { const tree = treeOf(s.f); known = { f: s.f, tree, pieces: curve(tree), text: derivativeText(s.f, LONG) }; }
      const { tree, pieces, text } = known, x = s.x / 10, q = study(tree, x, s.h), words = sentence(s, q);
      field.draw(s.f);
      const ys = rangeOf(pieces, [q.v, q.ahead]), wide = width || 640;
      plot.scale(wide, wide < 480 ? 240 : 290, [-EDGE, EDGE], ys);
      plot.axes(ticks([-EDGE, EDGE], wide < 480 ? 7 : 14, num), ticks(ys, 6, num));
      const high = ys[1] - ys[0], clamp = (y) => Math.max(ys[0] - 9 * high, Math.min(ys[1] + 9 * high, y));
      const seen = (points) => points.map(([a, b]) => [plot.x(a), plot.y(clamp(b))]);
      // A straight line through the point; a very steep one stays one by ending early.
      const through = (m, from, to) => {
        const reach = Math.min(2 * EDGE, (8 * high) / Math.abs(m || 1e-9)), stop = (e) => Math.max(-reach, Math.min(reach, e - x));
        return line(seen([from, to].map((e) => [x + stop(e), q.v + m * stop(e)])));
      };
      setAttr(graph, "d", pieces.map((piece) => line(seen(piece))).join(""));
      setAttr(secant, "d", Number.isFinite(q.secant) && Number.isFinite(q.v) ? through(q.secant, -EDGE, EDGE) : "");
      const sure = q.kind !== "doubt" && q.kind !== "large";
      const half = (m, from, to) => (sure && Number.isFinite(m) && Number.isFinite(q.v) ? through(m, from, to) : "");
      setAttr(tangent, "d", `${half(q.left, -EDGE, x)}${half(q.right, x, EDGE)}`);
      setAttr(point, "d", dots(seen([[x, q.v], [x + s.h, q.ahead]].filter(([, b]) => Number.isFinite(b)))));
      setText(shapes, TITLES[q.kind]);
      setText(slopeS, Number.isFinite(q.secant) ? told(q.secant, q.blur[3]) : "none");
      setText(slopeT, q.kind === "slope" ? told(q.left, q.blur[1]) : sure ? "none" : "not known");
      setText(rule, text);
      setText(work.inner, words);
      plot.name(`The graph of ${s.f}. ${words}`);
      return words;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS, { f: FUNCTION }), view);
export default { render };

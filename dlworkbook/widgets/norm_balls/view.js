// Norm balls: the view. All numbers come from model.js.
import { factList, fmt, setAttr, setText, textBox } from "../kit/controls.js";
import { drag } from "../kit/drag.js";
import { makeRender } from "../kit/frame.js";
import { dots, line, makePlot, ticks } from "../kit/plot.js";
import { makeState } from "../kit/state.js";
import { ball, between, norm, place, point, exponent } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const EDGE = 1.6, [LEFT, RIGHT, TOP, BOTTOM] = [34, 8, 8, 24];
// Four digits; eight where four would say 1 of what is not.
const num = (v) => (Number(v.toPrecision(4)) === 1 ? String(+v.toPrecision(8)) : fmt(v));
const nameOfP = (p) => (p === Infinity ? "∞" : String(p));
const WHERE = { in: "inside the ball", on: "on the edge of the ball", out: "outside the ball" };
const clamp = (v) => Math.max(-EDGE - 1, Math.min(EDGE + 1, v));

function sentence(s) {
  const p = exponent(s), half = between(p);
  const where = `For p = ${nameOfP(p)} the point (${point(s).map(num).join(", ")}) has the size ${num(norm(point(s), p))}: ${WHERE[place(s)]} of size 1.`;
  if (p >= 1) return `${where} Half way from (1, 0) to (0, 1) the size is ${num(half)}, not above 1: the straight way stays in the ball.`;
  return `${where} Half way from (1, 0) to (0, 1) the size is ${num(half)}: the straight way leaves the ball, so this is not a norm.`;
}

function view({ shapes, put, now }) {
  const plot = makePlot({ margin: [LEFT, RIGHT, TOP, BOTTOM] });
  const [inner, through, chord, arrow, tip] = ["ball", "through", "chord", "arrow", "dots"].map((kind) => plot.path(`dlw-${kind}`));
  const facts = factList(), work = textBox();
  const own = facts.add(""), term = own.previousElementSibling;
  const fixed = [1, 2, Infinity].map((p) => [p, facts.add(`${nameOfP(p)}-norm`)]);
  const picture = document.createElement("div"), body = document.createElement("div");
  picture.append(plot.el);
  body.className = "dlw-balls";
  body.append(picture, facts.el);

  // The point goes where the picture is pressed.
  const tenths = (v) => Math.max(SETTINGS.fields.x.from, Math.min(SETTINGS.fields.x.to, Math.round(10 * v)));
  drag(plot, [-EDGE, EDGE], [-EDGE, EDGE], (a, b) => {
    const x = tenths(a), y = tenths(b);
    if (x !== now().x || y !== now().y) put({ x, y });
  });

  return {
    body: [body, work.el],
    shows: (s) => ({ p: { shown: nameOfP(exponent(s)) }, x: { shown: num(s.x / 10) }, y: { shown: num(s.y / 10) } }),
    draw(s, width) {
      const p = exponent(s), v = point(s), size = norm(v, p), curve = ball(p), side = !width || width >= 480 ? 330 : Math.min(width, 290);
      plot.scale(side, side - LEFT - RIGHT + TOP + BOTTOM, [-EDGE, EDGE], [-EDGE, EDGE]);
      plot.axes(ticks([-EDGE, EDGE], 7, fmt), ticks([-EDGE, EDGE], 7, fmt));
      const seen = (points) => points.map(([a, b]) => [plot.x(clamp(a)), plot.y(clamp(b))]);
      setAttr(inner, "d", `${line(seen(curve))}Z`);
      setAttr(through, "d", size ? `${line(seen(curve.map(([a, b]) => [size * a, size * b])))}Z` : "");
      setAttr(chord, "d", line(seen([[1, 0], [0, 1]])));
      setAttr(arrow, "d", line(seen([[0, 0], v])));
      setAttr(tip, "d", dots(seen([v])));
      setText(term, `Size, p = ${nameOfP(p)}`);
      setText(own, num(size));
      for (const [q, out] of fixed) setText(out, num(norm(v, q)));
      setText(shapes, p < 1 ? `p = ${nameOfP(p)}: not a norm` : `the ${nameOfP(p)}-norm`);
      const words = sentence(s);
      setText(work.inner, words);
      plot.name(`The unit ball, the point, and the ball through it (dashed). ${words}`);
      return words;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), view);
export default { render };

// venn bounds: the view. All numbers come from model.js.
import { factList, fmt, h, setAttr, setText } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { dots, follow, line, makePlot, ticks } from "../kit/plot.js";
import { makeState } from "../kit/state.js";
import { limit, loss, path, rate } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const num3 = (v) => fmt(Number(v.toPrecision(3)));
const inside = (x) => Math.max(-9, Math.min(9, x)); // far values would only slow the browser down

function view({ shapes }) {
  const plot = makePlot({ margin: [44, 10, 10, 34] });
  const way = plot.path("dlw-way"), points = plot.path("dlw-dots"), facts = factList();
  const edge = facts.add("Largest stable step size"), said = h("p", { class: "dlw-said", role: "status" });
  let xs = [1], s = null;
  follow(plot, () => xs.map((_, n) => n), (n) => `after ${n} updates: x = ${num3(xs[n])}, loss ${num3(loss(s, xs[n]))}`, said);
  return {
    body: [plot.el, said, facts.el],
    shows: (now) => ({ step: { shown: num3(rate(now)) } }),
    draw(now, width) {
      s = now;
      xs = path(s);
      plot.scale(width || 640, 260, [0, 20], [-2, 2]);
      plot.axes(ticks([0, 20], 5), ticks([-2, 2], 5, fmt), "update", "x");
      const seen = xs.map((x, n) => [plot.x(n), plot.y(inside(x))]);
      setAttr(way, "d", line(seen));
      setAttr(points, "d", dots(seen));
      const words = `Step size ${num3(rate(s))}, curvature ${s.curvature}: after 20 updates x is ${num3(xs.at(-1))}.`;
      plot.name(`x against the update. ${words}`);
      setText(shapes, rate(s) < limit(s) ? "converges" : rate(s) > limit(s) ? "diverges" : "jumps to and fro");
      setText(edge, `2 / curvature = ${num3(limit(s))}`);
      return words;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), view);
export default { render };

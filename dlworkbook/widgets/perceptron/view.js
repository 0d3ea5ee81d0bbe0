// A perceptron that learns: the view. All numbers come from model.js.
import { factList, fmt, h, setAttr, setText } from "../kit/controls.js";
import { drag } from "../kit/drag.js";
import { makeRender } from "../kit/frame.js";
import { dots, line, makePlot, ticks } from "../kit/plot.js";
import { makeState, nameOf } from "../kit/state.js";
import { points, region, score, separable, train, wrong } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const EDGE = [-12, 22], [LEFT, RIGHT, TOP, BOTTOM] = [34, 8, 8, 24];
const tenth = (v) => fmt(v / 10);
const tuple = (list) => `(${list.map(tenth).join(", ")})`;

function view({ shapes, put, now }) {
  const plot = makePlot({ margin: [LEFT, RIGHT, TOP, BOTTOM] });
  const [side, ones, zeros, holes, last] = ["side", "ones", "zeros", "holes", "last"].map((kind) => plot.path(`dlw-${kind}`));
  const facts = factList();
  const [weights, cause, errors, end] = ["Bias and weights", "Last update", "Wrong now", "In the end"].map((name) => facts.add(name));
  const body = h("div", { class: "dlw-perceive" }, h("div", {}, plot.el), facts.el);

  // The fifth point goes where the picture is pressed.
  const tenths = (v) => Math.max(SETTINGS.fields.x.from, Math.min(SETTINGS.fields.x.to, Math.round(v)));
  drag(plot, EDGE, EDGE, (a, b) => {
    const x = tenths(a), y = tenths(b), { extra } = now();
    if (x !== now().x || y !== now().y || extra === "none") put({ x, y, extra: extra === "none" ? "one" : extra });
  });

  return {
    body: [body],
    shows(s) {
      const total = train(points(s)).steps.length - 1, off = s.extra === "none";
      return {
        x: { shown: tenth(s.x), disabled: off }, y: { shown: tenth(s.y), disabled: off },
        step: { shown: `${Math.min(s.step, total)} of ${total}`, spoken: `${Math.min(s.step, total)} of ${total}` },
      };
    },
    draw(s, width) {
      const all = points(s), { steps, ended } = train(all), n = Math.min(s.step, steps.length - 1), { w, at } = steps[n];
      const wide = !width || width >= 480 ? 300 : Math.min(width, 290), total = steps.length - 1;
      plot.scale(wide, wide - LEFT - RIGHT + TOP + BOTTOM, EDGE, EDGE);
      const marks = ticks([-1.2, 2.2], 7, fmt).map(([v, t]) => [10 * v, t]);
      plot.axes(marks, marks);
      const seen = (list) => list.map(([x, y]) => [plot.x(x), plot.y(y)]);
      const corners = region(w, ...EDGE);
      setAttr(side, "d", corners.length ? `${line(seen(corners))}Z` : "");
      setAttr(ones, "d", dots(seen(all.filter((p) => p[2] > 0))));
      setAttr(zeros, "d", dots(seen(all.filter((p) => p[2] < 0))));
      setAttr(holes, "d", dots(seen(all.filter((p) => p[2] < 0))));
      setAttr(last, "d", at < 0 ? "" : dots(seen([all[at]])));
      const failing = wrong(w, all), able = separable(all);
      setText(weights, `b = ${tenth(w[0])}, w = ${tuple(w.slice(1))}`);
      setText(cause, at < 0 ? "none yet" : `${all[at][2] > 0 ? "added" : "subtracted"} the point ${tuple(all[at].slice(0, 2))}`);
      setText(errors, `${failing} of ${all.length} (a score of 0 is wrong)`);
      const fate = ended ? `all right after ${total} updates` : able ? `not yet after ${total} updates, but a line exists` : "never: no line separates them";
      setText(end, fate);
      setText(shapes, `${nameOf(SETTINGS, "set", s.set)}: ${able ? "separable" : "not separable"}`);
      const words = `After ${n} of ${total} updates b is ${tenth(w[0])} and w is ${tuple(w.slice(1))}: ${failing} of ${all.length} points wrong. In the end: ${fate}.`;
      plot.name(`Points with target 1 filled, with target 0 as rings, the last one that was added or subtracted with a dot; shaded where the perceptron says 1. ${words}`);
      return words;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), view);
export default { render };

// Six optimisers from one start: the view. All numbers come from model.js.
import { factList, fmt, h, setAttr, setText } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { dots, label, line, makePlot, power, ticks } from "../kit/plot.js";
import { makeState, nameOf } from "../kit/state.js";
import { contours, METHODS, race, STEPS, SURFACES } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const FRAMES = { quadratic: [[-2, 2], [-1.5, 1.5]], noisy: [[-2, 2], [-1.5, 1.5]], rosenbrock: [[-2.2, 2.2], [-1.3, 2.3]], saddle: [[-2, 2], [-1.5, 1.5]] };
const LEVELS = [2, 0.8, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0001], LOGS = [-8, 2];
const sci = (v) => (v === 0 ? "0" : v >= 0.001 && v < 1000 ? fmt(v) : v.toExponential(1).replace("-", "−").replace("+", ""));
const pair = (p) => "(" + p.map((v) => { const t = v.toFixed(2); return (t === "-0.00" ? "0.00" : t).replace("-", "−"); }).join(", ") + ")";

function build({ shapes }) {
  const map = makePlot({ margin: [34, 8, 8, 34] }), chart = makePlot({ margin: [40, 8, 18, 34] });
  const hills = map.path("dlw-hills"), goal = map.path("dlw-goal"), origin = map.path("dlw-origin");
  const each = METHODS.map((_, n) => ["dlw-way", "dlw-end"].map((kind) => map.path(kind + " dlw-m" + n)));
  const falls = METHODS.map((_, n) => chart.path("dlw-way dlw-m" + n)), now = chart.path("dlw-now");
  const facts = factList();
  const told = METHODS.map((name) => facts.add(name));
  let last = "", runs = [], hilly = "";

  return {
    body: [h("div", { class: "dlw-race" }, h("div", {}, map.el), h("div", {}, chart.el)), facts.el],
    shows: (s) => ({ rate: { shown: s.rate === "best" ? "best" : String(s.rate) }, seed: { disabled: s.surface !== "noisy" } }),
    draw(s, width) {
      const key = [s.surface, s.kappa, s.rate, s.seed].join(), [xs, ys] = FRAMES[s.surface];
      if (key !== last) { last = key; runs = race(s); }
      const wide = !width ? 330 : width >= 560 ? Math.floor((width - 20) / 2) : width, tall = width && width < 560 ? 230 : 280;
      map.scale(wide, tall, xs, ys);
      map.axes(ticks(xs, 5, fmt), ticks(ys, 5, fmt), "x");
      const seen = (p) => [map.x(p[0]), map.y(p[1])];
      const shape = [s.surface, s.kappa, wide, tall].join();
      if (shape !== hilly) {
        hilly = shape;
        setAttr(hills, "d", LEVELS.map((level) => contours(s, level, xs, ys).map((piece) => line(piece.map(seen))).join("")).join(""));
      }
      const { start, least } = SURFACES[s.surface];
      setAttr(origin, "d", dots([seen(start)]));
      setAttr(goal, "d", least.map((p) => { const [a, b] = seen(p); return line([[a - 5, b - 5], [a + 5, b + 5]]) + line([[a - 5, b + 5], [a + 5, b - 5]]); }).join(""));
      chart.scale(wide, tall, [0, STEPS], LOGS);
      chart.axes(ticks([0, STEPS], 5, fmt), ticks(LOGS, 5, power, true), "steps");
      chart.over.replaceChildren(label(40, 12, "loss"));
      setAttr(now, "d", line([[chart.x(s.step), chart.top], [chart.x(s.step), chart.bottom]]));
      const words = runs.map(({ method, lr, path, losses }, n) => {
        const here = path.slice(0, s.step + 1).map(seen), gone = s.step >= path.length;
        setAttr(each[n][0], "d", line(here));
        setAttr(each[n][1], "d", gone ? "" : dots([here[here.length - 1]]));
        setAttr(falls[n], "d", line(losses.map((v, t) => [chart.x(t), chart.y(Math.max(Math.log10(v), -20))])));
        const text = gone ? "gone at step " + path.length : "loss " + sci(losses[s.step]) + " at " + pair(path[s.step]);
        setText(told[n], "rate " + lr + ": " + text);
        return method + ", rate " + lr + ": " + text;
      });
      setText(shapes, nameOf(SETTINGS, "surface", s.surface) + ", κ = " + s.kappa);
      const all = "After " + s.step + " steps: " + words.join("; ") + ".";
      map.name("Paths of six optimisers from one start over lines of equal loss, the lowest places crossed. " + all);
      chart.name("Losses of the six over a hundred steps, on a logarithmic axis.");
      return all;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), build);
export default { render };

// Cross-entropy and focal loss of one example: the view. All numbers come from model.js.
import { factList, fmt, setAttr, setText } from "../kit/controls.js";
import { drag } from "../kit/drag.js";
import { makeRender } from "../kit/frame.js";
import { dots, line, makePlot, ticks } from "../kit/plot.js";
import { makeState } from "../kit/state.js";
import { RANGES, TOP, chosen, curves, here, placeOf, ratios, scoreOf, weight } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const num = (v) => (v !== 0 && Math.abs(v) < 1e-3 ? v.toExponential(2).replaceAll("-", "−") : fmt(Number(v.toPrecision(4))));
const LOW = -0.2; // room for a dot at 0
const NAMES = { p: "probability of the true class", score: "score of class 1" };

function view({ shapes, put, now }) {
  const plot = makePlot({ margin: [40, 10, 14, 36] });
  const [cross, focal, tangent, points] = ["cross", "focal", "tangent", "dots"].map((kind) => plot.path(`dlw-${kind}`));
  const facts = factList();
  const [score, first, second, share] = ["Score of class 1", "Cross-entropy", "Focal loss", "Focal over cross-entropy"].map((name) => facts.add(name));
  first.previousElementSibling.classList.add("dlw-key-cross");
  second.previousElementSibling.classList.add("dlw-key-focal");
  let range = RANGES.p.slice();
  drag(plot, range, [LOW, TOP], (x) => {
    const p = chosen(now(), x);
    if (p !== now().p) put({ p });
  });
  return {
    body: [plot.el, facts.el],
    shows: (s) => ({
      p: { shown: fmt(s.p / 100) },
      alpha: { shown: fmt(s.alpha / 20), disabled: s.reading === "none" },
    }),
    draw(s, width) {
      const { ce, slope, focal: loss, focalSlope } = here(s), [part, steep] = ratios(s), at = placeOf(s), w = weight(s);
      [range[0], range[1]] = RANGES[s.axis];
      plot.scale(width || 640, width && width < 480 ? 220 : 250, range, [LOW, TOP]);
      plot.axes(ticks(range, 10, fmt), ticks([0, TOP], 5, fmt), NAMES[s.axis], "");
      const all = curves(s), seen = (list) => list.map(([x, y]) => [plot.x(x), plot.y(Math.min(y, 2 * TOP))]);
      setAttr(cross, "d", line(seen(all.map(([x, y]) => [x, y]))));
      setAttr(focal, "d", line(seen(all.map(([x, , y]) => [x, y]))));
      setAttr(points, "d", dots(seen([[at, ce], [at, loss]])));
      // On the axis of scores the derivative is a slope that can be drawn.
      const touch = [-1.2, 1.2].map((e) => [at + e, loss + e * focalSlope]);
      setAttr(tangent, "d", s.axis === "score" ? line(seen(touch)) : "");
      setText(score, num(scoreOf(s)));
      setText(first, `${num(ce)}, derivative by score ${num(slope)}`);
      setText(second, `${num(loss)}, derivative by score ${num(focalSlope)}`);
      setText(share, `loss ${num(part)}, derivative ${num(steep)}`);
      setText(shapes, `γ = ${fmt(s.gamma)}, weight ${num(w)}`);
      const words = `At probability ${fmt(s.p / 100)} of the true class ${s.target}, cross-entropy is ${num(ce)} and focal loss ${num(loss)}; focal loss pulls the score ${num(steep)} times as hard as cross-entropy.`;
      plot.name(`Two losses against the ${NAMES[s.axis]}: cross-entropy dashed, focal loss solid, and a point on each. ${words}`);
      return words;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), view);
export default { render };

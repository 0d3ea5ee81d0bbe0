// One unit under batch normalisation: the view. All numbers come from model.js.
import { factList, fmt, h, setAttr, setText } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { dots, label, line, makePlot, ticks } from "../kit/plot.js";
import { makeState } from "../kit/state.js";
import { centre, history, SPREAD, STEPS, view } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const LEVELS = { before: 1, after: 0 }, SPAN = [-5, 12];
const two = (v) => { const t = v.toFixed(2); return (t === "-0.00" ? "0.00" : t).replace("-", "−"); };
const pair = ({ mean, variance }) => "mean " + two(mean) + ", variance " + two(variance);

function build({ shapes }) {
  const strip = makePlot({ margin: [8, 8, 8, 34] });
  const [ways, befores, afters, ownMean, runMean] = ["ways", "befores", "afters", "own", "run"].map((kind) => strip.path("dlw-" + kind));
  const [means, variances] = ["mean", "variance"].map((what) => {
    const plot = makePlot({ margin: [34, 8, 18, what === "mean" ? 8 : 34] });
    const [truth, points, way, now] = ["truth", "points", "way", "now"].map((kind) => plot.path("dlw-" + kind));
    return { what, plot, truth, points, way, now };
  });
  const facts = factList();
  const [own, before, used, after, out] = ["This batch", "Running, before it", "Used here", "Running, after it", "Outputs"].map((name) => facts.add(name));

  function drawStrip(s, seen, wide, tall) {
    strip.scale(wide, tall, SPAN, [-0.45, 1.6]);
    strip.axes(ticks(SPAN, 9, fmt), [], "above: before, below: after");
    const at = (list, level) => list.map((v) => [strip.x(v), strip.y(level)]);
    const high = at(seen.x, LEVELS.before), low = seen.y ? at(seen.y, LEVELS.after) : [];
    setAttr(befores, "d", dots(high));
    setAttr(afters, "d", dots(low));
    setAttr(ways, "d", low.map((p, n) => line([high[n], p])).join(""));
    const post = (v) => line([[strip.x(v), strip.y(0.75)], [strip.x(v), strip.y(1.25)]]);
    setAttr(ownMean, "d", post(seen.own.mean));
    setAttr(runMean, "d", post(seen.before.mean));
    strip.over.replaceChildren(label(strip.x(seen.own.mean), strip.y(1.33), "batch", { "text-anchor": "middle", class: "dlw-tag" }),
      label(strip.x(seen.before.mean), strip.y(0.5), "running", { "text-anchor": "middle", class: "dlw-tag" }));
  }

  function drawStory(s, { batches, running }, { what, plot, truth, points, way, now }, wide) {
    const isMean = what === "mean", range = isMean ? [-0.5, 7.5] : [0, 8];
    plot.scale(wide, isMean ? 112 : 138, [-1, STEPS + 1], range);
    plot.axes(isMean ? [] : ticks([0, STEPS], 6, fmt), ticks(range, 4, fmt), isMean ? "" : "batches trained on");
    plot.over.replaceChildren(label(34, 11, isMean ? "mean: batch as dots, running as line" : "variance"));
    const steps = batches.map((_, t) => t);
    const seen = (list) => list.map(([t, v]) => [plot.x(t), plot.y(v)]);
    const value = (b) => (isMean ? b.mean : b.unbiased);
    setAttr(truth, "d", line(seen(steps.map((t) => [t, isMean ? centre(s, t) : SPREAD ** 2]))));
    setAttr(points, "d", dots(seen(steps.filter((t) => value(batches[t]) !== null).map((t) => [t, value(batches[t])]))));
    setAttr(way, "d", line(seen(steps.map((t) => [t, running[t][what]]))));
    setAttr(now, "d", line([[plot.x(s.step), plot.top], [plot.x(s.step), plot.bottom]]));
  }

  return {
    body: [h("div", { class: "dlw-norms" }, h("div", {}, strip.el), h("div", {}, means.plot.el, variances.plot.el)), facts.el],
    draw(s, width) {
      const seen = view(s), story = history(s), wide = !width ? 330 : width >= 560 ? Math.floor((width - 20) / 2) : width;
      drawStrip(s, seen, wide, width && width < 560 ? 150 : 250);
      [means, variances].forEach((part) => drawStory(s, story, part, wide));
      const train = s.mode === "train";
      let result = "refused: one value less its own mean is 0";
      if (seen.y) {
        const mean = seen.y.reduce((a, b) => a + b, 0) / s.n, square = seen.y.reduce((a, b) => a + (b - mean) ** 2, 0) / s.n;
        result = "mean " + two(mean) + ", standard deviation " + two(Math.sqrt(square));
      }
      setText(shapes, train ? "train: by the batch itself" : "eval: by the running values");
      setText(own, pair({ mean: seen.own.mean, variance: seen.own.biased }) + (seen.own.unbiased === null ? "" : "; by n − 1: " + two(seen.own.unbiased)));
      setText(before, pair(seen.before));
      setText(used, seen.y ? pair(seen.used) : "nothing");
      setText(after, train && seen.y ? pair(seen.next) : "as before");
      setText(out, result);
      const words = "Batch of " + s.n + " after " + s.step + " batches, " + s.mode + ": " + (seen.y ? "normalised by " + pair(seen.used) + "; outputs: " : "") + result + ".";
      strip.name("Values of one unit before and after. " + words);
      means.plot.name("Means of the batches as dots, the running mean as a line, " + two(seen.before.mean) + " before this batch.");
      variances.plot.name("Variances of the batches as dots, the running variance as a line, " + two(seen.before.variance) + " before this batch.");
      return words;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), build);
export default { render };

// Six inputs and one output under dropout: the view. All numbers come from model.js.
import { factList, fmt, h, setAttr, setText } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { dots, label, line, makePlot, px, svg, ticks } from "../kit/plot.js";
import { makeState } from "../kit/state.js";
import { factor, formula, masks, measured, output, outputs, PARTS, TOTAL, W, X } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const TALL = 236, ROW = 36, RADIUS = 15;
const two = (v) => { const t = v.toFixed(2); return (t === "-0.00" ? "0.00" : t).replace("-", "−"); };

function build({ shapes }) {
  const net = makePlot({ margin: [0, 0, 0, 0], boxed: false }), hist = makePlot({ margin: [38, 10, 24, 34] });
  const [gone, kept] = ["gone", "kept"].map((kind) => net.path("dlw-" + kind));
  const [counts, expected, inUse, average] = ["counts", "expected", "in-use", "average"].map((kind) => hist.path("dlw-" + kind));
  const facts = factList();
  const [last, mean, variance, use] = ["This mask", "Mean of the outputs (line)", "Their variance", "In use (dashed)"].map((name) => facts.add(name));

  function drawNet(s, mask, z, wide) {
    net.scale(wide, TALL, [0, wide], [TALL, 0]);
    const times = factor(s), right = wide - 26, middle = 28 + 2.5 * ROW, y = (i) => 28 + i * ROW;
    const ways = (want) => mask.map((m, i) => (m === want ? line([[30 + RADIUS, y(i)], [right - 20, middle]]) : "")).join("");
    setAttr(kept, "d", ways(1));
    setAttr(gone, "d", ways(0));
    const unit = (x, at, r, text, on) => [svg("circle", { cx: px(x), cy: px(at), r, class: "dlw-units" + (on ? "" : " dlw-off") }),
      label(x, at + 4, text, { class: "dlw-mid" + (on ? "" : " dlw-off") })];
    net.over.replaceChildren(
      label(2, 9, "input"), label(wide - 4, 9, "output", { "text-anchor": "end" }),
      ...mask.flatMap((m, i) => [...unit(30, y(i), RADIUS, fmt(X[i]), m),
        label(30 + RADIUS + 34, y(i) + (2.5 - i) * 5 + 4, "× " + fmt(W[i]), { class: "dlw-tag dlw-mid" + (m ? "" : " dlw-off") })]),
      ...unit(right - 4, middle, 22, two(z), 1),
      label(right + 18, middle + 42, times === 1 ? "" : "× " + two(times), { "text-anchor": "end" }));
    return wide;
  }

  function drawHist(s, found, seen, wide) {
    const times = factor(s), range = [Math.min(-5.6, -2.6 * times), Math.max(14, 7 * times)];
    const most = Math.max(...found.map((o) => Math.max(o.count, s.n * o.chance)));
    hist.scale(wide, TALL, range, [0, 1.08 * most]);
    hist.axes(ticks(range, 8, fmt), ticks([0, most], 5, fmt, true), "output");
    const post = (v) => line([[hist.x(v), hist.top], [hist.x(v), hist.bottom]]), half = Math.max(0.2 * times, 0.12);
    setAttr(counts, "d", found.filter((o) => o.count).map((o) => "M" + px(hist.x(o.value - half)) + " " + hist.bottom + "V" + px(hist.y(o.count)) + "H" + px(hist.x(o.value + half)) + "V" + hist.bottom + "Z").join(""));
    setAttr(expected, "d", dots(found.filter((o) => o.chance > 0).map((o) => [hist.x(o.value), hist.y(s.n * o.chance)])));
    setAttr(average, "d", post(seen.mean));
    setAttr(inUse, "d", post(TOTAL));
    hist.over.replaceChildren(label(38, 11, "masks (dots: expected)"));
  }

  return {
    body: [h("div", { class: "dlw-masks" }, h("div", {}, net.el), h("div", {}, hist.el)), facts.el],
    draw(s, width) {
      const all = masks(s), mask = all[all.length - 1], z = output(s, mask), seen = measured(s), want = formula(s);
      const narrow = width && width < 560, full = width || 600;
      drawNet(s, mask, z, narrow ? full : Math.floor(0.4 * (full - 16)));
      drawHist(s, outputs(s), seen, narrow ? full : Math.floor(0.6 * (full - 16)));
      const stay = PARTS.filter((_, i) => mask[i]).map(two).join(" + ").replaceAll("+ −", "− ");
      setText(shapes, s.mode === "train" ? "train: a new mask each time" : "eval: nothing is dropped");
      setText(last, stay === "" ? "all dropped: 0.00" : (factor(s) === 1 ? stay : two(factor(s)) + " · (" + stay + ")") + " = " + two(z));
      setText(mean, two(seen.mean) + "; formula " + two(want.mean));
      setText(variance, two(seen.variance) + "; formula " + two(want.variance));
      setText(use, two(TOTAL) + (Math.abs(want.mean - TOTAL) < 1e-9 ? ", the mean of training" : ", but training has the mean " + two(want.mean)));
      const words = s.mode + ", p = " + s.p + ", masks: " + s.n + ". Mean " + two(seen.mean) + ", formula " + two(want.mean) + "; variance " + two(seen.variance) + ", formula " + two(want.variance) + "; in use " + two(TOTAL) + ".";
      net.name("Last mask: kept " + (mask.map((m, i) => (m ? i + 1 : 0)).filter(Boolean).join(", ") || "nothing") + "; output " + two(z) + ".");
      hist.name("Histogram of the output over the masks. " + words);
      return words;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), build);
export default { render };

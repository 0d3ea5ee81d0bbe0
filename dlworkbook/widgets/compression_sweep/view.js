// A trained network in fewer bits: the view. All numbers come from model.js.
import { factList, fmt, setAttr, setText, h } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { dots, label, line, makePlot, px, ticks } from "../kit/plot.js";
import { makeState, nameOf } from "../kit/state.js";
import { PICTURES, FLOAT, histogram, result, stored } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const BINS = 121, LIST = SETTINGS.fields.bits.of;
const group = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

function build({ shapes }) {
  const bars = makePlot({ margin: [8, 8, 24, 34], boxed: false }), chart = makePlot({ margin: [40, 12, 24, 34], spill: 6 });
  const before = bars.path("dlw-before"), after = bars.path("dlw-after");
  const curve = chart.path("dlw-curve"), marks = chart.path("dlw-marks"), here = chart.path("dlw-here");
  const facts = factList();
  const told = Object.fromEntries(["Digits read right", "As matrices", "Zeros left out", "Largest error, first layer"].map((name) => [name, facts.add(name)]));
  const flat = stored().W1.flat(), edge = 1.05 * Math.max(...flat.map(Math.abs)), was = histogram(flat, edge, BINS).map(Math.sqrt);
  let last = "", scores = [];

  return {
    body: [h("div", { class: "dlw-sweep" }, h("div", {}, bars.el), h("div", {}, chart.el)), facts.el],
    shows: (s) => ({ bits: { shown: String(s.bits) }, pruned: { shown: String(s.pruned) } }),
    draw(s, width) {
      const r = result(s), now = histogram(r.first, edge, BINS).map(Math.sqrt), tall = Math.max(...now, ...was), key = [s.form, s.scales, s.pruned].join();
      if (key !== last) { last = key; scores = LIST.map((bits) => result({ ...s, bits }).right); }
      const wide = !width ? 330 : width >= 560 ? Math.floor((width - 20) / 2) : width, high = width && width < 560 ? 180 : 230;
      bars.scale(wide, high, [-edge, edge], [0, tall]);
      bars.axes(ticks([-edge, edge], 5, fmt), [], "first layer: area before, sticks now");
      const at = (k) => bars.x(-edge + (2 * edge * (k + 0.5)) / BINS), base = bars.y(0);
      setAttr(before, "d", `${line([[at(0), base], ...was.map((n, k) => [at(k), bars.y(n)]), [at(BINS - 1), base]])}Z`);
      setAttr(after, "d", now.map((n, k) => (n ? `M${px(at(k))} ${px(base)}V${px(bars.y(n))}` : "")).join(""));
      chart.scale(wide, high, [0, LIST.length - 1], [0, PICTURES]);
      chart.axes(LIST.map((bits, k) => [k, String(bits)]), ticks([0, PICTURES], 5, fmt), "bits");
      chart.over.replaceChildren(label(4, 11, "right of 200"));
      bars.over.replaceChildren(label(4, 11, "root of the number of weights"));
      const points = scores.map((n, k) => [chart.x(k), chart.y(n)]);
      setAttr(curve, "d", line(points));
      setAttr(marks, "d", dots(points));
      setAttr(here, "d", dots([points[LIST.indexOf(s.bits)]]));
      const said = {
        "Digits read right": `${r.right} of ${PICTURES}`,
        "As matrices": `${group(r.dense)} bytes` + (r.scales ? `, ${r.scales} scales among them` : ""),
        "Zeros left out": `${group(r.sparse)} bytes, with a byte of index for each weight that stays`,
        "Largest error, first layer": r.scales ? `${r.error.toFixed(4)}, half of the largest scale is ${r.half.toFixed(4)}` : "0: nothing is rounded",
      };
      for (const [name, text] of Object.entries(said)) setText(told[name], text);
      setText(shapes, "64 → 32 → 10");
      const how = s.bits === FLOAT ? "32 bits" : `${s.bits} bits, ${nameOf(SETTINGS, "form", s.form)}, a scale for ${nameOf(SETTINGS, "scales", s.scales)}`;
      const all = `${how}, ${s.pruned}% pruned: ${said["Digits read right"]} digits right; as matrices ${said["As matrices"]}; without zeros ${group(r.sparse)} bytes.`;
      bars.name("Weights of the first layer, before as an area and now as sticks, heights as the roots of their numbers. " + all);
      chart.name(`Digits of 200 that are read right, by bits: ${LIST.map((b, k) => `${b} bits ${scores[k]}`).join(", ")}.`);
      return all;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), build);
export default { render };

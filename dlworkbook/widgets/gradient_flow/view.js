// The gradient widget: the view. All numbers come from model.js. A change rewrites paths and labels
// of two drawings that stay in place.
import { factList, fmt, h, setAttr, setText } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { band, dots, label, line, makePlot, power, px, svg, ticks } from "../kit/plot.js";
import { makeState, nameOf } from "../kit/state.js";
import { GAINS, TINY, WIDTH, measured, summary, theory } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

// log10 of a number -> 3.2 × 10⁻¹⁷
const scientific = (log) => {
  if (log > -2.3 && log < 4) return fmt(+(10 ** log).toPrecision(2));
  let e = Math.floor(log), m = (10 ** (log - e)).toFixed(1);
  if (m === "10.0") { m = "1.0"; e += 1; }
  return `${m} × ${power(e)}`;
};
const three = (v) => (v < 1e-3 || v >= 1e4 ? scientific(Math.log10(v)) : v < 10 ? v.toFixed(3) : v.toFixed(1));
const sd = (gain) => String(+(GAINS[gain] / Math.sqrt(WIDTH)).toPrecision(3));

// One drawing: band, median, theory, the line before the last change; x from layer 1 to depth.
function makeChart(height, title, limits) {
  const plot = makePlot({ margin: [52, 14, 8, 26], spill: 6, boxed: false });
  const shade = svg("rect", { class: "dlw-under" });
  plot.inside.append(shade);
  const [area, before, middle, points, wide] = ["band", "before", "line", "dots", "wide"].map((kind) => plot.path(`dlw-${kind}`));
  const marks = svg("g", { class: "dlw-marks" });
  plot.over.append(marks);
  return {
    el: plot.el,
    show(width, { found, expected, old, words }) {
      const n = found.mid.length, all = [...found.low, ...found.high, ...expected];
      let low = Math.min(...all), high = Math.max(...all);
      const room = Math.max(0.15, 0.06 * (high - low));
      low = Math.floor(2 * (low - room)) / 2;
      high = Math.ceil(2 * (high + room)) / 2;
      if (high - low < 2) { const c = (high + low) / 2; low = Math.floor(c - 1); high = low + 2; }
      if (limits && low < TINY + 6) low = Math.min(low, TINY - 2);
      plot.scale(width, height, [1, n], [low, high]);
      const every = n <= 10 ? 1 : n <= 20 ? 5 : 10;
      const layers = found.mid.map((_, l) => l + 1).filter((l) => l === 1 || l === n || (l % every === 0 && n - l >= every / 2));
      plot.axes(layers.map((l) => [l, String(l)]), ticks([low, high], height > 200 ? 6 : 3, power, true));
      const seen = (list) => list.map((v, l) => [plot.x(l + 1), plot.y(v)]);
      setAttr(middle, "d", line(seen(found.mid)));
      setAttr(points, "d", dots(seen(found.mid)));
      setAttr(wide, "d", line(seen(expected)));
      setAttr(before, "d", line(seen((old ?? []).slice(0, n))));
      setAttr(area, "d", band(seen(found.high), seen(found.low)));
      const edge = plot.y(TINY), below = limits && low < TINY;
      setAttr(shade, "height", below ? Math.max(0, plot.bottom - edge) : 0);
      if (below) for (const [k, v] of Object.entries({ x: plot.left - 6, y: px(edge), width: plot.right - plot.left + 12 })) setAttr(shade, k, v);
      const text = below ? "float32 underflows below 1.2 × 10⁻³⁸" : `float32 underflow: ${Math.round(Math.min(...found.mid) - TINY)} decades lower`;
      marks.replaceChildren(...(!limits ? [] : [
        below ? svg("path", { d: `M${plot.left} ${px(edge)}H${plot.right}` }) : "",
        label(plot.right, below ? edge + 14 : plot.bottom - 5, text, { "text-anchor": "end", class: "dlw-tag" })]));
      plot.name(`${title}: ${words}`);
    },
  };
}

// The layer in PyTorch.
function inPython(s) {
  const linear = "linear(h)";
  const normed = { none: linear, batch: `batch_norm(${linear})`, layer: `layer_norm(${linear})` }[s.norm];
  const f = { sigmoid: `torch.sigmoid(${normed})`, tanh: `torch.tanh(${normed})`, relu: `F.relu(${normed})`, gelu: `F.gelu(${normed})`, linear: normed }[s.activation];
  const w = "linear.weight";
  const how = { default: "", xavier: `nn.init.xavier_normal_(${w}); `, he: `nn.init.kaiming_normal_(${w}); `,
    orthogonal: `nn.init.orthogonal_(${w}); `, normal: `nn.init.normal_(${w}, std=${sd(s.gain)}); ` }[s.init];
  return `${how}h = ${s.residual ? "h + " : ""}${f}`;
}

function view({ shapes, controls }) {
  let old = null, shown = null, lastKey = "";
  const main = makeChart(264, "Norm of the gradient by layer", true);
  const side = makeChart(120, "Spread of the outputs by layer", false);
  const what = h("p", { class: "dlw-caption" });
  const key = h("p", { class: "dlw-key", "aria-hidden": "true" },
    h("span", { class: "dlw-k-line" }, "median of 40 networks, 10–90%"), h("span", { class: "dlw-k-wide" }, "theory, wide layers"),
    h("span", { class: "dlw-k-before" }, "before the last change"));
  const facts = factList(), code = h("code");
  const perLayer = facts.add("Factor per layer"), ends = facts.add("First layer / last"), range = facts.add("In float32");
  facts.add("One layer", h("dd", {}, code));
  setText(shapes, `${WIDTH} units a layer, batch of 32`);

  return {
    top: ["depth", "activation", "init", "gain", "norm", "residual"].map((key) => controls[key].el),
    body: [h("div", { class: "dlw-charts" }, what, main.el, h("p", { class: "dlw-caption" }, "Spread of the outputs (standard deviation)"), side.el, key), facts.el],
    // The curve before a change stays as a pale line; a slider keeps the one before the drag.
    before(changes, isReset) {
      const [changed] = Object.keys(changes);
      if (isReset || changed === "wrt") old = null;
      else if (changed !== lastKey || !["depth", "gain"].includes(changed)) old = shown;
      lastKey = isReset ? "" : changed;
    },
    shows(s) {
      const swept = s.init === "normal";
      return {
        depth: { shown: String(s.depth), spoken: `${s.depth} layers` },
        gain: swept ? { shown: sd(s.gain), spoken: `${sd(s.gain)}, which is ${GAINS[s.gain]} divided by root n` }
          : { disabled: true, shown: "–", spoken: "only for N(0, s²)" },
      };
    },
    draw(s, width) {
      const found = measured(s), expected = theory(s), sum = summary(s, found, expected), swept = s.init === "normal";
      setText(what, `Gradient of each layer's ${s.wrt === "W" ? "weights, ‖∂L/∂W‖" : "outputs, ‖∂L/∂h‖"}`);
      const trend = sum.factor > 1.005 ? "grows" : sum.factor < 0.995 ? "shrinks" : "stays";
      setText(perLayer, `measured × ${three(sum.factor)}, theory × ${three(sum.theory)}${swept ? `; s = ${GAINS[s.gain]}/√n` : ""}`);
      setText(ends, `${scientific(sum.ratio)}${trend === "stays" ? "" : `: the gradient ${trend} on its way down`}`);
      const layers = (n) => `${n} of ${s.depth} layers`;
      const say = [sum.lost && `${layers(sum.lost)} get exactly 0`, sum.weak && `${layers(sum.weak)} lose digits`].filter(Boolean).join(", ");
      setText(range, say || "all layers within range");
      setText(code, inPython(s));
      const words = `${s.depth} layers, ${nameOf(SETTINGS, "activation", s.activation)}, ${nameOf(SETTINGS, "init", s.init)}${swept ? ` with s = ${sd(s.gain)}` : ""}`
        + `${s.residual ? ", residual" : ""}${s.norm === "none" ? "" : `, ${s.norm} normalisation`}: gradient of the ${s.wrt === "W" ? "weights" : "outputs"} times ${three(sum.factor)} per layer down `
        + `(theory ${three(sum.theory)}); first layer ${scientific(sum.ratio)} of the last${say ? `; in float32 ${say}` : ""}.`;
      shown = { wrt: s.wrt, gradient: found.gradient.mid, spread: found.spread.mid };
      if (width) {
        main.show(width, { found: found.gradient, expected: expected.gradient, old: old?.wrt === s.wrt ? old.gradient : null, words });
        side.show(width, { found: found.spread, expected: expected.spread, old: old?.spread, words: `from ${scientific(found.spread.mid[0])} in the first layer to ${scientific(found.spread.mid.at(-1))} in the last.` });
      }
      return words;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), view);
export default { render };

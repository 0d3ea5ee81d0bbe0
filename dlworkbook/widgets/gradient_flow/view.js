// The gradient widget: the view. All numbers come from model.js. A change rewrites
// paths and labels of two drawings that stay in place.
import { announcer, button, check, fmt, h, keepKeys, select, setAttr, setText, slider, uid } from "../kit/controls.js";
import { GAINS, TINY, WIDTH, measured, summary, theory } from "./model.js";
import { KEYS, SORTED, decode, encode, validate } from "./state.js";

const ACTIVATION_NAMES = [["sigmoid", "sigmoid"], ["tanh", "tanh"], ["relu", "ReLU"], ["gelu", "GELU"], ["linear", "none (linear)"]];
const INIT_NAMES = [["default", "PyTorch default"], ["xavier", "Xavier"], ["he", "He"], ["orthogonal", "orthogonal"], ["normal", "N(0, s²)"]];
const NORM_NAMES = [["none", "none"], ["batch", "batch"], ["layer", "layer"]];
const WRT_NAMES = [["W", "the weights, ∂L/∂W"], ["h", "the outputs, ∂L/∂h"]];
const nameOf = (list, key) => list.find(([k]) => k === key)[1];
const up = (n) => String(n).replace("-", "⁻").replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]);
const power = (n) => (n === 0 ? "1" : n === 1 ? "10" : `10${up(n)}`);
// log10 of a number -> 3.2 × 10⁻¹⁷
const scientific = (log) => {
  if (log > -2.3 && log < 4) return fmt(+(10 ** log).toPrecision(2));
  let e = Math.floor(log), m = (10 ** (log - e)).toFixed(1);
  if (m === "10.0") { m = "1.0"; e += 1; }
  return `${m} × ${power(e)}`;
};
const three = (v) => (v < 1e-3 || v >= 1e4 ? scientific(Math.log10(v)) : v < 10 ? v.toFixed(3) : v.toFixed(1));
const sd = (gain) => String(+(GAINS[gain] / Math.sqrt(WIDTH)).toPrecision(3));

const SVG = "http://www.w3.org/2000/svg";
function draw(tag, attrs = {}, text) {
  const el = document.createElementNS(SVG, tag);
  for (const [k, v] of Object.entries(attrs)) el.setAttribute(k, v);
  if (text) el.textContent = text;
  return el;
}
// Distance of ticks on a log axis: at most `most` of them, all at whole decades.
const decades = (span, most) => [1, 2, 5, 10, 20, 50].find((d) => span / d <= most) ?? 100;

// One drawing: band, median, theory, the line before the last change; x from layer 1 to depth.
function makeChart(height, label, limits) {
  const left = 52, right = 14, top = 8, bottom = 26;
  const title = uid("f");
  const svg = draw("svg", { height, role: "img", "aria-labelledby": title, class: "dlw-chart" });
  const name = draw("title", { id: title });
  const clip = uid("k");
  const window_ = draw("rect", {});
  const defs = draw("clipPath", { id: clip });
  defs.append(window_);
  const grid = draw("g", { class: "dlw-axis" });
  const inside = draw("g", { "clip-path": `url(#${clip})` });
  const shade = draw("rect", { class: "dlw-under" });
  const band = draw("path", { class: "dlw-band" });
  const before = draw("path", { class: "dlw-before" });
  const wide = draw("path", { class: "dlw-wide" });
  const line = draw("path", { class: "dlw-line" });
  const dots = draw("path", { class: "dlw-dots" });
  inside.append(shade, band, before, line, dots, wide);
  const marks = draw("g", { class: "dlw-marks" });
  svg.append(name, defs, grid, inside, marks);
  return {
    el: svg,
    show(width, { found, expected, old, words }) {
      const n = found.mid.length;
      const all = [...found.low, ...found.high, ...expected];
      let low = Math.min(...all), high = Math.max(...all);
      const room = Math.max(0.15, 0.06 * (high - low));
      low = Math.floor(2 * (low - room)) / 2;
      high = Math.ceil(2 * (high + room)) / 2;
      if (high - low < 2) { const c = (high + low) / 2; low = Math.floor(c - 1); high = low + 2; }
      if (limits && low < TINY + 6) low = Math.min(low, TINY - 2);
      const w = Math.max(60, width - left - right), t = height - top - bottom;
      const x = (l) => left + (n > 1 ? (w * l) / (n - 1) : w / 2);
      const y = (v) => top + (t * (high - v)) / (high - low);
      const points = (list) => list.map((v, l) => `${x(l).toFixed(1)} ${y(v).toFixed(1)}`);
      const path = (list) => `M${points(list).join("L")}`;
      setAttr(svg, "width", width);
      setAttr(svg, "viewBox", `0 0 ${width} ${height}`);
      for (const [k, v] of Object.entries({ x: left - 6, y: top, width: w + 12, height: t })) setAttr(window_, k, v);
      setAttr(line, "d", path(found.mid));
      setAttr(wide, "d", path(expected));
      setAttr(before, "d", old ? path(old.length <= n ? old : old.slice(0, n)) : "");
      setAttr(band, "d", `${path(found.high)}L${points(found.low).reverse().join("L")}Z`);
      setAttr(dots, "d", points(found.mid).map((p) => `M${p}h0`).join(""));
      const lines = [], texts = [];
      const step = decades(high - low, height > 200 ? 6 : 3);
      for (let d = Math.ceil(low / step) * step; d <= high; d += step) {
        lines.push(`M${left} ${y(d).toFixed(1)}h${w}`);
        texts.push(draw("text", { x: left - 8, y: y(d) + 4, "text-anchor": "end" }, power(d)));
      }
      const every = n <= 10 ? 1 : n <= 20 ? 5 : 10;
      for (let l = 1; l <= n; l++) {
        if (l !== 1 && l !== n && (l % every || n - l < every / 2)) continue;
        texts.push(draw("text", { x: x(l - 1), y: height - 8, "text-anchor": "middle" }, String(l)));
      }
      grid.replaceChildren(draw("path", { d: lines.join("") }), ...texts);
      const edges = [];
      setAttr(shade, "height", 0);
      if (limits) {
        if (low < TINY) {
          edges.push(draw("path", { d: `M${left} ${y(TINY).toFixed(1)}h${w}` }),
            draw("text", { x: left + w, y: y(TINY) + 14, "text-anchor": "end" }, "float32 underflows below 1.2 × 10⁻³⁸"));
          for (const [k, v] of Object.entries({ x: left - 6, y: y(TINY), width: w + 12, height: Math.max(0, top + t - y(TINY)) })) setAttr(shade, k, v);
        } else {
          edges.push(draw("text", { x: left + w, y: top + t - 5, "text-anchor": "end", class: "dlw-far" },
            `float32 underflow: ${Math.round(Math.min(...found.mid) - TINY)} decades lower`));
        }
      }
      marks.replaceChildren(...edges);
      setText(name, `${label}: ${words}`);
    },
  };
}

function render({ model, el, place }) {
  const read = () => Object.fromEntries(KEYS.map((k) => [k, model.get(k)]));
  const initial = read();
  let s = initial, busy = false, linkProblem = "", wide = 0, old = null, lastKey = "", shown = null;

  function put(changes, key) {
    linkProblem = "";
    // The curve before this change stays as a pale line; a slider keeps the one before the drag.
    if (shown && (key !== lastKey || !["depth", "gain"].includes(key))) old = { wrt: s.wrt, ...shown };
    lastKey = key;
    busy = true;
    for (const [k, v] of Object.entries(changes)) model.set(k, v);
    model.save_changes();
    busy = false;
    update();
    save();
  }

  // ---- controls
  const depth = slider({ label: "Depth (layers)", min: 0, max: SORTED.length - 1, set: (v) => put({ depth: SORTED[v] }, "depth") });
  const activation = select({ label: "Activation", options: ACTIVATION_NAMES, set: (v) => put({ activation: v }, "activation") });
  const init = select({ label: "Initialisation", options: INIT_NAMES, set: (v) => put({ init: v }, "init") });
  const gain = slider({ label: "Standard deviation s", min: 0, max: GAINS.length - 1, set: (v) => put({ gain: v }, "gain") });
  const norm = select({ label: "Normalisation", options: NORM_NAMES, set: (v) => put({ norm: v }, "norm") });
  const residual = check({ label: "Residual path", set: (v) => put({ residual: v }, "residual") });
  const wrt = select({ label: "Gradient with respect to", options: WRT_NAMES, set: (v) => { old = null; shown = null; put({ wrt: v }, "wrt"); } });
  const copied = h("span", { class: "dlw-copied", role: "status" });
  const copy = button("Copy link", async () => {
    const url = place.link(encode(s));
    try {
      await navigator.clipboard.writeText(url);
      setText(copied, "Link copied.");
    } catch { // no clipboard on this page: show the link, selected
      const field = h("input", { type: "text", readonly: true, value: url, "aria-label": "link to this state", class: "dlw-link" });
      copied.replaceChildren(field);
      field.focus();
      field.select();
      return;
    }
    setTimeout(() => setText(copied, ""), 4000);
  });
  const reset = button("Reset", () => { put({ ...initial }, "reset"); old = null; update(); });
  const more = h("details", { class: "dlw-more" },
    h("summary", {}, "More: weights or outputs, reset, link"),
    h("div", { class: "dlw-side" }, wrt.el,
      h("div", { class: "dlw-buttons" }, reset, place ? copy : null,
        place?.notebook ? h("a", { href: place.notebook, class: "dlw-notebook" }, "Open as notebook") : null, copied)));

  // ---- what is seen and said
  const alertBox = h("div", { class: "dlw-alert", role: "alert" });
  const main = makeChart(264, "Norm of the gradient by layer", true);
  const side = makeChart(120, "Spread of the outputs by layer", false);
  const what = h("p", { class: "dlw-caption" }), spreadName = h("p", { class: "dlw-caption" }, "Spread of the outputs (standard deviation)");
  const key = h("p", { class: "dlw-key", "aria-hidden": "true" },
    h("span", { class: "dlw-k-line" }, "median of 40 networks, 10–90%"), h("span", { class: "dlw-k-wide" }, "theory, wide layers"),
    h("span", { class: "dlw-k-before" }, "before the last change"));
  const facts = h("dl", { class: "dlw-facts" });
  const fact = (term) => {
    const dd = h("dd");
    facts.append(h("dt", {}, term), dd);
    return dd;
  };
  const perLayer = fact("Factor per layer"), ends = fact("First layer / last"), range = fact("In float32"), codeFact = fact("One layer");
  const code = h("code");
  codeFact.append(code);
  const live = announcer(500);

  function inPython() {
    const linear = "linear(h)";
    const normed = { none: linear, batch: `batch_norm(${linear})`, layer: `layer_norm(${linear})` }[s.norm];
    const f = { sigmoid: `torch.sigmoid(${normed})`, tanh: `torch.tanh(${normed})`, relu: `F.relu(${normed})`, gelu: `F.gelu(${normed})`, linear: normed }[s.activation];
    const w = "linear.weight";
    const how = { default: "", xavier: `nn.init.xavier_normal_(${w}); `, he: `nn.init.kaiming_normal_(${w}); `,
      orthogonal: `nn.init.orthogonal_(${w}); `, normal: `nn.init.normal_(${w}, std=${sd(s.gain)}); ` }[s.init];
    return `${how}h = ${s.residual ? "h + " : ""}${f}`;
  }
  function update() {
    s = read();
    const found = measured(s), expected = theory(s), sum = summary(s, found, expected);
    depth.draw(SORTED.indexOf(s.depth), { shown: String(s.depth) });
    setAttr(depth.input, "aria-valuetext", `${s.depth} layers`);
    activation.draw(s.activation);
    init.draw(s.init);
    const swept = s.init === "normal";
    gain.draw(s.gain, { disabled: !swept, shown: swept ? sd(s.gain) : "–" });
    setAttr(gain.input, "aria-valuetext", swept ? `${sd(s.gain)}, which is ${GAINS[s.gain]} divided by root n` : "only for N(0, s²)");
    norm.draw(s.norm);
    residual.draw(s.residual);
    wrt.draw(s.wrt);
    setText(what, `Gradient of each layer's ${s.wrt === "W" ? "weights, ‖∂L/∂W‖" : "outputs, ‖∂L/∂h‖"}`);
    const trend = sum.factor > 1.005 ? "grows" : sum.factor < 0.995 ? "shrinks" : "stays";
    setText(perLayer, `measured × ${three(sum.factor)}, theory × ${three(sum.theory)}${s.init === "normal" ? `; s = ${GAINS[s.gain]}/√n` : ""}`);
    setText(ends, `${scientific(sum.ratio)}${trend === "stays" ? "" : `: the gradient ${trend} on its way down`}`);
    const layers = (n) => `${n} of ${s.depth} layers`;
    const say = [sum.lost && `${layers(sum.lost)} get exactly 0`, sum.weak && `${layers(sum.weak)} lose digits`].filter(Boolean).join(", ");
    setText(range, say || "all layers within range");
    setText(code, inPython());
    const kind = s.wrt === "W" ? "weights" : "outputs";
    const words = `${s.depth} layers, ${nameOf(ACTIVATION_NAMES, s.activation)}, ${nameOf(INIT_NAMES, s.init)}${swept ? ` with s = ${sd(s.gain)}` : ""}`
      + `${s.residual ? ", residual" : ""}${s.norm === "none" ? "" : `, ${s.norm} normalisation`}: gradient of the ${kind} times ${three(sum.factor)} per layer down `
      + `(theory ${three(sum.theory)}); first layer ${scientific(sum.ratio)} of the last${say ? `; in float32 ${say}` : ""}.`;
    shown = { gradient: found.gradient.mid, spread: found.spread.mid };
    if (wide) {
      main.show(wide, { found: found.gradient, expected: expected.gradient, old: old?.wrt === s.wrt ? old.gradient : null, words });
      side.show(wide, { found: found.spread, expected: expected.spread, old: old?.spread, words: `from ${scientific(found.spread.mid[0])} in the first layer to ${scientific(found.spread.mid.at(-1))} in the last.` });
    }
    setText(alertBox, linkProblem);
    alertBox.hidden = !linkProblem;
    live.say(words);
  }

  // ---- the address
  let saving = 0;
  function save() {
    if (!place) return;
    clearTimeout(saving);
    saving = setTimeout(() => place.write(encode(s) === encode(initial) ? null : encode(s)), 250);
  }

  // ---- put together
  el.classList.add("dlw-root", "dlw-flow");
  keepKeys(el);
  const stage = h("div", { class: "dlw-charts" }, what, main.el, spreadName, side.el, key);
  el.append(h("div", { class: "dlw-title" }, h("p", { class: "dlw-name" }, "Gradient by layer"), h("p", { class: "dlw-shapes" }, `${WIDTH} units a layer, batch of 32`)),
    h("div", { class: "dlw-controls" }, depth.el, activation.el, init.el, gain.el, norm.el, residual.el),
    alertBox, stage, facts, more, live.el);
  for (const k of KEYS) model.on(`change:${k}`, later);
  let queued = false;
  function later() { // from Python, or from another view of the same model
    if (busy || queued) return;
    queued = true;
    queueMicrotask(() => { queued = false; update(); });
  }
  const text = place?.read() ?? null;
  if (text !== null) {
    try {
      const state = decode(text);
      busy = true;
      for (const [k, v] of Object.entries(state)) model.set(k, v);
      model.save_changes();
      busy = false;
    } catch (error) {
      linkProblem = `The link's setting could not be read: ${error.message}. This is the first view instead.`;
    }
  }
  validate(read());
  wide = Math.round(stage.clientWidth); // 0 if not yet in a document: then the observer tells
  update();
  const watch = new ResizeObserver((entries) => {
    const w = Math.round(entries[0].contentRect.width);
    if (w !== wide) { wide = w; update(); }
  });
  watch.observe(stage);
  return () => {
    clearTimeout(saving);
    live.stop();
    watch.disconnect();
    for (const k of KEYS) model.off(`change:${k}`, later);
  };
}

export default { render };

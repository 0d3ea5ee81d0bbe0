// The learning-rate sweep: the view. Three linked pictures of one run out of 1,107, all trained by
// torch beforehand (model.js): its path over the loss, its loss against the update, and its
// place among all rates. A step of the slider rewrites a few attributes; axes and curves are
// drawn again only when the setting or the width changes.
import { announcer, button, fmt, h, keepKeys, select, setAttr, setText, setVar, slider, textBox, uid } from "../kit/controls.js";
import { BATCHES, DEFAULTS, FEATURES, KEYS, METHODS, RATES, STEPS, bestRate, condition, decode, encode, finals, limit, lossAt, parseKept, run, runName, startLoss, surface, verdict } from "./model.js";

const METHOD_NAMES = { sgd: "SGD", momentum: "momentum 0.9", adam: "Adam" };
const BATCH_NAMES = { 1: "1 example", 10: "10 examples", 100: "all 100 examples" };
const BATCH_WORDS = { 1: "batch size 1", 10: "batch size 10", 100: "full batch" };
const FEATURE_NAMES = { well: "well conditioned", badly: "badly conditioned", standardised: "standardised" };
// Losses that the axes show, as powers of ten; and the heights of the pictures, wide and narrow.
const LOW = -2.9, HIGH = 2, TALL = [232, 190], FLAT = [196, 176];
const LEFT = 44, RIGHT = 10, TOP_EDGE = 10, BOTTOM = 34;

const num3 = (v) => fmt(Number(v.toPrecision(3)));
const px = (v) => Math.round(v * 10) / 10;
const options = (list, names) => list.map((v) => [String(v), names[v]]);

function s(tag, attrs = {}, ...kids) {
  const el = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [k, v] of Object.entries(attrs)) if (v !== null) el.setAttribute(k, v);
  el.append(...kids);
  return el;
}
const label = (x, y, text, attrs = {}) => s("text", { x: px(x), y: px(y), ...attrs }, text);

// A picture with axes. `scale` has x(v) and y(v) in pixels once draw() has run.
function makePlot(title) {
  const clip = uid("clip");
  const rect = s("rect", { x: LEFT, y: TOP_EDGE });
  const axes = s("g", { class: "dlw-axes" });
  const still = s("g", { "clip-path": `url(#${clip})` }), moving = s("g", { "clip-path": `url(#${clip})` });
  const over = s("g");
  const svg = s("svg", { role: "img", "aria-label": title, width: "100%" }, s("defs", {}, s("clipPath", { id: clip }, rect)), axes, still, moving, over);
  const caption = h("p", { class: "dlw-caption" }, title);
  return {
    el: h("div", { class: "dlw-plot" }, caption, svg), svg, still, moving, over, caption,
    width: 0, bottom: 0,
    x: null, y: null,
    // xs, ys: [from, to]; ticks: [[value, text], ...]
    frame([width, height], xs, ys, xticks, yticks, xname, yname) {
      const right = width - RIGHT, bottom = height - BOTTOM;
      this.width = width;
      this.bottom = bottom;
      setAttr(svg, "height", height);
      this.x = (v) => LEFT + ((v - xs[0]) / (xs[1] - xs[0])) * (right - LEFT);
      this.y = (v) => bottom - ((v - ys[0]) / (ys[1] - ys[0])) * (bottom - TOP_EDGE);
      setAttr(svg, "viewBox", `0 0 ${width} ${height}`);
      setAttr(rect, "width", Math.max(right - LEFT, 1));
      setAttr(rect, "height", bottom - TOP_EDGE);
      axes.replaceChildren(
        ...xticks.flatMap(([v, t]) => [s("line", { x1: px(this.x(v)), x2: px(this.x(v)), y1: TOP_EDGE, y2: bottom }),
          label(this.x(v), bottom + 14, t, { "text-anchor": "middle" })]),
        ...yticks.flatMap(([v, t]) => [s("line", { x1: LEFT, x2: right, y1: px(this.y(v)), y2: px(this.y(v)) }),
          label(LEFT - 5, this.y(v) + 3.5, t, { "text-anchor": "end" })]),
        s("rect", { x: LEFT, y: TOP_EDGE, width: Math.max(right - LEFT, 1), height: bottom - TOP_EDGE, class: "dlw-frame" }),
        label((LEFT + right) / 2, height - 4, xname, { "text-anchor": "middle" }),
        yname ? label(8, TOP_EDGE + 8, yname) : "");
    },
  };
}
const power = (n) => (n === 0 ? "1" : n === 1 ? "10" : n === 2 ? "100" : String(10 ** n));
const LOSS_TICKS = [-2, -1, 0, 1, 2].map((n) => [n, power(n)]);
const RATE_TICKS = [-3, -2, -1, 0, 1].map((n) => [n, power(n)]);
const points = (list) => list.map(([x, y]) => `${px(x)},${px(y)}`).join(" ");
// Off the axis is off the axis: far values would only slow the browser down.
const log = (v) => Math.max(LOW - 1, Math.min(HIGH + 1, Math.log10(v)));

function render({ model, el, place }) {
  const read = () => Object.fromEntries(KEYS.map((k) => [k, model.get(k)]));
  const initial = read();
  let now = initial, busy = false, linkProblem = "", drawn = "";

  function put(changes) {
    linkProblem = "";
    busy = true;
    for (const [k, v] of Object.entries(changes)) model.set(k, v);
    model.save_changes();
    busy = false;
    update();
    save();
  }

  // ---- controls
  const method = select({ label: "Method", options: options(METHODS, METHOD_NAMES), set: (v) => put({ method: v }) });
  const batch = select({ label: "Batch", options: options(BATCHES, BATCH_NAMES), set: (v) => put({ batch: Number(v) }) });
  const features = select({ label: "Feature", options: options(FEATURES, FEATURE_NAMES), set: (v) => put({ features: v }) });
  const keep = button("Keep this run", () => put({ kept: now.kept ? "" : runName(now) }));
  const reset = button("Reset", () => put(initial));
  const rate = slider({ label: "Learning rate", min: 0, max: RATES.length - 1, set: (v) => put({ rate: v }) });
  const copied = h("span", { class: "dlw-copied", role: "status" });
  const copy = button("Copy link", async () => {
    const url = place.link(encode(now));
    try {
      await navigator.clipboard.writeText(url);
      setText(copied, "Link copied.");
      setTimeout(() => setText(copied, ""), 4000);
    } catch { // no clipboard on this page: show the link, selected
      const field = h("input", { type: "text", readonly: true, value: url, "aria-label": "link to this state", class: "dlw-link" });
      copied.replaceChildren(field);
      field.focus();
      field.select();
    }
  });
  const more = place ? h("details", { class: "dlw-more" }, h("summary", {}, "More: link, notebook"),
    h("div", { class: "dlw-buttons" }, copy,
      place.notebook ? h("a", { href: place.notebook, class: "dlw-notebook" }, "Open as notebook") : null, copied)) : null;

  // ---- pictures
  const way = makePlot("Path of (w, b) over the loss");
  const curve = makePlot("Loss after each update");
  const sweep = makePlot("Loss after 100 updates against the rate");
  const line = (kind) => s("polyline", { class: `dlw-run ${kind}` });
  const dots = (kind) => s("path", { class: `dlw-dots ${kind}` });
  const lines = {}, marks = {};
  for (const kind of ["dlw-kept", "dlw-now"]) {
    lines[kind] = { way: line(kind), curve: line(kind), dots: dots(kind), end: s("circle", { r: 4.5, class: `dlw-end ${kind}` }), stop: s("circle", { r: 4.5, class: `dlw-end ${kind}` }) };
    way.moving.append(lines[kind].way, lines[kind].dots, lines[kind].stop);
    curve.moving.append(lines[kind].curve);
    curve.over.append(lines[kind].end);
    marks[kind] = s("path", { class: `dlw-mark ${kind}` });
  }
  const needle = s("line", { class: "dlw-needle", y1: TOP_EDGE });
  sweep.over.append(needle, marks["dlw-kept"], marks["dlw-now"]);
  sweep.svg.classList.add("dlw-pick");
  const pick = (event) => { // a click on the sweep chooses the nearest rate
    const box = sweep.svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * sweep.width;
    const exponents = RATES.map((v) => Math.abs(sweep.x(Math.log10(v)) - x));
    put({ rate: exponents.indexOf(Math.min(...exponents)) });
  };
  sweep.svg.addEventListener("pointerdown", (e) => { pick(e); sweep.svg.setPointerCapture?.(e.pointerId); });
  sweep.svg.addEventListener("pointermove", (e) => { if (e.buttons & 1) pick(e); });

  // ---- words
  const alertBox = h("div", { class: "dlw-alert", role: "alert" });
  const words = textBox();
  const facts = h("dl", { class: "dlw-facts" });
  const fact = (term, dd) => { facts.append(h("dt", {}, term), dd); return dd; };
  const limitFact = fact("Largest stable rate", h("dd"));
  const bestFact = fact("Best rate", h("dd"));
  const keptFact = fact("Kept run", h("dd"));
  const code = h("code");
  fact("PyTorch", h("dd", {}, code));
  const live = announcer(500);

  const limitName = (st) => (st.method === "momentum" ? "3.8/λmax" : "2/λmax");
  const name = (st) => `${METHOD_NAMES[st.method]}, ${BATCH_WORDS[st.batch]}, ${FEATURE_NAMES[st.features]}, rate ${num3(RATES[st.rate])}`;
  function sentence(st) {
    const r = run(st), least = surface(st).least, how = verdict(st);
    const head = name(st);
    if (how === "diverged") return `${head}: diverged, out of reach at update ${r.left}.`;
    const end = `after 100 updates the loss is ${num3(r.final)}`;
    const times = `${num3(r.final / least)} times the least possible, ${num3(least)}`;
    return {
      up: `${head}: diverging, ${end}, more than at the start (${num3(startLoss(st))}).`,
      there: `${head}: arrived, ${end}, ${times}.`,
      slow: `${head}: far too slow, ${end}, ${times}.`,
      near: `${head}: not there yet, ${end}, ${times}.`,
    }[how];
  }
  function drawWords() {
    const text = sentence(now);
    setText(words.inner, text);
    const kept = now.kept ? parseKept(now.kept) : null;
    setText(keptFact, kept ? `${name(kept)}: ${finals(kept)[kept.rate] < Infinity ? `loss ${num3(finals(kept)[kept.rate])}` : "diverged"}` : "none");
    live.say(text);
    const edge = limit(now), [low, high] = surface(now).curvatures;
    setText(limitFact, edge === null
      ? "no bound of this kind: Adam's steps have about the size of the rate, whatever the gradient"
      : `${limitName(now)} = ${now.method === "momentum" ? "3.8" : "2"}/${num3(high)} = ${num3(edge)} for the full batch; this rate is ${num3(RATES[now.rate] / edge)} of it`);
    const best = `${num3(RATES[bestRate(now)])} of the ${RATES.length} here`;
    setText(bestFact, now.method === "sgd" ? `${best}; in theory, full batch: 2/(λmin + λmax) = ${num3(2 / (low + high))}` : best);
    const lr = `lr=${Number(RATES[now.rate].toPrecision(3))}`;
    setText(code, now.method === "adam" ? `torch.optim.Adam([w, b], ${lr})` : `torch.optim.SGD([w, b], ${lr}${now.method === "momentum" ? ", momentum=0.9" : ""})`);
    setText(shapes, `condition number λmax/λmin = ${num3(condition(now))}`);
    setText(alertBox, linkProblem);
    alertBox.hidden = !linkProblem;
  }

  // ---- drawing what depends on the setting and the width
  function drawWay([width, height]) {
    const { optimum, vectors, curvatures, least } = surface(now);
    const reach = 1.6 * Math.max(...optimum.map(Math.abs));
    const wide = (reach * (width - LEFT - RIGHT)) / (height - TOP_EDGE - BOTTOM);
    const span = (mid, half) => [mid - half, mid + half];
    const ticks = (from, to) => {
      const step = to - from > 14 ? 4 : 2, list = [];
      for (let v = Math.ceil(from / step) * step; v <= to; v += step) list.push([v, fmt(v)]);
      return list;
    };
    const xs = span(optimum[0], wide), ys = span(optimum[1], reach);
    way.frame([width, height], xs, ys, ticks(...xs), ticks(...ys), "w", "b");
    const unit = way.x(1) - way.x(0), start = startLoss(now) - least;
    const matrix = [vectors[0][0] * unit, -vectors[1][0] * unit, vectors[0][1] * unit, -vectors[1][1] * unit, way.x(optimum[0]), way.y(optimum[1])];
    way.still.replaceChildren(
      ...[4, 1, 0.25, 0.0625, 0.015625].map((f) => s("ellipse", {
        class: "dlw-contour", transform: `matrix(${matrix.map(px).join(" ")})`,
        rx: Math.sqrt((2 * start * f) / curvatures[0]).toFixed(4), ry: Math.sqrt((2 * start * f) / curvatures[1]).toFixed(4),
      })),
      s("path", { class: "dlw-goal", d: `M${px(way.x(optimum[0]) - 5)} ${px(way.y(optimum[1]))}h10m-5 -5v10` }),
      label(way.x(0) - 6, way.y(0) - 7, "start", { "text-anchor": "end" }));
  }
  function drawCurve([width, height]) {
    curve.frame([width, height], [0, 100], [LOW, HIGH], [0, 25, 50, 75, 100].map((v) => [v, String(v)]), LOSS_TICKS, "update", "");
    const y = px(curve.y(Math.log10(surface(now).least)));
    curve.still.replaceChildren(s("line", { class: "dlw-floor", x1: LEFT, x2: width, y1: y, y2: y }),
      label(width - RIGHT - 4, y + 12, "least squares", { "text-anchor": "end" }));
  }
  function sweepLine(st, kind) {
    const all = finals(st).map((v, n) => [sweep.x(Math.log10(RATES[n])), v]);
    const seen = all.map(([x, v]) => [x, sweep.y(log(v))]); // what diverged leaves at the top
    const small = seen.filter(([, y]) => y >= TOP_EDGE).map(([x, y]) => `M${px(x)} ${px(y)}h0`).join("");
    return [s("polyline", { class: `dlw-run ${kind}`, points: points(seen) }), s("path", { class: `dlw-dots ${kind}`, d: small })];
  }
  function drawSweep([width, height]) {
    sweep.frame([width, height], [-3.05, 1.05], [LOW, HIGH], RATE_TICKS, LOSS_TICKS, "learning rate", "");
    const edge = limit(now), right = width - RIGHT, bottom = sweep.bottom, list = [], names = [];
    const y = px(sweep.y(Math.log10(surface(now).least)));
    list.push(s("line", { class: "dlw-floor", x1: LEFT, x2: right, y1: y, y2: y }));
    setAttr(needle, "y2", bottom);
    if (edge !== null) {
      const x = px(sweep.x(Math.log10(edge)));
      const after = right - x > 104;
      const name = (line, text) => names.push(label(x + (after ? 5 : -5), (after ? bottom - 40 : TOP_EDGE + 14) + 14 * line, text, // clear of the curve
        { class: "dlw-limit-name", "text-anchor": after ? "start" : "end" }));
      list.push(s("rect", { class: "dlw-beyond", x, y: TOP_EDGE, width: Math.max(right - x, 0), height: bottom - TOP_EDGE }),
        s("line", { class: "dlw-limit", x1: x, x2: x, y1: TOP_EDGE, y2: bottom }));
      name(0, `${limitName(now)} = ${num3(edge)}`);
      if (now.batch < 100) name(1, "(full batch)");
    }
    if (now.kept) list.push(...sweepLine(parseKept(now.kept), "dlw-kept"));
    list.push(...sweepLine(now, "dlw-now"), ...names);
    sweep.still.replaceChildren(...list);
    setVar(el, "--from", `${((100 * sweep.x(-3)) / width).toFixed(2)}%`);
    setVar(el, "--to", `${(100 - (100 * sweep.x(1)) / width).toFixed(2)}%`);
  }
  function markAt(kind, st) {
    const x = sweep.x(Math.log10(RATES[st.rate])), v = finals(st)[st.rate];
    const out = Math.log10(v) > HIGH, y = out ? TOP_EDGE + 5 : sweep.y(Math.log10(v));
    // out of the picture: a triangle that points up
    setAttr(marks[kind], "d", out ? `M${px(x - 6)} ${px(y + 6)}L${px(x)} ${px(y - 5)}L${px(x + 6)} ${px(y + 6)}Z` : `M${px(x - 5)} ${px(y)}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z`);
    return x;
  }
  function drawRun(kind, st) {
    const r = run(st), target = lines[kind];
    // A kept run of another feature has no place over this loss.
    const here = st.features === now.features;
    // Far values are drawn at the end of a shorter line in the same direction.
    const at = r.path.map(([w, b]) => [way.x(w), way.y(b)].map((v) => Math.max(-3000, Math.min(3000, v))));
    setAttr(target.way, "points", here ? points(at) : "");
    setAttr(target.dots, "d", here ? at.map(([x, y]) => `M${px(x)} ${px(y)}h0`).join("") : "");
    const [ex, ey] = at.at(-1);
    setAttr(target.stop, "visibility", here && r.left === null ? "visible" : "hidden");
    setAttr(target.stop, "cx", px(ex));
    setAttr(target.stop, "cy", px(ey));
    const seen = r.losses.map((v, n) => [curve.x(STEPS[n]), curve.y(log(v))]);
    if (r.left !== null) seen.push([curve.x(r.left), curve.y(HIGH + 1)]);
    setAttr(target.curve, "points", points(seen));
    setAttr(target.end, "visibility", r.final <= 10 ** HIGH ? "visible" : "hidden");
    setAttr(target.end, "cx", px(curve.x(100)));
    setAttr(target.end, "cy", px(curve.y(log(Math.min(r.final, 10 ** HIGH)))));
  }

  let wide = 0;
  function update() {
    now = read();
    const config = [now.method, now.batch, now.features, now.kept, wide].join();
    const kept = now.kept ? parseKept(now.kept) : null;
    if (config !== drawn) {
      drawn = config;
      const total = Math.max(wide || 640, 240);
      const narrow = total > 520 ? 0 : 1, half = narrow ? total : (total - 16) / 2;
      drawWay([half, TALL[narrow]]);
      drawCurve([half, TALL[narrow]]);
      drawSweep([total, FLAT[narrow]]);
      method.draw(now.method);
      batch.draw(String(now.batch));
      features.draw(now.features);
      setText(keep, kept ? "Drop kept run" : "Keep this run");
      for (const part of [...Object.values(lines["dlw-kept"]), marks["dlw-kept"]]) part.toggleAttribute("hidden", !kept);
      if (kept) {
        drawRun("dlw-kept", kept);
        markAt("dlw-kept", kept);
      }
      const what = `${METHOD_NAMES[now.method]}, ${BATCH_WORDS[now.batch]}, ${FEATURE_NAMES[now.features]}`;
      setAttr(sweep.svg, "aria-label", `Final loss against learning rate: ${what}`);
      setAttr(way.svg, "aria-label", `Path of w and b over contours of the loss: ${what}`);
      setAttr(curve.svg, "aria-label", `Loss against update: ${what}`);
    }
    drawRun("dlw-now", now);
    const x = px(markAt("dlw-now", now));
    setAttr(needle, "x1", x);
    setAttr(needle, "x2", x);
    const edge = limit(now), value = num3(RATES[now.rate]);
    rate.draw(now.rate, { shown: edge === null ? value : `${value}, ${num3(RATES[now.rate] / edge)} × ${limitName(now)}` });
    drawWords();
  }

  // ---- the address
  let saving = 0;
  function save() {
    if (!place) return;
    clearTimeout(saving);
    saving = setTimeout(() => place.write(encode(now) === encode(initial) ? null : encode(now)), 250);
  }

  // ---- put together
  const shapes = h("p", { class: "dlw-shapes" });
  const top = h("div", { class: "dlw-controls" }, method.el, batch.el, features.el);
  const under = h("div", { class: "dlw-rates" }, rate.el, h("div", { class: "dlw-two-buttons" }, keep, reset));
  rate.el.classList.add("dlw-rate");
  el.classList.add("dlw-root", "dlw-learning-rate");
  keepKeys(el);
  el.append(h("div", { class: "dlw-title" }, h("p", { class: "dlw-name" }, "Learning-rate sweep"), shapes),
    top, alertBox, h("div", { class: "dlw-two" }, way.el, curve.el), sweep.el, under, words.el, facts);
  if (more) el.append(more);
  el.append(live.el);
  for (const key of KEYS) model.on(`change:${key}`, later);
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
  wide = Math.round(top.clientWidth); // 0 if not yet in a document: then the observer tells
  update();
  const watch = new ResizeObserver((entries) => {
    const w = Math.round(entries[0].contentRect.width);
    if (w && w !== wide) { wide = w; update(); }
  });
  watch.observe(top);
  return () => {
    clearTimeout(saving);
    live.stop();
    watch.disconnect();
    for (const key of KEYS) model.off(`change:${key}`, later);
  };
}

export default { render };

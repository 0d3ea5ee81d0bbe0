// The learning-rate sweep: the view. Three linked pictures of one run out of 1,107, all trained by
// torch beforehand (model.js): its path over the loss, its loss against the update, and its
// place among all rates. A step of the slider rewrites a few attributes; axes and curves are
// drawn again only when the setting or the width changes.
import { button, factList, fmt, h, setAttr, setText, setVar, textBox } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { dots, label, line, makePlot, pick, px, svg, ticks } from "../kit/plot.js";
import { nameOf } from "../kit/state.js";
import { RATES, STATE, STEPS, bestRates, condition, finals, laters, limit, lossAtStart, parseKept, run, runName, surface, verdict } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const BATCH_WORDS = { 1: "batch size 1", 10: "batch size 10", 100: "full batch" };
// Losses that the axes show, as powers of ten; and the heights of the pictures, wide and narrow.
const LOW = -2.9, HIGH = 2, TALL = [232, 190], FLAT = [196, 176];
const MARGIN = [44, 10, 10, 34];
const EXPONENTS = RATES.map(Math.log10);

const num3 = (v) => fmt(Number(v.toPrecision(3)));
const tenTo = (n) => fmt(10 ** n);
// Off the axis is off the axis: far values would only slow the browser down.
const log = (v) => Math.max(LOW - 1, Math.min(HIGH + 1, Math.log10(v)));
const losses = () => ticks([LOW, HIGH], 6, tenTo, true);

// ---- words
const setting = (s) => `${nameOf(SETTINGS, "method", s.method)}, ${BATCH_WORDS[s.batch]}, ${nameOf(SETTINGS, "features", s.features)}`;
const nameOfRun = (s) => `${setting(s)}, rate ${num3(RATES[s.rate])}`;
const limitName = (s) => (s.method === "momentum" ? "3.8/λmax" : "2/λmax");
function sentence(s) {
  const r = run(s), least = surface(s).least, how = verdict(s), head = nameOfRun(s);
  if (how === "diverged") return `${head}: diverged, out of reach at update ${r.left}.`;
  const end = `after 100 updates the loss is ${num3(r.final)}`, later = laters(s)[s.rate];
  const times = `${num3(r.final / least)} times the least possible, ${num3(least)}`;
  const then = `after 1,000 ${Number.isFinite(later) ? `it is ${num3(later)}` : "it is out of reach"}`;
  return {
    up: `${head}: diverging, ${end}, ${then}; at the start it was ${num3(lossAtStart(s))}.`,
    there: `${head}: arrived, ${end}, ${times}.`,
    slow: `${head}: far too slow, ${end}, ${times}; ${then}.`,
    near: `${head}: not there yet, ${end}, ${times}; ${then}.`,
    held: `${head}: held up at this rate, ${end}, ${times}; ${then}, and smaller rates end lower.`,
  }[how];
}
function makeWords(shapes) {
  const words = textBox(), facts = factList(), code = h("code");
  const limitFact = facts.add("Largest stable rate"), bestFact = facts.add("Best rate"), keptFact = facts.add("Kept run");
  facts.add("PyTorch", h("dd", {}, code));
  return {
    els: [words.el, facts.el],
    draw(s) {
      const text = sentence(s), kept = s.kept ? parseKept(s.kept) : null;
      const edge = limit(s), [low, high] = surface(s).curvatures, final = kept && finals(kept)[kept.rate];
      setText(words.inner, text);
      setText(keptFact, kept ? `${nameOfRun(kept)}: ${final < Infinity ? `loss ${num3(final)}` : "diverged"}` : "none");
      setText(limitFact, edge === null
        ? "no bound of this kind: Adam's steps have about the size of the rate, whatever the gradient"
        : `${limitName(s)} = ${s.method === "momentum" ? "3.8" : "2"}/${num3(high)} = ${num3(edge)} for the full batch; this rate is ${num3(RATES[s.rate] / edge)} of it`);
      const good = bestRates(s), [first, last] = [good[0], good.at(-1)].map((n) => num3(RATES[n]));
      const best = good.length === 1
        ? `${first} of the ${RATES.length} here`
        : `${good.length} of the ${RATES.length} here, between ${first} and ${last}, end within 1% of the lowest loss`;
      setText(bestFact, s.method === "sgd" ? `${best}; in theory, full batch: 2/(λmin + λmax) = ${num3(2 / (low + high))}` : best);
      const lr = `lr=${Number(RATES[s.rate].toPrecision(3))}`;
      setText(code, s.method === "adam" ? `torch.optim.Adam([w, b], ${lr})` : `torch.optim.SGD([w, b], ${lr}${s.method === "momentum" ? ", momentum=0.9" : ""})`);
      setText(shapes, `condition number λmax/λmin = ${num3(condition(s))}`);
      return text;
    },
  };
}

// ---- pictures: `frame` draws what depends on the setting and the width, `draw` one run, kept or now
function picture(title) {
  const plot = makePlot({ margin: MARGIN });
  const still = svg("g"), moving = svg("g");
  plot.inside.append(still, moving);
  return { plot, still, moving, el: h("div", { class: "dlw-picture" }, h("p", { class: "dlw-caption" }, title), plot.el) };
}
const KINDS = ["dlw-kept", "dlw-now"];
const forKinds = (make) => Object.fromEntries(KINDS.map((kind) => [kind, make(kind)]));
const show = (el, on) => setAttr(el, "visibility", on ? "visible" : "hidden");

function makeWay() {
  const { plot, still, moving, el } = picture("Path of (w, b) over the loss");
  const runs = forKinds((kind) => ({
    line: plot.path(`dlw-run ${kind}`, moving), dots: plot.path(`dlw-dots ${kind}`, moving), stop: svg("circle", { r: 4.5, class: `dlw-end ${kind}` }),
  }));
  for (const kind of KINDS) moving.append(runs[kind].stop);
  return {
    el, parts: (kind) => Object.values(runs[kind]),
    frame(s, [width, height]) {
      const { optimum, vectors, curvatures, least } = surface(s);
      const reach = 1.6 * Math.max(...optimum.map(Math.abs));
      const wide = (reach * (width - MARGIN[0] - MARGIN[1])) / (height - MARGIN[2] - MARGIN[3]);
      const [xs, ys] = [[optimum[0], wide], [optimum[1], reach]].map(([mid, half]) => [mid - half, mid + half]);
      const grid = ([from, to]) => {
        const step = to - from > 14 ? 4 : 2, list = [];
        for (let v = Math.ceil(from / step) * step; v <= to; v += step) list.push([v, fmt(v)]);
        return list;
      };
      plot.scale(width, height, xs, ys);
      plot.axes(grid(xs), grid(ys), "w", "b");
      plot.name(`Path of w and b over contours of the loss: ${setting(s)}`);
      const unit = plot.x(1) - plot.x(0), start = lossAtStart(s) - least, [x, y] = [plot.x(optimum[0]), plot.y(optimum[1])];
      const matrix = [vectors[0][0] * unit, -vectors[1][0] * unit, vectors[0][1] * unit, -vectors[1][1] * unit, x, y];
      const radius = (f, axis) => Math.sqrt((2 * start * f) / curvatures[axis]).toFixed(4);
      still.replaceChildren(
        ...[4, 1, 0.25, 0.0625, 0.015625].map((f) => svg("ellipse", { class: "dlw-contour", transform: `matrix(${matrix.map(px).join(" ")})`, rx: radius(f, 0), ry: radius(f, 1) })),
        svg("path", { class: "dlw-goal", d: `M${px(x - 5)} ${px(y)}h10m-5 -5v10` }),
        label(plot.x(0) - 6, plot.y(0) - 7, "start", { "text-anchor": "end" }));
    },
    draw(kind, s, now) {
      const r = run(s), { line: path, dots: points, stop } = runs[kind];
      const here = s.features === now.features; // a run of another feature has no place over this loss
      // Far values are drawn at the end of a shorter line in the same direction.
      const at = r.path.map(([w, b]) => [plot.x(w), plot.y(b)].map((v) => Math.max(-3000, Math.min(3000, v))));
      setAttr(path, "d", here ? line(at) : "");
      setAttr(points, "d", here ? dots(at) : "");
      const [x, y] = at.at(-1);
      show(stop, here && r.left === null);
      setAttr(stop, "cx", px(x));
      setAttr(stop, "cy", px(y));
    },
  };
}

function floor(plot, s, to = plot.right) {
  const y = px(plot.y(Math.log10(surface(s).least)));
  return [y, svg("line", { class: "dlw-floor", x1: plot.left, x2: to, y1: y, y2: y })];
}
function makeCurve() {
  const { plot, still, moving, el } = picture("Loss after each update");
  const runs = forKinds((kind) => ({ line: plot.path(`dlw-run ${kind}`, moving), end: svg("circle", { r: 4.5, class: `dlw-end ${kind}` }) }));
  for (const kind of KINDS) plot.over.append(runs[kind].end);
  return {
    el, parts: (kind) => Object.values(runs[kind]),
    frame(s, [width, height]) {
      plot.scale(width, height, [0, 100], [LOW, HIGH]);
      plot.axes([0, 25, 50, 75, 100].map((v) => [v, String(v)]), losses(), "update");
      plot.name(`Loss against update: ${setting(s)}`);
      const [y, least] = floor(plot, s, width);
      still.replaceChildren(least, label(plot.right - 4, y + 12, "least squares", { "text-anchor": "end" }));
    },
    draw(kind, s) {
      const r = run(s), { line: path, end } = runs[kind], top = 10 ** HIGH;
      const seen = r.losses.map((v, n) => [plot.x(STEPS[n]), plot.y(log(v))]);
      if (r.left !== null) seen.push([plot.x(r.left), plot.y(HIGH + 1)]);
      setAttr(path, "d", line(seen));
      show(end, r.final <= top);
      setAttr(end, "cx", px(plot.x(100)));
      setAttr(end, "cy", px(plot.y(log(Math.min(r.final, top)))));
    },
  };
}
function makeSweep(choose) {
  const { plot, still, el } = picture("Loss after 100 updates against the rate");
  const needle = plot.path("dlw-needle", plot.over);
  const marks = forKinds((kind) => plot.path(`dlw-mark ${kind}`, plot.over));
  pick(plot, () => EXPONENTS, choose);
  function curve(s, kind) {
    const seen = finals(s).map((v, n) => [plot.x(EXPONENTS[n]), plot.y(log(v))]); // what diverged leaves at the top
    return [svg("path", { class: `dlw-run ${kind}`, d: line(seen) }), svg("path", { class: `dlw-dots ${kind}`, d: dots(seen.filter(([, y]) => y >= plot.top)) })];
  }
  return {
    el, parts: (kind) => [marks[kind]],
    // Where the first and the last rate stand, in per cent from both ends.
    ends: () => [(100 * plot.x(-3)) / plot.width, 100 - (100 * plot.x(1)) / plot.width].map((v) => `${v.toFixed(2)}%`),
    frame(s, [width, height]) {
      plot.scale(width, height, [-3.05, 1.05], [LOW, HIGH]);
      plot.axes(ticks([-3, 1], 5, tenTo, true), losses(), "learning rate");
      plot.name(`Final loss against learning rate: ${setting(s)}`);
      const edge = limit(s), list = [floor(plot, s)[1]], names = [];
      if (edge !== null) {
        const x = px(plot.x(Math.log10(edge))), after = plot.right - x > 104;
        const name = (row, text) => names.push(label(x + (after ? 5 : -5), (after ? plot.bottom - 40 : plot.top + 14) + 14 * row, text, // clear of the curve
          { class: "dlw-tag dlw-limit-name", "text-anchor": after ? "start" : "end" }));
        list.push(svg("rect", { class: "dlw-beyond", x, y: plot.top, width: Math.max(plot.right - x, 0), height: plot.bottom - plot.top }),
          svg("line", { class: "dlw-limit", x1: x, x2: x, y1: plot.top, y2: plot.bottom }));
        name(0, `${limitName(s)} = ${num3(edge)}`);
        if (s.batch < 100) name(1, "(full batch)");
      }
      if (s.kept) list.push(...curve(parseKept(s.kept), "dlw-kept"));
      still.replaceChildren(...list, ...curve(s, "dlw-now"), ...names);
    },
    draw(kind, s) {
      const x = plot.x(EXPONENTS[s.rate]), v = finals(s)[s.rate];
      const out = Math.log10(v) > HIGH, y = out ? plot.top + 5 : plot.y(Math.log10(v));
      // out of the picture: a triangle that points up
      setAttr(marks[kind], "d", out ? `M${px(x - 6)} ${px(y + 6)}L${px(x)} ${px(y - 5)}L${px(x + 6)} ${px(y + 6)}Z` : `M${px(x - 5)} ${px(y)}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z`);
      if (kind === "dlw-now") setAttr(needle, "d", `M${px(x)} ${plot.top}V${plot.bottom}`);
    },
  };
}

function view({ controls, put, reset, shapes, now }) {
  const way = makeWay(), curve = makeCurve(), sweep = makeSweep((rate) => put({ rate }));
  const pictures = [way, curve, sweep], words = makeWords(shapes);
  const keep = button("Keep this run", () => put({ kept: now().kept ? "" : runName(now()) }));
  const under = h("div", { class: "dlw-rates" }, controls.rate.el, h("div", { class: "dlw-two-buttons" }, keep, reset));
  controls.rate.el.classList.add("dlw-rate");
  let drawn = "";
  return {
    body: [h("div", { class: "dlw-two" }, way.el, curve.el), sweep.el, under, ...words.els],
    buttons: [],
    shows(s) {
      const edge = limit(s), value = num3(RATES[s.rate]);
      return { rate: { shown: edge === null ? value : `${value}, ${num3(RATES[s.rate] / edge)} × ${limitName(s)}` } };
    },
    draw(s, width) {
      const config = [s.method, s.batch, s.features, s.kept, width].join(), kept = s.kept ? parseKept(s.kept) : null;
      if (config !== drawn) {
        drawn = config;
        const total = Math.max(width || 640, 240), narrow = total > 520 ? 0 : 1, half = narrow ? total : (total - 16) / 2;
        way.frame(s, [half, TALL[narrow]]);
        curve.frame(s, [half, TALL[narrow]]);
        sweep.frame(s, [total, FLAT[narrow]]);
        const [from, to] = sweep.ends();
        setVar(under, "--from", from);
        setVar(under, "--to", to);
        setText(keep, kept ? "Drop kept run" : "Keep this run");
        for (const part of pictures.flatMap((p) => p.parts("dlw-kept"))) part.toggleAttribute("hidden", !kept);
        if (kept) for (const p of pictures) p.draw("dlw-kept", kept, s);
      }
      for (const p of pictures) p.draw("dlw-now", s, s);
      return words.draw(s);
    },
  };
}

const render = makeRender(SETTINGS, STATE, view);
export default { render };

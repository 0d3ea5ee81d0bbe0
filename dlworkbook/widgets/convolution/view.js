// The convolution explorer: the view. All numbers come from model.js; what can be set, and
// the text of a link, from state.js. A step through the windows moves two outlines and
// rewrites some text; nothing is rebuilt unless a size changes.
import { announcer, button, check, fmt, h, keepKeys, select, setAttr, setText, setVar, shade, slider, textBox, uid } from "../kit/controls.js";
import { dims, groupsProblem, outputSize, pads, problem, run, slice, taps } from "./model.js";
import { DEFAULTS, EXAMPLES, INPUTS, KERNELS, KEYS, LIMITS, clone, decode, encode, exact, parse, same } from "./state.js";
import { makeGrid } from "../kit/grid.js";

const MAX_C = LIMITS.channels[1], MAX_X = LIMITS.input[1], MAX_K = LIMITS.kernel[1];
const range = (n) => Array.from({ length: n }, (_, i) => i);
const x2 = (v) => `${v[0]} × ${v[1]}`;
const both = (v) => (v[0] === v[1] ? String(v[0]) : x2(v));
const inParens = (v) => (v < 0 ? `(${fmt(v)})` : fmt(v));
const tuple = (v) => (v[0] === v[1] ? v[0] : `(${v[0]}, ${v[1]})`);
const plus = (terms) => terms.join(" + ").replaceAll("+ −", "− ");
const typed = (v) => exact(v).replace("-", "−");
const show = (v) => (exact(v).length < 6 ? typed(v) : fmt(v));
const MODE_NAMES = [["valid", "valid: no padding"], ["same", "same: size kept"], ["full", "full: every overlap"],
  ["custom", "padding in numbers"], ["same_tf", "same as TensorFlow"]];
const names = (table) => Object.entries(table).map(([k, [text]]) => [k, text]);

function render({ model, el, place }) {
  const read = () => Object.fromEntries(KEYS.map((k) => [k, model.get(k)]));
  const initial = clone(read());
  let s = initial, result = null, trouble = null, asked = null, conf = null;
  let busy = false, playing = 0, stale = true, linkProblem = "";
  const broken = new Map(); // cells whose text is no number: element -> sentence

  // ---- values that survive when sizes and channels shrink and grow again
  const poolX = range(MAX_C).map((c) => range(MAX_X).map((i) => range(MAX_X).map((j) => (7 * i + 3 * j + 5 * c) % 10)));
  const poolK = range(MAX_C).map((o) => range(MAX_C).map((c) => range(MAX_K).map((u) => range(MAX_K).map((v) => (u < 3 && v < 3 ? ((2 * u + 3 * v + 2 * c + o) % 3) - 1 : 0)))));
  const poolB = [1, -1, 2];
  const pairs = ({ C, O, groups, transposed }) => (transposed
    ? range(C).map((c) => range(O / groups).map((k) => [Math.floor(c / (C / groups)) * (O / groups) + k, c]))
    : range(O).map((o) => range(C / groups).map((k) => [o, Math.floor(o / (O / groups)) * (C / groups) + k])));
  function remember() {
    const { C, O, n: [H, W], k: [kh, kw] } = dims(s);
    conf = { C, O, H, W, kh, kw, groups: s.groups, transposed: s.transposed };
    const copy = (from, to) => from.forEach((row, i) => row.forEach((v, j) => { to[i][j] = v; }));
    s.input.forEach((m, c) => copy(m, poolX[c]));
    if (!groupsProblem(C, O, s.groups)) {
      pairs(conf).forEach((row, a) => row.forEach(([o, c], b) => { const m = s.kernel[a]?.[b]; if (m) copy(m, poolK[o][c]); }));
    }
    s.bias.forEach((v, o) => { poolB[o] = v; });
  }
  const cut = (m, rows, cols) => m.slice(0, rows).map((row) => row.slice(0, cols));

  // ---- changing things
  function put(changes) {
    linkProblem = "";
    busy = true;
    for (const [k, v] of Object.entries(changes)) model.set(k, v);
    model.save_changes();
    busy = false;
    update();
    save();
  }
  // Sizes, channels, groups: the arrays must follow. A grouping that does not divide is only
  // shown as a question with its answer; the model keeps the last setting that makes sense.
  function resize(over) {
    const next = { ...conf, ...asked, ...over };
    asked = groupsProblem(next.C, next.O, next.groups) ? next : null;
    if (asked) { stale = true; stopPlaying(); update(); return; }
    put({
      input: range(next.C).map((c) => cut(poolX[c], next.H, next.W)),
      kernel: pairs(next).map((row) => row.map(([o, c]) => cut(poolK[o][c], next.kh, next.kw))),
      bias: s.bias.length ? poolB.slice(0, next.O) : [],
      groups: next.groups, transposed: next.transposed, channel: Math.min(s.channel, next.O - 1),
    });
  }
  function load(state) {
    asked = null;
    broken.clear();
    stale = true;
    stopPlaying();
    grids().forEach((g) => g.each((cell) => cell.removeAttribute("aria-invalid")));
    put(clone(state));
  }
  const edited = (key, path, value) => {
    const next = clone(s[key]);
    path.slice(0, -1).reduce((m, i) => m[i], next)[path.at(-1)] = value;
    put({ [key]: next });
  };
  function editCell(key, path, text, field, name) {
    if (text === null) { // Escape: back to the last number
      broken.delete(field);
      field.removeAttribute("aria-invalid");
      field.value = typed(path.reduce((m, i) => m[i], s[key]));
      return complain();
    }
    const v = parse(text);
    if (v === null) {
      const kept = show(path.reduce((m, i) => m[i], s[key]));
      const why = text.trim() === "" ? "is empty" : /^[\d.,+\-−\s/e]+$/i.test(text) && Number.isFinite(Number(text.replace("−", "-")))
        ? "is beyond a million" : `holds “${text.trim().slice(0, 12)}”, which is not a number`;
      broken.set(field, `${name} ${why}; ${kept} is used until it holds one.`);
      field.setAttribute("aria-invalid", "true");
      return complain();
    }
    broken.delete(field);
    field.removeAttribute("aria-invalid");
    complain();
    edited(key, path, v);
  }
  const index = (letter, ...ij) => `${letter}[${ij.join(", ")}]`;
  const indexX = (c, i, j) => index("X", ...(s.input.length > 1 ? [c] : []), i, j);
  const indexY = (o, i, j) => index("Y", ...(conf.O > 1 ? [o] : []), i, j);
  const kernelPath = (o, c) => { // where slice (o, c) stands in the kernel array
    const { C, O } = dims(s), ci = C / s.groups, oi = O / s.groups;
    return s.transposed ? [c, o % oi] : [o, c % ci];
  };

  // ---- the stage
  const inputs = range(MAX_C).map((c) => makeGrid({
    onEdit: (i, j, text, field) => editCell("input", [c, i, j], text, field, indexX(c, i, j)),
    onFocus: (i, j) => { if (s.transposed) put({ step: i * s.input[0][0].length + j }); },
  }));
  const kernels = range(MAX_C).map((c) => makeGrid({
    onEdit: (u, v, text, field) => {
      const { k: [kh, kw] } = dims(s);
      // A turned kernel is shown turned; the field still edits the weight that it shows.
      const uv = s.flip ? [kh - 1 - u, kw - 1 - v] : [u, v];
      const path = [...kernelPath(s.channel, c), ...uv];
      editCell("kernel", path, text, field, index("K", ...(conf.O * conf.C > 1 ? path : uv)));
    },
  }));
  const outputs = range(MAX_C).map((o) => makeGrid({
    onEdit() {},
    onPick: (i, j) => { stopPlaying(); put({ step: i * result.size[1] + j, channel: o }); },
  }));
  const grids = () => [...inputs, ...kernels, ...outputs];
  const apart = range(MAX_C).map(() => h("p", { class: "dlw-apart" }, "not in this group"));
  const times = range(MAX_C).map(() => h("span", { class: "dlw-op", "aria-hidden": "true" }));
  const rows = range(MAX_C).map((c) => h("div", { class: "dlw-pair" }, inputs[c].panel, times[c], kernels[c].panel, apart[c]));
  const biases = range(MAX_C).map((o) => h("input", {
    type: "text", class: "dlw-bias", autocomplete: "off", "aria-label": `bias b[${o}]`,
    oninput: (e) => editCell("bias", [o], e.target.value, e.target, `b[${o}]`),
  }));
  const biasLabels = range(MAX_C).map((o) => h("div", { class: "dlw-biasrow" }, h("span", { "aria-hidden": "true" }, `+ b[${o}]`), biases[o]));
  range(MAX_C).forEach((o) => outputs[o].panel.append(biasLabels[o]));
  const nothing = h("div", { class: "dlw-nothing" });
  const equals = h("span", { class: "dlw-op", "aria-hidden": "true" }, "=");
  const pairBox = h("div", { class: "dlw-pairs" }, ...rows);
  const stage = h("div", { class: "dlw-stage" }, pairBox, equals,
    h("div", { class: "dlw-outs" }, ...outputs.map((g) => g.panel), nothing));

  // ---- controls
  const pair = (key, changes) => [0, 1].map((a) => (v) => {
    const next = [...s[key]];
    next[a] = v;
    put({ [key]: next, ...changes });
  });
  const two = (label, limits, sets) => sets.map((set, a) => slider({
    label: `${label}, ${a ? "columns" : "rows"}`, min: limits[0], max: limits[1], set, quiet: true,
  }));
  const example = select({
    label: "Example", options: [["", "your own"], ...names(EXAMPLES)],
    set: (v) => { if (v) load({ ...DEFAULTS, ...EXAMPLES[v][1] }); },
  });
  const mode = select({ label: "Mode", options: MODE_NAMES, set: (v) => put({ mode: v, ...(v === "custom" ? { padding: pads(s)[0].map((p) => Math.min(p, LIMITS.padding[1])) } : {}) }) });
  const stride = slider({ label: "Stride", min: LIMITS.stride[0], max: LIMITS.stride[1], set: (v) => put({ stride: [v, v] }) });
  const flip = check({ label: "Turn the kernel", set: (v) => put({ flip: v }) });
  const step = slider({ label: "Window", min: 0, max: 1, room: "5.2em", set: (v) => { stopPlaying(); put({ step: v }); } });
  const play = button("Play", () => (playing ? stopPlaying() : startPlaying()), { class: "dlw-button dlw-play" });
  const count = () => (s.transposed ? conf.H * conf.W : result ? result.size[0] * result.size[1] : 0);

  const table = [
    ["Input size", two("Input size", LIMITS.input, [(v) => resize({ H: v }), (v) => resize({ W: v })]), () => [conf.H, conf.W]],
    ["Kernel size", two("Kernel size", LIMITS.kernel, [(v) => resize({ kh: v }), (v) => resize({ kw: v })]), () => [conf.kh, conf.kw]],
    ["Stride", two("Stride", LIMITS.stride, pair("stride")), () => s.stride],
    ["Padding", two("Padding", LIMITS.padding, [0, 1].map((a) => (v) => {
      const p = pads(s)[0].map((w) => Math.min(w, LIMITS.padding[1]));
      p[a] = v;
      put({ padding: p, mode: "custom" }); // moving the padding is choosing it in numbers
    })), () => pads(s)[0]],
    ["Dilation", two("Dilation", LIMITS.dilation, pair("dilation")), () => s.dilation],
    ["Output padding", two("Output padding", LIMITS.output_padding, pair("output_padding")), () => s.output_padding, () => !s.transposed],
  ];
  const chans = [
    ["C", slider({ label: "Input channels", min: 1, max: MAX_C, set: (v) => resize({ C: v }) })],
    ["O", slider({ label: "Output channels", min: 1, max: MAX_C, set: (v) => resize({ O: v }) })],
    ["groups", slider({ label: "Groups", min: 1, max: MAX_C, set: (v) => resize({ groups: v }) })],
  ];
  const transposed = check({ label: "Transposed", set: (v) => resize({ transposed: v }) });
  const bias = check({ label: "Bias", set: (v) => put({ bias: v ? poolB.slice(0, conf.O) : [] }) });
  const relu = check({ label: "ReLU on the output", set: (v) => put({ relu: v }) });
  const preset = (label, list, apply) => select({
    label, options: [["", "your own"], ...names(list)],
    set: (v) => { if (v) apply(clone(list[v][1])); },
  });
  const inputPreset = preset("Fill input with", INPUTS, (m) => {
    range(MAX_C).forEach((c) => m.forEach((row, i) => row.forEach((v, j) => { poolX[c][i][j] = v; })));
    resize({ H: m.length, W: m[0].length });
  });
  const kernelPreset = preset("Fill kernel with", KERNELS, (m) => {
    range(MAX_C).forEach((c) => m.forEach((row, i) => row.forEach((v, j) => { poolK[s.channel][c][i][j] = v; })));
    resize({ kh: m.length, kw: m[0].length });
  });
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
  const reset = button("Reset", () => { linkProblem = ""; load(initial); });
  const more = h("details", { class: "dlw-more" },
    h("summary", {}, "More: sizes, padding, dilation, channels, groups, transposed"),
    h("div", { class: "dlw-table" },
      h("span"), h("span", { class: "dlw-head", "aria-hidden": "true" }, "rows"), h("span", { class: "dlw-head", "aria-hidden": "true" }, "columns"),
      ...table.flatMap(([label, [a, b]]) => [h("span", { class: "dlw-rowname", "aria-hidden": "true" }, label), a.el, b.el])),
    h("div", { class: "dlw-side" },
      ...chans.map(([, c]) => c.el),
      h("div", { class: "dlw-checks" }, transposed.el, bias.el, relu.el),
      inputPreset.el, kernelPreset.el,
      h("div", { class: "dlw-buttons" }, reset, place ? copy : null,
        place?.notebook ? h("a", { href: place.notebook, class: "dlw-notebook" }, "Open as notebook") : null, copied)));

  // ---- what is said
  const shapes = h("p", { class: "dlw-shapes" });
  const alertBox = h("div", { class: "dlw-alert", id: uid("a"), role: "alert" });
  const work = textBox();
  const workLines = [];
  const facts = h("dl", { class: "dlw-facts" });
  const fact = (term) => {
    const dt = h("dt", {}, term), dd = h("dd");
    facts.append(dt, dd);
    return { dt, dd };
  };
  const sizeFact = fact("Output size"), macFact = fact("Multiply-adds"), codeFact = fact("PyTorch");
  const code = h("code");
  codeFact.dd.append(code);
  const live = announcer(500);

  function complain() {
    const text = linkProblem || [...broken.values()].at(-1) || "";
    setText(alertBox, text);
    alertBox.hidden = !text;
  }
  const fixes = (code) => {
    const half = dims(s).span.map((v) => Math.min(Math.floor((v - 1) / 2), LIMITS.padding[1]));
    return {
      "same-stride": ["Pad as TensorFlow does", () => put({ mode: "same_tf" })],
      "same-transposed": [`Use padding ${both(half)}`, () => put({ mode: "custom", padding: half })],
      empty: s.transposed ? ["Use no padding", () => put({ mode: "valid" })] : ["Pad in full", () => put({ mode: "full" })],
      "output-padding": ["Output padding 0", () => put({ output_padding: [0, 0] })],
      groups: ["One group", () => resize({ groups: 1 })],
    }[code] ?? ["Reset", () => load(initial)];
  };

  // ---- drawing
  function compute() {
    trouble = asked ? groupsProblem(asked.C, asked.O, asked.groups) : problem(s);
    result = trouble ? null : run(s);
  }
  function drawControls() {
    const known = Object.entries(EXAMPLES).find(([, [, over]]) => same({ ...s, step: 0, channel: 0 }, { ...DEFAULTS, ...over }));
    example.draw(known ? known[0] : "");
    mode.draw(s.mode);
    stride.draw(s.stride[0], { shown: both(s.stride) });
    flip.draw(s.flip);
    for (const [, [a, b], get, off] of table) {
      [a, b].forEach((c, n) => c.draw(get()[n], { disabled: off?.() ?? false }));
    }
    for (const [key, c] of chans) c.draw((asked ?? conf)[key]);
    transposed.draw((asked ?? conf).transposed);
    bias.draw(s.bias.length > 0);
    relu.draw(s.relu);
    inputPreset.draw(Object.entries(INPUTS).find(([, [, m]]) => same(m, s.input[0]))?.[0] ?? "");
    const first = slice(s, 0, 0) && s.kernel[0][0];
    kernelPreset.draw(Object.entries(KERNELS).find(([, [, m]]) => same(m, first))?.[0] ?? "");
    setText(step.el.firstChild, s.transposed ? "Stamp" : "Window");
  }
  function drawStage() {
    const { C, O, n: [H, W], k: [kh, kw] } = dims(s);
    const [[top, left], [bottom, right]] = s.transposed ? [[0, 0], [0, 0]] : pads(s);
    const ch = (name, c, total) => (total > 1 ? `${name}[${c}]` : name);
    pairBox.classList.toggle("dlw-single", C === 1);
    rows.forEach((row, c) => {
      row.hidden = c >= C;
      if (c >= C) return;
      const padded = top + bottom + left + right;
      inputs[c].shape(H + top + bottom, W + left + right, { top, left, h: H, w: W }, "input");
      inputs[c].caption(`${ch("Input X", c, C)}, ${H} × ${W}${padded ? `, with zeros ${H + top + bottom} × ${W + left + right}` : ""}`);
      inputs[c].each((cell, i, j) => {
        if (!broken.has(cell)) { const t = typed(s.input[c][i][j]); if (document.activeElement !== cell || parse(cell.value) !== s.input[c][i][j]) { if (cell.value !== t) cell.value = t; } }
        setAttr(cell, "aria-label", indexX(c, i, j));
      });
      const m = trouble && trouble.code !== "empty" && (s.groups > C || C % s.groups || O % s.groups) ? null : slice(s, Math.min(s.channel, O - 1), c);
      kernels[c].panel.hidden = times[c].hidden = !m;
      apart[c].hidden = !!m;
      row.classList.toggle("dlw-off", !m);
      if (!m) return;
      setText(times[c], s.transposed ? "×" : s.flip ? "∗" : "⋆");
      kernels[c].shape(kh, kw, { top: 0, left: 0, h: kh, w: kw }, "input");
      const name = O * C > 1 ? `Kernel K[${kernelPath(Math.min(s.channel, O - 1), c).join(", ")}]` : "Kernel K";
      kernels[c].caption(`${name}, ${kh} × ${kw}${s.flip ? ", turned" : ""}`);
      kernels[c].each((cell, u, v) => {
        const t = typed(m[u][v]);
        if (!broken.has(cell) && (document.activeElement !== cell || parse(cell.value) !== m[u][v]) && cell.value !== t) cell.value = t;
        const uv = s.flip ? [kh - 1 - u, kw - 1 - v] : [u, v];
        setAttr(cell, "aria-label", index("K", ...(O * C > 1 ? kernelPath(s.channel, c) : []), ...uv));
      });
    });
    outputs.forEach((grid, o) => {
      grid.panel.hidden = o >= O || !result;
      biasLabels[o].hidden = !(s.bias.length && o < O);
      if (s.bias.length && o < O && !broken.has(biases[o]) && parse(biases[o].value) !== s.bias[o]) biases[o].value = typed(s.bias[o]);
      if (grid.panel.hidden) return;
      const y = result.y[o], [oh, ow] = result.size;
      const [[t, l], [b, r]] = s.transposed ? pads(s) : [[0, 0], [0, 0]];
      grid.shape(oh + t + b, ow + l + r, { top: t, left: l, h: oh, w: ow }, s.transposed ? "span" : "button");
      grid.caption(`${ch("Output Y", o, O)}, ${oh} × ${ow}${t + b + l + r ? ", border cut off" : ""}`);
      if (s.transposed) grid.border((i, j) => fmt(result.full[o][i][j]));
      const most = Math.max(1e-9, ...y.flat().map(Math.abs));
      grid.each((cell, i, j) => {
        const v = y[i][j], t2 = fmt(v);
        setText(cell, t2);
        const sign = v > 0 ? "pos" : v < 0 ? "neg" : "zero";
        if (cell.dataset.sign !== sign) cell.dataset.sign = sign;
        shade(cell, 0.06 + 0.24 * Math.abs(v) / most);
        if (!s.transposed) setAttr(cell, "aria-label", `${indexY(o, i, j)} = ${t2}`);
      });
    });
    equals.hidden = !result;
    nothing.hidden = !!result;
    if (trouble && nothing.dataset.text !== trouble.text) {
      const [label, fix] = fixes(trouble.code);
      nothing.dataset.text = trouble.text;
      nothing.replaceChildren(h("p", {}, trouble.text), button(label, fix));
    } else if (!trouble) { nothing.replaceChildren(); nothing.dataset.text = ""; }
  }
  function drawFacts() {
    const { C, O, n, k } = dims(s);
    const [before, after] = pads(s), size = outputSize(s);
    const sums = [0, 1].map((a) => {
      const p = before[a] === after[a] ? `2·${before[a]}` : `${before[a]} + ${after[a]}`;
      const d = s.dilation[a], end = size[a];
      return s.transposed
        ? `(${n[a]} − 1)·${s.stride[a]} − ${p} + ${d}·(${k[a]} − 1) + ${s.output_padding[a]} + 1 = ${fmt(end)}`
        : `⌊(${n[a]} + ${p} − ${d}·(${k[a]} − 1) − 1) / ${s.stride[a]}⌋ + 1 = ${fmt(end)}`;
    });
    const lines = sums[0] === sums[1] ? [["rows and columns: ", sums[0]]] : [["rows: ", sums[0]], ["columns: ", sums[1]]];
    sizeFact.dd.replaceChildren(...lines.map(([a, b]) => h("div", {}, h("span", { class: "dlw-dim" }, a), b)));
    if (result) {
      const [oh, ow] = result.size, area = s.transposed ? n : [oh, ow];
      const factors = `${s.transposed ? C : O}·${(s.transposed ? O : C) / s.groups}·${k[0]}·${k[1]}·${area[0]}·${area[1]} = ${result.nominal}`;
      const rest = result.nominal - result.real;
      const note = s.transposed
        ? (rest ? `; ${rest} of them land on the border that is cut off` : "")
        : rest ? `; ${rest} of them multiply a padding zero, ${result.real} do not` : "; none of them on padding";
      macFact.dd.replaceChildren(factors, h("span", { class: "dlw-dim" }, note));
    } else setText(macFact.dd, "none: there is no output");
    setText(code, call(before, after));
    const kernelShape = `${x2(k)}`;
    setText(shapes, result
      ? `${C > 1 ? `${C} × ` : ""}${x2(n)}  ${s.transposed ? "transposed with" : s.flip ? "∗" : "⋆"}  ${kernelShape}  →  ${O > 1 ? `${O} × ` : ""}${x2(result.size)}`
      : "no output");
  }
  function call(before, after) {
    const args = ["X", s.flip ? "K.flip(-2, -1)" : "K"];
    if (s.bias.length) args.push("b");
    if (s.stride.some((v) => v > 1)) args.push(`stride=${tuple(s.stride)}`);
    if (s.mode === "same" && !s.transposed) args.push('padding="same"');
    else if (s.mode === "same_tf" && !s.transposed) args[0] = before.some((p, a) => p || after[a]) ? `F.pad(X, (${before[1]}, ${after[1]}, ${before[0]}, ${after[0]}))` : "X";
    else if (before.some((p) => p)) args.push(`padding=${tuple(before)}`);
    if (s.transposed && s.output_padding.some((p) => p)) args.push(`output_padding=${tuple(s.output_padding)}`);
    if (s.groups > 1) args.push(`groups=${s.groups}`);
    if (s.dilation.some((v) => v > 1)) args.push(`dilation=${tuple(s.dilation)}`);
    const text = `F.conv${s.transposed ? "_transpose" : ""}2d(${args.join(", ")})`;
    return s.relu ? `F.relu(${text})` : text;
  }
  function line(n) {
    while (workLines.length <= n) { const p = h("p"); workLines.push(p); work.inner.append(p); }
    return workLines[n];
  }
  function drawWork(lines) {
    lines.forEach((t, n) => { const p = line(n); setText(p, t); p.hidden = false; });
    for (let n = lines.length; n < workLines.length; n++) workLines[n].hidden = true;
  }
  // Everything that depends on the step: cheap, runs on each key press.
  function drawStep() {
    const total = count(), n = Math.min(s.step, Math.max(total - 1, 0));
    const dead = !result;
    step.draw(n, { max: Math.max(total - 1, 0), disabled: dead, shown: dead ? "none" : `${n + 1} of ${total}` });
    play.disabled = dead;
    const o = Math.min(s.channel, conf.O - 1);
    outputs.forEach((g, k) => g.panel.classList.toggle("dlw-chosen", conf.O > 1 && k === o));
    if (dead) {
      grids().forEach((g) => g.move(0, 0, false));
      drawWork([]);
      live.say(trouble.text, playing ? 0 : 300);
      return;
    }
    const { k: [kh, kw] } = dims(s);
    const width = s.transposed ? conf.W : result.size[1];
    const i = Math.floor(n / width), j = n % width;
    const groupOf = range(conf.C).filter((c) => slice(s, o, c));
    if (s.transposed) {
      range(conf.C).forEach((c) => {
        inputs[c].sheet(1, 1, [1, 1]);
        inputs[c].tapText(0, "");
        inputs[c].move(i, j, groupOf.includes(c));
        kernels[c].move(0, 0, false);
      });
      range(conf.O).forEach((q) => {
        outputs[q].sheet(kh, kw, s.dilation);
        range(kh * kw).forEach((t) => outputs[q].tapText(t, ""));
        outputs[q].move(i * s.stride[0], j * s.stride[1], q === o);
      });
      const [[top, left]] = pads(s);
      const lines = groupOf.map((c) => {
        const x = s.input[c][i][j], m = slice(s, o, c);
        return `${indexX(c, i, j)} = ${fmt(x)} stamps ${fmt(x)}·K = [${m.map((row) => row.map((w) => fmt(x * w)).join(" ")).join(" ; ")}]`;
      });
      const place2 = [i * s.stride[0] - top, j * s.stride[1] - left];
      const ends = place2.map((p, a) => p + s.dilation[a] * ([kh, kw][a] - 1));
      lines.push(`added to ${indexY(o, ...place2.map((p, a) => (p === ends[a] ? p : `${fmt(p)}…${fmt(ends[a])}`)))}`
        + (s.dilation.some((d) => d > 1) ? `, in steps of ${both(s.dilation)}` : "")
        + ([...place2].some((p) => p < 0) || ends.some((e, a) => e >= result.size[a]) ? "; what lies outside Y is cut off" : ""));
      drawWork(lines);
      announce(`Stamp ${n + 1} of ${total}: ${indexX(groupOf[0], i, j)} = ${fmt(s.input[groupOf[0]][i][j])}, ${lines.at(-1)}.`);
      return;
    }
    range(conf.C).forEach((c) => {
      const m = slice(s, o, c);
      inputs[c].sheet(kh, kw, s.dilation);
      if (m && stale) m.flat().forEach((w, t) => inputs[c].tapText(t, `×${show(w)}`));
      inputs[c].move(i * s.stride[0], j * s.stride[1], !!m);
      kernels[c].move(0, 0, false);
    });
    range(conf.O).forEach((q) => {
      outputs[q].sheet(1, 1, [1, 1]);
      outputs[q].tapText(0, "");
      outputs[q].move(i, j, q === o);
    });
    const cell = outputs[o].at(i, j);
    if (marked !== cell) { marked?.removeAttribute("aria-current"); cell.setAttribute("aria-current", "true"); marked = cell; }
    outputs[o].setStop(cell);
    const parts = taps(s, o, i, j), y = result.y[o][i][j], b = s.bias[o];
    const products = (list) => plus(list.map((t) => `${fmt(t.x)}·${inParens(t.w)}`));
    const raw = parts.reduce((t, p) => t + p.sum, 0) + (b ?? 0);
    const end = `${s.relu ? ` = ${fmt(raw)}, ReLU: max(0, ${fmt(raw)})` : ""} = ${fmt(y)}`;
    const more2 = b === undefined ? "" : b < 0 ? ` − ${fmt(-b)} (bias)` : ` + ${fmt(b)} (bias)`;
    drawWork(parts.length === 1
      ? [`${indexY(o, i, j)} = ${products(parts[0].taps)}${more2}${end}`]
      : [...parts.map((p) => `channel ${p.c}: ${products(p.taps)} = ${fmt(p.sum)}`), `${indexY(o, i, j)} = ${plus(parts.map((p) => fmt(p.sum)))}${more2}${end}`]);
    announce(`Window ${n + 1} of ${total}: ${indexY(o, i, j)} = ${fmt(y)}.`);
  }
  let marked = null;
  let spoken = 0;
  function announce(text) {
    if (playing) { // a running show speaks only now and then
      const now = performance.now();
      if (now - spoken < 5000) return;
      spoken = now;
    }
    live.say(text);
  }

  let lastConfig = "";
  function update() {
    s = read();
    const config = JSON.stringify(KEYS.filter((k) => k !== "step").map((k) => s[k]));
    if (config !== lastConfig || stale) {
      stale = true;
      lastConfig = config;
      remember();
      compute();
      drawControls();
      drawStage();
      drawFacts();
      fit();
      complain();
    }
    drawStep();
    stale = false;
  }

  // ---- size of a cell: as large as fits beside each other, else below each other
  let wide = 0, fitting = 0;
  function fit() {
    if (!wide) return;
    const { C, O, n, k } = dims(s);
    const [before, after] = pads(s);
    const inCols = n[1] + (s.transposed ? 0 : before[1] + after[1]);
    const outCols = result ? result.size[1] + (s.transposed ? before[1] + after[1] : 0) : 4;
    const longest = Math.max(2, ...(result ? (result.full ?? result.y).flat(2) : []).map((v) => fmt(v).length),
      ...s.input.flat(2).map((v) => exact(v).length), ...s.kernel.flat(3).map((v) => exact(v).length));
    const least = longest <= 3 ? 26 : Math.min(44, Math.ceil(longest * 6.6 + 5));
    const gap = 2, ops = 68;
    const side = Math.floor((wide - ops) / (inCols + k[1] + outCols)) - gap;
    const beside = side >= least && wide > 520;
    const below = Math.floor(wide / Math.max(inCols, outCols, k[1])) - gap;
    const half = Math.floor((wide - 50) / (k[1] + outCols)) - gap; // kernel and output share a line
    const stacked = C === 1 && half >= Math.max(least, 30) ? Math.min(half, below) : below;
    const cell = Math.max(least, Math.min(beside || wide <= 520 ? 40 : 34, beside ? side : stacked));
    setVar(el, "--cell", `${cell}px`);
    grids().forEach((g) => g.cell(cell));
    setVar(el, "--text", `${Math.max(11, Math.min(15, (cell - 4) / (longest * 0.6)))}px`);
    el.classList.toggle("dlw-stacked", !beside);
    el.classList.toggle("dlw-tight", cell < 32); // no room for the weights beside the values
    // Room for the longest line of arithmetic, so that stepping moves nothing below it.
    const chars = 14 + k[0] * k[1] * (longest + 7);
    const lines = s.transposed ? (C / s.groups) * 2 + 1 : Math.ceil(chars * 7.4 / wide) * (C / s.groups) + (C / s.groups > 1 ? 1 : 0);
    work.lines(lines);
    clearTimeout(fitting); // after the picture: asking for sizes at once would lay the page out twice
    fitting = setTimeout(() => grids().forEach((g) => { if (!g.panel.hidden) g.fit(); }), 150);
  }
  const watch = new ResizeObserver((entries) => {
    const w = Math.round(entries[0].contentRect.width);
    if (w !== wide) { wide = w; fit(); }
  });

  // ---- playing
  function startPlaying() {
    play.textContent = "Pause";
    el.classList.add("dlw-playing"); // only a show slides: a key press must be seen at once
    const total = count();
    if (s.step >= total - 1) put({ step: 0 });
    playing = setInterval(() => {
      if (s.step >= count() - 1) return stopPlaying();
      put({ step: s.step + 1 });
    }, 800);
  }
  function stopPlaying() {
    if (!playing) return;
    clearInterval(playing);
    playing = 0;
    play.textContent = "Play";
    el.classList.remove("dlw-playing");
    drawStep();
    save();
  }

  // ---- the address
  let saving = 0;
  function save() {
    if (!place || playing) return;
    clearTimeout(saving);
    saving = setTimeout(() => place.write(same(s, initial) ? null : encode(s)), 400);
  }

  // ---- put together
  const top = h("div", { class: "dlw-controls" }, example.el, mode.el, stride.el, flip.el);
  const under = h("div", { class: "dlw-player" }, play, step.el);
  el.classList.add("dlw-root", "dlw-convolution");
  keepKeys(el);
  el.append(h("div", { class: "dlw-title" }, h("p", { class: "dlw-name" }, "Convolution explorer"), shapes),
    top, alertBox, stage, under, work.el, facts, more, live.el);
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
  watch.observe(top);
  return () => {
    clearInterval(playing);
    clearTimeout(saving);
    live.stop();
    watch.disconnect();
    for (const key of KEYS) model.off(`change:${key}`, later);
  };
}

export default { render };

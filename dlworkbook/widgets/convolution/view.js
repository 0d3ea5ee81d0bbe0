// The convolution explorer: the view. All numbers come from model.js. A step through the windows
// moves two outlines and rewrites some text; nothing is rebuilt unless a size changes.
import { button, check, factList, h, select, setText, slider, textBox } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { pasting } from "../kit/matrix.js";
import { makePlayer } from "../kit/player.js";
import { alike } from "../kit/state.js";
import { EXAMPLES, INPUTS, KERNELS } from "./examples.js";
import { dims, groupsProblem, pads, problem, run, slice } from "./model.js";
import { confOf, makePools } from "./pools.js";
import { makeFields, makeStage } from "./stage.js";
import { CHANNELS, KERNEL_SIDE, SIDE, START, STATE, parse } from "./state.js";
import { both, inPyTorch, range, shapesText, sizeSums, windowWords, workSum } from "./words.js";
import SETTINGS from "./settings.json" with { type: "json" };

const PADDING = SETTINGS.fields.padding.to;
const padsAsNumbers = (s) => pads(s)[0].map((p) => Math.min(p, PADDING));

// A list of known matrices or settings, and "your own".
const preset = (label, known, take) => select({
  label, options: [["", "your own"], ...Object.entries(known).map(([k, [text]]) => [k, text])], set: (k) => { if (k) take(known[k][1]); },
});
const nameIn = (known, is) => Object.keys(known).find((k) => is(known[k][1])) ?? "";
// An example stays one while it is turned, padded, or slid over in another way than its own name says.
const MAKES_IT = ["input", "kernel", "bias", "groups", "transposed"];
const isOf = (s, over) => [...MAKES_IT, ...Object.keys(over)].every((key) => alike(s[key], over[key] ?? START[key]));

// Rows and columns of sizes, stride, padding, dilation: a table of sliders.
function makeTable({ now, put, resize, conf }) {
  const two = (name, [from, to], set, get, off = () => false) => {
    const made = ["rows", "columns"].map((axis, a) => slider({ label: `${name}, ${axis}`, min: from, max: to, quiet: true, set: (v) => set(v, a) }));
    return { name, made, draw: () => made.forEach((c, a) => c.draw(get()[a], { disabled: off() })) };
  };
  const pair = (name, key, off) => {
    const { from, to } = SETTINGS.fields[key];
    return two(name, [from, to], (v, a) => put({ [key]: now()[key].map((old, n) => (n === a ? v : old)) }), () => now()[key], off);
  };
  const rows = [
    two("Input size", [1, SIDE], (v, a) => resize({ [a ? "W" : "H"]: v }), () => [conf().H, conf().W]),
    two("Kernel size", [1, KERNEL_SIDE], (v, a) => resize({ [a ? "kw" : "kh"]: v }), () => [conf().kh, conf().kw]),
    pair("Stride", "stride"),
    two("Padding", [0, PADDING], (v, a) => put({ padding: padsAsNumbers(now()).map((old, n) => (n === a ? v : old)), mode: "custom" }), () => pads(now())[0]),
    pair("Dilation", "dilation"),
    pair("Output padding", "output_padding", () => !now().transposed),
  ];
  const hidden = (kind, text) => h("span", { class: kind, "aria-hidden": "true" }, text);
  return {
    el: h("div", { class: "dlw-table" }, h("span"), hidden("dlw-head", "rows"), hidden("dlw-head", "columns"),
      ...rows.flatMap(({ name, made }) => [hidden("dlw-rowname", name), ...made.map((c) => c.el)])),
    draw: () => rows.forEach((row) => row.draw()),
  };
}

function makeFacts(shapes) {
  const list = factList(), code = h("code");
  const size = list.add("Output size"), work = list.add("Multiply-adds");
  list.add("PyTorch", h("dd", {}, code));
  const dim = (text) => h("span", { class: "dlw-dim" }, text);
  return {
    el: list.el,
    // A sum below 1 says itself why there is no output; any other has a size that nothing has.
    draw(s, result, trouble) {
      const none = "none: there is no output";
      const sums = result || trouble.code === "empty" ? sizeSums(s) : [["", none]];
      size.replaceChildren(...sums.map(([whose, sum]) => h("div", {}, dim(whose), sum)));
      const [product, note] = result ? workSum(s, result) : [none, ""];
      work.replaceChildren(product, dim(note));
      setText(code, inPyTorch(s));
      setText(shapes, shapesText(s, result));
    },
  };
}

// The arithmetic of one window, a paragraph for each line.
function makeLines() {
  const box = textBox(), made = [];
  return {
    el: box.el,
    draw(lines) {
      while (made.length < lines.length) { made.push(h("p")); box.inner.append(made.at(-1)); }
      made.forEach((p, n) => { p.hidden = n >= lines.length; if (!p.hidden) setText(p, lines[n]); });
    },
    // Room for the longest line, so that stepping moves nothing below it.
    fit(s, longest, wide) {
      const { C, k } = dims(s), inputs = C / s.groups;
      box.lines(s.transposed ? 2 * inputs + 1 : Math.ceil(((14 + k[0] * k[1] * (longest + 7)) * 7.4) / wide) * inputs + (inputs > 1 ? 1 : 0));
    },
  };
}

function view({ controls, put, initial, reset, shapes, now, redraw }) {
  let conf = null, asked = null, result = null, trouble = null, drawn = "", fitted = "", pasted = "", spoken = 0;
  const pools = makePools();
  // Sizes, channels, groups: the arrays must follow. A grouping that does not divide is only shown as
  // a question with its answer; the setting stays the last that makes sense.
  function resized(over) {
    const next = { ...conf, ...asked, ...over };
    asked = groupsProblem(next.C, next.O, next.groups) ? next : null;
    if (asked) { player.stop(); return {}; }
    const { groups, transposed } = next;
    return { ...pools.arrays(next), bias: now().bias.length ? pools.bias(next.O) : [], groups, transposed, channel: Math.min(now().channel, next.O - 1) };
  }
  const resize = (over) => put(resized(over));
  const load = (state) => put(state, true);

  // ---- what stands in the widget
  const fields = makeFields({ now, put, redraw });
  const paste = (letter, key, take) => pasting(parse, SETTINGS.fields[key].most.slice(-2), take, (why) => {
    pasted = `${why}; ${letter} stays as it is.`;
    redraw();
  });
  const stage = makeStage({
    now, fields, paste, pools, resize,
    stamp: (i, j) => put({ step: i * conf.W + j }),
    pick: (i, j, o) => { player.stop(); put({ step: i * result.size[1] + j, channel: o }); },
  });
  const player = makePlayer({ label: "Window", ms: 800, go: (step) => put({ step }), done: () => put({}) });
  const table = makeTable({ now, put, resize, conf: () => conf }), facts = makeFacts(shapes), words = makeLines();
  const example = preset("Example", EXAMPLES, (over) => load({ ...START, ...over }));
  const { from, to } = SETTINGS.fields.stride;
  const stride = slider({ label: "Stride", min: from, max: to, set: (v) => put({ stride: [v, v] }) });
  const channels = [["C", "Input channels"], ["O", "Output channels"], ["groups", "Groups"]]
    .map(([key, label]) => [key, slider({ label, min: 1, max: CHANNELS, set: (v) => resize({ [key]: v }) })]);
  const bias = check({ label: "Bias", set: (on) => put({ bias: on ? pools.bias(conf.O) : [] }) });
  const fillInput = preset("Fill input with", INPUTS, (m) => {
    range(CHANNELS).forEach((c) => pools.fillInput(c, m));
    resize({ H: m.length, W: m[0].length });
  });
  const fillKernel = preset("Fill kernel with", KERNELS, (m) => {
    range(CHANNELS).forEach((c) => pools.fillKernel(now().channel, c, m));
    resize({ kh: m.length, kw: m[0].length });
  });

  // Why there is no output, and a way out.
  function why() {
    const s = now(), half = dims(s).span.map((v) => Math.min(Math.floor((v - 1) / 2), PADDING));
    const [label, fix] = {
      "same-stride": ["Pad as TensorFlow does", () => put({ mode: "same_tf" })],
      "same-transposed": [`Use padding ${both(half)}`, () => put({ mode: "custom", padding: half })],
      empty: s.transposed ? ["Use no padding", () => put({ mode: "valid" })] : ["Pad in full", () => put({ mode: "full" })],
      "output-padding": ["Output padding 0", () => put({ output_padding: [0, 0] })],
      groups: ["One group", () => resize({ groups: 1 })],
    }[trouble.code] ?? ["Reset", () => load(initial)];
    return [h("p", {}, trouble.text), button(label, fix)];
  }

  // ---- drawing
  function drawControls(s) {
    example.draw(nameIn(EXAMPLES, (over) => isOf(s, over)));
    stride.draw(s.stride[0], { shown: both(s.stride) });
    table.draw();
    for (const [key, c] of channels) c.draw((asked ?? conf)[key]);
    controls.transposed.draw((asked ?? conf).transposed);
    bias.draw(s.bias.length > 0);
    fillInput.draw(nameIn(INPUTS, (m) => alike(m, s.input[0])));
    fillKernel.draw(nameIn(KERNELS, (m) => slice(s, 0, 0) && alike(m, s.kernel[0][0])));
  }
  function drawStep(s, fresh) {
    const width = s.transposed ? conf.W : result?.size[1], total = result ? width * (s.transposed ? conf.H : result.size[0]) : 0;
    const n = Math.min(s.step, Math.max(total - 1, 0)), name = s.transposed ? "Stamp" : "Window";
    player.draw(n, total, name);
    if (!result) { words.draw([]); return trouble.text; }
    const i = Math.floor(n / width), j = n % width;
    stage.move(s, i, j, fresh);
    const [lines, spokenWords] = windowWords(s, result, stage.chosen(), i, j);
    words.draw(lines);
    return `${name} ${n + 1} of ${total}: ${spokenWords}`;
  }

  return {
    top: [example.el, controls.mode.el, stride.el, controls.flip.el],
    body: [stage.el, player.el, words.el, facts.el],
    above: [table.el],
    side: [...channels.map(([, c]) => c.el), h("div", { class: "dlw-checks" }, controls.transposed.el, bias.el, controls.relu.el), fillInput.el, fillKernel.el],
    buttons: [reset],
    player,
    problem: () => pasted || fields.problem(),
    before(changes, isWhole) {
      pasted = "";
      if (isWhole) {
        asked = null;
        drawn = "";
        fields.forget();
        player.stop();
      } else if (changes.transposed !== undefined && !changes.input) return resized({ transposed: changes.transposed });
      else if (changes.mode === "custom" && !changes.padding) return { ...changes, padding: padsAsNumbers(now()) };
    },
    draw(s, width) {
      const { step, ...rest } = s, config = JSON.stringify([rest, asked]), fresh = config !== drawn;
      if (fresh) {
        drawn = config;
        fitted = "";
        conf = confOf(s);
        pools.remember(s);
        trouble = asked ? groupsProblem(asked.C, asked.O, asked.groups) : problem(s);
        result = trouble ? null : run(s);
        drawControls(s);
        stage.draw(s, result, trouble && (conf.C % s.groups || conf.O % s.groups), why);
        facts.draw(s, result, trouble);
      }
      if (width && fitted !== width) {
        fitted = width;
        words.fit(s, stage.fit(stage.el.parentNode, s, result, width), width);
      }
      const said = drawStep(s, fresh);
      if (!player.playing()) return said;
      if (performance.now() - spoken < 5000) return ""; // a running show speaks only now and then
      spoken = performance.now();
      return said;
    },
  };
}

const render = makeRender(SETTINGS, STATE, view);
export default { render };

// Softmax and cross-entropy: the view. All numbers come from model.js.
import { factList, fmt, setAttr, setText } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { label, px, svg } from "../kit/plot.js";
import { makeState, nameOf } from "../kit/state.js";
import { gradient, loss, naive, powers, shares } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const ROW = 30, BAR = 18, HEAD = 22, NAME = 52, VALUE = 52; // px
const num = (v) => (v === Infinity ? "infinite" : v >= 1e5 ? v.toExponential(2).replace("e+", "e") : Math.abs(v) < 1e-4 && v !== 0 ? fmt(Number(v.toPrecision(2))) : fmt(+v.toFixed(v < 10 ? 4 : 1)));
const three = (list) => list.map(num).join(", ");
const list = (of) => (of.length < 2 ? of.join("") : `${of.slice(0, -1).join(", ")} and ${of.at(-1)}`);

// One bar for each class: shares from 0 to 1 with the target's frame, then the gradient to both sides.
function makePicture() {
  const part = () => Array.from({ length: 3 }, () => svg("rect"));
  const [share, pull] = [part(), part()], frame = svg("rect", { class: "dlw-target" });
  const lines = svg("path", { class: "dlw-zero" }), words = svg("g");
  const el = svg("svg", { role: "img", class: "dlw-shares dlw-plot" }, ...share, ...pull, frame, lines, words);
  const place = (rect, x, y, width, kind) => {
    for (const [k, v] of Object.entries({ x, y, width, height: BAR })) setAttr(rect, k, px(v));
    if (kind) setAttr(rect, "class", kind);
  };
  return {
    el,
    show(s, width, p, slope, said) {
      const beside = width >= 560, wide = beside ? width / 2 - NAME - VALUE - 14 : width - NAME - VALUE;
      const [left, top] = beside ? [width / 2 + 14 + NAME, HEAD] : [NAME, 2 * HEAD + 3 * ROW], most = Math.max(1, 1 / s.heat);
      const height = top + 3 * ROW, middle = left + wide / 2;
      for (const [k, v] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) setAttr(el, k, v);
      p.forEach((v, k) => {
        place(share[k], NAME, HEAD + k * ROW, Math.max(v * wide, 0.5), "dlw-share");
        const long = (Math.abs(slope[k]) / most) * (wide / 2);
        place(pull[k], slope[k] < 0 ? middle - long : middle, top + k * ROW, long, slope[k] < 0 ? "dlw-up" : "dlw-down");
      });
      place(frame, NAME, HEAD + s.target * ROW, wide);
      setAttr(lines, "d", `M${px(middle)} ${top - 4}V${height - 6}M${NAME} ${HEAD - 4}V${HEAD + 3 * ROW - 6}`);
      const names = p.map((_, k) => [NAME - 8, HEAD + k * ROW + 14, `class ${k}`, { "text-anchor": "end" }]);
      words.replaceChildren(
        label(0, 12, "probability, and the target as a frame"), label(left - NAME, top - 10, `gradient, from −${fmt(most)} to ${fmt(most)}`),
        ...names.map((one) => label(...one)), ...names.map(([, y, name, at], k) => label(left - 8, top + k * ROW + 14, name, at)),
        ...p.map((v, k) => label(NAME + wide + 6, HEAD + k * ROW + 14, v.toFixed(3), { class: "dlw-value" })),
        ...slope.map((v, k) => label(left + wide + 6, top + k * ROW + 14, v.toFixed(3).replace("-", "−"), { class: "dlw-value" })),
      );
      setAttr(el, "aria-label", said);
    },
  };
}

function view({ shapes }) {
  const picture = makePicture(), facts = factList();
  const [cost, step, plain, safe] = ["Loss", "A step against the gradient", "Exponentials as they are", "With the largest subtracted"].map((name) => facts.add(name));
  return {
    body: [picture.el, facts.el],
    shows: (s) => ({ a: { shown: fmt(s.a / 2) }, b: { shown: fmt(s.b / 2) }, c: { shown: fmt(s.c / 2) }, shift: { shown: fmt(s.shift) } }),
    draw(s, width) {
      const p = shares(s), slope = gradient(s), nats = loss(s), bits = nats / Math.LN2;
      const others = [0, 1, 2].filter((k) => k !== s.target).sort((i, j) => slope[j] - slope[i] || i - j).filter((k) => slope[k] >= 5e-4);
      const down = others.length ? `lowers ${list(others.map((k) => `class ${k}`))}${others.length > 1 && slope[others[0]] - slope[others[1]] > 5e-4 ? ", the first most" : ""}` : "";
      setText(cost, `${num(nats)} nats = ${num(bits)} ${num(bits) === "1" ? "bit" : "bits"}`);
      setText(step, down ? `raises ${nameOf(SETTINGS, "target", s.target)}, ${down}` : "moves hardly anything: the target has nearly all");
      setText(plain, three(naive(s)));
      setText(safe, three(powers(s)));
      setText(shapes, `target ${nameOf(SETTINGS, "target", s.target)} has ${p[s.target].toFixed(3)}`);
      const words = `Probabilities ${p.map((v) => v.toFixed(3)).join(", ")}; loss ${num(nats)} nats; gradient ${slope.map((v) => v.toFixed(3).replace("-", "−")).join(", ")}.`;
      if (width) picture.show(s, width, p, slope, words);
      return words;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), view);
export default { render };

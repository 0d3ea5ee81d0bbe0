// Two events and their overlap: the view. All numbers come from model.js.
import { factList, setAttr, setText } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { label, px, svg } from "../kit/plot.js";
import { makeState } from "../kit/state.js";
import { PARTS, areas, circles, lowest } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const CIRCLES = 206, BAR = 44, TALL = 64, ROW = 24; // px: heights of the parts of the picture
const decimal = (parts) => String(parts / PARTS);
const set = (el, attrs) => { for (const [k, v] of Object.entries(attrs)) setAttr(el, k, typeof v === "number" ? px(v) : v); };

// Circles, and below them everything that can happen as one bar of the same scale of areas.
function makePicture() {
  const discs = ["a", "b"].map((n) => svg("circle", { class: `dlw-in-${n}` }));
  const bars = ["a", "b"].map((n) => svg("rect", { class: `dlw-in-${n}` }));
  const all = svg("rect", { class: "dlw-all" }), words = svg("g");
  const el = svg("svg", { role: "img", class: "dlw-venn dlw-plot" }, ...discs, ...bars, all, words);
  return {
    el,
    show(s, width, p, said) {
      const bar = width < 480 ? TALL : BAR, height = CIRCLES + 2 * ROW + TALL, long = width - 2;
      const scale = Math.sqrt(long * bar), { r, q, d } = circles(s), top = CIRCLES + ROW;
      set(el, { width, height, viewBox: `0 0 ${width} ${height}` });
      const left = Math.min(-r, d - q), right = Math.max(r, d + q);
      const from = width / 2 - (scale * (left + right)) / 2, middle = CIRCLES / 2;
      set(discs[0], { cx: from, cy: middle, r: scale * r });
      set(discs[1], { cx: from + scale * d, cy: middle, r: scale * q });
      const x = (parts) => 1 + (long * parts) / PARTS;
      set(bars[0], { x: 1, y: top, width: x(20 * s.a) - 1, height: bar });
      set(bars[1], { x: x(p.onlyA), y: top, width: x(20 * s.b) - 1, height: bar });
      set(all, { x: 1, y: top, width: long, height: bar });
      const zones = [["A only", p.onlyA], ["both", p.both], ["B only", p.onlyB], ["neither", p.neither]];
      const texts = [];
      let start = 0;
      for (const [name, parts] of zones) {
        const centre = (x(start) + x(start + parts)) / 2, room = x(parts);
        if (room > 44) texts.push(label(centre, top + bar / 2 + 5, decimal(parts), { "text-anchor": "middle" }));
        if (room > 58) texts.push(label(centre, top + bar + 16, name, { "text-anchor": "middle", class: "dlw-small" }));
        start += parts;
      }
      const edge = (y, text, at, anchor) => texts.push(label(at, y, text, { "text-anchor": anchor }));
      if (s.a) edge(middle + 5, "A", from - scale * r - 8, "end");
      if (s.b) edge(middle + 5, "B", from + scale * (d + q) + 8, "start");
      texts.push(label(1, top - 7, "everything that can happen: 1", { class: "dlw-small" }));
      words.replaceChildren(...texts);
      setAttr(el, "aria-label", said);
    },
  };
}

function view({ shapes }) {
  const picture = makePicture(), facts = factList();
  const [both, either, given] = ["Both, P(A ∩ B)", "At least one, P(A ∪ B)", "P(B | A)"].map((name) => facts.add(name));
  return {
    body: [picture.el, facts.el],
    shows(s) {
      const p = areas(s), fixed = p.low === p.high;
      const shown = decimal(p.both), spoken = `${shown}, from ${decimal(p.low)} to ${decimal(p.high)}`;
      return {
        a: { shown: decimal(20 * s.a) }, b: { shown: decimal(20 * s.b) },
        share: { shown, disabled: fixed, spoken: fixed ? `${shown}, the only one possible` : spoken },
      };
    },
    draw(s, width) {
      const p = areas(s), free = p.both === p.product;
      const between = (low, value, high) => `${decimal(low)} ≤ ${decimal(value)} ≤ ${decimal(high)}`;
      setText(shapes, free ? "independent" : p.both > p.product ? "they attract each other" : "they avoid each other");
      setText(both, `${between(p.low, p.both, p.high)}; the product P(A) P(B) is ${decimal(p.product)}`);
      setText(either, between(p.least, p.either, p.most));
      const [n, d] = lowest(p.both, 20 * s.a);
      setText(given, s.a ? `${d === 1 ? n : `${n}/${d}`}, beside P(B) = ${decimal(20 * s.b)}` : "not defined: A never happens");
      const words = `P(A) ${decimal(20 * s.a)}, P(B) ${decimal(20 * s.b)}: both ${decimal(p.both)}, at least one ${decimal(p.either)}, neither ${decimal(p.neither)}.`;
      if (width) picture.show(s, width, p, words);
      return words;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), view);
export default { render };

// Two events and their overlap: the view. All numbers come from model.js.
import { factList, setAttr, setText } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { label, px, svg } from "../kit/plot.js";
import { makeState } from "../kit/state.js";
import { PARTS, areas, circles, given } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const ROW = 24; // px: for a line of text
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
      const [discsHigh, bar] = width < 480 ? [172, 64] : [200, 44], height = discsHigh + bar + 2 * ROW, long = width - 2;
      const scale = Math.sqrt(long * bar), { r, q, d } = circles(s), top = discsHigh + ROW;
      set(el, { width, height, viewBox: `0 0 ${width} ${height}` });
      const left = Math.min(-r, d - q), right = Math.max(r, d + q);
      const from = width / 2 - (scale * (left + right)) / 2, middle = discsHigh / 2;
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
      texts.push(label(from - scale * r - 8, middle + 5, "A", { "text-anchor": "end" }), label(from + scale * (d + q) + 8, middle + 5, "B"));
      texts.push(label(1, top - 7, "everything that can happen: 1", { class: "dlw-small" }));
      words.replaceChildren(...texts);
      setAttr(el, "aria-label", said);
    },
  };
}

function view({ shapes }) {
  const picture = makePicture(), facts = factList();
  const [both, either, onA] = ["Both, P(A ∩ B)", "At least one, P(A ∪ B)", "P(B | A)"].map((name) => facts.add(name));
  return {
    body: [picture.el, facts.el],
    shows(s) {
      const p = areas(s), shown = decimal(p.both);
      return {
        a: { shown: decimal(20 * s.a) }, b: { shown: decimal(20 * s.b) },
        share: { shown, spoken: `${shown}, from ${decimal(p.low)} to ${decimal(p.high)}` },
      };
    },
    draw(s, width) {
      const p = areas(s), free = p.both === p.product;
      const between = (low, value, high) => `${decimal(low)} ≤ ${decimal(value)} ≤ ${decimal(high)}`;
      setText(shapes, free ? "independent" : p.both > p.product ? "they attract each other" : "they avoid each other");
      setText(both, `${between(p.low, p.both, p.high)}; P(A) P(B) = ${decimal(p.product)}`);
      setText(either, between(p.least, p.either, p.most));
      const [n, d] = given(s);
      setText(onA, `${d === 1 ? n : `${n}/${d}`}, beside P(B) = ${decimal(20 * s.b)}`);
      const words = `P(A) ${decimal(20 * s.a)}, P(B) ${decimal(20 * s.b)}: both ${decimal(p.both)}, at least one ${decimal(p.either)}, neither ${decimal(p.neither)}.`;
      if (width) picture.show(s, width, p, words);
      return words;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), view);
export default { render };

// Positional encoding: the view. All numbers come from model.js.
import { factList, fmt, setAttr, setText } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { dots, label, line, makePlot, px, svg, ticks } from "../kit/plot.js";
import { makeState } from "../kit/state.js";
import { curve, PLACES, rates, rounds, same, score } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const two = (v) => (Math.abs(v) < 0.005 ? "0.00" : v.toFixed(2)).replace("-", "−");
const long = (v) => fmt(Number(v.toPrecision(3)));

// A circle for each pair of columns, with a hand for each of the two places.
function makeClocks() {
  const rings = svg("path", { class: "dlw-rings" }), hands = ["i", "j"].map((k) => svg("path", { class: `dlw-hand-${k}` })), words = svg("g");
  const el = svg("svg", { role: "img", class: "dlw-clocks dlw-plot" }, rings, ...hands, words);
  return {
    el,
    show(s, width, said) {
      const all = rates(s), wide = width >= 560, each = wide ? 16 : 8, side = Math.min(width / each, wide ? 44 : 36), r = side / 2 - 4;
      const lines = Math.ceil(all.length / each), height = 20 + Math.max(lines, wide ? 1 : 2) * side;
      for (const [k, v] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) setAttr(el, k, v);
      const centre = (k) => [(k % each) * side + side / 2, 20 + Math.floor(k / each) * side + side / 2];
      setAttr(rings, "d", all.map((_, k) => { const [x, y] = centre(k); return `M${px(x - r)} ${px(y)}a${px(r)} ${px(r)} 0 1 0 ${px(2 * r)} 0a${px(r)} ${px(r)} 0 1 0 ${px(-2 * r)} 0`; }).join(""));
      [s.i, s.j].forEach((place, n) => setAttr(hands[n], "d", all.map((w, k) => {
        const [x, y] = centre(k);
        return line([[x, y], [x + r * Math.cos(w * place), y - r * Math.sin(w * place)]]);
      }).join("")));
      words.replaceChildren(label(0, 12, "one circle for two columns: i solid, j dashed"));
      setAttr(el, "aria-label", said);
    },
  };
}

function view({ shapes }) {
  const clocks = makeClocks(), plot = makePlot({ margin: [34, 10, 20, 34] });
  const [zero, way, points, here] = ["zero", "way", "points", "here"].map((kind) => plot.path(`dlw-${kind}`));
  const facts = factList(), [product, twin, round] = ["Score of i and j", "Same distance", "Once round"].map((name) => facts.add(name));
  return {
    body: [clocks.el, plot.el, facts.el],
    draw(s, width) {
      const values = curve(s), most = s.d / 2, [a, b] = same(s), [fast, slow] = rounds(s), at = score(s, s.i, s.j), apart = Math.abs(s.i - s.j);
      plot.scale(width || 640, 190, [-1, PLACES], [-1.1 * most, 1.1 * most]);
      plot.axes(ticks([0, PLACES - 1], 7), ticks([-most, most], 5, fmt), "place", "");
      plot.over.replaceChildren(label(34, 13, `score of place i = ${s.i} with every place`));
      const seen = values.map((v, p) => [plot.x(p), plot.y(v)]);
      setAttr(zero, "d", line([[plot.x(-1), plot.y(0)], [plot.x(PLACES), plot.y(0)]]));
      setAttr(way, "d", line(seen));
      setAttr(points, "d", dots(seen));
      setAttr(here, "d", dots([seen[s.j]]));
      setText(shapes, `places ${apart} apart`);
      setText(product, `${two(at)} of ${fmt(most)}, or ${two(at / most)}`);
      setText(twin, a === s.i ? "no other pair in this order" : `places ${a} and ${b}: ${two(score(s, a, b))}`);
      setText(round, s.d === 2 ? `${long(fast)} places` : `fastest pair ${long(fast)} places, slowest ${long(slow)}`);
      const words = `Places ${s.i} and ${s.j}, ${apart} apart, ${s.d} columns: score ${two(at)} of ${fmt(most)}.`;
      if (width) clocks.show(s, width, `Hands of ${most} circles. ${words}`);
      plot.name(`Score of place ${s.i} with every place. ${words}`);
      return words;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), view);
export default { render };

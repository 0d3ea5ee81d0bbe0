// Temperature, top-k and top-p: the view. All numbers come from model.js.
import { factList, setAttr, setText } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { label, makePlot, px, ticks } from "../kit/plot.js";
import { makeState } from "../kit/state.js";
import { look, textOf } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const BARS = 16, HEIGHT = 210;
const sign = (c) => ({ " ": "_", "\n": "¶" })[c] ?? c;
const named = (c) => ({ " ": "a space", "\n": "an end of line" })[c] ?? `“${c}”`;
const percent = (p) => (p > 0 && p < 0.0005 ? "under 0.1%" : `${(100 * p).toFixed(1)}%`);
const two = (v) => Math.abs(v).toFixed(2);

function view({ controls, shapes }) {
  const plot = makePlot({ margin: [38, 4, 20, 24], boxed: false });
  const [bars, frames] = ["fill", "frame"].map((kind) => plot.path(`dlw-bar-${kind}`));
  const facts = factList();
  const [stay, first, spread, far, drawn] = ["Stay", "Most likely", "Entropy", "From the model", "Forty draws"].map((name) => facts.add(name));
  return {
    top: ["text", "order", "heat", "most", "share"].map((key) => controls[key].el),
    body: [plot.el, facts.el],
    shows: (s) => ({ most: { shown: s.most === 61 ? "all" : String(s.most) }, share: { shown: s.share === 1 ? "all" : String(s.share) } }),
    draw(s, width) {
      const seen = look(s), { letters, own, p, number, mass } = seen, all = letters.length;
      const top = Math.max(p[0], own[0]), high = top > 0.5 ? 1 : top > 0.2 ? 0.5 : 0.2;
      plot.scale(width || 340, HEIGHT, [-0.5, BARS - 0.5], [0, high]);
      plot.axes(letters.slice(0, BARS).map((c, k) => [k, sign(c)]), ticks([0, high], 5, (v) => `${Math.round(100 * v)}%`));
      plot.over.replaceChildren(label(38, 12, "filled: drawn from; frame: the model"));
      const half = 0.4 * (plot.x(1) - plot.x(0));
      const box = (list) => list.slice(0, BARS).map((v, k) => (v > 0 ? `M${px(plot.x(k) - half)} ${plot.bottom}V${px(plot.y(v))}H${px(plot.x(k) + half)}V${plot.bottom}Z` : "")).join("");
      setAttr(bars, "d", box(p));
      setAttr(frames, "d", box(own));
      setText(shapes, `the ${BARS} likeliest of ${all} letters`);
      setText(stay, `${number} of ${all}, which had ${percent(mass)}`);
      setText(first, `${named(letters[0])}: ${percent(p[0])}, in the model ${percent(own[0])}`);
      setText(spread, `${two(seen.entropy)} nats, the model's ${two(seen.ownEntropy)}`);
      setText(far, `${two(seen.distance)} nats${s.heat === 1 ? " = −log of the kept mass" : ""}`);
      setText(drawn, seen.draws.map(sign).join(""));
      const words = `After “${textOf(s)}” ${number} of ${all} letters ${number === 1 ? "stays" : "stay"}, ${named(letters[0])} with ${percent(p[0])}; entropy ${two(seen.entropy)} nats, the model's ${two(seen.ownEntropy)}.`;
      plot.name(`Probabilities of letters. ${words}`);
      return words;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), view);
export default { render };

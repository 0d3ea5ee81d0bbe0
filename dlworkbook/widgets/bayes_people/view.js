// Ten thousand people and a test: the view. All numbers come from model.js.
import { factList, setAttr, setText } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { label, px, svg } from "../kit/plot.js";
import { makeState } from "../kit/state.js";
import { PEOPLE, odds, positives, posterior } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const SIDE = 200, BAR = 30, ROW = 20; // px
const count = (n, parts) => (n / parts).toLocaleString("en-US", { maximumSignificantDigits: n / parts < 1000 ? 4 : 6 });
const fraction = ([n, d]) => (d === 1 ? String(n) : `${n.toLocaleString("en-US")}/${d.toLocaleString("en-US")}`);
const ratio = ([n, d]) => `${n.toLocaleString("en-US")} : ${d.toLocaleString("en-US")}`;
const percent = ([n, d]) => `${((100 * n) / d).toFixed(1)}%`;
const OFTEN = ["", " twice", " three times"];
const set = (el, attrs) => { for (const [k, v] of Object.entries(attrs)) setAttr(el, k, px(v)); };

// Everybody as a square, carriers on the left, who tests positive filled from below; and below it
// those who test positive as one bar.
function makePicture() {
  const rect = (name) => svg("rect", { class: name });
  const [ill, found, alarmed, all, share, rest] = ["dlw-ill", "dlw-found", "dlw-alarmed", "dlw-all", "dlw-found", "dlw-alarmed"].map(rect);
  const words = svg("g");
  const el = svg("svg", { role: "img", class: "dlw-people dlw-plot" }, ill, found, alarmed, all, share, rest, words);
  return {
    el,
    show(s, width, p, worth, said) {
      const beside = width >= 520, top = ROW, from = beside ? SIDE + 40 : 1, long = width - from - 1;
      const bar = beside ? top + (SIDE - BAR) / 2 : top + SIDE + 2 * ROW, height = beside ? top + SIDE + 2 : bar + BAR + ROW;
      set(el, { width, height });
      setAttr(el, "viewBox", `0 0 ${width} ${height}`);
      const wide = Math.max(1.5, (SIDE * s.carriers) / PEOPLE), bottom = top + SIDE;
      const up = (SIDE * p.ill) / p.parts / s.carriers, across = (SIDE * p.healthy) / p.parts / (PEOPLE - s.carriers);
      set(all, { x: 1, y: top, width: SIDE, height: SIDE });
      set(ill, { x: 1, y: top, width: wide, height: SIDE });
      set(found, { x: 1, y: bottom - up, width: wide, height: up });
      set(alarmed, { x: 1 + wide, y: bottom - across, width: SIDE - wide, height: across });
      const part = worth ? (long * worth[0]) / worth[1] : 0;
      set(share, { x: from, y: bar, width: part, height: BAR });
      set(rest, { x: from + part, y: bar, width: worth ? long - part : 0, height: BAR });
      words.replaceChildren(
        label(1, top - 6, "all: carriers left, healthy right", { class: "dlw-small" }),
        label(from, bar - 7, worth ? `those who test positive${OFTEN[s.runs - 1]}, enlarged` : "nobody tests positive", { class: "dlw-small" }),
        label(from, bar + BAR + 15, worth ? `${percent(worth)} carriers` : "", { class: "dlw-small" }),
      );
      setAttr(el, "aria-label", said);
    },
  };
}

function view({ shapes }) {
  const picture = makePicture(), facts = factList();
  const [ill, healthy, worth, chances] = ["Carriers, positive", "Healthy, positive", "So a positive means carrier", "Odds"].map((name) => facts.add(name));
  return {
    body: [picture.el, facts.el],
    draw(s, width) {
      const p = positives(s), value = posterior(s), { before, factor, after } = odds(s);
      const often = OFTEN[s.runs - 1];
      setText(shapes, value ? `${percent(value)} of the positives are carriers` : "nobody tests positive");
      setText(ill, `${count(p.ill, p.parts)} of ${s.carriers.toLocaleString("en-US")}`);
      setText(healthy, `${count(p.healthy, p.parts)} of ${(PEOPLE - s.carriers).toLocaleString("en-US")}`);
      setText(worth, value ? `${fraction(value)} = ${percent(value)}` : "no value: nobody tests positive");
      setText(chances, value ? `${ratio(before)} times ${ratio(factor)} is ${ratio(after)}` : ratio(before));
      const words = value
        ? `${count(p.ill, p.parts)} carriers and ${count(p.healthy, p.parts)} healthy people test positive${often}: ${percent(value)} carriers.`
        : "Nobody tests positive.";
      if (width) picture.show(s, width, p, value, words);
      return words;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), view);
export default { render };

// Gates over a text: the view. All numbers come from model.js.
import { factList, setAttr, setText, slider } from "../kit/controls.js";
import { textField } from "../kit/field.js";
import { makeRender } from "../kit/frame.js";
import { makePlot, pick, px, svg } from "../kit/plot.js";
import { makeState } from "../kit/state.js";
import { CLASSES, H, run, SIGNS, verdict } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const SHOWN = {
  gru: { keep: "update gate z", write: "1 − z", side: "reset gate r", new: "candidate", memory: "state h" },
  lstm: { keep: "forget gate f", write: "input gate i", side: "output gate o", new: "candidate", memory: "cell c" },
};
const ROW = 17, two = (v) => (v > 0 && v < 0.005 ? v.toExponential(0).replace("e-", "·10⁻").replace(/⁻(\d+)$/, (_, n) => "⁻" + n.replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d])) : v.toFixed(2).replace("-", "−"));
const percent = (p) => `${(100 * p).toFixed(1)}%`;
const digit = (k) => (k === CLASSES - 1 ? "no digit" : String(k));
const signName = (c) => (c === " " ? "a space" : c);
const letters = (n) => `${n} sign${n === 1 ? "" : "s"}`;

// What is wrong with a typed text, in words; empty if nothing is.
function trouble(typed) {
  const strange = [...typed.toLowerCase()].find((c) => !SIGNS.includes(c));
  if (typed === "") return `The text is empty; it takes 1 to ${SETTINGS.most} signs`;
  if (strange !== undefined) return `The text holds “${strange}”; the cell knows a to z, digits and spaces`;
  return typed.length > SETTINGS.most ? `The text has ${typed.length} signs; ${SETTINGS.most} letters, digits or spaces fit in here` : "";
}
const TEXT = {
  check(v) {
    const wrong = typeof v === "string" ? trouble(v) : "text must be a text";
    if (wrong) throw new Error(wrong);
  },
  text: encodeURIComponent, parse: (v) => v.toLowerCase(),
};

function build({ controls, put, now, redraw, shapes, alertBox }) {
  const plot = makePlot({ margin: [18, 2, 4, 24], boxed: false });
  const column = svg("rect", { class: "dlw-column" });
  plot.over.append(column);
  const field = textField({ label: "Text, up to 32 signs", alertBox, redraw, means: (text, kept) => text.toLowerCase() === kept,
    take(text) { const wrong = trouble(text); if (!wrong) put({ text: text.toLowerCase(), step: SETTINGS.fields.step.to }); return wrong; } });
  const place = slider({ label: "Sign in view", min: 1, max: SETTINGS.most, room: "4.2em", set: (n) => put({ step: n - 1 }) });
  pick(plot, () => [...now().text].map((_, k) => k), (step) => put({ step }));
  const facts = factList();
  const [read, says, kept, since] = ["Read so far", "The network says", "Kept at this sign", "Kept since that digit"].map((term) => facts.add(term));
  let cells = [];

  function drawCells(s, steps, at, width) {
    const n = steps.length;
    plot.scale(width, H * ROW + 28, [-0.5, n - 0.5], [H + 0.5, 0.5]);
    plot.axes([...s.text].map((c, k) => [k, c === " " ? "␣" : c]), Array.from({ length: H }, (_, k) => [k + 1, String(k + 1)]));
    while (cells.length < n * H) { const cell = svg("rect"); plot.inside.append(cell); cells.push(cell); }
    while (cells.length > n * H) cells.pop().remove();
    const wide = plot.x(1) - plot.x(0), most = Math.max(1, ...steps.flatMap((one) => one[s.show].map(Math.abs)));
    steps.forEach((one, t) => one[s.show].forEach((v, k) => {
      const cell = cells[t * H + k];
      const look = { class: v < 0 ? "dlw-less-cells" : "dlw-more-cells", x: px(plot.x(t) - wide / 2 + 0.5), y: px(plot.y(k + 1) - ROW / 2 + 0.5),
        width: px(Math.max(1, wide - 1)), height: ROW - 1, "fill-opacity": (Math.abs(v) / most).toFixed(4), "data-v": v.toFixed(4) };
      for (const [name, value] of Object.entries(look)) setAttr(cell, name, value);
    }));
    for (const [name, value] of Object.entries({ x: px(plot.x(at) - wide / 2), y: plot.top - 1, width: px(wide), height: H * ROW + 2 })) setAttr(column, name, value);
  }

  return {
    top: [field.el, controls.cell.el, controls.show.el, controls.shift.el, place.el],
    body: [plot.el, facts.el],
    problem: () => field.said(),
    before(changes, isReset) { if (isReset) field.forget(); return changes; },
    shows: (s) => ({ shift: { shown: String(s.shift).replace("-", "−") } }),
    draw(s, width) {
      const steps = run(s), v = verdict(s, steps), { at } = v, n = steps.length, { keep } = steps[at], name = SHOWN[s.cell][s.show];
      field.draw(s.text);
      place.draw(at + 1, { max: n, shown: `${at + 1}, ${s.text[at] === " " ? "␣" : s.text[at]}`, spoken: `sign ${at + 1} of ${n}, ${signName(s.text[at])}` });
      drawCells(s, steps, at, width || 330);
      const ago = at - v.place, right = v.due === v.said;
      const title = `${s.cell.toUpperCase()}, ${name}`;
      setText(shapes, title);
      setText(read, v.place < 0 ? "no digit" : `${v.due} last, ${ago ? `${letters(ago)} ago` : "just now"}`);
      setText(says, `${digit(v.said)}, with ${percent(v.sure)}: ${right ? "right" : "wrong"}`);
      const mean = (list) => list.reduce((a, b) => a + b) / H, span = (list) => `${two(Math.min(...list))} to ${two(Math.max(...list))}`;
      setText(kept, `${span(keep)}, on average ${two(mean(keep))} (${s.cell === "gru" ? "z" : "f"} of the 8 units)`);
      setText(since, v.place < 0 ? "there is none" : ago ? `${span(v.since)}: the product of ${ago === 1 ? "one gate" : `${ago} gates`}, unit by unit` : "it has only just come");
      const words = `${title}. Sign ${at + 1} of ${n}, ${signName(s.text[at])}: the last digit is ${digit(v.due)}, the network says ${digit(v.said)} with ${percent(v.sure)}, ${right ? "right" : "wrong"}.`;
      plot.name(`8 units at each of ${letters(n)}. ${words}`);
      return words;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS, { text: TEXT }), build);
export default { render };

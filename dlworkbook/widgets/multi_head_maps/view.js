// Attention maps of a real encoder: the view. All numbers come from model.js.
import { factList, setAttr, setText, slider } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { px, svg } from "../kit/plot.js";
import { makeState } from "../kit/state.js";
import { at, map, places, received, toCls, tokens, without } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const percent = (p) => `${(100 * p).toFixed(1)}%`;
const whole = (p) => `${Math.round(100 * p)}`;
const set = (el, look) => { for (const [name, value] of Object.entries(look)) setAttr(el, name, value); };
const TOP = 58;

// A row for each token: its name, its weights, and bars for what goes to and comes from the one in view.
function makePicture(choose) {
  const column = svg("rect", { class: "dlw-frame-at" }), row = svg("rect", { class: "dlw-frame-at" }), heads = [svg("text"), svg("text")];
  const el = svg("svg", { role: "img", class: "dlw-plot dlw-pick" }, column, row, ...heads);
  const made = { cell: [], name: [], top: [], bar: [], value: [] };
  let pitch = 1, shown = [];
  const need = (kind, n, make) => {
    while (made[kind].length < n) { const one = make(); made[kind].push(one); el.insertBefore(one, column); }
    while (made[kind].length > n) made[kind].pop().remove();
    return made[kind];
  };
  el.addEventListener("click", (e) => {
    const k = Math.floor((e.clientY - el.getBoundingClientRect().top - TOP) / pitch);
    if (k >= 0 && k < shown.length) choose(shown[k]);
  });
  return {
    el,
    draw(s, width, words, rows, here, said) {
      const n = words.length, wide = width >= 560, left = wide ? 70 : 56;
      const room = wide ? 130 : 46, each = Math.max(2, Math.min(24, Math.floor((width - left - 2 * room) / 12)));
      const x0 = left, x1 = x0 + n * each + (wide ? 18 : 8), label = wide ? 54 : 28, long = Math.min(room, (width - x1) / 2) - label;
      pitch = Math.max(20, each);
      shown = places(s);
      const y = (i) => TOP + i * pitch, bars = [x1, x1 + long + label];
      set(el, { width, height: TOP + 12 * pitch + 4, viewBox: `0 0 ${width} ${TOP + 12 * pitch + 4}`, "aria-label": said });
      need("cell", n * n, () => svg("rect", { class: "dlw-cell" })).forEach((one, k) => {
        const i = Math.floor(k / n), j = k % n;
        set(one, { x: px(x0 + j * each), y: px(y(i)), width: each - 1, height: pitch - 1, "fill-opacity": rows[i][j].toFixed(4), "data-v": rows[i][j].toFixed(4) });
      });
      need("name", n, () => svg("text", { "text-anchor": "end" })).forEach((one, i) => {
        set(one, { x: left - 5, y: px(y(i) + pitch / 2 + 4), class: i === here ? "dlw-here" : "" });
        setText(one, words[i]);
      });
      need("top", n, () => svg("text")).forEach((one, j) => {
        set(one, { transform: `translate(${px(x0 + j * each + each / 2 + 4)} ${TOP - 5}) rotate(-90)`, class: j === here ? "dlw-here" : "" });
        setText(one, words[j]);
      });
      const both = [rows[here], rows.map((r) => r[here])];
      need("bar", 2 * n, () => svg("rect")).forEach((one, k) => {
        const side = k < n ? 0 : 1, v = both[side][k % n];
        set(one, { class: side ? "dlw-bar-from" : "dlw-bar-to", x: px(bars[side]), y: px(y(k % n) + 3), width: px(Math.max(0.5, v * long)), height: pitch - 7, "data-v": v.toFixed(4) });
      });
      need("value", 2 * n, () => svg("text")).forEach((one, k) => {
        const side = k < n ? 0 : 1, v = both[side][k % n];
        set(one, { x: px(bars[side] + v * long + 3), y: px(y(k % n) + pitch / 2 + 4) });
        setText(one, wide ? percent(v) : whole(v));
      });
      heads.forEach((one, side) => {
        set(one, { x: px(bars[side]), y: TOP - 20 });
        setText(one, wide ? (side ? `who looks at “${words[here]}”` : `where “${words[here]}” looks`) : side ? "from, %" : "to, %");
      });
      set(row, { x: px(x0 - 1), y: px(y(here) - 1), width: n * each + 1, height: pitch + 1 });
      set(column, { x: px(x0 + here * each - 1), y: TOP - 1, width: each + 1, height: n * pitch + 1 });
    },
  };
}

function view({ controls, put, shapes }) {
  const picture = makePicture((token) => put({ token })), facts = factList();
  const [most, gets, parked, silent] = ["Looks most at", "Looked at", "Words to [CLS]", "Silenced"].map((term) => facts.add(term));
  const word = slider({ label: "Word", min: 0, max: 11, room: SETTINGS.fields.token.room, set: (token) => put({ token }) });
  return {
    top: [controls.sentence.el, controls.layer.el, controls.head.el, word.el, controls.special.el],
    body: [picture.el, facts.el],
    shows: (s) => ({ head: { shown: s.head ? String(s.head) : "mean", spoken: s.head ? `head ${s.head}` : "mean of the 12 heads" } }),
    draw(s, width) {
      const words = tokens(s), rows = map(s), here = at(s), n = words.length, seen = places(s), which = s.head ? `head ${s.head}` : "mean of 12 heads";
      const order = rows[here].map((v, j) => [v, j]).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
      const best = order.slice(0, 3).map(([v, j]) => `${words[j]} ${percent(v)}`).join(", ");
      word.draw(seen[here], { max: seen[n - 1], shown: words[here], spoken: `${words[here]}, token ${seen[here]}` });
      setText(shapes, `block ${s.layer}, ${which}`);
      setText(most, best);
      setText(gets, `${percent(received(s)[here])} of all attention is for “${words[here]}”; even: ${percent(1 / n)}`);
      setText(parked, `${percent(toCls(s))} of their attention, on average`);
      setText(silent, `without ${s.head ? "this head" : "all 12 heads"} the words' last vectors move by ${percent(without(s))} of their length`);
      const said = `Block ${s.layer}, ${which}${s.special ? ", special tokens left out" : ""}: “${words[here]}” looks most at ${best}.`;
      picture.draw(s, width || 640, words, rows, here, `Map of ${n} tokens, with bars for the token in view. ${said}`);
      return said;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), view);
export default { render };

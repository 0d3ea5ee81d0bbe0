// Huffman's tree: the view. All numbers come from model.js.
import { factList, setAttr, setText } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { label, px, svg } from "../kit/plot.js";
import { makeState, nameOf } from "../kit/state.js";
import { WORDS, above, codes, counts, entropy, level, mean, sums, way } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const LEVEL = 54, TOP = 22, DISC = 16; // px
const name = (k) => nameOf(SETTINGS, "word", k);
const three = (v) => v.toFixed(3);

// Where each node stands: leaves side by side from left to right, a node above its two branches.
function places(s, width) {
  const up = above(s), root = 2 * WORDS - 2, at = [];
  let leaf = 0;
  const put = (node, depth) => {
    const under = [0, 1].map((bit) => up.findIndex(([of, side]) => of === node && side === bit));
    if (node < WORDS) at[node] = [((leaf++ + 0.5) / WORDS) * width, TOP + depth * LEVEL];
    else {
      under.forEach((k) => put(k, depth + 1));
      at[node] = [(at[under[0]][0] + at[under[1]][0]) / 2, TOP + depth * LEVEL];
    }
  };
  put(root, 0);
  return at;
}

function makePicture() {
  const [edges, taken] = ["dlw-edge", "dlw-taken"].map((kind) => svg("path", { class: kind })), discs = svg("g"), words = svg("g");
  const el = svg("svg", { role: "img", class: "dlw-tree dlw-plot" }, edges, taken, discs, words);
  return {
    el,
    show(s, width, said) {
      const up = above(s), at = places(s, width), height = TOP + 4 * LEVEL + 46;
      const all = sums(s), code = codes(s), on = new Set(way(s, s.word));
      for (const [k, v] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) setAttr(el, k, v);
      const edge = (k) => `M${at[up[k][0]].map(px).join(" ")}L${at[k].map(px).join(" ")}`;
      const drawn = up.map((_, k) => k);
      setAttr(edges, "d", drawn.filter((k) => !on.has(k)).map(edge).join(""));
      setAttr(taken, "d", drawn.filter((k) => on.has(k)).map(edge).join(""));
      discs.replaceChildren(...at.slice(WORDS).map(([x, y]) => svg("circle", { cx: px(x), cy: px(y), r: DISC })));
      const middle = (x, y, text, kind) => label(x, y, text, { "text-anchor": "middle", class: kind });
      words.replaceChildren(
        ...at.slice(WORDS).map(([x, y], k) => middle(x, y + 5, all[WORDS + k], "dlw-sum")),
        ...counts(s).flatMap((n, k) => [middle(at[k][0], at[k][1] + 14, name(k), "dlw-word"), middle(at[k][0], at[k][1] + 29, n, "dlw-count"), middle(at[k][0], at[k][1] + 44, code[k], "dlw-code")]),
        ...drawn.map((k) => {
          const [x, y] = at[k], [u, v] = at[up[k][0]], off = 12 / Math.hypot(x - u, y - v); // beside its line, not on it
          return middle((x + u) / 2 + Math.sign(x - u) * (y - v) * off, (y + v) / 2 - Math.abs(x - u) * off + 4, up[k][1], "dlw-bit");
        }),
      );
      setAttr(el, "aria-label", said);
    },
  };
}

function view({ shapes }) {
  const picture = makePicture(), facts = factList();
  const [long, least, even, start] = ["Mean way", "Entropy", "A level tree", "With all scores 0"].map((text) => facts.add(text));
  return {
    body: [picture.el, facts.el],
    shows: (s) => Object.fromEntries(["a", "b", "c", "d", "e"].map((k) => [k, { shown: String(s[k]) }])),
    draw(s, width) {
      const code = codes(s), own = code[s.word], all = counts(s).reduce((x, y) => x + y);
      setText(long, `${three(mean(s))} questions`);
      setText(least, `${three(entropy(s))} bits`);
      setText(even, `${three(level(s))} questions`);
      setText(start, `'${name(s.word)}' has ${+(0.5 ** own.length).toFixed(4)}; its share is ${three(counts(s)[s.word] / all)}`);
      setText(shapes, `'${name(s.word)}' takes ${own.length} ${own.length === 1 ? "question" : "questions"}`);
      const words = `Codes: ${code.map((text, k) => `${name(k)} ${text}`).join(", ")}; mean ${three(mean(s))}, entropy ${three(entropy(s))} bits.`;
      if (width) picture.show(s, width, words);
      return words;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), view);
export default { render };

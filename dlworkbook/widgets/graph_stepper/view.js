// The graph of an expression in steps: the view. All numbers come from model.js.
import { button, factList, h, scrollStop, setAttr, setText, textBox } from "../kit/controls.js";
import { textField } from "../kit/field.js";
import { makeRender } from "../kit/frame.js";
import { makePlayer } from "../kit/player.js";
import { label, line, px, svg } from "../kit/plot.js";
import { makeState } from "../kit/state.js";
import { BRANCHING, layout, longNames, num, remark, seen, textsOf, titleOf, valuesFor, work } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const [WIDE, HIGH] = [90, 56], LINES = ["value ", "grad "];
const texts = {
  check(v, key) { if (typeof v !== "string" || v.length > 500) throw new Error(`${key} must be text of at most 500 characters`); },
  text: encodeURIComponent, parse: (v) => v,
};
const base = makeState(SETTINGS, { expression: texts, values: texts });
const STATE = { ...base, decode(text) { const s = base.decode(text); work(s); return s; } };

// What a step did, in words.
const sumOf = (parts) => `${parts.map((p) => num(p.up * p.local)).join(" + ")}${parts.length > 1 ? ` = ${num(parts.reduce((t, p) => t + p.up * p.local, 0))}` : ""}`;
function sentence(all, step) {
  const { nodes, steps } = all, { kind, to, from, slot } = steps[step], node = nodes[to], { parts, grads } = seen(all, step);
  const word = longNames(all.letters)[0];
  if (kind === "inputs") return `Only the inputs have values. Forward: each operation takes the values that lead to it.${word ? ` Here ${word} is one name; a product is written ${[...word].join("*")}.` : ""}`;
  if (kind === "forward") {
    const x = node.from.map((k) => nodes[k].value), v = x.map((a) => (a < 0 ? `(${num(a)})` : num(a)));
    const sum = node.tree.type === "binary" ? v.join(` ${titleOf(node)} `) : node.op === "neg" ? `−${v[0]}` : `${node.op}(${x.map(num).join(", ")})`;
    return `Forward: ${sum} = ${num(node.value)}.${node.needs ? ` ${remark(node.op, x, node.from.map((k) => nodes[k].needs))}`.trimEnd() : ""}`;
  }
  if (kind === "seed") return `The result is ${num(node.value)}. Backward begins here: its derivative by itself is 1.`;
  const { up, local } = parts[from].at(-1), several = parts[from].length > 1;
  const input = node.from.length > 1 ? ` ${slot + 1}` : "";
  return `Backward from ${titleOf(node)} to its input${input}, ${titleOf(nodes[from])}: ${num(up)} from above × ${num(local)} here = ${num(up * local)}.`
    + (several ? ` At ${titleOf(nodes[from])} they add: ${sumOf(parts[from])}.` : grads[from] === 0 && local === 0 ? " Nothing flows on." : "");
}

function makePicture() {
  const edges = svg("g"), boxes = svg("g"), over = svg("g"), el = svg("svg", { role: "img", class: "dlw-plot" }, edges, boxes, over);
  const box = h("div", { class: "dlw-scroll" }, el);
  scrollStop(box, { "aria-label": "the graph" });
  return {
    el: box,
    show(all, step, width, said) {
      const { rows, ways, deep, most } = layout(all), { has, grads, parts } = seen(all, step), { nodes, steps } = all;
      const now = steps[step], tall = width < 520, across = tall ? most : deep + 1, down = tall ? deep + 1 : most;
      // Levels from left to right, on a phone from top to bottom.
      const pitch = Math.max(WIDE + (tall ? 8 : 30), Math.min(WIDE + 64, across > 1 ? (width - WIDE - 8) / (across - 1) : 0));
      const drop = HIGH + (tall ? 30 : 16), room = Math.max(width - 2, (across - 1) * pitch + WIDE + 8), high = (down - 1) * drop + HIGH + 8;
      const x0 = room / 2, place = (level, row) => (tall ? [x0 + row * pitch, 4 + HIGH / 2 + level * drop] : [x0 + (level - deep / 2) * pitch, high / 2 + row * drop]);
      for (const [k, v] of Object.entries({ width: room, height: high, viewBox: `0 0 ${px(room)} ${high}`, "aria-label": said })) setAttr(el, k, v);
      const lines = [], marks = [], made = [];
      nodes.forEach((node, n) => {
        node.from.forEach((k, slot) => {
          const points = [place(nodes[k].level, rows[k]), ...(ways.get(`${n} ${slot}`) ?? []).map(([l, r]) => place(l, r)), place(node.level, rows[n])];
          const twice = node.from.indexOf(k) !== node.from.lastIndexOf(k) ? (slot - (node.from.length - 1) / 2) * 16 : 0;
          for (const p of points) p[tall ? 0 : 1] += twice;
          const [side, half] = tall ? [1, HIGH / 2] : [0, WIDE / 2];
          points[0][side] += half;
          points.at(-1)[side] -= half;
          const current = (now.kind === "forward" && now.to === n) || (now.kind === "back" && now.to === n && now.slot === slot);
          const back = steps.slice(0, step + 1).some((t) => t.kind === "back" && t.to === n && t.slot === slot);
          const cut = has[n] && node.needs && BRANCHING.includes(node.op) && nodes[k].needs && node.local[slot] === 0;
          lines.push(svg("path", { d: line(points), class: ["dlw-edge", back && "dlw-back", cut && "dlw-cut", current && "dlw-at"].filter(Boolean).join(" ") }));
          const [p, q] = points.slice(-2);
          if (current && now.kind === "back") marks.push(label((p[0] + q[0]) / 2, (p[1] + q[1]) / 2 + 4, `×${num(node.local[slot])}`, { "text-anchor": "middle", class: "dlw-tag" }));
        });
        const [x, y] = place(node.level, rows[n]), lit = now.to === n || now.from === n;
        const rest = [has[n] ? `${LINES[0]}${num(node.value)}` : "", parts[n].length ? `${LINES[1]}${num(grads[n])}` : ""].filter(Boolean);
        const input = !node.from.length && !node.needs; // a number is its own value
        made.push(svg("g", { class: ["dlw-node", lit && "dlw-at", node.needs || "dlw-fixed"].filter((c) => c && c !== true).join(" ") },
          svg("rect", { x: px(x - WIDE / 2), y: px(y - HIGH / 2), width: WIDE, height: HIGH, rx: 8 }),
          label(x, y + (input ? 5 : -12), titleOf(node), { "text-anchor": "middle", class: "dlw-title-of" }),
          ...(input ? [] : rest.map((text, k) => label(x, y + 5 + 16 * k, text, { "text-anchor": "middle", class: k ? "dlw-grad" : null })))));
      });
      edges.replaceChildren(...lines);
      boxes.replaceChildren(...made);
      over.replaceChildren(...marks);
    },
  };
}

function view({ controls, put, now, reset, shapes, alertBox, redraw }) {
  const picture = makePicture(), words = textBox(), facts = factList(), derivatives = facts.add("Derivatives");
  let all = null, drawn = "";
  // Takes new texts if they can be worked with; returns what is wrong otherwise.
  function attempt(changes) {
    try { work({ ...now(), ...changes }); } catch (error) { return error.message; }
    player.stop();
    put({ ...changes, step: 0 });
    return "";
  }
  function typed(text) {
    try {
      const values = valuesFor(text, textsOf(now())[1]);
      const wrong = attempt({ expression: text.trim(), values });
      if (!wrong) given.forget();
      return wrong;
    } catch (error) { return error.message; }
  }
  const expression = textField({ label: "Expression", alertBox, redraw, take: typed });
  const given = textField({ label: "Values", alertBox, redraw, take: (text) => attempt({ values: text.trim() || " " }) });
  const at = () => Math.min(now().step, all.steps.length - 1);
  const player = makePlayer({ label: "Step", ms: 1100, done: () => put({}), go: (step) => put({ step }) });
  const move = (by) => { player.stop(); put({ step: Math.max(0, Math.min(all.steps.length - 1, at() + by)) }); };
  const back = button("Back", () => move(-1)), next = button("Next", () => move(1));
  return {
    top: [expression.el, given.el],
    body: [picture.el, h("div", { class: "dlw-steps" }, back, next, player.el), words.el, facts.el],
    side: [controls.example.el],
    buttons: [reset],
    player,
    problem() {
      const used = textsOf(now()).join(" with ");
      return expression.said(used) || given.said(used);
    },
    before(changes, isReset) {
      if (!isReset && !("example" in changes)) return changes;
      player.stop();
      expression.forget();
      given.forget();
      return isReset ? changes : { ...changes, expression: "", values: "", step: 0 };
    },
    draw(s, width) {
      const { step: _, ...rest } = s, key = JSON.stringify(rest);
      if (key !== drawn) { drawn = key; all = work(s); }
      const step = at(), { grads, parts } = seen(all, step), said = sentence(all, step), { nodes, letters, steps } = all;
      const [text, values] = textsOf(s), kind = steps[step].kind;
      expression.draw(text);
      given.draw(values);
      player.draw(step, steps.length);
      for (const [b, off] of [[back, step === 0], [next, step === steps.length - 1]]) if (b.disabled !== off && document.activeElement !== b) b.disabled = off;
      setText(shapes, { inputs: "before the first step", forward: "forward", seed: "backward begins", back: "backward" }[kind]);
      setText(words.inner, said);
      const list = letters.map((name) => { const n = nodes.findIndex((node) => !node.from.length && node.tree.name === name); return `by ${name}: ${grads[n] === null ? "not yet" : sumOf(parts[n])}`; });
      setText(derivatives, list.join("; "));
      if (width) picture.show(all, step, width, `Graph of ${text}. ${said}`);
      return player.playing() ? "" : `Step ${step + 1} of ${steps.length}. ${said}`;
    },
  };
}

const render = makeRender(SETTINGS, STATE, view);
export default { render };

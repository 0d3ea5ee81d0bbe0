// Broadcasting: the view. All numbers come from model.js.
import { factList, h, setAttr, setText, slider, textBox } from "../kit/controls.js";
import { textField } from "../kit/field.js";
import { makeRender } from "../kit/frame.js";
import { label, px, svg } from "../kit/plot.js";
import { makeState } from "../kit/state.js";
import { align, bytes, checkShape, drawn, flat, isWhole, padded, readShape, resultOf, sizeText, source, total, unit, unravel } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const GAP = 0.6, HEAD = 22, WIDE = 30; // between tables, in cells; px above each; px of a cell
const tuple = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
const placeIn = (name, at) => name + (at.length ? `[${at.join(", ")}]` : "");
const across = ([, q, , c]) => q * c + Math.max(q - 1, 0) * GAP, down = ([p, , r]) => p * r + Math.max(p - 1, 0) * GAP;
const entryOf = (s, result) => Math.min(s.entry, Math.max(total(result) - 1, 0));

// The three shapes below each other, flush right.
function makeTable() {
  const el = h("table", { class: "dlw-lengths" });
  return {
    el,
    draw(axes, fits) {
      const cell = ({ pair, length, repeats }, who) => (repeats[who] ? `${pair[who] ?? "none"} → ${length}` : String(pair[who] ?? "–"));
      const row = (name, texts, kind) => h("tr", {}, h("th", { scope: "row" }, name), ...texts.map((t, k) => h("td", { class: kind(axes[k]) }, t)));
      el.replaceChildren(
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "axis"), ...axes.map((_, k) => h("th", { scope: "col" }, `−${axes.length - k}`)))),
        h("tbody", {}, ...["A", "B"].map((name, who) => row(name, axes.map((x) => cell(x, who)), (x) => (!x.fits ? "dlw-clash" : x.repeats[who] ? `dlw-repeats-${who}` : null))),
          row(fits ? "A + B" : "no A + B", axes.map((x) => (x.fits ? x.length : "clash")), (x) => (x.fits ? "dlw-sum" : "dlw-clash"))));
    },
  };
}

// Tables of cells: the last two axes are rows and columns, the two before lay tables side by side
// and below each other. A cell that broadcasting only pretends to have is dashed.
function makePicture(choose) {
  const cells = svg("g"), marks = [0, 1, 2, 3, 4].map((n) => svg("rect", { class: n < 2 ? "dlw-source" : "dlw-place" }));
  const el = svg("svg", { role: "img", class: "dlw-plot dlw-tables" }, cells, ...marks);
  el.addEventListener("pointerdown", (e) => { if (e.target.dataset.n) choose(Number(e.target.dataset.n)); });
  let places = [], size = WIDE;
  return {
    el,
    // blocks: { kind, name, own, as (four lengths), text(at) or null }
    build(blocks, width) {
      const wide = blocks.map((b) => across(b.as)), room = blocks.map((b) => b.name.length * 6.6);
      const beside = Math.min(WIDE, (width - 2 * 24) / wide.reduce((x, y) => x + y, 0));
      const inRow = beside >= 21 && blocks.reduce((sum, b, n) => sum + Math.max(beside * wide[n], room[n]) + 24, -24) <= width;
      size = inRow ? beside : Math.min(WIDE, width / Math.max(1, ...wide));
      // Numbers, if the longest one finds room.
      const spelt = blocks.map(({ as, text }) => (text ? Array.from({ length: as.reduce((a, b) => a * b, 1) }, (_, k) => text(unravel(k, as))) : []));
      const longest = Math.max(0, ...spelt.flat().map((t) => t.length)), written = longest && size >= 6.4 * longest + 5;
      let x = 1, y = 0, lowest = 0;
      const made = [];
      places = blocks.map(({ kind, name, own, as, text }, n) => {
        const corner = [x, y + HEAD];
        const spot = ([p, q, r, c]) => [corner[0] + size * (q * (as[3] + GAP) + c), corner[1] + size * (p * (as[2] + GAP) + r)];
        made.push(label(x, y + 14, name, { class: "dlw-tag" }));
        const number = as.reduce((a, b) => a * b, 1);
        for (let k = 0; k < number; k++) {
          const at = unravel(k, as), [left, top] = spot(at);
          const ghost = at.some((i, j) => i > 0 && own[j] === 1);
          made.push(svg("rect", { x: px(left + 1), y: px(top + 1), width: px(size - 2), height: px(size - 2), class: `dlw-${kind}${ghost ? " dlw-ghost" : ""}`, "data-n": kind === "sum" && text ? k : null }));
          if (written) made.push(label(left + size / 2, top + size / 2 + 4, spelt[n][k], { "text-anchor": "middle", class: ghost ? "dlw-faint" : null }));
        }
        lowest = Math.max(lowest, corner[1] + size * down(as));
        if (inRow) x += Math.max(size * wide[n], room[n]) + 24;
        else y = lowest + 8;
        return spot;
      });
      cells.replaceChildren(...made);
      for (const [k, v] of Object.entries({ width, height: px(lowest + 3), viewBox: `0 0 ${width} ${px(lowest + 3)}` })) setAttr(el, k, v);
    },
    // The entry of the sum, where it stands in A and B, and the entries that are read: [block, place].
    mark(list) {
      marks.forEach((mark, n) => {
        mark.style.display = list[n] ? "" : "none";
        if (!list[n]) return;
        const [x, y] = places[list[n][0]](list[n][1]);
        for (const [k, v] of Object.entries({ x, y, width: size, height: size })) setAttr(mark, k, px(v));
      });
    },
    name(text) { setAttr(el, "aria-label", text); },
  };
}

const wordsOf = (shape) => shape.join(", ");
// Whether a text stands for the shape that is kept: "(3, 1)" may stay for 3, 1.
function meansShape(text, kept) {
  try { return wordsOf(readShape(text)) === kept; } catch { return false; }
}

function reasons(axes) {
  const name = (k) => `axis −${axes.length - k}`, clash = [], repeated = [];
  axes.forEach(({ pair: [m, n], fits, repeats }, k) => {
    if (!fits) clash.push(`at ${name(k)}, ${m} meets ${n}, and neither is 1`);
    else if (repeats.some(Boolean)) repeated.push(`${repeats[0] ? "A" : "B"} is repeated along ${name(k)}`);
  });
  if (clash.length) return `No result: ${clash.join("; ")}.`;
  return repeated.length ? `${repeated.join(", ")}.` : "Nothing is repeated.";
}

function view({ controls, put, shapes, now, redraw, alertBox }) {
  const fields = ["a", "b"].map((key) => textField({ label: `Shape of ${key.toUpperCase()}`, alertBox, redraw, means: meansShape,
    take(text) {
      try { put({ [key]: readShape(text) }); } catch (error) { return `${key.toUpperCase()}: ${error.message}`; }
      return "";
    } }));
  const entry = slider({ label: "Entry of A + B", min: 0, max: 11, room: "2.4em", set: (n) => put({ entry: n }) });
  const table = makeTable(), picture = makePicture((n) => put({ entry: n })), work = textBox(), facts = factList();
  const [memA, memB, memSum] = ["A", "B", "A + B"].map((name) => facts.add(name));
  let built = "";

  function rebuild(s, axes, result, width) {
    const whole = isWhole(result ?? []) && isWhole(s.a) && isWhole(s.b), by = unit(s.b), caption = (name, own) => (whole ? `${name} ${tuple(own)}` : `${name}, in part`);
    const read = (own, factor) => (at) => String(factor * flat(source(at, own), own));
    const block = (kind, name, own, factor) => ({ kind, name: caption(name, own), own: padded(own), as: drawn(result ?? own), text: whole ? read(own, factor) : null });
    const blocks = [block("a", "A", s.a, by), block("b", "B", s.b, 1)];
    if (result) blocks.push({ kind: "sum", name: caption("A + B", result), own: padded(result), as: drawn(result),
      text: whole ? (at) => String(+blocks[0].text(at) + +blocks[1].text(at)) : null });
    picture.build(blocks, width);
    table.draw(axes, result);
    const copies = (own) => {
      const held = `${sizeText(bytes(own, s.dtype))} for ${total(own).toLocaleString("en")} ${total(own) === 1 ? "entry" : "entries"}`;
      return result && String(own) !== String(result) ? `${held}; copied out to ${tuple(result)} it would take ${sizeText(bytes(result, s.dtype))}` : held;
    };
    setText(memA, copies(s.a));
    setText(memB, copies(s.b));
    setText(memSum, result ? copies(result) : "does not exist");
    setText(shapes, `${tuple(s.a)} + ${tuple(s.b)} ${result ? `→ ${tuple(result)}` : "has no result"}`);
  }
  // One entry: which two are added. Only where all of it is drawn.
  function sum(s, result) {
    if (![s.a, s.b, ...(result ? [result] : [])].every(isWhole)) return [" Only the beginning of long axes is drawn.", []];
    if (!result || !total(result)) return ["", []];
    const at = unravel(entryOf(s, result), result), from = [s.a, s.b].map((own) => source(at, own));
    const [m, n] = [unit(s.b) * flat(from[0], s.a), flat(from[1], s.b)], spot = (place) => [...padded([]).slice(place.length).fill(0), ...place];
    const list = [...from.map((place, who) => [who, spot(place)]), ...[0, 1, 2].map((who) => [who, spot(at)])];
    return [` ${placeIn("(A + B)", at)} = ${placeIn("A", from[0])} + ${placeIn("B", from[1])} = ${m} + ${n} = ${m + n}.`, list];
  }

  return {
    top: [...fields.map((f) => f.el), controls.dtype.el, entry.el],
    body: [table.el, picture.el, work.el, facts.el],
    problem: () => fields.map((f, n) => f.said(tuple([now().a, now().b][n]))).filter(Boolean).join(" "),
    before(changes, isReset) { if (isReset) fields.forEach((f) => f.forget()); return changes; },
    draw(s, width) {
      const axes = align(s.a, s.b), result = resultOf(s.a, s.b), state = JSON.stringify([s.a, s.b, s.dtype, width]);
      if (built !== state) { built = state; rebuild(s, axes, result, width || 600); }
      fields.forEach((f, n) => f.draw(wordsOf([s.a, s.b][n])));
      const [words, list] = sum(s, result), last = list.length ? total(result) - 1 : 0;
      entry.draw(list.length ? entryOf(s, result) : 0, { max: last, disabled: last === 0 });
      picture.mark(list);
      const said = reasons(axes) + words;
      setText(work.inner, said);
      picture.name(`Tables of A and B as they are read, and of A + B. ${said}`);
      return `${said} Memory of A + B: ${memSum.textContent}.`;
    },
  };
}

const shape = { check: checkShape, text: (v) => v.join("x"), parse: readShape };
const render = makeRender(SETTINGS, makeState(SETTINGS, { a: shape, b: shape }), view);
export default { render };

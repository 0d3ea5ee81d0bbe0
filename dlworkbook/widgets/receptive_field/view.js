// Shapes and receptive fields of a stack of layers: the view. All numbers come from model.js.
import { h, scrollStop, setAttr, setText, slider, textBox } from "../kit/controls.js";
import { textField } from "../kit/field.js";
import { lowest } from "../kit/fraction.js";
import { makeRender } from "../kit/frame.js";
import { label, px, svg } from "../kit/plot.js";
import { makeState } from "../kit/state.js";
import { chosen, fields, stack, textOf, total } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const TEXT = {
  check(v) {
    if (typeof v !== "string" || v.length > 500) throw new Error("layers must be a text of at most 500 characters");
    if (v) stack(v, false);
  },
  text: encodeURIComponent, parse: (v) => v,
};
const LEFT = 62, ROW = 26, BAR = 18;
const big = (v) => String(v).replace(/\B(?=(\d{3})+$)/g, ",");
// The jump of a row: whole, or a fraction behind transposed convolutions.
function jumpText(rows, l) {
  const ups = rows.slice(0, l + 1).reduce((all, r) => all * (r.kind === "up" ? r.s : 1), 1), [n, d] = lowest(Math.round(rows[l].jump * ups), ups);
  return d === 1 ? String(n) : `${n}/${d}`;
}
const several = (n, what) => `${big(n)} ${what}${n === 1 ? "" : "s"}`;

// What the marked unit sees, in words.
function sentence(rows, at, unit, seen) {
  const { kind, k, n, field } = rows[at], side = rows[0].n, first = seen[0], last = seen[seen.length - 1];
  const who = kind === "fc" ? `Each unit of ${rows[at].name}` : n === 1 ? `The only unit of ${kind} ${k} (layer ${at})` : `Unit ${unit} of 0 to ${n - 1} of ${kind} ${k} (layer ${at})`;
  if (!seen.length) return `${who} sees only padding.`;
  const span = last - first + 1;
  const what = first === last ? `place ${first}` : `places ${first} to ${last}`;
  const holes = seen.length < span ? `, but reads only ${seen.length} of these ${span}` : "";
  const up = rows.slice(0, at + 1).some((r) => r.kind === "up");
  if (up) return `${who} sees ${what} of the input's ${side}${holes}. Fields of this layer are at most ${field} wide.`;
  const rim = field > span ? ` Its field is ${field} wide; the rest lies in the padding or where no place is read.` : ` Its field is ${field} wide.`;
  return `${who} sees ${what} of the input's ${side}${holes}.${rim} In two directions: ${field} × ${field}.`;
}

function makePicture(choose) {
  const cells = svg("g"), el = svg("svg", { role: "img", class: "dlw-plot dlw-pick" }, cells);
  let places = [];
  el.addEventListener("pointerdown", (event) => {
    const box = el.getBoundingClientRect(), y = event.clientY - box.top, x = event.clientX - box.left;
    const row = places.find((p) => Math.abs(p.y - y) <= ROW / 2);
    if (row) choose(row.at, Math.max(0, Math.min(row.n - 1, Math.round((x - row.x) / row.step))));
  });
  return {
    el,
    show(rows, at, unit, found, width, said) {
      const ends = rows.flatMap((r) => [r.start - r.jump / 2, r.start + (r.n - 1) * r.jump + r.jump / 2]);
      const low = Math.min(...ends), scale = (width - LEFT - 2) / (Math.max(...ends) - low), made = [];
      places = [];
      rows.forEach((r, l) => {
        const y = (rows.length - 1 - l) * ROW + ROW / 2 + 2, top = y - BAR / 2, whole = r.kind === "fc";
        const step = r.jump * scale, x0 = LEFT + (r.start - low) * scale, wide = Math.max(step - (step > 4 ? 1 : 0), 1);
        const cell = (i) => `M${px(x0 + i * step - wide / 2)} ${px(top)}h${px(wide)}v${BAR}h${px(-wide)}z`;
        const below = rows[l - 1];
        const bar = () => { const a = LEFT + (rows[0].start - rows[0].jump / 2 - low) * scale; return `M${px(a)} ${px(top)}h${px(rows[0].n * scale)}v${BAR}h${px(-rows[0].n * scale)}z`; };
        const marked = l <= at ? found[l] : [];
        made.push(label(LEFT - 6, y + 4, r.name, { "text-anchor": "end", class: l === at ? "dlw-chosen" : null }));
        made.push(svg("path", { class: "dlw-cells", d: whole ? bar() : Array.from({ length: r.n }, (_, i) => cell(i)).join("") }));
        made.push(svg("path", { class: `dlw-marked${l === 0 ? " dlw-seen" : ""}`, d: marked.length ? (whole ? bar() : marked.map(cell).join("")) : "" }));
        if (l) places.push({ at: l, y, n: r.n, x: x0, step: whole && below ? 1e9 : step });
      });
      cells.replaceChildren(...made);
      const high = rows.length * ROW + 4;
      for (const [k, v] of Object.entries({ width, height: high, viewBox: `0 0 ${width} ${high}`, "aria-label": said })) setAttr(el, k, v);
    },
  };
}

function makeTable() {
  const body = h("tbody"), sums = h("tr");
  const heads = ["Layer", "Output", "Parameters", "Multiply-adds", "Jump", "Field"].map((name) => h("th", { scope: "col" }, name));
  const el = h("div", { class: "dlw-scroll" }, h("table", { class: "dlw-layers" }, h("thead", {}, h("tr", {}, ...heads)), body, h("tfoot", {}, sums)));
  scrollStop(el, { "aria-label": "numbers of the layers" });
  return {
    el,
    show(rows, at) {
      const line = (r, l) => [r.c + (r.kind === "fc" ? "" : ` × ${r.n} × ${r.n}`), big(r.params), big(r.mults), r.kind === "fc" ? "–" : jumpText(rows, l), String(r.field)]
        .map((text, k) => h("td", {}, l === 0 && (k === 1 || k === 2) ? "" : text));
      body.replaceChildren(...rows.map((r, l) => h("tr", { class: l === at ? "dlw-chosen" : null }, h("th", { scope: "row" }, r.name), ...line(r, l))));
      sums.replaceChildren(h("th", { scope: "row" }, "all"), h("td", {}, ""), h("td", {}, big(total(rows, "params"))), h("td", {}, big(total(rows, "mults"))), h("td", {}, ""), h("td", {}, ""));
    },
  };
}

function view({ controls, put, now, redraw, shapes, alertBox }) {
  const picture = makePicture((layer, unit) => put({ layer, unit })), table = makeTable(), words = textBox();
  const field = textField({ label: "Layers", alertBox, redraw, take: (text) => {
    try { stack(text, false); } catch (error) { return error.message; }
    put({ layers: text.trim(), layer: 0, unit: -1 });
    return "";
  } });
  const layer = slider({ label: "Marked layer", min: 1, max: 1, room: "4.5em", set: (v) => put({ layer: v, unit: -1 }) });
  const unit = slider({ label: "Marked unit", min: 0, max: 0, room: "4.5em", set: (v) => put({ unit: v }) });
  return {
    top: [field.el, controls.example.el, layer.el, unit.el, controls.bias.el],
    body: [picture.el, words.el, table.el],
    problem: () => field.said(),
    before(changes, isReset) {
      if (!isReset && !("example" in changes)) return changes;
      field.forget();
      return isReset ? changes : { ...changes, layers: "", layer: 0, unit: -1 };
    },
    draw(s, width) {
      const rows = stack(textOf(s), s.bias), { at, unit: place } = chosen(rows, s), found = fields(rows, at, place);
      field.draw(textOf(s));
      const { n, kind, name } = rows[at];
      layer.draw(at, { max: rows.length - 1, shown: name, spoken: `layer ${at}, ${name}` });
      unit.draw(place, { max: n - 1, shown: `${place} of ${n}`, spoken: `unit ${place}, counted from 0, of ${n}` });
      const said = sentence(rows, at, place, found[0]), end = rows[rows.length - 1];
      setText(words.inner, said);
      setText(shapes, `${several(total(rows, "params"), "parameter")}, output ${end.c}${end.kind === "fc" ? "" : ` × ${end.n} × ${end.n}`}`);
      if (width) picture.show(rows, at, place, found, width, `One row of each layer, the input below. ${kind === "fc" ? "" : "Marked: the unit, and what it depends on. "}${said}`);
      table.show(rows, at);
      return said;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS, { layers: TEXT }), view);
export default { render };

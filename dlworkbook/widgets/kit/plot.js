// Pictures with axes, in SVG: lines, bands, dots, ticks, labels, and a place that mouse and arrow
// keys choose. Axes are linear: a logarithmic one is given powers of ten.
import { setAttr, uid } from "./controls.js";

export const px = (v) => Math.round(v * 10) / 10;

export function svg(tag, attrs = {}, ...kids) {
  const el = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [k, v] of Object.entries(attrs)) if (v !== null) el.setAttribute(k, v);
  el.append(...kids);
  return el;
}
export const label = (x, y, text, attrs = {}) => svg("text", { x: px(x), y: px(y), ...attrs }, text);

const ends = (points) => points.map(([x, y]) => `${px(x)} ${px(y)}`);
// The `d` of a path through points in pixels; of the area between two; of a dot at each.
export const line = (points) => (points.length ? `M${ends(points).join("L")}` : "");
export const band = (upper, lower) => `${line(upper)}L${ends(lower).reverse().join("L")}Z`;
export const dots = (points) => ends(points).map((p) => `M${p}h0`).join("");

// A whole power of ten: 1, 10, 10⁻³.
export const power = (n) => (n === 0 ? "1" : n === 1 ? "10" : `10${String(n).replace("-", "⁻").replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d])}`);

// Ticks of a number line, at most `most`: multiples of 1, 2 or 5 times a power of ten, each with
// its text. `whole`: no step below 1, as for the powers of a logarithmic axis.
export function ticks([from, to], most, text = String, whole = false) {
  let unit = 10 ** Math.floor(Math.log10((to - from) / most));
  if (whole) unit = Math.max(unit, 1);
  const step = [1, 2, 5, 10].map((n) => n * unit).find((n) => (to - from) / n <= most);
  const list = [];
  for (let n = Math.ceil(from / step - 1e-9); n * step <= to + 1e-9 * step; n++) list.push([n * step, text(+(n * step).toPrecision(12))]);
  return list;
}

// `margin`: pixels at the left, the right, the top and the bottom; `spill`: by how much what is
// drawn inside may leave the frame at the sides; `boxed`: lines across at both axes, and a frame.
export function makePlot({ margin: [left, right, top, bottom], spill = 0, boxed = true }) {
  const id = uid("clip"), clip = svg("rect");
  const axes = svg("g", { class: "dlw-axes" }), inside = svg("g", { "clip-path": `url(#${id})` }), over = svg("g");
  const el = svg("svg", { role: "img", class: "dlw-plot" }, svg("defs", {}, svg("clipPath", { id }, clip)), axes, inside, over);
  const plot = {
    el, inside, over, left, top, right: 0, bottom: 0, x: null, y: null, width: 0,
    path(kind, into = inside) {
      const made = svg("path", { class: kind });
      into.append(made);
      return made;
    },
    name(text) { setAttr(el, "aria-label", text); },
    // Pixels of the whole picture; xs, ys: [from, to]. After this x(v) and y(v) are pixels.
    scale(width, height, xs, ys) {
      plot.width = width;
      plot.right = Math.max(width - right, left + 1);
      plot.bottom = height - bottom;
      plot.x = (v) => left + ((v - xs[0]) / (xs[1] - xs[0])) * (plot.right - left);
      plot.y = (v) => plot.bottom - ((v - ys[0]) / (ys[1] - ys[0])) * (plot.bottom - top);
      for (const [k, v] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) setAttr(el, k, v);
      for (const [k, v] of Object.entries({ x: left - spill, y: top, width: plot.right - left + 2 * spill, height: plot.bottom - top })) setAttr(clip, k, v);
    },
    // Ticks: [[value, text], ...].
    axes(xticks, yticks, xname = "", yname = "") {
      const across = yticks.map(([v]) => `M${left} ${px(plot.y(v))}H${px(plot.right)}`);
      const down = boxed ? xticks.map(([v]) => `M${px(plot.x(v))} ${top}V${plot.bottom}`) : [];
      axes.replaceChildren(
        svg("path", { d: [...across, ...down].join("") }),
        ...xticks.map(([v, t]) => label(plot.x(v), plot.bottom + (xname ? 14 : 18), t, { "text-anchor": "middle" })),
        ...yticks.map(([v, t]) => label(left - 6, plot.y(v) + 4, t, { "text-anchor": "end" })),
        boxed ? svg("path", { class: "dlw-frame", d: `M${left} ${top}H${px(plot.right)}V${plot.bottom}H${left}Z` }) : "",
        xname ? label((left + plot.right) / 2, plot.bottom + bottom - 4, xname, { "text-anchor": "middle" }) : "",
        yname ? label(8, top + 8, yname) : "");
    },
    // The number of the one of `xs` (values) that is nearest to the pointer.
    nearest(event, xs) {
      const box = el.getBoundingClientRect();
      const at = ((event.clientX - box.left) / box.width) * plot.width;
      const far = xs.map((v) => Math.abs(plot.x(v) - at));
      return far.indexOf(Math.min(...far));
    },
  };
  return plot;
}

// A press chooses the nearest of xs(), also while it is dragged.
export function pick(plot, xs, choose) {
  plot.el.classList.add("dlw-pick");
  const here = (event) => choose(plot.nearest(event, xs()));
  plot.el.addEventListener("pointerdown", (e) => { here(e); plot.el.setPointerCapture?.(e.pointerId); });
  plot.el.addEventListener("pointermove", (e) => { if (e.buttons & 1) here(e); });
}

// A readout: a needle at the one of xs() under the mouse or chosen with arrow keys, and its
// text(n) in `out`, a live region; nothing when the mouse or the focus leaves.
export function follow(plot, xs, text, out) {
  const needle = plot.path("dlw-needle", plot.over);
  let at = -1;
  const show = (n) => {
    at = n;
    setAttr(needle, "d", n < 0 ? "" : `M${px(plot.x(xs()[n]))} ${plot.top}V${plot.bottom}`);
    out.textContent = n < 0 ? "" : text(n);
  };
  setAttr(plot.el, "tabindex", 0);
  plot.el.addEventListener("pointermove", (e) => show(plot.nearest(e, xs())));
  plot.el.addEventListener("pointerleave", () => show(-1));
  plot.el.addEventListener("blur", () => show(-1));
  plot.el.addEventListener("focus", () => show(Math.max(at, 0)));
  plot.el.addEventListener("keydown", (e) => {
    const last = xs().length - 1;
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[e.key];
    if (next === undefined) return;
    e.preventDefault();
    show(Math.max(0, Math.min(last, next)));
  });
}

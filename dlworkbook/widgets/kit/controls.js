// Helpers shared by all widgets: elements, controls, number text. No dependency, no framework.

let serial = 0;
export const uid = (stem) => `dlw-${stem}-${++serial}`;

// h("button", { class: "x", onclick: f, "aria-label": "y" }, "text")
export function h(tag, attrs = {}, ...kids) {
  const el = document.createElement(tag);
  for (const [k, v] of Object.entries(attrs)) {
    if (k.startsWith("on")) el.addEventListener(k.slice(2), v);
    else if (v !== false && v != null) el.setAttribute(k, v === true ? "" : v);
  }
  // JupyterLab takes arrow keys from a control unless the control itself carries this.
  if (/^(input|select|button|summary|a)$/.test(tag)) el.dataset.lmSuppressShortcuts = "true";
  el.append(...kids.filter((k) => k != null));
  return el;
}

// The text node stays: a new one would cost a pass over boxes and styles.
export const setText = (el, text) => {
  const only = el.childNodes.length === 1 && el.firstChild.nodeType === 3 ? el.firstChild : null;
  if (!only) { if (el.textContent !== text) el.textContent = text; } else if (only.data !== text) only.data = text;
};
// A custom property set again, even to the same value, would cost a new style pass.
export const setVar = (el, name, value) => { if (el.style.getPropertyValue(name) !== String(value)) el.style.setProperty(name, value); };
// Depth of a cell's colour, 0 to 1: rules of the style sheet turn data-a="42" into --a: 42%.
// Set on many cells, a custom property of each takes the browser twice as long.
export const shade = (el, depth) => { const a = String(2 * Math.round(50 * depth)); if (el.dataset.a !== a) el.dataset.a = a; };
export const setAttr = (el, name, value) => { if (el.getAttribute(name) !== String(value)) el.setAttribute(name, value); };

// While a box scrolls sideways it is reached by the tab key and has a name: { "aria-label": "..." }. To
// be called once: it follows the room and the content.
export function scrollStop(box, name, role = "region") {
  const watch = new ResizeObserver(() => {
    const scrolls = box.scrollWidth > box.clientWidth + 1;
    for (const [k, v] of Object.entries({ tabindex: 0, role, ...name })) if (scrolls) setAttr(box, k, v); else box.removeAttribute(k);
  });
  for (const one of [box, ...box.children]) watch.observe(one);
}

// Numbers for display: a true minus sign, at most six characters or so.
export function fmt(v) {
  if (Object.is(v, -0)) v = 0;
  const t = Number.isInteger(v) && Math.abs(v) < 1e7 ? String(v) : String(+v.toPrecision(Math.abs(v) < 1 ? 3 : 4));
  return t.replace("-", "−").replace("e+", "e");
}

// Keys pressed inside a widget belong to the widget: no page turns, no site shortcuts.
// Combinations with Ctrl, Alt or Meta still reach the page.
export function keepKeys(root) {
  root.addEventListener("keydown", (e) => {
    if (!e.ctrlKey && !e.metaKey && !e.altKey) e.stopPropagation();
  });
}

// Native range with label and readout. `text(value)` is what is shown and what aria-valuetext says.
// `room` is the width of the longest readout. Track and readout have boxes of their own and a fixed
// size, so that a press lays out these alone and not the page (a grid's or flexbox's own items
// cannot be laid out alone).
export function slider({ label, min, max, text = String, set, quiet = false, room }) {
  const id = uid("s");
  const out = h("output", { for: id });
  const readout = room ? h("div", { class: "dlw-readout", style: `width: ${room}` }, out) : out;
  const input = h("input", { type: "range", id, min, max, step: 1, oninput: () => { set(+input.value); } });
  const name = h("label", { for: id, class: quiet ? "dlw-hidden" : null }, label);
  return {
    el: h("div", { class: "dlw-control dlw-slider" }, name, h("div", { class: "dlw-track" }, input), readout),
    input,
    // `spoken` where a screen reader needs more than is shown.
    draw(value, { max: top, disabled = false, shown, spoken } = {}) {
      if (top !== undefined) setAttr(input, "max", top);
      if (+input.value !== value) input.value = value;
      if (input.disabled !== disabled) input.disabled = disabled;
      const t = shown ?? text(value);
      setText(out, t);
      setAttr(input, "aria-valuetext", spoken ?? t);
    },
  };
}

export function select({ label, options, set }) {
  const id = uid("c");
  const input = h("select", { id, onchange: () => set(input.value) },
    ...options.map(([v, t]) => h("option", { value: v }, t)));
  return {
    el: h("div", { class: "dlw-control" }, h("label", { for: id }, label), input),
    input,
    draw(value) { if (input.value !== value) input.value = value; },
  };
}

export function check({ label, set }) {
  const id = uid("b");
  const input = h("input", { type: "checkbox", id, onchange: () => set(input.checked) });
  return {
    el: h("div", { class: "dlw-control dlw-check" }, input, h("label", { for: id }, label)),
    input,
    draw(value) { if (input.checked !== value) input.checked = value; },
  };
}

export function button(label, onclick, attrs = {}) {
  return h("button", { type: "button", class: "dlw-button", onclick, ...attrs }, label);
}

// A list of terms and what is true of them now: add(term) gives the element of the fact.
export function factList() {
  const el = h("dl", { class: "dlw-facts" });
  return {
    el,
    add(term, dd = h("dd")) {
      el.append(h("dt", {}, term), dd);
      return dd;
    },
  };
}

// Text that changes with each press: laid out alone, in a box of so many lines (CSS or `lines`).
// Text that needs more room makes the box taller, and it stays so until the lines are set again.
export function textBox() {
  const inner = h("div");
  const el = h("div", { class: "dlw-work" }, inner);
  let needed = 0, tall = 0, fresh = false;
  const grow = () => { tall = needed; fresh = false; setVar(el, "--tall", `${tall}px`); };
  const watch = new ResizeObserver(([entry]) => {
    needed = Math.ceil(entry.contentRect.height);
    if (fresh || needed > Math.max(tall, el.clientHeight)) grow();
  });
  watch.observe(inner);
  return { el, inner, lines(n) { setVar(el, "--lines", n); grow(); fresh = true; } };
}

// A live region that speaks at most once in `wait` ms and always ends with the last text.
export function announcer(wait) {
  const el = h("p", { role: "status", "aria-live": "polite" });
  let timer = 0, next = "";
  return {
    el: h("div", { class: "dlw-hidden dlw-live" }, el),
    say(text, delay = wait) {
      next = text;
      if (timer) return;
      timer = setTimeout(() => { timer = 0; setText(el, next); }, delay);
    },
    stop() { clearTimeout(timer); timer = 0; },
  };
}

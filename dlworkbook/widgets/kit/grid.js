// A grid of equal cells: number fields, buttons or plain values, optionally inside a border of
// fixed cells (padding, or what padding cuts off). One tab stop; arrow keys move inside.
// What is pasted into a field goes to onPaste(text), which says whether it took it (matrix.js).
// A sheet (the kernel's outline with its taps) can lie over it and slide.
import { h, scrollStop, setText, setVar, uid } from "./controls.js";

const GAP = 2; // px between cells, as in the style sheet
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export function makeGrid({ onEdit, onPick, onFocus, onPaste }) {
  const sheet = h("div", { class: "dlw-sheet", "aria-hidden": "true" });
  const el = h("div", { class: "dlw-grid", role: "group" });
  const title = h("div", { class: "dlw-caption", id: uid("g") });
  const scroll = h("div", { class: "dlw-scroll" }, el);
  const panel = h("div", { class: "dlw-panel" }, title, scroll);
  el.setAttribute("aria-labelledby", title.id);
  scrollStop(scroll, { "aria-labelledby": title.id });
  let cells = [], inner = { top: 0, left: 0, h: 0, w: 0 }, cols = 0, signature = "", stop = null, taps = [];
  let pitch = 0, extent = [0, 0], corner = [0, 0];

  const at = (i, j) => (i >= 0 && j >= 0 && i < inner.h && j < inner.w ? cells[(i + inner.top) * cols + j + inner.left] : null);
  const where = (cell) => {
    const n = cells.indexOf(cell);
    return n < 0 ? null : [Math.floor(n / cols) - inner.top, (n % cols) - inner.left];
  };
  // In pixels: with a var() or a custom property in its style the sheet is restyled three times as slowly.
  const place = () => { sheet.style.transform = `translate(${corner[1] * pitch}px, ${corner[0] * pitch}px)`; };
  const measure = () => { [sheet.style.height, sheet.style.width] = extent.map((n) => `${n * pitch + GAP}px`); };
  function setStop(cell) {
    if (stop === cell || !cell) return;
    if (stop) stop.tabIndex = -1;
    stop = cell;
    stop.tabIndex = 0;
  }
  el.addEventListener("keydown", (e) => {
    const move = MOVES[e.key];
    const ij = where(e.target);
    if (!ij || e.ctrlKey || e.metaKey || e.altKey) return;
    const field = e.target.tagName === "INPUT" ? e.target : null;
    if (field && e.key === "Enter") at(ij[0] + 1, ij[1])?.focus();
    if (field && e.key === "Escape") { onEdit(...ij, null, field); field.select(); }
    if (!move || e.shiftKey) return;
    if (field && move[1]) { // left and right first move the caret inside a half-typed number
      const whole = field.selectionStart === 0 && field.selectionEnd === field.value.length;
      if (!whole && field.selectionStart !== (move[1] < 0 ? 0 : field.value.length)) return;
    }
    const next = at(ij[0] + move[0], ij[1] + move[1]);
    e.preventDefault();
    if (next) { next.focus(); if (next.tagName === "BUTTON") next.click(); }
  });
  el.addEventListener("focusin", (e) => {
    const ij = where(e.target);
    if (!ij) return;
    setStop(e.target);
    if (e.target.tagName === "INPUT") e.target.select();
    onFocus?.(...ij);
  });
  el.addEventListener("input", (e) => { const ij = where(e.target); if (ij) onEdit(...ij, e.target.value, e.target); });
  el.addEventListener("paste", (e) => { if (onPaste?.(e.clipboardData.getData("text"))) e.preventDefault(); });
  el.addEventListener("click", (e) => { const ij = where(e.target.closest("button")); if (ij) onPick?.(...ij); });

  return {
    panel, el, title, scroll, at, setStop,
    caption(text) { setText(title, text); },
    // rows x cols cells, of which the h x w from (top, left) are of `kind`: input, button or span.
    shape(rows, columns, box, kind) {
      const next = [rows, columns, box.top, box.left, box.h, box.w, kind].join();
      if (next === signature) return false;
      const had = stop ? where(stop) : null, focused = stop && document.activeElement === stop;
      signature = next;
      cols = columns;
      inner = box;
      setVar(el, "--n", columns);
      setVar(el, "--m", rows);
      const spare = { pad: [], button: [], input: [], span: [] };
      for (const c of cells) if (c.tagName !== "INPUT") spare[c.dlwKind].push(c); // a field may hold half a number
      const make = (what) => {
        const cell = spare[what].shift() ?? ({
          pad: () => h("span", { class: "dlw-pad", "aria-hidden": "true" }, "0"),
          input: () => h("input", { type: "text", autocomplete: "off", spellcheck: "false", tabindex: -1 }),
          button: () => h("button", { type: "button", tabindex: -1 }),
          span: () => h("span"),
        })[what]();
        cell.dlwKind = what;
        return cell;
      };
      cells = Array.from({ length: rows * columns }, (_, n) => {
        const i = Math.floor(n / columns) - box.top, j = (n % columns) - box.left;
        return make(i < 0 || j < 0 || i >= box.h || j >= box.w ? "pad" : kind);
      });
      // Cells that stay where they are keep their boxes.
      const kept = new Set(cells);
      for (const c of [...el.children]) if (c !== sheet && !kept.has(c)) c.remove();
      cells.forEach((c, n) => { if (el.children[n] !== c) el.insertBefore(c, el.children[n] ?? null); });
      if (sheet.parentNode !== el) el.append(sheet);
      if (stop) stop.tabIndex = -1;
      stop = null;
      if (kind !== "span") {
        const back = had && at(Math.min(had[0], box.h - 1), Math.min(had[1], box.w - 1));
        setStop(back || at(0, 0));
        if (focused && back) back.focus();
      }
      return true;
    },
    border(text) { cells.forEach((c, n) => { if (c.classList.contains("dlw-pad")) setText(c, text(Math.floor(n / cols), n % cols)); }); },
    each(f) { for (let i = 0; i < inner.h; i++) for (let j = 0; j < inner.w; j++) f(at(i, j), i, j); },
    // The sheet has taps.length rows; `gap` is the dilation. Text of a tap is its weight.
    sheet(rows, columns, gap) {
      const next = [rows, columns, ...gap].join();
      if (sheet.dataset.of !== next) {
        sheet.dataset.of = next;
        sheet.classList.toggle("dlw-one", rows * columns === 1);
        taps = Array.from({ length: rows * columns }, (_, n) => {
          const t = h("span");
          t.style.setProperty("--r", Math.floor(n / columns) * gap[0]);
          t.style.setProperty("--c", (n % columns) * gap[1]);
          return t;
        });
        extent = [gap[0] * (rows - 1) + 1, gap[1] * (columns - 1) + 1];
        measure();
        sheet.replaceChildren(...taps);
      }
    },
    tapText(n, text) { if (taps[n]) setText(taps[n], text); },
    move(i, j, on = true) {
      if (corner[0] !== i || corner[1] !== j) { corner = [i, j]; place(); }
      if (sheet.hidden === on) sheet.hidden = !on;
    },
    // Side of a cell in px, the same as --cell.
    cell(side) { if (pitch !== side + GAP) { pitch = side + GAP; measure(); place(); } },
  };
}

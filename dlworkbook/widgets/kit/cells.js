// Fields for numbers. One that holds none is marked and explained, and its last number stays in use.
import { setAttr } from "./controls.js";

// `parse`: text -> number or null; `typed`: number -> text; `limit` names the largest number that fits.
export function numberCells({ parse, typed, limit, redraw }) {
  const broken = new Map(); // field -> sentence
  const mend = (field) => { broken.delete(field); field.removeAttribute("aria-invalid"); };
  const reason = (text) => (text === "" ? "is empty" : /^[\d.,+\-−\s/e]+$/i.test(text) && Number.isFinite(Number(text.replace("−", "-")))
    ? `is beyond ${limit}` : `holds “${text.slice(0, 12)}”, which is not a number`);
  return {
    // The field `name`, whose number is `old`, now has this text (null after Escape: back to the
    // number); `take` gets a number that was read.
    edit(field, text, name, old, take) {
      const v = text === null ? old : parse(text);
      if (v === null) {
        broken.set(field, `${name} ${reason(text.trim())}; ${typed(old)} is used until it holds one.`);
        setAttr(field, "aria-invalid", "true");
        return redraw();
      }
      mend(field);
      if (text !== null) return take(v);
      field.value = typed(v);
      return redraw();
    },
    // A half-typed number is left alone.
    show(field, v) {
      if (!broken.has(field) && (document.activeElement !== field || parse(field.value) !== v) && field.value !== typed(v)) field.value = typed(v);
    },
    // What stands wrongly in these fields is forgotten; in all, if none are named.
    forget: (which = () => true) => [...broken.keys()].filter(which).forEach(mend),
    problem: () => [...broken.values()].at(-1) ?? "",
  };
}

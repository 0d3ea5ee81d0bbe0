// A text field for what a reader types, such as an expression.
import { h, uid } from "./controls.js";

// take(text) uses the text and returns "", or says what is wrong with it; then what was there before
// stays in use, and Escape brings its text back.
export function textField({ label, alertBox, take, redraw }) {
  const id = uid("f");
  let wrong = "", kept = "";
  const input = h("input", {
    type: "text", id, class: "dlw-typed", autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: 500,
    oninput: () => { wrong = take(input.value); redraw(); },
    onkeydown: (e) => { if (e.key === "Escape") { wrong = ""; input.value = kept; redraw(); } },
  });
  return {
    el: h("div", { class: "dlw-control" }, h("label", { for: id }, label), input),
    problem: () => wrong,
    forget() { wrong = ""; input.value = kept; },
    draw(text) {
      kept = text;
      if (!wrong && document.activeElement !== input && input.value !== text) input.value = text;
      for (const [k, v] of [["aria-invalid", "true"], ["aria-describedby", alertBox.id]]) if (wrong) input.setAttribute(k, v); else input.removeAttribute(k);
    },
  };
}

// A text field for what a reader types: an expression, values, a shape, a word.
import { h, uid } from "./controls.js";

// What cannot be drawn is refused before it is read; more than a text that fits would ever need.
export const LONGEST_TEXT = 500;

// take(text) uses the text and returns "", or says what is wrong with it; then what was there before
// stays in use, and Escape brings its text back. means(text, kept): whether a text that was taken
// says the same as the one that is kept, so that it may stay as it was typed. `look` adds a class.
export function textField({ label, alertBox, take, redraw, means = () => false, look = "" }) {
  const id = uid("f");
  let wrong = "", kept = "", own = null;
  const input = h("input", {
    type: "text", id, class: ("dlw-typed " + look).trim(), autocomplete: "off", autocapitalize: "off", spellcheck: "false",
    oninput: () => {
      own = input.value;
      wrong = own.length > LONGEST_TEXT ? `This is too long: at most ${LONGEST_TEXT} characters are read` : take(own);
      redraw();
    },
    onkeydown: (e) => { if (e.key === "Escape") { forget(); redraw(); } },
  });
  function forget() { wrong = ""; own = null; input.value = kept; }
  return {
    el: h("div", { class: "dlw-control" }, h("label", { for: id }, label), input),
    problem: () => wrong,
    // What is wrong, and what is used instead.
    said: (used = kept) => (wrong ? `${wrong.replace(/\.$/, "")}. ${used} is used until it fits.` : ""),
    forget,
    draw(text) {
      kept = text;
      const stays = wrong || document.activeElement === input || (own !== null && means(own, text));
      if (!stays && input.value !== text) input.value = text;
      for (const [k, v] of [["aria-invalid", "true"], ["aria-describedby", alertBox.id]]) if (wrong) input.setAttribute(k, v); else input.removeAttribute(k);
    },
  };
}

// A clock for what is answered against time: the mock interview, and the trial exam. It says its
// marks aloud and can pause; what it shows is said by who uses it.

import { h } from "./controls.js";

export const clockText = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds) % 60).padStart(2, "0")}`;

// The last of the marks [[second, words], ...] that was passed from one second to another; "" if none.
export const passed = (marks, from, to) => marks.filter(([at]) => from < at && to >= at).at(-1)?.[1] ?? "";

// `mark(from, to)` gives what is said aloud, `shows(seconds, state)` with a state of runs, paused or
// done gives { time, word, over }. The names of its classes begin with that of the style.
export function makeClock({ style, say, mark, shows }) {
  const time = h("span", { class: `${style}-time` }), word = h("span", { class: `${style}-word` });
  const el = h("p", { class: `${style}-clock`, role: "timer", "aria-live": "off" }, time, " ", word);
  let before = 0, since = null, shown = 0, timer = 0, done = false;
  const seconds = () => before + (since === null ? 0 : (performance.now() - since) / 1000);
  function show() {
    const now = Math.floor(seconds());
    if (now !== shown) {
      const aloud = mark(shown, now);
      if (aloud) say(aloud);
      shown = now;
    }
    const told = shows(now, since !== null ? "runs" : done ? "done" : "paused");
    time.textContent = told.time;
    word.textContent = told.word;
    el.dataset.over = String(told.over);
  }
  const stop = () => {
    before = seconds();
    since = null;
    clearInterval(timer);
    show();
  };
  const go = () => {
    since = performance.now();
    clearInterval(timer);
    timer = setInterval(show, 200);
    show();
  };
  // From a second on, of which nothing is said.
  const start = (from = 0) => {
    since = null;
    before = from;
    shown = Math.floor(from);
    done = false;
    go();
  };
  const end = () => {
    done = true;
    stop();
  };
  return { el, seconds, go, stop, start, end, runs: () => since !== null };
}

// A slider over steps, and a button that plays them. Only a show slides outlines (dlw-playing): a
// key press must be seen at once.
import { button, h, setText, slider } from "./controls.js";

// `go(step)` shows a step, also for the show, which takes the next one every `ms`; `choose` is
// told of steps that the reader takes; `done` when the show has ended.
export function makePlayer({ label, ms, go, choose = go, done }) {
  let playing = 0, at = 0, last = 0;
  const step = slider({ label, min: 0, max: 1, room: "5.2em", set: (n) => { stop(); choose(n); } });
  const play = button("Play", () => (playing ? end() : start()), { class: "dlw-button dlw-play" });
  const el = h("div", { class: "dlw-player" }, play, step.el);
  const show = (on) => { play.textContent = on ? "Pause" : "Play"; el.parentNode.classList.toggle("dlw-playing", on); };
  function stop() {
    if (!playing) return;
    clearInterval(playing);
    playing = 0;
    show(false);
  }
  const end = () => { stop(); done(); };
  function start() {
    show(true);
    playing = setInterval(() => (at >= last ? end() : go(at + 1)), ms);
    if (at >= last) go(0);
  }
  return {
    el, stop, playing: () => playing > 0,
    // `total` is 0 where there is nothing to step through.
    draw(n, total, name = label) {
      [at, last] = [n, Math.max(total - 1, 0)];
      setText(step.el.firstChild, name);
      step.draw(n, { max: last, disabled: !total, shown: total ? `${n + 1} of ${total}` : "none" });
      if (play.disabled !== !total) play.disabled = !total;
    },
  };
}

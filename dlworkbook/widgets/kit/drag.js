// A place on a plot that is pressed, and followed while it is dragged.

// choose(x, y): the place in the units of the axes, which run over xs and ys ([from, to]).
export function drag(plot, xs, ys, choose) {
  const between = ([from, to], at, low, high) => from + ((at - low) / (high - low)) * (to - from);
  function here(event) {
    const box = plot.el.getBoundingClientRect();
    choose(between(xs, event.clientX - box.left, plot.left, plot.right), between(ys, event.clientY - box.top, plot.bottom, plot.top));
  }
  plot.el.addEventListener("pointerdown", (e) => { here(e); plot.el.setPointerCapture?.(e.pointerId); });
  plot.el.addEventListener("pointermove", (e) => { if (e.buttons & 1) here(e); });
}

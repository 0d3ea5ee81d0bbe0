// Groups of rolls of a die: the view. All numbers come from model.js.
import { factList, fmt, h, setAttr, setText } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { dots, label, line, makePlot, power, px, ticks } from "../kit/plot.js";
import { makeState } from "../kit/state.js";
import { bars, density, draw, exact, gap, measured, parts, rolls, running, sums, theory, values } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const HEIGHT = 236, MARGIN = [38, 10, 20, 34];
const NAMES = { mean: "mean of a group", six: "share of sixes", face: "one face" };
const MANY = { mean: "their means", six: "their shares of sixes", face: "the faces" };
const number = (v) => v.toLocaleString("en-US");
const above = (text) => label(MARGIN[0], MARGIN[2] - 7, text); // in place of a name beside the axis
const places = (v, n = 3) => v.toFixed(n).replace("-", "−");

function view({ shapes }) {
  const run = makePlot({ margin: MARGIN }), hist = makePlot({ margin: MARGIN });
  const [ways, funnel, middle] = ["ways", "funnel", "middle"].map((kind) => run.path(`dlw-${kind}`));
  const [blocks, curve, points] = ["blocks", "curve", "points"].map((kind) => hist.path(`dlw-${kind}`));
  const facts = factList();
  const [mean, spread, near, far] = ["Mean", "Spread", "Within 2 standard errors", "From the normal curve"].map((name) => facts.add(name));

  function drawRun(s, all, wide, { mean: mu, sd }) {
    const { at, lines } = running(s, all), list = parts(s), low = Math.min(...list), high = Math.max(...list);
    const end = Math.max(Math.log10(at[at.length - 1]), 0.3), room = 0.04 * (high - low);
    run.scale(wide, HEIGHT, [-0.04 * end, 1.04 * end], [low - room, high + room]);
    const marks = Array.from({ length: Math.floor(end) + 1 }, (_, v) => [v, v < 4 ? number(10 ** v) : power(v)]);
    run.axes(marks, ticks([low, high], 6, fmt), "rolls so far");
    run.over.replaceChildren(above(s.what === "six" ? "share of sixes so far" : "mean so far"));
    const ends = at.length > 1 ? [0] : [-6, 6]; // a single roll is a dash, as a point has no line
    const seen = (height) => at.flatMap((k, i) => ends.map((dx) => [run.x(Math.log10(k)) + dx, run.y(height(k, i))]));
    setAttr(ways, "d", lines.map((way) => line(seen((_, i) => way[i]))).join(""));
    setAttr(funnel, "d", [-2, 2].map((side) => line(seen((k) => mu + (side * sd) / Math.sqrt(k)))).join(""));
    setAttr(middle, "d", "M" + px(run.left) + " " + px(run.y(mu)) + "H" + px(run.right));
  }

  function drawHist(s, found, chances, wide, { mean: mu, sd, error }) {
    const k = rolls(s), list = parts(s), low = Math.min(...list), high = Math.max(...list);
    const { list: boxes, wide: together } = bars(s, found, chances), step = together / k;
    const unit = s.z ? (v) => (v - mu) / error : (v) => v, room = Math.max(0.5 / k, 0.02 * (high - low));
    const range = s.z ? [-4.5, 4.5] : [low - room, high + room], top = found.length * step * density(0) / error;
    const normal = Array.from({ length: 241 }, (_, i) => {
      const v = range[0] + ((range[1] - range[0]) * i) / 240;
      return [v, top / density(0) * density(s.z ? v : (v - mu) / error)];
    });
    const most = Math.max(top, ...boxes.map((b) => Math.max(b.count, b.expected)));
    const each = most < 10000 ? 1 : 1000;
    hist.scale(wide, HEIGHT, range, [0, 1.06 * most]);
    hist.axes(ticks(s.z ? range : [low, high], 9, fmt), ticks([0, most], 5, (v) => number(v / each)), s.z ? "standard errors from " + places(mu, s.what === "six" ? 3 : 1) : NAMES[s.what]);
    hist.over.replaceChildren(above((s.what === "face" ? "rolls" : "groups") + (each > 1 ? ", in thousands" : "")));
    setAttr(blocks, "d", boxes.filter((b) => b.count).map((b) => {
      const [x, right, y] = [hist.x(unit(b.from)), hist.x(unit(b.to)), hist.y(b.count)];
      return "M" + px(x) + " " + hist.bottom + "V" + px(y) + "H" + px(right) + "V" + hist.bottom + "Z";
    }).join(""));
    setAttr(curve, "d", line(normal.map(([v, height]) => [hist.x(v), hist.y(height)])));
    const shown = boxes.filter((b) => b.expected > 0.002 * most);
    setAttr(points, "d", dots(shown.map((b) => [hist.x(unit((b.from + b.to) / 2)), hist.y(b.expected)])));
  }

  return {
    body: [h("div", { class: "dlw-sampled" }, h("div", {}, run.el), h("div", {}, hist.el)), facts.el],
    draw(s, width) {
      const all = draw(s), found = sums(s, all), chances = exact(s), want = theory(s), seen = measured(s, found), off = gap(s);
      const wide = !width ? 340 : width >= 560 ? Math.floor((width - 16) / 2) : width;
      drawRun(s, all, wide, want);
      drawHist(s, found, chances, wide, want);
      const formula = s.what === "face" ? "of a face it is" : "σ/√n is";
      setText(shapes, number(s.m) + " groups of " + number(s.n));
      setText(mean, places(seen.mean) + ", expected " + places(want.mean));
      setText(spread, places(seen.sd, 4) + "; " + formula + " " + places(want.error, 4));
      setText(near, places(100 * seen.near, 1) + "% of " + number(values(s)));
      setText(far, "at most " + places(off, 4) + (s.what === "face" ? ", for any n and m" : ", for any m"));
      const words = number(s.m) + " groups of " + number(s.n) + ": " + MANY[s.what] + " have the mean " + places(seen.mean) + ", expected " + places(want.mean)
        + ", and the spread " + places(seen.sd, 4) + "; " + formula + " " + places(want.error, 4) + ".";
      run.name("Running means in a funnel of two standard errors that closes around " + places(want.mean) + ".");
      hist.name("Histogram with the exact numbers as dots and the normal curve. " + words);
      return words;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), view);
export default { render };

// Grad-CAM on photographs: the view. All numbers come from model.js.
import { factList, h, setAttr, setText } from "../kit/controls.js";
import { makeRender } from "../kit/frame.js";
import { makeState, nameOf } from "../kit/state.js";
import { COVERED, PIXELS, SIDES, chances, covered, enlarge, facts, heat, photograph } from "./model.js";
import SETTINGS from "./settings.json" with { type: "json" };

const HOT = [255, 110, 0], COLD = [40, 110, 255], GREY = [128, 128, 128]; // on a photograph in grey
const odds = (p) => (p < 0.0005 ? "below 0.0005" : p.toFixed(3));
const percent = (v) => `${Math.round(100 * v)}%`;

function wherePeak({ across, down }) {
  const row = down < 34 ? "upper" : down > 66 ? "lower" : "", column = across < 34 ? "left" : across > 66 ? "right" : "";
  if (row && column) return `${row} ${column}`;
  return column || { upper: "top", lower: "bottom" }[row] || "middle";
}

function view({ shapes }) {
  let shown = "";
  const back = h("div", { class: "dlw-photo" }); // an image would be taken for the still picture
  const canvas = h("canvas", { width: PIXELS, height: PIXELS, role: "img" });
  const stage = h("div", { class: "dlw-stage" }, back, canvas);
  const list = factList();
  const [guess, own, peak, left, against, after] = ["Likeliest class", "Class chosen", "Peak of the map", "In the left half", "Against the class", "With squares covered"].map((name) => list.add(name));
  const body = h("div", { class: "dlw-cam" }, h("div", {}, stage), list.el);

  function paint(s) {
    const n = SIDES[s.layer], values = enlarge(heat(s), n, PIXELS), ctx = canvas.getContext("2d", { willReadFrequently: true });
    const data = ctx.createImageData(PIXELS, PIXELS);
    values.forEach((v, k) => {
      const [r, g, b] = v < 0 ? COLD : HOT;
      data.data.set([r, g, b, Math.round(200 * Math.abs(v))], 4 * k);
    });
    const side = PIXELS / 7;
    for (const k of covered(s)) {
      for (let i = 0; i < side; i++) for (let j = 0; j < side; j++) {
        const at = (Math.floor(k / 7) * side + i) * PIXELS + (k % 7) * side + j;
        data.data.set([...GREY, 255], 4 * at);
      }
    }
    ctx.putImageData(data, 0, 0);
  }

  return {
    body: [body],
    fold: [h("p", { class: "dlw-dim" }, "The maps are stored, as whole numbers of small steps; no network runs here. EfficientNet-Lite0, trained on ImageNet, saw 224 × 224 pixels. "
      + "Photographs: the collection of scikit-image, by their authors or by NASA and SpaceX, in the public domain or CC0.")],
    draw(s) {
      const c = chances(s), f = facts(s), name = nameOf(SETTINGS, "target", s.target), where = wherePeak(f);
      if (shown !== s.photo) back.style.backgroundImage = `url(${photograph(s)})`;
      shown = s.photo;
      paint(s);
      setText(shapes, `map ${SIDES[s.layer]} × ${SIDES[s.layer]}`);
      setText(guess, `${c.best}, ${odds(c.bestP)}`);
      setText(own, `${name}, ${odds(c.p)}`);
      setText(peak, f.none ? "no place speaks for it" : `${where}: ${f.across}% across, ${f.down}% down`);
      setText(left, f.none ? "–" : `${percent(f.left)} of the map`);
      setText(against, `${percent(f.against)} of all sizes${s.relu ? ", cut away" : ", blue"}`);
      setText(after, c.after === null ? "none covered" : `${odds(c.p)} → ${odds(c.after)}`);
      const words = `${nameOf(SETTINGS, "photo", s.photo)}, class ${name} with probability ${odds(c.p)}, ${nameOf(SETTINGS, "layer", s.layer)}: `
        + (f.none ? "no place speaks for the class." : `the map peaks at the ${where}, ${percent(f.left)} of it in the left half.`)
        + (c.after === null ? "" : ` With the ${COVERED} ${s.cover === "hot" ? "hottest" : "coldest"} squares covered the probability is ${odds(c.after)}.`);
      setAttr(canvas, "aria-label", `Photograph in grey; orange speaks for the class${s.relu ? "" : ", blue against it"}. ${words}`);
      return words;
    },
  };
}

const render = makeRender(SETTINGS, makeState(SETTINGS), view);
export default { render };

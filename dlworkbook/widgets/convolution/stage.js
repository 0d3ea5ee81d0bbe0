// Input, kernel and output beside each other, a row for each input channel.
import { fmt, h, setAttr, setText, setVar, shade } from "../kit/controls.js";
import { numberCells } from "../kit/cells.js";
import { makeGrid } from "../kit/grid.js";
import { dims, pads, slice, turned } from "./model.js";
import { CHANNELS, exact, parse } from "./state.js";
import { indexK, indexX, indexY, inputTitle, kernelPath, kernelTitle, outputTitle, range, show, typed, weightAt } from "./words.js";

const LETTER = 6.6, BETWEEN = 76, REASON = 240; // px: of a caption, of two signs, of why there is no output

// The numbers of the state, each at its place in an array.
export function makeFields({ now, put, redraw }) {
  const cells = numberCells({ parse, typed, limit: "a million", redraw });
  return {
    ...cells,
    edit(key, path, text, field, name) {
      cells.edit(field, text, name, path.reduce((m, i) => m[i], now()[key]), (v) => {
        const next = structuredClone(now()[key]);
        path.slice(0, -1).reduce((m, i) => m[i], next)[path.at(-1)] = v;
        put({ [key]: next });
      });
    },
  };
}

// `pick(i, j, o)` is told of an output value that the reader chose, `stamp(i, j)` of an input value
// of a transposed convolution; `paste(letter, most, take)` gives what a pasted matrix does.
export function makeStage({ now, fields, pick, stamp, paste, pools, resize }) {
  const chosen = () => Math.min(now().channel, dims(now()).O - 1);
  const inputs = range(CHANNELS).map((c) => makeGrid({
    onEdit: (i, j, text, field) => fields.edit("input", [c, i, j], text, field, indexX(now(), c, i, j)),
    onFocus: (i, j) => { if (now().transposed) stamp(i, j); },
    onPaste: paste("X", "input", (m) => { pools.fillInput(c, m); resize({ H: m.length, W: m[0].length }); }),
  }));
  const kernels = range(CHANNELS).map((c) => makeGrid({
    onEdit: (u, v, text, field) => fields.edit("kernel", [...kernelPath(now(), chosen(), c), ...weightAt(now(), u, v)], text, field, indexK(now(), chosen(), c, u, v)),
    onPaste: paste("K", "kernel", (m) => { pools.fillKernel(chosen(), c, now().flip ? turned(m) : m); resize({ kh: m.length, kw: m[0].length }); }),
  }));
  const outputs = range(CHANNELS).map((o) => makeGrid({ onEdit() {}, onPick: (i, j) => pick(i, j, o) }));
  const grids = [...inputs, ...kernels, ...outputs];
  const apart = range(CHANNELS).map(() => h("p", { class: "dlw-apart" }, "not in this group"));
  const op = (text = "") => h("span", { class: "dlw-op", "aria-hidden": "true" }, text);
  const times = range(CHANNELS).map(() => op()), equals = op("=");
  const rows = range(CHANNELS).map((c) => h("div", { class: "dlw-pair" }, inputs[c].panel, times[c], kernels[c].panel, apart[c]));
  const biases = range(CHANNELS).map((o) => h("input", {
    type: "text", class: "dlw-bias", autocomplete: "off", "aria-label": `bias b[${o}]`,
    oninput: (e) => fields.edit("bias", [o], e.target.value, e.target, `b[${o}]`),
  }));
  const biasRows = biases.map((field, o) => h("div", { class: "dlw-biasrow" }, h("span", { "aria-hidden": "true" }, `+ b[${o}]`), field));
  biasRows.forEach((row, o) => outputs[o].panel.append(row));
  const nothing = h("div", { class: "dlw-nothing" }), pairBox = h("div", { class: "dlw-pairs" }, ...rows);
  let marked = null;

  function drawRow(s, c, undivided) {
    const { C, n: [H, W], k: [kh, kw] } = dims(s), o = chosen();
    const [[top, left], [bottom, right]] = s.transposed ? [[0, 0], [0, 0]] : pads(s), size = [H + top + bottom, W + left + right];
    rows[c].hidden = c >= C;
    if (c >= C) return;
    inputs[c].shape(...size, { top, left, h: H, w: W }, "input");
    inputs[c].caption(inputTitle(s, c, size));
    inputs[c].each((cell, i, j) => {
      fields.show(cell, s.input[c][i][j]);
      setAttr(cell, "aria-label", indexX(s, c, i, j));
    });
    const m = undivided ? null : slice(s, o, c);
    kernels[c].panel.hidden = times[c].hidden = !m;
    apart[c].hidden = !!m;
    rows[c].classList.toggle("dlw-off", !m);
    if (!m) return;
    setText(times[c], s.transposed ? "×" : s.flip ? "∗" : "⋆");
    kernels[c].shape(kh, kw, { top: 0, left: 0, h: kh, w: kw }, "input");
    kernels[c].caption(kernelTitle(s, o, c));
    kernels[c].each((cell, u, v) => {
      fields.show(cell, m[u][v]);
      setAttr(cell, "aria-label", indexK(s, o, c, u, v));
    });
  }
  function drawOutput(s, o, result) {
    const { O } = dims(s), grid = outputs[o];
    grid.panel.hidden = o >= O || !result;
    biasRows[o].hidden = !(s.bias.length && o < O);
    if (!biasRows[o].hidden) fields.show(biases[o], s.bias[o]);
    if (grid.panel.hidden) return;
    const y = result.y[o], [oh, ow] = result.size, [[t, l], [b, r]] = s.transposed ? pads(s) : [[0, 0], [0, 0]];
    grid.shape(oh + t + b, ow + l + r, { top: t, left: l, h: oh, w: ow }, s.transposed ? "span" : "button");
    grid.caption(outputTitle(s, o, result.size, t + b + l + r > 0));
    if (s.transposed) grid.border((i, j) => fmt(result.full[o][i][j]));
    const most = Math.max(1e-9, ...y.flat().map(Math.abs));
    grid.each((cell, i, j) => {
      const v = y[i][j], sign = v > 0 ? "pos" : v < 0 ? "neg" : "zero";
      setText(cell, fmt(v));
      if (cell.dataset.sign !== sign) cell.dataset.sign = sign;
      shade(cell, 0.06 + 0.24 * Math.abs(v) / most);
      if (!s.transposed) setAttr(cell, "aria-label", `${indexY(s, o, i, j)} = ${fmt(v)}`);
    });
  }

  // The outlines: where the window or the stamp is. Cheap, runs on each press of a key.
  function move(s, i, j, fresh) {
    const { C, O, k: [kh, kw] } = dims(s), o = chosen();
    const stride = [i * s.stride[0], j * s.stride[1]];
    for (const c of range(C)) {
      const m = slice(s, o, c);
      inputs[c].sheet(...(s.transposed ? [1, 1, [1, 1]] : [kh, kw, s.dilation]));
      if (s.transposed) inputs[c].tapText(0, "");
      else if (m && fresh) m.flat().forEach((w, t) => inputs[c].tapText(t, `×${show(w)}`));
      inputs[c].move(...(s.transposed ? [i, j] : stride), !!m);
      kernels[c].move(0, 0, false);
    }
    for (const q of range(O)) {
      outputs[q].sheet(...(s.transposed ? [kh, kw, s.dilation] : [1, 1, [1, 1]]));
      outputs[q].move(...(s.transposed ? stride : [i, j]), q === o);
    }
    if (s.transposed) return;
    const cell = outputs[o].at(i, j);
    if (marked !== cell) { marked?.removeAttribute("aria-current"); cell.setAttribute("aria-current", "true"); marked = cell; }
    outputs[o].setStop(cell);
  }

  return {
    el: h("div", { class: "dlw-stage" }, pairBox, equals, h("div", { class: "dlw-outs" }, ...outputs.map((g) => g.panel), nothing)),
    chosen, move,
    // `undivided`: groups that do not divide the channels have no slices; `why`: the reason for no
    // output, and a button against it.
    draw(s, result, undivided, why) {
      pairBox.classList.toggle("dlw-single", s.input.length === 1);
      range(CHANNELS).forEach((c) => drawRow(s, c, undivided));
      range(CHANNELS).forEach((o) => drawOutput(s, o, result));
      outputs.forEach((g, o) => g.panel.classList.toggle("dlw-chosen", dims(s).O > 1 && o === chosen()));
      equals.hidden = !result;
      nothing.hidden = !!result;
      nothing.replaceChildren(...(result ? [] : why()));
      if (!result) grids.forEach((g) => g.move(0, 0, false));
    },
    // A cell is as large as fits beside each other, else below each other. Returns the characters
    // of the longest number.
    fit(root, s, result, wide) {
      const { C, n, k } = dims(s), [before, after] = pads(s), border = before[1] + after[1], gap = 2;
      const inCols = n[1] + (s.transposed ? 0 : border), outCols = result ? result.size[1] + (s.transposed ? border : 0) : 4;
      const longest = Math.max(2, ...(result ? (result.full ?? result.y).flat(2) : []).map((v) => fmt(v).length),
        ...[...s.input.flat(2), ...s.kernel.flat(3)].map((v) => exact(v).length));
      const least = longest <= 3 ? 26 : Math.min(44, Math.ceil(longest * 6.6 + 5));
      // Beside each other they are as wide as their cells, but at least as their captions; BETWEEN them lie signs.
      const parts = [[inCols, inputs], [k[1], kernels], ...(result ? [[outCols, outputs]] : [])];
      const taken = (side) => parts.reduce((sum, [cols, of]) => sum + Math.max(cols * (side + gap),
        ...of.filter((g) => !g.panel.hidden).map((g) => g.title.textContent.length * LETTER)), result ? BETWEEN : BETWEEN + REASON);
      let side = 40;
      while (side >= least && taken(side) > wide) side--;
      const beside = side >= least && wide > 520;
      const below = Math.floor(wide / Math.max(inCols, outCols, k[1])) - gap;
      const half = Math.floor((wide - 50) / (k[1] + outCols)) - gap; // kernel and output share a line
      const stacked = C === 1 && half >= Math.max(least, 30) ? Math.min(half, below) : below;
      const cell = Math.max(least, Math.min(beside || wide <= 520 ? 40 : 34, beside ? side : stacked));
      setVar(root, "--cell", `${cell}px`);
      grids.forEach((g) => g.cell(cell));
      setVar(root, "--text", `${Math.max(11, Math.min(15, (cell - 4) / (longest * 0.6)))}px`);
      root.classList.toggle("dlw-stacked", !beside);
      root.classList.toggle("dlw-tight", cell < 32); // no room for the weights beside the values
      return longest;
    },
  };
}

// The arithmetic of a two-dimensional convolution, and nothing else: no DOM, no state.
// A setting `s` holds input [C][H][W], kernel in PyTorch's layout ([O][C/groups][h][w], or
// [C][O/groups][h][w] when transposed), bias [O] or [], mode, padding/stride/dilation/
// output_padding [rows, columns], groups, flip, relu, transposed.
// Every line here is compared with torch by tests/widgets/convolution/test_model.py.

export const AXES = ["rows", "columns"];

// The kernel turned by 180 degrees: cross-correlation with it is the convolution of mathematics.
export function turned(k) {
  return k.map((row) => [...row].reverse()).reverse();
}

// Sizes that everything else needs: C, O, [H, W], [h, w] and the span of the dilated kernel.
export function dims(s) {
  const first = s.kernel[0];
  const k = [first[0].length, first[0][0].length];
  return {
    C: s.input.length,
    O: s.transposed ? first.length * s.groups : s.kernel.length,
    n: [s.input[0].length, s.input[0][0].length],
    k,
    span: k.map((size, a) => s.dilation[a] * (size - 1) + 1),
  };
}

// Zero rows and columns around the input: [[top, left], [bottom, right]]. When a total is odd,
// the extra zero goes to the bottom and to the right, in PyTorch and in TensorFlow.
export function pads(s) {
  const { n, span } = dims(s);
  const split = (total) => [Math.floor(total / 2), total - Math.floor(total / 2)];
  const each = [0, 1].map((a) => {
    const most = span[a] - 1;
    switch (s.mode) {
      case "valid": return [0, 0];
      case "full": return [most, most];
      case "same": return split(most);
      case "same_tf": {
        const out = Math.ceil(n[a] / s.stride[a]);
        return split(Math.max((out - 1) * s.stride[a] + span[a] - n[a], 0));
      }
      default: return [s.padding[a], s.padding[a]];
    }
  });
  return [0, 1].map((end) => each.map((p) => p[end]));
}

// [rows, columns] of the output; not clamped, so a value below 1 says by how much it fails.
export function outputSize(s) {
  const { n, span } = dims(s);
  const [before, after] = pads(s);
  return [0, 1].map((a) => {
    const p = before[a] + after[a];
    if (s.transposed) return (n[a] - 1) * s.stride[a] - p + span[a] + s.output_padding[a];
    return Math.floor((n[a] + p - span[a]) / s.stride[a]) + 1;
  });
}

// The kernel slice between input channel c and output channel o, or null when the two are in
// different groups. `flip` is applied here.
export function slice(s, o, c) {
  const { C, O } = dims(s);
  const ci = C / s.groups, oi = O / s.groups;
  if (Math.floor(c / ci) !== Math.floor(o / oi)) return null;
  const k = s.transposed ? s.kernel[c][o % oi] : s.kernel[o][c % ci];
  return s.flip ? turned(k) : k;
}

// Why a setting has no output: null, or { code, text } with a sentence that has the numbers.
export function problem(s) {
  const { C, O, n, k, span } = dims(s);
  const x2 = (v) => `${v[0]} × ${v[1]}`;
  const no = (code, text) => ({ code, text });
  const divisible = s.transposed ? C : s.kernel.length;
  if (divisible % s.groups || C % s.groups) {
    return groupsProblem(C, s.transposed ? s.kernel[0].length : O, s.groups);
  }
  const given = s.transposed ? s.kernel.length : s.kernel[0].length * s.groups;
  if (given !== C) {
    return no("channels", `The kernel is made for ${given} input channel${given > 1 ? "s" : ""} `
      + `(with ${s.groups} group${s.groups > 1 ? "s" : ""}), but the input has ${C}.`);
  }
  if (s.bias.length && s.bias.length !== O) {
    return no("bias", `There must be one bias for each of the ${O} output channels, not ${s.bias.length}.`);
  }
  if (s.mode.startsWith("same") && s.transposed) {
    return no("same-transposed", "A transposed convolution has no mode 'same' in PyTorch: its padding must be given in numbers.");
  }
  if (s.mode === "same" && s.stride.some((v) => v > 1)) {
    const size = n.map((v, a) => Math.ceil(v / s.stride[a]));
    return no("same-stride", `PyTorch refuses padding='same' with stride ${x2(s.stride)}: the output cannot keep the size ${x2(n)}. `
      + `TensorFlow pads until the output has ⌈n / s⌉ rows and columns, here ${x2(size)}.`);
  }
  const size = outputSize(s);
  if (s.transposed) {
    for (const a of [0, 1]) {
      const limit = Math.max(s.stride[a], s.dilation[a]);
      if (s.output_padding[a] >= limit) {
        return no("output-padding", `Output padding ${s.output_padding[a]} (${AXES[a]}) must be smaller than the stride or the dilation, `
          + `which are ${s.stride[a]} and ${s.dilation[a]}.`);
      }
    }
    const a = size.findIndex((v) => v < 1);
    if (a >= 0) {
      const cut = pads(s)[0][a];
      return no("empty", `No output: the stamps cover ${size[a] + 2 * cut} ${AXES[a]}, `
        + `and padding ${cut} cuts ${cut} from each side. Use less padding.`);
    }
    return null;
  }
  const [before, after] = pads(s);
  for (const a of [0, 1]) {
    const have = n[a] + before[a] + after[a];
    if (span[a] > have) {
      const kernel = s.dilation[a] > 1
        ? `a kernel with ${k[a]} ${AXES[a]} and dilation ${s.dilation[a]} spans ${span[a]} ${AXES[a]}`
        : `the kernel has ${k[a]} ${AXES[a]}`;
      const input = have > n[a] ? `with padding has only ${have}` : `has only ${have}`;
      return no("empty", `No output: ${kernel}, but the input ${input}. Not one window fits.`);
    }
  }
  return null;
}

// Groups must share out both kinds of channels equally.
export function groupsProblem(C, O, groups) {
  const bad = [[C, "input"], [O, "output"]].filter(([v]) => v % groups);
  if (!bad.length) return null;
  const what = bad.map(([v, name]) => `${v} ${name} channel${v > 1 ? "s" : ""}`).join(" or ");
  return { code: "groups", text: `groups = ${groups} does not divide ${what}: every group must get the same number of channels.` };
}

// The whole computation. `full` is the output of a transposed convolution before padding cuts
// its border (null otherwise). Multiply-adds: `nominal` counts every tap, `real` leaves out
// those that multiply a padding zero (or, transposed, that land on the border that is cut off).
export function run(s) {
  const { C, O, n: [H, W], k: [kh, kw], span } = dims(s);
  const [[top, left], [bottom, right]] = pads(s);
  const [oh, ow] = outputSize(s);
  const [sh, sw] = s.stride, [dh, dw] = s.dilation;
  const rows = s.transposed ? oh + top + bottom : oh, cols = s.transposed ? ow + left + right : ow;
  let nominal = 0, real = 0;
  const y = Array.from({ length: O }, () => Array.from({ length: rows }, () => new Array(cols).fill(0)));
  for (let o = 0; o < O; o++) {
    for (let c = 0; c < C; c++) {
      const w = slice(s, o, c), x = s.input[c];
      if (!w) continue;
      if (s.transposed) {
        for (let a = 0; a < H; a++) for (let b = 0; b < W; b++)
          for (let u = 0; u < kh; u++) for (let v = 0; v < kw; v++) {
            const i = a * sh + u * dh, j = b * sw + v * dw;
            y[o][i][j] += x[a][b] * w[u][v];
            nominal++;
            if (i >= top && i < top + oh && j >= left && j < left + ow) real++;
          }
      } else {
        for (let i = 0; i < oh; i++) for (let j = 0; j < ow; j++)
          for (let u = 0; u < kh; u++) for (let v = 0; v < kw; v++) {
            const a = i * sh + u * dh - top, b = j * sw + v * dw - left;
            nominal++;
            if (a < 0 || a >= H || b < 0 || b >= W) continue;
            y[o][i][j] += x[a][b] * w[u][v];
            real++;
          }
      }
    }
  }
  const finish = (v, o) => {
    const z = v + (s.bias[o] ?? 0);
    return s.relu ? Math.max(z, 0) : z;
  };
  const kept = s.transposed ? y.map((m) => m.slice(top, top + oh).map((row) => row.slice(left, left + ow))) : y;
  return {
    y: kept.map((m, o) => m.map((row) => row.map((v) => finish(v, o)))),
    full: s.transposed ? y : null,
    size: [oh, ow],
    span,
    nominal,
    real,
  };
}

// The products that make output value (i, j) of channel o, channel by channel:
// [{ c, taps: [{ x, w, inside }], sum }]. For convolutions only.
export function taps(s, o, i, j) {
  const { C, n: [H, W], k: [kh, kw] } = dims(s);
  const [[top, left]] = pads(s);
  const all = [];
  for (let c = 0; c < C; c++) {
    const w = slice(s, o, c);
    if (!w) continue;
    const list = [];
    for (let u = 0; u < kh; u++) for (let v = 0; v < kw; v++) {
      const a = i * s.stride[0] + u * s.dilation[0] - top, b = j * s.stride[1] + v * s.dilation[1] - left;
      const inside = a >= 0 && a < H && b >= 0 && b < W;
      list.push({ x: inside ? s.input[c][a][b] : 0, w: w[u][v], inside });
    }
    all.push({ c, taps: list, sum: list.reduce((t, p) => t + p.x * p.w, 0) });
  }
  return all;
}

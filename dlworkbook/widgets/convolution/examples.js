// Inputs, kernels and whole settings to choose from, each with its name.
import SETTINGS from "./settings.json" with { type: "json" };

export const INPUTS = {
  exam: ["exam", SETTINGS.fields.input.start[0]],
  edge: ["an edge", Array.from({ length: 7 }, () => [0, 0, 0, 9, 9, 9, 9])],
  dot: ["one dot", Array.from({ length: 7 }, (_, i) => Array.from({ length: 7 }, (_, j) => (i === 3 && j === 3 ? 1 : 0)))],
  ramp: ["0, 1, 2, …", Array.from({ length: 4 }, (_, i) => Array.from({ length: 4 }, (_, j) => 4 * i + j))],
  // scikit-image's `camera` (by Lav Varshney, CC0): rows 60-219, columns 180-339 as the means of
  // 16 x 16 blocks, rounded; grey values from 0 (black) to 255 (white).
  photo: ["photo, 0 to 255", [
    [173, 109, 126, 183, 204, 204, 203, 203, 203, 202], [43, 46, 37, 36, 157, 206, 206, 205, 205, 205],
    [32, 49, 56, 29, 36, 173, 208, 207, 207, 207], [17, 23, 46, 34, 25, 95, 210, 209, 209, 209],
    [86, 24, 88, 108, 66, 165, 212, 212, 210, 211], [128, 87, 143, 108, 126, 127, 184, 197, 155, 209],
    [64, 99, 135, 158, 191, 133, 182, 177, 166, 207], [81, 60, 94, 126, 215, 142, 108, 118, 79, 149],
    [133, 30, 50, 73, 146, 128, 28, 52, 32, 104], [58, 46, 50, 60, 118, 57, 40, 54, 45, 112]]],
};
const over = (q, rows) => rows.map((row) => row.map((v) => v / q));
export const KERNELS = {
  exam: ["exam", SETTINGS.fields.kernel.start[0][0]],
  sobel: ["Sobel, left to right", [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]],
  sobel_y: ["Sobel, top to bottom", [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]],
  blur: ["blur (mean)", over(9, [[1, 1, 1], [1, 1, 1], [1, 1, 1]])],
  gauss: ["blur (binomial)", over(16, [[1, 2, 1], [2, 4, 2], [1, 2, 1]])],
  sharpen: ["sharpen", [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]],
  laplace: ["Laplace", [[0, 1, 0], [1, -4, 1], [0, 1, 0]]],
  identity: ["identity", [[0, 0, 0], [0, 1, 0], [0, 0, 0]]],
  count: ["1 to 9", [[1, 2, 3], [4, 5, 6], [7, 8, 9]]],
  pair: ["difference, 1 × 2", [[-1, 1]]],
  even: ["mean, 2 × 2", over(4, [[1, 1], [1, 1]])],
};

const rgb = [[3, 1, 0, 2], [0, 5, 4, 1], [1, 2, 6, 3], [2, 0, 1, 4]];
const shift = (m, by) => m.map((row, i) => row.map((_, j) => m[(i + by) % m.length][(j + 2 * by) % row.length]));
const ch = (m, n) => Array.from({ length: n }, (_, c) => shift(m, c));
const K = (name) => KERNELS[name][1];
export const EXAMPLES = {
  exam: ["exam problem", {}],
  edge: ["Sobel on an edge", { input: [INPUTS.edge[1]], kernel: [[K("sobel")]] }],
  dot: ["one dot, 1 to 9", { input: [INPUTS.dot[1]], kernel: [[K("count")]] }],
  sobel: ["photo, Sobel", { input: [INPUTS.photo[1]], kernel: [[K("sobel")]] }],
  blur: ["photo, blur", { input: [INPUTS.photo[1]], kernel: [[K("blur")]] }],
  sharpen: ["photo, sharpen", { input: [INPUTS.photo[1]], kernel: [[K("sharpen")]] }],
  channels: ["3 channels in, 2 out", {
    input: ch(rgb, 3), bias: [1, -2],
    kernel: [[[[1, 0], [0, -1]], [[0, 1], [1, 0]], [[2, 0], [0, 0]]], [[[0, 0], [1, 1]], [[-1, 0], [0, 1]], [[0, 1], [0, 0]]]],
  }],
  depthwise: ["depthwise: groups = 3", {
    input: ch(rgb, 3), kernel: [[[[1, 1], [1, 1]]], [[[1, -1], [1, -1]]], [[[1, 1], [-1, -1]]]], groups: 3,
  }],
  transposed: ["transposed, stride 2", {
    input: [[[1, 2, 3], [4, 5, 6], [7, 8, 9]]], kernel: [[[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]], transposed: true, stride: [2, 2],
  }],
};

// Local derivatives of operations, for all who walk back through a graph.
// At a tie every one of the largest gets an equal share, as in torch.amax.
const winners = (x, y) => x.map((v) => (v === y ? 1 / x.filter((u) => u === y).length : 0));
// The derivatives of y, the value at the inputs x, by each input; at a kink torch's convention.
export const LOCAL = {
  "+": () => [1, 1], "-": () => [1, -1], "*": ([a, b]) => [b, a], "/": ([a, b]) => [1 / b, -a / (b * b)],
  "^": ([a, b], y) => [b === 0 ? 0 : b * a ** (b - 1), a === 0 && b >= 0 ? 0 : y * Math.log(a)],
  neg: () => [-1], sin: ([a]) => [Math.cos(a)], cos: ([a]) => [-Math.sin(a)], tan: (x, y) => [1 + y * y],
  tanh: (x, y) => [1 - y * y], exp: (x, y) => [y], sqrt: (x, y) => [0.5 / y], log: ([a]) => [1 / a], ln: ([a]) => [1 / a],
  log2: ([a]) => [1 / (a * Math.LN2)], log10: ([a]) => [1 / (a * Math.LN10)],
  sigmoid: (x, y) => [y * (1 - y)], sigma: (x, y) => [y * (1 - y)], abs: ([a]) => [Math.sign(a)],
  relu: ([a]) => [a > 0 ? 1 : 0], max: winners, min: winners, sign: () => [0], floor: () => [0], ceil: () => [0],
};

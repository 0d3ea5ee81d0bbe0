// Softmax of three scores at a temperature, and the cross-entropy of one target. No DOM.

// What stands on the sliders is halves; the same number is added to all three.
export const scores = ({ a, b, c, shift }) => [a, b, c].map((v) => v / 2 + shift);

// The exponentials as they are: beyond 709 they are infinite, below -745 zero.
export const naive = (s) => scores(s).map((v) => Math.exp(v / s.heat));

// With the largest score subtracted: none is above 1, and one of them is 1.
export function powers(s) {
  const z = scores(s), most = Math.max(...z);
  return z.map((v) => Math.exp((v - most) / s.heat));
}

export function shares(s) {
  const list = powers(s), sum = list.reduce((x, y) => x + y);
  return list.map((v) => v / sum);
}

// Minus the logarithm of the target's share, without forming it; in nats.
export function loss(s) {
  const z = scores(s), most = Math.max(...z), sum = powers(s).reduce((x, y) => x + y);
  return Math.log(sum) - (z[s.target] - most) / s.heat;
}

// The derivatives of the loss by the three scores.
export const gradient = (s) => shares(s).map((p, k) => (p - (k === s.target ? 1 : 0)) / s.heat);

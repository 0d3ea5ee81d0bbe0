// venn bounds: the numbers. No DOM; tests/widgets/venn_bounds/test_model.py compares them with torch.
const UPDATES = 20;

export const rate = (s) => (s.step + 1) / 20;
// The largest step size that does not diverge.
export const limit = (s) => 2 / s.curvature;
export const loss = (s, x) => (s.curvature * x ** 2) / 2;

// x before and after each update of gradient descent, from 1.
export function path(s) {
  const found = [1];
  for (let n = 0; n < UPDATES; n++) found.push(found[n] - rate(s) * s.curvature * found[n]);
  return found;
}

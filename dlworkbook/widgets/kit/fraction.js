// Fractions of whole numbers, exact up to 2^53.

// n over d in lowest terms, as [n, d]; [0, 0] for 0 over 0.
export function lowest(n, d) {
  let g = d, rest = n;
  while (rest) [g, rest] = [rest, g % rest];
  return g ? [n / g, d / g] : [0, 0];
}

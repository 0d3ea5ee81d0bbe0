// Huffman's tree of five words: joins, codes, mean length, entropy. No DOM.
export const WORDS = 5;
export const counts = ({ a, b, c, d, e }) => [a, b, c, d, e];

// For each node but the root [the node above, 0 left or 1 right]: leaves 0 to 4, then inner nodes
// in the order in which they were made. Of equal counts the older node comes first.
export function above(s) {
  const open = counts(s).map((n, k) => ({ n, k })), up = [];
  for (let node = WORDS; node < 2 * WORDS - 1; node++) {
    open.sort((p, q) => p.n - q.n || p.k - q.k);
    const [p, q] = open.splice(0, 2);
    up[p.k] = [node, 0];
    up[q.k] = [node, 1];
    open.push({ n: p.n + q.n, k: node });
  }
  return up;
}

// The count of every node: of a word what occurs, of an inner node the sum below it.
export function sums(s) {
  const up = above(s), all = [...counts(s), ...Array(WORDS - 1).fill(0)];
  up.forEach(([node], k) => { all[node] += all[k]; });
  return all;
}

// The nodes from a word up to the root, and its code from the root down.
export function way(s, word) {
  const up = above(s), nodes = [word];
  while (up[nodes.at(-1)]) nodes.push(up[nodes.at(-1)][0]);
  return nodes;
}
export function codes(s) {
  const up = above(s);
  return counts(s).map((_, word) => way(s, word).slice(0, -1).map((k) => up[k][1]).reverse().join(""));
}

const total = (s) => counts(s).reduce((x, y) => x + y);
export const mean = (s) => codes(s).reduce((sum, code, k) => sum + code.length * counts(s)[k], 0) / total(s);
export const entropy = (s) => counts(s).reduce((sum, n) => sum - (n / total(s)) * Math.log2(n / total(s)), 0);

// A tree as level as it can be: three questions for the two rarest words, two for the others.
export function level(s) {
  const [p, q] = counts(s).sort((x, y) => x - y);
  return 2 + (p + q) / total(s);
}

// Scaled dot-product attention of two or three tokens: scores, weights, output; level 3 has a causal mask.

import { fraction, key, range, rounded, sum, tex } from "../kit.js";

const name = "attention";
const title = "Attention by hand";
const page = "ch10_attention/self_attention"; // where it is taught
const minutes = { 1: 5, 2: 10, 3: 8 };
const levels = { 1: "one query, three tokens", 2: "self-attention of two tokens", 3: "three tokens, causal mask" };
const bounds = { most: 99 };

const WIDTH = 4; // of queries and keys: its root is 2
const TRIES = 30;
const ROOTS = { 4: 2, 9: 3 }; // the logarithm in the keys, and that in the scores

const flip = (rows) => rows[0].map((_, j) => rows.map((row) => row[j]));
const product = (A, B) => A.map((row) => flip(B).map((column) => sum(row.map((a, k) => a * column[k]))));
const decimals = (rows) => rows.map((row) => row.map((x) => rounded(x)));

// Attention with one step of the method exchanged, in decimals: weights and output.
function attended(scores, V, { soft = softRows, after = (A) => A, mix = (A) => product(A, V) } = {}) {
  const A = after(soft(scores));
  return { A: decimals(A), Y: decimals(mix(A)) };
}
const softRows = (rows) => rows.map((row) => row.map((x) => Math.exp(x) / sum(row.map(Math.exp))));
const softColumns = (rows) => flip(softRows(flip(rows)));
const toLargest = (A, V) => A.map((row) => V[row.indexOf(Math.max(...row))]);
const tied = (row) => row.filter((x) => x === Math.max(...row)).length > 1;

// The multiple k of ln b: in a matrix, and as a key.
const shownLog = (k, b) => (k === 0 ? "0" : `$${k < 0 ? "-" : ""}${Math.abs(k) === 1 ? "" : `${Math.abs(k)} `}\\ln ${b}$`);
const keyLog = (k, b) => (k === 0 ? 0 : `ln(${key(k > 0 ? [b ** k, 1] : [1, b ** -k])})`);
const texLog = (k, b) => (k === 0 ? "0" : `\\ln ${tex(k > 0 ? [b ** k, 1] : [1, b ** -k])}`);

const hides = (level) => (i, j) => level === 3 && j > i;
const spread = (row) => Math.max(...row) - Math.min(...row);

// Numbers whose scores are small multiples of a logarithm, and whose rows all differ; else null.
function numbers(random, level, root) {
  const n = level === 2 ? 2 : 3;
  const X = level === 2 ? random.grid(2, 2, 0, 2) : null;
  const Wq = X && random.grid(WIDTH, 2, -1, 1), Wk = X && random.grid(WIDTH, 2, -1, 1), Wv = X && random.grid(2, 2, -1, 3);
  const Q = X ? product(X, flip(Wq)) : random.grid(level === 1 ? 1 : n, WIDTH, -1, 2);
  const K = X ? product(X, flip(Wk)) : random.grid(n, WIDTH, -1, 1); // times the logarithm of the square of `root`
  const V = X ? product(X, flip(Wv)) : random.grid(n, 2, level === 1 ? 0 : -2, 6);
  const S = product(Q, flip(K)); // scaled scores, as multiples of the logarithm of `root`
  const seen = S.map((row, i) => row.filter((_, j) => !hides(level)(i, j)));
  const dull = [...Q, ...K].some((row) => row.filter(Boolean).length < 2) || [...(X ?? []), ...V, ...flip(V)].some((row) => !row.some(Boolean));
  const alike = [X ?? [], Q, K, V, flip(V), seen.map((row) => row.map((s) => s - row[0]))].some((rows) => new Set(rows.map(String)).size < rows.length);
  const far = S.flat().some((s) => Math.abs(s) > 3) || S.some((row) => spread(row) > (root === 2 ? 4 : 3));
  return dull || alike || far || seen.some((row) => row.length > 1 && !spread(row)) ? null : { X, Wq, Wk, Wv, Q, K, V, S, seen };
}

function draw(random, level) {
  const square = random.pick([4, 4, 9]);
  const root = ROOTS[square];
  const tried = range(TRIES).reduce((found) => found ?? numbers(random, level, root), null);
  if (!tried) return null;
  const { X, Wq, Wk, Wv, Q, K, V, S, seen } = tried;
  const hidden = hides(level);
  const powers = S.map((row, i) => row.map((s, j) => (hidden(i, j) ? 0 : root ** (s - Math.min(...seen[i])))));
  const A = powers.map((row) => row.map((g) => fraction(g, sum(row))));
  const Y = powers.map((row) => product([row], V)[0].map((y) => fraction(y, sum(row))));
  const exact = (rows) => rows.map((row) => row.map(key));

  const masked = (rows, with_ = -Infinity) => rows.map((row, i) => row.map((s, j) => (hidden(i, j) ? with_ : s)));
  const scores = (factor = 1) => S.map((row) => row.map((s) => factor * s * Math.log(root)));
  const told = (id, { A: weights, Y: out }, says, s = null) => {
    const [w, y] = [weights, out].map((rows) => (rows && rows.flat().every((x) => Number.isFinite(x) && Math.abs(x) < 1e4) ? rows : null));
    return { id, says, is: level === 1 ? [s && s.map((x) => rounded(x)), w && w[0], y && y[0]] : [w, y] };
  };
  const plain = attended(masked(scores()), V);
  const wrong = (factor) => attended(masked(scores(factor)), V);
  const slips = [
    told("no_scaling", wrong(2), "The scores were not divided by the root of the width.", scores(2)[0]),
    told("by_width", wrong(1 / 2), "The scores were divided by the width itself; it is its root that counts.", scores(1 / 2)[0]),
    told("largest", { A: null, Y: seen.some(tied) ? null : toLargest(plain.A, V) }, "The value of the token with the largest weight was taken; all values are mixed."),
    ...(level === 1 ? [
      told("no_exp", attended(scores(), V, { soft: (rows) => rows.map((row) => row.map((x) => x / sum(row))) }), "The scores were divided by their sum; softmax takes exponentials first."),
      told("not_normalised", attended(scores(), V, { soft: (rows) => rows.map((row) => row.map(Math.exp)) }), "The exponentials were not divided by their sum."),
      told("keys_mixed", { A: null, Y: decimals(product(plain.A, K.map((row) => row.map((k) => k * Math.log(square))))) }, "The keys were mixed; they only decide the weights, and the values are mixed."),
    ] : [
      told("columns", attended(masked(scores()), V, { soft: softColumns }), "Softmax went down the columns; each query shares 1 among the keys, so it goes along the rows."),
    ]),
    ...(level === 2 ? [
      told("exchanged", attended(flip(scores()), V), "Queries and keys were exchanged: rows belong to the queries."),
      told("not_turned", { A: null, Y: decimals(product(plain.A, product(X, Wv))) }, "The values were computed with the matrix as it is; tokens are rows, so it is transposed."),
      told("inputs_mixed", { A: null, Y: decimals(product(plain.A, X)) }, "The inputs were mixed; the values are."),
    ] : []),
    ...(level === 3 ? [
      told("no_mask", attended(scores(), V), "The mask was left out: every token looked at later ones."),
      told("zero_score", attended(masked(scores(), 0), V), "The hidden scores were set to 0, but the exponential of 0 is 1; they count as minus infinity."),
      told("after_softmax", attended(scores(), V, { after: (rows) => masked(rows, 0) }), "The weights were set to 0 after softmax, so that a row no longer adds up to 1."),
      told("other_side", attended(scores().map((row, i) => row.map((s, j) => (j < i ? -Infinity : s))), V), "The mask hides the earlier tokens; it is the later ones that must not be seen."),
    ] : []),
  ];

  const logs = (rows) => rows.map((row) => row.map((k) => shownLog(k, square)));
  const rule = `The scores are $q \\cdot k / \\sqrt{d}$ with width $d = ${WIDTH}$ of queries and keys`;
  const lines = range(S.length).map((i) => `${level === 1 ? "The" : `Token ${i + 1}: the`} exponentials ${level === 3 && i < S.length - 1 ? "of what it sees " : ""}are $${S[i].map((s, j) => (hidden(i, j) ? null : tex(s < 0 ? [1, root ** -s] : [root ** s, 1]))).filter(Boolean).join(", \\; ")}$; over their sum they are the weights $${A[i].map(tex).join(", \\; ")}$.`);
  const last = level === 3 ? 2 : 0; // the row of the output that is shown
  return {
    statement: [
      level === 1 ? `A query $q$ looks at three tokens by scaled dot-product attention. Row $j$ of $K$ and $V$ is the key and the value of token $j$. Compute the three scaled scores (the numbers that enter the softmax), the attention weights, and the output.`
        : level === 2 ? "Two tokens are the rows of $X$. They go through one head of self-attention (dot products scaled by the root of the width of queries and keys; no mask, no bias, no output matrix), with $Q = X W_q^\\top$, $K = X W_k^\\top$ and $V = X W_v^\\top$. Compute the attention weights $A$, one row for each query, and the output $Y$."
          : "Queries, keys and values of three tokens are the rows of $Q$, $K$ and $V$. They go through one head of scaled dot-product self-attention with a causal mask: a token sees itself and the tokens before it. Compute the attention weights $A$, one row for each query, and the output $Y$.",
      "Fractions may stand in the answer; of decimals three significant digits are enough.",
      { matrices: X ? [["X", X], ["W_q", Wq], ["W_k", logs(Wk)], ["W_v", Wv]] : [[level === 1 ? "q" : "Q", Q], ["K", logs(K)], ["V", V]] },
    ],
    data: { base: square, V: X ? Wv : V, Q: X ? Wq : Q, K: X ? Wk : K, ...(X ? { X } : {}) },
    fields: level === 1 ? [
      { kind: "vector", ask: "The scaled scores", is: S[0].map((s) => keyLog(s, root)), tol: 0.005, else: "One dot product for each key, and then the same division for all." },
      { kind: "vector", ask: "The attention weights", is: exact(A)[0], tol: 0.005, else: "Exponentials first: `exp(ln a)` is `a`. Then each over the sum." },
      { kind: "vector", ask: "The output", is: exact(Y)[0], tol: 0.005, else: "Each weight times the value of its token, and all of it added." },
    ] : [
      { kind: "matrix", ask: "The attention weights $A$", is: exact(A), tol: 0.005, else: "One row for each query. What does each row add up to?" },
      { kind: "matrix", ask: "The output $Y$", is: exact(Y), tol: 0.005, else: "Row by row: each weight times the value of its token, and all of it added." },
    ],
    slips,
    steps: [
      ...(X ? [["Queries, keys and values first: a row of $X$ times the transposed matrix, so each row of $W$ gives one number of it.", { matrices: [["Q", Q], ["K", logs(K)], ["V", V]] }]] : []),
      [`${rule}, so all dot products are divided by 2; $\\frac{1}{2} \\ln ${square} = \\ln ${root}$.`, ...(level === 1 ? [`They are $${S[0].map((s) => texLog(s, root)).join(", \\; ")}$.`] : [{ matrices: [["Q K^\\top / 2", S.map((row, i) => row.map((s, j) => (hidden(i, j) ? "hidden" : `$${texLog(s, root)}$`)))]] }])],
      ...(level === 3 ? ["A hidden score counts as $-\\infty$, so its exponential is 0. Softmax goes along each row, over what is seen."] : level === 2 ? ["Softmax goes along each row."] : []),
      ...lines,
      [`The output mixes the values with these weights; ${level === 1 ? "" : `in row ${last + 1} `}its first number is $${A[last].map((a, j) => [a, V[j][0]]).filter(([a]) => a[0]).map(([a, v]) => `${tex(a)} \\cdot ${v < 0 ? `(${v})` : v}`).join(" + ")} = ${tex(Y[last][0])}$.`,
        ...(level === 1 ? [`All of it: $${Y[0].map(tex).join(", \\; ")}$.`] : [{ matrices: [["Y", Y.map((row) => row.map((y) => `$${tex(y)}$`))]] }])],
    ],
  };
}

export default { name, title, page, minutes, levels, bounds, draw };

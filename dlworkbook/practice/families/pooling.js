// Pooling forwards, and the gradient backwards through it, for maximum and mean.

import { fraction, key, range, sum } from "../kit.js";

const name = "pooling";
const title = "Pooling both ways";
const page = "ch06_convolutional_networks/pooling"; // where it is taught
const minutes = { 1: 2, 2: 5, 3: 6 };
const levels = { 1: "forwards, maximum or mean", 2: "forwards and backwards", 3: "windows that overlap" };
const bounds = { most: 99 };

// The places of each window, row by row.
const windows = (n, f, s) => range(Math.floor((n - f) / s) + 1).map((i) => range(Math.floor((n - f) / s) + 1).map((j) => (
  range(f).flatMap((u) => range(f).map((v) => [i * s + u, j * s + v])))));
const at = (X, [i, j]) => X[i][j];
const exact = (rows) => rows.map((row) => row.map(key));

function forwards(X, places, how) {
  return places.map((row) => row.map((window) => {
    const held = window.map((place) => at(X, place));
    return { max: () => fraction(Math.max(...held)), mean: () => fraction(sum(held), held.length), min: () => fraction(Math.min(...held)), sum: () => fraction(sum(held)) }[how]();
  }));
}

// What arrives at each place of X. `share(X, window, place)` is its part of the gradient of a window.
function backwards(X, places, G, share, put = (old, more) => old + more) {
  const found = X.map((row) => row.map(() => 0));
  places.forEach((row, i) => row.forEach((window, j) => window.forEach((place) => {
    const more = share(X, window, place) * G[i][j];
    if (more) found[place[0]][place[1]] = put(found[place[0]][place[1]], more);
  })));
  return found;
}
const toFirst = (better) => (X, window, place) => Number(place === window.reduce((best, other) => (better(at(X, other), at(X, best)) ? other : best)));
const toMax = toFirst((a, b) => a > b);
const toMin = toFirst((a, b) => a < b);
const toAll = () => 1;
const evenly = (X, window) => 1 / window.length;

function draw(random, level) {
  const how = level === 3 ? "max" : random.pick(["max", "mean"]);
  const [n, f, s] = level === 3 ? [random.pick([3, 4]), 2, 1] : [4, 2, 2];
  const held = random.some(range(20).map((k) => k - 9), n * n); // all different: the gradient of equal ones is a matter of taste
  const X = range(n).map((i) => held.slice(i * n, (i + 1) * n));
  const places = windows(n, f, s);
  const size = places.length;
  const G = random.grid(size, size, 1, 6).map((row) => row.map((g) => (how === "mean" ? 4 * g : g)));
  const Y = exact(forwards(X, places, how));
  const dX = backwards(X, places, G, how === "max" ? toMax : evenly);
  const back = level > 1;
  const both = (forth, behind) => (back ? [forth, behind] : [forth]);
  const slips = [
    { id: "other", is: both(exact(forwards(X, places, how === "max" ? "mean" : "max")), backwards(X, places, G, how === "max" ? evenly : toMax)), says: how === "max" ? "That is the mean of each window; the largest number was asked for." : "That is the largest number of each window; the mean was asked for." },
    { id: "least", is: both(exact(forwards(X, places, "min")), how === "max" ? backwards(X, places, G, toMin) : null), says: "The smallest number of each window was taken." },
    { id: "summed", is: both(how === "mean" ? exact(forwards(X, places, "sum")) : null, backwards(X, places, G, toAll)), says: how === "mean" ? "The numbers were not divided by the size of the window." : "The whole gradient went to every place of the window; only one place decided the output." },
    { id: "absolute", is: both(how === "max" ? exact(forwards(X.map((row) => row.map(Math.abs)), places, "max")) : null, null), says: "Signs were left out: a negative number is not large." },
    { id: "stride", is: both(exact(forwards(X, windows(n, f, s === 1 ? 2 : 1), how)), null), says: `The window moved by ${s === 1 ? 2 : 1}; the stride is ${s}.` },
    ...(level === 3 ? [
      { id: "last_wins", is: both(null, backwards(X, places, G, toMax, (old, more) => more)), says: "Where one place is the largest of two windows one gradient replaced the other; they are added." },
    ] : []),
  ];
  const corner = places[0][0].map((place) => at(X, place));
  const word = how === "max" ? "maximum" : "mean";
  return {
    statement: [
      `A layer takes the ${word} over windows of ${f} × ${f} with stride ${s}, without padding. Compute its output $Y$ for the input $X$.${back ? " Then $G$ arrives from behind, the gradient of the loss by $Y$: compute the gradient by $X$." : ""}`,
      { matrices: [["X", X], ...(back ? [["G", G]] : [])] },
    ],
    data: { X, how, size: f, stride: s, ...(back ? { G } : {}) },
    fields: [
      { kind: "matrix", ask: "The output $Y$", is: Y, else: "Mark the windows in X, one after the other, and take one number from each." },
      ...(back ? [{ kind: "matrix", ask: "The gradient by $X$", is: dX, else: "For each number of X: by how much does each output grow if it grows a little?" }] : []),
    ],
    slips,
    steps: [
      `The output has $\\lfloor (${n} - ${f}) / ${s} \\rfloor + 1 = ${size}$ rows and columns.`,
      `The window at the top left holds ${corner.join(", ")}; its ${word} is ${Y[0][0]}.`,
      { matrices: [["Y", Y]] },
      ...(back ? [how === "max" ? "Backwards, each number of $G$ goes to the one place of its window that was largest, because only that place decided the output; what several windows send to a place is added." : `Backwards, each number of $G$ is shared among the ${f * f} places of its window, because each of them counts for a part of $1/${f * f}$.`, { matrices: [["\\partial L / \\partial X", dX]] }] : []),
    ],
  };
}

export default { name, title, page, minutes, levels, bounds, draw };

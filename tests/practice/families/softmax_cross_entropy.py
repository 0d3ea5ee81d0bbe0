"""Faults that the proof of this family must find."""

MUTANTS = [
    ("inverted", "fraction(a * d, b * n), [1, 1]", "fraction(a * n, b * d), [1, 1]"),
    ("sum for mean", "samples > 1 ? `/${samples}` : \"\"", "samples > 2 ? `/${samples}` : \"\""),
    ("gradient without the true class", "rows[0][c] - hot(0, c) * sum(rows[0]), sum",
     "rows[0][c], sum"),
    ("three digits refused", "is: p[0].map(key), tol: 0.005", "is: p[0].map(key), tol: 0.0005"),
    ("slip that is the key", "is: place([null, mean((_, k) => -Math.log2(q[k]))])",
     "is: place([null, mean((_, k) => -Math.log(q[k]))])"),
]

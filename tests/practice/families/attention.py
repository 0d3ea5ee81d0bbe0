"""Faults that the proof of this family must find."""

MUTANTS = [
    ("weights of the reciprocal", "root ** (s - Math.min(...seen[i]))",
     "root ** (Math.max(...seen[i]) - s)"),
    ("not scaled", "const ROOTS = { 4: 2, 9: 3 };", "const ROOTS = { 4: 4, 9: 9 };"),
    ("mask that hides nothing", "=> level === 3 && j > i;", "=> level === 4 && j > i;"),
    ("mask that hides the token itself", "level === 3 && j > i;",
     "level === 3 && j >= i && i > 0;"),
    ("values not turned", "const V = X ? product(X, flip(Wv))", "const V = X ? product(X, Wv)"),
    ("slip that is the key", "V, { soft: softColumns })", "V, { soft: softRows })"),
]

"""Faults that the proof of this family must find."""

MUTANTS = [
    ("no activation", "const relu = (a) => Math.max(0, a);", "const relu = (a) => a;"),
    ("matrix turned", "const applied = (M, v) => M.map(", "const applied = (M, v) => flip(M).map("),
    ("bias of a step before the last", "solve(rows([0, h[0], h[1]], xs, h));",
     "solve(rows([0, h[0], h[0]], xs, h));"),
    ("last state without its bias", "const next = relu(h[3]);", "const next = relu(h[3] - b);"),
    ("slip that is the key", "{ phi: Math.abs }", "{}"),
]

"""Faults that the proof of this family must find."""

MUTANTS = [
    ("keys of all heads", "key: [g * dh, d], value", "key: [h * dh, d], value"),
    ("gate left out", "const [A, F] = [attention(), 3 * d * f];",
     "const [A, F] = [attention(), 2 * d * f];"),
    ("rank rounded", "const rank = Math.floor(budget / one);",
     "const rank = Math.round(budget / one);"),
    ("keys without values", "const each = 2 * L * g * dh * 2;", "const each = L * g * dh * 2;"),
    ("slip that is the key", '"no_shared", q, "What', '"no_shared", bits, "What'),
]

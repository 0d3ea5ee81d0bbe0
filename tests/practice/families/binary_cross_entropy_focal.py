"""Faults that the proof of this family must find."""

MUTANTS = [
    ("class 1 for all", "const pt = own(p);", "const pt = p;"),
    ("alpha of class 0", "const weight = own(labels.map(() => alpha));",
     "const weight = own(labels.map(() => minus(ONE, alpha)));"),
    ("sum for mean", "const parts = mean ? n : 1;", "const parts = 1;"),
    ("sum of gradients", "[labels[k], 1]), [1, n])));", "[labels[k], 1]), ONE)));"),
    ("slip that is the key", "focal({ power: (q) => minus(ONE, q) })", "focal()"),
]

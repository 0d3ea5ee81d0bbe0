"""Faults that the proof of this family must find."""

MUTANTS = [
    ("whole window", "const reach = ({ k, d }) => d * (k - 1);",
     "const reach = ({ k, d }) => d * k - 1;"),
    ("strides added", "const stretch = (j, { s }) => j * s;",
     "const stretch = (j, { s }) => j + s - 1;"),
    ("stride too early", "early = false } = {}", "early = true } = {}"),
    ("padding not in jumps", "sum(layers.map(({ p }, l) => p * before[l]))",
     "sum(layers.map(({ p }) => p))"),
    ("slip that is the key", "is: asked(other({ early: true }))", "is: asked(rows)"),
]

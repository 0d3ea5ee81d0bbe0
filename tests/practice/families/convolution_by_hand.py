"""Faults that the proof of this family must find."""

MUTANTS = [
    ("key turned", "const Y = slid(X, K, how);", "const Y = slid(X, K.map(turned), how);"),
    ("bias left out", "at(x, i + u, j + v) * K[c][u][v])))));",
     "at(x, i + u, j + v) * K[c][u][v]))))) - b;"),
    ("slip that is the key", "is: [slid(X, K.map(turned), how)]", "is: [slid(X, K, how)]"),
    ("numbers too large", "level === 1 ? 6 : 5", "level === 1 ? 6 : 500"),
]

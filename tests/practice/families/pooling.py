"""Faults that the proof of this family must find."""

MUTANTS = [
    ("mean of one too many", "fraction(sum(held), held.length)",
     "fraction(sum(held), held.length + 1)"),
    ("largest by magnitude", "const toMax = toFirst((a, b) => a > b);",
     "const toMax = toFirst((a, b) => a * a > b * b);"),
    ("gradients replaced", "put = (old, more) => old + more", "put = (old, more) => more"),
    ("slip that is the key", 'is: both(exact(forwards(X, places, "min")), how === "max" ? '
     "backwards(X, places, G, toMin) : null)",
     'is: both(exact(forwards(X, places, how)), null)'),
]

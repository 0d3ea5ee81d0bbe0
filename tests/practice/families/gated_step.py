"""Faults that the proof of this family must find."""

MUTANTS = [
    ("the other convention of the update gate", "plus(times(z, h), times(minus(one, z), n));",
     "plus(times(minus(one, z), h), times(z, n));"),
    ("tanh of half", "power(2 * k, b)", "power(k, b)"),
    ("reset gate on all", "const p = kn - decimal(r) * q;", "const p = kn / decimal(r) - q;"),
    ("input gate left out", "plus(times(f, old), times(i, g));", "plus(times(f, old), g);"),
    ("state without tanh", "is: `${key(o)}*tanh(${key(c)})`", "is: `${key(o)}*(${key(c)})`"),
    ("three digits refused", "is: key(c), tol: 0.005", "is: key(c), tol: 0.001"),
    ("slip that is the key", 'slip("no_reset", { inner: () => p + q }', 'slip("no_reset", {}'),
]

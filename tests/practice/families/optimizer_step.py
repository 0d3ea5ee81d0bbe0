"""Faults that the proof of this family must find."""

MUTANTS = [
    ("half the gradient", "times([a, 1], minus(at, [c, 1]))", "times([a, 2], minus(at, [c, 1]))"),
    ("no speed", "plus(times(keep, v), more)", "plus(times(keep, zero), more)"),
    ("bias corrected once", "v / (1 - b2 ** (k + 1))] : [m, v]", "v / (1 - b2)] : [m, v]"),
    ("slip that is the key", "is: run(w, slope, plain(one))", "is: run(w, slope, plain())"),
]

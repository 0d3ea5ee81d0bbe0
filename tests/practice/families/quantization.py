"""Faults that the proof of this family must find."""

MUTANTS = [
    ("rounded down", "const near = Math.round;", "const near = Math.floor;"),
    ("sign of the zero point", "const z = -near(from) + 0;", "const z = near(from) + 0;"),
    ("a whole step", "const half = (s) => rounded(s / 2);", "const half = (s) => rounded(s);"),
    ("zero point not stored", "const key = `${weights}*(${bits}+${16 + own}/${G})/8/1000000`;",
     "const key = `${weights}*(${bits}+${16}/${G})/8/1000000`;"),
    ("slip that is the key", 'id: "no_shared", is: size(bits)',
     'id: "no_shared", is: size(perWeight())'),
]

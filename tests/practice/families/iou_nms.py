"""Faults that the proof of this family must find."""

MUTANTS = [
    ("shared part counted twice", "area(A, more) + area(B, more) - shared(A, B, more));",
     "area(A, more) + area(B, more));"),
    ("removed boxes remove others", "(all ? order.slice(0, rank) : stay)",
     "(all ? stay : order.slice(0, rank))"),
    ("not raised", "is: average(raised, objects), ...CLOSE",
     "is: average(plain, objects), ...CLOSE"),
    ("false detections take a true box", "if (hit) taken.add(object);", "taken.add(object);"),
    ("slip that is the key", "kept(boxes, range(NUMBER), beyond)", "kept(boxes, by, beyond)"),
]

"""Faults that the proof of this family must find."""

MUTANTS = [
    ("shared part counted twice", "area(A, more) + area(B, more) - shared(A, B, more));",
     "area(A, more) + area(B, more));"),
    ("removed boxes remove others", "(all ? order.slice(0, rank) : stay)",
     "(all ? stay : order.slice(0, rank))"),
    ("not raised", "const area = average(raised, objects)",
     "const area = average(plain, objects)"),
    ("recall of 0 not read", "RECALLS = range(11);", "RECALLS = range(11).slice(1);"),
    ("recall that is just reached read behind its hit",
     "Math.ceil(r * objects / 10) - 1);", "Math.floor(r * objects / 10));"),
    ("readings not raised", "eleven = readings(raised, objects);",
     "eleven = readings(plain, objects);"),
    ("false detections take a true box", "if (hit) taken.add(object);", "taken.add(object);"),
    ("slip that is the key", "kept(boxes, range(NUMBER), beyond)", "kept(boxes, by, beyond)"),
]

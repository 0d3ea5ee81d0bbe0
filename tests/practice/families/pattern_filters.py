"""Faults that the proof of this family must find."""

MUTANTS = [
    ("kernels turned", "const scores = (kernels = K, f) =>",
     "const scores = (kernels = K.map(turned), f) =>"),
    ("free pixels as zeros", "const K = weigh(1, -1, 0);", "const K = weigh(1, -1, -1);"),
    ("bias too loose", "const b = free ? 2 - n : 1 - n;", "const b = 2 - n;"),
    ("free pixels not counted", "is: count * (1 + known), else", "is: count + known, else"),
    ("slip that is the key", 'is: place(null, null, count), says',
     'is: place(null, null, count * (1 + known)), says'),
]

"""Faults that the proof of this family must find."""

MUTANTS = [
    ("rounded up", "size = (n, layer) => Math.floor(", "size = (n, layer) => Math.ceil("),
    ("dilation of the kernel", "dilation * (f - 1) + 1;", "dilation * f;"),
    ("slip that is the key",
     'slip("no_padding", (n, l) => Math.floor((n - extent(l)) / l.stride) + 1,',
     'slip("no_padding", size,'),
    ("inputs of one channel", "const inputs = shapes.at(-1).reduce((a, b) => a * b);",
     "const inputs = shapes.at(-1)[1] * shapes.at(-1)[2];"),
]

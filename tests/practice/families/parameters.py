"""Faults that the proof of this family must find."""

MUTANTS = [
    ("groups ignored",
     "const kernels = ({ I, O, k, groups }) => O * (I / groups) * k * k;",
     "const kernels = ({ I, O, k }) => O * I * k * k;"),
    ("second layer reads the input", "stack = (change = {}, next = H) =>",
     "stack = (change = {}, next = D) =>"),
    ("map of another size", "const second = first / 2 - k2 + 1;",
     "const second = first / 2 - k2;"),
    ("slip that is the key", "is: [null, q * d + b * d]", "is: [null, dense(d, q, b)]"),
    ("one gate too few", "{ RNN: 1, GRU: 3, LSTM: 4 }[kind]", "{ RNN: 1, GRU: 3, LSTM: 3 }[kind]"),
]

"""Faults that the proof of this family must find."""

MUTANTS = [
    ("kernels are lines", "const products = ({ I, O, k, n }) => I * O * k * k * n * n;",
     "const products = ({ I, O, k, n }) => I * O * k * n * n;"),
    ("depthwise step reads all channels", "const depth = { I: 1, O: I, k, n };",
     "const depth = { I, O: I, k, n };"),
    ("places of the input", "const M = at(n);", "const M = at(layer.n);"),
    ("quotient turned", "const ratios = fraction(A, B);", "const ratios = fraction(B, A);"),
    ("slip that is the key", '["no_narrow", chain.slice(1),', '["no_narrow", chain,'),
]

"""Faults that the proof of this family must find."""

MUTANTS = [
    ("slope of tanh", "const slopeSigmoid = (h) => times(h, minus(one, h));",
     "const slopeSigmoid = (h) => minus(one, times(h, h));"),
    ("closed unit learns", "const slopeOpen = (h, a) => (positive(a) ? one : zero);",
     "const slopeOpen = () => one;"),
    ("errors along the rows", "forth = W, back = flipped(V) } = {}",
     "forth = W, back = V.length > 1 ? V : flipped(V) } = {}"),
    ("uphill", "minus(w, times(rate, G[i][j]))", "plus(w, times(rate, G[i][j]))"),
    ("slip that is the key", "keys(outer(right.dz, right.a)[0])", "keys(right.gV[0])"),
]

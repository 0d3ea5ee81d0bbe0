"""Faults that the proof of this family must find."""

MUTANTS = [
    ("variance of n - 1", "squares(x.map((v) => v - means[u])) / n);",
     "squares(x.map((v) => v - means[u])) / (n - 1));"),
    ("scale for shift", "plus(times([gammas[u], 1], x), [betas[u], 1])",
     "plus(times([betas[u], 1], x), [gammas[u], 1])"),
    ("momentum turned", "times(minus([1, 1], share), old), times(share, fresh)",
     "times(share, old), times(minus([1, 1], share), fresh)"),
    ("biased running variance", "moved(v0, unbiased)];", "moved(v0, biased)];"),
    ("nothing through the variance", "centre = 1, spread = 1 }", "centre = 1, spread = 0 }"),
    ("nothing through the mean", "centre = 1, spread = 1 }", "centre = 0, spread = 1 }"),
    ("scale missing on the way back", "scale = gamma, root", "scale = 1, root"),
    ("gradient by the shift as a mean", "dBeta = sum(dy);", "dBeta = sum(dy) / n;"),
    ("slip of the gradient that is the key", "back({ centre: 0, spread: 0 })", "back()"),
    ("slip that is the key", 'slip("left_out", { finish: (v) => v })', 'slip("left_out", {})'),
]

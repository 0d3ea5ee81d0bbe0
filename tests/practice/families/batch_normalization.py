"""Faults that the proof of this family must find."""

MUTANTS = [
    ("variance of n - 1", "squares(x.map((v) => v - means[u])) / n);",
     "squares(x.map((v) => v - means[u])) / (n - 1));"),
    ("scale for shift", "plus(times([gammas[u], 1], x), [betas[u], 1])",
     "plus(times([betas[u], 1], x), [gammas[u], 1])"),
    ("momentum turned", "times(minus([1, 1], share), old), times(share, fresh)",
     "times(share, old), times(minus([1, 1], share), fresh)"),
    ("biased running variance", "moved(v0, unbiased)];", "moved(v0, biased)];"),
    ("slip that is the key", 'slip("left_out", { finish: (v) => v })', 'slip("left_out", {})'),
]

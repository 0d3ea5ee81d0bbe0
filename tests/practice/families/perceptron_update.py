"""Faults that the proof of this family must find."""

MUTANTS = [
    ("0 is right", "const right = (t, s) => t * s > 0;", "const right = (t, s) => t * s >= 0;"),
    ("sign of the step", "step = (k) => t[k], input", "step = (k) => -t[k], input"),
    ("judged by the start", "looks = (now) => now }", "looks = (now, start) => start }"),
    ("slip that is the key", "no_bias: { input: ([, ...x]) => [0, ...x], says",
     "no_bias: { says"),
    ("visits for updates", 'ask: "Number of updates", is: count(met)',
     'ask: "Number of updates", is: met.length * n'),
]

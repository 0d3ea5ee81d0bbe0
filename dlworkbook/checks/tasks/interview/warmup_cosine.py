"""Task ``warmup_cosine(t, warmup, total, peak, lowest)``: a learning rate for each step.

All arguments and the result are numbers.
"""

from __future__ import annotations

import math

import numpy as np

from ...slips import Draft

CONTRACT = """warmup_cosine(t, warmup, total, peak, lowest): the learning rate of step t.

t, warmup and total are whole numbers, 0 <= warmup < total; peak and lowest are numbers. Steps are
counted from 0. In the first warmup steps the rate grows in equal steps, from peak / warmup in step
0 to peak in step warmup - 1. In step warmup it is peak still, and from there it falls along half a
wave of a cosine to lowest, which it has in step total and in all later ones. The result is a
number."""


def reference(t, warmup, total, peak, lowest):
    """Three stretches."""
    if t < warmup:
        return np.float64(peak * (t + 1) / warmup)
    if t >= total:
        return np.float64(lowest)
    share = (t - warmup) / (total - warmup)
    return np.float64(lowest + (peak - lowest) * (1 + math.cos(math.pi * share)) / 2)


def right(t, warmup, total, peak, lowest, ramp=lambda t, warmup: (t + 1) / warmup,
          share=lambda t, warmup, total: (t - warmup) / (total - warmup), last=1.0,
          wave=lambda s: (1 + np.cos(np.pi * s)) / 2):  # fmt: skip
    if t < warmup:
        return np.float64(peak * ramp(t, warmup))
    return lowest + (peak - lowest) * wave(np.float64(min(share(t, warmup, total), last)))


draft = Draft(
    "warmup_cosine", CONTRACT, reference, right=right, use="one number",
    arguments=("t", "warmup", "total", "peak", "lowest"), whole=("t", "warmup", "total"),
    traits={"a step of the warm-up": lambda t, warmup: t < warmup,
            "a step behind the warm-up": lambda t, warmup, total: warmup <= t < total,
            "the last step or a later one": lambda t, total: t >= total},
)
out, given, instead, pieces, slip = draft.out, draft.given, draft.instead, draft.pieces, draft.slip

for t, warmup, total, peak, lowest in (
    (0, 4, 12, 1, 0), (2, 4, 12, 1, 0), (3, 4, 12, 1, 0), (4, 4, 12, 1, 0), (6, 4, 12, 1, 0),
    (8, 4, 12, 1, 0), (11, 4, 12, 1, 0), (12, 4, 12, 1, 0), (13, 4, 12, 1, 0), (30, 4, 12, 1, 0),
    (0, 0, 10, 0.5, 0.125), (3, 0, 10, 0.5, 0.125), (10, 0, 10, 0.5, 0.125),
    (1, 5, 20, 0.3, 0.03), (11, 5, 20, 0.3, 0.03), (19, 5, 20, 0.3, 0.03), (25, 5, 20, 0.3, 0.03),
    (6, 1, 7, 2, 1), (11, 5, 20, 0.7, 0.1), (2, 4, 12, 3, 0), (13, 4, 12, 1, 0.25),
):  # fmt: skip
    draft.probe(f"step {t} of {total}, {warmup} of warm-up, {peak} to {lowest}", t, warmup, total,
                peak, lowest)

slip("WARMUP-01", "the warm-up begins at 0",
     "Your first step has the rate 0: nothing is learned in it.",
     "What does the task say of step 0?", pieces(ramp=lambda t, warmup: t / warmup), keeps=0.75)
slip("WARMUP-02", "the cosine begins in step 0",
     "The wave runs over all steps, those of the warm-up included: behind the warm-up the rate "
     "jumps down.",
     "How far along the wave is step warmup?", pieces(share=lambda t, warmup, total: t / total))
slip("WARMUP-03", "the cosine is one warm-up too long",
     "The steps behind the warm-up are divided by all steps: the rate does not reach the lowest.",
     "How many steps does the wave have?",
     pieces(share=lambda t, warmup, total: (t - warmup) / total))
slip("WARMUP-04", "the rate rises again at the end",
     "Behind the last step the cosine goes on, and the rate grows again.",
     "What should step total + 1 have?", pieces(last=np.inf), keeps=0.75)
slip("WARMUP-05", "a whole wave",
     "Half of the way behind the warm-up the rate is at its lowest, and rises again: the cosine "
     "runs over a whole wave.",
     "What is the cosine at the end of your wave?",
     pieces(wave=lambda s: (1 + np.cos(2 * np.pi * s)) / 2))
slip("WARMUP-06", "a quarter of a wave",
     "The cosine runs from 1 to 0 only, over a quarter of a wave: it falls steeply into its end.",
     "How steep is the rate at its end?", pieces(wave=lambda s: np.cos(np.pi * s / 2)))
slip("WARMUP-07", "the cosine is not moved up",
     "The cosine itself, from 1 to -1, is the factor: rates below the lowest come out.",
     "Between which two values should the factor lie?", pieces(wave=lambda s: np.cos(np.pi * s)))
slip("WARMUP-08", "a straight line down", "The rate falls in a straight line.",
     "How steep is the rate at its peak?", pieces(wave=lambda s: 1 - s))
slip("WARMUP-09", "the lowest rate is added on top",
     "The wave goes from peak, and lowest is added to all of it: the rate begins above the peak.",
     "What is the rate in step warmup?",
     instead(lambda t, warmup, total, peak, lowest: right(t, warmup, total, peak, 0.0)
             + (lowest if t >= warmup else 0)))
slip("WARMUP-10", "the lowest rate is not used", "The rate falls to 0.",
     "Change lowest only. Does the last step change?",
     given(lowest=0.0))
slip("WARMUP-11", "the rate is only cut from below",
     "The rate falls towards 0 and is held at the lowest from where it gets there: it stays there "
     "for many steps.",
     "How far is the rate from the lowest in the middle of the wave?",
     instead(lambda t, warmup, total, peak, lowest: max(
         right(t, warmup, total, peak, 0.0), lowest if t >= warmup else 0.0)))
slip("WARMUP-12", "no warm-up",
     "The warm-up is missing: the rate begins at its peak.",
     "What is the rate in step 0?", pieces(ramp=lambda t, warmup: 1.0),
     instead(lambda t, total, peak, lowest: right(t, 0, total, peak, lowest)))
slip("WARMUP-13", "upwards instead of downwards",
     "Behind the warm-up the rate grows from the lowest to the peak.",
     "What is the rate in step total?",
     pieces(wave=lambda s: (1 - np.cos(np.pi * s)) / 2))

TASK = draft.task()

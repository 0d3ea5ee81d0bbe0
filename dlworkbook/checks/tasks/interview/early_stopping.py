"""Task ``early_stopping(losses, patience, delta) -> (stop, best)``: when to stop, what to keep.

Shapes: losses (n,); everything else is a number.
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft

CONTRACT = """early_stopping(losses, patience, delta) -> (stop, best): when training stops, and
which epoch is kept.

losses has shape (n,), n at least 1: the validation loss after each epoch; epochs are counted from
0. patience is a whole number, at least 1; delta is a number, at least 0. Epoch 0 is the best so
far; a later epoch becomes the best if its loss is smaller than that of the best so far by more than
delta. Training stops after the epoch that is the patience-th in a row, since the last best one, not
to become the best. The result is the pair: the number of the last epoch that is trained (n - 1 if
training never stops), and the number of the best epoch up to there."""


def reference(losses, patience, delta):
    """Epoch by epoch."""
    best, waited = 0, 0
    for epoch in range(1, len(losses)):
        if losses[best] - losses[epoch] > delta:
            best, waited = epoch, 0
        else:
            waited += 1
        if waited == patience:
            return np.float64(epoch), np.float64(best)
    return np.float64(len(losses) - 1), np.float64(best)


def right(losses, patience, delta, better=lambda new, best, delta: best - new > delta,
          reset=lambda waited: 0, enough=lambda waited, patience: waited >= patience,
          against=lambda losses, best, epoch: losses[best]):  # fmt: skip
    best, waited = 0, 0
    for epoch in range(1, len(losses)):
        if better(losses[epoch], against(losses, best, epoch), delta):
            best, waited = epoch, reset(waited)
        else:
            waited += 1
        if enough(waited, patience):
            return float(epoch), float(best)
    return float(len(losses) - 1), float(best)


draft = Draft(
    "early_stopping", CONTRACT, reference, right=right, use="two numbers",
    arguments=("losses", "patience", "delta"), outputs=("stop", "best"), whole=("patience",),
    whole_results=True,
    traits={"a delta above 0": lambda delta: delta > 0,
            "one epoch": lambda losses: len(losses) == 1},
)
out, given, pieces, result, slip = draft.out, draft.given, draft.pieces, draft.result, draft.slip

draft.probe("never worse", [5, 4, 3, 2], 2, 0)
draft.probe("two worse ones", [5, 3, 4, 3.5, 1], 2, 0)
draft.probe("one worse one", [5, 3, 4, 2, 1], 2, 0)
draft.probe("two, not in a row", [5, 3, 4, 2, 3, 1, 0.5], 2, 0)
draft.probe("worse, then less bad", [5, 3, 6, 5.5, 5, 4.5, 1], 3, 0)
draft.probe("at once", [5, 6, 1, 0], 1, 0)
draft.probe("an equal loss", [5, 3, 3, 3, 1], 2, 0, has="equal losses")
draft.probe("small steps", [5, 4.75, 4.5, 4.25, 4, 3], 3, 0.5)
draft.probe("small steps, more patience", [5, 4.75, 4.5, 4.25, 4, 3], 4, 0.5)
draft.probe("exactly delta", [5, 4.5, 4.5, 4.5], 2, 0.5, has="a gain of exactly delta")
draft.probe("one epoch", [7], 1, 0)
draft.probe("long", [9, 8, 7.5, 7.75, 7, 7.25, 7.5, 6.5, 6.75, 7, 7.25, 6, 5], 3, 0.25)
draft.probe("long, other losses", [9, 8, 8.5, 7.75, 7, 6.75, 6.5, 6.25, 6.5, 7, 5, 6, 5], 3, 0.25)

slip("EARLY-01", "the counter is not set back",
     "The epochs without a gain are counted in all, not in a row: the counter is not set back.",
     "What happens to the counter when an epoch is the best?", pieces(reset=lambda waited: waited))
slip("EARLY-02", "compared with the epoch before",
     "Each loss is compared with that of the epoch before. A run that got worse and recovers a "
     "little counts as a gain.",
     "With which epoch is a new one compared?",
     pieces(against=lambda losses, best, epoch: losses[epoch - 1]))
slip("EARLY-03", "one epoch too late", "Training goes on for one epoch more than patience allows.",
     "patience is 1, and epoch 1 is worse than epoch 0. Which is the last epoch?",
     pieces(enough=lambda waited, patience: waited > patience), keeps=0.75)
slip("EARLY-04", "one epoch too early", "Training stops one epoch before patience is used up.",
     "patience is 2. How many worse epochs are seen?",
     pieces(enough=lambda waited, patience: waited >= patience - 1 and waited > 0), keeps=0.75)
slip("EARLY-05", "delta is not used", "Any smaller loss counts as a gain: delta does not enter.",
     "Change delta only. Does your result change?", *draft.variants("zero", "delta"))
slip("EARLY-06", "an equal loss counts as a gain",
     "A gain of exactly delta counts, and with delta = 0 an equal loss does.",
     "Does the task say more than delta, or at least delta?",
     pieces(better=lambda new, best, delta: best - new >= delta), keeps=0.75)
slip("EARLY-07", "delta with the wrong sign",
     "A loss that is worse by less than delta counts as a gain.",
     "Does a large delta make it harder or easier to be the best?",
     draft.given(delta=lambda delta: -delta))
slip("EARLY-08", "larger is better", "The largest loss counts as the best.",
     "Is a loss to be large or small?",
     pieces(better=lambda new, best, delta: new - best > delta))
slip("EARLY-09", "the last epoch is kept",
     "The best epoch is the last one of yours: the weights from before the waiting are lost.",
     "Which epoch had the smallest loss?", out(lambda got: (got[0], got[0])))
slip("EARLY-10", "the best of all losses",
     "The best epoch is looked for in the whole list, also behind the stop: these epochs are never "
     "trained.",
     "Which losses are known when training stops?",
     result(1, lambda best, losses: float(np.argmin(losses))))
slip("EARLY-11", "the loss is returned",
     "The smallest loss is returned, not the number of its epoch.",
     "Is an epoch or a loss asked for?",
     result(1, lambda best, losses: losses[int(best)]), keeps=0.75)
slip("EARLY-12", "epochs counted from one", "Your numbers are one too large: the first epoch is 0.",
     "A list of one loss: which epoch is the best?",
     out(lambda got: (got[0] + 1, got[1] + 1)), result(0, lambda stop: stop + 1), keeps=0.75)
slip("EARLY-13", "the two are exchanged", "The pair stands in exchanged order.",
     "Which of the two comes first in the task?", out(lambda got: (got[1], got[0])), keeps=0.75)
slip("EARLY-14", "it never stops", "Training runs to the end; patience does not enter.",
     "Change patience only. Does your result change?",
     pieces(enough=lambda waited, patience: False))

TASK = draft.task()

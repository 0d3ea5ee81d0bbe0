"""Task ``NAME(x)``: TODO say in one line what it gives.

Shapes: TODO of every argument and of the result.
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft

CONTRACT = """NAME(x): TODO what it gives, in words.

TODO the shape of every argument and of the result, and the edge cases."""


def reference(x):
    """TODO slow and obvious, compared with the framework by ``framework`` of its answers."""
    return np.asarray(x).sum()


draft = Draft("NAME", CONTRACT, reference, outputs=("TODO the result",))
out, given, instead, slip = draft.out, draft.given, draft.instead, draft.slip

# Small ones first; some without two equal sizes, some with sizes equal on purpose.
draft.probe("TODO small", [1, 2, 6])
draft.probe("TODO general", [0.5, -1.25, 3, 8])

# The ways in which learners go wrong, each with what was done and where to look.
slip("ID-01", "TODO what was done",
     "TODO your result is ...",
     "TODO a question that leads to the place, without the right code.",
     out(lambda Y: -Y))

TASK = draft.task()

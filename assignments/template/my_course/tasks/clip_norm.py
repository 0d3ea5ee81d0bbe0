"""Task ``clip_norm(g, most)``: shorten a vector that is too long.

The file has the name of the task, and ends with TASK. It is written as the tasks of the book in
dlworkbook/checks/tasks/; CONTRIBUTING.md, "Add a check", says more. What several tasks share may
stand in a module beside them whose name begins with _.
"""

import numpy as np

from dlworkbook.checks.slips import Draft

# What is asked for, with shapes. Students read it with checks.contract('clip_norm').
CONTRACT = """clip_norm(g, most): the vector g, shortened to the length most if it is longer.

g has shape (n,), most is a number above 0. The result has shape (n,)."""


# A right answer: slow and obvious. Its arguments are those of the task.
def reference(g, most):
    """One number after the other."""
    length = sum(float(number) ** 2 for number in g) ** 0.5
    factor = most / length if length > most else 1.0
    return np.asarray([factor * number for number in g])


draft = Draft(
    "clip_norm", CONTRACT, reference, outputs=("the clipped vector",),
    terms={"length": lambda g: np.sqrt((g * g).sum())},  # what mistakes below may ask for
)

# The inputs on which answers are tried, the smallest first. `has` is told where they fail.
draft.probe("long", [3, 4], 1, has="a vector that is too long")
draft.probe("short", [0.3, 0.4], 1, has="a vector that is short enough")
draft.probe("just right", [0, -2, 0], 2, has="a vector that is short enough")
draft.probe("zero", [0, 0], 1, has="a vector of zeros")
draft.probe("four numbers", [1, -5, 2, 8], 3, has="a vector that is too long")

# Known mistakes: an id, a title, what was done, a question that helps, and answers that make it:
# another output (out), other inputs (given), or another way (instead). `keeps` is the share of
# the points that is left: 0, 1/4, 1/2 (if nothing is said) or 3/4.
draft.slip(
    "CLIP-01", "each number is clipped by itself",
    "Each number is held between -most and most. That changes the direction of the vector.",
    "Which way does (10, 1) point when each number is clipped at 1?",
    draft.instead(lambda g, most: np.clip(g, -most, most)), keeps=0.25)
draft.slip(
    "CLIP-02", "short vectors are made longer",
    "Every vector gets the length most, the short ones too.",
    "What should happen to a vector that is short enough?",
    draft.instead(lambda g, most, length: g * (most / max(length, 1e-300))))
draft.slip(
    "CLIP-03", "the root is missing",
    "The sum of the squares is taken for the length.",
    "How long is (3, 4)?",
    draft.instead(lambda g, most, length: g * min(1, most / max(length**2, 1e-300))))

TASK = draft.task()

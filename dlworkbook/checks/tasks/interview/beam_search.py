"""Task ``beam_search(A, start, k, steps) -> (tokens, score)``: the best of k paths.

Shapes: A (v, v), start, k and steps are numbers; tokens (steps,), score a number.
"""

from __future__ import annotations

from itertools import chain

import numpy as np

from ...slips import Draft

CONTRACT = """beam_search(A, start, k, steps) -> (tokens, score): search with k beams.

A has shape (v, v): A[a, b] is the log probability that token b follows token a. start is the first
token, k and steps are whole numbers, at least 1, k at most v. In each of the steps every beam is
continued by every token, and of all continuations the k with the largest sum of log probabilities
are kept. No two sums that matter are equal. The result is the pair of the tokens of the best beam
at the end, of shape (steps,), without start, and its sum of log probabilities, a number."""


def reference(A, start, k, steps):
    """All continuations as a list, sorted in each step."""
    beams = [([], 0.0)]
    for _ in range(steps):
        beams = [
            ([*tokens, b], score + A[(tokens or [start])[-1], b])
            for tokens, score in beams
            for b in range(len(A))
        ]
        beams = sorted(beams, key=lambda beam: -beam[1])[:k]
    tokens, score = beams[0]
    return np.array(tokens), np.float64(score)


def right(A, start, k, steps, key=lambda beam, A, start: beam[1], last=lambda beams: beams[0],
          cut=None, add=lambda score, x: score + x, zero=0.0):  # fmt: skip
    cut = cut or (lambda groups, k, order: sorted(chain(*groups), key=order)[:k])
    beams = [([], zero)]
    for _ in range(steps):
        groups = [
            [([*tokens, b], add(score, A[(tokens or [start])[-1], b])) for b in range(len(A))]
            for tokens, score in beams
        ]
        beams = cut(groups, k, lambda beam: -key(beam, A, start))
    tokens, score = last(beams)
    return np.array(tokens), np.float64(score)


draft = Draft(
    "beam_search", CONTRACT, reference, right=right, arguments=("A", "start", "k", "steps"),
    use="a list and a number", outputs=("tokens", "score"),
    whole=("start", "k", "steps"), whole_results=True,
    traits={"several beams": lambda k: k > 1, "several steps": lambda steps: steps > 1},
)
out, given, pieces, slip = draft.out, draft.given, draft.pieces, draft.slip

# Greedy takes 1 and is trapped; two beams find the way over 2.
G = np.log(np.array([[0.05, 0.5, 0.45], [0.36, 0.33, 0.31], [0.02, 0.9, 0.08]]))
H = np.log(np.array([[0.1, 0.4, 0.3, 0.2], [0.3, 0.27, 0.22, 0.21], [0.15, 0.1, 0.7, 0.05],
                     [0.04, 0.93, 0.02, 0.01]]))  # fmt: skip
draft.probe("one step", G, 0, 2, 1)
draft.probe("two steps, one beam", G, 0, 1, 2)
draft.probe("two steps, two beams", G, 0, 2, 2)
draft.probe("three steps", G, 0, 2, 3)
draft.probe("another start", G, 1, 2, 3)
draft.probe("four tokens, one beam", H, 0, 1, 4)
draft.probe("four tokens, two beams", H, 0, 2, 4)
draft.probe("four tokens, three beams", H, 0, 3, 3)
draft.probe("from the last token", H, 3, 2, 3)
draft.probe("from the last token, five steps", H, 3, 3, 5)
R = np.log(np.array([[0.08, 0.62, 0.3], [0.31, 0.41, 0.28], [0.01, 0.97, 0.02]]))
draft.probe("two beams with one end", R, 0, 2, 4)
draft.probe("other numbers", np.log(np.array([[0.3, 0.37, 0.33], [0.4, 0.35, 0.25],
                                              [0.05, 0.15, 0.8]])), 0, 2, 3)  # fmt: skip

slip("BEAM-01", "greedy", "The best token is taken in each step: k does not enter.",
     "Change k only. Does your result ever change?", given(k=1))
slip("BEAM-02", "every beam keeps its own best",
     "Each beam is continued by its own best token, so beams never replace each other.",
     "Among how many continuations should the k best be looked for?",
     pieces(cut=lambda groups, k, order: sorted(
         [min(group, key=order) for group in groups] if len(groups) > 1 else groups[0],
         key=order)[:k]))
slip("BEAM-03", "only the last log probability counts",
     "Beams are compared by their last step, not by their sum.",
     "Which number does a beam carry from step to step?",
     pieces(key=lambda beam, A, start: A[([start, *beam[0]])[-2], beam[0][-1]]))
slip("BEAM-04", "all paths",
     "No beam is ever dropped: the best of all paths comes out. That is exact, and grows with v to "
     "the power of steps.",
     "Change k only. Does your result ever change?",
     pieces(cut=lambda groups, k, order: sorted(chain(*groups), key=order)[:3000]))
slip("BEAM-05", "the start stands in the result", "Your tokens begin with start.",
     "How many tokens should come out?",
     out(lambda got, start: (np.array([start, *got[0]]), got[1])), keeps=0.75)
slip("BEAM-06", "the worst beam", "The last of the beams is returned, or the worst are kept.",
     "In which order are your beams sorted?",
     pieces(last=lambda beams: beams[-1]), given(A=lambda A: -A),
     pieces(key=lambda beam, A, start: -beam[1]), keeps=0.75)
slip("BEAM-07", "divided by the length",
     "The score is divided by the number of steps, as is done where beams differ in length.",
     "What does the task say of the score?", out(lambda got, steps: (got[0], got[1] / steps)),
     keeps=0.75)
slip("BEAM-08", "a probability, not its logarithm", "The score is a probability.",
     "Is your score negative?", out(lambda got: (got[0], np.exp(got[1]))), keeps=0.75)
slip("BEAM-09", "log probabilities are multiplied",
     "Log probabilities are multiplied. Probabilities multiply; their logarithms add.",
     "What is the logarithm of a product?",
     pieces(add=lambda score, x: score * x, zero=1.0),
     pieces(add=lambda score, x: score * x, zero=1.0, key=lambda beam, A, start: -beam[1]))
slip("BEAM-10", "probabilities are added",
     "Probabilities are added, where they should be multiplied.",
     "Two steps of probability 0.5: how likely are both?",
     pieces(add=lambda score, x: score + np.exp(x)),
     out(lambda got, A, start: (got[0], sum(np.exp(A[a, b]) for a, b in zip(
         [start, *got[0][:-1]], got[0], strict=True)))))
slip("BEAM-11", "one step too many or too few",
     "Your path is one step longer or shorter than it should be.",
     "How often does your loop run?", given(steps=lambda steps: steps + 1),
     out(lambda got, A, start: (got[0][:-1], got[1] - A[([start, *got[0]])[-2], got[0][-1]])))
slip("BEAM-12", "rows and columns of A are exchanged",
     "The log probability is read the wrong way round: that of a after b.",
     "Which index of A is the token that stands there already?", given(A=lambda A: A.T))

slip("BEAM-13", "one beam for each last token",
     "Of the beams that end in the same token only the best is kept; the task drops none for that.",
     "May two beams end in the same token?",
     pieces(cut=lambda groups, k, order: distinct(sorted(chain(*groups), key=order))[:k]))


def distinct(beams):
    """The first of the beams that end in each token."""
    found = {}
    for beam in beams:
        found.setdefault(beam[0][-1], beam)
    return [*found.values()]


TASK = draft.task()

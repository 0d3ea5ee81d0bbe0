"""Task ``bpe_merge(ids, new)``: one merge of byte-pair encoding.

Shapes: ids (n,); new is a number -> (m,), m at most n.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ...slips import Draft

CONTRACT = """bpe_merge(ids, new): one merge of byte-pair encoding.

ids has shape (n,) and holds the tokens of a text, whole numbers from 0 on; new is a number that
does not occur in it. Among all pairs of neighbours (n - 1 of them, overlapping ones included) the
most frequent is looked for; of equally frequent pairs it is the one that occurs first. From left to
right each of its occurrences is replaced by new, and a token that was used up takes part in no
other. A text of fewer than two tokens stays. The result is an array of whole numbers. Leave
the arguments unchanged."""


def chosen(ids, best=lambda counts, seen: max(seen, key=lambda p: (counts[p], -seen.index(p)))):
    """The pair to be merged."""
    pairs = list(zip(ids[:-1].tolist(), ids[1:].tolist(), strict=True))
    return best({p: pairs.count(p) for p in pairs}, pairs) if pairs else None


def replaced(ids, pair, new, most=None, keep=lambda a, b, new: [new], jump=2):
    """The text with a pair replaced from left to right, at most so often."""
    out, i, done = [], 0, 0
    while i < len(ids):
        if pair == (*ids[i : i + 2].tolist(),) and (most is None or done < most):
            out += keep(*pair, new)
            i, done = i + jump, done + 1
        else:
            out.append(ids[i])
            i += 1
    return np.array(out, dtype=int)


def reference(ids, new):
    """Count all pairs, then go from left to right."""
    return replaced(ids, chosen(ids), new)


def by(best):
    """The merge of a pair that is chosen in another way."""
    return lambda ids, new: replaced(ids, chosen(ids, best), new)


draft = Draft(
    "bpe_merge", CONTRACT, reference, use="a list", whole=("ids", "new"), whole_results=True,
    inputs_stay=True, terms={"pair": lambda ids: chosen(ids)},
    traits={"a token three times in a row": lambda ids: any(
                len(set(ids[i : i + 3].tolist())) == 1 for i in range(len(ids) - 2)),
            "fewer than two tokens": lambda ids: len(ids) < 2},
)  # fmt: skip
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("small", [1, 2, 3, 1, 2], 9)
draft.probe("other tokens", [3, 1, 2, 3, 1], 9)
draft.probe("a tie", [4, 5, 6, 5, 4], 9, has="equally frequent pairs")
draft.probe("a tie, and a smaller pair later", [7, 8, 1, 2, 7, 8, 1, 2], 9,
            has="equally frequent pairs")
draft.probe("three in a row", [2, 2, 2, 5], 9)
draft.probe("five in a row", [1, 3, 3, 3, 3, 3, 1], 9)
draft.probe("three in a row count twice", [2, 2, 2, 1, 3, 4, 1, 3], 9)
draft.probe("tokens above 9", [12, 3, 2, 3, 5, 2, 3], 20, has="tokens above 9")
draft.probe("a frequent token, a rare pair", [1, 2, 1, 3, 4, 1, 5, 3, 4, 1, 6], 9)
draft.probe("two tokens", [6, 3], 9)
draft.probe("one token", [6], 9)
draft.probe("no token", [], 9)
draft.probe("long", [0, 4, 2, 4, 2, 0, 1, 4, 2, 2, 4, 4, 2, 0, 4, 1], 7)
draft.probe("long, other tokens", [2, 0, 4, 0, 4, 2, 1, 0, 4, 4, 0, 4, 4, 4, 0, 1], 7)

slip("BPEMERGE-01", "only the first occurrence is replaced",
     "Only one occurrence of the pair is replaced.", "How often does the pair still stand there?",
     instead(lambda ids, pair, new: replaced(ids, pair, new, most=1)))
slip("BPEMERGE-02", "the last of equally frequent pairs",
     "Of equally frequent pairs the one that occurs last is taken.",
     "Does your comparison let an equal count win?",
     instead(by(lambda counts, seen: max(counts, key=lambda p: (counts[p], [*counts].index(p))))),
     keeps=0.75)
slip("BPEMERGE-03", "the smallest or largest of equally frequent pairs",
     "Of equally frequent pairs the one with the smallest, or the largest, numbers is taken.",
     "What does the task say about equally frequent pairs?",
     instead(by(lambda counts, seen: min(counts, key=lambda p: (-counts[p], p)))),
     instead(by(lambda counts, seen: max(counts, key=lambda p: (counts[p], p)))), keeps=0.75)
slip("BPEMERGE-04", "the first pair",
     "The first pair of the text is merged, however rare it is.",
     "Where do you count?", instead(by(lambda counts, seen: seen[0])))
slip("BPEMERGE-05", "the rarest pair", "The rarest pair is merged.",
     "Which pair saves most tokens?", instead(by(lambda counts, seen: min(
         counts, key=lambda p: counts[p]))))
slip("BPEMERGE-06", "the second token stays",
     "The new token is put in, and one of the two old ones stays.",
     "How long is the text after one merge?",
     instead(lambda ids, pair, new: replaced(ids, pair, new, jump=1)),
     instead(lambda ids, pair, new: replaced(ids, pair, new, keep=lambda a, b, new: [new, b])),
     instead(lambda ids, pair, new: replaced(ids, pair, new, keep=lambda a, b, new: [a, new])))
slip("BPEMERGE-07", "the order of a pair does not count",
     "A pair and its mirror image count as one.",
     "Are 'er' and 're' the same piece of text?",
     instead(lambda ids, new: unordered(ids, new)))
slip("BPEMERGE-08", "from right to left",
     "Occurrences are replaced from the end: of three equal tokens in a row the first one is left.",
     "Of three equal tokens in a row, which two go together?",
     instead(lambda ids, pair, new: replaced(ids[::-1], pair and pair[::-1], new)[::-1]),
     keeps=0.75)
slip("BPEMERGE-09", "all merges",
     "Merging goes on as long as a pair occurs twice. One merge is asked for.",
     "How many new tokens does one merge bring?",
     instead(lambda ids, new: again(ids, new)), keeps=0.75)
slip("BPEMERGE-10", "the pair is returned, or only counted",
     "Your result is the pair, or how often it occurs; it still has to be replaced.",
     "Is your result a text?",
     instead(lambda ids, pair: np.array(pair if pair else ids)),
     instead(lambda ids, pair: np.array(0 if pair is None else sum(
         pair == (*ids[i : i + 2].tolist(),) for i in range(len(ids))))), keeps=0.25)
slip("BPEMERGE-11", "overlapping pairs are not counted",
     "Pairs are cut from the text two by two: those that begin at an odd place are not counted.",
     "How many pairs of neighbours has a text of five tokens?",
     instead(lambda ids, new: replaced(ids, every_other(ids), new)))

slip("BPEMERGE-12", "three equal tokens count as one pair",
     "Pairs that overlap are counted once: three equal tokens in a row hold two pairs.",
     "How many pairs of neighbours has a text of three tokens?",
     instead(lambda ids, new: replaced(ids, apart(ids), new)))


def apart(ids):
    """The pair that occurs most often, where occurrences may not overlap."""
    text, counts = ids.tolist(), {}
    for pair in pairwise(text):
        if pair not in counts:
            counts[pair], i = 0, 0
            while i < len(text) - 1:
                hit = (text[i], text[i + 1]) == pair
                counts[pair], i = counts[pair] + hit, i + 1 + hit
    return max(counts, key=counts.get, default=None)


def unordered(ids, new):
    pairs = [tuple(sorted(p)) for p in zip(ids[:-1].tolist(), ids[1:].tolist(), strict=True)]
    if not pairs:
        return ids
    best = max(pairs, key=pairs.count)
    out, i = [], 0
    while i < len(ids):
        if tuple(sorted(ids[i : i + 2].tolist())) == best:
            out, i = [*out, new], i + 2
        else:
            out, i = [*out, ids[i]], i + 1
    return np.array(out, dtype=int)


def again(ids, new):
    """Merges until no pair occurs twice, each with a number of its own."""
    while True:
        pair = chosen(ids)
        pairs = list(zip(ids[:-1].tolist(), ids[1:].tolist(), strict=True))
        if not pair or pairs.count(pair) < 2:
            return ids
        ids, new = replaced(ids, pair, new), new + 1


def every_other(ids):
    pairs = list(zip(ids[:-1:2].tolist(), ids[1::2].tolist(), strict=False))
    return max(pairs, key=pairs.count) if pairs else None


TASK = draft.task()

"""Task ``kv_cache_step(q, k, v, K, V) -> (y, K, V)``: one token with a cache.

Shapes: q, k (d,), v (e,), K (t, d), V (t, e); the results (e,), (t + 1, d), (t + 1, e).
"""

from __future__ import annotations

import math

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """kv_cache_step(q, k, v, K, V) -> (y, K, V): attention for one new token, with a cache.

q and k have shape (d,), v has shape (e,): query, key and value of the new token. K has shape (t, d)
and V has shape (t, e): keys and values of the t tokens before it, t being 0 for the first one. The
new K and V have the new key and value as one more row, at their end. y has shape (e,): the new
token's query attends to all t + 1 tokens, itself included; dot products are divided by the root of
d. Leave the arguments unchanged."""


def reference(q, k, v, K, V):
    """One token after the other."""
    keys, values = [*K, k], [*V, v]
    powers = [math.exp(sum(q * key) / math.sqrt(len(q))) for key in keys]
    y = np.zeros(len(v))
    for power, value in zip(powers, values, strict=True):
        y += power / sum(powers) * value
    return y, np.array(keys), np.array(values)


def attend(q, K, V, scale=True):
    s = K @ q / (math.sqrt(len(q)) if scale else 1)
    w = np.exp(s - s.max())
    return w / w.sum() @ V


draft = Draft(
    "kv_cache_step", CONTRACT, reference, outputs=("y", "K", "V"), inputs_stay=True,
    traits={"an empty cache": lambda K: len(K) == 0, "a cache": lambda K: len(K) > 0},
)
out, result, instead, slip = draft.out, draft.result, draft.instead, draft.slip

draft.probe("one before", [1, 2], [0, 1], [5], [[1, 1]], [[2]])
draft.probe("two before", [1, 0], [2, 1], [1, 0, 4], [[0, 1], [3, 1]], [[2, 1, 1], [0, 5, -1]])
draft.probe("two before, other numbers", [2, -1], [1, 1], [3, 1, 0], [[1, 2], [0, 1]],
            [[0, 1, 7], [2, 2, 1]])
draft.probe("the first token", [1, 2], [3, -1], [4, 5, 6], np.zeros((0, 2)), np.zeros((0, 3)))
draft.probe("square", [1, 2, 0], [0, 1, 1], [2, 1, 5], [[1, 0, 1], [0, 2, 1], [1, 1, 0]],
            [[1, 0, 0], [0, 3, 0], [2, 0, 1]])
draft.probe("general", scattered((4,), 2), scattered((4,), 3), scattered((2,), 5),
            scattered((6, 4), 1), scattered((6, 2), 6))
draft.probe("other numbers", scattered((4,), 7), scattered((4,), 8), scattered((2,), 4),
            scattered((6, 4), 3), scattered((6, 2), 2))

slip("KVCACHE-01", "the new token does not see itself",
     "y attends to the cache as it was: the new key and value are added too late.",
     "What should the first token attend to?",
     result(0, lambda y, q, K, V: attend(q, K, V)))
slip("KVCACHE-02", "the cache does not grow",
     "K and V are returned as they came: the next token will not see this one.",
     "How many rows should the new K have?",
     out(lambda got, K, V: (got[0], K, V)), result(1, lambda new, K: K),
     result(2, lambda new, V: V))
slip("KVCACHE-03", "the new row stands first",
     "The new key and value are put before the others. y does not notice; positions do.",
     "At which end does a text grow?",
     out(lambda got: (got[0], np.roll(got[1], 1, 0), np.roll(got[2], 1, 0))), keeps=0.75)
slip("KVCACHE-04", "the oldest row is dropped",
     "The cache keeps its length: its first row is lost.",
     "How many rows should the new K have?",
     out(lambda got: (got[0], got[1][1:], got[2][1:])))
slip("KVCACHE-05", "not scaled", "The dot products are not divided.",
     "Of what size are dot products of two vectors with d entries of size 1?",
     result(0, lambda y, q, k, v, K, V: attend(q, np.vstack([K, k]), np.vstack([V, v]), False)))
slip("KVCACHE-06", "the query is cached", "The query is put into the cache in place of the key.",
     "Which of the three is needed again for later tokens?",
     result(1, lambda new, q, K: np.vstack([K, q])),
     instead(lambda q, v, K, V: (attend(q, np.vstack([K, q]), np.vstack([V, v])),
                                 np.vstack([K, q]), np.vstack([V, v]))))
slip("KVCACHE-07", "only itself", "y is the new value: the token attends to itself only.",
     "Change a row of the cache. Does y change?", result(0, lambda y, v: v))
slip("KVCACHE-08", "the key asks", "The new key takes the part of the query.",
     "Which of the three is compared with the keys?",
     result(0, lambda y, k, v, K, V: attend(k, np.vstack([K, k]), np.vstack([V, v]))))
slip("KVCACHE-09", "equal weights", "All tokens get the same weight: y is the mean of the values.",
     "Change q only. Does y change?", result(0, lambda y, v, V: np.vstack([V, v]).mean(0)))
slip("KVCACHE-10", "no softmax", "The dot products themselves weigh the values.",
     "What do the weights add up to?",
     result(0, lambda y, q, k, v, K, V: np.vstack([K, k]) @ q / math.sqrt(len(q))
            @ np.vstack([V, v])),
     result(0, lambda y, q, k, v, K, V: np.vstack([K, k]) @ q @ np.vstack([V, v])))
slip("KVCACHE-11", "the weights are not normalised",
     "The exponentials are not divided by their sum.",
     "What do the weights add up to?",
     result(0, lambda y, q, k, v, K, V: np.exp(np.vstack([K, k]) @ q / math.sqrt(len(q)))
            @ np.vstack([V, v])))
slip("KVCACHE-12", "y keeps an axis", "y has shape (1, e).", "What is the shape of v?",
     result(0, lambda y: y[None]), keeps=0.75)

TASK = draft.task()

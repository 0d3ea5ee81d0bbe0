"""Task ``attention_decoder``: a recurrent decoder with dot-product attention (lab 8).

The answer is a class. Shapes: dec_y (B, T), enc_hidden (B, S, H), state (1, B, H), scores
(B, T, V). Ids that begin with LAB8 are those of the course that the lab comes from; DEC ones are
our own.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ...adapters.attention import run
from ...task import Probe, Task
from ...values import copies, equal, pattern, settle
from ._attention_mistakes import MISTAKES
from ._attention_numbers import Layers, linear1, recipe, weights

CONTRACT = """AttentionDecoder(vocab_size, embedding_size, num_hiddens): a decoder with attention.

With V = vocab_size, E = embedding_size, H = num_hiddens, an object has these layers as attributes:
emb_layer: nn.Embedding(V, E).
mlp1: one linear layer, H to H.
decoder: nn.GRU with H + E inputs and H hidden units, one layer (nn.GRUCell is fine, too).
mlp2: one linear layer, H to V.
softmax: nn.Softmax.
decode(dec_y, enc_hidden, state, is_first_step) gets tokens dec_y (B, T), the encoder's states
enc_hidden (B, S, H) and a state (1, B, H); it returns scores (B, T, V) and the state (1, B, H) of
after the last token.

With is_first_step the state handed over is ignored (it may be None): the decoder starts from the
mean over time of mlp1(enc_hidden). For one token after the other, as dec_y has them:
1. The query is the state of before the step; keys and values are enc_hidden, as they are.
2. The weights are the softmax, over the encoder's steps, of the dot products of query and keys,
   which are not divided by anything. The context is the sum of the values with these weights.
3. The recurrent layer gets [context, embedding of the token], in this order, and that state.
4. mlp2 of its output is the token's row of scores, without a softmax.
Two calls, the second with the state that the first one returned, give what one call gives.

The check builds objects of other sizes, gives decoder weights of its own, and replaces emb_layer,
mlp1 and mlp2 by layers of its own; what they are called is therefore part of the task. softmax is
left as it is. It also looks at the gradient of the scores for enc_hidden and the embeddings.
float32 and float64 are both fine."""


def reference(dec_y, enc_hidden, state, is_first_step, layers):
    """The definition: one sample, one token, one encoder step at a time."""
    w, h = weights(layers), np.asarray(enc_hidden, dtype="float64")
    (B, S, H), T = h.shape, dec_y.shape[1]
    scores, last = np.zeros((B, T, layers.V)), np.zeros((1, B, H))
    for b in range(B):
        if is_first_step:
            s = sum(mlp1(w, h[b, i], layers) for i in range(S)) / S
        else:
            s = np.asarray(state, dtype="float64")[0, b]
        for t in range(T):
            e = [math.exp(s @ h[b, i]) for i in range(S)]
            context = sum(e[i] / sum(e) * h[b, i] for i in range(S))
            s = gru(w, np.concatenate([context, w["emb"][int(dec_y[b, t])]]), s)
            scores[b, t] = w["mlp2_w"] @ s + w["mlp2_b"]
        last[0, b] = s
    return scores, last


def mlp1(w, x, layers):
    """mlp1 on one state (H,)."""
    y = w["mlp1_w"] @ x + w["mlp1_b"]
    return np.tanh(y) if layers.mlp1 == "linear, tanh" else y


def gru(w, x, s):
    """One step of nn.GRU on one sample: x (H+E,), s (H,) -> (H,)."""
    H = len(s)
    from_x, from_s = w["W_ih"] @ x + w["b_ih"], w["W_hh"] @ s + w["b_hh"]
    r = 1 / (1 + np.exp(-from_x[:H] - from_s[:H]))
    z = 1 / (1 + np.exp(-from_x[H : 2 * H] - from_s[H : 2 * H]))
    n = np.tanh(from_x[2 * H :] + r * from_s[2 * H :])
    return (1 - z) * n + z * s


def use(answer: Callable, inputs: tuple):
    """A learner's class is built and called; our own answers take the inputs as they are."""
    return run(answer, inputs) if isinstance(answer, type) else answer(*inputs)


def probe(name, B, S, T, layers, *, first=True, state=None, seed=0, dec_y=None, enc_hidden=None):
    """A probe with pattern values. ``state`` True: one is handed over; or the state itself."""
    if dec_y is None:
        dec_y = np.add.outer(3 * np.arange(B), 2 * np.arange(T) + seed) % layers.V
    if enc_hidden is None:
        enc_hidden = pattern((B, S, layers.H), seed + 10)
    if state is True or (state is None and not first):
        state = pattern((1, B, layers.H), seed + 11)
    calls = len(layers.calls) > 1
    traits = [
        (B > 1, "more than one sample"),
        (T > 1, "more than one token"),
        (S != T, "an input and an output of different lengths"),
        (not first, "a state that is handed over (is_first_step False)"),
        (layers.E != layers.H, "embeddings and states of different lengths"),
        (calls, "more than one call"),
        (layers.gradient, "a look at the gradient"),
    ]
    shown = f"dec_y of shape {(B, T)}, enc_hidden of shape {(B, S, layers.H)}"
    shown += ", state None" if state is None else f", a state of shape {state.shape}"
    shown += f" and is_first_step {first}, embedding_size {layers.E}, vocab_size {layers.V}"
    if calls:
        shown += f", in calls of {', '.join(map(str, layers.calls))} tokens"
    words = frozenset(text for holds, text in traits if holds)
    return Probe(name, (dec_y, enc_hidden, state, first, layers), words, shown)


PLAIN, EQUAL = Layers(7, 4, 6), Layers(6, 4, 4)  # no two sizes alike; E = H
GLASS = Layers(4, 3, 4, glass=True)
GLASS_STATE = np.array([[[0.5, -0.5, 0, 1], [0, 0.2, -0.3, 0.4]]])
BARS = np.broadcast_to(2 * np.eye(4), (2, 4, 4)).copy()
SWAPPED = pattern((2, 5, 6), 10)[:, [0, 1, 2, 4, 3]]
TOKENS = np.array([[1, 3, 5], [4, 0, 2]])
GLASS_TOKENS = np.array([[0, 2, 1, 3], [3, 1, 1, 0]])
SAME = np.full((2, 4), 2)

PROBES = (
    probe("one token", 1, 2, 1, Layers(4, 3, 2)),
    probe("several tokens", 1, 3, 4, Layers(5, 2, 3, seed=1), seed=1),
    probe("first, a batch", 2, 5, 3, PLAIN),
    probe("next, one token", 2, 5, 1, PLAIN, first=False),
    probe("next, four tokens", 2, 5, 4, PLAIN, first=False, seed=2),
    probe("next, other mlp1", 2, 5, 4, Layers(7, 4, 6, mlp1="other"), first=False, seed=2),
    probe("first, more tokens than steps", 3, 2, 4, Layers(5, 3, 7, seed=2)),
    probe("one encoder step", 2, 1, 2, Layers(5, 2, 3)),
    # Few steps and a large output: tells pairs of mistakes apart quickly.
    probe("a large vocabulary", 2, 3, 2, Layers(40, 2, 3)),
    # Everything of one size: what is mixed up makes no error here, only wrong numbers.
    probe("all sizes equal", 4, 4, 4, Layers(4, 4, 4, seed=3), seed=3),
    probe("all sizes equal, next", 4, 4, 4, Layers(4, 4, 4, seed=4), first=False, seed=4),
    probe("first, E = H", 2, 5, 4, EQUAL),
    probe("next, E = H", 2, 5, 4, EQUAL, first=False),
    probe("same token 4x, E = H", 2, 5, 4, EQUAL, dec_y=SAME),
    probe("other tokens after the first", 2, 5, 3, PLAIN, dec_y=TOKENS),
    # A decoder that ignores its input shows the first state alone.
    probe("input-blind decoder", 2, 5, 3, Layers(7, 4, 6, blind=True)),
    probe("input-blind, encoder steps swapped", 2, 5, 3, Layers(7, 4, 6, blind=True),
          enc_hidden=SWAPPED),
    # One that shows its context: attention weights can be read off the scores.
    probe("glass first", 2, 4, 4, GLASS, enc_hidden=BARS, dec_y=GLASS_TOKENS),
    probe("glass next", 2, 4, 4, GLASS, first=False, state=GLASS_STATE, enc_hidden=BARS,
          dec_y=GLASS_TOKENS),
    probe("glass next, mlp1 bias only", 2, 4, 4, Layers(4, 3, 4, glass=True, mlp1="bias only"),
          first=False, state=GLASS_STATE, enc_hidden=BARS, dec_y=GLASS_TOKENS),
    # One sample: the layout of the state does not show, everything else does.
    probe("first, a state left over", 1, 5, 3, PLAIN, state=True),
    probe("next, one sample", 1, 5, 4, PLAIN, first=False, seed=1),
    probe("two calls, one sample", 1, 5, 4, Layers(7, 4, 6, calls=(2, 2))),
    probe("two calls", 2, 5, 4, Layers(7, 4, 6, calls=(3, 1))),
    probe("token by token", 3, 4, 3, Layers(5, 2, 6, seed=5, calls=(1, 1, 1)), seed=5),
    probe("gradient", 2, 5, 3, Layers(7, 4, 6, gradient=True)),
)  # fmt: skip

TASK = Task(
    name="attention_decoder",
    contract=CONTRACT,
    reference=reference,
    probes=PROBES,
    mistakes=MISTAKES,
    arguments=("dec_y", "enc_hidden", "state", "is_first_step", "the layers"),
    outputs=("the array of scores", "the state"),
    use=use,
    backends=("torch",),
    answer_is="class",
    shapes="The state is (1, B, H), the query of one token (B, 1, H), enc_hidden (B, S, H): the "
    "first two are alike for one sequence only.",
)

TANH = probe("tanh in mlp1", 2, 5, 3, Layers(7, 4, 6, mlp1="linear, tanh"))
MEAN_FIRST = recipe(start=lambda d: linear1(d, d.h.mean(1)))
ORDER = (
    "You take the mean over time before mlp1, and the task says after it (LAB8-M1b). As long as "
    "mlp1 is one linear layer the two are the same function, so this costs nothing; with a "
    "non-linearity in mlp1 they differ."
)


def remark(answer: Callable) -> str:
    """Whether a right answer averages before mlp1: only a non-linear mlp1 can tell."""
    given = copies(TANH.inputs, "torch")
    scores = settle(use(answer, given)[0]).array
    return ORDER if equal(scores, MEAN_FIRST(*given)[0], 1e-5) else ""


TASK.remark = remark

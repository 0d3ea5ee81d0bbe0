"""Task ``attention_decoder``: a recurrent decoder with dot-product attention (lab 8).

The answer is a class. Shapes: dec_y (B, T), enc_hidden (B, S, H), state (1, B, H), scores
(B, T, V). Ids that begin with LAB8 are those of the course that the lab comes from; DEC ones are
our own.
"""

from __future__ import annotations

import math

import numpy as np

from ...answer import LOOKING, Answer
from ...references import on_arrays
from ...references.attention import Layers, beyond, dot, right, softmax, take, weights
from ...slips import Draft
from ...task import Variant
from ...values import copies, equal, scattered

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
left as it is. It also looks at the gradient of the scores for enc_hidden and the embeddings, and
whether the code does without F.scaled_dot_product_attention and nn.MultiheadAttention.
float32 and float64 are both fine."""


def reference(dec_y, enc_hidden, state, is_first_step, layers):
    """The definition: one sample, one token, one encoder step at a time."""
    w, h = weights(layers), enc_hidden
    (B, S, H), T = h.shape, dec_y.shape[1]
    bend = np.tanh if layers.mlp1 == "linear, tanh" else np.asarray
    scores, last = np.zeros((B, T, layers.V)), np.zeros((1, B, H))
    for b in range(B):
        start = [bend(w["mlp1_w"] @ h[b, i] + w["mlp1_b"]) for i in range(S)]
        s = sum(start) / S if is_first_step else state[0, b]
        for t in range(T):
            e = [math.exp(s @ h[b, i]) for i in range(S)]
            context = sum(e[i] / sum(e) * h[b, i] for i in range(S))
            s = gru(w, np.concatenate([context, w["emb"][int(dec_y[b, t])]]), s)
            scores[b, t] = w["mlp2_w"] @ s + w["mlp2_b"]
        last[0, b] = s
    return scores, last


def gru(w, x, s):
    """One step of nn.GRU on one sample: x (H+E,), s (H,) -> (H,)."""
    H = len(s)
    from_x, from_s = w["weight_ih"] @ x + w["bias_ih"], w["weight_hh"] @ s + w["bias_hh"]
    r = 1 / (1 + np.exp(-from_x[:H] - from_s[:H]))
    z = 1 / (1 + np.exp(-from_x[H : 2 * H] - from_s[H : 2 * H]))
    n = np.tanh(from_x[2 * H :] + r * from_s[2 * H :])
    return (1 - z) * n + z * s


ORDER = (
    "You take the mean over time before mlp1, and the task says after it (LAB8-M1b). As long as "
    "mlp1 is one linear layer the two are the same function, so this costs nothing; with a "
    "non-linearity in mlp1 they differ."
)


def remark(answer: Answer) -> str:
    """Whether a right answer averages before mlp1: only a non-linear mlp1 can tell."""
    given = inputs(2, 5, 3, Layers(7, 4, 6, mlp1="linear, tanh"))
    scores, _ = answer.call(given, "torch", 2, LOOKING).arrays
    first = pieces(start=lambda d: d.mlp1(d.h.mean(1)))
    mean_first = on_arrays(first, copies(given, "torch"))[0]
    return ORDER if equal(scores, mean_first, 1e-5) else ""


draft = Draft(
    "attention_decoder", CONTRACT, reference, right=right, answer_is="class", backends=("torch",),
    use="attention decoder", ours=on_arrays, beyond=beyond, remark=remark,
    outputs=("the array of scores", "the state"),
    shapes="The state is (1, B, H), the query of one token (B, 1, H), enc_hidden (B, S, H): the "
    "first two are alike for one sequence only.",
    traits={
        "more than one sample": lambda dec_y: len(dec_y) > 1,
        "more than one token": lambda dec_y: dec_y.shape[1] > 1,
        "an input and an output of different lengths":
            lambda dec_y, enc_hidden: dec_y.shape[1] != enc_hidden.shape[1],
        "a state that is handed over (is_first_step False)":
            lambda is_first_step: not is_first_step,
        "embeddings and states of different lengths": lambda layers: layers.E != layers.H,
        "more than one call": lambda layers: len(layers.calls) > 1,
        "a look at the gradient": lambda layers: layers.gradient,
    },
)
pieces, slip = draft.pieces, draft.slip


# ---- probes --------------------------------------------------------------------------------------


def inputs(B, S, T, layers, *, first=True, state=None, seed=0, dec_y=None, enc_hidden=None):
    """Pattern values. ``state`` True: one is handed over; or the state itself."""
    if dec_y is None:
        dec_y = np.add.outer(3 * np.arange(B), 2 * np.arange(T) + seed) % layers.V
    if enc_hidden is None:
        enc_hidden = scattered((B, S, layers.H), seed + 10)
    if state is True or (state is None and not first):
        state = scattered((1, B, layers.H), seed + 11)
    return dec_y, enc_hidden, state, first, layers


def probe(name, B, S, T, layers, **values):
    given = dec_y, enc_hidden, state, first, _ = inputs(B, S, T, layers, **values)
    shown = f"dec_y of shape {dec_y.shape}, enc_hidden of shape {enc_hidden.shape}"
    shown += ", state None" if state is None else f", a state of shape {state.shape}"
    shown += f" and is_first_step {first}, embedding_size {layers.E}, vocab_size {layers.V}"
    if len(layers.calls) > 1:
        shown += f", in calls of {', '.join(map(str, layers.calls))} tokens"
    draft.probe(name, *given, shown=shown)


PLAIN, EQUAL = Layers(7, 4, 6), Layers(6, 4, 4)  # no two sizes alike; E = H
GLASS = Layers(4, 3, 4, glass=True)
GLASS_STATE = np.array([[[0.5, -0.5, 0, 1], [0, 0.2, -0.3, 0.4]]])
BARS = np.broadcast_to(2 * np.eye(4), (2, 4, 4)).copy()
SWAPPED = scattered((2, 5, 6), 10)[:, [0, 1, 2, 4, 3]]
TOKENS = np.array([[1, 3, 5], [4, 0, 2]])
GLASS_TOKENS = np.array([[0, 2, 1, 3], [3, 1, 1, 0]])
SAME = np.full((2, 4), 2)

probe("one token", 1, 2, 1, Layers(4, 3, 2))
probe("several tokens", 1, 3, 4, Layers(5, 2, 3, seed=1), seed=1)
probe("first, a batch", 2, 5, 3, PLAIN)
probe("next, one token", 2, 5, 1, PLAIN, first=False)
probe("next, four tokens", 2, 5, 4, PLAIN, first=False, seed=2)
probe("next, other mlp1", 2, 5, 4, Layers(7, 4, 6, mlp1="other"), first=False, seed=2)
probe("first, more tokens than steps", 3, 2, 4, Layers(5, 3, 7, seed=2))
probe("one encoder step", 2, 1, 2, Layers(5, 2, 3))
# Few steps and a large output: tells pairs of mistakes apart quickly.
probe("a large vocabulary", 2, 3, 2, Layers(40, 2, 3))
# Everything of one size: what is mixed up makes no error here, only wrong numbers.
probe("all sizes equal", 4, 4, 4, Layers(4, 4, 4, seed=3), seed=3)
probe("all sizes equal, next", 4, 4, 4, Layers(4, 4, 4, seed=4), first=False, seed=4)
probe("first, E = H", 2, 5, 4, EQUAL)
probe("next, E = H", 2, 5, 4, EQUAL, first=False)
probe("same token 4x, E = H", 2, 5, 4, EQUAL, dec_y=SAME)
probe("other tokens after the first", 2, 5, 3, PLAIN, dec_y=TOKENS)
# A decoder that ignores its input shows the first state alone.
probe("input-blind decoder", 2, 5, 3, Layers(7, 4, 6, blind=True))
probe("input-blind, encoder steps swapped", 2, 5, 3, Layers(7, 4, 6, blind=True),
      enc_hidden=SWAPPED)
# One that shows its context: attention weights can be read off the scores.
probe("glass first", 2, 4, 4, GLASS, enc_hidden=BARS, dec_y=GLASS_TOKENS)
probe("glass next", 2, 4, 4, GLASS, first=False, state=GLASS_STATE, enc_hidden=BARS,
      dec_y=GLASS_TOKENS)
probe("glass next, mlp1 bias only", 2, 4, 4, Layers(4, 3, 4, glass=True, mlp1="bias only"),
      first=False, state=GLASS_STATE, enc_hidden=BARS, dec_y=GLASS_TOKENS)
# One sample: the layout of the state does not show, everything else does.
probe("first, a state left over", 1, 5, 3, PLAIN, state=True)
probe("next, one sample", 1, 5, 4, PLAIN, first=False, seed=1)
probe("two calls, one sample", 1, 5, 4, Layers(7, 4, 6, calls=(2, 2)))
probe("two calls", 2, 5, 4, Layers(7, 4, 6, calls=(3, 1)))
probe("token by token", 3, 4, 3, Layers(5, 2, 6, seed=5, calls=(1, 1, 1)), seed=5)
probe("gradient", 2, 5, 3, Layers(7, 4, 6, gradient=True))


# ---- the first state -----------------------------------------------------------------------------


def last(d):
    return d.h[:, -1]


def mean(d):
    return d.h.mean(1)


def zeros(d):
    return np.zeros_like(d.h[:, 0])


def at_first(query, always=False):
    """Another query at the first token: of a first call, or of every call."""
    return lambda d: query(d) if d.t == 0 and (always or d.first) else d.s


slip("LAB8-M1a", "the first state is made from the last encoder step alone",
     "On the first step your decoder starts from one encoder state only, the last one. The task "
     "asks for the mean over all encoder steps.",
     "Change enc_hidden at any step but the last. Does your first state notice?",
     pieces(start=last), pieces(start=lambda d: d.mlp1(last(d))))
slip("LAB8-M1a-q", "the first query is the last encoder state",
     "At the first token your query is the last encoder state, not the state of the decoder. The "
     "state itself starts right; only the first look goes elsewhere.",
     "The query of every token, also of the first, is the decoder's state of before that token. "
     "Which line makes an exception?",
     pieces(query=at_first(last)), pieces(query=at_first(last, always=True)))
slip("LAB8-11", "a sum over time instead of a mean",
     "Your first state is the sum over the encoder steps: S times too large.",
     "Should a word of twice the length start from a state of twice the size?",
     pieces(start=lambda d: d.mlp1(d.h).sum(1)))
slip("LAB8-12", "the first state does not go through mlp1",
     "Your first state is the plain mean of the encoder states: mlp1 is not applied.",
     "Which of the layers does your method never use?",
     pieces(start=mean))
slip("DEC-01", "the decoder starts from zeros",
     "On the first step your state is zero: what the encoder has read enters through the context "
     "only, and the first context is a plain mean.",
     "What does a recurrent layer begin with if nobody hands it a state? And what should it be?",
     pieces(start=zeros),
     # the first query is right, but the layer is not given that state
     pieces(old=lambda d: zeros(d) if d.first and d.t == 0 else d.s))
slip("DEC-02", "the first state is made from the first encoder step alone",
     "On the first step your decoder starts from the first encoder state only. The task asks for "
     "the mean over all encoder steps.",
     "Index 0 along which axis? Print the shape before and after.",
     pieces(start=lambda d: d.h[:, 0]), pieces(start=lambda d: d.mlp1(d.h[:, 0])))
slip("DEC-03", "the mean is taken over the batch, not over time",
     "Your first state averages over samples. It gets a usable shape only where the batch is as "
     "large as the number of encoder steps, and then the numbers are wrong without an error.",
     "enc_hidden has the axes batch, time, hidden. Which of the three should disappear?",
     pieces(start=lambda d: d.mlp1(d.h).mean(0)),
     pieces(start=lambda d: np.broadcast_to(d.mlp1(d.h).mean((0, 1)), d.h[:, 0].shape)))
slip("DEC-04", "a maximum over time instead of a mean",
     "Your first state takes the largest value over the encoder steps where the task asks for the "
     "mean.",
     "Does your call give a maximum, or a pair of maxima and places?",
     pieces(start=lambda d: d.mlp1(d.h).max(1)))
slip("DEC-05", "a tanh or ReLU of its own around mlp1",
     "Your first state goes through a non-linearity that the task does not have. mlp1 is used as "
     "it is; if it should hold a non-linearity, it brings it along.",
     "What stands between mlp1 and the state in your code, besides the mean?",
     pieces(start=lambda d: np.tanh(d.mlp1(d.h).mean(1))),
     pieces(start=lambda d: np.tanh(d.mlp1(d.h)).mean(1)),
     pieces(start=lambda d: np.maximum(d.mlp1(d.h), 0).mean(1)),
     pieces(start=lambda d: np.maximum(d.mlp1(d.h).mean(1), 0)), keeps=0.75)
slip("DEC-06", "the state is made anew in every call",
     "Your decoder starts again in each call: a later call does not go on from the state that is "
     "handed to it. Training in one call does not show that; writing token by token does.",
     "When is_first_step is False, where does the state come from?",
     pieces(begins=lambda d: True))
slip("DEC-07", "is_first_step is not looked at",
     "Whether your decoder begins anew depends on the state being None. The task says: with "
     "is_first_step the state is made anew, whatever was handed over.",
     "Call it twice for two different words, and hand the old state to the second word's first "
     "step. Which of the two arguments should decide?",
     pieces(begins=lambda d: d.given is None), keeps=0.75)
slip("DEC-35", "no first state is made",
     "Your decoder always goes on from the state that is handed over. With is_first_step that "
     "state may be None, or one that another word has left; the decoder makes its own then.",
     "Which of your four arguments do you never read?",
     pieces(begins=lambda d: False))

# ---- the attention -------------------------------------------------------------------------------


def through_mlp1(d):
    return d.mlp1(d.h)


def overwritten(d):
    return d.mlp1(d.h) if d.first else d.h


def token(d):
    return d.e[:, d.t]


def over(axis):
    """Softmax of the scores (B, 1, S) along an axis; here they are (B, S)."""
    return lambda z: softmax(z[:, None], axis)[:, 0]


def divided(by):
    """Scores divided by something: ``by(d, q, k)``."""
    return pieces(compare=lambda d, q, k: dot(d, q, k) / by(d, q, k))


def length(x):
    return np.linalg.norm(x, axis=-1)


def not_exchanged(d, q, k):
    """The product with keys (B, S, H) as they are: only for S = H."""
    if d.S != d.H:
        raise ValueError
    return np.einsum("bs,bsh->bh", q, k)


def reshaped(d, q, k):
    """The product with keys brought to (B, H, S) by a reshape."""
    return dot(d, q, k.reshape(len(k), d.H, d.S).swapaxes(1, 2))


slip("LAB8-M2", "the keys go through mlp1",
     "Your scores compare the query with mlp1(enc_hidden). The keys are the encoder states as they "
     "are; mlp1 serves the first state and nothing else.",
     "A later call must not depend on mlp1 at all. Change its weights and call again.",
     pieces(keys=through_mlp1), pieces(keys=through_mlp1, values=through_mlp1),
     # enc_hidden itself is overwritten on the first step
     pieces(keys=overwritten), pieces(keys=overwritten, values=overwritten))
slip("LAB8-M3a", "the query is the token's embedding",
     "Your query is the embedding of the token that is fed in, so the weights do not depend on the "
     "decoder's state: the same token always looks at the same place. It only runs at all if "
     "embeddings are as long as states.",
     "Feed the same token twice: its two rows of weights should differ. What has changed between "
     "the two steps?",
     pieces(query=token), keeps=0.25)
slip("LAB8-M3b", "the query goes through mlp1",
     "Your query is mlp1 of the state. The query is the state as it is; mlp1 serves the first "
     "state and nothing else.",
     "A later call must not depend on mlp1 at all. Change its weights and call again.",
     pieces(query=lambda d: d.mlp1(d.s)))
slip("LAB8-01", "softmax along the query axis",
     "Your softmax runs along an axis of length one, so every weight is 1 and the context is the "
     "plain sum of the encoder states.",
     "For one sample, over which axis should the weights add up to 1? Print those sums.",
     pieces(weigh=over(1)))
slip("LAB8-02", "softmax along the batch axis",
     "Your softmax runs over the batch: samples compete with each other, and with a single sample "
     "every weight is 1.",
     "For one sample, over which axis should the weights add up to 1? Print those sums.",
     pieces(weigh=over(0)))
slip("LAB8-04", "the scores are divided by the square root of H",
     "Your scores are divided by the square root of the state's length, as in a transformer. The "
     "decoder of this task takes the dot product as it is.",
     "Read the task's line about the weights again: is anything divided there?",
     divided(lambda d, q, k: d.H**0.5), keeps=0.75)
slip("LAB8-14", "all weights are equal",
     "Your context is the plain mean of the encoder states: every step has the same weight, "
     "whatever the state. That is a decoder without attention.",
     "Print the scores before the softmax. Do they depend on the encoder step?",
     pieces(weigh=lambda z: np.full_like(z, 1 / z.shape[1])), keeps=0.25)
slip("DEC-08", "the values go through mlp1",
     "Your context averages mlp1(enc_hidden). The values are the encoder states as they are.",
     "A later call must not depend on mlp1 at all. Change its weights and call again.",
     pieces(values=through_mlp1))
slip("DEC-09", "the scores are divided by a length",
     "Your scores are divided by a size: the length of the state, of the input, or a root of it. "
     "The decoder of this task takes the dot product as it is.",
     "Read the task's line about the weights again: is anything divided there?",
     divided(lambda d, q, k: d.H), divided(lambda d, q, k: d.S),
     divided(lambda d, q, k: d.S**0.5), divided(lambda d, q, k: d.E**0.5), keeps=0.75)
slip("DEC-10", "the weights do not add up to one",
     "Your weights are not a softmax of the scores: raw scores, their logarithm, or numbers from a "
     "sigmoid, which do not add up to one over the encoder steps.",
     "Print the sum of the weights of one sample.",
     pieces(weigh=lambda z: z), pieces(weigh=lambda z: np.log(softmax(z))),
     pieces(weigh=lambda z: 1 / (1 + np.exp(-z))))
slip("DEC-11", "softmax is applied twice",
     "Softmax is applied to weights that already went through a softmax: they come out almost "
     "equal.",
     "Does a helper that you call end with the softmax already?",
     pieces(weigh=lambda z: softmax(softmax(z))), keeps=0.75)
slip("DEC-12", "only the best encoder step is looked at",
     "Your decoder takes the one encoder state with the highest score, where the task asks for an "
     "average of all, weighted by softmax. A choice of one place gives no gradient for the scores.",
     "How many weights of one row are different from zero?",
     pieces(weigh=lambda z: np.eye(z.shape[1])[z.argmax(1)]))
slip("DEC-13", "cosine instead of dot product",
     "Your scores are divided by the lengths of query and key: that is the cosine of their angle. "
     "The task asks for the plain dot product.",
     "What happens to the scores when a key is doubled?",
     divided(lambda d, q, k: np.maximum(length(q)[:, None] * length(k), 1e-8)))

slip("DEC-38", "the axes of the keys are not exchanged",
     "Your product takes the wrong numbers of each key: enc_hidden goes into it as (B, S, H), "
     "which fits only where S equals H, or a reshape brings it to (B, H, S). A reshape keeps the "
     "numbers in their order; the last two axes have to be exchanged.",
     "Put one key of ones and the others of zeros into enc_hidden: only one score should differ "
     "from zero. Which call exchanges two axes?",
     pieces(compare=not_exchanged), pieces(compare=reshaped))

# ---- the loop over the tokens --------------------------------------------------------------------


def whole(**parts):
    """A decoder thought in another way, whose parts go with no others."""
    return Variant(right, core=pieces(**parts))


def embedding_first(d, c, e):
    return np.concatenate([e, c], 1)


def own_guess(d):
    """After the first token, the decoder is fed its own best guess."""
    return d.w["emb"][d.mlp2(d.read[-1]).argmax(-1)] if d.read else d.e[:, 0]


def fed(other):
    """Something else in place of the context: ``other(d, c)``."""
    return pieces(join=lambda d, c, e: np.concatenate([other(d, c), e], 1))


def encoder_steps(d):
    """The loop runs over the encoder's steps."""
    if d.S > d.T:
        raise IndexError
    return range(d.S)


slip("LAB8-M4", "no loop over the tokens, and what comes with it",
     "All tokens go through the recurrent layer in one call. Then no state is at hand to be the "
     "query, so your queries are the embeddings; and the first state, or the order of context and "
     "embedding, is not as asked either.",
     "Which number does the second query need, and which step makes it?",
     whole(query=token, start=zeros, join=embedding_first),
     whole(query=token, join=embedding_first), whole(query=token, start=zeros), keeps=0.25)
slip("LAB8-06", "attention is computed once, not at every token",
     "Your weights are made from the state with which the call begins, and used for all tokens. "
     "The state moves on; the look stays.",
     "Print the weights at two tokens. Which line should stand inside of the loop?",
     pieces(query=lambda d: d.begin))
slip("LAB8-07", "the state is not carried to the next token",
     "Every token starts from the same state: what a step leaves behind is not handed to the next "
     "one.",
     "Feed one token four times. Should the four rows of scores be alike?",
     pieces(carry=lambda d: d.s, leave=lambda d: d.new[None]), pieces(carry=lambda d: d.s),
     pieces(old=lambda d: d.begin))
slip("LAB8-09", "the decoder is fed its own guesses",
     "After the first token your decoder feeds back its own best guess and ignores the rest of "
     "dec_y. The task feeds dec_y; who wants the decoder to write freely calls it once for each "
     "token.",
     "Change the last token of dec_y. Do your scores notice?",
     whole(token=own_guess))
slip("DEC-14", "the recurrent layer is not given its state",
     "The recurrent layer starts from zeros at every token: it is called without the state. The "
     "query moves on, the memory does not.",
     "How many arguments does your call of the recurrent layer have?",
     pieces(old=zeros))
slip("DEC-15", "the embedding comes before the context",
     "Your recurrent layer gets [embedding, context]; the task says [context, embedding]. A "
     "network trained from scratch would not mind, weights from elsewhere do.",
     "Compare the order in your concatenation with the order in the task.",
     pieces(join=embedding_first), keeps=0.75)
slip("DEC-16", "the same token is fed at every step",
     "The embedding of one token of dec_y, the first or the last, is fed at every step.",
     "Which index should change with the loop?",
     pieces(token=lambda d: d.e[:, 0]), pieces(token=lambda d: d.e[:, -1]))
slip("DEC-17", "the context is not used",
     "The recurrent layer gets no context: what stands in its place does not depend on the "
     "weights.",
     "Which line uses the weights after they are computed?",
     fed(lambda d, c: 0 * c), fed(lambda d, c: last(d)), fed(lambda d, c: d.s), keeps=0.25)
slip("DEC-36", "the context comes a step late",
     "Your recurrent layer gets a context that was made before its turn: that of the step before, "
     "or at the first token a starting value (zeros, one encoder state, their mean). Each token "
     "needs the context that its own query gives.",
     "Follow the variable of the context through two rounds of your loop: where is it made, and "
     "where is it used?",
     *(fed(lambda d, c, first=first: first(d) if d.t == 0 else d.contexts[-2])
       for first in (zeros, lambda d: d.c, last, mean)),
     *(fed(lambda d, c, first=first: first(d) if d.t == 0 else c) for first in (zeros, last, mean)))
slip("DEC-18", "the loop runs over the encoder's length",
     "Your loop has as many rounds as enc_hidden has steps. It should have as many as there are "
     "tokens in dec_y; the two lengths are equal only by chance.",
     "Which tensor's second axis stands in your range?",
     pieces(steps=encoder_steps))
slip("DEC-19", "a token is left out",
     "Your loop leaves out the first or the last token of dec_y: there is one row of scores too "
     "few.",
     "Where does your range begin, and where does it end?",
     pieces(steps=lambda d: range(d.T - 1)), pieces(steps=lambda d: range(1, d.T)))
slip("DEC-20", "the gradient is cut",
     "Your numbers are right, but no gradient, or only a part of it, flows back through them. "
     "Training would not work, or learn less than it could.",
     "Look for detach, .data, .item(), no_grad, a new tensor made from numbers, or a result that "
     "is changed in place, as /= does.",
     draft.only(lambda layers: not layers.gradient), by_place=True)

# ---- the results ---------------------------------------------------------------------------------

slip("LAB8-16", "mlp2 is applied to the context",
     "Your scores come from the context. They should come from what the recurrent layer puts out.",
     "Which shape does mlp2 want, and which two of your tensors have it?",
     pieces(read=lambda d: d.c))
slip("LAB8-17", "probabilities instead of scores",
     "Your result went through a softmax (or its logarithm). The task asks for the scores "
     "themselves: the loss applies its own softmax.",
     "Should a row of the result add up to 1?",
     pieces(finish=softmax), pieces(finish=lambda Y: softmax(Y, 1)),
     pieces(finish=lambda Y: np.log(softmax(Y))), keeps=0.75)
slip("LAB8-19", "the state comes back as (B, 1, H)",
     "Your scores are right, and so are the numbers of the state, but they are laid out as (B, 1, "
     "H), the shape of a query. The task hands over and takes back (1, B, H), the shape of a "
     "recurrent layer, so that what one call returns fits into the next. With a batch of one the "
     "two are the same, which is why it is easy to miss.",
     "Decode two words in two calls: the second call gets what the first one returned.",
     # takes one layout and returns the other; or takes and returns the wrong one
     pieces(leave=lambda d: d.s[:, None]),
     pieces(leave=lambda d: d.s[:, None],
            takes=lambda d: take(d.given, (len(d.h), 1, d.H))[:, 0]), keeps=0.75)
slip("DEC-21", "the state comes back without its first axis",
     "Your state has shape (B, H). A recurrent layer keeps an axis for its layers in front: the "
     "task asks for (1, B, H), and hands over the same.",
     "Decode two words in two calls: the second call gets what the first one returned.",
     pieces(leave=lambda d: d.s),
     pieces(leave=lambda d: d.s, takes=lambda d: take(d.given, (len(d.h), d.H))), keeps=0.75)
slip("DEC-22", "an old state is returned",
     "The state that you return is not the one after the last token: it is the one with which the "
     "call, or its last step, began.",
     "Compare two calls with one call: where does the second call go on?",
     pieces(leave=lambda d: d.begin[None]), pieces(leave=lambda d: d.before[None]))
slip("DEC-23", "all states are returned",
     "You return the states of all tokens. The task asks for the last one, as (1, B, H).",
     "What should the next call begin with: one state, or as many as there were tokens?",
     pieces(leave=lambda d: np.stack(d.states, 1)), pieces(leave=lambda d: np.stack(d.states)),
     keeps=0.75)
slip("DEC-24", "the state of before the step is scored",
     "mlp2 gets the state of before the step, so each row of scores comes one token too late.",
     "Does the last token of dec_y enter your scores?",
     pieces(read=lambda d: d.s))
slip("DEC-25", "only the last token's scores are returned",
     "You return the scores of one token; the task asks for all of them, (B, T, V).",
     "What is appended in each round of the loop, and what is returned?",
     pieces(finish=lambda Y: Y[:, -1:]), pieces(finish=lambda Y: Y[:, -1]),
     pieces(finish=lambda Y: np.broadcast_to(Y[:, -1:], Y.shape)))
slip("DEC-26", "the decoder returns after the first token",
     "Only the first token is decoded: the method returns inside of the loop.",
     "How far is the return indented?",
     pieces(steps=lambda d: range(1)),
     pieces(steps=lambda d: range(1), finish=lambda Y: Y[:, 0]))
slip("DEC-27", "mlp2 is not applied",
     "You return the outputs of the recurrent layer, H numbers for each token. The task asks for a "
     "score for each token of the vocabulary.",
     "Which of the layers does your method never use?",
     pieces(score=lambda d, x: x))
slip("DEC-28", "tokens instead of scores",
     "You return the best token of each step. The task asks for the scores of all tokens: the loss "
     "needs them.",
     "Your result should have a last axis of the length of the vocabulary.",
     pieces(finish=lambda Y: Y.argmax(2)))
slip("DEC-29", "the axes of the scores are in another order",
     "Your scores do not have the axes batch, tokens, vocabulary, in this order: time stands "
     "first, or the vocabulary in the middle, or there is an axis of length one between.",
     "Does your code stack the rows or join them, and along which axis?",
     pieces(finish=lambda Y: Y.swapaxes(0, 1)), pieces(finish=lambda Y: Y.swapaxes(1, 2)),
     pieces(finish=lambda Y: Y[:, :, None]),
     pieces(finish=lambda Y: Y.swapaxes(0, 1)[:, :, None]),
     # joined along the batch axis: (T * B, 1, V)
     pieces(finish=lambda Y: Y.swapaxes(0, 1).reshape(-1, 1, Y.shape[2])), keeps=0.75)
slip("DEC-30", "axes of length one are dropped",
     "Your scores or your state lose an axis when there is one token only, or one sample.",
     "Look for a squeeze, or for an index that is used where a slice should stand.",
     pieces(finish=lambda Y: Y.squeeze()),
     pieces(finish=lambda Y: Y[:, 0] if Y.shape[1] == 1 else Y),
     pieces(finish=lambda Y: Y[0] if Y.shape[0] == 1 else Y), keeps=0.75)
slip("DEC-31", "state and scores are exchanged",
     "You return the state first and the scores second. The task asks for scores, state.",
     "Compare the order in your return with the order in the task.",
     pieces(hand_over=lambda Y, s: (s, Y)), keeps=0.75)
slip("DEC-32", "works only for a batch of one",
     "Your decoder is right for a single sample, and fails for more. With one sample (B, 1, H) and "
     "(1, B, H) are the same, and so are batch-first and time-first.",
     "Write the shape behind every line, for two samples. Which layout does your recurrent layer "
     "expect for its input, and which for its state?",
     draft.only(lambda dec_y: len(dec_y) == 1), by_place=True)
slip("DEC-33", "a later call fails",
     "The first call is right. A call with is_first_step False, which is handed a state of shape "
     "(1, B, H), fails.",
     "Follow the state through your code once with is_first_step True and once with False, and "
     "write its shape behind every line. Where do the two paths meet?",
     draft.only(lambda is_first_step, layers: is_first_step and not layers.calls),
     keeps=0.75, by_place=True)
slip("DEC-34", "works only where the output is as long as the input",
     "Your decoder is right where dec_y and enc_hidden have the same number of steps, and fails "
     "where they differ.",
     "Which of your shapes holds T, and which S?",
     draft.only(lambda dec_y, enc_hidden, layers: (
         not layers.calls and dec_y.shape[1] == enc_hidden.shape[1])),
     by_place=True)
draft.without("DEC-37", "F.scaled_dot_product_attention", "nn.MultiheadAttention")

TASK = draft.task()
TASK.arguments = (*TASK.arguments[:-1], "the layers")  # as reports call what is no argument

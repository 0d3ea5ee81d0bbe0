"""What goes wrong in attention decoders: the catalogue of the task ``attention_decoder``.

Ids that begin with LAB8 are those of the course that the lab comes from; DEC ones are our own.
"""

from __future__ import annotations

import numpy as np

from ...task import Mistake
from ._attention_numbers import (
    decode,
    gru_step,
    linear1,
    linear2,
    no_parts,
    recipe,
    softmax,
    take,
    weights,
)


def mistake(id_, title, message, hint, *variants, keeps=0.5, pattern=False):
    return Mistake(id_, title, message, hint, variants, pattern, keeps)


def last(d):
    return d.h[:, -1]


def mean(d):
    return d.h.mean(1)


def zeros(d):
    return np.zeros_like(d.h[:, 0])


def at_first(query, always=False):
    """Another query at the first token: of a first call, or of every call."""
    return lambda d: query(d) if d.t == 0 and (always or d.first) else d.s


def mean_over_batch(d):
    """mlp1(enc_hidden).mean(0): a state only where S equals B."""
    return linear1(d, d.h).mean(0)


def all_at_once(context_first, ready, query="embedding"):
    """No loop: embeddings as queries, one call of the recurrent layer for all tokens."""

    def whole(dec_y, h, state, first, layers):
        w = weights(layers)
        e = w["emb"][dec_y]
        d = type("d", (), {"w": w, "layers": layers})
        if first:
            state = linear1(d, h).mean(1)[None] if ready else np.zeros((1, *h[:, 0].shape))
        s = take(state, (1, *h[:, 0].shape))[0]
        c = np.einsum("bts,bsh->bth", softmax(np.einsum("bth,bsh->bts", e, h)), h)
        x = np.concatenate([c, e] if context_first else [e, c], 2)
        read = []
        for t in range(e.shape[1]):
            s = gru_step(w, x[:, t], s)
            read.append(s)
        return linear2(d, np.stack(read, 1)), s[None]

    return no_parts(whole)


def greedy(dec_y, h, state, first, layers):
    """After the first token, the decoder is fed its own best guess."""
    token, scores = dec_y[:, :1], []
    for _ in range(dec_y.shape[1]):
        Y, state = decode(token, h, state, first, layers, {})
        first = False
        scores.append(Y)
        token = Y.argmax(2)
    return np.concatenate(scores, 1), state


def batch_in_the_middle(d):
    """A state taken as (B, 1, H)."""
    B, _, H = d.h.shape
    return take(d.given, (B, 1, H))[:, 0]


def without_layers(d):
    """A state taken as (B, H)."""
    return take(d.given, d.h[:, 0].shape)


def encoder_steps(d):
    """The loop runs over the encoder's steps."""
    S, T = d.h.shape[1], d.e.shape[1]
    if S > T:
        raise IndexError
    return range(S)


def needs(condition):
    """A decoder that is right on some probes and fails on all others."""
    right = recipe()

    def answer(dec_y, enc_hidden, state, first, layers):
        if not condition(dec_y, enc_hidden, first, layers):
            raise ValueError
        return right(dec_y, enc_hidden, state, first, layers)

    return answer


def late(first):
    """The context of the step before is fed; ``first(d, c)`` in place of the first one."""
    return lambda d, c, e: np.concatenate([first(d, c) if d.t == 0 else d.contexts[-2], e], 1)


def from_the_second_on(first):
    """Something else stands where the first context should."""
    return lambda d, c, e: np.concatenate([first(d) if d.t == 0 else c, e], 1)


def over(axis):
    """Softmax of the scores (B, 1, S) along an axis; here they are (B, S)."""
    return lambda d, z: softmax(z[:, None], axis)[:, 0]


def mlp1_of(x):
    return lambda d: linear1(d, x(d))


START = (
    mistake(
        "LAB8-M1a",
        "the first state is made from the last encoder step alone",
        "On the first step your decoder starts from one encoder state only, the last one. The "
        "task asks for the mean over all encoder steps.",
        "Change enc_hidden at any step but the last. Does your first state notice?",
        recipe(start=last),
        recipe(start=mlp1_of(last)),
    ),
    mistake(
        "LAB8-M1a-q",
        "the first query is the last encoder state",
        "At the first token your query is the last encoder state, not the state of the decoder. "
        "The state itself starts right; only the first look goes elsewhere.",
        "The query of every token, also of the first, is the decoder's state of before that "
        "token. Which line makes an exception?",
        recipe(query=at_first(last)),
        recipe(query=at_first(last, always=True)),
    ),
    mistake(
        "LAB8-11",
        "a sum over time instead of a mean",
        "Your first state is the sum over the encoder steps: S times too large.",
        "Should a word of twice the length start from a state of twice the size?",
        recipe(start=lambda d: linear1(d, d.h).sum(1)),
    ),
    mistake(
        "LAB8-12",
        "the first state does not go through mlp1",
        "Your first state is the plain mean of the encoder states: mlp1 is not applied.",
        "Which of the layers does your method never use?",
        recipe(start=mean),
    ),
    mistake(
        "DEC-01",
        "the decoder starts from zeros",
        "On the first step your state is zero: what the encoder has read enters through the "
        "context only, and the first context is a plain mean.",
        "What does a recurrent layer begin with if nobody hands it a state? And what should it be?",
        recipe(start=zeros),
        # the first query is right, but the layer is not given that state
        recipe(old=lambda d: zeros(d) if d.first and d.t == 0 else d.s),
    ),
    mistake(
        "DEC-02",
        "the first state is made from the first encoder step alone",
        "On the first step your decoder starts from the first encoder state only. The task asks "
        "for the mean over all encoder steps.",
        "Index 0 along which axis? Print the shape before and after.",
        recipe(start=lambda d: d.h[:, 0]),
        recipe(start=mlp1_of(lambda d: d.h[:, 0])),
    ),
    mistake(
        "DEC-03",
        "the mean is taken over the batch, not over time",
        "Your first state averages over samples. It gets a usable shape only where the batch is "
        "as large as the number of encoder steps, and then the numbers are wrong without an error.",
        "enc_hidden has the axes batch, time, hidden. Which of the three should disappear?",
        recipe(start=mean_over_batch),
        recipe(start=lambda d: np.broadcast_to(linear1(d, d.h).mean((0, 1)), d.h[:, 0].shape)),
    ),
    mistake(
        "DEC-04",
        "a maximum over time instead of a mean",
        "Your first state takes the largest value over the encoder steps where the task asks for "
        "the mean.",
        "Does your call give a maximum, or a pair of maxima and places?",
        recipe(start=lambda d: linear1(d, d.h).max(1)),
    ),
    mistake(
        "DEC-05",
        "a tanh or ReLU of its own around mlp1",
        "Your first state goes through a non-linearity that the task does not have. mlp1 is used "
        "as it is; if it should hold a non-linearity, it brings it along.",
        "What stands between mlp1 and the state in your code, besides the mean?",
        recipe(start=lambda d: np.tanh(linear1(d, d.h).mean(1))),
        recipe(start=lambda d: np.tanh(linear1(d, d.h)).mean(1)),
        recipe(start=lambda d: np.maximum(linear1(d, d.h), 0).mean(1)),
        recipe(start=lambda d: np.maximum(linear1(d, d.h).mean(1), 0)),
        keeps=0.75,
    ),
    mistake(
        "DEC-06",
        "the state is made anew in every call",
        "Your decoder starts again in each call: a later call does not go on from the state that "
        "is handed to it. Training in one call does not show that; writing token by token does.",
        "When is_first_step is False, where does the state come from?",
        recipe(begins=lambda d: True),
    ),
    mistake(
        "DEC-07",
        "is_first_step is not looked at",
        "Whether your decoder begins anew depends on the state being None. The task says: with "
        "is_first_step the state is made anew, whatever was handed over.",
        "Call it twice for two different words, and hand the old state to the second word's first "
        "step. Which of the two arguments should decide?",
        recipe(begins=lambda d: d.given is None),
        keeps=0.75,
    ),
    mistake(
        "DEC-35",
        "no first state is made",
        "Your decoder always goes on from the state that is handed over. With is_first_step that "
        "state may be None, or one that another word has left; the decoder makes its own then.",
        "Which of your four arguments do you never read?",
        recipe(begins=lambda d: False),
    ),
)

ATTENTION = (
    mistake(
        "LAB8-M2",
        "the keys go through mlp1",
        "Your scores compare the query with mlp1(enc_hidden). The keys are the encoder states as "
        "they are; mlp1 serves the first state and nothing else.",
        "A later call must not depend on mlp1 at all. Change its weights and call again.",
        recipe(keys=mlp1_of(lambda d: d.h)),
        recipe(keys=mlp1_of(lambda d: d.h), values=mlp1_of(lambda d: d.h)),
        recipe(keys=lambda d: linear1(d, d.h) if d.first else d.h),
        # enc_hidden itself is overwritten on the first step
        recipe(
            keys=lambda d: linear1(d, d.h) if d.first else d.h,
            values=lambda d: linear1(d, d.h) if d.first else d.h,
        ),
    ),
    mistake(
        "LAB8-M3a",
        "the query is the token's embedding",
        "Your query is the embedding of the token that is fed in, so the weights do not depend on "
        "the decoder's state: the same token always looks at the same place. It only runs at all "
        "if embeddings are as long as states.",
        "Feed the same token twice: its two rows of weights should differ. What has changed "
        "between the two steps?",
        recipe(query=lambda d: d.e[:, d.t]),
        keeps=0.25,
    ),
    mistake(
        "LAB8-M3b",
        "the query goes through mlp1",
        "Your query is mlp1 of the state. The query is the state as it is; mlp1 serves the first "
        "state and nothing else.",
        "A later call must not depend on mlp1 at all. Change its weights and call again.",
        recipe(query=mlp1_of(lambda d: d.s)),
    ),
    mistake(
        "LAB8-01",
        "softmax along the query axis",
        "Your softmax runs along an axis of length one, so every weight is 1 and the context is "
        "the plain sum of the encoder states.",
        "For one sample, over which axis should the weights add up to 1? Print those sums.",
        recipe(weigh=over(1)),
    ),
    mistake(
        "LAB8-02",
        "softmax along the batch axis",
        "Your softmax runs over the batch: samples compete with each other, and with a single "
        "sample every weight is 1.",
        "For one sample, over which axis should the weights add up to 1? Print those sums.",
        recipe(weigh=over(0)),
    ),
    mistake(
        "LAB8-04",
        "the scores are divided by the square root of H",
        "Your scores are divided by the square root of the state's length, as in a transformer. "
        "The decoder of this task takes the dot product as it is.",
        "Read the task's line about the weights again: is anything divided there?",
        recipe(compare=lambda d, q, k: np.einsum("bh,bsh->bs", q, k) / d.h.shape[2] ** 0.5),
        keeps=0.75,
    ),
    mistake(
        "LAB8-14",
        "all weights are equal",
        "Your context is the plain mean of the encoder states: every step has the same weight, "
        "whatever the state. That is a decoder without attention.",
        "Print the scores before the softmax. Do they depend on the encoder step?",
        recipe(weigh=lambda d, z: np.full_like(z, 1 / z.shape[1])),
        keeps=0.25,
    ),
    mistake(
        "DEC-08",
        "the values go through mlp1",
        "Your context averages mlp1(enc_hidden). The values are the encoder states as they are.",
        "A later call must not depend on mlp1 at all. Change its weights and call again.",
        recipe(values=mlp1_of(lambda d: d.h)),
    ),
    mistake(
        "DEC-09",
        "the scores are divided by a length",
        "Your scores are divided by a size: the length of the state, of the input, or a root of "
        "it. The decoder of this task takes the dot product as it is.",
        "Read the task's line about the weights again: is anything divided there?",
        recipe(compare=lambda d, q, k: np.einsum("bh,bsh->bs", q, k) / d.h.shape[2]),
        recipe(compare=lambda d, q, k: np.einsum("bh,bsh->bs", q, k) / d.h.shape[1]),
        recipe(compare=lambda d, q, k: np.einsum("bh,bsh->bs", q, k) / d.h.shape[1] ** 0.5),
        recipe(compare=lambda d, q, k: np.einsum("bh,bsh->bs", q, k) / d.e.shape[2] ** 0.5),
        keeps=0.75,
    ),
    mistake(
        "DEC-10",
        "the weights do not add up to one",
        "Your weights are not a softmax of the scores: raw scores, their logarithm, or numbers "
        "from a sigmoid, which do not add up to one over the encoder steps.",
        "Print the sum of the weights of one sample.",
        recipe(weigh=lambda d, z: z),
        recipe(weigh=lambda d, z: np.log(softmax(z))),
        recipe(weigh=lambda d, z: 1 / (1 + np.exp(-z))),
    ),
    mistake(
        "DEC-11",
        "softmax is applied twice",
        "Softmax is applied to weights that already went through a softmax: they come out almost "
        "equal.",
        "Does a helper that you call end with the softmax already?",
        recipe(weigh=lambda d, z: softmax(softmax(z))),
        keeps=0.75,
    ),
    mistake(
        "DEC-12",
        "only the best encoder step is looked at",
        "Your decoder takes the one encoder state with the highest score, where the task asks for "
        "an average of all, weighted by softmax. A choice of one place gives no gradient for the "
        "scores.",
        "How many weights of one row are different from zero?",
        recipe(weigh=lambda d, z: np.eye(z.shape[1])[z.argmax(1)]),
    ),
    mistake(
        "DEC-13",
        "cosine instead of dot product",
        "Your scores are divided by the lengths of query and key: that is the cosine of their "
        "angle. The task asks for the plain dot product.",
        "What happens to the scores when a key is doubled?",
        recipe(
            compare=lambda d, q, k: (
                np.einsum("bh,bsh->bs", q, k)
                / np.maximum(np.linalg.norm(q, axis=1)[:, None] * np.linalg.norm(k, axis=2), 1e-8)
            )
        ),
    ),
)

LOOP = (
    mistake(
        "LAB8-M4",
        "no loop over the tokens, and what comes with it",
        "All tokens go through the recurrent layer in one call. Then no state is at hand to be the "
        "query, so your queries are the embeddings; and the first state, or the order of context "
        "and embedding, is not as asked either.",
        "Which number does the second query need, and which step makes it?",
        all_at_once(context_first=False, ready=False),
        all_at_once(context_first=False, ready=True),
        all_at_once(context_first=True, ready=False),
        keeps=0.25,
    ),
    mistake(
        "LAB8-06",
        "attention is computed once, not at every token",
        "Your weights are made from the state with which the call begins, and used for all "
        "tokens. The state moves on; the look stays.",
        "Print the weights at two tokens. Which line should stand inside of the loop?",
        recipe(query=lambda d: d.begin),
    ),
    mistake(
        "LAB8-07",
        "the state is not carried to the next token",
        "Every token starts from the same state: what a step leaves behind is not handed to the "
        "next one.",
        "Feed one token four times. Should the four rows of scores be alike?",
        recipe(carry=lambda d: d.s, leave=lambda d: d.new[None]),
        recipe(carry=lambda d: d.s),
        recipe(old=lambda d: d.begin),
    ),
    mistake(
        "LAB8-09",
        "the decoder is fed its own guesses",
        "After the first token your decoder feeds back its own best guess and ignores the rest of "
        "dec_y. The task feeds dec_y; who wants the decoder to write freely calls it once for "
        "each token.",
        "Change the last token of dec_y. Do your scores notice?",
        no_parts(greedy),
    ),
    mistake(
        "DEC-14",
        "the recurrent layer is not given its state",
        "The recurrent layer starts from zeros at every token: it is called without the state. "
        "The query moves on, the memory does not.",
        "How many arguments does your call of the recurrent layer have?",
        recipe(old=zeros),
    ),
    mistake(
        "DEC-15",
        "the embedding comes before the context",
        "Your recurrent layer gets [embedding, context]; the task says [context, embedding]. A "
        "network trained from scratch would not mind, weights from elsewhere do.",
        "Compare the order in your concatenation with the order in the task.",
        recipe(join=lambda d, c, e: np.concatenate([e, c], 1)),
        keeps=0.75,
    ),
    mistake(
        "DEC-16",
        "the same token is fed at every step",
        "The embedding of one token of dec_y, the first or the last, is fed at every step.",
        "Which index should change with the loop?",
        recipe(token=lambda d: d.e[:, 0]),
        recipe(token=lambda d: d.e[:, -1]),
    ),
    mistake(
        "DEC-17",
        "the context is not used",
        "The recurrent layer gets no context: what stands in its place does not depend on the "
        "weights.",
        "Which line uses the weights after they are computed?",
        recipe(join=lambda d, c, e: np.concatenate([np.zeros_like(c), e], 1)),
        recipe(join=lambda d, c, e: np.concatenate([last(d), e], 1)),
        recipe(join=lambda d, c, e: np.concatenate([d.s, e], 1)),
        keeps=0.25,
    ),
    mistake(
        "DEC-36",
        "the context comes a step late",
        "Your recurrent layer gets a context that was made before its turn: that of the step "
        "before, or at the first token a starting value (zeros, one encoder state, their mean). "
        "Each token needs the context that its own query gives.",
        "Follow the variable of the context through two rounds of your loop: where is it made, "
        "and where is it used?",
        recipe(join=late(lambda d, c: 0 * c)),
        recipe(join=late(lambda d, c: c)),
        recipe(join=late(lambda d, c: last(d))),
        recipe(join=late(lambda d, c: mean(d))),
        recipe(join=from_the_second_on(zeros)),
        recipe(join=from_the_second_on(last)),
        recipe(join=from_the_second_on(mean)),
    ),
    mistake(
        "DEC-18",
        "the loop runs over the encoder's length",
        "Your loop has as many rounds as enc_hidden has steps. It should have as many as there "
        "are tokens in dec_y; the two lengths are equal only by chance.",
        "Which tensor's second axis stands in your range?",
        recipe(steps=encoder_steps),
    ),
    mistake(
        "DEC-19",
        "a token is left out",
        "Your loop leaves out the first or the last token of dec_y: there is one row of scores too "
        "few.",
        "Where does your range begin, and where does it end?",
        recipe(steps=lambda d: range(d.e.shape[1] - 1)),
        recipe(steps=lambda d: range(1, d.e.shape[1])),
    ),
    mistake(
        "DEC-20",
        "the gradient is cut",
        "Your numbers are right, but no gradient, or only a part of it, flows back through them. "
        "Training would not work, or learn less than it could.",
        "Look for detach, .data, .item(), no_grad, or a new tensor made from numbers.",
        needs(lambda dec_y, enc_hidden, first, layers: not layers.gradient),
        pattern=True,
    ),
)

RESULT = (
    mistake(
        "LAB8-16",
        "mlp2 is applied to the context",
        "Your scores come from the context. They should come from what the recurrent layer puts "
        "out.",
        "Which shape does mlp2 want, and which two of your tensors have it?",
        recipe(read=lambda d: d.c),
    ),
    mistake(
        "LAB8-17",
        "probabilities instead of scores",
        "Your result went through a softmax (or its logarithm). The task asks for the scores "
        "themselves: the loss applies its own softmax.",
        "Should a row of the result add up to 1?",
        recipe(finish=lambda d, Y: softmax(Y)),
        recipe(finish=lambda d, Y: softmax(Y, 1)),
        recipe(finish=lambda d, Y: np.log(softmax(Y))),
        keeps=0.75,
    ),
    mistake(
        "LAB8-19",
        "the state comes back as (B, 1, H)",
        "Your scores are right, and so are the numbers of the state, but they are laid out as "
        "(B, 1, H), the shape of a query. The task hands over and takes back (1, B, H), the shape "
        "of a recurrent layer, so that what one call returns fits into the next. With a batch of "
        "one the two are the same, which is why it is easy to miss.",
        "Decode two words in two calls: the second call gets what the first one returned.",
        recipe(leave=lambda d: d.s[:, None]),  # takes one layout, returns the other
        recipe(leave=lambda d: d.s[:, None], takes=batch_in_the_middle),
        keeps=0.75,
    ),
    mistake(
        "DEC-21",
        "the state comes back without its first axis",
        "Your state has shape (B, H). A recurrent layer keeps an axis for its layers in front: "
        "the task asks for (1, B, H), and hands over the same.",
        "Decode two words in two calls: the second call gets what the first one returned.",
        recipe(leave=lambda d: d.s),
        recipe(leave=lambda d: d.s, takes=without_layers),
        keeps=0.75,
    ),
    mistake(
        "DEC-22",
        "an old state is returned",
        "The state that you return is not the one after the last token: it is the one with which "
        "the call, or its last step, began.",
        "Compare two calls with one call: where does the second call go on?",
        recipe(leave=lambda d: d.begin[None]),
        recipe(leave=lambda d: d.before[None]),
    ),
    mistake(
        "DEC-23",
        "all states are returned",
        "You return the states of all tokens. The task asks for the last one, as (1, B, H).",
        "What should the next call begin with: one state, or as many as there were tokens?",
        recipe(leave=lambda d: np.stack(d.states, 1)),
        recipe(leave=lambda d: np.stack(d.states)),
        keeps=0.75,
    ),
    mistake(
        "DEC-24",
        "the state of before the step is scored",
        "mlp2 gets the state of before the step, so each row of scores comes one token too late.",
        "Does the last token of dec_y enter your scores?",
        recipe(read=lambda d: d.s),
    ),
    mistake(
        "DEC-25",
        "only the last token's scores are returned",
        "You return the scores of one token; the task asks for all of them, (B, T, V).",
        "What is appended in each round of the loop, and what is returned?",
        recipe(finish=lambda d, Y: Y[:, -1:]),
        recipe(finish=lambda d, Y: Y[:, -1]),
        recipe(finish=lambda d, Y: np.broadcast_to(Y[:, -1:], Y.shape)),
    ),
    mistake(
        "DEC-26",
        "the decoder returns after the first token",
        "Only the first token is decoded: the method returns inside of the loop.",
        "How far is the return indented?",
        recipe(steps=lambda d: range(1)),
        recipe(steps=lambda d: range(1), finish=lambda d, Y: Y[:, 0]),
    ),
    mistake(
        "DEC-27",
        "mlp2 is not applied",
        "You return the outputs of the recurrent layer, H numbers for each token. The task asks "
        "for a score for each token of the vocabulary.",
        "Which of the layers does your method never use?",
        recipe(score=lambda d, x: x),
    ),
    mistake(
        "DEC-28",
        "tokens instead of scores",
        "You return the best token of each step. The task asks for the scores of all tokens: the "
        "loss needs them.",
        "Your result should have a last axis of the length of the vocabulary.",
        recipe(finish=lambda d, Y: Y.argmax(2)),
    ),
    mistake(
        "DEC-29",
        "the axes of the scores are in another order",
        "Your scores do not have the axes batch, tokens, vocabulary, in this order: time stands "
        "first, or the vocabulary in the middle, or there is an axis of length one between.",
        "Does your code stack the rows or join them, and along which axis?",
        recipe(finish=lambda d, Y: Y.swapaxes(0, 1)),
        recipe(finish=lambda d, Y: Y.swapaxes(1, 2)),
        recipe(finish=lambda d, Y: Y[:, :, None]),
        recipe(finish=lambda d, Y: Y.swapaxes(0, 1)[:, :, None]),
        # joined along the batch axis: (T * B, 1, V)
        recipe(finish=lambda d, Y: Y.swapaxes(0, 1).reshape(-1, 1, Y.shape[2])),
        keeps=0.75,
    ),
    mistake(
        "DEC-30",
        "axes of length one are dropped",
        "Your scores or your state lose an axis when there is one token only, or one sample.",
        "Look for a squeeze, or for an index that is used where a slice should stand.",
        recipe(finish=lambda d, Y: Y.squeeze()),
        recipe(finish=lambda d, Y: Y[:, 0] if Y.shape[1] == 1 else Y),
        recipe(finish=lambda d, Y: Y[0] if Y.shape[0] == 1 else Y),
        keeps=0.75,
    ),
    mistake(
        "DEC-31",
        "state and scores are exchanged",
        "You return the state first and the scores second. The task asks for scores, state.",
        "Compare the order in your return with the order in the task.",
        recipe(hand_over=lambda d, Y, s: (s, Y)),
        keeps=0.75,
    ),
    mistake(
        "DEC-32",
        "works only for a batch of one",
        "Your decoder is right for a single sample, and fails for more. With one sample (B, 1, H) "
        "and (1, B, H) are the same, and so are batch-first and time-first.",
        "Write the shape behind every line, for two samples. Which layout does your recurrent "
        "layer expect for its input, and which for its state?",
        needs(lambda dec_y, enc_hidden, first, layers: len(dec_y) == 1),
        pattern=True,
    ),
    mistake(
        "DEC-33",
        "a later call fails",
        "The first call is right. A call with is_first_step False, which is handed a state of "
        "shape (1, B, H), fails.",
        "Follow the state through your code once with is_first_step True and once with False, and "
        "write its shape behind every line. Where do the two paths meet?",
        needs(lambda dec_y, enc_hidden, first, layers: first and not layers.calls),
        pattern=True,
        keeps=0.75,
    ),
    mistake(
        "DEC-34",
        "works only where the output is as long as the input",
        "Your decoder is right where dec_y and enc_hidden have the same number of steps, and fails "
        "where they differ.",
        "Which of your shapes holds T, and which S?",
        needs(
            lambda dec_y, enc_hidden, first, layers: (
                not layers.calls and dec_y.shape[1] == enc_hidden.shape[1]
            )
        ),
        pattern=True,
    ),
)

MISTAKES = START + ATTENTION + LOOP + RESULT

"""Task ``SequenceModel(vocab_size, embedding_size, num_outputs, num_hiddens)``.

Embedding, GRU, linear layer; returns scores (B, S, O) and state (1, B, H). Ids that begin with
LAB6 are those of the course that the labs come from; those that begin with SEQ are our own.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from ...adapters.recurrent import GRADIENTS, SECOND_CALL
from ...references import on_arrays
from ...references import recurrent as rnn
from ...references.sequence import beyond, linear, right
from ...slips import Draft
from ...values import scattered

CONTRACT = """SequenceModel(vocab_size, embedding_size, num_outputs, num_hiddens): a class derived
from nn.Module that holds three layers, by these or other names: embedding, an nn.Embedding; gru, a
GRU; linear, an nn.Linear with bias.
forward(tokens, state) takes whole numbers (B, S) and a state (1, B, H); it returns the scores
(B, S, O), one row for each place of each sequence, and the last state (1, B, H) of the GRU.
Scores are what the linear layer gives: no softmax, the loss does that. O is num_outputs.
The GRU may be your own class of task gru, or nn.GRU with one layer. The check finds the layers by
their kind, writes its own numbers into them, and calls the object in evaluation mode. In place of
your own GRU class it puts a right one with the same interface, so that a mistake inside of that
class counts once, there. All its numbers hold the reset gate at 1, where nn.GRU and the GRU of task
gru are the same. It also looks whether the gradient of the scores reaches every parameter."""


def reference(tokens, state, parameters, question):
    """The definition, one row at a time."""
    p = parameters
    X = np.array([[p["embedding"][token] for token in row] for row in tokens])
    outputs, state = rnn.by_the_formulas(X, state, p)
    scores = [[p["weight"] @ h + p["bias"] for h in row] for row in outputs]
    return np.array(scores), state


draft = Draft(
    "sequence_model", CONTRACT, reference, right=right, answer_is="class", backends=("torch",),
    use="sequence model", ours=on_arrays, beyond=beyond,
    outputs=("the array of scores", "the returned state"),
    shapes="The state comes as (1, B, H) and goes back so. A GRU takes it as it is, beside inputs "
    "(B, S, E); a cell, which does one step, takes (B, H) beside (B, E).",
    traits={
        "more than one step": lambda tokens: tokens.shape[1] > 1,
        "more than one sequence": lambda tokens: len(tokens) > 1,
        "O = V": lambda parameters: len(parameters["bias"]) == len(parameters["embedding"]),
        "an object that was called before": lambda question: question == SECOND_CALL,
        "a question about training": lambda question: question == GRADIENTS,
    },
)
out, given, pieces, slip = draft.out, draft.given, draft.pieces, draft.slip
scores, last = partial(draft.result, 0), partial(draft.result, 1)


# ---- probes ------------------------------------------------------------------------------------


def probe(name, sizes, note="", *, seed=0, question="values", tokens=None):
    """Inputs for sizes (B, S, V, E, H, O)."""
    B, S, V, E, H, O = sizes
    if tokens is None:
        tokens = (np.arange(B * S).reshape(B, S) * 5 + seed) % V
    p = rnn.parameters(E, H, seed, W_xr=0, W_hr=0, b_r=50)
    p["embedding"] = scattered((V, E), seed + 2)
    p["weight"], p["bias"] = scattered((O, H), seed + 4), scattered((O,), seed + 9)
    shown = f"tokens of shape {(B, S)} and state of shape {(1, B, H)}, for a model with vocab_size "
    shown += f"{V}, embedding_size {E}, num_outputs {O} and num_hiddens {H}"
    shown += f", {note}" if note else ""
    draft.probe(name, tokens, scattered((1, B, H), seed + 5), p, question, shown=shown)


probe("one token", (1, 1, 6, 2, 3, 4))
probe("one token of two sequences", (2, 1, 6, 2, 3, 4), seed=1)
probe("one sequence", (1, 4, 6, 2, 3, 5), seed=2)
probe("general", (2, 5, 7, 3, 4, 6), tokens=np.array([[0, 1, 2, 3, 1], [5, 4, 3, 0, 2]]))
probe("general, other numbers", (2, 5, 7, 3, 4, 6), seed=7)
probe("more sequences than steps", (4, 3, 7, 3, 5, 2), seed=3)
probe("as many outputs as tokens", (2, 3, 6, 3, 4, 6), seed=4)
probe("as many steps as sequences", (3, 3, 6, 2, 4, 5), seed=5)
probe("all sizes alike", (4, 4, 4, 4, 4, 4), seed=6)
probe("second call", (2, 3, 6, 3, 4, 5), "given to an object that was called before",
      question=SECOND_CALL)
probe("gradients", (2, 3, 6, 3, 4, 5), "with the gradient of the scores", question=GRADIENTS)


# ---- mistakes ----------------------------------------------------------------------------------


def softmax(v, axis=2):
    e = np.exp(v - v.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def sequence_first(X, H0, p):
    """nn.GRU without batch_first: the batch is taken for time. Stops unless B = S."""
    if X.shape[0] != X.shape[1]:
        raise RuntimeError
    outputs, state = rnn.scan(X.swapaxes(0, 1), H0, p)
    return outputs.swapaxes(0, 1), state


def reshaped_inputs(X, H0, p):
    B, S, E = X.shape
    return rnn.scan(X.reshape(S, B, E).swapaxes(0, 1), H0, p)


def without_gru(X, H0, p):
    if X.shape[2] != H0.shape[2]:
        raise RuntimeError
    return X, H0


slip("LAB6-17", "probabilities are returned, not scores",
     "Your model ends with a softmax: along one axis its numbers sum to 1. The cross-entropy loss "
     "applies one itself, and two of them leave little for the gradient.",
     "What does F.cross_entropy expect, according to its documentation?",
     scores(softmax), scores(lambda Y: softmax(Y, 1)), scores(lambda Y: softmax(Y, 0)))
slip("LAB6-19", "the state that was handed in is handed back",
     "The scores are right. The state that you return is the one that came in, so writing one "
     "character at a time would forget each of them at once.",
     "Your GRU returns two things. What happens to the second?",
     last(lambda H, state: state))
slip("SEQ-01", "logarithms of probabilities are returned",
     "Your model ends with a log-softmax. A cross-entropy loss gives the same with these, so "
     "training would work; but the task asks for the scores of the linear layer.",
     "What is the last layer that the task names?",
     scores(lambda Y: np.log(softmax(Y))), keeps=0.75)
slip("SEQ-02", "scores for the last place only",
     "You return scores for the last place. The task asks for a row for every place, because every "
     "place is trained to say what comes next.",
     "Which of the two things that the GRU returns goes into the linear layer?",
     scores(lambda Y: Y[:, -1]), scores(lambda Y: Y[:, -1:]), scores(lambda Y: Y[:, -1][None]),
     scores(lambda Y: np.repeat(Y[:, -1:], Y.shape[1], 1)))
slip("SEQ-03", "scores of all sequences and places in one axis",
     "Your scores have an axis of length B times S. That is what the loss wants, later; the model "
     "returns (B, S, O).",
     "Who should flatten the first two axes: the model, or the line that computes the loss?",
     scores(lambda Y: Y.reshape(-1, Y.shape[2])),
     scores(lambda Y: Y.swapaxes(0, 1).reshape(-1, Y.shape[2])), keeps=0.75)
slip("SEQ-04", "the axes of the scores are exchanged",
     "Your scores have their axes in another order than batch, place, output.",
     "Print the shape of the scores just before you return them.",
     scores(lambda Y: Y.swapaxes(0, 1)), scores(lambda Y: Y.swapaxes(1, 2)))
slip("SEQ-05", "the given state is ignored",
     "Your scores are the same whatever state is handed in: the GRU begins from zeros.",
     "How many arguments does your call of the GRU have?",
     given(state=lambda state: 0 * state))
slip("SEQ-06", "another function around the linear layer",
     "Your scores go through one function too many: a ReLU, tanh or sigmoid before or after the "
     "linear layer.",
     "The outputs of a GRU lie between -1 and 1 already, and scores may be any number.",
     pieces(head=lambda X, p: np.maximum(linear(X, p), 0)),
     pieces(head=lambda X, p: linear(np.maximum(X, 0), p)),
     pieces(head=lambda X, p: np.tanh(linear(X, p))),
     pieces(head=lambda X, p: linear(np.tanh(X), p)),
     pieces(head=lambda X, p: rnn.sigmoid(linear(X, p))))
slip("SEQ-07", "the batch is taken for time",
     "Your GRU goes along the batch: sequence 1 is its first step. This is what nn.GRU does unless "
     "it is told otherwise. With as many places as sequences there is not even an error.",
     "Look up batch_first.",
     pieces(gru=sequence_first))
slip("SEQ-08", "reshape in place of a transpose",
     "A reshape has exchanged batch and time on the way: the shape is right, and numbers of "
     "different sequences are mixed.",
     "Exchanging two axes is another operation than counting the numbers off anew.",
     pieces(gru=reshaped_inputs), scores(lambda Y: Y.swapaxes(0, 1).reshape(Y.shape)))
slip("SEQ-09", "the linear layer has no bias",
     "Your scores are right up to the bias of the linear layer.",
     "Which arguments did you give to nn.Linear?",
     pieces(head=lambda X, p: X @ p["weight"].T), keeps=0.75)
slip("SEQ-10", "the outputs of the GRU are returned",
     "You return what the GRU gives. The linear layer that makes scores of it is not used.",
     "Which axis of your result has the length num_hiddens, and which length should it have?",
     pieces(head=lambda X, p: X))
slip("SEQ-11", "the embeddings go around the GRU",
     "Your scores are those of the embeddings: the GRU has no part in them, and so no place knows "
     "what stood before it.",
     "What does your linear layer get, and from whom?",
     pieces(gru=without_gru),
     pieces(gru=lambda X, H0, p: (without_gru(X, H0, p)[0], rnn.scan(X, H0, p)[1])), keeps=0.25)
slip("SEQ-12", "only the scores are returned",
     "You return one thing. The task asks for two: the scores, and the last state.",
     "Writing verse goes one character at a time. What has to be handed on in between?",
     out(lambda both: both[0]), out(lambda both: both[:1]), keeps=0.75)
slip("SEQ-13", "scores and state are returned in the wrong order",
     "You return the state first and the scores second. It is the other way round.",
     "Compare your last line with the first lines of the task.",
     out(lambda both: both[::-1]), keeps=0.75)
slip("SEQ-14", "characters are returned, not scores",
     "You return which character has the largest score. Choosing one is left to whoever calls: the "
     "loss needs all scores.",
     "How many numbers for each place does the loss need?",
     scores(lambda Y: Y.argmax(2).astype(float)), scores(lambda Y: Y.max(2)))
slip("SEQ-15", "the returned state has other axes",
     "The numbers of your returned state are right, its axes are not: it should have the shape in "
     "which it came in, (1, B, H).",
     "Would a second call with this state work?",
     last(lambda H: H[0]), last(lambda H: H.swapaxes(0, 1)), last(lambda H: H[None]), keeps=0.75)
slip("SEQ-16", "the outputs of all steps are returned as the state",
     "What you return as the state has an axis for time: it is all outputs of the GRU.",
     "The GRU returns two things. Which of them is the state?",
     pieces(gru=lambda X, H0, p: rnn.scan(X, H0, p)[:1] * 2), keeps=0.75)
slip("SEQ-17", "the object remembers its last call",
     "A second call of the same object gives something else than the first would: it keeps its "
     "state from the call before.",
     "Whoever calls you hands the state in. What in forward is stored under `self.`?",
     rnn.second_call(draft, lambda result, before, right: right(before[1])))
slip("SEQ-18", "the linear layer gives as many numbers as there are tokens",
     "Your model is right where num_outputs equals vocab_size, and stops elsewhere: the linear "
     "layer was built with vocab_size.",
     "Which of the four sizes has your constructor not used?",
     draft.only(lambda parameters: len(parameters["bias"]) == len(parameters["embedding"])),
     keeps=0.75, by_place=True)
slip("SEQ-19", "a layer that cannot learn",
     "Your scores are right, but their gradient does not reach every parameter, or cannot be "
     "computed: part of the model would stay as random as it began.",
     "Look for detach, no_grad, .data, requires_grad=False, a layer kept in a plain list, or a "
     "change in place of something that an earlier line has used.",
     draft.only(lambda question: question != GRADIENTS), by_place=True)

TASK = draft.task()

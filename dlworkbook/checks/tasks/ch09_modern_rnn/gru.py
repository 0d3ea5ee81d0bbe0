"""Task ``GRU(num_inputs, num_hiddens)``: a gated recurrent unit from nine parameters.

Reset gate before the matrix product, state = Z * old + (1 - Z) * candidate. Ids that begin with
LAB6 are those of the course that the labs come from; those that begin with GRU are our own.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from ...adapters.recurrent import GRADIENTS, PARAMETERS, PARTS, SECOND_CALL
from ...answer import LOOKING
from ...references import on_arrays
from ...references import recurrent as rnn
from ...references.recurrent import right, sigmoid
from ...slips import Draft
from ...values import scattered

CONTRACT = """GRU(num_inputs, num_hiddens): a gated recurrent unit, a class derived from nn.Module.

Parameters (nn.Parameter): W_xz, W_xr, W_xh of shape (I, H); W_hz, W_hr, W_hh of shape (H, H);
b_z, b_r, b_h of shape (H,). I is num_inputs, H is num_hiddens.
forward(inputs, state) takes inputs (B, S, I), batch first, and the state (1, B, H) to start from;
it returns the outputs (B, S, H), the state after each step, and the last state (1, B, H).
One step, for a batch X (B, I) and the state H (B, H), with @ a matrix product:
Z = sigmoid(X @ W_xz + H @ W_hz + b_z), R = sigmoid(X @ W_xr + H @ W_hr + b_r),
candidate C = tanh(X @ W_xh + (R * H) @ W_hh + b_h), new state Z * H + (1 - Z) * C.
The reset gate comes before the matrix product; nn.GRU has it after, and gives other numbers.
The check makes an object, writes its own numbers into the nine parameters, and calls the object.
It also looks whether all nine are parameters of the module, whether gradients reach them, whether
the six weights of a new object are small random numbers of both signs, and whether the code does
without nn.GRU, nn.GRUCell and nn.Linear."""


def reference(inputs, state, parameters, question):
    """The definition, one number at a time."""
    return rnn.by_the_formulas(inputs, state, parameters)


draft = Draft(
    "gru", CONTRACT, reference, right=right, answer_is="class", backends=("torch",),
    use="gru", ours=on_arrays, beyond=rnn.beyond,
    outputs=("the array of outputs", "the returned state"),
    shapes="The state comes as (1, B, H) and goes back so. One step works on an X of shape (B, I) "
    "and on a state of shape (B, H): inside of the loop the first axis is of no use.",
    traits={
        "more than one step": lambda inputs: inputs.shape[1] > 1,
        "more than one sample": lambda inputs: len(inputs) > 1,
        "I = H": lambda inputs, state: inputs.shape[2] == state.shape[2],
        "a state of zeros": lambda state: not state.any(),
        "an object that was called before": lambda question: question == SECOND_CALL,
        "a question about training": lambda question: question in (PARAMETERS, GRADIENTS),
    },
)
out, given, pieces, slip = draft.out, draft.given, draft.pieces, draft.slip
outputs, last = partial(draft.result, 0), partial(draft.result, 1)


# ---- probes ------------------------------------------------------------------------------------


def probe(name, sizes, note="", *, seed=0, has=(), question="values", state=1, first=0, **fixed):
    """Sizes are (B, S, I, H). ``state`` is a factor, ``first`` is added to the first input.

    ``fixed`` holds parameters at a number.
    """
    B, S, I, H = sizes
    X, H0 = scattered((B, S, I), seed), state * scattered((1, B, H), seed + 5)
    X[:, 0] += first
    shown = f"inputs of shape {(B, S, I)} and state of shape {(1, B, H)}"
    shown += f", {note}" if note else ""
    draft.probe(name, X, H0, rnn.parameters(I, H, seed, **fixed), question, has=has, shown=shown)


WEIGHTS_OF_GATES = {f"{kind}{part}": 0 for part in "zr" for kind in ("W_x", "W_h")}
NO_CANDIDATE = {"W_xh": 0, "W_hh": 0, "W_xz": 0, "W_hz": 0, "b_z": -50}

probe("one step", (1, 1, 2, 3))
probe("one step of two samples", (2, 1, 3, 4), seed=1)
probe("several steps of one sample", (1, 4, 2, 3), seed=2)
probe("general", (2, 5, 3, 4))
probe("general, other numbers", (2, 5, 3, 4), seed=7)
probe("more samples than steps", (4, 3, 2, 5), seed=3)
probe("zero state", (2, 5, 3, 4), "where the state is zero", state=0)
probe("first input changed", (2, 5, 3, 4), "where the first input is changed", first=1)
probe("update gate at 1", (2, 3, 3, 4), "where b_z holds the update gate at 1",
      has="the update gate held at 1", W_xz=0, W_hz=0, b_z=50)
probe("update gate at 0", (2, 3, 3, 4), "where b_z holds the update gate at 0",
      has="the update gate held at 0", W_xz=0, W_hz=0, b_z=-50)
probe("both gates at 0", (2, 3, 3, 4), "where b_z and b_r hold both gates at 0",
      has="both gates held at 0", b_z=-50, b_r=-50, **WEIGHTS_OF_GATES)
probe("all parameters zero", (2, 3, 3, 4), "where all parameters are zero",
      has="all parameters zero", **dict.fromkeys(rnn.NAMES, 0))
probe("candidate from its bias only", (2, 2, 3, 4),
      "where the candidate has nothing but its bias and the update gate is held at 0",
      b_h=[5.0, -5.0, 0.0, 1.0], **NO_CANDIDATE)
probe("as many steps as samples", (2, 2, 3, 4), seed=4)
probe("as many inputs as hidden units", (2, 4, 3, 3), seed=5)
probe("all sizes alike", (3, 3, 3, 3), seed=6)
probe("second call", (2, 3, 3, 4), "given to an object that was called before",
      question=SECOND_CALL)
probe("parameters", (2, 3, 3, 4), "with a look at module.parameters()", question=PARAMETERS)
probe("gradients", (2, 3, 3, 4), "with the gradient of the last output", question=GRADIENTS)


# ---- ways to write mistakes --------------------------------------------------------------------


def both(change):
    """A change of the two results together."""
    return out(lambda results: change(*results))


def taken(**other):
    """One parameter used where another belongs, or zero where the value is None."""
    return given(parameters=lambda parameters: parameters | {
        name: parameters[its] if its else 0 * parameters[name] for name, its in other.items()})


def transposed(*names):
    """Weight matrices transposed in the product; an error where shapes do not fit."""
    return given(parameters=lambda parameters: parameters | {n: parameters[n].T for n in names})


def without(part, gates):
    """Gates that leave out the state ("h") or the input ("x")."""

    def gate(x, h, p, name):
        if name in gates:
            x, h = (x, 0 * h) if part == "h" else (0 * x, h)
        return rnn.gate(x, h, p, name)

    return pieces(gate=gate)


def linear(v):
    return v


def relu(v):
    return np.maximum(v, 0)


# ---- the mistakes of the course ----------------------------------------------------------------


def never_fed_back(X, H0, p, step):
    outputs = np.stack([step(X[:, t], H0[0], p) for t in range(X.shape[1])], 1)
    return outputs, outputs[:, -1][None]


def neither(X, H0, p, step):
    """Neither fed back nor stored."""
    return np.repeat(H0.swapaxes(0, 1), X.shape[1], 1), never_fed_back(X, H0, p, step)[1]


def over_the_batch(join):
    """`for x in inputs`: the batch axis is walked along as if it were time."""

    def steps(X, H0, p, step):
        states = rnn.walk(X, H0[0], p, step)
        return join(states), states[-1][None]

    return pieces(steps=steps)


def range_of_the_batch(X, H0, p, step):
    if X.shape[0] > X.shape[1]:
        raise IndexError
    return rnn.scan(X[:, : X.shape[0]], H0, p, step)


def samples_by_number(X, H0, p, step):
    """`inputs[t]` for every step t: sample t is taken for step t of the whole batch."""
    states = rnn.walk([X[t] for t in range(X.shape[1])], H0[0], p, step)
    return np.stack(states, 1), states[-1][None]


def state_meets_every_sample(join):
    """State as (B, 1, H) beside inputs (B, I): broadcasting pairs each with each."""

    def steps(X, H0, p, step):
        states = rnn.walk(X.swapaxes(0, 1), H0.swapaxes(0, 1), p, step)
        return join(states), states[-1]

    return pieces(steps=steps)


slip("LAB6-M1", "the state is never updated, and the old one is stored",
     "Each step computes a new state and drops it: the list of outputs holds the state you began "
     "with, once for every step, and the next step begins with it again.",
     "A step has three duties: compute the new state, store it, and begin the next step with it. "
     "Which of them does your loop do, and with which variable?",
     pieces(steps=neither), keeps=0.25)
slip("LAB6-M1-1", "the old state is stored: outputs one step late",
     "The outputs are the right states, one step late: the first output is the state that was "
     "handed in. Each step stores the state before it is updated.",
     "In which order do the line that updates the state and the line that stores it stand?",
     outputs(lambda Y, state: np.concatenate([state.swapaxes(0, 1), Y[:, :-1]], 1)))
slip("LAB6-M1-2", "the new state is never fed back",
     "Every step begins from the state that was handed in. The first output is right; output t "
     "knows input t only, and nothing of the inputs before it.",
     "After a step, which variable holds the new state, and which one does the next step read?",
     pieces(steps=never_fed_back),
     pieces(steps=lambda X, H0, p, step: (never_fed_back(X, H0, p, step)[0], H0)), keeps=0.25)
slip("LAB6-M1-3", "the loop walks along the batch, not along time",
     "Your loop goes over the first axis of the inputs. That is the batch: sample 1 is taken for "
     "time step 1. With as many steps as samples there is not even an error.",
     "The inputs are (B, S, I). Along which axis does time run, and what does `for x in inputs` go "
     "through?",
     over_the_batch(lambda states: np.stack(states, 1)), over_the_batch(np.stack),
     pieces(steps=range_of_the_batch), pieces(steps=samples_by_number),
     keeps=0.25)
slip("LAB6-01", "the update gate is used the other way round",
     "With Z = 1 the old state should stay as it is; yours is replaced by the candidate. With Z = "
     "0 it is the other way round.",
     "Set Z to 1 in your last formula. What is left?",
     pieces(mix=lambda z, h, c, r: (1 - z) * h + z * c))
slip("LAB6-02", "the reset gate comes after the matrix product",
     "Your numbers are those of nn.GRU: the state is multiplied by W_hh first and by the reset "
     "gate afterwards. That is a GRU too, and no error of thought. This task asks for the other "
     "form, with the reset gate before the product.",
     "Which two things should meet first: the state and the gate, or the state and the matrix?",
     pieces(candidate=lambda x, h, r, p: x @ p["W_xh"] + r * (h @ p["W_hh"]) + p["b_h"]),
     pieces(candidate=lambda x, h, r, p: x @ p["W_xh"] + r * (h @ p["W_hh"] + p["b_h"])),
     keeps=0.75)
slip("LAB6-04", "a sigmoid in the candidate",
     "Your candidate is never negative: it goes through a sigmoid. A candidate should be able to "
     "push the state down as well as up.",
     "The two gates need values from 0 to 1. Which values should a state take?",
     pieces(c=sigmoid))
slip("LAB6-06", "the outputs are (S, B, H)",
     "Your outputs have the steps first and the batch second. The task asks for the batch first.",
     "Along which axis do you join the states? Print the shape before you return it.",
     outputs(lambda Y: Y.swapaxes(0, 1)))
slip("LAB6-07", "reshape in place of a transpose",
     "Your outputs have the right shape and are scrambled: a reshape counts the numbers off in the "
     "order in which they lie, so states of different samples and steps change places.",
     "You have (S, B, H) and want (B, S, H). Should numbers be counted anew, or axes exchanged?",
     outputs(lambda Y: Y.swapaxes(0, 1).reshape(Y.shape)))
slip("LAB6-09", "the given state is ignored",
     "Your outputs are the same whatever state is handed in: you begin from zeros.",
     "Where does your function read its second argument?",
     given(state=lambda state: 0 * state))
slip("LAB6-11", "the first state is returned, not the last",
     "The outputs are right. The state that you return is the one after the first step; the next "
     "call has to go on after the last one.",
     "Who calls you again wants to go on where you stopped. Which state is that?",
     both(lambda Y, H: (Y, Y[:, 0][None])), keeps=0.75)
slip("LAB6-12", "parameters of the update gate in the reset gate",
     "Your reset gate uses parameters of the update gate: changing W_xr, W_hr or b_r changes less "
     "than it should, or nothing.",
     "Read the line of the reset gate letter by letter. Copied lines keep old letters.",
     taken(W_xr="W_xz", W_hr="W_hz", b_r="b_z"), taken(W_xr="W_xz"), taken(W_hr="W_hz"),
     taken(b_r="b_z"), taken(W_xr="W_xz", W_hr="W_hz"), keeps=0.75)
slip("LAB6-14", "a bias is left out",
     "At least one of the three biases does not get into your numbers.",
     "With all weights zero, only biases are left. Do b_z, b_r and b_h each change your result?",
     taken(b_z=None, b_r=None, b_h=None), taken(b_z=None), taken(b_r=None), taken(b_h=None),
     taken(b_z=None, b_r=None), keeps=0.75)
slip("LAB6-16", "every state meets every sample",
     "Your state has the batch axis where the inputs of one step have none, and broadcasting pairs "
     "every state with every sample: a batch of B gives B times B states. With one sample nobody "
     "notices.",
     "Print the shapes of the two sides of each + inside the loop. Both should be (B, H).",
     state_meets_every_sample(lambda states: np.concatenate(states).swapaxes(0, 1)),
     state_meets_every_sample(lambda states: np.stack(states, 1)),
     state_meets_every_sample(lambda states: np.concatenate(states, 1)), keeps=0.25)

# ---- inside of a step --------------------------------------------------------------------------

HIDDEN, INPUT = ("W_hz", "W_hr", "W_hh"), ("W_xz", "W_xr", "W_xh")


def gates_once(X, H0, p, _):
    z, r = (sigmoid(rnn.gate(X[:, 0], H0[0], p, part)) for part in "zr")
    return rnn.scan(X, H0, p, partial(rnn.cell, z=lambda _: z, r=lambda _: r))


def overwritten(by, late="", kept=True, once=False):
    """A step in which the old state is replaced, ``by`` gate "z" or "r" times itself, too early.

    ``late``: gates that read the new one. ``kept``: the last formula multiplies it by Z as well.
    ``once``: the candidate does not multiply it by R again.
    """

    def step(x, h, p):
        g = {part: sigmoid(rnn.gate(x, h, p, part)) for part in "zr"}
        new = g[by] * h
        g |= {part: sigmoid(rnn.gate(x, new, p, part)) for part in late}
        c = np.tanh(rnn.before_product(x, new, 1 if once else g["r"], p))
        return (g["z"] if kept else 1) * new + (1 - g["z"]) * c

    return pieces(step=step)


slip("GRU-01", "the reset gate has no effect",
     "Your candidate uses the whole old state: the reset gate does not get into it.",
     "Where does R stand in the formula of the candidate?",
     pieces(r=np.ones_like))
slip("GRU-02", "old state and candidate do not add up to one whole",
     "The old state is multiplied by the update gate, and the candidate is added in full (or the "
     "other way round): the two shares do not sum to 1.",
     "If both old state and candidate are 0.5, what should the new state be, whatever Z is?",
     pieces(mix=lambda z, h, c, r: z * h + c), pieces(mix=lambda z, h, c, r: h + (1 - z) * c),
     pieces(mix=lambda z, h, c, r: z * h + z * c), pieces(mix=lambda z, h, c, r: h + z * c))
slip("GRU-03", "the state stays what it was",
     "All your outputs and the returned state are the state that was handed in: the candidate does "
     "not get into the new state.",
     "Look at your last formula: which of its terms holds the candidate?",
     pieces(mix=lambda z, h, c, r: h), keeps=0.25)
slip("GRU-04", "tanh in a gate",
     "A gate of yours goes through tanh, so it can be negative. A gate is a share: it lies between "
     "0 and 1.",
     "Which function turns any number into one between 0 and 1?",
     pieces(z=np.tanh, r=np.tanh), pieces(z=np.tanh), pieces(r=np.tanh))
slip("GRU-05", "a gate without its sigmoid",
     "A gate of yours is a plain weighted sum, so it can be 3 or -2. A gate is a share: it lies "
     "between 0 and 1.",
     "Print the smallest and the largest value of each gate.",
     pieces(z=linear, r=linear), pieces(z=linear), pieces(r=linear), pieces(z=relu, r=relu))
slip("GRU-06", "the candidate without its tanh",
     "Your candidate is not limited to values between -1 and 1: the tanh is missing, or another "
     "function stands in its place.",
     "Can a state grow without end in your code? It should not be able to.",
     pieces(c=linear), pieces(c=relu))
slip("GRU-07", "the reset gate multiplies the input as well",
     "Your reset gate also multiplies what comes from the input. It should only decide how much of "
     "the old state the candidate sees.",
     "With R = 0 the candidate should still see the input. Does yours?",
     pieces(candidate=lambda x, h, r, p: r * (x @ p["W_xh"] + h @ p["W_hh"]) + p["b_h"]),
     pieces(candidate=lambda x, h, r, p: r * (x @ p["W_xh"] + h @ p["W_hh"] + p["b_h"])),
     pieces(candidate=lambda x, h, r, p: r * (x @ p["W_xh"]) + h @ p["W_hh"] + p["b_h"]))
slip("GRU-08", "the reset gate is used the other way round",
     "With R = 1 the candidate should see the whole old state; yours sees nothing of it.",
     "Set R to 1, then to 0, and look at what is left of the state in the candidate.",
     pieces(r=lambda v: 1 - sigmoid(v)))
slip("GRU-09", "the two gates have changed places",
     "Your update gate does what the reset gate should do, and the other way round.",
     "Which gate belongs into the candidate, and which one mixes old and new?",
     taken(W_xz="W_xr", W_hz="W_hr", b_z="b_r", W_xr="W_xz", W_hr="W_hz", b_r="b_z"))
slip("GRU-10", "the old state is kept in its reset form",
     "The share of the old state that is kept is multiplied by the reset gate as well.",
     "Did you overwrite the old state with R times it before the last formula?",
     pieces(mix=lambda z, h, c, r: z * (r * h) + (1 - z) * c))
slip("GRU-11", "a weight matrix is transposed in the product",
     "At least one weight matrix is transposed before the product, as nn.Linear does it. W_h* is "
     "square, so this gives wrong numbers and no error.",
     "Rows of X are samples and W_x* is (I, H). Which product of the two needs no transpose?",
     transposed(*HIDDEN), transposed(*INPUT, *HIDDEN), transposed("W_hh"),
     transposed("W_hz", "W_hr"))
slip("GRU-12", "a gate does not see the old state",
     "At least one of your gates depends on the input only. Both gates look at the input and at "
     "the old state.",
     "Do W_hz and W_hr both stand in your code, in the lines of the gates?",
     without("h", "zr"), without("h", "z"), without("h", "r"), keeps=0.75)
slip("GRU-13", "a gate does not see the input",
     "At least one of your gates depends on the old state only. Both gates look at the input and "
     "at the old state.",
     "Do W_xz and W_xr both stand in your code, in the lines of the gates?",
     without("x", "zr"), without("x", "z"), without("x", "r"), keeps=0.75)
slip("GRU-14", "the candidate does not see the old state",
     "Your candidate depends on the input only: W_hh has no effect.",
     "A candidate is made of the input and of the part of the old state that the reset gate lets "
     "through.",
     taken(W_hh=None))
slip("GRU-15", "the candidate does not see the input",
     "Your candidate depends on the old state only: W_xh has no effect.",
     "How does a new input get into the state at all, in your code?",
     taken(W_xh=None))
slip("GRU-16", "parameters of another part are used",
     "A parameter of one of the three parts (update gate, reset gate, candidate) is used in "
     "another one. All shapes fit, so there is no error.",
     "The last letter of a name says where it belongs. Read your three lines letter by letter.",
     taken(W_xz="W_xr", W_hz="W_hr", b_z="b_r"),
     *(taken(**{slot: slot[:-1] + part}) for slot in rnn.NAMES for part in PARTS
       if slot[-1] != part and (slot[-1], part) != ("r", "z")),
     keeps=0.75)
slip("GRU-17", "one more tanh",
     "The new state, or the output, goes through a tanh once more. A GRU shows its state as it is.",
     "Count the tanh in the four formulas.",
     pieces(mix=lambda z, h, c, r: np.tanh(z * h + (1 - z) * c)), outputs(np.tanh),
     both(lambda Y, H: (np.tanh(Y), np.tanh(H))))
slip("GRU-18", "the gates are computed once, before the loop",
     "Your gates are those of the first step in all steps.",
     "Which lines stand above the loop that need the input or the state of the present step?",
     pieces(steps=gates_once))
slip("GRU-33", "the old state is overwritten too early",
     "In your step the old state is replaced (by Z times it, by R times it, or by the candidate) "
     "while a later line still needs it as it was.",
     "Which variable does each line of your step change, and which lines below read it? Give what "
     "is new a name of its own.",
     overwritten("z", kept=False), overwritten("z"), overwritten("z", late="r", kept=False),
     overwritten("z", late="r"), overwritten("r", late="z", once=True), overwritten("r"),
     overwritten("r", late="z"), pieces(mix=lambda z, h, c, r: c))

# ---- around the steps --------------------------------------------------------------------------


def flat(Y):
    """(S * B, H), steps first."""
    return Y.swapaxes(0, 1).reshape(-1, Y.shape[2])


def with_axis(place, steps_first, state):
    """Every state (1, B, H): the outputs have one axis more, at ``place``."""
    return both(lambda Y, H: (
        np.expand_dims(Y.swapaxes(0, 1) if steps_first else Y, place), state(H)))


def reordered(inputs):
    """(B, S, I) cut into (S, B, I) by reshape, which mixes samples and steps."""
    B, S, I = inputs.shape
    return inputs.reshape(S, B, I).swapaxes(0, 1)


slip("GRU-20", "time runs backwards",
     "Your loop reads the last input first, or the list of outputs is in reversed order.",
     "Which input does your first step read, and where in the outputs does its state stand?",
     given(inputs=lambda inputs: inputs[:, ::-1]), outputs(lambda Y: Y[:, ::-1]),
     given(inputs=lambda inputs: inputs[:, ::-1]).with_other(outputs(lambda Y: Y[:, ::-1])))
slip("GRU-21", "only the last output is returned",
     "You return the state after the last step in place of the states after all steps.",
     "The outputs have an axis for time. Where do you collect the states?",
     outputs(lambda Y: Y[:, -1]), outputs(lambda Y: Y[:, -1:]),
     both(lambda Y, H: (H, H)))
slip("GRU-22", "outputs and state are returned in the wrong order",
     "You return the state first and the outputs second. It is the other way round.",
     "Compare your last line with the first lines of the task.",
     both(lambda Y, H: (H, Y)), keeps=0.75)
slip("GRU-23", "the returned state has other axes",
     "The numbers of your returned state are right, its axes are not: it should have the shape in "
     "which it came in, (1, B, H).",
     "Whoever calls you hands your state to the next call. Would that work?",
     last(lambda H: H[0]), last(lambda H: H[None]), last(lambda H: H.swapaxes(0, 1)), keeps=0.75)
slip("GRU-24", "only the outputs are returned",
     "You return one thing. The task asks for two: the outputs, and the last state.",
     "What does the next call need to go on where this one stopped?",
     both(lambda Y, H: Y), both(lambda Y, H: (Y,)), keeps=0.75)
slip("GRU-25", "the state that was handed in is handed back",
     "The outputs are right, and the state that you return is the one that came in: the next call "
     "would forget all you read.",
     "Which variable do you return, and did your loop ever change it?",
     last(lambda H, state: state), keeps=0.75)
slip("GRU-26", "all samples begin from the state of the first one",
     "You take the state of sample 0 for the whole batch.",
     "The state is (1, B, H). How many axes do you take away before the loop?",
     given(state=lambda state: np.broadcast_to(state[:, :1], state.shape)))
slip("GRU-27", "a step is missing",
     "Your outputs have one step too few: the first or the last input is not read.",
     "How many numbers does your range give for a sequence of length 1?",
     given(inputs=lambda inputs: inputs[:, :-1]), given(inputs=lambda inputs: inputs[:, 1:]))
slip("GRU-28", "the outputs of all steps lie in one axis with something else",
     "Your outputs have one axis for time and the batch, or for time and the hidden units, where "
     "the task asks for two.",
     "Joining along an axis that is there makes it longer; which call makes a new axis?",
     outputs(flat), outputs(lambda Y: flat(Y)[None]),
     outputs(lambda Y: Y.reshape(-1, Y.shape[2])), outputs(lambda Y: Y.reshape(len(Y), -1)),
     outputs(lambda Y: Y.reshape(1, len(Y), -1)))
slip("GRU-35", "the outputs have an axis of length 1 too many",
     "The numbers of your outputs are right, and there are four axes, one of length 1. A state "
     "that stays (1, B, H) inside of the loop hands its first axis on to the outputs.",
     "Print the shape of one state inside of the loop. Which of its axes is of no use there?",
     *(with_axis(place, steps_first, state) for state in (linear, lambda H: H[None])
       for steps_first in (True, False) for place in (0, 1, 2)))
slip("GRU-29", "the inputs are reshaped in place of a transpose",
     "A reshape turns the inputs from (B, S, I) to (S, B, I). It keeps the order of the numbers "
     "and so mixes samples and steps.",
     "Exchanging two axes is another operation than counting the numbers off anew.",
     given(inputs=reordered),
     given(inputs=reordered).with_other(outputs(lambda Y: Y.swapaxes(0, 1).reshape(Y.shape))))
slip("GRU-30", "the object remembers its last call",
     "A second call of the same object gives something else than the first would: it keeps its "
     "state, or its list of outputs, from the call before.",
     "What begins with `self.` and is changed in forward? Whoever calls you hands the state in.",
     rnn.second_call(draft, lambda result, before, right: right(before[1])),
     rnn.second_call(draft, lambda result, before, right: (
         np.concatenate([before[0], result[0]], 1), result[1])))
slip("GRU-31", "weights that no optimizer sees",
     "Your numbers are right, but not all nine tensors are parameters of the module: an optimizer "
     "that is given model.parameters() would never change them.",
     "Which wrapper of torch.nn turns a tensor into something that a module knows?",
     draft.only(lambda question: question != PARAMETERS), by_place=True)
slip("GRU-32", "the gradient does not get back through time",
     "Your numbers are right, but the gradient of the last output does not reach the parameters "
     "through all steps, or cannot be computed: nothing, or only the last step, would learn.",
     "Look for detach, .data, no_grad, .item() or a new torch.tensor(...) inside the loop, and for "
     "a change in place of something that an earlier line has used.",
     draft.only(lambda question: question != GRADIENTS), by_place=True)
draft.beside(
    "GRU-34", "parameters of other names",
    "Your numbers are right, but not all parameters have the names that the task gives. Whoever "
    "loads weights into your object asks for them by these names.",
    "Compare your names with those of the task letter by letter, underscores and capitals too.",
    lambda answer: answer.seen("names of a gru", LOOKING))
draft.without("GRU-36", "nn.GRU", "nn.GRUCell", "nn.Linear")
draft.beside(
    "GRU-37", "weights that do not start as small random numbers",
    "Your numbers are right, but a new object does not start with small random weights. Weights "
    "that are all alike make all hidden units alike, as those of one sign nearly do, and large "
    "ones hold the gates at their ends.",
    "Make an object and print one of its six weights: do the entries differ, in sign too, and is "
    "their usual size about 0.1 or less?",
    lambda answer: answer.seen("start of a gru", LOOKING))

TASK = draft.task()

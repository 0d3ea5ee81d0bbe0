"""The mistakes of task ``gru``, each as an answer that makes it.

Ids that begin with LAB6 are those of the course that the labs come from; those that begin with GRU
are our own. Answers take ``(inputs, state, parameters, question)`` as arrays.
"""

from __future__ import annotations

import numpy as np

from ...adapters import recurrent as rnn
from ...adapters.recurrent import make_cell, scan, sigmoid
from ...task import Mistake, Variant


def right(X, H0, p, asked, steps=scan, step=None, **pieces):
    """The same, faster (a test compares the two).

    The loop can be exchanged, a step ``step(x, h, p)``, or pieces of it.
    """
    return steps(*rnn.as_arrays(X, H0), p, step or make_cell(**pieces))


def variant(before=None, core=None, after=None):
    """A wrong answer made from the right one."""
    return Variant(right, before, core, after)


def cell(**pieces):
    """A wrong step, run as usual."""
    return Variant(right, pieces=pieces)


def out(function):
    """A change of outputs and state: ``function(outputs, state) -> result``."""
    return variant(after=lambda result, X, H0, p, asked: function(*result))


def with_parameters(**other):
    """One parameter used where another belongs, or zero where the value is None."""

    def before(X, H0, p, asked):
        return X, H0, p | {n: p[o] if o else 0 * p[n] for n, o in other.items()}, asked

    return variant(before=before)


def scanned(steps):
    """A wrong loop: ``steps(X, H0, p, cell) -> (outputs, state)``."""
    return Variant(right, pieces={"steps": steps})


def old_state_appended(result, X, H0, p, asked):
    """Outputs one step late: each step stores the state that it began with."""
    outputs, state = result
    return np.concatenate([H0.swapaxes(0, 1), outputs[:, :-1]], 1), state


def never_fed_back(X, H0, p, cell):
    outputs = np.stack([cell(X[:, t], H0[0], p) for t in range(X.shape[1])], 1)
    return outputs, outputs[:, -1][None]


def neither(X, H0, p, cell):
    _, state = never_fed_back(X, H0, p, cell)
    return np.repeat(H0.swapaxes(0, 1), X.shape[1], 1), state


def over_the_batch(join):
    """`for x in inputs`: the batch axis is walked along as if it were time."""

    def steps(X, H0, p, cell):
        h, outputs = H0[0], []
        for x in X:
            h = cell(x, h, p)
            outputs.append(h)
        return join(outputs), h[None]

    return scanned(steps)


def range_of_the_batch(X, H0, p, cell):
    if X.shape[0] > X.shape[1]:
        raise IndexError
    return scan(X[:, : X.shape[0]], H0, p, cell)


def state_meets_every_sample(join):
    """State as (B, 1, H) beside inputs (B, I): broadcasting pairs each with each."""

    def steps(X, H0, p, cell):
        h, outputs = H0.swapaxes(0, 1), []
        for t in range(X.shape[1]):
            h = cell(X[:, t], h, p)
            outputs.append(h)
        return join(outputs), h

    return scanned(steps)


def gates_once(X, H0, p, _):
    z = sigmoid(rnn.gate(X[:, 0], H0[0], p, "z"))
    r = sigmoid(rnn.gate(X[:, 0], H0[0], p, "r"))
    fixed = make_cell(
        candidate=lambda x, h, _, p: rnn.before_product(x, h, r, p),
        mix=lambda _, h, c, __: rnn.keep(z, h, c, r),
    )
    return scan(X, H0, p, fixed)


def overwritten(by, late="", kept=True, once=False):
    """A step in which the old state is replaced, ``by`` gate "z" or "r" times itself, too early.

    ``late``: gates that read the new one. ``kept``: the last formula multiplies it by Z as well.
    ``once``: the candidate does not multiply it by R again.
    """

    def step(x, h, p):
        def gates(h):
            return {part: sigmoid(rnn.gate(x, h, p, part)) for part in "zr"}

        g = gates(h)
        new = g[by] * h
        g |= {part: value for part, value in gates(new).items() if part in late}
        c = np.tanh(rnn.before_product(x, new, 1 if once else g["r"], p))
        return (g["z"] if kept else 1) * new + (1 - g["z"]) * c

    return Variant(right, pieces={"step": step})


def reordered(X):
    """(B, S, I) cut into (S, B, I) by reshape, which mixes samples and steps."""
    return X.reshape(X.shape[1], X.shape[0], -1).swapaxes(0, 1)


def flat(outputs):
    """(S * B, H), steps first."""
    return outputs.swapaxes(0, 1).reshape(-1, outputs.shape[2])


def without(kind, parts="z"):
    """Gates (of these parts) that leave out the state ("h") or the input ("x")."""

    def gate(x, h, p, part):
        if part in parts:
            x, h = (x, 0 * h) if kind == "h" else (0 * x, h)
        return rnn.gate(x, h, p, part)

    return cell(gate=gate)


def transposed(*names):
    """Weight matrices transposed in the product; an error where shapes do not fit."""

    def before(X, H0, p, asked):
        return X, H0, p | {name: p[name].T for name in names}, asked

    return variant(before=before)


def remembered(result, X, H0, p, asked):
    """The object goes on from the state of its call before."""
    if asked != "second call":
        return result
    _, last = right(X[::-1, ::-1], 0 * H0, p, asked)
    return right(X, last, p, asked)


def kept_outputs(result, X, H0, p, asked):
    """The object's list of outputs still holds those of the call before."""
    if asked != "second call":
        return result
    old, _ = right(X[::-1, ::-1], 0 * H0, p, asked)
    return np.concatenate([old, result[0]], 1), result[1]


def fails_when(question):
    """Right numbers, but not what this question asks for."""

    def answer(X, H0, p, asked):
        if asked == question:
            raise RuntimeError
        return right(X, H0, p, asked)

    return answer


def names_are_asked_for(X, H0, p, asked):
    """Whoever asks such an object for a parameter by its name gets an error."""
    raise AttributeError


def with_axis(place, last, steps_first=False):
    """Every state (1, B, H): the outputs have one axis more, at ``place``."""

    def after(result, X, H0, p, asked):
        outputs, state = result
        if steps_first:
            outputs = outputs.swapaxes(0, 1)
        return np.expand_dims(outputs, place), last(state)

    return variant(after=after)


def linear(v):
    return v


def relu(v):
    return np.maximum(v, 0)


def mistake(id_, title, message, hint, *variants, keeps=0.5, pattern_=False):
    return Mistake(id_, title, message, hint, variants, pattern_, keeps)


HIDDEN = ("W_hz", "W_hr", "W_hh")
INPUT = ("W_xz", "W_xr", "W_xh")

LAB6 = (
    mistake(
        "LAB6-M1",
        "the state is never updated, and the old one is stored",
        "Each step computes a new state and drops it: the list of outputs holds the state you "
        "began with, once for every step, and the next step begins with it again.",
        "A step has three duties: compute the new state, store it, and begin the next step with "
        "it. Which of them does your loop do, and with which variable?",
        scanned(neither),
        keeps=0.25,
    ),
    mistake(
        "LAB6-M1-1",
        "the old state is stored: outputs one step late",
        "The outputs are the right states, one step late: the first output is the state that was "
        "handed in. Each step stores the state before it is updated.",
        "In which order do the line that updates the state and the line that stores it stand?",
        variant(after=old_state_appended),
    ),
    mistake(
        "LAB6-M1-2",
        "the new state is never fed back",
        "Every step begins from the state that was handed in. The first output is right; output t "
        "knows input t only, and nothing of the inputs before it.",
        "After a step, which variable holds the new state, and which one does the next step read?",
        scanned(never_fed_back),
        scanned(lambda X, H0, p, cell: (never_fed_back(X, H0, p, cell)[0], H0)),
        keeps=0.25,
    ),
    mistake(
        "LAB6-M1-3",
        "the loop walks along the batch, not along time",
        "Your loop goes over the first axis of the inputs. That is the batch: sample 1 is taken "
        "for time step 1. With as many steps as samples there is not even an error.",
        "The inputs are (B, S, I). Along which axis does time run, and what does `for x in "
        "inputs` go through?",
        over_the_batch(lambda outputs: np.stack(outputs, 1)),
        over_the_batch(lambda outputs: np.stack(outputs, 0)),
        scanned(range_of_the_batch),
        keeps=0.25,
    ),
    mistake(
        "LAB6-01",
        "the update gate is used the other way round",
        "With Z = 1 the old state should stay as it is; yours is replaced by the candidate. With "
        "Z = 0 it is the other way round.",
        "Set Z to 1 in your last formula. What is left?",
        cell(mix=lambda z, h, c, r: (1 - z) * h + z * c),
    ),
    mistake(
        "LAB6-02",
        "the reset gate comes after the matrix product",
        "Your numbers are those of nn.GRU: the state is multiplied by W_hh first and by the reset "
        "gate afterwards. That is a GRU too, and no error of thought. This task asks for the other "
        "form, with the reset gate before the product.",
        "Which two things should meet first: the state and the gate, or the state and the matrix?",
        cell(candidate=lambda x, h, r, p: x @ p["W_xh"] + r * (h @ p["W_hh"]) + p["b_h"]),
        cell(candidate=lambda x, h, r, p: x @ p["W_xh"] + r * (h @ p["W_hh"] + p["b_h"])),
        keeps=0.75,
    ),
    mistake(
        "LAB6-04",
        "a sigmoid in the candidate",
        "Your candidate is never negative: it goes through a sigmoid. A candidate should be able "
        "to push the state down as well as up.",
        "The two gates need values from 0 to 1. Which values should a state take?",
        cell(c=sigmoid),
    ),
    mistake(
        "LAB6-06",
        "the outputs are (S, B, H)",
        "Your outputs have the steps first and the batch second. The task asks for the batch "
        "first.",
        "Along which axis do you join the states? Print the shape before you return it.",
        out(lambda outputs, state: (outputs.swapaxes(0, 1), state)),
    ),
    mistake(
        "LAB6-07",
        "reshape in place of a transpose",
        "Your outputs have the right shape and are scrambled: a reshape counts the numbers off in "
        "the order in which they lie, so states of different samples and steps change places.",
        "You have (S, B, H) and want (B, S, H). Should numbers be counted anew, or axes exchanged?",
        out(lambda outputs, state: (outputs.swapaxes(0, 1).reshape(outputs.shape), state)),
    ),
    mistake(
        "LAB6-09",
        "the given state is ignored",
        "Your outputs are the same whatever state is handed in: you begin from zeros.",
        "Where does your function read its second argument?",
        variant(before=lambda X, H0, p, asked: (X, 0 * H0, p, asked)),
    ),
    mistake(
        "LAB6-11",
        "the first state is returned, not the last",
        "The outputs are right. The state that you return is the one after the first step; the "
        "next call has to go on after the last one.",
        "Who calls you again wants to go on where you stopped. Which state is that?",
        out(lambda outputs, state: (outputs, outputs[:, 0][None])),
        keeps=0.75,
    ),
    mistake(
        "LAB6-12",
        "parameters of the update gate in the reset gate",
        "Your reset gate uses parameters of the update gate: changing W_xr, W_hr or b_r changes "
        "less than it should, or nothing.",
        "Read the line of the reset gate letter by letter. Copied lines keep old letters.",
        with_parameters(W_xr="W_xz", W_hr="W_hz", b_r="b_z"),
        with_parameters(W_xr="W_xz"),
        with_parameters(W_hr="W_hz"),
        with_parameters(b_r="b_z"),
        with_parameters(W_xr="W_xz", W_hr="W_hz"),
        keeps=0.75,
    ),
    mistake(
        "LAB6-14",
        "a bias is left out",
        "At least one of the three biases does not get into your numbers.",
        "With all weights zero, only biases are left. Do b_z, b_r and b_h each change your result?",
        with_parameters(b_z=None, b_r=None, b_h=None),
        with_parameters(b_z=None),
        with_parameters(b_r=None),
        with_parameters(b_h=None),
        with_parameters(b_z=None, b_r=None),
        keeps=0.75,
    ),
    mistake(
        "LAB6-16",
        "every state meets every sample",
        "Your state has the batch axis where the inputs of one step have none, and broadcasting "
        "pairs every state with every sample: a batch of B gives B times B states. With one sample "
        "nobody notices.",
        "Print the shapes of the two sides of each + inside the loop. Both should be (B, H).",
        state_meets_every_sample(lambda outputs: np.concatenate(outputs, 0).swapaxes(0, 1)),
        state_meets_every_sample(lambda outputs: np.stack(outputs, 1)),
        state_meets_every_sample(lambda outputs: np.concatenate(outputs, 1)),
        keeps=0.25,
    ),
)

INSIDE = (
    mistake(
        "GRU-01",
        "the reset gate has no effect",
        "Your candidate uses the whole old state: the reset gate does not get into it.",
        "Where does R stand in the formula of the candidate?",
        cell(r=np.ones_like),
    ),
    mistake(
        "GRU-02",
        "old state and candidate do not add up to one whole",
        "The old state is multiplied by the update gate, and the candidate is added in full (or "
        "the other way round): the two shares do not sum to 1.",
        "If both old state and candidate are 0.5, what should the new state be, whatever Z is?",
        cell(mix=lambda z, h, c, r: z * h + c),
        cell(mix=lambda z, h, c, r: h + (1 - z) * c),
        cell(mix=lambda z, h, c, r: z * h + z * c),
        cell(mix=lambda z, h, c, r: h + z * c),
    ),
    mistake(
        "GRU-03",
        "the state stays what it was",
        "All your outputs and the returned state are the state that was handed in: the candidate "
        "does not get into the new state.",
        "Look at your last formula: which of its terms holds the candidate?",
        cell(mix=lambda z, h, c, r: h),
        keeps=0.25,
    ),
    mistake(
        "GRU-04",
        "tanh in a gate",
        "A gate of yours goes through tanh, so it can be negative. A gate is a share: it lies "
        "between 0 and 1.",
        "Which function turns any number into one between 0 and 1?",
        cell(z=np.tanh, r=np.tanh),
        cell(z=np.tanh),
        cell(r=np.tanh),
    ),
    mistake(
        "GRU-05",
        "a gate without its sigmoid",
        "A gate of yours is a plain weighted sum, so it can be 3 or -2. A gate is a share: it lies "
        "between 0 and 1.",
        "Print the smallest and the largest value of each gate.",
        cell(z=linear, r=linear),
        cell(z=linear),
        cell(r=linear),
        cell(z=relu, r=relu),
    ),
    mistake(
        "GRU-06",
        "the candidate without its tanh",
        "Your candidate is not limited to values between -1 and 1: the tanh is missing, or "
        "another function stands in its place.",
        "Can a state grow without end in your code? It should not be able to.",
        cell(c=linear),
        cell(c=relu),
    ),
    mistake(
        "GRU-07",
        "the reset gate multiplies the input as well",
        "Your reset gate also multiplies what comes from the input. It should only decide how much "
        "of the old state the candidate sees.",
        "With R = 0 the candidate should still see the input. Does yours?",
        cell(candidate=lambda x, h, r, p: r * (x @ p["W_xh"] + h @ p["W_hh"]) + p["b_h"]),
        cell(candidate=lambda x, h, r, p: r * (x @ p["W_xh"] + h @ p["W_hh"] + p["b_h"])),
        cell(candidate=lambda x, h, r, p: r * (x @ p["W_xh"]) + h @ p["W_hh"] + p["b_h"]),
    ),
    mistake(
        "GRU-08",
        "the reset gate is used the other way round",
        "With R = 1 the candidate should see the whole old state; yours sees nothing of it.",
        "Set R to 1, then to 0, and look at what is left of the state in the candidate.",
        cell(r=lambda v: 1 - sigmoid(v)),
    ),
    mistake(
        "GRU-09",
        "the two gates have changed places",
        "Your update gate does what the reset gate should do, and the other way round.",
        "Which gate belongs into the candidate, and which one mixes old and new?",
        with_parameters(W_xz="W_xr", W_hz="W_hr", b_z="b_r", W_xr="W_xz", W_hr="W_hz", b_r="b_z"),
    ),
    mistake(
        "GRU-10",
        "the old state is kept in its reset form",
        "The share of the old state that is kept is multiplied by the reset gate as well.",
        "Did you overwrite the old state with R times it before the last formula?",
        cell(mix=lambda z, h, c, r: z * (r * h) + (1 - z) * c),
    ),
    mistake(
        "GRU-11",
        "a weight matrix is transposed in the product",
        "At least one weight matrix is transposed before the product, as nn.Linear does it. W_h* "
        "is square, so this gives wrong numbers and no error.",
        "Rows of X are samples and W_x* is (I, H). Which product of the two needs no transpose?",
        transposed(*HIDDEN),
        transposed(*INPUT, *HIDDEN),
        transposed("W_hh"),
        transposed("W_hz", "W_hr"),
    ),
    mistake(
        "GRU-12",
        "a gate does not see the old state",
        "At least one of your gates depends on the input only. Both gates look at the input and at "
        "the old state.",
        "Do W_hz and W_hr both stand in your code, in the lines of the gates?",
        without("h", "zr"),
        without("h", "z"),
        without("h", "r"),
        keeps=0.75,
    ),
    mistake(
        "GRU-13",
        "a gate does not see the input",
        "At least one of your gates depends on the old state only. Both gates look at the input "
        "and at the old state.",
        "Do W_xz and W_xr both stand in your code, in the lines of the gates?",
        without("x", "zr"),
        without("x", "z"),
        without("x", "r"),
        keeps=0.75,
    ),
    mistake(
        "GRU-14",
        "the candidate does not see the old state",
        "Your candidate depends on the input only: W_hh has no effect.",
        "A candidate is made of the input and of the part of the old state that the reset gate "
        "lets through.",
        with_parameters(W_hh=None),
    ),
    mistake(
        "GRU-15",
        "the candidate does not see the input",
        "Your candidate depends on the old state only: W_xh has no effect.",
        "How does a new input get into the state at all, in your code?",
        with_parameters(W_xh=None),
    ),
    mistake(
        "GRU-16",
        "parameters of another part are used",
        "A parameter of one of the three parts (update gate, reset gate, candidate) is used in "
        "another one. All shapes fit, so there is no error.",
        "The last letter of a name says where it belongs. Read your three lines letter by letter.",
        with_parameters(W_xz="W_xr", W_hz="W_hr", b_z="b_r"),
        *(
            with_parameters(**{slot: slot[:-1] + part})
            for slot in rnn.NAMES
            for part in rnn.PARTS
            if slot[-1] != part and (slot[-1], part) != ("r", "z")
        ),
        keeps=0.75,
    ),
    mistake(
        "GRU-17",
        "one more tanh",
        "The new state, or the output, goes through a tanh once more. A GRU shows its state as it "
        "is.",
        "Count the tanh in the four formulas.",
        cell(mix=lambda z, h, c, r: np.tanh(z * h + (1 - z) * c)),
        out(lambda outputs, state: (np.tanh(outputs), state)),
        out(lambda outputs, state: (np.tanh(outputs), np.tanh(state))),
    ),
    mistake(
        "GRU-18",
        "the gates are computed once, before the loop",
        "Your gates are those of the first step in all steps.",
        "Which lines stand above the loop that need the input or the state of the present step?",
        scanned(gates_once),
    ),
    mistake(
        "GRU-33",
        "the old state is overwritten too early",
        "In your step the old state is replaced (by Z times it, by R times it, or by the "
        "candidate) while a later line still needs it as it was.",
        "Which variable does each line of your step change, and which lines below read it? Give "
        "what is new a name of its own.",
        overwritten("z", kept=False),
        overwritten("z"),
        overwritten("z", late="r", kept=False),
        overwritten("z", late="r"),
        overwritten("r", late="z", once=True),
        overwritten("r"),
        overwritten("r", late="z"),
        cell(mix=lambda z, h, c, r: c),
    ),
)

AROUND = (
    mistake(
        "GRU-20",
        "time runs backwards",
        "Your loop reads the last input first, or the list of outputs is in reversed order.",
        "Which input does your first step read, and where in the outputs does its state stand?",
        variant(before=lambda X, H0, p, asked: (X[:, ::-1], H0, p, asked)),
        out(lambda outputs, state: (outputs[:, ::-1], state)),
        variant(
            before=lambda X, H0, p, asked: (X[:, ::-1], H0, p, asked),
            after=lambda result, X, H0, p, asked: (result[0][:, ::-1], result[1]),
        ),
    ),
    mistake(
        "GRU-21",
        "only the last output is returned",
        "You return the state after the last step in place of the states after all steps.",
        "The outputs have an axis for time. Where do you collect the states?",
        out(lambda outputs, state: (outputs[:, -1], state)),
        out(lambda outputs, state: (outputs[:, -1:], state)),
        out(lambda outputs, state: (state, state)),
    ),
    mistake(
        "GRU-22",
        "outputs and state are returned in the wrong order",
        "You return the state first and the outputs second. It is the other way round.",
        "Compare your last line with the first lines of the task.",
        out(lambda outputs, state: (state, outputs)),
        keeps=0.75,
    ),
    mistake(
        "GRU-23",
        "the returned state has other axes",
        "The numbers of your returned state are right, its axes are not: it should have the shape "
        "in which it came in, (1, B, H).",
        "Whoever calls you hands your state to the next call. Would that work?",
        out(lambda outputs, state: (outputs, state[0])),
        out(lambda outputs, state: (outputs, state[None])),
        out(lambda outputs, state: (outputs, state.swapaxes(0, 1))),
        keeps=0.75,
    ),
    mistake(
        "GRU-24",
        "only the outputs are returned",
        "You return one thing. The task asks for two: the outputs, and the last state.",
        "What does the next call need to go on where this one stopped?",
        out(lambda outputs, state: outputs),
        out(lambda outputs, state: (outputs,)),
        keeps=0.75,
    ),
    mistake(
        "GRU-25",
        "the state that was handed in is handed back",
        "The outputs are right, and the state that you return is the one that came in: the next "
        "call would forget all you read.",
        "Which variable do you return, and did your loop ever change it?",
        variant(after=lambda result, X, H0, p, asked: (result[0], H0)),
        keeps=0.75,
    ),
    mistake(
        "GRU-26",
        "all samples begin from the state of the first one",
        "You take the state of sample 0 for the whole batch.",
        "The state is (1, B, H). How many axes do you take away before the loop?",
        variant(before=lambda X, H0, p, asked: (X, np.broadcast_to(H0[:, :1], H0.shape), p, asked)),
    ),
    mistake(
        "GRU-27",
        "a step is missing",
        "Your outputs have one step too few: the first or the last input is not read.",
        "How many numbers does your range give for a sequence of length 1?",
        variant(before=lambda X, H0, p, asked: (X[:, :-1], H0, p, asked)),
        variant(before=lambda X, H0, p, asked: (X[:, 1:], H0, p, asked)),
    ),
    mistake(
        "GRU-28",
        "the outputs of all steps lie in one axis with something else",
        "Your outputs have one axis for time and the batch, or for time and the hidden units, "
        "where the task asks for two.",
        "Joining along an axis that is there makes it longer; which call makes a new axis?",
        out(lambda outputs, state: (flat(outputs), state)),
        out(lambda outputs, state: (flat(outputs)[None], state)),
        out(lambda outputs, state: (outputs.reshape(-1, outputs.shape[2]), state)),
        out(lambda outputs, state: (outputs.reshape(len(outputs), -1), state)),
        out(lambda outputs, state: (outputs.reshape(1, len(outputs), -1), state)),
    ),
    mistake(
        "GRU-35",
        "the outputs have an axis of length 1 too many",
        "The numbers of your outputs are right, and there are four axes, one of length 1. A state "
        "that stays (1, B, H) inside of the loop hands its first axis on to the outputs.",
        "Print the shape of one state inside of the loop. Which of its axes is of no use there?",
        *(
            with_axis(place, last, steps_first)
            for last in (linear, lambda state: state[None])
            for steps_first in (True, False)
            for place in (0, 1, 2)
        ),
    ),
    mistake(
        "GRU-29",
        "the inputs are reshaped in place of a transpose",
        "A reshape turns the inputs from (B, S, I) to (S, B, I). It keeps the order of the numbers "
        "and so mixes samples and steps.",
        "Exchanging two axes is another operation than counting the numbers off anew.",
        variant(before=lambda X, H0, p, asked: (reordered(X), H0, p, asked)),
        variant(
            before=lambda X, H0, p, asked: (reordered(X), H0, p, asked),
            after=lambda result, X, H0, p, asked: (
                result[0].swapaxes(0, 1).reshape(result[0].shape),
                result[1],
            ),
        ),
    ),
    mistake(
        "GRU-30",
        "the object remembers its last call",
        "A second call of the same object gives something else than the first would: it keeps its "
        "state, or its list of outputs, from the call before.",
        "What begins with `self.` and is changed in forward? Whoever calls you hands the state in.",
        variant(after=remembered),
        variant(after=kept_outputs),
    ),
    mistake(
        "GRU-31",
        "weights that no optimizer sees",
        "Your numbers are right, but not all nine tensors are parameters of the module: an "
        "optimizer that is given model.parameters() would never change them.",
        "Which wrapper of torch.nn turns a tensor into something that a module knows?",
        fails_when("parameters"),
        pattern_=True,
    ),
    mistake(
        "GRU-32",
        "the gradient does not get back through time",
        "Your numbers are right, but the gradient of the last output does not reach the parameters "
        "through all steps, or cannot be computed: nothing, or only the last step, would learn.",
        "Look for detach, .data, no_grad, .item() or a new torch.tensor(...) inside the loop, and "
        "for a change in place of something that an earlier line has used.",
        fails_when("gradients"),
        pattern_=True,
    ),
)

MISNAMED = mistake(
    "GRU-34",
    "parameters of other names",
    "Your numbers are right, but not all parameters have the names that the task gives. Whoever "
    "loads weights into your object asks for them by these names.",
    "Compare your names with those of the task letter by letter, underscores and capitals too.",
    names_are_asked_for,
    keeps=0.75,
    pattern_=True,
)

MISTAKES = (*LAB6, *INSIDE, *AROUND, MISNAMED)

"""Task ``GRU(num_inputs, num_hiddens)``: a gated recurrent unit from nine parameters.

Reset gate before the matrix product, state = Z * old + (1 - Z) * candidate. Ids that begin with
LAB6 are those of the course that the labs come from; those that begin with GRU are our own.
"""

from __future__ import annotations

import numpy as np

from ...adapters import recurrent as rnn
from ...faults import Finding, theirs
from ...task import Probe, Task
from ...values import equal, pattern, torch_module
from ._gru_mistakes import MISNAMED, MISTAKES, right

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
It also looks whether all nine are parameters of the module, and whether gradients reach them."""


def reference(X, H0, p, asked):
    """The definition, one number at a time."""
    return rnn.by_the_formulas(X, H0, p)


def use(answer, inputs):
    """Build the object, set its parameters, call it; our own answers are functions."""
    X, H0, p, asked = inputs
    if not rnn.is_class(answer):
        return answer(*rnn.as_arrays(X, H0), p, asked)
    torch = torch_module(load=True)
    # Before the learner's code can write into the inputs, and under no setting of its own.
    wanted = right(*inputs) if asked in (PARAMETERS, GRADIENTS) else None
    learned = rnn.right_gradients(X, H0, p) if asked == GRADIENTS else None
    module = rnn.build(answer, *p["W_xz"].shape)
    try:
        lost = rnn.missing(module)
        if lost:
            return _without_parameters(module, X, H0, lost)
        rnn.put_all(module, p)
    except rnn.Gap:
        return Ellipsis
    own = rnn.names(module)
    nine = {name: getattr(module, name) for name in own.values()}
    like = nine[own["W_xz"]]  # dtype and device
    X, H0 = X.to(like), H0.to(like)
    if asked == "second call":
        theirs(module, X.flip(0, 1), torch.zeros_like(H0))
    result = theirs(module, X, H0)
    # Training is a question only where the numbers are right: one fault, one name.
    if wanted is None or not rnn.are(result, wanted):
        return result
    learning = {name: tensor for name, tensor in nine.items() if tensor.requires_grad}
    if asked == GRADIENTS:
        found = rnn.gradients(result[0][:, -1], learning, "the last output")
        learned = {own[name]: gradient for name, gradient in learned.items()}
        shaped = {name: found[name].reshape(learned[name].shape) for name in found}
        other = [name for name in found if not equal(shaped[name], learned[name], 1e-3)]
        if other:
            text = "the gradient of the last output is not what all steps give, for "
            raise Finding(text + ", ".join(other))
    else:
        known = {id(tensor) for tensor in theirs(lambda: list(module.parameters()))}
        lost = [name for name in nine if name not in learning or id(nine[name]) not in known]
        if lost:
            raise Finding(f"module.parameters() does not hold {', '.join(lost)}")
    return result


def _without_parameters(module, X, H0, lost):
    """A starter gives nothing yet; anything else has parameters of other names."""
    try:
        result = theirs(module, X, H0)
    except NotImplementedError:
        return Ellipsis
    except Exception:
        result = 0
    if result is None or result is Ellipsis:
        return Ellipsis
    nn = torch_module().nn
    layers = [m for m in module.modules() if isinstance(m, (nn.RNNBase, nn.RNNCellBase))]
    holds = f"; it holds an nn.{type(layers[0]).__name__} instead" if layers else ""
    raise Finding(
        f"the object has no {', '.join(lost)}: the task names the parameters, so that the check "
        f"(and whoever loads weights) finds them{holds}"
    )


def misnamed(answer):
    """Parameters whose names differ from those of the task in underscores and capitals."""
    module = rnn.build(answer, 2, 3)
    other = {name: own for name, own in rnn.names(module).items() if name != own}
    if not other or rnn.missing(module):
        return None
    return MISNAMED, (
        f"The task asks for {', '.join(other)}; found were {', '.join(other.values())}, and the "
        "check went on with these."
    )


# ---- probes ------------------------------------------------------------------------------------


def probe(name, sizes, *traits, seed=0, asked="values", state=True, note="", x=None, **fixed):
    """Inputs for sizes (B, S, I, H); ``fixed`` holds parameters at a number."""
    B, S, I, H = sizes
    X = pattern((B, S, I), seed) if x is None else x
    H0 = pattern((1, B, H), seed + 5) if state else np.zeros((1, B, H))
    p = rnn.parameters(I, H, seed, **fixed)
    shown = f"inputs of shape {(B, S, I)} and state of shape {(1, B, H)}"
    shown += f", {note}" if note else ""
    return Probe(name, (X, H0, p, asked), frozenset(traits), shown)


def _first_changed():
    X = pattern((2, 5, 3), 0)
    X[:, 0] += 1
    return X


PARAMETERS, GRADIENTS = "parameters", "gradients"
STEPS, BATCH = "more than one step", "more than one sample"
LEARN = "a question about training"
BIAS = np.array([5.0, -5.0, 0.0, 1.0])
NO_CANDIDATE = {"W_xh": 0, "W_hh": 0, "W_xz": 0, "W_hz": 0, "b_z": -50}
SHUT = {f"{kind}{part}": 0 for part in "zr" for kind in ("W_x", "W_h")}

PROBES = (
    probe("one step", (1, 1, 2, 3)),
    probe("one step of two samples", (2, 1, 3, 4), BATCH, seed=1),
    probe("several steps of one sample", (1, 4, 2, 3), STEPS, seed=2),
    probe("general", (2, 5, 3, 4), STEPS, BATCH),
    probe("general, other numbers", (2, 5, 3, 4), STEPS, BATCH, seed=7),
    probe("more samples than steps", (4, 3, 2, 5), STEPS, BATCH, seed=3),
    probe(
        "zero state", (2, 5, 3, 4), STEPS, BATCH, "a state of zeros",
        state=False, note="where the state is zero",
    ),
    probe(
        "first input changed", (2, 5, 3, 4), STEPS, BATCH,
        x=_first_changed(), note="where the first input is changed",
    ),
    probe(
        "update gate at 1", (2, 3, 3, 4), STEPS, BATCH, "the update gate held at 1",
        note="where b_z holds the update gate at 1", W_xz=0, W_hz=0, b_z=50,
    ),
    probe(
        "update gate at 0", (2, 3, 3, 4), STEPS, BATCH, "the update gate held at 0",
        note="where b_z holds the update gate at 0", W_xz=0, W_hz=0, b_z=-50,
    ),
    probe(
        "both gates at 0", (2, 3, 3, 4), STEPS, BATCH, "both gates held at 0",
        note="where b_z and b_r hold both gates at 0", b_z=-50, b_r=-50, **SHUT,
    ),
    probe(
        "all parameters zero", (2, 3, 3, 4), STEPS, BATCH, "all parameters zero",
        note="where all parameters are zero", **dict.fromkeys(rnn.NAMES, 0),
    ),
    probe(
        "candidate from its bias only", (2, 2, 3, 4), STEPS, BATCH,
        note="where the candidate has nothing but its bias and the update gate is held at 0",
        b_h=BIAS, **NO_CANDIDATE,
    ),
    probe("as many steps as samples", (2, 2, 3, 4), STEPS, BATCH, seed=4),
    probe("as many inputs as hidden units", (2, 4, 3, 3), STEPS, BATCH, "I = H", seed=5),
    probe("all sizes alike", (3, 3, 3, 3), STEPS, BATCH, "I = H", seed=6),
    probe(
        "second call", (2, 3, 3, 4), STEPS, BATCH, "an object that was called before",
        asked="second call", note="given to an object that was called before",
    ),
    probe(
        "parameters", (2, 3, 3, 4), STEPS, BATCH, LEARN,
        asked=PARAMETERS, note="with a look at module.parameters()",
    ),
    probe(
        "gradients", (2, 3, 3, 4), STEPS, BATCH, LEARN,
        asked=GRADIENTS, note="with the gradient of the last output",
    ),
)  # fmt: skip


TASK = Task(
    name="gru",
    contract=CONTRACT,
    reference=reference,
    probes=PROBES,
    mistakes=MISTAKES,
    arguments=("inputs", "state", "parameters", "question"),
    outputs=("the array of outputs", "the returned state"),
    use=use,
    backends=("torch",),
    answer_is="class",
    slip=misnamed,
    shapes="The state comes as (1, B, H) and goes back so. One step works on an X of shape (B, I) "
    "and on a state of shape (B, H): inside of the loop the first axis is of no use.",
)

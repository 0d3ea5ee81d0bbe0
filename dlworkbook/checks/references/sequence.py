"""What a ``SequenceModel`` should give, and what is right beside its numbers."""

from __future__ import annotations

from typing import Any

from ..faults import Fault
from ..task import Probe
from . import recurrent as rnn


def linear(outputs, p):
    """Scores of the GRU's outputs."""
    return outputs @ p["weight"].T + p["bias"]


def right(tokens, state, parameters, question, gru=rnn.scan, head=linear):
    """What the model should give, as arrays (a test compares this with the definition).

    Pieces to exchange: ``gru(X, H0, p) -> (outputs, state)`` and ``head(outputs, p) -> scores``.
    """
    outputs, state = gru(parameters["embedding"][tokens], state, parameters)
    return head(outputs, parameters), state


def beyond(probe: Probe, facts: dict[str, Any]) -> str | Fault:
    """What is wrong with the gradients of a model whose numbers are right."""
    if "fault" in facts:
        return facts["fault"]
    return f"no gradient of the scores reaches {', '.join(facts['lost'])}" if facts["lost"] else ""

"""What the declaration of a light answer may hold, and whether it keeps its promises.

``problems(spec)`` is what lint says of one. Beside the form it tries the *confusion test*: the
key is judged right, each slip gets its own sentence, and no slip is the key or another slip.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .expression import ExpressionError
from .judge import judge

KINDS = (
    "number", "integer", "interval", "shape", "vector", "matrix", "expression", "choice", "order",
)  # fmt: skip


def problems(spec: Mapping[str, Any]) -> list[str]:
    """What is wrong with a declaration, in words; empty if nothing is."""
    if spec.get("kind") not in KINDS:
        return [f"kind: is {spec.get('kind')!r}, must be one of {', '.join(KINDS)}"]
    if "vary" in spec:
        return ["vary: reserved for numbers that change with a seed; not built yet"]
    if "is" not in spec:
        return ["is: the key is missing"]
    try:
        return confusions(spec)
    except (ExpressionError, TypeError, ValueError, KeyError) as error:
        return [f"cannot be judged: {error}"]


def confusions(spec: Mapping[str, Any]) -> list[str]:
    """Where key and slips are judged in another way than they should be."""
    found = []
    if (verdict := judge(spec, spec["is"])).state != "right":
        found.append(f"is: the key itself is judged {verdict.state}: {verdict.say}")
    for n, slip in enumerate(spec.get("slips", []), 1):
        verdict = judge(spec, slip["is"])
        if verdict.state != "slip":
            found.append(f"slips: number {n} is judged {verdict.state}: {verdict.say}")
        elif verdict.say != slip["say"]:
            found.append(f"slips: number {n} gets the sentence of another slip: {verdict.say}")
    return found

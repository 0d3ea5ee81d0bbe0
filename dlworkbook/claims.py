"""Claims: what a training run is said to do, with room to spare.

An exact statement is asserted. A statement about a trained network holds on most machines or
it does not, because vectorised sums differ in the last digit and training enlarges that. It is
written as a claim: one that fails warns the reader, marks the page of the site, and costs
nothing else. ``make claims`` tries each one on other processor levels, threads, seeds and
versions of torch.
"""

from __future__ import annotations

import json
import math
import operator
import os
import warnings
from html import escape
from pathlib import Path

__all__ = ["ClaimFailed", "claim"]

RELATIONS = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq,
}


class ClaimFailed(UserWarning):
    """A claim of the page did not hold in this run."""


def claim(value: object, relation: str, bound: float, what: str) -> None:
    """State that ``value relation bound`` holds in this run.

    ``value`` is a number or anything with one (a 0-d array or tensor), ``relation`` one of
    <, <=, >, >=, ==, and ``what`` says in words what the number is, the same in every run
    ("share of 8-letter words reversed"). Never raises for a claim that fails, NaN included;
    raises ValueError for one that is badly put.
    """
    if relation not in RELATIONS:
        raise ValueError(f"claim: the relation is one of {', '.join(RELATIONS)}, not {relation!r}")
    if not isinstance(what, str) or not what.strip():
        raise ValueError("claim: say in words what the number is")
    number, limit = float(value), float(bound)
    if not math.isfinite(limit):
        raise ValueError(f"claim: the bound of '{what}' is {limit}")
    holds = RELATIONS[relation](number, limit)
    record = {
        "what": what, "relation": relation, "bound": limit,
        "value": number if math.isfinite(number) else str(number), "holds": holds,
    }
    path = os.environ.get("DLWORKBOOK_CLAIMS")
    if path:  # somebody collects them: make claims, the tests
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
    if not holds:
        _tell(record)
    # Nothing is returned: a cell that ends in a claim must show nothing.


def sentence(record: dict) -> str:
    """What a reader is told of a claim that failed."""
    value = record["value"]
    shown = f"{value:.6g}" if isinstance(value, float) else value
    return (
        f"{record['what']}: this run gave {shown}, and the page says "
        f"{record['relation']} {record['bound']:.6g}."
    )


def _tell(record: dict) -> None:
    text = sentence(record)
    if os.environ.get("DLWORKBOOK_STATIC") != "1":
        warnings.warn(
            f"A claim of this page did not hold here. {text} Results of training differ from "
            "one processor, seed or version to the next.", ClaimFailed, stacklevel=3,
        )
        return
    from IPython.display import display

    html = (
        '<div class="dlw-failed" role="note"><strong>Did not hold on the machine that built this '
        f"page.</strong> {escape(text)}</div>"
    )
    display(
        {"text/html": html, "text/plain": text}, raw=True,
        metadata={"dlworkbook": {"claim": record}},
    )

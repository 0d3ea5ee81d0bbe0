"""What a worker tells its keeper, checked before anything is done with it.

The worker runs a student's code, so what comes through its pipe may be anything. What the grader's
own worker would never send is a ``Forged``.
"""

from __future__ import annotations

import json
import re
from typing import Any

from dlworkbook.checks.report import QUARTERS
from grading.read.cleaning import clean

WORD = re.compile(r"[a-z_]{1,40}")
MISTAKE = re.compile(r"[A-Z0-9]{1,20}(-[0-9A-Za-z]{1,20}){1,3}")
MOST_REMARKS = 20
MOST_TEXT = 4_000  # characters of a message about an answer
MOST_NOTE = 600
WALLS = {"network", "signals", "files", "user", "mounts", "calls", "memory"}


class Forged(ValueError):
    """A message that the grader's own worker cannot have sent."""


def read(line: bytes, token: str) -> dict[str, Any]:
    """The message of one line. Raises Forged."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        raise Forged from None
    if not isinstance(told, dict) or told.pop("token", None) != token:
        raise Forged
    return told


def note(told: dict, codes: set[str] | frozenset[str]) -> dict[str, str]:
    """Code and sentence of a note."""
    code, text = told["note"], told.get("text")
    if not isinstance(code, str) or code not in codes or not isinstance(text, str):
        raise Forged
    return {"code": code, "text": clean(text, MOST_NOTE)}


def walls(told: object) -> dict[str, str]:
    """Which walls stand."""
    if not isinstance(told, dict) or set(told) != WALLS:
        raise Forged
    return {name: clean(text, 40) for name, text in told.items()}


def report(told: object, task: str | None, parts: int = QUARTERS) -> dict[str, Any]:
    """The report of the task that is being checked, with nothing in it but what belongs there.

    ``parts``: into how many equal parts its points are split.
    """
    if not isinstance(told, dict) or task is None or told.get("task") != task:
        raise Forged
    status, credit = told.get("status"), told.get("credit")
    passed = status == "passed"
    credits = [k / parts for k in range(parts + 1)]
    if not isinstance(status, str) or not WORD.fullmatch(status):
        raise Forged
    if isinstance(credit, bool) or credit not in credits or (credit == 1.0) != passed:
        raise Forged
    if told.get("passed") is not passed:
        raise Forged
    mistake, pair = told.get("mistake"), told.get("pair")
    names = pair if isinstance(pair, list) else [pair]
    for name in (mistake, *names):
        if name is not None and not (isinstance(name, str) and MISTAKE.fullmatch(name)):
            raise Forged
    texts = [told.get(name) for name in ("title", "message", "hint")]
    remarks = told.get("remarks")
    if not isinstance(remarks, list) or len(remarks) > MOST_REMARKS:
        raise Forged
    if not all(isinstance(text, str) for text in (*texts, *remarks)):
        raise Forged
    title, message, hint = (clean(text, MOST_TEXT, lines=True) for text in texts)
    return {
        "task": task,
        "passed": passed,
        "status": status,
        "mistake": mistake,
        "title": title.replace("\n", " "),
        "pair": pair if isinstance(pair, list) and len(pair) == 2 else None,
        "message": message,
        "hint": hint,
        "remarks": [clean(text, MOST_TEXT) for text in remarks],
        "credit": float(credit),
    }

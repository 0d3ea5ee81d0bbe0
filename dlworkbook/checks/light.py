"""Light answers in a notebook: the verdict of ``dlworkbook.answers`` as a report, and proofs."""

from __future__ import annotations

import difflib
import re
from typing import Any

from .. import answers
from .report import Report

ID = re.compile("(?:ex|pr|try)-")  # what the id of an answer begins with, and that of no task
STATUS = {"right": "passed"}  # the other states keep their names


def check(answer: str, value: Any) -> Report:
    """The report on a value, for example ``check("ex-conv-size", 6)``. Raises nothing."""
    if answer not in answers.ids():
        return Report(answer[:60], "unknown_task", f"There is no answer {named(answer)}.")
    verdict = answers.judge(answers.load(answer), value)
    if verdict.state == "empty":
        say = "Not answered yet: write your answer in place of `...`, and run this again."
        return Report(answer, "not_done", say)
    return Report(answer, STATUS.get(verdict.state, verdict.state), verdict.say)


def proves(answer: str, value: Any) -> None:
    """Assert that a value, which a cell has worked out, is the key of an answer.

    It is judged as a reader's would be. Raises AssertionError, in words.
    """
    if answer not in answers.ids():
        raise AssertionError(f"There is no answer {named(answer)}.")
    spec = answers.load(answer)
    verdict = answers.judge(spec, value)
    if verdict.state != "right":
        shown = repr(value)
        shown = shown if len(shown) <= 200 else f"{shown[:199]}…"
        said = f": {verdict.say}" if verdict.say else ""
        key = f"the key of {answer} is {spec['is']!r}"
        raise AssertionError(f"{key}, this is {shown}; judged {verdict.state}{said}")


def named(answer: str) -> str:
    close = difflib.get_close_matches(answer.strip().lower(), answers.ids(), n=1, cutoff=0.5)
    return f"'{answer[:60]}'" + (f"; did you mean '{close[0]}'?" if close else "")

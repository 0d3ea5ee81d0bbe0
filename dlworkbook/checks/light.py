"""Light answers in a notebook: the verdict of ``dlworkbook.answers`` as a report, and proofs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from .. import answers
from . import guard, values
from .report import Report

ID = re.compile("(?:ex|pr|try)-")  # what the id of an answer begins with, and that of no task
SECONDS = 5.0  # of processor time to read a value, which may be an object of the learner's own
STATUS = {"right": "passed"}  # the other states keep their names


def check(answer: str, value: Any) -> Report:
    """The report on a value, for example ``check("ex-conv-size", 6)``. Raises nothing."""
    if answer not in answers.ids():
        return Report(answer[:60], "unknown_task", f"There is no answer {named(answer)}.")
    return report(answer, answers.load(answer), value)


def report(answer: str, spec: Mapping[str, Any], value: Any) -> Report:
    """The report by a declaration. What the value does while it is read ends up in it, too."""
    ran = guard.run(lambda: answers.judge(spec, value), SECONDS)
    if ran.kind == "value":
        verdict = ran.value
        if verdict.state == "empty":
            say = "Not answered yet: write your answer in place of `...`, and run this again."
            return Report(answer, "not_done", say)
        return Report(answer, STATUS.get(verdict.state, verdict.state), verdict.say)
    what = f"This {values.name_of_type(value)}"
    if ran.kind == "timed_out":
        return Report(answer, "timed_out", f"{what} did not tell within {SECONDS:g} s what it is.")
    said = f"{what} raised {values.name_of_type(ran.error)} when it was read."
    return Report(answer, "raised", said)


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

"""Light answers in a notebook: the verdict of ``dlworkbook.answers`` as a report, and proofs.

A practice problem may ask for several answers. They come in a list, each is judged by itself, and
each right one gets the same part of the points.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from .. import answers
from .answer import Answer, Texts
from .report import Report

ID = re.compile("(?:ex|pr|try|problem)-")  # what the id of an answer begins with, and no task's
SECONDS = 5.0  # of processor time to read a value, which may be an object of the learner's own
EMPTY = "Not answered yet: write your answer in place of `...`, and run this again."
STATUS = {"right": "passed", "empty": "not_done"}  # the other states keep their names


def check(answer: str, value: Any) -> Report:
    """The report on a value, for example ``check("ex-conv-size", 6)``. Raises nothing."""
    if answer not in answers.ids():
        say = f"There is no answer {named(answer)}."
        if answer.startswith("problem-"):
            say += " Problems come with the set-up cell at the top: run that first."
        return Report(answer[:60], "unknown_task", say)
    return report(answer, answers.load(answer), value)


def report(answer: str, spec: Mapping[str, Any], value: Any) -> Report:
    """The report by a declaration. What the value does while it is read ends up in it, too."""
    return judge(answer, spec, Answer(value))


def judge(answer: str, spec: Mapping[str, Any], value: Answer) -> Report:
    """The same for a value that may live in another process."""
    texts = value.texts([field["kind"] for field in fields(spec)], SECONDS)
    if texts.state == "value":
        return _told(answer, verdicts(spec, texts), parts(spec))
    what = f"This {texts.type_name}"
    if texts.state == "timed_out":
        return Report(answer, "timed_out", f"{what} did not tell within {SECONDS:g} s what it is.")
    return Report(answer, "raised", f"{what} raised {texts.error} when it was read.")


def fields(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The declarations of the answers asked for."""
    return spec.get("fields", [spec])


def parts(spec: Mapping[str, Any]) -> int:
    """Into how many equal parts the points are split."""
    return len(fields(spec))


def verdicts(spec: Mapping[str, Any], texts: Texts) -> list[answers.Verdict]:
    """One for each answer asked for; a single one if the value cannot be all of them."""
    if texts.error:
        return [answers.Verdict("malformed", texts.error)]
    if not texts.entries:  # nothing is there yet
        return [answers.Verdict("empty", EMPTY)]
    return [
        answers.Verdict("malformed", error) if error else _judged(field, text)
        for field, (text, error) in zip(fields(spec), texts.entries, strict=True)
    ]


def _judged(spec: Mapping[str, Any], text: str) -> answers.Verdict:
    verdict = answers.judge(spec, text)
    return answers.Verdict("empty", EMPTY) if verdict.state == "empty" else verdict


def _told(answer: str, found: list[answers.Verdict], most: int) -> Report:
    """The report on verdicts; of several it says each, and how many are right."""
    states = [verdict.state for verdict in found]
    right = states.count("right")
    left = set(states) - {"right"}
    # what has a name comes first; what is half done is wrong
    state = "slip" if "slip" in left else "wrong"
    if right == most:
        state = "right"
    elif len(left) == 1 and not right:
        (state,) = left
    if len(found) == 1:
        say = found[0].say
    else:
        bare = [v.say or ("Right." if v.state == "right" else "Not right yet.") for v in found]
        say = "\n".join(f"Answer {k}: {text}" for k, text in enumerate(bare, 1))
    return Report(
        answer, STATUS.get(state, state), say, right=right, probes=most, keeps=right / most
    )


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

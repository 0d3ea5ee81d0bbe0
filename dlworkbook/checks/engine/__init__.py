"""Check one answer: ``run`` it on the probes, ``decide`` what is wrong, and find ``words`` for it.

``run`` alone meets what the learner wrote, and hands on plain data; see ``run.Record``.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable
from typing import Any

from .. import helper, light, naming, settings, tasks, values
from ..answer import Answer
from ..report import Report
from ..task import Task
from . import decide, fresh, run, words
from .run import NOTHING, has_gap

__all__ = ["NOTHING", "check", "decide", "has_gap", "naming", "run", "values", "words"]


def check(task: str, answer: Any = NOTHING, *, seconds: float | None = None) -> Report:
    """Check an answer to a task, for example ``check("corr2d", corr2d)``.

    ``task`` is one of ``names()``; ``answer`` is the function (or class) itself, not its result.
    Or ``task`` is the id of a light answer, ``check("ex-conv-size", 6)``, and ``answer`` a value.
    ``seconds`` limits the processor time that the answer gets on all probes together (three times
    as much passes on the clock if it sleeps; what a busy machine takes costs nothing, see
    ``guard``). Whatever the answer does ends up in the report; only a Ctrl-C of the user is raised.
    """
    name = task if isinstance(task, str) else "check"
    return _reported(name, lambda: _check(task, answer, seconds))


def judged(task: str, at: Callable[[str], Answer], seed: int) -> Report:
    """As ``check``, for an answer that may live in another process: ``at(use)`` gives it.

    What is right is tried once more, on inputs that nobody knows who does not know the ``seed``.
    """
    known = tasks.load(task)
    return _reported(task, lambda: judge(known, at(known.use), known.seconds, seed))


def _reported(name: str, report_on: Callable[[], Report]) -> Report:
    """The report, whatever happens on the way; with how long it took."""
    start = time.perf_counter()
    try:
        with settings.usual():
            report = report_on()
    except ImportError as error:
        message = f"This check needs a library that is not here: {error}."
        report = Report(name, "missing_library", message)
    except Exception as error:
        report = _failed(name, values.name_of_type(error))
    report.seconds = time.perf_counter() - start
    return report


def _failed(name: str, kind: str) -> Report:
    message = f"This is a fault of the check, not of your answer: {kind} in the checking code. "
    return Report(name, "check_failed", message + "Please report it.")


def _check(name: Any, answer: Any, seconds: float | None) -> Report:
    if not isinstance(name, str):
        if isinstance(answer, str) and callable(name):
            text = "The name of the task comes first"
        else:
            text = "The first argument is the name of a task, as text"
        example = f'`checks.check("{tasks.names()[0]}", your_function)`'
        return Report("check", "unknown_task", f"{text}: {example}.")
    if light.ID.match(name):
        return light.check(name, None if answer is NOTHING else answer)
    if name not in tasks.names():
        return _unknown(name)
    task = tasks.load(name)
    return judge(task, Answer(answer, task.use), task.seconds if seconds is None else seconds)


def judge(task: Task, answer: Answer, seconds: float, seed: int | None = None) -> Report:
    """The report on an answer, which may live in another process."""
    report = _report(task, answer, seconds, seed)
    if task.helper is None or report.passed:
        return report
    return helper.costs_once(
        task.helper, answer, report, lambda: _report(task, answer, seconds, seed)
    )


def _report(task: Task, answer: Answer, seconds: float, seed: int | None) -> Report:
    record = run.run(task, answer, seconds)
    while not record.broken:
        verdict = decide.decide(task, record)
        if not verdict.wants and verdict.general and seed is not None and not record.fresh:
            record.fresh = fresh.probes(task, seed)
            if record.fresh:
                record = run.more(task, answer, record, "fresh")
                continue
        if not verdict.wants:
            return words.report(task, record, verdict)
        record = run.more(task, answer, record, verdict.wants)
    return _failed(task.name, record.broken)


def _unknown(name: str) -> Report:
    known = tasks.names()
    close = difflib.get_close_matches(name.strip().lower(), known, n=1, cutoff=0.5)
    guess = f" Did you mean `{close[0]}`?" if close else (
        " A task of your course's own comes with the set-up cell at the top: run that first."
    )
    shown = name if len(name) <= 60 else name[:57] + "..."
    message = f"There is no task of the name '{shown}'.{guess} The tasks are: {', '.join(known)}."
    return Report(shown, "unknown_task", message)

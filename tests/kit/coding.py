"""What each page of coding questions is tested for, beside the catalogue of its tasks.

``questions(name)`` gives, for each exercise in the order of the page, its task, its text and its
solution. The functions below say in words what is wrong.
"""

from __future__ import annotations

import ast
import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlworkbook.checks import tasks
from publish.page.book import Book

from . import task_tests
from .pages import ROOT, definitions, path_of

_EXAMPLE = re.compile(r"^For example, `(.+)` is `(.+)`\.$", re.MULTILINE)
_PARTS = (
    r"^::::\{exercise\} .*?\n:label: ex-code-([\w-]+)\n(.*?)^::::$"
    r"(.*?)(?=^::::\{exercise\}|^## )"
)


@dataclass(frozen=True)
class Question:
    """One exercise of a page: the name of its task, its text, and what follows it."""

    name: str
    text: str
    after: str

    @property
    def example(self) -> tuple[list[Any], Any]:
        """Inputs and result of the example in the text."""
        (found,) = _EXAMPLE.findall(self.text)
        call, value = (ast.parse(part, mode="eval").body for part in found)
        assert call.func.id == self.name and not call.keywords
        return [ast.literal_eval(argument) for argument in call.args], ast.literal_eval(value)


def questions(page: str) -> list[Question]:
    """All exercises of a page."""
    text = path_of(page).read_text(encoding="utf-8")
    found = re.findall(_PARTS, text, re.MULTILINE | re.DOTALL)
    return [Question(name.replace("-", "_"), body, after) for name, body, after in found]


def arrays(task, inputs: list[Any]) -> list[Any]:
    """Inputs as the checks give them: whole numbers where the task's own inputs hold some."""
    made = []
    for k, value in enumerate(inputs):
        if isinstance(value, list):
            given = [probe.inputs[k] for probe in task.asked]
            value = np.array(value, dtype=next(x.dtype for x in given if hasattr(x, "dtype")))
        made.append(value)
    return made


def same(got: Any, want: Any) -> bool:
    """Whether a result is what a text says, with four digits behind the point."""
    if isinstance(want, tuple):
        return len(got) == len(want) and all(map(same, got, want))
    got, want = np.asarray(got, dtype=float), np.asarray(want, dtype=float)
    return got.shape == want.shape and np.allclose(got, want, rtol=0, atol=5.1e-5)


def problems(page: str, count: int) -> list[str]:
    """What is wrong with a page of so many questions."""
    found, own = [], questions(page)
    model = Book(ROOT).page(f"book/{page}")
    if not len(own) == len(model.exercises) == count:
        found.append(f"{len(own)} questions of {len(model.exercises)} exercises, not {count}")
    functions = definitions(page, math=math)
    for question, exercise in zip(own, model.exercises, strict=True):
        name, options = question.name, exercise.directive.options
        task, data = tasks.load(name), task_tests.answers(name)
        said = found.append
        if not exercise.checks or question.after.count(f"checks.check('{name}'") != 2:
            said(f"{name}: not one check of the learner's function and one of the solution")
        if options.get("level") not in ("E", "M", "H") or not options.get("minutes"):
            said(f"{name}: no level, or no time")
        if question.text.count(":::{hint}") != 1:
            said(f"{name}: not one hint")
        if "*They ask next:*" not in question.text or "*Cost.*" not in question.after:
            said(f"{name}: what it costs is not asked, or not answered")
        if len(task.mistakes) < 6 or len(data.RIGHT) < 3:
            said(f"{name}: {len(task.mistakes)} mistakes, {len(data.RIGHT)} right answers")
        stays = re.search(r"stays? as (it is|they are)", question.text)
        if task.inputs_stay != bool(stays):
            said(f"{name}: text and check differ on whether arguments may be written into")
        inputs, want = question.example
        for what, function in (("reference", task.reference), ("solution", functions[name])):
            if not same(function(*arrays(task, inputs)), want):
                said(f"{name}: the {what} gives another result for the example of its text")
    return found

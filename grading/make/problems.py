"""The practice problems of an assignment: drawn when it is made, and kept for who grades.

Drawing asks Node. What is handed out, and the grader, go by ``keys.json``, which needs none, and
which stays what it was should a family ever draw otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from publish.notebooks import boxes
from publish.page.parser import normalize
from publish.practice import markdown
from publish.practice.problem import Problem, draw

from . import variants
from .match import undrawable
from .page import LabCell
from .plan import Plan
from .variants import Variants

KEYS = "autograder/keys.json"  # in the folder of an assignment
HOW = (
    "A number may be written as `2/3`, or as text: `'2/3'`, `'ln(5/2)'`. {} check says which entry "
    "is wrong, and names the mistake if it is a known one."
)
HEAD = f"## Practice problems\n\nWork them out by hand. {HOW.format('Each')}"
ALONE = f"Work it out by hand. {HOW.format('The')}"  # of a problem in the place of an exercise


class ProblemsError(ValueError):
    """Problems that cannot be drawn, or whose keys are missing or other ones; says what to do."""


@dataclass(frozen=True)
class Given:
    """A problem in its place: the id of its task, what the answer is called, and the problem.

    The answer to a problem with several fields is a list. ``label``: of the exercise in whose
    place it stands.
    """

    name: str
    variable: str
    problem: Problem
    label: str = ""

    @property
    def spec(self) -> dict[str, Any]:
        """What ``checks.light`` judges by."""
        return {"fields": self.problem.fields}

    @cached_property
    def places(self) -> list[str]:
        """Where each field of the answer stands."""
        fields = self.problem.fields
        if len(fields) == 1:
            return [self.variable]
        return [f"{self.variable}[{k}]" for k in range(len(fields))]

    @property
    def statement(self) -> str:
        """Title, task, and what to fill in."""
        number = ".".join(self.name.split("-")[1:])
        asked = [
            boxes.label(self.name, field, place, markdown.text)
            for field, place in zip(self.problem.fields, self.places, strict=True)
        ]
        head = "Exercise" if self.label else f"Problem {number}"
        text = [f"### {head}: {self.problem.title}", self.problem.statement]
        return "\n\n".join([*text, *[ALONE] * bool(self.label), *asked])

    @property
    def starter(self) -> str:
        """The lines to fill in."""
        if len(self.places) == 1:
            return f"{self.variable} = ..."
        lines = [f"    ...,  # {boxes.plain(field['ask'])}" for field in self.problem.fields]
        return "\n".join([f"{self.variable} = [", *lines, "]"])

    @property
    def check(self) -> str:
        return boxes.check(self.name, self.variable)

    @property
    def solution(self) -> str:
        keys = [field["is"] for field in self.problem.fields]
        return f"{self.variable} = {keys if len(keys) > 1 else keys[0]!r}"


Source = Callable[[Plan], list[Problem]]  # the problems of an assignment, in its order


def drawn(plan: Plan) -> list[Problem]:
    """Draw them now; of those that vary any one. Raises ProblemsError."""
    for problem in undrawable(plan):
        raise ProblemsError(str(problem))
    return draw(variants.request(text, k) for k, text in enumerate(plan.addresses))


def kept(folder: Path) -> Source:
    """Take them from the folder of an assignment that was made. Its result raises ProblemsError."""

    def read(plan: Plan) -> list[Problem]:
        wanted = plan.addresses
        if not wanted:
            return []
        make = f"`{plan.command}`"
        try:
            found = json.loads((folder / KEYS).read_text(encoding="utf-8"))
            problems = [Problem(**held) for held in found["problems"]]
        except FileNotFoundError:
            raise ProblemsError(
                f"The practice problems of this assignment are judged by {folder / KEYS}, which is "
                f"not there. {make} writes it, with the notebook to hand out. If that was made "
                "into another folder, give the folder as ASSIGNMENT."
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ProblemsError(
                f"{folder / KEYS} cannot be read ({type(error).__name__}). Put back the file that "
                f"{make} wrote when the notebook was handed out."
            ) from None
        same = len(problems) == len(wanted) and all(map(variants.asked_for, wanted, problems))
        if not same:
            there = ", ".join(problem.address for problem in problems)
            raise ProblemsError(
                f"{folder / KEYS} is about {there}, but {plan.file} asks for "
                f"{', '.join(wanted)}. Put the file back to what was handed out, give as "
                f"ASSIGNMENT the folder that was, or run {make}."
            )
        return problems

    return read


def names(plan: Plan) -> dict[str, str]:
    """Ids of the problems of an assignment, ``problem-6-1``, and how answers are called.

    An assignment without the number of a lab has ``problem-1``. In the place of an exercise a
    problem has the exercise's label.
    """
    start = "problem" if plan.lab is None else f"problem-{plan.lab}"
    asked = enumerate(plan.problems, start=1)
    ids = (one.label or f"{start}-{k}" for k, one in asked)  # those with a label come last
    return {name: name.replace("-", "_") for name in ids}


def given(plan: Plan, source: Source) -> list[Given]:
    """The problems of an assignment, each in its place."""
    found = zip(names(plan).items(), source(plan), plan.problems, strict=True)
    return [Given(*called, problem, asked.label) for called, problem, asked in found]


def cells(problems: list[Given]) -> list[LabCell]:
    """The cells of the problems, below a heading; none without problems."""
    made = [LabCell("markdown", HEAD, "text")] if problems else []
    return made + [cell for one in problems for cell in cells_of(one)]


def cells_of(one: Given) -> list[LabCell]:
    """Statement, starter, check, key and steps of a problem."""
    label, box = normalize(one.label), one.name
    return [
        LabCell("markdown", one.statement, "exercise" if label else "text", label),
        LabCell("code", one.starter, "starter", label, ["starter"], box),
        LabCell("code", one.check, "check", label, ["check"], box),
        LabCell("code", one.solution, "solution", label, box=box),
        LabCell("markdown", one.problem.steps, "solution", label, box=box),
    ]


def write(problems: list[Given], folder: Path, plan: Plan, own: Variants) -> None:
    """Write the keys into the folder of an assignment; nothing without problems."""
    if problems:
        held = {"problems": [asdict(given.problem) for given in problems]}
        held |= variants.held(plan.addresses, own)
        (folder / KEYS).write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")

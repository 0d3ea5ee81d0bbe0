"""The lines of a rubric, with the points of each."""

from __future__ import annotations

import math
from dataclasses import dataclass

from grading.make.written import Written

ALL = "the whole answer"  # the one line of a question without a rubric


class RubricError(ValueError):
    """A rubric that nobody can mark by; says what is wrong with which line."""


@dataclass(frozen=True)
class Line:
    """One line: what it asks for, and what it gives. One below zero takes points away."""

    text: str
    points: float


def of(question: Written) -> tuple[Line, ...]:
    """The lines of a question's rubric.

    Raises RubricError for a line without points, one that stands there twice, and lines that do
    not make the points of the question.
    """
    where = f"The rubric of '{question.name}'"
    if not question.rubric:
        return (Line(ALL, question.points),)
    found: dict[str, Line] = {}
    for number, said in enumerate(question.rubric, start=1):
        text, colon, points = said.rpartition(":")
        text = " ".join(text.split())
        try:
            worth = float(points)
        except ValueError:
            worth = math.nan
        if not (colon and text and math.isfinite(worth)):
            raise RubricError(
                f"{where}, line {number}: '{said}' does not end in its points. Write, for example, "
                "'names the padding: 2'."
            )
        if text in found:
            raise RubricError(f"{where}, line {number}: '{text}' stands there twice. Say them so "
                              "that they can be told apart.")
        found[text] = Line(text, worth)
    lines = tuple(found.values())
    given = sum(line.points for line in lines if line.points > 0)
    if not math.isclose(given, question.points):
        raise RubricError(
            f"{where}: its lines make {given:g} points, but the question has {question.points:g}. "
            "Change one or the other."
        )
    return lines


def total(question: Written, given: dict[str, float]) -> float:
    """The points of an answer, from those of each line: never below 0 or above the question's.

    Raises RubricError if they are of other lines, or more than a line gives.
    """
    lines = {line.text: line.points for line in of(question)}
    if set(given) != set(lines):
        other = sorted(set(given) ^ set(lines))
        raise RubricError(
            f"The rubric of '{question.name}' has changed since: {', '.join(map(repr, other))}. "
            "Mark the answer anew."
        )
    for text, points in given.items():
        low, high = min(0.0, lines[text]), max(0.0, lines[text])
        if not low <= points <= high:
            raise RubricError(
                f"'{text}' of '{question.name}' got {points:g}, which is not between {low:g} and "
                f"{high:g}."
            )
    return min(max(sum(given.values()), 0.0), float(question.points))

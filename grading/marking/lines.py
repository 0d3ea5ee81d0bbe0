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
    """One line: what it asks for, and the most that it gives."""

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
        if not (colon and text and 0 <= worth < math.inf):
            raise RubricError(
                f"{where}, line {number}: '{said}' does not end in its points. Write, for example, "
                "'names the padding: 2'."
            )
        if text in found:
            raise RubricError(f"{where}, line {number}: '{text}' stands there twice. Say them so "
                              "that they can be told apart.")
        found[text] = Line(text, worth)
    lines = tuple(found.values())
    given = sum(line.points for line in lines)
    if not math.isclose(given, question.points):
        raise RubricError(
            f"{where}: its lines make {given:g} points, but the question has {question.points:g}. "
            "Change one or the other."
        )
    return lines


def worth(question: Written) -> dict[str, float]:
    """The most that each line gives. Raises RubricError."""
    return {line.text: line.points for line in of(question)}


def total(question: Written, given: dict[str, float]) -> float:
    """The points of an answer, from those of each line.

    Raises RubricError if they are of other lines, lack one, or are more than a line gives.
    """
    most, faults = worth(question), []
    for text, points in given.items():
        if text not in most:
            faults.append(f"{text!r} is no line of its rubric, which has "
                          f"{', '.join(map(repr, most))}")
        elif not 0 <= points <= most[text]:
            faults.append(f"{text!r} got {points:g}, which is not between 0 and {most[text]:g}")
    missing = [repr(text) for text in most if text not in given]
    if missing:
        faults.append(f"there are no points for {', '.join(missing)} (write 0 for none)")
    if faults:
        raise RubricError(f"The marks of '{question.name}' do not fit its rubric: "
                          f"{'; '.join(faults)}. Mend them, or mark the answer anew.")
    return float(sum(given.values()))

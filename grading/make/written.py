"""A question that is marked by hand: what was asked, and what a marker goes by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Written:
    """One written question of an assignment.

    ``statement`` and ``model_answer`` are Markdown; each line of ``rubric`` ends in ``: <points>``.
    """

    name: str
    points: float
    label: str  # of its exercise
    statement: str
    model_answer: str
    rubric: tuple[str, ...]

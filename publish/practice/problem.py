"""From family, level and seed to what a reader is handed: statement, boxes with their keys, steps.

Node draws a problem here, once; whoever shows or judges it later reads what was drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from publish import practice

from . import markdown


@dataclass(frozen=True)
class Problem:
    """A drawn problem. Its texts are Markdown, and all of it fits into JSON."""

    family: str
    level: int
    seed: int
    title: str
    statement: str
    steps: str
    fields: list[dict[str, Any]]  # declarations as of dlworkbook.answers; a slip has an id, too

    @property
    def address(self) -> str:
        """Where the site shows it: ``?practice=rnn_step.2.17``."""
        return f"{self.family}.{self.level}.{self.seed}"


def draw(requests: Iterable[practice.Request]) -> list[Problem]:
    """The problems asked for. Raises PracticeError for one that cannot be made."""
    return [
        Problem(
            **practice.key(made),
            title=made["title"],
            statement=markdown.blocks(made["statement"]),
            steps=markdown.steps(made["steps"]),
        )
        for made in practice.problems(requests)
    ]

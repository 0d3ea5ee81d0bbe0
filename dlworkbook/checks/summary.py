"""All tasks of an assignment at once, with the points so far: the last cell of its notebook."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import engine
from .answer import Answer
from .report import COLOURS, HEADS, Report

TITLE = "Before you hand in"
LATER = "is checked when graded"
BY_HAND = "is marked by hand"
OPEN = "·"  # the sign of what this notebook cannot know
WIDEST = 70  # columns of what is said of a task, in a terminal
LONGEST = 160  # characters of it
UNKNOWN = {"unknown_task", "missing_library", "check_failed"}  # say nothing about the answer
COUNTS = "What counts is the grading, which also tries inputs that are not in this notebook."


@dataclass(frozen=True)
class Line:
    """What is said of one task; ``points`` are None where only the grading can tell."""

    sign: str
    task: str
    says: str
    points: float | None
    most: float

    @property
    def share(self) -> str:
        """Points of how many."""
        got = "" if self.points is None else f"{_figure(self.points)} "
        return f"{got}of {_figure(self.most)}"


@dataclass(frozen=True)
class Summary:
    """The state of an assignment; reads well in a terminal and in a notebook."""

    lines: tuple[Line, ...]

    @property
    def points(self) -> float:
        """Points so far."""
        return sum(line.points or 0.0 for line in self.lines)

    @property
    def most(self) -> float:
        """Points of all tasks that were checked here."""
        return sum(line.most for line in self.lines if line.points is not None)

    @property
    def open(self) -> float:
        """Points of which only the grading can tell."""
        return sum(line.most for line in self.lines if line.points is None)

    @property
    def says(self) -> str:
        """The sum, in words."""
        text = f"{_figure(self.points)} of {_figure(self.most)} points so far"
        return f"{text}; {_figure(self.open)} more are given later." if self.open else f"{text}."

    def __str__(self) -> str:
        # East Asian characters take two columns.
        wide = max([_columns(line.task) for line in self.lines] or [0])
        said = [_cut(line.says, WIDEST) for line in self.lines]
        room = max(map(_columns, said), default=0)
        share = max([len(line.share) for line in self.lines] or [0])
        rows = [
            f"  {line.sign} {_padded(line.task, wide)}  {_padded(text, room)}"
            f"  {line.share:>{share}}"
            for line, text in zip(self.lines, said, strict=True)
        ]
        return "\n".join([TITLE, *rows, self.says, COUNTS])

    __repr__ = __str__

    def _repr_pretty_(self, printer, cycle) -> None:
        printer.text("..." if cycle else str(self))

    def _repr_html_(self) -> str:
        cell = "text-align:left;vertical-align:top;padding:0.2em 0.8em 0.2em 0"
        number = cell.replace("left", "right", 1) + ";white-space:nowrap"
        rows = "".join(
            f'<tr style="background:transparent"><td style="{cell}">'
            f'<span style="color:{COLOURS.get(line.sign, "inherit")}">{line.sign}</span></td>'
            f'<th scope="row" style="{cell};font-weight:600">{html.escape(line.task)}</th>'
            f'<td style="{cell};overflow-wrap:anywhere">{html.escape(line.says)}</td>'
            f'<td style="{number}">{line.share}</td></tr>'
            for line in self.lines
        )
        paragraph = '<p style="margin:0.4em 0">{}</p>'
        style = "color:inherit;background:transparent;max-width:46em;line-height:1.5"
        return (
            f'<div role="status" class="dlw-check" style="{style}"><strong>{TITLE}</strong>'
            f'<table style="border-collapse:collapse;margin:0.4em 0">{rows}</table>'
            + paragraph.format(f"<strong>{html.escape(self.says)}</strong>")
            + paragraph.format(COUNTS)
            + "</div>"
        )


def everything(
    names: Mapping[str, Any],
    tasks: Mapping[str, tuple[str, float]],
    *,
    later: Mapping[str, tuple[str, float]] | None = None,
    by_hand: Mapping[str, float] | None = None,
) -> Summary:
    """All tasks of an assignment, each checked once, with the points so far.

    ``names`` is ``globals()``, where the answers are. ``tasks`` maps each task to the name of its
    answer and to its points: ``{"corr2d": ("corr2d", 4)}``. ``later`` are tasks of the same form
    that are checked only when the notebook is graded, ``by_hand`` questions with their points.
    A missing answer is not done yet, and whatever an answer does is a line of the summary; only a
    Ctrl-C of the user is raised. Needs no network.
    """
    lines = [_checked(task, names.get(answer), most) for task, (answer, most) in tasks.items()]
    for task, (answer, most) in (later or {}).items():
        lines.append(_kept_back(task, names.get(answer), most))
    lines += [Line(OPEN, title, BY_HAND, None, most) for title, most in (by_hand or {}).items()]
    return Summary(tuple(lines))


def _checked(task: str, answer: Any, most: float) -> Line:
    if _is_blank(answer):
        return Line("○", task, "not done yet", 0.0, most)
    report = engine.check(task, answer)
    sign, _ = HEADS.get(report.status, ("✗", ""))
    points = None if report.status in UNKNOWN else report.credit * most
    return Line(sign, task, _cut(_said(report), LONGEST), points, most)


def _said(report: Report) -> str:
    """One line on a report: the name of the mistake, or else how the check begins."""
    if report.passed:
        return "right"
    if report.status == "not_done":
        return "not done yet"
    if report.title:
        return f"{report.title} ({report.mistake})" if report.mistake else report.title
    if report.pair:
        return "two mistakes at once ({} and {})".format(*report.pair)
    said = [line for line in report.message.split("\n") if line.strip()]
    wrong = [line for line in said if not line.endswith(": Right.")]  # of several answers
    return (wrong or said or ["not right yet"])[0].replace("`", "").strip()


def _kept_back(task: str, answer: Any, most: float) -> Line:
    if _is_blank(answer):
        return Line("○", task, f"not done yet; {LATER}", None, most)
    gap = Answer(answer).look(None).gap  # a `...` may also stand above a whole answer
    return Line(OPEN, task, f"still holds ...; {LATER}" if gap else LATER, None, most)


def _is_blank(answer: Any) -> bool:
    """Whether a starter's place holds nothing yet."""
    if type(answer) in (list, tuple) and answer:
        return all(part is None or part is ... for part in answer)
    return answer is None or answer is ... or answer is NotImplemented


def _figure(points: float) -> str:
    return f"{round(points, 2):g}"


def _columns(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in text)


def _padded(text: str, columns: int) -> str:
    return text + " " * (columns - _columns(text))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"

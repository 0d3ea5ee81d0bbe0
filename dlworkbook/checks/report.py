"""What a check hands back, and how it reads in a terminal and in a notebook."""

from __future__ import annotations

import html
import textwrap
from dataclasses import dataclass, field
from typing import Any

HEADS = {
    "passed": ("✓", "Passed"),
    "not_done": ("○", "Not done yet"),
    "unknown_task": ("?", "No such task"),
    "no_answer": ("?", "Nothing to check"),
    "missing_library": ("?", "A library is missing"),
    "check_failed": ("?", "The check itself failed"),
    "malformed": ("?", "Cannot be read"),
    "wrong_helper": ("✗", "Right, but for a function that it calls"),
}
COLOURS = {"✓": "#1a7f4b", "○": "#8a6d00", "?": "#6a737d", "✗": "#c0392b"}


# What has no name of its own and is almost right keeps this share of the points. An input counts as
# changed only where the task forbids it (``Task.inputs_stay``).
KEPT = {"changed_input": 0.75, "wrong_dtype": 0.75, "wrong_helper": 0.75}


QUARTERS = 4  # into so many parts the points of a checked task are split


@dataclass
class Report:
    """The result of one check.

    ``status`` is one of passed, not_done, named_mistake, differs, raised, timed_out, wrong_type,
    wrong_shape, wrong_dtype, nan, changed_input, wrong_helper, not_repeatable, wrong_signature,
    not_callable, no_answer, unknown_task, missing_library, check_failed; of a light answer passed,
    slip, wrong, malformed, not_done, unknown_task, check_failed. ``mistake`` is the id of
    the named mistake, or None; ``pair`` two ids whose combination fits. ``remarks`` cost nothing.

    To look closer: ``inputs`` are those of the probe that is shown, ``output`` what the answer gave
    there, ``place`` the index of the first entry that differs, and ``expected_entry`` the number
    that belongs there (that one only).
    """

    task: str
    status: str
    message: str
    hint: str = ""
    mistake: str | None = None
    title: str = ""
    pair: tuple[str, str] | None = None
    remarks: list[str] = field(default_factory=list)
    right: int = 0
    probes: int = 0
    probe: str | None = None
    inputs: tuple | None = field(default=None, repr=False)
    output: Any = field(default=None, repr=False)
    place: tuple[int, ...] | None = None
    expected_entry: float | None = field(default=None, repr=False)
    seconds: float = 0.0
    keeps: float = 0.0

    @property
    def credit(self) -> float:
        """Share of the task's points, in quarters: 1 if it passed, else what the mistake leaves."""
        return 1.0 if self.passed else self.keeps

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.status == "passed"

    @property
    def heading(self) -> str:
        """One line: sign, result in words, task, and the name of the mistake."""
        sign, words = HEADS.get(self.status, ("✗", "Not right yet"))
        name = f": {self.title} ({self.mistake})" if self.mistake else ""
        return f"{sign} {self.task}: {words}{name}"

    def as_dict(self) -> dict:
        """The report as plain data that fits into JSON (for grading)."""
        return {
            "task": self.task,
            "passed": self.passed,
            "status": self.status,
            "mistake": self.mistake,
            "title": self.title,
            "pair": list(self.pair) if self.pair else None,
            "message": self.message,
            "hint": self.hint,
            "remarks": list(self.remarks),
            "right": self.right,
            "probes": self.probes,
            "probe": self.probe,
            "seconds": round(self.seconds, 3),
        }

    def __str__(self) -> str:
        lines = [self.heading, *_wrapped(self.message, "  ")]
        if self.hint:
            lines += _wrapped(f"Hint: {self.hint}", "  ")
        for remark in self.remarks:
            lines += _wrapped(f"Remark: {remark}", "  ")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_pretty_(self, printer, cycle) -> None:
        printer.text("..." if cycle else str(self))

    def _repr_html_(self) -> str:
        sign, _ = HEADS.get(self.status, ("✗", ""))
        colour = COLOURS[sign]
        rows = [f"<strong>{html.escape(self.heading)}</strong>"]
        rows += [_paragraph(text) for text in self.message.split("\n") if text]
        if self.hint:
            rows.append(_fold("Hint", self.hint))
        if self.expected_entry is not None and self.place is not None:
            place = ", ".join(str(i) for i in self.place)
            text = f"At [{place}] there should be {number(self.expected_entry)}."
            rows.append(_fold("The number that belongs there", text))
        rows += [_paragraph(f"Remark: {text}") for text in self.remarks]
        style = (
            f"border-left:0.3em solid {colour};padding:0.4em 0.9em;margin:0.3em 0;"
            "color:inherit;background:transparent;max-width:46em;line-height:1.5;"
            "overflow-wrap:anywhere"
        )
        return f'<div role="status" class="dlw-check" style="{style}">{"".join(rows)}</div>'


def number(value: float) -> str:
    """A number for reading: six digits at most, no trailing zeros, no minus before a zero."""
    text = f"{value:.6g}"
    return "0" if text == "-0" else text


def _wrapped(text: str, indent: str) -> list[str]:
    lines: list[str] = []
    for paragraph in text.split("\n"):
        # Code in a message keeps its line: only what is too long is broken.
        lines += textwrap.wrap(
            paragraph, 88, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
        )
    return lines


def _paragraph(text: str) -> str:
    return f'<p style="margin:0.4em 0">{_marked(text)}</p>'


def _fold(summary: str, text: str) -> str:
    return (
        f'<details style="margin:0.4em 0"><summary style="cursor:pointer">{html.escape(summary)}'
        f"</summary>{_paragraph(text)}</details>"
    )


def _marked(text: str) -> str:
    """Escaped text in which `code` stands between backquotes."""
    parts = html.escape(text).split("`")
    if len(parts) % 2 == 0:  # a backquote without its partner: leave all as they are
        return "`".join(parts)
    return "".join(f"<code>{p}</code>" if k % 2 else p for k, p in enumerate(parts))

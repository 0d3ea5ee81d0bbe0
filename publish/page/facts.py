"""The facts line and the goals of a page, written once for the site and the notebooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .frontmatter import LEVELS, PageMeta

T = TypeVar("T")
GOALS_LEAD = "After this page you can:"
_EDITIONS = {"zh": "Chinese edition", "en": "English edition"}


def number_ranges(numbers: list[str]) -> str:
    """``["6.2.1", "6.2.2", "6.2.3", "6.3.1"]`` as ``"6.2.1–3, 6.3.1"``."""
    runs: list[tuple[str, list[int]]] = []
    for number in numbers:
        section, _, last = number.rpartition(".")
        if runs and runs[-1][0] == section and int(last) == runs[-1][1][-1] + 1:
            runs[-1][1].append(int(last))
        else:
            runs.append((section, [int(last)]))
    return ", ".join(
        ".".join(filter(None, (section, str(run[0])))) + (f"–{run[-1]}" if len(run) > 1 else "")
        for section, run in runs
    )


def facts(meta: PageMeta, link: Callable[[str], T | None]) -> list[tuple[str, list[str | T]]]:
    """Label and parts of each fact, in the order in which they are shown.

    link(need) makes the link to the page ``book/<need>``, or None while that page is not
    written yet; such a need is left out, because a reader could not follow it.
    """
    found: list[tuple[str, list[str | T]]] = []
    numbers = [
        f"{name} {number_ranges(meta.d2l[edition])}"
        for edition, name in _EDITIONS.items()
        if meta.d2l.get(edition)
    ]
    for label, values in (
        ("d2l exercises", numbers), ("Exam", meta.exam), ("Interview", meta.interview),
        ("Lab", meta.lab),
    ):
        if values:
            found.append((label, ["; ".join(values)]))
    if meta.minutes:
        found.append(("Time", [f"{meta.minutes} minutes"]))
    if meta.level:
        found.append(("Level", [LEVELS[meta.level]]))
    needs = [made for made in map(link, meta.needs) if made]
    if needs:
        found.append(("Before", needs))
    return found


def facts_markdown(meta: PageMeta, link: Callable[[str], str | None]) -> str:
    """Facts line and list of goals as Markdown; an empty string when the page has neither.

    link(need) gives a Markdown link; see facts().
    """
    blocks = []
    line = " · ".join(f"**{label}** {', '.join(parts)}" for label, parts in facts(meta, link))
    if line:
        blocks.append(line)
    if meta.goals:
        blocks.append(GOALS_LEAD)
        blocks.append("\n".join(f"- {goal}" for goal in meta.goals))
    return "\n\n".join(blocks)

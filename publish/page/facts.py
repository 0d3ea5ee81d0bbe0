"""The facts line and the goals of a page, written once for the site and the notebooks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from . import numbers
from .frontmatter import LEVELS, PageMeta

T = TypeVar("T")
GOALS_LEAD = "After this page you can:"
_ABBREVIATIONS = {"bert", "cnn", "gru", "lstm", "mlp", "rnn", "sgd"}
_EDITIONS = {"zh": "Chinese edition", "en": "English edition"}


def facts(
    meta: PageMeta, time: str, link: Callable[[str], T | None]
) -> list[tuple[str, list[str | T]]]:
    """Label and parts of each fact, in the order in which they are shown.

    time: how long the page takes, as minutes.told says.
    link(need) makes the link to the page ``book/<need>``, or None while that page is planned:
    those are named in a fact of their own, so that a reader can look them up elsewhere.
    """
    found: list[tuple[str, list[str | T]]] = []
    d2l = [
        f"{name} {numbers.ranges(meta.d2l[edition])}"
        for edition, name in _EDITIONS.items()
        if meta.d2l.get(edition)
    ]
    for label, values in (
        ("d2l exercises", d2l), ("Exam", meta.exam), ("Interview", meta.interview),
        ("Lab", meta.lab),
    ):
        if values:
            found.append((label, ["; ".join(values)]))
    if time:
        found.append(("Time", [time]))
    if meta.level:
        found.append(("Level", [LEVELS[meta.level]]))
    links = {need: link(need) for need in meta.needs}
    here = [made for made in links.values() if made is not None]
    missing = [need for need, made in links.items() if made is None]
    if here:
        found.append(("Needed before", here))
    if missing:
        found.append(("Needed before, not yet here", planned(missing)))
    return found


def planned(needs: list[str]) -> list[str]:
    """How pages that are not written yet are named: ``linear algebra``, ``autograd (chapter 2)``.

    A chapter is said once, behind the last of its pages that stand together.
    """
    named = []
    for need in needs:
        folder, _, stem = need.rpartition("/")
        words = [w.upper() if w in _ABBREVIATIONS else w for w in stem.split("_")]
        chapter = re.match(r"ch0*(\d+)_", folder)
        named.append((" ".join(words), f" (chapter {chapter[1]})" if chapter else ""))
    after = [place for _, place in named[1:]] + [""]
    return [name + (place if place != then else "")
            for (name, place), then in zip(named, after, strict=True)]


def facts_markdown(
    meta: PageMeta, time: str, link: Callable[[str], str | None],
    goal: Callable[[str], str] = str,
) -> str:
    """Facts line and list of goals as Markdown; an empty string when the page has neither.

    link(need) gives a Markdown link (see facts), goal(text) rewrites what a goal says.
    """
    blocks = []
    line = " · ".join(f"**{label}** {', '.join(parts)}" for label, parts in facts(meta, time, link))
    if line:
        blocks.append(line)
    if meta.goals:
        blocks.append(GOALS_LEAD)
        blocks.append("\n".join(f"- {goal(text)}" for text in meta.goals))
    return "\n\n".join(blocks)

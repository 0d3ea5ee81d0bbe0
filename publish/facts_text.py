"""The line of facts and the goals of a page, made from its front matter.

Site and notebooks share this text: the site builds nodes from `facts_items`, the notebook
writer prints `facts_markdown`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from publish.frontmatter import LEVELS, PageMeta

GOALS_TITLE = "After this page you can"


@dataclass(frozen=True)
class Fact:
    """One fact: a label, and its parts as (text, page name or None)."""

    label: str
    parts: list[tuple[str, str | None]]


def number_ranges(numbers: list[str]) -> str:
    """``["6.2.1", "6.2.2", "6.2.3", "6.3.1"]`` as ``"6.2.1–3, 6.3.1"``."""
    groups: list[tuple[str, list[int]]] = []
    for number in numbers:
        section, _, last = number.rpartition(".")
        if groups and groups[-1][0] == section and int(last) == groups[-1][1][-1] + 1:
            groups[-1][1].append(int(last))
        else:
            groups.append((section, [int(last)]))
    return ", ".join(
        f"{section}.{run[0]}" + (f"–{run[-1]}" if len(run) > 1 else "") for section, run in groups
    )


def facts_items(meta: PageMeta, title_of: Callable[[str], str | None]) -> list[Fact]:
    """Facts of a page in the order in which they are shown.

    title_of gives the title of a page of the book by its name below book/, None while
    that page is missing (it is then left out).
    """
    facts = []
    d2l = [
        f"{edition} {number_ranges(meta.d2l[key])}"
        for key, edition in (("zh", "Chinese edition"), ("en", "English edition"))
        if meta.d2l.get(key)
    ]
    for label, texts in (
        ("d2l exercises", d2l), ("Exam", meta.exam), ("Interview", meta.interview), ("Lab", meta.lab),
    ):
        if texts:
            facts.append(Fact(label, [("; ".join(texts), None)]))
    if meta.minutes:
        facts.append(Fact("Time", [(f"{meta.minutes} minutes", None)]))
    if meta.level:
        facts.append(Fact("Level", [(LEVELS[meta.level], None)]))
    known = [(title, name) for name in meta.needs if (title := title_of(name))]
    if known:
        facts.append(Fact("Before", known))
    return facts


def facts_markdown(
    meta: PageMeta, link: Callable[[str], str | None], title_of: Callable[[str], str | None]
) -> str:
    """Facts and goals as Markdown; link gives the address of a page by its name."""

    def part(text: str, name: str | None) -> str:
        address = link(name) if name else None
        return f"[{text}]({address})" if address else text

    line = " · ".join(
        f"**{fact.label}** " + ", ".join(part(*p) for p in fact.parts)
        for fact in facts_items(meta, title_of)
    )
    goals = "\n".join(f"- {goal}" for goal in meta.goals)
    blocks = [line] if line else []
    if goals:
        blocks.append(f"**{GOALS_TITLE}**\n\n{goals}")
    return "\n\n".join(blocks)

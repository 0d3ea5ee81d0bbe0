"""The grammar of exercise numbers, for front matter, exercises, routes and margins.

An exercise names where it comes from: ``zh 6.2.1`` and ``en 7.2.1`` are exercises of d2l's
editions (chapter.section.exercise; a chapter without sections has two parts), ``lab 6`` and
``exam 2021`` a lab or an exam of the sources, ``own`` an exercise of this book.
"""

from __future__ import annotations

import re

# What is shown before a number; other kinds are called as they are written.
SOURCES = {"zh": "d2l zh", "en": "d2l en"}
WANTED = "must be 'own' or numbers such as 'zh 6.2.1, en 7.2.1', 'lab 6' or 'exam 2021'"
_NUMBER = re.compile(r"(?:(zh|en) (\d+(?:\.\d+)+)|(lab) (\d+)|(exam) (\d{4}))", re.ASCII)


def parse(text: str) -> list[tuple[str, str]]:
    """``"zh 6.2.1, lab 6"`` as ``[("zh", "6.2.1"), ("lab", "6")]``; ``"own"`` as ``[]``.

    Raises ValueError for anything else.
    """
    if text.strip() == "own":
        return []
    found = [_NUMBER.fullmatch(part.strip()) for part in text.split(",")]
    if not all(found):
        raise ValueError(f"{WANTED}, not '{text.strip()}'")
    return [tuple(filter(None, match.groups())) for match in found]


def shown(numbers: list[tuple[str, str]]) -> list[str]:
    """Each number as readers see it: ``d2l zh 6.2.1``."""
    return [f"{SOURCES.get(kind, kind)} {number}" for kind, number in numbers]


def sort_key(number: str) -> tuple[int, ...]:
    """``"10.2.1"`` as ``(10, 2, 1)``, so that 10 comes after 9."""
    return tuple(int(part) for part in number.split("."))


def section_of(number: str) -> str:
    """Section of an exercise: ``"6.2"`` for ``"6.2.1"``."""
    return number.rpartition(".")[0]


def ranges(numbers: list[str]) -> str:
    """``["6.2.1", "6.2.2", "6.2.3", "6.3.1"]`` as ``"6.2.1–3, 6.3.1"``."""
    runs: list[tuple[str, list[int]]] = []
    for number in numbers:
        section, last = section_of(number), sort_key(number)[-1]
        if runs and runs[-1][0] == section and last == runs[-1][1][-1] + 1:
            runs[-1][1].append(last)
        else:
            runs.append((section, [last]))
    return ", ".join(
        ".".join(filter(None, (section, str(run[0])))) + (f"–{run[-1]}" if len(run) > 1 else "")
        for section, run in runs
    )

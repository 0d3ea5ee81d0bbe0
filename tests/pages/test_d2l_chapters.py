"""Chapters that are whole: every exercise of d2l stands on a page, and most can be checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from publish.page import d2l
from publish.page.book import Book
from publish.page.numbers import sort_key

ROOT = Path(__file__).resolve().parents[2]
WHOLE = ("1", "2", "3")  # chapters of the Chinese edition
SHARE = 0.7  # of the exercises that carry a box or a check


@pytest.fixture(scope="module")
def judged() -> dict[tuple[str, str], bool]:
    """Number in an edition -> whether an exercise that covers it has a box or a check."""
    book, found = Book(ROOT), {}
    for name in book.names:
        for exercise in book.page(name).exercises:
            for number in exercise.numbers:
                has = bool(exercise.answers or exercise.checks)
                found[number] = found.get(number, False) or has
    return found


def test_every_exercise_of_the_chinese_edition_stands_on_a_page(judged):
    wanted = {
        ("zh", f"{section.number}.{n}") if "." in section.number else ("zh", f"1.{n}")
        for section in d2l.sections().values()
        if section.edition == "zh" and section.number.split(".")[0] in WHOLE
        for n in range(1, section.exercises + 1)
    }
    assert len(wanted) == 56
    missing = sorted((number for _, number in wanted - judged.keys()), key=sort_key)
    assert not missing
    assert sum(judged[key] for key in wanted) >= SHARE * len(wanted)

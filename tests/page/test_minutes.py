"""How long a page takes: what counts, what is left out, and what is said of it."""

from __future__ import annotations

import pytest

from publish.page import minutes
from publish.page.book import Book
from tests.kit.notebooks import book, convert

GOALS = "{goals: [a, b, c]}"
WORDS = "word " * 300  # two minutes
CODE = "x = 1\n\n" * 24  # two minutes: empty lines do not count


def cell(source: str, *tags: str) -> str:
    return f"```{{code-cell}} python\n:tags: [{', '.join(tags)}]\n{source}```\n\n"


def exercise(label: str, level: str, more: str = "") -> str:
    return (f"::::{{exercise}} E\n:label: {label}\n:number: own\n:level: {level}\n{more}\n"
            f"{WORDS}\n\n:::{{hint}}\n{WORDS}\n:::\n::::\n\n"
            f":::{{solution}} {label}\n{WORDS}\n:::\n\n"
            f"{cell(CODE, 'solution')}")


def told(tmp_path, text: str, workbook: str = GOALS) -> str:
    root = book(tmp_path, {"ch/page": f"# Title\n\n{text}"}, {"ch/page": workbook})
    return minutes.told(Book(root).page("book/ch/page"))


@pytest.mark.parametrize(("text", "said"), [
    ("Short.", 1),
    (WORDS, 2),
    (f"{WORDS}$x$ $y$ " + "word " * 73, 2),
    (f"{WORDS}$x$ $y$ " + "$z$ " * 74, 3),  # a formula counts as a word
    (f"- {WORDS}\n\n> {WORDS}\n\n:::{{note}}\n{WORDS}\n:::", 6),
    (f"::::{{predict}}\n{WORDS}\n::::", 2),
    (cell(CODE), 2),
    (cell(CODE) + cell(CODE, "remove-input") + cell(CODE, "hide-input"), 2),
    (f"{WORDS}\n\n:::{{fold}} Depth\n{WORDS}\n:::\n\n{cell(CODE, 'fold')}", 2),
])
def test_what_is_read_on_the_main_path_counts(tmp_path, text, said):
    assert told(tmp_path, text) == f"{said} min reading"


def test_exercises_take_what_they_say_or_what_their_level_says(tmp_path):
    text = f"Short.\n\n{exercise('ex-a', 'E')}{exercise('ex-b', 'M')}{exercise('ex-c', 'H')}"
    assert told(tmp_path, text) == "1 min reading + 27 min exercises"
    more = exercise("ex-d", "H", ":minutes: 40\n")
    assert told(tmp_path, text + more) == "1 min reading + 67 min exercises"


def test_a_page_may_state_its_minutes_and_one_that_does_not_teach_has_none(tmp_path):
    assert told(tmp_path, WORDS, "{goals: [a], minutes: 50}") == "50 minutes"
    assert told(tmp_path, WORDS, "{}") == ""


def test_the_notebook_says_it(tmp_path):
    found = convert(tmp_path, f"Short.\n\n{exercise('ex-a', 'E')}", workbook=GOALS)
    assert "**Time** 1 min reading + 4 min exercises" in found.cells[2].source

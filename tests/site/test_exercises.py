"""Exercises, hints, solutions, cell tags: what the site makes of them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.kit.small_book import build, page

MODULES = ("exercises", "cells")
PAGE = """# Page

See {ref}`ex-two`.

:::{book-only}
Of *this* copy.
:::

::::{exercise} The first, with $x$
:label: ex-one
:number: zh 6.2.1, en 7.2.1
:level: E

Do it.

:::{hint}
A hint.
:::
::::

```{code-cell} python
:tags: [starter]
my_answer = ...
```

```{code-cell} python
:tags: [check]
check_of(my_answer)
```

:::{solution} ex-one
Because.
:::

```{code-cell} python
:tags: [solution]
worked_cell = 1
```

:::{solution} ex-one
And further.
:::

```{code-cell} python
:tags: [solution]
second_cell = 2
```

```{code-cell} python
after_the_solution = 3
```

```{code-cell} python
:tags: [notebook-only]
only_in_notebooks = 4
```

::::{exercise} The second
:label: ex-two
:number: own
:level: H

Do that.
::::
"""


class Details(HTMLParser):
    """Text inside and outside of <details> elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.depth = 0
        self.folds: list[str] = []
        self.outside = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "details":
            self.depth += 1
            self.folds.append("")

    def handle_endtag(self, tag):
        self.depth -= tag == "details"

    def handle_data(self, data):
        if self.depth:
            self.folds[-1] += data
        else:
            self.outside += data


TIMED = """# Page

A sentence.

::::{exercise} The first
:label: ex-timed
:number: own
:level: E
Do it.
::::

::::{exercise} The second
:label: ex-long
:number: own
:level: H
:minutes: 40
Do it.
::::
"""


@pytest.mark.parametrize(("workbook", "time", "minutes"), [
    ("{goals: [a, b, c]}", "1 min reading + 44 min exercises", ["4 min", "40 min"]),
    ("{goals: [a, b, c], minutes: 30}", "30 minutes", []),
])
def test_minutes_are_said_where_they_are_counted(tmp_path, workbook, time, minutes):
    built = build(tmp_path, {"book/page": page(TIMED, workbook)}, ("exercises", "facts"))
    html = built.html("book/page")
    assert built.warnings == "" and time in html
    assert re.findall(r'"exercise-minutes">([^<]*)<', html) == minutes


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(tmp_path_factory.mktemp("book"), {"index": page(PAGE)}, MODULES)


def test_builds_without_a_warning(built):
    assert built.warnings == ""


def test_exercises_are_numbered_and_carry_level_and_source(built):
    html = built.html("index")
    assert html.count('class="exercise"') == 2
    assert '<span class="exercise-number">Exercise 1</span>' in html
    assert '<span class="exercise-number">Exercise 2</span>' in html
    assert "d2l zh 6.2.1 · d2l en 7.2.1" in html
    assert "easy" in html and "hard" in html


def test_what_students_do_not_get_is_text_as_any_other(built):
    assert "<p>Of <em>this</em> copy.</p>" in built.html("index")


def test_reference_reads_as_the_exercise_number(built):
    assert '<a class="reference internal" href="#ex-two"><span class="std std-ref">Exercise 2' in (
        built.html("index")
    )


def test_solution_gathers_its_cells_and_its_further_parts_in_one_fold(built):
    folds = Details(built.html("index")).folds
    assert len(folds) == 2  # hint, solution
    hint, solution = folds
    assert "A hint." in hint
    texts = ["Because.", "worked_cell", "And further.", "second_cell"]
    places = [solution.index(text) for text in texts]
    assert places == sorted(places)
    assert solution.count("Solution of exercise 1") == 1
    assert "after_the_solution" not in solution


def test_cells_of_the_notebook_edition_are_not_shown(built):
    outside = Details(built.html("index")).outside
    assert "my_answer = ..." in outside
    assert "after_the_solution" in outside
    assert "only_in_notebooks" not in built.html("index")
    assert "check_of" not in built.html("index")


def test_exercises_are_recorded_for_the_routes(built):
    records = built.app.env.workbook_exercises["index"]
    assert [(r["label"], r["n"], r["level"]) for r in records] == [
        ("ex-one", 1, "E"), ("ex-two", 2, "H"),
    ]
    assert records[0]["numbers"] == [("zh", "6.2.1"), ("en", "7.2.1")]
    assert [r["state"] for r in records] == ["notebook", "discussed"]  # one has a check cell


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (":level: E", "lacks the option :level:"),
        (":label: ex-one", "lacks the option :label:"),
    ],
)
def test_missing_option_is_named(tmp_path, broken, message):
    book = build(tmp_path, {"index": page(PAGE.replace(broken, "", 1))}, MODULES)
    assert message in book.warnings
    assert "index.md:" in book.warnings


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (":level: E", ":level: X", "level must be one of E, M, H"),
        ("zh 6.2.1, en 7.2.1", "6.2.1", "must be 'own' or numbers such as"),
        (":::{solution} ex-one", ":::{solution} ex-none", "no exercise with this label"),
    ],
)
def test_wrong_value_is_named(tmp_path, old, new, message):
    book = build(tmp_path, {"index": page(PAGE.replace(old, new, 1))}, MODULES)
    assert message in book.warnings

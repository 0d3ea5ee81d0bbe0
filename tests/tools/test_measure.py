"""The measure of pages sees each limit broken, on small pages that break just that one."""

from __future__ import annotations

from pathlib import Path

import pytest

from publish.page.frontmatter import PageMeta
from publish.tools import measure

PICTURE = '<div class="cell_output"><img alt="" style="width: 300px; height: 200px"></div>'
WIDGET = '<div data-widget="x" style="height: 300px; width: 500px"></div>'
FORMULA = (
    '<div class="katex-display" style="overflow-x: auto; width: {box}px"><span class="katex">'
    '<annotation hidden>x</annotation><span class="katex-html"><span class="base" '
    'style="display: inline-block; width: 500px">x</span></span></span></div>'
)
CODE = '<div class="cell"><div class="cell_input"><pre>{}</pre></div></div>'
GOOD = (
    f"<h1>A page</h1><p>Some words.</p>{PICTURE}{WIDGET}{CODE.format('x = 1')}"
    f"{FORMULA.format(box=600)}<details><summary>More</summary>"
    f"<p>{'word ' * 2000}</p>{CODE.format('assert x')}<div style='height: 20000px'></div></details>"
    "<section><h2>Exercises</h2><div style='height: 20000px'></div>"
    '<div class="exercise" id="a"></div><div class="exercise" id="b">'
    '<form data-answer="b"></form></div><div class="exercise" id="c"></div>'
    f'<div class="cell tag_check"></div><p>{"word " * 2000}</p></section>'
)
BLANK = "<div style='height: {}px'></div>"
LAB = "<div class='admonition lab'></div>" + GOOD.replace(
    "<section>", "<div class='cell tag_starter'></div><section>")
BROKEN_LAB = {
    "starter": BLANK.format(1_800) + LAB,
    "to it": LAB.replace("Some", "word " * 300),
    "words": LAB.replace("<section>", f"<p>{'word ' * 1_200}</p><section>"),
    "lines": LAB + 6 * CODE.format("x\n" * 20),
}
BROKEN = {
    "height": GOOD + BLANK.format(15_000),
    "picture": GOOD.replace(PICTURE, BLANK.format(1_800) + PICTURE),
    "widget": GOOD.replace(WIDGET, BLANK.format(4_000) + WIDGET),
    "words": GOOD.replace("Some", "word " * 1_500),
    "cells": GOOD + 12 * CODE.format("x"),
    "lines": GOOD + 11 * CODE.format("x\n" * 20),
    "longest": GOOD + CODE.format("x\n" * 21),
    "asserts": GOOD + CODE.format("checks.proves('a', 1)"),
    "cut 1280": GOOD.replace("600px", "400px"),
}


@pytest.fixture
def found(new_page):
    """Return a function that measures a page with this text."""
    page = new_page()

    def look(text: str) -> dict:
        page.set_content(f"<main><article class='text'>{text}</article></main>")
        return measure.wide(page)

    return look


def test_what_folds_and_exercises_hold_counts_for_nothing(found):
    result = found(GOOD)
    assert measure.problems(result) == []
    assert (result["words"], result["cells"], result["longest"]) == (2, 1, 1)
    assert (result["exercises"], result["answered"]) == (3, 2)


@pytest.mark.parametrize("limit", BROKEN)
def test_each_limit_that_is_broken_is_told(found, limit):
    result = found(BROKEN[limit])
    assert measure.over(result) == [limit]
    assert limit in " ".join(measure.problems(result)) or limit == "cut 1280"


def test_a_lab_has_limits_of_its_own(found):
    result = found(LAB)
    assert measure.problems(result) == [] and result["to it"] == 2 and result["lab"]
    other = found(GOOD.replace("tag_check", "tag_starter"))
    assert other["starter"] is other["to it"] is None
    assert BROKEN_LAB.keys() >= measure.MOST_LAB.keys() - measure.MOST.keys()


@pytest.mark.parametrize("limit", BROKEN_LAB)
def test_each_limit_of_a_lab_that_is_broken_is_told(found, limit):
    result = found(BROKEN_LAB[limit])
    assert limit in measure.over(result)
    assert f"at most {measure.MOST_LAB[limit]:,}" in " ".join(measure.problems(result))
    no_lab = measure.over(found(BROKEN_LAB[limit].replace("admonition lab", "admonition")))
    assert limit not in no_lab


def test_a_page_without_a_picture_is_told(found):
    assert "no picture" in measure.problems(found(GOOD.replace(PICTURE, "")))[0]


def test_folds_are_left_as_they_were(new_page):
    page = new_page()
    page.set_content("<article class='text'><details open id='a'></details><details></details>")
    measure.narrow(page)
    measure.wide(page)
    assert page.evaluate("[...document.querySelectorAll('details')].map(d => d.open)") == [
        True, False,
    ]


def test_every_limit_has_a_page_that_breaks_it():
    assert set(BROKEN) == set(measure.MOST)


def test_pages_that_state_their_minutes_are_not_held():
    page = PageMeta(Path("p.md"), goals=["a"])
    assert measure.is_held(page)
    assert not measure.is_held(PageMeta(Path("p.md"), goals=["a"], minutes=60))
    assert not measure.is_held(PageMeta(Path("p.md")))


def test_the_table_marks_what_is_over(found):
    rows = {"book/ch06/page": found(BROKEN["asserts"]) | {"cut 360": 0}}
    head, rule, line = measure.table(rows, markdown=True).splitlines()
    assert head.startswith("| page | height |") and rule.startswith("| --- | ---: |")
    assert line.startswith("| ch06/page |") and line.count("!") == 1 and "| 1! |" in line

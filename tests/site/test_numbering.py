"""Numbers come from the front matter; facts and goals stand below the first paragraph."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from publish.page.facts import facts_markdown, planned
from publish.page.frontmatter import PageMeta
from tests.kit.small_book import build, page

MODULES = ("exercises", "cells", "facts", "numbering")
SECTION = """# Convolution

One sentence.

## A part

```{figure} dot.svg
:name: fig-dot

A dot.
```

See {numref}`fig-dot`.
"""
META = (
    '{number: "6.2", d2l: {zh: ["6.2.1", "6.2.2", "6.3.1"]}, level: M, minutes: 50, '
    "goals: [compute `n` and *count* $k$, count], needs: [other, missing]}"
)
PAGES = {
    "index": "# Home\n\n```{toctree}\nbook/page\nbook/other\n```\n",
    "book/page": page(SECTION, META),
    "book/other": page("# Other title\n\nText.\n", '{number: "3"}'),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    (folder / "src/book").mkdir(parents=True)
    (folder / "src/book/dot.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    return build(folder, PAGES, MODULES, numfig=True, numfig_secnum_depth=2)


def test_builds_without_a_warning(built):
    assert built.warnings == ""


def test_title_and_table_of_contents_show_the_number_of_the_front_matter(built):
    title = r'<h1><span class="section-number">6\.2\. </span>Convolution'
    assert re.search(title, built.html("book/page"))
    assert "6.2. Convolution" in re.sub("<.*?>", "", built.html("index"))
    assert "3. Other title" in re.sub("<.*?>", "", built.html("index"))


def test_headings_inside_a_page_carry_no_number(built):
    assert re.search(r"<h2>A part", built.html("book/page"))


def test_figures_are_numbered_below_their_page(built):
    assert "Fig. 6.2.1" in re.sub("<.*?>", "", built.html("book/page"))


def test_facts_stand_below_the_first_paragraph(built):
    text = re.sub(r"\s+", " ", re.sub("<.*?>", "", built.html("book/page")))
    first, box = text.index("One sentence."), text.index("d2l exercises")
    assert first < box < text.index("A part", box)
    assert "6.2.1–2, 6.3.1" in text
    assert "50 minutes" in text and "medium" in text
    assert "compute n and count" in text


def test_goals_may_hold_code_and_mathematics(built):
    html = built.html("book/page")
    assert '<span class="pre">n</span>' in html and "<em>count</em>" in html
    assert re.search(r'class="math[^"]*">[^<]*k', html)


def test_goals_are_read_as_the_text_of_the_page(tmp_path):
    goal = (
        "say **why *this* `n`** and $k$ of {eq}`eq-k` hold, "
        "see [*o*](other.md) and {doc}`there <other>`"
    )
    workbook = f'{{goals: ["{goal}", b]}}'
    text = "# A\n\nB.\n\n$$ k $$ (eq-k)\n"
    made = build(tmp_path, {**PAGES, "book/page": page(text, workbook)}, MODULES)
    assert made.warnings == ""
    goals = BeautifulSoup(made.html("book/page"), "html.parser").find(class_="page-goals")
    goal = goals.find("li")
    assert goal.get_text() == r"say why this n and \(k\) of (1) hold, see o and there"
    assert goal.find("strong").get_text() == "why this n"
    assert goal.find("strong").find("em").get_text() == "this"
    assert goal.find("strong").find("code").get_text() == "n"
    assert [a["href"] for a in goal.find_all("a")] == [
        "#equation-eq-k", "other.html", "other.html",
    ]
    assert goal.find("a", href="other.html").find("em").get_text() == "o"


def test_needed_pages_are_links_and_planned_ones_are_named(built):
    line = BeautifulSoup(built.html("book/page"), "html.parser").find(class_="facts-line")
    fact = line.find("strong", string="Needed before").parent
    assert [(a["href"], a.get_text()) for a in fact.find_all("a")] == [
        ("other.html", "Other title"),
    ]
    assert fact.get_text() == "Needed before Other title"
    planned_ones = line.find("strong", string="Needed before, not yet here").parent
    assert planned_ones.get_text() == "Needed before, not yet here missing"


@pytest.mark.parametrize(("needs", "said"), [
    (["ch02_preliminaries/linear_algebra"], "linear algebra (chapter 2)"),
    (["ch02_a/linear_algebra", "ch02_a/autograd", "ch10_b/rnn_decoder"],
     "linear algebra, autograd (chapter 2), RNN decoder (chapter 10)"),
    (["ch02_a/autograd", "ch04_b/mlp", "other", "ch04_b/dropout"],
     "autograd (chapter 2), MLP (chapter 4), other, dropout (chapter 4)"),
])
def test_planned_pages_are_named_by_their_words_and_each_chapter_once(needs, said):
    assert ", ".join(planned(needs)) == said


def test_second_build_rewrites_nothing(built):
    again = build(built.out.parents[1], PAGES, MODULES, numfig=True, numfig_secnum_depth=2)
    page_file = again.out / "book/page.html"
    before = page_file.stat().st_mtime_ns
    build(built.out.parents[1], PAGES, MODULES, numfig=True, numfig_secnum_depth=2)
    assert page_file.stat().st_mtime_ns == before


def test_wrong_front_matter_is_a_warning_that_names_the_key(tmp_path):
    wrong = {**PAGES, "book/page": page("# A\n\nB.\n", "{minuts: 5}")}
    book = build(tmp_path, wrong, MODULES)
    assert "workbook.minuts" in book.warnings and "page.md" in book.warnings


def test_facts_as_markdown():
    meta = PageMeta(
        Path("p.md"), d2l={"en": ["7.2.1"]}, exam=["2021"], level="E",
        goals=["see"], needs=["a", "b"],
    )
    text = facts_markdown(meta, "5 minutes", lambda need: "[A](a.ipynb)" if need == "a" else None)
    assert text == (
        "**d2l exercises** English edition 7.2.1 · **Exam** 2021 · **Time** 5 minutes · "
        "**Level** easy · **Needed before** [A](a.ipynb) · **Needed before, not yet here** b\n\n"
        "After this page you can:\n\n- see"
    )

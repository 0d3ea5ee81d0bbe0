"""Problems as Markdown say what they say as HTML on the page."""

from __future__ import annotations

import re
from html import unescape

import pytest

from publish import practice
from publish.practice import markdown
from publish.practice.problem import draw

REQUESTS = [(name, level, seed) for name, about in practice.families().items()
            for level in about["levels"] for seed in (1, 2)]


@pytest.fixture(scope="module")
def made():
    return list(zip(practice.problems(REQUESTS, html=True), draw(REQUESTS), strict=True))


def figures(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", text)


def shown(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", " ", html))


@pytest.mark.slow
def test_all_numbers_are_there_in_their_order(made):
    for page, problem in made:
        for html, text in ((page["html"]["statement"], problem.statement),
                           ("".join(f"{n} {step}" for n, step in
                                    enumerate(page["html"]["steps"], 1)), problem.steps)):
            assert figures(text) == figures(shown(html)), problem.address


@pytest.mark.slow
def test_all_words_are_there(made):
    def words(text: str) -> list[str]:
        return re.findall(r"[A-Za-z−×–]+", text)

    for page, problem in made:
        html = re.sub(r"<math.*?</math>", " ", page["html"]["statement"])
        text = re.sub(r"\$\$.*?\$\$", " ", problem.statement, flags=re.DOTALL)
        html = re.sub(r"<div class=\"practice-matrices\">.*?</div></div>", " ", html)
        assert words(re.sub(r"\$[^$]*\$|---", " ", text)) == words(shown(html)), problem.address


@pytest.mark.slow
def test_an_address_says_the_problem(made):
    assert [problem.address for _, problem in made] == [
        f"{name}.{level}.{seed}" for name, level, seed in REQUESTS]
    assert [practice.address(problem.address) for _, problem in made] == REQUESTS
    for page, problem in made:
        assert problem.fields == page["fields"] and problem.title == page["title"]


@pytest.mark.parametrize(("source", "wanted"), [
    ("It is -3 (-4), so -x.", "It is −3 (−4), so -x."),
    ("**All $x < 1$** of `a_b` in a_b * c", r"**All $x \lt  1$** of `a_b` in a\_b \* c"),
    ("$|x|$ | [1]", r"$\vert x\vert $ \| \[1\]"),
    ("1. one", r"1\. one"), ("- one", r"\- one"), ("2 and 3.", "2 and 3."),
    ({"formula": "a > b"}, "$$\na \\gt  b\n$$"),
    ({"matrices": [["X", [[1, -2], ["$\\frac{1}{2}$", "?"]]], ["y", [[0.5]]]]},
     "$$\nX = \\begin{bmatrix} 1 & -2 \\\\ \\frac{1}{2} & \\text{?} \\end{bmatrix}, \\qquad "
     "y = \\begin{bmatrix} 0.5 \\end{bmatrix}\n$$"),
    ({"table": {"head": ["", "b"], "rows": [["c", "$|d|$"]]}},
     "|  | b |\n| --- | --- |\n| c | $\\vert d\\vert $ |"),
    (["one", {"formula": "a"}], "one\n\n$$\na\n$$"),
])
def test_blocks(source, wanted):
    assert markdown.blocks(source) == wanted


def test_what_belongs_to_a_step_is_indented():
    assert markdown.steps(["one", ["two", {"formula": "a"}]]) == (
        "1. one\n2. two\n\n   $$\n   a\n   $$")

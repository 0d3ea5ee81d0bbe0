"""An interview question shows the answer that its page gives, and follows it when it changes."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.errors import ExtensionError

from publish.site.questions import MISTAKE, SOURCES, form, pairs
from tests.kit.node import evaluate
from tests.kit.small_book import build

pytestmark = pytest.mark.slow  # each test builds a small book, some twice

PAGE = """\
# Rates

(place)=
## Derive it

Text.

## In two minutes

Below the bound, as [this](../other.md) and [that](#place) say, and {doc}`here </other>`:

$$
a < 2
$$ (eq-bound)

*They ask next:* One? (Two.)

## Sources

None.
"""
QUESTION = """\
# Questions

:::{question} How *large*?
:page: deep/rates

*And then:* Third? (Yes.)

The mistake.
:::

Between.

:::{question} Again?
:page: deep/rates

More.

Another mistake.
:::
"""


BOOK = {
    "index": "# Book\n\nText.\n\n```{toctree}\nroutes/asked\ndeep/rates\nother\n```\n",
    "routes/asked": QUESTION, "deep/rates": PAGE, "other": "# Other\n\nText.\n",
}
MODULES = ("exercises", "facts", "questions")


def test_the_answer_is_the_page_s(tmp_path):
    built = build(tmp_path, BOOK, MODULES)
    assert not built.warnings
    main = BeautifulSoup(built.html("routes/asked"), "html.parser").find(role="main")
    heads = main.select("p.question")
    assert [head.get_text() for head in heads] == ["1. How large?", "2. Again?"]
    assert heads[0].em.get_text() == "large" and heads[0]["id"] == "question-1"
    answers, mistakes = main.select("details")[::2], main.select("details")[1::2]
    assert len(answers) == len(mistakes) == 2
    text = answers[0].get_text()
    said = ["In two minutes", "Below the bound", "a < 2", "They ask next", "Third? (Yes.)", "Rates"]
    places = [text.find(part) for part in said]
    assert places == sorted(places) and places[0] >= 0
    assert "Derive it" not in text and "None." not in text
    assert mistakes[0].get_text().split() == [*MISTAKE.split(), "The", "mistake."]
    links = [a["href"] for a in answers[0].find_all("a")]
    assert links == ["../other.html", "../deep/rates.html#place", "../other.html",
                     "../deep/rates.html"]
    ids = [tag["id"] for tag in main.find_all(id=True)]
    assert len(ids) == len(set(ids))


def test_it_follows_the_page(tmp_path):
    build(tmp_path, BOOK, MODULES)
    changed = BOOK | {"deep/rates": PAGE.replace("a < 2", "a < 3")}
    assert "a &lt; 3" in build(tmp_path, changed, MODULES).html("routes/asked")


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [(":page: deep/rates", ":page: deep/rate", "there is none called 'deep/rate'"),
     ("\n\nThe mistake.", "", "needs two paragraphs"),
     (":page: deep/rates", ":page: deep/rates\n:level: X", "the level 'X' is none of E, M, H")],
)
def test_a_wrong_question_is_told(tmp_path, wrong, right, said):
    pages = BOOK | {"routes/asked": QUESTION.replace(wrong, right, 1)}
    assert said in " ".join(build(tmp_path, pages, MODULES).warnings.split())


def test_a_page_without_the_part_is_told(tmp_path):
    pages = BOOK | {"deep/rates": PAGE.replace("## In two minutes", "## In three minutes")}
    with pytest.raises(ExtensionError, match=r"deep/rates\.md has no part 'In two minutes'"):
        build(tmp_path, pages, MODULES)


def marked(*parts: nodes.Node | str) -> list[tuple[str, str]]:
    """(class, text) of what `pairs` makes of a paragraph with these parts after its lead."""
    paragraph = nodes.paragraph()
    paragraph += nodes.emphasis(text="They ask next:")
    paragraph += [nodes.Text(part) if isinstance(part, str) else part for part in parts]
    before = paragraph.astext()
    pairs(paragraph)
    assert " ".join(paragraph.astext().split()) == " ".join(before.split()), "no word is lost"
    return [(node["classes"][0], node.astext()) for node in paragraph
            if isinstance(node, nodes.inline) and "together" not in node["classes"]]


def short(formula: str, behind: str) -> nodes.inline:
    """A formula and the signs that stay on its line, as publish.site.math makes them."""
    node = nodes.inline(classes=["together"])
    node += [nodes.math(text=formula), nodes.Text(behind)]
    return node


def test_follow_ups_are_found():
    assert marked(" One? (Two.) Three? (Four.)") == [
        ("asked", "One?"), ("reply", "Two."), ("asked", "Three?"), ("reply", "Four.")]


def test_brackets_in_brackets_and_in_questions():
    """A reply ends with the partner of its bracket; in mid-sentence a bracket opens none."""
    assert marked(" Is f (a map) linear? (No (it bends), and f(2) is (3).) Why (so)? (Yes.)") == [
        ("asked", "Is f (a map) linear?"), ("reply", "No (it bends), and f(2) is (3)."),
        ("asked", "Why (so)?"), ("reply", "Yes.")]


def test_a_reply_may_end_with_a_formula():
    found = marked(" Scale? (It is ", short("d", ".)"), " Size? (See (", short("n", "),"),
                   " then ", short("m", ".)"))
    assert found == [("asked", "Scale?"), ("reply", "It is d."), ("asked", "Size?"),
                     ("reply", "See (n), then m.")]


@pytest.mark.parametrize("text", [" No brackets at all.", " One? (Two.) And more.", " One? (Two."])
def test_another_shape_is_left_alone(text):
    assert marked(text) == []


def test_questions_have_a_level_and_a_key(tmp_path):
    text = QUESTION.replace(":page: deep/rates", ":page: deep/rates\n:level: H", 1)
    book = BOOK | {"routes/asked": text, "deep/rates": f"---\nworkbook: {{level: E}}\n---\n{PAGE}"}
    main = BeautifulSoup(build(tmp_path, book, MODULES).html("routes/asked"), "html.parser")
    heads = main.select("p.question")
    assert [head["data-level"] for head in heads] == ["H", "E"]
    assert [head["data-key"] for head in heads] == ["deep/rates", "deep/rates+2"]
    assert len(main.select(".asked")) == len(main.select(".reply")) == 3


def test_the_form_knows_the_topics():
    html = BeautifulSoup(form("routes/asked", {"a": ("A & <b>", 2), "c": ("C", 1)}), "html.parser")
    boxes = html.select("[name=topic]")
    assert [(box["value"], box.parent.get_text(strip=True)) for box in boxes] == [
        ("a", "A & <b>(2)"), ("c", "C(1)")]
    assert [box["value"] for box in html.select("[name=level]")] == ["E", "M", "H"]
    assert "needs-js" in html.form["class"] and html.noscript


def test_every_question_of_the_route_has_its_follow_ups(html):
    """What the mock interview shows one by one: two of the page, one of the route."""
    main = BeautifulSoup((html / "book/routes/interview.html").read_text(encoding="utf-8"),
                         "html.parser").find(role="main")
    heads = main.select("p.question")
    odd = [head.get_text() for head in heads
           if len(head.find_next_sibling("details").select(".asked + .reply")) < 3]
    assert heads and not odd
    keys = [head["data-key"] for head in heads]
    codes = evaluate(SOURCES / "model.js", "data.map(m.codeOf)", keys)
    assert len(set(codes)) == len(keys), "two questions have one name in links"
    assert {head["data-level"] for head in heads} == {"E", "M", "H"}

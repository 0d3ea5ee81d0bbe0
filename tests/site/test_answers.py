"""Answers, predictions and folds: what the build makes of them, and what it says of mistakes."""

from __future__ import annotations

import json
import re

import pytest

from publish.site.answers import form, shuffled
from tests.answers import small_pages
from tests.kit.small_book import build, page

MODULES = ("exercises", "folds", "answers", "progress", "cells")
SPEC = re.compile(r'data-answer="([^"]+)".*?<script type="application/json">(.*?)</script>', re.S)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return small_pages.make(tmp_path_factory.mktemp("answers"))


def test_builds_without_a_warning(built):
    assert built.warnings == ""


def test_the_page_holds_what_the_script_needs(built):
    """The declaration as it was written; no text of an answer can end the script element."""
    html = built.html(small_pages.PAGE)
    specs = {name: json.loads(text) for name, text in SPEC.findall(html)}
    assert list(specs) == [name for name in small_pages.SPECS if name != "try-other"]
    assert specs["ex-kinds-integer"] == {
        "kind": "integer", "is": 6, "right": "Six, from 0 to 5.", "else": "Count the places.",
        "slips": [{"is": 8, "say": "`valid` pads nothing."}],
    }
    assert specs["pr-choice"]["of"] == {"a": "", "b": "", "c": ""}, "its texts stand beside it"


def test_markup_in_a_sentence_stays_in_its_script(tmp_path):
    evil = 'kind: integer\nis: 1\nelse: "</script><img src=x onerror=a()>&lt;"'
    text = f"# Page\n\n:::{{answer}} try-a\n{evil}\n:::\n"
    html = build(tmp_path, {"index": page(text)}, MODULES).html("index")
    assert "<img" not in html
    assert json.loads(SPEC.findall(html)[0][1])["else"] == "</script><img src=x onerror=a()>&lt;"


@pytest.mark.parametrize("right", ["abc", "acb", "bac", "bca", "cab", "cba", "ab", "ba"])
def test_order_is_shown_in_another_order_always_the_same(right):
    for name in ("ex-a", "ex-b", "ex-c"):
        shown = shuffled(name, sorted(right), list(right))
        assert shown != list(right) and sorted(shown) == sorted(right)
        assert shown == shuffled(name, sorted(right), list(right))


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"kind": "number"}, "a number, such as 0.25, 1/4 or 2.5e-3"),
        ({"kind": "number", "tol": 0.05}, "; within 5% counts"),
        ({"kind": "vector", "abs": 0.01}, "; 0.01 more or less counts"),
        ({"kind": "expression", "names": {"p": [0, 1]}}, "an expression in <code>p</code>"),
        ({"kind": "expression", "names": {"a": 0, "b": 0, "c": 0}},
         "an expression in <code>a</code>, <code>b</code> and <code>c</code>"),
        ({"kind": "expression"}, "an expression without letters"),
        ({"kind": "choice", "is": "a"}, ""),
        ({"kind": "choice", "is": ["a", "b"]}, "all that apply"),
    ],
)
def test_form_that_is_expected(spec, words):
    assert form(spec).endswith(words) and bool(form(spec)) == bool(words)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (":::{answer} try-a\nkind: [\n:::", "answer 'try-a': its body is not YAML"),
        (":::{answer} try-a\nkind: novel\nis: 3\n:::", "which is one of number, integer"),
        (":::{answer} try-a\nkind: integer\n:::", "its body needs 'is: ...'"),
        (2 * ":::{answer} try-a\nkind: integer\nis: 1\n:::\n\n", "duplicate answer 'try-a'"),
        ("Here. {settles}`pr-none`", "no prediction 'pr-none' stands above this"),
        ("Text.\n\n:::{fold}\nMore.\n:::", "fold without a title"),
    ],
)
def test_mistake_is_named(tmp_path, text, message):
    book = build(tmp_path, {"index": page(f"# Page\n\n{text}\n")}, MODULES)
    assert message in book.warnings
    assert "index.md:" in book.warnings


def test_folds_of_one_title_have_addresses_of_their_own(tmp_path):
    fold = ":::{fold} Proof\nText.\n:::\n\nBetween.\n\n"
    html = build(tmp_path, {"index": page(f"# Page\n\n{fold}{fold}")}, MODULES).html("index")
    assert re.findall(r'<details class="fold" id="([^"]+)"', html) == ["fold-proof", "fold-proof-2"]


def test_pages_that_list_others_follow_their_number_of_answers(tmp_path):
    """A page with one answer more: its chapter and the first page are written anew."""
    pages = {
        "index": page("# Book\n\nText.\n\n```{toctree}\nch/index\n```\n"),
        "ch/index": page("# Chapter\n\nText.\n\n```{toctree}\na\nb\n```\n"),
        "ch/a": page("# A\n\nText.\n"), "ch/b": page("# B\n\nText.\n"),
    }
    assert "data-progress" not in build(tmp_path, pages, MODULES).html("ch/index")
    for number in (1, 2):
        box = ":::{{answer}} try-{}\nkind: integer\nis: 1\n:::\n"
        pages["ch/a"] = page("# A\n\nText.\n\n" + "\n".join(map(box.format, range(number))))
        assert f'data-progress="ch/a:{number}"' in build(tmp_path, pages, MODULES).html("ch/index")

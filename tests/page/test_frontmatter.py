"""The front matter is read once and wrongly written keys are named."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from publish.page import d2l, frontmatter
from publish.page.frontmatter import FrontMatterError, PageMeta

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path("book/page.md")

FULL = {
    "number": "6.2",
    "d2l": {"zh": ["6.2.1"], "en": ["7.2.1"]},
    "exam": ["2021 convolution"],
    "interview": [],
    "lab": [5],
    "level": "M",
    "minutes": 50,
    "needs": ["ch02_preliminaries/calculus"],
    "goals": ["one", "two", "three"],
    "summary": "One sentence.",
    "widgets": ["convolution"],
    "skip": {"turn": "nothing moves"},
}


def test_a_full_block():
    meta = frontmatter.parse(FULL, PAGE)
    assert meta.d2l == {"zh": ["6.2.1"], "en": ["7.2.1"]}
    assert meta.lab == ["5"]  # numbers become texts
    assert meta.is_section


def test_an_empty_block_is_a_page_that_does_not_teach():
    assert frontmatter.parse({}, PAGE) == PageMeta(path=PAGE)
    assert not frontmatter.parse({"number": "6"}, PAGE).is_section


@pytest.mark.parametrize(("key", "value", "wanted"), [
    ("hours", 1, "unknown key; known are d2l, exam,"),
    ("number", 6.2, 'must be a quoted number such as "6.2", not 6.2'),
    ("number", "6.x", "quoted number"),
    ("number", "6.", "quoted number"),
    ("d2l", ["6.2.1"], "must map 'zh' and 'en'"),
    ("d2l", {"de": ["6.2.1"]}, "must map 'zh' and 'en'"),
    ("d2l", {"zh": [6.2]}, 'must hold quoted numbers such as "6.2.1", not 6.2'),
    ("d2l", {"zh": "6.2.1"}, "list of quoted numbers"),
    ("level", "X", "must be one of E, M, H, not 'X'"),
    ("minutes", "50", "whole number"),
    ("minutes", -1, "whole number"),
    ("minutes", 601, "whole number"),
    ("minutes", True, "whole number"),
    ("minutes", 50.0, "whole number"),
    ("goals", "one", "list of texts"),
    ("needs", [["a"]], "list of texts"),
    ("skip", ["turn"], "must map a part"),
    ("skip", {"dance": "why"}, "(known are predict, derive,"),
    ("skip", {"turn": " "}, "needs a reason"),
    ("summary", ["a"], "one sentence"),
])
def test_a_wrong_value_names_file_and_key(key, value, wanted):
    with pytest.raises(FrontMatterError) as caught:
        frontmatter.parse({**FULL, key: value}, PAGE)
    text = str(caught.value)
    assert text.startswith(f"book/page.md: front matter 'workbook.{key}")
    assert wanted in text


def test_the_schema_and_the_class_name_the_same_keys():
    assert {f.name for f in fields(PageMeta)} - {"path"} == set(frontmatter.SCHEMA["properties"])
    Draft202012Validator.check_schema(frontmatter.SCHEMA)


def test_an_error_knows_its_key_or_its_line():
    with pytest.raises(FrontMatterError) as caught:
        frontmatter.parse({"d2l": {"zh": [6.2]}}, PAGE)
    assert caught.value.keys == ("workbook", "d2l", "zh")
    with pytest.raises(FrontMatterError, match=r"YAML: .* \(line 3\): .* \(line 4\)") as caught:
        frontmatter.split("---\na: 1\nb: [1\nc: 2\n---\n", PAGE)
    assert caught.value.line == 3  # where the bracket opens


def test_the_block_must_be_a_mapping():
    with pytest.raises(FrontMatterError, match="must be a mapping"):
        frontmatter.parse(["a"], PAGE)


@pytest.mark.parametrize(("text", "data", "lines"), [
    ("# Title\n", {}, 0),
    ("", {}, 0),
    ("---\na: 1\n---\n# Title\n", {"a": 1}, 3),
    ("---\n---\n# Title\n", {}, 2),
])
def test_split(text, data, lines):
    assert frontmatter.split(text, PAGE) == (data, lines)


@pytest.mark.parametrize(("text", "wanted"), [
    ("---\na: [1\n---\n", "is not YAML"),
    ("---\na: 1\n", "no closing '---'"),
    ("---\n- a\n---\n", "must be a mapping"),
])
def test_split_names_what_is_wrong(text, wanted):
    with pytest.raises(FrontMatterError, match=wanted):
        frontmatter.split(text, PAGE)


def test_read_takes_only_the_workbook_block(tmp_path):
    path = tmp_path / "page.md"
    path.write_text("---\njupytext: {a: b}\nworkbook: {minutes: 5}\n---\n# T\n", encoding="utf-8")
    assert frontmatter.read(path).minutes == 5


def test_toc_files_in_order(tmp_path):
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nparts:\n- caption: A\n  chapters:\n  - file: b/one\n"
        "    sections:\n    - file: b/two.md\n- caption: B\n  chapters:\n  - file: c\n"
    )
    assert frontmatter.toc_files(tmp_path) == ["index", "b/one", "b/two", "c"]


def test_every_page_of_the_book_can_be_read():
    found = frontmatter.pages(ROOT)
    assert list(found) == frontmatter.toc_files(ROOT)


def test_d2l_numbers():
    assert d2l.problem("zh", "6.2.4") is None
    assert "has exercises 1 to 4, not 5" in d2l.problem("zh", "6.2.5")
    assert "not 0" in d2l.problem("zh", "6.2.0")
    assert "has no section 6.99" in d2l.problem("zh", "6.99.1")
    assert d2l.problem("en", "7.3.6") is None  # six exercises there, four in zh 6.3
    assert d2l.problem("zh", "7.3.6") is not None
    assert d2l.problem("zh", "1.4") is None  # the introduction is a chapter without sections


def test_d2l_sections_are_complete():
    counts = {e: sum(s.exercises for s in d2l.sections().values() if s.edition == e)
              for e in d2l.EDITIONS}
    # Totals counted in d2l's sources, preface included.
    assert counts == {"zh": 451, "en": 640}
    assert all(1 <= int(folder[2:4]) == n for n, folder in d2l.CHAPTERS.items())

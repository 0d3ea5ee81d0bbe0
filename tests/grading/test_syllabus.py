"""The course maps each of its weeks to pages and assignments that exist and belong together."""

from __future__ import annotations

import pytest
import yaml
from markdown_it import MarkdownIt

from grading.make import plan
from grading.make.lab import ROOT

SYLLABUS = ROOT / "book" / "instructors" / "syllabus.md"
BESIDE = "interview/"  # coding questions, of which a week's assignment may take any
PAGES, ASSIGNMENT = 2, 3  # columns


def _rows(text: str) -> list[list]:
    """The inline tokens of each row of the first table, without its head."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    ends = [k for k, token in enumerate(tokens) if token.type == "tr_close"]
    starts = [k for k, token in enumerate(tokens) if token.type == "tr_open"]
    rows = [
        [token for token in tokens[a:b] if token.type == "inline"]
        for a, b in zip(starts, ends, strict=True)
    ]
    return rows[1:]


def _linked(cell) -> list[str]:
    """Pages below book/ that the roles {doc} of a cell link to."""
    found = []
    for before, token in zip(cell.children, cell.children[1:]):
        if token.type == "code_inline" and before.content.endswith("{doc}"):
            found.append(token.content.partition("<")[2].rstrip(">").removeprefix("/book/"))
    return found


def _named(cell) -> list[str]:
    """Assignments whose names stand in a cell as code."""
    roles = {id(token) for before, token in zip(cell.children, cell.children[1:])
             if before.content.endswith("{doc}")}  # fmt: skip
    return [token.content for token in cell.children
            if token.type == "code_inline" and id(token) not in roles]  # fmt: skip


def problems(text: str) -> list[str]:
    """What is wrong with the table of weeks in a text."""
    found, seen, named = [], set(), []
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    known = set(_files(toc))
    for row in _rows(text):
        week = int(row[0].content)
        pages = _linked(row[PAGES]) + _linked(row[ASSIGNMENT])
        found += [f"week {week}: no page {page}" for page in pages if f"book/{page}" not in known]
        seen |= set(pages)
        names = _named(row[ASSIGNMENT])
        found += [f"week {week}: no assignment"] * (not names)
        named += names
        for name in names:
            try:
                made = plan.find(name)
            except plan.PlanError as error:
                found.append(f"week {week}: {error}")
                continue
            told = made.name.partition("_")[0]
            if made.lab is None and told != f"week{week:02}":
                found.append(f"week {week}: {name} is that of another week")
            found += [f"week {week}: {name} asks for {part.page}, which no week has had"
                      for part in made.pages
                      if part.page not in seen and not part.page.startswith(BESIDE)]  # fmt: skip
    left = {path.stem for path in plan.files()} - set(named)
    return found + [f"no week has {name}" for name in sorted(left)]


def _files(entry) -> list[str]:
    """All files of a table of contents."""
    if isinstance(entry, list):
        return [file for inner in entry for file in _files(inner)]
    if not isinstance(entry, dict):
        return []
    own = [entry["file"]] if "file" in entry else []
    return own + _files([value for value in entry.values() if isinstance(value, list)])


def test_each_week_has_pages_and_an_assignment_that_exist():
    text = SYLLABUS.read_text(encoding="utf-8")
    assert problems(text) == []
    assert [int(row[0].content) for row in _rows(text)] == list(range(1, 15))
    assert all(_linked(row[PAGES]) for row in _rows(text))


@pytest.mark.parametrize(("old", "new", "said"), [
    ("/convolution>", "/convolutions>", "week 6: no page ch06_convolutional_networks/convolutions"),
    ("`week07_shapes_and_fields`", "", "week 7: no assignment"),
    ("`week06_convolution`, ", "`week06_convolutions`, ", "week 6: assignments/week06"),
    ("`week06_convolution`, ", "`week05_gradients`, ", "week 6: week05_gradients is that of"),
    (", {doc}`11.1 </book/ch11_optimization/optimizers>`", "",
     "week 10: week10_gates_and_optimisers asks for ch11_optimization/optimizers, which no week"),
    ("`lab8`: ", "", "no week has lab8"),
])  # fmt: skip
def test_what_is_wrong_is_found(old, new, said):
    text = SYLLABUS.read_text(encoding="utf-8")
    assert old in text
    assert [line for line in problems(text.replace(old, new)) if line.startswith(said)]

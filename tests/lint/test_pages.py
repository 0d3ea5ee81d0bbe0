"""The book itself passes the lint, and so does the template, whose code runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from publish import lint
from publish.page import answers, frontmatter

ROOT = Path(__file__).resolve().parents[2]
NAMES = [n for n in frontmatter.toc_files(ROOT) if n.startswith("book/")] + [lint.TEMPLATE]


@pytest.fixture(scope="module")
def book() -> lint.Book:
    return lint.Book(ROOT)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_page_passes_the_lint(name, book):
    issues = lint.check(name, book)
    assert not issues, "\n" + "\n".join(str(issue) for issue in issues)


def test_the_template_shows_every_part(book):
    """Who copies it must find an example of each thing that a page is made of."""
    page = book.page(lint.TEMPLATE)
    assert page.meta.is_section
    assert not page.meta.skip
    tags = set().union(*(cell.tags for cell in page.cells))
    assert {"remove-input", "notebook-only", "starter", "check", "solution", "fold"} <= tags
    assert {"eq", "numref", "doc", "glue:text", "settles"} <= {r.kind for r in page.references}
    assert {"prediction", "exercise"} <= {answer.place for answer in page.answers}
    assert page.rewritten  # by the rules of today


def test_the_template_is_not_part_of_the_book(book):
    assert lint.TEMPLATE not in book.names
    assert f"{lint.TEMPLATE}.md" in (ROOT / "_config.yml").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_template_runs(book, tmp_path):
    """All its cells, one after the other, as plain Python; they prove its answers."""
    page = book.page(lint.TEMPLATE)
    file = tmp_path / "answers" / "own" / "template.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({answer.name: answer.spec for answer in page.answers}))
    code = "\n\n".join(cell.source for cell in page.cells)
    script = tmp_path / "template.py"
    script.write_text(code, encoding="utf-8")
    env = {**os.environ, "MPLBACKEND": "agg", "PYTHONPATH": str(ROOT),
           answers.VARIABLE: str(tmp_path / "answers")}
    run = subprocess.run([sys.executable, str(script)], cwd=tmp_path, env=env, timeout=120,
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr

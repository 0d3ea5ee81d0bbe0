"""The book as one file: a book of two pages, printed and read back."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream

from publish.tools import pdf
from tests.kit.server import serve
from tests.kit.small_book import FOLDED, build, page

MODULES = ("exercises", "folds", "cells", "facts", "numbering", "theme")
WINDOWS = """# Windows

A window slides, as {ref}`there <deep>`. <a href="../search.html">No page of the book</a>,
<a href="../notebooks/a.ipynb">a file</a>, <https://example.org/elsewhere>.

""" + FOLDED + """
## Exercises

::::{exercise} Its size
:label: ex-size
:number: own
:level: E

How large is it?
::::

:::{solution} ex-size
Three rows, {ref}`there <deep>` and in {ref}`ex-size`.
:::

::::{exercise} No solution
:label: ex-open
:number: own
:level: E

Why?
::::
"""
FILLING = "Filling.\n\n" * 90
OTHER = f"# Other\n\nSee {{ref}}`ex-size`.\n\n{FILLING}(deep)=\n## Deep\n\nThe end.\n"
LISTING = "```{toctree}\nbook/ch01/index\n```\n"
CHAPTER = "# Chapter\n\nWhat it is.\n\n```{toctree}\nwindows\nother\n```\n"
TOC = """format: jb-book
root: index
chapters:
- file: book/ch01/index
  sections:
  - file: book/ch01/windows
  - file: book/ch01/other
"""


def run(*options: object) -> subprocess.CompletedProcess:
    """The program, in a process of its own: Playwright runs once in each."""
    return subprocess.run(
        [sys.executable, "-m", "publish.tools.pdf", *map(str, options)], text=True,
        env=os.environ | {"PYTHONPATH": str(pdf.ROOT)}, cwd=pdf.ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The small book, built: ``src`` and ``out/html``."""
    root = tmp_path_factory.mktemp("paper")
    built = build(root, {
        "index": page(f"# The Book\n\nA first paragraph.\n\n{LISTING}"),
        "book/ch01/index": page(CHAPTER), "book/ch01/windows": page(WINDOWS),
        "book/ch01/other": page(OTHER),
    }, MODULES)
    assert built.warnings == ""
    (root / "src/_toc.yml").write_text(TOC, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def book(folder) -> PdfReader:
    made = run("--root", folder / "src", "--html", folder / "out/html", "--out",
               folder / "book.pdf")
    assert made.returncode == 0, made.stdout
    reader = PdfReader(folder / "book.pdf")
    assert f"{len(reader.pages)} pages" in made.stdout
    return reader


pytestmark = pytest.mark.browser


def sheet_of(book: PdfReader, text: str) -> int:
    """Index of the only sheet with this text."""
    found = [n for n, sheet in enumerate(book.pages) if text in sheet.extract_text()]
    assert len(found) == 1, (text, found)
    return found[0]


def links(book: PdfReader, sheet: int) -> list[tuple[int, float | None]]:
    """Where the links of a sheet lead inside the file: indices of sheets, and heights there."""
    found = []
    for note in book.pages[sheet].annotations or []:
        if "/Dest" in note.get_object():
            where, kind, _left, top, _zoom = note.get_object()["/Dest"]
            assert kind == "/XYZ"
            found.append((book.get_page_number(where.get_object()), top))
    return found


def starts(book: PdfReader) -> dict[str, int]:
    """The outline: title of each entry below that of its parent, and the index of its sheet."""
    found: dict[str, int] = {}

    def look(items: list, parent: str = "") -> None:
        title = ""
        for item in items:
            if isinstance(item, list):
                look(item, f"{title} > ")
            else:
                title = parent + item.title
                found[title] = book.get_destination_page_number(item)

    look(book.outline)
    return found


def test_the_outline_lists_chapter_pages_and_solutions(book):
    found = starts(book)
    assert list(found) == ["Chapter", "Chapter > Windows", "Chapter > Other", "Solutions",
                           "Solutions > Windows"]
    assert list(found.values()) == [
        sheet_of(book, text) for text in ("What it is.", "A window slides", "See Exercise 1.",
                                          "Three rows", "Three rows")]
    assert sheet_of(book, "The end.") > found["Chapter > Other"]  # it takes several sheets
    assert book.metadata.title == "The Book"


def test_every_sheet_has_its_number_at_the_foot_and_in_the_contents(book):
    front = starts(book)["Chapter"]
    body = [str(n + 1) for n in range(len(book.pages) - front)]
    assert book.page_labels == [*["i", "ii"][:front], *body]
    feet = [sheet.extract_text().splitlines()[-1].rpartition(" ") for sheet in book.pages]
    assert [number for _, _, number in feet[front:]] == body
    assert feet[-1][0] == "Solutions: Windows" and feet[-2][0] == "Other"
    contents = book.pages[front - 1].extract_text().splitlines()
    for title, n in starts(book).items():
        assert title == "Solutions" or f"{title.split(' > ')[-1]} {n - front + 1}" in contents


def test_sheets_are_compressed(book):
    contents = [sheet["/Contents"].get_object() for sheet in book.pages]
    assert all(stream["/Filter"] == "/FlateDecode" for stream in contents)


def test_the_foot_hides_nothing(book):
    """On a sheet of plain text nothing is filled after the first word: no ground covers it."""
    sheet = book.pages[sheet_of(book, "The end.") - 1]
    done = [operator for _, operator in ContentStream(sheet.get_contents(), book).operations]
    texts = [n for n, operator in enumerate(done) if operator in (b"Tj", b"TJ")]
    assert len(texts) > 10 and not {b"f", b"f*", b"B"} & set(done[texts[0]:texts[-1]])


def test_links_lead_to_places_in_the_file(book):
    found = starts(book)
    windows, other = found["Chapter > Windows"], found["Chapter > Other"]
    solution, deep = sheet_of(book, "Three rows"), sheet_of(book, "The end.")
    exercise = sheet_of(book, "How large is it?")
    assert [n for n, _ in links(book, 1)] == [found["Chapter"], windows, other, solution]
    assert {n for n, _ in links(book, found["Chapter"])} == {windows, other, deep}
    assert {n for n, _ in links(book, windows)} | {n for n, _ in links(book, exercise)} == {
        deep, solution}
    assert [n for n, _ in links(book, other)] == [exercise]
    assert {n for n, _ in links(book, solution)} == {deep, exercise}
    # A place, not only a sheet: "Deep" stands below the lines that fill it.
    heights = dict(links(book, solution))
    assert heights[deep] == dict(links(book, windows))[deep] < 700 and heights[exercise] < 700


def test_other_links_are_kept_only_if_they_lead_out_of_the_site(book):
    actions = [note.get_object()["/A"] for sheet in book.pages
               for note in sheet.annotations or [] if "/A" in note.get_object()]
    assert [str(action["/URI"]) for action in actions] == ["https://example.org/elsewhere"]


def test_solutions_are_in_the_appendix_only(book):
    appendix = sheet_of(book, "Three rows")
    assert appendix == len(book.pages) - 1
    text = book.pages[appendix].extract_text()
    assert "Exercise 1: Its size" in text and "No solution" not in text
    assert "How large is it?" not in text
    sheet_of(book, "Solution in the appendix")  # of the exercise that has one


def test_depth_is_printed_and_folded_code_is_not(book):
    text = "".join(sheet.extract_text() for sheet in book.pages)
    assert "Deep text." in text and "plot(losses)" not in text


def test_widgets_are_pictures(new_page, tmp_path):
    folder = tmp_path / "_static" / "dlworkbook"
    folder.mkdir(parents=True)
    (folder / "loader.js").write_text("document.body.textContent = 'started'")
    (folder / "other.js").write_text("document.body.dataset.other = 'ran'")
    (tmp_path / "page.html").write_text(
        "<body><article class=text><h1>A page</h1><div data-widget=grid class=dlw-box>"
        "<div class=dlw-wait></div><noscript><p>a picture</p></noscript></div></article>"
        "<script src=_static/dlworkbook/loader.js?v=1></script>"
        "<script src=_static/dlworkbook/other.js></script>")
    tab = new_page()
    pdf.prepare(tab)
    with serve(tmp_path) as (url, _):
        tab.goto(f"{url}/page.html", wait_until="load")
        assert tab.evaluate("document.body.dataset.other") == "ran"
        tab.evaluate(pdf.SCRIPT, {"part": "text", "name": "page", "site": ""})
        assert tab.locator(".dlw-box").inner_html() == "<p>a picture</p>"


def test_what_is_missing_is_named(tmp_path):
    made = run("--root", tmp_path)
    assert made.returncode == 1 and "make book" in made.stdout
    (tmp_path / "index.html").write_text("")
    made = run("--root", tmp_path, "--html", tmp_path)
    assert made.returncode == 1 and "there is no _toc.yml" in made.stdout
    assert "Traceback" not in made.stdout

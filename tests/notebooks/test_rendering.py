"""What a reader of the notebook sees: plain Markdown, no source of the site in it."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

import nbformat
import pytest
from markdown_it import MarkdownIt
from nbconvert import HTMLExporter

from publish.page import vocabulary
from publish.notebooks.book import Book
from publish.site.addresses import Addresses
from tests.kit.notebooks import ROOT, convert

pytestmark = pytest.mark.notebooks

PAGES = [page.notebook for page in Book(ROOT, Addresses()).notebooks()]
ROLE = tuple(f"{{{name}}}" for name in vocabulary.ROLES)


def prose(source: str) -> Iterator[str]:
    """The text of a cell as CommonMark reads it: no code, no formulas, no HTML."""
    for token in MarkdownIt("commonmark").enable("table").parse(source):
        inside = ""
        for child in token.children or []:
            if child.type in ("text", "softbreak"):
                inside += child.content if child.type == "text" else "\n"
        # every second piece between dollar signs is a formula
        yield "".join(inside.replace("$$", "$").split("$")[::2])


def leftovers(source: str) -> list[str]:
    """Pieces of MyST that were left in a Markdown cell."""
    found = []
    for text in prose(source):
        found += [mark for mark in (":::", "```{", "[^", "(eq-", ")=") if mark in text]
        found += [mark for mark in ROLE if mark in text]
    for token in MarkdownIt("commonmark").parse(source):
        if token.type == "fence" and token.info.strip().startswith("{"):
            found.append(token.info)
    return found


@pytest.mark.parametrize(
    "source",
    [":::{note}\na\n:::", "> a {eq}`x` b", "- {cite:t}`x`", "```{note}\na\n```", "a[^1]",
     "$$\na\n$$ (eq-a)", "(sec-a)=\n\n# b", "| {ref}`a` |\n|---|\n| b |"],
)
def test_leftovers_are_found(source):
    assert leftovers(source)


def test_no_false_alarm():
    text = "A set $\\{ref\\}$ of `{eq}` and $x$.\n\n```python\n{ref}\n```\n\n$$ a $$"
    assert leftovers(text) == []


class _Page(HTMLParser):
    """Counts elements, and collects the text outside of code."""

    def __init__(self):
        super().__init__()
        self.tags: list[str] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.code = 0

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        attributes = dict(attrs)
        self.ids.add(attributes.get("id", ""))
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        self.code += tag in ("code", "pre", "style", "script")

    def handle_endtag(self, tag):
        self.code -= tag in ("code", "pre", "style", "script")

    def handle_data(self, data):
        if not self.code:
            self.text += data


def rendered(notebook) -> _Page:
    html, _ = HTMLExporter(template_name="classic").from_notebook_node(notebook)
    page = _Page()
    page.feed(html)
    return page


@pytest.mark.parametrize("name", PAGES)
def test_no_markdown_cell_holds_source_of_the_site(name, generated):
    path = next(p for p in generated if p.as_posix().endswith(f"/{name}.ipynb"))
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            assert leftovers(cell.source) == [], cell.source
            # It runs on its reader's machine, and there is no chapter to go back to.
            assert "built this" not in cell.source and "Back to the chapter" not in cell.source


@pytest.mark.parametrize("name", PAGES)
def test_rendered_notebook_has_folds_quotes_and_working_anchors(name, generated):
    path = next(p for p in generated if p.as_posix().endswith(f"/{name}.ipynb"))
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [c for c in notebook.cells if c.cell_type == "markdown"]  # code takes longest
    page = rendered(notebook)
    sources = "\n".join(c.source for c in notebook.cells)
    assert page.tags.count("details") == sources.count("<details>") > 0
    assert page.tags.count("blockquote") > 0
    assert page.tags.count("details") == page.tags.count("summary")
    for mark in (":::", "<details>", "<summary>", "**"):
        assert mark not in page.text
    inside = [urlsplit(link).fragment for link in page.links if link.startswith("#")]
    own = [f for f in inside if f"](#{f})" in sources]
    assert own and set(own) <= page.ids
    for link in page.links:
        if link.endswith(".ipynb"):
            assert (path.parent / link).resolve() in generated


def test_mathematics_in_folds_and_quotes_is_rendered(tmp_path):
    text = (
        ":::{note}\nA $a_1$ and\n\n$$\nb_2 \\\\\nc_3\n$$ (eq-a)\n:::\n\n"
        ":::{exercise} $d_4$\n:label: ex-a\n:number: own\n:level: E\n"
        "e\n:::\n\n:::{solution} ex-a\n- $f_5$ *em*\n\n  $$\n  g_6\n  $$ (eq-b)\n:::"
    )
    page = rendered(convert(tmp_path, text))
    # nbconvert hands formulas on to MathJax with their marks, and would emphasise others
    for formula in ("$a_1$", "$$ b_2 \\\\ c_3 \\tag{1} $$", "$d_4$", "$f_5$", "g_6 \\tag{2}"):
        assert formula in page.text
    assert page.tags.count("em") == 3  # the origin, the facts of the exercise, the list
    assert page.tags.count("blockquote") == 1 and page.tags.count("details") == 1

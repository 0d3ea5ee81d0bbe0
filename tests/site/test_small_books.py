"""Every page of the table of contents has been run, and a page that fails costs that page only."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from jupyter_cache import get_cache
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader
from myst_parser.config.main import MdParserConfig
from sphinx_external_toc.parsing import parse_toc_yaml

from publish.site import execution
from tests.site.conftest import HEADER

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "_build"


def pages() -> list[str]:
    """List the pages of _toc.yml, without suffix."""
    return sorted(parse_toc_yaml(ROOT / "_toc.yml"))


def read(path: Path):
    """Return a page as a notebook, as the build reads it; None if it is plain text."""
    text = path.read_text(encoding="utf-8")
    reader = create_nb_reader(str(path), MdParserConfig(), NbParserConfig(), text)
    return None if reader is None else reader.read(text)


def unrun(notebook) -> list[str]:
    """List the code cells of an executed notebook that did not run, or that raised."""
    found = []
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, 1):
        tags = cell.metadata.get("tags", [])
        raised = [out.ename for out in cell.outputs if out.output_type == "error"]
        if cell.source.strip() and cell.execution_count is None:
            found.append(f"cell {number} was not run")
        if raised and "raises-exception" not in tags:
            found.append(f"cell {number} raised {raised[0]}")
        if not raised and "raises-exception" in tags:
            found.append(f"cell {number} is tagged raises-exception and raised nothing")
    return found


def tracebacks(html: str) -> list[str]:
    """List what a page shows as a traceback or an error, outside cells tagged for it."""
    found = []
    for block in BeautifulSoup(html, "html.parser").select(".traceback, .output.stderr"):
        cell = block.find_parent(class_="cell")
        classes = cell.get("class", []) if cell else []
        if "tag_raises-exception" not in classes:
            found.append(" ".join(block.get_text().split())[:120])
    return found


@pytest.mark.site
@pytest.mark.parametrize("docname", pages())
def test_every_code_cell_has_run(docname):
    assert (BUILD / "html" / f"{docname}.html").is_file(), "the site is not built: run make book"
    notebook = read(ROOT / f"{docname}.md")
    if notebook is None or all(cell.cell_type != "code" for cell in notebook.cells):
        return
    cache = get_cache(str(execution.cache_folder(BUILD)))
    told = execution.current(cache, notebook, ROOT)
    assert told, f"{docname}, or what it imports, changed since the site was built: run make book"
    assert told.get("failures", []) == []
    record = cache.match_cache_notebook(notebook)
    assert unrun(cache.get_cache_bundle(record.pk).nb) == []


@pytest.mark.site
@pytest.mark.parametrize("docname", pages())
def test_no_page_shows_a_traceback(docname):
    html = (BUILD / "html" / f"{docname}.html").read_text(encoding="utf-8")
    assert tracebacks(html) == []


def test_there_are_pages_with_code():
    notebooks = [read(ROOT / f"{docname}.md") for docname in pages()]
    assert any(
        cell.cell_type == "code" for notebook in notebooks if notebook for cell in notebook.cells
    )


# --- the checks themselves


def test_unrun_reports_each_kind():
    from nbformat import v4

    def cell(count, error="", tags=()):
        outputs = [v4.new_output("error", ename=error, evalue="", traceback=[])] if error else []
        metadata = {"tags": list(tags)}
        return v4.new_code_cell("1", execution_count=count, outputs=outputs, metadata=metadata)

    good = [cell(1), cell(2, "KeyError", ["raises-exception"]), v4.new_code_cell("")]
    assert unrun(v4.new_notebook(cells=good)) == []
    bad = [cell(None), cell(2, "KeyError"), cell(3, tags=["raises-exception"])]
    assert [text.split()[1] for text in unrun(v4.new_notebook(cells=bad))] == ["1", "2", "3"]


def test_tracebacks_are_seen_in_html():
    inner = '<div class="cell_output"><div class="output traceback">E</div></div>'
    block = '<div class="{}">' + inner + "</div>"
    assert tracebacks(block.format("cell docutils container")) == ["E"]
    assert tracebacks(block.format("cell tag_raises-exception docutils container")) == []


def cell(code: str, options: str = "") -> str:
    return f"```{{code-cell}} python3\n{options}{code}\n```\n\n"


def place(page: Path, code: str) -> str:
    """``name.md:line`` of the line that begins with this code."""
    lines = page.read_text(encoding="utf-8").splitlines()
    (number,) = [n for n, line in enumerate(lines, 1) if line.startswith(code)]
    return f"{page.name}:{number}"


def warning(page: Path, code: str, k: int, said: str) -> str:
    """What the build says of code cell ``k``, at the line that begins with this code."""
    return f"{place(page, code)}: WARNING: code cell {k}: {said}"


def two_pages(book, second: str) -> Path:
    """A book of a first page that is whole and this second one, and where that is."""
    book.settings(["index", "second"])
    book.write("index", FIRST)
    return book.write("second", second)


def text(element) -> str:
    return " ".join(element.get_text().split())


class Site:
    """A built small book, as its readers see it."""

    def __init__(self, book):
        self.html = book.html

    def page(self, name: str) -> BeautifulSoup:
        return BeautifulSoup((self.html / f"{name}.html").read_text("utf-8"), "html.parser")

    def boxes(self, name: str) -> list[str]:
        return [text(box) for box in self.page(name).select(".dlw-failed:not(.dlw-failed-page)")]

    def note(self, name: str) -> str:
        return "".join(text(note) for note in self.page(name).select("h1 + .dlw-failed-page"))

    def missing(self, name: str) -> list[str]:
        return [text(line) for line in self.page(name).select(".dlw-missing")]

    def marks(self, name: str) -> set[str]:
        """Entries of the navigation, as seen from a page, that are marked."""
        return {text(link) for link in self.page(name).select(".chapters a:has(.dlw-mark)")}


GLUE = "from dlworkbook import glue\n"
FIRST = "# First\n\nText.\n\n" + cell("print('the first page is whole')")
FAILING = (
    "# Second\n\nThe value is {glue:text}`late:.1f`, see {numref}`fig-late`.\n\n"
    + cell("first = 1\nprint('first ran')")
    + cell("second = first + undefined_name")
    + cell(GLUE + "glue('late', -3.0)", ":tags: [notebook-only]\n")
    + cell("import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
           "---\nmystnb:\n  figure:\n    name: fig-late\n    caption: A line.\n---\n")
)


@pytest.mark.slow
def test_page_that_raises_costs_that_page(small_book):
    small_book.settings(["index", "second", "third"])
    small_book.write("index", FIRST)
    small_book.write("third", "# Third\n\nSee {doc}`second`, {numref}`fig-late`.\n", front="")
    page = small_book.write("second", FAILING)
    built = small_book.make_book()
    assert built.returncode == 1
    told = "NameError: name 'undefined_name' is not defined"
    assert warning(page, "second = ", 2, told) in built.stdout
    assert "second = first + undefined_name" in built.stdout  # the traceback
    assert built.stdout.count("WARNING") == 1
    assert built.stdout.splitlines()[-1] == (
        "The build ended with problems: see the messages above. The site is in "
        f"{small_book.html.resolve()}. Pages that failed, and are marked there: "
        "second (incomplete). All others are whole."
    )
    site = Site(small_book)
    assert "the first page is whole" in site.page("index").get_text()
    (box,) = site.boxes("second")
    assert told in box
    assert "What follows it was not computed either" in box
    assert "first ran" in site.page("second").get_text()
    assert site.missing("second") == [
        "(not computed)", "Not computed, because code cell 2 failed.",
    ]
    assert site.note("second").startswith("This page is incomplete. 2 of its cells")
    for name in ("index", "second", "third"):
        assert site.marks(name) == {"Second (incomplete)"}

    # Nothing has changed: the page is run again, and fails again.
    built = small_book.make_book()
    assert built.returncode == 1 and "[1/1] second" in built.stdout
    assert built.stdout.count("WARNING") == 1

    page.write_text(page.read_text().replace("undefined_name", "1"))
    built = small_book.make_book()
    assert built.returncode == 0, built.stdout[-3000:]
    # The failed build kept what had run: only the mended page runs again.
    assert "[1/1] second" in built.stdout
    assert "value is −3.0, see Figure" in text(site.page("second").select_one("article p"))
    for name in ("index", "second", "third"):
        assert site.marks(name) == set()
        assert "dlw-failed" not in (site.html / f"{name}.html").read_text()


ASSERTING = (
    "# Second\n\nIt is {glue:text}`share:.2f` and {glue:text}`other:.1f`.\n\n"
    + cell("share = 0.25 + 0.25\nlimit = 0.9\nprint('before')")
    + cell(GLUE + "glue('share', share)\nassert share > limit, 'too few'\nafter = [share]",
           ":tags: [remove-input]\n")
    + cell("print(f'needs {after}')")
    + cell("other = after[0]")
    + cell("def f():\n    return other\nprint('needs nothing')")
    + cell("f()")
    + cell("after = [1]\nprint(f'again {after}')\nglue('other', after[0])",
           ":tags: [notebook-only]\n")
    + cell("assert 1 + 1 == 3", ":tags: [notebook-only]\n")
    + cell("print('the end')")
)


@pytest.mark.slow
def test_assertion_that_fails_costs_what_needs_it(small_book):
    page = two_pages(small_book, ASSERTING)
    built = small_book.build()
    assert built.returncode == 1
    told = "Expected share > limit; came share = 0.5; limit = 0.9; too few."
    lost = f"{told} (3 cells after it were not computed)"
    assert warning(page, "assert share", 2, lost) in built.stdout
    assert warning(page, "assert 1", 8, "Expected 1 + 1 == 3; came 1 + 1 = 2.") in built.stdout
    assert built.stdout.count("WARNING") == 2  # nothing that only follows from these
    site = Site(small_book)
    shown = text(site.page("second").select_one("article"))
    assert "It is 0.50 and 1.0." in shown
    for output in ("before", "needs nothing", "the end"):
        assert output in [text(o) for o in site.page("second").select(".output")]
    assert site.boxes("second") == [
        f"Did not hold on the machine that built this page. {told}",
        "Did not hold on the machine that built this page. "
        "Expected 1 + 1 == 3; came 1 + 1 = 2.",
    ]
    assert site.missing("second") == ["Not computed, because code cell 2 failed."] * 3
    assert site.marks("index") == {"Second (incomplete)"}


CLAIMING = (
    "# Second\n\nText.\n\n"
    + cell("from dlworkbook import claim\nprint('trained')")
    + cell("import matplotlib.pyplot as plt\nclaim(0.25, '>', 0.9, 'share of <words> reversed')\n"
           "plt.plot([1, 2]);",
           "---\ntags: [remove-input]\nmystnb:\n  figure:\n    name: fig-line\n"
           "    caption: A line.\n---\n")
    + cell("claim(2, '<', 1, 'loss of the last step')", ":tags: [notebook-only]\n")
    + cell("print('the end')")
)


@pytest.mark.slow
def test_claim_that_fails_costs_that_claim(small_book):
    page = two_pages(small_book, CLAIMING)
    share = "The page says: share of <words> reversed > 0.9. This run gave 0.25."
    loss = "The page says: loss of the last step < 1. This run gave 2."
    told = [warning(page, "import matplotlib", 2, share), warning(page, "claim(2", 3, loss)]
    site = Site(small_book)
    for first in (True, False):  # the second build reads no page, and is as red
        built = small_book.make_book()
        assert built.returncode == 1
        assert ("[2/2]" in built.stdout) == first
        assert all(text in built.stdout for text in told), built.stdout
        assert built.stdout.count("WARNING") == 2
        assert len(site.boxes("second")) == 2
        assert share in site.boxes("second")[0]
        article = site.page("second").select_one("article")
        assert "the end" in text(article) and len(article.select("figure img")) == 1
        assert len(article.select("figcaption")) == 1
        assert site.missing("second") == []
        assert site.marks("index") == {"Second (does not hold)"}
    # Without Sphinx' own state, from the cache of executed pages.
    shutil.rmtree(small_book.root / "_build" / ".doctrees")
    built = small_book.make_book()
    assert built.returncode == 1 and "[1/" not in built.stdout
    assert all(text in built.stdout for text in told), built.stdout
    page.write_text(page.read_text().replace("0.25, '>'", "1, '>'").replace("claim(2", "claim(0"))
    built = small_book.make_book()
    assert built.returncode == 0, built.stdout[-3000:]
    assert site.marks("index") == set() and site.boxes("second") == []


@pytest.mark.slow
def test_page_that_runs_out_of_time_loses_its_kernel_or_has_none(small_book):
    """An exception where it is expected is shown; each way to stop is named."""
    small_book.settings(["index", "slow", "dead", "none"], timeout=4)
    tagged = cell("1 / 0", ":tags: [raises-exception]\n")
    small_book.write("index", f"# First\n\n{tagged}")
    rest = cell("print('never')")
    page = small_book.write("slow", "# Slow\n\n" + cell("while True: pass") + rest)
    small_book.write("dead", "# Dead\n\n" + cell("print('ran')")
                     + cell("import os; os._exit(1)") + rest)
    other = HEADER.replace("name: python3", "name: no-such-kernel")
    small_book.write("none", "# None\n\n" + cell("1") + rest, front=other)
    built = small_book.build()
    assert built.returncode == 1
    site = Site(small_book)
    words = {
        "slow": "The cell took longer than 4 s.",
        "dead": "The Python process that ran the page ended in this cell.",
        "none": "Python did not start: NoSuchKernel: No such kernel named no-such-kernel",
    }
    assert built.stdout.count("WARNING") == 3
    for name, said in words.items():
        assert f"{name}.md:" in built.stdout and said in built.stdout
        assert len(site.boxes(name)) == 1 and said in site.boxes(name)[0]
        assert site.missing(name) == [
            f"Not computed, because code cell {2 if name == 'dead' else 1} failed."
        ]
    assert "ran" in [text(o) for o in site.page("dead").select(".output")]
    assert site.marks("index") == {f"{n.title()} (incomplete)" for n in words}
    shown = (small_book.html / "index.html").read_text()
    assert "ZeroDivisionError" in shown and tracebacks(shown) == []

    page.write_text(page.read_text().replace("while True: pass", "print('ended')"))
    built = small_book.build()
    assert built.returncode == 1 and built.stdout.count("WARNING") == 2
    assert site.marks("index") == {"Dead (incomplete)", "None (incomplete)"}
    assert site.boxes("slow") == []


@pytest.mark.slow
def test_value_that_no_cell_computes_is_still_a_warning(small_book):
    """A placeholder stands only where a failure explains it."""
    small_book.settings(["index", "second"])
    small_book.write("index", "# First\n\nIt is {glue:text}`nothing:.1f`.\n\n" + cell("1"))
    small_book.write("second", "# Second\n\nText.\n", front="")
    built = small_book.build()
    assert built.returncode == 1
    assert "No key 'nothing' found in glue data" in built.stdout

"""Every page of the table of contents has been run, and a page that fails stops the build."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from jupyter_cache import get_cache
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader
from myst_parser.config.main import MdParserConfig
from sphinx_external_toc.parsing import parse_toc_yaml

from publish.site.execution import dependency_hash

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
    folder = BUILD / "executed" / dependency_hash(ROOT)
    assert folder.is_dir(), "the package changed since the site was built: run make book"
    cache = get_cache(str(folder))
    try:
        record = cache.match_cache_notebook(notebook)
    except KeyError:
        pytest.fail(f"{docname} changed since the site was built: run make book", pytrace=False)
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


FAILING = """# Second

```{code-cell} python3
first = 1
```

```{code-cell} python3
second = first + undefined_name
```
"""


@pytest.mark.slow
def test_page_that_raises_fails_the_build_and_says_where(small_book):
    small_book.settings(["index", "second"])
    small_book.write("index", "# First\n\n```{code-cell} python3\n1 + 1\n```\n")
    page = small_book.write("second", FAILING)
    built = small_book.build()
    assert built.returncode != 0
    assert "second: code cell 2 of 2" in built.stdout
    assert "second = first + undefined_name" in built.stdout
    assert "NameError: name 'undefined_name' is not defined" in built.stdout
    assert "index: code cell" not in built.stdout

    page.write_text(page.read_text().replace("undefined_name", "1"))
    built = small_book.build()
    assert built.returncode == 0, built.stdout[-3000:]
    # The failed build kept what had run: only the mended page runs again.
    assert "[1/1] second" in built.stdout


@pytest.mark.slow
def test_tag_and_time_limit(small_book):
    """An exception where it is expected is shown; a cell that never ends is stopped and named."""
    small_book.settings(["index", "second"], timeout=4)
    tagged = "```{code-cell} python3\n:tags: [raises-exception]\n1 / 0\n```\n"
    small_book.write("index", f"# First\n\n{tagged}")
    page = small_book.write(
        "second", "# Second\n\n```{code-cell} python3\nwhile True: pass\n```\n"
    )
    built = small_book.build()
    assert built.returncode != 0
    assert "second: code cell 1 of 1" in built.stdout
    assert "while True: pass" in built.stdout
    assert "CellTimeoutError" in built.stdout or "timed out" in built.stdout
    page.write_text(page.read_text().replace("while True: pass", "print('ended')"))
    built = small_book.build()
    assert built.returncode == 0, built.stdout[-3000:]
    shown = (small_book.html / "index.html").read_text()
    assert "ZeroDivisionError" in shown
    assert tracebacks(shown) == []

"""Generated files: the same bytes each time, stable ids, and what --check says."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import nbformat
import pytest

from publish import notebooks
from publish.tools import wheel
from publish.notebooks.book import Book
from publish.page.parser import PageError
from publish.notebooks.set_up import packages, setup_code, version, wheel_name
from publish.site.addresses import Addresses
from tests.kit.notebooks import ROOT, book, convert
from tests.kit.small_book import without_addresses

TEXT = """\
Intro ü.

```{code-cell} python
import dlworkbook
a = 1
```

## One

Text.

```{code-cell} python
b = 2
```

## Two

Text.

```{code-cell} python
c = 3
```
"""


@pytest.fixture
def small(tmp_path, monkeypatch):
    without_addresses(monkeypatch)
    return book(tmp_path, {"ch/page": "# Title\n\n" + TEXT, "ch/text": "# B\n\nx"})


def run(root, *arguments) -> int:
    return notebooks.main(["--root", str(root), *arguments])


def test_written_bytes_are_stable_and_valid(small):
    assert run(small) == 0
    path = small / "notebooks" / "ch" / "page.ipynb"
    first = path.read_bytes()
    assert run(small) == 0
    assert path.read_bytes() == first
    text = first.decode("utf-8")
    assert text.endswith("}\n") and not text.endswith("\n\n")
    assert "ü" in text and "\r" not in text
    data = json.loads(text)
    assert text == json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.workbook.source == "book/ch/page.md"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None


def test_ids_are_unique_and_outlive_edits_elsewhere(tmp_path):
    def ids(text: str) -> dict[str, str]:
        cells = convert(tmp_path, text).cells
        assert len({c.id for c in cells}) == len(cells)
        return {c.source: c.id for c in cells}

    before = ids(TEXT)
    edited = ids(TEXT.replace("## Two", "A new text.\n\n+++\n\nAnd one more.\n\n## Two")
                 .replace("c = 3", "c = 4"))
    assert {s: i for s, i in before.items() if s != "c = 3"}.items() <= edited.items()
    assert edited["c = 4"] == before["c = 3"]  # the id belongs to the place, not to the content


def test_ids_differ_between_pages(small):
    found = [
        cell["id"]
        for path in notebooks.write_all(small / "out", root=small, addresses=Addresses())
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
    ]
    assert len(set(found)) == len(found)


def test_check_passes_on_what_was_written(small, capsys):
    run(small)
    assert run(small, "--check") == 0


def test_check_names_the_source_of_each_difference(small, capsys):
    run(small)
    out = small / "notebooks" / "ch"
    (out / "page.ipynb").write_text((out / "page.ipynb").read_text().replace("a = 1", "a = 9"))
    (out / "text.ipynb").unlink()
    (out / "stray.ipynb").write_text("{}")
    capsys.readouterr()
    assert run(small, "--check") == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert "page.ipynb is not what book/ch/page.md gives: edit book/ch/page.md" in lines[0]
    assert "stray.ipynb belongs to no page of _toc.yml" in lines[1]
    assert "text.ipynb is missing: run 'make notebooks' (its source is book/ch/text.md)" in lines[2]
    assert "a = 9" in (out / "page.ipynb").read_text()  # --check changes nothing


def test_writing_deletes_only_notebooks_of_its_own(small, capsys):
    run(small)
    out = small / "notebooks"
    mine = out / "mine.ipynb"
    mine.write_text('{"cells": [], "metadata": {}}')
    (out / "old.ipynb").write_bytes((out / "ch" / "text.ipynb").read_bytes())
    run(small)
    assert mine.exists() and not (out / "old.ipynb").exists()


def test_a_page_error_writes_nothing(small, capsys):
    (small / "book" / "ch" / "text.md").write_text(
        (small / "book" / "ch" / "text.md").read_text() + "\n{abbr}`x`\n"
    )
    assert run(small) == 1
    assert "book/ch/text.md:" in capsys.readouterr().err
    assert not (small / "notebooks").exists()


def test_the_committed_edition_ignores_addresses_of_the_environment(small, monkeypatch):
    run(small)
    before = (small / "notebooks" / "ch" / "page.ipynb").read_bytes()
    monkeypatch.setenv("WORKBOOK_SITE", "https://fork.invalid/book")
    run(small)
    assert (small / "notebooks" / "ch" / "page.ipynb").read_bytes() == before
    published = notebooks.convert(
        small / "book" / "ch" / "page.md", root=small, addresses=Addresses.load(small)
    )
    assert "https://fork.invalid/book" in published.cells[1].source


def test_setup_cell_only_where_it_is_needed():
    assert setup_code({"math", "IPython"}, "", ROOT) == ""
    plain = setup_code({"dlworkbook"}, "https://s.invalid", ROOT)
    assert "'https://s.invalid'" in plain and wheel_name(ROOT) in plain
    assert "packages" not in plain and "solutions" not in plain
    more = setup_code({"dlworkbook", "skimage", "torch", "os"}, "", ROOT, solutions=True)
    assert more.startswith(setup_code({"dlworkbook"}, "", ROOT))
    assert more.count("@title") == 1
    ast.parse(more.replace("%pip", "pip = 1 #"))
    assert "packages.need(\n    skimage='scikit-image',\n    torch='torch',\n)\n" in more
    assert more.endswith("solutions.fold()  # what a solution puts out waits in a fold")


def test_every_import_of_every_page_can_be_had_and_is_pinned():
    """By a reader of the notebook, and by whoever installs requirements.txt alone."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.partition("==")[0].strip().lower() for line in lines if "==" in line}
    pages = Book(ROOT, Addresses()).notebooks()
    assert len(pages) >= 10
    imported = set()
    for page in pages:
        needs = packages(page.imports)
        imported |= needs.keys()
        for module, name in needs.items():
            name = name.removeprefix("--no-deps ").partition("==")[0]
            assert name.lower() in pinned, f"{page.name} imports {module}: pin {name}"
    assert {"torch", "sympy", "skimage", "sklearn", "transformers", "pandas"} <= imported


def test_an_import_that_no_reader_could_get_is_an_error(tmp_path):
    with pytest.raises(PageError, match=r"page\.md:1: .*know where to get no_such_module"):
        convert(tmp_path, "```{code-cell} python\nimport no_such_module\n```")


def test_wheel_is_small_and_always_the_same(tmp_path, monkeypatch):
    first = wheel.build(tmp_path / "a")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    second = wheel.build(tmp_path / "b")
    assert first.name == wheel_name(ROOT) == f"dlworkbook-{version(ROOT)}-py3-none-any.whl"
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_size < 5_000_000
    assert [p.name for p in (tmp_path / "a").iterdir()] == [first.name]


def test_wheel_does_not_depend_on_file_times(tmp_path):
    import os
    import shutil

    (tmp_path / "copy").mkdir()
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / "copy")
    for folder in ("dlworkbook", "experiments"):
        shutil.copytree(
            ROOT / folder, tmp_path / "copy" / folder,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    one = wheel.build(tmp_path / "one", root=tmp_path / "copy").read_bytes()
    os.utime(tmp_path / "copy" / "dlworkbook" / "__init__.py", (0, 1_000_000_000))
    assert wheel.build(tmp_path / "two", root=tmp_path / "copy").read_bytes() == one
    assert wheel.build(tmp_path / "three").read_bytes() == one


def test_wheel_holds_the_package_and_declares_no_dependency(tmp_path):
    import zipfile

    with zipfile.ZipFile(wheel.build(tmp_path)) as file:
        names = file.namelist()
        metadata = file.read(next(n for n in names if n.endswith("METADATA"))).decode()
    expected = {
        p.relative_to(ROOT).as_posix() for p in (ROOT / "dlworkbook").rglob("*")
        if p.is_file() and "__pycache__" not in p.parts
    }
    expected |= {
        f"dlworkbook/{p.relative_to(ROOT).as_posix()}"
        for p in (ROOT / "experiments").glob("*/*.json")
    }
    makers = {name for name in expected if Path(name).match("make_*.py")}
    assert makers  # what made the data stays in the repository
    assert {n for n in names if ".dist-info/" not in n} == expected - makers
    required = [
        line for line in metadata.splitlines()
        if line.startswith("Requires-Dist") and "extra ==" not in line
    ]
    assert required == []

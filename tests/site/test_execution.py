"""Pages are run side by side, once, and a failure names page, cell and traceback."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import dlworkbook
from tests.kit.small_book import build, page

pytestmark = pytest.mark.slow
INDEX = "# Home\n\n```{toctree}\na\nb\n```\n"


def cell(code: str, tags: str = "") -> str:
    option = f":tags: [{tags}]\n" if tags else ""
    return f"```{{code-cell}} python\n{option}{code}\n```\n\n"


def book(folder: Path, a: str, b: str = "print('b ran')", **config):
    pages = {"index": INDEX, "a": page("# A\n\n" + a), "b": page("# B\n\n" + cell(b))}
    return build(folder, pages, ("execution", "failures"), nb_execution_mode="cache", **config)


def test_pages_run_once_and_then_come_from_the_cache(tmp_path):
    counter = tmp_path / "runs"
    code = cell(f"open({str(counter)!r}, 'a').write('x'); import os\n"
                "print('static', os.environ['DLWORKBOOK_STATIC'])")
    first = book(tmp_path, code)
    assert first.warnings == ""
    assert "static 1" in first.html("a") and "b ran" in first.html("b")
    text_edit = book(tmp_path, code + "More text.\n")
    assert "More text." in text_edit.html("a") and "static 1" in text_edit.html("a")
    assert counter.read_text() == "x"


def test_pages_run_side_by_side(tmp_path):
    # Each page waits for the other's sign of life: one after the other would time out.
    def meet(own, other):
        return cell(
            "import pathlib, time\n"
            f"folder = pathlib.Path({str(tmp_path)!r})\n"
            f"(folder / '{own}.alive').touch()\n"
            "end = time.monotonic() + 60\n"
            f"while not (folder / '{other}.alive').exists() and time.monotonic() < end:\n"
            "    time.sleep(0.05)\n"
            f"print('met', (folder / '{other}.alive').exists())"
        )

    pages = {"index": INDEX, "a": page("# A\n\n" + meet("a", "b")),
             "b": page("# B\n\n" + meet("b", "a"))}
    built = build(tmp_path, pages, ("execution",), nb_execution_mode="cache",
                  nb_execution_timeout=90)
    assert "met True" in built.html("a") and "met True" in built.html("b")


def test_failure_names_page_cell_line_and_values_and_keeps_the_rest(tmp_path):
    code = cell("x = 1") + "Text.\n\n" + cell("y = 2\nassert x > y, 'the culprit'")
    built = book(tmp_path, code)
    assert "a.md:16: WARNING: code cell 2: Expected x > y; came x = 1; y = 2; the culprit." in (
        built.warnings
    )
    assert built.app.env.doc2path("a") in built.warnings
    assert "b ran" in built.html("b")
    mended = book(tmp_path, code.replace("x > y", "x < y"))
    assert mended.warnings == ""


def test_tag_raises_exception_allows_it(tmp_path):
    built = book(tmp_path, cell("1 / 0", "raises-exception") + cell("print('went on')"))
    assert built.warnings == ""
    assert "went on" in built.html("a") and "ZeroDivisionError" in built.html("a")


def test_cell_that_takes_too_long_is_stopped(tmp_path):
    start = time.monotonic()
    built = book(tmp_path, cell("import time\ntime.sleep(300)"), nb_execution_timeout=3)
    assert time.monotonic() - start < 120
    assert "code cell 1: The cell took longer than 3 s." in built.warnings


def test_a_page_runs_again_when_a_module_that_it_imports_changes(tmp_path, monkeypatch):
    package = tmp_path / "dlworkbook"
    package.mkdir()
    for name in ("__init__", "counting", "style"):
        (package / f"{name}.py").write_text("a = 1\n")
    monkeypatch.setattr(dlworkbook, "__file__", str(package / "__init__.py"))
    runs = tmp_path / "runs"

    def ran(a: str, b: str) -> str:
        """The letters of the pages that were run."""
        runs.write_text("")
        book(tmp_path, cell(f"open({str(runs)!r}, 'a').write('a')\n{a}"),
             f"open({str(runs)!r}, 'a').write('b')\n{b}")
        return "".join(sorted(runs.read_text()))

    a, b = "from dlworkbook import counting", "from dlworkbook import style"
    assert ran(a, b) == "ab"
    assert ran(a, b) == ""
    (package / "style.py").write_text("a = 2\n")
    assert ran(a, b) == "b"
    (package / "style.py").write_text("a = 2  # why\n")
    assert ran(a, b) == ""
    (package / "__init__.py").write_text("a = 2\n")
    assert ran(a, b) == "ab"


def test_an_edited_hint_runs_no_page_but_one_that_shows_it(tmp_path, monkeypatch):
    """Text on a page, the words of a task: only what is shown in the results of a page counts."""
    package = tmp_path / "dlworkbook"
    files = {
        "__init__.py": "",
        "checks/__init__.py": "from . import tasks\n",
        "checks/tasks/__init__.py": "",
        "checks/tasks/ch01/__init__.py": "",
        "checks/tasks/ch01/flip.py": "TASK = mistake('A-1', 'a hint here', 1)\n",
    }
    for name, text in files.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    monkeypatch.setattr(dlworkbook, "__file__", str(package / "__init__.py"))
    runs = tmp_path / "runs"

    def ran(text: str = "") -> str:
        """The letters of the pages that were run; b shows a report that names a mistake."""
        runs.write_text("")
        check = "from dlworkbook import checks\n'flip'\n" + f"open({str(runs)!r}, 'a')"
        book(tmp_path, text + cell(f"{check}.write('a')"),
             f"{check}.write('b')\nprint('\\u2717 flip: Not right yet')")
        return "".join(sorted(runs.read_text()))

    task = package / "checks/tasks/ch01/flip.py"
    assert ran() == "ab"
    assert ran("Another hint of the page.\n\n") == ""
    task.write_text("TASK = mistake('A-1', 'another hint', 1)\n")
    assert ran() == "b"
    task.write_text("TASK = mistake('A-1', 'another hint', 2)\n")
    assert ran() == "ab"

"""What is made anew when a module changes: the notebooks, and the grades of a term."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dlworkbook.checks import tasks
from grading.make import lab
from publish.site import editions
from publish.tools import imports
from tests.kit.small_book import build

ROOT = Path(__file__).resolve().parents[2]


def copy(folder: Path, *names: str) -> Path:
    """A checkout of these packages that a test may edit."""
    for name in names:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def edit(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8") + "\nEDITED = 1\n", encoding="utf-8")


def test_imports_are_followed(tmp_path):
    home = tmp_path / "house"
    files = {
        "__init__.py": "", "a.py": "from . import b\nimport torch, other\n",
        "b.py": "def late():\n    from .rooms.c import thing\n", "rooms/__init__.py": "",
        "rooms/c.py": "from ..d import x\n", "d.py": "", "unused.py": "",
    }
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    found = imports.follow([home / "a.py"], [home])
    assert {f.relative_to(home).as_posix() for f in found} == files.keys() - {"unused.py"}
    known = imports.digest(found, home)
    (home / "d.py").write_text("# only a comment\n")
    assert imports.digest(found, home) == known
    edit(home / "d.py")
    assert imports.digest(found, home) != known


@pytest.fixture
def grader(tmp_path, monkeypatch):
    """The fingerprint of lab 6, as a function, and a checkout that may be edited."""
    root = copy(tmp_path, "grading", "dlworkbook")
    known = {name: root / file.relative_to(ROOT) for name, file in tasks.files().items()}
    monkeypatch.setattr(lab, "ROOT", root)
    monkeypatch.setattr(lab, "check_files", lambda: known)
    read = lab.load(6, ROOT)

    def fingerprint() -> str:
        read.__dict__.pop("fingerprint", None)
        return read.fingerprint

    return fingerprint, root


def test_a_new_task_leaves_finished_grades_alone(grader):
    fingerprint, root = grader
    known = fingerprint()
    folder = root / "dlworkbook/checks/tasks/ch09_modern_rnn"
    shutil.copy(folder / "gru.py", folder / "lstm.py")
    edit(root / "dlworkbook/checks/tasks/ch06_convolutional_networks/corr2d.py")
    edit(root / "grading/report/class_report.py")
    assert fingerprint() == known


@pytest.mark.parametrize("file", [
    "dlworkbook/checks/tasks/ch09_modern_rnn/gru.py",  # a task of the lab
    "dlworkbook/checks/references/recurrent.py",  # what it is made of
    "dlworkbook/checks/naming.py",
    "dlworkbook/needs.py",  # cells wait for answers
    "grading/run/worker.py",
    "grading/read/reading.py",
    "grading/report/results.py",
])
def test_grades_are_stale_when_what_made_them_changes(grader, file):
    fingerprint, root = grader
    known = fingerprint()
    edit(root / file)
    assert fingerprint() != known


@pytest.mark.parametrize("file", [
    "notebooks/text.py", "page/parser.py", "page/frontmatter.py", "site/addresses.py",
])
def test_an_edit_of_what_the_notebook_writer_imports_rewrites_the_notebooks(
    tmp_path, monkeypatch, file
):
    root = copy(tmp_path, "publish")
    monkeypatch.setattr(editions, "PUBLISH", root / "publish")

    def written() -> str:
        config = build(tmp_path, {"index": "# Home\n"}, ("editions",)).app.config
        return config.workbook_notebook_writer

    known = written()
    edit(root / "publish/lint/prose.py")
    assert written() == known
    edit(root / "publish" / file)
    assert written() != known

"""The Sphinx extension: scripts only where a widget is, files in place, changes noticed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dlworkbook.widgets.kit import bundle

ROOT = Path(__file__).resolve().parents[3]
CONF = """
extensions = ["dlworkbook.widgets.kit.sphinx"]
exclude_patterns = ["_build"]
html_theme = "basic"
"""
INDEX = """
Index
=====

.. toctree::

   turn
"""
TURN = """
Turn
====

.. raw:: html

   <div data-widget="convolution"></div>
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    source = tmp_path_factory.mktemp("book")
    for name, text in (("conf.py", CONF), ("index.rst", INDEX), ("turn.rst", TURN)):
        (source / name).write_text(text, encoding="utf-8")
    build(source)
    return source


def build(source: Path) -> None:
    """Run sphinx-build as a user would."""
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", str(source), str(source / "_build")],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_only_pages_with_a_widget_load_it(book):
    plain = (book / "_build" / "index.html").read_text(encoding="utf-8")
    turn = (book / "_build" / "turn.html").read_text(encoding="utf-8")
    assert "dlworkbook/" not in plain
    assert turn.count("_static/dlworkbook/loader.js") == 1
    assert turn.count("_static/dlworkbook/widgets.css") == 1
    assert 'async="async"' in turn or " async" in turn


def test_files_are_published(book):
    folder = book / "_build" / "_static" / "dlworkbook"
    for name, text in bundle.files().items():
        assert (folder / name).read_text(encoding="utf-8") == text
    assert not list((book / "_build").rglob("model.js")), "sources are not published"


@pytest.mark.slow
def test_a_changed_script_is_noticed(book):
    before = (book / "_build" / "turn.html").stat().st_mtime_ns
    build(book)
    assert (book / "_build" / "turn.html").stat().st_mtime_ns == before, "nothing had changed"
    (book / "conf.py").write_text(
        CONF + 'from dlworkbook.widgets.kit import bundle\nbundle.css = lambda: "/* new */ b {}"\n',
        encoding="utf-8",
    )
    build(book)
    assert (book / "_build" / "turn.html").stat().st_mtime_ns > before
    published = book / "_build" / "_static" / "dlworkbook" / "widgets.css"
    assert published.read_text(encoding="utf-8") == "b {}\n"

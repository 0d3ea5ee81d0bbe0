"""requirements.txt alone brings all that pages and helper package import."""

from __future__ import annotations

import pytest

import ast
import subprocess
import sys

from publish.notebooks.book import Book
from publish.site.addresses import Addresses
from tests.notebooks.conftest import pinned
from tests.kit.notebooks import ROOT

pytestmark = pytest.mark.notebooks

OPTIONAL = {"google"}  # Colab's own
SCRIPTS = ("make_",)  # run by hand, when data are made anew


def imported() -> set[str]:
    """Modules that a page or the helper package imports, the standard library's left out."""
    found = set()
    for page in Book(ROOT, Addresses()).notebooks():
        found |= page.imports
    for path in (ROOT / "dlworkbook").rglob("*.py"):
        if path.name.startswith(SCRIPTS):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - OPTIONAL - {"dlworkbook"}


def test_everything_imported_is_there(pinned_python, tmp_path):
    modules = sorted(imported())
    assert {"torch", "pandas", "skimage", "anywidget"} <= set(modules)
    code = "import importlib, sys\nfor name in sys.argv[1:]:\n    importlib.import_module(name)"
    done = subprocess.run([pinned_python, "-c", code, *modules], cwd=tmp_path, timeout=300,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_what_only_grading_brings_is_not_there(pinned_python, tmp_path):
    """Otherwise the test above would prove nothing."""
    done = subprocess.run([pinned_python, "-c", "import otter"], cwd=tmp_path,
                          capture_output=True, text=True)
    assert "No module named 'otter'" in done.stderr
    assert "otter-grader" not in pinned()

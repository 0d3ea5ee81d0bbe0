"""requirements.txt alone brings all that pages and helper package import."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from publish.notebooks.book import Book
from publish.site.addresses import Addresses
from tests.kit.notebooks import ROOT
from tests.notebooks.conftest import pinned

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
    """What it needs in turn is there, too: test_execution.py runs all pages in this Python."""
    modules = sorted(imported())
    assert {"torch", "pandas", "skimage", "anywidget"} <= set(modules)
    code = ("import importlib.util, sys\n"
            "print(*[name for name in sys.argv[1:] if not importlib.util.find_spec(name)])")
    done = subprocess.run([pinned_python, "-c", code, *modules, "no_such_module"], cwd=tmp_path,
                          capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["no_such_module"]


def test_what_only_grading_brings_is_not_there(pinned_python, tmp_path):
    """Otherwise the test above would prove nothing."""
    done = subprocess.run([pinned_python, "-c", "import otter"], cwd=tmp_path,
                          capture_output=True, text=True)
    assert "No module named 'otter'" in done.stderr
    assert "otter-grader" not in pinned()

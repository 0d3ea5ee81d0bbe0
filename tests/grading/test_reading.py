"""What a notebook's code is, wherever the answers stand; search code, not text."""

from __future__ import annotations

import json

import pytest

from grading.read import reading, submissions
from grading.report import class_report, results
from publish.page import code
from tests.grading import classroom

LINEAR = "def linear(X, W, b):\n    return X @ W + b\n"


def _cell(source, **more):
    return {"cell_type": "code", "metadata": {}, "source": source} | more


def _read(tmp_path, small, cells, **more):
    data = cells if isinstance(cells, dict) else {"cells": cells} | more
    path = tmp_path / "x.ipynb"
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    return reading.read(path, small, {})


def test_shapes_of_notebooks(tmp_path, small):
    v3 = {"nbformat": 3, "worksheets": [{"cells": [
        {"cell_type": "heading", "source": "x"},
        {"cell_type": "code", "input": [LINEAR], "prompt_number": 4}]}, {"cells": None}, 3]}
    found = _read(tmp_path, small, v3)
    assert found.cells == [LINEAR] and found.labels[0].startswith("Code cell 1 (In [4], `def")
    odd = [_cell(None), _cell({"a": 1}), {"cell_type": "code"}, _cell([1, "x\n", None]), None, 7,
           {"cell_type": "code", "metadata": {"tags": "slow"}, "source": LINEAR}]
    assert _read(tmp_path, small, odd).cells == ["", "", "", "1x\nNone", LINEAR]
    path = tmp_path / "twice.ipynb"  # the last of two keys counts, as it does in Jupyter
    path.write_text('{"cells": [], "cells": [{"cell_type": "code", "source": "x = 1"}]}')
    assert reading.read(path, small, {}).cells == ["x = 1"]
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert reading.read(path, small, {}).cells == ["x = 1"]
    path.write_text('{"cells": [{"cell_type": "code", "source": "x = \'\\ud83d\'"}]}')
    assert reading.read(path, small, {}).cells == ["x = '\ufffd'"]


def test_a_notebook_has_at_most_ten_megabytes(tmp_path, small):
    picture = _cell("x = 1", outputs=[{"data": {"image/png": "a" * 9_900_000}}])
    assert _read(tmp_path, small, [picture]).cells
    with pytest.raises(reading.Rejected, match=r"10 MB; .*outputs|may have 10") as caught:
        _read(tmp_path, small, [picture, picture])
    assert caught.value.code == "too_large"


@pytest.mark.parametrize(("source", "wanted"), [
    ("%%time\ndef f():\n    return 1", ["f"]), ("!ls\nx = 1", ["x"]),
    ("%pip install a\ny = 2", ["y"]),
    ("%time x = 3", ["x"]), ("%%capture out\n%%time\nz = 3", ["z"]), ("files = !ls", ["files"]),
    ("%%bash\nf() { ls; }", []), ("%matplotlib inline\nclass A: pass", ["A"]), ("f?", []),
    ("%%writefile a.py\nx = 1", []), ("%%timeit\nx = 1", []), ("def f(:", []), ("x\0", []),
    ("if 1:\n    def g(): pass\na, b = 1, 2\nd['x'] = q.r = 2\nc: int = 3\ne: int", list("gabc")),
    ("try:\n    u = 1\nexcept E:\n    v = 1\nelse:\n    w = 1\nfinally:\n    x = 1", list("uwxv")),
])
def test_names_that_code_defines(source, wanted):
    assert code.defined(source) == wanted


INSIDE = [
    "from dlworkbook.checks.tasks.corr2d import reference", "import dlworkbook.checks.tasks as t",
    "from dlworkbook.checks import tasks",
    "from dlworkbook import checks\nchecks.tasks.load('corr2d')",
    "import importlib\nimportlib.import_module('dlworkbook.checks.tasks.corr2d')",
    "__import__('dlworkbook.checks.tasks.corr2d')",
    "import sys\nsys.modules['dlworkbook.checks.tasks']",
    "TASK.reference(1)", "open('x/dlworkbook/checks/tasks/corr2d.py').read()",
    "!cat x/dlworkbook/checks/tasks/corr2d.py", "%%bash\ncat x/dlworkbook/checks/tasks/corr2d.py",
    "%%time\nfrom dlworkbook.checks import tasks", "exec('from dlworkbook.checks import tasks')",
]
OUTSIDE = [
    "# from dlworkbook.checks.tasks.corr2d import reference", "print('see checks.tasks')",
    "def f():\n    'Uses dlworkbook.checks.tasks?'\n    return 1", "from dlworkbook import checks",
    "%%time\n# not dlworkbook.checks.tasks\nx = 1", "checks = {}\ntasks = 2", "x.reference",
    "from dlworkbook.checks.tasks import (", "text = 'dlworkbook.checks.tasks'", "%%bash\n# checks",
    "checks.check('corr2d', corr2d)", "class A:\n    TASK = 1\n    reference = 2",
]


@pytest.mark.parametrize("source", INSIDE)
def test_code_that_reaches_into_the_checks_is_noted(tmp_path, small, source):
    assert "reads_checks" in dict(_read(tmp_path, small, [_cell(source)]).notes)


@pytest.mark.parametrize("source", OUTSIDE)
def test_text_that_names_the_checks_is_not(tmp_path, small, source):
    assert "reads_checks" not in dict(_read(tmp_path, small, [_cell(source)]).notes)


STARTER = 'def linear(X, W, b):\n    """X (batch, inputs)."""\n    ...'


@pytest.mark.parametrize(("cells", "kept"), [
    ([LINEAR, STARTER], [LINEAR, "\n\n"]),
    ([LINEAR, "x = 1\n" + STARTER + "\ny = 2"], [LINEAR, "x = 1\n\n\n\ny = 2"]),
    ([LINEAR, "def linear(*a):\n    pass"], [LINEAR, "\n"]),
    ([STARTER, LINEAR], [STARTER, LINEAR]),  # the last one counts anyway
    ([STARTER], [STARTER]),
    ([LINEAR, "def linear(X, W, b):\n    return 0"], None),  # the last one counts
    (["linear = lambda X, W, b: X @ W + b", STARTER], [..., "\n\n"]),
    (["def my_linear(X, W, b):\n    return X @ W + b", STARTER], [..., "\n\n"]),
    (["if True:\n    linear = f", STARTER], ["if True:\n    linear = f", "\n\n"]),
])
def test_untouched_starters_below_an_answer(tmp_path, small, cells, kept):
    found = _read(tmp_path, small, [_cell(source) for source in cells])
    kept = cells if kept is None else [c if k is ... else k for c, k in zip(cells, kept)]
    assert found.cells == kept
    assert ("starter_below" in dict(found.notes)) == (found.cells != cells)


def test_what_holds_of_several_answers_is_said_once(tmp_path, small):
    right = {c.label: c.source for c in small.cells if c.role == "solution" and c.kind == "code"}
    starters = [c.source for c in small.cells if c.role == "starter"]
    found = _read(tmp_path, small, [_cell(source) for source in (*right.values(), *starters)])
    told = [text for code, text in found.notes if code == "starter_below"]
    names = " and ".join(f"`{task.answer}`" for task in small.tasks)
    assert told == [f"The untouched starters of {names} below their answers do not count."]
    reports = {task.name: {"passed": False, "status": "missing_library", "mistake": None,
                           "title": "", "pair": None, "message": "", "hint": "", "remarks": [],
                           "credit": 0} for task in small.tasks}
    row = results.graded(submissions.Submission("a.ipynb", None, "ada"), small, found,
                         {"notes": [], "reports": reports, "seconds": 1.0})
    assert f"The checks of {names} need a library that is missing here." in row.reason


def test_a_starter_with_a_magic_is_left_out_as_a_whole(tmp_path, small):
    found = _read(tmp_path, small, [_cell(LINEAR), _cell("%%time\n" + STARTER)])
    assert found.skipped == {1}


@pytest.mark.parametrize(("source", "wanted"), [
    ("def linear(X, W, b:\n    return 1", "'(' was never closed, in its line 1: `def linear("),
    ("x = 1\ndef linear(X):\nreturn 1", "expected an indented block after function definition on "
     "line 2, in its line 3: `return 1`"),
    ("%pip install x\nclass linear(:\n    pass", "invalid syntax, in its line 2: `class linear(:`"),
    ("linear = lambda x: (x", "'(' was never closed, in its line 1"),
    ("def my_linear(X:\n    pass", "'(' was never closed"),
])
def test_a_half_typed_cell_says_what_is_wrong(tmp_path, small, source, wanted):
    found = _read(tmp_path, small, [_cell("x = 1"), _cell(source)])
    assert set(found.broken) == {"linear"} and wanted in found.broken["linear"]
    assert found.broken["linear"].startswith("Code cell 2 (`")


@pytest.mark.parametrize("source", ["def linear2(x:", "# def linear(\nx = (", LINEAR])
def test_other_cells_are_no_half_typed_answers(tmp_path, small, source):
    assert not _read(tmp_path, small, [_cell(source)]).broken


def test_missing_imports_are_restored(tmp_path, small):
    found = _read(tmp_path, small, [_cell("Y = np.ones(3)"), _cell("1 / 0")])
    assert found.cells[0] == "import numpy as np" and "np" in dict(found.notes)["imports_restored"]
    assert found.labels[1].startswith("Code cell 1 (")
    early = _read(tmp_path, small, [_cell("Y = np.ones(3)"), _cell("import numpy as np")])
    assert early.cells[0] == "import numpy as np"  # ran in another order
    for sources in (["import numpy as np\nnp.ones(3)"], ["np = 3\nnp + 1"], ["x = 1"],
                    ["def f():\n    import numpy as np\n    return np"],
                    ["from numpy import *\nnp"], ["%%time\nimport numpy as np", "np.ones(3)"]):
        assert not _read(tmp_path, small, [_cell(s) for s in sources]).notes[1:]


def _one(small, **options):
    return submissions.Submission("a.ipynb", None, "a", **options)


REPORT = {"task": "corr2d", "passed": True, "status": "passed", "mistake": None, "title": "",
          "pair": None, "message": "m", "hint": "", "remarks": [], "credit": 1.0}


@pytest.mark.parametrize("change", [
    {"status": None}, {"message": None}, {"remarks": None}, {"remarks": [3]}, {"credit": "1"},
    {"credit": 2.0}, {"credit": -1}, {"credit": float("nan")}, {"passed": None}, {"mistake": 3},
    {"pair": 3}, {"hint": ["x"]}, {"title": None},
])
def test_a_forged_report_is_a_row_with_a_reason(small, change):
    reports = {"corr2d": REPORT | change, "linear": REPORT}
    row = results.graded(_one(small), small, reading.Submitted([]),
                         {"notes": [], "reports": reports, "seconds": 1.0})
    assert (row.status, row.codes) == ("stopped", ["forged"]) and "corr2d" in row.reason
    assert row.points == {"corr2d": 0.0, "linear": 6.0} and not row.counts


def test_notes_and_messages_are_short_and_clean(small):
    bad = "\u202e\x1b[31m" + "x" * 10**5 + "\ud83d\x00"
    found = {"notes": [{"code": "cell_error", "text": "Cell 1 stopped: " + bad}], "seconds": 1.0,
             "reports": {t.name: REPORT | {"message": bad, "hint": bad, "title": bad,
                                           "remarks": [bad] * 50} for t in small.tasks}}
    read = reading.Submitted([])
    read.add("x = 1", None)
    row = results.graded(_one(small, notes=(("anonymous", bad),)), small, read, found)
    for text in (row.reason, *row.remarks, *row.stopped, *row.reports["linear"]["remarks"],
                 row.reports["linear"]["message"], row.reports["linear"]["hint"]):
        assert len(text) <= 4_000 and text.isprintable() and "\u202e" not in text
        text.encode()
    assert len(row.reports["linear"]["remarks"]) <= 20


@pytest.mark.parametrize("status", ["check_failed", "missing_library", "unknown_task"])
def test_a_check_that_failed_is_no_zero(small, status):
    reports = {t.name: REPORT for t in small.tasks}
    reports["linear"] = REPORT | {"status": status, "passed": False, "credit": 0.0}
    row = results.graded(_one(small), small, reading.Submitted([]),
                         {"notes": [], "reports": reports, "seconds": 1.0})
    assert row.status == "look" and status in row.codes and not row.counts


@pytest.mark.parametrize(("text", "wanted"), [
    ("SyntaxError: x (<ipython-input-1-7e78>, line 3)", "SyntaxError: x (line 3)"),
    ("in File <ipython-input-12-ab>, line 4", "in line 4"),
    ("at <ipython-input-3-ab>", "at the cell"), ("in /tmp/ipykernel_77/123456.py", "in the cell"),
])
def test_no_names_that_python_made_up(text, wanted):
    assert results._without_names(text) == wanted


def test_lines_of_the_page_in_the_book_are_no_shared_lines(small):
    """Some students work in the page's own notebook, where names begin with my_."""
    page = ["def my_linear(X, W, b):", "checks.check('linear', my_linear)  # mine",
            "print('not in the assignment')",
            "wheels = sorted(pathlib.Path().resolve().glob('dlworkbook-*.whl'))"]
    cells = classroom.notebook(small)["cells"]
    own = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    mine = "something_rare(1, 2, 3)"
    lines = class_report.rare_lines([*own, *page, mine])
    assert lines > {mine, *page[2:]}
    assert class_report.shared_lines([lines] * 3, small) == [(mine, 3)]

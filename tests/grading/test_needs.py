"""Which cells wait for which answers, and that they do nothing else than wait."""

from __future__ import annotations

import contextlib
import io
import json

import pytest
from IPython.core.interactiveshell import InteractiveShell

from dlworkbook import needs as waiting
from grading import grade
from grading.make import needs
from grading.make.page import LabCell
from grading.read import reading
from tests.grading import classroom

STARTERS = "def f(x):\n    ...\n", "class G:\n    def go(self):\n        ...\n"


def _needs(*sources):
    """What each cell of code needs, on a page that asks for f and G."""
    cells = [LabCell("code", source, "starter") for source in STARTERS]
    cells += [LabCell("code", source, "code") for source in sources]
    return [" ".join(names) for names in needs.of(cells)[len(STARTERS):]]


@pytest.mark.parametrize(("sources", "wanted"), [
    (["f(1)"], ["f"]), (["G().go() + f(1)"], ["f G"]), (["x = 1\nx.f, F.f(1), 'f'"], [""]),
    (["y = f(1)", "z = y + 1", "print(z)", "print(1)"], ["f", "f", "f", ""]),
    (["def h(x):\n    return f(x)", "h(1)"], ["", "f"]),  # only where it is called
    (["def h(x):\n    return k(x)", "def k(x):\n    return f(x)", "h(1)"], ["", "", "f"]),
    (["def h(step=f):\n    pass"], ["f"]), (["@f\ndef h():\n    pass"], ["f"]),
    (["class H(G):\n    pass"], ["G"]), (["class H:\n    x = f(1)"], ["f"]),
    (["class H:\n    def go(self):\n        return G()", "H()"], ["", "G"]),
    (["def h(f):\n    return f(1)\nh(abs)"], [""]),  # another f
    (["def h():\n    f = abs\n    return f(1)\nh()"], [""]),
    (["[f(x) for x in range(3)]"], ["f"]), (["[f for f in range(3)]"], [""]),
    (["list(map(lambda x: f(x), [1]))"], ["f"]), (["a = h = f", "h(1)"], ["f", "f"]),
    (["y = f(1)\ndef h():\n    return 1", "h()"], ["f", "f"]),  # not defined without f
    (["y = f(1)", "y = 2", "y"], ["f", "", ""]),
    (["for ax in f(1):\n    pass", "for ax in [1]:\n    print(ax)"], ["f", ""]),
    (["found = []", "found.append(f(1))", "found[0]"], ["", "f", "f"]),
    (["found = {}", "found['x'], b = f(1), 2", "found['x']"], ["", "f", "f"]),
    (["found = []\ndef h():\n    found.append(f(1))", "h()", "found[0]"], ["", "f", "f"]),
    (["ax = 1\ndef h(ax):\n    ax.plot(f(1))", "h(2)", "ax"], ["", "f", ""]),
    (["import a", "import a\na.use(f(1))", "a"], ["", "f", ""]),
    (["import a", "a.use(f(1))", "a"], ["", "f", ""]),
    (["import a\nf(1)", "a"], ["f", "f"]), (["%time f(1)"], ["f"]), (["f("], [""]),
    (["if 1:\n    with open('x') as y:\n        y.write(f(1))"], ["f"]),
    (["try:\n    y = f(1)\nexcept OSError:\n    pass", "y"], ["f", "f"]),
    (["y = f(1)", "def h():\n    return y", "h()"], ["f", "", "f"]),
])
def test_answers_that_a_cell_needs(sources, wanted):
    assert _needs(*sources) == wanted


def test_a_name_that_only_a_solution_defines_is_an_answer():
    cells = [("code", "x = 1"), ("solution", "x = 2\ntotal = 3"), ("check", "total"),
             ("code", "total"), ("code", "x"), ("text", "total")]
    cells = [LabCell("markdown" if r == "text" else "code", source, r) for r, source in cells]
    assert needs.of(cells) == [[], [], [], ["total"], [], []]


@pytest.fixture
def shell(monkeypatch):
    """A shell in which cells wait for f, g and G."""
    made = InteractiveShell()
    monkeypatch.setattr("IPython.get_ipython", lambda: made)
    waiting.heed(old=None)
    waiting.heed(linear="linear", corr2d="corr2d", conv2d="conv2d", gru=None, G=None)
    yield made
    made.history_manager.end_session()


def _run(shell, *cells):
    """What the last cell prints."""
    for cell in cells:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            result = shell.run_cell(cell)
    return out.getvalue().strip(), result


LINE = "# needs: linear\nprint('ran')"
STARTER = "def linear(X, W, b):\n    '''X.'''\n    ..."
RIGHT = "def linear(X, W, b):\n    return X @ W + b"


@pytest.mark.parametrize("answer", [
    "", STARTER, "linear = None", "linear = ...", "def linear(X, W, b):\n    pass",
    "def linear(X, W, b):\n    raise NotImplementedError", "def linear(X, W, b):\n    X = ...\n",
    "def linear(X, W, b):\n    Y = X @ W\n    ...", f"{RIGHT}\ndel linear",
])
def test_a_cell_waits_and_does_nothing_else(shell, answer):
    text, result = _run(shell, answer, LINE)
    assert text == "○ Not done yet: linear. This cell needs it, so it was not run."
    assert result.success


@pytest.mark.parametrize("answer", [
    RIGHT, "linear = lambda X, W, b: X @ W + b", "def linear(X, W, b):\n    return X",
    "def linear(X, W, b):\n    ...\n    return X @ W + b",  # a gap that was left standing
    "def linear(X, W, b):\n    if b is None:\n        raise NotImplementedError\n"
    "    return X[..., :] @ W + b",
    "import functools\nlinear = functools.partial(lambda X, W, b: X @ W + b)", "linear = 3",
])
def test_a_cell_runs_once_its_answer_is_there(shell, answer):
    assert _run(shell, answer, LINE)[0] == "ran"


@pytest.mark.parametrize("cell", [
    "print('ran')", "x = 1  # needs: linear\nprint('ran')", "# needs: a coffee\nprint('ran')",
    "# needs: linear, numpy\nprint('ran')", "# needs: linear (mine)\nprint('ran')",
    "print('ran')\n# needs: linear", "#needs: linear\nprint('ran')", "# needs: old\nprint('ran')",
])
def test_a_learners_own_cell_never_waits(shell, cell):
    assert _run(shell, STARTER, cell)[0] == "ran"


def test_what_an_answer_calls_is_needed_too(shell):
    gap = "def corr2d(X, K):\n    ..."
    uses = "def conv2d(X, K, b):\n    return helper(X, K) + b\ndef helper(X, K):\n"
    cell = "# needs: conv2d, linear\nprint('ran')"
    text, _ = _run(shell, RIGHT, gap, uses + "    return corr2d(X, K)", cell)
    assert text.startswith("○ Not done yet: corr2d. This cell")
    assert _run(shell, uses + "    return F.corr2d(X, K)", cell)[0] == "ran"  # another one
    model = "class G:\n    @staticmethod\n    def make():\n        return conv2d"
    text, _ = _run(shell, uses + "    return corr2d(X, K)", model, "# needs: G\nprint('ran')")
    assert text.startswith("○ Not done yet: corr2d.")
    text, _ = _run(shell, "del conv2d, linear", cell)
    assert text == "○ Not done yet: conv2d, linear. This cell needs them, so it was not run."


def test_errors_have_the_lines_of_the_cell_as_it_stands(shell):
    _, result = _run(shell, RIGHT, "# needs: linear\nx = 1\n1 / 0")
    trace = result.error_in_exec.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    assert trace.tb_lineno == 3


def test_outside_of_ipython_it_does_nothing():
    waiting.heed(f="f")


# -- grading


def _read(tmp_path, lab, cells):
    path = tmp_path / "x.ipynb"
    made = [{"cell_type": "code", "metadata": {}, "source": source} for source in cells]
    path.write_text(json.dumps({"cells": made}))
    return reading.read(path, lab, {})


def test_the_line_says_nothing_to_the_grader(small, tmp_path):
    """A cell is the book's own with its line and without; a training is known by either."""
    own = [cell.source for cell in small.cells if waiting.named(cell.source)]
    assert len(own) == 2
    with_line = _read(tmp_path, small, ["\n" + code + "\n" for code in own])
    without = _read(tmp_path, small, [code.partition("\n")[2] for code in own])
    assert with_line.own == without.own == {0, 1}
    assert with_line.skipped == without.skipped == {0}
    assert _read(tmp_path, small, ["# needs: linear\nx = 1"]).own == set()


def _points(small, tmp_path, code, strip):
    made = classroom.notebook(small, code)
    assert sum(waiting.named(cell["source"]) != [] for cell in made["cells"]) == 2
    for cell in made["cells"]:
        if strip and waiting.named(cell["source"]):
            cell["source"] = cell["source"].partition("\n")[2]
    folder = tmp_path / ("without" if strip else "with")
    folder.mkdir()
    (folder / "a.ipynb").write_text(json.dumps(made))
    (row,) = grade.Grader(small, folder / "out", 1).run(folder, quiet=True)
    return row.points, row.status, row.codes, row.stopped


@pytest.mark.slow
@pytest.mark.parametrize("code", [{}, {"linear": RIGHT}])
def test_points_are_the_same_with_the_line_and_without(small, tmp_path, code):
    found = [_points(small, tmp_path, code, strip) for strip in (False, True)]
    assert found[0] == found[1] and found[0][0]["linear"] == (6 if code else 0)


def test_a_lab_says_what_its_cells_wait_for(small):
    assert small.answers == {"corr2d": "corr2d", "linear": "linear"}
    assert any("    linear='linear',\n" in text for text in small.handed_out)

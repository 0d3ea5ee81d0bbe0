"""What is told about answers of the same structure: copies are found, honest answers are not.

Honest answers are the right ones of the tests of all checks, written independently.
"""

from __future__ import annotations

import ast
import csv
import inspect
import io
import itertools
from dataclasses import dataclass

import pytest

from grading import grade
from grading.read import structure
from grading.read.reading import Submitted
from grading.read.submissions import Submission
from grading.report import results, similarity, traces
from tests.grading import disguise
from tests.kit import task_tests

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-class")]


@dataclass(frozen=True)
class Honest:
    """Right answers to a task: the code of each with its helpers, and what is not counted."""

    task: str
    imports: str
    code: dict[str, str]
    known: frozenset[int]


def honest() -> list[Honest]:
    found = []
    for file in sorted(task_tests.FOLDER.glob("*/*.py")):
        if file.stem.startswith(("test_", "__")):
            continue
        data = task_tests.answers(file.stem)
        tree = ast.parse(inspect.getsource(data))
        above = [node.module for node in tree.body
                 if isinstance(node, ast.ImportFrom) and node.level]
        trees = [ast.parse(inspect.getsource(task_tests.answers(name))) for name in above] + [tree]
        lines = [ast.unparse(node) for tree in trees for node in tree.body
                 if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0)]
        book = structure._Notebook(map(ast.unparse, trees))
        names = [a.__name__ for a in data.RIGHT if getattr(a, "__name__", "") in book.definitions]
        parts = {name: [text for text, _ in book.reached(name)] for name in names}
        every = [text for texts in parts.values() for text in texts]
        shared = [text for text in every if every.count(text) > 1]  # helpers of several answers
        known = structure.runs(["\n".join(lines), *shared])
        code = {name: "\n\n".join(texts) for name, texts in parts.items()}
        found.append(Honest(file.stem, "\n".join(lines), code, known))
    return found


@pytest.fixture(scope="module")
def right():
    return honest()


def read(task: Honest, code: str, answer: str) -> dict[str, structure.Structure]:
    """What of an answer is compared."""
    cells = [task.imports, f"{code}\nthe_answer = {answer}"]
    return structure.of(cells, [], {"t": "the_answer"}, task.known)


def alike(*both: dict[str, structure.Structure]) -> tuple[list[similarity.Pair], bool]:
    """The pair of two answers, if it is told; and whether the smaller one is large enough."""
    size = min(len({value for value, *_ in found["t"]["prints"]}) for found in both)
    pairs = similarity.compare(dict(zip("ab", both)), lambda file: file).pairs
    return pairs, size >= similarity.SMALLEST


def test_honest_answers_are_not_told(right):
    """None of 700 pairs is, of which 300 are large enough to be."""
    told, large = [], 0
    for task in right:
        read_once = {name: read(task, code, name) for name, code in task.code.items()}
        for one, two in itertools.combinations(read_once, 2):
            found, enough = alike(read_once[one], read_once[two])
            large += enough
            told += [(task.task, one, two, pair.score) for pair in found]
    assert told == []
    assert large >= 250


@pytest.mark.parametrize("how", [disguise.copied, disguise.worked_on])
def test_copies_are_told(right, how):
    """Renamed, reordered, respelled, with statements in between: each that is large enough."""
    missed, large = [], 0
    for task in right:
        for name, code in task.code.items():
            first = read(task, code, name)
            if len(first["t"]["prints"]) < similarity.SMALLEST:
                continue
            copy = how(code, name, 1)
            found, enough = alike(first, read(task, copy, name))
            large += enough
            if enough and not found:
                missed.append((task.task, name, copy))
    assert missed == []
    assert large >= 150


# -- a class

COPY = """
def corr2d(X, K):
    n, c, rows, columns = X.shape
    made, _, high, wide = K.shape
    left = rows - high + 1
    right = columns - wide + 1
    result = np.zeros((n, made, left, right))
    for one in range(n):
        for two in range(made):
            for r in range(left):
                for s in range(right):
                    total = 0.0
                    for u in range(high):
                        for v in range(wide):
                            for channel in range(c):
                                total += X[one, channel, r + u, s + v] * K[two, channel, u, v]
                    result[one, two, r, s] = total
    return result
"""
OTHER = """
def corr2d(X, K):
    windows = np.lib.stride_tricks.sliding_window_view(X, K.shape[2:], axis=(2, 3))
    flat = windows.reshape(*windows.shape[:4], -1)
    kernels = K.reshape(*K.shape[:2], -1)
    summed = np.zeros((X.shape[0], K.shape[0], *windows.shape[2:4]))
    for k, kernel in enumerate(kernels):
        per_channel = [(flat[:, i] * kernel[i]).sum(-1) for i in range(kernel.shape[0])]
        summed[:, k] = np.stack(per_channel).sum(axis=0)
    return summed
"""
DEEP = "corr2d = " + "-" * 30_000 + "1"
LONG = "def corr2d(X, K):\n" + "    X = X + K * 2 - X.sum()\n" * 2_500 + "    return X"
LOOPS = "# this file never ends"


def files(small, tmp_path) -> tuple[grade.Grader, list[results.Row]]:
    """A class of eleven: copies, the book's solution twice, and files that ask for much."""
    solution = next(c.source for c in small.cells
                    if c.role == "solution" and "def corr2d" in c.source)
    book = next(c.source for c in small.cells if "import numpy" in c.source)
    made = {
        "ada": [book, COPY],
        "bob": ["import numpy", disguise.copied(COPY, "corr2d", 3).replace("np.", "numpy."),
                "corr2d(1, 2) if 0 else 0"],
        "bob again": [book, COPY],  # of the same student
        "eve": [book, OTHER],
        "solution": [book, solution],
        "solution 2": [book, disguise.copied(solution, "corr2d", 4)],
        "deep": [book, DEEP], "long": [book, LONG], "huge": [book, "#" * 200_000 + COPY],
        "loops": [book, LOOPS],
        "starter": [c.source for c in small.cells if c.role in ("code", "starter")],
    }
    grader = grade.Grader(small, tmp_path, 1)
    rows = []
    for name, cells in made.items():
        id_ = "7" if name.startswith("bob") else ""
        row = results.rejected(Submission(name, None, name, id_), small, "x", "x")
        grader.submitted[name] = Submitted(cells)
        grader.rows[name] = row
        rows.append(row)
    return grader, rows


def _part(grader, rows) -> str:
    """The part of the report about files that were read."""
    grader.traces |= traces.of(grader.submitted, grader.lab)
    return grader.alike(rows)


def test_a_class(small, tmp_path, monkeypatch):
    """Pairs by whom they are; nobody with what was handed out; what takes too much is said."""
    def of(cells, *others, real=structure.of):
        while cells[1] == LOOPS:
            pass
        return real(cells, *others)

    monkeypatch.setattr(structure, "of", of)
    monkeypatch.setattr(similarity, "SECONDS", 1)
    grader, rows = files(small, tmp_path)
    page = _part(grader, rows)
    told = list(csv.DictReader(io.StringIO((tmp_path / "similarity.csv").read_text())))
    assert [(t["file_1"], t["file_2"], t["task"]) for t in told] == [
        ("ada", "bob", "corr2d"), ("ada", "bob again", "corr2d")]
    assert all(float(t["score"]) >= 0.9 for t in told)
    assert "read: long, huge, loops.</p>" in page  # and deep is no code at all
    assert page.count("<details") == 2 and page.count("<pre>") == 4
    assert "<mark>    for one in range(n):</mark>" in page and "copied" not in page


def test_what_many_share_is_no_pair(small, tmp_path):
    """Six with the same code are told one by one up to five, and not as soon as there are more."""
    for count, pairs in ((5, 10), (6, 0)):
        structures = {
            str(k): structure.of([disguise.copied(COPY, "corr2d", k)], [], {"t": "corr2d"},
                                 frozenset())
            for k in range(count)
        }
        assert len(similarity.compare(structures, lambda file: file).pairs) == pairs


def test_a_page_shows_text_and_no_markup(small, tmp_path):
    grader, rows = files(small, tmp_path)
    for name in ("ada", "bob"):
        code = COPY.replace("total = 0.0", "total = '<script>alert(1)</script>\u202e'")
        grader.submitted[name] = Submitted(["import numpy as np", code])
    page = _part(grader, rows)
    assert "&lt;script&gt;" in page and "<script>" not in page and "\u202e" not in page


def test_winnowing_keeps_a_hash_of_each_long_run():
    """The guarantee of the method: any K + WINDOW - 1 tokens in common leave a common hash."""
    length = structure.K + structure.WINDOW - 1
    common = [(f"t{k * k % 17}", 1) for k in range(length)]
    for before in range(12):
        one = [(f"a{k % 5}", 1) for k in range(before)] + common + [("z", 1)] * 9
        two = [(f"b{k % 3}", 1) for k in range(20 - before)] + common + [("y", 1)] * before
        kept = [{value for value, *_ in structure.winnow(list(structure._hashes(tokens)),
                                                        frozenset())} for tokens in (one, two)]
        assert kept[0] & kept[1]

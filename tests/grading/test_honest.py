"""Honest work in odd places gets its points, and no file costs another one: the real grader."""

from __future__ import annotations

import copy
import csv
import json
import os
import zipfile

import pytest

from grading import grade
from tests.grading import classroom
from tests.grading.moodle_importer import Moodle

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-honest")]
CORR2D = """\
def corr2d(X, K):
    (B, _, H, W), (O, _, h, w) = X.shape, K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    for i in range(Y.shape[2]):
        for j in range(Y.shape[3]):
            Y[:, :, i, j] = np.einsum('bihw,oihw->bo', X[:, :, i:i + h, j:j + w], K)
    return Y
"""
LINEAR = "def linear(X, W, b):\n    return X @ W + b\n"
RIGHT = {"corr2d": CORR2D, "linear": LINEAR}
LONG = "ü" * 124 + ".ipynb"  # 254 bytes


def _cell(source):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [],
            "execution_count": None}


def _made(small) -> dict[str, dict]:
    """Notebooks by the names of their files."""

    def notebook(code=RIGHT, extra=""):
        return copy.deepcopy(classroom.notebook(small, code, extra))

    first = notebook(None)
    first["cells"].insert(2, _cell("import numpy as np\n" + CORR2D + LINEAR))
    bare = notebook(None)
    bare["cells"].insert(0, _cell(CORR2D + LINEAR))
    bare["cells"] = [c for c in bare["cells"] if "import numpy as np" not in c["source"]]
    counted = notebook(RIGHT, "x = 1\n1 / 0")
    for k, cell in enumerate(c for c in counted["cells"] if c["cell_type"] == "code"):
        cell["execution_count"] = 10 + k
    solution = next(c.source for c in small.cells if c.role == "solution" and c.kind == "code")
    return {
        "surrogate.ipynb": notebook(extra='raise ValueError("x \\ud83d y")'),
        "half_character.ipynb": notebook(extra="print('\ud83d')"),
        "magics.ipynb": notebook({"corr2d": "%%time\n" + CORR2D, "linear": "!ls\n" + LINEAR},
                                 "%pip install numpy\n!ls"),
        "copied.ipynb": notebook(RIGHT | {"corr2d": "%%time\n" + solution}),
        "one_cell.ipynb": first,
        "no_imports.ipynb": bare,
        "half_typed.ipynb": notebook(RIGHT | {"linear": "def linear(X, W, b:\n    return X @ W"}),
        "comment.ipynb": notebook(RIGHT | {
            "linear": "# not from dlworkbook.checks.tasks import anything\n" + LINEAR,
            "corr2d": CORR2D.replace("):\n", '):\n    "As in checks.tasks, TASK.reference."\n', 1),
        }),
        "counted.ipynb": counted,
        LONG: notebook(),
        "😀 ılık.ipynb": notebook(),
        "=cmd.ipynb": notebook(),
    }


@pytest.fixture(scope="module")
def graded(small, tmp_path_factory):
    """Rows by file, the grader and the folder of the results."""
    folder = tmp_path_factory.mktemp("honest")
    source = folder / "in"
    source.mkdir()
    for name, made in _made(small).items():
        (source / name).write_text(json.dumps(made), encoding="utf-8")
    right = json.dumps(classroom.notebook(small, RIGHT))
    (source / os.fsdecode(b"not_utf8_\xff\xc5.ipynb")).write_text(right)
    (source / "cased.IPYNB").write_text(right)
    (source / "windows.ipynb.txt").write_text(right)
    with zipfile.ZipFile(folder / "inner.zip", "w") as inner:
        inner.writestr("lab/deep.IPYNB", right)
    with zipfile.ZipFile(source / "zipped.zip", "w") as outer:
        outer.write(folder / "inner.zip", "work/inner.zip")
        outer.writestr("data.csv", "1,2\n")
    (source / "link.ipynb").symlink_to(source / "cased.IPYNB")
    (source / "loop").symlink_to(source, target_is_directory=True)
    os.mkfifo(source / "pipe.ipynb")
    (source / "folder.ipynb").mkdir()
    (source / "full.ipynb").mkdir()
    (source / "full.ipynb" / "lab90").write_text(right)
    (source / "full.ipynb" / "lab90.ipynb").write_text(right)
    grader = grade.Grader(small, folder / "out", 2)
    rows = grader.run(source, quiet=True)
    return {row.file: row for row in rows}, grader, folder / "out"


def test_every_file_has_a_row_and_feedback(graded, small):
    rows, _, out = graded
    wanted = set(_made(small)) | {
        "not_utf8_\\xff\\xc5.ipynb", "cased.IPYNB", "windows.ipynb.txt", "link.ipynb", "loop",
        "zipped.zip/work/inner.zip/lab/deep.IPYNB", "pipe.ipynb", "folder.ipynb",
        "full.ipynb/lab90", "full.ipynb/lab90.ipynb",
    }
    assert set(rows) == wanted
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(wanted)
    assert len(list((out / "feedback").rglob("*.html"))) == len(wanted)
    assert len(list((out / "feedback").rglob("*.txt"))) == len(wanted)
    (out / "report.html").read_text(encoding="utf-8")


WRONG = {"half_typed.ipynb": 12.0}
UNREAD = {"link.ipynb", "loop", "pipe.ipynb", "folder.ipynb"}


def test_points(graded):
    rows, _, _ = graded
    for file, row in rows.items():
        assert row.counts == (file not in UNREAD), (file, row.reason)
        if row.counts:
            assert row.total == WRONG.get(file, 18.0), (file, row.reason, row.reports)
        else:
            assert row.status == "rejected" and row.reason, file
    assert {rows[f].status for f in rows if f not in UNREAD | {"copied.ipynb"}} == {"graded"}


def test_what_is_told(graded):
    rows, _, _ = graded
    assert "book_solution" in rows["copied.ipynb"].codes
    assert "reads_checks" not in rows["comment.ipynb"].codes
    assert "starter_below" in rows["one_cell.ipynb"].codes
    assert "imports_restored" in rows["no_imports.ipynb"].codes
    assert "np" in rows["no_imports.ipynb"].reason
    message = rows["half_typed.ipynb"].reports["linear"]["message"]
    assert "cannot be read" in message and "was never closed, in its line 1" in message
    assert "\ufffd" in rows["surrogate.ipynb"].reason


def test_cells_are_called_as_the_student_sees_them(graded, small):
    rows, _, out = graded
    count = sum(c.kind == "code" and c.role != "solution" for c in small.cells)
    told = f"Code cell {count + 1} (In [{10 + count}], `x = 1`) stopped: ZeroDivisionError"
    assert told in rows["counted.ipynb"].reason
    for path in (out / "feedback").rglob("*.txt"):
        assert "ipython-input" not in path.read_text(encoding="utf-8")


def test_the_books_own_cells_are_told_to_the_instructor_only(graded):
    rows, _, out = graded
    (told,) = rows["one_cell.ipynb"].stopped
    assert "`assert scores.shape == (2, 3)`" in told and "as handed out" in told
    text = (out / "feedback" / "one_cell.txt").read_text(encoding="utf-8")
    assert "18 of 18" in text and "stopped" not in text and "scores" not in text
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "scores.shape" in report[report.index("Cells that stopped"):]


def test_shared_lines_are_not_those_that_were_handed_out(graded):
    """All notebooks here hold these lines; those of the page and its starters do not show."""
    _, _, out = graded
    report = (out / "report.html").read_text(encoding="utf-8")
    shared = report[report.index("Lines of code that many share"):]
    assert "np.einsum" in shared
    assert not any(word in shared for word in ("arange(48.)", "my_", "checks.check", "@title"))


def test_a_second_run_knows_them_all(graded, small):
    rows, grader, out = graded
    again = grade.Grader(small, out, 2)
    found = again.run(out.parent / "in", quiet=True)
    assert [row.run for row in found] == [grader.run_id] * len(rows)


def test_moodle_from_the_zip_to_the_gradebook(small, tmp_path):
    """The zip that Moodle gives, and its worksheet: two graded, two unread, one without a file."""
    site = Moodle("zh_tw", [1, 2, 3, 4, 5], 18, grades={4: 11.0})
    wrong = classroom.notebook(small, RIGHT | {"linear": "def linear(X, W, b):\n  return X @ W"})
    files = {"Ada_1_assignsubmission_file_/x.ipynb": json.dumps(classroom.notebook(small, RIGHT)),
             "Bo_2_assignsubmission_file_/Ada_1_assignsubmission_file_x.ipynb": json.dumps(wrong),
             "Cy_3_assignsubmission_file_/x.pdf": "%PDF-1.4",
             "Di_4_assignsubmission_file_/x.ipynb": ""}
    source = tmp_path / "in"
    source.mkdir()
    with zipfile.ZipFile(source / "Course-Lab 90-77.zip", "w") as made:
        for name, text in files.items():
            made.writestr(name, text)
        made.writestr("El_5_assignsubmission_file_/", "")
    (source / "Grades.csv").write_text(site.export(), encoding="utf-8")
    grader = grade.Grader(small, tmp_path / "out", 2)
    rows = grader.run(source, quiet=True)
    assert [(row.student_id, row.status) for row in rows] == [
        ("1", "graded"), ("2", "graded"), ("3", "rejected"), ("4", "rejected"), ("5", "rejected"),
    ]
    site.upload((tmp_path / "out" / "gradebook_moodle.csv").read_text(encoding="utf-8"))
    assert site.grades[1] == 18 and site.grades[4] == 11 and set(site.grades) == {1, 2, 4}
    assert 12 <= site.grades[2] < 18



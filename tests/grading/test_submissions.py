"""Whose file it is, what is in it, and why it cannot be read; tables for gradebooks."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest

from grading.read import reading, submissions
from grading.report import class_report, feedback, grades, results
from tests.grading import classroom

NAMES = {
    "lovelaceada_1234_56789_lab6.ipynb": ("lovelaceada", "1234", "canvas"),
    "lovelaceada_LATE_1234_56789_lab6-1.ipynb": ("lovelaceada", "1234", "canvas"),
    "Ada Lovelace_4321_assignsubmission_file_lab6.ipynb": ("Ada Lovelace", "4321", "moodle"),
    "Ada Lovelace_4321_assignsubmission_file_/my lab.ipynb": ("Ada Lovelace", "4321", "moodle"),
    "Ada Lovelace_4321_assignsubmission_file/my lab.ipynb": ("Ada Lovelace", "4321", "moodle"),
    "Group_1-Ada_4321_assignsubmission_file/x.ipynb": ("Group_1-Ada", "4321", "moodle"),
    "submission_777/lab6.ipynb": ("777", "777", "gradescope"),
    "ada/lab6.ipynb": ("ada", "", ""),
    "ada.ipynb": ("ada", "", ""),
    # names that hold _ or numbers
    "lastfirst_middle_1002_5003_lab2.ipynb": ("lastfirst_middle", "1002", "canvas"),
    "group_3_1003_5004_lab2.ipynb": ("group_3", "1003", "canvas"),
    "group_3_LATE_1003_5004_lab2.ipynb": ("group_3", "1003", "canvas"),
    "lovelaceada_1234_56789_2024_lab6.ipynb": ("lovelaceada", "1234", "canvas"),
    "ılgazığdır_12_345_ödev.ipynb": ("ılgazığdır", "12", "canvas"),
    "李小明_1234_56789_作业 2.ipynb": ("李小明", "1234", "canvas"),
    "lovelaceada_1234_text.html": ("lovelaceada", "1234", "canvas"),
    "group_3_LATE_1234_link.html": ("group_3", "1234", "canvas"),
    # without names
    "anon_a1B2c_56789_lab6.ipynb": ("anon_a1B2c", "", "canvas"),
    "anon_12345_56789_lab6.ipynb": ("anon_12345", "", "canvas"),
    "LATE_anon_a1B2c_56789_lab6.ipynb": ("anon_a1B2c", "", "canvas"),
    # nbgrader, and folders named after the lab
    "submitted/ada/lab2/lab2.ipynb": ("ada", "ada", ""),
    "ada/lab2/lab2.ipynb": ("ada", "", ""),
    # what a student calls his file does not make him another
    "Ada_4321_assignsubmission_file_/Bo_7_assignsubmission_file_x.ipynb": ("Ada", "4321", "moodle"),
    "Ada_4321_assignsubmission_file_/bo_7_8_x.ipynb": ("Ada", "4321", "moodle"),
    "Ada_4321_assignsubmission_file_/submission_9/x.ipynb": ("Ada", "4321", "moodle"),
    "submission_777/bo_7_8_x.ipynb": ("777", "777", "gradescope"),
    "submitted/ada/lab2/bo_7_8_x.ipynb": ("ada", "ada", ""),
}


@pytest.mark.parametrize("file", NAMES)
def test_names_of_learning_systems(file):
    (owner,) = submissions.identify([tuple(file.split("/"))])
    assert (owner.student, owner.student_id, owner.system) == NAMES[file]
    assert owner.late == ("LATE" in file)
    assert bool(owner.notes) == (owner.student.startswith("anon_") or "_2024_" in file
                                 or (owner.student == "group_3" and not owner.late))


def _owners(*files):
    return submissions.identify([tuple(file.split("/")) for file in files])


def test_the_class_tells_how_a_name_is_read():
    """Short ids on a small site: those that are read in one way decide for the others."""
    files = ("ada_12_345_lab2.ipynb", "bo_13_346_lab2.ipynb", "team_4_14_347_lab2.ipynb")
    assert [owner.student_id for owner in _owners(*files)] == ["12", "13", "14"]
    files = ("ada_12_345_lab2.ipynb", "bo_13_346_lab2.ipynb", "cy_14_347_2_lab2.ipynb")
    assert [owner.student_id for owner in _owners(*files)] == ["12", "13", "14"]


def test_the_folder_of_the_student_is_found():
    for above in ("", "submitted/", "downloads/week 2/"):
        files = [f"{above}{name}/lab2/work.ipynb" for name in ("ada", "bo")]
        assert [owner.student for owner in _owners(*files)] == ["ada", "bo"]
    assert [o.student for o in _owners("a/ada/x.ipynb", "b/bo/x.ipynb")] == ["ada", "bo"]


def test_an_id_in_a_students_folder_is_not_taken_and_that_is_said():
    ada, bo = _owners("ada/bo_1002_5003_lab2.ipynb", "bo/lab2.ipynb")
    assert (ada.student, ada.student_id) == ("ada", "") and bo.notes == ()
    assert ada.notes[0][0] == "id_in_folder"
    # one folder around all files is that of the download
    ada, bo = _owners("all/ada_1001_5002_lab2.ipynb", "all/bo_1002_5003_lab2.ipynb")
    assert (ada.student_id, bo.student_id) == ("1001", "1002")


def _files(source, unpack):
    return [s.file for s in submissions.find(source, unpack).submissions]


def test_a_folder_a_zip_and_zips_inside(tmp_path):
    folder = tmp_path / "in"
    skipped = [f"{name}/a.ipynb" for name in (".git", ".vscode", ".idea", "__MACOSX")]
    for name in ("a.ipynb", "b/c.ipynb", ".hidden", "._a.ipynb", "notes.txt", *skipped):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")
    with zipfile.ZipFile(folder / "inner.zip", "w") as inner:
        inner.writestr("lab.ipynb", "{}")
        inner.writestr("../../escaped.ipynb", "{}")
    wanted = ["a.ipynb", "b/c.ipynb", "inner.zip/escaped.ipynb", "inner.zip/lab.ipynb", "notes.txt"]
    assert _files(folder, tmp_path / "one") == wanted
    whole = tmp_path / "all.zip"
    with zipfile.ZipFile(whole, "w") as outer:
        for path in folder.rglob("*"):
            if path.is_file():
                outer.write(path, path.relative_to(folder))
    assert _files(whole, tmp_path / "two") == wanted
    assert not list(tmp_path.parent.glob("escaped*"))


def test_nothing_to_grade_is_told(tmp_path):
    with pytest.raises(submissions.NoSubmissions, match="does not exist"):
        submissions.find(tmp_path / "none", tmp_path)
    (tmp_path / "file.txt").write_text("x")
    with pytest.raises(submissions.NoSubmissions, match="neither a folder nor a zip"):
        submissions.find(tmp_path / "file.txt", tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(submissions.NoSubmissions, match="holds no files"):
        submissions.find(tmp_path / "empty", tmp_path / "x")


def _read(tmp_path, small, data, others=None):
    path = tmp_path / "x.ipynb"
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    return reading.read(path, small, others or {})


@pytest.mark.parametrize(("data", "code"), [
    (b"", "empty"), (b" \n\x00", "empty"), (b"hello", "not_a_notebook"),
    (b"%PDF-1.7", "not_a_notebook"), (b"PK\x03\x04", "not_a_notebook"),
    (b"\xff\xfe\x00", "not_a_notebook"), (b"<!doctype html>", "not_a_notebook"),
    (b"[1, 2]", "not_a_notebook"), (b'{"a": 1}', "not_a_notebook"),
    (b'{"cells": [{"cell_type": "co', "damaged"), (b'{"cells": []}', "no_code"),
    (b"[" * 100_000, "not_a_notebook"), (b'{"cells": ' + b"[" * 100_000, "damaged"),
])
def test_files_that_are_no_notebooks(tmp_path, small, data, code):
    with pytest.raises(reading.Rejected) as caught:
        _read(tmp_path, small, data)
    assert caught.value.code == code


@pytest.mark.parametrize("change", [
    lambda nb: nb.pop("metadata"),
    lambda nb: nb.update(metadata=None),
    lambda nb: [c.pop("metadata") for c in nb["cells"]],
    lambda nb: [c.update(metadata={"tags": "starter"}) for c in nb["cells"]],
    lambda nb: nb["cells"].insert(0, "not a cell"),
    lambda nb: nb["cells"].insert(0, {"cell_type": "code"}),
    lambda nb: [c.update(source=c["source"].splitlines(True)) for c in nb["cells"]],
    lambda nb: nb.update(nbformat="four"),
])
def test_mangled_notebooks_are_read(tmp_path, small, change):
    made = classroom.notebook(small, {"corr2d": "def corr2d(X, K): return 1"})
    change(made)
    found = _read(tmp_path, small, made)
    assert any("def corr2d(X, K): return 1" in source for source in found.cells)


def test_cells_that_train_are_left_out_with_and_without_their_tag(tmp_path, small):
    made = classroom.notebook(small, {"linear": "def linear(X, W, b): return 1"})
    slow = next(c for c in made["cells"] if "slow" in c["metadata"].get("tags", []))
    for change in ({}, {"metadata": {}}, {"source": "# mine\n" + slow["source"]}):
        for cell in made["cells"]:
            if cell is slow:
                cell.update(change)
        found = _read(tmp_path, small, made)
        place = next(k for k, s in enumerate(found.cells) if "time.sleep" in s)
        assert place in found.skipped
    slow["metadata"] = {"tags": ["slow"]}
    slow["source"] = slow["source"] + "\ndef corr2d(X, K): ...\n"  # an answer is never left out
    found = _read(tmp_path, small, made)
    assert not [k for k, s in enumerate(found.cells) if "time.sleep" in s and k in found.skipped]


def test_another_lab_is_known_by_metadata_or_names(tmp_path, small):
    made = classroom.notebook(small)
    assert _read(tmp_path, small, made).notes == []
    # says another one, or so in the way of notebooks from before assignments had names; answers 90
    for about, told in (({"assignment": "week1"}, "'week1'"), ({"lab": 5}, "lab 5")):
        made["metadata"]["workbook"] = about
        note = dict(_read(tmp_path, small, made).notes)["other_metadata"]
        assert told in note and note.endswith("but it answers lab 90.")
    made["metadata"]["workbook"] = {"lab": 90}
    assert _read(tmp_path, small, made).notes == []
    other = {"cells": [{"cell_type": "code", "source": "class MyGRU: pass"}]}
    with pytest.raises(reading.Rejected, match="lab 6") as caught:
        _read(tmp_path, small, other, {"lab6": {"GRU"}, "lab5": {"conv2d"}})
    assert caught.value.code == "wrong_lab"


def test_answers_that_are_not_the_students_own_are_noted(tmp_path, small):
    solution = next(c.source for c in small.cells if c.role == "solution" and c.kind == "code")
    made = classroom.notebook(small, {"corr2d": solution.replace("One place", "My way")})
    assert "book_solution" in dict(_read(tmp_path, small, made).notes)
    line = "from dlworkbook.checks.tasks.corr2d import reference as corr2d"
    made = classroom.notebook(small, {"corr2d": line})
    assert "reads_checks" in dict(_read(tmp_path, small, made).notes)


REPORT = {"task": "corr2d", "passed": False, "status": "named_mistake", "mistake": "LAB5-01",
          "title": "the kernel is flipped", "pair": None, "message": "It is `turned`.",
          "hint": "Look.", "remarks": [], "credit": 0.5}


def _row(small, file, credit=0.5, notes=()):
    (owner,) = submissions.identify([tuple(file.split("/"))])
    one = submissions.Submission(file, None, **vars(owner))
    reports = {"corr2d": REPORT | {"credit": credit},
               "linear": REPORT | {"task": "linear", "passed": True, "status": "passed",
                                   "mistake": None, "credit": 1.0}}
    found = {"notes": list(notes), "reports": reports, "seconds": 1.0, "complete": True}
    return results.graded(one, small, reading.Submitted([]), found)


def test_what_lost_points_for_want_of_time_is_graded_again(small):
    late = {"code": "endless_loop", "text": "Cell 3 did not end within 10 s and was stopped."}
    assert not _row(small, "a.ipynb").again and not _row(small, "a.ipynb", 1.0, [late]).again
    assert _row(small, "a.ipynb", notes=[late]).again
    reports = {"linear": REPORT | {"task": "linear"}, "corr2d": REPORT | {"status": "timed_out"}}
    found = {"notes": [], "reports": reports, "seconds": 1.0}
    one = submissions.Submission("a.ipynb", None, "a")
    row = results.graded(one, small, reading.Submitted([]), found)
    assert row.status == "graded" and row.again


def test_a_row_and_its_table(small):
    row = _row(small, "=cmd_1_2_x.ipynb")
    assert (row.total, row.points, row.status) == (12.0, {"corr2d": 6.0, "linear": 6}, "graded")
    (line,) = csv.DictReader(io.StringIO(grades.table([row], small)))
    assert line["mistakes"] == "LAB5-01" and line["points"] == "12" and line["of"] == "18"
    assert line["file"].startswith("'=")  # no formula for a spreadsheet


def test_points_are_kept_back_when_the_checks_were_read(small):
    row = _row(small, "a.ipynb", notes=[{"code": "reads_checks", "text": "It reads."}])
    assert row.total == 0 and row.status == "look"


def test_a_task_without_report_is_stopped(small):
    one = submissions.Submission("a.ipynb", None, "a")
    found = {"notes": [], "reports": {"corr2d": REPORT}, "seconds": 1.0}
    row = results.graded(one, small, reading.Submitted([]), found)
    assert row.status == "stopped" and row.points == {"corr2d": 6.0, "linear": 0}


def test_gradebooks(small):
    rows = [_row(small, "ada_1_2_x.ipynb", 0.25), _row(small, "ada_1_3_x.ipynb", 0.75),
            _row(small, "Bo B_7_assignsubmission_file_x.ipynb"), _row(small, "plain.ipynb")]
    made, told = classroom.gradebooks(rows, small, [])
    assert set(made) == {"gradebook_canvas.csv"}  # Moodle's needs Moodle's own sheet
    canvas = list(csv.reader(io.StringIO(made["gradebook_canvas.csv"])))
    known = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert canvas[0] == [*known, "Lab 90", "Late"]
    assert canvas[1][-2:] == ["18", "(read only)"]
    assert canvas[2:] == [["ada", "1", "", "", "", "15", ""]]  # the better
    assert any("WORKSHEET" in sentence for sentence in told)
    assert any("in no gradebook: plain.ipynb" in sentence for sentence in told)
    assert any("not ada_1_2_x.ipynb (1)" in sentence for sentence in told)
    assert classroom.gradebooks([rows[3]], small, []) == ({}, [])


def test_feedback_names_the_mistake_and_escapes(small, tmp_path):
    row = _row(small, "<b>_1_2_x.ipynb")
    page, text = feedback.page(row, small), feedback.text(row, small)
    for told in (page, text):
        assert "the kernel is flipped (LAB5-01)" in told and "Look." in told
    assert "<code>turned</code>" in page and "&lt;b&gt;" in page and "<b>" not in page
    feedback.write(row, small, feedback.places([row], tmp_path)[row.file])
    assert len(list(tmp_path.rglob("*.html"))) == len(list(tmp_path.rglob("*.txt"))) == 1


def test_feedback_stays_in_its_folder(small, tmp_path):
    row = _row(small, "../../out_1_2_x.ipynb")
    base = feedback.places([row], tmp_path)[row.file]
    assert base.is_relative_to(tmp_path) and ".." not in base.parts


def test_the_class_report(small):
    rows = [_row(small, f"s{k}_{k}_1_x.ipynb") for k in range(4)]
    rare = "value = something_rare(17, 4)"
    sources = [[rare + "  # so", "import numpy as np", "# " + "a" * 30]] * 3 + [["x = 1"]]
    sources += [["only_two_have_this(4)"]] * 2
    lines = class_report.shared_lines(map(class_report.rare_lines, sources), small)
    assert lines == [(rare, 3)]  # handed-out lines and comments do not count
    page = class_report.page(rows, small, lines, ["Something <b>told</b>."])
    assert page.count("<svg") == 2 and "LAB5-01" in page and "something_rare" in page
    outside = page.replace("http://www.w3.org/", "")  # names of formats, not addresses
    assert "http://" not in outside and "https://" not in outside


def _canvas_cells(rows, small):
    made, _ = classroom.gradebooks(rows, small, [])
    return {line[1]: line[5:] for line in csv.reader(io.StringIO(made["gradebook_canvas.csv"]))}


def test_what_is_not_known_is_no_zero(small):
    """Rejected, stopped and withheld: an empty cell; a wrong answer is a zero."""
    (owner,) = submissions.identify([("cy_3_30_x.ipynb",)])
    cy = submissions.Submission("cy_3_30_x.ipynb", None, **vars(owner))
    stopped = {"notes": [], "reports": {"corr2d": REPORT}, "seconds": 1.0}
    rows = [_row(small, "ada_1_10_x.ipynb", notes=[{"code": "reads_checks", "text": "It reads."}]),
            _row(small, "bo_2_20_x.ipynb"), results.rejected(cy, small, "empty", "It is empty."),
            results.graded(cy, small, reading.Submitted([]), stopped)]
    assert _canvas_cells(rows, small) == {
        "ID": ["Lab 90", "Late"], "": ["18", "(read only)"], "1": ["", ""], "2": ["12", ""],
        "3": ["", ""],
    }
    lines = list(csv.DictReader(io.StringIO(grades.table(rows, small))))
    assert [line["points"] for line in lines] == ["", "12", "", ""]
    assert [line["corr2d"] for line in lines] == ["", "6", "", "6"]  # what was checked is told
    for row in rows:
        told = "of 18 points" if row.counts else "no points yet"
        assert told in feedback.text(row, small) and told in feedback.page(row, small)
    page = class_report.page(rows, small, [], [])
    assert "Mean of the 1 student whose points are known: 12.0 of 18" in page
    # a file that was read counts, though another one came later
    known = {"notes": [], "reports": dict.fromkeys(("corr2d", "linear"), REPORT | {"credit": 0}),
             "seconds": 1.0}
    rows.append(results.graded(cy, small, reading.Submitted([]), known))
    assert _canvas_cells(rows, small)["3"] == ["0", ""]


def test_late_work_is_marked_everywhere(small):
    rows = [_row(small, "ada_LATE_1_10_x.ipynb"), _row(small, "bo_2_20_x.ipynb")]
    lines = list(csv.DictReader(io.StringIO(grades.table(rows, small))))
    assert [line["late"] for line in lines] == ["late", ""]
    cells = _canvas_cells(rows, small)
    assert (cells["1"], cells["2"]) == (["12", "late"], ["12", ""])
    page = class_report.page(rows, small, [], [])
    late = page[page.index("Came late") : page.index("Cells that stopped")]
    assert "ada_LATE" in late and "bo_2" not in late and "1 came late" in page
    assert "handed in late" in feedback.text(rows[0], small)
    assert "late" not in feedback.text(rows[1], small)

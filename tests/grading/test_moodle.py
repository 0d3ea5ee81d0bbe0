"""Moodle's own worksheet is filled so that its importer takes it, and nothing else is changed."""

from __future__ import annotations

import csv
import io

import pytest

from grading import grade
from grading.read import reading, submissions
from grading.report import moodle, results
from tests.grading import classroom
from tests.grading.moodle_importer import LANGUAGES, Moodle

NAME = "Student No {0}_{0}_assignsubmission_file_/lab.ipynb"


def _row(small, id_, credit, code=""):
    (owner,) = submissions.identify([tuple(NAME.format(id_).split("/"))])
    one = submissions.Submission(NAME.format(id_), None, **vars(owner))
    if code:
        return results.rejected(one, small, code, "It cannot be read.")
    report = {"passed": credit == 1, "status": "passed" if credit == 1 else "differs",
              "mistake": None, "title": "", "pair": None, "message": "It, \"differs\".\nSo.",
              "hint": "", "remarks": [], "credit": credit}
    reports = {task.name: report | {"task": task.name} for task in small.tasks}
    found = {"notes": [], "reports": reports, "seconds": 1.0}
    return results.graded(one, small, reading.Submitted([]), found)


def _sheet(text, tmp_path, encoding="utf-8"):
    path = tmp_path / "Grades-Course-Lab 6-123.csv"
    path.write_bytes(text.encode(encoding))
    return moodle.read(path)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("comments", [True, False])
@pytest.mark.parametrize("extra", [(), ("ID number", "Email address")])
def test_moodle_takes_the_filled_worksheet(small, tmp_path, language, comments, extra):
    site = Moodle(language, [7, 8, 9, 10, 1234567], 18, comments, extra, {9: 3.0}, {9: "Old"})
    sheet = _sheet(site.export(), tmp_path)
    assert site.upload(site.export()) == []  # what it wrote changes nothing
    rows = [_row(small, 7, 1), _row(small, 8, .25), _row(small, 9, 0, "damaged"),
            _row(small, 1234567, 0)]
    made, told = classroom.gradebooks(rows, small, [sheet])
    site.upload(made["gradebook_moodle.csv"])
    # 9 could not be read and keeps what it had, 10 handed in nothing
    assert site.grades == {7: 18.0, 8: 4.5, 9: 3.0, 1234567: 0.0}
    assert set(site.texts) == ({7, 8, 9, 1234567} if comments else {9})
    if comments:
        assert "corr2d 12, passed" in site.texts[7] and site.texts[9] == "Old"
    assert any("no empty column for comments" in sentence for sentence in told) != comments


def test_nothing_else_is_changed(small, tmp_path):
    site = Moodle("de", [7, 8], 18, extra=("ID number",))
    text = site.export().removeprefix("\ufeff")
    sheet = _sheet(text, tmp_path)
    filled, _ = moodle.fill(sheet, {"7": _row(small, 7, 1)}, small, lambda row: "text")
    before, after = (list(csv.reader(io.StringIO(t))) for t in (text, filled))
    changed = {(i, j) for i, line in enumerate(before) for j, cell in enumerate(line)
               if cell != after[i][j]}
    assert changed == {(1, 4), (1, 9)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_worksheet_that_a_spreadsheet_saved(small, tmp_path, encoding, delimiter):
    site = Moodle("en", [7, 8], 18)
    text = site.export().removeprefix("\ufeff")
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(csv.reader(io.StringIO(text)))
    sheet = _sheet(out.getvalue(), tmp_path, encoding)
    filled, _ = moodle.fill(sheet, {"7": _row(small, 7, 1)}, small, lambda row: "text")
    site.upload(filled)
    assert site.grades == {7: 18.0}


@pytest.mark.parametrize("text", [
    "", "a", "a,b\n1,2\n", "file,student,points,of\na.ipynb,ada,1,18\n",
    "\x00,\x00,\x00,\x00\n" * 3,
    "Identifier,Name,Grade,Maximum,X\nParticipant 1,a,B,A to F,-\n",  # a scale
    "Identifier,Name,Grade,Maximum,X\nParticipant 1,a,,20,-\nada,b,,20,-\n",
    "Identifier,Name,Grade,Maximum,X\nParticipant 1,a,,20\n",
])
def test_other_tables_are_no_worksheets(tmp_path, text):
    assert _sheet(text, tmp_path) is None


def test_what_does_not_fit_is_told(small, tmp_path):
    sheet = _sheet(Moodle("en", [7, 8], 100).export(), tmp_path)
    _, told = classroom.gradebooks([_row(small, 7, 1), _row(small, 11, 1)], small, [sheet])
    assert any("no row for the ids 11" in sentence for sentence in told)
    assert any("100 is the maximum grade, and the lab has 18" in sentence for sentence in told)


def test_a_worksheet_is_found_beside_the_submissions_or_given(small, tmp_path):
    folder = tmp_path / "in"
    path = folder / NAME.format(7)
    path.parent.mkdir(parents=True)
    path.write_text("")
    site = Moodle("en", [7], 18)
    (folder / "Grades.csv").write_text(site.export(), encoding="utf-8")
    found = submissions.find(folder, tmp_path / "unpack")
    assert [s.name for s in found.worksheets] == ["Grades.csv"] and len(found.submissions) == 1
    # a student's own table is none
    (path.parent / "Grades.csv").write_text(site.export(), encoding="utf-8")
    found = submissions.find(folder, tmp_path / "unpack")
    assert len(found.worksheets) == 1 and len(found.submissions) == 2
    assert grade.worksheets([folder / "Grades.csv"])[0].rows
    with pytest.raises(submissions.NoSubmissions, match="no grading worksheet"):
        grade.worksheets([path])


HEAD = "Identifier,Full name,Grade,Maximum,Modified\n"
ROWS = "Participant 7,a,,20,-\nParticipant 8,b,3,20,-\nParticipant 9,c,,20,-\n"


@pytest.mark.parametrize(("old", "new", "line", "told"), [
    ("Participant 8,b", "8,b", 3, "'8' under Identifier is no participant, as 'Participant 7' is"),
    ("8,b,3,20", "8,b,three,20", 3, "'three' under Grade is no grade. Write a number"),
    ("7,a,,20", "7,a,20", 2, "4 cells under 5 headings. Export the worksheet anew"),
    ("c,,20,-", "c,,20,-,,", 4, "7 cells under 5 headings"),
])
def test_a_damaged_worksheet_is_told_with_its_line(tmp_path, old, new, line, told):
    path = tmp_path / "Grades.csv"
    assert ROWS.count(old) == 1
    path.write_text(HEAD + ROWS, encoding="utf-8")
    assert grade.worksheets([path])[0].at == [2, 3, 4]
    path.write_text(HEAD + ROWS.replace(old, new), encoding="utf-8")
    with pytest.raises(submissions.NoSubmissions) as refused:
        grade.worksheets([path])
    assert str(refused.value).startswith(f"Grades.csv:{line}: ") and told in str(refused.value)


def test_a_worksheet_that_is_not_there_and_a_participant_twice(small, tmp_path):
    with pytest.raises(submissions.NoSubmissions, match=r"none\.csv: there is no such file"):
        grade.worksheets([tmp_path / "none.csv"])
    sheet = _sheet(HEAD + ROWS + "\nParticipant 7,a,,20,-\n", tmp_path)
    _, told = classroom.gradebooks([_row(small, 7, 1)], small, [sheet])
    assert any(one.endswith(".csv:6: Participant 7 stands in line 2, too, and both got the same "
                            "grade. Leave one.") for one in told), told


def test_the_importer_refuses_columns_that_are_not_its_own():
    with pytest.raises(ValueError, match="invalidgradeimport"):
        Moodle("en", [7]).upload("Identifier,Grade,Feedback comments\nParticipant 7,1,x\n")
    with pytest.raises(ValueError, match="invalidgradeimport"):
        Moodle("de", [7]).upload(Moodle("en", [7]).export())

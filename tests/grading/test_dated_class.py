"""A class with a roster and a due date is graded: everybody has a line, and it says why."""

from __future__ import annotations

import csv
import dataclasses
import io
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from grading import grade
from grading.marking import standing
from grading.read.submissions import Folder, Member, Submission, identify
from grading.report import gradebook, moodle
from grading.roster import book as books
from grading.roster import inputs
from grading.roster.inputs import Inputs, Terms
from grading.roster.late import Late
from tests.grading import answers, classroom
from tests.grading.canvas_importer import Canvas
from tests.grading.moodle_importer import LANGUAGES, Moodle

pytestmark = pytest.mark.xdist_group("grading-dated")

ZONE = timezone(timedelta(hours=2))
DUE = datetime(2026, 9, 14, 23, 59, tzinfo=ZONE)
POLICY = Late(grace_minutes=10, per_day=10, days=3)
STUDENTS = {500 + k: (f"Last{k}, First{k}", f"S{k}", f"login{k}", "Section A") for k in range(1, 9)}
TIMES = """id,time
501,2026-09-14T20:00
login2,2026-09-16 02:59
S3,2026-09-16 02:59
504,2026-09-20 10:00
507,2026-09-14 20:00
"""
EXTENSIONS = "ID,Days,Due,Why\nlogin3,2,,ill\n505,,2026-09-20,travel\n"


def _code(small, only=None):
    right = {name: found[0].code for name, found in answers.right(small).items()}
    return {name: code for name, code in right.items() if only in (None, name)}


def _course():
    return Canvas(dict(STUDENTS), {31: (f"Lab {90}", 18.0)}, {(507, "Lab 90"): "3.5"})


@pytest.fixture(scope="module")
def graded(small, tmp_path_factory):
    """Nine files of a class of eight, with all that an instructor may give beside them."""
    folder = tmp_path_factory.mktemp("dated")
    whole = classroom._bytes(classroom.notebook(small, _code(small)))
    half = classroom._bytes(classroom.notebook(small, _code(small, small.tasks[0].name)))
    files = {f"last{k}first{k}_{500 + k}_{9000 + k}_lab90.ipynb": whole for k in (1, 2, 3, 4, 6)}
    files |= {
        "last6first6_506_9100_lab90-1.ipynb": half,
        "last7first7_507_9007_lab90.ipynb": b"Dear professor, see attachment.",
        "last8first8_LATE_508_9008_lab90.ipynb": half,
        "last1first1_777_9777_lab90.ipynb": half,  # of the same name, and not on the roster
    }
    (folder / "in").mkdir()
    for name, data in files.items():
        (folder / "in" / name).write_bytes(data)
    course = _course()
    for name, text in (("roster", course.export(hidden=True)), ("times", TIMES),
                       ("extensions", EXTENSIONS)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    terms = {"due": DUE, "late": POLICY, "counts": "latest"}
    dated = dataclasses.replace(small, plan=dataclasses.replace(small.plan, **terms))
    given = inputs.read(inputs.terms(dated), *(
        folder / f"{name}.csv" for name in ("roster", "extensions", "times")))
    grader = grade.Grader(dated, folder / "out", 2, given=given)
    grader.run(folder / "in", quiet=True)
    return SimpleNamespace(folder=folder, out=folder / "out", grader=grader, course=course,
                           lab=dated)


def _lines(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_everybody_has_a_line_that_says_why(graded):
    first = graded.lab.tasks[0].points
    lines = {line["id"]: line for line in _lines(graded.out / "standings.csv")}
    assert list(lines) == [*map(str, STUDENTS), "777"]
    found = {id_: (line["days late"], line["penalty"], line["points"])
             for id_, line in lines.items()}
    assert found == {
        "501": ("0", "", "18"), "502": ("2", "3.6", "14.4"), "503": ("0", "", "18"),
        "504": ("6", "18", "0"), "505": ("", "", ""), "506": ("", "", f"{first:g}"),
        "507": ("0", "", ""), "508": ("unknown", "", f"{first:g}"), "777": ("", "", f"{first:g}"),
    }
    assert "1 day 3 h late: 2 days begun, 20% of 18 points = 3.6 points" in lines["502"]["reason"]
    assert "an extension to 2026-09-16 23:59+02:00 (ill)" in lines["503"]["reason"]
    assert lines["505"]["reason"] == "Handed in nothing."
    assert lines["506"]["file"] == "last6first6_506_9100_lab90-1.ipynb"
    assert "Does not count: last6first6_506_9006_lab90.ipynb" in lines["506"]["reason"]
    assert "not known yet" in lines["507"]["reason"] and "On no line" in lines["777"]["reason"]
    told = " ".join(graded.grader.told)
    assert "last6first6_506_9100_lab90-1.ipynb, though last6first6_506_9006_lab90.ipynb has" in told
    assert "Handed in nothing (1): Last5, First5 (505)." in told and "777" in told


@pytest.mark.slow
def test_canvas_takes_the_gradebook_with_everybody(graded):
    text = (graded.out / "gradebook_canvas.csv").read_text(encoding="utf-8")
    lines = list(csv.reader(io.StringIO(text)))
    assert [line[:5] for line in lines[2:]] == [[about[0], str(id_), *about[1:]]
                                                for id_, about in STUDENTS.items()]
    assert lines[0][5] == "Lab 90 (31)" and lines[3][6] == "2 days late, -3.6"
    graded.course.upload(text)
    first = f"{graded.lab.tasks[0].points:g}"
    grades = {id_: graded.course.grades[id_, "Lab 90"] for id_ in STUDENTS}
    # 505 handed in nothing, 507 could not be read and keeps what it had
    assert grades == {501: "18", 502: "14.4", 503: "18", 504: "0", 505: "", 506: first, 507: "3.5",
                      508: first}
    assert graded.course.unknown == [] and list(graded.course.assignments) == [31]


@pytest.mark.slow
def test_students_read_what_it_cost_and_the_report_names_who_is_missing(graded):
    feedback = {path.name: path.read_text(encoding="utf-8")
                for path in (graded.out / "feedback").glob("*.txt")}
    two = " ".join(feedback["last2first2_502_9002_lab90.txt"].split())
    assert "14.4 of 18 points, handed in late" in two and "= 3.6 points less." in two
    assert "In time by an extension" in feedback["last3first3_503_9003_lab90.txt"]
    six = " ".join(feedback["last6first6_506_9006_lab90.txt"].split())
    assert "Another file counts in place of this one: last6first6_506_9100_lab90-1.ipynb." in six
    assert "extension" not in feedback["last1first1_501_9001_lab90.txt"]
    report = (graded.out / "report.html").read_text(encoding="utf-8")
    missing = report[report.index("<h2>Handed in nothing") :]
    assert "Last5, First5" in missing[: missing.index("</table>")] and "Last1" not in (
        missing[: missing.index("</table>")])


@pytest.mark.slow
def test_an_extension_that_comes_later_grades_nothing_again(graded):
    folder = graded.folder
    runs = {row.file: row.run for row in graded.grader.rows.values()}
    (folder / "extensions.csv").write_text("id,days,why\n504,7,hospital\n", encoding="utf-8")
    given = inputs.read(inputs.terms(graded.lab), folder / "roster.csv", folder / "extensions.csv",
                        folder / "times.csv")
    grader = grade.Grader(graded.lab, folder / "later", 2, given=given)
    (folder / "later").mkdir()
    (folder / "later" / "results").symlink_to(folder / "out" / "results")
    grader.run(folder / "in", quiet=True)
    assert {row.file: row.run for row in grader.rows.values()} == runs
    lines = {line["id"]: line["points"] for line in _lines(folder / "later" / "standings.csv")}
    assert lines["504"] == "18" and lines["503"] == "14.4"


# -- other systems, with rows that were not run


def _row(small, file, points, folders=None):
    (owner,) = identify([tuple(file.split("/"))], folders)
    return classroom.of_points(Submission(file, None, **vars(owner)), small, points)


@pytest.mark.parametrize("language", LANGUAGES)
def test_moodle_takes_the_worksheet_of_a_team(small, tmp_path, language):
    """Bo and Cy are a team; Bo handed in, a day late, and Cy has an extension."""
    site = Moodle(language, [7, 8, 9], 18)
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name,group\n007,\"Student, No 7\",\n008,\"Student, No 8\",Red\n"
                      "009,\"Student, No 9\",Red\n", encoding="utf-8")
    sheet = tmp_path / "Grades.csv"
    sheet.write_text(site.export().replace("Monday, 3 March 2025, 10:00 AM",
                                           "Tuesday, 15 September 2026, 10:00 AM"), "utf-8")
    extensions = tmp_path / "extensions.csv"
    extensions.write_text("id,due\n009,2026-09-15\n", encoding="utf-8")
    given = inputs.read(Terms(DUE, POLICY, "latest"), roster, extensions)
    rows = [_row(small, "Student, No 8_8_assignsubmission_file_/lab.ipynb", 16)]
    sheets = [moodle.read(sheet)]
    book = books.make(rows, small, Terms(DUE, POLICY, "latest"), given, sheets)
    made, told = gradebook.files(rows, small, sheets, book)
    site.upload(made["gradebook_moodle.csv"])
    assert site.grades == {8: 14.2, 9: 16.0} and told == []
    assert site.texts[8].startswith("handed in 10 h 1 min late: 1 day begun, 10% of 18 p")
    assert site.texts[9].startswith("in time by an extension")
    shown = book.shown(standing.of(rows[0], small))
    assert shown.student == "Student, No 8 and Student, No 9"  # as the roster calls them
    late, extended = shown.remarks[:2]
    assert late.startswith("Student, No 8: Handed in 10 h")
    assert extended.startswith("Student, No 9: In time by an extension")
    assert [one.id for one in book.missing] == ["007"]


def test_gradescope_says_who_and_when(small, tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text("First Name,Last Name,SID,Email,Sections\nAda,Lovelace,007,a@example.org,A\n"
                      "Emmy,Noether,008,e@example.org,B\n", encoding="utf-8")
    two = (Member("Ada Lovelace", "007", "a@example.org"), Member("Emmy N.", "", "e@example.org"))
    folders = {"submission_1": Folder("both", "007 e@example.org", two,
                                      (DUE + timedelta(hours=1)).isoformat())}
    rows = [_row(small, "submission_1/lab.ipynb", 16, folders)]
    terms = Terms(DUE, POLICY)
    book = books.make(rows, small, terms, inputs.read(terms, roster), [])
    lines = list(csv.DictReader(io.StringIO(book.table())))
    assert [(line["id"], line["section"], line["points"]) for line in lines] == [
        ("007", "A", "14.2"), ("008", "B", "14.2")]
    assert lines[0]["handed in"] == "2026-09-15 00:59+02:00"
    # the same without a roster
    lines = csv.DictReader(io.StringIO(books.make(rows, small, terms, Inputs(), []).table()))
    assert [line["id"] for line in lines] == ["007", "e@example.org"]


def test_a_table_is_harmless_for_a_spreadsheet(small, tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name,section\n7,=HYPERLINK(1),@x\n", encoding="utf-8")
    book = books.make([], small, Terms(), inputs.read(Terms(), roster), [])
    assert book.table().splitlines()[1].startswith("7,'=HYPERLINK(1),'@x")

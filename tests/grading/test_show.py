"""The whole way once: an assignment of seven exercises from three pages of two chapters and a
practice problem is made for a roster, answered by twelve honest students, graded behind walls,
marked by hand in part, and taken by Canvas and Moodle.

Who the students are, what they did, and what each of them must get stands in ``show/class.yml``.
What Canvas and Moodle take is said by the rules of their importers, ``canvas_importer.py`` and
``moodle_importer.py``.
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import torch
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell

from grading import grade
from grading.make import assignment, each, lab, place, plan, problems
from grading.marking import marks
from grading.marking.group import Group
from grading.report import moodle
from grading.roster import inputs
from grading.run import sandbox
from publish.practice.confirm import pooling
from tests.grading import marked
from tests.grading.canvas_importer import Canvas
from tests.grading.moodle_importer import Moodle
from tests.grading.test_mark_server import ask

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-show")]

HERE = Path(__file__).parent / "show"
NAME = "sums_and_windows"
CLASS = yaml.safe_load((HERE / "class.yml").read_text(encoding="utf-8"))
STUDENTS = {one["name"]: one for one in CLASS["students"]}
TITLE = "Sums, tables and a window"
IN_TIME = "2026-10-12T20:00"
HANDED_IN = [name for name, one in STUDENTS.items() if "points" in one]
STARTER = re.compile(r"(?:def )?(\w+)(?:\(| = )")


# -- what a student does to the notebook that was handed out


class Notebook:
    """A student's notebook in the making."""

    def __init__(self, path: Path) -> None:
        self.book = nbformat.read(path, as_version=4)
        self.starters = {STARTER.match(cell.source)[1]: cell for cell in self.book.cells
                         if cell.cell_type == "code" and STARTER.match(cell.source)}

    def fill(self, name: str, source: str) -> None:
        """Write into a starter: a value in place of the dots, or all of the cell."""
        whole = any(line.startswith((f"def {name}(", f"{name} = ")) for line in source.split("\n"))
        self.starters[name].source = source if whole else f"{name} = {source}"

    def write(self, question: str, text: str) -> None:
        (cell,) = [cell for cell in self.book.cells if place.EMPTY in cell.source
                   and f"`{question}`" in cell.source]
        cell.source = cell.source.replace(place.EMPTY, text)

    def put(self, given: dict) -> None:
        """A cell more, or words in a cell that is not meant for them."""
        (source,) = [given[kind] for kind in ("code", "text") if kind in given]
        if "into" in given:
            (cell,) = [cell for cell in self.book.cells if given["into"] in cell.source]
            cell.source = f"{source}\n{cell.source}" if "code" in given else (
                f"{cell.source}\n\n{source}")
            return
        new = new_code_cell(source) if "code" in given else new_markdown_cell(source)
        where = {"top": 0, "end": len(self.book.cells)}.get(given.get("at"))
        if where is None:
            where = self.book.cells.index(self.starters[given["before"]])
        self.book.cells.insert(where, new)

    def problem(self) -> dict:
        """The numbers of the practice problem, as the student reads them."""
        (text,) = [cell.source for cell in self.book.cells if "### Problem 1" in cell.source]
        X, G = (
            [[int(cell) for cell in line.split("&")] for line in found.split("\\\\")]
            for found in re.findall(r"\\begin\{bmatrix\}(.*?)\\end\{bmatrix\}", text)
        )
        (how,) = re.findall("takes the (maximum|mean) over windows of 2 × 2 with stride 2", text)
        how = {"maximum": "max"}.get(how, how)
        return {"X": X, "G": G, "how": how, "size": 2, "stride": 2}

    def solve(self, how: str) -> None:
        """By torch, from the numbers of this student."""
        data = self.problem()
        Y, dX = (part.tolist() for part in pooling.keys(data, 2))
        everywhere = torch.tensor(data["G"]).repeat_interleave(2, 0).repeat_interleave(2, 1)
        given = {"worked": f"[{Y}, {dX}]", "first": f"[{Y}, ...]",
                 "everywhere": f"[{Y}, {everywhere.tolist()}]",
                 "arrays": f"[np.array({Y}), torch.tensor({dX}, dtype=torch.float64)]"}
        if how in given:
            self.fill("problem_1", given[how])

    def bare(self) -> None:
        """As programs save that know nothing of metadata; cells without a use for them are gone."""
        gone = ("# @title Set-up", "from torch import tensor", "import torch\n")
        self.book.cells = [cell for cell in self.book.cells if not cell.source.startswith(gone)]
        self.book.metadata.clear()
        for cell in self.book.cells:
            cell.metadata.clear()


def answered(handed_out: Path, one: dict) -> str:
    """The file that a student hands in."""
    made = Notebook(handed_out)
    left = list(CLASS["right"]) if one.get("left") == "all" else one.get("left", [])
    for name, source in (CLASS["right"] | one.get("fill", {})).items():
        if name not in left:
            made.fill(name, source.strip("\n"))
    made.solve(one.get("problem", "worked"))
    for question, text in (CLASS["words"] | one.get("words", {})).items():
        if text:
            made.write(question, text.strip("\n"))
    for given in one.get("put", []):
        made.put(given)
    if one.get("saved") == "bare":
        made.bare()
    data = json.loads(nbformat.writes(made.book))
    if one.get("saved") == "bare":
        for cell in data["cells"]:
            cell.pop("id", None)
    return json.dumps(data, ensure_ascii=False)


def file_of(one: dict, again: bool = False) -> str:
    """As Canvas calls it."""
    name = "".join(sign for sign in one["name"].casefold() if sign.isalnum())
    late = "_LATE" if "late" in one else ""
    more = "-1" if again else ""
    return f"{name}{late}_{one['id']}_{9000 + one['id'] + 100 * again}_{NAME}{more}.ipynb"


# -- the whole way


def _course() -> Canvas:
    people = {one["id"]: (one["name"], f"S{one['id']}", f"login{one['id']}", "Section A")
              for one in STUDENTS.values()}
    return Canvas(people, {31: (TITLE, 37.0)})


def _site() -> tuple[Moodle, str]:
    """Moodle with the same people, and its worksheet with their ids at the university."""
    site = Moodle("en", [1000 + one["id"] for one in STUDENTS.values()], 37.0,
                  extra=("ID number",))
    return site, re.sub(r"extra1(\d+)", r"S\1", site.export())


def _mark(out: Path, this: lab.Lab) -> None:
    """By the server of the marking page, and a check's points by another entry."""
    with marked.served(out, this) as server:
        group = Group(out, this)
        for question in this.written:
            lines = [plan.rubric_points(line)[0] for line in question.rubric]
            for item in group.items(question.name):
                one = next(s for s in STUDENTS.values() if str(s["id"]) == item.row.student_id)
                given = one["marks"][question.name]
                again = "first" in one and item.row.file == file_of(one)
                if given is None or again:
                    continue
                said = {"q": question.name, "s": group.id(question.name, item.row),
                        "kind": "mark", "points": dict(zip(lines, given, strict=True)),
                        "comment": "", "version": marks.version(item.row),
                        "answer": marks.digest(item.row.written[question.name]),
                        "seen": marks.load(marks.place(out, item.row)).state(question.name)}
                assert ask(server, "save", said)[0] == 200
        for row in group.rows():
            one = next(s for s in STUDENTS.values() if str(s["id"]) == row.student_id)
            for task, points in one.get("override", {}).items():
                if task != "why":
                    marks.add(out, row, marks.Entry(
                        task, "override", "Ms T", marks.now(), points, why=one["override"]["why"],
                        version=marks.version(row), checked=row.points[task]))


@pytest.fixture(scope="module")
def show(tmp_path_factory):
    """Made, answered, graded, marked, graded again."""
    folder = tmp_path_factory.mktemp("show")
    course, (site, sheet) = _course(), _site()
    times = ["file,time"]
    (folder / "in").mkdir()
    (folder / "roster.csv").write_text(course.export(hidden=True), encoding="utf-8")
    (folder / "Grades.csv").write_text(sheet, encoding="utf-8")
    people = assignment.roster(folder / "roster.csv")
    dist = assignment.build(HERE / f"{NAME}.yml", folder / NAME, people=people)
    this = lab.load(HERE / f"{NAME}.yml", source=problems.kept(dist))
    this.variants = each.kept(this, dist)
    for name in HANDED_IN:
        one = STUDENTS[name]
        path = dist / "student" / str(one["id"]) / f"{NAME}.ipynb"
        for again, did in enumerate([one.get("first"), one] if "first" in one else [one]):
            file = file_of(one, bool(again))
            text = answered(path, did)
            (folder / "in" / file).write_text(text, encoding="utf-8")
            times.append(f"{file},{did.get('time', IN_TIME)}")
    (folder / "times.csv").write_text("\n".join(times) + "\n", encoding="utf-8")
    given = inputs.read(inputs.terms(this), folder / "roster.csv", None, folder / "times.csv")
    out, sheets = folder / "out", [moodle.read(folder / "Grades.csv")]
    with pytest.MonkeyPatch.context() as patch:
        walls = not sandbox.missing(sandbox.probe())
        if walls:
            patch.delenv("GRADING_WALLS")
        first = grade.Grader(this, out, 2, given=given)
        rows = first.run(folder / "in", worksheets=sheets, quiet=True)
        before = (out / "gradebook_canvas.csv").read_text(encoding="utf-8")
        _mark(out, this)
        again = grade.Grader(this, out, 2, given=given)
        after = again.run(folder / "in", worksheets=sheets, quiet=True)
    assert [row.as_dict() for row in after] == [row.as_dict() for row in rows]  # none run again
    return SimpleNamespace(out=out, lab=this, rows={row.file: row for row in rows}, course=course,
                           site=site, told=again.told, walls=walls, before=before)


def test_it_is_what_was_asked_for(show):
    """Seven exercises, three pages, two chapters, two of them in words, and a practice problem."""
    pages = [part.page for part in show.lab.plan.pages]
    assert len(pages) == 3 and len({page.partition("/")[0] for page in pages}) == 2
    tasks = {_exercise(task.name) for task in show.lab.tasks}
    assert tasks == set(CLASS["exercises"]) and len(show.lab.written) == 2
    assert len(tasks - {"problem-1"}) + len(show.lab.written) == 7
    assert len(HANDED_IN) == 12 and show.lab.total == 37


def _exercise(task: str) -> str:
    """The exercise of a task: of a box, the one that its id begins with."""
    return next((name for name in CLASS["exercises"] if task.startswith(name)), task)


def _wrong(show, row, want: dict) -> list[str]:
    """What is not as it was said before, in words."""
    found = []
    points = dict.fromkeys(CLASS["exercises"], 0.0)
    for task, given in row.points.items():
        points[_exercise(task)] += given
    wanted = dict(zip(CLASS["exercises"], want["points"], strict=True))
    if points != pytest.approx(wanted):
        found.append(f"points {points}, not {wanted}")
    for task in show.lab.tasks:
        status, said = want.get("lost", {}).get(task.name, ("passed", ""))
        report = row.reports[task.name]
        if report["status"] != status or said not in report["message"]:
            found.append(f"{task.name}: {report['status']}, {report['message']!r}; "
                         f"not {status}, {said!r}")
    codes = set(row.codes) - (set() if show.walls else {"without_walls"})
    if (row.status, codes) != ("graded", set(want.get("codes", []))):
        found.append(f"{row.status}, {row.codes}: {row.reason}")
    if want.get("reason", "") not in row.reason:
        found.append(f"reason {row.reason!r}, not {want['reason']!r}")
    return found


@pytest.mark.parametrize("name", HANDED_IN)
def test_each_gets_what_was_said_before(show, name):
    one = STUDENTS[name]
    row = show.rows[file_of(one, "first" in one)]
    assert _wrong(show, row, one) == []
    words = CLASS["words"] | one.get("words", {}) | one.get("read", {})
    assert row.written == {question: text.strip() for question, text in words.items()}
    # and reads why
    text = (show.out / "feedback" / f"{Path(row.file).stem}.txt").read_text(encoding="utf-8")
    plain = " ".join(text.split())
    for _, said in one.get("lost", {}).values():
        assert " ".join(said.split()) in plain, (said, text)
    assert one.get("late", "")[1:] in plain


def test_the_earlier_file_of_one_who_handed_in_twice(show):
    (one,) = [one for one in STUDENTS.values() if "first" in one]
    row = show.rows[file_of(one)]
    assert _wrong(show, row, one["first"]) == []
    told = (show.out / "feedback" / f"{Path(row.file).stem}.txt").read_text(encoding="utf-8")
    assert f"Another file counts in place of this one: {file_of(one, True)}." in " ".join(
        told.split())


def _totals() -> dict[int, str]:
    """What stands in a gradebook for each student; empty where it is open, or nothing came."""
    return {one["id"]: "" if one.get("total") is None else f"{one['total']:g}"
            for one in STUDENTS.values()}


def test_where_each_student_stands(show):
    with (show.out / "standings.csv").open(encoding="utf-8", newline="") as file:
        lines = {int(line["id"]): line for line in csv.DictReader(file)}
    assert {id_: line["points"] for id_, line in lines.items()} == _totals()
    for one in STUDENTS.values():
        line, marks_ = lines[one["id"]], one.get("marks", {})
        assert one.get("late", "")[1:] in line["reason"]
        assert line["days late"] == ("" if "marks" not in one else "2" if "late" in one else "0")
        for question, given in marks_.items():
            assert (question in line["reason"]) == (given is None), line["reason"]
    assert lines[513]["reason"] == "Handed in nothing."
    assert f"Does not count: {file_of(STUDENTS['Twice, Gus'])}." in lines[508]["reason"]
    told = " ".join(show.told)
    assert "Handed in nothing (1): Absent, Lu (513)." in told
    for name in ("Extra, El", "Unusual, Ivo"):  # who wait for marks, and nobody else
        assert file_of(STUDENTS[name]) in told
    assert told.count(f"_{NAME}.ipynb") == 3  # and Gus's first file
    # before anything was marked, no points were given out
    assert {line[5] for line in list(csv.reader(show.before.splitlines()))[2:]} == {""}


def test_canvas_takes_its_file(show):
    show.course.upload((show.out / "gradebook_canvas.csv").read_text(encoding="utf-8"))
    assert show.course.unknown == [] and list(show.course.assignments) == [31]
    got = {id_: show.course.grades[id_, TITLE] for id_ in show.course.students}
    assert got == _totals()


def test_moodle_takes_its_worksheet(show):
    show.site.upload((show.out / "gradebook_moodle.csv").read_text(encoding="utf-8"))
    wanted = {1000 + id_: float(total) for id_, total in _totals().items() if total}
    assert show.site.grades == wanted and set(show.site.texts) == set(wanted)
    late = STUDENTS["Late, Fay"]
    assert show.site.texts[1000 + late["id"]].startswith(late["late"])
    texts = show.site.texts[1000 + STUDENTS["Mistaken, Jo"]["id"]]
    assert "difference_table 3" in texts and "You divided by the sums of the columns." in texts


def test_marks_are_read_by_the_student(show):
    """Points of each line, what is open, and other points than the check's with their reason."""
    texts = {one["id"]: (show.out / "feedback" / f"{Path(file_of(one, 'first' in one)).stem}.txt")
             .read_text(encoding="utf-8") for name, one in STUDENTS.items() if name in HANDED_IN}
    assert "18 of 37 points" in texts[511] and "It prints what it should return." in texts[511]
    assert "ex-conv-diagonal (3 of 3)" in texts[501]
    assert "ex-conv-diagonal (to be marked by hand, of 3)" in texts[506]

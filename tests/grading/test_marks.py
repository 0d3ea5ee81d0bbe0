"""Marks are kept as they were given, joined to whatever the grader finds, and never a silent zero.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest
import yaml

from grading import grade
from grading.make.written import Written
from grading.marking import comments, lines, marks, regrade, requests, standing
from grading.marking.checked import FileError
from grading.marking.marks import Entry
from grading.report import class_report, comment, feedback, grades
from tests.grading import classroom, marked

WHEN = "2026-09-14T12:00:00+02:00"
FULL = {"names the shift": 2, "gives a counterexample": 1.5}
PLACE = {"place": 2, "by how much": 0}


@pytest.fixture
def this(small):
    return marked.lab(small)


@pytest.fixture
def ada():
    return marked.rows()[1]  # whose answer is Chinese


def _mark(row, points=FULL, task="conv-why", **more):
    return Entry(task, "mark", "Ms T", WHEN, points, file=row.file, version=marks.version(row),
                 answer=marks.digest(row.written[task]), **more)


def _override(row, points=9.0, checked=6.0, task="corr2d", **more):
    return Entry(task, "override", "Mr U", WHEN, points, why="numpy was missing here",
                 file=row.file, version=marks.version(row), checked=checked, **more)


def _stand(out, row, this):
    return standing.one(row, this, out)


# -- the file

def test_entries_are_added_and_none_is_changed(tmp_path, ada):
    first = _mark(ada, comment="Good.\n\n  But: \"why\"?\n- 因为 #1 ", )
    marks.add(tmp_path, ada, first)
    path = marks.place(tmp_path, ada)
    before = path.read_text(encoding="utf-8")
    path.write_text(before + "# seen together with Mr U\n", encoding="utf-8")
    second = _mark(ada, {"names the shift": 0, "gives a counterexample": 0})
    found = marks.add(tmp_path, ada, second)
    assert found.entries == (first, second) == marks.load(path).entries
    text = path.read_text(encoding="utf-8")
    assert text.startswith(before) and "# seen together with Mr U" in text
    assert "因为" in text  # to be read, and not escaped
    assert marks.add(tmp_path, ada, second) == found  # the same once more is no entry
    assert path.read_text(encoding="utf-8") == text and not list(tmp_path.rglob("*.part"))


def test_texts_of_every_kind_come_back(tmp_path, ada):
    texts = ["a: b", "- x", "'", '"', "\t", "x \n y", "\n\nlast\n\n", "# no", "null", "1e5", "~",
             "2026-01-01", "\u2028", "{[", "  lead", "end  ", "%", "---", "...", "😀", "@a\n  b"]
    for text in texts:
        marks.add(tmp_path, ada, _mark(ada, comment=text))
    assert [e.comment for e in marks.load(marks.place(tmp_path, ada)).entries] == texts


def test_two_writers_at_once(tmp_path, ada):
    seen = marks.load(marks.place(tmp_path, ada)).state("conv-why")
    other = marks.load(marks.place(tmp_path, ada)).state("pool-why")
    marks.add(tmp_path, ada, _mark(ada), seen)
    with pytest.raises(marks.Conflict) as told:
        marks.add(tmp_path, ada, _mark(ada, comment="mine"), seen)
    assert told.value.marks.entries == (_mark(ada),)
    marks.add(tmp_path, ada, _mark(ada, PLACE, "pool-why"), other)  # of another question: no clash
    assert len(marks.load(marks.place(tmp_path, ada)).entries) == 2


GOOD = f"- task: conv-why\n  kind: mark\n  who: T\n  when: {WHEN}\n"
FAULTS = {
    "no zone": (GOOD.replace("+02:00", ""), 4, "no time with a zone"),
    "no list": ("task: conv-why\n", 1, "list of entries"),
    "no yaml": (GOOD + "  comment: [\n", 6, "not YAML"),
    "a key twice": (GOOD + "  who: U\n", 5, "stands here twice"),
    "unknown key": (GOOD + "  pionts: 3\n", 1, "pionts"),
    "override without why": (GOOD.replace("mark", "override") + "  points: 3\n", 1, "why"),
    "words as points": (GOOD + "  points:\n    names the shift: two\n", 6, "'two'"),
    "not finite": (GOOD + "  points:\n    names the shift: .inf\n", 6, "number"),
    "one number for a rubric": (GOOD + "  points: 3\n", 5, "each line"),
    "unknown kind": (GOOD.replace("mark\n", "marked\n"), 2, "override"),
    "no name": (GOOD.replace("  who: T\n", ""), 1, "who"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_line_and_nothing_is_written(tmp_path, ada, this, name):
    text, line, words = FAULTS[name]
    path = marks.place(tmp_path, ada)
    path.parent.mkdir(parents=True)
    path.write_text(GOOD + text if name != "no list" else text, encoding="utf-8")
    at = line + (4 if name != "no list" else 0)
    with pytest.raises(FileError, match=re.escape(words)) as told:
        marks.load(path)
    assert str(told.value).startswith(f"{path}:{at}: ")
    before = path.read_bytes()
    with pytest.raises(FileError):
        marks.add(tmp_path, ada, _mark(ada))
    assert path.read_bytes() == before
    for lab in (this, replace(this, written=[])):  # graded; but this student has no total
        stand = _stand(tmp_path, replace(ada, written={}), lab)
        assert stand.total is None and str(path) in stand.told and not stand.counts
    stand = _stand(tmp_path, ada, this)
    assert not stand.waits and "marked by hand" not in stand.told  # they may be marked


def test_a_list_in_another_form_is_left_alone(tmp_path, ada):
    path = marks.place(tmp_path, ada)
    path.parent.mkdir(parents=True)
    path.write_text(f"[{{task: conv-why, kind: withdrawn, who: T, when: '{WHEN}'}}]\n")
    before = path.read_bytes()
    with pytest.raises(FileError, match="nothing can be added"):
        marks.add(tmp_path, ada, _mark(ada))
    assert path.read_bytes() == before
    path.write_bytes(b"- task: \xff\n")
    with pytest.raises(FileError, match="UTF-8"):
        marks.load(path)


def test_names_of_files(ada):
    def key(file, id_="", system=""):
        return marks.key(replace(ada, file=file, student_id=id_, system=system))

    names = ["../../etc/passwd", "A.ipynb", "a.ipynb", "x/a.ipynb", "因为.ipynb", "n" * 300, "..",
             "comments"]
    keys = [key(name) for name in names]
    assert len({k.casefold() for k in keys}) == len(names)
    assert all(re.fullmatch(r"file-[a-z0-9-]{1,60}", k) for k in keys)
    assert key("a", "0012", "canvas") == key("b", "12", "canvas") == "canvas-12"
    assert key("a", "12", "moodle") != key("a", "12", "canvas")
    assert key("a", "../x", "canvas").count("/") == 0
    assert key("a", "Ada", "id") != key("a", "ada", "id")


# -- rubrics

def test_lines_of_a_rubric():
    def of(*rubric, points=4):
        return lines.of(Written("q", points, "", "", "", rubric))

    assert of() == (lines.Line(lines.ALL, 4),)
    assert of("a: b: 3", "c:  1.0") == (lines.Line("a: b", 3), lines.Line("c", 1))
    for rubric, words in {("a",): "does not end", ("a: x",): "'a: x'", (": 4",): "line 1",
                          ("a: nan",): "does not end", ("a: -4",): "does not end",
                          ("a: inf",): "does not end", ("a: 2", "a: 2"): "line 2: 'a' stands",
                          ("a: 3",): "make 3 points"}.items():
        with pytest.raises(lines.RubricError, match=re.escape(words)):
            of(*rubric)
    question = Written("q", 4, "", "", "", ("a: 3", "b: 1"))
    assert lines.total(question, {"a": 2.5, "b": 1}) == 3.5
    for given in ({"a": 4, "b": 0}, {"a": 1, "b": -1}, {"a": 1}, {"c": 1, "b": 0}):
        with pytest.raises(lines.RubricError):
            lines.total(question, given)


# -- where it stands

def test_open_until_all_is_marked(tmp_path, ada, this):
    stand = _stand(tmp_path, ada, this)
    assert (stand.total, stand.open, stand.most) == (None, ("conv-why", "pool-why"), 25)
    assert stand.waits and not stand.counts
    marks.add(tmp_path, ada, _mark(ada))
    marks.add(tmp_path, ada, _mark(ada, None, "pool-why", comment="hm"))
    assert _stand(tmp_path, ada, this).open == ("pool-why",)  # a comment alone is no mark
    marks.add(tmp_path, ada, _mark(ada, PLACE, "pool-why"))
    stand = _stand(tmp_path, ada, this)
    assert stand.total == 12 + 3.5 + 2 and stand.counts
    assert {n: p.source for n, p in stand.by_name.items()} == {
        "corr2d": "check", "linear": "check", "conv-why": "marker", "pool-why": "marker"}
    marks.add(tmp_path, ada, _override(ada))
    stand = _stand(tmp_path, ada, this)
    assert stand.total == 15 + 5.5 and stand.by_name["corr2d"].checked == 6
    back = Entry("corr2d", "withdrawn", "Mr U", WHEN, version=marks.version(ada))
    marks.add(tmp_path, ada, back)
    part = _stand(tmp_path, ada, this).by_name["corr2d"]
    assert (part.points, part.source, len(part.history)) == (6, "check", 2)


def test_marks_on_an_earlier_version(tmp_path, ada, this):
    for entry in (_mark(ada), _mark(ada, PLACE, "pool-why"), _override(ada)):
        marks.add(tmp_path, ada, entry)
    # the file has changed, these answers and the check's verdict have not
    other = replace(ada, key="f" * 64 + "-x")
    stand = _stand(tmp_path, other, this)
    assert stand.total == 20.5 and all(stand.by_name[e].earlier for e in ("conv-why", "corr2d"))
    # another grader, the same file: whatever the check says now, the override holds
    again = replace(ada, key=ada.key[:-1] + "y", points={"corr2d": 3.0, "linear": 6.0})
    part = _stand(tmp_path, again, this).by_name["corr2d"]
    assert (part.points, part.checked, part.earlier) == (9, 3, False)
    # another answer, another verdict: open, with the old marks in sight
    new = replace(other, points={"corr2d": 12.0, "linear": 6.0},
                  written=ada.written | {"conv-why": "A new answer."})
    stand = _stand(tmp_path, new, this)
    assert stand.open == ("corr2d", "conv-why") and stand.total is None
    part = stand.by_name["conv-why"]
    assert part.earlier and part.entry.points == FULL and "earlier version" in part.why_open
    assert "9 points" in stand.told and "12 points" in stand.told
    # back to the first file: all is as it was
    assert _stand(tmp_path, ada, this).total == 20.5


def test_what_the_checks_could_not_say_is_open_and_can_be_given(tmp_path, ada, this):
    withheld = replace(ada, codes=["reads_checks"], status="look",
                       points={"corr2d": 0.0, "linear": 0.0})
    assert _stand(tmp_path, withheld, this).points == {}
    rejected = replace(ada, status="rejected", reports={}, written={})
    stand = _stand(tmp_path, rejected, this)
    assert stand.total is None and len(stand.open) == 4 and not stand.waits
    assert stand.told == ""  # nothing to mark in it: ask for the right file
    words = replace(this, tasks=[])  # questions in words only
    assert _stand(tmp_path, ada, words).waits and not _stand(tmp_path, rejected, words).waits
    failed = replace(ada, codes=["check_failed"], status="look", reports=ada.reports | {
        "corr2d": marked.REPORT | {"status": "check_failed"}})
    assert _stand(tmp_path, failed, this).open[0] == "corr2d"
    assert _stand(tmp_path, failed, this).points == {"linear": 6.0}
    for task, points in (("corr2d", 12.0), ("linear", 0.0), ("conv-why", 1.0), ("pool-why", 0.0)):
        marks.add(tmp_path, rejected, _override(rejected, points, None, task))
    assert _stand(tmp_path, rejected, this).total == 13


MISFITS = {
    "other line": ({"names the shift": 1, "gives a proof": 2},
                   "'gives a proof' is no line of its rubric", "no points for 'gives a counter"),
    "too many": ({"names the shift": 3, "gives a counterexample": 0},
                 "'names the shift' got 3, which is not between 0 and 2"),
    "both": ({"names the shift": 3},
             "'names the shift' got 3", "no points for 'gives a counterexample'", "write 0"),
}


@pytest.mark.parametrize("name", MISFITS)
def test_marks_that_do_not_fit_their_rubric(tmp_path, ada, this, name):
    given, *words = MISFITS[name]
    marks.add(tmp_path, ada, _mark(ada, PLACE, "pool-why"))
    marks.add(tmp_path, ada, _mark(ada, given))
    stand = _stand(tmp_path, ada, this)
    line = 1 + marks.load(marks.place(tmp_path, ada)).text.split("- task: conv")[0].count("\n")
    (problem,) = stand.problems
    assert problem.startswith(f"{marks.place(tmp_path, ada)}:{line}: ")
    assert all(said in problem for said in words) and "changed" not in problem
    assert stand.by_name["conv-why"].points is None and stand.open == ("conv-why",)
    # a fault to mend is not a question that waits for its marks
    assert not stand.waits and "marked by hand" not in stand.told
    _, told = classroom.gradebooks([stand], this, [])
    assert any("not known: bo_2" in one for one in told) and "by hand" not in " ".join(told)


def _worth(this, corr2d=12.0, rubric=None, points=4):
    """The assignment with other points."""
    tasks = [replace(t, points=corr2d) if t.name == "corr2d" else t for t in this.tasks]
    one, *others = this.written
    rubric = one.rubric if rubric is None else rubric
    return replace(this, tasks=tasks, written=[replace(one, points=points, rubric=rubric), *others])


def test_other_points_for_a_task_do_not_change_what_was_given(tmp_path, ada, this):
    given = dict.fromkeys(FULL, 1.0)
    for entry in (_mark(ada, given, of=dict.fromkeys(FULL, 2.0)), _mark(ada, PLACE, "pool-why"),
                  _override(ada, of=12.0)):
        marks.add(tmp_path, ada, entry)
    assert _stand(tmp_path, ada, this).total == 9 + 6 + 2 + 2
    for most in (24.0, 8.0):  # more, and less than was given
        stand = _stand(tmp_path, ada, _worth(this, most))
        assert stand.total is None and stand.open == ("corr2d",) and not stand.problems
        assert f"9 of 12 points were given by hand, and the task has {most:g} now" in stand.told
        assert stand.by_name["corr2d"].entry.points == 9  # in sight
    # lines of a rubric: worth more, worth something else, called something else
    for rubric, points in (
        (("names the shift: 4", "gives a counterexample: 2"), 6),
        (("names the shift: 1", "gives a counterexample: 3"), 4),
        (("names the shift: 2", "gives a proof: 2"), 4), ((), 4),
    ):
        stand = _stand(tmp_path, ada, _worth(this, 12.0, rubric, points))
        part = stand.by_name["conv-why"]
        assert stand.open == ("conv-why",) and not stand.problems, rubric
        assert "by another rubric: look again" in part.why_open and part.entry.points
    # an override of a question, too; and one written by hand, which does not say of how many
    marks.add(tmp_path, ada, _override(ada, 3.0, None, "conv-why", of=4.0))
    rubric = ("names the shift: 4", "gives a counterexample: 2")
    stand = _stand(tmp_path, ada, _worth(this, 12.0, rubric, 6))
    assert "3 of 4 points were given by hand" in stand.by_name["conv-why"].why_open
    marks.add(tmp_path, ada, _override(ada, 12.5))
    stand = _stand(tmp_path, ada, this)
    assert "'corr2d' has 0 to 12 points, not 12.5" in stand.told and stand.total is None


def test_marks_of_something_else(tmp_path, ada, this):
    for task, words in (("conv-wy", "no task 'conv-wy'"), ("corr2d", "has a check")):
        marks.add(tmp_path, ada, replace(_mark(ada), task=task))
        assert words in _stand(tmp_path, ada, this).told


# -- what is made of it

def test_tables_feedback_and_report(tmp_path, this, ada):
    rows = marked.rows()
    one, two, _ = rows
    for entry in (_mark(one, comment="See **page** 3 <b>."), _mark(one, PLACE, "pool-why"),
                  _override(one)):
        marks.add(tmp_path, one, entry)
    marks.add(tmp_path, two, _mark(two))
    stand = standing.every(rows, this, tmp_path)
    table = {line["student"]: line for line in csv.DictReader(io.StringIO(
        grades.table(stand, this)))}
    got = [table["Ada"][k] for k in ("points", "of", "corr2d", "linear", "conv-why", "pool-why")]
    assert got == ["20.5", "25", "9", "6", "3.5", "2"]
    assert "Mr U: numpy was missing here" in table["Ada"]["reason"]
    got = [[table[who][k] for k in ("points", "conv-why", "pool-why", "open")]
           for who in ("Ada", "Bo", "Cy")]
    assert got == [["20.5", "3.5", "2", ""], ["", "3.5", "", "pool-why"],
                   ["", "", "", "conv-why pool-why"]]
    assert "\n2 of them have questions to mark by hand" in grade.summary(stand, 1.0, {})
    made, told = classroom.gradebooks(stand, this, [])
    canvas = {line[1]: line[5] for line in csv.reader(io.StringIO(made["gradebook_canvas.csv"]))}
    assert (canvas["1"], canvas["2"], canvas[""]) == ("20.5", "", "25")
    assert any("to be marked by hand: bo_2" in one and "cy_3" in one for one in told)
    assert not any("not known" in one for one in told)
    say = comment.comment(stand[0])
    assert "corr2d 9, numpy was missing here" in say and "conv-why 3.5" in say and say.count(
        "corr2d") == 1
    page, text = feedback.page(stand[0], this), feedback.text(stand[0], this)
    for said in ("20.5 of 25 points", "Points by hand (the check gave 6): numpy was missing here",
                 "gives a counterexample: 1.5", "9 of 12"):
        assert said in page and said in text
    assert "&lt;b&gt;" in page and "<b>" not in page
    assert page.count("<code>corr2d</code>") == text.count("\ncorr2d") == 1  # in one place
    given = "corr2d: points by hand (9 of 12)\n  Points by hand (the check gave 6): numpy was"
    assert given in text and "Look." in text  # what the check said stays
    gone = replace(one, file="x.ipynb", student_id="77", reports={}, points={}, written={},
                   status="stopped")
    marks.add(tmp_path, gone, _override(gone, checked=None))
    said = feedback.text(_stand(tmp_path, gone, this), this)
    assert "could not be checked" not in said.partition("corr2d")[2].partition("linear")[0]
    assert "the check gave nothing" in said and "conv-why (not known yet, of 4)" in said
    thirds = replace(one, points={"corr2d": 8 / 3, "linear": 6.0}, written={})
    bare = replace(this, written=[])
    said = feedback.text(standing.of(thirds, bare), bare)
    assert "8.67 of 18 points" in said and "(2.67 of 12)" in said
    assert "corr2d 2.67," in comment.comment(standing.of(thirds, bare))
    empty = feedback.page(standing.of(replace(gone, status="rejected"), this), this)
    assert "<section" not in empty  # of a file that nobody could read nothing is said
    assert "15.5 of 22 points; 3 more are given by hand" in feedback.text(stand[1], this)
    assert "to be marked by hand, of 3" in feedback.page(stand[1], this)
    assert "no answer, of 4" in feedback.page(stand[2], this)
    report = class_report.page(stand, this, [], [])
    assert "conv-why (by hand)" in report and "13.0 of 18 points before what late" in report
    assert "7 more points are given by hand; 2 students wait for it." in report
    nobody = class_report.page([standing.of(one, this) for one in rows[1:]], this, [], [])
    assert "<td>pool-why (by hand)</td><td>not marked yet</td><td></td>" in nobody
    report = class_report.page(stand[:1], this, [], [])
    assert "1 file of 1 student: 1 graded." in report
    assert "Mean of the 1 student whose points are known: 20.5 of 25 points.<" in report


def test_comments_to_reuse(tmp_path):
    assert comments.load(tmp_path) == []
    comments.change(tmp_path, "Why?\nSay it.")
    path = comments.place(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    assert comments.change(tmp_path, "- 好") == ["Why?\nSay it.", "- 好"]
    assert "# mine" in path.read_text(encoding="utf-8")
    assert comments.change(tmp_path, "- 好") == comments.load(tmp_path)
    assert comments.change(tmp_path, "Why?\nSay it.", drop=True) == ["- 好"]
    path.write_text("- 3\n", encoding="utf-8")
    with pytest.raises(FileError, match=f"{path}:1: a comment is a text, not 3"):
        comments.change(tmp_path, "x")
    assert yaml.safe_load(path.read_text()) == [3]


# -- requests for a regrade

def test_a_request_goes_by_the_points_that_stand(tmp_path, ada, this):
    for entry in (_override(ada, 9.0), _mark(ada), _mark(ada, PLACE, "pool-why")):
        marks.add(tmp_path, ada, entry)

    def ask(task, new=None):
        request = requests.write(tmp_path, ada, "Look again.", task, new, "lab.ipynb")
        return requests.proposed(request, _stand(tmp_path, ada, this), this)

    def run(corr2d, linear=6.0):
        return replace(ada, points={"corr2d": corr2d, "linear": linear})

    assert ask("corr2d", run(6.0)) == {"corr2d": 9}  # 9 by hand, and the check gives 6 again
    assert ask("corr2d", run(12.0)) == {"corr2d": 12}
    assert ask("corr2d", run(8.0)) == {"corr2d": 9}
    assert ask("", run(12.0, 3.0)) == {"corr2d": 12}  # nobody asked for less
    assert ask("", run(8.0)) == {"corr2d": 9} and ask("", run(6.0)) == ask("", run(3.0)) == {}
    withheld = replace(run(12.0), codes=["reads_checks"], status="look")
    assert ask("linear", withheld) == {"linear": 6}
    assert ask("conv-why") == {"conv-why": 3.5}
    made = requests.write(tmp_path, ada, "Look again.", "corr2d", run(6.0), "lab.ipynb")
    assert regrade.told(made, this, tmp_path) == [
        "corr2d: 9 of 12 by hand; the new run: 6 of 12"]
    made = requests.write(tmp_path, ada, "Look again.", "", run(6.0), "lab.ipynb")
    assert "no task more points" in regrade.told(made, this, tmp_path)[0]
    marks.add(tmp_path, ada, Entry("conv-why", "withdrawn", "T", WHEN))
    assert ask("conv-why") == {"conv-why": None}  # open is no zero
    marks.add(tmp_path, ada, _override(ada, 3.0))  # less by hand than the check gives
    assert ask("corr2d", run(6.0)) == {"corr2d": 3} and ask("", run(6.0)) == {}


def test_a_request_and_its_decision(tmp_path, ada, this):
    better = replace(ada, points={"corr2d": 12.0, "linear": 6.0},
                     reports=ada.reports | {"corr2d": marked.RIGHT})
    asked = requests.write(tmp_path, ada, "Not flipped: see <cell> 3.", "", better, "new.ipynb")
    requests.write(tmp_path, ada, "Also this.", "pool-why", None, "")
    assert requests.proposed(asked, _stand(tmp_path, ada, this), this) == {"corr2d": 12.0}
    found, told = requests.every(tmp_path)
    assert len(found) == 2 and not told and found[0].old == ada and found[0].new == better

    def decide(request, outcome, points, why="You are right.", seen=None):
        return requests.decide(tmp_path, this, ada, request, outcome, "Ms T", why, points,
                               request.state if seen is None else seen)

    for outcome, points, why, words in (
        ("accepted", {"corr2d": 13.0}, "x", "0 to 12"), ("accepted", {}, "x", "which points"),
        ("accepted", {"no": 1.0}, "x", "no task 'no'"), ("declined", {}, " ", "reason"),
    ):
        with pytest.raises(ValueError, match=words):
            decide(asked, outcome, points, why)
    assert not marks.place(tmp_path, ada).exists()
    with pytest.raises(ValueError, match="meanwhile"):
        decide(asked, "accepted", {"corr2d": 12.0}, seen="other")
    done = decide(asked, "accepted", {"corr2d": 12.0})
    part = _stand(tmp_path, ada, this).by_name["corr2d"]
    assert (part.points, part.source) == (12, "override") and "You are right." in part.entry.why
    assert part.entry.of == 12
    again = decide(done, "declined", {}, "On second thoughts.")  # the first stays visible
    assert [one["outcome"] for one in again.data["decisions"]] == ["accepted", "declined"]
    stand, told = requests.joined(standing.every([ada], this, tmp_path), tmp_path)
    assert "was declined: On second thoughts." in feedback.text(stand[0], this)
    assert any(ada.file in one and "wait" in one for one in told)
    again.path.write_text(again.text.replace("outcome: declined", "outcome: maybe"))
    found, told = requests.every(tmp_path)
    assert len(found) == 1 and re.search(r"\.yml:\d+: outcome is accepted or declined", told[0])

"""Practice problems with other numbers for each student: made, handed out, graded by owner.

One of them stands in the place of an exercise of the page, whose boxes have the points.
"""

from __future__ import annotations

import argparse
import copy
import html
import json
import re
import shutil
from dataclasses import dataclass, replace

import nbformat
import pytest

from dlworkbook import answers, checks
from grading import assigned, grade
from grading.make import assignment, each, lab, master, persons, problems, rubric, variants
from grading.marking import regrade
from grading.read import submissions
from grading.report import class_report
from grading.roster import inputs, people
from grading.run import otter_run
from publish.tools import clean
from tests.grading import small_lab
from tests.grading.test_boxes import EXERCISE

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-variants")]

NUMBER = 95
POINTS = "points: {corr2d: 12, linear: 6}\n"
SIZES, SIZES_POINTS = "ex-lab93-size", 4  # an exercise that gives its place, its boxes' points
PRACTICE = """\
points: {corr2d: 12, ex-lab93-size: 1, ex-lab93-size-shape: 3, linear: 6}
    vary: {ex-lab93-size: cnn_shapes.1}
practice:
  rnn_step.2.student: 6
  receptive_field.1.3: 2
"""
ASKED = ["rnn_step.2.student", "receptive_field.1.3", "cnn_shapes.1.student"]


@dataclass(frozen=True)
class Person:
    """Somebody on a roster, as far as it matters here."""

    id: str
    canvas_id: str = ""
    email: str = ""


CLASS = [Person("s1", "1001"), Person("s2", "1002"), Person("S3@uni.example")]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    made = small_lab.make(tmp_path_factory.mktemp("variants"))
    page = made / "book" / "ch06_small" / "lab_example.md"
    text = page.read_text(encoding="utf-8").replace("lab90", "lab95").replace("lab 90", "lab 95")
    text = text.replace("::::{exercise} A linear", f"{EXERCISE}::::{{exercise}} A linear")
    page.write_text(text.replace('lab: ["90"]', 'lab: ["95"]'), encoding="utf-8")
    small_lab.replan(made, NUMBER, POINTS, PRACTICE)
    for name in ("requirements.txt", "requirements-grading.txt"):
        shutil.copy(lab.ROOT / name, made / name)
    return made


@pytest.fixture(scope="module")
def dist(root, tmp_path_factory):
    out = tmp_path_factory.mktemp("dist") / "lab95"
    return assignment.build(NUMBER, out, root=root, people=CLASS)


@pytest.fixture(scope="module")
def this(root, dist):
    made = lab.load(NUMBER, root, source=problems.kept(dist))
    made.variants = each.kept(made, dist)
    return made


def key(this, student: str, place: int = 0) -> list:
    """The right answer to a problem that varies; of nobody, that of the notebook for all."""
    found = this.variants.of(student)
    problem = found[0].problems[place] if found else this.problems[place].problem
    return [part["is"] for part in problem.fields]


def filled(dist, folder: str, given: object, sizes: object = ...) -> nbformat.NotebookNode:
    """A handed-out notebook with an answer to the problem that varies, and the right other one.

    ``sizes``: the answer to that in the place of the exercise.
    """
    path = dist / "student" / folder / "lab95.ipynb"
    path = path if folder else dist / "instructor" / "lab95_everybody.ipynb"
    notebook = nbformat.read(path, as_version=4)
    answers = {"problem_95_1": given, "problem_95_2": [2, 4, 8, 12], "ex_lab93_size": sizes}
    for name, value in answers.items():
        (cell,) = [c for c in notebook.cells if c.source.startswith(f"{name} = ")]
        cell.source = f"{name} = {value!r}" if value is not ... else cell.source
    return notebook


# -- seeds and marks


def test_a_seed_needs_the_secret_and_stays():
    first = variants.seed("secret", "s1", 0, "rnn_step.2.student")
    assert first == variants.seed("secret", " S1 ", 0, "rnn_step.2.student")
    others = {
        variants.seed("other", "s1", 0, "rnn_step.2.student"),
        variants.seed("secret", "s2", 0, "rnn_step.2.student"),
        variants.seed("secret", "s1", 1, "rnn_step.2.student"),
        variants.seed("secret", "s1", 0, "rnn_step.1.student"),
        int(variants.mark("secret", "s1"), 16),
    }
    assert len(others) == 5 and first not in others
    assert 0 <= first <= 999_999_999


def test_a_longer_roster_leaves_the_others_their_numbers(this, dist):
    late = [Person("s4"), Person("s2", "1002", "two@uni.example")]
    common, found = variants.make(ASKED, late, dist / problems.KEYS)
    assert [one.student for one in found.own] == ["s4", "s2", "s1", "S3@uni.example"]
    assert common == [one.problem for one in this.problems] and found.secret == this.variants.secret
    for student in ("s1", "s2", "s3@uni.example"):
        assert found.of(student)[0].problems == this.variants.of(student)[0].problems
    assert found.of("TWO@uni.example")[0].student == "s2"
    with pytest.raises(variants.VariantsError, match="the numbers of 3 students for "):
        variants.make(["rnn_step.1.student"], late, dist / problems.KEYS)


MOVED = {  # somebody of CLASS under another id, and why it is known
    "s1": (people.Person("9001", "Ada Moved", canvas_id="1001"), "Canvas id, 1001"),
    "S3@uni.example": (people.Person("9003", "Cy Moved", email="s3@UNI.example"), "email, s3@uni"),
    "s2": (people.Person("9002", "Bo Moved", sis_id="s2"), "SIS id, s2"),
}


@pytest.mark.parametrize("before", MOVED)
def test_nobody_gets_other_numbers_under_another_id(root, dist, tmp_path, before):
    out = tmp_path / "lab95"
    shutil.copytree(dist / "autograder", out / "autograder")
    person, why = MOVED[before]
    told = f"{person.name} has the id '{person.id}' here and '{before}' there (the same {why}"
    files = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises(lab.LabError, match=re.escape(told)) as error:
        assignment.build(NUMBER, out, root=root, people=[*CLASS, person])
    assert f"with ids like '{before}', and add" in str(error.value)
    assert f"other ids than {out / problems.KEYS}," in str(error.value)
    assert files == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_names_of_others_refuse_nobody(dist, tmp_path):
    """One that was corrected, one that many have, one of another system, those of an older file."""
    new = people.Person("s5", "Di New", email="none", login="s2x", sis_id="1")
    other = {"email": "none", "canvas_id": "s2x", "participant": "1"}
    also = {"s1": {"email": "none"}, "s2": other}
    assert persons.twice([new], also, "keys.json") == ""
    held = json.loads((dist / problems.KEYS).read_text())
    for student, email in (("s1", "wrong@uni.example"), ("s2", "two@uni.example")):
        held["students"][student]["also"]["email"] = email
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(held))
    right = Person("s1", "1001", "one@uni.example"), Person("s6", "", "wrong@uni.example")
    _, found = variants.make(ASKED, right, path)
    assert found.of("wrong@uni.example")[0].student == "s6"
    assert found.of("two@uni.example")[0].student == "s2"  # left the roster
    for one in held["students"].values():
        one["also"] = list(one["also"].values())
    path.write_text(json.dumps(held))
    assert variants.read(path).of("1001")[0].student == "s1"
    _, found = variants.make(ASKED, [Person("s7", "1001")], path)
    assert [one.student for one in found.own] == ["s7", "s1", "s2", "S3@uni.example"]


# -- what is handed out


def test_each_gets_a_notebook_and_nobody_the_secret(this, dist):
    folders = sorted(path.name for path in (dist / "student").iterdir())
    # what a class gets holds no notebook that is nobody's own
    assert [f for f in folders if not f.endswith(".whl")] == ["S3@uni.example", "s1", "s2"]
    texts = {p.parent.name: p.read_text() for p in (dist / "student").rglob("*.ipynb")}
    for one in this.variants.own:
        own = nbformat.reads(texts[one.student], as_version=4)
        text = "\n".join(cell.source for cell in own.cells)
        assert all(one.problems[place].statement in text for place in (0, 2))
        assert "How tall is the output?" not in text and "ex_lab93_size_shape" not in text
        assert own.metadata["workbook"]["variant"] == one.mark
    for place in (0, 2):
        assert len({one.problems[place].statement for one in this.variants.own}) == 3
    for text in texts.values():
        assert this.variants.secret not in text and "rnn_step" not in text
    table = (dist / "instructor" / "variants.csv").read_text()
    assert table.count("\n") == 7 and f"s1,{this.variants.own[0].mark},problem-95-1,rnn_" in table


def test_a_check_in_the_notebook_goes_by_its_own_numbers(this, dist, monkeypatch):
    monkeypatch.setattr(answers, "HELD", {})
    notebook = nbformat.read(dist / "student" / "s2" / "lab95.ipynb", as_version=4)
    (setup,) = [c.source for c in notebook.cells if "setup" in c.metadata.get("tags", [])]
    exec("".join(setup.partition("from dlworkbook import checks")[1:]))
    assert checks.check("problem-95-1", key(this, "s2")).passed
    assert not checks.check("problem-95-1", key(this, "s1")).passed
    assert checks.check(SIZES, key(this, "s2", 2)).credit == 1
    assert checks.check("problem-95-2", [2, 4, 8, 12]).passed


# -- how it is graded


@pytest.fixture(scope="module")
def graded(this, dist, tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    (folder / "in").mkdir()
    slip = this.variants.of("s1")[0].problems[0].fields[0]["slips"][0]
    lost = filled(dist, "s1", key(this, "s1"))
    lost.metadata.pop("workbook")
    nobody = filled(dist, "s2", key(this, "s2"))
    nobody.metadata.pop("workbook")
    markless = copy.deepcopy(lost)
    markless.cells = [c for c in markless.cells if "setup" not in c.metadata.get("tags", [])]
    made = {
        "markless_1001_6_b": markless,
        "own_1001_1_a": filled(dist, "s1", key(this, "s1"), key(this, "s1", 2)),
        "neighbour_1001_2_a": filled(dist, "s2", key(this, "s2"), key(this, "s2", 2)),
        "answers_1001_3_a": filled(dist, "s1", key(this, "s2"), key(this, "s2", 2)),
        "lost_1001_4_a": lost,
        "slip_1001_5_a": filled(dist, "s1", [slip["is"], *key(this, "s1")[1:]]),
        "everybody_1001_6_a": filled(dist, "", key(this, ""), key(this, "", 2)),
        "stranger_7777_7_a": filled(dist, "s2", key(this, "s2"), key(this, "s2", 2)),
        "stranger_7777_8_lost": nobody,
        "stranger_7777_9_all": filled(dist, "", key(this, ""), key(this, "", 2)),
        "s3@uni.example": filled(dist, "S3@uni.example", key(this, "s3@uni.example")),
    }
    for name, notebook in made.items():
        nbformat.write(notebook, folder / "in" / f"{name}.ipynb")
    rows = grade.Grader(this, folder / "out", 2).run(folder / "in", quiet=True)
    return {row.file.removesuffix(".ipynb"): row for row in rows}, folder, slip


FULL = 8
WANTED = {  # points of both problems, and what is noted
    "own_1001_1_a": (FULL, set()),
    "neighbour_1001_2_a": (2, {"other_variant"}),
    "answers_1001_3_a": (2, set()),
    "lost_1001_4_a": (FULL, {"no_metadata"}),
    "slip_1001_5_a": (6, set()),
    "everybody_1001_6_a": (2, {"other_variant"}),
    "markless_1001_6_b": (FULL, {"no_variant", "no_metadata"}),
    "stranger_7777_7_a": (FULL, {"variant_without_roster"}),
    "stranger_7777_8_lost": (FULL, {"variant_without_roster", "no_metadata"}),
    "stranger_7777_9_all": (FULL, {"variant_without_roster"}),
    "s3@uni.example": (FULL, set()),
}


GIVEN = {  # whose answers stand in a file of s1
    "neighbour_1001_2_a": "s2", "answers_1001_3_a": "s2", "everybody_1001_6_a": "",
}


def shared(this, student: str, place: int = 0) -> float:
    """The share of another's answers that is right for s1 by chance: the numbers are drawn."""
    fields = this.variants.of("s1")[0].problems[place].fields
    pairs = zip(fields, key(this, student, place), strict=True)
    right = [answers.judge(part, str(other)).state == "right" for part, other in pairs]
    return sum(right) / len(right)


@pytest.mark.parametrize("name", WANTED)
def test_points_go_by_whose_file_it_is(graded, this, name):
    row = graded[0][name]
    points, codes = WANTED[name]
    if name in GIVEN:
        points += 6 * shared(this, GIVEN[name])
    assert row.points["problem-95-1"] + row.points["problem-95-2"] == pytest.approx(points)
    assert {code for code in row.codes if "variant" in code or "metadata" in code} == codes
    assert set(row.reports) == {"corr2d", SIZES, "linear", "problem-95-1", "problem-95-2"}


def test_points_in_the_place_of_an_exercise_go_by_whose_file_it_is(graded, this):
    rows = graded[0]
    for name in ("own_1001_1_a", "stranger_7777_7_a", "stranger_7777_9_all"):
        assert rows[name].points[SIZES] == SIZES_POINTS, name
    for name, whose in GIVEN.items():
        chance = SIZES_POINTS * shared(this, whose, 2)
        assert rows[name].points[SIZES] == pytest.approx(chance), name
    assert rows["slip_1001_5_a"].points[SIZES] == 0


def test_another_variant_is_for_the_instructor_only(graded):
    rows, folder, _ = graded
    row = rows["neighbour_1001_2_a"]
    assert row.status == "look" and "made for s2; its answers were judged by those of s1" in \
        row.reason
    for path in (folder / "out" / "feedback").glob("neighbour_1001_2_a.*"):
        assert "s2" not in path.read_text() and "judged by" not in path.read_text()
    row = rows["everybody_1001_6_a"]
    assert row.status == "look" and "holds the practice problems of the notebook for everybody; " \
        "its answers were judged by those of s1" in row.reason
    assert row.remarks == [] and rows["markless_1001_6_b"].status == "graded"


COUNTED = "3 of 11 files were judged by whose problems the notebook holds (variant_without_roster)"


def test_a_file_of_nobody_is_to_be_looked_at_and_counted(graded, this):
    """Where no table of the class was given; with it, that says who is in the class."""
    rows, folder, _ = graded
    strangers = {name for name in rows if name.startswith("stranger")}
    for name, row in rows.items():
        wanted = name in strangers or "other_variant" in row.codes
        assert row.status == ("look" if wanted else "graded") and row.known, name
    row = rows["stranger_7777_7_a"]
    assert row.remarks == [] and "give that table as ROSTER. Until then look" in row.reason
    assert COUNTED in (folder / "out" / "report.html").read_text()
    (told,) = each.by_notebook(rows.values())
    assert told.startswith(COUNTED) and "give ROSTER" in told
    given = inputs.Inputs(people.Roster("class.csv", "own", [people.Person("s1", "Ada")]))
    now = grade.Grader(this, folder / "out", 1, given=given)
    found = submissions.find(folder / "in", folder / "unpacked_once_more").submissions
    stale = {one.file.removesuffix(".ipynb") for one in found if now.known(one) is None}
    assert stale == strangers
    choice = each.choose(this, ("7777",), this.variants.of("s2")[0].mark, roster=True)
    assert [code for code, _ in choice.notes] == ["variant_by_notebook"]
    row = replace(row, codes=["variant_by_notebook"])
    (told,) = each.by_notebook([row])
    assert told.startswith("1 of 1 file was judged") and "give ROSTER" not in told
    assert each.by_notebook([rows["own_1001_1_a"]]) == []


def test_slips_of_any_variant_are_in_the_report(graded, this):
    """Also one of which the problem for everybody says nothing."""
    rows, folder, slip = graded
    assert slip["say"] in rows["slip_1001_5_a"].reports["problem-95-1"]["message"]
    report = (folder / "out" / "report.html").read_text()
    # four files of one student share what was handed out to this one alone
    assert "<h2>Lines of code" in report and "workbook_variant" not in report
    own = nbformat.read(folder / "in" / "own_1001_1_a.ipynb", as_version=4)
    (setup,) = [c.source for c in own.cells if "setup" in c.metadata.get("tags", [])]
    lines = class_report.rare_lines([setup.partition("checks.hold(")[2]])
    assert len(lines) > 5 and not any(html.escape(line) in report for line in lines)
    assert f"<td>problem-95-1</td><td>{slip['say']}</td>" in report
    assert "<h2>Same structure</h2>" in report  # nobody wrote code here
    assert (folder / "out" / "similarity.csv").read_text().count("\n") == 1
    (own,) = this.variants.of("s1")
    fields = copy.deepcopy(own.problems[0].fields)
    fields[0]["slips"][0]["say"] = "A sentence of this one."
    own = replace(own, problems=own.problems | {0: replace(own.problems[0], fields=fields)})
    other = replace(this, variants=variants.Variants("secret", [own]))
    row = rows["slip_1001_5_a"]
    told = row.reports["problem-95-1"]
    told = told | {"message": told["message"].replace(slip["say"], "A sentence of this one.")}
    page = class_report.page([replace(row, reports={"problem-95-1": told})], other, [], [])
    assert "<td>problem-95-1</td><td>A sentence of this one.</td>" in page


def test_make_clean_leaves_what_grading_needs_once_more(graded, dist):
    assert clean.kept(graded[1] / "out") == ["the secret of fresh inputs"]
    assert clean.kept(dist) == ["keys of practice problems"]


def test_a_second_run_grades_nothing_and_an_entry_on_the_roster_that_student(graded, this, dist):
    rows, folder, _ = graded
    again = grade.Grader(this, folder / "out", 1)
    assert {row.file: row.run for row in again.run(folder / "in", quiet=True)} == {
        row.file: row.run for row in rows.values()}
    _, longer = variants.make(ASKED, [*CLASS, Person("s7", "7777")], dist / problems.KEYS)
    now = grade.Grader(replace(this, variants=longer), folder / "out", 1)
    found = submissions.find(folder / "in", folder / "unpacked").submissions
    stale = {one.file.removesuffix(".ipynb") for one in found if now.known(one) is None}
    assert stale == {name for name in rows if name.startswith("stranger")}
    choice = each.choose(now.lab, ("7777", "stranger"), longer.of("s2")[0].mark)
    assert choice.own.student == "s7" and choice.notes[0][0] == "other_variant"


def test_a_regrade_goes_by_the_numbers_of_the_owner(graded, root, dist, tmp_path):
    """Also where the name of the file that is graded again tells nobody's id."""
    rows, folder, _ = graded
    options = argparse.Namespace(which=str(NUMBER), root=root, out=None, assignment=dist)
    this = assigned.load(options)
    for name in ("own_1001_1_a", "neighbour_1001_2_a", "answers_1001_3_a"):
        row = rows[name]
        shutil.copy(folder / "in" / f"{name}.ipynb", tmp_path / "again.ipynb")
        elsewhere = replace(row, file=f"{name}/again.ipynb")
        now = regrade.run_again(this, folder / "out", elsewhere, tmp_path / "again.ipynb")
        assert now.points == row.points, name


def test_the_roster_says_whose_a_file_is(graded, this, tmp_path):
    """Where the ids in the names of files are others than those of the roster."""
    table, name = tmp_path / "class.csv", "owner_81234_1_a"
    table.write_text("id,name\ns1,Ada Owner\ns2,Bo Other\n", encoding="utf-8")
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / f"ada{name}.ipynb"
    shutil.copy(graded[1] / "in" / "neighbour_1001_2_a.ipynb", path)
    given = inputs.read(inputs.terms(this), table)
    grader = grade.Grader(this, tmp_path / "out", 1, given=given)
    (row,) = grader.run(tmp_path / "in", quiet=True)
    assert not any("judged by whose" in sentence for sentence in grader.told)
    assert row.points["problem-95-1"] == 0 and "other_variant" in row.codes
    assert "judged by those of s1" in row.reason and row.owners == ["s1"]
    now = regrade.run_again(this, tmp_path / "out", row, path)  # has no roster
    assert now.points == row.points
    without = grade.Grader(this, tmp_path / "out", 1)
    (found,) = submissions.find(tmp_path / "in", tmp_path / "unpacked").submissions
    assert without.known(found) is None
    (_, text), = each.choose(this, (found.student_id, found.student), "everybody").notes
    assert "give that table as ROSTER" in text


def test_otter_knows_the_problems_of_all(this, monkeypatch):
    """The expression in its tests gives the declaration that the set-up cell asks for."""
    monkeypatch.setattr(answers, "HELD", {})
    tasks = {task.name: task for task in this.tasks}
    for name, place in (("problem-95-1", 0), (SIZES, 2)):
        code = master.declaration(this, tasks[name])
        for student in ("s1", "s2"):
            (own,) = this.variants.of(student)
            found = eval(code, {"checks": checks, "env": {"workbook_variant": own.mark}})
            assert [field["is"] for field in found["fields"]] == key(this, student, place)
        for env in ({}, {"workbook_variant": ["nonsense"]}):
            assert eval(code, {"checks": checks, "env": env}) == tasks[name].spec


@pytest.mark.long
def test_otter_goes_by_the_notebook(this, dist, tmp_path):
    """It knows no student: the set-up cell says whose problems these are."""
    path = tmp_path / "a.ipynb"
    nbformat.write(filled(dist, "s1", [key(this, "s1")[0], *key(this, "s2")[1:]]), path)
    got = otter_run.grade(path, dist / "autograder" / "lab95_autograder.zip")
    assert got["problem-95-1"]["score"] == pytest.approx(2)
    assert got["problem-95-2"]["score"] == 2


def test_the_rubric_says_that_numbers_vary(this):
    for points in (SIZES_POINTS, 6):
        assert rubric.markdown(this).count(f"; each student has other numbers): {points} p") == 1


# -- what cannot be done


def test_nothing_that_was_handed_out_is_lost(root, dist, this, tmp_path):
    """A damaged file of keys, or another plan, stops the making and the grading."""
    out = tmp_path / "lab95"
    shutil.copytree(dist / "autograder", out / "autograder")
    path = out / problems.KEYS
    plan = root / "assignments" / "lab95.yml"
    text = plan.read_text()
    try:
        plan.write_text(text.replace("rnn_step.2.student", "rnn_step.2.5"))
        with pytest.raises(lab.LabError, match=r"of 3 students for rnn_step\.2\.stud") as it:
            assignment.build(NUMBER, out, root=root)
        assert "elsewhere (OUT=folder;" in str(it.value)
    finally:
        plan.write_text(text)
    held = json.loads(path.read_text())
    del held["students"]["s1"]["mark"]
    path.write_text(json.dumps(held))
    for call in (lambda: assignment.build(NUMBER, out, root=root), lambda: each.kept(this, out)):
        with pytest.raises(lab.LabError, match=r"keys.json cannot be read \(KeyError\).* put back"):
            call()
    assert path.read_text() == json.dumps(held)


def test_people_without_a_problem_that_varies(root, tmp_path):
    plan = root / "assignments" / "lab95.yml"
    text = plan.read_text()
    try:
        fixed = text.replace("    vary: {ex-lab93-size: cnn_shapes.1}\n", "")
        plan.write_text(fixed.replace("rnn_step.2.student", "rnn_step.2.5"))
        with pytest.raises(lab.LabError, match=r"no practice problem of .*lab95\.yml vari"):
            assignment.build(NUMBER, tmp_path / "out", root=root, people=CLASS)
    finally:
        plan.write_text(text)


def test_one_set_of_numbers_for_all_is_told(root, dist, tmp_path, monkeypatch, capsys):
    (tmp_path / "student").mkdir()
    for out, told in ((tmp_path, 1), (dist, 0)):
        monkeypatch.setattr(assignment, "build", lambda *_, out=out, **__: out)
        assert assignment.main([str(NUMBER), "--root", str(root)]) == 0
        said = f"so all get the same numbers in rnn_step.2.student, {SIZES}. Before you hand it"
        assert capsys.readouterr().out.count(said) == told


def test_an_id_that_names_no_folder(this, tmp_path, dist):
    (tmp_path / "student").mkdir()
    shutil.copy(dist / "instructor" / "lab95_everybody.ipynb", tmp_path / "student" / "lab95.ipynb")
    own = variants.Own("../s1", "0" * 16, {})
    bad = replace(this, variants=variants.Variants("secret", [own]))
    with pytest.raises(lab.LabError, match=r"The id '\.\./s1' of the roster can name no"):
        each.write(bad, tmp_path, "x.whl")

"""Shards of an assignment with all there is, joined: byte by byte what one machine gives.

Roster, times, extensions and late work, several files of one student, questions in words with marks
by hand, numbers of their own for each student, answers of the same structure, Moodle's worksheet.
"""

from __future__ import annotations

import inspect
import re
import shutil
from types import SimpleNamespace

import pytest

from grading import grade
from grading.make import lab, problems, variants
from grading.marking import lines, marks
from grading.read import submissions
from grading.roster import inputs, people
from grading.run import limited
from grading.shards import merge, secret, split
from tests.grading import classroom, disguise, small_lab
from tests.grading.chaos.storm import _contents, _lasting, kept
from tests.grading.moodle_importer import Moodle
from tests.grading.test_marked_class import EXERCISE
from tests.kit import task_tests

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-shards-all")]

QUESTION, PROBLEM = "ex-lab90-shift", "problem-1"
FILE = f"""title: A small week
due: 2026-09-14T23:59+02:00
late: {{per_day: 10, days: 3}}
counts: latest
pages:
  - page: ch06_small/lab_example
    points: {{corr2d: 12}}
    written:
      {QUESTION}:
        points: 3
        rubric: ["one kernel everywhere: 2", "says 'shared weights': 1"]
practice:
  rnn_step.2.student: 6
"""
ROSTER = """id,name,section,group
1001,Ada Owner,A,
1002,Bo Other,A,
1003,Cy Third,B,
1004,Dee Fourth,B,blue
1005,Ed Fifth,B,blue
1006,"Student, No 71",A,
1007,Flo Seventh,A,
"""
TIMES = """file,time
adaowner_1001_91_lab.ipynb,2026-09-14 20:00
boother_1002_96_lab.ipynb,2026-09-16 10:00
cythird_1003_93_lab.ipynb,2026-09-14 20:00
cythird_1003_94_lab-1.ipynb,2026-09-15 10:00
sunny_1004_95_lab.ipynb,2026-09-14 20:00
"""
EXTENSIONS = "id,days,why\n1003,2,ill\n"
SHARDS = 2


def _root(folder):
    """The small book, with a question in words and an assignment that has a name."""
    root = small_lab.make(folder)
    page = root / "book" / "ch06_small" / "lab_example.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("\n## See: training\n", EXERCISE), encoding="utf-8")
    (root / "assignments" / "small_week.yml").write_text(FILE, encoding="utf-8")
    return root


def _made(file, root, roster, dist):
    """The assignment, and the folder with the keys of what was handed out."""
    plan = lab.planned(file, root)
    common, own = variants.make(plan.practice, people.read(roster).people)
    this = lab.load(plan, root, source=lambda _: common)
    this.variants = own
    (dist / problems.KEYS).parent.mkdir(parents=True)
    problems.write(this.problems, dist, plan, own)
    return this, dist


def _notebook(this, student, words, code, *, numbers=""):
    """The notebook of a student, with the right answers to the problem of ``numbers``."""
    (own,) = this.variants.of(student)
    (other,) = this.variants.of(numbers or student)
    made = classroom.notebook(this, {"corr2d": code})
    (cell,) = [c for c in made["cells"] if QUESTION in c["source"] and "Your answer" in c["source"]]
    cell["source"] += f"\n\n{words}"
    (cell,) = [c for c in made["cells"] if c["source"].startswith("problem_1 = ")]
    cell["source"] = f"problem_1 = {[part['is'] for part in other.problems[0].fields]!r}"
    made["metadata"]["workbook"]["variant"] = own.mark
    return classroom._bytes(made)


def _class(this, folder):
    """Six files; two of the code are the same but for its looks."""
    code = inspect.getsource(task_tests.answers("corr2d").seven_loops)
    code = "import numpy as np\n" + code.replace("seven_loops", "corr2d")
    files = {
        "adaowner_1001_91_lab.ipynb": _notebook(this, "1001", "Shared weights.", code),
        "boother_1002_96_lab.ipynb": _notebook(
            this, "1002", "It shifts.", disguise.copied(code, "corr2d", 3), numbers="1001"),
        "cythird_1003_93_lab.ipynb": b"",
        "cythird_1003_94_lab-1.ipynb": _notebook(
            this, "1003", "因为平移。", "def corr2d(X, K):\n    return X"),
        # by the number alone, which counts because the names of the others bear numbers out
        "sunny_1004_95_lab.ipynb": _notebook(this, "1004", "", "def corr2d(X, K):\n    pass"),
        "Student, No 71_71_assignsubmission_file_/lab.ipynb": b"no notebook",
    }
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (folder / "sheet.csv").write_text(Moodle("en", [71], 21).export(), encoding="utf-8")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The class on one machine, marked and written once more; and in shards that share nothing."""
    place = tmp_path_factory.mktemp("all")
    root = _root(place / "book")
    tables = [place / name for name in ("roster.csv", "extensions.csv", "times.csv")]
    for path, text in zip(tables, (ROSTER, EXTENSIONS, TIMES)):
        path.write_text(text, encoding="utf-8")
    file = root / "assignments" / "small_week.yml"
    this, dist = _made(file, root, tables[0], place / "dist")
    _class(this, place / "in")
    given = inputs.read(inputs.terms(this), *tables)

    def one(out, tables, **options):
        made = grade.Grader(this, place / out, 1, given=tables, **options)
        made.run(place / "in", quiet=True)
        return made

    whole = one("one", given)
    _mark(this, place / "one", whole.rows)
    whole = one("one", given)
    key, calls, real = place / "one" / "results" / secret.NAME, [], limited.call
    for_shards = inputs.read(inputs.terms(this), tables[0])  # no more is needed to judge a file
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limited, "call", lambda function, **more: calls.append(
            function.__qualname__) or real(function, **more))
        for k in range(1, SHARDS + 1):
            one(f"part{k}", for_shards, shard=split.parse(f"{k}/{SHARDS}"), secret_file=key)
    read = [name for name in calls if name.startswith("Grader.read")]
    return SimpleNamespace(place=place, root=root, file=file, dist=dist, this=this, whole=whole,
                           tables=tables, read=read, parts=[place / f"part{k}"
                                                            for k in range(1, SHARDS + 1)])


def _mark(this, out, rows):
    """Ada's words are marked, and Cy gets more than the check gave."""
    ada, cy = rows["adaowner_1001_91_lab.ipynb"], rows["cythird_1003_94_lab-1.ipynb"]
    (question,) = this.written
    common = {"who": "Ms T", "when": marks.now()}
    marks.add(out, ada, marks.Entry(
        QUESTION, "mark", points={"one kernel everywhere": 2, "says 'shared weights'": 0.5},
        version=marks.version(ada), answer=marks.digest(ada.written[QUESTION]),
        of=lines.worth(question), comment="Nearly.", **common))
    marks.add(out, cy, marks.Entry("corr2d", "override", points=5.0, why="a good idea",
                                   version=marks.version(cy), of=12.0, **common))


def _merge(graded, out, *, roster=0, more=()):
    options = [str(graded.file), "--root", str(graded.root), "--assignment", str(graded.dist),
               "--out", str(out), "--from", ",".join(map(str, graded.parts)), *map(str, more)]
    if roster is not None:
        options += ["--roster", str(roster or graded.tables[0])]
    return merge.main(options)


def test_with_all_there_is_merged_is_what_one_machine_gives(graded, tmp_path, monkeypatch, capsys):
    out = tmp_path / "joined"
    shutil.copytree(graded.place / "one" / "marks", out / "marks")
    monkeypatch.setattr(limited, "call", lambda *_, **__: pytest.fail("a file is read again"))
    tables = ["--extensions", graded.tables[1], "--times", graded.tables[2]]
    assert _merge(graded, out, more=tables) == 0
    ours, wanted = _contents(out), _contents(graded.place / "one")
    assert sorted(ours) == sorted(wanted)
    assert [name for name in wanted if ours[name] != wanted[name]] == []
    files = list(graded.whole.rows)
    rows = [[_lasting(kept.read(folder, file)) for file in files]
            for folder in (out, graded.place / "one")]
    assert rows[0] == rows[1] and len(files) == 6
    told = capsys.readouterr().out
    assert "6 files: 4 graded, 2 rejected" in told and "have questions to mark by hand" in told
    for sentence in graded.whole.told:
        assert sentence in told


def test_there_is_something_to_compare(graded):
    """What must not get lost in a merge is there on one machine."""
    text = {name: (graded.place / "one" / name).read_text(encoding="utf-8") for name in
            ("grades.csv", "standings.csv", "similarity.csv", "gradebook_moodle.csv",
             "report.html")}
    assert "\n1002,Bo Other,A,,boother_1002_96_lab.ipynb,2026-09-16 10:00+02:00,2," in \
        text["standings.csv"]
    assert "an extension" in text["standings.csv"] and "Does not count: cy" in text["standings.csv"]
    assert "1007,Flo Seventh,A,,,,,,,Handed in nothing." in text["standings.csv"]
    assert re.search(r"\ncorr2d,adaowner.*boother", text["similarity.csv"])
    assert "Ms T: a good idea" in text["grades.csv"] and "Participant 71" in \
        text["gradebook_moodle.csv"]
    ada, bo, dee = (graded.whole.rows[next(f for f in graded.whole.rows if id_ in f)]
                    for id_ in ("_1001_", "_1002_", "_1004_"))
    assert ada.points[PROBLEM] == 6 > bo.points[PROBLEM] and dee.points[PROBLEM] == 6
    assert ada.owners == ["1001"] and dee.owners == ["1004", "1005"]


def test_each_file_is_read_once_by_its_shard(graded):
    assert len(graded.read) == len(graded.whole.rows)
    found = submissions.find(graded.place / "in", graded.place / "u")
    sizes = [sum(split.parse(f"{k}/{SHARDS}").holds(tuple(s.file.split("/")))
                 for s in found.submissions) for k in range(1, SHARDS + 1)]
    assert min(sizes) > 1


def test_a_merge_that_is_given_less_or_something_else(graded, tmp_path, capsys):
    out = tmp_path / "joined"
    assert _merge(graded, out, roster=None) == 1
    assert "was given ROSTER. Grades are made here: give make grade-merge the same, ROSTER=file" \
        in capsys.readouterr().err
    team = tmp_path / "team.csv"
    team.write_text(ROSTER.replace("Ada Owner,A,", "Ada Owner,A,red").replace(
        "Bo Other,A,", "Bo Other,A,red"), encoding="utf-8")
    assert _merge(graded, out, roster=team) == 1
    told = capsys.readouterr().err
    moved = sorted(file for file in graded.whole.rows if "_1001_" in file or "_1002_" in file)
    shards = sorted(str(k) for k in (1, 2)
                    if any(split.parse(f"{k}/2").holds((file,)) for file in moved))
    assert f"{len(moved)} files were judged by the practice problems of others" in told
    assert all(file in told for file in moved) and not out.exists()
    assert f"another one. Run SHARD={', '.join(f'{k}/2' for k in shards)} again" in told
    named = tmp_path / "named.csv"
    named.write_text(ROSTER.replace(",B,", ",C,"), encoding="utf-8")
    assert _merge(graded, out, roster=named) == 0  # the same people: nothing was judged otherwise
    assert "ROSTER says something else here than it did to SHARD=1/2, 2/2: what it says here" \
        in capsys.readouterr().out

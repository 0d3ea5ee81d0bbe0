"""An assignment of seven exercises from three pages of two chapters: made, answered, graded."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from grading import grade
from grading.make import assignment, lab, place, plan
from grading.read import written

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-exercises")]

NAME = "seven_exercises"
PLAN = """\
title: Seven exercises
pages:
  - page: ch02_preliminaries/tensor_puzzles
    points: {difference_table: 4, one_hot: 4}
  - page: ch06_convolutional_networks/padding_and_stride
    points: {ex-conv-size-output: 2, ex-conv-size-unread: 2}
    written:
      ex-conv-mirror: {points: 3, rubric: ["a reason for zeros: 1", "one for mirrors: 2"]}
      ex-conv-stride: {points: 2}
  - page: ch06_convolutional_networks/convolution
    points: {ex-conv-paper-corr: 2, ex-conv-paper-sum: 1, corr2d: 8}
show: [difference_table, one_hot, ex-conv-paper-corr, ex-conv-paper-sum, ex-conv-size-output]
"""
WORDS = "Zeros darken the border.\n\nMirrors keep its **mean**."


@pytest.fixture(scope="module")
def this(tmp_path_factory) -> lab.Lab:
    path = tmp_path_factory.mktemp("plan") / f"{NAME}.yml"
    path.write_text(PLAN, encoding="utf-8")
    return lab.load(path)


@pytest.fixture(scope="module")
def dist(this, tmp_path_factory) -> Path:
    """What is handed out; or it raises, because the solution did not get every point."""
    return assignment.build(this.plan.path, tmp_path_factory.mktemp("dist") / NAME)


def notebook(dist: Path) -> nbformat.NotebookNode:
    return nbformat.read(dist / "student" / f"{NAME}.ipynb", as_version=4)


def own(this: lab.Lab) -> dict[str, str]:
    """The book's answer to each starter: first line of the starter, code."""
    found = {}
    for k, cell in enumerate(this.cells):
        if cell.role == "starter":
            solution = next(c.source for c in this.cells[k:] if c.role == "solution"
                            and c.kind == "code" and (c.box, c.label) == (cell.box, cell.label))
            found[cell.source.partition("\n")[0]] = solution
    return found


def answered(dist: Path, code: dict[str, str], words: str = "") -> nbformat.NotebookNode:
    made = notebook(dist)
    for cell in made.cells:
        cell.source = code.get(cell.source.partition("\n")[0], cell.source)
        if words and place.name_of(cell.source.partition("\n")[0], ["ex-conv-mirror"]):
            cell.source = cell.source.replace(place.EMPTY, words)
    return made


@pytest.fixture(scope="module")
def graded(this, dist, tmp_path_factory):
    folder, right = tmp_path_factory.mktemp("class"), own(this)
    (folder / "in").mkdir()
    half = {k: v for k, v in right.items() if not k.startswith("def one_hot(")}
    half["ex_conv_paper_sum = ..."] = "ex_conv_paper_sum = 10  # 四个"
    other = answered(dist, {})
    other.metadata["workbook"]["assignment"] = "week06_convolution"
    other.cells = [cell for cell in other.cells if "setup" in cell.metadata.get("tags", [])]
    made = {"right": answered(dist, right, WORDS), "half": answered(dist, half, "Zeros."),
            "untouched": notebook(dist), "other": other}
    for k, (name, book) in enumerate(made.items()):
        nbformat.write(book, folder / "in" / f"student{k}_{1000 + k}_{9000 + k}_{name}.ipynb")
    rows = grade.Grader(this, folder / "out", 2).run(folder / "in", quiet=True)
    return {row.file.rpartition("_")[2].removesuffix(".ipynb"): row for row in rows}, folder / "out"


def test_its_tasks_come_in_the_order_of_the_pages(this):
    assert [task.name for task in this.tasks] == [
        "difference_table", "one_hot", "ex-conv-size-output", "ex-conv-size-unread",
        "ex-conv-paper-corr", "ex-conv-paper-sum", "corr2d",
    ]
    assert [(q.name, q.points) for q in this.written] == [
        ("ex-conv-mirror", 3), ("ex-conv-stride", 2)]
    assert (this.automatic, this.total, this.name, this.number) == (23, 28, NAME, None)
    first = this.written[0]
    assert "### Exercise" in first.statement and first.rubric[1] == "one for mirrors: 2"
    assert "```python" in first.model_answer and "<details>" not in first.model_answer


def test_what_is_handed_out(dist, this):
    cells = notebook(dist).cells
    text = "\n".join(cell.source for cell in cells)
    assert cells[0].source.startswith("# Seven exercises\n")
    assert "setup" in cells[1].metadata["tags"] and text.count("# @title Set-up") == 1
    assert [line for line in text.split("\n") if line.startswith("## ")] == [
        f"## {title}" for title in ("Twenty tensor puzzles: one line, no loop",
                                    "Padding and stride: where the window stands",
                                    "Convolution: one small window, everywhere",
                                    "Before you hand in")]
    assert "everything(" in cells[-1].source
    for cell in this.cells:
        assert cell.role != "solution" or cell.source not in text
    assert "my_" not in text and "as_shown" not in text and "style.use" not in text
    assert text.count(place.EMPTY) == 2 and "**3 points, marked by hand.**" in text
    assert "Your answer\n" not in text and "my_ex_conv_mirror" not in text
    at = [cell.source for cell in cells].index
    for box, told in (("corr", "2 points"), ("relu", "No points"), ("sum", "1 point")):
        assert cells[at(f"ex_conv_paper_{box} = ...") - 1].source == f"**{told}.**"
    assert text.count("**No points.**") == 3 and "task of lab" not in text
    shown = [c.source for c in cells[:-1] if "check" in c.metadata.get("tags", [])]
    asked = "\n".join(shown)
    assert "'one_hot'" in asked and "'corr2d'" not in asked and '"corr2d"' not in asked
    assert "ex-conv-size-output" in asked and "ex-conv-size-unread" not in asked


def test_the_solution_and_the_rubric(dist, this):
    cells = nbformat.read(dist / "instructor" / f"{NAME}_solution.ipynb", as_version=4).cells
    text = "\n".join(cell.source for cell in cells)
    assert "corr2d = corr2d_shifts" in text and "ex_conv_size_unread = 16" in text
    mirror = next(c for c in this.cells if c.role == "solution" and c.label == "ex-conv-mirror")
    assert mirror.source in text
    rubric = (dist / "instructor" / "rubric.md").read_text(encoding="utf-8")
    assert "# Rubric of Seven exercises\n\n28 points in all." in rubric
    assert "## ex-conv-mirror: 3 points, marked by hand\n\n- a reason for zeros: 1\n" in rubric
    page = (dist / "instructor" / "rubric.html").read_text(encoding="utf-8")
    for question in this.written:  # marker's material stands in each of the three
        assert question.model_answer in rubric
        first = next(line for line in question.model_answer.split("\n") if len(line) > 40)
        assert "".join(c for c in first[:40] if c.isalnum()) in "".join(filter(str.isalnum, page))
    at = next(k for k, cell in enumerate(cells) if mirror.source in cell.source)
    assert "- a reason for zeros: 1\n- one for mirrors: 2" in cells[at - 1].source


def test_grades(graded):
    rows, _ = graded
    assert (rows["right"].total, rows["half"].total, rows["untouched"].total) == (23, 18, 0)
    assert rows["half"].points["one_hot"] == rows["half"].points["ex-conv-paper-sum"] == 0
    assert rows["right"].written == {"ex-conv-mirror": WORDS, "ex-conv-stride": ""}
    assert rows["untouched"].written == {"ex-conv-mirror": "", "ex-conv-stride": ""}
    assert "nothing_done" in rows["untouched"].codes
    assert (rows["other"].status, rows["other"].codes) == ("rejected", ["wrong_lab"])
    assert rows["other"].reason == ("This is the notebook of assignment 'week06_convolution'; "
                                    f"assignment '{NAME}' was asked for.")


def test_what_is_marked_by_hand_is_open_and_no_zero(graded):
    rows, out = graded
    assert rows["right"].known and not rows["right"].counts and rows["right"].most == 28
    with (out / "grades.csv").open(encoding="utf-8") as file:
        table = {row["file"].rpartition("_")[2]: row for row in csv.DictReader(file)}
    right = table["right.ipynb"]
    assert (right["points"], right["of"], right["corr2d"]) == ("", "28", "8")
    assert right["ex-conv-mirror"] == right["ex-conv-stride"] == ""
    with (out / "gradebook_canvas.csv").open(encoding="utf-8") as file:
        head, most, *lines = csv.reader(file)
    assert (head[5], most[5]) == ("Seven exercises", "28") and {line[5] for line in lines} == {""}
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "because questions are to be marked by hand" in report
    assert "5 more points are given by hand; 3 students wait for it." in report
    feedback = (out / "feedback" / f"{Path(rows['half'].file).stem}.txt").read_text("utf-8")
    assert "18 of 23 points; 5 more are given by hand" in feedback
    assert "\nex-conv-mirror (to be marked by hand, of 3)\n" in feedback
    assert "\nex-conv-stride (no answer, of 2)\n" in feedback


# What a student does to the cells around an answer; what is read of it.
MARK = 'Your answer to "Mirrors at the border"** (`ex-conv-mirror`; write below this line)'


def _at(cells: list, start: str) -> int:
    return next(k for k, cell in enumerate(cells) if start in cell.source)


def several_cells(cells, k):
    cells[k].source = cells[k].source.replace(place.EMPTY, "One.")
    cells[k + 1 : k + 1] = [new_code_cell("x = 1"), new_markdown_cell("Two.")]
    return "One.\n\n```python\nx = 1\n```\n\nTwo."


def line_taken_out(cells, k):
    cells[k].source = "Without the line."
    return "Without the line."


def line_edited(cells, k):
    cells[k].source = "Your answer to *Mirrors* (`ex-conv-mirror`)\nBelow."
    return "Below."


def above_the_line(cells, k):
    cells[k].source = f"Above.\n\n{cells[k].source}"
    return "Above."


def cell_above(cells, k):
    cells.insert(k, new_markdown_cell("In a cell above."))
    return "In a cell above."


def cell_taken_out(cells, k):
    del cells[k]
    cells.insert(k, new_markdown_cell("In its place."))
    return "In its place."


def into_the_statement(cells, k):
    del cells[k]
    hint = _at(cells[:k], "Exercise 3: Mirrors")
    while "<details>" not in cells[hint].source:
        hint += 1
    cells[hint].source += "\n\nInto the statement."
    return "Into the statement."


def heading_inside(cells, k):
    cells[k].source = cells[k].source.replace(place.EMPTY, "# My view\n\n$x$ and `code`")
    return "# My view\n\n$x$ and `code`"


def next_statement_edited(cells, k):
    cells[k].source = cells[k].source.replace(place.EMPTY, "Ends here.")
    at = _at(cells, "Exercise 4: What stride buys")
    above, head, below = cells[at].source.partition("### Exercise 4")
    cells[at].source = f"{above}(and here!)\n\n{head}{below} (answered above)"
    return "Ends here.\n\n(and here!)"


def fences(cells, k):
    cells.insert(k + 1, new_code_cell("'''```'''"))
    return "````python\n'''```'''\n````"


def untouched(cells, k):
    return ""


def points_below(cells, k):
    """Cells that tell the points of what was handed out next are no part of an answer."""
    cells[k].source = cells[k].source.replace(place.EMPTY, "Mine.")
    cells[k + 1 : k + 1] = [new_markdown_cell("**No points.**"), new_markdown_cell("**2 points.**")]
    return "Mine."


def copied(cells, k):
    cells[k].source = cells[k].source.replace(place.EMPTY, "First.")
    cells.append(new_markdown_cell(cells[k].source.replace("First.", "Again.")))
    return "First.\n\nAgain."


@pytest.mark.parametrize("edit", [
    several_cells, line_taken_out, line_edited, above_the_line, cell_above, cell_taken_out,
    into_the_statement, heading_inside, next_statement_edited, fences, untouched, copied,
    points_below,
])
def test_an_answer_is_found_whatever_was_edited(dist, this, edit):
    cells = notebook(dist).cells
    wanted = edit(cells, _at(cells, MARK))
    kinds = [("code" if c.cell_type == "code" else "text", c.source, False) for c in cells]
    found = written.collect(kinds, this)
    assert found.answers == {"ex-conv-mirror": wanted, "ex-conv-stride": ""}


def test_a_pasted_picture_is_told(dist, this):
    cells = [(c.cell_type, c.source, MARK in c.source) for c in notebook(dist).cells]
    ((code, told),) = written.collect(cells, this).notes
    assert code == written.PICTURE and "'ex-conv-mirror' holds a picture" in told


def test_answers_survive_editors_that_split_sources(dist, this, tmp_path):
    """Lines as a list, blanks at their ends, no metadata: as some editors save."""
    raw = json.loads(nbformat.writes(answered(dist, {}, WORDS)))
    for cell in raw["cells"]:
        cell["source"] = [f"{line} \n" for line in "".join(cell["source"]).split("\n")]
        cell["metadata"] = {}
    (tmp_path / "a.ipynb").write_text(json.dumps(raw), encoding="utf-8")
    (row,) = grade.Grader(this, tmp_path / "out", 1).run(tmp_path, quiet=True)
    assert [line.rstrip() for line in row.written["ex-conv-mirror"].split("\n")] == WORDS.split(
        "\n")


@pytest.mark.long
@pytest.mark.parametrize("name", [n for n, p in plan.every().items() if p.lab is None])
def test_ready_made_assignments_give_their_solution_every_point(name, tmp_path):
    assignment.build(name, tmp_path / name)

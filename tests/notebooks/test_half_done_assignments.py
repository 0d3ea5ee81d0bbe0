"""A student's notebook runs to its end: untouched, with some answers, with each right one."""

from __future__ import annotations

import nbformat
import pytest

from dlworkbook import needs
from grading.make import lab, plan
from publish.page import frontmatter
from publish.tools.kernels import run_notebook
from tests.grading import answers
from tests.kit import task_tests
from tests.kit.labs import of_lab

LABS = sorted(lab.numbers())
SAMPLE = (5, 6)  # functions; classes that later cells train
pytestmark = [pytest.mark.notebooks, pytest.mark.slow]
SOME = [(2, {"least_squares", "sgd"}), (9, {"half"})]  # answers that are there, or half done
NEWER = [number for number, page in lab.numbers().items()
         if not frontmatter.read(lab.ROOT / f"{page}.md").minutes]
MORE = [(3, {"softmax"}), (5, {"corr2d", "max_pool2d"}), (6, {"GRU"})]


@pytest.fixture
def student(assigned):
    """Return a function that gives a lab and a new copy of its students' notebook."""

    def read(number):
        path = assigned(number) / "student" / f"lab{number}.ipynb"
        return lab.load(number), nbformat.read(path, as_version=4)

    return read


@pytest.fixture
def run(unpacked_wheel, kernel_environment, tmp_path):
    """Return a function that runs a student's notebook and says what each code cell did.

    Trainings that need no answer are left out, if not asked for: test_execution.py runs them.
    """

    def selected(notebook, index):
        cell = notebook.cells[index]
        return "slow" not in cell.metadata.get("tags", []) or needs.named(cell.source) != []

    def execute(notebook, trainings=False):
        environment = {**kernel_environment, "PYTHONPATH": str(unpacked_wheel)}
        run_notebook(notebook, tmp_path, timeout=300, env=environment, allow_errors=True,
                     select=None if trainings else selected).check()
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        errors = [(c.source, o.evalue) for c in code for o in c.outputs if o.output_type == "error"]
        assert errors == []
        return [(cell, shown(cell)) for cell in code]

    return execute


def shown(cell) -> str:
    """The text that a cell puts out, in small letters."""
    return "".join(
        o.get("text", "") + o.get("data", {}).get("text/plain", "") for o in cell.outputs
    ).lower()


@pytest.mark.parametrize("number", [
    *of_lab((number,) for number in SAMPLE),
    *(pytest.param(number, marks=pytest.mark.long) for number in LABS if number not in SAMPLE),
])
def test_an_untouched_lab_runs_to_its_end(number, student, run):
    _, notebook = student(number)
    waiting = 0
    for cell, text in run(notebook):
        wanted = needs.named(cell.source)
        waiting += bool(wanted)
        is_check = "check" in cell.metadata.get("tags", [])
        assert ("not done yet" in text) == (is_check or wanted != []), cell.source
        assert all(name.lower() in text for name in wanted)
        assert len(text.splitlines()) == 1 or not wanted  # and does nothing else
    assert waiting >= 3


@pytest.mark.parametrize(("number", "given"), [
    *of_lab(SOME), *(pytest.param(*case, marks=pytest.mark.long) for case in MORE),
])
def test_a_half_done_lab_runs_what_is_done(number, given, student, run):
    this, notebook = student(number)
    solutions = solutions_of(this)
    if given == {"half"}:  # the last method is still to be written
        solutions = {name: code[: code.index("        q = ")] for name, code in solutions.items()}
        solutions = {name: code + "        ...\n" for name, code in solutions.items()}
    fill_in(notebook, {
        name: code for name, code in solutions.items() if name in given or given == {"half"}
    })
    ran = waited = 0
    for cell, text in run(notebook):
        wanted = set(needs.named(cell.source))
        ran += wanted != set() and wanted <= given
        waited += not wanted <= given
        assert ("not done yet" in text) == (
            not wanted <= given
            or ("check" in cell.metadata.get("tags", []) and not any(
                f", {name})" in cell.source for name in given))
        ), cell.source
        if not wanted <= given:  # it names what is missing, and only that
            head = text.partition(".")[0].partition(": ")[2]
            assert set(head.split(", ")) == {name.lower() for name in wanted - given}
    assert waited and (ran or number in (3, 5, 6, 9))  # there each cell needs the last answer


def solutions_of(this) -> dict[str, str]:
    """The book's own answer to each task, by its name."""
    tasks = {task.label: task for task in this.tasks}
    return {
        tasks[cell.label].answer: cell.source for cell in this.cells
        if cell.role == "solution" and cell.kind == "code" and cell.label in tasks
    }


def fill_in(notebook, code: dict[str, str]) -> None:
    """Put answers in place of their starters, each by its name."""
    for cell in notebook.cells:
        if "starter" in cell.metadata.get("tags", []):
            first = cell.source.partition("\n")[0]
            cell.source = next((c for n, c in code.items() if f" {n}(" in first), cell.source)


OTHERWISE = [(number, task, k) for number in NEWER
             for task in plan.find(number).points
             for k in range(3)]


@pytest.mark.parametrize(("number", "name", "k"), [
    *of_lab(OTHERWISE[:1]),
    *(pytest.param(*case, marks=pytest.mark.long) for case in OTHERWISE[1:]),
])
def test_a_whole_lab_runs_with_right_answers_written_otherwise(number, name, k, student, run):
    """One task otherwise, the rest as in the book: checks are green, all numbers usual."""
    this, notebook = student(number)
    code = solutions_of(this)
    task = next(task for task in this.tasks if task.name == name)
    code[task.answer] = answers.written(task, task_tests.answers(name).WHOLE[k]).code
    fill_in(notebook, code)
    cells = run(notebook, trainings=True)
    assert sum("passed" in text for _, text in cells) == len(this.tasks)
    tables = [text for cell, text in cells if "targets(" in cell.source and "import" not in
              cell.source]
    assert len(tables) == 1 and "mean ± spread" in tables[0]
    assert not [text for _, text in cells if "than usual" in text or "not done" in text]


def test_training_that_needs_no_answer_waits_for_none():
    cells = [cell for cell in lab.load(5).cells if "slow" in cell.tags]
    free = [cell.source for cell in cells if not needs.named(cell.source)]
    network, study = free
    assert "train(net, X, y_train" in network and "percent(seed, **change)" in study
    assert len(cells) > 4

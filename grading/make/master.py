"""The master notebook from which Otter Assign makes student notebook, solution and autograder.

Each task is a question with a test case for each equal part of its points, which are four for a
check, and for a practice problem as many as it asks for answers: a case passes if the credit
reaches it. The check itself runs once for each question.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import packages_distributions

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from dlworkbook.answers import packed

from . import data, each, rubric, variants
from .lab import Lab, Task
from .page import LabCell
from .rubric import told
from .setup_cell import setup_cell
from .written import Written

# Otter leaves such cells out when it grades; students see and run them.
IGNORED = "otter_ignore"
NO_POINTS = "**No points.**"  # above what is asked and not graded

# One test case. Whatever the notebook did to the checks is undone by importing them anew; the
# report is kept in the test file's own globals, where the other three cases find it.
CASE = """\
def part_{k}(env):
    here = globals()
    if "report" not in here:
        import importlib, sys
        from otter.test_files.exception_test import ExceptionTestFile
        # A student reads what the check says, and not at which line of this file.
        ExceptionTestFile._generate_error_message = lambda self, error, context=0: str(error)
        for module in [m for m in sys.modules if m.split(".")[0] == "dlworkbook"]:
            del sys.modules[module]
        checks = importlib.import_module("dlworkbook.checks")
        answer = [env["{answer}"]] if "{answer}" in env else []
        here["report"] = {report}
    report = here["report"]
    text = str(report) if report.credit == {before} else "(see above)"
    assert report.credit >= {part}, text
"""
# The report on an instructor's own task, which no package has.
OWN = '(checks.hold("{held}") or checks).check("{name}", *answer)'
# The declaration of a practice problem that is another one for each student.
VARIES = (
    '(checks.hold("{keys}") or checks.light.answers.every()).get("{name}{between}" '
    '+ str(env.get("{mark}", "")), {spec})'
)


def requirements(lab: Lab, wheel: str) -> list[str]:
    """Lines of the autograder's requirements: what the book pins, with torch for the CPU."""
    pinned = {}
    for line in (lab.root / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if "==" in line:
            pinned[line.partition("==")[0].strip().lower()] = line.strip()
    needed = ["ipykernel", "matplotlib", "numpy", "torch"]
    installed = packages_distributions()
    for module in sorted(lab.imports | data.imports(lab)):
        needed += [name.lower() for name in installed.get(module, ())]
    return [
        # Without this line pip takes the build for graphics cards: gigabytes.
        "--extra-index-url https://download.pytorch.org/whl/cpu",
        otter_requirement(lab),
        *(pinned[name] for name in dict.fromkeys(needed) if name in pinned),
        f"/autograder/source/files/{wheel}",
    ]


def otter_requirement(lab: Lab) -> str:
    """The pinned Otter, with what it needs to grade."""
    path = lab.root / "requirements-grading.txt"
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("otter-grader=="):
            return line.strip().replace("otter-grader==", "otter-grader[grading]==")
    raise ValueError(f"{path} does not pin otter-grader")


def master(lab: Lab, wheel: str) -> NotebookNode:
    """The notebook for Otter Assign; ``wheel`` is the file name of the helper package."""
    cells = [_raw(_config(lab, wheel))]
    open_label = ""
    tasks = {task.label: task for task in lab.tasks if not task.spec}
    boxes = {task.name: task for task in lab.tasks if task.spec}
    by_hand = {question.label: question for question in lab.written}
    last = {cell.label: k for k, cell in enumerate(lab.cells) if cell.role == "exercise"}
    solution_open = False
    first = next((k for k, c in enumerate(lab.cells) if c.kind == "code"), 0)
    if lab.number is None:
        first = min(first, 1)  # a question in words may come before any code
    for k, cell in enumerate(lab.cells):
        label = cell.label if cell.label in tasks else ""
        if cell.role == "solution" and (not label or cell.box):
            continue  # of a question that is not graded; that of a box stands with the box
        if solution_open and cell.role != "solution":
            cells.append(_raw("# END SOLUTION"))
            solution_open = False
        if open_label and label != open_label:
            cells += _tests(lab, tasks[open_label])
            open_label = ""
        if label and not open_label:
            cells.append(_raw(_question(lab, tasks[label])))
            open_label = label
        if k == first:
            setup = setup_cell(
                lab.imports, lab.site, wheel, lab.answers, lab.keys, each.common_mark(lab)
            )
            cells.append(_code(setup, ["setup"]))
        if cell.role == "solution" and not solution_open:
            cells.append(_raw("# BEGIN SOLUTION"))
            solution_open = True
        if cell.box in boxes and cell.role == "starter":
            cells += _box(lab, boxes[cell.box], _with_solution(lab, boxes[cell.box]))
        elif cell.role == "written" and cell.label in by_hand:
            cells += _by_hand(lab, by_hand[cell.label], cell)
        elif cell.box not in boxes:
            if cell.role == "starter" and (cell.box or cell.label not in tasks):
                cells.append(new_markdown_cell(NO_POINTS))
            of = None if cell.box or (k != last.get(label) and cell.role == "exercise") else label
            if cell.role != "check" or cell.box or not of or lab.shows(tasks[of]):
                cells += _cell(cell, tasks.get(of))
    if solution_open:
        cells.append(_raw("# END SOLUTION"))
    if open_label:
        cells += _tests(lab, tasks[open_label])
    for k, cell in enumerate(cells):
        cell.id = hashlib.sha256(f"{lab.name}\n{k}\n{cell.source}".encode()).hexdigest()[:16]
    notebook = new_notebook(cells=cells, metadata=metadata(lab))
    notebook.nbformat_minor = 5
    return notebook


def _with_solution(lab: Lab, task: Task) -> list[LabCell]:
    """The cells of a box or problem; the last box of an exercise has the exercise's solution."""
    own = [cell for cell in lab.cells if cell.box == task.name]
    of_exercise = [t.name for t in lab.tasks if t.spec and t.label and t.label == task.label]
    if of_exercise[-1:] == [task.name]:
        own += [c for c in lab.cells
                if c.role == "solution" and c.label == task.label and not c.box]
    return own


def _box(lab: Lab, task: Task, own: list[LabCell]) -> list[NotebookNode]:
    """The question of a box or problem: its points, what to fill in, its check, its key."""
    starter, check, *solution = own
    return [
        _raw(_question(lab, task)),
        new_markdown_cell(_points(task)),
        _raw("# BEGIN PROMPT"), *_cell(starter, None), _raw("# END PROMPT"),
        *(_cell(check, None) if lab.shows(task) else []),
        _raw("# BEGIN SOLUTION"), *(made for cell in solution for made in _cell(cell, None)),
        _raw("# END SOLUTION"),
        *_tests(lab, task),
    ]


def _by_hand(lab: Lab, question: Written, place: LabCell) -> list[NotebookNode]:
    """A question in words: its points, where it is answered, rubric and model answer. No test."""
    config = {"name": question.name, "points": question.points, "manual": True,
              "check_cell": False}
    prompt = new_markdown_cell(place.source, metadata={"tags": list(place.tags)})
    solution = [c for c in lab.cells if c.role == "solution" and c.label == question.label]
    return [
        _raw("# BEGIN QUESTION\n" + json.dumps(config)),
        new_markdown_cell(f"**{told(question.points)}, marked by hand.**"),
        _raw("# BEGIN PROMPT"), prompt, _raw("# END PROMPT"),
        _raw("# BEGIN SOLUTION"),
        new_markdown_cell("\n".join(["**Rubric**", "", *rubric.by_hand(question)])),
        *(made for cell in solution for made in _cell(cell, None)),
        _raw("# END SOLUTION"),
        _raw("# END QUESTION"),
    ]


def _points(task: Task) -> str:
    parts = f", in {task.parts} equal parts, one for each answer" if len(task.fields) > 1 else ""
    return f"**{told(task.points)}{parts}.**"


def metadata(lab: Lab) -> dict:
    """What a notebook of this lab says about itself."""
    mark = each.common_mark(lab)
    page = lab.plan.pages[0] if lab.plan else None
    own = page is not None and page.folder is not None  # whose path is nobody's business
    about = {"assignment": lab.name, "source": f"{page.page if own else lab.page}.md"}
    return {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "workbook": about | ({"variant": mark} if mark else {}),
    }


def _config(lab: Lab, wheel: str) -> str:
    config = {
        "init_cell": False,
        "check_all_cell": False,
        "export_cell": False,
        "run_tests": False,
        "requirements": "requirements.txt",
        "overwrite_requirements": True,
        "autograder_files": [wheel],
        "python_version": "3.12",
        "tests": {"files": True, "ok_format": False},
        # Cases are public: a student on Gradescope reads the name of the mistake, if the
        # assignment shows that check.
        # Without the summary of public tests, which says everything a second time.
        "generate": {
            "show_all_public": True,
            "show_hidden": all(map(lab.shows, lab.tasks)),
            "force_public_test_summary": False,
            "print_summary": False,
        },
    }
    return "# ASSIGNMENT CONFIG\n" + json.dumps(config, indent=1)


def question(lab: Lab, task: Task) -> str:
    """What Otter calls a task: it shows them in the order of their names."""
    return f"{lab.tasks.index(task) + 1}-{task.name}"


def _question(lab: Lab, task: Task) -> str:
    config = {"name": question(lab, task), "points": task.points, "check_cell": False}
    return "# BEGIN QUESTION\n" + json.dumps(config)


def _tests(lab: Lab, task: Task) -> list[NotebookNode]:
    cells = [_raw("# BEGIN TESTS")]
    report = f'checks.check("{task.name}", *answer)'
    if task.own:
        report = OWN.format(held=packed(lab.sources), name=task.name)
    if task.spec:  # by the page of today, not by what lies in some package
        declared = declaration(lab, task)
        report = f'checks.light.report("{task.name}", {declared}, *(answer or [None]))'
    parts = task.parts
    for k in range(parts):
        case = CASE.format(
            k=k + 1, answer=task.answer, report=report, part=(k + 1) / parts, before=k / parts
        )
        points = json.dumps({"points": task.points / parts, "hidden": not lab.shows(task)})
        config = f'""" # BEGIN TEST CONFIG\n{points}\n""" # END TEST CONFIG\n'
        cells.append(_code(config + case, []))
    return [*cells, _raw("# END TESTS"), _raw("# END QUESTION")]


def declaration(lab: Lab, task: Task) -> str:
    """What a box or a problem asks for, as code; where it varies, as the set-up cell says whose."""
    if task.name not in each.varying(lab):
        return repr(task.spec)
    return VARIES.format(
        keys=each.otter(lab, task.name), name=task.name, between=each.BETWEEN, mark=variants.MARK,
        spec=repr(task.spec),
    )  # fmt: skip


def _cell(cell, task: Task | None) -> list[NotebookNode]:
    source = cell.source
    if cell.kind == "markdown":
        if cell.role == "exercise" and task is not None:
            source += f"\n\n{_points(task)}"
        return [new_markdown_cell(source)]
    tags = list(cell.tags)
    if cell.role == "solution":
        source = f"# BEGIN SOLUTION NO PROMPT\n{source}\n# END SOLUTION"
    elif cell.role == "check" or "slow" in tags:
        tags.append(IGNORED)
    made = _code(source, tags)
    if cell.role == "starter" and task is not None:
        return [_raw("# BEGIN PROMPT"), made, _raw("# END PROMPT")]
    return [made]


def _code(source: str, tags: list[str]) -> NotebookNode:
    return new_code_cell(source, metadata={"tags": tags} if tags else {})


def _raw(source: str) -> NotebookNode:
    return new_raw_cell(source)

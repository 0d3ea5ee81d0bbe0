"""Make an assignment: ``python -m grading.make.assignment LAB``, or the path of its file.

It writes ``dist/<name>/``, for lab 6 ``dist/lab6/``:

    student/lab6.ipynb, dlworkbook-*.whl    hand these out
    student/<id>/lab6.ipynb                 in its place to each student, where problems vary
    autograder/lab6_autograder.zip          for Gradescope
    autograder/keys.json                    of practice problems, for `make grade`: keep it
    instructor/lab6_solution.ipynb          the solution
    instructor/rubric.md, rubric.html       points per task and per mistake
    instructor/variants.csv                 the problems of each student, with their keys
    data/                                   the data, which the wheel holds, too

Otter Assign makes the notebooks and the autograder; the solution must then get every point.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import math
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import nbformat

from grading.run import otter_run
from publish.page.frontmatter import FrontMatterError
from publish.page.parser import PageError
from publish.practice import PracticeError
from publish.tools import wheel

from . import data, each, match, own, problems, rubric, trial, variants
from .lab import ROOT, Lab, LabError, asked, checks_of, load, planned
from .master import master, metadata, requirements
from .plan import Plan
from .setup_cell import setup_cell
from .variants import Person

FOLDERS = {"student", "autograder", "instructor", "data"}


def build(
    which: int | str | Path | Plan,
    out: Path | None = None,
    *,
    root: Path = ROOT,
    package: Path = ROOT,
    people: Iterable[Person] = (),
) -> Path:
    """Write the assignment into ``out`` (replaced as a whole, at the end); its path.

    ``which`` as in ``lab.load``; ``out`` is ``dist/<name>`` if nothing is said. ``package`` is the
    folder whose ``pyproject.toml`` builds the helper package's wheel. Raises LabError, PageError or
    FrontMatterError for what is not ready, OtterFailed when Otter gives no result; then nothing is
    written.
    """
    plan = planned(which, root)
    check_own(plan, root)
    out = Path(out or ROOT / "dist" / plan.name)
    lab = _loaded(plan, root, list(people), out / problems.KEYS)
    if not _replaceable(out):
        raise LabError(
            f"{out} holds other things than an assignment; nothing was written. Give another OUT."
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".making-") as folder:
        work = Path(folder)
        made = _assign(lab, work, package)
        check_solution(
            lab,
            made / "instructor" / f"{lab.name}_solution.ipynb",
            made / "autograder" / f"{lab.name}_autograder.zip",
        )
        if out.exists():
            shutil.rmtree(out)
        os.replace(made, out)
    return out


def _replaceable(out: Path) -> bool:
    """Whether there is nothing, or an assignment: what else has a folder ``data`` is left alone."""
    if not out.exists():
        return True
    names = {path.name for path in out.iterdir()} if out.is_dir() else {""}
    return not names or ("autograder" in names and names <= FOLDERS)


def _loaded(plan: Plan, root: Path, people: list[Person], before: Path) -> Lab:
    """The assignment with the problems of everybody, and of each of the people where they vary.

    ``before``: keys that were handed out already, which stay.
    """
    if not any(map(variants.varies, plan.addresses)):
        try:
            variants.earlier(before, plan.addresses)
        except variants.VariantsError as error:
            raise LabError(str(error)) from None
        if people:
            raise LabError(
                f"ROSTER makes a notebook for each student, but no practice problem of {plan.file} "
                f"varies. Write '{variants.STUDENT}' in the place of a seed, as in "
                "cnn_shapes.2.student, or name an exercise in 'vary', or leave ROSTER out."
            )
        return load(plan, root)
    for problem in match.undrawable(plan):
        raise LabError(str(problem))
    try:
        common, mine = variants.make(plan.addresses, people, before)
    except (variants.VariantsError, PracticeError) as error:
        raise LabError(str(error)) from None
    lab = load(plan, root, source=lambda _: common)
    lab.variants = mine
    return lab


def check_own(plan: Plan, root: Path) -> None:
    """An instructor's own pages and tasks meet the rules of the book's. Raises LabError."""
    if plan.own is None:
        return
    from publish.lint.own import findings  # which reads assignments, too

    loaded = checks_of(plan)
    found = [str(fault) for fault in own.problems(plan.own, loaded)]
    told, pages = findings(plan.own, [part.name for part in plan.pages if part.folder], root)
    found += told or ([] if found else trial.problems(plan.own, pages))
    if found:
        raise LabError("\n".join([*found, f"Nothing was written: mend {plan.own.told} first."]))


def _assign(lab: Lab, work: Path, package: Path) -> Path:
    """Run Otter Assign in ``work``; the folder with the finished assignment."""
    from otter.assign import main as otter_assign

    name = lab.name
    source, raw, made = work / "source", work / "raw", work / "made"
    wheel_path = wheel.build(source, root=package)
    nbformat.write(master(lab, wheel_path.name), source / f"{name}.ipynb")
    lines = requirements(lab, wheel_path.name)
    (source / "requirements.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with contextlib.redirect_stdout(io.StringIO()):
        otter_assign(str(source / f"{name}.ipynb"), str(raw), no_pdfs=True, no_run_tests=True)

    for folder in sorted(FOLDERS - {"data"}):
        (made / folder).mkdir(parents=True)
    _student(lab, raw / "student" / f"{name}.ipynb", made / "student" / f"{name}.ipynb")
    shutil.copy(wheel_path, made / "student")
    solution = made / "instructor" / f"{name}_solution.ipynb"
    _clean(lab, raw / "autograder" / f"{name}.ipynb", solution)
    _with_all_checks(lab, solution, wheel_path.name)
    (archive,) = (raw / "autograder").glob("*.zip")
    shutil.copy(archive, made / "autograder" / f"{name}_autograder.zip")
    shutil.copy(source / "requirements.txt", made / "autograder")
    problems.write(lab.problems, made, lab.plan, lab.variants)
    if each.varying(lab):
        each.write(lab, made, wheel_path.name)
        told = variants.table(lab.variants, list(problems.names(lab.plan)))
        (made / "instructor" / "variants.csv").write_text(told, encoding="utf-8")
    rubric.write(lab, made / "instructor")
    data.copy(lab, made / "data")
    return made


def _student(lab: Lab, raw: Path, target: Path) -> None:
    """The student's notebook: without the cells that Otter emptied."""
    _clean(lab, raw, target)
    notebook = nbformat.read(target, as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells)
    for cell in lab.cells:
        if cell.role == "solution" and cell.source.strip() in text:
            of = cell.label or cell.box
            raise LabError(
                f"{lab.name}: a solution, that of '{of}', is in the students' notebook as well. "
                "Take out of its file what holds it."
            )


def _with_all_checks(lab: Lab, path: Path, wheel: str) -> None:
    """The solution's set-up cell also knows the checks that students do not see."""
    notebook = nbformat.read(path, as_version=4)
    mark = each.common_mark(lab)
    students, every = (
        setup_cell(lab.imports, lab.site, wheel, lab.answers, keys, mark)
        for keys in (lab.keys, lab.told())
    )
    for cell in notebook.cells:
        cell.source = every if cell.source == students else cell.source
    nbformat.write(notebook, path)


def _clean(lab: Lab, raw: Path, target: Path) -> None:
    """Otter's notebook with our metadata, without empty cells and Otter's marks."""
    notebook = nbformat.read(raw, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
    for cell in notebook.cells:
        cell.metadata.pop("otter", None)
        lines = cell.source.split("\n")
        marks = ("# BEGIN SOLUTION NO PROMPT", "# END SOLUTION")
        cell.source = "\n".join(line for line in lines if line.strip() not in marks)
    notebook.metadata.clear()
    notebook.metadata.update(metadata(lab))
    nbformat.validate(notebook)
    nbformat.write(notebook, target)


def check_solution(lab: Lab, notebook: Path, autograder: Path) -> None:
    """The solution must get every point from the autograder, else LabError."""
    result = otter_run.grade(notebook, autograder)
    for task in lab.tasks:
        got = result.get(task.name, {"score": 0.0, "text": "the autograder did not test it"})
        if not math.isclose(got["score"], task.points):  # a sum of its parts
            place, whose = f"{task.page or lab.page}.md", "The book's"
            if task.own or task.name in lab.boxes:
                place, whose = f"{place}:{task.line}", "Your"
            raise LabError(
                f"{whose} own solution of task '{task.name}' gets "
                f"{got['score']:g} of {task.points:g} points, so nothing was written. Mend the "
                f"solution in {place}, or the check. What the autograder says:\n{got['text']}"
            )


def roster(path: Path) -> list[Person]:
    """The people of a class. Raises LabError."""
    from grading.roster.people import read  # only a class with problems that vary needs it

    try:
        return read(path).people
    except (OSError, ValueError) as error:
        raise LabError(str(error)) from None


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m grading.make.assignment",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("which", metavar="lab", help="the number of a lab, or a file .yml")
    parser.add_argument("--out", type=Path, help="default: dist/<name>")
    parser.add_argument(
        "--roster",
        type=Path,
        help="a CSV file of the class: each student gets practice problems with other numbers",
    )
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    try:
        people = roster(options.roster) if options.roster else ()
        this = planned(asked(options.which), options.root)
        out = build(this, options.out, root=options.root, people=people)
    except (LabError, PageError, FrontMatterError, otter_run.OtterFailed) as error:
        print(error, file=sys.stderr)
        return 1
    each = [p for p in (out / "student").iterdir() if p.is_dir()]
    for path in sorted(p for p in out.rglob("*") if p.is_file() and p.parent not in each):
        print(f"  {path.relative_to(out)}  ({path.stat().st_size / 1024:,.0f} KB)")
    varying = [one.label or one.address for one in this.problems if variants.varies(one.address)]
    if varying and not each:
        print(
            f"No ROSTER was given, so all get the same numbers in {', '.join(varying)}. Before you "
            "hand it out, make it again with ROSTER=class.csv."
        )
    if each:
        print(f"  student/<id>/: the notebooks of {len(each)} students, with numbers of their own")
    print(f"{out}: the solution gets every point")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

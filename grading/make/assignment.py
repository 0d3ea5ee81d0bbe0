"""Make an assignment: ``python -m grading.make.assignment LAB``, or the path of its file.

It writes ``dist/<name>/``, for lab 6 ``dist/lab6/``:

    student/lab6.ipynb, dlworkbook-*.whl    hand these out
    autograder/lab6_autograder.zip          for Gradescope
    autograder/keys.json                    of practice problems, for `make grade`: keep it
    instructor/lab6_solution.ipynb          the solution
    instructor/rubric.md, rubric.html       points per task and per mistake
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
from pathlib import Path

import nbformat

from grading.run import otter_run
from publish.page.frontmatter import FrontMatterError
from publish.page.parser import PageError
from publish.tools import wheel

from . import data, problems, rubric
from .lab import ROOT, Lab, LabError, asked, load
from .master import master, metadata, requirements
from .plan import Plan

FOLDERS = {"student", "autograder", "instructor", "data"}


def build(
    which: int | str | Path | Plan,
    out: Path | None = None,
    *,
    root: Path = ROOT,
    package: Path = ROOT,
) -> Path:
    """Write the assignment into ``out`` (replaced as a whole, at the end); its path.

    ``which`` as in ``lab.load``; ``out`` is ``dist/<name>`` if nothing is said. ``package`` is the
    folder whose ``pyproject.toml`` builds the helper package's wheel. Raises LabError, PageError or
    FrontMatterError for what is not ready, OtterFailed when Otter gives no result; then nothing is
    written.
    """
    lab = load(which, root)
    out = Path(out or ROOT / "dist" / lab.name)
    if out.exists() and not {p.name for p in out.iterdir()} <= FOLDERS:
        raise LabError(f"{out} holds other things than an assignment; nothing was written.")
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
    _clean(
        lab, raw / "autograder" / f"{name}.ipynb", made / "instructor" / f"{name}_solution.ipynb"
    )
    (archive,) = (raw / "autograder").glob("*.zip")
    shutil.copy(archive, made / "autograder" / f"{name}_autograder.zip")
    shutil.copy(source / "requirements.txt", made / "autograder")
    problems.write(lab.problems, made)
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
            raise LabError(
                f"The book's own solution of task '{task.name}' gets {got['score']:g} of "
                f"{task.points:g} points, so nothing was written. Mend the solution in "
                f"{task.page or lab.page}.md, or the check. What the autograder says:\n"
                f"{got['text']}"
            )


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m grading.make.assignment",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("which", metavar="lab", help="the number of a lab, or a file .yml")
    parser.add_argument("--out", type=Path, help="default: dist/<name>")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    try:
        out = build(asked(options.which), options.out, root=options.root)
    except (LabError, PageError, FrontMatterError, otter_run.OtterFailed) as error:
        print(error, file=sys.stderr)
        return 1
    for path in sorted(p for p in out.rglob("*") if p.is_file()):
        print(f"  {path.relative_to(out)}  ({path.stat().st_size / 1024:,.0f} KB)")
    print(f"{out}: the solution gets every point")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

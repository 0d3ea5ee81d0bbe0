"""A student objects: run the grader once more, and keep old and new results for the decision.

``python -m grading.marking.regrade LAB --out OUT --submission FILE --claim "..."`` writes a file
into ``OUT/regrades/``; the page of ``make mark`` shows it, with buttons to decide. The results of
the class are not touched.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath

from grading import assigned
from grading.make import each
from grading.make.lab import Lab, LabError
from grading.make.variants import Variants
from grading.read.cleaning import clean
from grading.report.results import Row
from grading.run import sandbox

from . import requests, standing
from .group import Group

LONGEST = 20_000  # characters of a claim


class NoSuchSubmission(ValueError):
    """It cannot be told whose file is meant; says what to give."""


def whose(rows: list[Row], path: Path, student: str = "") -> Row:
    """The row that a file belongs to: by the student's id, or by the file's name in the class.

    A name in another folder than the class has it may be anybody's. Raises NoSuchSubmission.
    """
    if student:
        found = [row for row in rows if row.file == student
                 or student.lstrip("0") == row.student_id.lstrip("0") != ""]
        asked = f"STUDENT={student}"
    else:
        there = PurePosixPath(path.absolute().as_posix()).parts
        found = [row for row in rows if (own := row.file.split("/")) == list(there[-len(own):])]
        asked = f"SUBMISSION={path}"
        alike = [row.file for row in rows if row.file.split("/")[-1] == path.name]
        if not found and alike:
            raise NoSuchSubmission(
                f"{asked} has the name of {', '.join(alike[:5])}, but not its folder. Say whose it "
                "is: STUDENT= with the student's id or with that name, as grades.csv has it."
            )
    if len(found) > 1:  # of several files of one student
        found = [row for row in found if row.file.split("/")[-1] == path.name] or found
    if len(found) == 1:
        return found[0]
    if not found:
        raise NoSuchSubmission(
            f"{asked} is none of the {len(rows)} files of this class. Say whose it is: STUDENT= "
            "with the student's id or the name of the file in grades.csv; or take a file with the "
            "name that it has there."
        )
    names = ", ".join(row.file for row in found[:5])
    raise NoSuchSubmission(f"{asked} may be {names}. Say whose it is: STUDENT=id.")


def run_again(lab: Lab, out: Path, row: Row, path: Path) -> Row:
    """The row that the grader gives the file now; ``out``, where the class is, stays as it is."""
    from grading.grade import Grader
    from grading.shards.secret import NAME as SECRET

    owners = lab.variants.of(*(row.owners or (row.student_id, row.student)))
    if owners:  # the name of the file alone may not say whose it is
        lab = replace(lab, variants=Variants(lab.variants.secret, owners))
        lab = replace(each.lab_of(lab, owners[0]), variants=Variants()) if len(owners) == 1 else lab
    with tempfile.TemporaryDirectory(prefix="regrade-") as folder:
        work = Path(folder)
        name = row.file.split("/")[-1]
        (work / "in").mkdir()
        shutil.copyfile(path, work / "in" / name)
        kept = Path(out) / "results" / SECRET
        if kept.is_file():  # with the inputs that the class was graded with
            (work / "out" / "results").mkdir(parents=True)
            shutil.copyfile(kept, work / "out" / "results" / SECRET)
        (found,) = Grader(lab, work / "out", 1).run(work / "in", quiet=True)
    return replace(found, file=row.file, student=row.student, student_id=row.student_id,
                   system=row.system, late=row.late)


def request(
    lab: Lab, out: Path, path: Path, claim: str, *, task: str = "", student: str = ""
) -> requests.Request:
    """Run the grader on a file, and write the request.

    Raises NoSuchSubmission, NoResults, ValueError.
    """
    group = Group(out, lab)
    claim = clean(claim.strip(), LONGEST, lines=True)
    if not claim:
        raise ValueError("What does the student say? Give CLAIM=\"...\", or a file with it.")
    if task and task not in group.questions:
        known = ", ".join(group.questions)
        raise ValueError(f"TASK={task} is none of this assignment's: {known}.")
    row = whose(group.rows(), path, student)
    if not path.is_file():
        raise NoSuchSubmission(
            f"SUBMISSION={path} is no file. Give the notebook itself, unpacked; a new one may "
            "stand in its place."
        )
    by_hand = task in {question.name for question in lab.written}
    new = None if by_hand else run_again(lab, out, row, path)
    return requests.write(out, row, claim, task, new, path.name)


def told(made: requests.Request, lab: Lab, out: Path) -> list[str]:
    """What stands, and what the new run gives, for each task that a decision is about."""
    stands = standing.one(made.old, lab, out)
    new = standing.of(made.new, lab) if made.new else None
    sentences = []
    for name in requests.proposed(made, stands, lab):
        part = stands.by_name[name]
        said = "" if new is None else f"; the new run: {requests.told(new.by_name[name])}"
        sentences.append(f"{name}: {requests.told(part)}{said}")
    return sentences or ["The new run gives no task more points than it has."]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m grading.marking.regrade", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    assigned.arguments(parser)
    parser.add_argument("--submission", type=Path, required=True, help="the notebook")
    parser.add_argument("--claim", required=True, help="what the student says, or a file with it")
    parser.add_argument("--task", default="", help="the task it is about")
    parser.add_argument("--student", default="", help="the id, for a file of another name")
    options = parser.parse_args(argv)
    claim = options.claim
    try:
        if len(claim) < 4_000 and Path(claim).is_file():
            claim = Path(claim).read_text(encoding="utf-8", errors="replace")
        lab = assigned.load(options)
        made = request(lab, options.out, options.submission, claim, task=options.task,
                       student=options.student)
    except (LabError, ValueError, OSError, sandbox.NoWalls) as error:
        print(error, file=sys.stderr)
        return 1
    for sentence in told(made, lab, options.out):
        print(sentence)
    print(f"{made.path}: `make mark` shows it, for a decision")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

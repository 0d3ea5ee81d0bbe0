"""Grade a folder or zip of notebooks: ``python -m grading.grade LAB SUBMISSIONS``.

Into the folder of results go ``grades.csv`` (a row for each file), ``feedback/`` (a page and a text
for each student), ``report.html`` (the class), CSV files for Canvas and Moodle where file names
tell the ids, ``seconds.csv``, and ``results/`` (what was found, file by file). A second run grades
only files that are new or changed. With ``--shard 3/16`` a machine grades its share of the files,
and writes ``results/`` only: ``python -m grading.shards.merge`` makes all else.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
import traceback
import uuid
from collections import Counter
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path

from tqdm import tqdm

from grading.make import lab, problems
from grading.make.lab import ROOT, Lab, LabError
from grading.read import reading
from grading.read.submissions import Class, NoSubmissions, Submission, find
from grading.report import class_report, feedback, gradebook, kept, moodle, results
from grading.run import limited, sandbox, scratch
from grading.run.keeper import write_atomically
from grading.run.pool import Pool, result
from grading.run.worker import Job
from grading.shards import manifest, secret
from grading.shards.manifest import Manifest
from grading.shards.split import Shard, ShardError, parse
from publish.page.frontmatter import FrontMatterError
from publish.page.parser import PageError

tqdm.monitor_interval = 0  # no thread beside ours: files are read in forks
LIMITS = {name: getattr(Job, name) for name in ("seconds", "memory", "cell_seconds")}


class Grader:
    """One run over one set of submissions, or over a ``shard`` of it.

    ``secret_file`` holds what the inputs are drawn from on which right answers are tried again.
    """

    def __init__(
        self,
        this: Lab,
        out: Path,
        jobs: int,
        limits: dict | None = None,
        *,
        shard: Shard | None = None,
        secret_file: Path | None = None,
    ) -> None:
        self.lab, self.out, self.jobs = this, Path(out), jobs
        self.limits = LIMITS | (limits or {})
        self.shard, self.secret_file, self.secret = shard, secret_file, ""
        self.run_id = uuid.uuid4().hex[:12]
        self.others = other_answers(this)
        self.rows: dict[str, results.Row] = {}
        self.lines: dict[str, list[str]] = {}  # of each file, that nobody handed out
        self.keys: dict[str, str] = {}
        self.walls: dict[str, str] = {}
        self.submitted: dict[str, reading.Submitted | reading.Rejected] = {}  # by file
        self.told: list[str] = []  # sentences about the run and the gradebooks

    def run(
        self, source: Path, *, worksheets: list[moodle.Worksheet] | None = None, quiet: bool = False
    ) -> list[results.Row]:
        """Grade what is new, write everything; the rows in the order of the file names.

        ``worksheets`` of Moodle are filled in, and those that lie beside the submissions.
        """
        self.walls = sandbox.require()
        with scratch.folder() as place:
            every = find(Path(source), place / "unpacked", self.shard)
            self.secret = secret.of(self.out, self.secret_file)
            kept.clear(self.out)
            if self.shard:  # until it has come to its end once more, it counts as missing
                manifest.place(self.out, self.shard).unlink(missing_ok=True)
            found, todo = every.submissions, []
            self.told = list(every.messages)
            for submission in found:
                row = self.known(submission)
                if row is None:
                    todo.append(submission)
                else:
                    self.rows[submission.file] = row
            known = len(found) - len(todo)
            bar = tqdm(
                total=len(found),
                initial=known,
                unit="file",
                disable=quiet,
                desc=f"lab {self.lab.number}" + (f", shard {self.shard}" if self.shard else ""),
                dynamic_ncols=True,
            )
            with bar:
                for submission, row in self.graded(todo, place):
                    self.keep(submission, row)
                    bar.update()
            rows = [self.rows[submission.file] for submission in found]
            if self.shard:
                self.leave(every)
            else:
                self.write(rows, [*(worksheets or []), *every.worksheets])
        return rows

    def read(self, submission: Submission) -> reading.Submitted:
        """Read a file in a process of its own, once. Raises Rejected."""

        def plain() -> dict:
            try:
                return reading.read(submission.path, self.lab, self.others).as_dict()
            except reading.Rejected as error:
                return {"code": error.code, "text": str(error)}
            except MemoryError:
                raise
            except Exception as error:  # whatever is in a file, the others are graded
                text = f"The file could not be read: {type(error).__name__}."
                return {"code": "unreadable", "text": text}

        if submission.problem is not None:
            raise reading.Rejected(*submission.problem)
        if submission.file not in self.submitted:
            try:
                found = limited.call(plain)
            except limited.TooMuch:
                text = "The file takes more memory or time to read than a notebook may."
                found = {"code": "too_large", "text": text}
            read = reading.Rejected(**found) if "code" in found else found
            if isinstance(read, dict):
                read = reading.Submitted.from_dict(read)
            self.submitted[submission.file] = read
        read = self.submitted[submission.file]
        if isinstance(read, reading.Rejected):
            raise read
        return read

    def code(self, submission: Submission) -> list[str]:
        """The code cells of a file; none, if it cannot be read."""
        try:
            return self.read(submission).cells
        except reading.Rejected:
            return []

    # -- what is known

    def key(self, submission: Submission) -> str:
        """Changes with the file's content and with the grader. The file is read once for it."""
        if submission.file in self.keys:
            return self.keys[submission.file]
        owner = replace(submission, path=None)
        digest = hashlib.sha256(repr(owner).encode())
        if submission.path is not None:
            try:
                with submission.path.open("rb") as file:
                    while part := file.read(1 << 20):
                        digest.update(part)
            except OSError as error:
                digest.update(repr(error).encode())
        key = self.keys[submission.file] = f"{digest.hexdigest()}-{self.lab.fingerprint}"
        return key

    def known(self, submission: Submission) -> results.Row | None:
        """The row of an earlier run, if file and grader are still the same."""
        found = kept.read(self.out, submission.file)
        if found is None or found.row.again or found.row.key != self.key(submission):
            return None
        lines = self.rare(submission) if found.lines is None else found.lines
        self.lines[submission.file] = lines
        return found.row

    def keep(self, submission: Submission, row: results.Row) -> None:
        """Write the result of one file, as a whole or not at all."""
        row.key, row.run = self.key(submission), self.run_id
        self.lines[submission.file] = lines = self.rare(submission)
        kept.write(self.out, kept.Kept(row, lines))
        self.rows[submission.file] = row

    def rare(self, submission: Submission) -> list[str]:
        """The lines of code of a file that may say something and were not handed out."""
        return sorted(class_report.rare_lines(self.code(submission)) - self.handed_out)

    @cached_property
    def handed_out(self) -> set[str]:
        """The lines that every student got."""
        return class_report.handed_out(self.lab)

    # -- grading

    def graded(self, todo: list[Submission], place: Path):
        """Yield (submission, row) for each file, as they come to their ends."""
        jobs: dict[str, Job] = {}
        waiting: dict[str, tuple[Submission, reading.Submitted]] = {}
        for k, submission in enumerate(todo):
            try:
                read = self.read(submission)
            except reading.Rejected as error:
                yield submission, results.rejected(submission, self.lab, error.code, str(error))
                continue
            jobs[str(k)] = Job(
                str(place / "done" / f"{k}.json"),
                str(place / f"work-{k}"),
                read.cells,
                sorted(read.skipped),
                [(task.name, task.answer) for task in self.lab.tasks],
                {task.name: task.parts for task in self.lab.tasks},
                walls=not sandbox.asked_for_none(),
                off=sandbox.switched_off(),
                **self.limits,
            )
            waiting[str(k)] = submission, read
        if not jobs:
            return
        checked = [task.name for task in self.lab.tasks if not task.spec]
        specs = {task.name: task.spec for task in self.lab.tasks if task.spec}
        pool = Pool(checked, self.modules(), self.jobs, place, specs, self.secret)
        try:
            for name, how in pool.run(jobs):
                submission, read = waiting[name]
                found = result(Path(jobs[name].result)) if how == "ended" else None
                if found is None:
                    text = "Its process and the one that watched over it ended suddenly."
                    yield submission, results.rejected(submission, self.lab, "lost", text)
                    continue
                yield submission, self.row(submission, read, found)
        finally:
            pool.close()

    def row(self, submission: Submission, read: reading.Submitted, found: dict) -> results.Row:
        """The row of a result, whatever is in it."""
        try:
            return results.graded(submission, self.lab, read, found)
        except Exception as error:  # its process may have written anything
            traceback.print_exc()
            text = f"What came back cannot be understood ({type(error).__name__})."
            return results.rejected(submission, self.lab, "grader_failed", text)

    def modules(self) -> list[str]:
        """Libraries that the lab's own cells import, loaded once."""
        ours = {"dlworkbook", "torch", "numpy", "matplotlib"}
        return sorted(self.lab.imports - ours - set(sys.stdlib_module_names))

    # -- writing

    def leave(self, every: Class) -> None:
        """What tells those who join the shards that this one has come to its end."""
        files = {submission.file: self.key(submission) for submission in every.submissions}
        sheets = [asdict(sheet) for sheet in every.worksheets]
        made = Manifest(self.shard.number, self.shard.of, self.lab.number, self.lab.fingerprint,
                        every.units, every.own, files, every.messages, sheets, self.walls)
        manifest.write(self.out, made)

    def write(self, rows: list[results.Row], sheets: list[moodle.Worksheet]) -> None:
        """All that is made from the rows and ``lines``, the same on one machine and on many."""
        write_atomically(self.out / "grades.csv", results.table(rows, self.lab))
        write_atomically(self.out / "seconds.csv", results.seconds(rows))
        tables, told = gradebook.files(rows, self.lab, sheets)
        self.told += told
        for system in gradebook.SYSTEMS:
            for old in self.out.glob(f"gradebook_{system}*.csv"):
                if old.name not in tables:
                    old.unlink()  # of an earlier run
        for name, text in tables.items():
            write_atomically(self.out / name, text)
        for file, base in feedback.places(rows, self.out / "feedback").items():
            try:
                feedback.write(self.rows[file], self.lab, base)
            except (OSError, ValueError) as error:
                self.told.append(f"No feedback was written for {file}: {type(error).__name__}.")
        shared = class_report.shared_lines((self.lines[row.file] for row in rows), self.lab)
        walls = [f"Walls: {sandbox.told(self.walls)}."] if self.walls else []
        page = class_report.page(rows, self.lab, shared, [*self.told, *walls])
        write_atomically(self.out / "report.html", page)


def other_answers(this: Lab) -> dict[int, set[str]]:
    """Names of the answers of the book's other labs."""
    found = {}
    for number in lab.numbers(this.root):
        if number != this.number:
            try:
                found[number] = lab.answers(number, this.root)
            except Exception:
                continue  # a page in the making: whatever is wrong there, this lab is graded
    return found


def counted(rows: list[results.Row], seconds: float | None = None) -> str:
    """How many files got which status."""
    counts = Counter(row.status for row in rows)
    told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    within = "" if seconds is None else f" in {seconds:.0f} s"
    return f"{len(rows)} files{within}: {told or 'none is of this shard'}"


def summary(rows: list[results.Row], seconds: float, walls: dict) -> str:
    """What is said at the end."""
    text = f"{counted(rows, seconds)}."
    if walls:
        text += f"\nWalls: {sandbox.told(walls)}."
    return text


def worksheets(paths: list[Path]) -> list[moodle.Worksheet]:
    """The worksheets in these files. Raises NoSubmissions."""
    found = [moodle.read(path) for path in paths]
    if None in found:
        raise NoSubmissions(
            f"WORKSHEET={paths[found.index(None)]} is no grading worksheet of Moodle. Export one "
            "(Download grading worksheet) and leave its columns as they are."
        )
    return found


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m grading.grade",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("lab", type=int, help="the number of the lab")
    parser.add_argument("submissions", type=Path, help="a folder or a zip")
    parser.add_argument(
        "--worksheet",
        type=Path,
        action="append",
        default=[],
        help="a grading worksheet that Moodle exported, to be filled in",
    )
    parser.add_argument("--out", type=Path, help="default: dist/grades<n>")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--seconds", type=float, default=LIMITS["seconds"], help="on the clock, for one submission"
    )
    parser.add_argument(
        "--memory",
        type=int,
        default=LIMITS["memory"] // 10**6,
        help="MB for one submission, beside the libraries",
    )
    parser.add_argument(
        "--without-walls",
        action="store_true",
        help="grade also where submissions cannot be held back (or GRADING_WALLS=none)",
    )
    parser.add_argument(
        "--assignment",
        type=Path,
        help="what was handed out, for the keys of its practice problems; default: dist/lab<n>",
    )
    parser.add_argument(
        "--shard", help="grade this share of the files only, such as 3/16, and write results/ only"
    )
    parser.add_argument(
        "--secret", type=Path, help="a file with the secret of all shards that share no folder"
    )
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if not sys.platform.startswith("linux"):
        print(
            "Grading needs Linux, whose walls hold students' code back. On Windows use WSL, on "
            "a Mac a container.",
            file=sys.stderr,
        )
        return 1
    if options.without_walls:
        os.environ["GRADING_WALLS"] = "none"
    start = time.monotonic()
    out = options.out or ROOT / "dist" / f"grades{options.lab}"
    limits = {"seconds": options.seconds, "memory": options.memory * 10**6}
    try:
        folder = options.assignment or ROOT / "dist" / f"lab{options.lab}"
        shard = parse(options.shard) if options.shard else None
        if shard and options.worksheet:
            raise ShardError("A shard fills in no WORKSHEET: give it to make grade-merge.")
        this = lab.load(options.lab, options.root, source=problems.kept(folder))
        grader = Grader(
            this, out, options.jobs, limits, shard=shard, secret_file=options.secret
        )
        rows = grader.run(options.submissions, worksheets=worksheets(options.worksheet))
    except (LabError, PageError, FrontMatterError, NoSubmissions, ShardError,
            sandbox.NoWalls) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What is graded is kept: the same command goes on.", file=sys.stderr)
        return 130
    print(summary(rows, time.monotonic() - start, grader.walls))
    if shard:
        print(f"Shard {shard} is complete. When all are: make grade-merge OUT={out}")
        return 0
    for sentence in grader.told:
        print(sentence)
    print(f"Grades: {out / 'grades.csv'}; class report: {out / 'report.html'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

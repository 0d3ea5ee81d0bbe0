"""Grade a folder or zip of notebooks: ``python -m grading.grade LAB SUBMISSIONS``.

LAB is the number of a lab, or the file of an assignment.

Into the folder of results go ``grades.csv`` (a row for each file), ``feedback/`` (a page and a text
for each student), ``standings.csv`` (a row for each student: which file counts, late days, points
left), ``report.html`` (the class), CSV files for Canvas and Moodle where file names or the roster
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
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from tqdm import tqdm

from grading import assigned
from grading.make import each, lab, plan
from grading.make.lab import Lab, LabError
from grading.marking import requests, standing
from grading.read import reading
from grading.read.submissions import NoSubmissions, Submission, find
from grading.read.tables import TableError
from grading.report import (
    class_report,
    feedback,
    gradebook,
    grades,
    kept,
    moodle,
    results,
    similarity,
    traces,
)
from grading.roster import book, inputs, owners
from grading.roster.inputs import Inputs
from grading.run import container, limited, sandbox, scratch
from grading.run.keeper import write_atomically
from grading.run.pool import Pool, result
from grading.run.worker import Job
from grading.shards import manifest, secret
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
        given: Inputs | None = None,
        *,
        shard: Shard | None = None,
        secret_file: Path | None = None,
    ) -> None:
        self.lab, self.out, self.jobs = this, Path(out), jobs
        self.limits = LIMITS | (limits or {})
        self.inputs = given or Inputs()  # roster, extensions, times
        self.shard, self.secret_file, self.secret = shard, secret_file, ""
        self.run_id = uuid.uuid4().hex[:12]
        self.others = other_answers(this)
        self.rows: dict[str, results.Row] = {}
        self.traces: dict[str, traces.Traces] = {}  # by file
        self.keys: dict[str, str] = {}
        self.walls: dict[str, str] = {}
        self.around: list[str] = []  # what holds the whole run, in sentences
        self.submitted: dict[str, reading.Submitted | reading.Rejected] = {}  # by file
        self.called: dict[str, tuple[str, ...]] = {}  # by file, the owner's names on the roster
        self.told: list[str] = []  # sentences about the run and the gradebooks
        self.standings: list[standing.Standing] = []  # the rows with their marks

    def run(
        self, source: Path, *, worksheets: list[moodle.Worksheet] | None = None, quiet: bool = False
    ) -> list[results.Row]:
        """Grade what is new, write everything; the rows in the order of the file names.

        ``worksheets`` of Moodle are filled in, and those that lie beside the submissions.
        """
        self.walls, self.around = sandbox.require(), container.told()
        with scratch.folder() as place:
            every = find(Path(source), place / "unpacked", self.shard)
            self.secret = secret.of(self.out, self.secret_file)
            kept.clear(self.out)
            if self.shard:  # until it has come to its end once more, it counts as missing
                manifest.place(self.out, self.shard).unlink(missing_ok=True)
            found, todo, again = every.submissions, [], []
            self.told = list(every.messages)
            sheets = [*(worksheets or []), *every.worksheets]
            if each.varying(self.lab):
                self.called = owners.called(every.everyone, self.lab, self.inputs.roster, sheets)
            for submission in found:
                one = self.known(submission)
                if one is None:
                    todo.append(submission)
                    continue
                self.rows[submission.file] = one.row
                if one.traces is None or one.stamp != self.stamp:
                    again.append(submission)  # compared in another way since then
                else:
                    self.traces[submission.file] = one.traces
            self.trace(again)
            for submission in again:
                self.store(self.rows[submission.file])
            known = len(found) - len(todo)
            bar = tqdm(
                total=len(found),
                initial=known,
                unit="file",
                disable=quiet,
                desc=self.lab.what + (f", shard {self.shard}" if self.shard else ""),
                dynamic_ncols=True,
            )
            with bar:
                for submission, row in self.graded(todo, place):
                    self.keep(submission, row)
                    bar.update()
            rows = [self.rows[submission.file] for submission in found]
            if self.shard:
                manifest.write(self.out, manifest.of(self, every))
            else:
                self.write(rows, sheets)
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

    def trace(self, submissions: Iterable[Submission]) -> None:
        """Find what is compared with others; nothing in a file that cannot be read."""
        read = {}
        for submission in submissions:
            self.traces[submission.file] = traces.NOTHING
            try:
                read[submission.file] = self.read(submission)
            except reading.Rejected:
                continue
        self.traces |= traces.of(read, self.lab) if read else {}

    @cached_property
    def stamp(self) -> str:
        """Of what is compared."""
        return traces.stamp(self.lab)

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
        key = self.keys[submission.file] = f"{digest.hexdigest()}-{self.graded_as(submission)}"
        return key

    def graded_as(self, one: Submission | results.Row) -> str:
        """The end of a key: by what grader a file is judged, and by whose problems."""
        whose = each.whose(self.lab, self.names(one), self.inputs.roster is not None)
        return f"{self.lab.fingerprint}{whose}"

    def names(self, one: Submission | results.Row) -> tuple[str, ...]:
        """What the owner of a file is called: on the roster that was given, else by the file."""
        return self.called.get(one.file) or (one.student_id, one.student)

    def known(self, submission: Submission) -> kept.Kept | None:
        """What is kept of an earlier run, if file and grader are still the same."""
        found = kept.read(self.out, submission.file)
        same = found is not None and found.row.key == self.key(submission)
        return found if same and not found.row.again else None

    def keep(self, submission: Submission, row: results.Row) -> None:
        """Write the result of one file, as a whole or not at all."""
        row.key, row.run = self.key(submission), self.run_id
        self.rows[submission.file] = row
        self.store(row)

    def store(self, row: results.Row) -> None:
        """Write a row, and what is compared."""
        kept.write(self.out, kept.Kept(row, self.traces[row.file], self.stamp))

    # -- grading

    def graded(self, todo: list[Submission], place: Path):
        """Yield (submission, row) for each file, as they come to their ends."""
        jobs: dict[str, Job] = {}
        waiting: dict[str, tuple] = {}  # submission, what was read, its assignment, owners, names
        specs: dict[str, dict] = {}
        self.trace(todo)
        for k, submission in enumerate(todo):
            try:
                read = self.read(submission)
            except reading.Rejected as error:
                yield submission, results.rejected(submission, self.lab, error.code, str(error))
                continue
            roster = self.inputs.roster is not None
            choice = each.choose(self.lab, self.names(submission), read.variant, roster=roster)
            read = replace(read, notes=[*read.notes, *choice.notes])
            mine, called = each.lab_of(self.lab, choice.own), each.names(self.lab, choice.own)
            specs |= {called[task.name]: task.spec for task in mine.tasks if task.spec}
            jobs[str(k)] = Job(
                str(place / "done" / f"{k}.json"),
                str(place / f"work-{k}"),
                # the set-up cell, which is not run, holds packed keys
                ["" if k in read.skipped and "checks.hold(" in cell else cell
                 for k, cell in enumerate(read.cells)],
                sorted(read.skipped),
                [(called[task.name], task.answer) for task in mine.tasks],
                {called[task.name]: task.parts for task in mine.tasks},
                walls=not sandbox.asked_for_none(),
                off=sandbox.switched_off(),
                **self.limits,
            )
            waiting[str(k)] = submission, read, mine, choice.owners, called
        if not jobs:
            return
        checked = [task.name for task in self.lab.tasks if not task.spec]
        pool = Pool(
            checked, self.modules(), self.jobs, place, specs, self.secret, self.lab.sources
        )
        try:
            for name, how in pool.run(jobs):
                submission, read, mine, whose, called = waiting[name]
                found = result(Path(jobs[name].result)) if how == "ended" else None
                if found is None:
                    text = "Its process and the one that watched over it ended suddenly."
                    yield submission, results.rejected(submission, self.lab, "lost", text)
                    continue
                row = self.row(submission, mine, read, each.plain(found, called))
                yield submission, replace(row, owners=list(whose))
        finally:
            pool.close()

    def row(
        self, submission: Submission, mine: Lab, read: reading.Submitted, found: dict
    ) -> results.Row:
        """The row of a result, whatever is in it; ``mine``: the assignment of this student."""
        try:
            return results.graded(submission, mine, read, found)
        except Exception as error:  # its process may have written anything
            traceback.print_exc()
            text = f"What came back cannot be understood ({type(error).__name__})."
            return results.rejected(submission, self.lab, "grader_failed", text)

    def modules(self) -> list[str]:
        """Libraries that the lab's own cells import, loaded once."""
        ours = {"dlworkbook", "torch", "numpy", "matplotlib"}
        return sorted(self.lab.imports - ours - set(sys.stdlib_module_names))

    # -- writing

    def write(self, rows: list[results.Row], sheets: list[moodle.Worksheet]) -> None:
        """All that is made from rows and traces, the same on one machine and on many."""
        marked = standing.every(rows, self.lab, self.out)
        marked, asked = requests.joined(marked, self.out)
        self.standings = marked
        stand = {one.file: one for one in marked}
        write_atomically(self.out / "grades.csv", grades.table(marked, self.lab))
        write_atomically(self.out / "seconds.csv", grades.seconds(rows))
        people = book.make(marked, self.lab, inputs.terms(self.lab), self.inputs, sheets)
        write_atomically(self.out / "standings.csv", people.table())
        tables, told = gradebook.files(marked, self.lab, sheets, people)
        self.told += [*people.told, *told, *standing.faults(marked), *asked]
        self.told += each.by_notebook(marked)
        for system in gradebook.SYSTEMS:
            for old in self.out.glob(f"gradebook_{system}*.csv"):
                if old.name not in tables:
                    old.unlink()  # of an earlier run
        for name, text in tables.items():
            write_atomically(self.out / name, text)
        shown = [(row, people.shown(stand[row.file])) for row in rows]
        pages, known = self.out / "feedback", self.out / "results" / "feedback"
        self.told += feedback.write_all(shown, self.lab, pages, known)
        lines = (self.traces[row.file].lines for row in rows)
        shared = class_report.shared_lines(lines, self.lab)
        walls = [f"Walls: {sandbox.told(self.walls)}."] if self.walls else []
        walls += self.around
        alike = self.alike(rows)
        page = class_report.page(marked, self.lab, shared, [*self.told, *walls], people, alike)
        write_atomically(self.out / "report.html", page)

    def alike(self, rows: list[results.Row]) -> str:
        """Compare the structure of all answers; the part of the report about it."""
        found = {row.file: self.traces[row.file] for row in rows}
        structures = {
            file: one.structures for file, one in found.items() if one.structures is not None
        }
        pairs = similarity.compare(structures, lambda file: owner(self.rows[file]))
        write_atomically(self.out / "similarity.csv", similarity.table(pairs, self.rows))
        left_out = [file for file, one in found.items() if one.too_much]
        return similarity.page(pairs, structures, self.rows, left_out)


def owner(row: results.Row) -> str:
    """Whose file it is, to compare it with those of others."""
    return row.student_id or row.student


def other_answers(this: Lab) -> dict[str, set[str]]:
    """Names of the answers of the book's other assignments."""
    found = {}
    for name, other in plan.every(this.root).items():
        if name != this.name:
            try:
                found[name] = lab.answers(other, this.root)
            except Exception:
                continue  # one in the making: whatever is wrong there, this one is graded
    return found


def counted(rows: list[results.Row], seconds: float | None = None) -> str:
    """How many files got which status."""
    counts = Counter(row.status for row in rows)
    told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    within = "" if seconds is None else f" in {seconds:.0f} s"
    return f"{len(rows)} files{within}: {told or 'none is of this shard'}."


def summary(
    rows: list[standing.Standing], seconds: float | None, walls: dict, around: Iterable[str] = ()
) -> str:
    """What is said at the end; ``around``: what holds the whole run."""
    text = counted(rows, seconds)
    waiting = sum(row.waits for row in rows)
    if waiting:
        has, totals = ("has", "its total is") if waiting == 1 else ("have", "their totals are")
        text += f"\n{waiting} of them {has} questions to mark by hand: {totals} open."
    if walls:
        text += f"\nWalls: {sandbox.told(walls)}."
    return "\n".join([text, *around])


def tell(grader: Grader, seconds: float | None = None, more: Iterable[str] = ()) -> None:
    """Print the end of a run, or of a merge with ``more`` of its own to say."""
    print(summary(grader.standings, seconds, grader.walls, grader.around))
    for sentence in (*grader.told, *more):
        print(sentence)
    print(f"Grades: {grader.out / 'grades.csv'}; class report: {grader.out / 'report.html'}")


def worksheets(paths: list[Path]) -> list[moodle.Worksheet]:
    """The worksheets in these files. Raises NoSubmissions."""
    found = [moodle.read(path) for path in paths]
    if None in found:
        raise NoSubmissions(moodle.fault(paths[found.index(None)]))
    return found


def contained(options: argparse.Namespace) -> int:
    """Do it all in a container."""
    try:
        own = assigned.place(options).own
        options.which = options.which if options.which.isdigit() else Path(options.which)
        return container.grade(options, [own.path] if own else [])
    except (LabError, container.NoContainer) as error:
        print(error, file=sys.stderr)
        return 1


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m grading.grade",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    assigned.arguments(parser)
    parser.add_argument("submissions", type=Path, help="a folder or a zip")
    parser.add_argument(
        "--worksheet",
        type=Path,
        action="append",
        default=[],
        help="a grading worksheet that Moodle exported, to be filled in",
    )
    parser.add_argument("--roster", type=Path, help="who is in the class: a CSV file")
    parser.add_argument("--extensions", type=Path, help="CSV with the columns id, due or days, why")
    parser.add_argument("--times", type=Path, help="CSV with the columns id (or file) and time")
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
        "--isolation",
        type=container.isolation,
        default="walls",
        help="walls (the grader's own), podman or docker (in a container), none (--without-walls)",
    )
    parser.add_argument(
        "--shard", help="grade this share of the files only, such as 3/16, and write results/ only"
    )
    parser.add_argument(
        "--secret", type=Path, help="a file with the secret of all shards that share no folder"
    )
    options = parser.parse_args(argv)
    if options.isolation in container.PROGRAMS:
        return contained(options)
    if not sys.platform.startswith("linux"):
        print(
            "Grading needs Linux, whose walls hold students' code back. On Windows use WSL, on "
            "a Mac a virtual machine with Linux.",
            file=sys.stderr,
        )
        return 1
    if options.without_walls or options.isolation == "none":
        os.environ["GRADING_WALLS"] = "none"
    start = time.monotonic()
    limits = {"seconds": options.seconds, "memory": options.memory * 10**6}
    try:
        this = assigned.load(options)
        given = inputs.read(
            inputs.terms(this), options.roster, options.extensions, options.times
        )
        shard = parse(options.shard) if options.shard else None
        if shard and options.worksheet and not each.varying(this):
            raise ShardError("A shard fills in no WORKSHEET: give it to make grade-merge.")
        grader = Grader(
            this, options.out, options.jobs, limits, given, shard=shard, secret_file=options.secret
        )
        rows = grader.run(options.submissions, worksheets=worksheets(options.worksheet))
    except (
        LabError, PageError, FrontMatterError, NoSubmissions, TableError, ShardError,
        sandbox.NoWalls,
    ) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What is graded is kept: the same command goes on.", file=sys.stderr)
        return 130
    seconds = time.monotonic() - start
    if shard:
        merge = f"make grade-merge {assigned.words(options)} OUT={options.out}"
        print(counted(rows, seconds))
        print(f"Shard {shard} is complete. When all are: {merge}")
        return 0
    tell(grader, seconds)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

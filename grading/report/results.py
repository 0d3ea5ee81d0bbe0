"""One row of the grades: what a submission got, and why."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from grading.make.lab import Lab
from grading.read.cleaning import both, clean
from grading.read.reading import Submitted
from grading.run import sandbox

if TYPE_CHECKING:
    from grading.read.submissions import Submission

# Notes after which points are kept back until a person has looked.
WITHHELD = {"reads_checks"}
# Notes that tell the instructor to look, without any loss of points.
LOOK = {"patched", "forged", "wrote_outside", "kills", "book_solution", "other_metadata",
        "id_unclear", "id_in_folder", "other_variant", "variant_without_roster"}
# Notes that are for the instructor only.
PRIVATE = {"book_solution", "forged", "grader_failed", "other_metadata", "book_cell", "anonymous",
           "id_unclear", "id_in_folder", "other_variant", "variant_by_notebook", "no_variant",
           "variant_without_roster", "without_walls", "written_picture"}
LOOK |= {"grader_failed", "check_failed", "missing_library", "unknown_task"}
# The grader's own faults, and ends that may have come from outside: a second run grades again.
AGAIN = {"lost", "died", "time", "grader_failed", "check_failed"}
# Reports that say nothing about the answer: no points, but not in silence.
UNCHECKED = {  # of one answer, of several
    "check_failed": ("The check of {} failed itself. Its points are open until you looked.",
                     "The checks of {} failed themselves. Their points are open until you looked."),
    "missing_library": ("The check of {} needs a library that is missing here.",
                        "The checks of {} need a library that is missing here."),
    "unknown_task": ("This grader has no check of {}.", "This grader has no checks of {}."),
}
CELLS = {"cell_error", "syntax_error", "endless_loop", "memory"}  # what a cell may end with
MOST_CELLS = 3  # that stopped, and are told one by one
# Names that Python gives to the code of a cell, and what is said of them.
CELL_NAMES = (
    (re.compile(r"\(<ipython-input-[^>]*>, line (\d+)\)"), r"(line \1)"),
    (re.compile(r"(?:File )?<ipython-input-[^>]*>, line (\d+)"), r"line \1"),
    (re.compile(r"<ipython-input-[^>]*>"), "the cell"),
    (re.compile(r"(?:/[\w.-]{1,40}){0,9}/ipykernel_\d+/\d+\.py"), "the cell"),
)


@dataclass
class Row:
    """The grade of one file.

    ``status``: graded; look (points kept back, or something that a person should see); stopped
    (limits, or a sudden end, before every task was checked); rejected (nothing could be graded).
    ``codes`` are words for programs, ``reason`` the same in sentences, ``remarks`` those of them
    that are for the student.
    """

    file: str
    student: str
    student_id: str
    system: str
    status: str
    codes: list[str]
    reason: str
    points: dict[str, float]
    total: float
    most: float
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    seconds: float = 0.0
    late: bool = False
    submitted: str = ""  # when, as ISO 8601, where the system says so
    members: list[dict[str, str]] = field(default_factory=list)  # who handed it in: name, id, email
    remarks: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)  # what is told of each cell that stopped
    key: str = ""  # of the content and the grader: a row with the same key is not made again
    run: str = ""  # the run that made it
    written: dict[str, str] = field(default_factory=dict)  # answers in words, '' for none
    owners: list[str] = field(default_factory=list)  # by whose own practice problems it is judged

    @property
    def known(self) -> bool:
        """Whether the points of checks are known: what nobody could read to the end is no zero."""
        open_ = WITHHELD | set(UNCHECKED)
        return self.status in ("graded", "look") and not set(self.codes) & open_

    @property
    def counts(self) -> bool:
        """Whether all points are known: what is to be marked by hand is no zero either."""
        return self.known and not self.written

    @property
    def again(self) -> bool:
        """Whether a second run should try it once more."""
        late = any(report["status"] == "timed_out" for report in self.reports.values())
        late |= "endless_loop" in self.codes
        right = all(report["credit"] == 1 for report in self.reports.values())
        lost = late and not right  # the machine may have been busy
        return self.status == "stopped" or lost or bool(AGAIN & set(self.codes))

    @property
    def mistakes(self) -> list[str]:
        """Ids of the named mistakes, pairs too, in the order of the tasks."""
        found = []
        for report in self.reports.values():
            found += [report["mistake"]] if report.get("mistake") else report.get("pair") or []
        return found

    def as_dict(self) -> dict:
        """Plain data for JSON."""
        return asdict(self)


def rejected(submission: Submission, lab: Lab, code: str, text: str) -> Row:
    """The row of a file that could not be graded."""
    points = {task.name: 0.0 for task in lab.tasks}
    row = _row(submission, lab, "rejected", points)
    told = [clean(text, 500), *(note for _, note in submission.notes)]
    row.codes = [code, *(code for code, _ in submission.notes)]
    row.reason = " ".join(told)
    row.remarks = told[:1]
    return row


def graded(submission: Submission, lab: Lab, read: Submitted, result: dict[str, Any]) -> Row:
    """The row of a submission that ran; ``result`` is what its keeper wrote."""
    notes = [
        {"code": code, "text": clean(text, 600)} for code, text in (*submission.notes, *read.notes)
    ]
    bare = sandbox.bare(result.get("walls", {}), result.get("off", []))
    if bare:
        notes.append({"code": "without_walls", "text": f"Run without walls: {', '.join(bare)}."})
    stopped = []
    for note in result["notes"]:
        note = _of_cell(note, read)
        notes.append(note)
        if "cell" in note:
            stopped.append(note["text"])
    reports = {t.name: result["reports"][t.name] for t in lab.tasks if t.name in result["reports"]}
    unchecked: dict[str, list[str]] = {}
    for task in lab.tasks:
        report = reports.get(task.name)
        if report is not None and not _sound(report):
            del reports[task.name]
            text = f"The report on {task.name} is none that a check makes."
            notes.append({"code": "forged", "text": text})
        elif report is not None:
            reports[task.name] = _readable(report, read.broken.get(task.answer, ""))
            if report["status"] in UNCHECKED:
                unchecked.setdefault(report["status"], []).append(f"`{task.answer}`")
    for code, names in unchecked.items():
        text = UNCHECKED[code][len(names) > 1].format(both(names))
        notes.append({"code": code, "text": text})
    codes = list(dict.fromkeys(note["code"] for note in notes))
    points = {t.name: t.points * reports.get(t.name, {"credit": 0})["credit"] for t in lab.tasks}
    status = "look" if set(codes) & LOOK else "graded"
    if len(reports) < len(lab.tasks):
        status = "stopped"
    if set(codes) & WITHHELD:
        status = "look"
        points = dict.fromkeys(points, 0.0)
    untouched = all(report["status"] in ("not_done", "no_answer") for report in reports.values())
    untouched &= not any(read.written.values())
    if untouched and len(reports) == len(lab.tasks):
        notes.insert(0, {"code": "nothing_done", "text": "No task is answered."})
        codes = [*codes, "nothing_done"]
    row = _row(submission, lab, status, points)
    row.codes, row.reports, row.stopped = codes, reports, stopped
    row.reason = " ".join(told(notes))
    row.remarks = told([note for note in notes if note["code"] not in PRIVATE])
    row.seconds = float(result.get("seconds", 0.0))
    row.written = dict(read.written)
    return row


def _row(submission: Submission, lab: Lab, status: str, points: dict[str, float]) -> Row:
    return Row(
        submission.file,
        submission.student,
        submission.student_id,
        submission.system,
        status,
        [],
        "",
        points,
        sum(points.values()),
        lab.total,
        late=submission.late,
        submitted=submission.submitted,
        members=[asdict(member) for member in submission.members],
    )


def _of_cell(note: dict, read: Submitted) -> dict:
    """A note with the cell called as the student knows it; of the book's own cells, so marked."""
    text = _without_names(clean(note["text"], 600))
    found = re.match(r"Cell (\d+)\b", text)
    where = found or re.search(r" in cell (\d+)\b", text)
    k = int(where[1]) - 1 if where else -1
    if not 0 <= k < len(read.labels):
        return note | {"text": text}
    label = read.labels[k]
    if not found:
        return note | {"text": text.replace(where[0], f" in {label[:1].lower()}{label[1:]}", 1)}
    text = label + text[found.end() :]
    if k in read.own and note["code"] in CELLS:
        return {"code": "book_cell", "text": f"{text} It is a cell as handed out.", "cell": k}
    return note | {"text": text, "cell": k}


def _sound(report: object) -> bool:
    """Whether a report has everything that is shown of it, in the right kind."""
    return (
        isinstance(report, dict)
        and all(isinstance(report.get(k), str) for k in ("status", "title", "message", "hint"))
        and isinstance(report.get("passed"), bool)
        and isinstance(report.get("credit"), float | int)
        and 0 <= report["credit"] <= 1
        and isinstance(report.get("mistake"), str | None)
        and isinstance(report.get("pair"), list | tuple | None)
        and isinstance(report.get("remarks"), list)
        and all(isinstance(remark, str) for remark in report["remarks"])
    )


def _readable(report: dict, broken: str) -> dict:
    """A report with clean text; one without an answer says why, if its cell cannot be read."""
    report = dict(report)
    if broken and report["status"] in ("no_answer", "not_done"):
        report |= {"message": broken, "hint": "Run the cell: Python marks the place."}
    for name in ("title", "message", "hint"):
        report[name] = _without_names(clean(report[name], 4_000, lines=True))
    report["remarks"] = [_without_names(clean(remark)) for remark in report["remarks"][:20]]
    return report


def _without_names(text: str) -> str:
    """Short text without the names that Python gives to cells."""
    for pattern, words in CELL_NAMES:
        text = pattern.sub(words, text)
    return text


def told(notes: list[dict]) -> list[str]:
    """The notes as sentences; of cells that stopped only the first ones."""
    cells = [note["text"] for note in notes if "cell" in note and note["code"] != "memory"]
    found = [note["text"] for note in notes if note["text"] not in cells] + cells[:MOST_CELLS]
    if len(cells) > MOST_CELLS:
        found.append(f"{len(cells) - MOST_CELLS} more cells stopped.")
    return found


def harmless(cell: str) -> str:
    """Text that a spreadsheet does not take for a formula: file names come from outside."""
    cell = cell.replace("\r", " ").replace("\n", " ")
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell

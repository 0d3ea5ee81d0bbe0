"""One row of the grades: what a submission got, and why."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, dataclass, field
from typing import Any

from grading.lab import Lab
from grading.submissions import Submission

# Notes after which points are kept back until a person has looked.
WITHHELD = {"reads_checks"}
# Notes that tell the instructor to look, without any loss of points.
LOOK = {"patched", "forged", "wrote_outside", "kills", "book_solution", "other_metadata"}
LOOK |= {"grader_failed", "check_failed", "missing_library", "unknown_task"}
# The grader's own faults, and ends that may have come from outside: a second run grades again.
AGAIN = {"lost", "died", "time", "grader_failed", "check_failed"}
# Reports that say nothing about the answer: no points, but not in silence.
UNCHECKED = {
    "check_failed": "The check of `{answer}` failed itself. Its points are open until you looked.",
    "missing_library": "The check of `{answer}` needs a library that is missing here.",
    "unknown_task": "This grader has no check of `{answer}`.",
}
MOST_CELLS = 3  # that stopped, and are told one by one


@dataclass
class Row:
    """The grade of one file.

    ``status``: graded; look (points kept back, or something that a person should see); stopped
    (limits, or a sudden end, before every task was checked); rejected (nothing could be graded).
    ``codes`` are words for programs, ``reason`` the same in sentences.
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
    key: str = ""  # of the content and the grader: a row with the same key is not made again
    run: str = ""  # the run that made it

    @property
    def again(self) -> bool:
        """Whether a second run should try it once more."""
        return self.status == "stopped" or bool(AGAIN & set(self.codes))

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
    return Row(
        submission.file,
        submission.student,
        submission.student_id,
        submission.system,
        "rejected",
        [code],
        text,
        points,
        0.0,
        lab.total,
    )


def graded(submission: Submission, lab: Lab, notes: list[dict], result: dict) -> Row:
    """The row of a submission that ran. ``notes`` come before those of the keeper's ``result``."""
    open_ = [
        {"code": report["status"], "text": UNCHECKED[report["status"]].format(answer=task.answer)}
        for task in lab.tasks
        if (report := result["reports"].get(task.name)) and report["status"] in UNCHECKED
    ]
    notes = [*notes, *result["notes"], *open_]
    codes = list(dict.fromkeys(note["code"] for note in notes))
    reports = {t.name: result["reports"][t.name] for t in lab.tasks if t.name in result["reports"]}
    points = {t.name: t.points * reports.get(t.name, {"credit": 0})["credit"] for t in lab.tasks}
    status = "graded"
    if set(codes) & LOOK:
        status = "look"
    if len(reports) < len(lab.tasks):
        status = "stopped"
    if set(codes) & WITHHELD:
        status = "look"
        points = dict.fromkeys(points, 0.0)
    if all(report["status"] in ("not_done", "no_answer") for report in reports.values()):
        codes = [*codes, "nothing_done"] if len(reports) == len(lab.tasks) else codes
    reason = " ".join(told(notes))
    if "nothing_done" in codes:
        reason = f"No task is answered. {reason}".strip()
    return Row(
        submission.file,
        submission.student,
        submission.student_id,
        submission.system,
        status,
        codes,
        reason,
        points,
        sum(points.values()),
        lab.total,
        reports,
        result["seconds"],
    )


def told(notes: list[dict]) -> list[str]:
    """The notes as sentences; of cells that stopped only the first ones."""
    cells = [note["text"] for note in notes if note["code"] == "cell_error"]
    found = [note["text"] for note in notes if note["code"] != "cell_error"] + cells[:MOST_CELLS]
    if len(cells) > MOST_CELLS:
        found.append(f"{len(cells) - MOST_CELLS} more cells stopped.")
    return found


def table(rows: list[Row], lab: Lab) -> str:
    """``grades.csv``: one line for each file."""
    tasks = [task.name for task in lab.tasks]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            "file",
            "student",
            "student_id",
            "status",
            "points",
            "of",
            *tasks,
            "mistakes",
            "codes",
            "reason",
            "seconds",
        ]
    )
    for row in rows:
        cells = [
            row.file,
            row.student,
            row.student_id,
            row.status,
            f"{row.total:g}",
            f"{row.most:g}",
            *(f"{row.points[task]:g}" for task in tasks),
            " ".join(row.mistakes),
            " ".join(row.codes),
            row.reason,
            f"{row.seconds:.1f}",
        ]
        writer.writerow([harmless(cell) for cell in cells])
    return out.getvalue()


def harmless(cell: str) -> str:
    """Text that a spreadsheet does not take for a formula: file names come from outside."""
    cell = cell.replace("\r", " ").replace("\n", " ")
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell

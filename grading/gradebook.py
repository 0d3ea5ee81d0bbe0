"""CSV files that Canvas and Moodle import, made from the ids in the names of the files.

Canvas: a file for *Grades > Import*. It knows students by ``ID``; the last column is named after
the assignment, and a row gives its points. Moodle: an *offline grading worksheet*, which knows
students by ``Identifier``.
"""

from __future__ import annotations

import csv
import io

from grading.lab import Lab
from grading.results import Row, harmless


def best(rows: list[Row], system: str) -> list[Row]:
    """One row for each student of a system: the best one, if several files came."""
    found: dict[str, Row] = {}
    for row in rows:
        if row.system == system and row.student_id:
            old = found.get(row.student_id)
            if old is None or row.total > old.total:
                found[row.student_id] = row
    return list(found.values())


def files(rows: list[Row], lab: Lab) -> dict[str, str]:
    """Text of the CSV file for each system of which there are rows."""
    made = {"canvas": canvas, "moodle": moodle}
    return {s: make(best(rows, s), lab) for s, make in made.items() if best(rows, s)}


def canvas(rows: list[Row], lab: Lab) -> str:
    """Columns as Canvas exports them; the others may stay empty."""
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", f"Lab {lab.number}"]
    points = ["    Points Possible", "", "", "", "", f"{lab.total:g}"]
    lines = [[harmless(r.student), r.student_id, "", "", "", f"{r.total:g}"] for r in rows]
    return _csv([head, points, *lines])


def moodle(rows: list[Row], lab: Lab) -> str:
    """Columns of the offline grading worksheet that Moodle reads."""
    head = ["Identifier", "Full name", "Grade", "Maximum grade", "Feedback comments"]
    lines = [
        [
            f"Participant {row.student_id}",
            harmless(row.student),
            f"{row.total:g}",
            f"{lab.total:g}",
            harmless(comment(row)),
        ]
        for row in rows
    ]
    return _csv([head, *lines])


def comment(row: Row) -> str:
    """A line of feedback for each task."""
    told = []
    for task, report in row.reports.items():
        name = f": {report['title']} ({report['mistake']})" if report["mistake"] else ""
        word = "passed" if report["passed"] else report["status"].replace("_", " ")
        told.append(f"{task} {row.points[task]:g}, {word}{name}")
    return "; ".join(told) or row.reason


def _csv(lines: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue()

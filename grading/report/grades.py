"""``grades.csv``: everything about everybody, for people and spreadsheets; and ``seconds.csv``."""

from __future__ import annotations

import csv
import io

from grading.make.lab import Lab
from grading.marking import standing
from grading.marking.standing import Standing

from .results import Row, harmless


def table(rows: list[Row | Standing], lab: Lab) -> str:
    """``grades.csv``: one line for each file, with its marks if it is a standing.

    Points that are not known are an empty cell; the column ``open`` has the names of those tasks.
    """
    tasks = [task.name for task in (*lab.tasks, *lab.written)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    head = ["file", "student", "student_id", "late", "status", "points", "of", *tasks, "open"]
    writer.writerow([*head, "mistakes", "codes", "reason"])
    for row in (standing.of(row, lab) for row in rows):
        given = row.points
        cells = [
            row.file,
            row.student,
            row.student_id,
            "late" if row.late else "",
            row.status,
            f"{row.total:g}" if row.counts else "",
            f"{row.most:g}",
            *(f"{given[t]:g}" if t in given else "" for t in tasks),
            " ".join(row.open),
            " ".join(row.mistakes),
            " ".join(row.codes),
            " ".join(filter(None, (row.reason, row.told))),
        ]
        writer.writerow([harmless(cell) for cell in cells])
    return out.getvalue()


def seconds(rows: list[Row]) -> str:
    """``seconds.csv``: what each file took on the clock. No other table holds what is measured."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["file", "seconds"])
    writer.writerows([harmless(row.file), f"{row.seconds:.1f}"] for row in rows)
    return out.getvalue()

"""The feedback in one line, for the comment of a gradebook."""

from __future__ import annotations

from grading.marking import standing
from grading.marking.standing import Standing
from grading.roster.late import rounded


def comment(row: Standing) -> str:
    """A line of feedback for each task."""
    told = []
    for task, report in row.reports.items():
        if row.by_name[task].source == standing.OVERRIDE:
            continue
        name = f": {report['title']} ({report['mistake']})" if report["mistake"] else ""
        word = "passed" if report["passed"] else report["status"].replace("_", " ")
        if report["status"] == "slip":  # a mistake that has a sentence, and no title
            word = " ".join(report["message"].split())
        told.append(f"{task} {rounded(row.points[task]):g}, {word}{name}")
    hands = (standing.OVERRIDE, standing.MARKER)
    told += [by_hand(part) for part in row.parts if part.source in hands]
    return "; ".join([*(["handed in late"] if row.late else []), *told]) or row.reason


def by_hand(part: standing.Part) -> str:
    """What a person gave, and what is said about it."""
    said = " ".join(filter(None, (part.entry.why, part.entry.comment)))
    return f"{part.name} {rounded(part.points):g}" + (f", {' '.join(said.split())}" if said else "")

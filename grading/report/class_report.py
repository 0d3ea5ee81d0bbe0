"""The class on one page: points, mistakes, who needs a look, lines of code that many share."""

from __future__ import annotations

import html
import io
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from grading.make import each
from grading.make.lab import Lab, Task
from grading.marking import standing
from grading.marking.standing import Standing
from grading.read.rare import rare_lines

from .results import Row

if TYPE_CHECKING:
    from grading.roster.book import Book

BLUE, RED = "#0072b2", "#d55e00"
MOST_MISTAKES, MOST_LINES = 15, 20
STYLE = """
body{font:16px/1.55 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#1b1b1b;background:#fff}table{border-collapse:collapse;width:100%}th,td{text-align:left;
vertical-align:top;padding:.25rem .6rem;border-bottom:1px solid #ccc;overflow-wrap:anywhere}
svg{max-width:100%;height:auto}code{font-size:.9em;white-space:pre-wrap}
"""


def page(
    rows: list[Row | Standing],
    lab: Lab,
    lines: list[tuple[str, int]],
    told: list[str],
    book: Book | None = None,
    alike: str = "",
) -> str:
    """The report as a page of HTML that needs nothing else.

    ``lines``: see ``shared_lines``; ``told``: sentences about the run and the gradebooks; ``book``:
    who is in the class, and how late each file is; ``alike``: the part about answers of the same
    structure, as HTML (``similarity.page``).
    """
    rows = [standing.of(row, lab) for row in rows]
    came_late = book.late() if book else [(row.file, row.student, "") for row in rows if row.late]
    counts = Counter(row.status for row in rows)
    statuses = ", ".join(f"{n} {status}" for status, n in sorted(counts.items()))
    students = _students(rows, book)
    graded = [row for row, left in students if left is not None or row.waits]
    points, most, mean = _points(students, lab)
    out = [
        f"<h1>{html.escape(lab.heading)}</h1>",
        f"<p>{_count(len(rows), 'file')} of {_count(len(students), 'student')}: {statuses}. "
        f"{len(came_late)} came late. {mean}</p>",
        *(f"<p>{html.escape(sentence)}</p>" for sentence in told),
        "<h2>Points</h2>",
        _histogram(points, most),
    ]
    out += ["<h2>Tasks</h2>", _tasks(graded, lab), "<h2>Mistakes</h2>", *_mistakes(rows, lab)]
    out += [
        "<h2>To look at</h2>",
        _table(
            ["file", "late", "status", "why"],
            [
                [row.file, "late" if row.late else "", row.status, row.reason]
                for row in rows
                if row.status != "graded"
            ],
            "Nothing: every file was graded without a question.",
        ),
        "<h2>Came late</h2>",
        _table(["file", "student", "how late"], list(map(list, came_late)), "Nobody."),
        *(_missing(book) if book and book.roster else []),
        "<h2>Cells that stopped</h2>",
        "<p>A cell that stops costs nothing by itself; an answer in it is missing. A cell as it "
        "was handed out often stops because it needs an answer, or a training that is left "
        "out.</p>",
        _table(
            ["file", "cells"],
            [[row.file, " ".join(row.stopped)] for row in rows if row.stopped],
            "None.",
        ),
    ]
    out += [
        "<h2>Lines of code that many share</h2>",
        "<p>Lines that are neither in the handed-out notebook nor in the book's solution, "
        "and how many files hold them. A common textbook line says nothing; a rare one "
        "is worth a question.</p>",
        _table(
            ["files", "line"],
            [[str(n), f"`{line}`"] for line, n in lines],
            "None that three or more files share.",
        ),
        alike,
    ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{html.escape(lab.heading)}: the class</title>'
        f"<style>{STYLE}</style><body>{''.join(out)}</body></html>\n"
    )


def _students(
    rows: list[Standing], book: Book | None
) -> list[tuple[Standing, float | None]]:
    """For each student the file that counts, and the points left, None while they are open.

    Whose file is on no line of the roster is not of the class. Without a book each file is one.
    """
    if book is None:
        return [(row, row.total if row.counts else None) for row in rows]
    return [(one.chosen.row, one.points) for one in book.entries if one.chosen and one.listed]


def _points(
    students: list[tuple[Standing, float | None]], lab: Lab
) -> tuple[list[float], float, str]:
    """Points of the students, of how many, and the sentence on them.

    While some wait for marks by hand: what the checks gave, which all of them have.
    """
    waiting = [row for row, left in students if left is None and row.waits]
    known = [(row, left) for row, left in students if left is not None]
    if not waiting:
        points, most, open_ = [left for _, left in known], lab.total, ""
        whose = f"{_count(len(points), 'student')} whose points are known"
        if any(row.counts and left < row.total for row, left in known):
            whose += ", after what late work costs"
        told = f"Mean of the {whose}"
    else:
        rows, most = [*waiting, *(row for row, _ in known)], lab.automatic
        points = [sum(row.points.get(task.name, 0.0) for task in lab.tasks) for row in rows]
        told = f"Mean of what the checks gave {_count(len(points), 'student')}"
        open_ = (f" before what late work costs. {lab.total - most:g} more points are given by "
                 f"hand; {_count(len(waiting), 'student')} "
                 f"{'waits' if len(waiting) == 1 else 'wait'} for it")
    mean = f"{sum(points) / len(points):.1f}" if points else "none"
    return points, most, f"{told}: {mean} of {most:g} points{open_}."


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _missing(book: Book) -> list[str]:
    """Who handed in nothing."""
    lines = [[one.id, one.name, one.section] for one in book.missing]
    return ["<h2>Handed in nothing</h2>", _table(["id", "name", "section"], lines, "Nobody.")]


def shared_lines(sources: Iterable[Iterable[str]], lab: Lab) -> list[tuple[str, int]]:
    """Lines in three or more submissions that were not handed out, most frequent first.

    ``sources`` holds the ``rare_lines`` of each submission.
    """
    known = handed_out(lab)
    counts: Counter = Counter()
    for lines in sources:
        counts.update(set(lines) - known)
    found = [(line, n) for line, n in counts.items() if n >= 3]
    return sorted(found, key=lambda item: (-item[1], item[0]))[:MOST_LINES]


def handed_out(lab: Lab) -> set[str]:
    """The ``rare_lines`` that students got, each of them or one."""
    texts = [*lab.handed_out, *each.handed_out(lab)]
    return {line for text in texts for line in rare_lines([text])}


def _tasks(rows: list[Standing], lab: Lab) -> str:
    lines = []
    answers = {task.name: f"{task.name} (`{task.answer}`)" for task in lab.tasks}
    for task in (*lab.tasks, *lab.written):
        got = [row.points[task.name] for row in rows if task.name in row.points]
        full = sum(points == task.points for points in got)
        name = answers.get(task.name, f"{task.name} (by hand)")
        if not got:
            lines.append([name, "not marked yet" if rows else "", ""])
            continue
        mean = sum(got) / len(got)
        lines.append([name, f"{mean:.1f} of {task.points:g}", f"{full} of {len(got)}"])
    return _table(["task", "mean", "all points"], lines, "No tasks.")


def _mistakes(rows: list[Standing], lab: Lab) -> list[str]:
    titles = {m.id: m.title for task in lab.tasks if task.check for m in task.check.mistakes}
    counts = Counter(id_ for row in rows for id_ in row.mistakes)
    slips = _slips(rows, lab)
    if not counts:
        return [slips or "<p>No named mistake.</p>"]
    common = counts.most_common(MOST_MISTAKES)
    others: Counter = Counter()
    for row in rows:
        for report in row.reports.values():
            named = report["mistake"] or report["pair"] or report["status"] == "slip"
            if not report["passed"] and not named:
                others[report["status"].replace("_", " ")] += 1
    table = _table(
        ["mistake", "", "files"],
        [[id_, titles.get(id_, ""), str(n)] for id_, n in counts.most_common()],
        "",
    )
    unnamed = ", ".join(f"{n} {what}" for what, n in others.most_common())
    more = f"<p>Wrong without a name: {unnamed}.</p>" if unnamed else ""
    return [
        _bars([f"{id_}: {titles.get(id_, '')}" for id_, _ in common], [n for _, n in common]),
        table,
        slips,
        more,
    ]


def _slips(rows: list[Standing], lab: Lab) -> str:
    """The slips in boxes and problems, with what was said; empty if there is none."""
    known = {task.name: each.says(lab, task.name) for task in lab.tasks if task.spec}
    counts = Counter(
        (task.name, said)
        for task in lab.tasks for row in rows
        if row.reports.get(task.name, {}).get("status") == "slip"
        for said in _said(row.reports[task.name]["message"], task, known[task.name])
    )
    lines = [[name, said, str(n)] for (name, said), n in counts.most_common()]
    return _table(["answer", "what was said", "files"], lines, "") if lines else ""


def _said(message: str, task: Task, known: list[str]) -> list[str]:
    """What names a mistake in the message about a slip: each once, of all answers of a problem.

    ``known``: what may be said of the task.
    """
    if len(task.fields) == 1:
        return [message]
    lines = [line.partition(": ")[2] for line in message.split("\n")]
    return [say for say in known if say in lines]


def _table(head: list[str], lines: list[list[str]], empty: str) -> str:
    if not lines:
        return f"<p>{empty}</p>"

    def cell(text: str) -> str:
        pieces = html.escape(text).split("`")
        if len(pieces) % 2 == 0:
            return html.escape(text)
        return "".join(f"<code>{p}</code>" if k % 2 else p for k, p in enumerate(pieces))

    top = "".join(f"<th>{text}</th>" for text in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{cell(c)}</td>" for c in line) + "</tr>" for line in lines
    )
    return f"<table><tr>{top}</tr>{body}</table>"


def _figure(width: float, height: float):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    figure = Figure((width, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _svg(figure, label: str) -> str:
    import matplotlib

    out = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": label}):  # else ids differ from run to run
        figure.savefig(out, format="svg", metadata={"Date": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    start, end = text.index("<metadata>"), text.index("</metadata>")
    text = text[:start] + text[end + len("</metadata>") :]
    return text.replace("<svg", f'<svg role="img" aria-label="{html.escape(label)}"', 1)


def _histogram(points: list[float], most: float) -> str:
    figure, axes = _figure(7, 2.6)
    axes.hist(points, bins=20, range=(0, most or 1), color=BLUE, edgecolor="white")
    axes.set_xlabel(f"points (of {most:g})")
    axes.set_ylabel("students")
    axes.yaxis.get_major_locator().set_params(integer=True)
    return _svg(figure, f"Histogram of the points of {_count(len(points), 'student')}")


def _bars(names: list[str], counts: list[int]) -> str:
    figure, axes = _figure(8, 0.6 + 0.32 * len(names))
    short = [name if len(name) <= 60 else name[:57] + "..." for name in names]
    axes.barh(short[::-1], counts[::-1], color=RED)
    axes.set_xlabel("files")
    axes.xaxis.get_major_locator().set_params(integer=True)
    most = f"{names[0]}, {counts[0]} files"
    return _svg(figure, f"How often each mistake was named; most often {most}")

"""The class on one page: points, mistakes, who needs a look, lines of code that many share."""

from __future__ import annotations

import html
import io
import re
from collections import Counter
from collections.abc import Iterable

from grading.make.lab import Lab, Task
from grading.read.cleaning import clean

from .results import Row

BLUE, RED = "#0072b2", "#d55e00"
MOST_MISTAKES, MOST_LINES = 15, 20
STYLE = """
body{font:16px/1.55 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#1b1b1b;background:#fff}table{border-collapse:collapse;width:100%}th,td{text-align:left;
vertical-align:top;padding:.25rem .6rem;border-bottom:1px solid #ccc;overflow-wrap:anywhere}
svg{max-width:100%;height:auto}code{font-size:.9em;white-space:pre-wrap}
"""


def page(rows: list[Row], lab: Lab, lines: list[tuple[str, int]], told: list[str]) -> str:
    """The report as a page of HTML that needs nothing else.

    ``lines``: see ``shared_lines``; ``told``: sentences about the run and the gradebooks.
    """
    counts = Counter(row.status for row in rows)
    statuses = ", ".join(f"{n} {status}" for status, n in sorted(counts.items()))
    late = sum(row.late for row in rows)
    graded = [row for row in rows if row.counts]
    mean = sum(row.total for row in graded) / len(graded) if graded else 0.0
    out = [
        f"<h1>Lab {lab.number}: {html.escape(lab.title)}</h1>",
        f"<p>{len(rows)} files: {statuses}. {late} came late. Mean of the {len(graded)} whose "
        f"points are known: {mean:.1f} of {lab.total:g} points.</p>",
        *(f"<p>{html.escape(sentence)}</p>" for sentence in told),
        "<h2>Points</h2>",
        _histogram(graded, lab),
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
        _table(
            ["file", "student"], [[row.file, row.student] for row in rows if row.late], "Nobody."
        ),
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
    ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>Lab {lab.number}: the class</title>'
        f"<style>{STYLE}</style><body>{''.join(out)}</body></html>\n"
    )


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
    """The ``rare_lines`` that every student got."""
    return {line for text in lab.handed_out for line in rare_lines([text])}


def rare_lines(cells: list[str]) -> set[str]:
    """The lines of code that may say something: short ones, very long ones and comments do not."""
    found: set[str] = set()
    for cell in cells:
        for line in map(_plain, cell.splitlines()):
            if 12 <= len(line) <= 300 and len(found) < 3_000:
                found.add(line)
    return found


def _plain(line: str) -> str:
    """A line without the blanks and the comment around it."""
    return clean(re.sub(r"(^|\s)#.*", "", line[:400]).strip())


def _tasks(rows: list[Row], lab: Lab) -> str:
    lines = []
    for task in lab.tasks:
        got = [row.points[task.name] for row in rows]
        full = sum(points == task.points for points in got)
        mean = sum(got) / len(got) if got else 0.0
        lines.append(
            [
                f"{task.name} (`{task.answer}`)",
                f"{mean:.1f} of {task.points:g}",
                f"{full} of {len(got)}",
            ]
        )
    return _table(["task", "mean", "all points"], lines, "No tasks.")


def _mistakes(rows: list[Row], lab: Lab) -> list[str]:
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


def _slips(rows: list[Row], lab: Lab) -> str:
    """The slips in boxes and problems, with what was said; empty if there is none."""
    counts = Counter(
        (task.name, said)
        for task in lab.tasks for row in rows
        if row.reports.get(task.name, {}).get("status") == "slip"
        for said in _said(row.reports[task.name]["message"], task)
    )
    lines = [[name, said, str(n)] for (name, said), n in counts.most_common()]
    return _table(["answer", "what was said", "files"], lines, "") if lines else ""


def _said(message: str, task: Task) -> list[str]:
    """What names a mistake in the message about a slip: each once, of all answers of a problem."""
    if len(task.fields) == 1:
        return [message]
    lines = [line.partition(": ")[2] for line in message.split("\n")]
    known = [slip["say"] for field in task.fields for slip in field["slips"]]
    return [say for say in dict.fromkeys(known) if say in lines]


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


def _histogram(rows: list[Row], lab: Lab) -> str:
    figure, axes = _figure(7, 2.6)
    points = [row.total for row in rows]
    axes.hist(points, bins=20, range=(0, lab.total), color=BLUE, edgecolor="white")
    axes.set_xlabel(f"points (of {lab.total:g})")
    axes.set_ylabel("files")
    axes.yaxis.get_major_locator().set_params(integer=True)
    return _svg(figure, f"Histogram of the points of {len(points)} files")


def _bars(names: list[str], counts: list[int]) -> str:
    figure, axes = _figure(8, 0.6 + 0.32 * len(names))
    short = [name if len(name) <= 60 else name[:57] + "..." for name in names]
    axes.barh(short[::-1], counts[::-1], color=RED)
    axes.set_xlabel("files")
    axes.xaxis.get_major_locator().set_params(integer=True)
    most = f"{names[0]}, {counts[0]} files"
    return _svg(figure, f"How often each mistake was named; most often {most}")

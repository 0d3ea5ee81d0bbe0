"""What a student gets back: for each task the name of the mistake and a hint, never the answer."""

from __future__ import annotations

import html
import textwrap
from pathlib import Path, PurePosixPath

from grading.keeper import write_atomically
from grading.lab import Lab
from grading.results import Row

# Notes that are for the instructor only.
PRIVATE = {"book_solution", "forged", "grader_failed"}
STYLE = """
:root{color-scheme:light dark}body{font:16px/1.55 system-ui,sans-serif;max-width:46rem;
margin:2rem auto;padding:0 1rem}section{border-left:.35em solid #c0392b;padding:.2em 1em;
margin:1.4em 0}section.right{border-color:#1a7f4b}section.part{border-color:#b8860b}
h2{font-size:1.15rem;margin:.2em 0}pre,code{font-size:.92em}p{overflow-wrap:anywhere}
.points{float:right;font-weight:600}
"""


def place(row: Row, folder: Path) -> Path:
    """Path of a row's feedback, without the ending; folders as in the submissions."""
    parts = [part for part in PurePosixPath(row.file).parts if part not in ("..", "/")]
    name = parts[-1].removesuffix(".ipynb")
    return folder.joinpath(*parts[:-1], name)


def write(row: Row, lab: Lab, folder: Path) -> None:
    """Write the page and the text for one student."""
    base = place(row, folder)
    write_atomically(base.with_name(base.name + ".html"), page(row, lab))
    write_atomically(base.with_name(base.name + ".txt"), text(row, lab))


def remarks(row: Row) -> str:
    """What is said about the notebook as a whole; empty if there is nothing to say."""
    if row.status == "rejected":
        return f"This file could not be graded. {row.reason}"
    if "reads_checks" in row.codes:
        return "The points are kept back until your instructor has looked at this notebook."
    return row.reason if not set(row.codes) & PRIVATE else ""


def parts(row: Row, lab: Lab):
    """For each task: name, points, most, heading, message, hint, remarks, kind."""
    for task in lab.tasks:
        report = row.reports.get(task.name)
        if report is None:
            if row.status != "rejected":
                yield task, "not checked", "This task could not be checked.", "", [], "wrong"
            continue
        title = {
            "passed": "right",
            "not_done": "not done",
            "no_answer": "no answer",
            "named_mistake": report["title"],
        }.get(report["status"], "not right yet")
        if report["mistake"]:
            title += f" ({report['mistake']})"
        kind = "right" if report["passed"] else "part" if report["credit"] else "wrong"
        yield task, title, report["message"], report["hint"], report["remarks"], kind


def page(row: Row, lab: Lab) -> str:
    """The feedback as a page of HTML that needs nothing else."""
    out = [
        f"<h1>Lab {lab.number}: {html.escape(lab.title)}</h1>",
        f"<p><strong>{html.escape(row.student)}</strong>: {row.total:g} of {row.most:g} "
        "points.</p>",
    ]
    if remarks(row):
        out.append(f"<p>{html.escape(remarks(row))}</p>")
    for task, title, message, hint, more, kind in parts(row, lab):
        out.append(
            f'<section class="{kind}"><span class="points">{row.points[task.name]:g} of '
            f"{task.points:g}</span><h2><code>{html.escape(task.answer)}</code>: "
            f"{html.escape(title)}</h2>"
        )
        out += [f"<p>{_code(line)}</p>" for line in message.split("\n") if line]
        if hint:
            out.append(f"<p><strong>Hint:</strong> {_code(hint)}</p>")
        out += [f"<p><strong>Remark:</strong> {_code(remark)}</p>" for remark in more]
        out.append("</section>")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>Lab {lab.number}: feedback</title>'
        f"<style>{STYLE}</style><body>{''.join(out)}</body></html>\n"
    )


def text(row: Row, lab: Lab) -> str:
    """The feedback as text."""
    lines = [
        f"Lab {lab.number}: {lab.title}",
        f"{row.student}: {row.total:g} of {row.most:g} points",
        "",
    ]
    if remarks(row):
        lines += [*textwrap.wrap(remarks(row), 88), ""]
    for task, title, message, hint, more, _ in parts(row, lab):
        lines.append(f"{task.answer}: {title} ({row.points[task.name]:g} of {task.points:g})")
        told = [
            *message.split("\n"),
            *([f"Hint: {hint}"] if hint else []),
            *(f"Remark: {remark}" for remark in more),
        ]
        for line in told:
            lines += textwrap.wrap(line, 86, initial_indent="  ", subsequent_indent="  ")
        lines.append("")
    return "\n".join(lines)


def _code(line: str) -> str:
    """Escaped text in which `code` stands between backquotes."""
    pieces = html.escape(line).split("`")
    if len(pieces) % 2 == 0:
        return "`".join(pieces)
    return "".join(f"<code>{p}</code>" if k % 2 else p for k, p in enumerate(pieces))

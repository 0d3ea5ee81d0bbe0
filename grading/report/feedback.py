"""What a student gets back: for each task the name of the mistake and a hint, never the answer."""

from __future__ import annotations

import contextlib
import hashlib
import html
import json
import textwrap
from itertools import chain, count
from pathlib import Path

from grading.make.lab import Lab, Task
from grading.marking import standing
from grading.marking.standing import Standing
from grading.roster.late import rounded
from grading.run.keeper import write_atomically

from .results import Row

LONGEST = 180  # bytes of the name of a file: some folders are encrypted, some names grow later
ENDS = (".html", ".txt")
STYLE = """
:root{color-scheme:light dark}body{font:16px/1.55 system-ui,sans-serif;max-width:46rem;
margin:2rem auto;padding:0 1rem}section{border-left:.35em solid #c0392b;padding:.2em 1em;
margin:1.4em 0}section.right{border-color:#1a7f4b}section.part{border-color:#b8860b}
h2{font-size:1.15rem;margin:.2em 0}pre,code{font-size:.92em}p{overflow-wrap:anywhere}
.points{float:right;font-weight:600}
"""


def places(rows: list[Row], folder: Path) -> dict[str, Path]:
    """For each file the path of its feedback, without the ending; folders as in the submissions.

    No two are the same, also where case does not count: ``lab2`` and ``lab2.ipynb`` get one each.
    """
    made: dict[str, Path] = {}
    cut = {row.file: [_short(part) for part in _parts(row.file)] for row in rows}
    # names that are taken: those of folders first, since a file cannot lie where one is
    taken = {"/".join(parts[:k]).casefold() for parts in cut.values() for k in range(1, len(parts))}
    for row in rows:
        *above, last = cut[row.file]
        plain = _stem(last)
        for name in chain([plain, last], (f"{plain}-{k}" for k in count(2))):
            keys = {"/".join([*above, name + end]).casefold() for end in ENDS}
            if not keys & taken:
                taken |= keys
                made[row.file] = folder.joinpath(*above, name)
                break
    return made


def _parts(file: str) -> list[str]:
    parts = [part for part in file.split("/") if part not in ("", ".", "..")]
    return [part.lstrip() or "_" for part in parts] or ["_"]


def _short(part: str) -> str:
    """A name that every system takes; a long one ends in what tells it from its like."""
    data = part.encode()
    if len(data) <= LONGEST:
        return part
    mark = hashlib.sha256(data).hexdigest()[:8]
    return f"{data[: LONGEST - 9].decode(errors='ignore')}-{mark}"


def _stem(name: str) -> str:
    for end in (".txt", ".json", ".ipynb"):
        if len(name) > len(end) and name.lower().endswith(end):
            name = name[: -len(end)]
    return name


def write(row: Row | Standing, lab: Lab, base: Path) -> None:
    """Write the page and the text for one student; ``base`` is a path of ``places``."""
    row = standing.of(row, lab)
    write_atomically(base.with_name(base.name + ".html"), page(row, lab))
    write_atomically(base.with_name(base.name + ".txt"), text(row, lab))


def write_all(
    rows: list[tuple[Row, Row | Standing]], lab: Lab, folder: Path, kept: Path
) -> list[str]:
    """Write the feedback of a class: each row, and how its owner sees it.

    Pages of an earlier run whose files are gone go, too: the folder is handed back as it is. Which
    are ours stands in the file ``kept``; whatever else lies in the folder stays. Returns what is to
    be told.
    """
    bases = places([row for row, _ in rows], folder)
    names = {file: {base.with_name(base.name + end).relative_to(folder).as_posix() for end in ENDS}
             for file, base in bases.items()}
    every, made, told = _listed(kept).union(*names.values()), set(), []
    write_atomically(kept, json.dumps(sorted(every)))  # first: this run may be killed
    for row, shown in rows:
        try:
            write(shown, lab, bases[row.file])
            made |= names[row.file]
        except (OSError, ValueError) as error:
            told.append(f"No feedback was written for {row.file}: {type(error).__name__}.")
    for name in sorted(every - made, reverse=True):
        _drop(folder, name)
    write_atomically(kept, json.dumps(sorted(made)))
    return told


def _listed(kept: Path) -> set[str]:
    """The names in the list of an earlier run; none, if it cannot be read."""
    try:
        names = json.loads(kept.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    if not isinstance(names, list):
        return set()
    plain = [name for name in names if isinstance(name, str)]
    inside = [name for name in plain if not {"..", "/"} & set(Path(name).parts)]
    return {name for name in inside if name.endswith(ENDS)}


def _drop(folder: Path, name: str) -> None:
    """Take away a page of ours, and the folders that are empty then."""
    with contextlib.suppress(OSError):
        (folder / name).unlink(missing_ok=True)
        for above in list(Path(name).parents)[:-1]:
            (folder / above).rmdir()


def remarks(row: Row | Standing) -> str:
    """What is said about the notebook as a whole; empty if there is nothing to say."""
    told = " ".join(row.remarks)
    if row.status == "rejected":
        return f"This file could not be graded. {told}"
    if row.status == "stopped":
        return f"This notebook could not be graded to its end. {told}"
    if "reads_checks" in row.codes:
        return "The points are kept back until your instructor has looked at this notebook."
    return told


def result(row: Standing) -> str:
    """The points in words; those that are not known are no zero."""
    late = ", handed in late" if row.late else ""
    if row.waits and not row.problems:
        known = [part for part in row.parts if part.points is not None]
        so_far, most = rounded(sum(row.points.values())), sum(part.most for part in known)
        return (f"{so_far:g} of {most:g} points{late}; {row.most - most:g} more are given by hand")
    if row.counts:
        return f"{rounded(row.total):g} of {row.most:g} points{late}"
    return f"no points yet, of {row.most:g}: your instructor will look at it"


def parts(row: Standing, lab: Lab):
    """For each task: name, points, most, heading, message, hint, remarks, kind."""
    for task in lab.tasks:
        report = row.reports.get(task.name)
        part = row.by_name[task.name]
        by_hand = _overridden(part) if part.source == standing.OVERRIDE else []
        if report is None:
            if by_hand:
                yield task, "points by hand", "\n".join(by_hand), "", [], "part"
            elif row.status != "rejected":
                yield task, "not checked", "This task could not be checked.", "", [], "wrong"
            continue
        title = {
            "passed": "right",
            "not_done": "not done",
            "no_answer": "no answer",
            "malformed": "cannot be read",
            "named_mistake": report["title"],
        }.get(report["status"], "not right yet")
        if report["mistake"]:
            title += f" ({report['mistake']})"
        kind = "right" if report["passed"] else "part" if report["credit"] else "wrong"
        if by_hand:
            title, kind = "points by hand", "part"
        message = "\n".join([*by_hand, report["message"]])
        yield task, title, message, report["hint"], report["remarks"], kind


def _overridden(part: standing.Part) -> list[str]:
    """What was said about points that a person gave in place of others."""
    gave = "nothing" if part.checked is None else f"{rounded(part.checked):g}"
    gave = f" (the check gave {gave})" if not part.by_hand else ""
    return [f"Points by hand{gave}: {part.entry.why}", *_paragraphs(part)]


def points(row: Standing, task: Task) -> str:
    """The points of one task in words."""
    part = row.by_name[task.name]
    if part.points is None:
        return "not known yet"
    return f"{rounded(part.points):g} of {task.points:g}"


def by_hand(row: Standing, lab: Lab):
    """What a person gave: for each question in words its name, its points, and sentences."""
    for question in lab.written:
        part = row.by_name[question.name]
        if part.points is None:
            if row.status == "rejected":
                continue
            text = row.written.get(question.name)
            told = "to be marked by hand" if text else "no answer"
            told = "not known yet" if text is None else told
            yield question.name, f"{told}, of {part.most:g}", []
            continue
        said = [f"{text}: {given:g}" for text, given in part.lines.items() if len(part.lines) > 1]
        said += _overridden(part) if part.source == standing.OVERRIDE else _paragraphs(part)
        yield question.name, f"{rounded(part.points):g} of {part.most:g}", said


def _paragraphs(part: standing.Part) -> list[str]:
    """The comment of a marker, line by line."""
    return [line for line in part.entry.comment.split("\n") if line.strip()]


def page(row: Row | Standing, lab: Lab) -> str:
    """The feedback as a page of HTML that needs nothing else."""
    row = standing.of(row, lab)
    out = [
        f"<h1>{html.escape(lab.heading)}</h1>",
        f"<p><strong>{html.escape(row.student)}</strong>: {html.escape(result(row))}.</p>",
    ]
    if remarks(row):
        out.append(f"<p>{_code(remarks(row))}</p>")
    out += [f"<p>{_code(line)}</p>" for line in row.decisions]
    for task, title, message, hint, more, kind in parts(row, lab):
        out.append(
            f'<section class="{kind}"><span class="points">{points(row, task)}</span>'
            f"<h2><code>{html.escape(task.answer)}</code>: {html.escape(title)}</h2>"
        )
        out += [f"<p>{_code(line)}</p>" for line in message.split("\n") if line]
        if hint:
            out.append(f"<p><strong>Hint:</strong> {_code(hint)}</p>")
        out += [f"<p><strong>Remark:</strong> {_code(remark)}</p>" for remark in more]
        out.append("</section>")
    for name, given, said in by_hand(row, lab):
        out.append(f'<section class="part"><span class="points">{html.escape(given)}</span>'
                   f"<h2>{_code(name)}</h2>")
        out += [f"<p>{_code(line)}</p>" for line in said]
        out.append("</section>")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{html.escape(lab.heading)}: feedback</title>'
        f"<style>{STYLE}</style><body>{''.join(out)}</body></html>\n"
    )


def text(row: Row | Standing, lab: Lab) -> str:
    """The feedback as text."""
    row = standing.of(row, lab)
    lines = [
        lab.heading,
        f"{row.student}: {result(row)}",
        "",
    ]
    if remarks(row):
        lines += [*textwrap.wrap(remarks(row), 88), ""]
    for line in row.decisions:
        lines += [*textwrap.wrap(line, 88), ""]
    for task, title, message, hint, more, _ in parts(row, lab):
        lines.append(f"{task.answer}: {title} ({points(row, task)})")
        told = [
            *message.split("\n"),
            *([f"Hint: {hint}"] if hint else []),
            *(f"Remark: {remark}" for remark in more),
        ]
        for line in told:
            lines += textwrap.wrap(line, 86, initial_indent="  ", subsequent_indent="  ")
        lines.append("")
    for name, given, said in by_hand(row, lab):
        lines.append(f"{name.strip('`')} ({given})")
        for line in said:
            lines += textwrap.wrap(line, 86, initial_indent="  ", subsequent_indent="  ")
        lines.append("")
    return "\n".join(lines)


def _code(line: str) -> str:
    """Escaped text in which `code` stands between backquotes."""
    pieces = html.escape(line).split("`")
    if len(pieces) % 2 == 0:
        return "`".join(pieces)
    return "".join(f"<code>{p}</code>" if k % 2 else p for k, p in enumerate(pieces))

"""The rubric of a lab: points per task, and what is left of them with each named mistake."""

from __future__ import annotations

import html
from pathlib import Path

from dlworkbook.checks.report import KEPT
from grading.marking import markdown as words

from . import each
from .lab import Lab, Task
from .written import Written

HELPED = ("right, but for a wrong answer to an earlier task that it calls", KEPT["wrong_helper"])
OTHER = (
    ("everything right", 1.0),
    ("right numbers, but a dtype that cannot hold fractions", KEPT["wrong_dtype"]),
    ("two mistakes of the list at once", "what the first leaves, less what the second costs"),
    ("wrong, and none of the mistakes of the list", 0.0),
    ("an exception, an endless loop, no answer", 0.0),
)
PARTS = ("each right answer of a practice problem that asks for several", "an equal part")
STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;
color:#1b1b1b;background:#fff}table{border-collapse:collapse;width:100%;margin:.6rem 0 1.6rem}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #ccc}
pre{overflow:auto}td:last-child,th:last-child{text-align:right;white-space:nowrap}code{font-size:.9em}
"""


def told(points: float) -> str:
    """Points in words: ``1 point``, ``2.5 points``."""
    return f"{points:g} point{'' if points == 1 else 's'}"


def shares(lab: Lab) -> list[tuple[str, float | str]]:
    """What an answer without a named mistake keeps, in words and as a share of its points."""
    calls = any(task.check.helper for task in lab.tasks if task.check)
    split = any(task.parts > 1 for task in lab.tasks if task.spec)
    more = [*([HELPED] if calls else []), *([PARTS] if split else [])]
    return [*OTHER[:2], *more, *OTHER[2:]]


def rows(lab: Lab) -> list[tuple[str, list[tuple[str, str, float]]]]:
    """For each task its heading, and id, title and points left of each mistake."""
    made = []
    addresses = {given.name: given.problem.address for given in lab.problems}
    for task in lab.tasks:
        if task.fields:
            left = slips(task)
        else:
            left = [(m.id, m.title, m.keeps * task.points) for m in task.check.mistakes]
        if task.check and task.check.inputs_stay:
            text = "right numbers, but an argument is changed, which the task forbids"
            left.append(("changed_input", text, KEPT["changed_input"] * task.points))
        where = f", `{addresses[task.name]}`" if task.name in addresses else ""
        where += "; each student has other numbers" if task.name in each.varying(lab) else ""
        made.append((f"{task.name} (`{task.answer}`{where}): {told(task.points)}", left))
    return made


def slips(task: Task) -> list[tuple[str, str, float]]:
    """The slips of a box or a practice problem: values, what is said, and the points left by them.

    A mistake may show in several answers of a problem, where it has one id; the others count as
    right.
    """
    found: dict[str, tuple[str, list[str]]] = {}
    for k, spec in enumerate(task.fields, 1):
        place = f"Answer {k}: " if len(task.fields) > 1 else ""
        for slip in spec.get("slips", []):
            name = slip.get("id", str(slip["is"]))
            found.setdefault(name, (slip["say"], []))[1].append(f"{place}`{slip['is']}`")
    return [
        ("; ".join(values), say, task.points * (1 - len(values) / task.parts))
        for say, values in found.values()
    ]


def markdown(lab: Lab) -> str:
    """The rubric as Markdown."""
    lines = [f"# Rubric of {lab.heading}", "", f"{told(lab.total)} in all.", ""]
    lines += ["| answer | share of the task's points |", "|---|---:|"]
    lines += [f"| {text} | {_share(share)} |" for text, share in shares(lab)]
    for heading, mistakes in rows(lab):
        lines += ["", f"## {heading}", "", "| mistake | | points left |", "|---|---|---:|"]
        lines += [f"| {id_} | {title} | {left:g} |" for id_, title, left in mistakes]
    for question in lab.written:
        lines += ["", f"## {question.name}: {told(question.points)}, marked by hand", ""]
        lines += [*by_hand(question), "", "**Model answer**", "", question.model_answer]
    return "\n".join(lines) + "\n"


def by_hand(question: Written) -> list[str]:
    """The rubric of a question in words, as lines of a Markdown list."""
    if not question.rubric:
        return ["- No rubric: the marker gives the points by the model answer."]
    return [f"- {line}" for line in question.rubric]


def page(lab: Lab) -> str:
    """The rubric as a page of HTML that needs nothing else."""
    parts = [
        f"<h1>Rubric of {html.escape(lab.heading)}</h1>",
        f"<p>{told(lab.total)} in all.</p>",
        "<table><tr><th>answer</th><th>share of the task's points</th></tr>",
    ]
    parts += [f"<tr><td>{text}</td><td>{_share(share)}</td></tr>" for text, share in shares(lab)]
    parts.append("</table>")
    for heading, mistakes in rows(lab):
        parts.append(
            f"<h2>{html.escape(heading.replace('`', ''))}</h2><table>"
            "<tr><th>mistake</th><th></th><th>points left</th></tr>"
        )
        parts += [
            f"<tr><td>{html.escape(id_)}</td><td>{html.escape(title)}</td><td>{left:g}</td></tr>"
            for id_, title, left in mistakes
        ]
        parts.append("</table>")
    for question in lab.written:
        title = f"{question.name}: {told(question.points)}, marked by hand"
        lines = "".join(f"<li>{html.escape(line[2:])}</li>" for line in by_hand(question))
        model = f"<h3>Model answer</h3>{words.html(question.model_answer)}"
        parts.append(f"<h2>{html.escape(title)}</h2><ul>{lines}</ul>{model}")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>'
        f"Rubric of {html.escape(lab.heading)}</title><style>{STYLE}</style>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def write(lab: Lab, folder: Path) -> None:
    """Write ``rubric.md`` and ``rubric.html``."""
    (folder / "rubric.md").write_text(markdown(lab), encoding="utf-8")
    (folder / "rubric.html").write_text(page(lab), encoding="utf-8")


def _share(share: float | str) -> str:
    return share if isinstance(share, str) else f"{share:.0%}"

"""The pages of ``make mark``, written on the server: every text from outside is escaped."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from grading.make.written import Written
from grading.report import feedback
from publish.site.math import MACROS

from . import comments, lines, marks, requests, standing
from .checked import FileError
from .group import Group, Item
from .markdown import html
from .marks import Entry
from .standing import MARKER, OVERRIDE, Part

HERE = Path(__file__).parent
_MADE = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined
)


class Pages:
    """All pages for one class."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.heading = group.lab.heading

    def _page(self, template: str, title: str, **values) -> str:
        found, _ = requests.every(self.group.out)
        waiting = sum(one.decision is None for one in found)
        return _MADE.get_template(template).render(
            title=f"{title}: {self.heading}", heading=self.heading, waiting=waiting,
            macros=json.dumps(MACROS), here=template.removesuffix(".html"), **values,
        )

    # -- the class

    def overview(self) -> str:
        """What there is to mark, and how far it is. Raises NoResults."""
        standings = self.group.standings()
        problems = [problem for one in standings for problem in one.problems]
        written, tasks = [], []
        for name, question in self.group.questions.items():
            parts = [one.by_name[name] for one in standings]
            told = {
                "name": name, "points": question.points, "problem": "",
                "done": sum(part.points is not None for part in parts),
                "overrides": sum(part.source == OVERRIDE for part in parts),
            }
            if isinstance(question, Written):
                told["problem"] = _rubric_fault(question)
            (written if isinstance(question, Written) else tasks).append(told)
        return self._page(
            "overview.html", "Marking", count=len(standings), folder=str(self.group.out / "marks"),
            problems=list(dict.fromkeys(problems)), written=written, tasks=tasks,
        )

    # -- one answer

    def mark(self, name: str, id_: str = "", *, only_open: bool = False, anon: bool = False) -> str:
        """One submission of one question; without ``id_`` the first one. Raises NoResults."""
        question = self.group.questions[name]
        every = self.group.items(name, anonymous=anon)
        done = sum(item.part(name).points is not None for item in every)
        # the one that is looked at stays in the list, also once it is marked
        listed = [
            item for item in every
            if not only_open or item.id == id_ or item.part(name).points is None
        ]
        at = next((k for k, item in enumerate(listed) if item.id == id_), 0)
        item = listed[at] if listed else None
        links = self._links(name, listed, at, only_open, anon)
        values = {
            "question": question, "written": isinstance(question, Written), "item": item,
            "done": done, "count": len(every), "open": only_open, "anon": anon, "links": links,
            "shown": len(listed), "place": at + 1,
        }
        if item is not None:
            values |= self._item(question, item, anon)
        title = f"{name}, {at + 1} of {len(listed)}" if item else name
        return self._page("mark.html", title, **values)

    def _item(self, question, item: Item, anon: bool) -> dict:
        row, part = item.row, item.part(question.name)
        place = marks.place(self.group.out, row)
        fault = ""
        try:
            state = marks.load(place).state(question.name)
        except FileError as error:
            state, fault = "", f"Nothing can be saved here: {_hidden(str(error), place, anon)}"
        whose = "Name hidden" if anon else " ".join(
            filter(None, (row.student, f"({row.student_id})" if row.student_id else ""))
        )
        override = part.entry if part.entry and part.entry.kind == "override" else None
        values = {
            "part": part, "whose": whose, "seen": state, "fault": fault,
            "version": marks.version(row), "points_told": points_told(part),
            "history": history(part), "override_why": override.why if override else "",
            "override_points": f"{override.points:g}" if override else "",
        }
        if not isinstance(question, Written):
            return values | {
                "answer_id": "", "not_marked": False, "report": row.reports.get(question.name),
                "remarks": feedback.remarks(row), "holdable": False,
            }
        answer = row.written.get(question.name)
        given = part.entry.points if part.entry and isinstance(part.entry.points, dict) else {}
        fault = fault or _rubric_fault(question)
        rubric = lines.of(question) if not _rubric_fault(question) else ()
        return values | {
            "fault": fault, "answer": answer, "answer_html": html(answer or ""),
            "answer_id": marks.digest(answer) if answer is not None else "none",
            "statement": html(question.statement, ours=True),
            "model_answer": html(question.model_answer, ours=True),
            "lines": rubric, "given": given, "holdable": set(given) == {r.text for r in rubric},
            "comment": part.entry.comment if part.entry else "",
            "comments": self._comments(), "not_marked": part.source != MARKER,
        }

    def _comments(self) -> list[str]:
        try:
            return comments.load(self.group.out)
        except FileError:
            return []  # told when one is added

    def _links(self, name: str, listed: list[Item], at: int, only_open: bool, anon: bool) -> dict:
        names = list(self.group.questions)
        place = names.index(name)

        def link(question: str, item: Item | None = None, **changed: bool) -> str:
            flags = {"open": only_open, "anon": anon} | changed
            said = {"q": question} | ({"s": item.id} if item else {})
            return "mark?" + urlencode(said | {k: 1 for k, on in flags.items() if on})

        def near(items: list[Item]) -> str:
            return link(name, items[0]) if items else ""

        behind = listed[at + 1 :]
        unmarked = [item for item in [*behind, *listed[:at]] if item.part(name).points is None]
        here = listed[at] if listed else None
        return {
            "next": near(behind),
            "before": near(listed[:at][::-1]),
            "next_open": near(unmarked),
            "question_next": link(names[place + 1]) if place + 1 < len(names) else "",
            "question_before": link(names[place - 1]) if place else "",
            "flip_open": link(name, here, open=not only_open),
            "flip_anon": link(name, here, anon=not anon),
        }

    # -- requests

    def regrades(self) -> str:
        """All requests for a regrade."""
        found, problems = requests.every(self.group.out)
        told = []
        for number, request in enumerate(found):
            data, lab = request.data, self.group.lab
            stands = self.group.stands(data["file"])
            now = stands or standing.one(request.old, lab, self.group.out)
            problems += [one for one in now.problems if one not in problems]
            old = standing.of(request.old, lab)
            new = standing.of(request.new, lab) if request.new else None
            table = [self._compared(part, old, new) for part in now.parts]
            by_hand = data["task"] in {question.name for question in lab.written}
            most = {part.name: part.most for part in now.parts}
            known = requests.proposed(request, now, lab).items()
            id_ = self.group.id(data["task"], now) if data["task"] else ""
            told.append({
                "number": number, "name": request.name, "state": request.state,
                "whose": f"{data.get('student', '')} {data.get('student_id', '')}".strip()
                         or data["file"],
                "task": data["task"], "date": data["date"][:16].replace("T", " "),
                "run_on": data.get("run_on", "") if new else "", "claim": html(data["claim"]),
                "table": table, "by_hand": by_hand, "gone": stands is None,
                "link": "mark?" + urlencode({"q": data["task"], "s": id_}),
                "proposed": [(name, points, most[name]) for name, points in known],
                "decisions": [_decision(one) for one in data["decisions"]],
            })
        return self._page("regrades.html", "Regrade requests", requests=told, problems=problems)

    def _compared(self, part: Part, old: standing.Standing, new: standing.Standing | None) -> dict:
        before = _result(old, part.name)
        after = _result(new, part.name) if new else "not run"
        return {"name": part.name, "old": before, "new": after, "stands": requests.told(part),
                "changed": new is not None and before != after}


def points_told(part: Part) -> str:
    """The points of a part in words."""
    if part.points is None:
        return f"open, of {part.most:g}"
    return f"{part.points:g} of {part.most:g}"


def history(part: Part) -> list[str]:
    """What was decided about a part, the latest first."""
    return [_said(entry) for entry in reversed(part.history)]


def _said(entry: Entry) -> str:
    if entry.kind == "withdrawn":
        what = "taken back"
    elif isinstance(entry.points, dict):
        given = ", ".join(f"{text}: {points:g}" for text, points in entry.points.items())
        what = f"{sum(entry.points.values()):g} points ({given})"
    elif entry.points is None:
        what = "comment only"
    else:
        what = f"{entry.points:g} points by hand, because: {entry.why}"
    comment = f". Comment: {entry.comment}" if entry.comment else ""
    return f"{entry.when[:16].replace('T', ' ')}, {entry.who}: {what}{comment}"


def _decision(said: dict) -> str:
    given = ", ".join(f"{name} {points:g}" for name, points in said.get("points", {}).items())
    given = f" with {given}" if given else ""
    when = said["when"][:16].replace("T", " ")
    return f"{said['outcome'].capitalize()}{given} by {said['who']}, {when}: {said['why']}"


def _result(one: standing.Standing, name: str) -> str:
    """Points and message of a task, in a run without marks."""
    part, report = one.by_name[name], one.reports.get(name)
    if part.by_hand:
        return "by hand"
    points = f"{part.points:g} of {part.most:g}" if part.points is not None else part.why_open
    if not report:
        return points
    return "\n".join(filter(None, (points, report["title"], report["message"])))


def _rubric_fault(question: Written) -> str:
    try:
        lines.of(question)
    except lines.RubricError as error:
        return str(error)
    return ""


def _hidden(told: str, place: Path, anon: bool) -> str:
    """The name of a file of marks tells whose it is."""
    return told.replace(str(place), "the file of marks (the first page names it)") if anon else told

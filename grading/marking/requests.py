"""Requests for a regrade: the claim, the old and the new result, and the decision, in one file.

``OUT/regrades/<key>-<n>.yml``. An accepted request adds overrides to the marks of the student; the
results of the class stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from grading.make.lab import Lab
from grading.report.results import Row
from grading.run.keeper import write_atomically

from . import checked, marks, standing
from .marks import Entry
from .standing import Standing

FOLDER = "regrades"
SCHEMA = checked.schema("regrade")


@dataclass(frozen=True)
class Request:
    """One request, as its file says it."""

    path: Path
    data: dict[str, Any]
    text: str

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def state(self) -> str:
        """Changes with whatever changes in the file."""
        return marks.digest(self.text)

    @property
    def decision(self) -> dict[str, Any] | None:
        """The decision that counts; None while there is none."""
        return self.data["decisions"][-1] if self.data["decisions"] else None

    @property
    def old(self) -> Row:
        return _row(self.data["old"])

    @property
    def new(self) -> Row | None:
        return _row(self.data["new"]) if self.data["new"] else None


def _row(data: dict[str, Any]) -> Row:
    return Row(**{f.name: data[f.name] for f in fields(Row) if f.name in data})


def load(path: Path) -> Request:
    """Read one. Raises FileError."""
    text = checked.text(path)
    data, tree = checked.parsed(path, text, SCHEMA)
    found = Request(path, data, text)
    for name in ("old", "new"):
        try:
            getattr(found, name)
        except TypeError as error:
            at = checked.line(tree, [name])
            told = f"'{name}' is no result of the grader ({error}). Put it back, or ask again."
            raise checked.FileError(path, at, told) from None
    return found


def every(out: Path) -> tuple[list[Request], list[str]]:
    """All requests, the open ones first, and what is wrong with those that cannot be read."""
    found, problems = [], []
    for path in sorted((Path(out) / FOLDER).glob("*.yml")):
        try:
            found.append(load(path))
        except checked.FileError as error:
            problems.append(str(error))
    return sorted(found, key=lambda one: (one.decision is not None, one.data["date"])), problems


def joined(standings: list[Standing], out: Path) -> tuple[list[Standing], list[str]]:
    """The standings with what was decided about their requests; and what is to be told.

    A student reads the claim, the decision and its reason.
    """
    found, told = every(out)
    said: dict[str, list[str]] = {}
    for request in found:
        if (last := request.decision) is not None:
            about = f" about {request.data['task']}" if request.data["task"] else ""
            said.setdefault(request.data["file"], []).append(
                f"Your request{about} of {request.data['date'][:10]} was {last['outcome']}: "
                f"{last['why']}"
            )
    waiting = [request.data["file"] for request in found if request.decision is None]
    if waiting:
        told.append(f"Requests for a regrade wait for a decision (`make mark`): "
                    f"{', '.join(dict.fromkeys(waiting))}.")
    return [replace(one, decisions=tuple(said.get(one.file, ()))) for one in standings], told


def write(out: Path, row: Row, claim: str, task: str, new: Row | None, run_on: str) -> Request:
    """Write a new request; each gets a file of its own."""
    folder = Path(out) / FOLDER
    data = {
        "claim": claim, "task": task, "date": marks.now(), "student": row.student,
        "student_id": row.student_id, "file": row.file, "run_on": run_on, "old": row.as_dict(),
        "new": new.as_dict() if new else None, "decisions": [],
    }
    with marks.locked(folder):
        k = 1
        while (path := folder / f"{marks.key(row)}-{k}.yml").exists():
            k += 1
        write_atomically(path, checked.dumped(data))
        return load(path)


def proposed(request: Request, stands: Standing, lab: Lab) -> dict[str, float | None]:
    """The points that accepting would give, if nobody says others: never less than ``stands``.

    Of the task asked about, or of all to which the new run gives more than the old one. None:
    nothing is known that could be given.
    """
    old = standing.of(request.old, lab)
    new = standing.of(request.new, lab) if request.new else old
    asked, given = request.data["task"], {}
    for name, now in stands.by_name.items():
        before, run = old.by_name[name].points, new.by_name[name].points
        better = run is not None and (before is None or run > before)
        if name == asked or (not asked and better):
            more = now.points is None or (better and run > now.points)
            given[name] = run if more else now.points
    return given


def told(part: standing.Part) -> str:
    """The points of a part that stand, in words."""
    if part.points is None:
        return f"open, of {part.most:g}: {part.why_open}"
    by_hand = " by hand" if part.source != standing.CHECK else ""
    return f"{part.points:g} of {part.most:g}{by_hand}"


def decide(
    out: Path, lab: Lab, row: Row | None, request: Request, outcome: str, who: str, why: str,
    points: dict[str, float], seen: str,
) -> Request:
    """Write a decision, and for one that accepts the overrides. Raises FileError, ValueError.

    ``row``: what the student has now; ``seen``: the state of the request that was in view.
    """
    if not why.strip():
        raise ValueError("A decision needs a reason, which the student will read.")
    if outcome == "accepted" and row is None:
        raise ValueError(f"{request.data['file']} is no longer among the results, so points cannot "
                         "be given to it.")
    with marks.locked(request.path.parent):
        now = load(request.path)
        if now.state != seen:
            raise ValueError("Somebody has decided about this request meanwhile. Load the page "
                             "again; nothing was written.")
        if outcome == "accepted":
            before = standing.one(row, lab, out)
            _fit(before, points)
            for task, given in points.items():
                part = before.by_name[task]
                text = row.written.get(task)
                reason = f"Regrade request of {now.data['date'][:10]}: {why.strip()}"
                marks.add(out, row, Entry(
                    task, "override", who, marks.now(), float(given), why=reason, file=row.file,
                    version=marks.version(row), checked=part.checked,
                    answer=marks.digest(text) if text is not None else "", of=part.most,
                ))
        said = {"outcome": outcome, "who": who, "when": marks.now(), "why": why.strip()}
        said |= {"points": points} if outcome == "accepted" else {}
        data = now.data | {"decisions": [*now.data["decisions"], said]}
        write_atomically(request.path, checked.dumped(data))
        return load(request.path)


def _fit(before: standing.Standing, points: dict[str, float]) -> None:
    """Raises ValueError for points that no task can have."""
    if not points:
        raise ValueError("To accept, say for which task which points are given.")
    for task, given in points.items():
        if task not in before.by_name:
            raise ValueError(f"There is no task '{task}' in this assignment.")
        if not 0 <= given <= before.by_name[task].most:
            raise ValueError(f"'{task}' has 0 to {before.by_name[task].most:g} points, "
                             f"not {given:g}.")

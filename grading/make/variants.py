"""Practice problems with other numbers for each student: ``cnn_shapes.2.student``.

They stand below all pages, or, by ``vary``, in the place of an exercise whose numbers are fixed.
The seed of a student comes from a secret of the assignment and the student's id, by HMAC, so
nobody can work out a neighbour's. All problems are drawn when the assignment is made and kept in
``autograder/keys.json``, with the secret: made again for a longer roster, it leaves those alone
that were handed out. A notebook says by a mark whose problems it holds; the mark comes from the
secret, too.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from publish import practice
from publish.practice.problem import Problem, draw

from .persons import Person, by_system, folded, twice
from .plan import STUDENT

AT_ONCE = 4_000  # problems that Node draws in one call
MARK = "workbook_variant"  # what the set-up cell calls the mark
EVERYBODY = "everybody"  # the mark of the notebook that is no student's own


class VariantsError(ValueError):
    """Problems for each student that cannot be made or read; says what to do."""


def varies(address: str) -> bool:
    """Whether an address asks for another problem for each student."""
    return address.endswith(f".{STUDENT}")


def seed(secret: str, student: str, place: int, address: str) -> int:
    """The seed of a student's problem; ``place``: which of the assignment it is, from 0."""
    digest = _hmac(secret, "seed", folded(student), str(place), address)
    return int.from_bytes(digest[:8], "big") % (practice.MOST_SEED + 1)


def mark(secret: str, student: str) -> str:
    """What a student's notebook says about itself."""
    return _hmac(secret, "mark", folded(student)).hex()[:16]


def _hmac(secret: str, *parts: str) -> bytes:
    return hmac.new(secret.encode(), json.dumps(parts).encode(), hashlib.sha256).digest()


def called(person: Person) -> list[str]:
    """What systems call somebody on a roster, the id first."""
    return [person.id, *by_system(person).values()]


@dataclass(frozen=True)
class Own:
    """The problems of one student that vary, by their places in the assignment."""

    student: str
    mark: str
    problems: dict[int, Problem]
    also: dict[str, str] = field(default_factory=dict)  # what systems call the student, by system


@dataclass(frozen=True)
class Variants:
    """Those of a class; empty where nothing varies or nobody is known."""

    secret: str = ""
    own: list[Own] = field(default_factory=list)

    @cached_property
    def by_mark(self) -> dict[str, Own]:
        return {one.mark: one for one in self.own}

    @cached_property
    def by_name(self) -> dict[str, Own | None]:
        """By all that a student is called; None where that is not only one."""
        found: dict[str, Own | None] = {}
        for one in self.own:
            for name in {folded(one.student), *map(folded, one.also.values())} - {""}:
                found[name] = None if name in found else one
        return found | {folded(one.student): one for one in self.own}

    def of(self, *names: str) -> list[Own]:
        """The students who are called so; a group hands in under several ids."""
        parts = [name for text in names for name in (text, *text.split())]
        found = [self.by_name.get(folded(name)) for name in parts]
        return list({one.mark: one for one in found if one is not None}.values())


def make(
    practice_problems: Iterable[str], people: Iterable[Person], before: Path | None = None
) -> tuple[list[Problem], Variants]:
    """Draw the problems of an assignment: those for everybody, and those for each person.

    ``before``: keys of an earlier making; its secret, and what it handed out, stay, and nobody gets
    other numbers under another id. Raises VariantsError, PracticeError, and writes nothing.
    """
    wanted, people = list(practice_problems), list(people)
    places = [k for k, address in enumerate(wanted) if varies(address)]
    old = earlier(before, wanted)
    secret = old.secret or secrets.token_hex(16)
    known = {folded(one.student): one for one in old.own}
    new = [person for person in people if folded(person.id) not in known]
    on = {folded(person.id): by_system(person) for person in people}
    also = {one.student: one.also | on.get(folded(one.student), {}) for one in old.own}
    told = twice(new, also, before) if places else ""
    if told:
        raise VariantsError(told)
    asked = [request(address, k, secret) for k, address in enumerate(wanted)]
    asked += [request(wanted[k], k, secret, person.id) for person in new for k in places]
    made = list(_drawn(asked))
    common, rest = made[: len(wanted)], iter(made[len(wanted) :])
    known |= {
        folded(person.id): Own(
            person.id, mark(secret, person.id), {k: next(rest) for k in places}
        ) for person in new
    }  # fmt: skip
    own = []
    for person in people:
        one = known.pop(folded(person.id))
        own.append(Own(person.id, one.mark, one.problems, one.also | by_system(person)))
    own += known.values()  # who left the roster keeps what was handed out
    for one in own:
        _same_form(one, common)
    return common, Variants(secret, own if places else [])


def request(address: str, place: int, secret: str = "", student: str = "") -> practice.Request:
    """Family, level and seed of a problem; without a student that for everybody."""
    if not varies(address):
        return practice.address(address)
    family, level, _ = address.split(".")
    return family, int(level), seed(secret, student, place, address)


def _drawn(asked: list[practice.Request]) -> Iterator[Problem]:
    for k in range(0, len(asked), AT_ONCE):
        yield from draw(asked[k : k + AT_ONCE])


def asked_for(address: str, problem: Problem) -> bool:
    """Whether this is a problem of an address."""
    if varies(address):
        return address == f"{problem.family}.{problem.level}.{STUDENT}"
    return address == problem.address


def _same_form(one: Own, common: list[Problem]) -> None:
    """Points are split by the fields of a problem: so all must have the same ones."""
    for place, problem in one.problems.items():
        kinds = [[part["kind"] for part in p.fields] for p in (problem, common[place])]
        if kinds[0] != kinds[1]:
            raise VariantsError(
                f"The family '{problem.family}' asks for {len(kinds[0])} answers with the seed "
                f"{problem.seed} and for {len(kinds[1])} with {common[place].seed}: it cannot be "
                "handed out with other numbers for each student. Take another level, or below "
                "'practice' one with a seed."
            )


def earlier(path: Path | None, wanted: Iterable[str]) -> Variants:
    """What an earlier making handed out. Raises VariantsError if that was about other problems."""
    if path is None or not path.exists():
        return Variants()
    found = read(path)
    asked = _held(path).get("asked")
    if found.own and asked != list(wanted):
        raise VariantsError(
            f"{path} holds the numbers of {len(found.own)} students for {', '.join(asked or [])}, "
            "and other practice problems are asked for now. If nothing was handed out yet, remove "
            "that file; else put the practice problems back, or make the assignment elsewhere "
            "(OUT=folder; make grade, mark and regrade then take it as ASSIGNMENT=folder)."
        )
    return found


def read(path: Path) -> Variants:
    """The problems of each student in ``keys.json``. Raises VariantsError."""
    held = _held(path)
    try:
        own = [
            Own(
                student, one["mark"],
                {int(k): Problem(**problem) for k, problem in one["problems"].items()},
                _also(one.get("also", {})),
            ) for student, one in held.get("students", {}).items()
        ]  # fmt: skip
        return Variants(held.get("secret", ""), own)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(path, error) from None


def _also(found: dict[str, str] | list[str]) -> dict[str, str]:
    """An older file has the names only, and not which system uses which."""
    if isinstance(found, list):
        return {str(k): str(name) for k, name in enumerate(found)}
    return {str(system): str(name) for system, name in found.items()}


def _held(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(held, dict):
            raise TypeError
        return held
    except (OSError, ValueError, TypeError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> VariantsError:
    return VariantsError(
        f"{path} cannot be read ({type(error).__name__}). It holds the secret from which each "
        "student's numbers come: put back the file that `make assignment` wrote when the "
        "notebooks were handed out."
    )


def held(wanted: Iterable[str], variants: Variants) -> dict[str, Any]:
    """What ``keys.json`` keeps of them, beside the problems for everybody."""
    if not variants.secret:
        return {}
    students = {
        one.student: {
            "mark": one.mark,
            "also": one.also,
            "problems": {str(k): asdict(problem) for k, problem in one.problems.items()},
        } for one in variants.own
    }  # fmt: skip
    return {"asked": list(wanted), "secret": variants.secret, "students": students}


def table(variants: Variants, names: list[str]) -> str:
    """``instructor/variants.csv``: where the site shows each student's problems, and their keys."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["student", "mark", "problem", "address", "key"])
    for one in variants.own:
        for place, problem in one.problems.items():
            keys = "; ".join(str(part["is"]) for part in problem.fields)
            writer.writerow([one.student, one.mark, names[place], problem.address, keys])
    return out.getvalue()

"""Who is who: what systems call somebody, and whether a roster gives one person a second id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

ALSO = ("login", "email", "sis_id", "canvas_id", "participant")  # by which systems know a person
AS_ID = ("login", "email", "sis_id")  # which of them a table of one's own may have for the id
WORDS = {"sis_id": "SIS id", "canvas_id": "Canvas id", "participant": "Moodle participant"}
MOST = 3  # people who are told one by one


class Person(Protocol):
    """Somebody on a roster."""

    id: str


def folded(student: str) -> str:
    """An id without what systems change: blanks around it, capitals."""
    return student.strip().casefold()


def by_system(person: Person) -> dict[str, str]:
    """What systems call somebody beside the id, by system."""
    found = {name: getattr(person, name, "") for name in ALSO}
    return {name: text for name, text in found.items() if text}


def twice(
    new: Iterable[Person], known: Mapping[str, Mapping[str, str]], place: object
) -> str:
    """What to say if some of the new people stand under another id already; empty if nobody does.

    ``known``: names by system, by id, of who has numbers; ``place``: the file that says so. A name
    that several have is nobody's: a column may hold the same word for all.
    """
    people = {person.id: person for person in new}
    before = _whose(known)
    now = _whose({person.id: by_system(person) for person in people.values()})
    found = {}
    for (system, text), id_ in now.items():
        other = before.get((system, text))
        if id_ is not None and other is not None:
            found.setdefault(id_, (people[id_], other, WORDS.get(system, system), text))
    return _told(list(found.values()), place) if found else ""


def _whose(known: Mapping[str, Mapping[str, str]]) -> dict[tuple[str, str], str | None]:
    """The id by system and name, None for that of several; an id may be a name, too."""
    found: dict[tuple[str, str], str | None] = {}
    for id_, names in known.items():
        for system, text in (dict.fromkeys(AS_ID, id_) | dict(names)).items():
            key = system, folded(text)
            found[key] = None if key in found else id_
    return {key: id_ for key, id_ in found.items() if key[0] in ALSO}


def _told(found: list[tuple[Person, str, str, str]], place: object) -> str:
    lines = [
        f"{getattr(person, 'name', '') or 'somebody'} has the id '{person.id}' here and "
        f"'{other}' there (the same {system}, {text})" for person, other, system, text in found
    ]  # fmt: skip
    more = f"; and {len(found) - MOST} more" if len(found) > MOST else ""
    return (
        f"ROSTER has other ids than {place}, which holds the numbers that were handed out: "
        f"{'; '.join(lines[:MOST])}{more}. Each would get a second set of numbers. Give as ROSTER "
        f"the table that was given at first, with ids like '{found[0][1]}', and add to it whoever "
        "is new. If they are two people, correct in the table what both have. Nothing was written."
    )

"""What the routes by exam, interview and lab lead to: all items, written about or not.

``items.tsv`` names each item by its subject: route, topic, item. The keys ``exam`` and
``interview`` of a page's front matter hold the items that it answers, ``lab`` the number of its
lab (the topic). Whatever is not there is an error, so that a route never lists a spelling. Of an
exam problem it also says what the problem trains. ``papers.tsv`` counts what public papers ask.
The column ``practice`` of both names the families of practice problems of that kind.
"""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROUTES = ("exam", "interview", "lab")


def _rows(name: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@dataclass(frozen=True)
class Asked:
    """A kind of exam problem: in how many of the counted papers, and the pages that teach it."""

    problem: str
    papers: int
    pages: tuple[str, ...]
    note: str
    practice: tuple[str, ...] = ()


@cache
def asked() -> tuple[Asked, ...]:
    """What papers ask, the most frequent first."""
    return tuple(
        Asked(row["problem"], int(row["papers"]), tuple(row["pages"].split()), row["note"],
              tuple(row["practice"].split()))
        for row in _rows("papers.tsv")
    )


@cache
def trains() -> dict[str, str]:
    """What an item trains, where the file says so."""
    return {row["item"]: row["trains"] for row in _rows("items.tsv") if row["trains"]}


@cache
def practice() -> dict[str, tuple[str, ...]]:
    """Families of practice problems for an item, where there are any."""
    return {row["item"]: tuple(row["practice"].split())
            for row in _rows("items.tsv") if row["practice"]}


@cache
def topics(route: str) -> dict[str, list[str]]:
    """Items of a route by their topic, in the order of the file; of a lab, by its number."""
    found: dict[str, list[str]] = {}
    for row in _rows("items.tsv"):
        if row["route"] == route:
            found.setdefault(row["topic"], []).append(row["item"])
    return found


def keys(route: str) -> list[str]:
    """What a front matter may name."""
    known = topics(route)
    return list(known) if route == "lab" else [item for own in known.values() for item in own]


def problem(route: str, key: str) -> str | None:
    """Say why a key leads nowhere, with the nearest one that does; None if it is known."""
    known = keys(route)
    if key in known:
        return None
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.3)
    nearest = f"the nearest is '{near[0]}'" if near else f"known are {', '.join(known)}"
    return f"publish/page/items.tsv has no such item; {nearest}"

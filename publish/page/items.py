"""What the routes by exam, interview and lab lead to: all items, written about or not.

``items.tsv`` names each item by its subject: route, topic, item. The keys ``exam`` and
``interview`` of a page's front matter hold the items that it answers, ``lab`` the number of its
lab (the topic). Whatever is not there is an error, so that a route never lists a spelling.
"""

from __future__ import annotations

import csv
import difflib
from functools import cache
from pathlib import Path

ROUTES = ("exam", "interview", "lab")


@cache
def topics(route: str) -> dict[str, list[str]]:
    """Items of a route by their topic, in the order of the file; of a lab, by its number."""
    found: dict[str, list[str]] = {}
    with Path(__file__).with_suffix(".tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
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

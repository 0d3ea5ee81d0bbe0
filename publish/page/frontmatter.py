"""The front matter of a page: read once here, used by site, routes, notebooks and lint."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path

import yaml

LEVELS = {"E": "easy", "M": "medium", "H": "hard"}
# Parts that the lint looks for, in this order (PAGE of CONTRIBUTING.md).
PARTS = (
    "predict", "derive", "build", "turn", "see", "break", "exercises", "in two minutes", "sources",
)
_NUMBER = re.compile(r"\d+(\.\d+)*")


class FrontMatterError(ValueError):
    """A page's front matter is missing a key or holds a wrong value; names file and key."""


@dataclass(frozen=True)
class Assignment:
    """What an instructor hands out of a lab page: its number, and the points of its tasks."""

    lab: int
    points: dict[str, float]  # task of dlworkbook.checks: points, in the order of the page

    @property
    def total(self) -> float:
        """All points of the lab."""
        return sum(self.points.values())


@dataclass(frozen=True)
class PageMeta:
    """The ``workbook:`` block of a page's front matter."""

    path: Path
    number: str = ""  # chapter or section number, as in d2l's Chinese edition
    d2l: dict[str, list[str]] = field(default_factory=dict)  # {"zh": [...], "en": [...]}
    exam: list[str] = field(default_factory=list)
    interview: list[str] = field(default_factory=list)
    lab: list[str] = field(default_factory=list)
    level: str = ""
    minutes: int = 0
    needs: list[str] = field(default_factory=list)
    goals: list[str] = field(default_factory=list)
    summary: str = ""
    widgets: list[str] = field(default_factory=list)
    skip: dict[str, str] = field(default_factory=dict)
    assignment: Assignment | None = None

    @property
    def is_section(self) -> bool:
        """True for a page that teaches (it has goals); chapter openers and routes have none."""
        return bool(self.goals)


def split(text: str, path: Path) -> tuple[dict, int]:
    """Front matter as a dict and the number of lines that it takes (0 without one)."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != "---":
        return {}, 0
    for end, line in enumerate(lines[1:], start=1):
        if line.strip() == "---":
            try:
                data = yaml.safe_load("\n".join(lines[1:end])) or {}
            except yaml.YAMLError as error:
                raise FrontMatterError(f"{path}: the front matter is not YAML: {error}") from None
            if not isinstance(data, dict):
                raise FrontMatterError(f"{path}: the front matter must be a mapping")
            return data, end + 1
    raise FrontMatterError(f"{path}: the front matter has no closing '---'")


def read(path: Path | str) -> PageMeta:
    """Read and check the ``workbook:`` block of one page.

    Raises FrontMatterError, naming file and key, for an unknown key or a wrong value.
    """
    path = Path(path)
    data, _ = split(path.read_text(encoding="utf-8"), path)
    return parse(data.get("workbook") or {}, path)


def parse(block: object, path: Path) -> PageMeta:
    """Check the ``workbook:`` block (see read)."""

    def fail(key: str, wanted: str) -> FrontMatterError:
        return FrontMatterError(f"{path}: front matter 'workbook.{key}': {wanted}")

    if not isinstance(block, dict):
        raise FrontMatterError(f"{path}: front matter 'workbook' must be a mapping")
    known = {f.name for f in fields(PageMeta)} - {"path"}
    for key in block:
        if key not in known:
            raise fail(key, f"unknown key; known are {', '.join(sorted(known))}")
    values = dict(block)
    for key in ("exam", "interview", "lab", "needs", "goals", "widgets"):
        value = values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str | int) for v in value):
            raise fail(key, "must be a list of texts")
        values[key] = [str(v) for v in value]
    number = values.get("number", "")
    if number != "" and not (isinstance(number, str) and _NUMBER.fullmatch(number)):
        raise fail("number", f"must be a quoted number such as \"6.2\", not {number!r}")
    d2l = values.get("d2l", {})
    if not isinstance(d2l, dict) or not set(d2l) <= {"zh", "en"}:
        raise fail("d2l", "must map 'zh' and 'en' to lists of exercise numbers")
    for edition, numbers in d2l.items():
        for n in numbers:
            if not (isinstance(n, str) and _NUMBER.fullmatch(n)):
                raise fail(f"d2l.{edition}", f'must hold quoted numbers such as "6.2.1", not {n!r}')
    if values.get("level", "") not in ("", *LEVELS):
        raise fail("level", f"must be one of {', '.join(LEVELS)}")
    minutes = values.get("minutes", 0)
    if not isinstance(minutes, int) or not 0 <= minutes <= 600:
        raise fail("minutes", "must be a whole number of minutes")
    skip = values.get("skip", {})
    if not isinstance(skip, dict) or not set(skip) <= set(PARTS):
        raise fail("skip", f"must map a part ({', '.join(PARTS)}) to a reason")
    if not all(isinstance(v, str) and v.strip() for v in skip.values()):
        raise fail("skip", "each skipped part needs a reason")
    if not isinstance(values.get("summary", ""), str):
        raise fail("summary", "must be one sentence")
    if "assignment" in values:
        values["assignment"] = _assignment(values["assignment"], fail)
    return PageMeta(path=path, **values)


def _assignment(value: object, fail: Callable[[str, str], FrontMatterError]) -> Assignment:
    """The key ``assignment`` of a lab page, checked."""
    if not isinstance(value, dict) or set(value) != {"lab", "points"}:
        raise fail("assignment", "must hold 'lab' and 'points', and nothing else")
    lab, points = value["lab"], value["points"]
    if type(lab) is not int or lab < 1:
        raise fail("assignment.lab", f"must be the number of the lab, not {lab!r}")
    if not isinstance(points, dict) or not points:
        raise fail("assignment.points", "must map each task to its points")
    from dlworkbook.checks import names

    for task, number in points.items():
        if task not in names():
            raise fail("assignment.points", f"there is no check '{task}'; {', '.join(names())}")
        if type(number) not in (int, float) or not 0 < number < float("inf"):
            raise fail("assignment.points", f"'{task}' must be worth more than 0, not {number!r}")
    return Assignment(lab, points)


def toc_files(root: Path) -> list[str]:
    """Page names (relative to the root, without .md) in the order of ``_toc.yml``, root first."""

    def walk(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("root", "file"):
                    yield value
                else:
                    yield from walk(value)
        elif isinstance(node, list):
            for item in node:
                yield from walk(item)

    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    return [str(name).removesuffix(".md") for name in walk(toc)]


def pages(root: Path) -> dict[str, PageMeta]:
    """Front matter of every page in ``_toc.yml``, by page name."""
    return {name: read(root / f"{name}.md") for name in toc_files(root)}

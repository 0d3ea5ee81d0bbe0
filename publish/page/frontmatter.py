"""The front matter of a page: read once here, used by site, routes, notebooks and lint.

What the ``workbook:`` block may hold is said in ``frontmatter.schema.json``.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from sphinx_external_toc.parsing import parse_toc_yaml

from . import once

SCHEMA = json.loads(Path(__file__).with_suffix(".schema.json").read_text(encoding="utf-8"))
_KEYS = SCHEMA["properties"]
LEVELS = {level["const"]: level["title"] for level in _KEYS["level"]["oneOf"]}
# Parts that the lint looks for, in this order (PAGE of CONTRIBUTING.md).
PARTS = tuple(part for part in _KEYS["skip"]["propertyNames"]["enum"] if part != "limits")
LAB_PARTS = ("write", "run", "break", "sources")
ANSWER = re.compile("ex-")  # how the id of an answer in an exercise begins, and no task's name
LAB = re.compile(r"Lab (\d+): ")  # how the title of a page that is a lab begins
# JSON knows no infinity, and one kind of number: 6.0 is whole to it.
TYPES = Draft202012Validator.TYPE_CHECKER.redefine_many({
    "integer": lambda _, value: type(value) is int,
    "number": lambda _, value: type(value) in (int, float) and math.isfinite(value),
})
_CHECKED = extend(Draft202012Validator, type_checker=TYPES)(SCHEMA)


class FrontMatterError(ValueError):
    """A page's front matter is missing a key or holds a wrong value; names file and key.

    ``keys`` is the way to the key, outermost first, and ``line`` where it stands.
    """

    def __init__(self, path: Path, message: str, keys: tuple[str, ...] = (), line: int = 1):
        super().__init__(f"{path}: {message}")
        self.message, self.keys, self.line = message, keys, line


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
                data = yaml.load("\n".join(lines[1:end]), once.Loader) or {}
            except yaml.YAMLError as error:
                told = once.faults(error, first=2)
                words = ": ".join(f"{text} (line {at})" for text, at in told) or str(error)
                words += once.remedy(error)
                raise FrontMatterError(
                    path, f"the front matter is not YAML: {words}", line=told[0][1] if told else 1
                ) from None
            if not isinstance(data, dict):
                raise FrontMatterError(path, "the front matter must be a mapping")
            return data, end + 1
    raise FrontMatterError(path, "the front matter has no closing '---'")


@dataclass(frozen=True)
class Front:
    """All of a page's front matter, and the line of each key by its path of keys."""

    data: dict
    lines: dict[tuple[str, ...], int]
    meta: PageMeta

    def line(self, *keys: str) -> int:
        """Line of a key, or of the nearest key around it that exists."""
        return once.nearest(self.lines, keys)


def load(text: str, path: Path) -> Front:
    """The front matter of a page's text. Raises FrontMatterError, naming file, key and line."""
    data, length = split(text, path)
    block = "\n".join(text.splitlines()[1 : length - 1])
    lines = once.lines(block, first=2) if length else {}
    try:
        return Front(data, lines, parse(data.get("workbook") or {}, path))
    except FrontMatterError as error:
        error.line = once.nearest(lines, error.keys)
        raise


def read(path: Path | str) -> PageMeta:
    """Read and check the ``workbook:`` block of one page.

    Raises FrontMatterError, naming file and key, for an unknown key or a wrong value.
    """
    path = Path(path)
    return load(path.read_text(encoding="utf-8"), path).meta


def parse(block: object, path: Path) -> PageMeta:
    """Check the ``workbook:`` block (see read)."""

    def fail(wanted: str, *keys: str) -> FrontMatterError:
        keys = ("workbook", *map(str, keys))
        return FrontMatterError(path, f"front matter '{'.'.join(keys)}': {wanted}", keys)

    for error in _CHECKED.iter_errors(block):
        keys = [key for key in error.absolute_path if isinstance(key, str)]
        if error.validator == "additionalProperties" and not keys:
            unknown = next(key for key in block if key not in _KEYS)
            raise fail(f"unknown key; known are {', '.join(sorted(_KEYS))}", unknown)
        raise fail(wanted(error), *keys)
    values = dict(block)
    for key, value in block.items():
        if _KEYS[key].get("$ref") == "#/$defs/texts":
            values[key] = [str(text) for text in value]
    return PageMeta(path=path, **values)


def wanted(error: ValidationError) -> str:
    """What the schema says of the place that failed, and what stands there."""
    told = error.schema["description"]
    if error.validator == "enum":
        told += f" (known are {', '.join(error.validator_value)})"
    return told if isinstance(error.instance, dict | list) else f"{told}, not {error.instance!r}"


def toc_files(root: Path) -> list[str]:
    """Page names (relative to the root, without .md) in the order of ``_toc.yml``, root first."""
    return [name.removesuffix(".md") for name in parse_toc_yaml(root / "_toc.yml")]


def pages(root: Path) -> dict[str, PageMeta]:
    """Front matter of every page in ``_toc.yml``, by page name."""
    return {name: read(root / f"{name}.md") for name in toc_files(root)}

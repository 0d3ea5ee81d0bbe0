"""Answers that a page asks for and judges: what stands in an ``{answer}``, and where it goes.

The body is YAML (what it may hold is judged by ``dlworkbook.answers.spec``). All bodies of a page
are written to ``dlworkbook/answers/pages/<chapter>/<page>.json``, by their ids: there
``dlworkbook.answers`` finds them, in a reader's notebook too.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from .once import Loader

if TYPE_CHECKING:
    from .model import Page

ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
WORDS = ("ask", "of", "right", "slips", "else")
FOLDER = Path("dlworkbook/answers/pages")
VARIABLE = "DLWORKBOOK_ANSWERS"  # tells dlworkbook.answers of another folder


class BodyError(ValueError):
    """A body that cannot be read; line is counted from 0 in the body."""

    def __init__(self, line: int, message: str):
        super().__init__(message)
        self.line = line


def read(body: str) -> dict[str, Any]:
    """What the body of an ``{answer}`` says. Raises BodyError."""
    try:
        found = yaml.load(body, Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        told = getattr(error, "problem", None) or str(error)
        raise BodyError(mark.line if mark else 0, f"its body is not YAML: {told}") from None
    if not isinstance(found, dict):
        raise BodyError(0, "its body must be lines such as 'kind: number' and 'is: 6'")
    return _plain(found)


def _plain(value: Any) -> Any:
    """The value as JSON can hold it: infinity as text. Raises BodyError."""
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str | int) or isinstance(key, bool):
                raise BodyError(0, f"its body has a key that YAML reads as {key!r}; quote it")
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise BodyError(0, f"its body holds {value}, which YAML reads as a date; quote it")


def key(spec: dict[str, Any]) -> dict[str, Any]:
    """What decides whether a value is the key: the spec without its words and its slips."""
    return {name: value for name, value in spec.items() if name not in WORDS}


def shuffled(name: str, letters: list[str], right: list[str]) -> list[str]:
    """The things to put in order, in an order that is always the same, and not the right one."""
    def place(letter: str) -> str:
        return hashlib.sha256(f"{name} {letter}".encode()).hexdigest()

    found = sorted(letters, key=place)
    return found[1:] + found[:1] if found == [*right] else found


def variable(name: str) -> str:
    """What a notebook calls the answer with this id: ``my_ex_conv_size`` for ``ex-conv-size``."""
    return "my_" + name.replace("-", "_")


def files(root: Path, pages: Iterable[Page]) -> dict[Path, str]:
    """The file of each page that asks for answers: its path and its text."""
    specs = {
        folder(root) / f"{page.notebook}.json": {a.name: a.spec for a in page.answers if a.spec}
        for page in pages
    }
    return {path: _lines(found) for path, found in specs.items() if found}


def _lines(specs: dict[str, dict]) -> str:
    """JSON with one answer a line."""
    lines = [
        f"{json.dumps(name)}: {json.dumps(spec, ensure_ascii=False)}"
        for name, spec in specs.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def folder(root: Path) -> Path:
    """Where a book keeps them: in the package, or below `_build` if it uses an installed one."""
    return root / FOLDER if (root / "dlworkbook").is_dir() else root / "_build" / "answers"


def outdated(root: Path, pages: Iterable[Page]) -> dict[Path, str | None]:
    """Files that are not what all pages of the book say, with what they say (None: nothing)."""
    wanted = files(root, pages)
    there = {path: path.read_text(encoding="utf-8") for path in folder(root).glob("*/*.json")}
    return {
        path: wanted.get(path) for path in sorted(wanted.keys() | there.keys())
        if wanted.get(path) != there.get(path)
    }


def write(root: Path, pages: Iterable[Page]) -> None:
    """Bring the files up to date with all pages of the book."""
    for path, text in outdated(root, pages).items():
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")

"""Light answers: declared on a page, judged alike on the site and in a notebook.

``load(id)`` gives the declaration of an answer, ``judge(spec, entry)`` the verdict on an entry.
The declarations are generated from the pages: ``pages/chNN_name/page.json`` maps each answer of
a page to its declaration, in the order of the page.

An assignment brings those of its practice problems with it, and those of an instructor's own pages:
``packed`` by who makes it, taken up by ``checks.hold``. That of a problem has ``fields``, a list of
declarations.
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from functools import cache
from pathlib import Path
from typing import Any

from .judge import Verdict, judge
from .spec import problems

__all__ = ["Verdict", "ids", "judge", "load", "packed", "problems", "unpacked"]

# A book of its own that uses the installed package keeps its answers elsewhere.
PAGES = Path(os.environ.get("DLWORKBOOK_ANSWERS") or Path(__file__).parent / "pages")

HELD: dict[str, dict[str, Any]] = {}  # what assignments brought


def packed(specs: dict[str, Any]) -> str:
    """Declarations by their ids as a text that gives nothing away when it is read."""
    data = json.dumps(specs, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(data, 9)).decode()


def unpacked(text: str) -> dict[str, Any]:
    """What was ``packed``."""
    return json.loads(zlib.decompress(base64.b64decode(text)))


def files() -> list[Path]:
    """The files of all pages, sorted."""
    return sorted(PAGES.glob("*/*.json"))


@cache
def read(file: Path, changed: int) -> dict[str, dict[str, Any]]:
    """The declarations of a page; ``changed`` says when the file was, so that it is read again."""
    return json.loads(file.read_text(encoding="utf-8"))


def every() -> dict[str, dict[str, Any]]:
    pages = {
        key: spec for file in files() for key, spec in read(file, file.stat().st_mtime_ns).items()
    }
    return pages | HELD


def ids() -> list[str]:
    """The ids of all answers, by page and in the order of a page; those held come last."""
    return list(every())


def load(answer: str) -> dict[str, Any]:
    """The declaration of an answer. Raises ``KeyError`` for an id that is not in ``ids()``."""
    return every()[answer]

"""Comments to reuse: ``OUT/marks/comments.yml``, a list of texts."""

from __future__ import annotations

from pathlib import Path

from grading.run.keeper import write_atomically

from . import checked, marks

SCHEMA = {
    "description": "comments to reuse are a list of texts, each beginning with '- '",
    "type": ["array", "null"],
    "items": {"description": "a comment is a text", "type": "string", "minLength": 1},
}
HEAD = "# Comments to reuse, one an entry. May be edited by hand.\n"
MOST = 200


def place(out: Path) -> Path:
    """The file."""
    return Path(out) / marks.FOLDER / "comments.yml"


def load(out: Path) -> list[str]:
    """All of them; none without a file. Raises FileError."""
    path = place(out)
    data, _ = checked.parsed(path, checked.text(path), SCHEMA)
    return list(data or [])


def change(out: Path, text: str, *, drop: bool = False) -> list[str]:
    """Add a comment at the end, or take it out; the list then. Raises FileError, ValueError.

    A comment that is added is written below what stands there, which stays as it is.
    """
    path = place(out)
    with marks.locked(path.parent):
        known = load(out)
        if drop == (text not in known):
            return known
        if not drop and len(known) >= MOST:
            raise ValueError(f"There are {MOST} comments to reuse: take one out first.")
        wanted = [one for one in known if one != text] if drop else [*known, text]
        old = checked.text(path) or HEAD
        said = f"{old.rstrip()}\n{checked.dumped([text])}" if not drop else ""
        try:
            kept = not drop and checked.parsed(path, said, SCHEMA)[0] == wanted
        except checked.FileError:
            kept = False
        if not kept:  # one is taken out, or the list is not written with dashes
            said = HEAD + (checked.dumped(wanted) if wanted else "")
        write_atomically(path, said)
        return wanted

"""Find the submitted files, and whose they are, in a folder or zip from a learning system."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# File names that learning systems give, most special first.
PATTERNS = (
    # Moodle: Ada Lovelace_123456_assignsubmission_file_lab6.ipynb, or that as a folder
    ("moodle", re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_\w+?(?:_(?P<rest>.*))?")),
    # Canvas: lovelaceada_LATE_12345_678901_lab6-1.ipynb
    (
        "canvas",
        re.compile(r"(?P<name>[^_]+)_(?:LATE_)?(?P<id>\d+)_(?P<submission>\d+)_(?P<rest>.+)"),
    ),
    # Gradescope: submission_123456/lab6.ipynb
    ("gradescope", re.compile(r"submission_(?P<id>\d+)")),
)
IGNORED = {"__MACOSX", ".ipynb_checkpoints", "__pycache__"}
LARGEST_MEMBER = 400_000_000
MOST_MEMBERS = 20_000


@dataclass(frozen=True)
class Submission:
    """One file to grade. ``file`` is its name in the folder or zip, with / between folders."""

    file: str
    path: Path
    student: str
    student_id: str = ""
    system: str = ""


class NoSubmissions(ValueError):
    """There is nothing to grade; says why."""


def identify(file: str) -> tuple[str, str, str]:
    """Name, id and learning system that a file's path tells; the name may be that of the file."""
    parts = PurePosixPath(file).parts
    for part in (parts[-1], *reversed(parts[:-1])):
        for system, pattern in PATTERNS:
            match = pattern.fullmatch(part)
            if match:
                groups = match.groupdict()
                return groups.get("name") or groups["id"], groups["id"], system
    name = parts[-2] if len(parts) > 1 else PurePosixPath(file).stem
    return name, "", ""


def find(source: Path, unpack: Path) -> list[Submission]:
    """The files of a folder or zip, in the order of their names.

    A zip, and a zip inside, is unpacked below ``unpack``. Raises NoSubmissions.
    """
    source = Path(source)
    if source.is_dir():
        folder = source
    elif source.is_file() and zipfile.is_zipfile(source):
        folder = unpack / "all"
        _unpack(source, folder)
    else:
        what = "is neither a folder nor a zip" if source.exists() else "does not exist"
        raise NoSubmissions(f"SUBMISSIONS={source} {what}.")
    found = []
    for path in sorted(_files(folder)):
        file = path.relative_to(folder).as_posix()
        if path.suffix.lower() == ".zip" and zipfile.is_zipfile(path):
            inner = unpack / "inner" / file
            try:
                _unpack(path, inner)
            except (OSError, ValueError, RuntimeError, zipfile.BadZipFile):
                inner = None
            notebooks = [p for p in sorted(_files(inner)) if p.suffix == ".ipynb"] if inner else []
            if notebooks:
                for p in notebooks:
                    found.append(_submission(f"{file}/{p.relative_to(inner).as_posix()}", p, file))
                continue
        found.append(_submission(file, path, file))
    if not found:
        raise NoSubmissions(f"SUBMISSIONS={source} holds no files.")
    return found


def _submission(file: str, path: Path, named: str) -> Submission:
    return Submission(file, path, *identify(named))


def _files(folder: Path) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and not IGNORED & set(path.relative_to(folder).parts)
        and not path.name.startswith(".")
        and path.name != "Thumbs.db"
    ]


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack a zip; names that lead out of the folder are kept inside by the zip module."""
    with zipfile.ZipFile(archive) as zipped:
        members = [m for m in zipped.infolist() if not m.is_dir()]
        if len(members) > MOST_MEMBERS:
            raise ValueError(f"{archive.name} holds {len(members)} files")
        for member in members:
            if member.file_size > LARGEST_MEMBER:
                raise ValueError(f"{archive.name}: {member.filename} is too large")
            target = folder / PurePosixPath(member.filename)
            if target.is_file() and target.stat().st_size == member.file_size:
                continue
            zipped.extract(member, folder)

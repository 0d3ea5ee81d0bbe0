"""Files of a folder or zip, one after the other, whatever they are: zips inside are opened.

Nothing of an archive is written under its own name: names may lead out of the folder, be too long,
or be no text. Sizes are known before anything is unpacked.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .cleaning import clean
from .reading import LARGEST, Rejected, is_notebook

IGNORED = {
    "__MACOSX", ".ipynb_checkpoints", "__pycache__", ".git", ".vscode", ".idea", "Thumbs.db",
    ".DS_Store", "desktop.ini",
}
METADATA = "submission_metadata.yml"  # Gradescope's
LARGEST_ZIP = 400_000_000  # bytes of a zip inside of a zip
LARGEST_CLASS, LARGEST_STUDENT = 4_000_000_000, 400_000_000  # of all that one zip unpacks to
MOST_MEMBERS = 20_000
MOST_NOTEBOOKS = 10  # of a student's zip: each gets the time of one
DEEPEST = 3  # zips in zips


@dataclass(frozen=True)
class Found:
    """One file: the parts of its name as they are shown, where it lies, or why it cannot be read.

    ``zipped`` is the number of parts up to the student's own zip, whose name tells the student.
    """

    parts: tuple[str, ...]
    path: Path | None = None
    problem: tuple[str, str] | None = None
    zipped: int = 0

    @property
    def file(self) -> str:
        """The name, with / between folders."""
        return "/".join(self.parts)


@dataclass
class Room:
    """Bytes that may still be unpacked. A student's zips share one, also those in his zip."""

    left: int


class Files:
    """Finds the files below a folder, or in a zip; what is unpacked goes below ``unpack``.

    ``ours(parts)``: whether a file is to be opened. Of others only the name is told, and of a
    student's zip only its own.
    """

    def __init__(
        self,
        source: Path,
        unpack: Path,
        ours: Callable[[tuple[str, ...]], bool] = lambda parts: True,
    ) -> None:
        self.source, self.unpack, self.ours, self.count = source, unpack, ours, 0

    def __iter__(self) -> Iterator[Found]:
        if self.source.is_dir():
            yield from self._folder(self.source, ())
        else:
            yield from self._zip(self.source, (), Room(LARGEST_CLASS), every=True)

    def _folder(self, folder: Path, parts: tuple[str, ...]) -> Iterator[Found]:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            yield Found(parts, problem=("unreadable", f"It cannot be opened: {error.strerror}."))
            return
        some = False
        for entry in entries:
            if ignored(entry.name):
                continue
            some = True
            path, own = Path(entry.path), (*parts, clean_name(entry.name))
            if entry.is_symlink():
                text = "It is a link to another place, not a file."
                yield Found(own, problem=("not_a_file", text))
            elif entry.is_dir():
                yield from self._folder(path, own)
            elif not entry.is_file():
                yield Found(own, problem=("not_a_file", "It is no file, but a pipe or a device."))
            elif own[-1].lower().endswith(".zip"):
                if self.ours(own):
                    yield from self._student_zip(path, own)
                else:
                    yield Found(own, zipped=len(own))
            else:
                yield Found(own, path)
        if not some and parts:
            yield Found(parts, problem=("empty_folder", "The folder is empty."))

    def _student_zip(
        self, path: Path, parts: tuple[str, ...], zipped: int = 0, room: Room | None = None
    ) -> Iterator[Found]:
        """The notebooks of a student's zip; if there are none, the zip itself, with a reason.

        ``zipped`` and ``room`` are those of the zip in which it lies, if that is a student's, too.
        """
        nested = bool(zipped)  # then that one counts
        zipped, room = zipped or len(parts), room or Room(LARGEST_STUDENT)
        if sum(part.lower().endswith(".zip") for part in parts) > DEEPEST:
            text = f"Zips lie in zips, more than {DEEPEST} deep; the last was not opened."
            yield Found(parts, problem=("no_notebook", text), zipped=zipped)
            return
        try:
            inside = list(self._zip(path, parts, room, every=False, zipped=zipped))
        except Rejected as error:
            yield Found(parts, problem=(error.code, str(error)), zipped=zipped)
            return
        count = sum(one.path is not None for one in inside)
        if count > MOST_NOTEBOOKS and not nested:
            text = f"The zip holds {count} notebooks; of a student's at most {MOST_NOTEBOOKS} are "
            text += "graded. Take out the one that counts. The zip of a class is graded by itself."
            yield Found(parts, problem=("many_notebooks", text), zipped=zipped)
            return
        yield from inside
        if not inside:
            text = "The zip holds no notebook (a file whose name ends in .ipynb)."
            yield Found(parts, problem=("no_notebook", text), zipped=zipped)

    def _zip(self, archive: Path, parts, room: Room, *, every: bool, zipped: int = 0):
        """Members of a zip: ``every`` one, or notebooks and zips only. Raises Rejected."""
        try:
            zipped_file = zipfile.ZipFile(archive)
        except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile) as error:
            if archive.stat().st_size == 0:
                raise Rejected("empty", "The file is empty.") from error
            raise Rejected("damaged", "The zip is damaged, or no zip.") from error
        folders: dict[tuple[str, ...], bool] = {}  # whether anything lies below
        with zipped_file:
            members = zipped_file.infolist()
            if len(members) > MOST_MEMBERS:
                raise Rejected("too_large", f"The zip holds {len(members):,} files.")
            for member in members:
                own = tuple(clean_name(part) for part in _parts(member))
                if not own or any(map(ignored, own)):
                    continue
                for k in range(1, len(own)):
                    folders[own[:k]] = True
                if member.is_dir():
                    folders.setdefault(own, False)
                    continue
                inner = own[-1].lower().endswith(".zip")
                if not (every or inner or is_notebook(own[-1])):
                    continue
                most = LARGEST_ZIP if inner else LARGEST
                full, path, problem = (*parts, *own), None, None
                wanted = not every or self.ours(full) or is_table(own[-1])
                if stat.S_ISLNK(member.external_attr >> 16):
                    problem = "not_a_file", "It is a link to another place, not a file."
                elif member.flag_bits & 1:
                    problem = "encrypted", "The zip is locked with a password."
                elif member.file_size > min(most, room.left):
                    problem = "too_large", f"The file has {member.file_size / 1e6:,.0f} MB."
                else:
                    room.left -= member.file_size
                    if wanted:
                        path, problem = self._extract(zipped_file, member)
                if inner and path is not None:
                    yield from self._student_zip(path, full, zipped, None if every else room)
                else:
                    yield Found(full, path, problem, zipped)
        for own, used in folders.items():
            if every and not used:
                yield Found(own, problem=("empty_folder", "The folder is empty."))

    def _extract(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo):
        """Write one member under a number; its path, or why not."""
        self.unpack.mkdir(0o700, parents=True, exist_ok=True)
        self.count += 1
        target = self.unpack / f"{self.count:06}"
        try:
            with archive.open(member) as source, target.open("wb") as file:
                shutil.copyfileobj(source, file)
        except Exception as error:  # a damaged member, an unknown method of compression
            target.unlink(missing_ok=True)
            text = f"It cannot be unpacked: {type(error).__name__}."
            return None, ("damaged", text)
        return target, None


def is_table(name: str) -> bool:
    """Whether a file may be a learning system's own, which tells of others: all shards read it."""
    return name == METADATA or name.lower().endswith(".csv")


def ignored(name: str) -> bool:
    """Whether a file or folder is none that a student hands in."""
    if name.startswith("._"):  # what a Mac adds to each file
        return True
    return name in IGNORED or (name.startswith(".") and not is_notebook(name))


def clean_name(name: str) -> str:
    """A name of a file as it can be shown and written; bytes that are no text as ``\\xd6``."""
    with contextlib.suppress(UnicodeEncodeError):  # half a character: no file system gives that
        name = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return clean(name, 300)


def _parts(member: zipfile.ZipInfo) -> list[str]:
    """The parts of a member's name, in the letters that were meant, none that lead outside."""
    name = member.filename
    if not member.flag_bits & 0x800:  # not marked as UTF-8: the zip module took it for cp437
        name = _as_meant(name)
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return parts[1:] if parts and len(parts[0]) == 2 and parts[0][1] == ":" else parts


def _as_meant(name: str) -> str:
    """A name that was read as cp437: UTF-8 (macOS), GBK (Windows in Chinese), or as it is."""
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    if raw.isascii():
        return name
    for encoding in ("utf-8", "gbk"):
        try:
            meant = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or _is_chinese(meant):
            return meant
    return name


def _is_chinese(text: str) -> bool:
    """Whether letters beyond ASCII are Chinese, at least half of them frequent ones."""
    letters = [c for c in text if not c.isascii()]
    frequent = 0
    for letter in letters:
        try:
            frequent += len(letter.encode("gb2312")) == 2
        except UnicodeEncodeError:
            if not "\u4e00" <= letter <= "\u9fff":
                return False
    return 2 * frequent >= len(letters)

"""What a student wrote below the questions in words, whatever was done to the cells around it.

An answer begins at the line of ``grading.make.place`` and ends at the next cell that was handed
out, as it was or edited. It may be spread over cells of text and code. Where the line is gone, the
answer is what stands between the statement and the next cell that was handed out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from grading.make import place
from grading.make.lab import Lab
from publish.page.code import checked, defined, interface_name, parse

POINTS = re.compile(r"\*\*(?:[\d.]+|No) points?\b[^*]*\*\*")  # what stands below a statement
MARKS = re.compile(r"<!-- (BEGIN|END) QUESTION -->")  # Otter's, around a question in words
PICTURE = "written_picture"


@dataclass
class Collected:
    """Answers by the names of the questions ('' for none), and notes for the instructor."""

    answers: dict[str, str] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)


def collect(cells: list[tuple[str, str, bool]], lab: Lab) -> Collected:
    """The answers in the cells of a notebook: kind, source, whether something is attached."""
    found: dict[str, list[str]] = {question.name: [] for question in lab.written}
    if not found:
        return Collected()
    known = _HandedOut(lab)
    pictures: set[str] = set()
    current = ""
    for kind, source, attached in cells:
        source = source if kind == "code" else MARKS.sub("", source)
        if current and kind != "code":
            above, source = known.parted(source)
            found[current] += [above] if above else []
        name = known.question(source) if kind != "code" else ""
        statement = known.statement(source, current) if kind != "code" and not name else ""
        if name:
            current = name
            found[name].append(_without(source, name))
        elif statement:
            # an answer may stand right below it, above the line for it or in its place
            current = statement
            found[statement].append(known.added(source, statement))
        elif known.has(kind, source):
            current = ""
        elif current and not POINTS.fullmatch(source.strip()):
            found[current].append(_fenced(source) if kind == "code" else source.strip())
        else:
            continue
        if attached and current:
            pictures.add(current)
    made = Collected({n: "\n\n".join(filter(None, parts)) for n, parts in found.items()})
    if pictures:
        names = " and ".join(f"'{name}'" for name in sorted(pictures))
        told = f"The answer to {names} holds a picture: look at it in the notebook itself."
        if len(pictures) > 1:
            told = f"The answers to {names} hold pictures: look at them in the notebook itself."
        made.notes.append((PICTURE, told))
    return made


class _HandedOut:
    """The cells that every student got, as far as they end an answer."""

    def __init__(self, lab: Lab) -> None:
        self.names = [question.name for question in lab.written]
        cells = [cell for cell in lab.cells if cell.role not in ("solution", "written")]
        self.code = {_plain(cell.source) for cell in cells if cell.kind == "code"}
        self.texts = {_plain(cell.source) for cell in cells if cell.kind == "markdown"}
        # by these an edited cell is known; other headings a student may use as well ("References")
        self.heads = {
            _head(cell.source) for cell in cells
            if cell.role == "exercise" or cell.source.startswith("### Problem ")
        } - {""}
        self.statements: dict[str, str] = {}  # head of a statement: its question
        # question: the cells of its statement as handed out, the lines of each without blanks
        self.pieces: dict[str, list[list[str]]] = {name: [] for name in self.names}
        for cell in cells:
            if cell.role == "exercise" and cell.label in self.names and _plain(cell.source):
                self.pieces[cell.label].append(_plain(cell.source).split("\n"))
                if _head(cell.source):
                    self.statements[_head(cell.source)] = cell.label
        self.answers = {task.answer for task in lab.tasks}
        self.tasks = {task.name for task in lab.tasks}

    def parted(self, source: str) -> tuple[str, str]:
        """What a student wrote above a heading that was handed out, and the rest."""
        lines = source.split("\n")
        at = next((k for k, line in enumerate(lines) if _head(line) in self.heads), 0)
        return "\n".join(lines[:at]).strip(), "\n".join(lines[at:])

    def question(self, source: str) -> str:
        """The question whose line for an answer is in this text."""
        names = (place.name_of(line, self.names) for line in source.split("\n"))
        return next(filter(None, names), "")

    def statement(self, source: str, current: str) -> str:
        """The question of whose statement this is a cell; rather ``current`` than another."""
        plain = _plain(source).split("\n")
        named = [name for name, pieces in self.pieces.items()
                 if any(plain[: len(piece)] == piece for piece in pieces)]
        own = current if current in named else next(iter(named), "")
        return self.statements.get(_head(source), "") or own

    def added(self, source: str, name: str) -> str:
        """What a student wrote into a cell of a statement, below what stood there."""
        lines = source.split("\n")
        found: dict[int, str] = {}  # by how much was handed out above it
        for piece in self.pieces[name]:
            k = 0
            for n, line in enumerate(lines):
                if k == len(piece):
                    rest = "\n".join(lines[n:]).strip()
                    found[k] = "" if POINTS.fullmatch(rest) else POINTS.sub("", rest).strip()
                    break
                k += line.strip() == piece[k]
        return found[max(found)] if found else ""

    def has(self, kind: str, source: str) -> bool:
        """Whether a cell was handed out, as it is or before somebody edited it."""
        if kind != "code":
            head = _head(source)
            return _plain(source) in self.texts or (head != "" and head in self.heads)
        if _plain(source) in self.code or source.lstrip().startswith("# @title Set-up"):
            return True
        names = {interface_name(name) for name in defined(source)}
        asked = {task for task, _ in checked(parse(source))}
        return not self.answers.isdisjoint(names) or not self.tasks.isdisjoint(asked)


def _head(source: str) -> str:
    """The first line of a text, if it is a heading, without blanks and marks."""
    first = next((line.strip() for line in source.split("\n") if line.strip()), "")
    return " ".join(first.lstrip("#").split()).lower() if first.startswith("#") else ""


def _plain(source: str) -> str:
    """A cell without blanks at the ends of lines, empty lines, and lines on what it needs."""
    lines = [line.strip() for line in source.split("\n")]
    kept = [line for line in lines if line and not line.startswith("# needs:")]
    return "\n".join(line for line in kept if not POINTS.fullmatch(line))


def _without(source: str, name: str) -> str:
    """A cell of an answer without the line above it and what stood there to be replaced."""
    lines = source.split("\n")
    kept = [line for line in lines if not place.name_of(line, [name])]
    empty = place.EMPTY.strip("*.").lower()
    kept = [line for line in kept if line.strip().strip("*_. ").lower() != empty]
    return "\n".join(kept).strip()


def _fenced(source: str) -> str:
    """Code as Markdown, in a fence that is longer than any in it."""
    if not source.strip():
        return ""
    longest = max((len(run) for run in re.findall("`+", source)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}python\n{source.rstrip()}\n{fence}"

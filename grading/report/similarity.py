"""Which answers of a class have the same structure, though their text may differ.

``grading.read.structure`` says what of a file is compared. Here the files of a class meet: through
an index from each hash to the files that hold it, so that only files that share something are
looked at. It is a reason to talk to somebody, and no proof of anything.
"""

from __future__ import annotations

import csv
import heapq
import html
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from grading.make.lab import Lab
from grading.read import structure
from grading.read.cleaning import clean
from grading.read.reading import Submitted
from grading.run import limited

from .results import Row, harmless

# Below these, honest answers of the tests meet: see tests/grading/test_similarity.py.
SMALLEST = 8  # hashes that the smaller of two answers must have, and that both must share
SCORE = 0.5  # share of the smaller one's hashes that the other has
# What more students than this hold is what the task asks for: so many, or so large a share.
COMMON, COMMON_SHARE = 5, 0.1
MOST_PAIRS, MOST_SHOWN, MOST_LINES = 5_000, 30, 60
AT_ONCE = 32  # files in one process
SECONDS, MEMORY = 5.0, 500_000_000  # of processor time, and bytes, for such a process
STYLE = """<style>.same pre{font-size:.8rem;line-height:1.35;white-space:pre-wrap;margin:0}
.same td{width:50%}.same mark{background:#ffe9a8;color:inherit;display:block}</style>"""
ABOUT = (
    "Answers whose code has the same structure when names, numbers, texts, comments, layout and "
    "the order of independent statements are left out. What was handed out, the book's solution, "
    "and what more than {common} students share are not counted. The same structure can have "
    "many reasons, an obvious way to write it among them; ask both to explain it."
)


@dataclass(frozen=True)
class Pair:
    """Two files whose answers to a task share structure."""

    task: str
    one: str
    two: str
    score: float  # share of the smaller answer's hashes that the other has, too
    shared: int  # hashes
    sizes: tuple[int, int]  # hashes of each that are counted


Structures = Mapping[str, Mapping[str, structure.Structure]]  # by file and task


@dataclass(frozen=True)
class Alike:
    """The pairs of a class, the largest first; what more than ``common`` students share is out."""

    pairs: list[Pair]
    common: int


def answers(lab: Lab) -> dict[str, str]:
    """The tasks whose answers are code, with their names."""
    return {task.name: task.answer for task in lab.tasks if not task.spec}


def read(files: Mapping[str, Submitted], lab: Lab) -> dict[str, dict | None]:
    """The structure of the answers of each file; None where it takes too much to find.

    In processes of their own: code that somebody else wrote may cost a lot to read. Many files
    share one, because a fork costs more than a file; where one of them takes too much, each of
    them gets its own.
    """
    asked = answers(lab)
    if not asked:
        return {}
    known = structure.runs(lab.handed_out)

    def made(names: list[str]) -> dict[str, dict | None]:
        def plain() -> dict:
            parts = [(name, files[name].cells, files[name].skipped) for name in names]
            return {name: structure.of(*what, asked, known) for name, *what in parts}

        try:
            return limited.call(plain, memory=MEMORY, seconds=SECONDS)
        except limited.TooMuch:
            if len(names) == 1:
                return {names[0]: None}
            return {file: part for name in names for file, part in made([name]).items()}

    names, found = list(files), {}
    for k in range(0, len(names), AT_ONCE):
        found |= made(names[k : k + AT_ONCE])
    return found


def compare(found: Structures, owner: Callable[[str], object]) -> Alike:
    """The pairs of a class that share most; at most MOST_PAIRS.

    ``owner``: whose file it is. Files of one student, or of one group, are not compared.
    """
    best: list[tuple[int, float, int, Pair]] = []
    number = 0
    common = max(COMMON, int(COMMON_SHARE * len({owner(file) for file in found})))
    for task in dict.fromkeys(task for answers in found.values() for task in answers):
        for pair in _of_task(task, found, owner, common):
            number -= 1  # of equals the first one
            heapq.heappush(best, (pair.shared, pair.score, number, pair))
            if len(best) > MOST_PAIRS:
                heapq.heappop(best)
    ordered = sorted(best, key=lambda item: item[:3], reverse=True)
    return Alike([pair for *_, pair in ordered], common)


def _of_task(
    task: str, found: Structures, owner: Callable[[str], object], common: int
) -> Iterator[Pair]:
    files = sorted(file for file in found if found[file].get(task, {}).get("prints"))
    hashes = [{value for value, *_ in found[file][task]["prints"]} for file in files]
    owners = [owner(file) for file in files]
    holders: dict[int, list[int]] = defaultdict(list)
    for k, values in enumerate(hashes):
        for value in values:
            holders[value].append(k)
    rare = {
        value: places for value, places in holders.items()
        if len(places) <= common or len({owners[k] for k in places}) <= common
    }  # fmt: skip
    counted = [values & rare.keys() for values in hashes]
    for k, values in enumerate(counted):
        if len(values) < SMALLEST:
            continue
        shared = Counter(other for value in values for other in rare[value] if other > k)
        for other, count in sorted(shared.items()):
            smaller = min(len(values), len(counted[other]))
            if count < SMALLEST or count < SCORE * smaller or owners[k] == owners[other]:
                continue
            sizes = len(values), len(counted[other])
            yield Pair(task, files[k], files[other], count / smaller, count, sizes)


def table(found: Alike, rows: Mapping[str, Row]) -> str:
    """``similarity.csv``: one line for each pair and task."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    head = ["task", "file_1", "student_1", "file_2", "student_2"]
    writer.writerow([*head, "score", "shared", "size_1", "size_2"])
    for pair in found.pairs:
        names = [text for file in (pair.one, pair.two) for text in (file, rows[file].student)]
        numbers = [f"{pair.score:.2f}", str(pair.shared), *map(str, pair.sizes)]
        writer.writerow([harmless(cell) for cell in [pair.task, *names, *numbers]])
    return out.getvalue()


def page(
    found: Alike, structures: Structures, rows: Mapping[str, Row], left_out: list[str]
) -> str:
    """The part of the class report: the most alike, their code side by side, as HTML.

    ``left_out``: files whose structure took too much to find.
    """
    about = ABOUT.format(common=found.common)
    out = ["<h2>Same structure</h2>", STYLE, f"<p>{about}</p>"]
    if not found.pairs:
        out.append("<p>No two answers are alike enough to be named.</p>")
    for pair in found.pairs[:MOST_SHOWN]:
        out.append(_shown(pair, structures, rows))
    more = len(found.pairs) - MOST_SHOWN
    if more > 0:
        more = f"{more:,} more" if len(found.pairs) < MOST_PAIRS else "More"
        out.append(f"<p>{more} are in <code>similarity.csv</code>.</p>")
    if left_out:
        names = html.escape(", ".join(left_out[:20]) + (" ..." if len(left_out) > 20 else ""))
        out.append(f"<p>Not compared, because their code takes too much to read: {names}.</p>")
    return "\n".join(out)


def _shown(pair: Pair, structures: Structures, rows: Mapping[str, Row]) -> str:
    files = pair.one, pair.two
    both = [structures[file][pair.task] for file in files]
    same = {value for value, *_ in both[0]["prints"]} & {value for value, *_ in both[1]["prints"]}
    heads = "".join(
        f"<th>{html.escape(rows[file].student)}<br><small>{html.escape(file)}, {size} "
        "fingerprints</small></th>" for file, size in zip(files, pair.sizes)
    )  # fmt: skip
    cells = "".join(f"<td><pre>{_marked(one, same)}</pre></td>" for one in both)
    title = f"{html.escape(pair.task)}: {pair.score:.0%} the same, {pair.shared} fingerprints"
    names = " and ".join(html.escape(rows[file].student) for file in files)
    return (
        f'<details class="same"><summary>{title}; {names}</summary>'
        f"<table><tr>{heads}</tr><tr>{cells}</tr></table></details>"
    )


def _marked(one: structure.Structure, same: set[int]) -> str:
    """The code of an answer from the first line that is shared, with these lines marked."""
    marked = {
        line for value, first, last in one["prints"] if value in same
        for line in range(first, last + 1)
    }  # fmt: skip
    lines = str(one["code"]).split("\n")
    start = max(min(marked, default=1) - 1, 1)
    shown = []
    for number, line in enumerate(lines[start - 1 :][:MOST_LINES], start):
        text = html.escape(clean(line.expandtabs(4), 200, lines=True)) or " "
        shown.append(f"<mark>{text}</mark>" if number in marked else f"{text}\n")
    if len(lines) - start + 1 > MOST_LINES:
        shown.append(f"... {len(lines) - start + 1 - MOST_LINES} more lines")
    return "".join(shown)

"""Join the shards of a class: ``python -m grading.shards.merge --out FOLDER --from FOLDER,FOLDER``.

Checks that no file is missing, doubled or stale, and then writes what one machine would have
written, byte for byte. No submission is read again.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import defaultdict
from pathlib import Path

from grading import grade
from grading.make import lab, problems
from grading.make.lab import ROOT, Lab, LabError
from grading.read.submissions import NoSubmissions
from grading.report import kept, moodle
from grading.run import sandbox
from grading.run.keeper import write_atomically
from publish.page.frontmatter import FrontMatterError
from publish.page.parser import PageError

from . import manifest, secret
from .manifest import Manifest
from .split import ShardError

MOST_NAMES = 8  # in one sentence
Found = list[tuple[Path, Manifest]]


def gather(folders: list[Path]) -> Found:
    """What the shards below these folders left, in their order. Raises ShardError."""
    found: Found = []
    for folder in folders:
        if not folder.is_dir():
            raise ShardError(f"FROM={folder} is no folder.")
        for path in manifest.every(folder):
            made = manifest.read(path)
            if made is None:
                raise ShardError(f"{path} is damaged. Remove it, and run that shard again.")
            found.append((folder, made))
    if not found:
        places = ", ".join(map(str, folders))
        raise ShardError(
            f"In {places} lies no shard that has come to its end. First: make grade ... SHARD=1/4 "
            "to SHARD=4/4, with that OUT, or name their folders: FROM=folder,folder."
        )
    _same_class(found)
    _all_there(found)
    return sorted(found, key=lambda one: one[1].number)


def _same_class(found: Found) -> None:
    """That all are of one assignment, one split and one set of files. Raises ShardError."""
    for kind, word in ((lambda made: f"lab {made.lab}", "assignments"),
                       (lambda made: f"{made.of} shards", "splits")):
        kinds = defaultdict(list)
        for folder, made in found:
            kinds[kind(made)].append(manifest.place(folder, made.shard))
        if len(kinds) > 1:
            fewest = min(kinds.values(), key=len)
            raise ShardError(
                f"There are shards of several {word}: {' and '.join(sorted(kinds))}. Merge those "
                f"of one; take away the others, for example {_some(fewest)}."
            )
    (_, first), *others = found
    for _, made in others:
        if made.units != first.units:
            names = _some(sorted(set(made.units) ^ set(first.units)))
            raise ShardError(
                f"Shards {first.shard} and {made.shard} did not see the same files: {names}. Run "
                "all shards again on what is handed in now; what is graded is kept."
            )
        if (made.messages, made.worksheets) != (first.messages, first.worksheets):
            raise ShardError(
                f"Shards {first.shard} and {made.shard} did not see the same tables of the "
                "learning system beside the files. Run all shards again; what is graded is kept."
            )
    secrets = {folder: secret.kept(folder) for folder, _ in found}
    one = found[0][0]
    for other, text in secrets.items():
        if text != secrets[one]:
            raise ShardError(
                f"{one} and {other} were graded with different secrets, so right answers were "
                f"tried on different inputs. Run the shards of {other} again, in an empty OUT, "
                f"with SECRET={one}/results/{secret.NAME}."
            )


def _all_there(found: Found) -> None:
    """That each shard is there once, and each file in one of them. Raises ShardError."""
    places: dict[int, list[Path]] = defaultdict(list)
    for folder, made in found:
        places[made.number].append(folder)
    of, units = found[0][1].of, found[0][1].units
    for number, folders in sorted(places.items()):
        if len(folders) > 1:
            raise ShardError(
                f"Shard {number}/{of} lies in {_some(folders)}. Take all of these but one out of "
                "FROM."
            )
    missing = [f"{k}/{of}" for k in range(1, of + 1) if k not in places]
    if missing:
        raise ShardError(
            f"{len(missing)} of {of} shards are missing, or have not come to their end: "
            f"SHARD={_some(missing)}. Run these again; what they have graded is kept."
        )
    held: dict[str, list[int]] = defaultdict(list)
    for _, made in found:
        for unit in made.own:
            held[unit].append(made.number)
    lost = sorted(set(units) - set(held))
    twice = sorted(unit for unit, numbers in held.items() if len(numbers) > 1)
    for what, names in (("no shard", lost), ("several shards", twice)):
        if names:
            raise ShardError(
                f"In {what}: {_some(names)}. The shards were made by different versions of this "
                "program: run all again with one."
            )


def join(found: Found, this: Lab, out: Path) -> grade.Grader:
    """A grader that knows all rows; what lies elsewhere is copied to ``out``. Raises ShardError."""
    stale = [str(made.shard) for _, made in found if made.fingerprint != this.fingerprint]
    if stale:
        raise ShardError(
            f"SHARD={_some(stale)}: graded by another version of this program, or with other "
            "tasks, points or keys than here. Run these again with this version, or merge with "
            "theirs."
        )
    grader, copies = grade.Grader(this, out, 1), []
    for folder, made in found:
        rows = {file: kept.read(folder, file) for file in made.files}
        lost = [f for f, one in rows.items() if one is None or one.lines is None]
        other = [f for f, one in rows.items() if f not in lost and one.row.key != made.files[f]]
        for what, files in (("lost or damaged", lost), ("of another version of the file", other)):
            if files:
                raise ShardError(
                    f"Shard {made.shard} in {folder}: the results of {_some(files)} are {what}. "
                    f"Run SHARD={made.shard} again; what else it has graded is kept."
                )
        copies += rows.values() if folder.resolve() != out.resolve() else []
        for file, one in rows.items():
            grader.rows[file], grader.lines[file] = one.row, one.lines
    if copies:
        ours, theirs = secret.kept(out), secret.kept(found[0][0])
        if ours and ours != theirs:
            raise ShardError(
                f"{out} holds results that were graded with another secret. Merge into another OUT."
            )
        write_atomically(out / "results" / secret.NAME, theirs)
    for one in copies:
        kept.write(out, one)
    _walls(found, grader)
    return grader


def _walls(found: Found, grader: grade.Grader) -> None:
    """Which walls stood: in one sentence if the same everywhere, as one machine says it."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for _, made in found:
        kinds[sandbox.told(made.walls)].append(str(made.shard))
    grader.told = list(found[0][1].messages)
    if len(kinds) == 1:
        grader.walls = found[0][1].walls
    else:
        grader.told += [f"Walls of shard {', '.join(s)}: {how}." for how, s in kinds.items()]


def merge(
    out: Path,
    folders: list[Path],
    sheets: list[moodle.Worksheet],
    *,
    root: Path = ROOT,
    assignment: Path | None = None,
) -> grade.Grader:
    """Join the shards, and write all that one machine writes; nothing, if anything is wrong.

    ``assignment`` is what was handed out, for the keys of its practice problems. Raises ShardError,
    LabError, PageError or FrontMatterError.
    """
    found = gather(folders)
    number = found[0][1].lab
    handed_out = assignment or ROOT / "dist" / f"lab{number}"
    this = lab.load(number, root, source=problems.kept(handed_out))
    grader = join(found, this, out)
    rows = [grader.rows[file] for file in sorted(grader.rows)]
    grader.write(rows, [*sheets, *found[0][1].sheets])
    kept.clear(out)
    return grader


def _some(names: list) -> str:
    """Names in a sentence; of very many the first ones."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(map(str, names[:MOST_NAMES])) + more


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m grading.shards.merge",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, required=True, help="where the grades go")
    parser.add_argument(
        "--from",
        dest="folders",
        default="",
        help="folders of results of shards, with commas between them; default: --out",
    )
    parser.add_argument("--worksheet", type=Path, action="append", default=[])
    parser.add_argument("--assignment", type=Path, help="default: dist/lab<n>")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    named = [Path(name.strip()) for name in options.folders.split(",") if name.strip()]
    # one folder by two names is one folder
    folders = list({os.path.realpath(path): path for path in named or [options.out]}.values())
    try:
        sheets = grade.worksheets(options.worksheet)
        grader = merge(
            options.out, folders, sheets, root=options.root, assignment=options.assignment
        )
    except (LabError, PageError, FrontMatterError, NoSubmissions, ShardError) as error:
        print(error, file=sys.stderr)
        return 1
    print(grade.counted(list(grader.rows.values())) + ".")
    for sentence in grader.told:
        print(sentence)
    out = options.out
    print(f"Grades: {out / 'grades.csv'}; class report: {out / 'report.html'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

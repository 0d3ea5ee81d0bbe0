"""Join the shards of a class: ``python -m grading.shards.merge LAB --from FOLDER,FOLDER``.

Checks that no file is missing, doubled or stale, and then writes what one machine would have
written, byte for byte. No submission is read again. Marks by hand are those below ``--out``.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import defaultdict
from pathlib import Path

from grading import assigned, grade
from grading.make import each
from grading.make.lab import Lab, LabError
from grading.marking import marks, requests
from grading.read.submissions import NoSubmissions
from grading.read.tables import TableError
from grading.report import kept, moodle
from grading.report.results import Row
from grading.roster import inputs, owners
from grading.roster.inputs import Inputs
from grading.run import sandbox
from grading.run.keeper import write_atomically
from publish.page.frontmatter import FrontMatterError
from publish.page.parser import PageError

from . import manifest, secret
from .manifest import Manifest
from .split import ShardError

MOST_NAMES = 8  # in one sentence
Found = list[tuple[Path, Manifest]]


def gather(folders: list[Path], this: Lab) -> Found:
    """What the shards of an assignment left below these folders, in order. Raises ShardError."""
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
    _same_class(found, this)
    _all_there(found)
    return sorted(found, key=lambda one: one[1].number)


def _same_class(found: Found, this: Lab) -> None:
    """That all are of this assignment, one split and one set of files. Raises ShardError."""
    others = {made.assignment: str(manifest.place(folder, made.shard))
              for folder, made in found if made.assignment != this.name}
    if others:
        (name, path), *_ = others.items()
        raise ShardError(
            f"{path} is a shard of the assignment '{name}', and you asked for '{this.name}'. Say "
            "which one (FILE=assignments/name.yml, or LAB=6), and take shards of others away."
        )
    splits = defaultdict(list)
    for folder, made in found:
        splits[f"{made.of} shards"].append(manifest.place(folder, made.shard))
    if len(splits) > 1:
        fewest = min(splits.values(), key=len)
        raise ShardError(
            f"There are shards of several splits: {' and '.join(sorted(splits))}. Merge those of "
            f"one; take away the others, for example {_some(fewest)}."
        )
    (_, first), *rest = found
    for _, made in rest:
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


def join(found: Found, grader: grade.Grader, sheets: list[moodle.Worksheet]) -> list[str]:
    """Give all rows to a grader; what lies elsewhere is copied to its folder.

    Returns what is to be told of this merge, and in no report. Raises ShardError.
    """
    this, out = grader.lab, grader.out
    stale = [str(made.shard) for _, made in found
             if (made.fingerprint, made.problems) != (this.fingerprint, manifest.problems(this))]
    if stale:
        raise ShardError(
            f"SHARD={_some(stale)}: graded by another version of this program, or with other "
            "tasks, points or keys than here. Run these again with this version, or merge with "
            "theirs."
        )
    told = _given(found, grader.inputs)
    _by_hand(found, out)
    copies: list[kept.Kept] = []
    for folder, made in found:
        rows = {file: kept.read(folder, file) for file in made.files}
        lost = [f for f, one in rows.items() if one is None or one.traces is None]
        other = [f for f, one in rows.items() if f not in lost and one.row.key != made.files[f]]
        older = [f for f, one in rows.items() if f not in lost and one.stamp != grader.stamp]
        for what, files in (("lost or damaged", lost), ("of another version of the file", other),
                            ("kept by another version of this program, or with other pages of the "
                             "book", older)):
            if files:
                raise ShardError(
                    f"Shard {made.shard} in {folder}: the results of {_some(files)} are {what}. "
                    f"Run SHARD={made.shard} again; what else it has graded is kept."
                )
        copies += rows.values() if folder.resolve() != out.resolve() else []
        for file, one in rows.items():
            grader.rows[file], grader.traces[file] = one.row, one.traces
    _whose(found, grader, sheets)
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
    return told


def _given(found: Found, here: Inputs) -> list[str]:
    """That what the shards were given is given here, too; where it differs. Raises ShardError."""
    ours, other = manifest.given(here), defaultdict(list)
    for _, made in found:
        missing = [name for name in made.given if name not in ours]
        if missing:
            raise ShardError(
                f"Shard {made.shard} was given {' and '.join(missing)}. Grades are made here: give "
                f"make grade-merge the same, {' '.join(f'{name}=file' for name in missing)}."
            )
        for name, digest in made.given.items():
            if digest != ours[name]:
                other[name].append(str(made.shard))
    return [f"{name} says something else here than it did to SHARD={_some(shards)}: what it says "
            "here counts." for name, shards in other.items()]


def _whose(found: Found, grader: grade.Grader, sheets: list[moodle.Worksheet]) -> None:
    """That each file was judged by the problems of whom it belongs to. Raises ShardError."""
    if not each.varying(grader.lab):
        return
    rows: list[Row] = [grader.rows[file] for file in sorted(grader.rows)]
    grader.called = owners.of_rows(rows, grader.inputs.roster, sheets)
    ours = manifest.given(grader.inputs).get("ROSTER", "")
    others = [(made, file) for _, made in found for file, key in made.files.items()
              if key.partition("-")[2] != grader.graded_as(grader.rows[file])]
    if others:
        files = [file for _, file in others]
        shards = list(dict.fromkeys(str(made.shard) for made, _ in others))
        same = all(made.given.get("ROSTER", "") == ours for made, _ in others)
        why = "the tables beside differ" if same else "the ROSTER here is another one"
        raise ShardError(
            f"{len(files)} files were judged by the practice problems of others than to whom they "
            f"belong by what is given here ({_some(files)}): {why}. Run "
            f"SHARD={_some(shards)} again with the ROSTER (and the WORKSHEET) of the merge; "
            "only these files are graded once more."
        )


def _by_hand(found: Found, out: Path) -> None:
    """That no mark by hand lies in the folder of a shard alone. Raises ShardError."""
    for folder in dict.fromkeys(folder for folder, _ in found):
        if folder.resolve() == out.resolve():
            continue
        for part in (marks.FOLDER, requests.FOLDER):
            for path in sorted((folder / part).glob("*.yml")):
                ours = out / part / path.name
                here = ours.read_bytes() if ours.is_file() else b""
                if not here.startswith(path.read_bytes()):
                    raise ShardError(
                        f"{path} holds what somebody marked by hand, and {ours} does not. Copy it "
                        f"there, or take it out of {folder}: nothing by hand is merged by itself."
                    )


def _walls(found: Found, grader: grade.Grader) -> None:
    """Which walls stood: in one sentence if the same everywhere, as one machine says it."""
    kinds: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for _, made in found:
        kinds[sandbox.told(made.walls), *made.around].append(str(made.shard))
    first = found[0][1]
    grader.told = list(first.messages)
    if len(kinds) == 1:
        grader.walls, grader.around = first.walls, first.around
        return
    for how, shards in kinds.items():
        grader.told.append(f"Walls of shard {', '.join(shards)}: {'; '.join(how).rstrip('.')}.")


def merge(
    this: Lab,
    out: Path,
    folders: list[Path],
    sheets: list[moodle.Worksheet],
    given: Inputs | None = None,
) -> tuple[grade.Grader, list[str]]:
    """Join the shards, and write all that one machine writes; nothing, if anything is wrong.

    The grader, and what is to be told of the merge. Raises ShardError.
    """
    found = gather(folders, this)
    grader = grade.Grader(this, out, 1, given=given)
    sheets = [*sheets, *found[0][1].sheets]
    told = join(found, grader, sheets)
    grader.write([grader.rows[file] for file in sorted(grader.rows)], sheets)
    kept.clear(out)
    return grader, told


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
    assigned.arguments(parser)
    parser.add_argument(
        "--from",
        dest="folders",
        default="",
        help="folders of results of shards, with commas between them; default: --out",
    )
    parser.add_argument("--worksheet", type=Path, action="append", default=[])
    parser.add_argument("--roster", type=Path, help="who is in the class: a CSV file")
    parser.add_argument("--extensions", type=Path, help="CSV with the columns id, due or days, why")
    parser.add_argument("--times", type=Path, help="CSV with the columns id (or file) and time")
    options = parser.parse_args(argv)
    try:
        this = assigned.load(options)
        named = [Path(name.strip()) for name in options.folders.split(",") if name.strip()]
        # one folder by two names is one folder
        folders = {os.path.realpath(path): path for path in named or [options.out]}
        given = inputs.read(
            inputs.terms(this), options.roster, options.extensions, options.times
        )
        sheets = grade.worksheets(options.worksheet)
        grader, told = merge(this, options.out, list(folders.values()), sheets, given)
    except (
        LabError, PageError, FrontMatterError, NoSubmissions, TableError, ShardError
    ) as error:
        print(error, file=sys.stderr)
        return 1
    grade.tell(grader, more=told)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""A class on many machines: each file in one shard, and joined it is what one machine gives.

The classes here hold nothing that runs; ``test_chaos.py`` grades notebooks, and kills.
"""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import re
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from grading import grade
from grading.read import archives, submissions
from grading.report import kept
from grading.run import keeper
from grading.shards import manifest, merge, secret, split
from grading.shards.split import Shard, ShardError
from tests.grading import small_lab

SHEET = ("Identifier,Full name,Status,Grade,Maximum grade,Grade can be changed,"
         "Last modified (grade),Feedback comments\n"
         "Participant 71,Ada,Submitted,,18.00,Yes,-,\n"
         "Participant 72,Ben,Submitted,,18.00,Yes,-,\n")  # fmt: skip


# -- which files


def test_a_name_tells_the_shard_and_nothing_else_does():
    names = [(f"student{k}", "lab6.ipynb") for k in range(400)]
    for of in (1, 3, 16):
        found = [[k for k in range(1, of + 1) if Shard(k, of).holds(n)] for n in names]
        assert all(len(one) == 1 for one in found)
        sizes = [sum(one == [k] for one in found) for k in range(1, of + 1)]
        assert min(sizes) > 400 / of / 2  # none has most of the work
    # a machine with another version must agree: these never change
    assert [next(k for k in range(1, 17) if Shard(k, 16).holds((name,)))
            for name in ("a.ipynb", "b.zip", "学生.ipynb")] == [5, 7, 11]
    inside = [("class", "x.ZIP"), ("class", "x.ZIP", "a.ipynb"), ("class", "x.ZIP", "b", "c.zip")]
    assert {split.unit(parts) for parts in inside} == {"class/x.ZIP"}


@pytest.mark.parametrize("text", ["0/4", "5/4", "4", "a/b", "1/0", "-1/4", "1/4/2", "1/99999", ""])
def test_no_shard(text):
    with pytest.raises(ShardError, match="Write number/count"):
        split.parse(text)
    assert str(split.parse(" 3/16 ")) == "3/16"


def _nasty(folder: Path) -> Path:
    """A class with all that makes names and owners hard."""
    for k in range(9):
        path = folder / f"ada{k}_{1000 + k}_{90_000 + k}_lab.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"no notebook {k}")
    # read in two ways, of which the other names tell the right one
    (folder / "ab_123456_7890_90009_lab.ipynb").write_text("two readings")
    for k in range(1, 6):
        one = folder / f"submission_{k}"
        one.mkdir()
        (one / "lab.ipynb").write_text("x")
        with zipfile.ZipFile(folder / f"zip{k}.zip", "w") as archive:
            archive.writestr("a/lab.ipynb", "x")
            archive.writestr("a/more.ipynb", "y")
            archive.writestr("table.csv", SHEET)
    (folder / "submission_metadata.yml").write_text(
        "submission_2:\n  :submitters:\n  - :name: Bo\n    :sid: '22'\n")
    (folder / "sheet.csv").write_text(SHEET)
    (folder / "notes.csv").write_text("a,b\n1,2\n")
    (folder / "nothing").mkdir()
    (folder / "link.ipynb").symlink_to(folder / "notes.csv")
    (folder / "broken.zip").write_bytes(b"PK no zip")
    (folder / "empty.zip").write_bytes(b"")
    return folder


def _zipped(folder: Path, target: Path) -> Path:
    """The same as a learning system's zip, with one name twice."""
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if not path.is_symlink():
                archive.write(path, path.relative_to(folder))
        for text in ("second", "third"):
            archive.writestr("notes.csv", text)
        archive.writestr("notes.csv (2)", "has that name by itself")
    return target


def _plain(found) -> list:
    """Submissions without the place to which they were unpacked."""
    return [(dataclasses.replace(s, path=None), s.path and s.path.read_bytes()) for s in found]


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_shards_find_what_one_machine_finds(kind, tmp_path, monkeypatch):
    source = _nasty(tmp_path / "in")
    if kind == "zip":
        source = _zipped(source, tmp_path / "class.zip")
    monkeypatch.setattr(archives, "LARGEST_CLASS", 2_000)  # the last files have no room
    whole = submissions.find(source, tmp_path / "whole")
    names = [s.file for s in whole.submissions]
    assert len(names) == len(set(names)) > 20
    if kind == "zip":
        assert {"notes.csv", "notes.csv (2)", "notes.csv (3)", "notes.csv (4)"} <= set(names)
        assert any(s.problem and s.problem[0] == "too_large" for s in whole.submissions)
    assert "7890" in {s.student_id for s in whole.submissions}
    lonely = [submissions.find(source, tmp_path / f"v{k}", Shard(k, 40)) for k in range(1, 41)]
    assert {0, 1} <= {len(part.submissions) for part in lonely}
    alone = [s for part in lonely for s in part.submissions]
    assert sorted(_plain(alone), key=repr) == sorted(_plain(whole.submissions), key=repr)
    parts = [submissions.find(source, tmp_path / f"u{k}", Shard(k, 4)) for k in range(1, 5)]
    found = [s for part in parts for s in part.submissions]
    assert sorted(_plain(found), key=repr) == sorted(_plain(whole.submissions), key=repr)
    for part in parts:
        assert 0 < len(part.submissions) < len(names)
        assert (part.units, part.messages) == (whole.units, whole.messages)
        assert part.worksheets == whole.worksheets
        assert [sheet.name for sheet in part.worksheets] == ["sheet.csv"]
    assert sorted(unit for part in parts for unit in part.own) == whole.units


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_shard_opens_its_own_files_only(kind, tmp_path, monkeypatch):
    source = _nasty(tmp_path / "in")
    if kind == "zip":
        source = _zipped(source, tmp_path / "class.zip")
    opened, copied = [], []
    real = zipfile.ZipFile
    extract = archives.Files._extract
    monkeypatch.setattr(archives.zipfile, "ZipFile",
                        lambda path: opened.append(path) or real(path))
    monkeypatch.setattr(archives.Files, "_extract", lambda self, archive, member: copied.append(
        member.filename) or extract(self, archive, member))
    for k in range(1, 5):
        opened.clear()
        copied.clear()
        part = submissions.find(source, tmp_path / f"u{k}", Shard(k, 4))
        zips = [unit for unit in part.own if unit.endswith(".zip")]
        assert len(opened) == len(zips) + (kind == "zip")
        own = [s for s in part.submissions if s.path is not None and tmp_path / f"u{k}"
               in s.path.parents]
        tables = [name for name in copied if archives.is_table(name.rpartition("/")[2])]
        assert len(copied) <= len(own) + len(zips) + len(tables)


# -- joined


@pytest.fixture
def classes(tmp_path):
    """A class of files that are read and not run."""
    return _class(tmp_path / "in")


@pytest.fixture(scope="module")
def three(small, tmp_path_factory):
    """The same in three shards, to be copied and spoilt."""
    place = tmp_path_factory.mktemp("three")
    for k in (1, 2, 3):
        _grade(small, _class(place / "in"), place / "out", f"{k}/3")
    return place / "out"


def _class(source: Path) -> Path:
    for k in range(14):
        name = (f"ada{k}_{1000 + k}_{90_000 + k}_lab.ipynb",
                f"Ada No {k}_{70 + k}_assignsubmission_file_/lab.ipynb")[k % 2]
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(("", "no notebook", '{"cells": []}')[k % 3])
    (source / "sheet.csv").write_text(SHEET)
    return source


def _grade(small, source: Path, out: Path, shard: str = "", **options) -> grade.Grader:
    grader = grade.Grader(small, out, 1, shard=split.parse(shard) if shard else None, **options)
    grader.run(source, quiet=True)
    return grader


def _written(out: Path) -> dict[str, bytes]:
    """What is for people, and not measured."""
    return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()
            and "results" not in p.parts and p.name != "seconds.csv"}


def _merge(root: Path, out: Path, *folders: Path) -> int:
    return merge.main([str(small_lab.NUMBER), "--out", str(out), "--root", str(root), "--from",
                       ",".join(map(str, folders))])


def test_merged_is_what_one_machine_gives(classes, small, root, tmp_path, capsys):
    one, shared, joined = tmp_path / "one", tmp_path / "shared", tmp_path / "joined"
    apart = [tmp_path / f"apart{k}" for k in (1, 2, 3)]
    for k in (3, 1, 2):
        _grade(small, classes, shared, f"{k}/3")
    key = shared / "results" / secret.NAME
    assert {p.name for p in shared.iterdir()} == {"results"}
    for k, out in enumerate(apart, start=1):
        _grade(small, classes, out, f"{k}/3", secret_file=key)
    before = _grade(small, classes, one, secret_file=key)
    assert _merge(root, shared) == 0
    assert _merge(root, joined, *apart) == 0
    wanted = _written(one)
    assert len(wanted) == 2 * 14 + 6 and "gradebook_moodle.csv" in wanted
    assert _written(shared) == wanted and _written(joined) == wanted
    assert "14 files: 14 rejected." in capsys.readouterr().out
    # one machine can go on from what was merged, and grades nothing
    results = {p.name: p.read_bytes() for p in (joined / "results").glob("*.json")}
    after = _grade(small, classes, joined)
    assert {p.name: p.read_bytes() for p in (joined / "results").glob("*.json")} == results
    assert after.told == before.told and _written(joined) == wanted


def _change(path: Path, **values) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def _first(out: Path) -> str:
    """A file of the second shard."""
    return next(iter(manifest.read(manifest.place(out, Shard(2, 3))).files))


def _second(out: Path) -> Path:
    return manifest.place(out, Shard(2, 3))


FAULTS = {
    "missing": (lambda out: _second(out).unlink(), r"1 of 3 shards are missing.*SHARD=2/3\. Run"),
    "nothing": (lambda out: shutil.rmtree(out / "results" / "shards"), "lies no shard that has"),
    "no_folder": (lambda out: shutil.rmtree(out), "is no folder"),
    "damaged": (lambda out: _second(out).write_text("{"), "2-of-3.json is damaged. Remove it"),
    "other_split": (lambda out: _change(_second(out), of=4),
                    "several splits: 3 shards and 4 shards.*take away.*2-of-4"),
    "other_lab": (lambda out: _change(_second(out), assignment="week06_x"),
                  "2-of-3.json is a shard of the assignment 'week06_x', and you asked for 'lab90'"),
    "other_grader": (lambda out: _change(_second(out), fingerprint="0"),
                     "SHARD=2/3: graded by another version"),
    "other_files": (lambda out: _change(_second(out), units=[
        *manifest.read(_second(out)).units, "new.ipynb"]),
                    "Shards 1/3 and 2/3 did not see the same files: new.ipynb"),
    "other_tables": (lambda out: _change(_second(out), worksheets=[]), "the same tables"),
    "not_held": (lambda out: _change(_second(out), own=[]), "In no shard: .*ipynb"),
    "held_twice": (lambda out: _change(_second(out), own=manifest.read(
        manifest.place(out, Shard(1, 3))).own + manifest.read(_second(out)).own),
        "In several shards: .*ipynb"),
    "lost": (lambda out: kept.place(out, _first(out)).unlink(),
             "Shard 2/3 in .*: the results of .*lab.ipynb are lost or damaged. Run SHARD=2/3"),
    "cut": (lambda out: kept.place(out, _first(out)).write_text('{"file": "x'), "lost or damaged"),
    "stale": (lambda out: _change(kept.place(out, _first(out)), key="of another day"),
              "are of another version of the file. Run SHARD=2/3 again"),
    "other_traces": (lambda out: _change(kept.place(out, _first(out)), stamp="0"),
                     "are kept by another version of this program.* Run SHARD=2/3 again"),
    "marked": (lambda out: keeper.write_atomically(out / "marks" / "canvas-1.yml", "- task: x"),
               "marks/canvas-1.yml holds what somebody marked by hand.*Copy it there"),
    "given": (lambda out: _change(_second(out), given={"ROSTER": "0", "TIMES": "0"}),
              "Shard 2/3 was given ROSTER and TIMES.*ROSTER=file TIMES=file"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_is_said_and_nothing_is_written(name, three, root, tmp_path, capsys):
    out = shutil.copytree(three, tmp_path / "out")
    fault, words = FAULTS[name]
    fault(out)
    assert _merge(root, tmp_path / "joined", out) == 1
    told = capsys.readouterr().err
    assert re.search(words, told) and "Traceback" not in told
    assert not (tmp_path / "joined").exists()


def test_folders_that_do_not_belong_together(classes, small, root, tmp_path, capsys):
    a, b, copy = (tmp_path / name for name in ("a", "b", "copy"))
    _grade(small, classes, a, "1/2")
    _grade(small, classes, b, "2/2")
    assert _merge(root, tmp_path / "joined", a, b) == 1
    assert f"again, in an empty OUT, with SECRET={a}/results/secret" in capsys.readouterr().err
    shutil.rmtree(b)
    _grade(small, classes, b, "2/2", secret_file=a / "results" / "secret")
    shutil.copytree(a, copy)
    assert _merge(root, tmp_path / "joined", a, b, copy) == 1
    assert "Shard 1/2 lies in" in capsys.readouterr().err
    assert _merge(root, tmp_path / "joined", a, b, b / ".." / "b") == 0  # one folder named twice


def test_a_shard_that_was_begun_again_and_killed_counts_as_missing(
    classes, small, root, tmp_path, monkeypatch, capsys
):
    out = tmp_path / "out"
    for k in (1, 2):
        _grade(small, classes, out, f"{k}/2")
    changed = next(s for s in submissions.find(classes, tmp_path / "u", Shard(1, 2)).submissions)
    changed.path.write_text("something else")
    monkeypatch.setattr(grade.Grader, "graded", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        _grade(small, classes, out, "1/2")
    assert _merge(root, out) == 1 and "SHARD=1/2" in capsys.readouterr().err
    monkeypatch.undo()
    again = _grade(small, classes, out, "1/2")
    assert [row.file for row in again.rows.values() if row.run == again.run_id] == [changed.file]
    assert _merge(root, out) == 0


def test_the_command(classes, root, tmp_path, capsys):
    base = [str(small_lab.NUMBER), str(classes), "--root", str(root), "--out", str(tmp_path / "o")]
    assert grade.main([*base, "--shard", "3/2"]) == 1
    assert grade.main([*base, "--shard", "1/2", "--worksheet", str(classes / "sheet.csv")]) == 1
    told = capsys.readouterr().err
    assert "SHARD=3/2 is no shard" in told and "give it to make grade-merge" in told
    assert not (tmp_path / "o").exists()
    assert grade.main([*base, "--shard", "1/1"]) == 0
    told = capsys.readouterr().out
    assert "Shard 1/1 is complete. When all are: make grade-merge LAB=90 OUT=" in told


# -- the secret, and writing at once


def test_machines_that_start_at_once_have_one_secret(tmp_path):
    reading, writing = os.pipe()
    children = []
    for k in range(8):
        if (child := os.fork()) == 0:
            try:
                os.read(reading, 1)  # all at once
                (tmp_path / f"told{k}").write_text(secret.of(tmp_path))
            finally:
                os._exit(0)
        children.append(child)
    os.write(writing, b"x" * 8)
    for child in children:
        assert os.waitpid(child, 0)[1] == 0
    told = {path.read_text() for path in tmp_path.glob("told*")}
    assert len(told) == 1 and len(list(tmp_path.glob("told*"))) == 8
    assert [p.name for p in (tmp_path / "results").iterdir()] == ["secret"]
    assert stat.S_ISREG((tmp_path / "results" / "secret").stat().st_mode)


def test_a_disk_without_links(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    assert secret.of(tmp_path) == secret.of(tmp_path) and len(secret.of(tmp_path)) == 32
    (tmp_path / "results" / "secret").write_text("")  # whoever made it was killed
    monkeypatch.setattr(secret, "PATIENCE", 0.0)
    with pytest.raises(ShardError, match="Remove it"):
        secret.of(tmp_path)


def test_a_secret_that_is_given(tmp_path):
    given = tmp_path / "given"
    for text, words in ((None, "cannot be read"), ("short\n", "holds 5 letters"),
                        ("x" * 5_000, "to 1,000")):  # fmt: skip
        if text is not None:
            given.write_text(text)
        with pytest.raises(ShardError, match=words):
            secret.of(tmp_path / "a", given)
    given.write_text("0123456789abcdef0123\n")
    assert secret.of(tmp_path / "b", given) == "0123456789abcdef0123" == secret.of(tmp_path / "b")
    secret.of(tmp_path / "c")
    with pytest.raises(ShardError, match="with another secret than"):
        secret.of(tmp_path / "c", given)


def test_two_machines_may_write_one_file(tmp_path, monkeypatch):
    parts, real = [], os.replace
    monkeypatch.setattr(os, "replace", lambda part, path: parts.append(part) or real(part, path))
    for _ in range(2):  # both with the same process number, as in containers
        keeper.write_atomically(tmp_path / "x.json", "{}")
    assert len(set(parts)) == 2


def test_parts_of_killed_runs_are_removed_and_no_others(tmp_path):
    for name, age in (("old", kept.ABANDONED + 60), ("new", 0)):
        part = tmp_path / "results" / f".{name}.json.0.part"
        part.parent.mkdir(exist_ok=True)
        part.touch()
        when = part.stat().st_mtime - age
        os.utime(part, (when, when))
    kept.clear(tmp_path)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == [".new.json.0.part"]

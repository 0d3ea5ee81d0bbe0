"""A folder of students' work can always be removed, and nothing beside it is touched."""

from __future__ import annotations

import os

import pytest

from grading.run import scratch

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-files")]


def _rights(path) -> int:
    return path.stat().st_mode & 0o7777


def test_it_may_be_deeper_than_a_recursion(tmp_path):
    """Else a notebook that makes such folders stops each later run as well, at its sweep."""
    folder, here = tmp_path / "x", os.getcwd()
    folder.mkdir()
    try:
        os.chdir(folder)
        for _ in range(2_500):
            os.close(os.open("file", os.O_CREAT))
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.chdir(here)
    scratch.remove(folder)
    assert not folder.exists()
    scratch.remove(folder)  # what is gone already


def test_links_and_closed_folders(tmp_path):
    keep, folder = tmp_path / "keep", tmp_path / "x"
    keep.mkdir(mode=0o750)
    (keep / "a").write_text("1")
    (folder / "b" / "c").mkdir(parents=True)
    for place in (folder, folder / "b", folder / "b" / "c"):
        (place / "link").symlink_to(keep, target_is_directory=True)
        (place / "loop").symlink_to(place)
        os.mkfifo(place / "pipe")
    for place in (folder / "b" / "c", folder / "b"):
        place.chmod(0)
    folder.chmod(0o500)
    scratch.remove(folder)
    assert not folder.exists() and (keep / "a").read_text() == "1" and _rights(keep) == 0o750
    folder.symlink_to(keep, target_is_directory=True)
    scratch.remove(folder)
    assert not folder.is_symlink() and (keep / "a").read_text() == "1" and _rights(keep) == 0o750


def test_what_cannot_be_removed_costs_nothing_else(tmp_path, monkeypatch):
    """As root, the folder above used to be closed for everybody: with /tmp that is much."""
    folder = tmp_path / "above" / "x"
    (folder / "d").mkdir(parents=True)
    folder.parent.chmod(0o1777)
    rmdir = os.rmdir

    def busy(path, **options):
        if str(path) == str(folder):
            raise OSError("busy")
        rmdir(path, **options)

    monkeypatch.setattr(os, "rmdir", busy)
    scratch.remove(folder)
    assert folder.exists() and list(folder.iterdir()) == [] and _rights(folder.parent) == 0o1777

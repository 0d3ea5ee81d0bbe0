"""The files that a submission sees: small, read-only, nothing of others, nothing left."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from grading.run import mounts, sandbox, seccomp
from tests.grading import behind

FULL, READ_ONLY = os.strerror(errno.ENOSPC), os.strerror(errno.EROFS)


@pytest.fixture(scope="module", autouse=True)
def _stands():
    if behind.walls(dict)["walls"]["mounts"] != "namespace":
        assert sandbox.lacking(sandbox.probe())
        pytest.skip("this machine gives no mount namespace")


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(mounts, "FOLDER_BYTES", 4_000_000)
    monkeypatch.setattr(mounts, "FOLDER_FILES", 100)


def _fill() -> dict:
    def bytes_() -> None:
        with open("big", "wb", buffering=0) as file:
            for _ in range(8):
                file.write(bytes(1_000_000))

    def files() -> None:
        for k in range(200):
            Path(f"x{k}").write_text("")

    found = {"bytes": behind.tried(bytes_)}
    Path("big").unlink()
    return found | {"files": behind.tried(files), "there": len(os.listdir())}


def test_the_folder_is_small_and_nothing_stays(small):
    found = behind.walls(_fill)
    assert found["bytes"] == found["files"] == FULL and found["there"] < 100
    assert found["left"] == []


def test_without_the_wall_it_fills_the_disk_and_stays(small):
    found = behind.walls(_fill, off=["mounts"])
    assert found["bytes"] == found["files"] == "" and len(found["left"]) == 200


def _outside(secret: Path) -> dict:
    return {
        "secret": behind.tried(secret.read_text),
        "shared": os.listdir("/dev/shm"),
        "etc": behind.tried(lambda: os.utime("/etc", (1, 1))),
        "sealed": bool(os.statvfs("/").f_flag & os.ST_RDONLY),
        "runs": behind.tried(lambda: Path("/etc/passwd").read_text()),
        "python": os.path.exists(sys.executable),
        "processes": [name for name in os.listdir("/proc") if name.isdigit()],
    }


@pytest.fixture
def secret():
    """A file that every account may read, in shared memory as in a home folder."""
    path = Path(f"/dev/shm/secret-{os.getpid()}")
    path.write_text("secret")
    path.chmod(0o644)
    yield path
    path.unlink()


def test_others_are_out_of_sight_even_without_landlock(secret):
    found = behind.walls(lambda: _outside(secret), off=["files"])
    assert found["secret"] == os.strerror(errno.ENOENT) and found["shared"] == []
    assert found["etc"] == READ_ONLY and found["sealed"]
    assert found["runs"] == "" and found["python"]
    assert len(found["processes"]) <= 3, found["processes"]


def test_without_the_wall_they_are_seen(secret):
    found = behind.walls(lambda: _outside(secret), off=["files", "mounts"])
    assert found["secret"] == "" and secret.name in found["shared"]
    assert found["etc"] != READ_ONLY and not found["sealed"]
    assert len(found["processes"]) > 3


def test_what_a_submission_needs_is_put_back_under_each_of_its_names(monkeypatch, tmp_path):
    for name in ("python", "home"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    (tmp_path / "link").symlink_to(tmp_path / "python")
    (tmp_path / "single").write_text("single")
    needed = [str(tmp_path / "link"), str(tmp_path / "single"), str(tmp_path / "not there")]
    original = sandbox.readable
    monkeypatch.setattr(sandbox, "readable", lambda: [*original(), *needed])
    monkeypatch.setattr(mounts, "COVERED", (*mounts.COVERED, str(tmp_path)))
    names = ("python/file", "link/file", "single", "home/file")
    found = behind.walls(
        lambda: {name: behind.tried((tmp_path / name).read_text) for name in names}, off=["files"]
    )
    gone = os.strerror(errno.ENOENT)
    assert {name: found[name] for name in names} == {**dict.fromkeys(names, ""), names[3]: gone}


def test_where_the_system_refuses_all_is_as_before(monkeypatch, secret):
    def refused(*_):
        raise PermissionError(errno.EPERM, "mount_setattr")

    monkeypatch.setattr(mounts, "_set", refused)
    off = ["files", "user"]  # where Landlock is off, root may keep its number, without its powers
    found = behind.walls(lambda: _outside(secret) | {"works": behind.tried(_write)}, off)
    assert found["walls"]["mounts"] == "guard" and found["walls"]["network"] == "namespace"
    assert found["secret"] == "" and not found["sealed"] and found["works"] == ""
    assert found["left"] == ["x"]


def _write() -> None:
    Path("x").write_text("x")


def test_system_v_memory_of_others_is_out_of_reach():
    if os.uname().machine not in seccomp.MACHINES:
        pytest.skip("numbers of calls unknown")
    get, _, control = (seccomp.REFUSED[name][seccomp.MACHINES[os.uname().machine][0]]
                       for name in ("shmget", "shmat", "shmctl"))  # fmt: skip
    key = 0x5EC0 + os.getpid()
    made, _ = behind.raw(get, key, 4096, 0o1666)
    assert made >= 0
    try:
        for off, error in ((["calls"], errno.ENOENT), (["calls", "mounts"], 0)):
            found = behind.walls(lambda: {"error": behind.raw(get, key, 4096, 0o666)[1]}, off)
            assert found["error"] == error, off
    finally:
        behind.raw(control, made, 0, 0)


def test_which_places_are_covered(monkeypatch, tmp_path):
    """The folder of the run, wherever it lies; homes; nothing that holds Python itself."""
    for name in ("home/me", "run", "python"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr(mounts, "COVERED", tuple(str(tmp_path / n) for n in ("home", "python")))
    monkeypatch.setattr(mounts, "_others", list)
    monkeypatch.setattr(mounts, "ROOT", tmp_path / "run/the book")
    monkeypatch.setenv("HOME", str(tmp_path / "home/me"))
    found = mounts._covered(tmp_path / "run/work", {str(tmp_path / "python"), "/usr"})
    inside = {os.path.relpath(p, tmp_path) for p in found if p.startswith(str(tmp_path))}
    assert inside == {"home", "run"} and "/" not in found


def test_the_book_itself_and_all_that_is_not_the_systems_is_covered():
    """Answers lie in the book's folder, which may be anywhere: /work, /data, /opt/course."""
    others = mounts._others()
    assert "/tmp" in others and not {"/usr", "/etc", "/proc", "/bin"} & set(others)
    for off, error in ((["files"], errno.ENOENT), (["files", "mounts"], 0)):
        found = behind.walls(
            lambda: {"read": behind.tried((mounts.ROOT / "Makefile").read_text)}, off
        )
        assert found["read"] == (os.strerror(error) if error else ""), off

"""Memory and number of processes of a whole job: by the kernel where it counts, else by looks."""

from __future__ import annotations

import errno
import os
import select
import signal
import threading
import time
from pathlib import Path

import pytest

from grading.run import cgroup, mounts, sandbox
from tests.grading import behind

MB = 1_000_000


@pytest.fixture(scope="module")
def here():
    """Whether this machine lets the grader make groups."""
    group = cgroup.make(100 * MB)
    if group is None:
        pytest.skip("this machine gives no control group")
    group.remove()


# -- where a group could be made

V1 = """\
8:pids:/jobs
4:memory:/jobs/1
1:name=systemd:/
0::/
"""
V1_MOUNTS = """\
35 31 0:32 / {root}/memory rw,relatime - cgroup cgroup rw,memory
39 31 0:36 /jobs {root}/pids rw,relatime shared:9 - cgroup cgroup rw,pids
41 31 0:38 / {root}/unified rw,relatime - cgroup2 cgroup2 rw
"""
V2 = "0::/user.slice/run.scope\n"
V2_MOUNTS = "41 31 0:38 / {root} rw,relatime - cgroup2 cgroup2 rw\n"


def _found(folder: Path, groups: str, table: str) -> list:
    (folder / "cgroup").write_text(groups)
    (folder / "mountinfo").write_text(table.format(root=folder / "fs"))
    return cgroup.found(folder)


def test_the_first_version_has_a_tree_for_each_controller(tmp_path):
    ((version, places),) = _found(tmp_path, V1, V1_MOUNTS)
    assert version == 1
    assert places == {"memory": tmp_path / "fs/memory/jobs/1", "pids": tmp_path / "fs/pids"}


@pytest.mark.parametrize(("own", "above", "want"), [
    ("", "memory pids cpu", [({"memory", "pids"}, "user.slice")]),
    ("memory", "memory pids", [({"memory"}, "user.slice/run.scope"),
                               ({"memory", "pids"}, "user.slice")]),
    ("", "pids cpu", []),
])  # fmt: skip
def test_the_second_version_counts_where_the_group_above_says_so(tmp_path, own, above, want):
    folder = tmp_path / "fs/user.slice/run.scope"
    folder.mkdir(parents=True)
    (folder / "cgroup.subtree_control").write_text(own + "\n")
    (folder.parent / "cgroup.subtree_control").write_text(above + "\n")
    found = _found(tmp_path, V2, V2_MOUNTS)
    assert found == [(2, dict.fromkeys(names, tmp_path / "fs" / p)) for names, p in want]


def test_a_group_of_the_second_version_is_written_as_the_kernel_wants_it(tmp_path, monkeypatch):
    """On folders that are none of the kernel's: names and values only."""
    monkeypatch.setattr(cgroup, "found", lambda: [(2, {"memory": tmp_path, "pids": tmp_path})])
    group = cgroup.make(5_000)
    (folder,) = set(group.folders.values())
    assert folder.parent == tmp_path and folder.name == f"{cgroup.PREFIX}{os.getpid()}"
    for name, value in {"memory.max": "5000", "memory.swap.max": "0", "pids.max": "256"}.items():
        assert (folder / name).read_text() == value
    assert group.add(4711) and (folder / "cgroup.procs").read_text() == "4711"
    (folder / "memory.events").write_text("oom 3\noom_kill 2\noom_group_kill 0\n")
    assert group.killed() == 2


def test_a_group_that_systemd_handed_on_is_made_to_count(tmp_path, monkeypatch):
    """Only with systemd's mark: else it is somebody else's. On folders, as above."""
    folder = tmp_path / "fs/user.slice/run.scope"
    folder.mkdir(parents=True)
    files = {"procs": "4711", "controllers": "cpu memory pids", "subtree_control": ""}
    for name, text in files.items():
        (folder / f"cgroup.{name}").write_text(text + "\n")
    assert _found(tmp_path, V2, V2_MOUNTS) == []
    marks: dict[Path, bytes] = {}

    def mark(path: Path, name: str) -> bytes:
        if path not in marks or name != "user.delegate":
            raise OSError(errno.ENODATA, "no mark")
        return marks[path]

    monkeypatch.setattr(os, "getxattr", mark)
    assert not cgroup.open_up(tmp_path) and not (folder / cgroup.ASIDE).exists()
    marks[folder] = b"1"
    assert cgroup.open_up(tmp_path)
    assert (folder / cgroup.ASIDE / "cgroup.procs").read_text() == "4711"
    assert (folder / "cgroup.subtree_control").read_text() == "+memory +pids"


# -- what the kernel does

def _killed(memory: int) -> tuple[int, int, bool]:
    """Of three children in a group that take 40 MB each: killed, as the group says, all removed."""
    group, children = cgroup.make(memory), []
    waits, goes = os.pipe()
    ready, says = os.pipe()
    for _ in range(3):
        child = os.fork()
        if child == 0:
            os.read(waits, 1)
            taken = bytearray(40 * MB)
            taken[::4096] = b"x" * len(taken[::4096])
            os.write(says, b"1")
            signal.pause()
        children.append(child)
    assert all(map(group.add, children))
    os.write(goes, b"111")
    said, end = 0, time.monotonic() + 60  # on a busy machine they take their time
    while said < len(children) and not group.killed() and time.monotonic() < end:
        if select.select([ready], [], [], 0.05)[0]:
            said += len(os.read(ready, 3))
    for child in children:
        os.kill(child, signal.SIGTERM)
    ends = [os.waitpid(child, 0)[1] for child in children]
    told = group.killed()  # now: the kernel may have ended one more meanwhile
    for end in (waits, goes, ready, says):
        os.close(end)
    group.remove()
    return ends.count(signal.SIGKILL), told, not any(f.exists() for f in group.folders.values())


def test_a_group_holds_all_its_processes_together(here):
    killed, told, removed = _killed(100 * MB)
    assert killed >= 1 and told == killed and removed
    assert _killed(400 * MB) == (0, 0, True)


def test_a_group_has_only_so_many_processes_and_threads(here):
    group = cgroup.make(400 * MB)
    if "pids" not in group.folders:
        group.remove()
        pytest.skip("this machine does not count processes")
    waits, goes = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(waits, 1)
        made = _threads()["threads"]
        os._exit(made if made < 300 else 0)
    group.add(child)
    os.write(goes, b"1")
    assert os.waitpid(child, 0)[1] >> 8 == cgroup.TASKS - 1 == 255
    for end in (waits, goes):
        os.close(end)
    group.remove()


def test_the_dead_of_an_earlier_group_do_not_count(here):
    """A keeper was killed, and a later one has got its number."""
    earlier = cgroup.make(20 * MB)
    child = os.fork()
    if child == 0:
        while str(os.getpid()) not in (earlier.folders["memory"] / "cgroup.procs").read_text():
            time.sleep(0.01)
        bytearray(b"x") * (40 * MB)
        os._exit(0)
    assert earlier.add(child)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL and earlier.killed() == 1
    group = cgroup.make(20 * MB)
    assert group.killed() == 0
    group.remove()


def test_groups_of_keepers_that_were_killed_are_swept_away(here):
    gone = os.fork()
    if gone == 0:
        cgroup.make(60 * MB)
        os._exit(0)
    os.waitpid(gone, 0)
    _, places = cgroup.found()[-1]
    left = [place / f"{cgroup.PREFIX}{gone}" for place in places.values()]
    assert all(folder.exists() for folder in left)
    group = cgroup.make(60 * MB)
    assert not any(folder.exists() for folder in left)
    cgroup.sweep()
    assert all(folder.exists() for folder in group.folders.values())  # this one lives
    group.remove()


# -- what a keeper makes of it

MANY = f"""
import os, time
children = []
for _ in range(6):
    child = os.fork()
    if child == 0:
        taken = bytearray(60 * {MB})
        taken[::4096] = b"x" * len(taken[::4096])
        time.sleep(30)
        os._exit(0)
    children.append(child)
end = time.monotonic() + 15
while time.monotonic() < end and all(os.waitpid(c, os.WNOHANG)[0] == 0 for c in children):
    time.sleep(.05)
assert time.monotonic() < end, 'all of them live'
"""


@pytest.fixture
def little(monkeypatch):
    """150 MB for a job, so that the tests are light."""
    monkeypatch.setattr(cgroup, "BESIDE", 100 * MB)
    monkeypatch.setattr(mounts, "FOLDER_BYTES", 10 * MB)


LIMITS = {"seconds": 30, "memory": 100 * MB}


def _codes(result: dict) -> dict[str, str]:
    return {note["code"]: note["text"] for note in result["notes"]}


def test_children_that_together_take_too_much_are_ended_by_the_kernel(here, little, tmp_path):
    result = behind.kept(tmp_path, [MANY], **LIMITS)
    codes = _codes(result)
    assert result["walls"]["memory"] == "cgroup" and "memory" in codes, result
    assert "more than 210 MB of memory" in codes["memory"]
    group = cgroup.found()[-1][1]["memory"] / f"{cgroup.PREFIX}{result['keeper']}"
    assert group.parent.is_dir() and not group.exists()


def test_or_by_the_keeper_where_there_is_no_group(little, monkeypatch, tmp_path):
    monkeypatch.setattr(cgroup, "make", lambda memory: None)
    start = time.monotonic()
    result = behind.kept(tmp_path, [MANY, "later = 1"], **LIMITS)
    codes = _codes(result)
    assert result["walls"]["memory"] == "watched" and result["complete"], result
    assert "all were ended" in codes["memory"] and "in cell 1" in codes["memory"]
    assert "too much memory" in codes["died"] and "cell_error" not in codes
    assert time.monotonic() - start < 20


def test_without_the_wall_they_live(little, tmp_path):
    cell = MANY.replace("+ 15", "+ 1")
    result = behind.kept(tmp_path, [cell], **LIMITS, off=["memory"])
    codes = _codes(result)
    assert result["walls"]["memory"] == "guard" and result["off"] == ["memory"]
    assert "memory" not in codes and "all of them live" in codes["cell_error"]


def test_honest_children_are_no_matter(little, tmp_path):
    cell = MANY.replace("60 *", "1 *").replace("+ 15", "+ 1").replace("assert", "assert not")
    for off in ([], ["memory"]):
        assert set(_codes(behind.kept(tmp_path, [cell], **LIMITS, off=off))) == {"left_running"}


# -- number of processes and threads

def _threads() -> dict:
    """How many threads can be started, up to 300."""
    stop, made = threading.Event(), []
    try:
        for _ in range(300):
            thread = threading.Thread(target=stop.wait, daemon=True)
            thread.start()
            made.append(thread)
    except RuntimeError:
        pass
    stop.set()
    return {"threads": len(made)}


def test_there_are_only_so_many_processes_and_threads():
    """Without a group: an account of its own, or a user namespace, is counted apart."""
    found = behind.walls(_threads)
    if found["walls"]["user"] == "own" or found["walls"]["signals"] == "namespace":
        assert cgroup.TASKS - 6 < found["threads"] < cgroup.TASKS
    assert behind.walls(_threads, off=["memory"])["threads"] == 300


# -- looks

def test_memory_that_processes_share_counts_once():
    taken = bytearray(50 * MB)
    taken[::4096] = b"x" * len(taken[::4096])
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            signal.pause()
            os._exit(0)
        children.append(child)
    below = sandbox.descendants()
    assert set(children) <= set(below)
    whole = cgroup.together(children, 10**12)  # as each sees it
    shared = cgroup.together(children, 0)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert whole > 200 * MB and shared < whole - 100 * MB

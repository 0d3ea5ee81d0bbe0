"""Attacks beside honest notebooks: each is stopped by the walls that stand, or known to succeed."""

from __future__ import annotations

import ctypes
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grading.report import results
from grading.run import sandbox
from tests.grading.attacks import limits, record, suite, walls
from tests.grading.attacks.__main__ import table
from tests.grading.attacks.outside import Outside
from tests.grading.attacks.record import Attack, Seen
from tests.grading.attacks.watch import Watch

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-attacks")]
# One of each kind: a file, a service, a signal, a process that stays, memory and disk, a forgery
# that needs the token. The other ways to forge are tried in test_verdict.py. All in one class, one
# notebook at a time.
SAMPLE = ("pipe_token", "read_key", "write_file", "unix_socket", "tcp", "kill", "daemon", "disk",
          "memory_children", "zip_slip", "cell_html")


@pytest.fixture
def outside(tmp_path):
    made = Outside(tmp_path)
    yield made
    made.close()


def _attack(probe, **options) -> Attack:
    return Attack("one", "something", ("files",), probe, **options)


# -- what the suite sees

def test_it_sees_what_is_changed_outside(outside, small, tmp_path):
    def evidence() -> str:
        return record.changed(Seen(_attack(record.changed), outside.aims["one"], None))

    def aim() -> dict:
        return outside.aim(_attack(record.changed), small, tmp_path)

    aim()
    assert evidence() == ""
    for change in (lambda a: Path(a["victim"]).write_text("other"),
                   lambda a: Path(a["victim"]).chmod(0o777),
                   lambda a: Path(a["victim"]).unlink(),
                   lambda a: os.utime(a["victim"], (1, 1)),
                   lambda a: os.mkfifo(a["open"] + "/a"),
                   lambda a: os.symlink("/", a["open"] + "/b"),
                   lambda a: Path(a["outside"]).chmod(0o700)):
        change(aim())
        assert evidence().startswith("changed")


def test_it_sees_who_was_heard_and_hurt(outside, small, tmp_path):
    attack = _attack(record.killed)
    aim = outside.aim(attack, small, tmp_path)
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(aim["service"])
        one.sendall(b"hello from one")
        assert b"obeyed" in one.recv(100)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.sendto(b"hello from one", ("127.0.0.1", aim["port"]))
    end = time.monotonic() + 10
    while len(outside.heard) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    seen = Seen(attack, outside.aims["one"], None, outside.heard, dead=outside.strangers_hurt())
    assert record.heard(seen) == "heard by: service, udp" and record.killed(seen) == ""
    for sent in (signal.SIGSTOP, signal.SIGKILL):
        os.kill(aim["stranger"], sent)
        time.sleep(0.2)
        assert record.killed(dataclasses.replace(seen, dead=outside.strangers_hurt()))


def test_it_sees_and_removes_what_is_left(outside, small, tmp_path):
    aim = outside.aim(_attack(record.stays), small, tmp_path)
    assert outside.left("one") == [] and outside.left() == []
    libc, rt = ctypes.CDLL(None), ctypes.CDLL("librt.so.1")
    child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)",
                              aim["mark"]])
    code = f"import ctypes, time; ctypes.CDLL(None).prctl(15, b'{aim['short']}', 0, 0, 0)"
    named = subprocess.Popen([sys.executable, "-S", "-c", f"{code}; time.sleep(60)"])
    Path("/dev/shm", aim["mark"]).write_text("")
    libc.shmget(aim["number"], ctypes.c_size_t(1000), 0o1600)
    libc.semget(aim["number"], 1, 0o1600)
    libc.msgget(aim["number"], 0o1600)
    rt.mq_open(f"/{aim['mark']}".encode(), os.O_CREAT | os.O_RDWR, 0o600, None)
    (outside.temporary / "dlworkbook-grading-x" / "work-3" / "a").mkdir(parents=True)
    time.sleep(0.5)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("\0" + aim["mark"])
        left = " ".join(outside.left("one"))
    numbers = [f"process {one.pid} " for one in (child, named)]
    for word in (*numbers, "/dev/shm/", "System V shm", "System V sem", "System V msg", "queue",
                 "socket @"):
        assert word in left, (word, left)
    assert outside.unremoved() == {3}
    outside.clean()
    child.wait(10)
    named.wait(10)
    assert outside.left("one") == [] and outside.left() == []


def test_it_sees_what_a_job_takes(outside):
    """A process that stands for the grader, with one for the warm one and a worker below it."""
    job = outside.temporary / "dlworkbook-grading-x" / "work-5"
    job.mkdir(parents=True)
    worker = ("import ctypes, os, time\\nkept = bytearray(os.urandom(1000000) * 120)\\n"
              "one = os.memfd_create('x')\\nos.write(one, bytes(50000000))\\n"
              f"open({str(job / 'a')!r}, 'wb').write(bytes(30000000))\\n"
              "more = [os.open('/dev/null', 0) for _ in range(300)]\\ntime.sleep(60)")
    warm = f"import subprocess, sys\\nsubprocess.run([sys.executable, '-c', '''{worker}'''])"
    code = f'import subprocess, sys\nsubprocess.run([sys.executable, "-c", """{warm}"""])'
    grader = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    try:
        with Watch(grader.pid, outside.temporary, []) as watch:
            end = time.monotonic() + 30
            while time.monotonic() < end and watch.peaks[5]["descriptors"] < 300:
                time.sleep(0.1)
            time.sleep(0.5)
        peaks = watch.peaks[5]
    finally:
        os.killpg(grader.pid, signal.SIGKILL)
        grader.wait()
    assert 165e6 < peaks["memory"] < 250e6 and 29e6 < peaks["disk"] < 32e6, dict(peaks)
    assert peaks["descriptors"] > 300 and peaks["processes"] == 1 == peaks["entries"]


def test_what_is_expected_follows_from_the_walls():
    attack = Attack("one", "something", ("files", "mounts"), record.said)
    assert attack.expected({"network"}) and not attack.expected({"mounts"})
    named = ["files", "mounts"]
    result = suite.Result("one", "together", "something", named, [], evidence="it did")
    assert result.succeeded and result.expected and not result.surprise
    assert dataclasses.replace(result, stand=["files"]).surprise == "should be stopped"
    assert dataclasses.replace(result, evidence="").surprise == "was stopped all the same"
    for harm in ({"honest": False}, {"left": ["a process"]}):
        assert dataclasses.replace(result, evidence="", **harm).succeeded
    told = table([dataclasses.replace(result, stand=["files"])])
    assert "YES" in told and "should be stopped" in told


def test_each_attack_has_a_name_and_walls_of_its_own(small):
    attacks = suite.every(small)
    assert len({attack.name for attack in attacks}) == len(attacks) > 100
    assert set(SAMPLE) < {attack.name for attack in attacks}
    for attack in attacks:
        assert attack.walls and attack.tries and (attack.file or attack.cell or attack.last)
        assert limits.kind(attack.name)


# -- the table of them, wall by wall

def test_the_page_for_instructors_says_what_the_attacks_came_to(small):
    data = walls.read()
    assert limits.written(limits.PAGE.read_text(encoding="utf-8"), data) == \
        limits.PAGE.read_text(encoding="utf-8"), "run python -m tests.grading.attacks.limits"
    known = {(a.name, a.tries, tuple(sorted(a.walls))) for a in suite.every(small)}
    assert {(a["name"], a["tries"], tuple(a["walls"])) for a in data["attacks"]} == known, \
        "run make attack TABLE=1"
    assert set(data["accounts"]["root"]["attacks"]) == {a["name"] for a in data["attacks"]}


def test_the_table_counts_what_was_found():
    one = {"name": "read_key", "tries": "a", "walls": ["files", "mounts"]}
    other = {"name": "read_by_link", "tries": "b", "walls": ["files"]}
    key = {"stopped": True, "lets": [["files", "mounts"]], "holds": [["files"], ["mounts"]]}
    link = {"stopped": False, "lets": [["files"]], "holds": []}
    part = {"linux": "6.1", "landlock": 2, "stand": ["files", "keeper", "mounts"],
            "attacks": {"read_key": key, "read_by_link": link}}
    data = {"attacks": [one, other], "accounts": {"root": part}}

    def cells() -> list[str]:
        lines = limits.page(data).splitlines()
        row = next(line for line in lines if line.startswith("| reading files"))
        return [cell.strip() for cell in row.split("|")[2:5]]

    assert "2 attacks where root grades, on Linux 6.1 with Landlock 2: 1 of them succeeds " \
        "(`read_by_link`)." in limits.page(data)
    assert cells() == ["2", "Landlock, mount namespace (1)", "Landlock (1)"]
    key["lets"], key["holds"] = [["files"], ["files", "mounts"]], [["mounts"]]
    assert cells() == ["2", "Landlock", "Landlock"]  # the mount namespace was not enough
    key["lets"], key["holds"] = [], [["files"], ["mounts"], ["files", "mounts"]]
    assert cells()[1] == "Landlock (1)"
    assert "Something else stops 1 of them where root grades" in limits.page(data)
    one["walls"].append("keeper")
    assert cells()[1] == "Landlock (1), keeper (1)" and "Something else" not in limits.page(data)


def test_walls_are_taken_down_alone_together_and_all_but_one():
    attack = Attack("one", "something", ("tcp", "user", "calls", "keeper"), record.said)
    stand = {"tcp", "user", "calls", "keeper", "network"}
    found = {tuple(sorted(off)) for off in walls.sets(attack, stand)}
    assert found == {("tcp",), ("user",), ("calls",), ("calls", "tcp"), ("tcp", "user"),
                     ("calls", "user"), ("calls", "tcp", "user")}
    forgery = Attack("two", "something", ("verdict",), record.points)
    assert walls.sets(forgery, {"verdict", "files", "limits"}) == {frozenset(["files"])}


# -- the attacks

def _tried(attacks: list[Attack], off: frozenset[str] = frozenset(), few: bool = False):
    """What came of them; None where the machine lacks walls: there nothing is graded."""
    if sandbox.missing(sandbox.probe()):
        with pytest.raises(sandbox.NoWalls), pytest.MonkeyPatch.context() as patch:
            patch.delenv("GRADING_WALLS", raising=False)
            sandbox.require()
        return None
    outside = Outside()
    try:
        lab = suite.small(outside.place / "book")
        return suite.Suite(lab, outside, off, few=few).try_all(
            [attack for attack in suite.every(lab) if attack.name in attacks])
    finally:
        outside.close()


def _odd(results) -> list[str]:
    """What is not as expected, in words."""
    return [f"{r.name}: {r.surprise} {r.unclear} {r.evidence} {r.left}"
            for r in results or () if r.surprise]


def test_a_sample_of_attacks(monkeypatch):
    """Each succeeds only where no wall stands that should stop it; the honest notice nothing."""
    every = suite.every

    def one_class(lab):
        return [dataclasses.replace(attack, group="using") for attack in every(lab)]

    monkeypatch.setattr(suite, "every", one_class)
    results = _tried(SAMPLE, few=True)
    odd = _odd(results)
    assert not odd, "\n".join(odd)
    assert all(result.honest for result in results or ())


@pytest.mark.long
def test_every_attack(small):
    results = _tried([attack.name for attack in suite.every(small)])
    assert _odd(results) == []


# Twenty of all kinds, none of which takes long.
HOSTILE = (
    "patched_right", "patched_later", "told_by_reporter", "told_in_check", "pipe_token", "frames",
    "table", "result_file", "read_submissions", "read_siblings", "write_file", "unix_socket",
    "kill", "stop", "memory_children", "disk", "processes", "daemon", "shared_memory", "flood",
)


@pytest.mark.long
def test_a_class_in_which_every_third_is_hostile():
    """Sixty notebooks, graded twice, and once killed on the way and resumed: the same rows."""
    if sandbox.missing(sandbox.probe()):
        return  # as above
    outside = Outside()
    try:
        lab = suite.small(outside.place / "book")
        made = suite.Suite(lab, outside)
        attacks = [attack for attack in suite.every(lab) if attack.name in HOSTILE]
        source = outside.place / "class" / "in"
        source.mkdir(parents=True)
        letters = "abcdefghijklmnopqrst"
        several = list(made.honest_notebooks.values())
        for k in range(40):
            name = f"{letters[k // 2]}_{suite.HONEST}{k % 2}.ipynb"
            (source / name).write_bytes(several[k % len(several)])

        def graded(out: Path, killed_after: int = 0) -> dict:
            grader, log = made.start(source, out, 2)
            made.go(grader)
            end = time.monotonic() + 900
            while grader.poll() is None and time.monotonic() < end:
                if killed_after and len(list(out.glob("results/*.json"))) >= killed_after:
                    grader.kill()  # it alone: what it leaves behind has to end by itself
                    grader.wait()
                    return {}
                time.sleep(0.05)
            made.end(grader)
            assert grader.returncode == 0, log.read_text()[-2000:]
            return suite.honest(out, {row.file: dataclasses.asdict(row) for row in _rows(out)})

        alone = graded(outside.place / "alone")
        assert len(alone) == 40
        made.hand_in(attacks, source, letters)
        assert len(list(source.iterdir())) == 60
        first, second = graded(outside.place / "one"), graded(outside.place / "two")
        graded(outside.place / "three", killed_after=25)
        third = graded(outside.place / "three")
        assert first == alone and second == alone and third == alone
    finally:
        outside.close()


def _rows(out: Path) -> list[results.Row]:
    names = [f.name for f in dataclasses.fields(results.Row)]
    found = [json.loads(path.read_text()) for path in out.glob("results/*.json")]
    return [results.Row(**{name: data[name] for name in names}) for data in found]


# Walls, and attacks that nothing else stops.
ALONE = {
    "files,mounts": ("read_key", "read_by_root", "read_siblings", "write_file", "make_file"),
    "network,tcp": ("tcp",),
    "calls,network,scopes": ("dbus",),
    "network": ("udp",),
    "limits": ("disk_sparse",),
    "limits,memory": ("memory_at_once",),
    "signals,scopes,user": ("kill", "stop"),
}


@pytest.mark.long
@pytest.mark.parametrize("down", ALONE)
def test_without_its_walls_an_attack_succeeds(down):
    """So it was these walls that stopped it, and the suite sees when they do not."""
    results = _tried(ALONE[down], frozenset(down.split(",")))
    assert [r.name for r in results or () if not r.succeeded] == []


@pytest.mark.long
def test_the_suite_sees_it_when_the_honest_are_hurt():
    """Without walls a notebook kills the grader and all others; nobody removes their folder."""
    results = _tried(("kill",), frozenset(("files", "signals", "scopes", "user")))
    for result in results or ():
        assert not result.honest and result.left and "ended" in result.evidence

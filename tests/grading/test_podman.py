"""Grading in a real container: the rows are those of a run outside, and what the container holds.

For `make test-podman`, under an ordinary account that has podman and the image
(`make grading-image BASE=...`), and that grades nothing else meanwhile: its containers are counted.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from grading.make import assignment
from grading.run import container, image, mounts, sandbox
from tests.grading import classroom, small_lab, test_own
from tests.grading.test_walls import CORR2D, TORCH

pytestmark = pytest.mark.podman
ALL = ",".join([*sandbox.MISSING, *sandbox.BESIDE])
ENDLESS = "while True:\n    pass"


@pytest.fixture(scope="module", autouse=True)
def engine():
    """The podman of this account; an error says how to get it."""
    here = container.engine("podman")
    container.check_image("podman")
    return here


@pytest.fixture(autouse=True)
def walls(monkeypatch):
    """Walls are asked for: other tests run without them."""
    monkeypatch.delenv("GRADING_WALLS", raising=False)


def grade(source: Path, out: Path, root: Path, *more: str, **environment: str):
    given = [sys.executable, "-m", "grading.grade", str(small_lab.NUMBER), str(source),
             "--out", str(out), "--root", str(root), "--jobs", "1", *more]  # fmt: skip
    return subprocess.run(
        given, capture_output=True, text=True, cwd=image.ROOT, env=os.environ | environment
    )


def write(small, folder: Path, **cells: str) -> Path:
    """Notebooks with right answers and one more cell each."""
    folder.mkdir()
    for name, cell in cells.items():
        code = {"corr2d": CORR2D, "linear": TORCH}
        (folder / f"{name}.ipynb").write_text(
            json.dumps(classroom.notebook(small, code, cell)), encoding="utf-8"
        )
    return folder


def rows(out: Path) -> dict[str, dict[str, str]]:
    """The table of grades, less what a clock said."""
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {Path(row["file"]).stem: row | {"seconds": ""} for row in csv.DictReader(file)}


def running() -> dict[str, str]:
    """Numbers and names of our containers, also of those that have ended."""
    asked = ["podman", "ps", "--all", "--format", "{{.ID}} {{.Names}}",
             "--filter", f"name={image.IMAGE}-"]  # fmt: skip
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    return dict(line.split() for line in said.splitlines())


def test_a_class_gets_the_same_rows(small, root, tmp_path):
    only = {"empty.ipynb", "truncated.ipynb"}
    classroom.write(classroom.whole(small, most=3, only=only), tmp_path / "the class, 2026")
    told = []
    for name, more in (("outside", []), ("inside", ["--isolation=podman"])):
        done = grade(tmp_path / "the class, 2026", tmp_path / name, root, *more)
        assert done.returncode == 0, done.stderr
        told.append(done.stdout)
    assert rows(tmp_path / "inside") == rows(tmp_path / "outside")
    assert len(rows(tmp_path / "inside")) >= 4
    assert "Container:" not in told[0] and "Container: podman" in told[1]
    assert "MISSING" not in told[1]
    owners = {p.stat().st_uid for p in (tmp_path / "inside").rglob("*")}
    assert owners == {os.getuid()} and running() == {}


# From C, which the guard inside of Python does not see. What succeeds is told.
REACHES = """
import ctypes, os, struct
libc, reached = ctypes.CDLL(None), []

def reach(name, path, flags=0):
    if libc.open(os.fsencode(path), flags, 0o600) >= 0:
        reached.append(name)

def connect(name, family, address):
    if libc.connect(libc.socket(family, 1, 0), address, len(address)) == 0:
        reached.append(name)

reach('key', KEY)
reach('new', NEW, os.O_CREAT | os.O_WRONLY)
reach('submission', OTHER, os.O_WRONLY)
reach('code', CODE, os.O_WRONLY)
reach('history', CODE.replace('grading/grade.py', '.git'))
connect('server', 2, struct.pack('=H', 2) + struct.pack('>H4s8x', PORT, bytes([127, 0, 0, 1])))
connect('socket', 1, struct.pack('=H', 1) + os.fsencode(SOCKET) + bytes(1))
if reached:
    raise RuntimeError('reached: ' + ' '.join(reached))
assert 'CapBnd:\\t0000000000000000' in open('/proc/self/status').read()
"""


def test_what_the_container_alone_holds_back(small, root, tmp_path):
    """All walls of the grader are switched off: only those of the container stand."""
    secrets = tmp_path / "keys"
    secrets.mkdir()
    (secrets / "key").write_text("secret")
    server, local = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX)
    local.bind(str(secrets / "socket"))
    local.listen()
    named = {"KEY": secrets / "key", "NEW": secrets / "new", "SOCKET": secrets / "socket",
             "OTHER": tmp_path / "in" / "a_honest.ipynb",
             "CODE": image.ROOT / "grading" / "grade.py"}  # fmt: skip
    names = "".join(f"{name} = {str(path)!r}\n" for name, path in named.items())
    cell = f"{names}PORT = {server.getsockname()[1]}\n{REACHES}"
    source = write(small, tmp_path / "in", a_honest="", hostile=cell)
    off = {"GRADING_WALLS": "none", "GRADING_WALLS_OFF": ALL}
    done = grade(source, tmp_path / "bare", root, "--isolation=none", **off)
    assert done.returncode == 0, done.stderr
    reason = rows(tmp_path / "bare")["hostile"]["reason"]
    assert "reached: key new submission" in reason and "server socket" in reason  # it can
    (secrets / "new").unlink()
    done = grade(source, tmp_path / "out", root, "--isolation=podman", **off)
    assert done.returncode == 0, done.stderr
    found = rows(tmp_path / "out")
    assert all("without_walls" in row["codes"] for row in found.values())
    assert found["hostile"]["points"] == found["a_honest"]["points"] == "18", found
    assert "cell_error" not in found["hostile"]["codes"], found["hostile"]["reason"]
    assert not (secrets / "new").exists() and running() == {}


def test_it_is_killed_and_goes_on(small, root, tmp_path):
    """The grader outside is killed, then the container; each time the same command goes on."""
    source = write(small, tmp_path / "in", a_honest="", endless=ENDLESS)
    out = tmp_path / "out"
    given = [sys.executable, "-m", "grading.grade", str(small_lab.NUMBER), str(source),
             "--out", str(out), "--root", str(root), "--jobs=1",
             "--isolation=podman"]  # fmt: skip
    before: dict[str, str] = {}
    for how in (signal.SIGKILL, signal.SIGTERM):
        process = subprocess.Popen(given, cwd=image.ROOT)
        end = time.monotonic() + 240
        while not running().keys() - before.keys() and time.monotonic() < end:
            time.sleep(0.2)
        time.sleep(2)
        now = running()
        process.send_signal(how)
        process.wait(60)
        assert len(now) == 1 and not now.keys() & before.keys()  # the new one is instead of it
        assert running() == (now if how == signal.SIGKILL else {})
        before = now
    done = grade(source, out, root, "--isolation=podman")
    assert done.returncode == 0, done.stderr
    found = rows(out)
    assert {name: row["points"] for name, row in found.items()} == dict.fromkeys(found, "18")
    assert running() == {}


def test_from_the_keyboard(small, root, tmp_path):
    """Ctrl-C reaches grader and podman alike."""
    source = write(small, tmp_path / "in", endless=ENDLESS)
    given = [sys.executable, "-m", "grading.grade", str(small_lab.NUMBER), str(source), "--out",
             str(tmp_path / "out"), "--root", str(root), "--isolation=podman"]  # fmt: skip
    process = subprocess.Popen(given, cwd=image.ROOT, start_new_session=True)
    end = time.monotonic() + 240
    while not running() and time.monotonic() < end:
        time.sleep(0.2)
    time.sleep(3)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) == 130 and running() == {}


def test_one_that_is_silent_is_killed(small, root, tmp_path):
    code = (
        "import sys; from grading import grade; from grading.run import container; "
        "container.SILENT = 3; sys.exit(grade.main(sys.argv[1:]))"
    )
    source = write(small, tmp_path / "in", endless=ENDLESS)
    given = [str(small_lab.NUMBER), str(source), "--out", str(tmp_path / "out"), "--root",
             str(root), "--jobs=1", "--isolation=podman", "--seconds=0.1"]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code, *given], capture_output=True, text=True, cwd=image.ROOT
    )
    assert done.returncode == 1 and "the container was killed" in done.stderr, done.stderr
    assert running() == {}


def test_a_path_is_shown_under_its_own_name(small, root, tmp_path):
    """Through a link, with a comma and quotes in its name."""
    source = write(small, tmp_path / 'a "b", c', only="")
    (tmp_path / "link").symlink_to(source)
    done = grade(tmp_path / "link", tmp_path / "out", root, "--isolation=podman")
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path / "out")["only"]["points"] == "18"


# Tells where a right answer may lie, of all that it sees.
LOOKS = """import numpy as np, os
from dlworkbook import checks
{right}
raise RuntimeError('seen: ' + ' '.join(k for k, v in {places}.items() if os.path.exists(v)) + '.')
"""


@pytest.mark.parametrize(("off", "seen"), [
    ("", ""), ("files", ""), ("files,mounts", "own book image"),
])  # fmt: skip
def test_a_folder_of_an_instructors_own(own, tmp_path, off, seen):
    """It is graded from outside the repository; notebooks see no book, the image's neither."""
    course, dist, source = own
    given = [sys.executable, "-m", "grading.grade", str(course / "my_week.yml"), str(source),
             "--out", str(tmp_path / "out"), "--assignment", str(dist), "--jobs=1",
             "--isolation=podman"]  # fmt: skip
    more = {"GRADING_WALLS": "none", "GRADING_WALLS_OFF": off} if off else {}
    done = subprocess.run(given, capture_output=True, text=True, env=os.environ | more,
                          cwd=image.ROOT)  # fmt: skip
    assert done.returncode == 0, done.stderr
    stands = f"a folder of {mounts.FOLDER_BYTES // 10**6} MB, the rest read-only" in done.stdout
    assert stands == ("mounts" not in off) and ("MISSING" in done.stdout) == bool(off)
    found = rows(tmp_path / "out")
    assert [found[k]["clip_norm"] for k in ("right", "wrong")] == ["8", "2"]
    assert [found[k]["ex-clip-factor"] for k in ("right", "wrong")] == ["2", "0"]
    assert found["wrong"]["mistakes"] == "CLIP-01"
    assert f"seen: {seen}." in found["right"]["reason"] and running() == {}


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A copy of the template, what is made of it, and a folder of two notebooks."""
    course = tmp_path_factory.mktemp("home") / "course"
    shutil.copytree(test_own.TEMPLATE, course)
    dist = assignment.build(course / "my_week.yml", tmp_path_factory.mktemp("dist") / "my_week")
    places = {"own": str(course / "my_course"), "book": str(image.ROOT / "book"),
              "image": f"{mounts.IMAGE}/book"}  # fmt: skip
    looks = LOOKS.format(right=test_own.RIGHT["def clip_norm"], places=places)
    source = tmp_path_factory.mktemp("in")
    for name, code in (("right", test_own.RIGHT | {"import numpy": looks}),
                       ("wrong", test_own.WRONG)):  # fmt: skip
        nbformat.write(test_own.notebook(dist, code), source / f"{name}.ipynb")
    return course, dist, source

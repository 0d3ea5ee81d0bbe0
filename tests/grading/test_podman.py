"""Grading in a real container: the rows are those of a run outside, and what the container holds.

For `make test-podman`, under an ordinary account that has podman and the image
(`make grading-image BASE=...`).
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

import pytest

from grading.run import container, image, sandbox
from tests.grading import classroom, small_lab
from tests.grading.test_walls import CORR2D, FAILS, TORCH

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
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {Path(row["file"]).stem: row for row in csv.DictReader(file)}


def running() -> list[str]:
    """Names of our containers, also of those that have ended."""
    asked = ["podman", "ps", "--all", "--format", "{{.Names}}", "--filter", f"name={image.IMAGE}-"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()


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
    assert owners == {os.getuid()} and running() == []


def test_what_the_container_alone_holds_back(small, root, tmp_path):
    """All walls of the grader are switched off: only those of the container stand."""
    secret, listener = tmp_path / "keys", socket.create_server(("127.0.0.1", 0))
    secret.mkdir()
    (secret / "key").write_text("secret")
    local = socket.socket(socket.AF_UNIX)
    local.bind(str(secret / "socket"))
    local.listen()
    port, own = listener.getsockname()[1], Path(sys.prefix)
    source = write(small, tmp_path / "in", honest="", hostile=FAILS + f"""
import os, socket
failed(lambda: open({str(secret / 'key')!r}).read())
failed(lambda: socket.create_connection(('127.0.0.1', {port}), 2))
failed(lambda: socket.socket(socket.AF_UNIX).connect({str(secret / 'socket')!r}))
failed(lambda: open({str(source_file(tmp_path))!r}, 'a'))
failed(lambda: open({str(image.ROOT / 'grading' / 'grade.py')!r}, 'a'))
failed(lambda: open('/opt/venv/x', 'w'))
failed(lambda: os.kill({os.getpid()}, 0))
failed(lambda: os.listdir({str(image.ROOT / '.git')!r}))
failed(lambda: os.mknod('/tmp/device', 0o60600, 0x800))
assert 'CapEff:\\t0000000000000000' in open('/proc/self/status').read()
assert os.path.exists({str(root)!r}) and len(os.listdir('/tmp')) > 0
""")  # fmt: skip
    off = {"GRADING_WALLS": "none", "GRADING_WALLS_OFF": ALL}
    done = grade(source, tmp_path / "out", root, "--isolation=podman", **off)
    assert done.returncode == 0, done.stderr
    found = rows(tmp_path / "out")
    assert all("without_walls" in row["codes"] for row in found.values())
    assert found["hostile"]["total"] == found["honest"]["total"] == "18", found
    assert set(found["hostile"]["codes"].split()) <= set(found["honest"]["codes"].split()) | {
        "wrote_outside", "network"
    }, found["hostile"]  # fmt: skip
    # the same notebook, without a container, would have been stopped at its first line
    done = grade(source, tmp_path / "bare", root, "--isolation=none", **off)
    assert "cell_error" in rows(tmp_path / "bare")["hostile"]["codes"], done.stderr
    assert own.exists() and running() == []


def source_file(folder: Path) -> Path:
    return folder / "in" / "honest.ipynb"


def test_it_is_killed_and_goes_on(small, root, tmp_path):
    """The grader outside is killed, then the container; each time the same command goes on."""
    source = write(small, tmp_path / "in", a_honest="", endless=ENDLESS)
    out = tmp_path / "out"
    given = [sys.executable, "-m", "grading.grade", str(small_lab.NUMBER), str(source),
             "--out", str(out), "--root", str(root), "--jobs", "1", "--isolation=podman"]  # fmt: skip
    for how in (signal.SIGKILL, signal.SIGTERM):
        process = subprocess.Popen(given, cwd=image.ROOT)
        end = time.monotonic() + 240
        while not running() and time.monotonic() < end:
            time.sleep(0.2)
        (name,) = running()
        time.sleep(2)
        process.send_signal(how)
        process.wait(60)
        assert running() == ([name] if how == signal.SIGKILL else [])
    done = grade(source, out, root, "--isolation=podman")
    assert done.returncode == 0, done.stderr
    found = rows(out)
    assert {name: row["total"] for name, row in found.items()} == {"a_honest": "18", "endless": "18"}
    assert running() == []


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
    assert running() == []


def test_a_path_is_shown_under_its_own_name(small, root, tmp_path):
    """Through a link, with a comma and quotes in its name."""
    source = write(small, tmp_path / 'a "b", c', only="")
    (tmp_path / "link").symlink_to(source)
    done = grade(tmp_path / "link", tmp_path / "out", root, "--isolation=podman")
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path / "out")["only"]["total"] == "18"
    shutil.rmtree(source)

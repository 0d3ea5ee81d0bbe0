"""Grading in a container, with a stand-in for podman: what is asked of it, and each sentence.

The stand-in writes down what it is told, answers questions as podman does, and "runs" the image
by running the same program here. What a real podman does with the options is tried by
``test_podman.py`` (``make test-podman``).
"""

from __future__ import annotations

import csv
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from grading import grade
from grading.run import container, image, mounts
from tests.grading import classroom, small_lab

ROOT = image.ROOT
INFO = {
    "host": {"cgroupVersion": "v2", "cgroupControllers": ["memory", "pids"], "memTotal": 64 * 10**9,
             "security": {"selinuxEnabled": False}},
    "version": {"Version": "5.0.0"},
}  # fmt: skip
DOCKER = {"ServerVersion": "26.1", "CgroupVersion": "2", "MemoryLimit": True, "PidsLimit": True,
          "MemTotal": 8 * 10**9, "SecurityOptions": ["name=seccomp,profile=builtin"]}  # fmt: skip
PROGRAM = """\
#!{python}
import json, os, subprocess, sys, time
from pathlib import Path
here, asked = Path({here!r}), sys.argv[1:]
with (here / "asked.jsonl").open("a") as file:
    file.write(json.dumps(asked) + "\\n")
plan = json.loads((here / "plan.json").read_text())
if asked[0] in plan:
    print(plan[asked[0]].get("out", ""))
    print(plan[asked[0]].get("err", ""), file=sys.stderr)
    if plan[asked[0]].get("sleep"):
        (here / "pid").write_text(str(os.getpid()))
        time.sleep(60)
    sys.exit(plan[asked[0]].get("rc", 0))
if asked[0] == "kill":
    os.kill(int((here / "pid").read_text()), 9)
if asked[0] == "run":
    given = dict(v.split("=", 1) for k, v in zip(asked, asked[1:]) if k == "--env")
    inside = asked[asked.index("{image}") + 1 :]
    sys.exit(subprocess.run([sys.executable, *inside], env=os.environ | given).returncode)
"""


class Stand:
    """A stand-in for podman: what it answers, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def answers(self, **plan: dict) -> None:
        labels = {image.LABEL: image.requirements()}
        known = {"info": {"out": json.dumps(INFO)}, "image": {"out": json.dumps(labels)}}
        (self.folder / "plan.json").write_text(json.dumps(known | plan))

    @property
    def asked(self) -> list[list[str]]:
        text = (self.folder / "asked.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]

    @property
    def ran(self) -> list[str]:
        """The last container that it was asked for; after a failure it is asked to remove it."""
        return [asked for asked in self.asked if asked[0] == "run"][-1]


@pytest.fixture
def podman(tmp_path, monkeypatch) -> Stand:
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in image.PROGRAMS:
        text = PROGRAM.format(python=sys.executable, here=str(folder), image=image.IMAGE)
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    monkeypatch.setattr(container, "_is_root", lambda: False)
    made = Stand(folder)
    made.answers()
    return made


def grades(tmp_path: Path, *more: str, program: str = "podman") -> int:
    (tmp_path / "in").mkdir(exist_ok=True)
    given = ["6", str(tmp_path / "in"), "--out", str(tmp_path / "out"), *more]
    return grade.main([*given, f"--isolation={program}"])


def options(run: list[str], name: str) -> list[str]:
    """The values of an option of ``podman run``, written in one word or two."""
    before = run[: run.index(image.IMAGE)]
    found = [v for k, v in itertools.pairwise(before) if k == name]
    return found + [word.partition("=")[2] for word in before if word.startswith(f"{name}=")]


# -- what podman is asked


@pytest.mark.slow
def test_a_class_is_graded_by_the_same_program_inside(podman, small, tmp_path, root, capfd):
    source, out = tmp_path / "in, or not", tmp_path / "out"
    classroom.write(classroom.whole(small, most=1, only=()), source)
    given = [str(small_lab.NUMBER), str(source), "--out", str(out), "--root", str(root)]
    more = ["--jobs", "1", "--seconds", "200", "--isolation", "podman"]
    assert grade.main([*given, *more]) == 0
    said = capfd.readouterr().out
    want = "Container: podman 5.0.0; no network, read-only but for the results, no powers; at most"
    assert want in said and want in (out / "report.html").read_text(encoding="utf-8")
    with (out / "grades.csv").open(encoding="utf-8") as file:
        assert [row["status"] for row in csv.DictReader(file)] == ["graded"]
    info, labels, run = podman.asked
    assert info[0] == "info" and labels[:2] == ["image", "inspect"] and run[0] == "run"
    inside = run[run.index(image.IMAGE) + 1 :]
    assert {"--jobs=1", "--seconds=200.0", f"--out={out}", f"--root={root}"} <= set(inside)
    assert not any("isolation" in word for word in inside)
    asked = [next(csv.reader([mount])) for mount in options(run, "--mount")]
    assert ["type=bind", f"source={source}", f"target={source}", "readonly"] in asked
    assert ["type=bind", f"source={root}", f"target={root}", "readonly"] in asked


def test_nothing_but_the_results_can_be_written_and_nothing_else_is_shown(podman, tmp_path):
    podman.answers(run={"rc": 1})
    sheet, keys = tmp_path / "sheet.csv", tmp_path / "lab6"
    sheet.write_text("")
    keys.mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "in")
    assert grades(tmp_path, "--worksheet", str(sheet), "--assignment", str(keys)) == 1
    run = podman.ran
    mounts = [next(csv.reader([mount])) for mount in options(run, "--mount")]
    assert [m[2] for m in mounts if "readonly" not in m] == [f"target={tmp_path / 'out'}"]
    shown = {m[2].removeprefix("target=") for m in mounts if "readonly" in m}
    code = {str(ROOT / name) for name in container.NEEDED if (ROOT / name).exists()}
    assert shown == code | {str(p) for p in (tmp_path / "in", sheet, keys)}
    assert not {".git", "dist", "_build", "tests"} & set(container.NEEDED)
    held = {"--rm", "--network=none", "--read-only", "--cap-drop=all", "--pull=never",
            "--security-opt=no-new-privileges", "--userns=keep-id", "--read-only-tmpfs=false"}
    assert held <= set(run)
    assert f"--user={os.getuid()}:{os.getgid()}" in run
    (temporary,) = options(run, "--tmpfs")
    assert temporary.startswith("/tmp:") and "nosuid" in temporary and "size=5" in temporary
    assert {"-v", "--volume", "--privileged", "--device"}.isdisjoint(run)


@pytest.mark.parametrize(("counted", "held", "said"), [
    (["memory", "pids"], {"--memory", "--memory-swap", "--pids-limit"}, "at most"),
    (["pids"], {"--pids-limit"}, "WITHOUT a limit on memory of"),
    ([], set(), "WITHOUT a limit on memory and number of processes of the whole container"),
])  # fmt: skip
def test_limits_where_control_groups_are_handed_on(podman, tmp_path, counted, held, said):
    host = INFO["host"] | {"cgroupControllers": counted}
    podman.answers(info={"out": json.dumps(INFO | {"host": host})}, run={"rc": 1})
    grades(tmp_path, "--jobs", "2")
    run = podman.ran
    asked = {name for name in ("--memory", "--memory-swap", "--pids-limit") if options(run, name)}
    assert asked == held
    tasks = [word for word in options(run, "--ulimit") if word.startswith("nproc=")]
    assert bool(tasks) == ("pids" not in counted)
    (words,) = (v for v in options(run, "--env") if v.startswith(container.INSIDE))
    assert said in words
    if "memory" in held:
        assert options(run, "--memory") == [str(int(13.024 * 10**9))]  # 3 + 5 + 2 notebooks


def test_docker_is_asked_in_its_own_words(podman, tmp_path):
    podman.answers(info={"out": json.dumps(DOCKER)}, run={"rc": 1})
    grades(tmp_path, program="docker")
    run = podman.ran
    assert {"--network=none", "--read-only", "--cap-drop=all", "--pull=never"} <= set(run)
    for word in ("--userns", "--read-only-tmpfs", "--replace"):
        assert not any(other.startswith(word) for other in run)  # docker knows none of them
    assert options(run, "--memory") == [str(7_200_000_000)]  # nine tenths of the machine


def test_selinux_is_told_that_the_files_are_ours(podman, tmp_path):
    host = INFO["host"] | {"security": {"selinuxEnabled": True}}
    podman.answers(info={"out": json.dumps(INFO | {"host": host})}, run={"rc": 1})
    grades(tmp_path)
    assert "label=disable" in options(podman.ran, "--security-opt")


def test_the_name_tells_results_and_arguments(podman, tmp_path):
    podman.answers(run={"rc": 1})
    for more in ([], [], ["--jobs=1"], ["--jobs=1", f"--out={tmp_path / 'other'}"]):
        grades(tmp_path, *more)
    names = [options(run, "--name")[0] for run in podman.asked if run[0] == "run"]
    assert names[0] == names[1] and len(set(names)) == 3


# -- what can go wrong


@pytest.mark.parametrize(("plan", "said"), [
    ({"info": {"rc": 1, "err": "Error: no subuid ranges found for user x"}},
     "podman does not work for this account; 'podman info' says: Error: no subuid ranges found"),
    ({"info": {"rc": 1, "out": json.dumps(INFO), "err": "Cannot connect"}}, "says: Cannot connect"),
    ({"info": {"out": "{}"}}, "podman does not work for this account"),
    ({"image": {"rc": 1, "err": "no such image"}},
     "podman has no image dlworkbook-grading. Build it: make grading-image BASE="),
    ({"image": {"out": "null"}}, "was built from other requirements"),
    ({"image": {"out": json.dumps({image.LABEL: "0"})}}, "was built from other requirements"),
    ({"run": {"rc": 125}}, "The container did not start; podman says why, above."),
    ({"run": {"rc": 127}}, "has no Python that could be run"),
    ({"run": {"rc": 137}}, "The container was ended from outside (status 137), or its memory"),
])  # fmt: skip
def test_sentences(podman, tmp_path, capsys, plan, said):
    podman.answers(**plan)
    assert grades(tmp_path) == 1
    assert said in capsys.readouterr().err
    assert [asked[0] for asked in podman.asked].count("run") == ("run" in plan)


def test_where_there_is_no_such_program(podman, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    for program, package in (("podman", "podman uidmap"), ("docker", "docker.io")):
        assert grades(tmp_path, program=program) == 1
        said = capsys.readouterr().err
        assert f"There is no program '{program}' here" in said and package in said
        assert image.main(["--program", program]) == 1
        assert f"There is no program '{program}' here" in capsys.readouterr().err


def test_root_does_not_grade_in_a_container(podman, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(container, "_is_root", lambda: True)
    assert grades(tmp_path) == 1
    assert "grade under an ordinary account" in capsys.readouterr().err


def test_results_that_have_no_place(podman, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert grades(tmp_path, f"--out={tmp_path / 'file' / 'out'}") == 1
    assert f"cannot go to OUT={tmp_path / 'file' / 'out'}: Not a directory" in (
        capsys.readouterr().err
    )


def test_an_unknown_isolation(tmp_path, capsys):
    with pytest.raises(SystemExit):
        grades(tmp_path, program="jail")
    assert "ISOLATION=jail is none of walls, podman, docker, none" in capsys.readouterr().err


@pytest.mark.slow
def test_a_container_from_which_nothing_comes_is_killed(podman, tmp_path, monkeypatch, capsys):
    podman.answers(run={"sleep": True})
    monkeypatch.setattr(container, "SILENT", 0.3)
    monkeypatch.setattr(container, "LOOK", 0.1)
    start = time.monotonic()
    assert grades(tmp_path, "--seconds=0.1") == 1
    assert time.monotonic() - start < 20
    assert "the container was killed. What is graded is kept" in capsys.readouterr().err
    name = options(next(a for a in podman.asked if a[0] == "run"), "--name")[0]
    assert ["kill", name] in podman.asked


@pytest.mark.slow
def test_one_that_writes_results_is_not(podman, tmp_path, monkeypatch):
    podman.answers(run={"sleep": True})
    monkeypatch.setattr(container, "LOOK", 0.1)
    (out := tmp_path / "out" / "results").mkdir(parents=True)
    end = threading.Event()

    def results() -> None:
        for k in range(15):
            (out / f"{k}.json").write_text("{}")
            end.wait(0.2)
        os.kill(int((podman.folder / "pid").read_text()), signal.SIGKILL)

    thread = threading.Thread(target=results)
    thread.start()
    program = str(podman.folder / "podman")
    assert container.watch([program, "run"], "name", tmp_path / "out", silent=1.0) == 137
    thread.join()
    assert ["kill", "name"] not in podman.asked


@pytest.mark.slow
def test_who_ends_the_grader_ends_the_container(podman, tmp_path):
    podman.answers(run={"sleep": True})
    code = (
        "import sys; from pathlib import Path; from grading.run import container; "
        "container.watch([sys.argv[1], 'run'], 'name', Path(sys.argv[2]), 60)"
    )
    program = str(podman.folder / "podman")
    process = subprocess.Popen([sys.executable, "-c", code, program, str(tmp_path)], cwd=ROOT)
    while not (podman.folder / "pid").exists():
        time.sleep(0.05)
    process.terminate()
    assert process.wait(30) == 128 + signal.SIGTERM
    assert ["kill", "name"] in podman.asked


# -- none, and the image


def test_none_is_said_by_name(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADING_WALLS", "")
    grade.main([str(small_lab.NUMBER), str(tmp_path), "--isolation=none"])
    assert os.environ["GRADING_WALLS"] == "none"


def test_make_hands_it_on():
    called = ["make", "-n", "grade", "LAB=6", "SUBMISSIONS=x", "ISOLATION=none"]
    done = subprocess.run(called, cwd=ROOT, capture_output=True, text=True, check=True)
    assert '--isolation "none"' in done.stdout
    called = ["make", "-n", "grading-image", "BASE=mine", "ISOLATION=docker"]
    done = subprocess.run(called, cwd=ROOT, capture_output=True, text=True, check=True)
    assert 'grading.run.image --base "mine" --program docker' in done.stdout


def test_the_image_is_built_from_what_the_user_has(podman, monkeypatch, capsys):
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "file:///packages")
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    assert image.main(["--base", "mine:1", "--network=host"]) == 0
    (build,) = podman.asked
    given = [v for k, v in itertools.pairwise(build) if k == "--build-arg"]
    mark = f"REQUIREMENTS={image.requirements()}"
    assert given == ["BASE=mine:1", mark, "PIP_EXTRA_INDEX_URL=file:///packages"]
    assert build[-2:] == ["--network=host", str(ROOT)]
    assert "ISOLATION=podman" in capsys.readouterr().out
    podman.answers(build={"rc": 125})
    assert image.main(["--base", "mine:1"]) == 125
    assert "If it could not find 'mine:1'" in capsys.readouterr().err


def test_the_mark_changes_with_the_requirements(tmp_path):
    for name in ("requirements.txt", "requirements-grading.txt"):
        (tmp_path / name).write_text("a==1\n")
    before = image.requirements(tmp_path)
    (tmp_path / "requirements-grading.txt").write_text("a==2\n")
    assert image.requirements(tmp_path) != before != image.requirements()


def test_dockerfile():
    text = (ROOT / "grading" / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    steps = [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]
    assert steps[:2] == [("ARG", f"BASE={image.BASE}"), ("FROM", "${BASE}")]
    assert "/" not in image.BASE  # a name, and no address
    known = {"ARG", "FROM", "WORKDIR", "RUN", "COPY", "ENV", "LABEL", "USER", "ENTRYPOINT"}
    assert {name for name, _ in steps} == known
    # the image's own book is out of sight, also where another one grades
    assert not mounts.SYSTEM.fullmatch(Path(dict(steps)["WORKDIR"]).parts[1])
    user = dict(steps)["USER"].split(":")[0]
    assert user.isdigit() and int(user) > 999
    assert json.loads(dict(steps)["ENTRYPOINT"]) == ["python", "-m", "grading.grade"]
    assert ("LABEL", f"{image.LABEL}=${{REQUIREMENTS}}") in steps
    copied = [what.split()[:-1] for name, what in steps if name == "COPY"]
    assert copied == [["requirements.txt", "requirements-grading.txt"], ["."]]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = [line.removeprefix("!") for line in ignored if line.startswith("!")]
    assert "*" in ignored and sorted(allowed) == sorted(container.NEEDED)

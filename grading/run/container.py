"""Grade in a container: ``make grade ... ISOLATION=podman``, or ``docker``.

The whole run, grader and all, goes on in a container of the image that ``image.py`` builds: no
network, no powers, nothing to write but the folder of results and a piece of memory as ``/tmp``.
In it the grader builds its own walls as everywhere (``sandbox.py``), and grades nothing if they
cannot be had. This process stays outside and ends the container if nothing comes out of it.

Files have the same names inside and outside, so that what is said about them holds in both. The
code that grades is the one that lies here; the image brings Python and the packages.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grading.read.archives import LARGEST_CLASS

from . import cgroup, image, mounts
from .image import IMAGE, LABEL, PROGRAMS, ROOT

NEEDED = (  # of this folder; the same stands in .dockerignore
    "LICENSE", "_config.yml", "_toc.yml", "assignments", "book", "dlworkbook", "grading",
    "publish", "pyproject.toml", "requirements-grading.txt", "requirements.txt",
)
INSIDE = "GRADING_CONTAINER"  # environment variable: what holds the run, in words
PASSED_ON = ("GRADING_WALLS", "GRADING_WALLS_OFF", "TZ")
LIBRARIES = 3_000_000_000  # bytes: the grader, its judges and the packages, loaded
TEMPORARY = LARGEST_CLASS + 1_000_000_000  # bytes of /tmp: a class is unpacked there
SILENT = 900.0  # seconds without a result, beside the time of a few notebooks
FIRST_ANSWER = 60.0  # seconds that podman or docker may take to answer a question
LOOK = 2.0  # seconds between two looks at the results
NOT_STARTED = 125  # what podman and docker end with where they could not start a container


class NoContainer(RuntimeError):
    """Nothing can be graded in a container here; says why and what to do."""


@dataclass(frozen=True)
class Engine:
    """What a program that runs containers can do on this machine."""

    program: str
    version: str
    groups: str  # version of the control groups
    memory: bool  # whether it may limit the memory of a container
    tasks: bool  # whether it may limit the number of processes
    total: int  # bytes of memory of the machine
    labels: bool = False  # whether SELinux keeps containers from files without its label


def isolation(text: str) -> str:
    """What ISOLATION may say. Raises ArgumentTypeError."""
    known = ("walls", *PROGRAMS, "none")
    if text not in known:
        raise argparse.ArgumentTypeError(
            f"ISOLATION={text} is none of {', '.join(known)}. Left out, it is 'walls': those that "
            "the grader builds itself."
        )
    return text


def told() -> list[str]:
    """A sentence on the container that this process runs in; nothing elsewhere."""
    text = os.environ.get(INSIDE, "")
    return [f"Container: {text}."] if text else []


# -- what there is


def engine(program: str) -> Engine:
    """Ask a program what it can do here. Raises NoContainer."""
    if shutil.which(program) is None:
        raise NoContainer(f"Nothing was graded. {image.missing(program)}")
    if _is_root():
        raise NoContainer(
            f"Nothing was graded. With ISOLATION={program}, grade under an ordinary account: a "
            "container of root's is root's on the machine. As root, leave ISOLATION out: the "
            "grader lends each notebook an account that owns nothing."
        )
    answer = _ask([program, "info", "--format", "{{json .}}"])
    try:
        found = json.loads(answer.stdout)
        if answer.returncode or not isinstance(found, dict):
            raise ValueError
        return _podman(found) if program == "podman" else _docker(found)
    except (ValueError, KeyError, TypeError):
        raise NoContainer(
            f"Nothing was graded. {program} does not work for this account; '{program} info' says: "
            f"{_last(answer)}"
        ) from None


def _is_root() -> bool:
    return os.geteuid() == 0


def _podman(found: dict) -> Engine:
    host = found["host"]
    counted = host.get("cgroupControllers") or []
    return Engine(
        "podman",
        found["version"]["Version"],
        host["cgroupVersion"],
        "memory" in counted,
        "pids" in counted,
        int(host["memTotal"]),
        bool(host.get("security", {}).get("selinuxEnabled")),
    )


def _docker(found: dict) -> Engine:
    return Engine(
        "docker",
        found["ServerVersion"],
        f"v{found.get('CgroupVersion', '1')}",
        bool(found.get("MemoryLimit")),
        bool(found.get("PidsLimit")),
        int(found["MemTotal"]),
        any("selinux" in option for option in found.get("SecurityOptions") or []),
    )


def check_image(program: str) -> None:
    """Raise NoContainer if the image is missing, or is one of other requirements."""
    answer = _ask([program, "image", "inspect", "--format", "{{json .Config.Labels}}", IMAGE])
    build = "Build it: make grading-image BASE=image with Python 3.11 or newer"
    if program != PROGRAMS[0]:
        build += f" ISOLATION={program}"
    if answer.returncode:
        raise NoContainer(f"Nothing was graded. {program} has no image {IMAGE}. {build}.")
    labels = {}
    with contextlib.suppress(ValueError):
        labels = json.loads(answer.stdout) or {}
    if labels.get(LABEL) != image.requirements():
        raise NoContainer(
            f"Nothing was graded. The image {IMAGE} was built from other requirements than those "
            f"in {ROOT}, so that it may grade otherwise. {build}."
        )


def _ask(command: list[str]) -> subprocess.CompletedProcess:
    try:
        return subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=FIRST_ANSWER
        )
    except subprocess.TimeoutExpired:
        text = f"no answer to '{' '.join(command[:2])}' within {FIRST_ANSWER:.0f} s"
        return subprocess.CompletedProcess(command, 1, "", text)


def _last(answer: subprocess.CompletedProcess) -> str:
    """The last line of what a program said."""
    lines = [line for line in (answer.stderr or answer.stdout or "").splitlines() if line.strip()]
    return lines[-1].strip() if lines else f"nothing, and ends with {answer.returncode}"


# -- the command


def arguments(options: argparse.Namespace) -> list[str]:
    """The grader's own arguments once more, with paths that hold from any folder."""
    flags, places = [], []
    for name, value in vars(options).items():
        if name == "isolation" or value is None or value is False:
            continue
        flag = f"--{name.replace('_', '-')}"
        for one in value if isinstance(value, list) else [value]:
            text = os.path.abspath(one) if isinstance(one, Path) else str(one)
            if name in ("which", "submissions"):
                places.append(text)
            else:
                flags.append(flag if one is True else f"{flag}={text}")
    return [*flags, "--", *places]


def paths(options: argparse.Namespace) -> list[Path]:
    """What the arguments name and is there, but for the folder of results."""
    named = []
    for name, value in vars(options).items():
        if name != "out":
            named += value if isinstance(value, list) else [value]
    every = [Path(os.path.abspath(path)) for path in named if isinstance(path, Path)]
    return [path for path in dict.fromkeys(every) if path != ROOT and path.exists()]


def command(
    here: Engine, options: argparse.Namespace, more: Iterable[Path] = ()
) -> list[str]:
    """What runs the grader with these options in a container, which may also read ``more``.

    ``options.out`` and ``options.assignment`` are set; ``options.jobs`` and ``options.memory``
    (MB) tell how much room there must be.
    """
    given = arguments(options)
    out = Path(os.path.abspath(options.out))
    room, tasks = limits(here, options.jobs, options.memory * 10**6)
    environment = {name: os.environ[name] for name in PASSED_ON if os.environ.get(name)}
    environment |= {"PYTHONPATH": str(ROOT), INSIDE: words(here, room, tasks)}
    asked = [
        here.program, "run", "--rm", "--name", container_name(out, given), "--pull=never",
        "--stop-signal=SIGINT",  # Python ends at it, also as the first process
        "--network=none", "--read-only", f"--tmpfs=/tmp:rw,nosuid,nodev,mode=1777,size={TEMPORARY}",
        "--cap-drop=all", "--security-opt=no-new-privileges",
        f"--user={os.getuid()}:{os.getgid()}", "--workdir=/tmp", "--ulimit=core=0:0",
    ]  # fmt: skip
    if here.program == "podman":
        # the same number inside and outside; no other places to write; one run for these results
        asked += ["--userns=keep-id", "--read-only-tmpfs=false", "--replace"]
    if here.labels:
        asked.append("--security-opt=label=disable")  # else our own files would need new labels
    if here.memory:
        asked += [f"--memory={room}", f"--memory-swap={room}"]
    asked.append(f"--pids-limit={tasks}" if here.tasks else f"--ulimit=nproc={tasks}:{tasks}")
    for key, value in environment.items():
        asked += ["--env", f"{key}={value}"]
    reading = [ROOT / part for part in NEEDED if (ROOT / part).exists()] + paths(options)
    reading += [Path(os.path.abspath(path)) for path in more]
    for path in dict.fromkeys(reading):
        asked += ["--mount", _mount(path, "readonly")]
    asked += ["--mount", _mount(out)]
    return [*asked, "--entrypoint=python", IMAGE, "-m", "grading.grade", *given]


def limits(here: Engine, jobs: int, memory: int) -> tuple[int, int]:
    """Bytes and processes that a run may take in all; ``memory``: bytes of a notebook."""
    each = memory + cgroup.BESIDE + mounts.FOLDER_BYTES
    room = min(LIBRARIES + TEMPORARY + jobs * each, here.total * 9 // 10)
    return room, 2 * cgroup.TASKS + jobs * (cgroup.TASKS + 16)


def words(here: Engine, room: int, tasks: int) -> str:
    """What holds the run, for the reports."""
    text = f"{here.program} {here.version}; no network, read-only but for the results, no powers"
    stand = [f"{room / 1e6:,.0f} MB"] * here.memory + [f"{tasks:,} processes"] * here.tasks
    if stand:
        text += f"; at most {' and '.join(stand)} in all (control groups {here.groups})"
    lacks = ["memory"] * (not here.memory) + ["number of processes"] * (not here.tasks)
    if lacks:
        text += (
            f"; WITHOUT a limit on {' and '.join(lacks)} of the whole container, since this "
            f"account may not use control groups ({here.groups}): resource limits hold, process "
            "by process"
        )
    return text


def container_name(out: Path, given: Iterable[str]) -> str:
    """The name of the container: the same for the same results and arguments."""
    return f"{IMAGE}-{hashlib.sha256(repr((str(out), *given)).encode()).hexdigest()[:12]}"


def _mount(path: Path, *more: str) -> str:
    """A file or folder as an option; commas and quotes in its name are no end of it."""
    line = io.StringIO()
    fields = ["type=bind", f"source={path}", f"target={path}", *more]
    csv.writer(line, lineterminator="").writerow(fields)
    return line.getvalue()


# -- running


def grade(options: argparse.Namespace, more: Iterable[Path] = ()) -> int:
    """Grade in a container, as ``options`` say; how the grader in it ended. Raises NoContainer.

    ``more``: what the grader reads beside what the options name.
    """
    here = engine(options.isolation)
    check_image(here.program)
    out = Path(os.path.abspath(options.out))
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NoContainer(
            f"Nothing was graded. The results cannot go to OUT={out}: {error.strerror}."
        ) from None
    if not os.access(out, os.W_OK | os.X_OK):
        raise NoContainer(
            f"Nothing was graded. The results cannot go to OUT={out}: this account may not write "
            "there."
        )
    asked = command(here, options, more)
    called = asked[asked.index("--name") + 1]
    ended = watch(asked, called, out, SILENT + 4 * options.seconds)
    if ended == NOT_STARTED:
        raise NoContainer(
            f"The container did not start; {here.program} says why, above. Nothing was graded."
        )
    if ended in (126, 127):
        raise NoContainer(
            f"The image {IMAGE} has no Python that could be run; {here.program} says why, above. "
            "Build it again: make grading-image BASE=image with Python 3.11 or newer."
        )
    if ended > 128 and ended != 130:
        raise NoContainer(
            f"The container was ended from outside (status {ended}), or its memory ran out. What "
            "is graded is kept: the same command goes on; JOBS=1 takes least memory."
        )
    return ended


def watch(asked: list[str], called: str, out: Path, silent: float) -> int:
    """Run a container up to its end; its exit status.

    It is killed if nothing is written to ``out`` for ``silent`` seconds (NoContainer), and when
    this process is told to end.
    """

    def stop(*_) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, stop)
    process = subprocess.Popen(asked, stdin=subprocess.DEVNULL)
    last, since = _signs(out), time.monotonic()
    try:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return _status(process.wait(LOOK))
            now = _signs(out)
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > silent:
                raise NoContainer(
                    f"No result for {silent:.0f} s: the container was killed. What is graded is "
                    "kept: the same command goes on."
                )
    except KeyboardInterrupt:  # podman has got it, too, and hands it on
        with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            process.wait(30)
        return 130
    finally:
        signal.signal(signal.SIGTERM, before)
        if process.poll() is None:
            _kill(asked[0], called, process)
        elif process.returncode not in (0, NOT_STARTED):
            # podman has gone: where it went alone, as at a signal, the container would stay
            _ask([asked[0], "rm", "--force", called])


def _kill(program: str, called: str, process: subprocess.Popen) -> None:
    """End a container, whatever goes on in it."""
    for order in (["kill", called], ["rm", "--force", called]):
        answer = _ask([program, *order])
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
            return
    process.kill()
    process.wait()
    print(f"The container {called} may still run: {_last(answer)}", file=sys.stderr)


def _signs(out: Path) -> list[int]:
    """Changes when a result or a report is written."""
    found = []
    for place in (out, out / "results", out / "feedback"):
        with contextlib.suppress(OSError):
            found.append(place.stat().st_mtime_ns)
    return found


def _status(code: int) -> int:
    """An exit status as a shell tells it, also for one ended by a signal."""
    return 128 - code if code < 0 else code

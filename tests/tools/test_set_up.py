"""`make` on a fresh machine: each way in which it cannot work is a sentence, others work.

In a folder with a blank and a ``$`` in its name, with stand-ins for what a machine may have; the
recipes are the Makefile's own. ``PIP=true`` leaves out the installing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Makes an environment without waiting for pip to be unpacked into it.
VENV = f"""
if [ "$1 $2" = "-m venv" ]; then
  "{sys.executable}" -m venv --clear --without-pip .venv
  {{}}
else exec "{sys.executable}" "$@"; fi
"""
DEBIAN = VENV.format("echo 'ensurepip is not available'; exit 1")
WHOLE = VENV.format('touch "$(echo .venv/lib/python3*/site-packages)/pip.py"')


@pytest.fixture
def folder(tmp_path) -> Path:
    """What `make` reads of the book, in an inconvenient place."""
    made = tmp_path / "a book for $HOME"
    made.mkdir()
    for name in ("Makefile", "pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, made)
    return made


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def make(folder: Path, *arguments: str) -> tuple[int, str]:
    # Under `make test` this is a make within a make, which says "Entering directory" on top.
    own = {name: value for name, value in os.environ.items()
           if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")}
    done = subprocess.run(
        ["make", *arguments], cwd=folder, text=True, env=own,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
    )
    return done.returncode, done.stdout


def test_no_such_python(folder):
    code, said = make(folder, "PYTHON=no-such-python", "book")
    assert code != 0 and said.startswith(
        "There is no program 'no-such-python'. Name a Python 3.11 or newer: "
        "make PYTHON=python3.12 book\n"
    )


def test_python_that_is_too_old(folder):
    old = program(folder / "old python", "[ $1 = -V ] && echo Python 2.7.18 >&2\nexit 1")
    code, said = make(folder, f"PYTHON={old.relative_to(folder).as_posix()}", "book")
    assert code != 0  # a path without a directory is looked for in PATH
    code, said = make(folder, "PYTHON=./old python", "lint")
    assert code != 0 and said.startswith(
        "The book needs Python 3.11 or newer; './old python' is Python 2.7.18. "
        "Try: make PYTHON=python3.12 lint\n"
    )


def test_debian_without_venv_says_what_to_install_and_then_works(folder):
    program(folder / "debian python", DEBIAN)
    code, said = make(folder, "PYTHON=./debian python", "PIP=true", "book")
    assert code != 0
    assert "No virtual environment could be made with './debian python'." in said
    assert "apt-get install python3-venv" in said
    assert (folder / ".venv/bin/python").exists()  # half an environment was left behind
    program(folder / "whole python", WHOLE)
    code, said = make(folder, "PYTHON=./whole python", "PIP=true", ".venv/.installed")
    assert code == 0, said
    assert "setting up .venv" in said


def test_environment_of_an_old_python_is_made_anew(folder):
    program(folder / ".venv/bin/python", "exit 1")
    program(folder / "whole python", WHOLE)
    code, said = make(folder, "PYTHON=./whole python", "PIP=true", ".venv/.installed")
    assert code == 0 and "setting up .venv" in said
    # One that works is kept, whatever `python3` is.
    (folder / "requirements.txt").touch()
    code, said = make(folder, "PYTHON=no-such-python", "PIP=true", ".venv/.installed")
    assert code == 0 and "setting up .venv" not in said


def test_paths_arrive_as_they_are(folder):
    program(folder / ".venv/bin/python", 'echo "$@ in $PYTHONPATH"')
    (folder / ".venv/.installed").touch()
    code, said = make(folder, "book")
    assert code == 0
    assert f"-m publish.site.build in {folder}\n" in said
    assert f"open {folder}/_build/html/index.html" in said


OPTIONS = {  # of Make, and what the command gets
    "assignment": {"ROSTER": "--roster", "OUT": "--out"},
    "grade": {"OUT": "--out", "JOBS": "--jobs", "WORKSHEET": "--worksheet", "ROSTER": "--roster",
              "EXTENSIONS": "--extensions", "TIMES": "--times", "ISOLATION": "--isolation",
              "ASSIGNMENT": "--assignment"},
    "mark": {"OUT": "--out", "WHO": "--who", "ASSIGNMENT": "--assignment"},
    "regrade": {"OUT": "--out", "TASK": "--task", "STUDENT": "--student",
                "ASSIGNMENT": "--assignment"},
}


@pytest.mark.parametrize("command", OPTIONS)
def test_options_of_grading_arrive_and_help_names_them(folder, command):
    program(folder / ".venv/bin/python", 'for word in "$@"; do echo "[$word]"; done')
    (folder / "requirements-grading.txt").touch()
    for name in (".installed", ".grading"):
        (folder / ".venv" / name).touch()
    must = ["LAB=6", "SUBMISSIONS=in", "SUBMISSION=a.ipynb", "CLAIM=why"]
    code, said = make(folder, command, *must)
    assert code == 0 and not set(OPTIONS[command].values()) & set(re.findall(r"\[(.*)\]", said))
    given = [f"{name}=of {name}" for name in OPTIONS[command]]
    code, said = make(folder, command, *must, *given)
    words = re.findall(r"\[(.*)\]", said)
    for name, option in OPTIONS[command].items():
        values = ["of", name] if name == "JOBS" else [f"of {name}"]  # a number needs no quotes
        at = words.index(option) + 1
        assert words[at:at + len(values)] == values
    (line,) = re.findall(rf"^  make {command} .*", make(folder, "help")[1], re.MULTILINE)
    assert [name for name in OPTIONS[command] if name not in line] == []


def test_help_lists_the_commands(folder):
    code, said = make(folder)
    assert code == 0 and "  make book          build the site into _build/html\n" in said

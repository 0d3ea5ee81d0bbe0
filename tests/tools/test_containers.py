"""Binder and the dev container: made from requirements.txt and the Makefile, no list of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import yaml
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]
BINDER = ROOT / ".binder"


CPU = "--extra-index-url https://download.pytorch.org/whl/cpu"  # else torch is gigabytes


def test_binder_installs_the_books_pins_and_nothing_else():
    lines = (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
    told = [line for line in lines if not line.startswith("#")]
    assert told == [CPU, "-r ../requirements.txt"]
    assert CPU in (ROOT / "grading/make/master.py").read_text(encoding="utf-8")  # the autograder


def test_binder_takes_the_python_of_the_tests():
    """Without a version Binder takes one that the book does not run on."""
    version = (BINDER / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    workflow = yaml.safe_load((ROOT / ".github/workflows/book.yml").read_text(encoding="utf-8"))
    steps = workflow["jobs"]["build"]["steps"]
    assert version in [step.get("with", {}).get("python-version") for step in steps]
    assert version in SpecifierSet(">=3.11")
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    assert f"-{version}-" in container["image"]


def test_binder_installs_the_package_as_make_does():
    script = BINDER / "postBuild"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    (line,) = [x for x in script.read_text(encoding="utf-8").splitlines() if "pip install" in x]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert line.partition("--no-cache-dir ")[2] in makefile


def test_the_dev_container_is_made_by_make():
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    command, target = container["postCreateCommand"].split()
    assert command == "make"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"$(VENV)/{target.removeprefix('.venv/')}:" in makefile
    assert container["containerEnv"]["PIP_EXTRA_INDEX_URL"] == CPU.partition(" ")[2]

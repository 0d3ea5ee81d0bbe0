"""Packages from npm that the benchmark needs, installed below ``_build/bench/npm``."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from publish.tools import node

# What a default Jupyter Book loads from content networks is served from here instead, so that
# it is measured under the same conditions as our page (which favours the default: no look-up of
# names, no second connection).
PACKAGES = {
    "lighthouse": "12.8.2",
    "mathjax": "3.2.2",
    "requirejs": "2.3.7",
    "@jupyter-widgets/html-manager": "1.0.14",
}


class NpmMissing(RuntimeError):
    """Packages could not be installed; the message says why."""


def program(name: str) -> str:
    """Return the path of node or npm."""
    try:
        return node.program(name)
    except node.NodeMissing as error:
        raise NpmMissing(str(error)) from None


def environment() -> dict[str, str]:
    """Return the environment for Node programs: its own folder first on the PATH."""
    folder = str(Path(program("node")).parent)
    return os.environ | {"PATH": os.pathsep.join([folder, os.environ.get("PATH", "")])}


def install(folder: Path) -> Path:
    """Install PACKAGES into ``folder`` unless they are there; returns its node_modules."""
    modules = folder / "node_modules"
    wanted = {"private": True, "dependencies": PACKAGES}
    package = folder / "package.json"
    complete = all((modules / name / "package.json").is_file() for name in PACKAGES)
    if complete and package.is_file() and json.loads(package.read_text()) == wanted:
        return modules
    folder.mkdir(parents=True, exist_ok=True)
    package.write_text(json.dumps(wanted))
    command = [program("npm"), "install", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=600
    )
    if done.returncode:
        raise NpmMissing(f"npm install failed:\n{done.stderr[-1500:]}")
    return modules

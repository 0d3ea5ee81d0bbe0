"""Build the image that notebooks are graded in: ``python -m grading.run.image --base IMAGE``.

It needs nothing but Python and podman (or docker), so that a machine that grades in containers
builds it before anything is installed. The image carries a mark of the requirements it was built
from; ``container.py`` refuses to grade in an image of others.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "dlworkbook-grading"
LABEL = "dlworkbook.requirements"
PROGRAMS = ("podman", "docker")
BASE = "python:3.12-slim"
PASSED_ON = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")  # where pip looks


def requirements(root: Path = ROOT) -> str:
    """A mark of what the grader is installed from; changes with its pins."""
    digest = hashlib.sha256()
    for name in ("requirements.txt", "requirements-grading.txt"):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()[:16]


def missing(program: str) -> str:
    """What to do where a program that runs containers is missing."""
    package = {"podman": "podman uidmap", "docker": "docker.io"}[program]
    return (
        f"There is no program '{program}' here. On Debian and Ubuntu: sudo apt-get install "
        f"{package}. Or grade without a container: leave ISOLATION out."
    )


def command(
    program: str,
    base: str,
    root: Path = ROOT,
    environment: Mapping[str, str] = os.environ,
    more: list[str] | None = None,
) -> list[str]:
    """What builds the image; ``more``: options for the program itself, as they are."""
    given = {"BASE": base, "REQUIREMENTS": requirements(root)}
    given |= {name: environment[name] for name in PASSED_ON if environment.get(name)}
    asked = [part for item in given.items() for part in ("--build-arg", "=".join(item))]
    file = str(root / "grading" / "Dockerfile")
    return [program, "build", "-f", file, "-t", IMAGE, *asked, *(more or []), str(root)]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m grading.run.image",
        description="Options that are not known here are handed to podman build as they are.",
    )
    parser.add_argument("--base", default=BASE, help=f"image to build on; default: {BASE}")
    parser.add_argument("--program", choices=PROGRAMS, default=PROGRAMS[0])
    options, more = parser.parse_known_args(argv)
    if shutil.which(options.program) is None:
        print(missing(options.program), file=sys.stderr)
        return 1
    done = subprocess.run(command(options.program, options.base, more=more)).returncode
    if done:
        print(
            f"The image was not built; {options.program} says why, above. If it could not find "
            f"'{options.base}', name an image that you have: make grading-image BASE=name "
            f"({options.program} images lists them). It needs Python 3.11 or newer.",
            file=sys.stderr,
        )
    else:
        print(f"The image {IMAGE} is ready: make grade ... ISOLATION={options.program}")
    return done


if __name__ == "__main__":
    raise SystemExit(main())

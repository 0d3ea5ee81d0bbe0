"""Find the Chromium that the browser tests and the benchmark drive, or get one.

``python -m publish.tools.chromium`` prints its path. If there is none it first installs one: the
distribution's package as root, else Playwright's own download (``--find-only``: not). It ends with
status 1 and says what to do when none can be had, so that no test is skipped in silence.

First choice is ``chromium-headless-shell``, a package of Debian's: the same engine without the
browser's own windows, whose renderers take as much of the processor as a light page.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

ENVIRONMENT = "WORKBOOK_CHROMIUM"
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
MAC_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# Headless, quiet, and unable to reach anything but this machine: a page that asks for a third
# party fails its test on every machine, with or without a network.
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
HELP = (
    "No Chromium was found. Do one of these, then run the command again:\n"
    "  - Debian:          sudo apt-get install chromium-headless-shell\n"
    "  - Ubuntu:          sudo apt-get install chromium\n"
    "  - Fedora:          sudo dnf install chromium\n"
    "  - elsewhere:       .venv/bin/python -m playwright install --with-deps chromium\n"
    f"  - or name one:     {ENVIRONMENT}=/path/to/chrome make test"
)


class ChromiumMissing(RuntimeError):
    """No usable Chromium; the message says what to do."""


def playwrights_own() -> str | None:
    """Return the path of the Chromium that Playwright downloaded, if it did."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def find(own=playwrights_own) -> str:
    """Return the path of a Chromium: the named one, the system's, or Playwright's own.

    Raises ChromiumMissing; a wrong WORKBOOK_CHROMIUM is an error, never passed over.
    """
    named = os.environ.get(ENVIRONMENT)
    if named:
        path = shutil.which(named)
        if not path:
            raise ChromiumMissing(f"{ENVIRONMENT}={named} is not a program that can be run.")
        return path
    for name in NAMES:
        path = shutil.which(name) or shutil.which(f"/usr/bin/{name}")
        if path:
            return path
    for path in MAC_APPS:
        if Path(path).is_file():
            return path
    path = own()
    if path:
        return path
    raise ChromiumMissing(HELP)


def install_commands(is_root: bool) -> list[list[list[str]]]:
    """Return the ways to get one on this machine, best first; each is a list of commands."""
    ways = []
    if is_root and shutil.which("apt-get"):
        ways.append([["apt-get", "update"], ["apt-get", "install", "-y", NAMES[0]]])
        ways.append([["apt-get", "install", "-y", "chromium"]])  # of Ubuntu, older Debians
    if is_root and shutil.which("dnf"):
        ways.append([["dnf", "install", "-y", "chromium"]])
    ways.append([[sys.executable, "-m", "playwright", "install", "chromium"]])
    return ways


def install(own=playwrights_own) -> str:
    """Return the path of a Chromium, installing one if there is none; ChromiumMissing if none."""
    try:
        return find(own)
    except ChromiumMissing:
        if os.environ.get(ENVIRONMENT):
            raise
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for way in install_commands(is_root):
        for command in way:
            print("Installing Chromium for the tests:", " ".join(command), flush=True)
            if subprocess.run(command, env=quiet).returncode != 0:
                break
        try:
            return find(own)
        except ChromiumMissing:
            continue
    raise ChromiumMissing(HELP)


def main(argv: list[str] | None = None) -> int:
    """Print the path of the Chromium; status 1 and what to do if there is none."""
    parser = argparse.ArgumentParser(prog="python -m publish.tools.chromium", description=__doc__)
    parser.add_argument("--find-only", action="store_true", help="install nothing")
    options = parser.parse_args(argv)
    try:
        print(find() if options.find_only else install())
    except ChromiumMissing as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

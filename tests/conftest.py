"""For all tests: what Ctrl-C does, and a table of times by subject at the end."""

from __future__ import annotations

import signal
from collections import defaultdict
from pathlib import Path

pytest_plugins = ["tests.kit.browser"]

# A shell that starts a command in the background has Ctrl-C ignored, and so do all processes
# below it; the tests of Ctrl-C would then wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

MANY = 200  # from this many tests on, somebody wants to know where the time went
SLOWEST = 20


def pytest_terminal_summary(terminalreporter) -> None:
    """Worker-seconds of each file, summed by folder, and the slowest tests."""
    seconds, tests = defaultdict(float), set()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if hasattr(report, "duration"):
                seconds[report.nodeid] += report.duration
                tests.add(report.nodeid)
    if len(tests) < MANY:
        return
    files: dict[str, list[float]] = defaultdict(list)
    for name in tests:
        files[name.split("::")[0]].append(seconds[name])
    folders: dict[str, list[str]] = defaultdict(list)
    for name in files:
        folders[Path(name).parent.as_posix()].append(name)

    def total(name: str) -> float:
        return sum(files[name])

    terminalreporter.section("worker-seconds")
    for folder in sorted(folders, key=lambda f: -sum(map(total, folders[f]))):
        number = sum(len(files[name]) for name in folders[folder])
        spent = sum(map(total, folders[folder]))
        terminalreporter.write_line(f"{spent:7.0f}  {folder}  ({number} tests)")
        for name in sorted(folders[folder], key=lambda n: -total(n)):
            if total(name) >= 10:
                terminalreporter.write_line(f"{total(name):14.0f}  {Path(name).name}")
    terminalreporter.write_line(f"the slowest {SLOWEST}:")
    for name in sorted(tests, key=lambda n: -seconds[n])[:SLOWEST]:
        terminalreporter.write_line(f"{seconds[name]:7.1f}  {name}")

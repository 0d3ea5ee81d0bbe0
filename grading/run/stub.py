"""What a notebook sees of the checks while it is graded.

They do not run there: nothing in that process knows a right answer, and the judge asks for every
answer afterwards. A notebook that calls them goes on as if all were well.
"""

from __future__ import annotations

import importlib
from typing import Any

SAYS = "Not checked here: the grader looks at every answer when the notebook has run."


def put(tasks: list[str]) -> None:
    """Import a copy of the checks in which ``check`` says that it comes later."""
    checks = importlib.import_module("dlworkbook.checks")
    report = checks.Report

    def check(task: Any, answer: Any = None, *, seconds: float | None = None):
        """Nothing is checked; see ``SAYS``."""
        return report(str(task)[:60], "passed", SAYS)

    def proves(answer: str, value: Any) -> None:
        """Nothing is asserted."""

    checks.check = checks.engine.check = check
    checks.proves, checks.hold = proves, lambda text: None
    checks.everything = lambda *args, **more: None
    checks.names = lambda: sorted(tasks)
    checks.contract = lambda name: ""

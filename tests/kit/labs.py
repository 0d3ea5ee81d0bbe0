"""The assignments of the book's labs, each made once in a process.

Tests that need one are in the group of their lab, so that one process runs them all.
"""

from __future__ import annotations

import pytest


def of_lab(cases) -> list:
    """Cases whose first part is the number of a lab, in that lab's group."""
    return [
        pytest.param(*case, marks=pytest.mark.xdist_group(f"lab-{case[0]}")) for case in cases
    ]


@pytest.fixture(scope="session")
def assigned(tmp_path_factory):
    """Return a function that gives the folder of a lab's assignment, its solution tried."""
    from grading.make import assignment

    made = {}

    def build(number: int):
        if number not in made:
            out = tmp_path_factory.mktemp("assigned") / f"lab{number}"
            made[number] = assignment.build(number, out)
        return made[number]

    return build

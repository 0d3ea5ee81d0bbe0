"""Find the mistake whose outputs are those of the learner.

An answer is compared by what it gives on all probes together. Each stage asks less than the one
before, and a stage names a mistake only if it fits no other:

1. ``exact``: the same arrays everywhere, and an error exactly where the mistake makes one;
2. ``loose``: where the mistake makes an error, the learner's answer may do anything but be right;
   and where it makes wrong numbers, the learner's may stop with an error instead;
3. ``fails_alike``: the mistake is right or fails, and the learner's answer fails on the same
   probes, with an error or a wrong shape (wrong numbers of the right shape may have any cause).

Probes outside the contract show what a function was written for. A name that rests on them alone
needs two that agree (one may be a coincidence), and no result of the right form within the
contract, where the mistake makes none.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

from . import values
from .task import Fitted, Mistake, Probe, Task, Variant

# Outcomes of an answer: for each probe that was run, its arrays, or None where it gave none.
Outcomes = list[tuple[Probe, list | None]]


def same(got: list | None, want: list | None, tol: float = 1e-5) -> bool:
    """Whether two lists of arrays agree; two failures agree as well."""
    if got is None or want is None:
        return got is None and want is None
    if len(got) != len(want):
        return False
    return all(values.equal(a, b, tol) for a, b in zip(got, want, strict=True))


def right(task: Task, probe: Probe, got: list | None, tol: float = 1e-5) -> bool:
    """Whether arrays are what the task asks for."""
    if got is None or not probe.contract:
        return False
    return same(got, task.expected(probe), tol * probe.slack)


def candidates(task: Task, outcomes: Outcomes, tol: float = 1e-5) -> list[Mistake]:
    """The mistakes that fit in the first stage in which any fits. More than one: no name."""
    for stage in (exact, loose, fails_alike):
        found = [m for m in task.mistakes if stage(task, m, outcomes, tol)]
        if not found:
            continue
        # Two mistakes that give these very arrays say more than where an answer fails.
        numbers = [(p, got) for p, got in outcomes if p.contract and got is not None]
        wrong = any(not right(task, p, got, tol) for p, got in numbers)
        if stage is fails_alike and wrong and pair(task, outcomes, tol):
            return []
        return found
    return []


def name(task: Task, outcomes: Outcomes, tol: float = 1e-5) -> Mistake | None:
    """The one mistake that fits, or None."""
    found = candidates(task, outcomes, tol)
    return found[0] if len(found) == 1 else None


def exact(task: Task, mistake: Mistake, outcomes: Outcomes, tol: float) -> bool:
    """Stage 1."""
    return any(_fits(task, v, outcomes, tol, strict=True) for v in mistake.variants)


def loose(task: Task, mistake: Mistake, outcomes: Outcomes, tol: float) -> bool:
    """Stage 2."""
    return any(_fits(task, v, outcomes, tol, strict=False) for v in mistake.variants)


def _fits(task: Task, variant, outcomes: Outcomes, tol: float, strict: bool) -> bool:
    answer_of = task.outcome
    if isinstance(variant, Fitted):
        variant, answer_of = variant.fit(outcomes), task.compute
        if variant is None:
            return False
    evidence = outside = stopped = 0
    contradicted = False
    for probe, got in outcomes:
        theirs = answer_of(variant, probe)
        if not probe.contract and theirs is None:
            continue  # outside the contract only what the variant can do counts
        if not same(got, theirs, tol * probe.slack):
            if strict or right(task, probe, got, tol):
                return False
            if theirs is not None:
                if got is not None or right(task, probe, theirs):
                    return False
                stopped += 1
            contradicted |= theirs is None and _right_shape(task, probe, got)
        elif got is not None and not right(task, probe, theirs):
            evidence += probe.contract
            outside += not probe.contract
    if not evidence and (outside < 2 or contradicted):
        return False
    # An error proves little: ask for more wrong numbers that agree than for missing ones.
    return evidence + outside > stopped


def fails_alike(task: Task, mistake: Mistake, outcomes: Outcomes, tol: float) -> bool:
    """Stage 3."""
    if not mistake.by_place:
        return False
    asked = [(probe, got) for probe, got in outcomes if probe.contract]
    marks = [right(task, probe, got, tol) for probe, got in asked]
    if not any(marks) or all(marks):
        return False
    if any(_right_shape(task, p, got) for (p, got), ok in zip(asked, marks, strict=True) if not ok):
        return False
    for variant in mistake.variants:
        theirs = [task.outcome(variant, probe) for probe, _ in asked]
        only_errors = all(
            t is None or right(task, probe, t) for (probe, _), t in zip(asked, theirs, strict=True)
        )
        if only_errors and marks == [t is not None for t in theirs]:
            return True
    return False


def _right_shape(task: Task, probe: Probe, got: list | None) -> bool:
    return got is not None and [a.shape for a in got] == [a.shape for a in task.expected(probe)]


def pair(
    task: Task, outcomes: Outcomes, tol: float = 1e-5, seconds: float = 6.0
) -> tuple[Mistake, Mistake] | None:
    """Two mistakes that together give exactly these outcomes; None if none is found in time.

    ``seconds`` is processor time, so that a busy machine gives the same answer. What the pairs
    give on the first probe is remembered: a second search costs little.
    """
    asked = [item for item in outcomes if item[0].contract]
    # Small wrong numbers first: they tell pairs apart at the least cost.
    asked.sort(key=lambda item: (_says_little(task, *item), sum(a.size for a in item[1] or ())))
    end = time.thread_time() + seconds
    answer_of = [task.outcome] + [task.compute] * len(asked)
    for first, second, both in _pairs(task):
        if time.thread_time() > end:
            return None
        evidence = False
        for (probe, got), answer in zip(asked, answer_of, strict=False):
            theirs = answer(both, probe)
            if not same(got, theirs, tol):
                break
            # Zeros come out of many pairs, and of none.
            some = got is not None and any((array != 0).any() for array in got)
            evidence |= some and not right(task, probe, theirs)
        else:
            if evidence:
                return first, second
    return None


def _says_little(task: Task, probe: Probe, got: list | None) -> bool:
    return got is None or right(task, probe, got)


def _pairs(task: Task) -> list[tuple[Mistake, Mistake, Variant]]:
    """All pairs of mistakes that can be put together: the first variants of all before others."""
    if task.pairs is None:
        task.pairs = list(_made_pairs(task))
    return task.pairs


def _made_pairs(task: Task) -> Iterator[tuple[Mistake, Mistake, Variant]]:
    parts = [
        (k, mistake, variant)
        for mistake in task.mistakes
        for k, variant in enumerate(mistake.variants)
        if isinstance(variant, Variant)
    ]
    for (_, first, a), (_, second, b) in sorted(
        itertools.combinations(parts, 2), key=lambda pair: pair[0][0] + pair[1][0]
    ):
        if first is not second:
            for both in a.orders(b):
                yield first, second, both

"""What every catalogue of mistakes is tested for; the test files of the tasks call these."""

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from dlworkbook import checks
from dlworkbook.checks import naming
from dlworkbook.checks.task import Fitted, Task


def variants(task: Task):
    """Parameters (mistake, k) for ``pytest.mark.parametrize``, one for each variant."""
    return [
        pytest.param(mistake, k, id=f"{mistake.id}-{k}")
        for mistake in task.mistakes
        for k in range(len(mistake.variants))
    ]


def assert_accepted(task: Task, answer) -> None:
    """A right answer passes, with all points and no name."""
    report = checks.check(task.name, answer)
    assert report.status == "passed", str(report)
    assert report.mistake is None and report.credit == 1
    assert report.right == report.probes == len(task.asked)


def assert_named(task: Task, answer, wanted: str) -> None:
    """A wrong answer is told its mistake, and keeps what this mistake leaves."""
    report = checks.check(task.name, answer)
    assert (report.status, report.mistake) == ("named_mistake", wanted), str(report)
    mistake = next(m for m in task.mistakes if m.id == wanted)
    assert not report.passed and report.credit == mistake.keeps < 1


def assert_no_other_fits(task: Task, mistake, k: int) -> None:
    """No other mistake has the same outputs in the stage in which this one is named."""
    outcomes = [(p, task.outcome(mistake.variants[k], p)) for p in task.probes]
    assert [m.id for m in naming.candidates(task, outcomes)] == [mistake.id]


def assert_wrong_somewhere(task: Task, mistake, k: int) -> None:
    """A variant is wrong on at least one probe, else it is no mistake."""
    got = [naming.right(task, p, task.outcome(mistake.variants[k], p)) for p in task.asked]
    assert not all(got), mistake.id


def assert_well_formed(task: Task, wanted: set[str], *, never_shown: tuple[str, ...] = ()) -> None:
    """The ids that the course names are there, and texts are whole and hold no solution."""
    ids = [m.id for m in task.mistakes]
    assert len(ids) == len(set(ids)) and wanted <= set(ids), wanted - set(ids)
    for m in task.mistakes:
        assert m.variants and m.title and m.message.endswith(".") and m.hint[-1] in ".?", m.id
        assert m.keeps in (0, 0.25, 0.5, 0.75), m.id
        for code in never_shown:
            assert code not in m.message + m.hint, f"{m.id} shows code of the answer"


# A check costs at most so many times the yardstick: twice what the slowest costs today.
PLAIN, WITH_PAIRS = 8, 60


def yardstick() -> None:
    """Small tensors and arrays, as checks have them: some hundredths of a second."""
    tensor, array = torch.ones(8, 8), np.ones((8, 8))
    for _ in range(2000):
        tensor, array = torch.tanh(tensor @ tensor + 1), np.tanh(array @ array + 1)


def _cost(function: Callable, *arguments) -> tuple[float, Any]:
    """Processor time of a call, and what it gives."""
    start = time.thread_time()
    result = function(*arguments)
    return time.thread_time() - start, result


def assert_quick(task: Task, *answers) -> None:
    """A check costs a bounded number of yardsticks, measured beside it on the same machine.

    Each counts with the least of three times. The search for two mistakes at once stops after some
    seconds; here it goes on to its end, so that a slower one is seen.
    """
    for answer in answers:
        check = unit = math.inf
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(naming.pair, "__defaults__", (1e-5, 600.0))
            for _ in range(3):
                before, _ = _cost(yardstick)
                task.pairs = None  # else the second search remembers the first
                seconds, report = _cost(checks.check, task.name, answer)
                check, unit = min(check, seconds), min(unit, before, _cost(yardstick)[0])
        most = PLAIN if report.passed or report.mistake else WITH_PAIRS
        assert check < most * unit, f"{task.name}: {check / unit:.1f} yardsticks\n{report}"


def assert_pairs_are_never_a_third(task: Task, seed: int = 0, number: int = 40) -> None:
    """Two mistakes at once are named as a third one only where no two results tell them apart.

    Where both give arrays, these are the same, and on one probe at least the same and wrong. The
    numbers are compared here, not by the code that names. Where one of the two stops they may
    differ: a name leaves that open (``naming.loose``), since what a wrong answer does where another
    form of it raises says little.
    """
    parts = [(m.id, m.variants[0]) for m in task.mistakes if hasattr(m.variants[0], "with_other")]
    rng = np.random.default_rng(seed)
    for _ in range(number if len(parts) > 1 else 0):
        a, b = rng.choice(len(parts), 2, replace=False)
        both = parts[a][1].with_other(parts[b][1])
        if both is None:
            continue
        outcomes = [(p, task.compute(both, p)) for p in task.probes]
        found = naming.name(task, outcomes)
        if found is not None and found.id not in (parts[a][0], parts[b][0]):
            fits = [_same_numbers(task, variant, outcomes) for variant in found.variants]
            assert any(fits), (parts[a][0], parts[b][0], found.id)


def _same_numbers(task: Task, variant, outcomes: naming.Outcomes) -> bool:
    """Whether a variant gives these arrays wherever both give some, wrong ones among them."""
    if isinstance(variant, Fitted):
        variant = variant.fit(outcomes)
    made = [(p, got, variant and task.compute(variant, p)) for p, got in outcomes if p.contract]
    both = [(p, got, other) for p, got, other in made if got is not None and other is not None]
    alike = all(_close(got, other, 1e-3) for _, got, other in both)
    return alike and any(not _close(got, task.expected(p), 1e-7) for p, got, _ in both)


def _close(one: list, other: list, tol: float) -> bool:
    return [a.shape for a in one] == [a.shape for a in other] and all(
        np.allclose(a, b, tol, tol, equal_nan=True) for a, b in zip(one, other, strict=True)
    )

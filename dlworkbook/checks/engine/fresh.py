"""New inputs for an answer that is right on all the known ones: these, with their numbers moved.

The known inputs are public, and a table of answers to them would be right. The numbers of an array
are put in another order, so that they keep their size and the task stays what it is.
"""

from __future__ import annotations

from ..task import Probe, Task

MOST = 3  # of a task
FEW = 6  # numbers of an array that is worth it
SLACK = 10  # other sums lose other digits


def probes(task: Task, seed: int) -> list[Probe]:
    """Some probes of a task with their numbers moved; the same for the same seed."""
    import numpy as np

    rng = np.random.default_rng(seed)
    known = [probe for probe in task.asked if any(map(_worth, probe.inputs))]
    made = []
    for k in rng.permutation(len(known)):
        probe = known[k]
        inputs = tuple(
            rng.permuted(value.ravel()).reshape(value.shape) if _worth(value) else value
            for value in probe.inputs
        )
        new = Probe(f"new {seed}-{k}", inputs, probe.traits, "", slack=SLACK * probe.slack)
        if all(np.isfinite(part).all() for part in task.expected(new)):
            made.append(new)
        if len(made) == MOST:
            break
    return made


def _worth(value: object) -> bool:
    import numpy as np

    return (
        isinstance(value, np.ndarray)
        and value.dtype.kind == "f"
        and value.size >= FEW
        and bool((value != value.flat[0]).any())
    )

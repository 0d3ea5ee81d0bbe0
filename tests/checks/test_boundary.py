"""What ``run`` says of an answer is plain data: it could come from another process.

It goes through pickle, and what comes out on the other side may be made of arrays, plain types and
our own data classes only. The report must be the same.
"""

import io
import pickle
from dataclasses import asdict

import numpy as np
import pytest
import torch

from dlworkbook import checks
from dlworkbook.checks import engine, tasks
from dlworkbook.checks.answer import Answer
from dlworkbook.checks.engine.run import Aside, Call, Record
from dlworkbook.checks.faults import Fault
from dlworkbook.checks.values import Settled
from tests.kit.task_tests import answers

OURS = (Aside, Call, Record, Fault, Settled)
ALLOWED = {(kind.__module__, kind.__qualname__): kind for kind in OURS}
ALLOWED |= {("numpy", "ndarray"): np.ndarray, ("numpy", "dtype"): np.dtype}


class Strict(pickle.Unpickler):
    """Knows nothing but arrays and our own data classes."""

    def find_class(self, module, name):
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return super().find_class(module, name)
        try:
            return ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a record") from None


def crossed(record):
    return Strict(io.BytesIO(pickle.dumps(record))).load()


@pytest.fixture
def boundary(monkeypatch):
    """Puts the boundary where a process may stand; counts what crosses it."""
    count = []

    def across(function):
        def called(*arguments):
            record = function(*arguments)
            count.append(record)
            return crossed(record)

        return called

    def put():
        monkeypatch.setattr(engine.run, "run", across(engine.run.run))
        monkeypatch.setattr(engine.run, "more", across(engine.run.more))
        return count

    return put


def told(task, answer):
    """All of a report but its seconds, and what is random in a text."""
    report = checks.check(task, answer, seconds=30)
    report.remarks = [text for text in report.remarks if not text.startswith("It took")]
    data = asdict(report) | {"seconds": 0}
    arrays = {key: str(data.pop(key)) for key in ("inputs", "output")}
    return data | arrays | {"html": report._repr_html_()}


class Text(str):
    """A text with ideas of its own; so are the numbers and the arrays below."""

    def itself(self, *_):
        return self

    strip = rstrip = replace = __getitem__ = itself

    def splitlines(self, *_):
        return [self]


class Array(np.ndarray):
    def __reduce__(self):
        raise RuntimeError("an array that does not travel")


class Odd(Exception):
    def __str__(self):
        return Text("a `text` of its own")


def spoiled(answer, how):
    """A function in whose way something comes."""

    def spoiled_answer(*inputs):
        if how == "raising" and len(inputs) != 99:
            raise Odd
        result = answer(*inputs)
        if how == "printing":
            import sys

            sys.stdout.write(Text("hello"))
        if how == "changing":
            for value in inputs:
                if isinstance(value, np.ndarray) and value.dtype.kind == "f":
                    value *= 0
        parts = result if isinstance(result, (tuple, list)) else (result,)
        if how == "tensor":
            parts = [torch.as_tensor(np.asarray(part)) for part in parts]
        if how == "subclass":
            parts = [np.asarray(part).view(Array) for part in parts]
        if how == "foreign":
            parts = [Odd() for part in parts]
        if how == "complex":
            parts = [np.asarray(part) + 0j for part in parts]
        return tuple(parts) if isinstance(result, (tuple, list)) else parts[0]

    return spoiled_answer


HOWS = ("raising", "printing", "changing", "tensor", "subclass", "foreign", "complex")


def spoiled_class(answer, how):
    """A class in whose call something comes in the way."""

    class Spoiled(answer):
        def __init__(self, *sizes):
            super().__init__(*sizes)
            if how == "printing":
                print("hello")

        def forward(self, *inputs, **more):
            if how == "raising":
                raise Odd
            result = super().forward(*inputs, **more)
            if how == "changing" and inputs[0].is_floating_point():
                inputs[0].data.zero_()
            return Odd() if how == "foreign" else result

    return Spoiled


def wrong_and_right(name):
    """A right answer, some wrong ones, and the first one spoiled."""
    data, task = answers(name), tasks.load(name)
    wrong = [made[0] for made in data.WRONG.values()]
    spoil = spoiled if task.answer_is == "function" else spoiled_class
    hows = HOWS if task.answer_is == "function" else (*HOWS[:3], "foreign")
    nothing = [None, 3, lambda: 1, type("Starter", (torch.nn.Module,), {})]
    return [data.RIGHT[0], *wrong[:3], *(spoil(data.RIGHT[0], how) for how in hows), *nothing]


@pytest.mark.catalogue
@pytest.mark.parametrize("name", tasks.names())
def test_a_report_is_the_same_across_the_boundary(name, boundary):
    tried = wrong_and_right(name)
    before = [told(name, answer) for answer in tried]
    statuses = {report["status"] for report in before}
    assert {"passed", "named_mistake", "raised", "not_callable"} <= statuses, statuses
    count = boundary()
    for answer, report in zip(tried, before, strict=True):
        assert told(name, answer) == report
    assert len(count) >= len(tried)


def test_an_object_of_the_learners_does_not_cross():
    """The other side of the test above: such a thing would be seen."""
    record = engine.run.run(tasks.load("linear"), Answer(answers("linear").RIGHT[0]), 5)
    assert crossed(record).calls[0].probe == "demo"
    for stowaway in (Text("demo"), Odd("here"), Odd, np.zeros(2).view(np.matrix), torch.ones(2)):
        record.calls[0].probe = stowaway
        with pytest.raises((pickle.UnpicklingError, pickle.PicklingError, AttributeError)):
            crossed(record)

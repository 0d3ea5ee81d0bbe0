"""Run an answer and write down what it did, as plain data.

A ``Record`` holds arrays, numbers, texts and flags, and nothing of the learner's: no object, no
exception, no type. What the learner wrote is met by an ``Answer`` alone, which may live in another
process.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .. import faults, naming, values
from ..answer import NOTHING, Answer, Call, has_gap
from ..task import Probe, Task

__all__ = ["NOTHING", "Aside", "Call", "Record", "has_gap", "more", "run", "unfinished"]
# Words of an exception on arrays that say what it lacks: to be a tensor.
ARRAYS = ("ndarray", "numpy", "keyword argument 'dim'", "keyword argument 'keepdim'")
LOOSE = 1e-4  # numbers that near are right enough to look at what was seen beside them


@dataclass
class Aside:
    """What is wrong beside the numbers: the words of a mistake, and how it was seen."""

    id: str
    title: str
    message: str
    hint: str
    keeps: float
    seen: str


@dataclass
class Record:
    """All that is known of an answer.

    ``given``, ``type_name``, ``name``, ``signature`` and ``gap`` are those of an ``answer.Look``.
    ``kept`` is the first result, looked at once more after all other calls. ``told`` names what
    ``more`` was asked for; ``broken`` is the type of an exception of our own. ``fresh`` are probes
    that were made for it.
    """

    given: str
    type_name: str
    name: str = ""
    signature: str = ""
    gap: bool = False
    backend: str = ""
    seconds: float = 0.0
    left: float = 0.0
    calls: list[Call] = field(default_factory=list)
    kept: list | None = None
    printed: str = ""
    printed_characters: int = 0
    aside: Aside | None = None
    remark: str = ""
    told: tuple[str, ...] = ()
    broken: str = ""
    fresh: list[Probe] = field(default_factory=list)

    def of(self, role: str) -> list[Call]:
        """The calls of one kind, in order."""
        return [call for call in self.calls if call.role == role]


class _Ours(Exception):
    """An exception of the checking code; holds the name of its type."""


def run(task: Task, answer: Answer, seconds: float) -> Record:
    """Call an answer on the probes of a task, for ``seconds`` at most."""
    look = answer.look(task.fits)
    record = Record(look.given, look.type_name, look.name, look.signature, look.gap)
    record.left = record.seconds = seconds
    record.backend = task.backends[0]
    fits = look.given == {"function": "callable", "class": "class"}[task.answer_is]
    if fits and not record.signature:
        try:
            _run(task, answer, record)
        except _Ours as error:
            record.broken = str(error)
    return record


def more(task: Task, answer: Answer, record: Record, wanted: str) -> Record:
    """The record with probes from outside of the contract, with fresh ones, or with a remark."""
    record = replace(record, told=(*record.told, wanted), calls=list(record.calls))
    if wanted == "remark":
        try:
            record.remark = task.remark(answer)
        except Exception:  # a remark costs nothing
            record.remark = ""
        return record
    try:
        if wanted == "fresh":
            # Time of its own: on a busy machine nothing may be left.
            record.left += record.seconds
            for probe in record.fresh:
                _call(task, answer, record, probe, "fresh")
            return record
        for probe in task.probes:
            if not probe.contract and record.left > 0:
                _call(task, answer, record, probe, "outside")
    except _Ours as error:
        record.broken = str(error)
    return record


def _run(task: Task, answer: Answer, record: Record) -> None:
    call = _first(task, answer, record)
    if unfinished(record, call):
        return
    first = call
    for probe in task.asked[1:]:
        if call.kind == "timed_out":
            break
        call = _call(task, answer, record, probe)
        if first.arrays is None:
            first = call
    if call.kind != "timed_out" and first.arrays is not None:
        _repeat(task, answer, record, first)
    if task.slip is not None:
        found = task.slip(answer)
        if found is not None:
            mistake, seen = found
            words = (mistake.id, mistake.title, mistake.message, mistake.hint, mistake.keeps)
            record.aside = Aside(*words, seen)


def _first(task: Task, answer: Answer, record: Record) -> Call:
    """The first probe, and with it the choice between arrays and tensors."""
    probe = task.asked[0]
    call = _call(task, answer, record, probe)
    if call.kind != "raised" or "torch" not in task.backends[1:]:
        return call
    if unfinished(record, call) or not _asks_for_tensors(call.fault):
        return call
    backend, record.backend = record.backend, "torch"
    again = _call(task, answer, record, probe)
    about_arrays = any(word in call.fault.text for word in ARRAYS)
    if again.kind != "raised" or about_arrays:
        call.role = "tried"
        return again
    again.role, record.backend = "tried", backend
    return call


def _call(
    task: Task, answer: Answer, record: Record, probe: Probe, role: str = "asked"
) -> Call:
    """Call the answer on fresh inputs of one probe."""
    call = answer.call(probe.inputs, record.backend, len(task.outputs), record.left)
    call.probe, call.role = probe.name, role
    record.left -= call.seconds
    if role == "asked":
        record.printed = record.printed or call.printed
        record.printed_characters += call.printed_characters
    if call.ours:
        raise _Ours(call.ours)
    if task.beyond is not None and call.facts and probe.contract:
        _judge_facts(task, call, probe)
    record.calls.append(call)
    return call


def _judge_facts(task: Task, call: Call, probe: Probe) -> None:
    """What was seen beside right numbers: one fault, one name."""
    if call.arrays is None or not naming.same(call.arrays, task.expected(probe), LOOSE):
        return
    found = task.beyond(probe, call.facts)
    if found:
        call.kind, call.parts = "raised", []
        call.fault = found if isinstance(found, faults.Fault) else faults.Fault("", found)


def _repeat(task: Task, answer: Answer, record: Record, first: Call) -> None:
    """Look at a result once more, and call the answer once more with the same inputs."""
    record.kept = answer.kept(first.number, len(task.outputs), max(record.left, 0.1))
    _call(task, answer, record, next(p for p in task.asked if p.name == first.probe), "again")


def unfinished(record: Record, call: Call) -> bool:
    """Whether this is the answer of someone who has not begun, or not finished."""
    if call.kind == "raised":
        fault, text = call.fault, call.fault.text.lower()
        # PyTorch raises the same class where an operation has no such dtype: "not implemented for".
        blank = fault.type_name == "NotImplementedError" and "not implemented for" not in text
        return (blank and fault.own) or ("ellipsis" in text and record.gap)
    kinds = {part.kind for part in call.parts}
    return "ellipsis" in kinds or (kinds == {"none"} and record.gap)


def _asks_for_tensors(fault: faults.Fault) -> bool:
    """Whether an exception on NumPy inputs may mean that the answer takes tensors only."""
    if fault.type_name not in ("AttributeError", "TypeError", "RuntimeError", "ValueError"):
        return False
    # Importing torch takes seconds: do it only for a method that NumPy arrays lack.
    missing = fault.type_name == "AttributeError" and "ndarray" in fault.text
    return values.torch_module(load=missing) is not None

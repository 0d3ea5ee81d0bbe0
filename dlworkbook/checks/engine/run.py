"""Run an answer and write down what it did, as plain data.

``run`` and ``more`` alone meet what a learner wrote. A ``Record`` holds arrays, numbers, texts and
flags, and nothing of the learner's: no object, no exception, no type. It could come from another
process.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from .. import faults, guard, values
from ..task import Probe, Task

NOTHING = object()  # in place of an answer that was not handed over
# Words of an exception on arrays that say what it lacks: to be a tensor.
ARRAYS = ("ndarray", "numpy", "keyword argument 'dim'", "keyword argument 'keepdim'")


@dataclass
class Call:
    """One call of the answer. ``role``: tried (and then tensors were given), asked, again, outside.

    ``kind`` is value, raised or timed_out. ``changed`` are the places of inputs that were written
    into; ``shared`` says that the result lies in the memory of one.
    """

    probe: str
    role: str
    backend: str
    kind: str
    seconds: float
    parts: list[values.Settled] = field(default_factory=list)
    fault: faults.Fault | None = None
    changed: tuple[int, ...] = ()
    shared: bool = False
    left_running: bool = False

    @property
    def arrays(self) -> list | None:
        """The arrays of the result, or None if any part of it is none."""
        if self.kind != "value" or any(part.array is None for part in self.parts):
            return None
        return [part.array for part in self.parts]


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

    ``given`` says what was handed over: nothing, blank (None or ``...``), value, class, callable or
    async. ``signature`` is told where it does not fit the task. ``gap``: a ``...`` is left.
    ``kept`` is the first result, looked at once more after all other calls. ``told`` names what
    ``more`` was asked for; ``broken`` is the type of an exception of our own.
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

    def of(self, role: str) -> list[Call]:
        """The calls of one kind, in order."""
        return [call for call in self.calls if call.role == role]


class _Ours(Exception):
    """An exception of the checking code; holds the name of its type."""


def run(task: Task, answer: Any, seconds: float) -> Record:
    """Call an answer on the probes of a task, for ``seconds`` at most."""
    given = _given(answer)
    record = Record(given, values.name_of_type(answer), left=seconds, seconds=seconds)
    record.backend = task.backends[0]
    if given in ("nothing", "blank", "value"):
        return record
    fits = given == {"function": "callable", "class": "class"}[task.answer_is]
    # Code of the learner's may run here as well: a property, a metaclass.
    looked = guard.run(lambda: (_name(answer), _misfit(task, answer), has_gap(answer)), 2.0)
    if looked.kind == "value":
        record.name, record.signature, record.gap = looked.value
    if fits and not record.signature:
        try:
            _run(task, answer, record)
        except _Ours as error:
            record.broken = str(error)
    return record


def more(task: Task, answer: Any, record: Record, wanted: str) -> Record:
    """The record with probes from outside of the contract, or with the task's own remark."""
    record = replace(record, told=(*record.told, wanted), calls=list(record.calls))
    if wanted == "remark":
        ran = guard.run(lambda: task.remark(answer), max(record.left, 0.1))
        record.remark = values.plain(ran.value or "") if ran.kind == "value" else ""
        return record
    try:
        for probe in task.probes:
            if not probe.contract and record.left > 0:
                _call(task, answer, record, probe, "outside")
    except _Ours as error:
        record.broken = str(error)
    return record


def _run(task: Task, answer: Any, record: Record) -> None:
    call, raw = _first(task, answer, record)
    if unfinished(record, call):
        return
    first = (call, raw)
    for probe in task.asked[1:]:
        if call.kind == "timed_out":
            break
        call, raw = _call(task, answer, record, probe)
        if first[0].arrays is None:
            first = (call, raw)
    if call.kind != "timed_out" and first[0].arrays is not None:
        _repeat(task, answer, record, *first)
    if task.slip is not None:
        # Time of its own: on a busy machine nothing may be left, and it costs points.
        ran = guard.run(lambda: task.slip(answer), record.seconds)
        if ran.kind == "value" and ran.value is not None:
            found, seen = ran.value
            words = (found.id, found.title, found.message, found.hint, found.keeps)
            record.aside = Aside(*words, values.plain(seen))


def _first(task: Task, answer: Any, record: Record) -> tuple[Call, Any]:
    """The first probe, and with it the choice between arrays and tensors."""
    probe = task.asked[0]
    call, raw = _call(task, answer, record, probe)
    if call.kind != "raised" or "torch" not in task.backends[1:]:
        return call, raw
    if unfinished(record, call) or not _asks_for_tensors(call.fault):
        return call, raw
    backend, record.backend = record.backend, "torch"
    again, raw = _call(task, answer, record, probe)
    about_arrays = any(word in call.fault.text for word in ARRAYS)
    if again.kind != "raised" or about_arrays:
        call.role = "tried"
        return again, raw
    again.role, record.backend = "tried", backend
    return call, None


def _call(
    task: Task, answer: Any, record: Record, probe: Probe, role: str = "asked"
) -> tuple[Call, Any]:
    """Call the answer on fresh inputs of one probe: what it did, and the result itself."""
    given = values.copies(probe.inputs, record.backend)

    def once():
        raw = task.use(answer, given)
        parts = task.parts(raw)
        changed = tuple(values.changed(given, probe.inputs))
        return raw, parts, changed, any(values.shares_memory(raw, x) for x in given)

    ran = guard.run(once, record.left)
    record.left -= ran.seconds
    if role == "asked":
        record.printed = record.printed or ran.printed
        record.printed_characters += ran.printed_characters
    if ran.kind == "raised" and faults.ours(ran.error):
        raise _Ours(values.name_of_type(ran.error))
    call, raw = Call(probe.name, role, record.backend, ran.kind, ran.seconds), None
    call.left_running = ran.left_running
    if ran.kind == "value":
        raw, call.parts, call.changed, call.shared = ran.value
    else:
        call.fault = faults.describe(ran.error)
    record.calls.append(call)
    return call, raw


def _repeat(task: Task, answer: Any, record: Record, first: Call, raw: Any) -> None:
    """Look at a result once more, and call the answer once more with the same inputs."""
    ran = guard.run(lambda: [part.array for part in task.parts(raw)], max(record.left, 0.1))
    record.kept = ran.value if ran.kind == "value" else None
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


# ---- what can be said without calling ----------------------------------------------------------


def _given(answer: Any) -> str:
    if answer is NOTHING:
        return "nothing"
    if answer is None or answer is Ellipsis or answer is NotImplemented:
        return "blank"
    if issubclass(type(answer), type):
        return "class"
    if not callable(answer):
        return "value"
    return "async" if _is_async(answer) else "callable"


def _is_async(answer: Callable) -> bool:
    try:
        return inspect.iscoroutinefunction(answer) or inspect.isasyncgenfunction(answer)
    except Exception:  # an object that does not want to be looked at
        return False


def _name(answer: Any) -> str:
    """The name of an answer, if it is one that can be told."""
    try:
        name = answer.__name__
    except Exception:
        return ""
    return name if type(name) is str and name.isidentifier() and len(name) < 60 else ""


def _misfit(task: Task, answer: Any) -> str:
    """A signature that cannot take the task's arguments."""
    if task.fits is None:
        return ""
    try:
        signature = inspect.signature(answer)
    except Exception:
        return ""  # built-in functions do not always tell theirs
    try:
        signature.bind(*range(task.fits))
    except TypeError:
        return values.plain(signature)
    return ""


def _asks_for_tensors(fault: faults.Fault) -> bool:
    """Whether an exception on NumPy inputs may mean that the answer takes tensors only."""
    if fault.type_name not in ("AttributeError", "TypeError", "RuntimeError", "ValueError"):
        return False
    # Importing torch takes seconds: do it only for a method that NumPy arrays lack.
    missing = fault.type_name == "AttributeError" and "ndarray" in fault.text
    return values.torch_module(load=missing) is not None


def has_gap(answer: Callable) -> bool:
    """Whether a function still holds a ``...``, or nothing but its first line."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(answer)))
    except Exception:
        if issubclass(type(answer), type):  # of a class in a notebook only methods are found
            methods = [part for part in vars(answer).values() if inspect.isfunction(part)]
            return any(has_gap(method) for method in methods)
        code = getattr(answer, "__code__", None)
        return code is not None and code.co_code == (lambda: None).__code__.co_code
    # X[..., 0] is no gap.
    inside = {id(n) for s in ast.walk(tree) if isinstance(s, ast.Subscript) for n in ast.walk(s)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value is Ellipsis and id(node) not in inside:
            return True
    bodies = [n.body for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
    return bool(bodies) and all(
        isinstance(s, ast.Pass) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
        for s in bodies[0]
    )

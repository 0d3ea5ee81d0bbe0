"""What a learner wrote, and all that a check does with it.

An ``Answer`` alone meets it. What its methods give is plain data (``Look``, ``Call``, arrays,
texts), so that the one who asks may be another process (``grading/run/judge.py``). Nothing here,
and nothing that is imported here, knows a right answer.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..answers.expression import ExpressionError
from ..answers.values import plain, text_of
from . import adapters, faults, forbidden, guard, values
from .helper import replaced

NOTHING = object()  # in place of an answer that was not handed over
LOOKING = 2.0  # seconds to look at an answer without calling it
LONGEST_SOURCE = 100_000  # characters


@dataclass
class Look:
    """What can be said without calling an answer.

    ``given`` says what was handed over: nothing, blank (None or ``...``), value, class, callable or
    async. ``signature`` is told where it does not take the arguments. ``gap``: a ``...`` is left.
    """

    given: str
    type_name: str
    name: str = ""
    signature: str = ""
    gap: bool = False


@dataclass
class Call:
    """One call of the answer. ``role``: tried (and then tensors were given), asked, again, outside.

    ``kind`` is value, raised or timed_out. ``changed`` are the places of inputs that were written
    into; ``shared`` says that the result lies in the memory of one. ``facts`` are what was seen of
    a class beside its result. ``ours`` is the type of an exception of our own. ``number`` is that
    of the call, by which ``Answer.kept`` finds its result.
    """

    kind: str
    backend: str
    number: int = 0
    seconds: float = 0.0
    parts: list[values.Settled] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    fault: faults.Fault | None = None
    ours: str = ""
    changed: tuple[int, ...] = ()
    shared: bool = False
    left_running: bool = False
    printed: str = ""
    printed_characters: int = 0
    probe: str = ""
    role: str = "asked"

    @property
    def arrays(self) -> list | None:
        """The arrays of the result, or None if any part of it is none."""
        if self.kind != "value" or any(part.array is None for part in self.parts):
            return None
        return [part.array for part in self.parts]


@dataclass
class Texts:
    """A value as the texts of one light answer or several.

    ``state`` is value, raised or timed_out; ``error`` the type of what was raised, or words for why
    the value cannot be these answers. ``entries`` are pairs of a text, and of words for why it is
    none; empty where nothing is there yet.
    """

    state: str
    type_name: str
    error: str = ""
    entries: list[tuple[str, str]] = field(default_factory=list)


class Answer:
    """A learner's function or class. ``use`` is a name in ``adapters.USES``: how it is called."""

    def __init__(self, value: Any = NOTHING, use: str = "call") -> None:
        self.value, self.use = value, use
        self.results: list[Any] = []

    def look(self, fits: int | None) -> Look:
        """Look at it without calling it; ``fits``: with how many arguments it will be called."""
        found = Look(_given(self.value), values.name_of_type(self.value))
        if found.given in ("nothing", "blank", "value"):
            return found
        # Code of the learner's may run here as well: a property, a metaclass.
        looked = guard.run(
            lambda: (_name(self.value), _misfit(self.value, fits), has_gap(self.value)), LOOKING
        )
        if looked.kind == "value":
            found.name, found.signature, found.gap = looked.value
        return found

    def call(self, inputs: tuple, backend: str, outputs: int, seconds: float) -> Call:
        """Call it on fresh copies of inputs; ``outputs``: how many results it should give."""
        given = values.copies(inputs, backend)

        def once():
            raw, facts = adapters.run(self.use, self.value, given)
            parts = values.parts(raw, outputs)
            changed = tuple(values.changed(given, inputs))
            return raw, parts, facts, changed, any(values.shares_memory(raw, x) for x in given)

        ran = guard.run(once, seconds)
        call = Call(ran.kind, backend, len(self.results), ran.seconds)
        call.left_running = ran.left_running
        call.printed, call.printed_characters = ran.printed, ran.printed_characters
        raw = None
        if ran.kind == "value":
            raw, call.parts, call.facts, call.changed, call.shared = ran.value
        else:
            call.fault = faults.describe(ran.error)
            if ran.kind == "raised" and faults.ours(ran.error):
                call.ours = values.name_of_type(ran.error)
        self.results.append(raw)
        return call

    def kept(self, number: int, outputs: int, seconds: float) -> list | None:
        """The arrays of an earlier result, looked at once more."""
        raw = self.results[number]
        ran = guard.run(lambda: [part.array for part in values.parts(raw, outputs)], seconds)
        return ran.value if ran.kind == "value" else None

    def used(self, names: Iterable[str], seconds: float) -> list[str]:
        """Those of the names that its code uses; see ``forbidden.used``."""
        names = tuple(names)
        ran = guard.run(lambda: forbidden.used(self.value, names), seconds)
        return [name for name in ran.value if name in names] if ran.kind == "value" else []

    def source(self, seconds: float) -> str:
        """Its source, or nothing where that is not known."""

        def text() -> str:
            return values.plain(textwrap.dedent(inspect.getsource(self.value)))

        ran = guard.run(text, seconds)
        return ran.value[:LONGEST_SOURCE] if ran.kind == "value" else ""

    def seen(self, what: str, seconds: float) -> str:
        """What a look of ``adapters.LOOKS`` has to say of it; nothing where it stops."""
        ran = guard.run(lambda: adapters.look(what, self.value), seconds)
        return values.plain(ran.value or "") if ran.kind == "value" else ""

    def texts(self, kinds: list[str], seconds: float) -> Texts:
        """The value as the texts of light answers of these kinds."""
        ran = guard.run(lambda: _texts(self.value, kinds), seconds)
        if ran.kind == "value":
            return ran.value
        error = values.name_of_type(ran.error) if ran.kind == "raised" else ""
        return Texts(ran.kind, values.name_of_type(self.value), error)

    @contextmanager
    def helped(self, names: tuple[str, ...], right: Callable) -> Iterator[bool]:
        """Let it find ``right`` where it calls one of the names; whether it calls any."""
        with replaced(self.value, names, right) as calls_it:
            yield calls_it


def _texts(value: Any, kinds: list[str]) -> Texts:
    found = Texts("value", values.name_of_type(value))
    if value is NOTHING or value is None or value is Ellipsis:
        return found
    parts = [value]
    if len(kinds) > 1:
        try:
            parts = plain(value, "vector")
        except ExpressionError as error:
            found.error = str(error)
            return found
        wanted = f"a list of {len(kinds)} answers is asked for."
        if not isinstance(parts, list | tuple):
            found.error = f"This is of type {values.name_of_type(parts)}; {wanted}"
        elif len(parts) != len(kinds):
            found.error = f"This list has {len(parts)}; {wanted}"
        if found.error:
            return found
    for part, kind in zip(parts, kinds, strict=True):
        try:
            found.entries.append((values.plain(text_of(part, kind))[:LONGEST_SOURCE], ""))
        except ExpressionError as error:
            found.entries.append(("", str(error)))
    return found


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


def _misfit(answer: Any, fits: int | None) -> str:
    """A signature that cannot take so many arguments."""
    if fits is None:
        return ""
    try:
        signature = inspect.signature(answer)
    except Exception:
        return ""  # built-in functions do not always tell theirs
    try:
        signature.bind(*range(fits))
    except TypeError:
        return values.plain(signature)
    return ""


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

"""What a task consists of: probes, a reference, and a catalogue of mistakes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from . import adapters, values
from .answer import Answer
from .faults import Fault
from .helper import Helper


@dataclass(frozen=True)
class Probe:
    """Inputs on which an answer is tried.

    ``traits`` say in words what is special about them ("several input channels"): the report uses
    them to say what the failing probes have in common. ``shown`` is the text of inputs that are
    small enough to print; otherwise shapes are given. A probe with ``contract=False`` lies outside
    the task (a plain matrix where a batch is asked for): it is only used to name a mistake.
    ``slack`` widens the tolerance where float32 loses digits on the way of a right answer.
    """

    name: str
    inputs: tuple
    traits: frozenset[str] = frozenset()
    shown: str = ""
    contract: bool = True
    slack: float = 1.0


@dataclass(frozen=True)
class Variant:
    """A wrong answer as a change to a right one: of its inputs, its middle, or its output.

    ``before(*inputs) -> inputs``, ``core(*inputs) -> output``, ``after(output, *inputs) ->
    output``; ``after`` gets the inputs of the call, unchanged. In place of a whole ``core``,
    ``pieces`` exchanges parts of the middle by name: ``right(*inputs, **pieces)``. Variants whose
    parts do not collide can be put together, which is how two mistakes at once are recognised.
    """

    right: Callable
    before: Callable | None = None
    core: Callable | None = None
    after: Callable | None = None
    pieces: dict[str, Callable] = field(default_factory=dict)

    def __call__(self, *inputs):
        changed = self.before(*inputs) if self.before else inputs
        output = self.core(*changed) if self.core else self.right(*changed, **self.pieces)
        return self.after(output, *inputs) if self.after else output

    def with_other(self, other: Variant) -> Variant | None:
        """Both mistakes in one answer, ``self`` first; None if they cannot be put together."""
        whole = (self.core, other.core)
        if all(whole) or (any(whole) and (self.pieces or other.pieces)):
            return None
        if self.pieces.keys() & other.pieces.keys():
            return None

        def before(*inputs):
            for change in (self.before, other.before):
                inputs = change(*inputs) if change else inputs
            return inputs

        def after(output, *inputs):
            for change in (self.after, other.after):
                output = change(output, *inputs) if change else output
            return output

        return Variant(
            self.right,
            before if self.before or other.before else None,
            self.core or other.core,
            after if self.after or other.after else None,
            self.pieces | other.pieces,
        )

    def orders(self, other: Variant) -> list[Variant]:
        """Both mistakes in one answer, in each order that may make a difference."""
        made = [self.with_other(other)]
        if (self.before and other.before) or (self.after and other.after):
            made.append(other.with_other(self))
        return [both for both in made if both is not None]


@dataclass(frozen=True)
class Fitted(Variant):
    """A wrong answer with a number in it that only the learner's own results can tell.

    ``fit(outcomes)`` takes a list of (probe, arrays or None) and gives the wrong answer with that
    number, or None. As it stands, the variant holds a typical number.
    """

    fit: Callable | None = None


@dataclass(frozen=True)
class Mistake:
    """A known mistake: executable, with what to tell the learner.

    ``variants`` are answers that make it, in the ways that learners make it (at least one). They
    have the form that the task asks for: functions, or classes. ``message`` says what was done,
    ``hint`` where to look; neither contains the right code. ``by_place=True`` marks a mistake that
    is told by *where* the answer fails rather than by its numbers: its variant raises on the probes
    that go wrong, and the learner's answer must be right on all others. ``keeps`` is the share of
    the task's points that an answer with this mistake, and no other, still gets: 0, 1/4, 1/2, 3/4.
    """

    id: str
    title: str
    message: str
    hint: str
    variants: tuple[Callable, ...]
    by_place: bool = False
    keeps: float = 0.5


@dataclass
class Task:
    """One thing that a learner writes, and all that is needed to check it.

    ``use`` is a name in ``adapters.USES``: how an answer is run on the inputs of a probe; a class
    is built there, gets its parameters and is called. ``ours(answer, inputs)`` runs answers of our
    own, where that is done in another way. ``beyond(probe, facts)`` judges, where the numbers are
    right, what ``use`` has seen beside them: words or a fault for what is wrong, "" for nothing.
    ``arguments`` names the
    inputs, ``outputs`` the results (more than one: the answer returns a tuple). ``backends`` says
    what the answer may be given: "numpy", "torch", in the order in which they are tried.
    ``answer_is`` is "function" or "class". ``fits`` checks a signature before anything runs: the
    number of arguments with which the answer itself is called. ``inputs_stay``: the contract says
    that the arguments are left as they are, so that writing into one costs points; elsewhere it is
    a remark, or nothing for those that an answer may change ``in_place``. ``whole_results``:
    counts, indices or truth values are asked for, so an integer dtype
    is no fault. ``remark(answer) -> str`` looks once
    more at an ``Answer`` that passed, for what costs nothing (a habit that shows only outside of
    the contract, a library call that does it all); "" for nothing to say. ``slip(answer)`` looks
    for what is wrong beside the numbers: (mistake, what was seen), or None. It costs where the
    numbers are right, and is a remark where they are not. ``helper`` is an earlier task
    whose answer this one may call. ``shapes`` is said where shapes do not fit: which of them is
    easily taken for another. ``call`` is how an answer is called, where it is not by the task's
    name with ``arguments``.
    """

    name: str
    contract: str
    reference: Callable
    probes: tuple[Probe, ...]
    mistakes: tuple[Mistake, ...]
    arguments: tuple[str, ...]
    outputs: tuple[str, ...] = ("the output",)
    use: str = "call"
    ours: Callable[[Callable, tuple], Any] | None = None
    beyond: Callable[[Probe, dict[str, Any]], str | Fault] | None = None
    backends: tuple[str, ...] = ("numpy", "torch")
    answer_is: str = "function"
    fits: int | None = None
    seconds: float = 5.0
    inputs_stay: bool = False
    in_place: tuple[str, ...] = ()
    whole_results: bool = False
    remark: Callable[[Answer], str] | None = None
    slip: Callable[[Answer], tuple[Mistake, str] | None] | None = None
    helper: Helper | None = None
    shapes: str = ""
    call: str = ""
    pairs: list | None = field(default=None, repr=False)  # made when first looked for
    _known: dict = field(default_factory=dict, repr=False)

    @property
    def signature(self) -> str:
        """The call as the learner writes it."""
        return self.call or f"{self.name}({', '.join(self.arguments)})"

    @cached_property
    def asked(self) -> tuple[Probe, ...]:
        """The probes that an answer must get right, smallest first as the task lists them."""
        return tuple(probe for probe in self.probes if probe.contract)

    def outcome(self, answer: Callable, probe: Probe) -> list | None:
        """Arrays that one of our own answers gives on a probe; None where it raises. Remembered."""
        key = (id(answer), probe.name)
        if key not in self._known:
            # The answer is kept beside its result, so that its id stays its own.
            self._known[key] = (answer, self.compute(answer, probe))
        return self._known[key][1]

    def compute(self, answer: Callable, probe: Probe) -> list | None:
        """As ``outcome``, without remembering."""
        try:
            return self._arrays(answer, probe)
        except Exception:
            return None

    def _arrays(self, answer: Callable, probe: Probe) -> list:
        import numpy as np

        with np.errstate(all="ignore"):
            use = self.ours or adapters.way(self.use)
            output = use(answer, values.copies(probe.inputs, self.backends[0]))
        return [part.array for part in values.parts(output, len(self.outputs))]

    def expected(self, probe: Probe) -> list | None:
        """The right arrays; None for a probe outside the contract.

        Raises what the reference raises: that is a fault of ours.
        """
        if not probe.contract:
            return None
        key = (id(self.reference), probe.name)
        if key not in self._known:
            self._known[key] = (self.reference, self._arrays(self.reference, probe))
        return self._known[key][1]

"""Check one answer: run it on the probes, compare, and find words for what is wrong."""

from __future__ import annotations

import ast
import difflib
import inspect
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from . import faults, guard, helper, naming, settings, tasks, values
from .report import KEPT, Report, number
from .task import Mistake, Probe, Task

_NOTHING = object()
CLEARLY = 30  # so many times the tolerance, before a regularity is told


@dataclass
class Outcome:
    """What the answer did on one probe."""

    probe: Probe
    kind: str  # value, raised, timed_out
    parts: list[values.Settled]
    fault: faults.Fault | None = None
    changed: tuple[int, ...] = ()
    shared: bool = False
    raw: Any = None
    right: bool = False
    left_running: bool = False

    @property
    def arrays(self) -> list | None:
        """The arrays of the result, or None if any part of it is none."""
        if self.kind != "value" or any(part.array is None for part in self.parts):
            return None
        return [part.array for part in self.parts]


def check(task: str, answer: Any = _NOTHING, *, seconds: float | None = None) -> Report:
    """Check an answer to a task, for example ``check("corr2d", corr2d)``.

    ``task`` is one of ``names()``; ``answer`` is the function (or class) itself, not its result.
    ``seconds`` limits the processor time that the answer gets on all probes together (three times
    as much passes on the clock if it sleeps; what a busy machine takes costs nothing, see
    ``guard``). Whatever the answer does ends up in the report; only a Ctrl-C of the user is raised.
    """
    start = time.perf_counter()
    try:
        with settings.usual():
            report = _check(task, answer, seconds)
    except ImportError as error:
        report = Report(
            str(task), "missing_library", f"This check needs a library that is not here: {error}."
        )
    except Exception as error:
        report = Report(
            task if isinstance(task, str) else "check",
            "check_failed",
            "This is a fault of the check, not of your answer: "
            f"{values.name_of_type(error)} in the checking code. Please report it.",
        )
    report.seconds = time.perf_counter() - start
    return report


def _check(name: Any, answer: Any, seconds: float | None) -> Report:
    if not isinstance(name, str):
        if isinstance(answer, str) and callable(name):
            text = "The name of the task comes first"
        else:
            text = "The first argument is the name of a task, as text"
        example = f'`checks.check("{tasks.names()[0]}", your_function)`'
        return Report("check", "unknown_task", f"{text}: {example}.")
    if name not in tasks.names():
        return _unknown(name)
    task = tasks.load(name)
    seconds = task.seconds if seconds is None else seconds
    report = Session(task, answer, seconds).report()
    if task.helper is None or report.passed:
        return report

    def again() -> Report:
        return Session(task, answer, seconds).report()

    return helper.costs_once(task.helper, answer, report, again)


def _unknown(name: str) -> Report:
    known = tasks.names()
    close = difflib.get_close_matches(name.strip().lower(), known, n=1, cutoff=0.5)
    guess = f" Did you mean `{close[0]}`?" if close else ""
    shown = name if len(name) <= 60 else name[:57] + "..."
    message = f"There is no task of the name '{shown}'.{guess} The tasks are: {', '.join(known)}."
    return Report(shown, "unknown_task", message)


class Session:
    """One check of one answer."""

    def __init__(self, task: Task, answer: Any, seconds: float) -> None:
        self.task, self.answer, self.seconds = task, answer, seconds
        self.left = seconds
        self.backend = task.backends[0]
        self.outcomes: list[Outcome] = []
        self.outside: list[Outcome] = []
        self.remarks: list[str] = []
        self.printed, self.printed_characters = "", 0
        self.tol = 1e-5

    # -- running ---------------------------------------------------------------------------------

    def run(self, probe: Probe, backend: str | None = None) -> Outcome:
        """Call the answer on fresh inputs of one probe."""
        given = values.copies(probe.inputs, backend or self.backend)

        def once():
            raw = self.task.use(self.answer, given)
            parts = self.task.parts(raw)
            changed = tuple(values.changed(given, probe.inputs))
            return raw, parts, changed, any(values.shares_memory(raw, x) for x in given)

        ran = guard.run(once, self.left)
        self.left -= ran.seconds
        self.printed = self.printed or ran.printed
        self.printed_characters += ran.printed_characters
        if ran.kind == "raised" and faults.ours(ran.error):
            raise ran.error
        if ran.kind != "value":
            fault = faults.describe(ran.error)
            return Outcome(probe, ran.kind, [], fault, left_running=ran.left_running)
        raw, parts, changed, shared = ran.value
        outcome = Outcome(probe, "value", parts, None, changed, shared)
        if outcome.arrays is not None:  # what is not copied may be huge: let it go
            outcome.raw = raw
        self.tol = max([self.tol, *(values.tolerance(part.dtype) for part in parts)])
        outcome.right = naming.right(self.task, probe, outcome.arrays, self.tol)
        outcome.right &= all(part.kind == "array" for part in parts)
        return outcome

    def first(self) -> Outcome:
        """The first probe, and with it the choice between arrays and tensors."""
        probe = self.task.asked[0]
        outcome = self.run(probe)
        if outcome.kind != "raised" or "torch" not in self.task.backends[1:]:
            return outcome
        if self.unfinished(outcome) or not _asks_for_tensors(outcome.fault):
            return outcome
        again = self.run(probe, "torch")
        about_arrays = "ndarray" in outcome.fault.text or "numpy" in outcome.fault.text
        if again.kind != "raised" or about_arrays:
            self.backend = "torch"
            return again
        return outcome

    # -- deciding --------------------------------------------------------------------------------

    def report(self) -> Report:
        """Run everything and say what is wrong, the most telling thing first."""
        report = self.by_numbers()
        if self.task.slip is None or not self.outcomes or report.status == "not_done":
            return report
        # Time of its own: on a busy machine nothing may be left, and it costs points.
        ran = guard.run(lambda: self.task.slip(self.answer), self.seconds)
        if ran.kind != "value" or ran.value is None:
            return report
        found, seen = ran.value
        if report.passed:
            return self.mistaken(found, seen)
        self.remarks.append(seen)
        return report

    def by_numbers(self) -> Report:
        """What the answer's results say."""
        early = self.before_running()
        if early:
            return early
        outcome = self.first()
        if self.unfinished(outcome):
            return self.not_done()
        self.outcomes.append(outcome)
        for probe in self.task.asked[1:]:
            if outcome.kind == "timed_out":
                break
            outcome = self.run(probe)
            self.outcomes.append(outcome)
        self.remark_on_print()
        if outcome.kind == "timed_out":
            return self.timed_out(outcome)
        wrong = [o for o in self.outcomes if not o.right]
        if not wrong:
            return self.all_right()
        report = self.repeated() or self.named()
        if report is None and len(wrong) == len(self.outcomes) and _has_gap(self.answer):
            return self.not_done()
        return report or self.unnamed(wrong[0])

    def before_running(self) -> Report | None:
        """What can be said without calling the answer."""
        answer, call = (
            self.answer,
            f'`checks.check("{self.task.name}", your_{self.task.answer_is})`',
        )
        if answer is _NOTHING:
            return self.make("no_answer", f"Hand over your {self.task.answer_is} as well: {call}.")
        if answer is None or answer is Ellipsis or answer is NotImplemented:
            return self.not_done()
        wants_class = self.task.answer_is == "class"
        if _is_class(answer) != wants_class:
            if not callable(answer):
                what = f"a value of type {values.name_of_type(answer)}"
            else:
                what = "a class" if _is_class(answer) else "a function or an object"
            message = f"You handed over {what}. This task wants the {self.task.answer_is} itself"
            if not wants_class and not callable(answer):
                message += ", without calling it"
            return self.make("not_callable", f"{message}: {call}.")
        if not callable(answer):
            what = values.name_of_type(answer)
            message = f"You handed over a value of type {what}. This task wants the "
            message += f"{self.task.answer_is} itself, without calling it: {call}."
            return self.make("not_callable", message)
        if _is_async(answer):
            text = f"{self.name} is an async function: a call gives a promise, not a result."
            return self.make("wrong_type", text, "Remove the word async (and every await).")
        return self.signature()

    def signature(self) -> Report | None:
        """A signature that cannot take the task's arguments."""
        if self.task.fits is None:
            return None
        try:
            signature = inspect.signature(self.answer)
        except Exception:
            return None  # built-in functions do not always tell theirs
        try:
            signature.bind(*range(self.task.fits))
        except TypeError:
            text = f"The task calls `{self.task.signature}`, and {self.name} takes `{signature}`."
            return self.make("wrong_signature", text, "Compare the number of parameters.")
        return None

    def unfinished(self, outcome: Outcome) -> bool:
        """Whether this is the answer of someone who has not begun, or not finished."""
        if outcome.kind == "raised":
            fault = outcome.fault
            return (fault.type_name == "NotImplementedError" and fault.own) or (
                "ellipsis" in fault.text.lower() and _has_gap(self.answer)
            )
        kinds = {part.kind for part in outcome.parts}
        return "ellipsis" in kinds or (kinds == {"none"} and _has_gap(self.answer))

    def repeated(self) -> Report | None:
        """Answers that depend on earlier calls, or hand out one array twice."""
        done = [o for o in self.outcomes if o.arrays is not None]
        if not done:
            return None
        first = done[0]

        def look():
            return self.task.parts(first.raw)

        ran = guard.run(look, max(self.left, 0.1))
        now = [part.array for part in ran.value] if ran.kind == "value" else None
        if now is not None and not naming.same(now, first.arrays):
            text = f"The result of an earlier call of {self.name} changed during a later call: "
            text += "all calls write into the same array."
            return self.make("not_repeatable", text, "Make a new output array in each call.", first)
        again = self.run(first.probe)
        if again.kind == "timed_out":
            return self.timed_out(again)
        if not naming.same(first.arrays, again.arrays, self.tol):
            text = f"{self.name} gave two different results for the same inputs: it depends on "
            text += "what happened before, or on chance."
            hint = "Look for a global variable, a default argument that is changed, random "
            hint += "numbers, or an array from np.empty that is not filled everywhere."
            return self.make("not_repeatable", text, hint, first)
        return None

    def named(self) -> Report | None:
        """A mistake of the catalogue."""
        found = naming.name(self.task, self.seen(), self.tol)
        if found is None and not any(o.right for o in self.outcomes):
            for probe in self.task.probes:
                if not probe.contract and self.left > 0:
                    self.outside.append(self.run(probe))
            found = naming.name(self.task, self.seen(), self.tol)
        if found is None:
            return None
        wrong = [o for o in self.outcomes if not o.right]
        shown = next((o for o in wrong if o.arrays is not None), wrong[0])
        self.remark_on_changes()
        return self.mistaken(found, self.seen_on(shown), shown)

    def mistaken(self, found: Mistake, seen: str, outcome: Outcome | None = None) -> Report:
        """A mistake of the catalogue, and how it was seen."""
        report = self.make("named_mistake", f"{found.message}\n{seen}", found.hint, outcome)
        report.mistake, report.title, report.keeps = found.id, found.title, found.keeps
        return report

    def seen(self) -> naming.Outcomes:
        """Probe and arrays of all outcomes."""
        return [(o.probe, o.arrays) for o in self.outcomes + self.outside]

    def all_right(self) -> Report:
        """Right numbers everywhere: what may still be wrong, and remarks."""
        changed = next((o for o in self.outcomes if o.changed), None)
        if changed and self.task.inputs_stay:
            return self.changed_input(changed)
        report = self.repeated()
        if report:
            return report
        self.remark_on_changes("It writes into {}: whoever calls it may still need what was there.")
        part = self.outcomes[0].parts[0]
        if any(o.shared for o in self.outcomes):
            self.remarks.append(
                "The output shares memory with an input: a change in one changes the other."
            )
        if self.backend == "numpy" and part.tensor:
            self.remarks.append("It was given NumPy arrays and returned a tensor; both are fine.")
        if part.dtype in ("float16", "bfloat16"):
            self.remarks.append(
                f"The output is {part.dtype}: about three digits. float32 is safer."
            )
        used = self.seconds - self.left
        if used > 1.5:
            self.remarks.append(f"It took {used:.1f} s on very small inputs.")
        self.remark_of_task()
        n = len(self.outcomes)
        return self.make("passed", f"{self.name} is right on all {n} test inputs.")

    def changed_input(self, outcome: Outcome) -> Report:
        """Right or wrong numbers, but an input was overwritten."""
        names = self.changed_names()
        text = f"{self.name} changes {names} while it works; the task asks to leave the arguments "
        text += "as they are."
        hint = (
            "A slice of an array is a view of it: *=, += or an assignment to a slice changes the "
        )
        report = self.make("changed_input", text, hint + "original. Work on a copy.", outcome)
        report.keeps = KEPT["changed_input"]
        return report

    def timed_out(self, outcome: Outcome) -> Report:
        """No result within the time."""
        where = outcome.fault.where if outcome.fault else ""
        text = f"{self.name} did not finish within {self.seconds:g} s on small inputs"
        text += f"; it was stopped{where}." if not outcome.left_running else "."
        if outcome.left_running:
            text += " It could not be stopped and still runs: restart the kernel."
        done = sum(o.kind != "timed_out" for o in self.outcomes)
        hint = "Does every loop come closer to its end? Print its variable."
        if done:
            hint = f"It finished on {done} inputs before. " + hint
        return self.make("timed_out", text, hint, outcome)

    def not_done(self) -> Report:
        """A starter that is still as it was."""
        text = "There is no answer to check yet. Fill in the part marked `...`, run the cell, "
        return self.make("not_done", text + "then run this one again.")

    # -- wrong, and no name for it ---------------------------------------------------------------

    def unnamed(self, outcome: Outcome) -> Report:
        """The first thing that is wrong on the smallest probe that shows it."""
        if outcome.kind == "raised":
            return self.raised(outcome)
        parts, labels = outcome.parts, self.task.outputs
        if len(parts) != len(labels) and all(part.kind in ("array", "other") for part in parts):
            text = f"{self.name} returns {len(parts)} result{'s' * (len(parts) != 1)}; the task "
            text += f"asks for {len(labels)}: {', '.join(labels)}."
            return self.make("wrong_type", text, "Compare with the last line: return.", outcome)
        for k, (label, part) in enumerate(zip(labels, parts, strict=False)):
            report = self.wrong_kind(outcome, part, label) or self.wrong_values(outcome, k, label)
            if report:
                return report
        raise AssertionError("a wrong outcome in which nothing is wrong")

    def raised(self, outcome: Outcome) -> Report:
        """An exception of the learner's code."""
        fault = outcome.fault
        text = f"{self.name} stopped with {fault.what}{fault.where}.\n"
        if not fault.type_name:
            text = f"{self.name}: {fault.what}.\n"
        text += f"The inputs were {self.shown(outcome.probe)}."
        shapes = f" {self.task.shapes}" if fault.of_shapes and self.task.shapes else ""
        report = self.make("raised", text + self.common(), fault.hint + shapes, outcome)
        # Two mistakes may stop on one input and still be told by the numbers of the others.
        numbers = any(o.arrays is not None for o in self.outcomes)
        return self.with_pair(report) if numbers else report

    def wrong_kind(self, outcome: Outcome, part: values.Settled, label: str) -> Report | None:
        """A result that is no array of real numbers."""
        if part.kind == "none":
            text = f"{self.name} returns nothing (None)."
            hint = "Is there a return at the end, on every path, and not inside of a loop?"
            return self.make("wrong_type", text, hint, outcome)
        if part.kind in ("generator", "coroutine"):
            text = f"{self.name} returns a {part.kind}, not an array."
            hint = "A function with yield gives its results one by one. Use return."
            return self.make("wrong_type", text, hint, outcome)
        if part.kind != "array":
            text = f"{self.name} returns a value of type {part.type_name}; {label} should be an "
            hint = "Which line makes the value that you return, and of which type is it there?"
            return self.make("wrong_type", text + "array or a tensor.", hint, outcome)
        want = self.task.expected(outcome.probe)[self.task.outputs.index(label)]
        if part.shape != want.shape:
            return self.wrong_shape(outcome, part, want, label)
        if part.array is None:
            text = f"{label} has dtype {part.dtype}; it should hold real "
            hint = "Complex numbers come from an FFT, dtype object from arrays of unequal sizes."
            report = self.make("wrong_dtype", text + "floating-point numbers.", hint, outcome)
            report.keeps = KEPT["wrong_dtype"] * self.right_but_for_dtype()
            return report
        return None

    def wrong_shape(self, outcome: Outcome, part, want, label: str) -> Report:
        """A result of another shape."""
        got = f"shape {part.shape}" if part.shape else "no axes (a single number)"
        text = f"{label} of {self.name} has {got}; it should have shape "
        text += f"{want.shape}.\nThe inputs were {self.shown(outcome.probe)}."
        hint = "Print the shape after each step and find the first one that surprises you."
        return self.with_pair(self.make("wrong_shape", text + self.common(), hint, outcome))

    def wrong_values(self, outcome: Outcome, k: int, label: str) -> Report | None:
        """A result of the right shape with other numbers."""
        part, want = outcome.parts[k], self.task.expected(outcome.probe)[k]
        if values.equal(part.array, want, self.tol):
            return None
        place, count = values.first_difference(part.array, want, self.tol)
        got, size = part.array[place], part.array.size
        at = f" at [{', '.join(map(str, place))}]" if place else ""
        bad = abs(got) == float("inf") or got != got
        if bad:
            text = f"{label} of {self.name} {'has' if place else 'is'} {number(got)}{at}.\n"
            hint = "Such a number comes from a division by zero, a logarithm or square root of a "
            hint += "negative number, or an array from empty() that was not filled."
        else:
            text = f"{label} of {self.name} has the right shape, and other numbers: {count} of "
            text += f"{size} differ, the first{at}, where yours is {number(got)}.\n"
            if size == 1:
                text = f"{label} of {self.name} should be another number; yours is {number(got)}.\n"
            hint = "Work this one entry out by hand, then print the numbers that your code puts "
            hint += "together for it. `report.inputs` holds the inputs."
        text += f"The inputs were {self.shown(outcome.probe)}."
        text += self.common() + ("" if bad else self.regular(outcome, k))
        integer = part.dtype.startswith(("int", "uint", "bool"))
        if integer:
            text += f" Your output has dtype {part.dtype}, which cannot hold fractions."
        status = "nan" if bad else "wrong_dtype" if integer else "differs"
        report = self.make(status, text, hint, outcome)
        if integer:
            report.keeps = KEPT["wrong_dtype"] * self.right_but_for_dtype()
        report.place, report.expected_entry = place, float(want[place])
        return self.with_pair(report)

    def right_but_for_dtype(self) -> bool:
        """Whether the right numbers are there, but cut to whole ones or in another dtype."""
        import numpy as np

        def agree(outcome: Outcome, cut: Callable) -> bool:
            wanted = self.task.expected(outcome.probe)
            parts = [part.read if part.array is None else part.array for part in outcome.parts]
            return len(parts) == len(wanted) and all(
                values.equal(got, cut(want), self.tol)
                for got, want in zip(parts, wanted, strict=True)
            )

        cuts = (np.asarray, np.trunc, np.rint, np.floor)
        return any(all(agree(outcome, cut) for outcome in self.outcomes) for cut in cuts)

    def with_pair(self, report: Report) -> Report:
        """Add what two mistakes together would explain, and a changed input."""
        found = naming.pair(self.task, self.seen(), self.tol)
        if found:
            report.pair = (found[0].id, found[1].id)
            report.keeps = max(0.0, found[0].keeps + found[1].keeps - 1)
            report.message += (
                f"\nTwo mistakes at once would give exactly this: {found[0].title} "
                f"({found[0].id}), and {found[1].title} ({found[1].id})."
            )
            report.hint = f"{found[0].hint} And: {found[1].hint}"
        self.remark_on_changes()
        return report

    def regular(self, outcome: Outcome, k: int) -> str:
        """Something simple that holds for all wrong numbers: a factor, a constant, no change."""
        import numpy as np

        got, want = outcome.parts[k].array, self.task.expected(outcome.probe)[k]
        done = [o for o in self.outcomes if o.arrays is not None and len(o.arrays) > k]
        others = [o.arrays[k] for o in done]
        wanted = [self.task.expected(o.probe)[k] for o in done]
        if want.size == 1 and all(a.size == 1 for a in others + wanted):
            got, want = (np.concatenate([a.ravel() for a in each]) for each in (others, wanted))
        if got.size > 1 and (got == 0).all():
            return " All your numbers are zero."
        if not values.equal(want, want.ravel()[0] + 0 * want, CLEARLY * self.tol):
            largest = abs(want).argmax()
            ratio, off = got.ravel()[largest] / want.ravel()[largest], (got - want).ravel()[0]
            if self.explained(got, want, want * ratio):
                return f" All your numbers are {number(ratio)} times what they should be."
            if self.explained(got, want, want + off):
                return f" All your numbers are off by {number(off)}."
        alike = len(others) > 2 and all(values.equal(other, others[0]) for other in others)
        if alike and not all(values.equal(w, wanted[0], CLEARLY * self.tol) for w in wanted):
            return " Your output is the same for all inputs: does it use them?"
        return ""

    def explained(self, got, want, simple) -> bool:
        """Whether the simple form leaves next to nothing of a difference beyond all doubt."""
        if not values.equal(got, simple, self.tol):
            return False
        far, left = abs(got - want), abs(got - simple)
        clear = (far / (1 + abs(want))).max() >= CLEARLY * self.tol
        return bool(clear and left.max() <= 0.01 * far.max())

    def common(self) -> str:
        """What the probes that fail have in common, if some succeed."""
        good = [o.probe.traits for o in self.outcomes if o.right]
        poor = [o.probe.traits for o in self.outcomes if not o.right]
        if not good or not poor:
            return ""
        text = f" {len(good)} of {len(self.outcomes)} inputs come out right"
        shared = frozenset.intersection(*poor)
        telling = sorted(shared - frozenset.union(*good))
        if telling:
            return f"{text}; all that fail have {' and '.join(telling)}."
        # An input that has it may come out right all the same, where it hides the mistake.
        having = {trait: sum(trait in traits for traits in good) for trait in sorted(shared)}
        trait = min(having, key=having.get, default="")
        if trait and having[trait] <= min(len(poor), len(good)) / 2:
            return (
                f"{text}; all that fail have {trait}, and only {having[trait]} of the right ones."
            )
        return text + "."

    # -- words -----------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """What to call the answer."""
        try:
            name = self.answer.__name__
        except BaseException:
            name = None
        usable = type(name) is str and name.isidentifier() and len(name) < 60
        return f"`{name}`" if usable else f"your {self.task.answer_is}"

    def shown(self, probe: Probe) -> str:
        """The inputs of a probe in words."""
        if probe.shown:
            return probe.shown
        shapes = [
            f"{name} of shape {value.shape}" if hasattr(value, "shape") else f"{name} = {value!r}"
            for name, value in zip(self.task.arguments, probe.inputs, strict=True)
        ]
        return ", ".join(shapes[:-1]) + " and " + shapes[-1] if len(shapes) > 1 else shapes[0]

    def seen_on(self, outcome: Outcome) -> str:
        """For a named mistake: the smallest probe that shows it, and how."""
        text = f"Seen with {self.shown(outcome.probe)}: "
        if outcome.kind == "raised":
            fault = outcome.fault
            stops = f"{self.name} stops with " if fault.type_name else ""
            return f"{text}{stops}{fault.what}{fault.where}."
        wanted = self.task.expected(outcome.probe)
        if outcome.arrays is None or len(outcome.parts) != len(wanted):
            return f"{text}the result is not of the form that the task asks for."
        for part, want, label in zip(outcome.parts, wanted, self.task.outputs, strict=True):
            if part.shape != want.shape:
                return f"{text}your output has shape {part.shape}, it should have {want.shape}."
            if not values.equal(part.array, want, self.tol):
                place, _ = values.first_difference(part.array, want, self.tol)
                got = number(part.array[place])
                if part.array.size == 1:
                    return f"{text}{label} is {got}."
                at = ", ".join(map(str, place))
                return f"{text}the first difference is at [{at}], where yours is {got}."
        return text

    def make(
        self, status: str, message: str, hint: str = "", outcome: Outcome | None = None
    ) -> Report:
        """A report with what this session knows."""
        lines = [self.sentence(line) for line in message.split("\n")]
        report = Report(self.task.name, status, "\n".join(lines), hint, remarks=self.remarks)
        report.right = sum(o.right for o in self.outcomes)
        report.probes = len(self.task.asked)
        if outcome is not None:
            report.probe = outcome.probe.name
            report.inputs = values.copies(outcome.probe.inputs, self.backend)
            arrays = outcome.arrays
            report.output = arrays[0] if arrays and len(arrays) == 1 else arrays
        return report

    def sentence(self, text: str) -> str:
        """A text with a capital at its beginning, unless a name of the task stands there."""
        first = text.partition(" ")[0]
        return text if first in self.names else text[:1].upper() + text[1:]

    @cached_property
    def names(self) -> set[str]:
        """Names of arguments and results: they keep their case."""
        return {
            word
            for text in (*self.task.arguments, *self.task.outputs)
            for word in text.split()
            if len(word) < 3 or "_" in word
        }

    def changed_names(self) -> str:
        """The arguments that an answer wrote into, on any probe."""
        places = {k for outcome in self.outcomes for k in outcome.changed}
        return " and ".join(self.task.arguments[k] for k in sorted(places))

    def remark_on_changes(self, text: str = "It also changes {} while it works.") -> None:
        """An overwritten input that costs nothing is told in one more sentence."""
        if names := self.changed_names():
            self.remarks.append(text.format(names))

    def remark_of_task(self) -> None:
        """What the task itself has to say about a right answer; costs nothing."""
        if self.task.remark is not None:
            ran = guard.run(lambda: self.task.remark(self.answer), max(self.left, 0.1))
            if ran.kind == "value" and ran.value:
                self.remarks.append(ran.value)

    def remark_on_print(self) -> None:
        """Printing costs nothing; say that it was kept back."""
        if not self.printed_characters:
            return
        line = " ".join(self.printed.split())
        line = line if len(line) <= 60 else line[:57] + "..."
        self.remarks.append(
            f"Your code printed {self.printed_characters} characters while it was checked; they "
            f"are not shown. They begin: {line}"
        )


def _is_class(value: Any) -> bool:
    return issubclass(type(value), type)


def _is_async(answer: Callable) -> bool:
    try:
        return inspect.iscoroutinefunction(answer) or inspect.isasyncgenfunction(answer)
    except Exception:  # an object that does not want to be looked at
        return False


def _asks_for_tensors(fault: faults.Fault) -> bool:
    """Whether an exception on NumPy inputs may mean that the answer takes tensors only."""
    if fault.type_name not in ("AttributeError", "TypeError", "RuntimeError", "ValueError"):
        return False
    # Importing torch takes seconds: do it only for a method that NumPy arrays lack.
    missing = fault.type_name == "AttributeError" and "ndarray" in fault.text
    return values.torch_module(load=missing) is not None


def _has_gap(answer: Callable) -> bool:
    """Whether a function still holds a ``...``, or nothing but its first line."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(answer)))
    except Exception:
        if _is_class(answer):  # of a class in a notebook's cell only the methods' source is found
            methods = [part for part in vars(answer).values() if inspect.isfunction(part)]
            return any(_has_gap(method) for method in methods)
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

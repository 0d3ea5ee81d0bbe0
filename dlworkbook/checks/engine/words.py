"""Sentences: from a verdict to the report that a learner reads."""

from __future__ import annotations

from collections.abc import Callable

from .. import values
from ..report import Report, number
from ..task import Probe, Task
from .decide import Common, Outcome, Verdict
from .run import Record

REMARKS: dict[str, Callable[..., str]] = {
    "printed": lambda n, text: (
        f"Your code printed {n} characters while it was checked; they are not shown. They begin: "
        + _one_line(text)
    ),
    "writes": lambda names: (
        f"It writes into {' and '.join(names)}: whoever calls it may still need what was there."
    ),
    "changes": lambda names: f"It also changes {' and '.join(names)} while it works.",
    "shared": lambda: "The output shares memory with an input: a change in one changes the other.",
    "tensor": lambda: "It was given NumPy arrays and returned a tensor; both are fine.",
    "half": lambda dtype: f"The output is {dtype}: about three digits. float32 is safer.",
    "slow": lambda used: f"It took {used:.1f} s on very small inputs.",
    "task": lambda text: text,
    "aside": lambda text: text,
    "fresh": lambda: (
        "It is right on the inputs that every check takes, and wrong on new ones of the same kind."
    ),
}

REGULAR: dict[str, Callable[[float], str]] = {
    "zero": lambda n: " All your numbers are zero.",
    "times": lambda n: f" All your numbers are {number(n)} times what they should be.",
    "off": lambda n: f" All your numbers are off by {number(n)}.",
    "alike": lambda n: " Your output is the same for all inputs: does it use them?",
}


def report(task: Task, record: Record, verdict: Verdict) -> Report:
    """What a learner is told."""
    message, hint = getattr(_Words(task, record, verdict), verdict.status)()
    if verdict.pair:
        first, second = verdict.pair
        message += (
            f"\nTwo mistakes at once would give exactly this: {first.title} ({first.id}), and "
            f"{second.title} ({second.id})."
        )
        hint = f"{first.hint} And: {second.hint}"
    message = "\n".join(_sentence(task, line) for line in message.split("\n"))
    made = Report(task.name, verdict.status, message, hint, keeps=verdict.keeps)
    made.remarks = [REMARKS[kind](*facts) for kind, *facts in verdict.remarks]
    made.right, made.probes = verdict.right, len(task.asked)
    if verdict.mistake is not None:
        made.mistake, made.title = verdict.mistake.id, verdict.mistake.title
    if verdict.pair:
        made.pair = (verdict.pair[0].id, verdict.pair[1].id)
    if verdict.status != "named_mistake" and verdict.difference is not None:
        made.place, made.expected_entry = verdict.difference.place, verdict.difference.wanted
    if verdict.outcome is not None:
        made.probe = verdict.outcome.probe.name
        made.inputs = values.copies(verdict.outcome.probe.inputs, record.backend)
        arrays = verdict.outcome.arrays
        made.output = arrays[0] if arrays and len(arrays) == 1 else arrays
    return made


class _Words:
    """Message and hint of a verdict: one method for each status."""

    def __init__(self, task: Task, record: Record, verdict: Verdict) -> None:
        self.task, self.record, self.verdict = task, record, verdict
        self.name = f"`{record.name}`" if record.name else f"your {task.answer_is}"

    @property
    def outcome(self) -> Outcome:
        """The call that is shown."""
        return self.verdict.outcome

    @property
    def label(self) -> str:
        """The result that is wrong."""
        return self.task.outputs[self.verdict.k]

    # -- not run, or not to its end --------------------------------------------------------------

    @property
    def example(self) -> str:
        return f'`checks.check("{self.task.name}", your_{self.task.answer_is})`'

    def no_answer(self) -> tuple[str, str]:
        return f"Hand over your {self.task.answer_is} as well: {self.example}.", ""

    def not_done(self) -> tuple[str, str]:
        """A starter that is still as it was."""
        text = "There is no answer to check yet. Fill in the part marked `...`, run the cell, "
        return text + "then run this one again.", ""

    def not_callable(self) -> tuple[str, str]:
        what = {
            "value": f"a value of type {self.record.type_name}",
            "class": "a class",
        }.get(self.record.given, "a function or an object")
        message = f"You handed over {what}. This task wants the {self.task.answer_is} itself"
        if self.record.given == "value" and self.task.answer_is == "function":
            message += ", without calling it"
        return f"{message}: {self.example}.", ""

    def wrong_signature(self) -> tuple[str, str]:
        text = f"The task calls `{self.task.signature}`, and {self.name} takes "
        return f"{text}`{self.record.signature}`.", "Compare the number of parameters."

    def timed_out(self) -> tuple[str, str]:
        """No result within the time."""
        call, done = self.outcome.call, self.finished()
        text = f"{self.name} did not finish within {self.record.seconds:g} s on small inputs"
        if call.left_running:
            text += ". It could not be stopped and still runs: restart the kernel."
        else:
            text += f"; it was stopped{call.fault.where if call.fault else ''}."
        hint = "Does every loop come closer to its end? Print its variable."
        return text, f"It finished on {done} inputs before. {hint}" if done else hint

    def finished(self) -> int:
        """The number of probes on which the answer came to an end."""
        return sum(call.kind != "timed_out" for call in self.record.of("asked"))

    # -- right -----------------------------------------------------------------------------------

    def passed(self) -> tuple[str, str]:
        return f"{self.name} is right on all {len(self.record.of('asked'))} test inputs.", ""

    def changed_input(self) -> tuple[str, str]:
        """Right numbers, but an input was overwritten."""
        places = sorted({k for call in self.record.of("asked") for k in call.changed})
        names = " and ".join(self.task.arguments[k] for k in places)
        text = f"{self.name} changes {names} while it works; the task asks to leave the arguments "
        text += "as they are."
        hint = "A slice of an array is a view of it: *=, += or an assignment to a slice changes "
        return text, hint + "the original. Work on a copy."

    def not_repeatable(self) -> tuple[str, str]:
        if self.verdict.why == "shared":
            text = f"The result of an earlier call of {self.name} changed during a later call: "
            text += "all calls write into the same array."
            return text, "Make a new output array in each call."
        text = f"{self.name} gave two different results for the same inputs: it depends on what "
        text += "happened before, or on chance."
        hint = "Look for a global variable, a default argument that is changed, random numbers, "
        return text, hint + "or an array from np.empty that is not filled everywhere."

    # -- wrong -----------------------------------------------------------------------------------

    def named_mistake(self) -> tuple[str, str]:
        found = self.verdict.mistake
        return f"{found.message}\n{self.seen()}", found.hint

    def seen(self) -> str:
        """For a named mistake: the smallest probe that shows it, and how."""
        why = self.verdict.why
        if why == "aside":
            return self.verdict.mistake.seen
        call, k = self.outcome.call, self.verdict.k
        text = f"Seen with {self.shown(self.outcome.probe)}: "
        if why == "raised":
            stops = f"{self.name} stops with " if call.fault.type_name else ""
            return f"{text}{stops}{call.fault.what}{call.fault.where}."
        if why == "form":
            return f"{text}the result is not of the form that the task asks for."
        if why == "shape":
            wanted = self.task.expected(self.outcome.probe)[k].shape
            return f"{text}your output has shape {call.parts[k].shape}, it should have {wanted}."
        difference = self.verdict.difference
        if difference is None:
            return text
        if difference.size == 1:
            return f"{text}{self.label} is {number(difference.got)}."
        at = ", ".join(map(str, difference.place))
        return f"{text}the first difference is at [{at}], where yours is {number(difference.got)}."

    def raised(self) -> tuple[str, str]:
        """An exception of the learner's code."""
        fault = self.outcome.call.fault
        text = f"{self.name} stopped with {fault.what}{fault.where}."
        if not fault.type_name:
            text = f"{self.name}: {fault.what}."
        shapes = f" {self.task.shapes}" if fault.of_shapes and self.task.shapes else ""
        return f"{text}\n{self.inputs()}", fault.hint + shapes

    def wrong_type(self) -> tuple[str, str]:
        """A result that is no array, or another number of results."""
        why, task = self.verdict.why, self.task
        if why == "async":
            text = f"{self.name} is an async function: a call gives a promise, not a result."
            return text, "Remove the word async (and every await)."
        if why == "count":
            count, labels = len(self.outcome.call.parts), task.outputs
            text = f"{self.name} returns {count} result{'s' * (count != 1)}; the task asks for "
            text += f"{len(labels)}: {', '.join(labels)}."
            return text, "Compare with the last line: return."
        if why == "none" and len(self.outcome.call.parts) > 1:
            hint = "Look at your return. The `.grad` of a tensor that no backward has reached is "
            return f"{self.label} of {self.name} is None.", hint + "None."
        if why == "none":
            hint = "Is there a return at the end, on every path, and not inside of a loop?"
            return f"{self.name} returns nothing (None).", hint
        if why in ("generator", "coroutine"):
            hint = "A function with yield gives its results one by one. Use return."
            return f"{self.name} returns a {why}, not an array.", hint
        type_name = self.outcome.call.parts[self.verdict.k].type_name
        text = f"{self.name} returns a value of type {type_name}; {self.label} should be an array "
        hint = "Which line makes the value that you return, and of which type is it there?"
        return text + "or a tensor.", hint

    def wrong_shape(self) -> tuple[str, str]:
        """A result of another shape."""
        part = self.outcome.call.parts[self.verdict.k]
        want = self.task.expected(self.outcome.probe)[self.verdict.k]
        got = f"shape {part.shape}" if part.shape else "no axes (a single number)"
        text = f"{self.label} of {self.name} has {got}; it should have shape {want.shape}."
        hint = "Print the shape after each step and find the first one that surprises you."
        return f"{text}\n{self.inputs()}", hint

    def wrong_dtype(self) -> tuple[str, str]:
        """Numbers that are not real, or whole ones only."""
        if self.verdict.why == "numbers":
            return self.differs()
        dtype = self.outcome.call.parts[self.verdict.k].dtype
        hint = "Complex numbers come from an FFT, dtype object from arrays of unequal sizes."
        text = f"{self.label} has dtype {dtype}; it should hold real floating-point numbers."
        return text, hint

    def nan(self) -> tuple[str, str]:
        """A number that is infinite or none."""
        difference = self.verdict.difference
        verb = "has" if difference.place else "is"
        text = f"{self.label} of {self.name} {verb} {number(difference.got)}{self.at()}."
        hint = "Such a number comes from a division by zero, a logarithm or square root of a "
        hint += "negative number, or an array from empty() that was not filled."
        return f"{text}\n{self.inputs()}{self.fractions()}", hint

    def differs(self) -> tuple[str, str]:
        """A result of the right shape with other numbers."""
        difference = self.verdict.difference
        got = number(difference.got)
        text = f"{self.label} of {self.name} has the right shape, and other numbers: "
        text += f"{difference.count} of {difference.size} differ, the first{self.at()}, where "
        text += f"yours is {got}."
        if difference.size == 1:
            text = f"{self.label} of {self.name} should be another number; yours is {got}."
        hint = "Work this one entry out by hand, then print the numbers that your code puts "
        hint += "together for it. `report.inputs` holds the inputs."
        kind, n = self.verdict.regular or ("", 0.0)
        regular = REGULAR[kind](n) if kind else ""
        return f"{text}\n{self.inputs()}{regular}{self.fractions()}", hint

    # -- parts of sentences ----------------------------------------------------------------------

    def at(self) -> str:
        """The place of the first difference."""
        place = self.verdict.difference.place
        return f" at [{', '.join(map(str, place))}]" if place else ""

    def fractions(self) -> str:
        """Said of whole numbers."""
        dtype = self.outcome.call.parts[self.verdict.k].dtype
        whole = dtype.startswith(("int", "uint", "bool")) and not self.task.whole_results
        return f" Your output has dtype {dtype}, which cannot hold fractions." if whole else ""

    def inputs(self) -> str:
        """The inputs of the probe that is shown, and what those that fail have in common."""
        text = f"The inputs were {self.shown(self.outcome.probe)}."
        return text + (_in_common(self.verdict.common) if self.verdict.common else "")

    def shown(self, probe: Probe) -> str:
        """The inputs of a probe in words."""
        if probe.shown:
            return probe.shown
        *most, last = (
            f"{name} of shape {value.shape}" if hasattr(value, "shape") else f"{name} = {value!r}"
            for name, value in zip(self.task.arguments, probe.inputs, strict=True)
        )
        return f"{', '.join(most)} and {last}" if most else last


def _in_common(common: Common) -> str:
    text = f" {common.good} of {common.all} inputs come out right"
    if not common.traits:
        return text + "."
    text += f"; all that fail have {' and '.join(common.traits)}"
    return text + (f", and only {common.having} of the right ones." if common.having else ".")


def _sentence(task: Task, text: str) -> str:
    """A text with a capital at its beginning, unless a name of the task stands there."""
    words = " ".join((*task.arguments, *task.outputs)).split()
    names = {word for word in words if len(word) < 3 or "_" in word}
    return text if text.partition(" ")[0] in names else text[:1].upper() + text[1:]


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "..."

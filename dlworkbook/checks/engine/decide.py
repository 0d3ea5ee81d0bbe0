"""Choose what is said of an answer, from the plain data of its record.

Nothing of the learner's is met here, and no sentence is made: a ``Verdict`` holds the status, the
mistake or the pair of mistakes, the call that shows it, and the facts that go into the words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .. import naming, values
from ..report import KEPT
from ..task import Mistake, Probe, Task
from .run import Aside, Call, Record, unfinished

CLEARLY = 30  # so many times the tolerance, before a regularity is told


@dataclass
class Outcome:
    """A call beside its probe, and whether it gave what the task asks for."""

    probe: Probe
    call: Call
    right: bool

    @property
    def arrays(self) -> list | None:
        """As ``Call.arrays``."""
        return self.call.arrays


@dataclass
class Common:
    """What the probes that fail have in common, where ``good`` of ``all`` come out right.

    ``traits`` are those of all that fail and of none that is right; or one, which ``having`` of the
    right ones have.
    """

    good: int
    all: int
    traits: list[str]
    having: int = 0


@dataclass
class Difference:
    """The first entry that differs: where, what stands there, how many differ of how many."""

    place: tuple[int, ...]
    got: float
    wanted: float
    count: int
    size: int


@dataclass
class Verdict:
    """What is to be said. ``status`` is that of the report, ``why`` tells its cases apart.

    ``k`` is the result that is wrong in ``outcome``; ``regular`` something simple that holds for
    all its numbers, (a word, a number). ``wants`` is what has to be known first: "outside" or
    "remark" (see ``run.more``). ``remarks`` are words with what goes into them.
    """

    status: str
    why: str = ""
    outcome: Outcome | None = None
    k: int = 0
    mistake: Mistake | Aside | None = None
    pair: tuple[Mistake, Mistake] | None = None
    difference: Difference | None = None
    regular: tuple[str, float] | None = None
    common: Common | None = None
    keeps: float = 0.0
    wants: str = ""
    remarks: list[tuple] = field(default_factory=list)
    right: int = 0
    general: bool = False  # right on all probes, known and fresh


def decide(task: Task, record: Record) -> Verdict:
    """What is wrong with an answer, the most telling thing first."""
    case = Case(task, record)
    verdict = case.by_numbers()
    verdict.remarks = case.remarks
    verdict.right = sum(outcome.right for outcome in case.outcomes)
    if record.aside is not None and verdict.status != "not_done":
        if verdict.status == "passed":
            found = record.aside
            verdict = replace(
                verdict, status="named_mistake", why="aside", mistake=found, keeps=found.keeps
            )
        else:
            verdict.remarks.append(("aside", record.aside.seen))
    return verdict


class Case:
    """A record beside what its task asks for."""

    def __init__(self, task: Task, record: Record) -> None:
        self.task, self.record = task, record
        self.remarks: list[tuple] = []
        self.tol = 1e-5
        probes = {probe.name: probe for probe in (*task.probes, *record.fresh)}
        judged = [self.judged(probes[call.probe], call) for call in record.calls]
        self.outcomes = [o for o in judged if o.call.role == "asked"]
        self.outside = [o for o in judged if o.call.role == "outside"]
        self.fresh = [o for o in judged if o.call.role == "fresh"]
        self.again = next((o for o in judged if o.call.role == "again"), None)
        self.wrong = [o for o in self.outcomes if not o.right]

    def judged(self, probe: Probe, call: Call) -> Outcome:
        """Whether a call is right; the tolerance follows the dtypes that were seen so far."""
        self.tol = max([self.tol, *(values.tolerance(part.dtype) for part in call.parts)])
        right = naming.right(self.task, probe, call.arrays, self.tol)
        return Outcome(probe, call, right and all(part.kind == "array" for part in call.parts))

    def wanted(self, outcome: Outcome) -> list:
        """The right arrays."""
        return self.task.expected(outcome.probe)

    def by_numbers(self) -> Verdict:
        """What the answer's results say."""
        early = self.before_running()
        if early:
            return early
        record = self.record
        if unfinished(record, self.outcomes[0].call):
            self.outcomes = []
            return Verdict("not_done")
        if record.printed_characters:
            self.remarks.append(("printed", record.printed_characters, record.printed))
        last = self.outcomes[-1]
        if last.call.kind == "timed_out":
            return Verdict("timed_out", outcome=last)
        if not self.wrong:
            return self.all_right()
        verdict = self.repeated() or self.named()
        if verdict is None and len(self.wrong) == len(self.outcomes) and record.gap:
            return Verdict("not_done")
        return verdict or self.unnamed(self.wrong[0])

    def before_running(self) -> Verdict | None:
        """What can be said without calling the answer."""
        given, is_class = self.record.given, self.task.answer_is == "class"
        if given == "nothing":
            return Verdict("no_answer")
        if given == "blank":
            return Verdict("not_done")
        if given == "value" or (given == "class") != is_class:
            return Verdict("not_callable")
        if given == "async":
            return Verdict("wrong_type", "async")
        return Verdict("wrong_signature") if self.record.signature else None

    def all_right(self) -> Verdict:
        """Right numbers everywhere: what may still be wrong, and remarks."""
        record = self.record
        changed = next((o for o in self.outcomes if o.call.changed), None)
        if changed and self.task.inputs_stay:
            return Verdict("changed_input", outcome=changed, keeps=KEPT["changed_input"])
        repeated = self.repeated()
        if repeated:
            return repeated
        wrong = next((o for o in self.fresh if not o.right), None)
        if wrong:
            return self.of_fresh(wrong)
        self.remark_on_changes("writes")
        part = self.outcomes[0].call.parts[0]
        if any(o.call.shared for o in self.outcomes) and not self.task.in_place:
            self.remarks.append(("shared",))
        if record.backend == "numpy" and part.tensor:
            self.remarks.append(("tensor",))
        if part.dtype in ("float16", "bfloat16"):
            self.remarks.append(("half", part.dtype))
        used = record.seconds - record.left
        if used > 1.5:
            self.remarks.append(("slow", used))
        if record.remark:
            self.remarks.append(("task", record.remark))
        wants = self.task.remark is not None and "remark" not in record.told
        return Verdict("passed", wants="remark" if wants else "", general=True)

    def of_fresh(self, outcome: Outcome) -> Verdict:
        """Right on all known inputs, and wrong on new ones of the same kind."""
        self.remarks.append(("fresh",))
        if outcome.call.kind == "timed_out":
            return Verdict("timed_out", outcome=outcome)
        if outcome.call.kind == "raised":
            return Verdict("raised", outcome=outcome)
        got, parts = outcome.arrays, outcome.call.parts
        for k, want in enumerate(self.wanted(outcome)):
            if got is None or len(got) <= k:
                return Verdict("wrong_type", "count", outcome)
            if parts[k].shape != want.shape:
                return Verdict("wrong_shape", outcome=outcome, k=k)
            if not values.equal(got[k], want, self.tol):
                verdict = Verdict("differs", "numbers", outcome, k)
                verdict.difference = self.difference(got[k], want)
                return verdict
        return Verdict("wrong_type", "count", outcome)

    def remark_on_changes(self, why: str = "changes") -> None:
        """An overwritten input that costs nothing is told in one more sentence."""
        places = {k for outcome in self.outcomes for k in outcome.call.changed}
        names = [self.task.arguments[k] for k in sorted(places)]
        names = tuple(name for name in names if name not in self.task.in_place)
        if names:
            self.remarks.append((why, names))

    def repeated(self) -> Verdict | None:
        """Answers that depend on earlier calls, or hand out one array twice."""
        first = next((o for o in self.outcomes if o.arrays is not None), None)
        if first is None or self.again is None:
            return None
        kept = self.record.kept
        if kept is not None and not naming.same(kept, first.arrays):
            return Verdict("not_repeatable", "shared", first)
        if self.again.call.kind == "timed_out":
            return Verdict("timed_out", outcome=self.again)
        if not naming.same(first.arrays, self.again.arrays, self.tol):
            return Verdict("not_repeatable", "chance", first)
        return None

    # -- a name ----------------------------------------------------------------------------------

    def seen(self) -> naming.Outcomes:
        """Probe and arrays of all outcomes."""
        return [(o.probe, o.arrays) for o in self.outcomes + self.outside]

    def named(self) -> Verdict | None:
        """A mistake of the catalogue."""
        found = naming.name(self.task, self.seen(), self.tol)
        if found is None:
            asks = not any(o.right for o in self.outcomes) and "outside" not in self.record.told
            if asks and any(not probe.contract for probe in self.task.probes):
                return Verdict("unnamed", wants="outside")
            return None
        shown = next((o for o in self.wrong if o.arrays is not None), self.wrong[0])
        self.remark_on_changes()
        return self.told_of(
            Verdict("named_mistake", outcome=shown, mistake=found, keeps=found.keeps)
        )

    def told_of(self, verdict: Verdict) -> Verdict:
        """With the first difference on the probe that is shown."""
        outcome, wanted = verdict.outcome, self.wanted(verdict.outcome)
        parts = outcome.call.parts
        if outcome.call.kind == "raised":
            verdict.why = "raised"
        elif outcome.arrays is None or len(parts) != len(wanted):
            verdict.why = "form"
        else:
            for k, (part, want) in enumerate(zip(parts, wanted, strict=True)):
                if part.shape != want.shape:
                    verdict.why, verdict.k = "shape", k
                    break
                if not values.equal(part.array, want, self.tol):
                    verdict.why, verdict.k = "numbers", k
                    verdict.difference = self.difference(part.array, want)
                    break
        return verdict

    def difference(self, got, want) -> Difference:
        place, count = values.first_difference(got, want, self.tol)
        return Difference(place, float(got[place]), float(want[place]), count, got.size)

    # -- wrong, and no name for it ---------------------------------------------------------------

    def unnamed(self, outcome: Outcome) -> Verdict:
        """The first thing that is wrong on the smallest probe that shows it."""
        if outcome.call.kind == "raised":
            verdict = Verdict("raised", outcome=outcome, common=self.common())
            # Two mistakes may stop on one input and still be told by the numbers of the others.
            numbers = any(o.arrays is not None for o in self.outcomes)
            return self.with_pair(verdict) if numbers else verdict
        parts, labels = outcome.call.parts, self.task.outputs
        if len(parts) != len(labels) and all(part.kind in ("array", "other") for part in parts):
            return Verdict("wrong_type", "count", outcome)
        for k, part in enumerate(parts[: len(labels)]):
            verdict = self.wrong_kind(outcome, k, part) or self.wrong_values(outcome, k, part)
            if verdict:
                return verdict
        raise AssertionError("a wrong outcome in which nothing is wrong")

    def wrong_kind(self, outcome: Outcome, k: int, part: values.Settled) -> Verdict | None:
        """A result that is no array of real numbers, or one of another shape."""
        if part.kind != "array":
            return Verdict("wrong_type", part.kind, outcome, k)
        if part.shape != self.wanted(outcome)[k].shape:
            verdict = Verdict("wrong_shape", outcome=outcome, k=k, common=self.common())
            return self.with_pair(verdict)
        if part.array is None:
            keeps = KEPT["wrong_dtype"] * self.right_but_for_dtype()
            return Verdict("wrong_dtype", "kind", outcome, k, keeps=keeps)
        return None

    def wrong_values(self, outcome: Outcome, k: int, part: values.Settled) -> Verdict | None:
        """A result of the right shape with other numbers."""
        want = self.wanted(outcome)[k]
        if values.equal(part.array, want, self.tol):
            return None
        verdict = Verdict("differs", "numbers", outcome, k, common=self.common())
        verdict.difference = self.difference(part.array, want)
        got = verdict.difference.got
        bad = abs(got) == float("inf") or got != got
        if bad:
            verdict.status, verdict.why = "nan", "bad"
        else:
            verdict.regular = self.regular(outcome, k)
        if part.dtype.startswith(("int", "uint", "bool")) and not self.task.whole_results:
            verdict.status = "nan" if bad else "wrong_dtype"
            verdict.keeps = KEPT["wrong_dtype"] * self.right_but_for_dtype()
        return self.with_pair(verdict)

    def right_but_for_dtype(self) -> bool:
        """Whether the right numbers are there, but cut to whole ones or in another dtype."""
        import numpy as np

        def agree(outcome: Outcome, cut: Callable) -> bool:
            wanted = self.wanted(outcome)
            parts = [part.read if part.array is None else part.array for part in outcome.call.parts]
            return len(parts) == len(wanted) and all(
                values.equal(got, cut(want), self.tol)
                for got, want in zip(parts, wanted, strict=True)
            )

        cuts = (np.asarray, np.trunc, np.rint, np.floor)
        return any(all(agree(outcome, cut) for outcome in self.outcomes) for cut in cuts)

    def with_pair(self, verdict: Verdict) -> Verdict:
        """With what two mistakes together would explain, and a changed input."""
        verdict.pair = naming.pair(self.task, self.seen(), self.tol)
        if verdict.pair:
            verdict.keeps = max(0.0, sum(mistake.keeps for mistake in verdict.pair) - 1)
        self.remark_on_changes()
        return verdict

    def regular(self, outcome: Outcome, k: int) -> tuple[str, float] | None:
        """Something simple that holds for all wrong numbers: a factor, a constant, no change."""
        import numpy as np

        got, want = outcome.call.parts[k].array, self.wanted(outcome)[k]
        done = [o for o in self.outcomes if o.arrays is not None and len(o.arrays) > k]
        others, wanted = [o.arrays[k] for o in done], [self.wanted(o)[k] for o in done]
        if want.size == 1 and all(a.size == 1 for a in others + wanted):
            got, want = (np.concatenate([a.ravel() for a in each]) for each in (others, wanted))
        if got.size > 1 and (got == 0).all():
            return "zero", 0.0
        if not values.equal(want, want.ravel()[0] + 0 * want, CLEARLY * self.tol):
            largest = abs(want).argmax()
            ratio, off = got.ravel()[largest] / want.ravel()[largest], (got - want).ravel()[0]
            if self.explained(got, want, want * ratio):
                return "times", float(ratio)
            if self.explained(got, want, want + off):
                return "off", float(off)
        alike = len(others) > 2 and all(values.equal(other, others[0]) for other in others)
        if alike and not all(values.equal(w, wanted[0], CLEARLY * self.tol) for w in wanted):
            return "alike", 0.0
        return None

    def explained(self, got, want, simple) -> bool:
        """Whether the simple form leaves next to nothing of a difference beyond all doubt."""
        if not values.equal(got, simple, self.tol):
            return False
        far, left = abs(got - want), abs(got - simple)
        clear = (far / (1 + abs(want))).max() >= CLEARLY * self.tol
        return bool(clear and left.max() <= 0.01 * far.max())

    def common(self) -> Common | None:
        """What the probes that fail have in common, if some succeed."""
        good = [o.probe.traits for o in self.outcomes if o.right]
        poor = [o.probe.traits for o in self.outcomes if not o.right]
        if not good or not poor:
            return None
        shared = frozenset.intersection(*poor)
        telling = sorted(shared - frozenset.union(*good))
        if telling:
            return Common(len(good), len(self.outcomes), telling)
        # An input that has it may come out right all the same, where it hides the mistake.
        having = {trait: sum(trait in traits for traits in good) for trait in sorted(shared)}
        trait = min(having, key=having.get, default="")
        if trait and having[trait] <= min(len(poor), len(good)) / 2:
            return Common(len(good), len(self.outcomes), [trait], having[trait])
        return Common(len(good), len(self.outcomes), [])

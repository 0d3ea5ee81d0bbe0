"""What every task of the checks is tested for; what a task brings to it is data.

``answers(name)`` finds the data beside the special tests of a task, by its name: the module
``tests/checks/chNN_name/<task>.py``. It may define

* ``RIGHT``: right answers, each written on its own (at least three);
* ``WHOLE``: three of them with which the students' notebook of a newer lab runs as a whole;
* ``WRONG``: a mistake's id, or the ids of two that are made at once, with answers that make it;
* ``TWO``: pairs of ids, each of which must be told as these two;
* ``COURSE``: ids that the labs name, which the catalogue must have;
* ``CODE``: pieces of right code that no message and no hint may hold;
* ``framework(*inputs)``: what the framework gives on a probe, None where it has no such thing.

It imports nothing of ours, so that its source can travel in a notebook.

``problems(task, answers)`` says in words all that is wrong, each with task, mistake and what.
Outcomes of variants are worked out once and kept in the task.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import linecache
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from dlworkbook import checks
from dlworkbook.checks import adapters, faults, naming, tasks
from dlworkbook.checks.report import Report
from dlworkbook.checks.task import Fitted, Mistake, Probe, Task, Variant

FOLDER = Path(__file__).parents[1] / "checks"
PAIRS = 40  # of two mistakes at once, drawn for each task
# A check costs at most so many times the yardstick: twice what the slowest cost when this was set.
PLAIN, WITH_PAIRS = 8, 60


def answers(name: str) -> ModuleType:
    """The data of a task."""
    found = list(FOLDER.glob(f"*/{name}.py"))
    assert len(found) == 1, f"{name}: its answers belong into tests/checks/chNN_name/{name}.py"
    return importlib.import_module(f"tests.checks.{found[0].parent.name}.{name}")


def problems(task: Task, data: Any) -> list[str]:
    """All that is wrong with a task, one sentence each; empty if nothing is."""
    return Trial(task, data).problems()


@contextmanager
def in_place_of(task: Task) -> Iterator[None]:
    """``checks.check`` finds this task under its name."""
    names, load = tasks.names(), tasks.load
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "names", lambda: sorted({*names, task.name}))
        patch.setattr(tasks, "load", lambda name: task if name == task.name else load(name))
        yield


def variant(task: Task, id_: str, k: int = 0) -> Callable:
    """A wrong answer of the catalogue."""
    return next(m for m in task.mistakes if m.id == id_).variants[k]


def probe(task: Task, name: str) -> Probe:
    """The probe of that name."""
    return next(p for p in task.probes if p.name == name)


def assert_accepted(task: Task, answer) -> None:
    """A right answer passes, with all points and no name."""
    report = checks.check(task.name, answer)
    assert report.passed and report.mistake is None and report.credit == 1, str(report)
    assert report.right == report.probes == len(task.asked)


def assert_named(task: Task, answer, wanted: str) -> None:
    """A wrong answer is told its mistake, and keeps what this mistake leaves."""
    report = checks.check(task.name, answer)
    assert (report.status, report.mistake) == ("named_mistake", wanted), str(report)
    mistake = next(m for m in task.mistakes if m.id == wanted)
    assert not report.passed and report.credit == mistake.keeps < 1


class Trial:
    """One task with its data."""

    def __init__(self, task: Task, data: Any) -> None:
        self.task, self.data = task, data
        self.right: list = data.RIGHT
        self.wrong: dict = getattr(data, "WRONG", {})
        self.found: list[str] = []
        self.seconds: list[tuple[float, Task, Callable, Report]] = []

    def problems(self) -> list[str]:
        with in_place_of(self.task):
            self.words()
            self.reference()
            self.right_answers()
            self.answers_without_a_name()
            self.wrong_answers()
        with in_place_of(self.for_functions), pytest.MonkeyPatch.context() as patch:
            way = adapters.way
            patch.setattr(adapters, "way", lambda u: self.our_own if u == "our own" else way(u))
            self.named_as_itself()
            self.pairs_told()
            self.an_unknown_mistake()
        self.alike()
        self.pairs()
        self.time_limits()
        return self.found

    def say(self, text: str) -> None:
        self.found.append(f"{self.task.name}: {text}")

    def check(self, answer: Callable) -> Report:
        """The report on an answer; its cost is kept for ``time_limits``."""
        start = time.process_time()
        report = checks.check(self.task.name, answer)
        spent = time.process_time() - start
        self.seconds.append((spent, tasks.load(self.task.name), answer, report))
        return report

    # -- the catalogue ---------------------------------------------------------------------------

    @cached_property
    def for_functions(self) -> Task:
        """The task as it takes our own answers: functions of a probe, also where it asks for a
        class. What such a one raises counts as the learner's."""
        if self.task.answer_is != "class":
            return self.task
        return dataclasses.replace(
            self.task, answer_is="function", fits=None, slip=None, remark=None, use="our own"
        )

    def our_own(self, answer, inputs):
        return faults.theirs(self.task.ours, answer, inputs)

    @cached_property
    def variants(self) -> list[tuple[Mistake, int, Callable]]:
        return [(m, k, v) for m in self.task.mistakes for k, v in enumerate(m.variants)]

    def outcomes(self, answer: Callable) -> naming.Outcomes:
        return [(p, self.task.outcome(answer, p)) for p in self.task.probes]

    def named_as_itself(self) -> None:
        """Each variant gets its own name and the points that this mistake leaves."""
        for mistake, k, variant in self.variants:
            if self.seen_beside_the_numbers(mistake, variant):
                continue
            report = self.check(lambda *inputs, variant=variant: variant(*inputs))
            self.expect(report, f"variant {k} of {mistake.id}", mistake.id)

    def seen_beside_the_numbers(self, mistake: Mistake, variant: Callable) -> bool:
        """Whether ``Task.slip`` looks for it: then a wrong answer must show it."""
        if not self.beside(variant):
            return False
        if mistake.id not in self.wrong:
            self.say(f"{mistake.id} is seen beside the numbers; no wrong answer shows it")
        return True

    def beside(self, variant: Callable) -> bool:
        """Whether a wrong answer stands for what no number shows: it has no outcome."""
        return bool(self.task.slip) and all(got is None for _, got in self.outcomes(variant))

    def expect(self, report: Report, what: str, *ids: str) -> None:
        """A report that tells one mistake, or two, with the points that they leave."""
        keeps = {m.id: m.keeps for m in self.task.mistakes}
        if unknown := [id_ for id_ in ids if id_ not in keeps]:
            return self.say(f"{what}: there is no mistake {', '.join(unknown)}")
        if len(ids) == 1:
            told = report.mistake == ids[0] and report.status == "named_mistake"
            credit = keeps[ids[0]]
        else:
            told = report.mistake is None and set(report.pair or ()) == set(ids)
            credit = max(0, sum(keeps[id_] for id_ in ids) - 1)
        if not told:
            self.say(f"{what} is not told as {' and '.join(ids)}:\n{report}")
        elif report.credit != credit or report.passed:
            self.say(f"{what} leaves {report.credit} of the points, not {credit}")

    def alike(self) -> None:
        """No variants of two mistakes give the same on all probes. Compared here, not by
        ``naming``."""
        rows = [
            (m, k, [self.task.outcome(v, p) for p in self.task.probes])
            for m, k, v in self.variants
            if not isinstance(v, Fitted) and not self.beside(v)
        ]
        for i, (m, k, one) in enumerate(rows):
            for other, l, two in rows[i + 1 :]:
                if m is not other and all(map(_alike, one, two)):
                    self.say(f"variant {k} of {m.id} and variant {l} of {other.id} give the same "
                             "on all probes")  # fmt: skip

    # -- two mistakes at once --------------------------------------------------------------------

    def pairs_told(self) -> None:
        """The pairs that the task lists are told as these two."""
        by_id = {m.id: m.variants[0] for m in self.task.mistakes}
        for ids in getattr(self.data, "TWO", []):
            if not by_id.keys() >= set(ids):
                self.say(f"there are no mistakes {' and '.join(ids)} to be made at once")
                continue
            a, b = (by_id[id_] for id_ in ids)
            both = a.with_other(b) or b.with_other(a)
            report = self.check(lambda *inputs, both=both: both(*inputs))
            self.expect(report, "both at once", *ids)

    def drawn_pairs(self) -> Iterator[tuple[Mistake, Mistake, Variant]]:
        """Two mistakes at once: of all variants, half of them with two changes of the middle."""
        parts = [(m, v) for m, _, v in self.variants if hasattr(v, "with_other")]
        middle = [(m, v) for m, v in parts if v.core or v.pieces]
        rng = np.random.default_rng(0)
        for source in (parts, middle):
            if len({m.id for m, _ in source}) < 2:
                continue
            made = 0
            for _ in range(10 * PAIRS):
                (m, a), (n, b) = (source[k] for k in rng.choice(len(source), 2, replace=False))
                both = a.with_other(b) if m is not n else None
                if both is not None and made < PAIRS // 2:
                    made += 1
                    yield m, n, both

    def pairs(self) -> None:
        """Two mistakes at once are named as a third only where no two results tell them apart.

        Where both give arrays, these are the same, and on one probe at least the same and wrong.
        Where one of the two stops they may differ: a name leaves that open (``naming.loose``),
        since what a wrong answer does where another form of it raises says little.
        """
        for m, n, both in self.drawn_pairs():
            outcomes = [(p, self.task.compute(both, p)) for p in self.task.probes]
            third = naming.name(self.task, outcomes)
            if third is None or third in (m, n):
                continue
            if not any(self.same_numbers(variant, outcomes) for variant in third.variants):
                self.say(f"{m.id} and {n.id} at once are named {third.id}")

    def same_numbers(self, variant, outcomes: naming.Outcomes) -> bool:
        """Whether a variant gives these arrays wherever both give some, wrong ones among them."""
        if isinstance(variant, Fitted):
            variant = variant.fit(outcomes)
        made = [(p, got, variant and self.task.compute(variant, p)) for p, got in outcomes]
        both = [(p, a, b) for p, a, b in made if p.contract and a is not None and b is not None]
        alike = all(_close(a, b, 1e-3) for _, a, b in both)
        return alike and any(not _close(a, self.task.expected(p), 1e-7) for p, a, _ in both)

    # -- answers ---------------------------------------------------------------------------------

    def reference(self) -> None:
        """The reference gives what the framework gives, where there is one; so does its fast form,
        from which the variants are made."""
        fast = {v.right: None for _, _, v in self.variants if isinstance(v, Variant)}
        for right in fast:
            for probe in self.task.asked:
                if not naming.right(self.task, probe, self.task.outcome(right, probe)):
                    self.say(f"{_name(right)} is not the reference on '{probe.name}'")
        if not hasattr(self.data, "framework"):
            return
        compared = 0
        for probe in self.task.asked:
            given = self.data.framework(*probe.inputs)
            if given is None:
                continue
            compared += 1
            parts = given if isinstance(given, tuple | list) else [given]
            theirs = [np.asarray(torch.as_tensor(part).detach(), float) for part in parts]
            if not _close(theirs, self.task.expected(probe), 1e-6):
                self.say(f"the reference is not what the framework gives on '{probe.name}'")
        if 2 * compared < len(self.task.asked):
            self.say(f"the framework is compared on {compared} probes only")

    def right_answers(self) -> None:
        """They pass with all points and no name, and leave the learner's random numbers alone."""
        if len(self.right) < 3:
            self.say(f"{len(self.right)} right answers; three or more are needed")
        for answer in self.right:
            torch.manual_seed(3)
            report = self.check(answer)
            told = f"the right answer {_name(answer)}"
            if not report.passed or report.mistake or report.credit != 1:
                self.say(f"{told} does not pass:\n{report}")
            if report.right != len(self.task.asked) or report.probes != report.right:
                self.say(f"{told} is right on {report.right} of {len(self.task.asked)} probes")
        generator = torch.default_generator.get_state()
        checks.check(self.task.name, (self.right or [self.task.reference])[0])
        drawn = generator.equal(torch.default_generator.get_state())
        torch.default_generator.set_state(generator)
        if self.task.answer_is == "class" and not drawn:
            self.say("a check draws from the learner's random numbers")

    def wrong_answers(self) -> None:
        """Wrong programs as learners write them get the name, or two, of what is wrong."""
        for ids, wrong in self.wrong.items():
            for answer in wrong:
                report = self.check(answer)
                self.expect(report, _name(answer), *([ids] if isinstance(ids, str) else ids))

    def an_unknown_mistake(self) -> None:
        """Numbers that no mistake gives are located, and not named."""
        task = self.task

        def odd(*inputs):
            out = task.reference(*inputs)
            parts = out if len(task.outputs) > 1 else (out,)
            made = tuple(1.3 * np.sin(np.asarray(part, float)) + 0.1 for part in parts)
            return made if len(task.outputs) > 1 else made[0]

        report = self.check(odd)
        if report.status != "differs" or report.mistake or report.pair:
            return self.say(f"a mistake that nobody knows is told so:\n{report}")
        shown = next(p for p in task.probes if p.name == report.probe)
        wanted = [p[report.place] for p in task.expected(shown) if p.ndim == len(report.place)]
        if not any(np.isclose(report.expected_entry, want) for want in wanted):
            self.say(f"{report.expected_entry} does not stand at {report.place} of '{shown.name}'")

    def answers_without_a_name(self) -> None:
        """A starter is not done yet, and an answer learnt by the shapes of inputs is not right."""
        if self.task.answer_is == "class":
            return
        names = ", ".join(self.task.arguments)
        starter = _written(f"def starter({names}):\n    'To do.'\n    ...\n")
        if (status := checks.check(self.task.name, starter).status) != "not_done":
            self.say(f"an empty starter is {status}, where it should be not done")
        memory: dict = {}

        def by_shape(*inputs):
            key = repr([getattr(x, "shape", x) for x in inputs if not isinstance(x, float)])
            return memory.setdefault(key, self.task.reference(*inputs))

        if checks.check(self.task.name, by_shape).passed:
            self.say("an answer remembered by the shapes of its inputs passes")

    # -- words -----------------------------------------------------------------------------------

    def words(self) -> None:
        """Ids are unique; texts are whole, and hold no right code and no number of an answer."""
        ids = [m.id for m in self.task.mistakes]
        for id_ in sorted({id_ for id_ in ids if ids.count(id_) > 1}):
            self.say(f"two mistakes have the id {id_}")
        if lost := sorted(set(getattr(self.data, "COURSE", ())) - set(ids)):
            self.say(f"the labs name {', '.join(lost)}, and the catalogue does not have them")
        if self.task.name not in self.task.contract and self.task.answer_is != "class":
            self.say("its contract does not say its name")
        numbers = self.numbers()
        for m in self.task.mistakes:
            if not (m.variants and m.title and m.message[-1:] == "." and m.hint[-1:] in (".", "?")):
                self.say(f"{m.id} lacks a variant or a title, or a text does not end as a sentence")
            if m.keeps not in (0, 0.25, 0.5, 0.75):
                self.say(f"{m.id} keeps {m.keeps}, which is no quarter of the points below all")
            for where, text in (("title", m.title), ("message", m.message), ("hint", m.hint)):
                for code in self.code:
                    if code in text:
                        self.say(f"the {where} of {m.id} shows code of the answer: {code}")
                for number in sorted(numbers & set(text.replace(",", " ").rstrip(".?").split())):
                    self.say(f"the {where} of {m.id} shows a number of the answer: {number}")

    @cached_property
    def code(self) -> set[str]:
        """Pieces of right code: those listed, and longer expressions of the right answers."""
        found = set(getattr(self.data, "CODE", ()))
        for answer in self.right:
            try:
                tree = ast.parse(textwrap.dedent(inspect.getsource(answer)))
            except (OSError, TypeError):
                continue
            for node in ast.walk(tree):
                inside = list(ast.walk(node)) if isinstance(node, ast.BinOp | ast.Call) else []
                if any(isinstance(part, ast.Call | ast.Subscript | ast.MatMult) for part in inside):
                    found.add(ast.unparse(node))
        return {code for code in found if len(code) > 8} | set(getattr(self.data, "CODE", ()))

    def numbers(self) -> set[str]:
        """Entries of right results with four digits or more, as a text would show them."""
        arrays = [part for probe in self.task.asked for part in self.task.expected(probe)]
        entries = np.concatenate([part.ravel() for part in arrays])
        texts = {f"{entry:.{digits}f}" for entry in entries for digits in (3, 4, 5)}
        return {text for text in texts if len(text.strip("-0.")) > 3}

    # -- time ------------------------------------------------------------------------------------

    def time_limits(self) -> None:
        """A check costs a bounded number of yardsticks, measured beside it on the same machine.

        What is over its limit at first counts with the least of three times more. The search for
        two mistakes at once goes on to its end, so that a slower one is seen.
        """
        unit = min(_yardsticks(3))
        for spent, task, answer, report in self.seconds:
            most = self.most(report)
            tries = 0
            while spent > most * unit and tries < 3:
                tries += 1
                with in_place_of(task), pytest.MonkeyPatch.context() as patch:
                    patch.setattr(naming.pair, "__defaults__", (1e-5, 600.0))
                    self.task.pairs = task.pairs = None  # else the search remembers the first one
                    start = time.process_time()
                    checks.check(task.name, answer)
                    spent = min(spent, time.process_time() - start)
                unit = max(unit, min(_yardsticks(2)))
            if spent > most * unit:
                self.say(f"a check of {_name(answer)} costs {spent / unit:.0f} yardsticks, more "
                         f"than {most}:\n{report}")  # fmt: skip

    @staticmethod
    def most(report: Report) -> int:
        return PLAIN if report.passed or report.mistake else WITH_PAIRS


def _yardsticks(times: int) -> Iterator[float]:
    """Processor time of small tensors and arrays, as checks have them: hundredths of a second."""
    for _ in range(times):
        start = time.process_time()
        tensor, array = torch.ones(8, 8), np.ones((8, 8))
        for _ in range(2000):
            tensor, array = torch.tanh(tensor @ tensor + 1), np.tanh(array @ array + 1)
        yield time.process_time() - start


def _written(source: str) -> Callable:
    """The function of this source, which can be looked up as that of a notebook's cell."""
    name = f"<written {len(linecache.cache)}>"
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    space: dict = {}
    exec(compile(source, name, "exec"), space)
    return next(value for value in space.values() if inspect.isfunction(value))


def _name(answer: Any) -> str:
    return getattr(answer, "__name__", type(answer).__name__)


def _alike(one: list | None, two: list | None) -> bool:
    return one is two is None or (one is not None and two is not None and _close(one, two, 1e-5))


def _close(one: list, other: list, tol: float) -> bool:
    return [a.shape for a in one] == [a.shape for a in other] and all(
        np.allclose(a, b, tol, tol, equal_nan=True) for a, b in zip(one, other, strict=True)
    )

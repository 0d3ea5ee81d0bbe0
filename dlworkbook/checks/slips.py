"""Write a task densely: a reference, probes in one line each, and slips, each by argument names.

    draft = Draft("mean", CONTRACT, reference, terms={"n": lambda x: len(x)})
    draft.probe("three", [1, 2, 6])
    draft.slip("MEAN-01", "the sum", "Your result is the sum.", "By what is a mean divided?",
               draft.out(lambda Y, n: Y * n))
    draft.stock("unused", "x")
    TASK = draft.task()

A slip says how a right answer is changed, and asks by name only for what it needs: names of
arguments, or ``terms`` worked out from them. A parameter with a default is left alone.

* ``out(lambda Y, n: ...)``: another output, from the right one (always first) and from the inputs;
* ``given(b=lambda b: -b, lr=1.0)``: other inputs, each a value or a function of the old ones;
* ``instead(lambda x, y: ...)``: another way from inputs to output;
* ``pieces(step=...)``: parts of the right answer exchanged, ``right(*inputs, step=...)``;
* ``result(0, lambda Y, n: ...)``: as ``out``, for one result of several.

All these give a ``task.Variant``. ``only(lambda n: n > 1)`` is right there and fails elsewhere. The
mechanical slips at the end (``STOCK``) may be asked for by name, with their own words
(``draft.stock``) or with the task's (``draft.variants`` in a slip).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from .answer import LOOKING, Answer
from .task import Mistake, Probe, Task, Variant

# What every contract of a function says last: the form of inputs and results.
FORM = """
NumPy arrays or tensors: NumPy arrays are tried first, and tensors if your function needs them. A
result is an array or a tensor (a number, where one is asked for) of real floating-point numbers,
made anew in each call and the same whenever the inputs are the same. All calls together have 5
seconds."""


class Draft:
    """A task being written. ``task()`` makes the ``task.Task``.

    The contract of a function ends with ``form``, which is added here.
    ``right`` is a fast form of ``reference``, from which the slips are made. ``whole`` names the
    inputs that hold whole numbers; all other numbers and lists of a probe become floats. ``traits``
    are rules for words about a probe, ``{"more than one row": lambda X: len(X) > 1}``. Everything
    else is a field of ``Task``; ``arguments`` are those of the reference if not given, and for a
    function ``fits`` is their number.
    """

    def __init__(
        self,
        name: str,
        contract: str,
        reference: Callable,
        *,
        right: Callable | None = None,
        arguments: Iterable[str] = (),
        terms: dict[str, Callable] | None = None,
        traits: dict[str, Callable] | None = None,
        whole: Iterable[str] = (),
        form: str = FORM,
        **fields: Any,
    ) -> None:
        a_class = fields.get("answer_is") == "class"
        self.name, self.reference, self.right = name, reference, right or reference
        self.contract = contract if a_class else contract + form
        self.arguments = tuple(arguments) or _needs(reference)
        self.terms, self.traits = terms or {}, traits or {}
        self.whole = frozenset(whole)
        self.fields = {"fits": None if a_class else len(self.arguments)} | fields
        self.probes: list[Probe] = []
        self.mistakes: list[Mistake] = []
        self.looks: list[tuple[Mistake, Callable]] = []  # beside the numbers

    # -- inputs by name ------------------------------------------------------------------------

    def asked(self, function: Callable, after: int = 0) -> tuple[str, ...]:
        """The names that a function asks for, without the first ``after``."""
        names = _needs(function)[after:]
        if unknown := set(names) - set(self.arguments) - set(self.terms):
            raise TypeError(f"{self.name}: no argument or term is called {sorted(unknown)}")
        return names

    def get(self, name: str) -> Callable[[tuple], Any]:
        """A function from the inputs to an argument, or to a term worked out from them."""
        if name not in self.terms:
            return itemgetter(self.arguments.index(name))
        term = self.of(self.terms[name])
        return lambda inputs: term(*inputs)

    def of(self, function: Callable, after: int = 0) -> Callable:
        """A function of all inputs in order (behind ``after`` others) from one that names some."""
        gets = [self.get(name) for name in self.asked(function, after)]

        def called(*values):
            inputs = values[after:]
            return function(*values[:after], *[get(inputs) for get in gets])

        return called

    # -- changes of a right answer ---------------------------------------------------------------

    def out(self, change: Callable) -> Variant:
        """Another output: ``change(output, ...)``."""
        return Variant(self.right, after=self.of(change, after=1))

    def result(self, k: int, change: Callable) -> Variant:
        """Result ``k`` of several is another: ``change(result, ...)``."""
        changed = self.of(change, after=1)

        def after(output, *inputs):
            results = list(output) if isinstance(output, (tuple, list)) else [output]
            results[k] = changed(results[k], *inputs)
            return tuple(results)

        return Variant(self.right, after=after)

    def given(self, **changes: Any) -> Variant:
        """Other inputs: each a value, or a function of the inputs as they were."""
        if unknown := changes.keys() - set(self.arguments):
            raise TypeError(f"{self.name}: no argument is called {sorted(unknown)}")
        made = {name: self.of(new) if callable(new) else new for name, new in changes.items()}

        def before(*inputs):
            new = dict(zip(self.arguments, inputs, strict=True))
            new |= {k: value(*inputs) if callable(value) else value for k, value in made.items()}
            return tuple(new.values())

        return Variant(self.right, before=before)

    def instead(self, core: Callable) -> Variant:
        """Another way from the inputs to the output."""
        return Variant(self.right, core=self.of(core))

    def pieces(self, **pieces: Callable) -> Variant:
        """Parts of the right answer exchanged."""
        return Variant(self.right, pieces=pieces)

    def only(self, holds: Callable) -> Callable:
        """The right answer where ``holds(...)``, an error elsewhere: told by its place."""
        condition = self.of(holds)

        def answer(*inputs):
            if not condition(*inputs):
                raise ValueError
            return self.right(*inputs)

        return answer

    # -- what the task consists of ---------------------------------------------------------------

    def probe(self, name: str, *inputs, has=(), shown=None, contract=True, slack=1.0) -> None:
        """Inputs as numbers, lists and arrays; ``has`` is one trait or several.

        ``shown`` is made from numbers and lists as they are written here; where an array is among
        them, or ``shown=""``, the report tells shapes.
        """
        if shown is None and all(type(value) in (int, float, list) for value in inputs):
            *most, last = (f"{k} = {v}" for k, v in zip(self.arguments, inputs, strict=True))
            shown = f"{', '.join(most)} and {last}" if most else last
        given = tuple(map(self._made, self.arguments, inputs))
        words = {has} if isinstance(has, str) else set(has)
        words |= {text for text, rule in self.traits.items() if self.of(rule)(*given)}
        traits = frozenset(words)
        self.probes.append(Probe(name, given, traits, shown or "", contract, slack))

    def _made(self, name: str, value: Any) -> Any:
        if type(value) is list:
            return np.asarray(value, dtype=int if name in self.whole else float)
        return float(value) if type(value) is int and name not in self.whole else value

    def slip(
        self, id: str, title: str, message: str, hint: str, *variants, keeps=0.5, by_place=False
    ) -> None:
        """A mistake, as one or more answers that make it; see ``task.Mistake``."""
        self.mistakes.append(Mistake(id, title, message, hint, variants, by_place, keeps))

    def beside(
        self, id: str, title: str, message: str, hint: str, look: Callable, keeps=0.75
    ) -> None:
        """A mistake that no number shows: ``look(answer)`` says what it sees, or nothing.

        The first that is seen costs where the numbers are right, else it is a remark.
        """
        never = self.only(lambda: False)
        self.slip(id, title, message, hint, never, keeps=keeps, by_place=True)
        self.looks.append((self.mistakes[-1], look))

    def without(self, id: str, *names: str, keeps=0.5) -> None:
        """The task leaves these out: names as in ``forbidden.used``. The page must say so.

        What the answer to an earlier task uses (``Task.helper``) counts there.
        """
        helper = self.fields.get("helper")

        def look(answer: Answer):
            without = answer.helped(helper.names, helper.right) if helper else nullcontext()
            with without:
                found = [f"`{name.lstrip('.')}`" for name in answer.used(names, LOOKING)]
            return f"In your code stands {' and '.join(found)}." if found else ""

        self.beside(
            id, "something is used that the task leaves out",
            "Your numbers are right, but the task is to write this without what your code uses.",
            "The task says what it leaves out. Where is it in your code, or in what that calls?",
            look, keeps,
        )

    def variants(self, kind: str, *names) -> tuple[Callable, ...]:
        """The answers of a mechanical slip, for a slip with words of its own."""
        return tuple(STOCK[kind].make(self, *names))

    def stock(self, kind: str, *names, id="", title="", message="", hint="", keeps=None) -> None:
        """A mechanical slip with its usual words, as far as no others are given."""
        usual = STOCK[kind]
        words = {
            "names": " and ".join(map(str, names)),
            "these": " and ".join(f"`{name}`" for name in names),
        }
        texts = [
            own or text.format(**words)
            for own, text in zip((title, message, hint), usual[1:4], strict=True)
        ]
        self.slip(
            id or f"{self.name.upper()}-{len(self.mistakes) + 1:02d}", *texts,
            *usual.make(self, *names), keeps=usual.keeps if keeps is None else keeps,
        )

    def task(self) -> Task:
        """The task as the engine reads it."""

        def seen(answer):
            return next(((m, said) for m, look in self.looks if (said := look(answer))), None)

        if self.looks:
            self.fields["slip"] = seen
        return Task(
            self.name, self.contract, self.reference, tuple(self.probes), tuple(self.mistakes),
            self.arguments, **self.fields,
        )


def _needs(function: Callable) -> tuple[str, ...]:
    """Names of the positional parameters without a default; one nameless for a ufunc."""
    if isinstance(function, np.ufunc):
        return ("x",) * function.nin
    return tuple(
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        and parameter.default is parameter.empty
    )


# ---- mechanical slips --------------------------------------------------------------------------


class Usual(NamedTuple):
    """A mechanical slip: its answers from a draft and names, its words, what it keeps."""

    make: Callable[..., Iterable[Callable]]
    title: str
    message: str
    hint: str
    keeps: float


STOCK: dict[str, Usual] = {}


def stock(title: str, message: str, hint: str, keeps: float = 0.5) -> Callable:
    """Put a function (draft, *names) -> answers on the list, under its name."""

    def listed(make: Callable) -> Callable:
        STOCK[make.__name__] = Usual(make, title, message, hint, keeps)
        return make

    return listed


def each(change: Callable) -> Callable:
    """A change of every result, where an answer gives several."""
    return lambda Y: tuple(map(change, Y)) if isinstance(Y, (tuple, list)) else change(Y)


def _changed(draft: Draft, names: tuple[str, ...], change: Callable) -> Variant:
    """The same change of several inputs."""

    def before(*inputs):
        pairs = zip(draft.arguments, inputs, strict=True)
        return tuple(change(value) if name in names else value for name, value in pairs)

    return Variant(draft.right, before=before)


@stock("the sign is turned", "Your result has the wrong sign.",
       "For numbers that you can do in your head: should this be negative?", keeps=0.75)
def negate(draft):
    yield draft.out(each(lambda Y: -Y))


@stock("whole numbers only", "Fractions are lost: your results are cut or rounded to whole "
       "numbers. An array made with an integer dtype cuts whatever is stored in it.",
       "Print the dtype of your output before the loops.", keeps=0.75)
def whole(draft):
    yield from (draft.out(each(cut)) for cut in (np.trunc, np.rint, np.floor))


@stock("the inputs are cut to whole numbers", "Fractions of {these} are lost before anything is "
       "computed.", "Print the dtype after each step: where does it become an integer?", keeps=0.75)
def integer(draft, *names):
    yield _changed(draft, names, np.trunc)


@stock("{names} is not used", "{these} does not enter your result.",
       "Change {these} only. Does your result change?")
def unused(draft, name):
    yield from zero(draft, name)
    yield from one(draft, name)


@stock("{names} counts as zero", "Your result is the one for {these} equal to zero.",
       "Change {these} only. Does your result change?")
def zero(draft, name):
    yield _changed(draft, (name,), lambda value: value * 0)


@stock("{names} counts as one", "Your result is the one for {these} equal to one.",
       "Change {these} only. Does your result change?")
def one(draft, name):
    yield _changed(draft, (name,), lambda value: value * 0 + 1)


@stock("{names} are exchanged", "Your function takes {these} for each other.",
       "Compare the order of the arguments with that of the task.", keeps=0.75)
def swapped(draft, a, b):
    def before(*inputs):
        new = dict(zip(draft.arguments, inputs, strict=True))
        return tuple((new | {a: new[b], b: new[a]}).values())

    yield Variant(draft.right, before=before)


@stock("the sign of {names} is turned", "{these} enters with the wrong sign.",
       "Write the formula down, with brackets, and compare it with your line.", keeps=0.75)
def minus(draft, name):
    yield _changed(draft, (name,), lambda value: -value)


@stock("{names} runs backwards", "Your function reads {these} from its end.",
       "Is anything in your code counted from the end?", keeps=0.75)
def flipped(draft, name, axis=0):
    yield _changed(draft, (name,), lambda value: np.flip(value, axis))


@stock("the result runs backwards", "Your numbers are right and stand in reversed order.",
       "Is anything in your code counted from the end?", keeps=0.75)
def flip(draft, axis=0):
    yield draft.out(each(lambda Y: np.flip(Y, axis)))


@stock("an axis is summed up", "Your result has too few numbers: it is added up over one of its "
       "axes.", "Which axis is your sum taken over, and which axes should be left?")
def summed(draft, *axes):
    for axis in axes or (0, -1):
        for keepdims in (False, True):
            yield draft.out(
                each(lambda Y, axis=axis, keepdims=keepdims: Y.sum(axis, keepdims=keepdims))
            )


@stock("axes of length one are dropped", "Your result loses an axis where its length is one.",
       "Look for a squeeze, or for an index that is used where a slice should stand.", keeps=0.75)
def dropped(draft):
    yield draft.out(each(np.squeeze))


@stock("the result is transposed", "Two axes of your result are exchanged.",
       "What does the task say about the shape of the result?", keeps=0.75)
def transposed(draft, a=-1, b=-2):
    yield draft.out(each(lambda Y: np.swapaxes(Y, a, b)))


@stock("a sum instead of a mean", "Your result is too large by a number of entries: a sum stands "
       "where the task asks for a mean.", "Write all inputs down twice. Should the result change?")
def times(draft, term):
    yield _scaled(draft, term, 1)


@stock("divided once too often", "Your result is too small by a number of entries: a mean was "
       "taken, or one was divided again.", "Does your code take a mean and divide as well?", 0.75)
def over(draft, term):
    yield _scaled(draft, term, -1)


def _scaled(draft: Draft, term: str, power: int) -> Variant:
    factor = draft.get(term)

    def after(output, *inputs):
        return each(lambda Y: Y * factor(inputs) ** power)(output)

    return Variant(draft.right, after=after)


@stock("an example is left out", "The first or the last entry of {these} does not enter.",
       "Compare the range of your loop, or your slice, with the number of entries.")
def left_out(draft, *names):
    for kept in (slice(None, -1), slice(1, None)):
        yield _changed(draft, names, lambda value, kept=kept: value[kept])


@stock("one entry short", "Your result lacks its first or its last entry.",
       "How many entries should the result have for these inputs? Count them by hand.", keeps=0.75)
def one_short(draft, axis=0):
    for start, stop in ((0, -1), (1, None)):
        kept = (slice(None),) * axis + (slice(start, stop),)
        yield draft.out(each(lambda Y, kept=kept: Y[kept]))


@stock("the sum is not set back to zero", "Your running sum is not set back to zero in time: an "
       "entry still holds what was summed for the one before.",
       "Before which loop should the sum become zero again?", keeps=0.75)
def running(draft, *axes):
    yield draft.out(each(lambda Y: Y.cumsum().reshape(Y.shape)))
    for axis in axes:
        yield draft.out(each(lambda Y, axis=axis: Y.cumsum(axis)))


@stock("only the first entry is used", "Your function works on the first entry of the first axis "
       "only; the others do not get a result of their own.",
       "Where does your code go through the first axis, and where does your return stand?")
def first_only(draft):
    yield draft.out(each(lambda Y: np.broadcast_to(Y[:1], Y.shape)))
    yield draft.out(each(lambda Y: np.concatenate([Y[:1], 0 * Y[1:]])))
    yield draft.out(each(lambda Y: Y[:1]))
    yield draft.out(each(lambda Y: Y[0]))


@stock("works only on columns", "Your function needs {these} with a second axis of length one. The "
       "task gives one axis.", "Which line of yours asks for a second axis?", keeps=0.75)
def columns(draft, *names):
    """Name a mistake with it only if two probes with columns lie outside the contract."""

    def answer(*inputs):
        pairs = list(zip(draft.arguments, inputs, strict=True))
        if any(name in names and value.ndim != 2 for name, value in pairs):
            raise IndexError
        return draft.right(*(value[:, 0] if name in names else value for name, value in pairs))

    yield lambda *inputs: answer(*inputs)


@stock("works only on a single row", "Your function works on a single example. The task gives a "
       "batch: {these} has one axis more.",
       "Keep what you have as the inner step, and go through the batch around it.")
def single(draft, name, axes=1):
    """Name a mistake with it only if two probes of one example lie outside the contract."""

    def answer(*inputs):
        k = draft.arguments.index(name)
        if inputs[k].ndim != axes:
            raise ValueError
        return draft.right(*inputs[:k], inputs[k][None], *inputs[k + 1 :])[0]

    yield lambda *inputs: answer(*inputs)

"""What the tensor puzzles share: tensors in, random sizes, and the rules of the game.

A puzzle is a ``Draft`` whose right answer is one line and whose reference is a plain loop. The
rules cost nothing: who breaks one is told so in a remark.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterable

import numpy as np

from ...answer import LOOKING, Answer
from ...slips import Draft

FORM = """
The arguments are tensors and plain numbers. Leave the arguments unchanged. The result is a tensor;
True counts as 1. The game: one line of at most 79 characters, no loop{without}. All calls together
have 5 seconds."""

WIDEST = 79
LOOPS = (ast.For, ast.While, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)


class Puzzle(Draft):
    """A task for one line on tensors.

    ``line`` is the right answer as one line; the slips are made from it. ``draw(rng, *sizes)``
    makes inputs of given sizes, and ``sizes`` is how many it takes. ``without`` names ready-made
    functions that the puzzle leaves out.
    """

    def __init__(
        self, name: str, contract: str, reference: Callable, line: Callable, draw: Callable,
        *, sizes: int, without: Iterable[str] = (), **fields,
    ) -> None:  # fmt: skip
        without = tuple(without)
        told = f", not {' nor '.join(without)}" if without else ""
        super().__init__(
            name, contract, reference, right=line, form=FORM.format(without=told),
            backends=("torch",), inputs_stay=True, remark=rules(without), **fields,
        )  # fmt: skip
        self.draw, self.sizes = draw, sizes

    def task(self):
        """With inputs of random sizes behind those that are written out."""
        rng = random.Random(self.name)
        first, second = (self.distinct(rng) for _ in range(2))
        for name, sizes in (
            ("random sizes", first), ("the same sizes, other numbers", first),
            ("other random sizes", second),
        ):  # fmt: skip
            self.probe(name, *self.draw(rng, *sizes))
        return super().task()

    def distinct(self, rng: random.Random) -> list[int]:
        """Sizes of which no two are equal."""
        return rng.sample(range(2, 7), self.sizes)


def numbers(rng: random.Random, *shape: int) -> np.ndarray:
    """Multiples of 1/8 between -2 and 2: sums and products of a few are exact in float32."""
    count = int(np.prod(shape))
    return np.array([rng.randint(-16, 16) / 8 for _ in range(count)]).reshape(shape)


def whole(rng: random.Random, low: int, high: int, *shape: int) -> np.ndarray:
    """Whole numbers from ``low`` to ``high``, both included."""
    count = int(np.prod(shape))
    return np.array([rng.randint(low, high) for _ in range(count)], dtype=int).reshape(shape)


def rules(without: tuple[str, ...]) -> Callable[[Answer], str]:
    """A function for ``Task.remark``: which rules of the game a right answer breaks."""

    def say(answer: Answer) -> str:
        try:
            source = answer.source(LOOKING)
            (function,) = ast.parse(source).body
        except Exception:  # no source, or more than a function
            return ""
        if not isinstance(function, ast.FunctionDef):
            return ""
        nodes = list(ast.walk(function))
        told = []
        used = {n.id for n in nodes if isinstance(n, ast.Name)}
        used |= {n.attr for n in nodes if isinstance(n, ast.Attribute)}
        if ready := sorted(used & set(without)):
            told.append(f"It uses {' and '.join(f'`{name}`' for name in ready)}, which this "
                        "puzzle leaves out.")  # fmt: skip
        if any(isinstance(n, LOOPS) for n in nodes):
            told.append("It loops; the puzzle asks for tensors alone.")
        body = function.body[ast.get_docstring(function) is not None :]
        lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
        if len(body) > 1 or lines > 1:
            told.append(f"It takes {max(len(body), lines)} lines: can you do it in one?")
        elif len(source.split("\n")[body[0].lineno - 1]) > WIDEST:
            told.append(f"Its line is longer than {WIDEST} characters.")
        return " ".join(told)

    return say

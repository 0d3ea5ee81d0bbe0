"""Secant and tangent: the Python side, with torch's derivative, and a still picture."""

from __future__ import annotations

from typing import Any

from dlworkbook.answers import expression as parser
from dlworkbook.widgets.kit.base import Widget, declared
from dlworkbook.widgets.kit.settings import fields

MOST = declared("tangent_secant")["most"]


def inputs(tree: parser.Tree) -> list[parser.Tree]:
    """What stands directly in a tree."""
    return [tree[k] for k in ("left", "right", "of") if k in tree] + tree.get("args", [])


def size(tree: parser.Tree) -> int:
    """How many numbers, letters and operations a tree holds."""
    return 1 + sum(map(size, inputs(tree)))


def function_of_x(text: Any) -> str:
    """A check: an expression in which x is the only letter, of at most so many parts."""
    if not isinstance(text, str):
        raise ValueError(f"{text!r} is not a text")
    count = size(parser.parse(text, names=["x"]))
    if count > MOST:
        raise ValueError(
            f"This has {count} parts (numbers, letters, operations); at most {MOST} can be drawn."
        )
    return text


def by_torch(tree: parser.Tree, x: Any) -> Any:
    """The value of a tree at a tensor x, as a tensor that autograd can follow."""
    import torch

    given = [by_torch(part, x) for part in inputs(tree)]
    if tree["type"] == "name":
        return x
    if not given:
        return torch.full_like(x, parser.evaluate(tree), requires_grad=False)
    own = {
        "+": torch.add, "-": torch.sub if given[1:] else torch.neg, "*": torch.mul,
        "/": torch.div, "^": torch.pow, "ln": torch.log, "sigma": torch.sigmoid,
        "max": lambda *v: torch.stack(v).amax(0), "min": lambda *v: torch.stack(v).amin(0),
    }  # fmt: skip
    name = tree.get("op") or tree["name"]
    return (own.get(name) or getattr(torch, name))(*given)


class TangentSecant(Widget):
    """The graph of a typed function, a secant through two of its points, and the tangent.

    - ``f``: the function, such as "x^2" or "abs(x)";
    - ``x``: -30 to 30, the point in tenths;
    - ``h``: the step to the secant's other point, one of -2, -1, -0.5, -0.1, -0.01 or the same
      without a sign.
    """

    widget_name = "tangent_secant"
    f, x, h = fields("tangent_secant", f=function_of_x)

    def value(self, x: float) -> float:
        """f(x)."""
        return parser.evaluate(parser.parse(self.f, names=["x"]), {"x": x})

    def secant(self) -> float:
        """Slope of the secant from x to x + h."""
        return (self.value(self.x / 10 + self.h) - self.value(self.x / 10)) / self.h

    def tangent(self) -> float:
        """Slope of the tangent as torch has it; at a kink torch's choice."""
        import torch

        x = torch.tensor(self.x / 10, dtype=torch.float64, requires_grad=True)
        y = by_torch(parser.parse(self.f, names=["x"]), x)
        return torch.autograd.grad(y, x)[0].item() if y.requires_grad else 0.0

    def describe(self) -> str:
        value = self.value(self.x / 10)
        return (
            f"f(x) = {self.f} at x = {self.x / 10:g}: the value is {value:.4g}, and with "
            f"h = {self.h:g} the slope of the secant is {self.secant():.4g}."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6.4, 2.9), layout="constrained")
        ax = figure.subplots()
        xs = [k / 40 - 3.5 for k in range(281)]
        x, y, m = self.x / 10, self.value(self.x / 10), self.secant()
        ax.plot(xs, [self.value(a) for a in xs], color="black")
        ax.plot(xs, [y + m * (a - x) for a in xs], "--", color="#0072B2")
        ax.plot([x, x + self.h], [y, y + m * self.h], "o", color="black")
        return figure

"""The graph stepper: the Python side, with torch's values and derivatives and a still picture."""

from __future__ import annotations

import re
from typing import Any

from dlworkbook.answers import expression as parser
from dlworkbook.widgets.kit.base import StateError, Widget, declared
from dlworkbook.widgets.kit.settings import fields

EXAMPLES = declared("graph_stepper")["fields"]["example"]


def text(value: Any) -> str:
    """A check: text of at most 500 characters."""
    if not isinstance(value, str) or len(value) > 500:
        raise ValueError("not a text of at most 500 characters")
    return value


def torch_operations() -> dict[str, Any]:
    """What torch computes for each operation of a tree; a kink has torch's own derivative."""
    import torch

    own = {
        "+": torch.add, "-": torch.sub, "*": torch.mul, "/": torch.div, "^": torch.pow,
        "neg": torch.neg, "ln": torch.log, "sigma": torch.sigmoid,
        "max": lambda *x: torch.stack(x).amax(0), "min": lambda *x: torch.stack(x).amin(0),
    }  # fmt: skip
    return {name: getattr(torch, name, None) for name in parser.FUNCTIONS} | own


class GraphStepper(Widget):
    """The graph of an expression: values node by node, then derivatives edge by edge.

    - ``example``: square, relu, max, wave, neuron or own;
    - ``expression``, ``values``: texts such as ``"a^2 + 2a"`` and ``"a = 3"`` in its place;
    - ``step``: the step that is shown first.
    """

    widget_name = "graph_stepper"
    example, expression, values, step = fields("graph_stepper", expression=text, values=text)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        try:
            self.given()
        except ValueError as error:
            raise StateError(f"{type(self).__name__}: {error}") from None

    def texts(self) -> tuple[str, str]:
        """The expression and the values that are shown."""
        expression, values = EXAMPLES["texts"][EXAMPLES["of"].index(self.example)]
        if self.expression:
            return self.expression, self.values
        return expression, self.values or values

    def given(self) -> tuple[dict[str, Any], dict[str, float]]:
        """The tree of the expression, and a value for each of its letters."""
        expression, values = self.texts()
        tree = parser.parse(expression)
        letters = parser.names(tree)
        pairs = [re.split("[=＝]", part) for part in re.split("[,;，；]", values) if part.strip()]
        found = {name.strip(): parser.number(number) for name, number in pairs}
        if len(found) < len(pairs):
            raise ValueError("a letter is given two values")
        if not letters or set(found) != set(letters):
            raise ValueError(f"values must be given for {', '.join(letters) or 'a letter'}")
        return tree, found

    def run(self) -> list[tuple[str, tuple[int, ...], float, float | None]] | None:
        """By torch, for each node, inputs first: operation or name, the nodes that it takes, its
        value, and the derivative of the result by it (None for a number). None without torch."""
        try:
            import torch
        except ImportError:
            return None
        tree, values = self.given()
        operations, nodes, known = torch_operations(), [], {}

        def add(title: str, inputs: tuple[int, ...], tensor: Any) -> int:
            if tensor.requires_grad:
                tensor.retain_grad()
            nodes.append((title, inputs, tensor))
            return len(nodes) - 1

        def visit(t: dict[str, Any]) -> int:
            if t["type"] == "name":
                if t["name"] not in known:
                    value = torch.tensor(values[t["name"]], dtype=torch.float64)
                    known[t["name"]] = add(t["name"], (), value.requires_grad_())
                return known[t["name"]]
            parts = [t[k] for k in ("left", "right", "of") if k in t] + t.get("args", [])
            if not parts:
                return add("", (), torch.tensor(parser.evaluate(t), dtype=torch.float64))
            inputs = tuple(visit(part) for part in parts)
            name = "neg" if t["type"] == "unary" else t.get("op") or t["name"]
            return add(name, inputs, operations[name](*(nodes[k][2] for k in inputs)))

        visit(tree)
        nodes[-1][2].backward()
        return [
            (title, inputs, t.item(), t.grad.item() if t.requires_grad else None)
            for title, inputs, t in nodes
        ]

    def describe(self) -> str:
        expression, values = self.texts()
        found = self.run()
        words = f"The graph of {expression} at {values}"
        if found is None:
            return f"{words}, in steps."
        letters = [
            f"by {title} {grad:.4g}" for title, inputs, _, grad in found
            if not inputs and grad is not None
        ]
        value = f"the value is {found[-1][2]:.4g}"
        return f"{words}: {value}, the derivatives are {', '.join(letters)}."

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        found = self.run()
        if found is None:
            return None
        level, height = [], {}
        for _, inputs, _, _ in found:
            level.append(1 + max((level[k] for k in inputs), default=-1))
        for n, depth in enumerate(level):
            height[n] = level[:n].count(depth) - level.count(depth) / 2
        figure = Figure(figsize=(6.4, 2.6), layout="constrained")
        ax = figure.subplots()
        for n, (title, inputs, value, grad) in enumerate(found):
            for k in inputs:
                ax.plot([level[k], level[n]], [height[k], height[n]], color="0.6", zorder=1)
            words = f"{title}\n{value:.4g}" + ("" if grad is None else f"\ngrad {grad:.4g}")
            ax.text(level[n], height[n], words.strip(), ha="center", va="center", size=9,
                    bbox={"boxstyle": "round", "facecolor": "white"})  # fmt: skip
        ax.margins(0.15)
        ax.axis("off")
        return figure

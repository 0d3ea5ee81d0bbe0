"""A remark on right answers that use what the rules of a lab leave out; it costs no points."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable

CONVOLUTIONS = frozenset(
    [
        "einsum",
        "as_strided",
        "sliding_window_view",
        "unfold",
        "convolve",
        "convolve2d",
        "correlate",
        "correlate2d",
        "conv2d",
        "Conv2d",
    ]
)
POOLINGS = frozenset(["as_strided", "sliding_window_view", "unfold", "max_pool2d", "MaxPool2d"])


def names_in(answer: Callable) -> set[str]:
    """Names and attributes in a function's own source; empty if the source is not known."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(answer)))
    except Exception:
        return set()
    nodes = list(ast.walk(tree))
    names = {n.id for n in nodes if isinstance(n, ast.Name)}
    return names | {n.attr for n in nodes if isinstance(n, ast.Attribute)}


def remark(names: frozenset[str]) -> Callable[[Callable], str]:
    """A function for ``Task.remark``: what to say about an answer that uses one of ``names``."""

    def say(answer: Callable) -> str:
        used = " and ".join(f"`{name}`" for name in sorted(names_in(answer) & names))
        if not used:
            return ""
        return f"It uses {used}, which the rules of the lab leave out. No points are lost."

    return say

"""From a value that a notebook holds to the text that ``judge`` reads.

Numbers, lists, tuples, shapes, arrays, tensors, expressions of sympy, texts. NumPy, torch and
sympy are never imported here: a value that needs them has brought them.
"""

from __future__ import annotations

from typing import Any

from .expression import ExpressionError

ASKED = {
    "number": "a number", "integer": "a whole number", "interval": "an interval",
    "shape": "a shape", "vector": "a list of numbers", "matrix": "a matrix",
    "expression": "an expression", "choice": "a letter", "order": "a list of letters",
}  # fmt: skip


def text_of(value: Any, kind: str) -> str:
    """The text of a value; empty for nothing and for ``...``.

    Raises ExpressionError, in words, for a value that cannot be such an answer.
    """
    if value is None or value is Ellipsis:
        return ""
    if isinstance(value, str):
        return value
    try:
        return written(plain(value))
    except (TypeError, ValueError):
        name = type(value).__name__
        raise ExpressionError(f"This is of type {name}; {ASKED[kind]} is asked for.") from None


def plain(value: Any) -> Any:
    """Arrays, tensors and their scalars as lists and numbers of Python."""
    if hasattr(value, "detach"):
        value = value.detach()
    if hasattr(value, "tolist"):
        value = value.tolist()
    return value


def written(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(written(plain(v)) for v in value)}]"
    if isinstance(value, (set, frozenset)):
        return written(sorted(value))
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, (int, float)) or hasattr(value, "free_symbols"):
        return str(value)
    raise TypeError

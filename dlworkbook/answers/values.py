"""From a value that a notebook holds to the text that ``judge`` reads.

Numbers, lists, tuples, shapes, arrays, tensors, expressions of sympy, texts. NumPy, torch and
sympy are never imported here: a value that needs them has brought them.
"""

from __future__ import annotations

import math
import numbers
import re
from typing import Any

from .expression import ExpressionError

MOST = 2000  # entries of an array that are read

ASKED = {
    "number": "a number", "integer": "a whole number", "interval": "an interval",
    "shape": "a shape", "vector": "a list of numbers", "matrix": "a matrix",
    "expression": "an expression", "choice": "a letter", "order": "a list of letters",
}  # fmt: skip
# How sympy writes what an answer writes in another way.
SYMPY = {"Abs": "abs", "Max": "max", "Min": "min", "ceiling": "ceil", "oo": "inf", "E": "e"}


def text_of(value: Any, kind: str) -> str:
    """The text of a value; empty for nothing and for ``...``.

    Raises ExpressionError, in words, for a value that cannot be such an answer.
    """
    if value is None or value is Ellipsis:
        return ""
    try:
        if isinstance(value, str):
            return str(value)
        if kind == "shape" and getattr(value, "ndim", 1) > 1:
            raise ExpressionError("This is a whole array; its shape is asked for.")
        return ends(value) if kind == "interval" else written(plain(value, kind))
    except ExpressionError:
        raise
    except Exception:  # a type that is not read here, or a value with ideas of its own
        said = f"This is of type {type(value).__name__[:60]}; {ASKED[kind]} is asked for."
    raise ExpressionError(said)


def plain(value: Any, kind: str) -> Any:
    """Arrays and tensors as nested lists, one of a single entry as a number where one is asked."""
    if hasattr(value, "free_symbols") and not hasattr(value, "tolist"):
        return value
    if hasattr(value, "shape") and math.prod(value.shape) > MOST:
        raise ExpressionError(f"This array is too large: at most {MOST} entries are read.")
    if hasattr(value, "detach"):
        value = value.detach()
    if hasattr(value, "tolist"):
        value = value.tolist()
        while kind in ("number", "integer", "expression") and isinstance(value, list):
            (value,) = value
    return value


def ends(value: Any) -> str:
    """An interval: a pair, which does not say whether its ends belong to it, or one of sympy."""
    if hasattr(value, "left_open"):
        low, high = written(value.start), written(value.end)
        return f"{'[('[bool(value.left_open)]}{low}, {high}{'])'[bool(value.right_open)]}"
    low, high = plain(value, "vector")
    return f"{written(low)} to {written(high)}"


def listed(value: Any) -> str:
    """One of a list, which may be a mask."""
    return str(value) if isinstance(value, bool) else written(value)


def written(value: Any) -> str:
    """A number, text, expression or nested list as a person may write it. TypeError for others."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(listed(plain(v, 'vector')) for v in value)}]"
    if isinstance(value, (set, frozenset)):
        return written(sorted(value))
    if hasattr(value, "free_symbols"):
        names = {str(symbol) for symbol in value.free_symbols}
        words = {word: to for word, to in SYMPY.items() if word not in names}
        return re.sub(r"\b[A-Za-z]+\b", lambda found: words.get(found[0], found[0]), str(value))
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError
    return str(value)

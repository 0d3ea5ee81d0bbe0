"""What a widget can be set to, from its ``settings.json``: the Python side of ``state.js``.

A field has a ``start`` and a kind: a choice (``of``), a whole number (``from``, ``to``), a switch
(``start`` is true or false), or one of its own, whose check the widget gives.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Real
from typing import Any

from dlworkbook.widgets.kit.base import Field, declared


def one_of(allowed: list) -> Callable[[Any], Any]:
    """A check for a choice; gives the value in the form in which it is declared."""

    def check(value: Any) -> Any:
        if isinstance(value, bool) or value not in allowed:
            raise ValueError(f"{value!r} is not one of {', '.join(map(str, allowed))}")
        return allowed[allowed.index(value)]

    return check


def whole(low: int, high: int) -> Callable[[Any], int]:
    """A check for a whole number, also as a float or a NumPy scalar."""

    def check(value: Any) -> int:
        if isinstance(value, (bool, str)) or value not in range(low, high + 1):
            raise ValueError(f"{value!r} is not a whole number from {low} to {high}")
        return int(value)

    return check


def switch(value: Any) -> bool:
    """A check for True or False."""
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither True nor False")
    return value


def number(value: Any, most: float) -> int | float:
    """A finite number of at most this size; NumPy and torch scalars become Python's."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a number")
    if abs(value) > most:
        raise ValueError(f"{value!r} is beyond {most:,.10g}")
    return int(value) if value == int(value) else float(value)


def rows(
    height: tuple[int, int], width: tuple[int, int], most: float, empty: bool = False
) -> Callable[[Any], list]:
    """A check for rows of one length, of numbers of at most this size; arrays become lists.

    ``height`` and ``width``: the least and the largest number of rows and of columns; ``empty``:
    there may also be none.
    """

    def check(value: Any) -> list:
        value = value.tolist() if hasattr(value, "tolist") else value
        listed = isinstance(value, (list, tuple))
        if not listed or not all(isinstance(row, (list, tuple)) for row in value):
            raise ValueError("not rows of numbers")
        if empty and not value:
            return []
        widths = {len(row) for row in value}
        fits = height[0] <= len(value) <= height[1] and len(widths) == 1
        if not fits or not width[0] <= min(widths) <= width[1]:
            sizes = " x ".join(str(low) if low == high else f"{low}..{high}"
                               for low, high in (height, width))  # fmt: skip
            raise ValueError(f"not {sizes} numbers, all rows equally long")
        return [[number(v, most) for v in row] for row in value]

    return check


def check_of(field: dict[str, Any]) -> Callable[[Any], Any]:
    """The check that a field's declaration asks for."""
    if "of" in field:
        return one_of(field["of"])
    if "from" in field:
        return whole(field["from"], field["to"])
    return switch


def fields(name: str, **own: Callable[[Any], Any]) -> list[Field]:
    """The settings of a widget, in order; ``own``: checks of those that the kit does not know."""
    return [
        Field(field["start"], own.get(key) or check_of(field))
        for key, field in declared(name)["fields"].items()
    ]

"""Broadcasting: the Python side, with the sentence and the still picture of the first view."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from dlworkbook.widgets.kit.base import Widget, declared
from dlworkbook.widgets.kit.settings import fields

LIMITS = declared("broadcasting")


def _shape(value: Any) -> list[int]:
    """A shape as a list of lengths; takes a tuple, a list or a torch.Size."""
    if not isinstance(value, (tuple, list)) or len(value) > LIMITS["most"]:
        raise ValueError(f"{value!r} is not a shape of at most {LIMITS['most']} axes")
    for length in value:
        if isinstance(length, bool) or length not in range(LIMITS["longest"] + 1):
            raise ValueError(f"{length!r} is not a length from 0 to {LIMITS['longest']}")
    return [int(length) for length in value]


class Broadcasting(Widget):
    """Two shapes, which of their axes are repeated, and what the result is made of.

    - ``a``, ``b``: shapes of at most four axes;
    - ``dtype``: "float64", "float32", "float16" or "uint8", for the memory;
    - ``entry``: the entry of the result that is marked first, counted row by row.
    """

    widget_name = "broadcasting"
    a, b, dtype, entry = fields("broadcasting", a=_shape, b=_shape)

    def aligned(self) -> list[tuple[int | None, int | None]]:
        """The lengths that meet, of the first axis first; None where a shape has no axis."""
        return list(zip_longest(reversed(self.a), reversed(self.b)))[::-1]

    def result(self) -> list[int] | None:
        """The shape of the result, or None."""
        pairs = [(1 if m is None else m, 1 if n is None else n) for m, n in self.aligned()]
        fits = all(m == n or 1 in (m, n) for m, n in pairs)
        return [n if m == 1 else m for m, n in pairs] if fits else None

    def describe(self) -> str:
        a, b, result = tuple(self.a), tuple(self.b), self.result()
        if result is not None:
            return f"The shapes {a} and {b}, lined up at the right, give {tuple(result)}."
        m, n = next(p for p in self.aligned() if p[0] != p[1] and not {1, None} & set(p))
        return f"The shapes {a} and {b} do not fit: {m} meets {n}, and neither is 1."

    def draw(self) -> Any:
        """The shapes below each other, flush right."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(3.6, 1.4))
        result = self.result()
        rows = {"A": self.a, "B": self.b, "A + B": ["no result"] if result is None else result}
        for k, (name, lengths) in enumerate(rows.items()):
            figure.text(0.04, 0.75 - 0.3 * k, name)
            for n, length in enumerate(reversed(lengths)):
                figure.text(0.96 - 0.18 * n, 0.75 - 0.3 * k, str(length), ha="right")
        return figure

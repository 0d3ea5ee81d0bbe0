"""A lab's last table: the learner's own numbers beside those of right answers with many seeds."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Targets", "targets"]

SPREADS = 3  # standard deviations to both sides of the mean: the usual range


@dataclass(frozen=True)
class Row:
    """One number, and what right answers give: mean and standard deviation."""

    name: str
    yours: float
    mean: float
    spread: float

    @property
    def low(self) -> float:
        """Lower end of the usual range."""
        return self.mean - SPREADS * self.spread

    @property
    def high(self) -> float:
        """Upper end of the usual range."""
        return self.mean + SPREADS * self.spread

    @property
    def shown_range(self) -> tuple[float, float]:
        """The usual range, of a share in % only what lies between 0 and 100."""
        if self.name.endswith("%"):
            return max(0.0, self.low), min(100.0, self.high)
        return self.low, self.high

    @property
    def verdict(self) -> str:
        """Where the number lies, in words."""
        if not math.isfinite(self.yours):
            return "not a number"
        if self.low <= self.yours <= self.high:
            return "usual"
        return "lower than usual" if self.yours < self.low else "higher than usual"

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        """The row in words, with two digits of the spread, and two decimals at most.

        A count that is the same for all seeds has no decimals, and a number that has run away
        shows its power of ten.
        """
        if self.spread:
            digits = min(2, max(0, 1 - math.floor(math.log10(self.spread))))
        else:
            digits = 0 if self.yours.is_integer() and self.mean.is_integer() else 2
        yours, mean, spread, low, high = (
            f"{value:.1e}" if abs(value) > 1e6 else f"{value:.{digits}f}"
            for value in (self.yours, self.mean, self.spread, *self.shown_range)
        )
        return self.name, yours, self.verdict, f"{low} to {high}", f"{mean} ± {spread}"


@dataclass(frozen=True)
class Targets:
    """The table; ``done`` says whether all numbers are usual."""

    rows: tuple[Row, ...]
    seeds: int

    @property
    def done(self) -> bool:
        """Whether every number lies in its usual range."""
        return all(row.verdict == "usual" for row in self.rows)

    @property
    def head(self) -> tuple[str, ...]:
        """What stands above the columns."""
        return "", "yours", "", "usual range", f"{self.seeds} seeds: mean ± spread"

    def __str__(self) -> str:
        lines = [self.head, *(row.cells for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines)]
        return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        def line(tag: str, cells: Sequence[str]) -> str:
            scope = ' scope="col"' if tag == "th" else ""
            return "<tr>" + "".join(f"<{tag}{scope}>{escape(c)}</{tag}>" for c in cells) + "</tr>"

        body = "".join(line("td", row.cells) for row in self.rows)
        return (f'<table class="dlw-targets"><thead>{line("th", self.head)}</thead>'
                f"<tbody>{body}</tbody></table>")


def targets(yours: Mapping[str, float], usual: Mapping[str, Sequence[float]]) -> Targets:
    """The table of ``yours``, one number for each name of ``usual``: right answers, a seed each.

    ``usual`` is what an experiment gave; a name that ends in % is a share. Raises ValueError
    where the names differ, or where fewer than two seeds are there.
    """
    if yours.keys() != usual.keys():
        different = ", ".join(sorted(yours.keys() ^ usual.keys()))
        raise ValueError(f"targets: these numbers are on one side only: {different}")
    seeds = {len(values) for values in usual.values()}
    if len(seeds) != 1 or min(seeds) < 2:
        raise ValueError(f"targets: as many seeds for each number, at least 2; there are {seeds}")
    rows = (
        Row(name, float(yours[name]), statistics.fmean(values), statistics.stdev(values))
        for name, values in usual.items()
    )
    return Targets(tuple(rows), seeds.pop())

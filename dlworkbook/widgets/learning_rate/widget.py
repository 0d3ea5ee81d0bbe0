"""The learning-rate sweep, Python side: settings, their validation, and a still picture."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

from dlworkbook.widgets.kit.base import StateError, Widget, declared
from dlworkbook.widgets.kit.pack import Reader
from dlworkbook.widgets.kit.settings import check_of, fields

FIELDS = declared("learning_rate")["fields"]
METHODS, BATCHES, FEATURES = (FIELDS[key]["of"] for key in ("method", "batch", "features"))
NUM_RATES = FIELDS["rate"]["to"] + 1


@cache
def stored() -> dict[str, Any]:
    """What torch made, as make_runs.py packs it; "runs": the place of each kind in the texts."""
    runs = json.loads(Path(__file__).with_name("runs.json").read_text(encoding="utf-8"))
    places = {key: place for place, key in enumerate(runs["keys"])}
    rates = [10 ** ((k - 30) / 10) for k in range(NUM_RATES)]
    return {**runs, "rates": rates, "runs": places}


@cache
def _losses(which: str, fine: int) -> list[list[float]]:
    """Losses of all kinds of runs and rates; infinity where one diverged."""
    (_, least, out), coder, found = stored()["fine"], Reader(stored()[which]), []
    for _ in stored()["keys"]:
        code, last, row = 0, 0, []
        for _ in range(NUM_RATES):
            off = coder.number(last)
            code, last = code + off, min(abs(off), 2)
            row.append(math.inf if code == out else least * 10 ** (code / fine))
        found.append(row)
    return found


def _kept(value: Any) -> str:
    if value in ("", None):
        return ""
    parts = value.split("-") if isinstance(value, str) else []
    if len(parts) != 4 or not parts[1].isdigit() or not parts[3].isdigit():
        raise ValueError(f"{value!r} is not a run such as 'sgd-100-badly-22'")
    run = zip(("method", "batch", "features", "rate"), parts, strict=True)
    for key, text in run:
        check_of(FIELDS[key])(int(text) if text.isdigit() else text)
    return value


class LearningRateSweep(Widget):
    """Linear regression by gradient descent at 41 learning rates, all trained by torch.

    ``LearningRateSweep()`` starts close to the limit of a badly conditioned problem.

    - ``method``: "sgd", "momentum" (0.9) or "adam";
    - ``batch``: 1, 10 or 100 examples (all);
    - ``features``: "well" conditioned, "badly" (the feature plus 3), "standardised";
    - ``rate``: 0 to 40, for learning rates from 0.001 to 10, ten a decade;
    - ``kept``: another run for comparison, such as "sgd-100-well-22", or "".

    A setting out of range raises :class:`StateError` (a ``ValueError``) that names it.
    """

    widget_name = "learning_rate"
    method, batch, features, rate, kept = fields("learning_rate", kept=_kept)

    def finals(self) -> list[float]:
        """Loss after the last update for each rate; infinity where the run diverged."""
        return _losses("finals", stored()["fine"][0])[self._place()]

    def best(self) -> list[int]:
        """Numbers of the rates whose final loss is within 1% of the smallest."""
        finals = self.finals()
        return [k for k in range(NUM_RATES) if finals[k] <= 1.01 * min(finals)]

    def later(self) -> float:
        """Loss of this run after ten times the updates: the median of the last hundred."""
        return _losses("later", stored()["coarse"])[self._place()][self.rate]

    def _place(self) -> int:
        return stored()["runs"][f"{self.features} {self.method} {self.batch}"]

    def limit(self) -> float | None:
        """The largest stable rate for the full batch; None for Adam."""
        most = max(stored()["surfaces"][self.features]["curvatures"])
        if self.method == "adam":
            return None
        return (2 if self.method == "sgd" else 2 * (1 + stored()["momentum"])) / most

    # --- where nothing can move
    def describe(self) -> str:
        rates, finals, good, edge = stored()["rates"], self.finals(), self.best(), self.limit()
        rate = rates[self.rate]
        best = (
            f"{rates[good[0]]:.3g} ends lowest, at {min(finals):.3g}" if len(good) == 1
            else f"{len(good)}, between {rates[good[0]]:.3g} and {rates[good[-1]]:.3g}, "
            f"end within 1% of the lowest loss, {min(finals):.3g}"
        )
        how = (
            f"loss {finals[self.rate]:.3g} after 100 updates"
            if finals[self.rate] < math.inf
            else "diverged"
        )
        words = (
            f"Linear regression, {self.method}, batch of {self.batch}, feature {self.features}: "
            f"at learning rate {rate:.3g} {how}; of 41 rates from 0.001 to 10, {best}"
        )
        if edge is None:
            return words + "."
        name = "2" if self.method == "sgd" else "3.8"
        return f"{words}, and beyond {name}/lambda_max = {edge:.3g} the full batch diverges."

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        rates, finals, edge = stored()["rates"], self.finals(), self.limit()
        figure = Figure(figsize=(6.4, 3), layout="constrained")
        ax = figure.subplots()
        shown = [min(v, 1e3) for v in finals]
        ax.loglog(rates, shown, "o-", ms=3.5, color="#0072B2")
        ax.loglog(rates[self.rate], min(shown[self.rate], 80), "o", ms=9, color="#0072B2")
        if edge is not None:
            ax.axvline(edge, color="#D55E00")
            name = "2/λmax" if self.method == "sgd" else "3.8/λmax"
            ax.text(edge * 1.1, 0.006, f"{name} = {edge:.3g}", color="#D55E00")
        ax.set(ylim=(2e-3, 1e2), xlabel="learning rate", ylabel="loss after 100 updates")
        return figure


__all__ = ["LearningRateSweep", "StateError"]

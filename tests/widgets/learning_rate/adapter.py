"""How the learning-rate sweep is read in Chromium, and what it must show (tests/kit/widget_page.py).

Words, numbers and the places of marks on the axes are compared with the runs in the file, which
``test_model.py`` compares with torch.
"""

# ruff: noqa: E501
from __future__ import annotations

import math
import re

import pytest

from dlworkbook.widgets.learning_rate import LearningRateSweep, stored

KIND = LearningRateSweep
OTHER = {"method": "adam", "features": "well"}
STATES = (
    "", "sgd-100-badly-bad", "sgd-1-well-33_adam-1-well-33", "adam-10-standardised-40",
    "momentum-1-badly-28_sgd-100-badly-22",
)  # fmt: skip
BAD = ("sgd-100-badly-99", "rate must be a whole number from 0 to 40")
ALT = "2/lambda_max"
NEEDS: dict = {}

# --- reading the widget: marks are read in the units of the axes, from the ticks beside them
READ = """(box) => {
  const plots = [...box.querySelectorAll("svg.dlw-plot")];
  const xy = (d) => [...(d ?? "").matchAll(/[ML](-?[\\d.]+) (-?[\\d.]+)/g)].map((m) => [+m[1], +m[2]]);
  const number = (t) => Number(t.replace("−", "-"));
  const axes = plots.map((svg) => {
    const texts = [...svg.querySelectorAll(".dlw-axes text")].filter((t) => Number.isFinite(number(t.textContent)) && t.textContent.trim());
    const of = (anchor) => texts.filter((t) => t.getAttribute("text-anchor") === anchor).map((t) => [number(t.textContent), Number(t.getAttribute(anchor === "middle" ? "x" : "y")) - (anchor === "middle" ? 0 : 4)]);
    return { x: of("middle"), y: of("end") };
  });
  const path = (kind) => [...plots[2].lastElementChild.querySelectorAll("path.dlw-mark." + kind)].map((p) => p.getAttribute("d"))[0];
  const points = (plot, kind) => xy(plots[plot].querySelector("path.dlw-run." + kind)?.getAttribute("d"));
  const end = plots[1].querySelector("circle.dlw-now");
  return {
    axes, mark: path("dlw-now"), keptMark: path("dlw-kept"),
    way: points(0, "dlw-now"), keptWay: points(0, "dlw-kept"), curve: points(1, "dlw-now"), keptCurve: points(1, "dlw-kept"), sweep: points(2, "dlw-now"),
    end: end.getAttribute("visibility") === "hidden" ? null : Number(end.getAttribute("cy")),
    limit: plots[2].querySelector(".dlw-limit")?.getAttribute("x1") ?? null,
    contours: plots[0].querySelectorAll("ellipse").length,
    words: box.querySelector(".dlw-work").textContent, facts: [...box.querySelectorAll(".dlw-facts dd")].map((e) => e.textContent),
    value: box.querySelector("input[type=range]").getAttribute("aria-valuetext"), output: box.querySelector("output").textContent,
  };
}"""


def scale(ticks: list, log: bool):
    """Pixels -> the unit of an axis, from its first and last tick."""
    values = [math.log10(v) if log else v for v, _ in ticks]
    (v0, p0), (v1, p1) = (values[0], ticks[0][1]), (values[-1], ticks[-1][1])

    def value(pixel: float) -> float:
        v = v0 + (pixel - p0) * (v1 - v0) / (p1 - p0)
        return 10**v if log else v

    return value


def agrees(page, box: int = 0, **settings) -> dict:
    """Everything shown is that of the run with these settings; returns what is shown."""
    want = LearningRateSweep(**settings)
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    runs, finals = stored(), want.finals()
    rate, final = runs["rates"][want.rate], finals[want.rate]
    about = runs["surfaces"][want.features]

    # words
    assert f"rate {rate:.3g}:" in shown["words"]
    if final == math.inf:
        assert "diverged" in shown["words"]
    else:
        number = re.search(r"the loss is ([\d.]+)", shown["words"])[1]
        assert float(number) == pytest.approx(final, rel=6e-3)
    assert shown["value"] == shown["output"] and shown["value"].startswith(f"{rate:.3g}")
    edge = want.limit()
    assert (edge is None) == (shown["limit"] is None)
    assert re.search(rf"lr={rate:.3g}[,)]", shown["facts"][3])
    assert ("Adam" in shown["facts"][3]) == (want.method == "adam")
    assert ("momentum=0.9" in shown["facts"][3]) == (want.method == "momentum")

    # the place among all rates
    x, y = (scale(shown["axes"][2][a], True) for a in "xy")
    assert len(shown["sweep"]) == 41
    left, height = (float(v) for v in re.match(r"M(-?[\d.]+) (-?[\d.]+)", shown["mark"]).groups())
    if final <= 100:
        assert x(left + 5) == pytest.approx(rate, rel=0.01)
        assert y(height) == pytest.approx(final, rel=0.02)
    else:
        assert shown["mark"].endswith("Z") and "L" in shown["mark"], "a triangle at the top"
        assert x(left + 6) == pytest.approx(rate, rel=0.01)
    for k, (px, py) in enumerate(shown["sweep"]):
        assert x(px) == pytest.approx(runs["rates"][k], rel=0.01)
        if finals[k] < 1000:
            assert y(py) == pytest.approx(finals[k], rel=0.02)
    if edge is not None:
        assert x(float(shown["limit"])) == pytest.approx(edge, rel=0.01)

    # the loss after each update
    height = scale(shown["axes"][1]["y"], True)
    assert (shown["end"] is None) == (final > 100)
    if final <= 100:
        assert height(shown["end"]) == pytest.approx(final, rel=0.03)
        assert len(shown["curve"]) == len(runs["steps"])
        assert height(shown["curve"][-1][1]) == pytest.approx(final, rel=0.12)  # stored coarsely

    # the path: from (0, 0), and where it ends has the final loss
    w, b = (scale(shown["axes"][0][a], False) for a in "xy")
    path = [(w(px), b(py)) for px, py in shown["way"]]
    assert path[0] == pytest.approx((0, 0), abs=0.03)
    assert shown["contours"] == 5
    if final <= 3:
        e = [path[-1][i] - about["optimum"][i] for i in (0, 1)]
        c = [sum(about["vectors"][i][j] * e[i] for i in (0, 1)) for j in (0, 1)]
        loss = about["least"] + sum(k * v**2 for k, v in zip(about["curvatures"], c)) / 2
        assert abs(loss - final) < 0.12 * final + 0.02
    return shown

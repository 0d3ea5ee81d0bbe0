"""How the optimiser race is read in Chromium, and what it must show (see widget_page.py)."""

from __future__ import annotations

import math
import re

import pytest

from dlworkbook.widgets.optimizer_race import OptimizerRace
from tests.kit.widget_page import along, facts, number

KIND = OptimizerRace
OTHER = {"surface": "saddle", "step": 60}
STATES = ("", "bad", "f:saddle_r:0.1", "f:rosenbrock_k:10_t:100", "f:noisy_s:7_t:80",
          "r:3_t:90", "k:1_r:1_t:1", "f:noisy_r:0.5_t:0")  # fmt: skip
BAD = ("k:2", "kappa must be one of 1, 10, 100, 1000")
ALT = "Six optimisers on the surface quadratic, flatter by 100, each at its best rate"
NEEDS = {"seed": {"surface": "noisy"}}
READ = """(box) => {
  const plots = [...box.querySelectorAll("svg.dlw-plot")];
  const value = (t) => Number(t.textContent.replace("−", "-"));
  const marks = (plot, anchor, name, off) => [...plot.querySelectorAll(`.dlw-axes text[text-anchor=${anchor}]`)]
    .filter((t) => /^[−\\d.]+$/.test(t.textContent)).map((t) => [value(t), t.getAttribute(name) - off]);
  const d = (el) => [...(el.getAttribute("d") ?? "").matchAll(/[ML](-?[\\d.]+) (-?[\\d.]+)/g)].map((m) => [+m[1], +m[2]]);
  return { xs: marks(plots[0], "middle", "x", 0), ys: marks(plots[0], "end", "y", 4),
    ways: [...plots[0].querySelectorAll(".dlw-way")].map(d),
    steps: marks(plots[1], "middle", "x", 0), falls: [...plots[1].querySelectorAll(".dlw-way")].map(d) };
}"""  # noqa: E501


def agrees(page, box: int = 0, **settings) -> None:
    """Six paths, six falling losses, rates and numbers are Python's."""
    want = OptimizerRace(**settings)
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    to_x, to_y, to_step = along(shown["xs"]), along(shown["ys"]), along(shown["steps"])
    told = facts(page, box)
    for n, run in enumerate(want.race().values()):
        here = run["path"][: want.step + 1]
        flat = [v for p in here for v in p]
        seen = [v for x, y in shown["ways"][n] for v in (to_x(x), to_y(y))]
        assert seen == pytest.approx(flat, abs=0.03, rel=1e-3)
        assert len(shown["falls"][n]) == len(run["losses"])
        last = to_step(shown["falls"][n][-1][0])
        assert last == pytest.approx(len(run["losses"]) - 1, abs=0.5)
        heights = [y for _, y in shown["falls"][n]]
        logs = [math.log10(max(v, 1e-20)) for v in run["losses"]]
        for k in range(1, len(logs)):
            if abs(logs[k] - logs[k - 1]) > 0.05:
                assert (heights[k] < heights[k - 1]) == (logs[k] > logs[k - 1])
        rate = re.match(r"rate ([\d.]+): ", told[n])
        assert float(rate[1]) == run["lr"]
        if want.step >= len(run["path"]):
            assert told[n].endswith(f"gone at step {len(run['path'])}")
            continue
        loss = re.search(r"loss (\S+) at", told[n])[1].replace("−", "-")
        assert float(loss) == pytest.approx(run["losses"][want.step], rel=0.06, abs=1e-12)
        at = [number(v) for v in re.findall(r"−?\d+\.\d\d(?=[,)])", told[n])]
        assert at == pytest.approx(here[-1], abs=0.00501)

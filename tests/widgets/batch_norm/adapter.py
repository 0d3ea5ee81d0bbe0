"""How the batch norm widget is read in Chromium, and what it must show (see widget_page.py)."""

from __future__ import annotations

import re

import numpy as np
import pytest

from dlworkbook.widgets.batch_norm import BatchNorm
from tests.kit.widget_page import along, facts, number

KIND = BatchNorm
OTHER = {"mode": "eval", "n": 2}
STATES = ("", "bad", "m:eval_t:0", "n:1", "n:1_m:eval_t:30", "d:jump_t:33_m:eval_n:64",
          "d:drift_a:0.01_t:60_m:eval", "n:2_a:1_t:12_s:7")  # fmt: skip
BAD = ("n:3", "n must be one of 1, 2, 4, 8")
ALT = "One unit under BatchNorm, train, a batch of 32 after 5 batches"
NEEDS: dict = {}
READ = """(box) => {
  const plots = [...box.querySelectorAll("svg.dlw-plot")];
  const value = (t) => Number(t.textContent.replace("−", "-"));
  const axis = (plot, anchor, name, off) => [...plot.querySelectorAll(`.dlw-axes text[text-anchor=${anchor}]`)]
    .filter((t) => /^[−\\d.]+$/.test(t.textContent)).map((t) => [value(t), t.getAttribute(name) - off]);
  const d = (plot, kind) => [...(plot.querySelector(kind).getAttribute("d") ?? "")
    .matchAll(/[ML](-?[\\d.]+) (-?[\\d.]+)/g)].map((m) => [+m[1], +m[2]]);
  return { xs: axis(plots[0], "middle", "x", 0), before: d(plots[0], ".dlw-befores"),
    after: d(plots[0], ".dlw-afters"),
    stories: plots.slice(1).map((plot) => ({ ys: axis(plot, "end", "y", 4),
      points: d(plot, ".dlw-points"), way: d(plot, ".dlw-way") })) };
}"""  # noqa: E501


def agrees(page, box: int = 0, **settings) -> None:
    """Dots before and after, both stories and the numbers are Python's."""
    want = BatchNorm(**settings)
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    to_x, x, y = along(shown["xs"]), np.array(want.batch(want.step)), want.outputs()
    assert [to_x(p[0]) for p in shown["before"]] == pytest.approx(x, abs=0.03)
    assert [to_x(p[0]) for p in shown["after"]] == pytest.approx(y or [], abs=0.03)
    running = want.running()
    for k, story in enumerate(shown["stories"]):
        to_y = along(story["ys"])
        way = [r[k] for r in running[:61]]
        assert [to_y(p[1]) for p in story["way"]] == pytest.approx(way, abs=0.05)
        batches = [np.array(want.batch(t)) for t in range(61)] if want.n > 1 or k == 0 else []
        own = [b.var(ddof=1) if k else b.mean() for b in batches]
        assert [to_y(p[1]) for p in story["points"]] == pytest.approx(own, abs=0.05)
    told = [[number(v) for v in re.findall(r"−?\d+\.\d+", text)] for text in facts(page, box)]
    assert told[0][:2] == pytest.approx([x.mean(), x.var()], abs=0.00501)
    assert told[1] == pytest.approx(running[want.step], abs=0.00501)
    if y is None:
        assert told[2:] == [[], [], []]
        return
    train = want.mode == "train"
    used = (x.mean(), x.var()) if train else running[want.step]
    assert told[2] == pytest.approx(used, abs=0.00501)
    assert told[3] == pytest.approx(running[want.step + 1] if train else [], abs=0.00501)
    assert told[4] == pytest.approx([np.mean(y), np.std(y)], abs=0.00501)

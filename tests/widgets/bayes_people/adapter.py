"""How the widget of 10,000 people is read in Chromium, and what it must show (widget_page.py)."""

from __future__ import annotations

import pytest

from dlworkbook.widgets.bayes_people import BayesPeople
from tests.kit.widget_page import facts

KIND = BayesPeople
OTHER = {"carriers": 300, "alarms": 10}
STATES = ("", "bad", "f:0_a:0", "c:9000_f:0_a:70", "c:1_r:3", "c:9000_a:50_r:2", "c:5000_a:70")
BAD = ("c:20", "carriers must be one of 1, 5, 15")
ALT = "Of 10,000 people 15 are carriers. 15 of them and 99.85 of the others test positive on"
NEEDS: dict = {}
READ = """(box) => [...box.querySelectorAll(".dlw-people rect")].map(
  (r) => ["x", "y", "width", "height"].map((k) => Number(r.getAttribute(k))))"""


def agrees(page, box: int = 0, **settings) -> None:
    """Areas read back from pixels, and the numbers in words, are Python's."""
    want = BayesPeople(**settings)
    ill, healthy = want.positives()
    share = want.posterior()
    group, found, alarmed, everybody, good, bad = page.locator(".dlw-box").nth(box).evaluate(READ)
    _x, y, side, high = everybody
    assert group[2] / side == pytest.approx(max(want.carriers / 1e4, 1.5 / side), abs=0.002)
    assert group[2] + alarmed[2] == pytest.approx(side, abs=0.2)
    for rect, part in ((found, ill / want.carriers), (alarmed, healthy / (10_000 - want.carriers))):
        assert rect[3] / high == pytest.approx(float(part), abs=0.002)
        assert rect[1] + rect[3] == pytest.approx(y + high, abs=0.2)
    *counts, worth, _odds = facts(page, box)
    for told, number in zip(counts, (ill, healthy)):
        told = float(told.split(" of ")[0].replace(",", ""))
        assert told == pytest.approx(float(number), rel=1e-3)
    if share is None:
        assert worth == "no value: nobody tests positive" and good[2] == bad[2] == 0
        return
    assert good[2] / (good[2] + bad[2]) == pytest.approx(float(share), abs=0.001)
    assert worth.replace(",", "").split(" = ")[0] == str(share)
    assert worth.endswith(f"{100 * float(share):.1f}%")

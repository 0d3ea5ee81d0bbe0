"""How the softmax widget is read in Chromium, and what it must show (see widget_page.py)."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from dlworkbook.widgets.softmax import Softmax
from tests.kit.widget_page import facts

KIND = Softmax
OTHER = {"b": -6, "heat": 0.25}
STATES = ("", "bad", "a:8_b:-8_c:-8_t:2_h:0.1", "a:-8_b:-8_c:8_t:2_h:0.1", "s:1000_h:10", "s:-1000")
BAD = ("h:3", "heat must be one of 0.1, 0.25")
ALT = "Scores 2, 1, -1 at temperature 1: probabilities 0.705, 0.259, 0.035"
NEEDS: dict = {}
READ = """(box) => {
  const rect = (r) => ["x", "y", "width"].map((k) => Number(r.getAttribute(k)));
  const all = (kind) => [...box.querySelectorAll(`.dlw-shares ${kind}`)].map(rect);
  const d = box.querySelector(".dlw-zero").getAttribute("d");
  return { shares: all(".dlw-share"), pulls: all("rect:is(.dlw-up, .dlw-down)"),
    frame: all(".dlw-target")[0], middle: Number(d.match(/M([\\d.]+)/)[1]),
    values: [...box.querySelectorAll(".dlw-value")].map((t) => t.textContent) };
}"""


def agrees(page, box: int = 0, **settings) -> None:
    """Bars, measured against the frame, and the numbers beside them are torch's."""
    want = Softmax(**settings)
    z = torch.tensor(want.scores(), dtype=torch.float64, requires_grad=True)
    loss = F.cross_entropy(z / want.heat, torch.tensor(want.target))
    loss.backward()
    p, slope = F.softmax(z.detach() / want.heat, 0).tolist(), z.grad.tolist()
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    left, top, wide = shown["frame"]
    assert top == shown["shares"][want.target][1], "the frame is at the target"
    most = max(1, 1 / want.heat)
    for k in range(3):
        assert shown["shares"][k][0] == left
        assert shown["shares"][k][2] / wide == pytest.approx(p[k], abs=0.003)
        x, _, long = shown["pulls"][k]
        start, end = (x + long, x) if slope[k] < 0 else (x, x + long)
        assert start == pytest.approx(shown["middle"], abs=0.2)
        part = 2 * most * (end - shown["middle"]) / wide
        assert part == pytest.approx(slope[k], abs=0.006 * most)
    told = [float(v.replace("−", "-")) for v in shown["values"]]
    assert told == pytest.approx([*p, *slope], abs=6e-4)
    cost, step, plain, safe = facts(page, box)
    nats, bits = cost.removesuffix("s").removesuffix(" bit").replace("−", "-").split(" nats = ")
    assert float(nats) == pytest.approx(loss.item(), abs=6e-5 * max(1, loss.item()), rel=6e-3)
    assert float(bits) == pytest.approx(loss.item() / 0.6931471805599453, rel=6e-3, abs=6e-5)
    assert ("infinite" in plain) == bool((z.detach() / want.heat > 709.78).any())
    assert "infinite" not in safe and "1" in safe.split(", ")
    assert step.startswith((f"raises class {want.target}, lowers", "moves hardly"))

"""How the gradient widget is read in Chromium, and what it must show (tests/kit/widget_page.py)."""

# ruff: noqa: E501
from __future__ import annotations

import math
import re

import pytest

from dlworkbook.widgets.gradient_flow import GradientByLayer

KIND = GradientByLayer
OTHER = {"activation": "relu", "init": "he"}
STATES = ("", "bad", "d:50_i:normal_g:0", "d:2_a:relu_n:batch_r:1", "d:50_a:linear_i:normal_g:8_r:1_w:h")
BAD = ("d:6", "depth must be one of 2, 3, 5")
ALT = "20 layers, sigmoid, PyTorch default"
NEEDS = {"gain": {"init": "normal"}}

READ_LINE = """(box) => {
  const [main] = box.querySelectorAll("svg.dlw-plot");
  const xy = (d) => [...d.matchAll(/[ML]([\\d.-]+) ([\\d.-]+)/g)].map((m) => [+m[1], +m[2]]);
  const ticks = [...main.querySelectorAll(".dlw-axes text[text-anchor=end]")].map((t) => [t.textContent, +t.getAttribute("y") - 4]);
  return { line: xy(main.querySelector(".dlw-line").getAttribute("d")), ticks,
    layers: [...main.querySelectorAll(".dlw-axes text[text-anchor=middle]")].map((t) => +t.textContent),
    facts: [...box.querySelectorAll(".dlw-facts dd")].map((d) => d.textContent) };
}"""


def decade(text: str) -> int:
    if not text.startswith("10") or text == "10":
        return {"1": 0, "10": 1}[text]
    return int(text[2:].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))


def value(text: str) -> float:
    m = re.fullmatch(r"([\d.]+) × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text)
    return float(m[1]) * 10.0 ** decade(f"10{m[2]}") if m else float(text)


def agrees(page, box: int = 0, **settings) -> None:
    """The drawn curve, read back from pixels, and the factor are Python's for these settings."""
    want = GradientByLayer(**settings)
    rows = want.measured()["gradient"]
    shown = page.locator(".dlw-box").nth(box).evaluate(READ_LINE)
    assert len(shown["line"]) == want.depth
    assert shown["layers"][0] == 1 and shown["layers"][-1] == want.depth
    (low, y_low), (high, y_high) = [
        (decade(t), y) for t, y in (shown["ticks"][0], shown["ticks"][-1])
    ]
    scale = (high - low) / (y_high - y_low) if high != low else math.nan
    for (_, y), (_, mid, _) in zip(shown["line"], rows):
        assert low + (y - y_low) * scale == pytest.approx(mid, abs=0.15 * abs(scale) + 1e-6)
    factor = re.match(r"measured × (.+?), theory × ", shown["facts"][0])[1]
    assert value(factor) == pytest.approx(want.factor(), rel=0.01, abs=6e-4)

"""The gradient widget in Chromium: what only this widget has."""

from __future__ import annotations

import math

import pytest

from dlworkbook.widgets.gradient_flow import GradientByLayer
from tests.kit.widget_page import control, facts, put
from tests.widgets.gradient_flow.adapter import agrees
from tests.widgets.test_every_widget import HOW


def give(page, how: str, **settings) -> None:
    for key, value in settings.items():
        put(page, "gradient_flow", key, value, how)


def test_words(widget):
    assert "theory × 0.14" in facts(widget)[0]
    give(widget, "keyboard", depth=50)
    depth = control(widget, "gradient_flow", "depth")
    assert depth.get_attribute("aria-valuetext") == "50 layers"
    gain = control(widget, "gradient_flow", "gain")
    assert gain.get_attribute("aria-valuetext") == "only for N(0, s²)"
    give(widget, "mouse", init="normal", gain=1)
    spoken = gain.get_attribute("aria-valuetext")
    assert spoken == "0.0442, which is 0.3536 divided by root n"
    give(widget, "mouse", depth=20, activation="relu", init="he", wrt="h")
    assert "∂L/∂h" in widget.locator(".dlw-charts .dlw-caption").first.inner_text()
    give(widget, "mouse", wrt="W")
    said = r"/^20 layers, ReLU, He: gradient of the weights times [\d.]+ per layer down "
    said += r"\(theory 1\.000\)/"
    widget.wait_for_function(
        f"() => {said}.test(document.querySelector('.dlw-live > [role=status]').textContent)"
    )


@HOW
@pytest.mark.parametrize("norm", ["batch", "layer"])
def test_normalisation_with_another_setting(widget, how, norm):
    give(widget, how, norm=norm, residual=True)
    agrees(widget, norm=norm, residual=True)
    give(widget, how, residual=False, init="normal", gain=1)
    agrees(widget, init="normal", gain=1, norm=norm)


def test_float32_ends(widget):
    rows = GradientByLayer().measured()["gradient"]
    room = round(min(r[1] for r in rows) + 126 * math.log10(2))
    marks = widget.locator(".dlw-marks").first
    assert f"{room} decades lower" in marks.text_content()
    give(widget, "keyboard", depth=50, init="normal", gain=0)
    rows = GradientByLayer(depth=50, init="normal", gain=0).measured()["gradient"]
    lost = sum(r[1] < -150 * math.log10(2) for r in rows)
    assert lost > 5 and facts(widget)[2].startswith(f"{lost} of 50 layers get exactly 0")
    assert "underflows below" in marks.text_content()
    give(widget, "mouse", activation="linear", gain=8, wrt="h")
    assert "all layers within range" in facts(widget)[2]


def test_before_the_last_change(widget):
    before = widget.locator(".dlw-before").first
    assert before.get_attribute("d") == ""
    give(widget, "mouse", norm="batch")
    kept = before.get_attribute("d")
    assert kept.count("L") == 19
    give(widget, "keyboard", depth=30)
    assert before.get_attribute("d").count("L") == 19
    widget.locator(".dlw-more summary").click()
    widget.get_by_role("button", name="Reset").click()
    assert before.get_attribute("d") == ""


def test_code(widget):
    code = widget.locator(".dlw-facts code")
    assert code.inner_text() == "h = torch.sigmoid(linear(h))"
    give(widget, "mouse", norm="layer", residual=True)
    assert code.inner_text() == "h = h + torch.sigmoid(layer_norm(linear(h)))"

"""The Grad-CAM widget in Chromium: what only this widget has."""

from __future__ import annotations

from tests.kit.widget_page import facts, put
from tests.widgets.grad_cam.adapter import agrees


def test_the_peak_moves_with_the_class(widget):
    """Cat at the left, coffee at the right."""
    assert "right" in facts(widget)[2]
    put(widget, "grad_cam", "target", "cat", "keyboard")
    assert "left" in facts(widget)[2]
    agrees(widget, target="cat")


LOADED = """async (e) => {
  const picture = new Image();
  picture.src = e.style.backgroundImage.slice(5, -2);
  await picture.decode();
  return [picture.naturalWidth, picture.src];
}"""


def test_the_photograph_is_the_chosen_one(widget):
    _, before = widget.locator(".dlw-photo").evaluate(LOADED)
    put(widget, "grad_cam", "photo", "rocket", "mouse")
    width, after = widget.locator(".dlw-photo").evaluate(LOADED)
    assert width == 224 and after != before and after.startswith("data:image/jpeg;base64,")


def test_covering_the_hot_squares_costs_the_class(widget):
    put(widget, "grad_cam", "photo", "coffee", "mouse")
    put(widget, "grad_cam", "cover", "hot", "mouse")
    hot = float(facts(widget)[5].split("→ ")[1])
    put(widget, "grad_cam", "cover", "cold", "mouse")
    cold = float(facts(widget)[5].split("→ ")[1])
    assert hot < cold / 2

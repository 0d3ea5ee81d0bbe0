"""The receptive field in Chromium: what only this widget has."""

from __future__ import annotations

from tests.kit.widget_page import choose, control, more, press, ready, slide
from tests.widgets.receptive_field.adapter import agrees, read
from tests.widgets.test_every_widget import HOW


@HOW
def test_sliders_choose_layer_and_unit(widget, how):
    """The cone of every layer; a unit at the border sees less where there is padding."""
    choose(control(widget, "receptive_field", "example"), "lenet", how)
    layer, unit = (widget.get_by_label(f"Marked {what}", exact=True) for what in ("layer", "unit"))
    for at in range(1, 8):
        slide(layer, at, how)
        agrees(widget, example="lenet", layer=at)
    slide(layer, 4, how)
    slide(unit, 0, how)
    agrees(widget, example="lenet", layer=4, unit=0)
    said = "Unit 0 of 0 to 4 of pool 2 (layer 4) sees places 0 to 13"
    assert read(widget)["words"].startswith(said)
    widget.wait_for_function("() => location.search.includes('_u:0')")
    widget.reload()
    ready(widget)
    agrees(widget, example="lenet", layer=4, unit=0)
    more(widget)
    press(widget.get_by_role("button", name="Reset"), how)
    agrees(widget)
    assert widget.evaluate("pageKeys") == []


def test_a_unit_is_pressed(widget):
    """The row that is pressed gives the layer, the place along it the unit; the input stays."""
    choose(control(widget, "receptive_field", "example"), "small", "mouse")
    box = widget.locator("svg.dlw-plot").bounding_box()
    pitch = (box["width"] - 64) / 15
    for at, unit in ((3, 0), (3, 8), (2, 4), (1, 12)):
        x = 62 + (unit + at + 0.5) * pitch
        widget.mouse.click(box["x"] + x, box["y"] + 2 + 13 + (3 - at) * 26)
        agrees(widget, example="small", layer=at, unit=unit)
    widget.mouse.click(box["x"] + 200, box["y"] + 2 + 13 + 3 * 26)
    agrees(widget, example="small", layer=1, unit=12)


def test_typed_layers(widget):
    """They are used while they fit; example and reset take them away."""
    field = widget.get_by_label("Layers", exact=True)
    text = "input 20 c2; conv 3 c4 d2; pool 3 s2; fc 7"
    field.fill(text)
    agrees(widget, layers=text)
    slide(widget.get_by_label("Marked layer", exact=True), 1, "keyboard")
    assert "but reads only 3 of these 5" in read(widget)["words"]
    choose(control(widget, "receptive_field", "example"), "vgg", "keyboard")
    agrees(widget, example="vgg")

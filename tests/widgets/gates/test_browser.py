"""The gates widget in Chromium: what only this widget has."""

from __future__ import annotations

from dlworkbook.widgets.gates import Gates
from tests.kit.widget_page import facts, put, slide
from tests.widgets.gates.adapter import agrees
from tests.widgets.test_every_widget import HOW


@HOW
def test_what_the_page_asks_for(widget, how):
    """With the gate shut the digit is forgotten, by both cells."""
    for cell in ("gru", "lstm"):
        put(widget, "gates", "cell", cell, how)
        assert facts(widget)[1].endswith("right")
        put(widget, "gates", "shift", -8, how)
        agrees(widget, cell=cell, shift=-8)
        assert facts(widget)[1].endswith("wrong")
        put(widget, "gates", "shift", 0, how)


@HOW
def test_the_sign_in_view(widget, how):
    slide(widget.get_by_label("Sign in view", exact=True), 2, how)
    agrees(widget, step=1)
    said = facts(widget)
    assert said[0] == "7 last, just now" and said[3] == "it has only just come"


def test_a_press_on_the_picture_chooses_the_sign(widget):
    box = widget.locator(".dlw-plot rect[data-v]").nth(8 * 5).bounding_box()
    widget.mouse.click(box["x"] + box["width"] / 2, box["y"] + 3)
    agrees(widget, step=5)


def test_a_longer_text_shows_its_end_and_a_shorter_one_too(widget):
    field = widget.get_by_label("Text, up to 32 signs", exact=True)
    for text in ("4" + "x" * 31, "ab", "Q9"):
        field.fill(text)
        agrees(widget, text=text)
    assert Gates(text="Q9").text == "q9"

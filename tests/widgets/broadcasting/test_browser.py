"""The broadcasting widget in Chromium: shapes are typed, and entries chosen."""

from __future__ import annotations

from tests.kit.widget_page import more, press, ready, slide
from tests.widgets.broadcasting.adapter import agrees
from tests.widgets.test_every_widget import HOW


def write(page, name: str, text: str, how: str) -> None:
    """Put a shape into its field: pasted with the mouse, or key by key."""
    field = page.get_by_label(f"Shape of {name}", exact=True)
    if how == "mouse":
        field.click()
        field.fill(text)
        return
    field.focus()
    field.press("Control+a")
    field.press("Backspace")
    page.keyboard.type(text)


@HOW
def test_shapes_are_typed(widget, how):
    """Right, wrong and right again; what cannot be read stays, beside the last good shape."""
    alert = widget.locator(".dlw-alert")
    for a, b in (([5, 5, 1], [5, 1, 2]), ([2], [2, 3]), ([], [0, 3]), ([2, 3, 4, 4], [3, 1, 1])):
        write(widget, "A", ", ".join(map(str, a)), how)
        write(widget, "B", ", ".join(map(str, b)), how)
        agrees(widget, a=a, b=b)
        assert not alert.is_visible()
    typed = {"4, x": "(4,)", "1 1 1 1 1": "(1, 1, 1, 1)", "-3": "()", "<img src=x>": "()"}
    for bad, before in typed.items():  # the last that could be read, of what the keys made
        kept = "(2, 3, 4, 4)" if how == "mouse" else before
        write(widget, "A", bad, how)
        assert alert.is_visible() and f"{kept} is used until it fits" in alert.inner_text()
        field = widget.get_by_label("Shape of A")
        assert field.input_value() == bad and field.get_attribute("aria-invalid") == "true"
        assert widget.locator(".dlw-shapes").inner_text().startswith(f"{kept} + (3, 1, 1)")
    write(widget, "A", "(3, 1)", how)
    assert not alert.is_visible()
    assert widget.get_by_label("Shape of A").input_value() == "(3, 1)", "it stays as it was typed"
    widget.wait_for_function("() => location.search.endsWith('=b:3x1x1')")
    more(widget)
    press(widget.get_by_role("button", name="Reset"), how)
    agrees(widget)


def test_an_entry_is_chosen(widget):
    """With the slider by mouse and keys, and by a press on the sum."""
    for place in (0, 11):
        slide(widget.get_by_label("Entry of A + B"), place, "keyboard")
        agrees(widget, entry=place)
    slide(widget.get_by_label("Entry of A + B"), 7, "mouse")
    agrees(widget, entry=7)
    widget.locator(".dlw-sum[data-n='9']").click()
    agrees(widget, entry=9)
    widget.locator(".dlw-tables .dlw-a").first.click(force=True)
    agrees(widget, entry=9)
    write(widget, "B", "2", "keyboard")
    agrees(widget, b=[2], entry=5)


def test_garbage_in_the_address(widget, widget_site):
    for link in ("a:3,,1", "a:9999999", "b:1x1x1x1x1", "a:1:2", "n:360", "n:-1", "t:int", "a:%00"):
        widget.goto(f"{widget_site}/broadcasting.html?broadcasting={link}")
        ready(widget)
        assert widget.locator(".dlw-alert").is_visible(), link
        agrees(widget)

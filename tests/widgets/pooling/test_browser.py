"""Pooling in Chromium: numbers are typed, windows pressed, ties and overlaps told."""

from __future__ import annotations

from tests.kit.widget_page import choose, control, facts, more, pasted, press, put, ready, slide
from tests.widgets.pooling.adapter import agrees, read
from tests.widgets.test_every_widget import HOW

PAGE = [[2, 7, 1, 3], [4, 0, 5, 3], [6, 1, 2, 2], [6, 3, 0, 8]]


@HOW
def test_numbers_are_typed(widget, how):
    """Of input and of gradient; what is no number is named, and Escape brings the old one back."""
    alert = widget.locator(".dlw-alert")
    cell, sent = (widget.get_by_label(name, exact=True) for name in ("X[0, 0]", "dY[1, 0]"))
    for field, text in ((cell, "−7.5"), (sent, "20")):
        if how == "mouse":
            field.fill(text)
        else:
            field.press("Control+a")
            field.press_sequentially(text)
    typed = [[-7.5, *PAGE[0][1:]], *PAGE[1:]]
    settings = {"input": typed, "grad": [[1, 2], [20, 4]]}
    agrees(widget, **settings)
    for bad in ("x", "", "1e4", "1001", "<b>"):
        cell.fill(bad)
        assert alert.is_visible() and "−7.5 is used until it holds one" in alert.inner_text(), bad
        assert cell.get_attribute("aria-invalid") == "true"
    cell.press("Escape")
    assert not alert.is_visible()
    agrees(widget, **settings)
    widget.wait_for_function("() => location.search.includes('x:-7.5,7,1,3;4')")
    widget.reload()
    ready(widget)
    agrees(widget, **settings)
    more(widget)
    press(widget.get_by_role("button", name="Reset"), how)
    agrees(widget)
    assert widget.evaluate("pageKeys") == []


def test_a_broken_number_goes_with_another_size(widget):
    widget.get_by_label("X[3, 3]", exact=True).fill("?")
    assert widget.locator(".dlw-alert").is_visible()
    put(widget, "pooling", "rows", 3, "mouse")
    assert not widget.locator(".dlw-alert").is_visible()
    agrees(widget, rows=3)


def test_a_broken_gradient_goes_with_another_output(widget):
    """Its cell may be gone, and then nobody could mend it; a broken entry of X stays."""
    for key, value in (("stride", 1), ("window", 1), ("stride", 3)):
        widget.get_by_label("dY[1, 1]", exact=True).fill("?")
        assert widget.locator(".dlw-alert").is_visible()
        put(widget, "pooling", key, value, "mouse")
        assert not widget.locator(".dlw-alert").is_visible(), key
    agrees(widget, window=1, stride=3)
    widget.get_by_label("X[0, 0]", exact=True).fill("?")
    put(widget, "pooling", "stride", 2, "mouse")
    assert "X[0, 0] holds" in widget.locator(".dlw-alert").inner_text()
    put(widget, "pooling", "window", 3, "mouse")
    put(widget, "pooling", "padding", 1, "mouse")  # its cell is another now
    assert not widget.locator(".dlw-alert").is_visible()
    agrees(widget, window=3, padding=1)


@HOW
def test_windows_are_chosen(widget, how):
    """With the slider, and by a press on the output; the tie is told and marked."""
    slide(widget.get_by_label("Step", exact=True), 2, how)
    agrees(widget, step=2)
    assert "A tie: 6 stands there 2 times" in read(widget)["words"]
    button = widget.get_by_label("Y[1, 1] = 8", exact=True)
    if how == "mouse":
        button.click()
    else:
        widget.locator(".dlw-four button[tabindex='0']").focus()
        widget.keyboard.press("ArrowRight")
    agrees(widget, step=3)


def test_the_tasks_of_the_page(widget):
    """What the page promises of stride 1, and of an average with padding."""
    put(widget, "pooling", "stride", 1, "mouse")
    assert facts(widget)[2] == "X[1, 2] gets 3 + 5 + 6 = 14 from 3 windows"
    choose(control(widget, "pooling", "kind"), "average", "mouse")
    assert facts(widget)[2].endswith("from 4 windows")
    put(widget, "pooling", "window", 3, "mouse")
    put(widget, "pooling", "padding", 1, "mouse")
    assert "the mean of 9, of which 5 are padding" in read(widget)["words"]
    assert facts(widget)[1].endswith("the rest went into the padding")
    put(widget, "pooling", "include", False, "mouse")
    assert "padding" not in facts(widget)[1]
    agrees(widget, kind="average", window=3, stride=1, padding=1, include=False)


def test_padding_beyond_half_the_window_is_told(widget):
    put(widget, "pooling", "padding", 1, "mouse")
    put(widget, "pooling", "window", 1, "mouse")
    assert "more than half the window" in widget.locator(".dlw-alert").inner_text()
    agrees(widget, padding=1, window=1)


def test_a_matrix_is_pasted(widget):
    """Into the input and the gradient of the output; what does not fit is told, and all stays."""
    alert = widget.locator(".dlw-alert")
    rows = [[1, -2, 0.5], [3, 4, 9], [0, 9, 1]]
    assert pasted(widget, "X[1, 1]", "np.array([[1, -2, 1/2], [3, 4, 9], [0, 9, 1]])")
    agrees(widget, input=rows)
    assert not pasted(widget, "dY[0, 0]", "7"), "a number is the field's own matter"
    put(widget, "pooling", "stride", 1, "mouse")
    assert pasted(widget, "dY[0, 0]", "5\t6\n7\t8")
    agrees(widget, input=rows, stride=1, grad=[[5, 6], [7, 8]])
    for text, said in (("[[1, 2], [3]]", "Row 2 has another length (1) than row 1 (2)"),
                       ("1 2; 3 4", "X needs at least 3 rows and 3 columns"),
                       ("1 2 3 4 5 6 7", "It has 1 × 7 numbers, and 6 × 6 fit in here")):
        assert pasted(widget, "X[0, 0]", text)
        told = alert.inner_text()
        assert told.startswith(said) and told.endswith("; X stays as it is.")
    agrees(widget, input=rows, stride=1, grad=[[5, 6], [7, 8]])
    put(widget, "pooling", "stride", 2, "mouse")
    assert not alert.is_visible()

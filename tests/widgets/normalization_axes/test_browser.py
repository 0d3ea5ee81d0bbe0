"""Shared means in Chromium: cells are chosen and typed, samples pasted."""

from __future__ import annotations

from tests.kit.widget_page import choose, control, facts, more, pasted, press, put, ready
from tests.widgets.normalization_axes.adapter import agrees, read
from tests.widgets.test_every_widget import HOW


@HOW
def test_cells_are_chosen(widget, how):
    """By a press on the output or on the input; with arrow keys in both."""
    if how == "mouse":
        widget.get_by_label("Y[1, 1, 1] = 1.67", exact=True).click()
        agrees(widget, cell=11)
        widget.get_by_label("X[0, 2, 1]", exact=True).click()
        agrees(widget, cell=5)
    else:
        widget.get_by_label("Y[0, 3, 0] = −1", exact=True).focus()
        widget.keyboard.press("ArrowUp")
        widget.keyboard.press("ArrowRight")
        agrees(widget, cell=5)
        widget.get_by_label("X[1, 0, 0]", exact=True).focus()
        widget.keyboard.press("ArrowDown")
        agrees(widget, cell=10)
    assert widget.evaluate("pageKeys.filter((k) => k.startsWith('Arrow'))") == []


@HOW
def test_numbers_are_typed(widget, how):
    """What is no number is named; Escape brings the old one back; the link keeps them."""
    alert, cell = widget.locator(".dlw-alert"), widget.get_by_label("X[0, 0, 0]", exact=True)
    if how == "mouse":
        cell.fill("−7.5")
    else:
        cell.press("Control+a")
        cell.press_sequentially("−7.5")
    typed = [[-7.5, 2], [0, 2], [0, 6], [6, 8], [0, 2], [2, 8], [8, 14], [8, 14]]
    agrees(widget, input=typed, cell=0)
    for bad in ("x", "", "1001", "<b>"):
        cell.fill(bad)
        assert alert.is_visible() and "−7.5 is used until it holds one" in alert.inner_text(), bad
    cell.press("Escape")
    assert not alert.is_visible()
    widget.wait_for_function("() => location.search.includes('x:-7.5,2;')")
    widget.reload()
    ready(widget)
    agrees(widget, input=typed, cell=0)
    more(widget)
    press(widget.get_by_role("button", name="Reset"), how)
    agrees(widget)


def test_a_broken_number_goes_with_another_size(widget):
    widget.get_by_label("X[1, 3, 1]", exact=True).fill("?")
    assert widget.locator(".dlw-alert").is_visible()
    put(widget, "normalization_axes", "samples", 1, "mouse")
    assert not widget.locator(".dlw-alert").is_visible()
    agrees(widget, samples=1, cell=15)


def test_arrays_are_pasted(widget):
    """Four rows take the place of one sample, eight that of the array; the rest is refused."""
    alert = widget.locator(".dlw-alert")
    first = [[0, 2], [0, 2], [0, 6], [6, 8]]
    assert pasted(widget, "X[1, 2, 0]", "[[1, 2], [3, 4], [5, 6], [7, 9]]")
    agrees(widget, input=[*first, [1, 2], [3, 4], [5, 6], [7, 9]], cell=12)
    rows = [[i, 2, -i * i] for i in range(12)]
    assert pasted(widget, "X[0, 0, 0]", str(rows))
    agrees(widget, input=rows, samples=3, places=3, cell=0)
    assert pasted(widget, "X[0, 0, 0]", "1 2\n3 4\n5 6")
    assert alert.inner_text().startswith("A sample has 4 rows, one for each channel")
    agrees(widget, input=rows, samples=3, places=3, cell=0)
    put(widget, "normalization_axes", "places", 2, "mouse")
    assert not alert.is_visible()
    agrees(widget, samples=3, cell=0)


def test_the_tasks_of_the_page(widget):
    """What the page promises beside the widget."""
    norm = control(widget, "normalization_axes", "norm")
    for value, end in (("batch", "= −1."), ("layer", "= 1."), ("group", "= 0.333."),
                       ("instance", "= −1.")):  # fmt: skip
        choose(norm, value, "mouse")
        assert read(widget)["words"].endswith(end), value
    assert facts(widget)[1] == "8 sets of 2 cells"
    put(widget, "normalization_axes", "places", 1, "mouse")
    assert "PyTorch refuses" in read(widget)["words"]
    assert {v for row in read(widget)["y"] for v in row} == {0}
    put(widget, "normalization_axes", "places", 4, "mouse")
    put(widget, "normalization_axes", "fill", "contrast", "mouse")
    y = read(widget)["y"]
    assert y[:4] == y[4:]
    choose(norm, "group", "mouse")
    for groups in (2, 4):
        put(widget, "normalization_axes", "groups", groups, "mouse")
        y = read(widget)["y"]
        assert (y[:4] == y[4:]) is (groups == 4)
    choose(norm, "layer", "mouse")
    y = read(widget)["y"]
    assert y[:4] != y[4:]
    put(widget, "normalization_axes", "fill", "brighter", "mouse")
    y = read(widget)["y"]
    assert y[:4] == y[4:]
    choose(norm, "batch", "mouse")
    y = read(widget)["y"]
    assert y[:4] != y[4:]

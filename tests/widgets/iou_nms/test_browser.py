"""IoU and NMS in Chromium: what only this widget has."""

from __future__ import annotations

import copy

from dlworkbook.widgets.iou_nms import IouNms
from tests.kit.widget_page import more, pasted, press, ready, slide
from tests.widgets.iou_nms.adapter import agrees, read
from tests.widgets.test_every_widget import HOW

START = IouNms().boxes
LABEL = "Boxes: x1 y1 x2 y2 score"


def with_box(n: int, *row: float) -> list:
    boxes = copy.deepcopy(START)
    boxes[n] = [*row, boxes[n][4]]
    return boxes


def place(widget, x: float, y: float) -> tuple[float, float]:
    """A place of the picture, in px of the window."""
    plot = widget.locator("svg.dlw-boxes")
    plot.scroll_into_view_if_needed()
    box, shown = plot.bounding_box(), read(widget)
    (x0, left), (x1, right) = shown["xs"][0], shown["xs"][-1]
    (y0, high), (y1, low) = shown["ys"][0], shown["ys"][-1]
    return (box["x"] + left + (x - x0) * (right - left) / (x1 - x0),
            box["y"] + high + (y - y0) * (low - high) / (y1 - y0))  # fmt: skip


def test_boxes_are_dragged_and_resized(widget):
    """The box that is hit follows the pointer and stops at the edge; the corner resizes it."""
    widget.mouse.move(*place(widget, 40, 28))
    widget.mouse.down()  # D and E are both hit: the smaller one, E
    widget.mouse.move(*place(widget, 43, 26))
    agrees(widget, boxes=with_box(4, 37, 19, 49, 28), marked=4)
    widget.mouse.move(*place(widget, 70, 60))
    agrees(widget, boxes=with_box(4, 48, 31, 60, 40), marked=4)
    widget.mouse.move(*place(widget, 40, 28))
    widget.mouse.up()
    agrees(widget, marked=4)
    widget.mouse.move(*place(widget, 46, 30))
    widget.mouse.down()
    widget.mouse.move(*place(widget, 50, 33))
    agrees(widget, boxes=with_box(4, 34, 21, 50, 33), marked=4)
    widget.mouse.move(*place(widget, 2, 2))
    agrees(widget, boxes=with_box(4, 34, 21, 35, 22), marked=4)
    widget.mouse.up()
    widget.mouse.move(*place(widget, 10, 10))
    agrees(widget, boxes=with_box(4, 34, 21, 35, 22), marked=4)
    widget.mouse.click(*place(widget, 55, 5))  # where no box is
    agrees(widget, boxes=with_box(4, 34, 21, 35, 22), marked=4)


def test_keys_move_and_resize_the_marked_box(widget):
    """Arrow keys move it, with Shift they resize it; none reaches the page."""
    slide(widget.get_by_label("Marked box", exact=True), 1, "keyboard")
    plot = widget.locator("svg.dlw-boxes")
    plot.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowLeft", "ArrowUp"):
        plot.press(key)
    agrees(widget, boxes=with_box(1, 6, 9, 18, 21), marked=1)
    for key in ("Shift+ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowLeft"):
        plot.press(key)
    agrees(widget, boxes=with_box(1, 6, 9, 18, 23), marked=1)
    for _ in range(9):
        plot.press("ArrowLeft")
    agrees(widget, boxes=with_box(1, 0, 9, 12, 23), marked=1)
    assert widget.evaluate("pageKeys.filter((k) => k.startsWith('Arrow'))") == []


@HOW
def test_score_decides_the_order(widget, how):
    """C above A and B: then A goes neither by C nor by B, and B goes by C."""
    slide(widget.get_by_label("Marked box", exact=True), 2, how)
    slide(widget.get_by_label("Its score", exact=True), 95, how)
    boxes = copy.deepcopy(START)
    boxes[2][4] = 0.95
    agrees(widget, boxes=boxes, marked=2)
    assert read(widget)["rows"][2][2] == "kept" and read(widget)["rows"][0][0] == "C"
    widget.wait_for_function("() => location.search.includes('m:2')")
    widget.reload()
    ready(widget)
    agrees(widget, boxes=boxes, marked=2)
    more(widget)
    press(widget.get_by_role("button", name="Reset"), how)
    agrees(widget)


def test_equality_and_the_chain(widget):
    """At exactly its IoU a box stays unless equality removes it; C says why it stays."""
    assert "C stays although B overlaps it by 0.6: B was gone." in read(widget)["words"]
    slide(widget.get_by_label("Threshold", exact=True), 15, "mouse")
    agrees(widget, threshold=15)  # D overlaps E by just 0.75
    assert "5 of 5 boxes are kept" in read(widget)["words"]
    press(widget.get_by_label("Remove at equality, too", exact=True), "keyboard")
    agrees(widget, threshold=15, equal=True)
    assert "Removed: D by E (IoU 0.75)." in read(widget)["words"]


def test_lines_and_tensors_are_pasted(widget):
    """Five numbers a line, what torch prints, or an assignment over several lines; not too many."""
    field = widget.get_by_label(LABEL, exact=True)
    want = [[2, 2, 12, 12, 0.9], [4, 2, 14, 12, 0.8]]
    for text in ("2 2 12 12 0.9\n4 2 14 12 0.8\n", "2\t2\t12\t12\t.9\r\n4\t2\t14\t12\t.8",
                 "tensor([[ 2.,  2., 12., 12.,  0.9],\n        [ 4.,  2., 14., 12.,  0.8]])",
                 "boxes = torch.tensor([\n    [2., 2, 12, 12, .9],\n    [4., 2, 14, 12, .8],\n])\n",
                 "boxes = [[2, 2, 12, 12, .9],\n         [4, 2, 14, 12, .8]]",
                 "2, 2, 12, 12, .9,\n4, 2, 14, 12, .8,"):  # fmt: skip
        field.fill("0 0 1 1 1")
        pasted(widget, LABEL, text)
        assert not widget.locator(".dlw-alert").is_visible()
        widget.locator("svg.dlw-boxes").focus()
        assert [row[2] for row in read(widget)["rows"]] == ["kept", "out, by A"]
        widget.locator("svg.dlw-boxes").press("ArrowRight")
        widget.locator("svg.dlw-boxes").press("ArrowLeft")
        agrees(widget, boxes=want)
    field.fill("0 0 4 4 .5; " * 12)
    assert "At most 8 boxes" in (widget.locator(".dlw-alert").text_content() or "")

"""The convolution explorer in Chromium: what only this widget has."""

# ruff: noqa: E501
from __future__ import annotations

import json

import pytest

from tests.kit.widget_page import choose, more, pasted, press, put, ready, slide
from tests.widgets.convolution.adapter import computes, read
from tests.widgets.test_every_widget import HOW


def give(page, how: str, **settings) -> None:
    for key, value in settings.items():
        put(page, "convolution", key, value, how)


def move(page, label: str, value: int, how: str = "keyboard") -> None:
    slide(page.get_by_label(label, exact=True), value, how)


def select(page, label: str, value: str, how: str) -> None:
    choose(page.get_by_label(label, exact=True), value, how)


SLIDERS = [
    ("Stride", 2, {"stride": [2, 2]}),
    ("Stride, rows", 3, {"stride": [3, 1]}),
    ("Stride, columns", 2, {"stride": [1, 2]}),
    ("Padding, rows", 2, {"mode": "custom", "padding": [2, 0]}),
    ("Padding, columns", 3, {"mode": "custom", "padding": [0, 3]}),
    ("Dilation, rows", 2, {"dilation": [2, 1]}),
    ("Dilation, columns", 2, {"dilation": [1, 2]}),
    ("Input size, rows", 9, {}),
    ("Input size, columns", 4, {}),
    ("Kernel size, rows", 2, {}),
    ("Kernel size, columns", 5, {}),
    ("Input channels", 3, {}),
    ("Output channels", 2, {}),
]


@HOW
def test_sliders(widget, how):
    """Each, alone."""
    more(widget)
    for label, value, change in SLIDERS:
        move(widget, label, value, how)
        shown = computes(widget, **change)
        sizes = {
            "Input size, rows": len(shown["input"][0]), "Input size, columns": len(shown["input"][0][0]),
            "Kernel size, rows": len(shown["kernel"][0][0]), "Kernel size, columns": len(shown["kernel"][0][0][0]),
            "Input channels": len(shown["input"]), "Output channels": len(shown["outs"]),
        }  # fmt: skip
        assert sizes.get(label, value) == value, label
        widget.get_by_role("button", name="Reset").click()
    assert computes(widget)["outs"][0][0] == [-7, 8, 20, -6]
    assert widget.evaluate("pageKeys.filter((k) => k.startsWith('Arrow'))") == []


@HOW
def test_groups(widget, how):
    more(widget)
    move(widget, "Input channels", 2, how)
    move(widget, "Groups", 2, how)
    alarm = widget.locator(".dlw-nothing")
    assert "does not divide 1 output channel" in alarm.inner_text()
    move(widget, "Output channels", 2, how)
    assert not alarm.is_visible()
    computes(widget, groups=2)
    move(widget, "Groups", 1, how)
    computes(widget)


@HOW
def test_transposed(widget, how):
    more(widget)
    give(widget, how, transposed=True)
    computes(widget, transposed=True)
    move(widget, "Stride", 3, how)
    move(widget, "Padding, rows", 1, how)
    move(widget, "Output padding, columns", 2, how)
    settings = {"mode": "custom", "padding": [1, 0], "output_padding": [0, 2], "stride": [3, 3]}
    computes(widget, transposed=True, **settings)
    move(widget, "Stamp", 7, how)
    work = widget.locator(".dlw-work").inner_text()
    assert work.startswith("X[1, 1] = 9 stamps 9·K = [0 −9 9 ; 9 0 0 ; 0 −9 9]")
    assert "Y[2…4, 3…5]" in work
    move(widget, "Stride", 1, how)
    assert "must be smaller than the stride" in widget.locator(".dlw-nothing").inner_text()


@HOW
def test_bias_and_turned_kernel(widget, how):
    give(widget, how, flip=True, relu=True)
    # The turned kernel is shown turned; the labels still name the weights of K.
    assert widget.get_by_label("K[2, 2]", exact=True).input_value() == "1"
    press(widget.get_by_label("Bias", exact=True), how)
    field = widget.get_by_label("bias b[0]")
    field.fill("-3")
    computes(widget, flip=True, relu=True, bias=[-3])
    field.fill("x")
    assert widget.locator(".dlw-alert").inner_text() == "b[0] holds “x”, which is not a number; −3 is used until it holds one."


@HOW
def test_presets(widget, how):
    more(widget)
    select(widget, "Fill kernel with", "count", how)
    assert read(widget)["kernel"] == [[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]]
    select(widget, "Fill input with", "edge", how)
    computes(widget)
    assert widget.get_by_label("Example", exact=True).input_value() == ""
    for name in ("sobel", "sharpen", "dot"):
        select(widget, "Example", name, how)
        computes(widget)
    select(widget, "Example", "channels", how)
    computes(widget, bias=[1, -2])
    select(widget, "Example", "depthwise", how)
    computes(widget, groups=3)
    select(widget, "Example", "transposed", how)
    computes(widget, transposed=True, stride=[2, 2])


@HOW
def test_windows(widget, how):
    move(widget, "Window", 5, how)
    assert widget.get_by_label("Window", exact=True).get_attribute("aria-valuetext") == "6 of 16"
    work = widget.locator(".dlw-work").inner_text()
    assert work == "Y[1, 1] = 9·0 + 8·(−1) + 4·1 + 6·1 + 5·0 + 3·0 + 3·0 + 4·(−1) + 9·1 = 7"
    here = widget.get_by_label("Y[1, 1] = 7", exact=True)
    assert here.get_attribute("tabindex") == "0", "the grid is entered at the current window"
    cell = widget.get_by_label("Y[2, 2] = 14", exact=True)
    if how == "mouse":
        cell.click()
    else:
        widget.get_by_label("Y[1, 1] = 7", exact=True).focus()
        widget.keyboard.press("ArrowRight")
        widget.keyboard.press("ArrowDown")
    assert widget.locator(".dlw-work").inner_text().endswith("= 14")
    assert cell.get_attribute("aria-current") == "true"
    widget.wait_for_function(
        "() => [...document.querySelectorAll('[role=status]')].some((e) => e.textContent.includes('Window 11 of 16: Y[2, 2] = 14'))"
    )


@HOW
def test_cells(widget, how):
    cell = widget.get_by_label("X[0, 1]", exact=True)
    if how == "mouse":
        cell.click()
    else:
        widget.get_by_label("X[0, 0]", exact=True).focus()
        widget.keyboard.press("ArrowRight")
    assert cell.evaluate("(e) => e === document.activeElement")
    widget.keyboard.type("-7")
    inputs = read(widget)["input"]
    assert inputs[0][0][:3] == [5, -7, 0]
    computes(widget)
    kernel = widget.get_by_label("K[1, 1]", exact=True)
    kernel.fill("1/2")
    shown = widget.get_by_label("Y[0, 0] = 10.5", exact=True)
    assert shown.count() == 1, "-7 + 14 (x01 = -7 instead of 6) - ... + 9/2"


def test_invalid_cell(widget):
    cell = widget.get_by_label("X[1, 2]", exact=True)
    before = read(widget)["outs"]
    for text, reason in (
        ("4x", "holds “4x”, which is not a number"),
        ("", "is empty"),
        ("1e9", "beyond a million"),
    ):
        cell.fill(text)
        assert cell.get_attribute("aria-invalid") == "true"
        message = widget.locator(".dlw-alert").inner_text()
        assert message.startswith("X[1, 2] ") and reason in message, message
        assert read(widget)["outs"] == before
    cell.press("Escape")
    assert cell.input_value() == "8"
    assert cell.get_attribute("aria-invalid") is None
    assert not widget.locator(".dlw-alert").is_visible()


def test_no_output_says_why(widget):
    more(widget)
    move(widget, "Input size, rows", 2)
    box = widget.locator(".dlw-nothing")
    assert "the kernel has 3 rows, but the input has only 2" in box.inner_text()
    assert widget.get_by_label("Window", exact=True).is_disabled()
    move(widget, "Dilation, rows", 2, "keyboard")
    assert "dilation 2 spans 5 rows" in box.inner_text()
    box.get_by_role("button").click()
    computes(widget, mode="full", dilation=[2, 1])


def test_same_with_stride_is_explained(widget):
    select(widget, "Mode", "same", "mouse")
    move(widget, "Stride", 2, "keyboard")
    box = widget.locator(".dlw-nothing")
    assert "PyTorch refuses padding='same' with stride 2 × 2" in box.inner_text()
    assert "here 3 × 3" in box.inner_text()
    assert widget.get_by_label("Stride", exact=True).input_value() == "2", "not changed silently"
    box.get_by_role("button", name="Pad as TensorFlow does").click()
    computes(widget, mode="same_tf", stride=[2, 2])


def test_size_formula(widget):
    move(widget, "Stride", 2, "keyboard")
    fact = widget.locator(".dlw-facts dd").first.inner_text()
    assert fact == "rows and columns: ⌊(6 + 2·0 − 1·(3 − 1) − 1) / 2⌋ + 1 = 2"
    code = widget.locator(".dlw-facts code").inner_text()
    assert code == "F.conv2d(X, K, stride=2)"


def test_paste(widget):
    """A matrix takes the place of the grid that it is pasted into; a number or a word is left to the field."""

    def paste(label: str, text: str) -> bool:
        return pasted(widget, label, text)

    assert paste("X[0, 0]", "[[1, 2, 3, 4], [5, 6, 7, 8]]")
    assert paste("K[1, 1]", r"\begin{pmatrix} 1 & -1 \\ 1/2 & 0 \end{pmatrix}")
    shown = computes(widget)
    assert shown["input"] == [[[1, 2, 3, 4], [5, 6, 7, 8]]] and shown["kernel"] == [[[[1, -1], [0.5, 0]]]]
    give(widget, "mouse", flip=True)
    assert paste("K[0, 0]", "1\t2\n3\t4")
    assert widget.get_by_label("K[1, 1]", exact=True).input_value() == "1", "shown as it was pasted"
    computes(widget, flip=True)
    for text in ("7", "1/9", "word"):
        assert not paste("X[0, 0]", text)
    assert paste("X[0, 0]", "[[1, 2], [3]]")
    alarm = widget.locator(".dlw-alert")
    assert alarm.inner_text().startswith("Row 2 has another length (1) than row 1 (2). A matrix can be pasted from")
    assert alarm.inner_text().endswith("; X stays as it is.")
    assert paste("K[0, 0]", "1 2 3 4 5 6")
    assert "It has 1 × 6 numbers, and 5 × 5 fit in here" in alarm.inner_text()
    computes(widget, flip=True)
    give(widget, "mouse", flip=False)
    assert not alarm.is_visible()


def test_window_and_numbers_in_a_link(widget):
    """The address follows arrays, window and pairs, and brings them back."""
    more(widget)
    select(widget, "Example", "edge", "mouse")
    move(widget, "Dilation, columns", 2)
    move(widget, "Window", 6)
    widget.get_by_label("X[0, 0]", exact=True).fill("-1/2")
    work = widget.locator(".dlw-work").inner_text()
    widget.wait_for_function("() => location.search.includes('x:1x7x7:-0.5,0,0,9,9,9,9,0')")
    assert widget.evaluate("location.search").endswith("_k:sobel_d:1,2_n:6")
    widget.reload()
    ready(widget)
    assert widget.locator(".dlw-work").inner_text() == work
    computes(widget, dilation=[1, 2])


def test_accessible_with_a_broken_cell(widget):
    from axe_playwright_python.sync_playwright import Axe

    widget.get_by_label("X[0, 1]", exact=True).fill("oops")
    assert Axe().run(widget).response["violations"] == []


def test_one_tab_stop_for_a_grid(widget):
    stops = widget.locator(".dlw-grid:visible").evaluate_all(
        "(all) => all.map((g) => g.querySelectorAll('[tabindex=\"0\"]').length)"
    )
    assert stops == [1, 1, 1]


def test_a_step_lays_out_its_slider_and_its_text_alone(browser, new_page, widget_site):
    """What makes a press cheap, told by the browser's own record; `make bench` measures the time.

    With the reason taken away (`contain`), the whole page is laid out: the test can fail."""
    page = new_page()
    page.goto(f"{widget_site}/convolution.html")
    ready(page)
    slider = page.get_by_label("Window", exact=True)
    slider.press("ArrowRight")
    page.wait_for_timeout(1200)  # the grids look whether they scroll, the first press is told

    def laid_out() -> list[tuple[bool, int]]:
        browser.start_tracing(page=page, categories=["devtools.timeline"])
        slider.press("ArrowRight")
        page.wait_for_timeout(1200)  # the text for screen readers changes half a second later
        events = json.loads(browser.stop_tracing())["traceEvents"]
        found = [e["args"]["beginData"] for e in events if e["name"] == "Layout" and e["ph"] == "X"]
        # Playwright has an empty frame of its own in each page; it is a handful of objects.
        return [(d["partialLayout"], d["totalObjects"]) for d in found if d["totalObjects"] > 15 or d["partialLayout"]]

    found = laid_out()
    assert len(found) >= 2 and all(part and objects < 40 for part, objects in found), found
    live = page.add_style_tag(content=".dlw-live > p { contain: none !important }")
    page.wait_for_timeout(300)
    found = laid_out()
    assert found[0][0] and any(not part and objects > 200 for part, objects in found[1:]), found
    live.evaluate("(style) => style.remove()")
    page.add_style_tag(content=".dlw-track > input { contain: none !important }")
    page.wait_for_timeout(300)
    assert any(not part and objects > 200 for part, objects in laid_out())


@pytest.mark.parametrize("width", [360, 1280])
def test_long_arithmetic_pushes_down_what_follows(new_page, widget_site, width):
    page = new_page(viewport={"width": width, "height": 800})
    x, k = ",".join(["-99999"] * 36), ",".join(["-1234"] * 25)
    page.goto(f"{widget_site}/convolution.html?convolution=x:1x6x6:{x}_k:1x1x5x5:{k}")
    ready(page)
    edges = """() => [".dlw-work > div", ".dlw-work", ".dlw-facts"].map((name) => {
      const box = document.querySelector(name).getBoundingClientRect(); return [box.top, box.bottom]; })"""

    def fits() -> bool:
        (_, text), (_, box), (below, _) = page.evaluate(edges)
        return text <= box + 0.5 and box <= below

    for _ in range(4):
        page.wait_for_timeout(50)
        assert page.locator(".dlw-work p").first.inner_text().count("99999") == 25
        assert fits()
        page.get_by_label("Window", exact=True).press("ArrowRight")
    # Longer than any estimate: the box grows, and does not shrink under the reader's hand.
    page.evaluate("document.querySelector('.dlw-work p').textContent = '1·2 + '.repeat(2000)")
    page.wait_for_timeout(50)
    assert fits()
    height = page.locator(".dlw-work").bounding_box()["height"]
    page.get_by_label("Window", exact=True).press("ArrowLeft")
    page.wait_for_timeout(50)
    assert page.locator(".dlw-work").bounding_box()["height"] == height


CUT = """() => [...document.querySelectorAll(".dlw-scroll")].filter((e) => e.offsetParent !== null)
  .filter((e) => e.scrollWidth > e.clientWidth && e.firstChild.offsetWidth <= e.closest(".dlw-stage").clientWidth)
  .map((e) => `${e.previousSibling.textContent}: ${e.scrollWidth - e.clientWidth} px`)"""
EXAMPLES = (
    "exam", "edge", "dot", "sobel", "blur", "sharpen", "channels", "depthwise", "transposed"
)  # fmt: skip


def test_no_grid_is_cut_that_has_room(widget):
    """Each example, as it is, turned, and where PyTorch refuses; in windows of many widths."""
    offered = widget.get_by_label("Example", exact=True).evaluate("(e) => [...e.options].map((o) => o.value)")
    assert offered == ["", *EXAMPLES]
    found = []
    for name in EXAMPLES:
        select(widget, "Example", name, "mouse")
        for turned, mode in ((False, "valid"), (True, "valid"), (True, "same")):
            give(widget, "mouse", flip=turned, mode=mode)
            if mode == "same":
                move(widget, "Stride", 2)
                assert widget.locator(".dlw-nothing").is_visible()
            for width in (360, 600, 760, 1280):
                widget.set_viewport_size({"width": width, "height": 900})
                widget.wait_for_timeout(60)  # the observer of the width
                found += [(name, turned, mode, width, grid) for grid in widget.evaluate(CUT)]
    assert found == []


def test_a_refusal_states_no_size(widget):
    """Where the formula has a size, but the program gives none; a kernel too large has its sum."""
    size = widget.locator(".dlw-facts dd").first
    give(widget, "mouse", mode="same")
    move(widget, "Stride", 2, "mouse")
    assert size.inner_text() == "none: there is no output"
    give(widget, "mouse", mode="same_tf")
    assert size.inner_text().endswith("= 3")
    give(widget, "mouse", mode="valid")
    more(widget)
    move(widget, "Input size, rows", 2)
    assert size.inner_text().splitlines()[0] == "rows: ⌊(2 + 2·0 − 1·(3 − 1) − 1) / 2⌋ + 1 = 0"


@HOW
def test_an_example_keeps_its_name(widget, how):
    """While it is turned or slid over in another way; not when its numbers are others."""
    example = widget.get_by_label("Example", exact=True)
    select(widget, "Example", "dot", how)
    give(widget, how, flip=True, relu=True, mode="full")
    move(widget, "Stride", 2, how)
    assert example.input_value() == "dot"
    widget.get_by_label("X[0, 0]", exact=True).fill("4")
    assert example.input_value() == ""
    widget.get_by_label("X[0, 0]", exact=True).fill("0")
    assert example.input_value() == "dot"
    select(widget, "Example", "transposed", how)
    assert example.input_value() == "transposed"
    move(widget, "Stride", 3, how)
    assert example.input_value() == "", "its name says stride 2"

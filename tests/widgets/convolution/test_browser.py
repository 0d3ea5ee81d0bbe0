"""The convolution explorer in Chromium: every control, by mouse and by keyboard, against torch.

The pages are made here from the widget's own static HTML, loader and style, so that no built
site is needed; one test at the end drives the widget on the built convolution page.
"""

# ruff: noqa: E501
from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dlworkbook.widgets.kit import bundle
from tests.kit.server import serve
from tests.kit.widget_reference import torch_answer

ROOT = Path(__file__).resolve().parents[3]

THEME = {
    "light": "#222832;--pst-color-text-muted:#48566b;--pst-color-background:#fff;--pst-color-primary:#0a7d91",
    "dark": "#ced6dd;--pst-color-text-muted:#9ca4af;--pst-color-background:#14181e;--pst-color-primary:#3fb1c5",
}  # fmt: skip
MAKE = """
import json
from dlworkbook.widgets import ConvolutionExplorer
print(json.dumps([ConvolutionExplorer().html(), ConvolutionExplorer(mode="same", relu=True).html()]))
"""
START = {
    "bias": [],
    "mode": "valid",
    "padding": [1, 1],
    "stride": [1, 1],
    "dilation": [1, 1],
    "output_padding": [0, 0],
    "groups": 1,
    "flip": False,
    "relu": False,
    "transposed": False,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """light.html, dark.html (one widget each) and two.html (two widgets, an anchor)."""
    out = tmp_path_factory.mktemp("widget")
    env = os.environ | {"DLWORKBOOK_STATIC": "1", "PYTHONPATH": str(ROOT)}
    made = subprocess.run(
        [sys.executable, "-c", MAKE], env=env, capture_output=True, text=True, check=True, cwd=ROOT
    )
    one, two = json.loads(made.stdout)
    for name, text in bundle.files().items():
        (out / name).write_text(text, encoding="utf-8")
    (out / "page.ipynb").write_text("{}")

    def page(name: str, theme: str, body: str) -> None:
        (out / name).write_text(
            f'<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<title>Explorer</title><link rel="icon" href="data:,">'
            '<link rel="alternate" type="application/x-ipynb+json" href="page.ipynb">'
            '<link rel="stylesheet" href="widgets.css"><script async src="loader.js"></script>'
            f"<style>html{{--pst-color-text-base:{THEME[theme]};"
            "background:var(--pst-color-background);color:var(--pst-color-text-base);"
            "font-family:system-ui}}main{{max-width:44rem;margin:auto;padding:0 8px}}</style>"
            "<script>window.pageKeys=[];document.addEventListener('keydown',"
            "(e)=>window.pageKeys.push(e.key))</script></head>"
            f"<body><main><h1>Explorer</h1>{body}<p>After</p></main></body></html>".replace(
                "}}", "}"
            ).replace("{{", "{"),
            encoding="utf-8",
        )

    page("light.html", "light", one)
    page("dark.html", "dark", one)
    page("two.html", "light", f'{one}<h2 id="further">Further</h2>{two}')
    return out


@pytest.fixture(scope="module")
def base(folder):
    with serve(folder) as (url, _log):
        yield url


def ready(page, number: int = 1) -> None:
    page.wait_for_function(
        f"() => document.querySelectorAll('.dlw-box[data-ready=true]').length >= {number}"
    )


@pytest.fixture
def widget(page, base):
    """The first widget of the light page; its page must stay without a complaint."""
    page.goto(f"{base}/light.html")
    ready(page)
    yield page
    assert page.dlw_events.problems() == []


# --- reading the widget
READ = """(box) => {
  const number = (t) => { t = t.replace("−", "-"); const m = t.split("/"); return m.length === 2 ? m[0] / m[1] : Number(t); };
  const seen = (e) => e.offsetParent !== null;
  const cells = (grid) => [...grid.querySelectorAll("input")].map((e) => [e.getAttribute("aria-label"), number(e.value)]);
  const outs = [...box.querySelectorAll(".dlw-outs .dlw-grid")].filter(seen).map((g) => {
    const inner = [...g.children].filter((e) => !e.matches(".dlw-pad, .dlw-sheet"));
    const top = [...new Set(inner.map((e) => e.offsetTop))];
    return top.map((y) => inner.filter((e) => e.offsetTop === y).map((e) => number(e.textContent)));
  });
  return { cells: [...box.querySelectorAll(".dlw-pairs .dlw-grid")].filter(seen).flatMap(cells), outs };
}"""


def put(array: list, index: list[int], value: float) -> None:
    """array[i][j]... = value; the array grows as needed."""
    for i in index[:-1]:
        while len(array) <= i:
            array.append([])
        array = array[i]
    while len(array) <= index[-1]:
        array.append(None)
    array[index[-1]] = value


def read(page, box: int = 0) -> tuple[list, list, list]:
    """(input, kernel, output) as shown; the kernels of all output channels."""
    widget = page.locator(".dlw-box").nth(box)
    inputs, kernel = [], []
    grids = widget.locator(".dlw-outs .dlw-grid:visible")
    for o in range(max(1, grids.count())):
        if grids.count() > 1 and grids.nth(o).locator("button").count():
            grids.nth(o).locator("button").first.click()
        shown = widget.evaluate(READ)
        for label, value in shown["cells"]:
            name, index = re.fullmatch(r"([XK])\[([\d, ]+)\]", label).groups()
            index = [int(i) for i in index.split(",")]
            rank = 3 if name == "X" else 4
            put(inputs if name == "X" else kernel, [0] * (rank - len(index)) + index, value)
    return inputs, kernel, shown["outs"]


def agrees(page, box: int = 0, **settings) -> list:
    """The shown output is torch's for the shown numbers and these settings; returns it."""
    inputs, kernel, outputs = read(page, box)
    want = torch_answer({**START, "input": inputs, "kernel": kernel, **settings})
    assert want, "torch refuses what the widget shows"
    assert outputs == want["y"]
    rows, cols = want["size"]
    shapes = page.locator(".dlw-shapes").nth(box).inner_text()
    assert shapes.endswith(f"{rows} × {cols}")
    macs = page.locator(".dlw-facts dd").nth(3 * box + 1).inner_text()
    assert f"= {want['nominal']}" in macs
    if want["real"] != want["nominal"]:
        assert str(want["nominal"] - want["real"]) in macs
    return outputs


def more(page) -> None:
    if page.locator(".dlw-more").first.get_attribute("open") is None:
        page.locator(".dlw-more summary").first.click()


def slide(page, label: str, value: int, how: str) -> None:
    """Move a range to a value, with mouse or arrow keys."""
    slider = page.get_by_label(label, exact=True).first
    if how == "keyboard":
        slider.focus()
        now = int(slider.input_value())
        for _ in range(abs(value - now)):
            slider.press("ArrowRight" if value > now else "ArrowLeft")
    else:
        low, high = int(slider.get_attribute("min")), int(slider.get_attribute("max"))
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        knob = 16
        x = box["x"] + knob / 2 + (box["width"] - knob) * (value - low) / max(1, high - low)
        page.mouse.click(x, box["y"] + box["height"] / 2)
    assert slider.input_value() == str(value)
    assert slider.get_attribute("aria-valuetext")


def tick(page, label: str, how: str) -> None:
    box = page.get_by_label(label, exact=True).first
    if how == "keyboard":
        box.focus()
        page.keyboard.press("Space")
    else:
        box.click()


def choose(page, label: str, value: str, how: str) -> None:
    """Choose an option; by keyboard with arrow keys on the closed list."""
    field = page.get_by_label(label, exact=True).first
    if how == "mouse":
        field.select_option(value)
        return
    field.focus()
    values = field.evaluate("(e) => [...e.options].map((o) => o.value)")
    for _ in values:
        page.keyboard.press("ArrowUp")
    for _ in range(values.index(value)):
        page.keyboard.press("ArrowDown")
    assert field.input_value() == value


HOW = pytest.mark.parametrize("how", ["mouse", "keyboard"])


def test_first_view(widget):
    assert agrees(widget)[0][0] == [-7, 8, 20, -6]
    visible = widget.locator(
        ".dlw-root :is(select, input, button):visible:not(.dlw-grid *)"
    ).evaluate_all("(all) => all.map((e) => e.type)")
    assert len(visible) == 6, "six controls in sight, the rest behind More"


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
@pytest.mark.parametrize(("label", "value", "change"), SLIDERS, ids=[s[0] for s in SLIDERS])
def test_slider(widget, label, value, change, how):
    if label != "Stride":
        more(widget)
    slide(widget, label, value, how)
    outputs = agrees(widget, **change)
    inputs, kernel, _ = read(widget)
    counts = {
        "Input size, rows": len(inputs[0]),
        "Input size, columns": len(inputs[0][0]),
        "Kernel size, rows": len(kernel[0][0]),
        "Kernel size, columns": len(kernel[0][0][0]),
        "Input channels": len(inputs),
        "Output channels": len(outputs),
    }
    assert counts.get(label, value) == value
    assert widget.evaluate("pageKeys.filter((k) => k.startsWith('Arrow'))") == []


@HOW
def test_groups(widget, how):
    more(widget)
    slide(widget, "Input channels", 2, how)
    slide(widget, "Groups", 2, how)
    alarm = widget.locator(".dlw-nothing")
    assert "does not divide 1 output channel" in alarm.inner_text()
    slide(widget, "Output channels", 2, how)
    assert not alarm.is_visible()
    agrees(widget, groups=2)
    slide(widget, "Groups", 1, how)
    agrees(widget)


@HOW
def test_transposed(widget, how):
    more(widget)
    tick(widget, "Transposed", how)
    agrees(widget, transposed=True)
    slide(widget, "Stride", 3, how)
    slide(widget, "Padding, rows", 1, how)
    slide(widget, "Output padding, columns", 2, how)
    settings = {"mode": "custom", "padding": [1, 0], "output_padding": [0, 2], "stride": [3, 3]}
    agrees(widget, transposed=True, **settings)
    slide(widget, "Stamp", 7, how)
    work = widget.locator(".dlw-work").inner_text()
    assert work.startswith("X[1, 1] = 9 stamps 9·K = [0 −9 9 ; 9 0 0 ; 0 −9 9]")
    assert "Y[2…4, 3…5]" in work
    slide(widget, "Stride", 1, how)
    assert "must be smaller than the stride" in widget.locator(".dlw-nothing").inner_text()


@HOW
@pytest.mark.parametrize("mode", ["same", "full", "custom", "same_tf"])
def test_mode(widget, mode, how):
    choose(widget, "Mode", mode, how)
    more(widget)
    padding = [
        int(widget.get_by_label(f"Padding, {axis}", exact=True).input_value())
        for axis in ("rows", "columns")
    ]
    agrees(widget, mode=mode, padding=padding)


@HOW
def test_switches(widget, how):
    tick(widget, "Turn the kernel", how)
    # The turned kernel is shown turned; the labels still name the weights of K.
    assert widget.get_by_label("K[2, 2]", exact=True).input_value() == "1"
    agrees(widget, flip=True)
    more(widget)
    tick(widget, "ReLU on the output", how)
    agrees(widget, flip=True, relu=True)
    tick(widget, "Bias", how)
    field = widget.get_by_label("bias b[0]")
    field.fill("-3")
    agrees(widget, flip=True, relu=True, bias=[-3])


@HOW
def test_presets(widget, how):
    more(widget)
    choose(widget, "Fill kernel with", "count", how)
    assert read(widget)[1] == [[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]]
    choose(widget, "Fill input with", "edge", how)
    agrees(widget)
    assert widget.get_by_label("Example", exact=True).input_value() == ""
    for name in ("sobel", "sharpen", "dot"):
        choose(widget, "Example", name, how)
        agrees(widget)
    choose(widget, "Example", "channels", how)
    agrees(widget, bias=[1, -2])
    choose(widget, "Example", "depthwise", how)
    agrees(widget, groups=3)
    choose(widget, "Example", "transposed", how)
    agrees(widget, transposed=True, stride=[2, 2])


@HOW
def test_windows(widget, how):
    slide(widget, "Window", 5, how)
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
def test_play(widget, how):
    button = widget.locator(".dlw-play")
    press = button.click if how == "mouse" else lambda: button.press("Enter")
    press()
    assert button.inner_text() == "Pause"
    widget.wait_for_function("() => document.querySelector('.dlw-player input').value >= 2")
    press()
    assert button.inner_text() == "Play"
    at = widget.get_by_label("Window", exact=True).input_value()
    widget.wait_for_timeout(1000)
    assert widget.get_by_label("Window", exact=True).input_value() == at


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
    inputs, _, _ = read(widget)
    assert inputs[0][0][:3] == [5, -7, 0]
    agrees(widget)
    kernel = widget.get_by_label("K[1, 1]", exact=True)
    kernel.fill("1/2")
    shown = widget.get_by_label("Y[0, 0] = 10.5", exact=True)
    assert shown.count() == 1, "-7 + 14 (x01 = -7 instead of 6) - ... + 9/2"


def test_invalid_cell(widget):
    cell = widget.get_by_label("X[1, 2]", exact=True)
    before = read(widget)[2]
    for text, reason in (
        ("4x", "holds “4x”, which is not a number"),
        ("", "is empty"),
        ("1e9", "beyond a million"),
    ):
        cell.fill(text)
        assert cell.get_attribute("aria-invalid") == "true"
        message = widget.locator(".dlw-alert").inner_text()
        assert message.startswith("X[1, 2] ") and reason in message, message
        assert read(widget)[2] == before
    cell.press("Escape")
    assert cell.input_value() == "8"
    assert cell.get_attribute("aria-invalid") is None
    assert not widget.locator(".dlw-alert").is_visible()


def test_no_output_says_why(widget):
    more(widget)
    slide(widget, "Input size, rows", 2, "keyboard")
    box = widget.locator(".dlw-nothing")
    assert "the kernel has 3 rows, but the input has only 2" in box.inner_text()
    assert widget.get_by_label("Window", exact=True).is_disabled()
    slide(widget, "Dilation, rows", 2, "keyboard")
    assert "dilation 2 spans 5 rows" in box.inner_text()
    box.get_by_role("button").click()
    agrees(widget, mode="full", dilation=[2, 1])


def test_same_with_stride_is_explained(widget):
    choose(widget, "Mode", "same", "mouse")
    slide(widget, "Stride", 2, "keyboard")
    box = widget.locator(".dlw-nothing")
    assert "PyTorch refuses padding='same' with stride 2 × 2" in box.inner_text()
    assert "here 3 × 3" in box.inner_text()
    assert widget.get_by_label("Stride", exact=True).input_value() == "2", "not changed silently"
    box.get_by_role("button", name="Pad as TensorFlow does").click()
    agrees(widget, mode="same_tf", stride=[2, 2])


def test_size_formula(widget):
    slide(widget, "Stride", 2, "keyboard")
    fact = widget.locator(".dlw-facts dd").first.inner_text()
    assert fact == "rows and columns: ⌊(6 + 2·0 − 1·(3 − 1) − 1) / 2⌋ + 1 = 2"
    code = widget.locator(".dlw-facts code").inner_text()
    assert code == "F.conv2d(X, K, stride=2)"


def test_address(new_page, base):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{base}/two.html#further")
    ready(page, 2)
    more(page)
    choose(page, "Example", "edge", "mouse")
    slide(page, "Dilation, columns", 2, "keyboard")
    slide(page, "Window", 6, "keyboard")
    page.get_by_label("Mode", exact=True).nth(1).select_option("full")
    page.wait_for_function("() => location.search.includes('convolution-2=')")
    assert page.url.endswith("#further"), "the anchor stays"
    assert page.evaluate("history.length") <= 2
    page.get_by_role("button", name="Copy link").first.click()
    page.wait_for_function("() => document.querySelector('.dlw-copied').textContent === 'Link copied.'")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith("#widget-convolution")
    work = page.locator(".dlw-work").first.inner_text()

    other = new_page()
    other.goto(link)
    ready(other, 2)
    assert other.locator(".dlw-work").first.inner_text() == work
    agrees(other, dilation=[1, 2])
    assert other.get_by_label("Mode", exact=True).nth(1).input_value() == "full"

    more(page)
    page.get_by_role("button", name="Reset").first.click()
    page.wait_for_function("() => !location.search.includes('convolution=')")
    assert "convolution-2=" in page.url
    assert agrees(page)[0][0] == [-7, 8, 20, -6]


def test_bad_address(page, base):
    page.goto(f"{base}/light.html?convolution=s:99&other=1")
    ready(page)
    message = page.locator(".dlw-alert").inner_text()
    assert "could not be read: stride must be a whole number from 1 to 4" in message
    agrees(page)
    slide(page, "Stride", 2, "keyboard")
    page.wait_for_function("() => location.search === '?other=1&convolution=s:2'")
    assert not page.locator(".dlw-alert").is_visible()


def test_notebook_link(widget):
    more(widget)
    assert (
        widget.get_by_role("link", name="Open as notebook")
        .get_attribute("href")
        .endswith("/page.ipynb")
    )


def test_keys_stay_inside(widget):
    """No key without a modifier reaches the page, where a theme might turn it; Ctrl+K does."""
    more(widget)
    for field in widget.locator(".dlw-root :is(input, select, button):visible").all()[:60]:
        if field.is_enabled():
            field.evaluate(
                "(e) => e.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }))"
            )
    assert widget.evaluate("pageKeys") == []
    widget.locator(".dlw-player input").press("Control+k")
    assert "k" in widget.evaluate("pageKeys")
    bare = widget.locator(
        ".dlw-root :is(input, select, button, summary, a):not([data-lm-suppress-shortcuts])"
    )
    assert bare.count() == 0


def test_one_tab_stop_for_a_grid(widget):
    stops = widget.locator(".dlw-grid:visible").evaluate_all(
        "(all) => all.map((g) => g.querySelectorAll('[tabindex=\"0\"]').length)"
    )
    assert stops == [1, 1, 1]


def test_without_javascript(new_page, base):
    page = new_page(java_script_enabled=False)
    page.goto(f"{base}/light.html")
    image = page.locator(".dlw-box img")
    assert image.is_visible() and "first row -7, 8, 20, -6" in image.get_attribute("alt")
    assert not page.locator(".dlw-wait").is_visible()


def test_broken_script_leaves_the_picture(new_page, base):
    page = new_page()
    page.route(
        "**/convolution.js*",
        lambda r: r.fulfill(
            content_type="text/javascript",
            body='dlworkbook.define("convolution", { render() { throw new Error("broken"); } });',
        ),
    )
    page.goto(f"{base}/light.html")
    page.wait_for_selector(".dlw-box[data-ready=failed] img")


def test_from_disk(new_page, folder):
    page = new_page()
    page.goto((folder / "light.html").as_uri())
    ready(page)
    slide(page, "Stride", 2, "keyboard")
    agrees(page, stride=[2, 2])


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_accessible(new_page, base, theme, width):
    from axe_playwright_python.sync_playwright import Axe

    page = new_page(viewport={"width": width, "height": 900})
    for state in (
        "",
        "?convolution=channels-bad",
        "?convolution=x:photo_k:blur_m:same",
        "?convolution=x:ramp_s:2_m:same",
        "?convolution=s:2_t:1_m:custom",
    ):
        page.goto(f"{base}/{theme}.html{state}")
        ready(page)
        more(page)
        page.get_by_label("X[0, 1]", exact=True).fill("oops")
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == [], state


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_overflow(new_page, base, width):
    page = new_page(viewport={"width": width, "height": 800})
    for state in (
        "",
        "?convolution=x:photo_k:sobel_m:full_d:3",
        "?convolution=t:1_s:4_x:photo",
        "?convolution=g:3_x:3x2x2:1,2,3,4,1,2,3,4,1,2,3,4_k:3x1x1x1:1,2,3_b:1,2,3",
    ):
        page.goto(f"{base}/light.html{state}")
        ready(page)
        more(page)
        page.wait_for_timeout(400)  # grids look whether they scroll a little after they are drawn
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, state
        for region in page.locator(".dlw-scroll:visible").all():
            over = region.evaluate("(e) => e.scrollWidth > e.clientWidth + 1")
            assert (region.get_attribute("tabindex") == "0") == over
            assert not over or region.get_attribute("aria-labelledby")


@pytest.mark.parametrize("width", [360, 412, 768, 1280])
def test_layout_shift(new_page, base, width):
    """Nothing below the widget moves when it starts, and nothing in it when it is stepped."""
    page = new_page(viewport={"width": width, "height": 900})
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => { for (const e of list.getEntries())"
        " window.shift += e.value; }).observe({ type: 'layout-shift', buffered: true });"
    )
    page.goto(f"{base}/two.html")
    ready(page, 2)
    page.wait_for_timeout(300)
    assert page.evaluate("shift") <= 0.02
    height = page.evaluate("document.querySelector('.dlw-root').offsetHeight")
    for _ in range(15):
        page.locator(".dlw-player input").first.press("ArrowRight")
    assert page.evaluate("document.querySelector('.dlw-root').offsetHeight") == height


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_windows_slide_while_playing_unless_motion_is_reduced(new_page, base, motion):
    """A key press moves the window at once; only a show slides it."""
    page = new_page(reduced_motion=motion)
    page.goto(f"{base}/light.html")
    ready(page)
    sheet, duration = (
        page.locator(".dlw-sheet").first,
        "(e) => getComputedStyle(e).transitionDuration",
    )
    assert sheet.evaluate(duration) == "0s"
    page.locator(".dlw-play").click()
    assert (sheet.evaluate(duration) == "0s") == (motion == "reduce")
    page.locator(".dlw-play").click()
    assert sheet.evaluate(duration) == "0s"


def test_status_is_quiet_while_playing(widget):
    widget.evaluate(
        "() => { window.said = 0; new MutationObserver(() => window.said++).observe("
        "document.querySelector('.dlw-live > [role=status]'), { childList: true, characterData: true, subtree: true }); }"
    )
    widget.locator(".dlw-play").click()
    widget.wait_for_function("() => document.querySelector('.dlw-player input').value >= 4")
    assert widget.evaluate("said") <= 2


def test_a_step_lays_out_its_slider_and_its_text_alone(browser, new_page, base):
    """What makes a press cheap, told by the browser's own record; `make bench` measures the time.

    With the reason taken away (`contain`), the whole page is laid out: the test can fail."""
    page = new_page()
    page.goto(f"{base}/light.html")
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
def test_long_arithmetic_pushes_down_what_follows(new_page, base, width):
    page = new_page(viewport={"width": width, "height": 800})
    x, k = ",".join(["-99999"] * 36), ",".join(["-1234"] * 25)
    page.goto(f"{base}/light.html?convolution=x:1x6x6:{x}_k:1x1x5x5:{k}")
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


def test_on_the_built_page(page, site):
    scripts = []
    page.on("request", lambda request: scripts.append(request.url.split("/")[-1].split("?")[0]))
    page.goto(f"{site}/book/ch06_convolutional_networks/convolution.html")
    page.wait_for_timeout(1000)  # a script that should not be asked for would be by now
    assert "loader.js" in scripts and "convolution.js" not in scripts  # far below: not yet
    page.locator("[data-widget]").scroll_into_view_if_needed()
    ready(page)
    slide(page, "Stride", 2, "keyboard")
    inputs, kernel, outputs = read(page)
    assert (
        torch_answer({**START, "input": inputs, "kernel": kernel, "stride": [2, 2]})["y"] == outputs
    )
    assert page.url.split("?")[0].endswith("convolution.html"), "the arrow key turned the page"

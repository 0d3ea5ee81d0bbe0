"""The gradient widget in Chromium: every control, by mouse and by keyboard, against Python."""

# ruff: noqa: E501
from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dlworkbook.widgets.gradient_flow import GradientByLayer, codec
from dlworkbook.widgets.kit import bundle
from tests.kit.server import serve

ROOT = Path(__file__).resolve().parents[3]

DEPTHS = sorted(codec.DEPTHS)
THEME = {
    "light": "#222832;--pst-color-text-muted:#48566b;--pst-color-background:#fff;--pst-color-primary:#0a7d91",
    "dark": "#ced6dd;--pst-color-text-muted:#9ca4af;--pst-color-background:#14181e;--pst-color-primary:#3fb1c5",
}  # fmt: skip
MAKE = """
import json
from dlworkbook.widgets.gradient_flow import GradientByLayer
print(json.dumps([GradientByLayer().html(), GradientByLayer(activation="relu", init="he").html()]))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """light.html, dark.html (one widget each) and two.html (two widgets, an anchor)."""
    out = tmp_path_factory.mktemp("gradient")
    env = os.environ | {"DLWORKBOOK_STATIC": "1", "PYTHONPATH": str(ROOT)}
    made = subprocess.run(
        [sys.executable, "-c", MAKE], env=env, capture_output=True, text=True, check=True, cwd=ROOT
    )
    one, two = json.loads(made.stdout)
    for name, text in bundle.files().items():
        (out / name).write_text(text, encoding="utf-8")
    (out / "page.ipynb").write_text("{}")

    def page(name: str, theme: str, body: str) -> None:
        style = (
            f"html{{--pst-color-text-base:{THEME[theme]};background:var(--pst-color-background);"
            "color:var(--pst-color-text-base);font-family:system-ui}"
            "main{max-width:44rem;margin:auto;padding:0 8px}"
        )
        (out / name).write_text(
            f'<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<title>Gradients</title><link rel="icon" href="data:,">'
            '<link rel="alternate" type="application/x-ipynb+json" href="page.ipynb">'
            '<link rel="stylesheet" href="widgets.css"><script async src="loader.js"></script>'
            f"<style>{style}</style><script>window.pageKeys=[];"
            "document.addEventListener('keydown',(e)=>window.pageKeys.push(e.key))</script></head>"
            f"<body><main><h1>Gradients</h1>{body}<p>After</p></main></body></html>",
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


READ_LINE = """(box) => {
  const [main] = box.querySelectorAll("svg.dlw-chart");
  const xy = (d) => [...d.matchAll(/[ML]([\\d.-]+) ([\\d.-]+)/g)].map((m) => [+m[1], +m[2]]);
  const ticks = [...main.querySelectorAll(".dlw-axis text[text-anchor=end]")].map((t) => [t.textContent, +t.getAttribute("y") - 4]);
  return { line: xy(main.querySelector(".dlw-line").getAttribute("d")), ticks,
    layers: [...main.querySelectorAll(".dlw-axis text[text-anchor=middle]")].map((t) => +t.textContent),
    facts: [...box.querySelectorAll(".dlw-facts dd")].map((d) => d.textContent) };
}"""


def decade(text: str) -> int:
    if not text.startswith("10") or text == "10":
        return {"1": 0, "10": 1}[text]
    return int(text[2:].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))


def value(text: str) -> float:
    m = re.fullmatch(r"([\d.]+) × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text)
    return float(m[1]) * 10.0 ** decade(f"10{m[2]}") if m else float(text)


def agrees(page, box: int = 0, **settings) -> None:
    """The drawn curve, read back from pixels, and the factor are Python's for these settings."""
    want = GradientByLayer(**settings)
    rows = want.measured()["gradient"]
    shown = page.locator(".dlw-box").nth(box).evaluate(READ_LINE)
    assert len(shown["line"]) == want.depth
    assert shown["layers"][0] == 1 and shown["layers"][-1] == want.depth
    (low, y_low), (high, y_high) = [
        (decade(t), y) for t, y in (shown["ticks"][0], shown["ticks"][-1])
    ]
    scale = (high - low) / (y_high - y_low) if high != low else math.nan
    for (_, y), (_, mid, _) in zip(shown["line"], rows):
        assert low + (y - y_low) * scale == pytest.approx(mid, abs=0.15 * abs(scale) + 1e-6)
    factor = re.match(r"measured × (.+?), theory × ", shown["facts"][0])[1]
    assert value(factor) == pytest.approx(want.factor(), rel=0.01, abs=6e-4)


def more(page) -> None:
    if page.locator(".dlw-more").first.get_attribute("open") is None:
        page.locator(".dlw-more summary").first.click()


def slide(page, label: str, value: int, how: str) -> None:
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
        x = box["x"] + 8 + (box["width"] - 16) * (value - low) / (high - low)
        page.mouse.click(x, box["y"] + box["height"] / 2)
    assert slider.input_value() == str(value)


def choose(page, label: str, value: str, how: str) -> None:
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


def tick(page, how: str) -> None:
    box = page.get_by_label("Residual path", exact=True).first
    if how == "keyboard":
        box.focus()
        page.keyboard.press("Space")
    else:
        box.click()


HOW = pytest.mark.parametrize("how", ["mouse", "keyboard"])


def test_first_view(widget):
    agrees(widget)
    seen = widget.locator(".dlw-root :is(select, input, button):visible").count()
    assert seen == 6, "six controls in sight, the rest behind More"
    assert "theory × 0.14" in widget.locator(".dlw-facts dd").first.inner_text()


@HOW
@pytest.mark.parametrize("depth", [2, 5, 50])
def test_depth(widget, how, depth):
    slide(widget, "Depth (layers)", DEPTHS.index(depth), how)
    agrees(widget, depth=depth)
    slider = widget.get_by_label("Depth (layers)", exact=True)
    assert slider.get_attribute("aria-valuetext") == f"{depth} layers"
    assert widget.evaluate("pageKeys.filter((k) => k.startsWith('Arrow'))") == []


@HOW
@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu", "linear"])
def test_activation(widget, how, activation):
    choose(widget, "Activation", activation, how)
    agrees(widget, activation=activation)


@HOW
@pytest.mark.parametrize("init", ["xavier", "he", "orthogonal"])
def test_initialisation(widget, how, init):
    choose(widget, "Initialisation", init, how)
    agrees(widget, init=init)


@HOW
def test_standard_deviation(widget, how):
    s = widget.get_by_label("Standard deviation s", exact=True)
    assert s.is_disabled() and s.get_attribute("aria-valuetext") == "only for N(0, s²)"
    choose(widget, "Initialisation", "normal", how)
    assert s.is_enabled()
    agrees(widget, init="normal")
    for gain in (8, 1):
        slide(widget, "Standard deviation s", gain, how)
        agrees(widget, init="normal", gain=gain)
    assert s.get_attribute("aria-valuetext") == "0.0442, which is 0.3536 divided by root n"
    choose(widget, "Normalisation", "layer", how)
    agrees(widget, init="normal", gain=1, norm="layer")


@HOW
@pytest.mark.parametrize("norm", ["batch", "layer"])
def test_normalisation_and_residual(widget, how, norm):
    choose(widget, "Normalisation", norm, how)
    agrees(widget, norm=norm)
    tick(widget, how)
    agrees(widget, norm=norm, residual=True)
    choose(widget, "Normalisation", "none", how)
    agrees(widget, residual=True)
    tick(widget, how)
    agrees(widget)


@HOW
def test_outputs_in_place_of_weights(widget, how):
    more(widget)
    choose(widget, "Gradient with respect to", "h", how)
    agrees(widget, wrt="h")
    assert "∂L/∂h" in widget.locator(".dlw-charts .dlw-caption").first.inner_text()


def test_status_says_it(widget):
    choose(widget, "Activation", "relu", "keyboard")
    choose(widget, "Initialisation", "he", "keyboard")
    widget.wait_for_function(
        "() => [...document.querySelectorAll('[role=status]')].some((e) => /^20 layers, ReLU, He: gradient of the weights times [\\d.]+ per layer down \\(theory 1\\.000\\)/.test(e.textContent))"
    )


def test_float32_ends(widget):
    rows = GradientByLayer().measured()["gradient"]
    room = round(min(r[1] for r in rows) + 126 * math.log10(2))
    assert f"{room} decades lower" in widget.locator(".dlw-marks").first.text_content()
    slide(widget, "Depth (layers)", DEPTHS.index(50), "keyboard")
    choose(widget, "Initialisation", "normal", "mouse")
    slide(widget, "Standard deviation s", 0, "keyboard")
    rows = GradientByLayer(depth=50, init="normal", gain=0).measured()["gradient"]
    lost = sum(r[1] < -150 * math.log10(2) for r in rows)
    fact = widget.locator(".dlw-facts dd").nth(2).inner_text()
    assert lost > 5 and fact.startswith(f"{lost} of 50 layers get exactly 0")
    assert "underflows below" in widget.locator(".dlw-marks").first.text_content()
    choose(widget, "Activation", "linear", "mouse")
    slide(widget, "Standard deviation s", 8, "keyboard")
    more(widget)
    choose(widget, "Gradient with respect to", "h", "mouse")
    assert "all layers within range" in widget.locator(".dlw-facts dd").nth(2).inner_text()


def test_before_the_last_change(widget):
    before = widget.locator(".dlw-before").first
    assert before.get_attribute("d") == ""
    choose(widget, "Normalisation", "batch", "mouse")
    kept = before.get_attribute("d")
    assert kept.count("L") == 19
    slide(widget, "Depth (layers)", DEPTHS.index(30), "keyboard")
    assert before.get_attribute("d").count("L") == 19


@pytest.mark.parametrize(("norm", "residual", "code"), [
    ("none", False, "h = torch.sigmoid(linear(h))"), ("layer", True, "h = h + torch.sigmoid(layer_norm(linear(h)))"),
])  # fmt: skip
def test_code(widget, norm, residual, code):
    choose(widget, "Normalisation", norm, "mouse")
    if residual:
        tick(widget, "mouse")
    assert widget.locator(".dlw-facts code").inner_text() == code


def test_address_and_reset(new_page, base):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{base}/two.html#further")
    ready(page, 2)
    agrees(page, 1, activation="relu", init="he")
    more(page)
    choose(page, "Activation", "gelu", "mouse")
    slide(page, "Depth (layers)", 9, "keyboard")
    tick(page, "mouse")
    page.get_by_label("Normalisation", exact=True).nth(1).select_option("batch")
    page.wait_for_function(
        "() => location.search.includes('gradient_flow-2=') && location.search.includes('d:50')"
    )
    assert page.url.endswith("#further"), "the anchor stays"
    page.get_by_role("button", name="Copy link").first.click()
    page.wait_for_function("() => document.querySelector('.dlw-copied').textContent === 'Link copied.'")
    link = page.evaluate("navigator.clipboard.readText()")

    other = new_page()
    other.goto(link)
    ready(other, 2)
    agrees(other, activation="gelu", depth=50, residual=True)
    agrees(other, 1, activation="relu", init="he", norm="batch")

    page.get_by_role("button", name="Reset").first.click()
    page.wait_for_function("() => !location.search.includes('gradient_flow=')")
    assert "gradient_flow-2=" in page.url
    agrees(page)


def test_bad_address(page, base):
    page.goto(f"{base}/light.html?gradient_flow=d:6&other=1")
    ready(page)
    message = page.locator(".dlw-alert").inner_text()
    assert "could not be read: depth must be one of 2, 3, 5" in message
    agrees(page)
    slide(page, "Depth (layers)", 0, "keyboard")
    page.wait_for_function("() => location.search === '?other=1&gradient_flow=d:2'")
    assert not page.locator(".dlw-alert").is_visible()


def test_keys_stay_inside(widget):
    more(widget)
    for field in widget.locator(".dlw-root :is(input, select, button):visible").all():
        field.evaluate(
            "(e) => e.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }))"
        )
    assert widget.evaluate("pageKeys") == []
    bare = widget.locator(
        ".dlw-root :is(input, select, button, summary, a):not([data-lm-suppress-shortcuts])"
    )
    assert bare.count() == 0
    link = widget.get_by_role("link", name="Open as notebook")
    assert link.get_attribute("href").endswith("/page.ipynb")


def test_without_javascript(new_page, base):
    page = new_page(java_script_enabled=False)
    page.goto(f"{base}/light.html")
    image = page.locator(".dlw-box img")
    assert image.is_visible() and "20 layers, sigmoid, PyTorch default" in image.get_attribute(
        "alt"
    )
    assert not page.locator(".dlw-wait").is_visible()


def test_from_disk(new_page, folder):
    page = new_page()
    page.goto((folder / "light.html").as_uri())
    ready(page)
    slide(page, "Depth (layers)", 0, "keyboard")
    agrees(page, depth=2)


STATES = ("", "?gradient_flow=bad", "?gradient_flow=d:50_i:normal_g:0", "?gradient_flow=d:2_a:relu_n:batch_r:1",
          "?gradient_flow=d:50_a:linear_i:normal_g:8_r:1_w:h")  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_accessible(new_page, base, theme, width):
    from axe_playwright_python.sync_playwright import Axe

    page = new_page(viewport={"width": width, "height": 900})
    for state in STATES:
        page.goto(f"{base}/{theme}.html{state}")
        ready(page)
        more(page)
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == [], state


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_overflow(new_page, base, width):
    page = new_page(viewport={"width": width, "height": 800})
    for state in STATES:
        page.goto(f"{base}/light.html{state}")
        ready(page)
        more(page)
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, state
        inside = page.evaluate("""[...document.querySelectorAll('svg.dlw-chart text')].filter((t) => {
          const a = t.getBoundingClientRect(), b = t.closest('.dlw-root').getBoundingClientRect();
          return a.left < b.left || a.right > b.right; }).map((t) => t.textContent)""")
        assert inside == [], state


@pytest.mark.parametrize("width", [360, 412, 768, 1280])
def test_layout_shift(new_page, base, width):
    """Nothing below the widget moves when it starts, nor when depth and settings change."""
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
    for key in ["ArrowLeft"] * 5 + ["ArrowRight"] * 8:
        page.get_by_label("Depth (layers)", exact=True).first.press(key)
        assert page.evaluate("document.querySelector('.dlw-root').offsetHeight") == height


def test_on_the_built_page(page, site):
    page.goto(f"{site}/book/ch04_multilayer_perceptrons/vanishing_gradients.html")
    page.locator("[data-widget]").scroll_into_view_if_needed()  # it starts when it comes near
    ready(page)
    slide(page, "Depth (layers)", 9, "keyboard")
    agrees(page, depth=50)
    assert page.url.split("?")[0].endswith("vanishing_gradients.html"), (
        "the arrow key turned the page"
    )

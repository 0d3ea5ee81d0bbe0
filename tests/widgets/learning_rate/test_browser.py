"""The learning-rate sweep in Chromium: every control, by mouse and by keyboard.

What is shown (words, numbers, the places of marks on the axes) is compared with the runs in
the file, which ``tests/widgets/learning_rate/test_model.py`` compares with torch.
"""

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

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.learning_rate import LearningRateSweep, stored
from tests.kit.server import serve

ROOT = Path(__file__).resolve().parents[3]

THEME = {
    "light": "#222832;--pst-color-text-muted:#48566b;--pst-color-background:#fff;--pst-color-primary:#0a7d91",
    "dark": "#ced6dd;--pst-color-text-muted:#9ca4af;--pst-color-background:#14181e;--pst-color-primary:#3fb1c5",
}  # fmt: skip
MAKE = """
import json
from dlworkbook.widgets.learning_rate import LearningRateSweep
print(json.dumps([LearningRateSweep().html(), LearningRateSweep(method="adam", features="well").html()]))
"""
HOW = pytest.mark.parametrize("how", ["mouse", "keyboard"])


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
        style = (
            f"html{{--pst-color-text-base:{THEME[theme]};"
            "background:var(--pst-color-background);color:var(--pst-color-text-base);"
            "font-family:system-ui}main{max-width:44rem;margin:auto;padding:0 8px}"
        )
        (out / name).write_text(
            f'<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<title>Sweep</title><link rel="icon" href="data:,">'
            '<link rel="alternate" type="application/x-ipynb+json" href="page.ipynb">'
            '<link rel="stylesheet" href="widgets.css"><script async src="loader.js"></script>'
            f"<style>{style.replace('{{', '{')}</style>"
            "<script>window.pageKeys=[];document.addEventListener('keydown',"
            "(e)=>window.pageKeys.push(e.key))</script></head>"
            f"<body><main><h1>Sweep</h1>{body}<p>After</p></main></body></html>",
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
    """The widget of the light page; its page must stay without a complaint."""
    page.goto(f"{base}/light.html")
    ready(page)
    yield page
    assert page.dlw_events.problems() == []


# --- reading the widget: marks are read in the units of the axes, from the ticks beside them
READ = """(box) => {
  const plots = [...box.querySelectorAll(".dlw-plot svg")];
  const number = (t) => Number(t.replace("−", "-"));
  const axes = plots.map((svg) => {
    const texts = [...svg.querySelectorAll(".dlw-axes text")].filter((t) => Number.isFinite(number(t.textContent)) && t.textContent.trim());
    const of = (anchor) => texts.filter((t) => t.getAttribute("text-anchor") === anchor).map((t) => [number(t.textContent), Number(t.getAttribute(anchor === "middle" ? "x" : "y")) - (anchor === "middle" ? 0 : 3.5)]);
    return { x: of("middle"), y: of("end") };
  });
  const path = (kind) => [...plots[2].lastElementChild.querySelectorAll("path." + kind)].map((p) => p.getAttribute("d"))[0];
  const points = (plot, kind) => (plots[plot].querySelector("polyline." + kind)?.getAttribute("points") ?? "").split(" ").filter(Boolean).map((p) => p.split(",").map(Number));
  const end = plots[1].querySelector("circle.dlw-now");
  return {
    axes, mark: path("dlw-now"), keptMark: path("dlw-kept"),
    way: points(0, "dlw-now"), keptWay: points(0, "dlw-kept"), curve: points(1, "dlw-now"), keptCurve: points(1, "dlw-kept"), sweep: points(2, "dlw-now"),
    end: end.getAttribute("visibility") === "hidden" ? null : Number(end.getAttribute("cy")),
    limit: plots[2].querySelector(".dlw-limit")?.getAttribute("x1") ?? null,
    contours: plots[0].querySelectorAll("ellipse").length,
    words: box.querySelector(".dlw-work").textContent, facts: [...box.querySelectorAll(".dlw-facts dd")].map((e) => e.textContent),
    value: box.querySelector("input[type=range]").getAttribute("aria-valuetext"), output: box.querySelector("output").textContent,
  };
}"""


def scale(ticks: list, log: bool):
    """Pixels -> the unit of an axis, from its first and last tick."""
    values = [math.log10(v) if log else v for v, _ in ticks]
    (v0, p0), (v1, p1) = (values[0], ticks[0][1]), (values[-1], ticks[-1][1])

    def value(pixel: float) -> float:
        v = v0 + (pixel - p0) * (v1 - v0) / (p1 - p0)
        return 10**v if log else v

    return value


def agrees(page, box: int = 0, **settings) -> dict:
    """Everything shown is that of the run with these settings; returns what is shown."""
    want = LearningRateSweep(**settings)
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    runs, finals = stored(), want.finals()
    rate, final = runs["rates"][want.rate], finals[want.rate]
    about = runs["surfaces"][want.features]

    # words
    assert f"rate {rate:.3g}:" in shown["words"]
    if final == math.inf:
        assert "diverged" in shown["words"]
    else:
        number = re.search(r"the loss is ([\d.]+)", shown["words"])[1]
        assert float(number) == pytest.approx(final, rel=6e-3)
    assert shown["value"] == shown["output"] and shown["value"].startswith(f"{rate:.3g}")
    edge = want.limit()
    assert (edge is None) == (shown["limit"] is None)
    assert re.search(rf"lr={rate:.3g}[,)]", shown["facts"][3])
    assert ("Adam" in shown["facts"][3]) == (want.method == "adam")
    assert ("momentum=0.9" in shown["facts"][3]) == (want.method == "momentum")

    # the place among all rates
    x, y = (scale(shown["axes"][2][a], True) for a in "xy")
    assert len(shown["sweep"]) == 41
    left, height = (float(v) for v in re.match(r"M(-?[\d.]+) (-?[\d.]+)", shown["mark"]).groups())
    if final <= 100:
        assert x(left + 5) == pytest.approx(rate, rel=0.01)
        assert y(height) == pytest.approx(final, rel=0.02)
    else:
        assert shown["mark"].endswith("Z") and "L" in shown["mark"], "a triangle at the top"
        assert x(left + 6) == pytest.approx(rate, rel=0.01)
    for k, (px, py) in enumerate(shown["sweep"]):
        assert x(px) == pytest.approx(runs["rates"][k], rel=0.01)
        if finals[k] < 1000:
            assert y(py) == pytest.approx(finals[k], rel=0.02)
    if edge is not None:
        assert x(float(shown["limit"])) == pytest.approx(edge, rel=0.01)

    # the loss after each update
    height = scale(shown["axes"][1]["y"], True)
    assert (shown["end"] is None) == (final > 100)
    if final <= 100:
        assert height(shown["end"]) == pytest.approx(final, rel=0.03)
        assert len(shown["curve"]) == len(runs["steps"])
        assert height(shown["curve"][-1][1]) == pytest.approx(final, rel=0.12)  # stored coarsely

    # the path: from (0, 0), and where it ends has the final loss
    w, b = (scale(shown["axes"][0][a], False) for a in "xy")
    path = [(w(px), b(py)) for px, py in shown["way"]]
    assert path[0] == pytest.approx((0, 0), abs=0.03)
    assert shown["contours"] == 5
    if final <= 3:
        e = [path[-1][i] - about["optimum"][i] for i in (0, 1)]
        c = [sum(about["vectors"][i][j] * e[i] for i in (0, 1)) for j in (0, 1)]
        loss = about["least"] + sum(k * v**2 for k, v in zip(about["curvatures"], c)) / 2
        assert abs(loss - final) < 0.12 * final + 0.02
    return shown


def slide(page, value: int, how: str) -> None:
    """Move the rate, with mouse or arrow keys."""
    slider = page.get_by_label("Learning rate", exact=True).first
    if how == "keyboard":
        slider.focus()
        now = int(slider.input_value())
        for _ in range(abs(value - now)):
            slider.press("ArrowRight" if value > now else "ArrowLeft")
    else:
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        x = box["x"] + 8 + (box["width"] - 16) * value / 40
        page.mouse.click(x, box["y"] + box["height"] / 2)
    assert slider.input_value() == str(value)
    assert slider.get_attribute("aria-valuetext")


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


def press(button, how: str) -> None:
    if how == "mouse":
        button.click()
    else:
        button.press("Enter")


def test_first_view(widget):
    shown = agrees(widget)
    assert "2/λmax" in shown["value"]
    visible = widget.locator(".dlw-root :is(select, input, button):visible").count()
    assert visible == 6, "six controls in sight, the rest behind More"


@HOW
@pytest.mark.parametrize("rate", [0, 9, 23, 25, 40])
def test_rate(widget, rate, how):
    slide(widget, rate, how)
    agrees(widget, rate=rate)
    words = f"rate {stored()['rates'][rate]:.3g}:"
    widget.wait_for_function(
        "(words) => document.querySelector('.dlw-live > [role=status]').textContent.includes(words)",
        arg=words,
    )
    assert widget.evaluate("pageKeys.filter((k) => k.startsWith('Arrow'))") == []


def test_keys_of_a_slider(widget):
    slider = widget.get_by_label("Learning rate", exact=True)
    slider.focus()
    for key, rate in (("Home", 0), ("ArrowUp", 1), ("End", 40), ("ArrowDown", 39)):
        slider.press(key)
        agrees(widget, rate=rate)


@HOW
@pytest.mark.parametrize("method", ["momentum", "adam"])
def test_method(widget, method, how):
    choose(widget, "Method", method, how)
    shown = agrees(widget, method=method)
    assert ("no bound" in shown["facts"][0]) == (method == "adam")
    slide(widget, 20, how)
    agrees(widget, method=method, rate=20)


@HOW
@pytest.mark.parametrize("batch", [1, 10])
def test_batch(widget, batch, how):
    choose(widget, "Batch", str(batch), how)
    agrees(widget, batch=batch)
    slide(widget, 18, how)
    agrees(widget, batch=batch, rate=18)


@HOW
@pytest.mark.parametrize("features", ["well", "standardised"])
def test_features(widget, features, how):
    choose(widget, "Feature", features, how)
    agrees(widget, features=features)
    condition = widget.locator(".dlw-shapes").inner_text()
    curvatures = stored()["surfaces"][features]["curvatures"]
    assert condition.endswith(f"= {max(curvatures) / min(curvatures):.3g}")
    slide(widget, 31, how)
    agrees(widget, features=features, rate=31)


def test_click_in_the_sweep(widget):
    """The picture chooses the rate below the pointer, also while it is dragged."""
    svg = widget.locator(".dlw-pick")
    box = svg.bounding_box()
    points = widget.locator(".dlw-box").evaluate(READ)["sweep"]
    widget.mouse.move(box["x"] + points[12][0], box["y"] + 60)
    widget.mouse.down()
    agrees(widget, rate=12)
    widget.mouse.move(box["x"] + points[30][0] + 1, box["y"] + 80)
    widget.mouse.up()
    agrees(widget, rate=30)
    widget.mouse.move(box["x"] + points[3][0], box["y"] + 80)
    agrees(widget, rate=30)


@HOW
def test_keep(widget, how):
    keep = widget.get_by_role("button", name="Keep this run")
    before = widget.locator(".dlw-box").evaluate(READ)
    assert before["keptWay"] == [] or not widget.locator("polyline.dlw-kept").first.is_visible()
    press(keep, how)
    slide(widget, 15, how)
    shown = agrees(widget, rate=15, kept="sgd-100-badly-22")
    assert shown["keptWay"] == before["way"] and shown["keptCurve"] == before["curve"]
    assert shown["keptMark"] == before["mark"]
    final = LearningRateSweep().finals()[22]
    assert shown["facts"][2] == f"SGD, full batch, badly conditioned, rate 0.158: loss {final:.3g}"
    choose(widget, "Feature", "well", how)
    shown = agrees(widget, features="well", rate=15)
    assert shown["keptWay"] == [], "its path has no place over another loss"
    assert shown["keptCurve"] == before["curve"]
    press(widget.get_by_role("button", name="Drop kept run"), how)
    assert widget.locator(".dlw-box").evaluate(READ)["facts"][2] == "none"
    assert not widget.locator("polyline.dlw-kept").first.is_visible()


@HOW
def test_reset(widget, how):
    choose(widget, "Method", "adam", how)
    slide(widget, 3, how)
    press(widget.get_by_role("button", name="Reset"), how)
    agrees(widget)


def test_address(new_page, base):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{base}/two.html#further")
    ready(page, 2)
    agrees(page, 1, method="adam", features="well")
    choose(page, "Method", "momentum", "mouse")
    press(page.get_by_role("button", name="Keep this run").first, "mouse")
    slide(page, 26, "keyboard")
    page.get_by_label("Batch", exact=True).nth(1).select_option("1")
    page.wait_for_function("() => location.search.includes('learning_rate-2=')")
    assert page.url.endswith("#further"), "the anchor stays"
    assert page.evaluate("history.length") <= 2
    page.locator(".dlw-more summary").first.click()
    page.get_by_role("button", name="Copy link").first.click()
    page.wait_for_function("() => document.querySelector('.dlw-copied').textContent === 'Link copied.'")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith("#widget-learning_rate")
    assert "learning_rate=momentum-100-badly-26_momentum-100-badly-22" in link
    words = page.locator(".dlw-work").first.inner_text()

    other = new_page()
    other.goto(link)
    ready(other, 2)
    assert other.locator(".dlw-work").first.inner_text() == words
    agrees(other, method="momentum", rate=26)
    agrees(other, 1, method="adam", features="well", batch=1)

    page.get_by_role("button", name="Reset").first.click()
    page.wait_for_function("() => !location.search.includes('learning_rate=')")
    assert "learning_rate-2=" in page.url
    agrees(page)


def test_bad_address(page, base):
    page.goto(f"{base}/light.html?learning_rate=sgd-100-badly-99&other=1")
    ready(page)
    message = page.locator(".dlw-alert").inner_text()
    assert "could not be read: rate must be a whole number from 0 to 40" in message
    agrees(page)
    slide(page, 5, "keyboard")
    page.wait_for_function("() => location.search === '?other=1&learning_rate=sgd-100-badly-5'")
    assert not page.locator(".dlw-alert").is_visible()


def test_notebook_link(widget):
    widget.locator(".dlw-more summary").click()
    link = widget.get_by_role("link", name="Open as notebook")
    assert link.get_attribute("href").endswith("/page.ipynb")


def test_keys_stay_inside(widget):
    """No key without a modifier reaches the page, where a theme might turn it; Ctrl+K does."""
    widget.locator(".dlw-more summary").click()
    for field in widget.locator(".dlw-root :is(input, select, button):visible").all():
        field.evaluate(
            "(e) => e.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }))"
        )
    assert widget.evaluate("pageKeys") == []
    widget.get_by_label("Learning rate", exact=True).press("Control+k")
    assert "k" in widget.evaluate("pageKeys")
    bare = widget.locator(
        ".dlw-root :is(input, select, button, summary, a):not([data-lm-suppress-shortcuts])"
    )
    assert bare.count() == 0


def test_without_javascript(new_page, base):
    page = new_page(java_script_enabled=False)
    page.goto(f"{base}/light.html")
    image = page.locator(".dlw-box img")
    assert image.is_visible() and "2/lambda_max" in image.get_attribute("alt")
    assert not page.locator(".dlw-wait").is_visible()


def test_broken_script_leaves_the_picture(new_page, base):
    page = new_page()
    page.route(
        "**/learning_rate.js*",
        lambda r: r.fulfill(
            content_type="text/javascript",
            body='dlworkbook.define("learning_rate", { render() { throw new Error("broken"); } });',
        ),
    )
    page.goto(f"{base}/light.html")
    page.wait_for_selector(".dlw-box[data-ready=failed] img")


def test_from_disk(new_page, folder):
    page = new_page()
    page.goto((folder / "light.html").as_uri())
    ready(page)
    slide(page, 14, "keyboard")
    agrees(page, rate=14)


STATES = (
    "", "?learning_rate=sgd-100-badly-bad", "?learning_rate=sgd-1-well-33_adam-1-well-33",
    "?learning_rate=adam-10-standardised-40", "?learning_rate=momentum-1-badly-28_sgd-100-badly-22",
)  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_accessible(new_page, base, theme, width):
    from axe_playwright_python.sync_playwright import Axe

    page = new_page(viewport={"width": width, "height": 900})
    for state in STATES:
        page.goto(f"{base}/{theme}.html{state}")
        ready(page)
        page.locator(".dlw-more summary").click()
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == [], state


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_overflow(new_page, base, width):
    page = new_page(viewport={"width": width, "height": 800})
    for state in STATES:
        page.goto(f"{base}/light.html{state}")
        ready(page)
        page.locator(".dlw-more summary").click()
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, state
        out = page.evaluate("""() => {
          const root = document.querySelector('.dlw-root').getBoundingClientRect();
          return [...document.querySelectorAll('.dlw-plot svg text, .dlw-root :is(button, select, input, output)')]
            .filter((e) => { const r = e.getBoundingClientRect(); return r.width && (r.left < root.left - 1 || r.right > root.right + 1); })
            .map((e) => e.textContent);
        }""")
        assert out == [], state


def test_labels_do_not_overlap(new_page, base):
    """Texts of one picture keep apart, whatever the setting."""
    for width in (360, 1280):
        page = new_page(viewport={"width": width, "height": 900})
        for state in ("", *(f"?learning_rate={m}-{b}-{f}-20" for m in ("sgd", "momentum", "adam")
                            for b in (1, 100) for f in ("well", "badly"))):  # fmt: skip
            page.goto(f"{base}/light.html{state}")
            ready(page)
            pairs = page.evaluate("""() => [...document.querySelectorAll('.dlw-plot svg')].flatMap((svg) => {
              const all = [...svg.querySelectorAll('text')].filter((t) => t.textContent).map((t) => [t.textContent, t.getBoundingClientRect()]);
              return all.flatMap(([a, r], i) => all.slice(i + 1).filter(([, q]) => r.left < q.right - 1 && q.left < r.right - 1 && r.top < q.bottom - 2 && q.top < r.bottom - 2).map(([b]) => `${a} / ${b}`));
            })""")
            assert pairs == [], (width, state)


@pytest.mark.parametrize("width", [360, 412, 768, 1280])
def test_layout_shift(new_page, base, width):
    """Nothing below the widget moves when it starts, and nothing in it when the rate moves."""
    page = new_page(viewport={"width": width, "height": 900})
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => { for (const e of list.getEntries())"
        " window.shift += e.value; }).observe({ type: 'layout-shift', buffered: true });"
    )
    page.goto(f"{base}/two.html")
    ready(page, 2)
    page.wait_for_timeout(300)
    assert page.evaluate("shift") <= 0.02
    sizes = page.evaluate(
        "[document.querySelector('.dlw-root').offsetHeight, parseFloat(getComputedStyle(document.querySelector('.dlw-wait')).minHeight)]"
    )
    assert abs(sizes[0] - sizes[1]) <= 8, sizes
    for _ in range(18):
        page.get_by_label("Learning rate").first.press("ArrowRight")
        assert page.evaluate("document.querySelector('.dlw-root').offsetHeight") == sizes[0]


def test_on_the_built_page(page, site):
    page.goto(f"{site}/book/ch03_linear_networks/linear_regression_scratch.html")
    page.locator("[data-widget]").scroll_into_view_if_needed()
    ready(page)
    slide(page, 25, "keyboard")
    agrees(page, rate=25)
    assert "linear_regression_scratch.html" in page.url, "the arrow key turned the page"

"""The attention maps in Chromium: every control, by mouse and by keyboard, against torch.

The pages are made here from the widget's own static HTML, loader and style; one test at the end
drives the widget on the built page.
"""

# ruff: noqa: E501
from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from dlworkbook.widgets.attention_maps import make_runs as made
from dlworkbook.widgets.attention_maps.widget import TEMPERATURES, trainings
from dlworkbook.widgets.kit import bundle
from tests.kit.server import serve

ROOT = Path(__file__).resolve().parents[3]

THEME = {
    "light": "#222832;--pst-color-text-muted:#48566b;--pst-color-background:#fff;--pst-color-primary:#0a7d91",
    "dark": "#ced6dd;--pst-color-text-muted:#9ca4af;--pst-color-background:#14181e;--pst-color-primary:#3fb1c5",
}
MAKE = """
import json
from dlworkbook.widgets.attention_maps import AttentionMaps
print(json.dumps([AttentionMaps().html(), AttentionMaps(sequence="REVERSE").html()]))
"""
STEPS = trainings()
LAST = len(STEPS) - 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """light.html, dark.html (one widget each) and two.html (two widgets, an anchor)."""
    out = tmp_path_factory.mktemp("maps")
    env = os.environ | {"DLWORKBOOK_STATIC": "1", "PYTHONPATH": str(ROOT)}
    made_html = subprocess.run(
        [sys.executable, "-c", MAKE], env=env, capture_output=True, text=True, check=True, cwd=ROOT
    )
    one, two = json.loads(made_html.stdout)
    for name, text in bundle.files().items():
        (out / name).write_text(text, encoding="utf-8")
    (out / "page.ipynb").write_text("{}")

    def page(name: str, theme: str, body: str) -> None:
        style = (
            f"html{{--pst-color-text-base:{THEME[theme]};background:var(--pst-color-background);"
            "color:var(--pst-color-text-base);font-family:system-ui}"
            "main{max-width:44rem;margin:auto;padding:0 8px}"
        ).replace("{{", "{")
        (out / name).write_text(
            f'<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<title>Maps</title><link rel="icon" href="data:,">'
            '<link rel="alternate" type="application/x-ipynb+json" href="page.ipynb">'
            '<link rel="stylesheet" href="widgets.css"><script async src="loader.js"></script>'
            f"<style>{style}</style>"
            "<script>window.pageKeys=[];document.addEventListener('keydown',"
            "(e)=>window.pageKeys.push(e.key))</script></head>"
            f"<body><main><h1>Maps</h1>{body}<p>After</p></main></body></html>",
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


@pytest.fixture(scope="module")
def nets():
    torch.set_num_threads(1)
    return [made.unpack(s) for s in made.read()["snapshots"]]


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


def shown(page) -> dict:
    """The map as shown: weights in percent, letters above, left and right of it."""
    return page.locator(".dlw-map").first.evaluate(
        """(grid) => {
          const all = [...grid.children].filter((e) => !e.matches(".dlw-sheet"));
          const n = all.filter((e) => e.tagName === "BUTTON").length ** 0.5, cols = n + 2;
          const at = (i, j) => all[i * cols + j].textContent;
          const range = [...Array(n).keys()];
          return { read: range.map((j) => at(0, j + 1)).join(""), fed: range.map((i) => at(i + 1, 0)),
            written: range.map((i) => at(i + 1, n + 1)).join(""),
            wrong: range.filter((i) => all[(i + 1) * cols + n + 1].classList.contains("dlw-wrong")),
            weights: range.map((i) => range.map((j) => Number(at(i + 1, j + 1)))) };
        }"""
    )


@torch.no_grad()
def agrees(page, nets, sequence="STRESSED", trained=LAST, temperature=1, given=False) -> dict:
    """The shown map is torch's; returns what is shown."""
    X = torch.tensor([[ord(c) - 64 for c in sequence]])
    fed = made.shifted(X.flip(1)) if given else None
    scores, maps = nets[trained](X, fed, temperature)
    picks = scores.argmax(dim=2)[0].tolist()
    seen = shown(page)
    assert seen["read"] == sequence
    letters = "".join(chr(64 + p) if p else "·" for p in picks)
    assert seen["written"] == letters
    for row, want in zip(seen["weights"], maps[0].tolist(), strict=True):
        assert row == pytest.approx([100 * w for w in want], abs=0.51)
    right = sequence[::-1]
    assert seen["wrong"] == [t for t in range(len(right)) if letters[t] != right[t]]
    before = [None, *(right[:-1] if given else letters[:-1])]
    assert seen["fed"][1:] == before[1:] and seen["fed"][0] == "▸"
    title = page.locator(".dlw-shapes").first.inner_text()
    assert title.startswith(f"{sequence} → {letters}")
    return seen


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
        x = box["x"] + 8 + (box["width"] - 16) * (value - low) / max(1, high - low)
        page.mouse.click(x, box["y"] + box["height"] / 2)
    assert slider.input_value() == str(value)
    assert slider.get_attribute("aria-valuetext")


HOW = pytest.mark.parametrize("how", ["mouse", "keyboard"])


def test_first_view(widget, nets):
    seen = agrees(widget, nets)
    assert seen["written"] == "DESSERTS" and seen["wrong"] == []
    visible = widget.locator(".dlw-root :is(select, input, button):visible:not(.dlw-grid *)")
    assert visible.count() == 6, "six controls in sight, the rest behind More"
    assert (
        widget.locator(".dlw-now .dlw-headline")
        .inner_text()
        .startswith("Step 3 of 8: fed E, writes S")
    )


def test_colours_are_the_weights(widget):
    """A cell's ground is the page's ground with 42% of its weight of blue; the strips likewise."""
    blue, ground = np.array([0x1D, 0x6F, 0xD1]) / 255, np.ones(3)
    cells = widget.locator(".dlw-map > button").evaluate_all(
        "(all) => all.map((e) => [Number(e.textContent), getComputedStyle(e).backgroundColor])"
    )
    assert len(cells) == 64
    for percent, colour in cells:
        found = np.array([float(c) for c in re.findall(r"[\d.]+", colour)])
        share = (ground - found)[0] / (ground - blue)[0]
        assert share == pytest.approx(0.42 * percent / 100, abs=0.013)
        assert found == pytest.approx(share * blue + (1 - share) * ground, abs=0.01)
    grounds = widget.locator(".dlw-strip > span").evaluate_all(
        "(all) => all.map((e) => getComputedStyle(e).backgroundColor)"
    )
    assert len(grounds) == 60 and len(set(grounds)) > 20


@HOW
@pytest.mark.parametrize("n", [0, 4, 9, LAST - 1])
def test_training(widget, nets, n, how):
    slide(widget, "Training", n, how)
    agrees(widget, nets, trained=n)
    text = widget.get_by_label("Training", exact=True).get_attribute("aria-valuetext")
    assert text == f"{STEPS[n]:,} steps"
    right = made.read()["snapshots"][n]["right"][7]
    fact = widget.locator(".dlw-facts dd").first.inner_text()
    assert fact.startswith(f"{100 * right:.1f}%".replace(".0%", "%"))
    assert widget.evaluate("pageKeys.filter((k) => k.startsWith('Arrow'))") == []


@HOW
@pytest.mark.parametrize("n", [0, 7, len(TEMPERATURES) - 1])
def test_temperature(widget, nets, n, how):
    slide(widget, "Temperature", n, how)
    agrees(widget, nets, temperature=TEMPERATURES[n])


@HOW
@pytest.mark.parametrize("word", ["REVERSE", "ATTENTION", "ABCDEFGHIJKL"])
def test_example(widget, nets, word, how):
    field = widget.get_by_label("Example", exact=True)
    if how == "mouse":
        field.select_option(word)
    else:
        field.focus()
        values = field.evaluate("(e) => [...e.options].map((o) => o.value)")
        for _ in values:
            widget.keyboard.press("ArrowUp")
        for _ in range(values.index(word)):
            widget.keyboard.press("ArrowDown")
    agrees(widget, nets, sequence=word)
    assert widget.get_by_label("Letters, up to 12").input_value() == word
    fact = widget.locator(".dlw-facts dd").first.inner_text()
    assert ("training showed 3 to 8 letters" in fact) == (len(word) > 8)


@HOW
def test_typed_word(widget, nets, how):
    field = widget.get_by_label("Letters, up to 12")
    if how == "mouse":
        field.fill("hello")
    else:
        field.focus()
        widget.keyboard.press("Control+a")
        widget.keyboard.type("hello")
    agrees(widget, nets, sequence="HELLO")
    assert widget.get_by_label("Example", exact=True).input_value() == ""
    field.fill("Z")
    agrees(widget, nets, sequence="Z")
    assert (
        widget.get_by_label("Output step", exact=True).get_attribute("aria-valuetext") == "1 of 1"
    )


def test_bad_words_are_explained(widget, nets):
    field = widget.get_by_label("Letters, up to 12")
    alarm = widget.locator(".dlw-alert")
    for text, reason in (
        ("", "is empty"),
        ("STR3SS", "holds “3”"),
        ("TWO WORDS", "holds a space"),
        ("ÜBER", "holds “Ü”"),
        ("ABCDEFGHIJKLM", "has 13 letters"),
    ):
        field.fill(text)
        assert field.get_attribute("aria-invalid") == "true"
        said = alarm.inner_text()
        assert reason in said and "STRESSED is used until it fits" in said, said
        agrees(widget, nets)
    field.press("Escape")
    assert field.input_value() == "STRESSED" and not alarm.is_visible()
    assert field.get_attribute("aria-invalid") is None


@HOW
def test_output_step(widget, how):
    slide(widget, "Output step", 5, how)
    assert widget.locator(".dlw-headline").inner_text() == "Step 6 of 8: fed E, writes R: right"
    assert (
        widget.get_by_label("Output step", exact=True).get_attribute("aria-valuetext") == "6 of 8"
    )
    current = widget.locator(".dlw-map [aria-current]")
    assert current.get_attribute("aria-label").startswith("step 6, letter 3, R: weight 0.")
    widget.wait_for_function(
        "() => [...document.querySelectorAll('.dlw-live > [role=status]')].some((e) => e.textContent.includes('step 6 of 8: looks at letter 3, R, with weight'))"
    )


@HOW
def test_cell(widget, nets, how):
    cells = widget.locator(".dlw-map button")
    if how == "mouse":
        cells.nth(8 * 1 + 3).click()
    else:
        stop = widget.locator(".dlw-map [tabindex='0']")
        assert stop.count() == 1
        stop.focus()
        here = stop.get_attribute("aria-label")
        assert here.startswith("step 3, letter 6, S")
        widget.keyboard.press("ArrowUp")
        for _ in range(2):
            widget.keyboard.press("ArrowLeft")
    label = widget.locator(".dlw-map [aria-current]").get_attribute("aria-label")
    assert label.startswith("step 2, letter 4, E"), label
    assert widget.locator(".dlw-headline").inner_text().startswith("Step 2 of 8")
    with torch.no_grad():  # the numbers of that cell
        net, X = nets[LAST], torch.tensor([[ord(c) - 64 for c in "STRESSED"]])
        hidden, _ = net.encoder(net.emb_layer(X))
        query, x = net.mlp1(hidden).mean(dim=1)[None], torch.zeros(1, 1, dtype=torch.long)
        context = torch.softmax(query.transpose(0, 1) @ hidden.transpose(1, 2), dim=2) @ hidden
        _, query = net.decoder(torch.cat([context, net.dec_emb_layer(x)], dim=2), query)
        scores = hidden[0] @ query[0, 0]
        context = torch.softmax(scores, dim=0) @ hidden[0]
    work = widget.locator(".dlw-work p").first.inner_text()
    assert work.startswith("s₁·h₄ = ")
    assert work.endswith(f"= {scores[3]:.2f}".replace("-", "−"))
    row = [c.inner_text() for c in widget.locator(".dlw-scores tbody tr").first.locator("td").all()]
    assert [float(t.replace("−", "-")) for t in row] == pytest.approx(scores.tolist(), abs=0.051)
    more(widget)
    units = widget.locator(".dlw-units tbody tr")
    for i in (0, 7, 19):
        cells = [float(c.inner_text().replace("−", "-")) for c in units.nth(i).locator("td").all()]
        q, k, c = query[0, 0, i], hidden[0, 3, i], context[i]
        want = [float(v) for v in (q, k, q * k, c)]
        assert cells == pytest.approx(want, abs=0.00051)


def test_hover(widget):
    cell = widget.locator(".dlw-map button").nth(8 * 6 + 1)
    cell.hover()
    assert widget.locator(".dlw-headline").inner_text().startswith("Step 7 of 8")
    assert (
        widget.locator(".dlw-map [aria-current]")
        .get_attribute("aria-label")
        .startswith("step 7, letter 2, T")
    )
    widget.mouse.move(2, 2)
    assert widget.locator(".dlw-headline").inner_text().startswith("Step 3 of 8")


@HOW
def test_play(widget, how):
    button = widget.locator(".dlw-play")
    press = button.click if how == "mouse" else lambda: button.press("Enter")
    press()
    assert button.inner_text() == "Pause"
    widget.wait_for_function("() => document.querySelector('.dlw-player input').value >= 4")
    press()
    assert button.inner_text() == "Play"
    at = widget.get_by_label("Output step", exact=True).input_value()
    widget.wait_for_timeout(1100)
    assert widget.get_by_label("Output step", exact=True).input_value() == at


@HOW
def test_right_letters_as_input(widget, nets, how):
    slide(widget, "Training", 6, "keyboard")
    more(widget)
    box = widget.get_by_label("Feed the right letters, not its own", exact=True)
    if how == "keyboard":
        box.focus()
        widget.keyboard.press("Space")
    else:
        box.click()
    agrees(widget, nets, trained=6, given=True)


def test_address(new_page, base, nets):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{base}/two.html#further")
    ready(page, 2)
    page.get_by_label("Letters, up to 12").first.fill("palindrome")
    slide(page, "Training", 8, "keyboard")
    slide(page, "Temperature", 2, "keyboard")
    slide(page, "Output step", 6, "keyboard")
    slide_two = page.get_by_label("Temperature", exact=True).nth(1)
    slide_two.focus()
    slide_two.press("ArrowRight")
    page.wait_for_function("() => location.search.includes('attention_maps-2=')")
    assert page.url.endswith("#further") and page.evaluate("history.length") <= 2
    more(page)
    page.get_by_role("button", name="Copy link").first.click()
    page.wait_for_function("() => document.querySelector('.dlw-copied').textContent === 'Link copied.'")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith("#widget-attention_maps")
    headline = page.locator(".dlw-headline").first.inner_text()

    other = new_page()
    other.goto(link)
    ready(other, 2)
    assert other.locator(".dlw-headline").first.inner_text() == headline
    agrees(other, nets, "PALINDROME", 8, TEMPERATURES[2])

    page.get_by_role("button", name="Reset").first.click()
    page.wait_for_function("() => !location.search.includes('attention_maps=')")
    assert "attention_maps-2=" in page.url
    agrees(page, nets)
    assert page.get_by_label("Letters, up to 12").first.input_value() == "STRESSED"


def test_bad_address(page, base, nets):
    page.goto(f"{base}/light.html?attention_maps=s:AB1&other=1")
    ready(page)
    said = page.locator(".dlw-alert").inner_text()
    assert "could not be read" in said and "“1”" in said
    agrees(page, nets)
    slide(page, "Temperature", 3, "keyboard")
    page.wait_for_function("() => location.search === '?other=1&attention_maps=t:0.75'")
    assert not page.locator(".dlw-alert").is_visible()


def test_notebook_link(widget):
    more(widget)
    link = widget.get_by_role("link", name="Open as notebook")
    assert link.get_attribute("href").endswith("/page.ipynb")


def test_keys_stay_inside(widget):
    more(widget)
    for field in widget.locator(".dlw-root :is(input, select, button):visible").all()[:40]:
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


def test_without_javascript(new_page, base):
    page = new_page(java_script_enabled=False)
    page.goto(f"{base}/light.html")
    image = page.locator(".dlw-box img")
    assert image.is_visible() and "writes DESSERTS" in image.get_attribute("alt")


def test_from_disk(new_page, folder, nets):
    page = new_page()
    page.goto((folder / "light.html").as_uri())
    ready(page)
    slide(page, "Training", 3, "keyboard")
    agrees(page, nets, trained=3)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_accessible(new_page, base, theme, width):
    from axe_playwright_python.sync_playwright import Axe

    page = new_page(viewport={"width": width, "height": 900})
    for state in (
        "",
        "?attention_maps=s:ABCDEFGHIJKL",
        "?attention_maps=n:0_t:0.1",
        "?attention_maps=oops",
    ):
        page.goto(f"{base}/{theme}.html{state}")
        ready(page)
        more(page)
        page.get_by_label("Letters, up to 12").fill("A1")
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == [], state


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_overflow(new_page, base, width):
    page = new_page(viewport={"width": width, "height": 800})
    for state in ("", "?attention_maps=s:ABCDEFGHIJKL_t:20", "?attention_maps=s:Z"):
        page.goto(f"{base}/light.html{state}")
        ready(page)
        more(page)
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, state
        for region in page.locator(".dlw-scroll:visible").all():
            over = region.evaluate("(e) => e.scrollWidth > e.clientWidth + 1")
            assert (region.get_attribute("tabindex") == "0") == over


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
    wait = page.locator(".dlw-wait").first.evaluate("(e) => e.offsetHeight")
    height = page.evaluate("document.querySelector('.dlw-root').offsetHeight")
    print(f"{width} px: widget {height}, reserved {wait}")
    assert 0 <= wait - height <= 40
    for label in ("Output step", "Training", "Temperature"):
        slider = page.get_by_label(label, exact=True).first
        for key in ["Home", *["ArrowRight"] * 20]:
            slider.press(key)
            assert page.evaluate("document.querySelector('.dlw-root').offsetHeight") == height, (
                label
            )


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_steps_slide_while_playing_unless_motion_is_reduced(new_page, base, motion):
    page = new_page(reduced_motion=motion)
    page.goto(f"{base}/light.html")
    ready(page)
    sheet = page.locator(".dlw-sheet").first
    duration = "(e) => getComputedStyle(e).transitionDuration"
    assert sheet.evaluate(duration) == "0s"
    page.locator(".dlw-play").click()
    assert (sheet.evaluate(duration) == "0s") == (motion == "reduce")
    page.locator(".dlw-play").click()
    assert sheet.evaluate(duration) == "0s"


def test_status_is_quiet_while_playing(widget):
    widget.wait_for_timeout(700)
    widget.evaluate(
        "() => { window.said = 0; new MutationObserver(() => window.said++).observe("
        "document.querySelector('.dlw-live > [role=status]'), { childList: true, characterData: true, subtree: true }); }"
    )
    widget.locator(".dlw-play").click()
    widget.wait_for_function("() => document.querySelector('.dlw-player input').value >= 4")
    assert widget.evaluate("said") <= 2


def test_on_the_built_page(page, site, nets):
    page.goto(f"{site}/book/ch10_attention/sequence_reversal.html")
    page.locator("[data-widget]").scroll_into_view_if_needed()  # far below: mounted when near
    ready(page)
    slide(page, "Training", 5, "keyboard")
    agrees(page, nets, trained=5)
    assert page.url.split("?")[0].endswith("sequence_reversal.html"), (
        "the arrow key turned the page"
    )

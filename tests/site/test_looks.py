"""Light, dark, desktop, phone and paper: nothing wider than its window, nothing unreadable."""

from __future__ import annotations

import re

import pytest

from publish.site import bundle
from tests.kit import sitecheck

CONVOLUTION = "book/ch06_convolutional_networks/convolution.html"
KINDS = ("index.html", "search.html", CONVOLUTION)
VIEWS = {
    "desktop-dark": {"viewport": sitecheck.DESKTOP, "color_scheme": "dark"},
    "phone-light": {"viewport": sitecheck.PHONE, "color_scheme": "light", "has_touch": True},
    "phone-dark": {"viewport": sitecheck.PHONE, "color_scheme": "dark", "has_touch": True},
}


@pytest.fixture(params=list(VIEWS))
def view(request) -> str:
    """Name of a way to look at a page."""
    return request.param


@pytest.mark.parametrize("page_name", KINDS)
def test_page_loaded_in_another_view_fits_and_is_accessible(new_page, site, page_name, view):
    """With all of axe's rules; every page, in one view with all and in others with some, is in
    test_every_page.py."""
    page = new_page(**VIEWS[view])
    sitecheck.visit(page, f"{site}/{page_name}")
    theme = page.evaluate("document.documentElement.dataset.theme")
    assert view.endswith(f"-{theme}"), "the page does not follow the system's theme"
    sitecheck.settle(page)
    problems = sitecheck.overflow(page) + sitecheck.clipped(page)
    if theme == "dark":
        problems += sitecheck.dark_images(page)
    sitecheck.none(problems + sitecheck.axe_violations(page))


def specimen() -> str:
    """One of each part of code, output and box to which the style sheets give a colour."""
    css = (bundle.ASSETS / "css/cells.css").read_text(encoding="utf-8")
    listed = re.findall(r"^\.highlight (?::is\(([^)]*)\)|(\.\w+)) ", css, re.MULTILINE)
    names = sorted({name for pair in listed for name in re.findall(r"\.(\w+)", "".join(pair))})
    assert len(names) > 30
    code = " ".join(f'<span class="{name}">{name}</span>' for name in names)
    coloured = '<span class="ansi-red-fg">red</span> <span class="ansi-green-fg">green</span>'
    boxes = "".join(
        f'<div class="admonition {kind}"><p class="admonition-title">Title</p><p>Text</p></div>'
        for kind in ("note", "tip", "important", "warning", "danger", "predict")
    )
    outputs = "".join(
        f'<div class="output {kind} highlight"><pre>{code} {coloured}</pre></div>'
        for kind in ("stream", "stderr", "traceback")
    )
    return (f'<div class="cell"><div class="cell_input"><div class="highlight"><pre>{code}</pre>'
            f'</div></div><div class="cell_output">{outputs}</div></div>{boxes}'
            '<div class="dlw-failed"><strong>Failed</strong> text</div>'
            '<p>Text <a href="#main">link</a> <span class="dlw-mark">mark</span></p>')


def test_colours_that_no_page_shows_today_can_be_read(page, site):
    """As a reader would see them, on the grounds on which they stand."""
    page.goto(f"{site}/{CONVOLUTION}")
    page.evaluate(
        """html => {
          const place = document.createElement('div');
          place.id = 'specimen';
          place.innerHTML = html;
          document.querySelector('article section').prepend(place);
        }""", specimen(),
    )
    problems = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        sitecheck.settle(page, 200)
        problems += sitecheck.axe_violations(page, "#specimen", colours=True)
    sitecheck.none(problems)


@pytest.mark.parametrize("width", [320, 414, 1024])
def test_no_width_overflows(page, site, width):
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("index.html", CONVOLUTION):
        sitecheck.visit(page, f"{site}/{path}")
        sitecheck.none(sitecheck.overflow(page), path)


def test_text_zoomed_to_twice_its_size_still_fits(page, site):
    page.set_viewport_size({"width": 720, "height": 800})
    page.goto(f"{site}/{CONVOLUTION}")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    sitecheck.open_folds(page)
    sitecheck.none(sitecheck.overflow(page))


def test_measure_is_that_of_a_book(page, site):
    """Lines of running text hold 60 to 80 characters on a desktop."""
    page.goto(f"{site}/{CONVOLUTION}")
    page.add_style_tag(content="* { content-visibility: visible !important }")
    per_line = page.evaluate(
        """() => {
          const counts = [];
          for (const p of document.querySelectorAll('article section > p')) {
            const text = p.textContent.length;
            if (p.querySelector('.math') || text < 250) continue;
            const lines = Math.round(p.getBoundingClientRect().height /
              parseFloat(getComputedStyle(p).lineHeight));
            counts.push(text / (lines - 0.5));  // the last line is half full on the average
          }
          return counts;
        }"""
    )
    assert per_line, "no long paragraph on the page"
    mean = sum(per_line) / len(per_line)
    assert 60 <= mean <= 80, f"{mean:.0f} characters in a line"


@pytest.mark.parametrize("name", [
    "ch03_linear_networks/linear_regression_scratch",
    "ch04_multilayer_perceptrons/vanishing_gradients",
    "ch06_convolutional_networks/convolution",
    "ch10_attention/sequence_reversal",
])
def test_printed_page_holds_the_text_and_no_controls(page, site, name):
    page.goto(f"{site}/book/{name}.html")
    page.locator(".dlw-box").first.scroll_into_view_if_needed()  # it starts when it is near
    page.locator(".dlw-box[data-ready=true]").first.wait_for()
    page.emulate_media(media="print")
    for selector in ("header button", "nav.chapters", ".dlw-button", "details.hide > summary"):
        assert page.locator(f"{selector} >> visible=true").count() == 0, selector
    assert page.locator("main h1").is_visible()
    # A4 at 96 px an inch, less margins of 15 mm.
    page.set_viewport_size({"width": 680, "height": 1000})
    sitecheck.none(sitecheck.overflow(page))

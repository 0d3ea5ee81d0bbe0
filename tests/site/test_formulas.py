"""A formula is visible to its end, or in a box that scrolls and shows that it does.

Every formula of every page, at four widths: test_every_page.py.
"""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.kit import sitecheck

CONVOLUTION = "book/ch06_convolutional_networks/convolution.html"
NEXT = "e => [...document.querySelectorAll('.katex-display')].find(b => b.clientWidth && " \
       "b.scrollWidth > b.clientWidth + 40)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("where", ["text", "predict"])
def test_the_cue_can_be_seen_and_ends_with_the_formula(new_page, site, scheme, where):
    """Pixels at the right edge of a formula that goes on there: darker than its ground, until the
    reader has scrolled to its end."""
    page = new_page(viewport=sitecheck.PHONE, color_scheme=scheme)
    page.goto(f"{site}/{CONVOLUTION}")
    sitecheck.lay_out_all(page)
    box = page.evaluate_handle(f"({NEXT})()").as_element()
    assert box, "no formula of the page is wider than a phone: this test looks at nothing"
    if where == "predict":
        box.evaluate("e => document.querySelector('.predict').append(e.closest('.math'))")
    box.scroll_into_view_if_needed()
    page.evaluate("document.fonts.ready.then(() => null)")

    def edge() -> int:
        """Largest difference from the ground near the right edge, in the top row of pixels."""
        picture = Image.open(io.BytesIO(box.screenshot())).convert("RGB")
        ground, *row = [picture.getpixel((picture.width - x, 1)) for x in (60, 2, 3, 4, 5)]
        return max(abs(a - b) for pixel in row for a, b in zip(pixel, ground, strict=True))

    assert edge() > 25, "no shadow at the side where the formula goes on"
    box.evaluate("e => { e.scrollLeft = e.scrollWidth }")
    page.wait_for_timeout(100)
    assert edge() <= 3, "a shadow where nothing goes on"


@pytest.mark.parametrize("defect", [
    ("* { background-image: none !important }", "nothing shows it"),
    (".katex-display { overflow: visible !important }", "px beyond its"),
])
def test_a_cut_off_formula_is_seen(new_page, site, defect):
    style, says = defect
    page = new_page(viewport=sitecheck.PHONE)
    page.goto(f"{site}/{CONVOLUTION}")
    page.add_style_tag(content="* { content-visibility: visible !important } " + style)
    assert any(says in line for line in sitecheck.cut_off(page))

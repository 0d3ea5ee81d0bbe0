"""Every formula is visible to its end, or in a box that scrolls and shows that it does."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.kit import sitecheck

WIDTHS = (360, 768, 1280, 1920)
CONVOLUTION = "book/ch06_convolutional_networks/convolution.html"
NEXT = "e => [...document.querySelectorAll('.katex-display')].find(b => b.clientWidth && " \
       "b.scrollWidth > b.clientWidth + 40)"


def cut_off(page) -> list[str]:
    """Formulas that reach beyond their column, unless a box with a cue and a tab stop scrolls them.

    Sizes are compared for every formula whose fold is open, on the screen or not.
    """
    return page.evaluate(
        """() => {
          const bad = [];
          const name = k => k.querySelector('annotation').textContent.trim().slice(0, 70);
          for (const k of document.querySelectorAll('main .katex')) {
            const parts = [...k.querySelectorAll('.katex-html .base')]
              .flatMap(part => [...part.getClientRects()]);
            if (!parts.length) continue;
            const right = Math.max(...parts.map(r => r.right));
            const left = Math.min(...parts.map(r => r.left));
            for (let box = k.parentElement; box && box !== document.body; box = box.parentElement) {
              const style = getComputedStyle(box);
              if (/(auto|scroll)/.test(style.overflowX)) {
                if (box.scrollWidth <= box.clientWidth + 1) break;
                if (left < box.getBoundingClientRect().left - 1)
                  bad.push(`${name(k)}: begins left of its box`);
                if (!/local.*scroll/.test(style.backgroundAttachment) ||
                    !style.backgroundImage.includes('gradient'))
                  bad.push(`${name(k)}: scrolls, and nothing shows it`);
                if (box.tabIndex !== 0 || !box.getAttribute('aria-label'))
                  bad.push(`${name(k)}: scrolls, and not by keyboard`);
                break;
              }
              if (!/block|list-item|table-cell|flex|grid/.test(style.display)) continue;
              const room = box.getBoundingClientRect();
              if (right > room.right + 1 || left < room.left - 1) {
                const px = Math.round(right - room.right);
                bad.push(`${name(k)}: ${px} px beyond its ${box.tagName.toLowerCase()}`);
                break;
              }
            }
          }
          return bad;
        }"""
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_every_formula_is_visible_to_its_end(new_page, site, html, page_path, width):
    if 'class="katex"' not in (html / page_path).read_text(encoding="utf-8"):
        return
    page = new_page(viewport={"width": width, "height": 900}, java_script_enabled=True)
    page.goto(f"{site}/{page_path}", wait_until="load")
    page.add_style_tag(content="* { content-visibility: visible !important }")
    sitecheck.open_folds(page)
    sitecheck.scroll_through(page)
    sitecheck.none(cut_off(page), f"at {width} px")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("where", ["text", "predict"])
def test_the_cue_can_be_seen_and_ends_with_the_formula(new_page, site, scheme, where):
    """Pixels at the right edge of a formula that goes on there: darker than its ground, until the
    reader has scrolled to its end."""
    page = new_page(viewport=sitecheck.PHONE, color_scheme=scheme)
    page.goto(f"{site}/{CONVOLUTION}")
    page.add_style_tag(content="* { content-visibility: visible !important }")
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
    assert any(says in line for line in cut_off(page))

"""Without JavaScript a page still shows its text, its formulas, its widgets as pictures."""

from __future__ import annotations

import pytest

CONVOLUTION = "book/ch06_convolutional_networks/convolution.html"


@pytest.fixture
def bare(new_page):
    """A page in a browser that runs no scripts."""
    return new_page(java_script_enabled=False)


def test_nothing_offers_what_needs_a_script(bare, site):
    bare.goto(f"{site}/{CONVOLUTION}")
    for selector in ("button.print", "button.theme", "[data-widget] input", "[data-widget] button"):
        assert bare.locator(f"{selector} >> visible=true").count() == 0, selector


def test_folds_open_without_scripts(bare, site):
    bare.goto(f"{site}/{CONVOLUTION}")
    folds = bare.locator("main details:has(> summary)")
    solutions = bare.locator("main details.solution")
    assert solutions.count() > 0 and bare.locator("main details.hint").count() > 0
    assert folds.count() >= solutions.count()
    first = solutions.first
    assert first.get_attribute("open") is None
    hidden = first.locator(":scope > :not(summary)").first
    assert not hidden.is_visible()
    first.locator(":scope > summary").click()
    assert hidden.is_visible()


def test_formulas_are_set_when_the_page_arrives(html):
    text = (html / CONVOLUTION).read_text(encoding="utf-8")
    assert text.count('class="katex"') > 10
    assert "MathJax" not in text and "katex.min.js" not in text

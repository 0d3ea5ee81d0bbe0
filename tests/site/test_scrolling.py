"""What may scroll sideways is a stop for the tab key in the HTML, before any script runs."""

from __future__ import annotations

import pytest

from publish.site.scrolling import COLUMNS, mark_formula, mark_scrolling

LONG = "x" * (COLUMNS + 1)
MARK = 'tabindex="0" role="group" aria-label="{}, scrolls sideways"'
FORMULA = (
    '<span class="katex-display"><span class="katex"><span class="katex-mathml">{source}</span>'
    '<span class="katex-html" aria-hidden="true"><span class="base">{signs}</span></span></span>'
    "</span>"
)


@pytest.mark.parametrize(
    ("html", "marked"),
    [
        (f"<pre>{LONG}</pre>", f"<pre {MARK.format('Code')}>{LONG}</pre>"),
        (f'<pre class="a">b\n{LONG}\nc</pre>',
         f'<pre class="a" {MARK.format("Code")}>b\n{LONG}\nc</pre>'),
        ('<div class="table-box">', f'<div class="table-box" {MARK.format("Table")}>'),
        ('<div class="picture-box" style="a">',
         f'<div class="picture-box" {MARK.format("Picture")} style="a">'),
    ],
)
def test_what_may_scroll_is_marked_once(html, marked):
    assert mark_scrolling(html) == marked
    if "<pre" in html:
        assert mark_scrolling(marked) == marked


def test_what_fits_anywhere_is_no_stop():
    """Tags and entities are no width: only the signs that are read count."""
    code = "&lt;" * COLUMNS
    for html in (f'<pre><span class="k">{code}</span></pre>', "<pre>a\nb</pre>", "<preface>"):
        assert mark_scrolling(html) == html


@pytest.mark.parametrize(
    ("signs", "wide"),
    [("x" * 21, True), ("x" * 12, False), ("\u200b" * 30, False),
     ('a<span class="mspace" style="margin-right:9em;"></span>b', True),
     ('x' * 17 + '<span class="mord" style="padding-left:0.833em;">y</span>' * 2, True)],
)
def test_wide_formulas_are_marked(signs, wide):
    html = FORMULA.format(source="y" * 40, signs=signs)
    assert (MARK.format("Formula") in mark_formula(html)) == wide
    assert mark_formula("<code>bad</code>") == "<code>bad</code>"

"""A page on paper: its text and hints; solutions and folded code on request only; on white."""

from __future__ import annotations

import pytest

from tests.kit import sitecheck
from tests.kit.server import serve
from tests.kit.small_book import FOLDED, build, page

MODULES = ("exercises", "folds", "cells", "facts", "numbering", "theme")
TEXT = """# Windows

A window slides.

""" + FOLDED + """
## Exercises

::::{exercise} Its size
:label: ex-size
:number: own
:level: E

How large is it?

:::{hint}
Count the rows.
:::
::::

:::{solution} ex-size
Three rows.
:::
"""
# What is printed, by the button that was pressed.
PRINTED = {
    "Print": {"A window slides.", "How large is it?", "Count the rows."},
    "Print all": {"A window slides.", "How large is it?", "Count the rows.", "Three rows.",
                  "Deep text.", "plot(losses)"},
}
ON_PAPER = "window.print = () => dispatchEvent(new Event('beforeprint'))"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Base URL of a book of two pages."""
    pages = {"index": page("# Book\n\nText.\n\n```{toctree}\nbook/windows\n```\n"),
             "book/windows": page(TEXT)}
    built = build(tmp_path_factory.mktemp("paper"), pages, MODULES)
    assert built.warnings == ""
    with serve(built.out) as (url, _log):
        yield url


def shown(tab) -> set[str]:
    """Which of the texts can be seen."""
    return {text for text in PRINTED["Print all"]
            if tab.get_by_text(text, exact=True).locator("visible=true").count()}


@pytest.mark.parametrize("opened", [False, True], ids=["as loaded", "all opened by the reader"])
def test_solutions_and_folded_code_are_printed_on_request_only(page, served, opened):
    page.goto(f"{served}/book/windows.html")
    if opened:  # a fold that the reader opened is printed as it stands
        page.evaluate("for (const d of document.querySelectorAll('main details')) d.open = true")
    page.evaluate(ON_PAPER)
    before = page.locator("main details[open]").count()
    for button in ("Print", "Print all", "Print"):
        page.get_by_role("button", name=button, exact=True).click()
        page.emulate_media(media="print")
        depth = {"Deep text."} if opened else set()
        assert shown(page) == PRINTED[button] | depth, button
        page.emulate_media(media="screen")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("main details[open]").count() == before


def test_paper_is_torn_in_the_right_places(page, served):
    """A caption stays below its picture, a box with its question; what follows either is free."""
    page.goto(f"{served}/book/windows.html")
    page.evaluate("""() => document.querySelector('article').insertAdjacentHTML('beforeend',
        '<figure><figcaption>Caption</figcaption></figure><div class="predict admonition">' +
        '<p>Question</p><div class="answer">Box</div></div><div class="citation-list">' +
        '<a href="https://doi.org/1">doi:1</a></div>' +
        '<p class="out"><a href="https://a.b">c</a></p>')""")
    page.emulate_media(media="print")

    def style(selector: str, name: str, pseudo: str = "") -> str:
        return page.evaluate("([selector, name, pseudo]) => getComputedStyle("
                             "document.querySelector(selector), pseudo)[name]",
                             [selector, name, pseudo])

    assert style("figcaption", "breakBefore") == "avoid"
    assert style("figcaption", "breakAfter") == "auto"
    assert style("figure", "breakInside") == style(".predict .answer", "breakInside") == "avoid"
    assert style(".predict", "breakInside") == "auto"
    assert style(".predict > p", "breakAfter") == "avoid"
    assert style(".citation-list a", "content", "::after") == "none"
    assert "https://a.b" in style(".out a", "content", "::after")


def test_without_scripts_paper_shows_hints_and_no_solutions(new_page, served):
    page = new_page(java_script_enabled=False)
    page.goto(f"{served}/book/windows.html")
    page.emulate_media(media="print")
    assert shown(page) == PRINTED["Print"]


def test_the_dark_theme_is_left_on_the_screen(new_page, served):
    """Text, code and pictures on paper look the same from either theme, on white."""
    looks = {}
    for scheme in ("light", "dark"):
        page = new_page(color_scheme=scheme)
        page.goto(f"{served}/book/windows.html")
        assert page.evaluate("document.documentElement.dataset.theme") == scheme
        page.evaluate(
            """() => {
              const output = document.createElement('div');
              output.className = 'cell_output';
              output.append(new Image());
              document.querySelector('.cell').append(output);
            }""")
        page.emulate_media(media="print", color_scheme=scheme)
        sitecheck.settle(page)
        looks[scheme] = page.evaluate(
            """() => ['body', 'article p', '.highlight .n, .highlight pre', '.exercise', 'h1',
                      '.cell_output img', '.hint > summary'].map(selector => {
              const style = getComputedStyle(document.querySelector(selector));
              return [style.color, style.backgroundColor, style.filter, style.colorScheme];
            }).concat([...'paper ink code-key code-note good bad mark'.split(' ').map(name =>
              getComputedStyle(document.documentElement).getPropertyValue(`--${name}`))])""")
        assert looks[scheme][0][1] == "rgb(255, 255, 255)"
    assert looks["dark"] == looks["light"]

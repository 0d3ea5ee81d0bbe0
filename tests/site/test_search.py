"""Searching: words that JavaScript's objects know, places on a page, and no mark that stays."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest

from tests.kit import sitecheck

CONVOLUTION = "book/ch06_convolutional_networks/convolution.html"
STRIDES = "book/ch06_convolutional_networks/padding_and_stride.html"
PLACE = "shift-the-input-and-the-output-shifts-almost"
PLAIN = sorted(  # every name that a plain object of JavaScript has without anyone's doing
    ["constructor", "__proto__", "toString", "valueOf", "hasOwnProperty", "isPrototypeOf",
     "propertyIsEnumerable", "toLocaleString", "__defineGetter__", "__lookupSetter__"]
)


def search(page, site, query):
    """Ask the search page; returns what it says when it is done."""
    page.goto(f"{site}/search.html?q={query}")
    status = page.locator("#search-progress")
    page.wait_for_function("() => document.getElementById('search-progress').textContent")
    return status.inner_text()


def titles(page):
    """The results, each complete with the piece of text that was found."""
    return page.locator("#search-results li a").all_inner_texts()


@pytest.mark.parametrize("word", PLAIN)
def test_words_that_every_object_knows_are_words_like_others(page, site, html, word):
    """Such a word ends with what the book holds of it, never with 'undefined' or no end at all."""
    said = search(page, site, word)
    holds = sum(
        word.lower() in path.read_text(encoding="utf-8").lower() for path in html.rglob("*.html")
    )
    if holds == 0:
        assert said == "No page holds this word."
    assert "undefined" not in page.locator("main").inner_text()
    shown = len(titles(page))
    assert said == ("No page holds this word." if not shown else
                    "1 page" if shown == 1 else f"{shown} pages")
    sitecheck.none(page.dlw_events.problems())


def test_a_word_that_is_in_the_book_and_in_every_object_is_found(page, site):
    assert search(page, site, "constructor").endswith(("page", "pages"))
    page.locator("#search-results .context mark").first.wait_for()
    words = {text.lower() for text in page.locator("#search-results mark").all_inner_texts()}
    assert words and all("constructor" in word for word in words)


def test_a_result_leads_to_its_place_on_the_page(page, site):
    search(page, site, "equivariance")
    result = page.locator(f"#search-results li:has(a[href*='{STRIDES}'])")
    result.locator(".context").wait_for()
    link = result.locator("a")
    assert urlsplit(link.get_attribute("href")).fragment.startswith(PLACE)
    assert "equivarian" in result.locator("mark").first.inner_text().lower()
    link.click()
    page.wait_for_url(f"**/{STRIDES}*")
    section = page.locator(f"section[id='{PLACE}']")
    page.wait_for_function(
        "e => { const b = e.getBoundingClientRect(); return b.top < innerHeight && b.bottom > 0 }",
        arg=section.element_handle(),
    )
    assert page.evaluate("scrollY") > 1000
    sitecheck.none(page.dlw_events.problems())


def test_a_heading_is_found_by_its_words(page, site):
    search(page, site, "two operations one name")
    first = page.locator("#search-results li").first
    first.locator(".context").wait_for()
    address = urlsplit(first.locator("a").get_attribute("href"))
    assert address.path.endswith(CONVOLUTION) and address.fragment.startswith("two-operations")
    assert "Two operations, one name" in first.locator("a").inner_text()


def test_the_words_are_found_side_by_side(page, site):
    search(page, site, "learning rate")
    context = page.locator("#search-results .context").first
    context.wait_for()
    page.wait_for_function("() => document.querySelectorAll('#search-results .context').length > 3")
    assert "learning rate" in context.inner_text().lower()
    # The words stand in the text of these pages, which says more than the code of a plot.
    texts = page.locator("#search-results .context").all_inner_texts()[:4]
    assert not any("ax.set" in text or "plt." in text for text in texts)
    link = page.locator("#search-results li:has(.context) a").first.get_attribute("href")
    assert "learning rate" in unquote(link).lower().replace(",-", " ").replace("-,", " ")


def test_no_mark_outlives_the_visit(page, site):
    """What was searched first is marked nowhere when something else was searched."""
    for word in ("equivariance", "padding"):
        search(page, site, word)
        page.locator("#search-results .context").first.wait_for()
        marks = [text.lower() for text in page.locator("main mark").all_inner_texts()]
        assert marks and all(word[:3] in mark for mark in marks)
        page.locator("#search-results li:has(.context) a").first.click()
        page.wait_for_url("**/book/**")
        assert page.locator("mark, .highlighted").count() == 0
        assert page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))") == []


def test_chinese_words_are_found(page, site):
    assert search(page, site, "卷积").endswith(("page", "pages"))
    page.locator("#search-results .context mark").first.wait_for()
    assert all("卷积" in text for text in page.locator("#search-results mark").all_inner_texts())


@pytest.mark.parametrize(("query", "answer"), [
    ("zyxxyzzy", "No page holds this word."),
    ("convolution zyxxyzzy", "No page holds all these words."),
    ("the", "These words are too common to search for."),
    ("<img src=x onerror=alert(1)>", ""),
])
def test_what_is_not_there_is_said(page, site, query, answer):
    said = search(page, site, query)
    assert said == answer or not answer
    if answer:
        assert page.locator("#search-results a").count() == 0
    assert page.locator("#search-results img").count() == 0
    sitecheck.none(page.dlw_events.problems())

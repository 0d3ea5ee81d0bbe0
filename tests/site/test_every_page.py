"""Every page of the site, measured in one visit with scripts and one without.

A visit takes seconds, so all that needs a page in some state is measured there: the browser loads
it once, on a phone in light; the width and the theme then change on the same page.

axe-core's rules about colours take nine tenths of its time. What they find depends on the theme
and not on the width, the other way round for the rest (what is shown, what scrolls, how large a
target is): so colours are tried light and dark on a desktop, all else on desktop and phone. Three
pages, one of a kind, are loaded in every other view and tried with all rules: test_looks.py.
"""

from __future__ import annotations

import functools

from publish.page import frontmatter
from publish.site import policy
from publish.tools import measure
from publish.tools.serve import read_headers
from tests.kit import sitecheck
from tests.kit.server import serve

KB = 1000
WITH_WIDGET, WITHOUT_WIDGET, SCRIPTS = 350 * KB, 250 * KB, 120 * KB
REQUESTS = 24  # three of them: answers.js, answers.css, and moved.js where anchors went
# In this order: what scrolls is marked by the build, and loses its mark where it turns out to fit.
WIDTHS = {"phone": 360, "tablet": 768, "wide desktop": 1920, "desktop": 1280}
NARROWEST = {"width": 320, "height": 700}


def too_heavy(page, log, page_path: str) -> list[str]:
    """What was transferred beyond the budget, with the files that did it."""
    # The search page loads the index of all words, which grows with the book.
    if page_path == "search.html":
        return []
    weight = sitecheck.weigh(log)
    has_widget = page.locator("[data-widget]").count() > 0
    limits = [
        ("bytes", weight.total, WITH_WIDGET if has_widget else WITHOUT_WIDGET),
        ("bytes of scripts", weight.scripts, SCRIPTS),
        ("requests", weight.requests, REQUESTS),
    ]
    heavy = [f"{name}: {value}, at most {most}" for name, value, most in limits if value > most]
    return heavy and heavy + [f"{h.sent} {h.path}" for h in sorted(log, key=lambda h: -h.sent)]


@functools.cache
def held_to_limits() -> set[str]:
    """Pages (paths below the site's root) that are held to the limits of publish.tools.measure."""
    pages = frontmatter.pages(sitecheck.ROOT).items()
    return {f"{name}.html" for name, meta in pages if measure.is_held(meta)}


def stored(page) -> list[str]:
    """What a visit leaves on the reader's machine."""
    cookies = [f"cookie: {cookie['name']}" for cookie in page.context.cookies()]
    return cookies + [f"stored: {key}" for key in page.evaluate("Object.keys(localStorage)")]


def test_page_with_scripts(new_page, html, page_path):
    """Quiet, light and asks nobody else; fits, at every width; can be read, light and dark.

    The server sends the site's policy (Content-Security-Policy), and what that refuses is an
    error on the browser's console.
    """
    assert policy.NAME in read_headers(html)
    problems: list[str] = []

    def note(state: str, *findings: list[str]) -> None:
        problems.extend(f"{state}: {line}" for lines in findings for line in lines)

    page = new_page(color_scheme="light", viewport=sitecheck.PHONE)
    with serve(html) as (url, log):
        sitecheck.visit(page, f"{url}/{page_path}")
        assert page.evaluate("document.documentElement.dataset.theme") == "light"
        note("visit", too_heavy(page, log, page_path))
        note("phone", sitecheck.overflow(page))
        sitecheck.lay_out_all(page)
        for name, width in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": sitecheck.DESKTOP["height"]})
            sitecheck.settle(page)
            note(name, sitecheck.cut_off(page), sitecheck.torn(page))
            if name != "phone":
                note(name, sitecheck.overflow(page))
            if name in ("phone", "desktop"):
                note(name, sitecheck.clipped(page))
            if name == "phone":
                note(name, sitecheck.axe_violations(page, colours=False))
                sitecheck.whole_again(page)
        if page_path in held_to_limits():
            note("desktop", measure.problems(measure.wide(page)))
        note("desktop, light", sitecheck.axe_violations(page))
        sitecheck.lay_out_all(page, False)
        page.emulate_media(color_scheme="dark")  # a page follows the system's theme at once
        page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
        sitecheck.settle(page)
        sitecheck.lay_out_all(page)
        note("dark", sitecheck.dark_images(page), sitecheck.inverted_heat_maps(page))
        note("desktop, dark", sitecheck.axe_violations(page, colours=True))
        note("visit", page.dlw_events.problems(), stored(page))
    sitecheck.none(problems)


def test_page_without_scripts(new_page, site, page_path):
    """Text, formulas, widgets as pictures; tab stops where the narrowest screen scrolls."""
    bare = new_page(java_script_enabled=False)
    sitecheck.visit(bare, f"{site}/{page_path}", scripts=False)
    sitecheck.none(bare.dlw_events.problems())
    assert bare.locator("h1").first.is_visible()
    assert len(bare.locator("main").first.inner_text().split()) > 10
    sitecheck.none(sitecheck.blank_widgets(bare))
    sitecheck.none(sitecheck.unreadable_math(bare))
    bare.set_viewport_size(NARROWEST)
    sitecheck.none(sitecheck.unmarked_scrolling(bare))

"""Search, the 404 page, the policy in a tag; and what no page may hold."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from publish.site import policy
from tests.kit import sitecheck

TYPED = re.compile(r"\bnp\.((float|int|uint|bool|str|bytes|complex)\d*_?\(|(True|False)_\b)")
CONVOLUTION = "book/ch06_convolutional_networks/convolution.html"


@pytest.mark.parametrize("path", ["index.html", "search.html?q=padding", "404.html", CONVOLUTION])
def test_the_policy_in_a_tag_lets_the_same_pages_live(page, site, path):
    """As on a host that sends no headers: each page with its own policy and no other."""
    tagged = []

    def answer(route):
        found = route.fetch()
        headers = {k: v for k, v in found.headers.items() if k != policy.NAME.lower()}
        body = found.text()
        if "text/html" in headers["content-type"]:
            body = policy.with_tag(body)
            tagged.append(body.count("http-equiv"))
        route.fulfill(status=found.status, headers=headers, body=body)

    page.route("**/*.html*", answer)
    page.route("**/", answer)
    sitecheck.visit(page, f"{site}/{path}")
    assert tagged and set(tagged) == {1}
    if page.locator("[data-widget]").count():
        page.locator("[data-widget] input, [data-widget] button").first.wait_for(state="attached")
    # A page that is asked for once more while the test ends would be answered half.
    page.unroute_all(behavior="wait")
    sitecheck.none(page.dlw_events.problems())


def test_no_file_is_empty(html):
    """What another program writes at the end of a build can be cut off."""
    sitecheck.none([str(path.relative_to(html)) for path in html.rglob("*")
                    if path.is_file() and not path.stat().st_size and path.name != ".nojekyll"])


def test_page_holds_no_widget_state_of_ipywidgets(html, page_path):
    text = (html / page_path).read_text(encoding="utf-8")
    found = [mark for mark in ("widget-state+json", "widget-view+json") if mark in text]
    sitecheck.none(found)


def test_outputs_show_numbers_and_not_their_types(html, page_path):
    """``np.float64(0.05831647209193881)`` is for programs; round it, or print it."""
    tree = BeautifulSoup((html / page_path).read_text(encoding="utf-8"), "html.parser")
    shown = [part.get_text() for part in tree.select(".cell_output pre")]
    sitecheck.none([line for text in shown for line in text.splitlines() if TYPED.search(line)])


@pytest.mark.parametrize("path", ["nowhere.html", "deep/below/nowhere.html"])
def test_404_page_is_ours_at_any_depth(page, site, path):
    answer = page.goto(f"{site}/{path}")
    assert answer.status == 404
    assert page.locator("h1").is_visible()
    home = page.locator("a#home")
    # The browser reports the 404 of the page itself; nothing else may be missing.
    assert len(page.dlw_events.failed) == 1
    assert page.dlw_events.third_party == page.dlw_events.errors == []
    home.click()
    page.wait_for_load_state()
    assert page.url.rstrip("/") in (site, f"{site}/index.html")


def test_the_pages_that_must_exist_do(html):
    pages = sitecheck.all_pages(html)
    assert {"index.html", "search.html", CONVOLUTION} <= set(pages)

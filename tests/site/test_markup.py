"""The HTML of every page, as it was built: what holds before any script runs."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import ClassVar

from publish.site import mathml, policy
from publish.tools.serve import read_headers
from tests.kit import sitecheck

CONVOLUTION = "book/ch06_convolutional_networks/convolution.html"
HANDLER = re.compile(r"<[a-z][^<>]*\s(on[a-z]+)\s*=", re.IGNORECASE)


class _Formulas(HTMLParser):
    """Formulas that stand in no element with translate="no"."""

    VOID: ClassVar = {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr"
    }

    def __init__(self):
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.seen, self.translated = 0, []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        kept = given.get("translate") == "no" and "notranslate" in classes
        kept = kept or bool(self.open and self.open[-1][1])
        if "katex" in classes:
            self.seen += 1
            if not kept:
                self.translated.append(f"line {self.getpos()[0]}")
        if tag not in self.VOID:
            self.open.append((tag, kept))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass


def test_every_formula_is_valid_mathml(html, page_path):
    sitecheck.none(mathml.faults((html / page_path).read_text(encoding="utf-8")))


def test_no_formula_is_to_be_translated(html, page_path):
    text = (html / page_path).read_text(encoding="utf-8")
    formulas = _Formulas()
    formulas.feed(text)
    assert formulas.seen == len(re.findall(r'class="katex"', text))
    sitecheck.none(formulas.translated)


def test_policy_knows_every_inline_script_and_nothing_else_is_inline(html, page_path):
    text = (html / page_path).read_text(encoding="utf-8")
    sent = read_headers(html)[policy.NAME]
    problems = [f"no hash in the policy: {one}" for one in policy.inline_hashes(text) - set(
        re.findall(r"'(sha256-[^']+)'", sent)
    )]
    problems += [f"event handler in an attribute: {name}" for name in HANDLER.findall(text)]
    problems += ["an address with javascript:"] if '"javascript:' in text.lower() else []
    sitecheck.none(problems)


def test_scrolling_boxes_are_accessible_while_the_script_is_late(new_page, site):
    """Under load axe came first, and found boxes that no key could reach."""
    page = new_page(viewport=sitecheck.PHONE, has_touch=True)
    page.route("**/workbook.js*", lambda route: route.abort())
    page.goto(f"{site}/{CONVOLUTION}", wait_until="load")
    sitecheck.open_folds(page)
    found = sitecheck.axe_violations(page, "article")
    sitecheck.none([line for line in found if "scrollable-region" in line])


def test_only_what_scrolls_stays_a_tab_stop(new_page, site):
    """On a wide screen nearly all of it fits; whoever uses the tab key must not stop there."""
    page = new_page()
    page.goto(f"{site}/{CONVOLUTION}", wait_until="load")
    sitecheck.open_folds(page)
    sitecheck.scroll_through(page)
    count = """() => [...document.querySelectorAll('.text pre, .katex-display, .table-box')]
      .filter(e => e.clientWidth && (e.tabIndex === 0) !== (e.scrollWidth > e.clientWidth + 1))
      .map(e => `${e.className || e.tagName}: ${e.textContent.trim().slice(0, 50)}`)"""
    before = page.locator(".text pre[tabindex]").count()
    page.keyboard.press("Tab")
    sitecheck.none(page.evaluate(count))
    # And on a screen that is made narrower they are stops again, with their names.
    page.set_viewport_size(sitecheck.PHONE)
    sitecheck.scroll_through(page)
    page.keyboard.press("Tab")
    stops = page.locator(".text pre[tabindex]")
    assert stops.count() > before
    assert all(stop.get_attribute("aria-label") for stop in stops.all())

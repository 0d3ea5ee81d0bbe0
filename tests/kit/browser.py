"""Fixtures of the browser tests.

browser   one Chromium for the session; it can reach 127.0.0.1 only
site      base URL of the built site (``_build/html``, or env WORKBOOK_HTML), served with gzip
page      a new page in a context of its own; what it did wrong is in ``page.dlw_events``
new_page  a function that makes such pages with other settings (width, theme, no JavaScript)
"""

from __future__ import annotations

from pathlib import Path

import pytest

from publish.tools import chromium
from tests.kit.server import serve
from tests.kit.sitecheck import DESKTOP, all_pages, html_root, watch


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests; fails, and says what to do, if there is none."""
    from playwright.sync_api import sync_playwright

    try:
        executable = chromium.find()
    except chromium.ChromiumMissing as error:
        pytest.fail(str(error), pytrace=False)
    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(
            executable_path=executable, args=list(chromium.ARGUMENTS)
        )
        yield instance
        instance.close()


@pytest.fixture(scope="session")
def html() -> Path:
    """The folder of the built site; fails if it was not built."""
    root = html_root()
    if not (root / "index.html").is_file():
        pytest.fail(f"There is no built site in {root}: run make book", pytrace=False)
    return root


@pytest.fixture(scope="session")
def site(html) -> str:
    """Base URL of the served site, without a slash at the end."""
    with serve(html) as (url, _log):
        yield url


@pytest.fixture
def new_page(browser):
    """Return a function that opens a watched page; keywords go to the browser's context."""
    contexts = []

    def make(**settings):
        settings = {"viewport": DESKTOP, "reduced_motion": "reduce"} | settings
        context = browser.new_context(**settings)
        # Generous: tests run side by side, and a slow machine is no defect of the page.
        context.set_default_timeout(30_000)
        context.set_default_navigation_timeout(90_000)
        contexts.append(context)
        page = context.new_page()
        page.dlw_events = watch(page)
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page):
    """A desktop page in a context of its own."""
    return new_page()


def pytest_generate_tests(metafunc):
    """Give every test with an argument ``page_path`` all pages of the built site."""
    if "page_path" in metafunc.fixturenames:
        paths = all_pages()
        # Without a built site: one case, so that the fixture `html` fails and says so.
        metafunc.parametrize("page_path", paths or ["index.html"])


def pytest_collection_modifyitems(items):
    """Mark what drives Chromium or needs the built site, so that `make test-fast` leaves it out."""
    for item in items:
        for fixture, mark in (("browser", "browser"), ("html", "site")):
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)

"""Fixtures of the widgets' browser tests.

widget_site   base URL of pages with widgets (tests/kit/widget_page.py) and their scripts
tab           one page for the tests of a module: they go on where the last one ended
widget        the tab with the first view of the widget in whose folder the test stands
"""

from __future__ import annotations

import pytest

from dlworkbook.widgets.kit import bundle
from tests.kit import widget_page
from tests.kit.server import serve
from tests.kit.sitecheck import DESKTOP, watch


@pytest.fixture(scope="session")
def widget_folder(tmp_path_factory):
    """The folder of the pages, for those who open them from disk."""
    out = tmp_path_factory.mktemp("widgets")
    for name, text in bundle.files().items():
        (out / name).write_text(text, encoding="utf-8")
    (out / "page.ipynb").write_text("{}")
    for name in widget_page.names():
        about = widget_page.adapter(name)
        widget_page.write(out, name, about.KIND, about.OTHER)
    return out


@pytest.fixture(scope="session")
def widget_site(widget_folder):
    with serve(widget_folder) as (url, _log):
        yield url


@pytest.fixture(scope="module")
def _tab(browser):
    context = browser.new_context(
        viewport=DESKTOP, reduced_motion="reduce", permissions=["clipboard-read", "clipboard-write"]
    )
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.dlw_events = watch(page)
    yield page
    context.close()


@pytest.fixture
def tab(_tab):
    """The module's page, on a light screen of desktop size; it must stay without a complaint."""
    _tab.set_viewport_size(DESKTOP)
    _tab.emulate_media(media="screen", color_scheme="light")
    yield _tab
    problems = _tab.dlw_events.problems()
    _tab.dlw_events.__init__()
    assert problems == []


@pytest.fixture
def widget(tab, widget_site, request):
    """``tests/widgets/<name>/`` tests the widget of that name."""
    tab.goto(f"{widget_site}/{request.path.parent.name}.html")
    widget_page.ready(tab)
    return tab

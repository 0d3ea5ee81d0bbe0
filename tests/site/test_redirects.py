"""What moved is still found: a table in one place, and every address that was ever published.

``published.txt`` lists pages and anchors that readers may have kept. It only ever grows: a page or
a label that goes needs an entry in ``book/moved.yml``. Numbered anchors (``id3``) are not kept.
"""

from __future__ import annotations

import html as markup
import json
import re
from pathlib import Path

import pytest

from publish.site import redirects
from publish.site.bundle import ASSETS
from publish.tools.serve import background
from tests.kit import sitecheck
from tests.kit.sitecheck import ROOT
from tests.kit.small_book import build

PUBLISHED = Path(__file__).with_name("published.txt")
PAGES = {"book/ch/new", "book/ch/other", "book/stays"}
TABLE = """
book/ch/old: book/ch/new
book/ch/old#ex-some: book/ch/other#ex-other
book/stays#fig-gone: book/ch/new#fig-here
"""


def published() -> list[tuple[str, str]]:
    """Page and anchor ("": the page itself) of all that was published."""
    found, page = [], ""
    for line in PUBLISHED.read_text(encoding="utf-8").splitlines():
        page = line if not line.startswith(" ") else page
        found.append((page, line.strip().removeprefix("#") if line != page else ""))
    return found


def nowhere(root: Path, table: dict[str, redirects.Moved]) -> list[str]:
    """Anchors of the table to which something is sent and which a built site does not have."""
    bad = []
    for to in {to for moved in table.values() for to in moved.to.values()}:
        page, _, anchor = to.partition("#")
        if anchor and f'id="{anchor}"' not in (root / f"{page}.html").read_text(encoding="utf-8"):
            bad.append(to)
    return sorted(bad)


def lost(root: Path, wanted: list[tuple[str, str]]) -> list[str]:
    """Places that a built site neither has nor sends on."""
    bad, texts = [], {}
    for page, anchor in wanted:
        path = root / page
        if page not in texts:
            texts[page] = path.read_text(encoding="utf-8") if path.is_file() else ""
        text = texts[page]
        moved = re.search(r'data-moved="([^"]*)"', text)
        to = json.loads(markup.unescape(moved[1])) if moved else {}
        if not (text and (not anchor or f'id="{anchor}"' in text or anchor in to or "" in to)):
            bad.append(f"{page}#{anchor}" if anchor else page)
    return bad


def test_every_address_that_was_published_is_found(html):
    wanted = published()
    assert len(wanted) > 500
    bad = lost(html, wanted)
    assert not bad, "add these to book/moved.yml:\n" + "\n".join(bad)


def test_the_table_sends_to_places_that_are_there(html):
    table = (ROOT / "book" / "moved.yml").read_text(encoding="utf-8")
    pages = {page.removesuffix(".html") for page in sitecheck.all_pages(html)}
    bad = nowhere(html, redirects.read(table, pages))
    assert not bad, "book/moved.yml leads to these, and they are not there:\n" + "\n".join(bad)


def test_a_place_that_went_is_noticed(html):
    assert lost(html, [("index.html", "nowhere"), ("book/gone.html", "")]) == [
        "index.html#nowhere", "book/gone.html",
    ]


def test_the_table_is_read():
    found = redirects.read(TABLE, PAGES)
    assert found["book/ch/old"].relative() == {"": "new.html", "ex-some": "other.html#ex-other"}
    assert found["book/stays"].relative() == {"fig-gone": "ch/new.html#fig-here"}


@pytest.mark.parametrize(("table", "said"), [
    ("book/ch/old: book/nowhere", "there is no page 'book/nowhere'"),
    ("book/stays: book/ch/new", "name the anchor that moved"),
    ("book/ch/old#a: book/ch/new", "say where the page itself went"),
    ("book/ch/old: [a]", "must map old places to new ones"),
    ("- book/ch/old", "must map old places to new ones"),
])
def test_a_wrong_table_says_what_to_write(table, said):
    with pytest.raises(redirects.MovedError, match=said):
        redirects.read(table, PAGES)


SITE = {
    "index": "# Home\n\n```{toctree}\nbook/ch/new\nbook/ch/other\nbook/stays\n```\n",
    "book/ch/new": "# New\n\n(fig-here)=\n## Here\n", "book/stays": "# Stays\n",
    "book/ch/other": "# Other\n\n(ex-other)=\n## An exercise\n",
}


def site(folder: Path, table: str):
    """A small book with this table of what moved, built (again)."""
    (folder / "src" / "book").mkdir(parents=True, exist_ok=True)
    (folder / "src" / redirects.TABLE).write_text(table)
    return build(folder, SITE, ("theme", "redirects"), html_static_path=[str(ASSETS)])


@pytest.fixture
def moved_site(tmp_path):
    """A site with a page that is gone and one that gave an anchor away; its address."""
    with background(site(tmp_path, TABLE).out) as (address, _):
        yield address


def test_a_page_learns_what_else_has_moved_since_it_was_written(tmp_path):
    """Only the table changes between the builds: no page is read again."""
    def knows(built, page):
        return "fig-here" in built.html(page) and "data-moved" in built.html(page)

    assert not knows(site(tmp_path, ""), "book/stays")
    other = tmp_path / "out/html/book/ch/other.html"
    written = other.stat().st_mtime_ns
    assert knows(site(tmp_path, TABLE), "book/stays")
    assert other.stat().st_mtime_ns == written, "a page without moved anchors was written anew"
    assert not knows(site(tmp_path, ""), "book/stays")


@pytest.mark.parametrize(("old", "new"), [
    ("book/ch/old.html", "book/ch/new.html"),
    ("book/ch/old.html#ex-some", "book/ch/other.html#ex-other"),
    ("book/ch/old.html#constructor", "book/ch/new.html#constructor"),
    ("book/stays.html#fig-gone", "book/ch/new.html#fig-here"),
    ("book/stays.html#elsewhere", "book/stays.html#elsewhere"),
])
def test_a_reader_who_comes_is_sent_on(page, moved_site, old, new):
    page.goto(f"{moved_site}/{old}", wait_until="load")
    page.wait_for_url(f"{moved_site}/{new}")


def test_without_scripts_the_page_is_found(new_page, moved_site):
    page = new_page(java_script_enabled=False)
    page.goto(f"{moved_site}/book/ch/old.html#ex-some")
    page.wait_for_url(f"{moved_site}/book/ch/new.html**")

"""Internal links and anchors of the built site, and of the notebooks that stand beside it."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
HTML = Path(os.environ.get("WORKBOOK_HTML") or ROOT / "_build" / "html")
# Attributes whose value is an address; what a browser would fetch or go to.
ADDRESSES = {"href", "src", "poster", "action", "data-src"}
MARKDOWN_LINK = re.compile(r"\]\(<?([^)<>\s]+)>?(?:\s+\"[^\"]*\")?\)|<((?:https?)://[^>\s]+)>")
HTML_LINK = re.compile(r"(?:href|src)=\"([^\"]+)\"")


class Page(HTMLParser):
    """The anchors of one page, and its links with the number of their line."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.links: list[tuple[int, str]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Collect ids, the old ``<a name>``, and every address."""
        for name, value in attrs:
            if value is None:
                continue
            if name == "id" or (tag == "a" and name == "name"):
                self.ids.append(value)
            if name in ADDRESSES:
                self.links.append((self.getpos()[0], value))
            if name == "srcset":
                for part in value.split(","):
                    self.links.append((self.getpos()[0], part.split()[0]))


@dataclass
class Site:
    """A built site; pages are parsed once."""

    root: Path
    pages: dict[Path, Page] = field(default_factory=dict)

    def page(self, path: Path) -> Page:
        """Parse a page, or return it parsed."""
        if path not in self.pages:
            self.pages[path] = Page(path.read_text(encoding="utf-8"))
        return self.pages[path]

    def defect(self, base: str, link: str) -> str | None:
        """Say what is wrong with a link on the page at URL path ``base``; None if nothing."""
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            return None
        target = urlsplit(urljoin(f"/{base}", link))
        path = self.root / unquote(target.path).lstrip("/")
        if not path.resolve().is_relative_to(self.root.resolve()):
            return "leads out of the site"
        if path.is_dir():
            path = path / "index.html"
        if not path.is_file():
            return "no such file"
        anchor = unquote(target.fragment)
        if anchor and path.suffix == ".html" and not anchor.startswith(":~:"):
            ids = self.page(path).ids
            # "#dlw?..." and the like carry a widget's state; such a link must name its anchor.
            if anchor not in ids and anchor not in ("top",):
                return f"no anchor #{anchor} there"
        return None

    def html_defects(self) -> list[str]:
        """Check every page, the 404 page included."""
        found = []
        for path in sorted(self.root.rglob("*.html")):
            base = path.relative_to(self.root).as_posix()
            if base.startswith("_static/"):
                continue
            for line, link in self.page(path).links:
                why = self.defect(base, link)
                if why:
                    found.append(f"{base}, line {line}: {link}: {why}")
            ids = self.page(path).ids
            for name in sorted({name for name in ids if ids.count(name) > 1}):
                found.append(f"{base}: id {name!r} is given more than once")
        return found

    def notebook_defects(self, address: str) -> list[str]:
        """Check what the notebooks link to on the site at ``address`` ("" if it has none)."""
        found = []
        for path in sorted((self.root / "notebooks").rglob("*.ipynb")):
            base = path.relative_to(self.root).as_posix()
            for number, cell in enumerate(json.loads(path.read_text())["cells"], 1):
                if cell["cell_type"] != "markdown":
                    continue
                for link in markdown_links("".join(cell["source"])):
                    if address and link.startswith(address):
                        below = link.removeprefix(address).lstrip("/")
                        why = self.defect("", below or "index.html")
                    elif link.startswith(("#", "attachment:")) or urlsplit(link).scheme:
                        continue
                    else:
                        why = self.defect(base, link)
                    if why:
                        found.append(f"{base}, cell {number}: {link}: {why}")
        return found


def markdown_links(text: str) -> list[str]:
    """List the addresses in a Markdown cell, those of its HTML too; code and formulas apart."""
    text = re.sub(r"```.*?```|`[^`\n]*`|\$\$.*?\$\$", "", text, flags=re.DOTALL)
    found = [first or second for first, second in MARKDOWN_LINK.findall(text)]
    return found + HTML_LINK.findall(text)


@pytest.fixture(scope="module")
def built() -> Site:
    """The built site; a failure, never a skip, if there is none."""
    if not (HTML / "index.html").is_file():
        pytest.fail(f"There is no built site in {HTML}: run make book", pytrace=False)
    return Site(HTML)


@pytest.mark.site
def test_every_internal_link_and_anchor_resolves(built):
    defects = built.html_defects()
    assert not defects, "\n".join(defects)


@pytest.mark.site
def test_every_link_of_the_notebooks_to_the_site_resolves(built):
    from publish.site.addresses import Addresses

    defects = built.notebook_defects(Addresses.load(ROOT).site)
    assert not defects, "\n".join(defects)


@pytest.mark.site
def test_pages_offer_their_notebook(built):
    offered = set()
    for path in sorted(HTML.rglob("*.html")):
        for _, link in built.page(path).links:
            if link.endswith(".ipynb") and not urlsplit(link).scheme:
                base = path.relative_to(HTML).as_posix()
                offered.add(urljoin(f"/{base}", link).lstrip("/"))
    written = {p.relative_to(HTML).as_posix() for p in (HTML / "notebooks").rglob("*.ipynb")}
    assert written and offered == written


# --- the checks themselves, on a small site with one defect each


@pytest.fixture
def small(tmp_path):
    """A site of two pages without a defect."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "index.html").write_text(
        '<p id="a">x</p><a href="sub/page.html#b%20c">1</a><a href="#a">2</a><a href="sub/">3</a>'
        '<a href="https://elsewhere.invalid/x">4</a><a href="?q=1">5</a><a href="#">6</a>'
    )
    (tmp_path / "sub" / "page.html").write_text('<p id="b c"><a href="../index.html#a">1</a>')
    (tmp_path / "sub" / "index.html").write_text("<p>sub")
    notebook(tmp_path, "[page](https://book.invalid/sub/page.html#b%20c) `[x](y)` $$[z](w)$$")
    return tmp_path


def notebook(root: Path, text: str) -> None:
    """Write a notebook of one Markdown cell."""
    cell = {"cell_type": "markdown", "source": text.splitlines(keepends=True)}
    (root / "notebooks" / "n.ipynb").write_text(json.dumps({"cells": [cell]}))


def test_a_good_site_has_no_defect(small):
    assert Site(small).html_defects() == []
    assert Site(small).notebook_defects("https://book.invalid") == []


@pytest.mark.parametrize(
    ("markup", "why"),
    [
        ('<a href="gone.html">x</a>', "gone.html: no such file"),
        ('<a href="sub/page.html#gone">x</a>', "sub/page.html#gone: no anchor #gone there"),
        ('<a href="#gone">x</a>', "#gone: no anchor #gone there"),
        ('<a href="../secret.txt">x</a>', "secret.txt: no such file"),
        ('<img src="gone.png">', "gone.png: no such file"),
        ('<img srcset="gone.png 2x">', "gone.png: no such file"),
        ('<link rel="alternate" href="notebooks/gone.ipynb">', "gone.ipynb: no such file"),
        ('<p id="a">again', "id 'a' is given more than once"),
    ],
)
def test_defects_are_found(small, markup, why):
    page = small / "index.html"
    page.write_text(page.read_text() + markup)
    assert [item for item in Site(small).html_defects() if why in item]


@pytest.mark.parametrize(
    "text",
    [
        "[gone](https://book.invalid/sub/gone.html)",
        "[gone](https://book.invalid/sub/page.html#gone)",
        '<a href="https://book.invalid/gone.html">x</a>',
        "<https://book.invalid/gone.html>",
        "![picture](gone.png)",
    ],
)
def test_defects_of_notebooks_are_found(small, text):
    notebook(small, text)
    assert len(Site(small).notebook_defects("https://book.invalid")) == 1

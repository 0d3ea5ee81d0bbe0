"""`make pdf`: the whole book as one file in `dist/`, from the site that `make book` built.

Chromium prints each page twice: its text, and its solutions, which become the appendix. pypdf
joins what it printed, puts the number of the page at the foot of each sheet, and turns links
between pages of the site into links inside the file. Folds are printed open, folded code is not.
A widget is printed as the picture that stands in its place without scripts: started in a tab that
shows paper from the first, it would lay itself out for a screen that is not there.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote, unquote

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, Destination, FloatObject, NameObject, NullObject
from sphinx_external_toc.parsing import parse_toc_yaml

from publish.site import downloads
from publish.site.addresses import Addresses

from . import chromium
from .serve import background

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
PAPER = {"format": "A4", "print_background": True, "prefer_css_page_size": True}
COLUMN = {"width": 672, "height": 986}  # what the margins of print.css leave of A4, in CSS px
LOADER = "**/_static/dlworkbook/loader.js*"  # starts the widgets of a page
SCHEME = "book:"  # of links to pages, as pdf.js writes them
APPENDIX = "Solutions"
SOLUTIONS = f"{APPENDIX}: "  # how titles of the appendix begin
FOOTS = """
<style>
@page { margin: 0; }
html, body { background: none !important; }
.foots p { display: flex; justify-content: space-between; align-items: end; box-sizing: border-box;
  height: 296mm; max-width: none; margin: 0; padding: 0 16mm 8mm; break-after: page;
  font-size: 9pt; color: #444; }
</style>
"""
STYLE = """
<style>
.list { padding: 0; list-style: none; max-width: none; }
.list a { display: flex; justify-content: space-between; }
.list .deeper { padding-left: 1.5rem; }
.title { margin: 60mm 0 8mm; }
.list-head { break-before: page; }
</style>
"""


@dataclass
class Piece:
    """What was printed at once: a page, or its solutions."""

    name: str  # of the page
    title: str
    depth: int  # in the outline, from 0
    reader: PdfReader
    first: int = 0  # index of its first sheet in the book

    @property
    def sheets(self) -> int:
        return len(self.reader.pages)

    @property
    def listed(self) -> str:
        """Title in a list of its kind."""
        return self.title.removeprefix(SOLUTIONS)


def contents(root: Path) -> list[tuple[str, int]]:
    """(page, depth) in the order of `_toc.yml`, without the front page. ValueError without one."""
    if not (root / "_toc.yml").is_file():
        raise ValueError(f"{root} holds no book: there is no _toc.yml")
    site = parse_toc_yaml(root / "_toc.yml")

    def below(name: str, depth: int) -> Iterator[tuple[str, int]]:
        for child in site[name].child_files():
            yield child, depth
            yield from below(child, depth + 1)

    return list(below(site.root.docname, 0))


@contextmanager
def sheet(html: Path) -> Iterator[tuple[str, object]]:
    """Base URL of the served site, and a tab of Chromium that shows pages as they are printed."""
    from playwright.sync_api import sync_playwright

    with background(html) as (url, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
        )
        tab = browser.new_page(viewport=COLUMN, color_scheme="light", reduced_motion="reduce")
        prepare(tab)
        yield url, tab
        browser.close()


def prepare(tab: object) -> None:
    """Let a tab show pages as they are printed, with widgets as pictures."""
    tab.emulate_media(media="print")
    tab.route(LOADER, lambda route: route.abort())


def printed(tab: object) -> PdfReader:
    """What the tab shows, on paper."""
    return PdfReader(io.BytesIO(tab.pdf(**PAPER)))


def places(piece: Piece) -> dict[str, Destination]:
    """The anchors of a piece, and where they are."""
    found = piece.reader.named_destinations
    return {unquote(name.removeprefix("/")): place for name, place in found.items()}


def _front(book: str, lede: str, texts: list[Piece], solutions: list[Piece]) -> str:
    """Title and contents with page numbers, as HTML for an article of the site."""

    def entries(pieces: list[Piece]) -> str:
        return "".join(
            f'<li{" class=deeper" if piece.depth else ""}>'
            f'<a href="{SCHEME}{escape(quote(piece.name))}{anchor}"><span>{escape(piece.listed)}'
            f"</span><span>{piece.first + 1}</span></a></li>" for piece in pieces
            for anchor in ("#solution" if piece in solutions else "",)
        )

    appendix = f'<h2>{APPENDIX}</h2><ul class="list">{entries(solutions)}</ul>'
    return (
        f'{STYLE}<h1 class="title">{escape(book)}</h1><p>{escape(lede)}</p>'
        "<p>This file holds the text of the book, with all folds open. Widgets, answer boxes and "
        "checks work on its site and in its notebooks. Text: CC BY 4.0. Code: MIT.</p>"
        f'<h2 class="list-head">Contents</h2><ul class="list">{entries(texts)}</ul>'
        f'{appendix if solutions else ""}'
    )


def _foots(pieces: list[Piece]) -> str:
    """One sheet for each of the book, with its number and what it belongs to at the foot."""
    lines = [f"<p><span>{escape(piece.title)}</span><span>{piece.first + n + 1}</span></p>"
             for piece in pieces for n in range(piece.sheets)]
    return f'{FOOTS}<div class="foots">{"".join(lines)}</div>'


def _show(tab: object, html: str) -> None:
    """Show HTML of our own in the look of the site."""
    tab.evaluate("html => { document.body.innerHTML = `<article class=text>${html}</article>` }",
                 html)
    tab.evaluate("() => document.fonts.ready.then(() => null)")


def _links(sheets: list[PageObject]) -> Iterator[tuple[PageObject, object, str]]:
    """Each link to a page of the book: its sheet, itself, and its address without the scheme."""
    for page in sheets:
        for note in list(page.annotations or []):
            address = note.get_object().get("/A", {}).get("/URI", "")
            if str(address).startswith(SCHEME):
                yield page, note, unquote(str(address).removeprefix(SCHEME))


def join(front: PdfReader, texts: list[Piece], solutions: list[Piece], foots: PdfReader,
         book: str) -> PdfWriter:
    """Put everything together: sheets, numbers, links, outline."""
    writer = PdfWriter()
    pieces = [*texts, *solutions]
    for page in front.pages:
        writer.add_page(page)
    before = len(front.pages)
    for piece in pieces:
        for page in piece.reader.pages:
            number = len(writer.pages) - before
            writer.add_page(page).merge_page(foots.pages[number])
    writer.set_page_label(0, before - 1, style="/r")
    writer.set_page_label(before, len(writer.pages) - 1, style="/D")

    targets: dict[str, tuple[int, object, object]] = {"index": (0, None, None)}
    for piece in pieces:
        start = before + piece.first
        targets.setdefault(piece.name, (start, None, None))
        if piece in solutions:
            targets[f"{piece.name}#solution"] = (start, None, None)
        for anchor, place in places(piece).items():
            number = start + piece.reader.get_destination_page_number(place)
            targets.setdefault(f"{piece.name}#{anchor}", (number, place.left, place.top))
    for page, note, address in _links(writer.pages):
        target = targets.get(address) or targets.get(address.partition("#")[0])
        if target is None:  # a page that this file does not hold
            page.annotations.remove(note)
            continue
        number, left, top = target
        link = note.get_object()
        del link["/A"]
        link[NameObject("/Dest")] = ArrayObject([
            writer.pages[number].indirect_reference, NameObject("/XYZ"),
            *(NullObject() if x is None else FloatObject(x) for x in (left, top)), NullObject(),
        ])

    parents: list[object] = []
    for piece in texts:
        del parents[piece.depth:]
        parent = parents[-1] if parents else None
        parents.append(writer.add_outline_item(
            title=piece.title, page_number=before + piece.first, parent=parent))
    if solutions:
        top = writer.add_outline_item(title=APPENDIX, page_number=before + solutions[0].first)
        for piece in solutions:
            writer.add_outline_item(
                title=piece.listed, page_number=before + piece.first, parent=top)
    writer.add_metadata({"/Title": book})
    writer.page_mode = "/UseOutlines"
    writer.compress_identical_objects()
    for page in writer.pages:  # merging left them as plain text
        page.compress_content_streams()
    return writer


def make(html: Path, root: Path, target: Path, say: Callable[[str], None] = print) -> int:
    """Print the book in root, built in html, into a file; the number of its sheets."""
    texts, solutions = [], []
    site = Addresses.load(root).site
    pages = contents(root)
    with sheet(html) as (url, tab):
        for name, depth in pages:
            tab.goto(f"{url}/{name}.html", wait_until="load")
            about = tab.evaluate(SCRIPT, {"part": "text", "name": name, "site": site})
            texts.append(Piece(name, about["title"], depth, printed(tab)))
            if about["solutions"]:
                tab.evaluate(SCRIPT, {"part": "solutions", "name": name, "site": site})
                title = SOLUTIONS + about["title"]
                solutions.append(Piece(name, title, 1, printed(tab)))
            say(f"{len(texts)}/{len(pages)} {about['title']}")
        sheets = 0
        for piece in (*texts, *solutions):
            piece.first = sheets
            sheets += piece.sheets
        tab.goto(f"{url}/index.html", wait_until="load")
        book = tab.locator("h1").first.evaluate("e => e.firstChild.textContent").strip()
        lede = tab.locator("article p").first.inner_text()
        _show(tab, _front(book, lede, texts, solutions))
        front = printed(tab)
        _show(tab, _foots([*texts, *solutions]))
        foots = printed(tab)
    writer = join(front, texts, solutions, foots, book)
    target.parent.mkdir(parents=True, exist_ok=True)
    writer.write(target)
    return len(writer.pages)


def main(argv: list[str] | None = None) -> int:
    """Make the file; 1 if there is no site or no Chromium."""
    parser = argparse.ArgumentParser(prog="python -m publish.tools.pdf", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="the book's folder")
    parser.add_argument("--html", type=Path, help="the built site, if not _build/html")
    parser.add_argument("--out", type=Path, help="the file to write")
    options = parser.parse_args(argv)
    html = options.html or options.root / "_build" / "html"
    if not (html / "index.html").is_file():
        print(f"There is no built site in {html}. Build it first: make book", file=sys.stderr)
        return 1
    target = options.out or options.root / downloads.FOLDER / downloads.PDF
    try:
        sheets = make(html, options.root, target)
    except (ValueError, chromium.ChromiumMissing) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{target}: {sheets} pages, {target.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What search engines and link previews read: descriptions, addresses, sitemap, 404 page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import quote, urlsplit

from docutils import nodes
from sphinx.application import Sphinx

from .addresses import Addresses
from .bundle import ASSETS
from .theme import addresses_of

LONGEST = 200  # characters of a description
PICTURE = "_static/og.png"


def first_paragraph(doctree: nodes.document | None) -> str:
    """Text of the first paragraph below the title."""
    if doctree is None:
        return ""
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if text:
            return text
    return ""


def shorten(text: str, longest: int = LONGEST) -> str:
    """At most `longest` characters, cut between words."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    return text[: longest - 1].rsplit(" ", 1)[0].rstrip(",;:.") + "…"


def description(app: Sphinx, pagename: str, doctree: nodes.document | None, title: str) -> str:
    """The page's summary, else its first paragraph, else a sentence with its title."""
    meta = getattr(app.env, "workbook_meta", {}).get(pagename, {})
    given = meta.get("summary") or app.env.metadata.get(pagename, {}).get("description", "")
    book = app.config.html_title or app.config.project
    return shorten(str(given) or first_paragraph(doctree) or f"{title}: {book}.")


def page_address(app: Sphinx, addresses: Addresses, pagename: str) -> str:
    """Full address of a page; empty while the site's address is unknown."""
    if not addresses.site:
        return ""
    target = "" if pagename == app.config.root_doc else app.builder.get_target_uri(pagename)
    return f"{addresses.site}/{quote(target)}"


def tags(app: Sphinx, pagename: str, title: str, text: str, addresses: Addresses) -> str:
    """The tags for <head>."""
    book = app.config.html_title or app.config.project
    url = page_address(app, addresses, pagename)
    kind = "website" if pagename == app.config.root_doc else "article"
    pairs = [
        ("og:title", title),
        ("og:type", kind),
        ("og:description", text),
        ("og:site_name", book),
    ]
    if url:
        pairs += [
            ("og:url", url),
            ("og:image", f"{addresses.site}/{PICTURE}"),
            ("og:image:width", "1200"),
            ("og:image:height", "630"),
            ("og:image:alt", f"{book}: a kernel's window on a grid"),
        ]
    out = [f'<meta name="description" content="{escape(text)}">']
    out += [f'<meta property="{name}" content="{escape(value)}">' for name, value in pairs]
    if url:
        out.append('<meta name="twitter:card" content="summary_large_image">')
        out.append(f'<link rel="canonical" href="{escape(url)}">')
    return "\n" + "\n".join(out)


def add_tags(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Describe the page in its head."""
    if app.builder.format != "html":
        return
    addresses = addresses_of(app)
    if pagename == "404":
        path = urlsplit(addresses.site).path if addresses.site else ""
        context["workbook"].update(root=f"{path}/", root_known=bool(addresses.site))
        return
    node = app.env.titles.get(pagename)
    title = node.astext() if node is not None else {"search": "Search"}.get(pagename, pagename)
    text = description(app, pagename, doctree, title)
    context["metatags"] = (context.get("metatags") or "") + tags(
        app, pagename, title, text, addresses
    )


def extra_pages(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    """The page for addresses that do not exist."""
    yield "404", {}, "404.html"


def sitemap(urls: list[str]) -> str:
    """Text of sitemap.xml."""
    items = "".join(f"<url><loc>{escape(url)}</loc></url>\n" for url in urls)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{items}</urlset>\n'
    )


def write_files(app: Sphinx, exception: Exception | None) -> None:
    """Write robots.txt, and sitemap.xml where the site's address is known."""
    if exception or app.builder.format != "html":
        return
    out, addresses = Path(app.outdir), addresses_of(app)
    robots = "User-agent: *\nAllow: /\n"
    old = out / "sitemap.xml"
    if addresses.site:
        pages = sorted(app.env.found_docs)
        urls = [page_address(app, addresses, page) for page in pages]
        old.write_text(sitemap(sorted(urls)), encoding="utf-8")
        robots += f"Sitemap: {addresses.site}/sitemap.xml\n"
    else:
        old.unlink(missing_ok=True)
    (out / "robots.txt").write_text(robots, encoding="utf-8")
    (out / ".nojekyll").touch()  # GitHub Pages would drop _static
    shutil.copyfile(ASSETS / "favicon.ico", out / "favicon.ico")  # for what asks without looking


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", add_tags, priority=910)  # after theme.complete_context
    app.connect("html-collect-pages", extra_pages)
    app.connect("build-finished", write_files)

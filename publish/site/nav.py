"""The table of contents: built once for the book, written per page as chapters plus one chapter.

A page's sidebar lists all chapters, and the pages of its own chapter only. That keeps pages light
and the time of a build in proportion to the number of pages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

from markupsafe import Markup
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from . import failures
from .progress import progress

ROUTES = "book/routes/"
_TOC_OUTER = re.compile(
    r"\s*<ul>\s*<li>\s*<a [^>]*>.*?</a>\s*(<ul>.*</ul>)\s*</li>\s*</ul>\s*", re.DOTALL
)


@dataclass
class Tree:
    """The book's toctree. `parts`: (caption, docnames) at the root; `children`: by docname."""

    env: BuildEnvironment
    root: str
    parts: list[tuple[str, list[str]]] = field(default_factory=list)
    children: dict[str, list[str]] = field(default_factory=dict)
    parent: dict[str, str] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    position: dict[str, int] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)  # of pages that failed

    def title(self, docname: str) -> str:
        """Plain title of a page."""
        node = self.env.titles.get(docname)
        return node.astext() if node is not None else docname

    def number(self, docname: str) -> str:
        """``6.2`` for a numbered page, else empty."""
        found = self.env.toc_secnumbers.get(docname, {})
        numbers = next(iter(found.values()), ()) if found else ()
        return ".".join(map(str, numbers))

    def parents(self, docname: str) -> list[str]:
        """Pages above this one, from the top, without the root and without the page itself."""
        found = []
        while (docname := self.parent.get(docname, self.root)) != self.root:
            found.insert(0, docname)
        return found

    def link(self, docname: str, pathto) -> dict:
        """Title, number and address of a page as seen from the page that `pathto` belongs to."""
        return {
            "title": self.title(docname), "number": self.number(docname), "href": pathto(docname),
        }


def tree(app: Sphinx) -> Tree:
    """The book's tree; made once per build, when all pages have been read."""
    env = app.env
    known = getattr(app.builder, "workbook_tree", None)
    if known is None:
        known = Tree(env, app.config.root_doc)
        _read(known, known.root, {known.root})
        known.order = [known.root] + [doc for doc in known.order if doc != known.root]
        known.position = {doc: i for i, doc in enumerate(known.order)}
        known.marks = failures.marks(env)
        app.builder.workbook_tree = known
    return known


def _read(found: Tree, docname: str, seen: set[str]) -> None:
    toc = found.env.tocs.get(docname)
    for node in toc.findall(addnodes.toctree) if toc is not None else ():
        docs = [ref for _, ref in node["entries"] if ref in found.env.titles and ref not in seen]
        seen.update(docs)
        if docname == found.root:
            found.parts.append((node.get("caption") or "", docs))
        found.children.setdefault(docname, []).extend(docs)
        for doc in docs:
            found.parent[doc] = docname
            found.order.append(doc)
            _read(found, doc, seen)


def neighbours(found: Tree, docname: str) -> tuple[str | None, str | None]:
    """The pages before and after this one in the order of the book."""
    i = found.position.get(docname)
    if i is None:
        return None, None
    before = found.order[i - 1] if i else None
    after = found.order[i + 1] if i + 1 < len(found.order) else None
    return before, after


def _mark(found: Tree, docname: str, folded: bool) -> str:
    """Says that a page failed, or how many did below one whose pages are not listed."""
    text = found.marks.get(docname, "")
    below = sum(child in found.marks for child in found.children.get(docname, [])) if folded else 0
    if below and not text:
        text = f"{below} page{'s' * (below > 1)} marked"
    return f' <em class="dlw-mark">({escape(text)})</em>' if text else ""


def _entry(
    found: Tree, docname: str, pathto, current: str = "", folded: bool = False
) -> str:
    number = found.number(docname)
    label = f"<b>{escape(number)}</b> " if number else ""
    here = ' aria-current="page"' if docname == current else ""
    mark = _mark(found, docname, folded)
    return (
        f'<a href="{escape(pathto(docname))}"{here}>{label}'
        f"<span>{escape(found.title(docname))}{mark}</span></a>"
    )


def render(found: Tree, current: str, pathto) -> Markup:
    """The sidebar of one page."""
    path = {current, *found.parents(current)}

    def items(docs: list[str]) -> str:
        out = ["<ul>"]
        for doc in docs:
            below = found.children.get(doc, []) if doc in path else []
            kind = ' class="open"' if below else ""
            out.append(f"<li{kind}>{_entry(found, doc, pathto, current, not below)}")
            out.append((items(below) if below else "") + "</li>")
        return "".join([*out, "</ul>"])

    out = []
    for caption, docs in found.parts:
        out.append(f'<p class="part">{escape(caption)}</p>' if caption else "")
        out.append(items(docs))
    return Markup("".join(out))


def render_contents(found: Tree, pathto) -> Markup:
    """The chapters and their pages, for the landing page, which shows the routes by itself."""
    out = []
    for caption, docs in found.parts:
        docs = [doc for doc in docs if not doc.startswith(ROUTES)]
        if not docs:
            continue
        out.append('<div class="contents-part">')
        out.append(f"<h3>{escape(caption)}</h3>" if caption else "")
        out.append("<ul>")
        for doc in docs:
            below = found.children.get(doc, [])
            out.append(f"<li>{_entry(found, doc, pathto)}{progress(found.env, [doc, *below])}")
            if below:
                inner = "".join(
                    f"<li>{_entry(found, sub, pathto)}{progress(found.env, [sub])}</li>"
                    for sub in below
                )
                out.append(f"<ul>{inner}</ul>")
            out.append("</li>")
        out.append("</ul></div>")
    return Markup("".join(out))


def page_toc(toc: str) -> Markup:
    """Sphinx' table of contents of a page without its outer level, which is the page's title."""
    match = _TOC_OUTER.fullmatch(str(toc))
    return Markup(match[1]) if match else Markup("")


def head_title(number: str, title: str, book: str, kind: str) -> str:
    """Text of <title>: ``6.2 Convolution · Book``."""
    if not title:
        return ""
    if kind == "landing":
        return title
    return " · ".join(part for part in (f"{number} {title}".strip(), book) if part)

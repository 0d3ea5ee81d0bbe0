"""Old addresses go on working: pages and anchors that moved, from the one table of the book.

``book/moved.yml`` maps an old place to the new one, both below the site's root::

    book/ch06_x/old: book/ch06_x/new                     a page, and with it all its anchors
    book/ch06_x/old#ex-some: book/ch06_x/other#ex-some   one anchor

Where the old page is gone, a small page stands in its place; where it is still there, it sends on
who comes for an anchor that it has no more. An anchor never reaches the server, so a script
(``moved.js``) looks at it; without scripts a reader lands on the page.
"""

from __future__ import annotations

import json
import posixpath
import shutil
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import yaml
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from .bundle import ASSETS

logger = logging.getLogger(__name__)
TABLE = "book/moved.yml"
WHOLE = ""  # in place of an anchor: the page itself


class MovedError(ValueError):
    """The table of what moved is wrong; says in which entry, and what to write."""


@dataclass
class Moved:
    """Where a page, or single anchors of it, went: anchor -> address below the root."""

    page: str
    to: dict[str, str] = field(default_factory=dict)

    def relative(self) -> dict[str, str]:
        """The same, as addresses that work from the page itself."""
        folder = posixpath.dirname(self.page)
        return {
            anchor: posixpath.relpath(_file(page), folder) + (f"#{at}" if at else "")
            for anchor, (page, _, at) in ((a, to.partition("#")) for a, to in self.to.items())
        }


def _file(page: str) -> str:
    return f"{page}.html"


def read(text: str, pages: set[str]) -> dict[str, Moved]:
    """The table, by old page. ``pages``: those that exist. Raises MovedError."""
    table = yaml.safe_load(text) or {}
    if not isinstance(table, dict) or not all(isinstance(v, str) for v in table.values()):
        raise MovedError(f"{TABLE} must map old places to new ones")
    found: dict[str, Moved] = {}
    for old, new in table.items():
        page, _, anchor = old.partition("#")
        target = new.partition("#")[0]
        if target not in pages:
            raise MovedError(f"{TABLE}: '{old}' leads to '{new}', and there is no page '{target}'")
        if page in pages and not anchor:
            raise MovedError(f"{TABLE}: '{old}' is a page of the book; name the anchor that moved")
        found.setdefault(page, Moved(page)).to[anchor] = new
    for page, moved in found.items():
        if page not in pages and WHOLE not in moved.to:
            raise MovedError(f"{TABLE}: '{page}' is gone; say where the page itself went, too")
    return found


def stub(moved: Moved) -> str:
    """The page in the place of one that is gone."""
    to = moved.relative()
    up = posixpath.relpath("_static/moved.js", posixpath.dirname(moved.page))
    where = escape(to[WHOLE])
    return (
        f'<!DOCTYPE html>\n<html lang="en" data-moved="{escape(json.dumps(to))}">\n'
        '<head>\n<meta charset="utf-8">\n<title>This page has moved</title>\n'
        f'<meta name="robots" content="noindex">\n<script src="{up}"></script>\n'
        f'<noscript><meta http-equiv="refresh" content="0; url={where}"></noscript>\n</head>\n'
        f'<body><p>This page has moved: <a href="{where}">read it here</a>.</p></body>\n</html>\n'
    )


def _table(app: Sphinx) -> dict[str, Moved]:
    path = Path(app.srcdir) / TABLE
    if not path.exists():
        return {}
    try:
        return read(path.read_text(encoding="utf-8"), set(app.env.found_docs))
    except (MovedError, yaml.YAMLError) as error:
        logger.warning("%s", error)
        return {}


def _changed(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Read the table; pages to write anew: those of which other anchors have moved than before."""
    before = getattr(env, "workbook_moved", {})
    now = env.workbook_moved = _table(app)
    pages = {page for page in now | before if now.get(page) != before.get(page)}
    return sorted(pages & set(env.all_docs))


def _send_on(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """A page that is still there knows which of its anchors went elsewhere."""
    moved = app.env.workbook_moved.get(pagename) if app.builder.format == "html" else None
    if moved is not None:
        context["workbook"]["moved"] = json.dumps(moved.relative())


def _write(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    out, table = Path(app.outdir), app.env.workbook_moved
    if table:  # else no page loads it
        shutil.copyfile(ASSETS / "moved.js", out / "_static" / "moved.js")
    for page, moved in table.items():
        if page in app.env.found_docs:
            continue
        path = out / _file(page)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(stub(moved), encoding="utf-8")


def setup(app: Sphinx) -> None:
    app.connect("env-updated", _changed)
    app.connect("html-page-context", _send_on, priority=920)
    app.connect("build-finished", _write)

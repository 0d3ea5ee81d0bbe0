"""Sphinx extension: the widgets' scripts and style on the pages that have a widget.

Writes loader, scripts and style to ``_static/dlworkbook/``; a page without a widget loads
nothing of it. Sets ``DLWORKBOOK_STATIC=1``, which the kernels that execute the pages inherit.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from dlworkbook import __version__
from dlworkbook.widgets.kit import bundle

FOLDER = "dlworkbook"


def _hash(app: Any, config: Any) -> None:
    """A changed script must rewrite pages: Sphinx copies static files only when a page changes."""
    os.environ["DLWORKBOOK_STATIC"] = "1"
    config.dlworkbook_widgets_hash = bundle.digest("".join(bundle.files().values()))


def _write(app: Any) -> None:
    """Write the files where Sphinx picks up static files."""
    if app.builder.format != "html":
        return
    root = Path(app.doctreedir).parent / "_dlworkbook_static"
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in bundle.files().items():
        target = folder / name
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")
    app.config.html_static_path.append(str(root))


def _page(app: Any, pagename: str, templatename: str, context: dict, doctree: Any) -> None:
    """Load the loader (it fetches the rest) only where a widget stands."""
    if app.builder.format == "html" and "data-widget=" in context.get("body", ""):
        app.add_js_file(f"{FOLDER}/loader.js", loading_method="async")
        app.add_css_file(f"{FOLDER}/widgets.css")


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_config_value("dlworkbook_widgets_hash", "", "html")
    app.connect("config-inited", _hash)
    app.connect("builder-inited", _write)
    app.connect("html-page-context", _page)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}

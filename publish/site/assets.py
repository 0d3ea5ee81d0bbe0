"""Scripts and styles of a part of the site, loaded on the pages that hold it.

A part (answers, practice, trial exam, mock interview) says what its files are, and by which mark
its pages are known. A script may hold that of another part: then it is loaded in its place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

PARTS = "_workbook_parts"  # of the application: all parts, in the order in which they were set up


@dataclass(frozen=True)
class Part:
    """Files below ``_static/<folder>/`` and where they are loaded."""

    name: str  # of its script and style: <name>.js, <name>.css
    folder: str
    mark: str  # stands in the body of a page that holds it
    files: Callable[[], dict[str, str]]  # name -> contents
    holds: tuple[str, ...] = ()  # parts whose script is in its own
    loading: dict[str, str] = field(default_factory=lambda: {"blocking": "render"})
    fresh: tuple[Callable[[], Any], ...] = ()  # caches to empty: `make serve` builds again

    def setup(self, app: Sphinx) -> None:
        """Write the files where Sphinx picks up static files, and load them where they belong."""
        parts = getattr(app, PARTS, [])
        setattr(app, PARTS, [*parts, self])
        look = f"workbook_{self.name}_look"
        app.add_config_value(look, "", "html")  # all pages are written anew when it changes

        def begin(app: Sphinx, config: Any) -> None:
            for cached in self.fresh:
                cached.cache_clear()
            text = "".join(self.files().values())
            setattr(config, look, hashlib.sha256(text.encode()).hexdigest())

        app.connect("config-inited", begin)
        app.connect("builder-inited", self._stage)
        app.connect("html-page-context", self._load)

    def _stage(self, app: Sphinx) -> None:
        if app.builder.format == "html":
            root = Path(app.doctreedir) / f"{self.name}_static"
            write(root / self.folder, self.files())
            app.config.html_static_path.append(str(root))

    def _load(self, app: Sphinx, page: str, template: str, context: dict, doctree: Any) -> None:
        body = context.get("body") or ""
        if app.builder.format != "html" or self.mark not in body:
            return
        here = [part for part in getattr(app, PARTS) if part.mark in body]
        if not any(self.name in part.holds for part in here):
            app.add_js_file(f"{self.folder}/{self.name}.js", loading_method="defer", **self.loading)
        app.add_css_file(f"{self.folder}/{self.name}.css")


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files, name -> contents, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")

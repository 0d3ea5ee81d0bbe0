"""One style sheet and one script for all pages, made from ``book/_assets``."""

from __future__ import annotations

import hashlib
import re
import shutil
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from sphinx.application import Sphinx

from dlworkbook.fonts import CHINESE

from . import chinese

ASSETS = Path(__file__).resolve().parents[2] / "book" / "_assets"
HERE = Path(__file__).parent
# In this order. `dark.css` holds the colours of the dark theme.
STYLES = ("fonts", "tokens", "layout", "text", "cells", "landing", "print")
WHOLE_CHINESE = "fonts/chinese.woff2"
COPIED = ("fonts", "vendor", "logo.svg", "og.png", "workbook.js", "search.js")
# Written into _static by extensions that Jupyter Book switches on, read by no page.
DEAD = (
    "basic.css", "pygments.css", "togglebutton.css", "togglebutton.js", "copybutton.css",
    "copybutton.js", "copybutton_funcs.js", "clipboard.min.js",
    "sphinx-thebe.css", "sphinx-thebe.js", "sphinx-design.min.css", "design-tabs.js",
    "katex-math.css", "file.png", "minus.png", "plus.png", "mystnb.*.css", "css",
    "sphinx_design_static", "design-style.*.min.css", "scripts", "styles", "images",
    "copy-button.svg", "play-solid.svg", "check-solid.svg",
    "doctools.js", "documentation_options.js", "searchtools.js", "language_data.js",
    "sphinx_highlight.js",  # search.js
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_FONT_URL = re.compile(r"url\((fonts/[\w.-]+)\)")


def files() -> list[Path]:
    """Every file that shapes the pages, sorted."""
    found = [CHINESE, *ASSETS.rglob("*"), *HERE.glob("*.py"), *(HERE / "theme").iterdir()]
    return sorted(path for path in found if path.is_file())


def fingerprint() -> str:
    """Hash of all of them. As a Sphinx option, a change of it rewrites the pages."""
    digest = hashlib.sha256()
    for path in files():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@lru_cache(maxsize=64)
def _version(path: Path, changed: float) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]


def stamped(name: str) -> str:
    """``name?v=<hash of the file>``, so that browsers may keep it for ever."""
    path = CHINESE if name == WHOLE_CHINESE else ASSETS / name
    return f"{name}?v={_version(path, path.stat().st_mtime)}"


@lru_cache(maxsize=1)
def favicon() -> str:
    """The mark of the book as a data address: one request less on every page."""
    logo = (ASSETS / "logo.svg").read_text(encoding="utf-8").strip()
    return "data:image/svg+xml," + quote(logo, safe=" ='/:;,()")


def compact(css: str) -> str:
    """CSS without comments and indentation. Strings with ``/*`` in them are not expected."""
    lines = (line.strip() for line in _COMMENT.sub("", css).splitlines())
    return "\n".join(line for line in lines if line) + "\n"


def style() -> str:
    """The whole style sheet, KaTeX' rules included."""
    parts = [(ASSETS / "css" / f"{name}.css").read_text(encoding="utf-8") for name in STYLES]
    katex = (ASSETS / "vendor" / "katex" / "katex.min.css").read_text(encoding="utf-8")
    parts.insert(2, katex.replace("url(fonts/", "url(vendor/katex/fonts/"))
    css = _FONT_URL.sub(lambda match: f"url({stamped(match[1])})", "\n".join(parts))
    return compact(css)


def write(folder: Path) -> None:
    """Write all that belongs into ``_static`` to `folder`, replacing what is there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "workbook.css").write_text(style(), encoding="utf-8")
    for name in COPIED:
        source = ASSETS / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        elif source.exists():
            shutil.copyfile(source, folder / name)
    shutil.copyfile(CHINESE.with_name("LICENSE.txt"), folder / "fonts/LICENSE-chinese.txt")
    (folder / WHOLE_CHINESE).write_bytes(chinese.whole(CHINESE.stat().st_mtime))


def prune(app: Sphinx, exception: Exception | None) -> None:
    """Remove files from ``_static`` that no page of this book loads."""
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    for pattern in DEAD:
        for path in static.glob(pattern):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

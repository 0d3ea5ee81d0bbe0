"""Builds a book of a few pages in a temporary folder with chosen modules of publish.site."""

from __future__ import annotations

import importlib
import io
import os
import sys
import types
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

NOTEBOOK = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3}
"""

# Code that is folded, and a fold.
FOLDED = """```{code-cell} python
:tags: [hide-input]
plot(losses)
```

:::{fold} Proof that it slides
Deep text.
:::
"""


def without_addresses(patch) -> None:
    """As where nobody has said where the book is published; ``patch`` is pytest's monkeypatch."""
    for name in ("REPOSITORY", "SITE", "BRANCH", "NOTEBOOKS_BRANCH", "HUB", "BINDER"):
        patch.delenv(f"WORKBOOK_{name}", raising=False)


def page(body: str, workbook: str = "") -> str:
    """A MyST notebook page with an optional ``workbook:`` block (YAML in braces)."""
    return NOTEBOOK + (f"workbook: {workbook}\n" if workbook else "") + "---\n\n" + body


@dataclass
class Built:
    """Result of a build: the application, its warnings, and the HTML of each page."""

    app: Sphinx
    warnings: str
    out: Path

    def html(self, name: str) -> str:
        return (self.out / f"{name}.html").read_text(encoding="utf-8")


def build(folder: Path, pages: dict[str, str], modules: tuple[str, ...], **config) -> Built:
    """Write pages (name without .md -> text) into folder/src and build them into folder/out."""
    source = folder / "src"
    source.mkdir(exist_ok=True)
    for name, text in pages.items():
        path = source / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    extension = types.ModuleType("small_book_extension")
    extension.setup = lambda app: [
        importlib.import_module(f"publish.site.{module}").setup(app) for module in modules
    ] and {"parallel_read_safe": True}
    sys.modules[extension.__name__] = extension
    warnings = io.StringIO()
    settings = {
        "extensions": ["myst_nb", extension.__name__],
        "html_theme": "basic",
        "nb_execution_mode": "off",
        "myst_enable_extensions": ["dollarmath", "colon_fence"],
        # Sphinx fills in a default that all applications of a process share.
        "source_suffix": {".rst": "restructuredtext", ".md": "myst-nb"},
        "root_doc": next(iter(pages)),
        "nitpicky": True,
        "suppress_warnings": ["myst-nb.lexer"],  # pages that are not run have no language
        **config,
    }
    # A build sets variables for its kernels; they must not reach the tests that follow.
    with mock.patch.dict(os.environ), patch_docutils(), docutils_namespace():
        app = Sphinx(
            str(source), None, str(folder / "out/html"), str(folder / "out/doctrees"), "html",
            confoverrides=settings, status=None, warning=warnings,
        )
        app.build()
    return Built(app, warnings.getvalue(), folder / "out/html")

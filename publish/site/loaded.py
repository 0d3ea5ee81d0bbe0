"""Imports what every build needs: for each build ``make serve`` forks a process that did it."""

from __future__ import annotations

import importlib

MODULES = (
    "publish.site.build",  # first: it keeps a slow grammar from being compiled
    "jupyter_book.sphinx", "jupyter_cache", "myst_nb", "myst_nb.sphinx_ext",
    "sphinx.builders.html", "sphinx_external_toc", "sphinxcontrib.bibtex", "sphinxcontrib.katex",
    "publish.notebooks", "publish.site", "publish.tools.kernels", "publish.tools.wheel",
)

for name in MODULES:
    importlib.import_module(name)

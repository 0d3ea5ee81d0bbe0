"""The Sphinx extension of the book. It needs Sphinx and myst-nb, not Jupyter Book.

Each module has one job and a ``setup(app)``; this one only calls them.
"""

from __future__ import annotations

import importlib
import importlib.util

from sphinx.application import Sphinx

# In this order: later modules may rely on what earlier ones set up.
MODULES = (
    "execution",  # runs the pages, all cores
    "failures",  # boxes, notes and marks of pages that failed
    "exercises",  # directives exercise, hint, solution
    "folds",  # directive fold
    "answers",  # directives answer and predict, role settles
    "practice",  # directive practice
    "progress",  # how many answers are checked, wherever pages are listed
    "cells",  # cell tags: notebook-only, check, solution, fold
    "facts",  # front matter below the title
    "numbering",  # d2l's chapter and section numbers
    "routes",  # index pages from the front matter
    "questions",  # interview questions, answered by pages
    "trial",  # directive trial: an exam of practice problems
    "glossary",  # behind each term the page that introduces it
    "citations",  # bibliographies formatted once per build
    "math",  # KaTeX at build time
    "theme",  # look, weight, buttons
    "search",  # an index of sections, terms and exercises
    "redirects",  # what moved is still found
    "seo",  # descriptions, sitemap, 404
    "editions",  # notebooks and wheel beside the pages
    "downloads",  # the whole book as one file
    "policy",  # which scripts a page may run
)


def setup(app: Sphinx) -> dict:
    app.add_config_value("workbook_repository", "", "html")
    app.add_config_value("workbook_site", "", "html")
    app.add_config_value("workbook_branch", "main", "html")
    app.setup_extension("dlworkbook.widgets.kit.sphinx")
    for name in MODULES:
        importlib.import_module(f"{__name__}.{name}").setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True,
            "env_version": 2}

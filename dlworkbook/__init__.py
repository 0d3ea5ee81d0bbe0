"""Widgets, checks, data and plot style for the notebooks of the Deep Learning Workbook.

What a page teaches is on the page; this package holds only the rest. Importing it
imports neither torch nor NumPy.
"""

from __future__ import annotations

import os

from .claims import ClaimFailed, claim
from .counting import progress
from .experiments import ExperimentMissing, experiment
from .usual import targets

__version__ = "0.1.0"
__all__ = [
    "ClaimFailed", "ExperimentMissing", "__version__", "claim", "experiment", "glue",
    "is_static_build", "progress", "targets",
]


def is_static_build() -> bool:
    """True while the book's site is being built (set by the Sphinx extension)."""
    return os.environ.get("DLWORKBOOK_STATIC") == "1"


def glue(name: str, value: object) -> None:
    """Hand a measured number to the text around the cell.

    On the site the text shows it through ``{glue:text}`name:.1f```; in a notebook,
    where Markdown cannot read variables, it is printed as ``name = value``.
    """
    if hasattr(value, "item"):  # a scalar of NumPy or torch: its text form is not a number
        value = value.item()
    if is_static_build():
        from myst_nb import glue as site_glue

        site_glue(name, value, display=False)
    else:
        shown = f"{value:.4g}" if isinstance(value, float) else value
        print(f"{name} = {shown}")

"""Makes a style's plug-ins, and the text of an entry, once per build instead of once per use.

sphinxcontrib-bibtex formats the entries of every page's bibliography in every build, also in one
that changes nothing: each time twice (a tooltip has the same text), and each time pybtex searches
the metadata of all installed packages for the parts of the style. For 60 pages that was a third
of the time of a build without a change.
"""

from __future__ import annotations

import functools

import pybtex.plugin
from pybtex.style import FormattedEntry
from pybtex.style.formatting import BaseStyle
from sphinx.application import Sphinx

# (style, settings, label, entry, ...) -> (entry, formatted); the entry is kept so that its id
# stays its own.
_formatted: dict[tuple, tuple[object, FormattedEntry]] = {}


def remember_plugins() -> None:
    """Give pybtex's search a memory; done twice, it stays done once.

    What is not found is not remembered: a plug-in that is registered later is found then.
    """
    search = pybtex.plugin._load_entry_point
    if not hasattr(search, "cache_info"):
        pybtex.plugin._load_entry_point = functools.lru_cache(maxsize=None)(search)


def remember_entries() -> None:
    """Give the styles a memory of what they formatted; done twice, it stays done once.

    An entry with a missing field raises each time, as before.
    """
    original = BaseStyle.format_entry
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(original)
    def format_entry(self, label, entry, bib_data=None):
        settings = (type(self.name_style), self.abbreviate_names)
        key = (type(self), settings, label, id(entry), id(bib_data))
        if key not in _formatted:
            _formatted[key] = (entry, original(self, label, entry, bib_data=bib_data))
        return _formatted[key][1]

    BaseStyle.format_entry = format_entry


def forget_entries(app: Sphinx) -> None:
    """Start a build with an empty memory: the bibliography may have been edited."""
    _formatted.clear()


def setup(app: Sphinx) -> None:
    remember_plugins()
    remember_entries()
    app.connect("builder-inited", forget_entries)

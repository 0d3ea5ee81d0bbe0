"""Citations and the list of sources, from the book's BibTeX files."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import yaml
from pybtex.backends.markdown import Backend
from pybtex.database import BibliographyData, Entry
from pybtex.database.input.bibtex import Parser
from pybtex.style.formatting.plain import Style
from pybtex.style.labels.number import LabelStyle
from pybtex.style.names.plain import NameStyle
from pybtex.style.sorting.author_year_title import SortingStyle

DEFAULT_FILES = ("book/references.bib",)


class _Markdown(Backend):
    """Escapes only what CommonMark would misread; $...$ in a title stays mathematics."""

    def format_str(self, text: str) -> str:
        escaped = "".join("\\" + c if c in "\\`*_[]<>" else c for c in text)
        return escaped.replace("&", "&amp;")


class References:
    """The BibTeX entries of the book."""

    def __init__(self, root: Path):
        config = root / "_config.yml"
        settings = yaml.safe_load(config.read_text(encoding="utf-8")) if config.exists() else {}
        files = (settings or {}).get("bibtex_bibfiles") or DEFAULT_FILES
        self.files = [root / name for name in files if (root / name).exists()]

    @cached_property
    def data(self) -> BibliographyData:
        data = BibliographyData()
        for path in self.files:
            data.add_entries(Parser(encoding="utf-8").parse_file(str(path)).entries.items())
        return data

    def __contains__(self, key: str) -> bool:
        return key in self.data.entries

    def label(self, key: str) -> tuple[str, str]:
        """Authors and year for the text: ("Marr and Hildreth", "1980")."""
        entry = self.data.entries[key]
        return _authors(entry), entry.fields.get("year", "n.d.")

    def anchor(self, key: str) -> str:
        return "cite-" + "".join(c if c.isalnum() else "-" for c in key.lower())

    def markdown(self, keys: list[str], anchored: Callable[[str], bool]) -> str:
        """The entries as a list, sorted by author and year; anchored(key): is it linked to?"""
        # classes, not names: looking plugins up by name searches all installed packages
        style = Style(label_style=LabelStyle, name_style=NameStyle, sorting_style=SortingStyle)
        entries = [self.data.entries[key] for key in keys]
        backend = _Markdown("utf-8")
        lines = []
        for formatted in style.format_entries(style.sort(entries)):
            text = " ".join(formatted.text.render(backend).split())
            anchor = self.anchor(formatted.key)
            mark = f'<a id="{anchor}" name="{anchor}"></a>' if anchored(formatted.key) else ""
            lines.append(f"- {mark}{text}")
        return "\n".join(lines)


def _authors(entry: Entry) -> str:
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [
        " ".join(str(part) for part in [*p.rich_prelast_names, *p.rich_last_names])
        for p in people
    ]
    if not names:
        return entry.fields.get("title", entry.key)
    if len(names) > 2:
        return f"{names[0]} et al."
    return " and ".join(names)

"""The book as its notebooks see it: which pages they are, and how they are linked."""

from __future__ import annotations

import posixpath
from pathlib import Path

from publish.page import book
from publish.page.model import FOLDER, Page
from publish.site.addresses import Addresses


class Book(book.Book):
    """All pages of `_toc.yml`; a page that becomes a notebook must hold what one can show."""

    def __init__(self, root: Path, addresses: Addresses):
        super().__init__(root)
        self.addresses = addresses

    def page(self, name: str) -> Page:
        """The page of that name. Raises PageError, FrontMatterError, FileNotFoundError."""
        page = super().page(name)
        if page.is_notebook and page.problems:
            raise page.problems[0]
        return page

    def notebooks(self, only: set[str] | None = None) -> list[Page]:
        """Pages with code (of those named in ``only``), in reading order: the notebooks."""
        names = [name for name in self.names if only is None or name in only]
        return [
            self.page(name)
            for name in names
            if name.startswith(FOLDER) and self.page(name).is_notebook
        ]

    def url(self, target: Page, page: Page, anchor: str = "") -> str:
        """Address of a page for a reader of another page's notebook.

        The site where its address is known; without one the other notebook, or "" for a page
        that is no notebook.
        """
        if self.addresses.site:
            return f"{self.addresses.site}/{target.name}.html" + (f"#{anchor}" if anchor else "")
        if not target.is_notebook:
            return ""
        here = posixpath.dirname(page.notebook) or "."
        return posixpath.relpath(f"{target.notebook}.ipynb", here)

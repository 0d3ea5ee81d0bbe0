"""The pages of a book, each read when it is first asked for."""

from __future__ import annotations

import contextlib
import posixpath
from functools import cached_property
from pathlib import Path

from myst_nb.core.read import is_myst_markdown_notebook

from . import frontmatter, model
from .model import FOLDER, Label, Page
from .parser import PageParser, myst_extensions, normalize


class Book:
    """All pages of `_toc.yml`: what a page may point to.

    ``own``: names of pages outside of it, which an instructor hands out: paths without ``.md``.
    """

    own: tuple[str, ...] = ()

    def __init__(self, root: Path):
        self.root = root
        self.parser = PageParser(myst_extensions(root))
        self._pages: dict[str, Page] = {}

    @cached_property
    def names(self) -> list[str]:
        """Names of the pages, in reading order."""
        return frontmatter.toc_files(self.root) if (self.root / "_toc.yml").exists() else []

    def page(self, name: str) -> Page:
        """The page of that name, with its problems. Raises FrontMatterError, FileNotFoundError."""
        if name not in self._pages:
            self._pages[name] = self._read(name)
        return self._pages[name]

    def with_answers(self) -> list[Page]:
        """The pages that ask for answers, as far as they can be read."""
        found = []
        for name in self.names:
            with contextlib.suppress(FileNotFoundError, frontmatter.FrontMatterError):
                # Parsing takes a fifth of a second a page: only those that hold the word at all.
                if "{answer}" in self.text(name) and self.page(name).answers:
                    found.append(self.page(name))
        return found

    def find(self, label: str, page: Page) -> tuple[Page, Label] | None:
        """Where a label is defined, page first, then the whole book."""
        wanted = normalize(label)
        for name in (page.name, *self.own, *self.names):
            # Parsing takes a fifth of a second a page: only those that hold the word at all.
            if name not in self._pages and wanted not in normalize(self.text(name)):
                continue
            found = self.page(name).labels.get(wanted)
            if found:
                return self.page(name), found
        return None

    def name_of(self, target: str, page: Page) -> str:
        """Page name of a ``{doc}`` target or a link: from the root with a leading slash."""
        target = target.removesuffix(".md")
        if target.startswith("/"):
            return target[1:]
        return posixpath.normpath(posixpath.join(posixpath.dirname(page.name), target))

    def resolve(self, target: str, page: Page) -> Page | None:
        """The page that a ``{doc}`` target or a link to a ``.md`` file names."""
        name = self.name_of(target, page)
        return self.page(name) if name in self.names or name in self.own else None

    def text(self, name: str) -> str:
        """The source of a page. FileNotFoundError if the table of contents names a missing one."""
        path = self.root / f"{name}.md"
        if not path.exists():
            raise FileNotFoundError(f"_toc.yml lists {name}, but there is no {name}.md")
        return path.read_text(encoding="utf-8")

    def _read(self, name: str) -> Page:
        text = self.text(name)
        front = frontmatter.load(text, self.root / f"{name}.md")
        # The cover may hold code, too, but below book/ are the pages that are read as notebooks.
        is_notebook = name.startswith(FOLDER) and is_myst_markdown_notebook(text)
        is_notebook |= name in self.own
        free = not (is_notebook or front.meta.is_section)
        fragment, problems = self.parser.parse(text, f"{name}.md", free=free)
        return model.make(Page(name, text, front, fragment, is_notebook, problems), free=free)

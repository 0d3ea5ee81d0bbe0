"""The pages of the table of contents as notebooks, read as the site reads them."""

from __future__ import annotations

from pathlib import Path

from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader
from myst_parser.config.main import MdParserConfig
from nbformat import NotebookNode

from .frontmatter import toc_files


def notebook(path: Path) -> NotebookNode | None:
    """A page as a notebook; None if it is plain text."""
    text = Path(path).read_text(encoding="utf-8")
    reader = create_nb_reader(str(path), MdParserConfig(), NbParserConfig(), text)
    return None if reader is None else reader.read(text)


def source_lines(page: NotebookNode) -> list[int]:
    """For each cell of a page the line where it begins, from 1."""
    return [line + 1 for line in page.metadata["source_map"]]


def code_pages(root: Path) -> list[str]:
    """Names of the pages with code cells, in the order of the table of contents."""
    found = []
    for name in toc_files(root):
        page = notebook(root / f"{name}.md")
        if page is not None and any(cell.cell_type == "code" for cell in page.cells):
            found.append(name)
    return found

"""Small books for the tests of the notebook edition."""

from __future__ import annotations

from pathlib import Path

from nbformat import NotebookNode

from publish import notebooks
from publish.site.addresses import Addresses
from tests.kit.small_book import page

ROOT = Path(__file__).resolve().parents[2]
HEAD = page("", "WORKBOOK")
HEAD_LINES = HEAD.count("\n")
BIB = r"""
@article{one, author = {Ng, Ann}, title = {On {U} and $x$}, journal = {J}, year = {2001}}
@article{two, author = {Ng, Ann and Bo, Ed}, title = {T}, journal = {J}, year = {2002}}
@article{three, author = {L{\'e}, A and Bo, Ed and Cy, F},
  title = {T}, journal = {J}, year = {2003}}
"""


def book(folder: Path, pages: dict[str, str], workbook: dict[str, str] | None = None) -> Path:
    """A book in folder; pages: path below book/ -> text without front matter.

    workbook: the front matter's block, in braces, for the pages that want one.
    """
    for name, text in {"index": "# Cover\n"}.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    (folder / "_config.yml").write_text(
        "parse: {myst_enable_extensions: [dollarmath, amsmath, colon_fence, deflist, "
        "attrs_inline]}\nbibtex_bibfiles: [book/references.bib]\n", encoding="utf-8",
    )
    toc = "format: jb-book\nroot: index\nchapters:\n"
    for name, text in pages.items():
        path = folder / "book" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            HEAD.replace("WORKBOOK", (workbook or {}).get(name, "{}")) + text, encoding="utf-8"
        )
        toc += f"- file: book/{name}\n"
    (folder / "_toc.yml").write_text(toc, encoding="utf-8")
    (folder / "book").mkdir(exist_ok=True)
    (folder / "book" / "references.bib").write_text(BIB, encoding="utf-8")
    return folder


def convert(folder: Path, text: str, *, workbook: str = "{}", addresses=None,
            **others: str) -> NotebookNode:
    """The notebook of book/ch/page.md with this text below its title."""
    pages = {"ch/page": "# Title\n\n" + text, **{f"ch/{k}": v for k, v in others.items()}}
    root = book(folder, pages, {"ch/page": workbook})
    return notebooks.convert(
        root / "book" / "ch" / "page.md", root=root, addresses=addresses or Addresses()
    )


def body(notebook: NotebookNode) -> list[str]:
    """Sources of the cells below the title cell and the set-up."""
    return [
        cell.source for cell in notebook.cells[1:] if "setup" not in cell.metadata.get("tags", [])
    ]

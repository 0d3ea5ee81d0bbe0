"""What of a page is still that of the template from which ``make new`` makes it."""

from __future__ import annotations

from pathlib import Path

from publish.page.contents import notebook, source_lines
from publish.tools.new import PAGE

ROOT = Path(__file__).resolve().parents[2]


def blocks(path: Path) -> dict[str, int]:
    """Paragraphs of a page that are long enough to be somebody's own, with their lines."""
    book, found = notebook(path), {}
    if book is None:  # a page of plain text
        return found
    for cell, line in zip(book.cells, source_lines(book), strict=True):
        for part in cell.source.split("\n\n") if cell.cell_type == "markdown" else ():
            words = " ".join(part.split())
            if len(words) >= 40:
                found.setdefault(words, line)
    return found


def unfilled(name: str, root: Path = ROOT) -> list[str]:
    """Of the page ``book/<name>.md``: what still is the template's, with line, as sentences."""
    template = blocks(ROOT / PAGE)
    return [
        f"book/{name}.md, from line {line}: still the skeleton's: {words[:70]}..."
        for words, line in blocks(root / "book" / f"{name}.md").items() if words in template
    ]

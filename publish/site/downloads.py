"""The whole book as one file, offered on the front page: what `make pdf` and `make archive` wrote.

Whatever of it lies in ``dist/`` is published beside the pages; the front page says how large it is.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

PDF, ARCHIVE = "deep-learning-workbook.pdf", "deep-learning-workbook.zip"
WORDS = {PDF: "as a PDF", ARCHIVE: "as a folder to read without a network (zip)"}
FOLDER = "dist"


def found(root: Path) -> list[tuple[str, str]]:
    """Name of each file that is there, and words for its link with the size."""
    files = {name: root / FOLDER / name for name in WORDS}
    return [(name, f"{WORDS[name]}, {path.stat().st_size / 1e6:.1f} MB")
            for name, path in files.items() if path.is_file()]


def _note(app: Sphinx, config: Config) -> None:
    config.workbook_downloads = found(Path(app.srcdir))


def _publish(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    offered = {name for name, _ in app.config.workbook_downloads}
    for name in WORDS:
        (Path(app.outdir) / name).unlink(missing_ok=True)
        if name in offered:
            shutil.copyfile(Path(app.srcdir) / FOLDER / name, Path(app.outdir) / name)


def setup(app: Sphinx) -> None:
    app.add_config_value("workbook_downloads", [], "html")
    app.connect("config-inited", _note)
    app.connect("build-finished", _publish)

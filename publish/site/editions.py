"""Publishes the notebook edition and the helper package's wheel beside the pages."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from publish.tools import imports

from .addresses import Addresses

PUBLISH = Path(__file__).resolve().parents[1]


def _fingerprint(app: Sphinx, config: Config) -> None:
    """Hash the notebook writer: when it changes, Sphinx writes every page, and so do we."""
    writer = imports.follow([PUBLISH / "notebooks" / "__init__.py"], [PUBLISH])
    config.workbook_notebook_writer = imports.digest(writer, PUBLISH)


def _begin(app: Sphinx) -> None:
    app.builder.workbook_written = set()


def _note(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    if doctree is not None:
        app.builder.workbook_written.add(pagename)


def _write(app: Sphinx, exception: Exception | None) -> None:
    """Write the notebooks of the pages that this build wrote, and those that are missing.

    Converting a page takes as long as building it, so a build without a change converts none.
    """
    root = Path(app.srcdir)
    if exception or app.builder.format != "html" or not (root / "_toc.yml").exists():
        return
    from publish import notebooks
    from publish.tools import wheel

    addresses = Addresses.from_config(
        {key: app.config[key] for key in
         ("workbook_repository", "workbook_site", "workbook_branch")}
    )
    out = Path(app.outdir) / "notebooks"
    known = app.env.found_docs
    for file in out.rglob("*.ipynb"):
        if f"book/{file.relative_to(out).with_suffix('').as_posix()}" not in known:
            file.unlink()
    todo = app.builder.workbook_written if out.exists() else None
    if todo is None or todo:
        notebooks.write_all(out, root=root, addresses=addresses, only=todo)
    if (root / "pyproject.toml").exists():
        wheel.build(Path(app.outdir) / "wheels")


def setup(app: Sphinx) -> None:
    app.add_config_value("workbook_notebook_writer", "", "html")
    app.connect("config-inited", _fingerprint)
    app.connect("builder-inited", _begin)
    app.connect("html-page-context", _note)
    app.connect("build-finished", _write)

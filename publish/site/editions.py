"""Publishes the notebook edition and the helper package's wheel beside the pages."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

from publish.site.addresses import Addresses


def _write(app: Sphinx, exception: Exception | None) -> None:
    root = Path(app.srcdir)
    if exception or app.builder.format != "html" or not (root / "_toc.yml").exists():
        return
    from publish import notebooks, wheel

    addresses = Addresses.from_config(
        {key: app.config[key] for key in
         ("workbook_repository", "workbook_site", "workbook_branch")}
    )
    notebooks.write_all(Path(app.outdir) / "notebooks", root=root, addresses=addresses)
    if (root / "pyproject.toml").exists():
        wheel.build(Path(app.outdir) / "wheels")


def setup(app: Sphinx) -> None:
    app.connect("build-finished", _write)

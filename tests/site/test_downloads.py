"""The whole book as one file: offered where it was made, and a site that opens as files."""

from __future__ import annotations

import zipfile

from publish.site import downloads, policy
from publish.tools import archive
from tests.kit.small_book import build, page

MODULES = ("facts", "numbering", "theme", "downloads", "policy")
PAGES = {"index": page("# Book\n\nText.\n\n```{toctree}\npage\n```\n"),
         "page": page("# Page\n\nText.\n")}


def test_the_front_page_offers_what_was_made_and_only_that(tmp_path):
    built = build(tmp_path, PAGES, MODULES)
    assert built.warnings == "" and "Take the book along" not in built.html("index")
    made = tmp_path / "src/dist" / downloads.PDF
    made.parent.mkdir()
    made.write_bytes(b"%PDF" + b" " * 2_340_000)
    built = build(tmp_path, PAGES, MODULES)
    assert f'<a href="{downloads.PDF}" download>as a PDF, 2.3 MB</a>' in built.html("index")
    assert downloads.ARCHIVE not in built.html("index")
    assert "Take the book along" not in built.html("page")
    assert (built.out / downloads.PDF).read_bytes() == made.read_bytes()
    made.unlink()
    built = build(tmp_path, PAGES, MODULES)
    assert "Take the book along" not in built.html("index")
    assert not (built.out / downloads.PDF).exists()


def test_the_archive_is_the_site_without_its_policy(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_SITE", "https://example.org/book")
    root = tmp_path / "root"
    (root / "_build").mkdir(parents=True)
    built = build(tmp_path, PAGES, MODULES)
    assert policy.NAME in built.html("page")  # as published
    built.out.rename(root / "_build/html")
    html = root / "_build/html"
    (html / downloads.PDF).write_bytes(b"of another day")
    assert archive.main(["--root", str(root)]) == 0
    target = root / "dist" / downloads.ARCHIVE
    first = target.read_bytes()
    with zipfile.ZipFile(target) as packed:
        folder = "deep-learning-workbook/"
        names = {name.removeprefix(folder) for name in packed.namelist()}
        assert {"index.html", "page.html", "_static/workbook.css"} <= names
        assert downloads.PDF not in names
        text = packed.read(f"{folder}page.html").decode()
        assert policy.NAME not in text and "<h1>Page" in text
        css = "_static/workbook.css"
        assert packed.read(folder + css) == (html / css).read_bytes()
    archive.make(html, target)
    assert target.read_bytes() == first


def test_without_a_site_there_is_no_archive(tmp_path, capsys):
    assert archive.main(["--root", str(tmp_path)]) == 1
    assert "make book" in capsys.readouterr().err

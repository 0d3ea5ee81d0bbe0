"""``make serve``: the book is built when a file changes, and pages that are open hear of it."""

from __future__ import annotations

import subprocess
import sys
import threading
import urllib.request

import pytest

from publish.tools import watch

pytestmark = pytest.mark.slow


def get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.read().decode()


def test_files_that_count(tmp_path):
    for name in ("book/ch/a.md", "dlworkbook/x.py", "_toc.yml", "notebooks/a.ipynb", "_build/a.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1")
    (tmp_path / "dlworkbook/__pycache__").mkdir()
    (tmp_path / "dlworkbook/__pycache__/x.pyc").write_text("1")
    before = watch.state(tmp_path)
    names = {path.relative_to(tmp_path).as_posix() for path in before}
    assert names == {"book/ch/a.md", "dlworkbook/x.py", "_toc.yml"}
    (tmp_path / "_toc.yml").unlink()
    (tmp_path / "book/ch/b.md").write_text("1")
    found = watch.changed(before, watch.state(tmp_path))
    assert [path.name for path in found] == ["_toc.yml", "b.md"]


def test_an_edit_is_built_and_open_pages_are_told(small_book):
    small_book.settings(["index", "other"])
    small_book.write("other", "# Another page\n")
    page = small_book.write("index", "# A book\n\nThe first words.\n")
    assert small_book.make_book().returncode == 0
    command = [sys.executable, "-m", "publish.tools.serve", "--root", ".", "--port", "8765"]
    process = subprocess.Popen(
        command, cwd=small_book.root, env=small_book.environment, stdout=subprocess.PIPE, text=True,
    )
    late = threading.Timer(240, process.kill)
    late.start()
    try:
        site = next(line.strip() for line in process.stdout if "http://" in line)
        assert "first words" in get(site)
        assert '<script type="module" src="/_reload.js">' in get(site)
        assert "location.reload()" in get(f"{site}_reload.js")
        assert get(f"{site}_reload?after=") == "0"
        page.write_text(page.read_text().replace("first words", "new words"))
        assert get(f"{site}_reload?after=0") in ("0", "1")
        said = next(line for line in process.stdout if "changed" in line)
        assert said.startswith("index.md changed: building ... done in"), said
        assert get(f"{site}_reload?after=0") == "1"
        assert "new words" in get(site)
        page.write_text(page.read_text() + "\n{ref}`nowhere`\n")
        assert any("failed after" in line for line in process.stdout)
        assert get(f"{site}_reload?after=1") == "2"
    finally:
        late.cancel()
        process.terminate()
        process.wait(timeout=20)

"""Small books, built with the project's own settings in a folder of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.kit.small_book import page

ROOT = Path(__file__).resolve().parents[2]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
HEADER = page("").removesuffix("\n")


@dataclass
class SmallBook:
    """A book in a folder of its own; ``write`` a page before ``build``."""

    root: Path

    @property
    def html(self) -> Path:
        """Where the pages are built."""
        return self.root / "_build" / "html"

    @property
    def environment(self) -> dict[str, str]:
        """Of a program that works on this book."""
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        return os.environ | {"PYTHONPATH": path, "NO_COLOR": "1"}

    def write(self, name: str, text: str, front: str = HEADER) -> Path:
        """Write a page (path below the root, without .md) as a MyST notebook."""
        path = self.root / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(front + text, encoding="utf-8")
        return path

    def settings(self, pages: list[str], **changes) -> None:
        """Write the project's own _config.yml, and a _toc.yml of these pages (root first)."""
        config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
        local = config["sphinx"]["local_extensions"]
        config["sphinx"]["local_extensions"] = dict.fromkeys(local, str(ROOT))
        static = config["sphinx"]["config"].get("html_static_path", [])
        config["sphinx"]["config"]["html_static_path"] = [str(ROOT / entry) for entry in static]
        config["bibtex_bibfiles"] = [str(ROOT / f) for f in config.get("bibtex_bibfiles", [])]
        config["execute"].update(changes)
        text = yaml.safe_dump(config, sort_keys=False)
        (self.root / "_config.yml").write_text(text, encoding="utf-8")
        toc = {"format": "jb-book", "root": pages[0]}
        toc["chapters"] = [{"file": page} for page in pages[1:]]
        (self.root / "_toc.yml").write_text(yaml.safe_dump(toc, sort_keys=False), encoding="utf-8")

    def run(self, program: str, *options: str) -> subprocess.CompletedProcess:
        """Run a program of this environment in the book's folder; all output is one text.

        Without colours: a traceback is searched for its words.
        """
        done = subprocess.run(
            [Path(sys.executable).with_name(program), *options],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        done.stdout = COLOUR.sub("", done.stdout)
        return done

    def build(self) -> subprocess.CompletedProcess:
        """Build as `make book` does."""
        options = ("--warningiserror", "--nitpick", "--keep-going")
        return self.run("jupyter-book", "build", ".", *options)

    def make_book(self) -> subprocess.CompletedProcess:
        """Build with the program that `make book` runs."""
        return self.run("python", "-m", "publish.site.build", ".")

    def build_with_sphinx_alone(self) -> subprocess.CompletedProcess:
        """Leave Jupyter Book: have it write a conf.py, take it out of that, run Sphinx."""
        wrote = self.run("jupyter-book", "config", "sphinx", ".")
        if wrote.returncode:
            return wrote
        conf = self.root / "conf.py"
        text = conf.read_text(encoding="utf-8")
        assert "'jupyter_book'" in text
        conf.write_text(text.replace("'jupyter_book', ", "").replace(", 'jupyter_book'", ""))
        assert "'jupyter_book'" not in conf.read_text(encoding="utf-8")
        options = ("-W", "-n", "--keep-going", "-b", "html", ".", str(self.html))
        return self.run("sphinx-build", *options)


@pytest.fixture
def small_book(tmp_path) -> SmallBook:
    """An empty book, in a folder with a blank and a ``$`` in its name."""
    root = tmp_path / "a book for $HOME"
    root.mkdir()
    return SmallBook(root)

"""Writes the files of a new page, widget or check: ``make new PAGE=ch06_x/name`` (WIDGET, CHECK).

    python -m publish.tools.new page ch06_convolutional_networks/channels
    python -m publish.tools.new check ch06_convolutional_networks/avg_pool2d
    python -m publish.tools.new widget step_size

What is written passes lint and runs. Its tests fail, and say in words what is still the skeleton's
(``TODO`` marks what to write; of a page, every paragraph of the template), until it is
filled. Nothing that exists is written over.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from publish.page import d2l, frontmatter

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = Path(__file__).with_name("templates")
PAGE = "book/_template.md"
MARK = "TODO"
_STEM = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
PAGE_TEST = '''"""The page ``book/{name}.md``: what it says, put to the test."""

from __future__ import annotations

from tests.kit.skeletons import unfilled


def test_page_is_filled():
    left = unfilled("{name}")
    assert not left, "\\n".join(left)
'''


class NewError(ValueError):
    """A name that cannot be used; says why, and what to write."""


def place(name: str) -> tuple[str, str]:
    """Folder of the chapter and stem of ``ch06_x/name``. Raises NewError."""
    folder, slash, stem = name.partition("/")
    if not slash or folder not in d2l.CHAPTERS.values():
        raise NewError(
            f"'{name}' must begin with the folder of a chapter: {', '.join(d2l.CHAPTERS.values())}"
        )
    return folder, checked(stem)


def checked(stem: str) -> str:
    """A stem that can be the name of file, task, widget and test alike. Raises NewError."""
    if not _STEM.fullmatch(stem):
        raise NewError(f"'{stem}' must be written in small letters, such as batch_norm")
    return stem


def page(name: str, root: Path) -> dict[Path, str]:
    """The page, its test, and the table of contents with it."""
    folder, stem = place(name)
    if (root / f"book/{name}.md").exists():  # first of all: such a name needs no number
        raise NewError(f"book/{name}.md is there already; choose another name")
    metas = {p: m for p, m in frontmatter.pages(root).items() if m.number}
    used = {meta.number for meta in metas.values()}
    chapter = next(number for number, known in d2l.CHAPTERS.items() if known == folder)
    sections = [s.number for s in d2l.sections().values() if s.edition == "zh"]
    free = [n for n in sections if n.startswith(f"{chapter}.") and n not in used]
    if not free:
        raise NewError(f"every section of chapter {chapter} has its page; split one of them")
    text = (root / PAGE).read_text(encoding="utf-8")
    text = re.sub(r"\n  number: .*", f'\n  number: "{free[0]}"', text)
    text = re.sub(r"# Copy this file to .*\n", f"# The skeleton of book/{name}.md.\n", text)
    text = re.sub(r"\b(eq|fig|ex|pr|try)-template-", rf"\1-{stem.replace('_', '-')}-", text)
    return {
        root / "book" / f"{name}.md": text,
        root / "tests" / "pages" / folder / f"test_{stem}.py": PAGE_TEST.format(name=name),
        root / "_toc.yml": in_contents((root / "_toc.yml").read_text(encoding="utf-8"), name),
    } | ({} if (root / "book" / folder / "index.md").exists() else {
        root / "book" / folder / "index.md": f"# {d2l_title(chapter)}\n\n{MARK} what the chapter "
        "is about, in two or three sentences.\n",
    })


def d2l_title(chapter: int) -> str:
    """A title for a chapter's first page, from the name of its folder."""
    return d2l.CHAPTERS[chapter].partition("_")[2].replace("_", " ").capitalize()


def in_contents(toc: str, name: str) -> str:
    """The table of contents with a page at the end of its chapter, which is made if needed."""
    folder = name.partition("/")[0]
    lines = toc.splitlines()
    line = f"          - file: book/{name}"
    own = [k for k, text in enumerate(lines) if f"- file: book/{folder}/" in text]
    if own:
        lines.insert(own[-1] + 1, line)
        if lines[own[-1]].strip() == f"- file: book/{folder}/index":
            lines.insert(own[-1] + 1, "        sections:")
    else:
        chapters = [k for k, text in enumerate(lines) if re.search(r"- file: book/ch\d\d_", text)]
        before = [k for k in chapters if lines[k].split("book/")[1] < folder]
        at = (before[-1] if before else chapters[0] - 1) + 1
        lines[at:at] = [f"      - file: book/{folder}/index", "        sections:", line]
    return "\n".join(lines) + "\n"


def check(name: str, root: Path) -> dict[Path, str]:
    """The task, and beside its tests the answers."""
    folder, stem = place(name)
    ident = "".join(part[0] for part in stem.split("_")).upper() if "_" in stem else stem.upper()

    def filled(file: str) -> str:
        text = (TEMPLATES / "check" / file).read_text(encoding="utf-8")
        return text.replace("NAME", stem).replace("ID-01", f"{ident}-01")

    tasks = root / "dlworkbook" / "checks" / "tasks" / folder
    package = {} if (tasks / "__init__.py").exists() else {tasks / "__init__.py": ""}
    return package | {
        tasks / f"{stem}.py": filled("task.py"),
        root / "tests" / "checks" / folder / f"{stem}.py": filled("answers.py"),
    }


def widget(name: str, root: Path) -> dict[Path, str]:
    """The folder of the widget, and that of its tests."""
    stem = checked(name)
    camel = "".join(part.capitalize() for part in stem.split("_"))
    words = stem.replace("_", " ")
    found = {}
    for file in sorted((TEMPLATES / "widget").rglob("*")):
        if not file.is_file():
            continue
        inside = file.relative_to(TEMPLATES / "widget")
        home = root / "tests" / "widgets" if inside.parts[0] == "tests" else (
            root / "dlworkbook" / "widgets"
        )
        below = Path(*inside.parts[1:]) if inside.parts[0] == "tests" else inside
        text = file.read_text(encoding="utf-8")
        text = text.replace("NAME", stem).replace("CLASS", camel).replace("WORDS", words)
        found[home / stem / below] = text
    exports = root / "dlworkbook" / "widgets" / "__init__.py"
    found[exports] = exported(exports.read_text(encoding="utf-8"), stem, camel)
    return found


def exported(text: str, stem: str, name: str) -> str:
    """The module of all widgets with one more, in the order of the alphabet."""
    lines = text.splitlines()
    for line, start, end in (
        (f"from dlworkbook.widgets.{stem} import {name}", "from dlworkbook.widgets.", None),
        (f'    "{name}",', '    "', "]"),
    ):
        last = next((k for k, other in enumerate(lines) if other == end), len(lines))
        same = [k for k, other in enumerate(lines[:last]) if other.startswith(start)]
        at = next((k for k in same if lines[k] > line), same[-1] + 1)
        lines.insert(at, line)
    return "\n".join(lines) + "\n"


KINDS = {"page": page, "widget": widget, "check": check}
CHANGED = {"_toc.yml", "dlworkbook/widgets/__init__.py"}  # not new: a line is added
NEXT = {
    "page": "Fill it, then: make lint, make book, make serve, make notebooks.",
    "widget": "Fill it, put it on a page, then: make lint, make book.",
    "check": "Fill it, then: .venv/bin/python -m pytest tests/checks/test_tasks.py",
}


def make(kind: str, name: str, root: Path = ROOT) -> list[Path]:
    """Write the files of something new; their paths. Raises NewError, and then writes nothing."""
    files = KINDS[kind](name, root)
    for path in files:
        if path.exists() and path.relative_to(root).as_posix() not in CHANGED:
            raise NewError(f"{path.relative_to(root)} is there already; choose another name")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)


def marks(root: Path, files: Iterator[Path]) -> list[str]:
    """Lines of these files that still hold the mark of a skeleton, as sentences."""
    found = []
    for path in files:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if MARK in line:
                said = line.strip().strip("#\"', ")
                found.append(f"{path.relative_to(root)}:{number}: still the skeleton: {said}")
    return found


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m publish.tools.new", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("name")
    parser.add_argument("--root", type=Path, default=ROOT)
    options = parser.parse_args(argv)
    try:
        written = make(options.kind, options.name, options.root)
    except NewError as error:
        print(f"make new: {error}.", file=sys.stderr)
        return 1
    for path in written:
        print(f"wrote {path.relative_to(options.root)}")
    print(NEXT[options.kind])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Lint rules about the house: one name and one place for each thing (CONTRIBUTING, "The house").

A rule takes the root and yields (path below it, what is wrong and what to do).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from publish.page import d2l

Found = Iterator[tuple[str, str]]

# Where folders are those of the chapters.
CHAPTERED = ("book", "notebooks", "experiments", "bench/claims", "dlworkbook/checks/tasks",
             "dlworkbook/answers/pages", "tests/pages", "tests/checks")
WIDGETS = "dlworkbook/widgets"
WIDGET_FILES = {"__init__.py", "widget.py", "settings.json", "model.js", "view.js", "style.css"}
NEEDED = {"widget.py", "settings.json", "view.js"}
SHARED = {"kit"}  # below the widgets: what several of them use
SETS = "dlworkbook/data"
_NAMES_AS_LOGIC = re.compile(r"--ignore-glob|--deselect|\s-k\s")


def chapters(root: Path) -> Found:
    """A chapter has one folder name, everywhere."""
    known = set(d2l.CHAPTERS.values())
    for place in CHAPTERED:
        for folder in sorted(p for p in (root / place).glob("ch*") if p.is_dir()):
            if folder.name not in known:
                yield f"{place}/{folder.name}", (
                    "no chapter has this folder; the names stand in publish/page/d2l.py"
                )


def stems(root: Path) -> Found:
    """What belongs to a page, a task or a widget carries its name."""
    for test in sorted((root / "tests/pages").glob("*/test_*.py")):
        folder, stem = test.parent.name, test.stem.removeprefix("test_")
        own = [p.stem for p in (root / "book" / folder).glob("*.md")]
        if not any(stem == name or stem.startswith(f"{name}_") for name in own):
            yield _path(test, root), f"book/{folder} has no page '{stem}'; name it after its page"
    tasks = {p.stem: p for p in (root / "dlworkbook/checks/tasks").glob("*/[!_]*.py")}
    for answers in sorted((root / "tests/checks").glob("*/*.py")):
        stem = answers.stem.removeprefix("test_")
        if stem not in tasks or tasks[stem].parent.name != answers.parent.name:
            yield _path(answers, root), (
                f"dlworkbook/checks/tasks/{answers.parent.name} has no task '{stem}'"
            )
    for name, task in sorted(tasks.items()):
        if not (root / "tests/checks" / task.parent.name / f"{name}.py").exists():
            yield _path(task, root), (
                f"its answers are missing: tests/checks/{task.parent.name}/{name}.py"
            )
    for folder in sorted(p for p in (root / "tests/widgets").glob("*") if p.is_dir()):
        if not (root / WIDGETS / folder.name).is_dir():
            yield _path(folder, root), f"there is no widget '{folder.name}'"


def widgets(root: Path) -> Found:
    """A widget is a folder with fixed file names; its name on the page is that of the folder."""
    for folder in _folders(root / WIDGETS):
        if folder.name in SHARED:
            continue
        place = f"{WIDGETS}/{folder.name}"
        names = {p.name for p in folder.iterdir() if p.is_file()}
        for name in sorted(NEEDED - names):
            yield place, f"'{name}' is missing"
        made = {p for p in names if p.startswith(("runs.", "make_"))}
        parts = {name for name in names if _is_imported(folder, name)}
        for name in sorted(names - WIDGET_FILES - made - parts):
            yield f"{place}/{name}", (
                f"a widget's folder holds {', '.join(sorted(WIDGET_FILES))}, modules that these "
                "import, and data with the script that made it (runs.json, make_runs.py); what "
                "two widgets use is in the kit"
            )
        if "widget.py" in names and folder.name not in _said(folder / "widget.py"):
            yield f"{place}/widget.py", f"its widget_name must be '{folder.name}', as its folder"
        if not (root / "tests/widgets" / folder.name).is_dir():
            yield place, f"its tests are missing: tests/widgets/{folder.name}/"


def makers(root: Path) -> Found:
    """A generated file lies beside its maker."""
    for folder in _folders(root / WIDGETS):
        for data in sorted(folder.glob("runs.*")):
            if not (folder / "make_runs.py").exists():
                yield _path(data, root), "the script that made it is missing: make_runs.py"
    for folder in _folders(root / SETS):
        if not list(folder.glob("make_*.py")):
            yield _path(folder, root), f"the script that made it is missing: make_{folder.name}.py"
        if not list(folder.glob("*LICENSE*")):
            yield _path(folder, root), "its licence is missing: LICENSE.txt"
    for path in sorted((root / SETS).glob("*")):
        if path.is_file() and path.suffix != ".py":
            yield _path(path, root), f"data lie in a folder of their own: {SETS}/<set>/"


def names_as_logic(root: Path) -> Found:
    """Tests are chosen by markers, not by how a file is called."""
    for name in ("Makefile", "pyproject.toml"):
        path = root / name
        if path.exists() and _NAMES_AS_LOGIC.search(path.read_text(encoding="utf-8")):
            yield name, "tests are chosen by the names of files; use a marker (-m)"


def _is_imported(folder: Path, name: str) -> bool:
    """Whether another module of the folder imports this one."""
    kind, stem = Path(name).suffix, Path(name).stem
    said = {".js": f"/{name}", ".py": f"{folder.name}.{stem} import"}.get(kind)
    others = (path for path in folder.glob(f"*{kind}") if path.name != name)
    return said is not None and any(said in p.read_text(encoding="utf-8") for p in others)


def _said(path: Path) -> set[str]:
    """All texts in a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}


def _folders(place: Path) -> list[Path]:
    return sorted(p for p in place.glob("[!_.]*") if p.is_dir())


def _path(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


RULES = (chapters, stems, widgets, makers, names_as_logic)


def findings(root: Path) -> list[tuple[str, str]]:
    """All that is wrong with the house, sorted by path."""
    return sorted({found for rule in RULES for found in rule(root)})

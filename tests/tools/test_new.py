"""``make new``: what it writes passes lint, and its tests say in words what is still to do."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from publish import lint
from publish.page import frontmatter
from publish.tools import new
from tests.kit import skeletons, task_tests

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "ch06_convolutional_networks"


@pytest.fixture
def root(tmp_path) -> Path:
    """A copy of what new pages, checks and widgets are written into."""
    shutil.copytree(ROOT / "book", tmp_path / "book", ignore=shutil.ignore_patterns("_assets"))
    for name in ("_toc.yml", "_config.yml", "index.md", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "dlworkbook", tmp_path / "dlworkbook",
                    ignore=shutil.ignore_patterns("__pycache__", "data"))
    return tmp_path


def ruff(files: list[Path]) -> str:
    """What ruff says of the Python files among these, with the project's settings."""
    names = [str(path) for path in files if path.suffix == ".py"]
    options = ["--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    command = [Path(sys.executable).with_name("ruff"), "check", *options, *names]
    done = subprocess.run(command, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout


@pytest.mark.parametrize("name", ["ch04_multilayer_perceptrons/shift",
                                  "ch07_modern_convolutional_networks/vgg"])
def test_a_new_page_passes_lint_and_its_test_says_what_is_not_its_own(root, name):
    written = new.make("page", name, root)
    assert not ruff(written)
    assert frontmatter.toc_files(root).count(f"book/{name}") == 1
    yaml.safe_load((root / "_toc.yml").read_text())
    names = [p.relative_to(root).with_suffix("").as_posix() for p in written if p.suffix == ".md"]
    assert lint.lint(root, names) == []
    (page,) = [path for path in written if path.stem == name.split("/")[1]]
    said = skeletons.unfilled(name, root)
    assert len(said) > 10
    assert all(line.startswith(f"book/{name}.md, from line ") for line in said)
    lines = page.read_text().split("\n---\n")[0] + "\n---\n\n# My own title\n\nMy own words here.\n"
    page.write_text(lines)
    assert skeletons.unfilled(name, root) == []
    test = (path for path in written if path.name == f"test_{page.stem}.py")
    assert f'unfilled("{name}")' in next(test).read_text()


@pytest.mark.parametrize("path", sorted((ROOT / "book").glob("ch*/*.md")), ids=lambda p: p.stem)
def test_no_page_of_the_book_is_the_skeletons(path):
    name = path.relative_to(ROOT / "book").with_suffix("").as_posix()
    assert skeletons.unfilled(name) == []


def module(path: Path, name: str):
    """A module of this file, as if it stood at that place in the package."""
    spec = importlib.util.spec_from_file_location(name, path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_a_new_check_passes_lint_and_its_trial_says_what_is_missing(root):
    written = new.make("check", f"{FOLDER}/avg_pool2d", root)
    assert not ruff(written)
    task, answers = written
    read = module(task, f"dlworkbook.checks.tasks.{FOLDER}.avg_pool2d").TASK
    assert (read.name, read.mistakes[0].id) == ("avg_pool2d", "AP-01")
    said = task_tests.problems(read, module(answers, "answers"))
    assert any("right answers" in line for line in said), said
    assert all(line.startswith("avg_pool2d") for line in said)
    marked = new.marks(root, written)
    assert len(marked) > 8
    assert marked[0].startswith(f"dlworkbook/checks/tasks/{FOLDER}/avg_pool2d.py:1: still the")


def test_a_new_widget_passes_lint_and_works(root):
    """It is a whole small widget; of its tests only that fails which looks for marks."""
    written = new.make("widget", "step_size", root)
    assert not ruff(written)
    exported = (root / "dlworkbook" / "widgets" / "__init__.py").read_text()
    assert "from dlworkbook.widgets.step_size import StepSize\n" in exported
    own = [path for path in written if path.suffix != ".py" or "tests" not in path.parts]
    assert len(new.marks(root, own)) >= 2
    for place in ("tests/kit", "tests/widgets/conftest.py", "publish"):
        source, target = ROOT / place, root / place
        target.parent.mkdir(exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    shutil.copy(ROOT / "tests" / "conftest.py", root / "tests" / "conftest.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, "-m", "not browser", "tests/widgets/step_size"], cwd=root,
                          text=True, env=os.environ | {"PYTHONPATH": str(root)},
                          capture_output=True)
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert len(failed) == 1, done.stdout
    assert "test_nothing_is_the_skeletons" in failed[0]


def test_no_skeleton_is_left():
    """Of a check or a widget; pages are looked at one by one."""
    places = (ROOT / "dlworkbook" / "checks" / "tasks", ROOT / "dlworkbook" / "widgets",
              ROOT / "tests" / "checks", ROOT / "tests" / "widgets")
    files = (p for place in places for p in place.rglob("*.*")
             if p.suffix in (".py", ".js", ".json", ".css") and not p.name.startswith("runs."))
    left = new.marks(ROOT, files)
    assert not left, "\n".join(left)


@pytest.mark.parametrize(("kind", "name", "said"), [
    ("page", "channels", "must begin with the folder of a chapter"),
    ("page", "ch99_nothing/x", "must begin with the folder of a chapter"),
    ("page", f"{FOLDER}/convolution", "is there already"),
    ("page", f"{FOLDER}/Channels", "small letters"),
    ("check", f"{FOLDER}/corr2d", "is there already"),
    ("check", f"{FOLDER}/../x", "small letters"),
    ("widget", "Step Size", "small letters"),
    ("widget", "convolution", "is there already"),
])
def test_a_name_that_cannot_be_used_is_explained_and_nothing_is_written(root, kind, name, said):
    before = sorted(root.rglob("*"))
    with pytest.raises(new.NewError, match=said):
        new.make(kind, name, root)
    assert sorted(root.rglob("*")) == before


def test_the_command_says_what_it_wrote(root, capsys):
    assert new.main(["check", f"{FOLDER}/avg_pool2d", "--root", str(root)]) == 0
    assert f"wrote tests/checks/{FOLDER}/avg_pool2d.py" in capsys.readouterr().out
    assert new.main(["check", f"{FOLDER}/avg_pool2d", "--root", str(root)]) == 1
    assert "is there already; choose another name." in capsys.readouterr().err

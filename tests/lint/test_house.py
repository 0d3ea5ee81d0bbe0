"""The rules of the house: each is broken once in a small tree, and holds in the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from publish.lint import house

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = "ch06_convolutional_networks"
TREE = {
    f"book/{CHAPTER}/channels.md": "", f"tests/pages/{CHAPTER}/test_channels.py": "",
    f"tests/pages/{CHAPTER}/test_channels_onnx.py": "",
    f"dlworkbook/checks/tasks/{CHAPTER}/pool.py": "", f"tests/checks/{CHAPTER}/pool.py": "",
    f"tests/checks/{CHAPTER}/test_pool.py": "",
    "dlworkbook/widgets/kit/base.py": "", "dlworkbook/widgets/slide/widget.py": "n = 'slide'",
    "dlworkbook/widgets/slide/settings.json": "{}", "dlworkbook/widgets/slide/view.js": "",
    "dlworkbook/widgets/slide/runs.json": "", "dlworkbook/widgets/slide/make_runs.py": "",
    "tests/widgets/slide/test_model.py": "", "tests/widgets/kit/test_base.py": "",
    "dlworkbook/data/verse/__init__.py": "", "dlworkbook/data/verse/LICENSE.txt": "",
    "dlworkbook/data/verse/make_verse.py": "", "Makefile": "\tpytest -m 'not slow' tests\n",
}
# What is added (None: taken away), where that is found, and a word of what is said.
BROKEN = {
    "another chapter": ("notebooks/ch06_convnets/a.ipynb", "", "notebooks/ch06_convnets", "d2l.py"),
    "test of no page": (f"tests/pages/{CHAPTER}/test_pool.py", "", None, "has no page 'pool'"),
    "answers to no task": (f"tests/checks/{CHAPTER}/sum.py", "", None, "has no task 'sum'"),
    "task without answers": (f"tests/checks/{CHAPTER}/pool.py", None,
                             f"dlworkbook/checks/tasks/{CHAPTER}/pool.py", "answers are missing"),
    "tests of no widget": ("tests/widgets/other/test_x.py", "", "tests/widgets/other", "no widget"),
    "no settings": ("dlworkbook/widgets/slide/settings.json", None, "dlworkbook/widgets/slide",
                    "'settings.json' is missing"),
    "a file of another name": ("dlworkbook/widgets/slide/math.js", "", None, "is in the kit"),
    "another name": ("dlworkbook/widgets/slide/widget.py", "n = 'slider'", None, "must be 'slide'"),
    "widget without tests": ("tests/widgets/slide/test_model.py", None, "dlworkbook/widgets/slide",
                             "tests are missing"),
    "data without maker": ("dlworkbook/widgets/slide/make_runs.py", None,
                           "dlworkbook/widgets/slide/runs.json", "make_runs.py"),
    "set without maker": ("dlworkbook/data/verse/make_verse.py", None, "dlworkbook/data/verse",
                          "make_verse.py"),
    "set without licence": ("dlworkbook/data/verse/LICENSE.txt", None, "dlworkbook/data/verse",
                            "licence"),
    "data outside": ("dlworkbook/data/poems.txt", "", None, "a folder of their own"),
    "names as logic": ("Makefile", "pytest --ignore-glob='test_lab*'", None, "use a marker"),
}


@pytest.fixture
def tree(tmp_path) -> Path:
    for name, text in TREE.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_a_house_in_order(tree):
    assert house.findings(tree) == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_named(tree, name):
    file, text, where, said = BROKEN[name]
    path = tree / file
    if text is None:
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    ((place, words),) = house.findings(tree)
    assert place == (where or file)
    assert said in words


def test_the_projects_own_house_is_in_order():
    assert house.findings(ROOT) == []

"""What a page depends on: the modules it imports, what lies beside them, the tasks it names."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path

import pytest

from publish.page.contents import code_pages, notebook
from publish.site.fingerprints import fingerprint

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "__init__.py": "from .claims import claim\n",
    "claims.py": "def claim():\n    from . import words\n",
    "words.py": "text = 'a'\n",
    "style.py": "import matplotlib\n",
    "data/__init__.py": "",
    "data/emoji.py": "from ..style import colours\n",
    "data/emoji.npz": "numbers",
    "data/README.md": "text",
    "widgets/__init__.py": "from dlworkbook.widgets.slider import Slider\n",
    "widgets/slider.py": "",
    "widgets/slider.js": "let a = 1;",
    "widgets/slider.css": "a { color: red }",
    "widgets/slider.json": "{}",
    "checks/__init__.py": "from .engine import check\nfrom .light import proves\n",
    "checks/light.py": "from .. import answers\n",
    "answers/__init__.py": "from . import judge\n",
    "answers/judge.py": "",
    "checks/engine.py": "from . import tasks\n",
    "checks/tasks/__init__.py": "import importlib\n",
    "checks/tasks/_form.py": "",
    "checks/tasks/ch06/__init__.py": "",
    "checks/tasks/ch09/__init__.py": "",
    "checks/tasks/ch06/corr2d.py": "from .._form import form\n",
    "checks/tasks/ch06/conv2d.py": "helper = 'corr2d'\n",
    "checks/tasks/ch09/gru.py": "",
    "experiments.py": "",
    "../experiments/ch01/long.json": "{}",
    "../experiments/ch01/other.json": "{}",
}
WIDGETS = {"widgets/__init__.py", "widgets/slider.py", "widgets/slider.json"}
CORE = {"__init__.py", "claims.py", "words.py"}
CHECKS = CORE | {"checks/__init__.py", "checks/engine.py", "checks/light.py",
                 "checks/tasks/__init__.py"}
CORR2D = {"checks/tasks/ch06/corr2d.py", "checks/tasks/_form.py"}


@pytest.fixture
def package(tmp_path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "dlworkbook" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "requirements.txt").write_text("torch==1\n")
    return tmp_path / "dlworkbook"


def depends_on(code: str, package: Path) -> set[str]:
    """The files whose change changes the fingerprint of a page with this code."""
    found, known = set(), fingerprint([code], package.parent, package)
    assert fingerprint([code], package.parent, package) == known
    for name in FILES:
        path = package / name
        text = path.read_text()
        path.write_text(text + "\nmore = 1\n")
        if fingerprint([code], package.parent, package) != known:
            found.add(name)
        path.write_text(text)
    return found


@pytest.mark.parametrize(
    ("code", "files"),
    [
        ("import torch", set()),
        ("from dlworkbook import claim", CORE),
        ("import dlworkbook.style as s", CORE | {"style.py"}),
        ("from dlworkbook.data import emoji", CORE | {"data/__init__.py", "data/emoji.py",
                                                      "data/emoji.npz", "style.py"}),
        ("from dlworkbook.widgets import Slider", CORE | WIDGETS),
        ("from dlworkbook import checks\nchecks.check('corr2d', f)", CHECKS | CORR2D),
        ("from dlworkbook import checks\nchecks.check('conv2d', f)",
         CHECKS | CORR2D | {"checks/tasks/ch06/conv2d.py"}),
        ("print('corr2d')", set()),
        ("from dlworkbook import experiments\nexperiments.experiment('ch01/long')",
         CORE | {"experiments.py", "../experiments/ch01/long.json"}),
        ("%time f()", {n for n in FILES if n[0] != "." and n.endswith((".py", ".json", ".npz"))}),
    ],
)
def test_what_a_page_depends_on(code, files, package):
    assert depends_on(code, package) == files


def test_requirements_count_and_comments_do_not(package):
    def hashed() -> str:
        return fingerprint(["from dlworkbook import style"], package.parent, package)

    known = hashed()
    (package / "style.py").write_text("# why\nimport   matplotlib\n")
    assert hashed() == known
    (package.parent / "requirements.txt").write_text("torch==2\n")
    assert hashed() != known


def test_a_hint_is_the_concern_of_the_pages_that_check_its_task():
    """In the real book: few pages, and none because of a word that happens to be a task's name."""
    from publish.site import fingerprints

    package = ROOT / "dlworkbook"
    pages = {}
    for name in code_pages(ROOT):
        cells = [c.source for c in notebook(ROOT / f"{name}.md").cells if c.cell_type == "code"]
        pages[name] = fingerprints.reached(cells, package)
    gru = package / "checks" / "tasks" / "ch09_modern_rnn" / "gru.py"
    depend = {name for name, files in pages.items() if gru in files}
    assert depend == {"book/ch09_modern_rnn/gated_units", "book/ch09_modern_rnn/lab_verse"}
    assert package / "claims.py" in pages["index"]


def test_a_page_depends_on_the_keys_of_the_answers_that_it_proves(package):
    """On no words, slips or answers of others: these change nothing that the page computes."""
    own = {"kind": "number", "ask": "Size", "is": 6, "else": "Count.", "right": "So it is.",
           "slips": [{"is": 8, "say": "Nothing is padded."}]}
    file = package / "answers/pages/ch06/convolution.json"
    file.parent.mkdir(parents=True)
    code = "from dlworkbook import checks\nchecks.proves('ex-conv-size', 6)"
    plain = "from dlworkbook import checks"

    def of(code: str, other: object = 1, **changes: object) -> str:
        answers = {"ex-conv-size": own | changes, "ex-conv": {"kind": "number", "is": other}}
        file.write_text(json.dumps(answers))
        os.utime(file, ns=(0, next(times)))
        return fingerprint([code], package.parent, package)

    times = itertools.count()
    known = of(code)
    assert of(code).kept(False) == known.kept(False)
    for change in ({"ask": "Width"}, {"else": "Look."}, {"right": "Yes."}, {"slips": []}):
        assert of(code, **change).kept(False) == known.kept(False), change
        assert of(code, **change).words != known.words, change
    for change in ({"is": 7}, {"tol": .1}, {"unit": "px"}, {"kind": "integer"}):
        assert of(code, **change).code != known.code, change
        assert of(plain, **change) == of(plain), change
    assert of(code, other=2) == of(code, other=3) == known


def test_what_judges_answers_is_the_concern_of_the_pages_that_name_one(package):
    file = package / "answers/pages/ch06/convolution.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"ex-conv-size": {"kind": "number", "is": 6}}))
    code = "from dlworkbook import checks\nchecks.proves('ex-conv-size', 6)"
    judges = {"answers/__init__.py", "answers/judge.py"}
    assert depends_on(code, package) == CHECKS | judges
    assert depends_on(code.replace("ex-conv-size", "ex-other"), package) == CHECKS

"""What the tests of a page need of it: its code cells, and what it defines."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from dlworkbook import answers, progress
from publish.page import contents

ROOT = Path(__file__).resolve().parents[2]
# A function with another one draws controls where it is defined.
HARMLESS = {"torch.no_grad()"}
STATES = {"right", "slip", "wrong", "malformed", "empty"}


def path_of(name: str) -> Path:
    """The page's source; name: below ``book/``, without .md."""
    return ROOT / "book" / f"{name}.md"


def cells(name: str, before: str | None = None) -> list:
    """The code cells of a page as notebook nodes; those above a part ("Break") if one is given."""
    page = contents.notebook(path_of(name))
    assert page is not None, f"{name} is no notebook"
    found = []
    for cell in page.cells:
        if cell.cell_type == "code":
            found.append(cell)
        elif before and f"\n## {before}" in f"\n{cell.source}":
            return found
    assert before is None, f"{name} has no part {before!r}"
    return found


def definitions(name: str, constants: Iterable[str] = (), **given: Any) -> dict[str, Any]:
    """The functions and classes of a page, by name; no other statement of it is run.

    Of assignments, the first one to each of the constants, as the page writes it ("V, H").
    Besides ``given``, the code finds np, torch, F, nn and progress, as every page imports them.
    """
    space: dict[str, Any] = {"np": np, "torch": torch, "F": F, "nn": nn, "progress": progress}
    space |= given
    missing = set(constants)
    for cell in cells(name):
        for node in ast.parse(cell.source).body:
            wanted = False
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                wanted = {ast.unparse(d) for d in node.decorator_list} <= HARMLESS
            elif isinstance(node, ast.Assign):
                target = ast.unparse(node.targets[0]).strip("()")
                wanted = target in missing
                missing.discard(target)
            if wanted:
                code = compile(ast.Module([node], []), str(path_of(name)), "exec")
                exec(code, space)
    assert not missing, f"{name} assigns nothing to {sorted(missing)}"
    return space


def maker(name: str) -> ModuleType:
    """The script of the experiment that a page shows, as a module; its make() is not called."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f"experiments/{name}.py")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)  # as dataclasses want it
    spec.loader.exec_module(module)
    return module


def digits() -> tuple[torch.Tensor, torch.Tensor]:
    """The pictures (1797, 8, 8) of scikit-learn from 0 to 1 in float32, and their labels."""
    data = load_digits()
    return torch.tensor(data.images / 16, dtype=torch.float32), torch.tensor(data.target)


def verdict(box: str, text: str) -> str:
    """What an answer box finds a text: right, slip, wrong, malformed or empty."""
    return answers.judge(answers.load(box), text).state


def named(box: str, text: str) -> str:
    """What a box says of a text that it knows as a mistake; a failure if it does not."""
    found = answers.judge(answers.load(box), text)
    assert found.state == "slip", f"{box}: {text!r} is {found.state}"
    return found.say


def judged(rows: Iterable[tuple[str, ...]], want: str = "") -> Callable[[str, str, str], None]:
    """A test of what boxes find: rows of a box, a text, and what is wanted, or ``want`` for all.

    Wanted is right, slip, wrong or malformed; anything else are words that stand in the sentence
    of a known mistake.
    """
    rows = [(*row, want)[:3] for row in rows]

    @pytest.mark.parametrize(("box", "text", "want"), rows)
    def test(box: str, text: str, want: str) -> None:
        if want in STATES:
            found = verdict(box, text)
            assert found == want, f"{box}: {text!r} is {found}"
        else:
            said = named(box, text)
            assert want and want in said, f"{box}: {text!r} is told: {said}"

    return test

"""What a task leaves out is found in an answer's code, under any name, and nothing else is."""

from __future__ import annotations

import sys
import types

import pytest

from dlworkbook.checks.forbidden import used

NAMES = ("nn.GRU", "F.softmax", "np.polyfit", ".softmax", "no_such_library.x")
HEAD = "import numpy as np, torch\nfrom torch import nn\nimport torch.nn.functional as F\n"


def defined(code: str, name: str):
    """What code defines in a module that has no source, as a notebook's has none."""
    module = types.ModuleType("handed_in")
    exec(HEAD + code, vars(module))
    return vars(module)[name]


@pytest.mark.parametrize(("code", "found"), [
    ("def f(x):\n    return nn.GRU(1, 2)(x)", ["nn.GRU"]),
    ("def f(x):\n    return torch.nn.functional.softmax(x)", ["F.softmax"]),
    ("def f(x):\n    return x.softmax(1)", [".softmax"]),
    ("def f(x):\n    return nn.GRU(1, 2)(x.softmax(1))", ["nn.GRU", ".softmax"]),
    ("Other = nn.GRU\ndef f(x):\n    return Other(1, 2)", ["nn.GRU"]),
    ("from torch.nn import GRU as G\ndef f(x):\n    return G(1, 2)", ["nn.GRU"]),
    ("def f(x):\n    from torch.nn import Linear, GRU\n    return GRU(1, 2)", ["nn.GRU"]),
    ("def f(x):\n    return [np.polyfit(x, y, 1) for y in x]", ["np.polyfit"]),
    ("def f(x):\n    return (lambda y: np.polyfit(x, y, 1))(x)", ["np.polyfit"]),
    ("def g(x):\n    return np.polyfit(x, x, 1)\ndef f(x):\n    return g(x)", ["np.polyfit"]),
    ("class f(nn.GRU):\n    pass", ["nn.GRU"]),
    ("class f(nn.Module):\n    def forward(self, x):\n        return F.softmax(x, 1)",
     ["F.softmax"]),
    ("class f:\n    @staticmethod\n    def a(x):\n        return nn.GRU(1, 2)", ["nn.GRU"]),
    ("class f:\n    @property\n    def a(self):\n        return nn.GRU", ["nn.GRU"]),
    ("class f:\n    @torch.no_grad()\n    def a(self):\n        return nn.GRU", ["nn.GRU"]),
    ("class B:\n    def a(self):\n        return nn.GRU\nclass f(B):\n    pass", ["nn.GRU"]),
    ("def make():\n    from torch import nn as own\n    def f(x):\n        return own.GRU(1, 2)\n"
     "    return f\nf = make()", ["nn.GRU"]),
    ("def f(x):\n    import numpy as own\n    return own.polyfit(x, x, 1)", ["np.polyfit"]),
    ("def f(x):\n    import torch.nn as own\n    y = x\n    return own.GRU(y, y)", ["nn.GRU"]),
    ("def f(x):\n    from torch import nn as own\n    return own.GRU(1, 2)", ["nn.GRU"]),
    ("def f(x):\n    own = torch.nn\n    return own.GRU(1, 2)", ["nn.GRU"]),
    ("def f(x):\n    import numpy as own\n    return (lambda y: own.polyfit(x, y, 1))(x)",
     ["np.polyfit"]),
])
def test_what_is_used_is_found(code, found):
    assert used(defined(code, "f"), NAMES) == found


@pytest.mark.parametrize("code", [
    "class GRU(nn.Module):\n    def __init__(self):\n        super(GRU, self).__init__()\nf = GRU",
    "def f(x):\n    '''Does without nn.GRU and softmax.'''\n    return x",
    "def softmax(x):\n    return x\ndef f(x):\n    return softmax(x)",
    "def f(x, softmax=1):\n    return nn.GRUCell",
    "def g(x):\n    return nn.GRU\ndef f(x):\n    return x",  # not called
    "def f(x, nn):\n    return nn.GRU(x)", "def f(x):\n    np = x.y\n    return np.polyfit(x)",
    "def f(x):\n    import numpy as own\n    own = own.ones(3)\n    return own.polyfit(x)",
    "def f(x):\n    return f(x)", "f = 3", "f = None", "f = np.mean",
])
def test_nothing_else_is_found(code):
    assert used(defined(code, "f"), NAMES) == []


def test_a_library_is_looked_at_where_it_is_loaded_and_never_loaded(monkeypatch):
    def load(name):
        raise AssertionError(f"{name} is loaded by a look")

    library, part = types.ModuleType("lazy_library"), types.ModuleType("lazy_library.part")
    library.__getattr__, part.convolve = load, lambda x: x
    monkeypatch.setitem(sys.modules, "lazy_library", library)
    names = ("lazy_library.part.convolve", "no_such_library.x")
    answer = defined("def f(x):\n    from lazy_library.part import convolve\n"
                     "    return convolve(x)", "f")
    assert used(answer, names) == []  # it never ran
    monkeypatch.setitem(sys.modules, "lazy_library.part", part)
    assert used(answer, names) == ["lazy_library.part.convolve"]

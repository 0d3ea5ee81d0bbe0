"""What a failed cell costs the cells after it, and what is told of an assertion."""

from __future__ import annotations

import ast
import builtins
from types import SimpleNamespace

import pytest

from publish.site import asserts, damage


@pytest.mark.parametrize(("source", "names"), [
    ("y = x + 1", {"x"}),
    ("x = 1\ny = x", set()),
    ("x = x + 1", {"x"}),
    ("x += 1", {"x"}),
    ("for i in range(n):\n    print(i)", {"n"}),
    ("[v for v in values]", {"values"}),
    ("fig, ax = plt.subplots()\nax.plot(x)", {"plt", "x"}),
    ("def f(a):\n    return a + later", set()),
    ("def f(a=first):\n    return a", {"first"}),
    ("import torch as t\nt.ones(n)", {"n"}),
    ("loss.backward()", {"loss"}),
    ("%%time\nx", set()),  # a magic: run it and see
])
def test_names_that_a_cell_needs(source, names):
    assert set(damage.needed(source)) == names


def test_names_that_a_cell_leaves_undone():
    source = "a = 1\nassert a\nb = 2\nfor c in b:\n    d = c\ndef e(): pass\nimport f.g"
    assert damage.assigned(source) == {"a", "b", "c", "d", "e", "f"}
    assert damage.assigned(source, line=2) == {"b", "c", "d", "e", "f"}


class Shell:
    """What asserts.install needs of IPython."""

    def __init__(self):
        self.ast_transformers, self.published = [], []
        self.display_pub = SimpleNamespace(publish=lambda data: self.published.append(data))
        self.events = SimpleNamespace(register=lambda name, function: None)

    def run(self, source: str, **names) -> dict:
        tree = self.ast_transformers[0].visit(ast.parse(source))
        exec(compile(tree, "cell", "exec"), names)
        return names


@pytest.fixture
def shell():
    made = Shell()
    asserts.install(made)
    yield made
    for name in (asserts.BEGIN, asserts.NOTE, asserts.FAIL):
        delattr(builtins, name)


@pytest.mark.parametrize(("source", "values"), [
    ("assert a < b", [["a", "2"], ["b", "1"]]),
    ("assert 0 < a < b < c", [["a", "2"], ["b", "1"]]),  # c is never computed
    ("assert b < a and f(a) == 5", [["b", "1"], ["a", "2"], ["f(a)", "4"]]),
    ("assert not a > b", [["a", "2"], ["b", "1"]]),
    ("assert isinstance(a, str)", [["a", "2"], ["str", "<class 'str'>"]]),
    ("assert all(x > 3 for x in [a])", []),
    ("assert b == 1\nassert a == -1", [["a", "2"]]),  # nothing of the one that held
])
def test_operands_of_a_failed_assertion(shell, source, values):
    with pytest.raises(AssertionError, match=r"^why$"):
        shell.run(source + ", 'why'", a=2, b=1, c=0, f=lambda x: 2 * x)
    (output,) = shell.published
    assert output[asserts.MIME]["values"] == values
    told = f"assert {output[asserts.MIME]['test']}"
    assert ast.dump(ast.parse(told)) == ast.dump(ast.parse(source.splitlines()[-1]))


def test_assertion_computes_as_before(shell):
    """Once, in the same order, no further than it must; functions' own are left alone."""
    source = (
        "seen = []\n"
        "def f(x):\n    seen.append(x)\n    return x\n"
        "assert f(1) < f(2) and f(3) or f(4)\n"
        "assert f(5) == 5, f(6)\n"
        "try:\n    assert f(7) == 8\nexcept AssertionError:\n    seen.append('caught')\n"
        "def g():\n    assert False\n"
    )
    assert shell.run(source)["seen"] == [1, 2, 3, 5, 7, "caught"]
    assert shell.published == []


def test_value_that_cannot_be_shown(shell):
    class Odd:
        def __repr__(self):
            raise ValueError

        def __bool__(self):
            return False

    with pytest.raises(AssertionError):
        shell.run("assert same(odd)", same=lambda x: x, odd=Odd())
    with pytest.raises(AssertionError):
        shell.run("assert len(many) == 1", many=[0] * 1000)
    with pytest.raises(AssertionError):
        shell.run("assert many == 1", many=[0] * 1000)
    shown = [output[asserts.MIME]["values"][0][1] for output in shell.published]
    assert shown[:2] == ["<Odd: ValueError>", "1000"] and len(shown[2]) == asserts.LONGEST

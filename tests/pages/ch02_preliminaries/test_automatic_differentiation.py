"""Independent checks of the page on automatic differentiation; none of its own asserts is used."""

from __future__ import annotations

import itertools
import math
import random

import pytest
import torch

from tests.kit.pages import definitions, path_of, verdict

PAGE = "ch02_preliminaries/automatic_differentiation"


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, ["serial"], math=math, itertools=itertools, random=random)


# What an item of d2l or of a lab asks, and the value that was checked beforehand; each bound to
# its box. LAB3c: d/da (a^2 + 2a) at 3.
BOXES = {
    "pr-autodiff-square": "8",
    "ex-autodiff-twice-grad": "0, 8, 16, 24",
    "ex-autodiff-vector-sum": "(512, 512, 512)",
    "ex-autodiff-vector-matrix": "51200",
    "ex-autodiff-flow-slopes": "32, 100, -100",
    "ex-autodiff-sine-error": "2.6e-5",
    "ex-autodiff-second-hvp": "172800/86400",
    "ex-autodiff-second-hessian": str(5_270_400 // 86_400),
    "ex-autodiff-graph-slope": "2*sin(x)/x + 2*ln(x)*cos(x) - x^-2",
    "ex-autodiff-modes-forward": "180",
    "ex-autodiff-modes-reverse": "55",
}


def test_the_three_lines_stand_before_they_are_asked_about(page):
    """A cell in sight, with its result, above the predictions: run here, it gives 6."""
    head, asked = path_of(PAGE).read_text(encoding="utf-8").split("::::{predict}")[:2]
    assert "backward()" in asked and "a.grad" in asked
    cell = head.split("```{code-cell} python\n")[1].split("```")[0]
    assert not cell.startswith((":tags", "---")), "in sight"
    *lines, last = cell.strip().splitlines()
    for word in ("requires_grad=True", ".backward()", ".grad"):
        assert word in cell
    space: dict = {}
    exec("\n".join(lines), space)
    assert eval(last, space) == 6


@pytest.mark.parametrize("box", BOXES)
def test_keys(box):
    assert verdict(box, BOXES[box]) == "right"


def nested(page, depth: int, rng: random.Random, sin, leaves: list):
    """A random expression that uses its leaves again and again."""
    if depth == 0:
        return rng.choice(leaves)
    first, second = (nested(page, depth - 1, rng, sin, leaves) for _ in range(2))
    return [lambda: first + second, lambda: first * second, lambda: sin(first) * 2 + second,
            lambda: first if first > second else second * 0.5][rng.randrange(4)]()  # fmt: skip


def test_tape_equals_autograd_and_both_sweeps_agree(page):
    """Also for outputs that do not depend on an input, and a second call, which adds."""
    for seed in range(100):
        values = [random.Random(seed).uniform(-1.5, 1.5) for _ in range(3)]
        ours = [page["Var"](v) for v in values]
        theirs = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in values]
        y = nested(page, 4, random.Random(seed), page["sin"], ours)
        z = nested(page, 4, random.Random(seed), torch.sin, theirs)
        assert y.value == pytest.approx(z.item(), rel=1e-12)
        grads = torch.autograd.grad(z, theirs, allow_unused=True)
        order = page["tape"](y)
        for times in (1, 2):
            page["backward"](y)
            for var, grad in zip(ours, grads, strict=True):
                want = 0.0 if grad is None else grad.item()
                assert var.grad == pytest.approx(times * want, rel=1e-9, abs=1e-12)
                if var in order and times == 1:
                    assert page["forward"](order, var)[y] == pytest.approx(want, abs=1e-9)


def test_an_edge_is_walked_once_however_many_ways_lead_through_it(page):
    """40 squarings: 80 edges and 2**40 ways; the walk ends, and the derivative is exact."""
    start = y = page["Var"](1.0)
    for _ in range(40):
        y = y * y
    assert sum(len(v.made_from) for v in page["tape"](y)) == 80
    page["backward"](y)
    assert start.grad == 2**40


def test_long_tapes_need_no_deep_stack(page):
    x = y = page["Var"](1.0)
    for _ in range(5000):
        y = y + x
    page["backward"](y)
    assert x.grad == 5001


def test_nodes_are_counted_once(page):
    x = torch.tensor(2.0, requires_grad=True)
    shared = x.exp()
    assert page["count_nodes"](shared * shared) == 3  # product, exp, x
    assert page["count_nodes"](x) == 0
    assert page["sizes"](2, orders=0) == [3]


def test_descent_with_and_without_clearing(page):
    assert page["descend"](True, lr=0.5, steps=2) == [0, 0]
    # by hand: gradients 2, then 2 + 1, then 3 - 1/2: w = 1/2, -1/4, -7/8
    assert page["descend"](False, lr=0.25, steps=3) == [0.5, -0.25, -0.88]

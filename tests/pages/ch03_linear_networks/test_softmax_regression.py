"""Independent checks of the page on softmax regression; none of its own asserts is used."""

from __future__ import annotations

import heapq
import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
import torch
import torch.nn.functional as F
from mpmath import mp, mpf

from dlworkbook import answers, style
from tests.kit.pages import cells, definitions, judged, verdict

PAGE = "ch03_linear_networks/softmax_regression"
W = [[0.1, -0.2], [0.0, 0.3], [0.2, 0.1]]
B = [0.0, 0.1, -0.1]
X = [[1, 2], [-1, 1]]
LABELS = [2, 0]


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, sp=sp, math=math, heapq=heapq, style=style, product=itertools.product)


def step(rate: float = 0.1, labels=LABELS) -> tuple[float, list, list]:
    """The demo of Lab 3 in plain loops with 30 digits: loss, W and b after a step."""
    mp.dps = 30
    loss, dW, db = mpf(0), [[mpf(0)] * 2 for _ in range(3)], [mpf(0)] * 3
    for x, y in zip(X, labels):
        z = [sum(mpf(w) * v for w, v in zip(row, x)) + mpf(c) for row, c in zip(W, B)]
        total = sum(mp.exp(v) for v in z)
        loss -= mp.log(mp.exp(z[y]) / total) / 2
        for k in range(3):
            error = (mp.exp(z[k]) / total - (k == y)) / 2
            db[k] += error
            dW[k] = [g + error * v for g, v in zip(dW[k], x)]
    new_W = [[float(w - rate * g) for w, g in zip(*rows)] for rows in zip(W, dW)]
    return float(loss), new_W, [float(c - rate * g) for c, g in zip(B, db)]


def test_the_step_of_the_sources():
    """The figures of items.md, from a computation of our own, are the keys."""
    loss, new_W, new_b = step()
    assert loss == pytest.approx(1.2638293436, abs=5e-11)
    assert np.allclose(new_W, [[0.0531145, -0.1801883], [-0.0000863, 0.2264920],
                               [0.2469718, 0.1536964]], atol=6e-8)  # fmt: skip
    assert np.allclose(new_b, [0.0288363, 0.0510234, -0.0798597], atol=6e-8)
    for name, value in (("loss", loss), ("weights", new_W), ("bias", new_b)):
        key = answers.load(f"ex-softmax-step-{name}")["is"]
        assert np.allclose(np.array(key, dtype=float), value, atol=6e-8), name
        assert verdict(f"ex-softmax-step-{name}", value) == "right"


def test_where_the_slips_of_the_step_come_from():
    loss, up_W, up_b = step(-0.1)
    _, sum_W, sum_b = step(0.2)
    exchanged, _, _ = step(labels=[0, 2])
    for name, value in (
        ("loss", 2 * loss), ("loss", loss / math.log(2)), ("loss", math.log(3)),
        ("loss", exchanged), ("weights", up_W), ("weights", sum_W), ("bias", up_b),
        ("bias", sum_b),
    ):  # fmt: skip
        assert verdict(f"ex-softmax-step-{name}", value) == "slip", (name, value)
    gradient = (np.array(W) - np.array(step(1.0)[1])).tolist()
    assert verdict("ex-softmax-step-weights", gradient) == "slip"


test_right_answers_in_the_spellings_of_a_reader = judged([
        ("pr-softmax-third", "1/2"),
        ("pr-softmax-change", "b"),
        ("pr-softmax-code", "1.67"),
        ("ex-softmax-curvature-hessian",
         "[[.25, -.125, -.125], [-.125, .1875, -.0625], [-.125, -.0625, .1875]]"),
        ("ex-softmax-curvature-along", "3/2"),
        ("ex-softmax-curvature-heat", "1/4"),
        ("ex-softmax-blocks-pair", "1.611"),
        ("ex-softmax-blocks-length", "5"),
        ("ex-softmax-blocks-limit", "log(3)/log(2)"),
        ("ex-softmax-blocks-limit", "1.585"),
        ("ex-softmax-wire-one", "2"),
        ("ex-softmax-wire-many", "1.89"),
        ("ex-softmax-wire-why", "a"),
        ("ex-softmax-choice-two", "1/(1+exp(-0.7))"),
        ("ex-softmax-choice-two", "0.668"),
        ("ex-softmax-choice-three", "0.556"),
        ("ex-softmax-choice-ratio", "c"),
        ("ex-softmax-real-least", "b"),
        ("ex-softmax-real-most", "log(5)/10"),
        ("ex-softmax-real-most", "0.161"),
        ("ex-softmax-real-min", "-log(exp(-a)+exp(-b))"),
        ("ex-softmax-real-min", "a + b - log(exp(a) + exp(b))"),
        ("ex-softmax-partition-shift", "b"),
        ("ex-softmax-partition-small", "b"),
        ("ex-softmax-partition-value", "0.408"),
        ("ex-softmax-partition-gradient", "0.09003057, 0.24472847, 0.66524096"),
        ("ex-softmax-partition-gradient", "0.09, 0.245, 0.665"),
        ("ex-softmax-heat-double", "1/2"),
        ("ex-softmax-heat-root", "4/7, 2/7, 1/7"),
        ("ex-softmax-heat-cold", "1/2, 1/2, 0"),
        ("ex-softmax-heat-hot", "0.5, 0.5, 0"),
        ("ex-softmax-step-loss", "1.2638293436"),
        ("ex-softmax-step-loss", "1.26"),
        ("ex-softmax-step-weights", "[[.053, -.180], [0, .226], [.247, .154]]"),
        ("ex-softmax-step-bias", "0.0288, 0.0510, -0.0799"),
    ], "right")  # fmt: skip


test_wrong_answers_are_named = judged([
        ("pr-softmax-third", "log(2)", "exponential"),
        ("pr-softmax-code", "log(3)/log(2)", "entropy"),
        ("pr-softmax-code", "2", "four words"),
        ("ex-softmax-curvature-hessian", "[[.25, 0, 0], [0, .1875, 0], [0, 0, .1875]]", "other"),
        ("ex-softmax-curvature-along", "5/2", "square of the mean"),
        ("ex-softmax-blocks-pair", "29/9", "pair"),
        ("ex-softmax-blocks-limit", "1.0986", "nats"),
        ("ex-softmax-wire-many", "1.585", "bits"),
        ("ex-softmax-choice-two", "12/17", "divided the scores"),
        ("ex-softmax-real-most", "log(5)", "λ"),
        ("ex-softmax-real-min", "log(exp(-a)+exp(-b))", "sign"),
        ("ex-softmax-partition-shift", "a", "gradient"),
        ("ex-softmax-partition-value", "1002.4076", "digits"),
        ("ex-softmax-heat-double", "2", "halves"),
        ("ex-softmax-heat-hot", "1/3, 1/3, 1/3", "0"),
        ("ex-softmax-step-loss", "1.8233", "bits"),
        ("ex-softmax-step-bias", "-0.288, 0.490, -0.201", "gradient"),
        ("ex-softmax-choice-three", "0.276", "oranges"),
        ("ex-softmax-choice-three", "0.1675", "neither"),
    ])  # fmt: skip


def test_keys_are_right_to_their_digits():
    """A key within its own tolerance of the truth is not enough."""
    e = math.exp
    for name, value in {
        "blocks-limit": math.log2(3), "wire-many": math.log(8, 3), "choice-two": 1 / (1 + e(-0.7)),
        "choice-three": e(1.2) / (e(1.2) + e(0.5) + 1), "real-most": math.log(5) / 10,
        "partition-value": math.log(1 + e(-1) + e(-2)),
    }.items():  # fmt: skip
        assert answers.load(f"ex-softmax-{name}")["is"] == pytest.approx(value, abs=1e-9), name


def test_rows_of_softmax(page):
    """Row by row, with no two equal sizes, where plain exponentials overflow or vanish."""
    Z = torch.randn(4, 7, generator=torch.Generator().manual_seed(1)) * 300
    Z[1] += 1e4
    Z[2] -= 1e4
    assert torch.allclose(page["softmax"](Z), F.softmax(Z, 1))
    for rows in ([[1.0, 2, 3], [1000, 1001, 1002]], [[0.0, 1], [1000, 1001]]):
        found = page["softmax"](torch.tensor(rows))
        assert torch.allclose(found, F.softmax(torch.tensor(rows), 1))
        assert torch.allclose(found[0], found[1])


@pytest.mark.parametrize("seed", range(3))
def test_the_diagonal_alone_falls_and_then_diverges(seed):
    """With features as well: only the whole gradient stays at its least."""
    draw = torch.Generator().manual_seed(seed)
    y = torch.multinomial(torch.tensor([0.6, 0.3, 0.1]), 300, True, generator=draw)
    X = torch.randn(300, 2, generator=draw, dtype=torch.float64) + torch.eye(3, 2)[y]
    T = F.one_hot(y, 3)
    least = {}
    for whole in (True, False):
        W, b, losses = torch.zeros(3, 2).double(), torch.zeros(3).double(), []
        for _ in range(2500):
            Z = X @ W.T + b
            error = F.softmax(Z, 1) - T
            error = error if whole else error * T
            losses.append(F.cross_entropy(Z, y).item())
            W, b = W - 0.1 * error.T @ X / 300, b - 0.1 * error.mean(0)
        least[whole] = min(losses)
        assert (losses[-1] < least[True] + 1e-3) == whole
        assert whole or losses[-1] > 2 * least[whole]
    assert least[False] < 1.05 * least[True]


def test_no_prefix_code_of_three_words_is_shorter(page):
    """All sets of three words up to four bits, of which none begins another."""
    words = ["".join(w) for n in range(1, 5) for w in itertools.product("01", repeat=n)]
    costs = [
        Fraction(sum(map(len, trio)), 3)
        for trio in itertools.combinations(words, 3)
        if not any(b.startswith(a) for a, b in itertools.permutations(trio, 2))
    ]
    assert min(costs) == Fraction(5, 3)
    assert page["words_for"]([1, 2, 2]) == ["0", "10", "11"]
    assert page["best_cost"]([1, 1, 1]) == 5
    assert page["best_cost"]([1] * 9) == 29


def test_a_best_code_is_the_best_of_all_lengths(page):
    """Against a search of all lengths that the inequality allows."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        weights = rng.integers(1, 30, 4).tolist()
        searched = min(
            sum(a * b for a, b in zip(weights, lengths))
            for lengths in itertools.product(range(1, 5), repeat=4)
            if sum(Fraction(1, 2**v) for v in lengths) <= 1
        )
        assert page["best_cost"](weights) == searched


def test_the_step_from_zero_by_fractions():
    """Written out for each example and class, and compared with what the page prints."""
    dW = [[Fraction(0)] * 2 for _ in range(3)]
    db = [Fraction(0)] * 3
    for x, y in zip(X, LABELS):
        for k in range(3):
            error = (Fraction(1, 3) - (k == y)) / 2
            db[k] += error
            dW[k] = [g + error * v for g, v in zip(dW[k], x)]
    space: dict = {"sp": sp}
    code = next(c.source for c in cells(PAGE) if c.source.startswith("X = sp.Matrix"))
    exec(code, space)
    assert sp.Matrix(dW) == space["grad_W"] and sp.Matrix(db) == space["grad_b"]
    after_W, after_b = -0.6 * np.array(dW, dtype=float), -0.6 * np.array(db, dtype=float)
    scores = torch.tensor(np.array(X) @ after_W.T + after_b)
    assert F.cross_entropy(scores, torch.tensor(LABELS)).item() == pytest.approx(0.574, abs=5e-4)


def test_soft_maximum_heat_and_choice(page):
    rng = np.random.default_rng(0)
    for _ in range(50):
        x, lam = rng.normal(size=5) * 30, rng.uniform(0.1, 5)
        want = torch.logsumexp(torch.tensor(lam * x), 0).item() / lam
        assert page["soft_max"](x, lam) == pytest.approx(want)
        p = rng.dirichlet(np.ones(4))
        scaled = F.softmax(torch.tensor(np.log(p)) / lam, 0).numpy()
        assert np.allclose(page["heated"](p, lam), scaled)
        assert np.allclose(page["choose"](*x), F.softmax(torch.tensor(x), 0).numpy())


def test_the_largest_curvature_is_one_half():
    """By power iteration from random starts, over a grid of the triangle."""
    top = 0.0
    for i, j in itertools.product(range(21), repeat=2):
        if i + j <= 20:
            p = np.array([i, j, 20 - i - j]) / 20
            J, v = np.diag(p) - np.outer(p, p), np.array([1.0, -0.3, 0.1])
            for _ in range(200):
                v = J @ v + 1e-3 * v
                v /= np.linalg.norm(v)
            top = max(top, v @ J @ v)
    assert top == pytest.approx(0.5, abs=1e-6)

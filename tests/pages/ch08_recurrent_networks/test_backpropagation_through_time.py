"""Independent checks of the page on backpropagation through time."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest
import torch
from torch import nn

from tests.kit.pages import definitions, judged

PAGE = "ch08_recurrent_networks/backpropagation_through_time"
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    wanted = ["W", "U", "b", "v, c", "W_s", "U_s", "b_s, v_s", "W_p", "U_p, b_p"]
    return definitions(PAGE, wanted, math=math)


def digits_of(*numbers, length):
    """Binary digits of pairs, the lowest first, (1, T, 2)."""
    return torch.tensor([[[float(n >> t & 1) for n in numbers] for t in range(length)]])


def test_states_are_those_of_torch(page):
    torch.manual_seed(0)
    net = nn.RNN(3, 5, batch_first=True)
    X = torch.randn(2, 7, 3)
    ours = page["states"](
        X, net.weight_hh_l0, net.weight_ih_l0, net.bias_ih_l0 + net.bias_hh_l0, torch.tanh
    )
    assert torch.allclose(ours, net(X)[0], atol=1e-6)


def added(page, first, second, **changed):
    """What the adder of the page says of two numbers of 40 digits."""
    net = page | changed
    H = page["states"](
        digits_of(first, second, length=41), net["W"], net["U"], net["b"], page["threshold"]
    )
    return sum(int(d) << t for t, d in enumerate(page["threshold"](H @ net["v"] + net["c"])[0]))


def test_adder_on_long_numbers(page):
    rng = random.Random(0)
    pairs = [(rng.getrandbits(40), rng.getrandbits(40)) for _ in range(30)]
    pairs += [(2**40 - 1, 1), (0, 0), (2**40 - 1, 2**40 - 1)]  # the carry goes all the way
    for first, second in pairs:
        assert added(page, first, second) == first + second


@pytest.mark.parametrize("row", range(3))
def test_each_weight_of_the_adder_is_needed(page, row):
    W = page["W"].clone()
    W[row, 1] = 0
    cases = itertools.product(range(8), repeat=2)
    assert any(added(page, m, n, W=W) != m + n for m, n in cases)


def test_subtractor_with_borrow_out(page):
    for first, second in itertools.product(range(16), repeat=2):
        H = page["states"](
            digits_of(first, second, length=4), page["W_s"], page["U_s"], page["b_s"],
            page["threshold"],
        )  # fmt: skip
        out = page["threshold"](H @ page["v_s"] + 0.5)[0]
        assert sum(int(d) << t for t, d in enumerate(out)) == (first - second) % 16
        assert bool(H[0, -1, 1]) == (first < second)


def test_parity(page):
    bits = [1, 1, 0, 1, 0, 0, 1, 1, 1]
    X = torch.tensor(bits, dtype=torch.float)[None, :, None]
    H = page["states"](X, page["W_p"], page["U_p"], page["b_p"], page["threshold"])[0]
    assert (H[:, 0] - H[:, 1]).tolist() == [sum(bits[: t + 1]) % 2 for t in range(9)]


def test_bptt_by_finite_differences(page):
    torch.manual_seed(0)
    T, d, H = 6, 2, 3
    double = {"dtype": torch.double}
    X, Y, h0 = torch.randn(T, d, **double), torch.randn(T, H, **double), torch.randn(H, **double)
    params = [torch.randn(s, **double) for s in ((H, H), (H, d), (H,))]

    def loss(W, U, b):
        h, total = h0, 0.0
        for x, y in zip(X, Y, strict=True):
            h = torch.tanh(W @ h + U @ x + b)
            total += ((h - y) ** 2).sum().item() / 2
        return total

    for p, grad in zip(params, page["bptt"](X, Y, h0, *params), strict=True):
        for at in np.ndindex(*p.shape):
            ends = []
            for step in (1e-5, -1e-5):
                p[at] += step
                ends.append(loss(*params))
                p[at] -= step
            assert (ends[0] - ends[1]) / 2e-5 == pytest.approx(grad[at].item(), abs=1e-6)


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_a_chunk_keeps_its_own_paths(page, chunk):
    h, errors, total = [1, 1, 1, 4], {1: 1, 2: -1, 3: 1}, 0
    for use, loss in itertools.combinations_with_replacement((1, 2, 3), 2):
        if (use - 1) // chunk == (loss - 1) // chunk:
            total += errors[loss] * 2 ** (loss - use) * h[use - 1]
    assert page["gradient"](chunk) == total


def test_gradients_of_one_sequence(page):
    """Without cuts the derivative by w; after 3 links, what three uses give."""
    w, teacher, T = 0.8, 0.95, 12

    def run(w, freeze=0):
        """Final state and target; the first ``freeze`` steps have the old weight."""
        rng, h, target = np.random.default_rng(4), 0.0, 0.0
        for t in range(T):
            rng.random(1)  # the page draws its cuts first
            x = rng.standard_normal(1)[0]
            h, target = (0.8 if t < freeze else w) * h + x, teacher * target + x
        return h, target

    for links in (None, 3):
        freeze = T - links if links else 0
        h, target = run(w)
        slope = (run(w + 1e-6, freeze)[0] - run(w - 1e-6, freeze)[0]) / 2e-6
        found = page["estimates"](np.random.default_rng(4), 1, links=links, T=T)
        assert found[0] == pytest.approx((h - target) * slope, rel=1e-6)


@pytest.mark.parametrize("p", [0.3, 0.7])
def test_cuts_by_chance_have_the_right_mean(page, p):
    g = page["estimates"](np.random.default_rng(1), 400_000, p=p, T=3)
    want = page["exact"](T=3)
    assert g.mean() == pytest.approx(want, abs=5 * g.std() / 400_000**0.5)
    assert page["exact"](2, T=3) == pytest.approx(want)  # two uses are all that count
    assert page["exact"](1, T=3) != pytest.approx(want)


@pytest.mark.parametrize("p", [0.25, 0.5, 0.9])
def test_variance_by_all_outcomes(page, p):
    """Four links, sixteen outcomes, states of 1."""
    w, mean, square = 0.8, 0.0, 0.0
    for links in itertools.product((0, 1), repeat=4):
        chance, z = 1.0, 1.0
        for on in links:
            chance *= p if on else 1 - p
            z = 1 + w * z * on / p
        mean, square = mean + chance * z, square + chance * z**2
    assert page["variances"](p)[4] == pytest.approx(square - mean**2)


def test_settling(page):
    """At its zero a gradient changes sign, and the full one has the least loss there."""
    page["mean_gradient"].__globals__["wanted"] = (0.5 ** np.arange(40) + 0.98 ** np.arange(40)) / 2
    page["mean_gradient"].__globals__["lags"] = np.arange(40)
    for links in (40, 5):
        w = page["zero"](links)
        assert page["mean_gradient"](w - 0.01, links) < 0 < page["mean_gradient"](w + 0.01, links)
    for w in (0.6, 0.9):  # all terms: the derivative of the loss; few: only late uses of w
        slope = (page["mean_loss"](w + 1e-6) - page["mean_loss"](w - 1e-6)) / 2e-6
        assert page["mean_gradient"](w) == pytest.approx(slope, rel=1e-4)
        few = sum(
            (w**j - (0.5**j + 0.98**j) / 2) * w ** (j - 1)
            for use in range(3)
            for j in range(use + 1, 40)
        )
        assert page["mean_gradient"](w, 3) == pytest.approx(few)
    best = page["zero"](40)
    assert all(page["mean_loss"](best) < page["mean_loss"](best + d) for d in (-0.01, 0.01))
    assert page["mean_loss"](page["zero"](5)) > 1.4 * page["mean_loss"](best)


def test_descent_ends_where_the_mean_gradient_is_zero(page):
    page["mean_gradient"].__globals__["wanted"] = (0.5 ** np.arange(40) + 0.98 ** np.arange(40)) / 2
    for how, want in (({}, 0.94), ({"links": 5}, 0.91), ({"p": 0.95}, 0.94)):
        end = page["settles_at"](np.random.default_rng(7), **how)
        assert end == pytest.approx(want, abs=0.012), how
    for how in ({}, {"links": 5}, {"p": 0.8}):  # with hardly any step: the mean gradient at 0.8
        end = page["settles_at"](np.random.default_rng(7), lr=1e-9, **how)
        found = (0.8 - end) / 1e-9 / 300.5  # the mean of 201 to 400 steps
        want = page["mean_gradient"](0.8, how.get("links", 40))
        assert found == pytest.approx(want, rel=0.08), how


def test_carries_survive(page):
    torch.manual_seed(0)
    assert page["survives"](10, noise=0) == 1
    assert page["survives"](2, noise=0.3) < 0.6 < 0.99 < page["survives"](12, noise=0.05)


def test_lengths_under_an_orthogonal_matrix(page):
    torch.manual_seed(3)
    Q = page["orthogonal"](16)
    assert torch.allclose(Q @ Q.T, torch.eye(16, dtype=torch.double), atol=1e-12)
    found = page["back_norms"](0.7 * Q, 2.0, lambda a: a, steps=9)
    assert found == pytest.approx([0.7**k for k in range(10)])
    bent = page["back_norms"](0.7 * Q, 2.0, steps=9)
    assert all(a < b for a, b in zip(bent[1:], found[1:], strict=True))


def test_kept_values(page):
    """Rest points by bisection, slopes by differences."""
    for alpha in (5.0, 8.0, 12.0):

        def step(h, alpha=alpha):
            return 1 / (1 + math.exp(-alpha * (h - 0.5)))

        low, high = 0.5 + 1e-6, 1.0
        for _ in range(80):
            mid = (low + high) / 2
            low, high = (mid, high) if step(mid) > mid else (low, mid)
        h, slope = page["rest"](alpha)
        assert h == pytest.approx(low, abs=1e-9)
        assert slope == pytest.approx((step(h + 1e-6) - step(h - 1e-6)) / 2e-6, rel=1e-5)
        assert slope < 1
    assert page["rest"](3.0)[0] == pytest.approx(0.5)


test_boxes = judged([
    ("pr-bptt-counter", "1", "right"), ("pr-bptt-counter", "1.0", "right"),
    ("pr-bptt-counter", "100", "slip"), ("pr-bptt-shear", "b", "right"),
    ("pr-bptt-cut", "a", "Noise averages"), ("pr-bptt-cut", "b", "right"),
    ("ex-bptt-power-four", "1.3^4, 0.3^4", "right"),
    ("ex-bptt-power-four", "2.856, 0.0081", "right"),
    ("ex-bptt-power-four", "(2.86, 0.0081)", "right"),
    ("ex-bptt-power-four", "5.2, 1.2", "multiplied"), ("ex-bptt-power-steps", "9", "right"),
    ("ex-bptt-power-steps", "10", "slip"), ("ex-bptt-power-steps", "7", "wrong"),
    ("ex-bptt-power-line", "a", "right"), ("ex-bptt-remedies-bound", "a, b, d", "right"),
    ("ex-bptt-remedies-bound", "abd", "right"), ("ex-bptt-remedies-bound", "a, b", "slip"),
    ("ex-bptt-remedies-factor", "1/3", "right"), ("ex-bptt-remedies-factor", "0.333", "right"),
    ("ex-bptt-remedies-factor", "33.3%", "right"), ("ex-bptt-remedies-factor", "3", "Smaller"),
    ("ex-bptt-design-bias", "-1, 0", "right"), ("ex-bptt-design-bias", "-2, 0", "slip"),
    ("ex-bptt-design-read", "1, 0, 1, 0, 1", "right"),
    ("ex-bptt-design-read", "1, 1, 1, 0, 1", "subtracted"),
    ("ex-bptt-design-odd", "a", "slip"),
    ("ex-bptt-parity", "[[1, -1], [1, -1]]", "right"), ("ex-bptt-parity", "1 -1; 1 -1", "right"),
    ("ex-bptt-parity", "1 1; -1 -1", "Transposed"), ("ex-bptt-parity", "1 0; 1 0", "slip"),
    ("ex-bptt-subtract-w", "0 1 0; 0 1 0; 0 1 0", "right"),
    ("ex-bptt-subtract-w", "0 0 0; 1 1 1; 0 0 0", "Transposed"),
    ("ex-bptt-subtract-u", "[[-1,1],[-1,1],[-1,1]]", "right"),
    ("ex-bptt-subtract-u", "1 1; 1 1; 1 1", "adds"),
    ("ex-bptt-subtract-v", "-1, 1, -1", "right"), ("ex-bptt-subtract-v", "1, -1, 1", "slip"),
    ("ex-bptt-three-deltas", "3 3; 0 3; -2 1", "right"),
    ("ex-bptt-three-deltas", "2 4; -1 3; -2 1", "closed"),
    ("ex-bptt-three-w", "3 -2; 9 7", "right"), ("ex-bptt-three-w", "3 9; -2 7", "Transposed"),
    ("ex-bptt-three-w", "4 0; 7 12", "before its step"), ("ex-bptt-three-u", "-1, -4", "right"),
    ("ex-bptt-random-full", "4.5", "right"), ("ex-bptt-random-full", "9/2", "right"),
    ("ex-bptt-random-full", "5", "slip"), ("ex-bptt-random-one", "4", "right"),
    ("ex-bptt-random-variance", "11/4", "right"), ("ex-bptt-random-variance", "2.75", "right"),
    ("ex-bptt-random-variance", "8/3", "slip"), ("ex-bptt-random-bound", "0.25", "right"),
    ("ex-bptt-random-bound", "1/2", "slip"), ("ex-bptt-layers-factor", "0.577", "right"),
    ("ex-bptt-layers-factor", "1/sqrt(3)", "right"), ("ex-bptt-layers-factor", "1/3", "slip"),
    ("ex-bptt-layers-steps", "26", "right"), ("ex-bptt-layers-steps", "25", "slip"),
    ("ex-bptt-layers-change", "b", "right"),
])  # fmt: skip

"""Independent checks of the page on multilayer perceptrons; none of its own asserts is used."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlworkbook import experiment
from tests.kit import pages
from tests.kit.pages import definitions, judged, verdict

PAGE = "ch04_multilayer_perceptrons/multilayer_perceptrons"
CORNERS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
TARGET = torch.tensor([0.0, 1.0, 1.0, 0.0])
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, math=math, corners=CORNERS, target=TARGET)


def areas(polygons):
    """Area of each polygon (corners, 2), by the shoelace formula."""
    return [abs((p[:, 0] * np.roll(p[:, 1], -1) - p[:, 1] * np.roll(p[:, 0], -1)).sum()) / 2
            for p in polygons]


@pytest.mark.parametrize("lines", range(7))
def test_cut_counts_what_sampling_finds(page, lines):
    """A polygon for each pattern that is seen, of the area of its share of a million points."""
    rng = np.random.default_rng(lines)
    square = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])
    W, b = rng.normal(size=(lines, 2)), rng.normal(size=lines) / 2
    pieces = [square]
    for w, bias in zip(W, b, strict=True):
        pieces = page["cut"](pieces, w, bias)
    points = rng.uniform(-1, 1, (200_000, 2))
    codes = (points @ W.T + b > 0) @ 2 ** np.arange(lines) if lines else np.zeros(len(points))
    seen, count = np.unique(codes, return_counts=True)
    large = [area for area in areas(pieces) if area > 1e-3]
    assert np.isclose(sum(areas(pieces)), 4)
    assert len(large) <= len(seen) <= len(pieces) <= 1 + lines + math.comb(lines, 2)
    biggest = np.sort(count)[::-1][:3] / len(points) * 4
    assert np.allclose(biggest, np.sort(areas(pieces))[::-1][:len(biggest)], atol=0.03)


def test_a_dead_unit_has_probability_13_over_48(page):
    """By counting weights on a fine grid of fractions, extrapolated in the step."""
    def share(n):
        grid = [Fraction(2 * k + 1, n) - 1 for k in range(n)]
        dead = sum(b <= 0 and b + v <= 0 and b + w <= 0 and b + v + w <= 0
                   for b, v, w in itertools.product(grid, repeat=3))
        return dead / n**3

    assert abs(share(60) - 13 / 48) < 0.005
    torch.manual_seed(9)
    params = page["start"](30_000, 2)
    assert abs(page["dead"](params).double().mean() - 13 / 48) < 0.008
    assert not page["dead"](page["turned"](params)).any()


def test_side_by_side_is_one_by_one(page):
    """Each network of a stack is trained as nn.Sequential would be, alone."""
    torch.manual_seed(4)
    params = [p.double() for p in page["start"](4, 3)]
    page_64 = {"corners": CORNERS.double(), "target": TARGET.double()}
    names = definitions(PAGE, math=math, **page_64)
    together = names["solved"](params, steps=150)
    for k in range(4):
        net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
        net = net.double()
        with torch.no_grad():
            for mine, theirs in zip(net.parameters(), params, strict=True):
                mine.copy_(theirs[k].reshape(mine.shape))
        optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
        for _ in range(150):
            loss = F.binary_cross_entropy_with_logits(net(CORNERS.double())[:, 0], TARGET.double())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        right = ((net(CORNERS.double())[:, 0] > 0) == (TARGET > 0.5)).all()
        assert bool(right) == bool(together[k])


def test_starts_are_those_of_linear(page):
    torch.manual_seed(0)
    for made, fan in zip(page["start"](2000, 5), (2, 2, 5, 5), strict=True):
        assert 0.99 < made.abs().max() * fan**0.5 <= 1
        assert abs(made.double().var() * 3 * fan - 1) < 0.06


def test_chords_are_numpys_interpolation(page):
    x = torch.linspace(0, 1, 777, dtype=torch.float64)
    for m in (1, 3, 8):
        for g in (torch.exp, torch.sqrt, page["f"]):
            t = torch.linspace(0, 1, m + 1, dtype=torch.float64)
            ours = page["mlp"](x[:, None], *page["chords"](g, m))[:, 0]
            assert np.allclose(ours, np.interp(x, t, g(t)))


def test_the_experiment_has_the_networks_of_the_page(page):
    maker = pages.maker(PAGE)
    params = maker.start(50, 2, 2)
    W, b, w, c = params
    on_page = [W, b[:, None], w[..., None], c[:, None, None]]
    assert torch.allclose(maker.scores(CORNERS, params, torch.relu),
                          page["scores"](on_page, torch.relu), atol=1e-6)
    assert (maker.dead(params) == page["dead"](on_page)).all()
    turned = maker.turned(params)
    assert torch.equal(turned[0], page["turned"](on_page)[0])


def test_what_the_text_says_of_the_experiment():
    result = experiment(PAGE)
    two = [r for r in result["xor"] if r["units"] == 2 and r["activation"] == "ReLU"]
    plain = [r for r in two if not r["turned"]]
    assert {r["rate"] for r in plain if r["steps"] == 20_000} == {0.1, 0.5, 1.5}
    assert all(r["solved"] < 0.3 * r["starts"] and r["stuck and solved"] == 0 for r in plain)
    assert all(r["stuck and solved"] > 0.3 * r["stuck"] for r in two if r["turned"])
    hand = math.pi**2 / 2 / 16**2
    assert all(min(r["errors"]) > hand for r in result["sine"])


def test_starts_without_a_dead_unit_fail_as_often_as_the_text_says():
    two = [r for r in experiment(PAGE)["xor"]
           if r["units"] == 2 and r["activation"] == "ReLU" and not r["turned"]]
    failed = [100 - 100 * r["solved"] / (r["starts"] - r["stuck"]) for r in two]
    assert (round(min(failed)), round(max(failed))) == (54, 62)


def test_chords_go_straight_on_outside_of_the_interval(page):
    """At 2, 64 units say what the last chord says there; the text gives two decimals."""
    out = page["mlp"](torch.tensor([[2.0]], dtype=torch.float64), *page["chords"](page["f"], 64))
    assert round(out.item(), 2) == round(64 * math.sin(2 * math.pi / 64), 2) == 6.27


@pytest.mark.parametrize("text", ["2.06e-9", "2.1e-9", "exp(-20)", "2.061*10^-9"])
def test_a_slope_of_two_digits_is_right(text):
    assert verdict("ex-mlp-vanish-slope", text) == "right"


@pytest.mark.parametrize("text", ["1.2e8", "1.21e8", "exp(20)/4", "121,000,000"])
def test_a_ratio_of_two_digits_is_right(text):
    assert verdict("ex-mlp-vanish-ratio", text) == "right"


def test_every_failure_ends_in_a_state_that_rules_xor_out():
    """Other starts, another rate and 3,000 steps: a dead unit, all on, or two labels alike."""
    maker = pages.maker(PAGE)

    def loss(o):
        return F.binary_cross_entropy_with_logits(o, TARGET.expand_as(o), reduction="none")

    ends = maker.train(CORNERS, maker.start(200, 2, 2, seed=7), torch.relu, loss, 3000, 0.7)
    right = ((maker.scores(CORNERS, ends, torch.relu) > 0) == (TARGET > 0.5)).all(1)
    on = torch.einsum("nd,smd->snm", CORNERS, ends[0]) + ends[1][:, None] > 0
    alike = [len({TARGET[k].item() for k in range(4) if not points[k].any()}) == 2
             for points in on]
    ruled = maker.dead(ends).any(1) | on.flatten(1).all(1) | torch.tensor(alike)
    assert not (right & ruled).any() and 20 < right.sum() < 80
    assert (~right & ~ruled).sum() <= 3


test_named_mistakes = judged([
    ("ex-mlp-vanish-ratio", "8.24e-9", "on top"), ("ex-mlp-vanish-ratio", "exp(20)", "not 1"),
    ("ex-mlp-prelu", "1, 0", "positive"), ("ex-mlp-vanish-slope", "0.25", "at 0"),
])  # fmt: skip

"""Independent checks of the page on losses; none of its own asserts is used."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlworkbook import answers
from tests.kit.pages import definitions

PAGE = "ch03_linear_networks/losses"
pytestmark = pytest.mark.usefixtures("double_precision")

# The checked numbers of the two exam problems, each with the box that asks for it.
GOLDEN = {
    "ex-loss-two-a": [0.1, 0.2, 0.3, 0.4],
    "ex-loss-two-b": [1 / 18, 1 / 6, 5 / 18, 1 / 2],
    "ex-loss-two-loss-a": 0.916290731874155,
    "ex-loss-two-bits": 1.3219280949,
    "ex-loss-two-loss-b": 0.6931471805599453,
    "ex-loss-two-difference": 0.2231435513,
    "ex-loss-two-wrong-a": 1.2425355,
    "ex-loss-two-wrong-b": 1.1500811,
    "ex-loss-five-p": [0.2, 0.7, 0.4, 0.9, 0.5],
    "ex-loss-five-ce": 0.7361822568929518,
    "ex-loss-five-each": [0.41201611, 0.01284030, 0.13194587, 0.00042144, 0.06931472],
    "ex-loss-five-mean": 0.1253076858146857,
    "ex-loss-five-plain": 0.313269214537,
    "ex-loss-readings-one": 0.186635354718,
    "ex-loss-readings-zero": 0.126633859819,
    "ex-loss-readings-focal": 0.0879525936531630,
    "ex-loss-readings-bce": 0.711098853474,
}


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, torch=torch, F=F, np=np, math=math)


@pytest.mark.parametrize("box", GOLDEN)
def test_every_checked_number_of_the_exam_has_its_box(box):
    """It is right as it is and to three digits (vectors to four), and off by 5% it is not."""
    spec, value = answers.load(box), GOLDEN[box]
    many = isinstance(value, list)
    rounded = [round(v, 4) for v in value] if many else float(f"{value:.3g}")
    worse = [1.05 * v for v in value] if many else 1.05 * value
    assert answers.judge(spec, value).state == "right"
    assert answers.judge(spec, rounded).state == "right"
    assert answers.judge(spec, worse).state != "right"


def test_one_sample_with_1_minus_p_unsquared_is_wrong():
    """The loss of an easy sample is small, and still a wrong one is not accepted."""
    spec, right = answers.load("ex-loss-five-each"), GOLDEN["ex-loss-five-each"]
    for k, p in enumerate(GOLDEN["ex-loss-five-p"]):
        wrong = [v / (1 - p) if j == k else v for j, v in enumerate(right)]
        assert answers.judge(spec, wrong).state != "right"
    assert answers.judge(spec, "0.412, 0.0128, 0.132, 0.000421, 0.0693").state == "right"
    assert answers.judge(spec, "0.412 0.013 0.132 0.0004 0.069").state == "right"
    assert answers.judge(spec, "0.412 0.0128 0.1319 0 0.0693").state != "right"


def test_the_exam_by_plain_python():
    """The same numbers, from the problems as they are stated, with no library but math."""
    found = {}
    for name, raw in (("a", (20, 40, 60, 80)), ("b", (10, 30, 50, 90))):
        p = [v / sum(raw) for v in raw]
        found[f"ex-loss-two-{name}"] = p
        found[f"ex-loss-two-loss-{name}"] = -math.log(p[3])
        found[f"ex-loss-two-wrong-{name}"] = math.log(sum(map(math.exp, p))) - p[3]
    found["ex-loss-two-bits"] = -math.log2(0.4)
    found["ex-loss-two-difference"] = math.log(0.5 / 0.4)
    rows = [(1, 0), (0, 1), (1, 0), (0, 1), (1, 0)]
    said = [(0.2, 0.8), (0.3, 0.7), (0.4, 0.6), (0.1, 0.9), (0.5, 0.5)]
    p = [q[t.index(1)] for t, q in zip(rows, said, strict=True)]
    plain = [-((1 - v) ** 2) * math.log(v) for v in p]
    found["ex-loss-five-p"] = p
    found["ex-loss-five-ce"] = sum(-math.log(v) for v in p) / 5
    found["ex-loss-five-each"] = [0.4 * v for v in plain]
    found["ex-loss-five-mean"] = 0.4 * sum(plain) / 5
    found["ex-loss-five-plain"] = sum(plain) / 5
    for name, weights in (("one", (0.6, 0.4)), ("zero", (0.4, 0.6))):
        found[f"ex-loss-readings-{name}"] = (
            sum(weights[t.index(1)] * v for t, v in zip(rows, plain, strict=True)) / 5
        )
    again = []
    for t, q in zip(rows, said, strict=True):
        for target, v in zip(t, q, strict=True):
            once = 1 / (1 + math.exp(-v))
            again.append(once if target else 1 - once)
    found["ex-loss-readings-bce"] = sum(-math.log(v) for v in again) / 10
    found["ex-loss-readings-focal"] = sum(-0.4 * (1 - v) ** 2 * math.log(v) for v in again) / 10
    assert found.keys() == GOLDEN.keys()
    for box, value in GOLDEN.items():
        assert found[box] == pytest.approx(value, rel=1e-5 if "each" in box else 3e-8), box


def test_losses_from_scores_by_high_precision(page):
    """Values and slopes beside mpmath's, far out and at 0."""
    mp = pytest.importorskip("mpmath")
    mp.mp.dps = 60
    for score in (-800.0, -40.0, -3.0, 0.0, 0.5, 30.0, 800.0):
        z = torch.tensor([score], dtype=torch.float64, requires_grad=True)
        for target in (0.0, 0.3, 1.0):
            t = torch.tensor([target], dtype=torch.float64)
            loss = page["bce_with_logits"](z, t)
            p = 1 / (1 + mp.exp(-mp.mpf(score)))
            want = -target * mp.log(p) - (1 - target) * mp.log(1 / (1 + mp.exp(mp.mpf(score))))
            assert loss.item() == pytest.approx(float(want), rel=1e-12, abs=1e-300)
            slope = torch.autograd.grad(loss.sum(), z)[0].item()
            assert slope == pytest.approx(float(p) - target, abs=1e-12)
        for gamma in (0.0, 0.5, 2.0):
            for target in (0.0, 1.0):
                t = torch.tensor([target], dtype=torch.float64)
                loss = page["focal"](z, t, gamma)
                lead = mp.mpf(score) * (1 if target else -1)
                p, q = 1 / (1 + mp.exp(-lead)), 1 / (1 + mp.exp(lead))
                want = -(q**gamma) * mp.log(p)
                assert loss.item() == pytest.approx(float(want), rel=1e-10, abs=1e-300)
                slope = torch.autograd.grad(loss.sum(), z)[0].item()
                pull = q**gamma * (gamma * p * mp.log(p) - q) * (1 if target else -1)
                assert slope == pytest.approx(float(pull), rel=1e-10, abs=1e-300)
                if abs(score) < 30:  # beyond, 1 - p has no digits left
                    part = page["ratio"](float(p), gamma)
                    assert slope == pytest.approx(
                        -float(q) * part * (1 if target else -1), rel=1e-6)  # fmt: skip


def test_a_gradient_in_three_lines_is_the_loops(page):
    """One step of the training loop is a step on the page's focal loss, by autograd."""
    rng = np.random.default_rng(0)
    pixels = torch.tensor(rng.random((1797, 64)))
    digit = rng.integers(0, 10, 1797)
    digit[:200], digit[200:400] = 8, 1  # enough of each
    scope = page["train"].__globals__
    scope.update(pixels=pixels, digit=digit, is_8=torch.tensor(digit == 8))
    seen = []
    scope["average_precision"] = lambda scores, true: (
        seen.append(scores) or torch.zeros(scores.shape[0])
    )
    page["train"]([0.0, 2.0], [0.0, -1.0], [1.0, 0.5], (1,), range(1), [1.0, 3.0])
    fit, held = page["split"](0)
    X, y = pixels[fit], torch.tensor(digit[fit] == 8).double()
    for k, (gamma, bias, lr, weight) in enumerate(((0, 0, 1, 1), (2, -1, 0.5, 3))):
        w = torch.zeros(64, requires_grad=True)
        b = torch.tensor(float(bias), requires_grad=True)
        loss = (page["focal"](X @ w + b, y, gamma) * (1 + (weight - 1) * y)).mean()
        gw, gb = torch.autograd.grad(loss, (w, b))
        scores = pixels[held] @ (w - lr * gw) + b - lr * gb
        assert torch.allclose(seen[0][k], scores)


def test_average_precision_is_sklearns():
    from sklearn.metrics import average_precision_score

    page = definitions(PAGE, torch=torch, F=F, np=np, math=math)
    rng = np.random.default_rng(3)
    scores, true = rng.normal(size=(6, 40)), rng.random((6, 40)) < 0.3
    ours = page["average_precision"](torch.tensor(scores), torch.tensor(true))
    theirs = [average_precision_score(t, s) for t, s in zip(true, scores, strict=True)]
    assert ours.tolist() == pytest.approx(theirs)


def test_no_probabilities_beat_the_floor():
    """Random, and by descent on free scores that pass a softmax first."""
    for classes in (2, 4, 10):
        floor = math.log(1 + (classes - 1) / math.e)
        z = torch.zeros(1, classes, dtype=torch.float64)
        for _ in range(3000):
            z.requires_grad_()
            loss = F.cross_entropy(z.softmax(1), torch.tensor([1]))
            z = z.detach() - 20 * torch.autograd.grad(loss, z)[0]
        assert floor < loss.item() < floor + 1e-3


def test_the_loss_before_is_told_from_three_digits():
    """0.125, the right loss to three digits, is a slip where another number is asked for."""
    for box in ("ex-loss-five-plain", "ex-loss-readings-focal"):
        assert answers.judge(answers.load(box), "0.125").state == "slip"

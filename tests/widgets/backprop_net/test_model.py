"""The net's values, errors, gradients and update are torch's."""

from __future__ import annotations

import random

import pytest

from dlworkbook.widgets.backprop_net import BackpropNet
from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.base import StateError, declared
from tests.kit.node import differential, evaluate

MODEL = bundle.WIDGETS / "backprop_net/model.js"
SLOPES = bundle.WIDGETS / "kit/derivatives.js"
FIELDS = declared("backprop_net")["fields"]


def make_cases() -> list[dict]:
    rng = random.Random(4)
    cases = []
    for n in range(260):
        size = (1, 1, 3, 40)[n % 4]
        number = lambda s=size: rng.randint(-8 * s, 8 * s) / 8  # noqa: E731
        share = rng.choice([0, 1, 0.25])
        kind = FIELDS["kind"]["of"][n % 2]
        target = [share, 1 - share] if kind == "softmax" else [number(1), rng.choice([0, 1])]
        cases.append({
            "kind": kind, "hidden": FIELDS["hidden"]["of"][n % 3],
            "rate": rng.choice(FIELDS["rate"]["of"]), "data": [[number(1), number(1)], target],
            "weights": [[number() for _ in range(3)] for _ in range(4)],
        })  # fmt: skip
    # A hidden unit exactly at the kink of ReLU.
    kink = {"data": [[1, 2], [1, 0]], "weights": [[2, -1, 0], [1, 1, 1], [1, 2, 3], [3, 1, -9]]}
    cases.append(cases[0] | {"hidden": "relu"} | kink)
    return cases


MUTANTS = [line.split(" | ") for line in """\
slope forgotten at the outputs | slope("sigmoid", a2[k], v) : 1 | 1 : 1
slope forgotten at the hidden units | (v, j) => v * slope(hidden, a1[j], h[j]) | (v) => v
weights transposed | weights[2][j] * d2[0] + weights[3][j] * d2[1] | weights[2 + j][0] * d2[0] + weights[2 + j][1] * d2[1]
hidden errors from new weights | const back = [0, 1].map((j) => weights[2][j] | const back = [0, 1].map((j) => (weights[2][j] - rate * d2[0] * h[j])
slope at the input | LOCAL[name]([a], h)[0] | LOCAL[name]([a], a)[0]
error of the wrong sign | (v - y[k]) | (y[k] - v)
no half | 0.5 * ((o[0] | 1 * ((o[0]
gradient of the bias forgotten | delta * from[1], delta] | delta * from[1], 0]
inputs for hidden values | row(d2[1], h)] | row(d2[1], x)]
errors of the two outputs mixed up | row(d2[0], h), | row(d2[1], h),
uphill | w - rate * grads[n][k] | w + rate * grads[n][k]
rate forgotten | w - rate * grads[n][k] | w - grads[n][k]
the loss as before | forward(s, after).loss | now.loss
softmax of half the scores | Math.exp(a - lse) | Math.exp(a / 2 - lse)
true class only | + y[1] * (lse - a2[1]) | + 0 * (lse - a2[1])
a bias twice | v * from[1] + bias | v * from[1] + 2 * bias
relu open at its kink | a > 0 ? 1 | a >= 0 ? 1
tanh as sigmoid | tanh: (x, y) => [1 - y * y] | tanh: (x, y) => [y - y * y]
hidden relu leaks | Math.max(a, 0) | Math.max(a, 0.1 * a)""".splitlines()]  # noqa: E501


def test_model():
    cases = make_cases()
    expected = [BackpropNet(**case).run() for case in cases]
    differential(MODEL, "m.run(c)", cases, expected, MUTANTS, beside=[SLOPES])


BAD = [
    ({"data": [[1, 2]]}, "must be 2 rows of 2 numbers"),
    ({"data": [[1, 2], [1, None]]}, "must lie between"),
    ({"weights": [[1, 2, 3]] * 3}, "must be 4 rows of 3 numbers"),
    ({"weights": [[1, 2, 3]] * 3 + [[1, 2, 101]]}, "must lie between"),
    ({"weights": [[1, 2, "3"]] * 4}, "must lie between"),
    ({"kind": "softmax", "data": [[1, 2], [1, 1]]}, "shares that add up to 1"),
    ({"kind": "softmax", "data": [[1, 2], [2, -1]]}, "shares that add up to 1"),
]


def test_what_it_refuses():
    start = BackpropNet().state()
    ask = "data.map((s) => { try { m.validate(s); return ''; } catch (e) { return e.message; } })"
    said = evaluate(MODEL, ask, [start | bad for bad, _ in BAD])
    for (bad, words), message in zip(BAD, said, strict=True):
        assert words in message
        with pytest.raises(StateError):
            BackpropNet(**bad)
    assert evaluate(MODEL, ask, [start, start | {"data": [[1, 2], [5, -3]]}]) == ["", ""]


def test_every_number_has_its_step():
    """Forward before the loss, errors before the gradients that need them, the update last."""
    steps = [tuple(s) for s in evaluate(MODEL, "m.STEPS")]
    place = {step: n for n, step in enumerate(steps)}
    assert len(place) == len(steps) == FIELDS["step"]["to"] + 1
    for n in range(4):
        assert place["forward", n] < place[("loss",)] < place["delta", n] < place["grads", n]
    assert max(place["delta", 2], place["delta", 3]) < min(place["delta", 0], place["delta", 1])
    assert steps[-1] == ("update",)
    known = "data.map(([k, what, unit]) => m.done(k, what, unit))"
    ask = [[k, *step] for k in range(len(steps)) for step in steps if len(step) == 2]
    assert evaluate(MODEL, known, ask) == [place[w, u] <= k for k, w, u in ask]


def test_words_and_picture():
    for kind in FIELDS["kind"]["of"]:
        widget = BackpropNet(kind=kind)
        assert "the loss after one update with rate 1 is " in widget.describe()
        assert widget.png().startswith(b"\x89PNG")

"""The next letter: probabilities, cuts and draws are torch's."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.random import generator
from dlworkbook.widgets.next_token import NextToken
from dlworkbook.widgets.next_token.make_runs import SIZES, TEXTS, letters
from dlworkbook.widgets.next_token.widget import NAMES, stored
from tests.kit.node import differential

MODEL = bundle.WIDGETS / "next_token/model.js"
CASES = [
    {"text": x, "heat": t, "most": k, "share": p, "order": o, "seed": 1 + n % 12}
    for n, (x, t, k, p, o) in enumerate(itertools.product(
        range(8), (0.1, 0.5, 1, 2, 5), (1, 3, 10, 61), (0.1, 0.5, 0.9, 1), ("first", "last")))
    if n % 3 == 0
]  # fmt: skip
ASK = "m.look(c)"
MUTANTS = [
    ("scores in tenths", "v / 100", "v / 10"),
    ("the least likely first", "scores[j] - scores[i] ||", "scores[i] - scores[j] ||"),
    ("ties from behind", "|| i - j", "|| j - i"),
    ("letters as they are", "order.map((k) => RUNS.letters[k])", "[...RUNS.letters]"),
    ("heat that cools", "(z - top) / heat", "(z - top) * heat"),
    ("powers, not shares", "powers.map((v) => v / sum)", "powers"),
    ("cuts of the model alone", 's.order === "first" ? s.heat : 1', "1"),
    ("one more of top-k", "Math.min(s.most, p.length)", "Math.min(s.most + 1, p.length)"),
    ("top-p of all", "p[stay++] / inside", "p[stay++]"),
    ("without the last of top-p", "number = stay;", "number = Math.max(stay - 1, 1);"),
    ("top-p never", "s.share < 1", "s.share < 0"),
    ("mass counted late", "let above = 0", "let above = -0.2"),
    ("cut, not cooled", "softmax(scores.slice(0, number), s.heat)",
     "softmax(scores.slice(0, number))"),
    ("mass of all", "mass: mass(number)", "mass: mass(p.length)"),
    ("entropy in bits", "v * Math.log(v) :", "v * Math.log2(v) :"),
    ("divergence the other way", "v * Math.log(v / own[k])", "own[k] * Math.log(own[k] / v)"),
    ("another seed", "generator(s.seed)", "generator(s.seed + 1)"),
    ("the edge before", "at < edge", "at <= edge - 1e-3"),
    ("own entropy twice", "ownEntropy: entropy(own)", "ownEntropy: entropy(p)"),
]  # fmt: skip


def by_torch(case: dict) -> dict:
    names = stored()["letters"]
    z = torch.tensor(stored()["scores"][case["text"]], dtype=torch.float64) / 100
    z, order = z.sort(descending=True, stable=True)
    own, hot = z.softmax(0), (z / case["heat"]).softmax(0)
    p = hot if case["order"] == "first" else own
    stay = torch.zeros(len(z), dtype=torch.bool)
    stay[: case["most"]] = True
    if case["share"] < 1:
        q = torch.where(stay, p, 0) / p[stay].sum()
        stay &= torch.cat([torch.zeros(1).double(), q.cumsum(0)[:-1]]) < case["share"]
    q = torch.where(stay, z / case["heat"], -torch.inf).softmax(0)
    edges, numbers, drawn = q.cumsum(0), generator(case["seed"]), []
    for _ in range(40):
        u = next(numbers) / 2**32 * edges[-1].item()
        drawn.append(names[order[int((edges <= u).sum())]])
    some, every = q[stay], own[stay]
    return {
        "letters": [names[k] for k in order.tolist()], "own": own.tolist(), "p": q.tolist(),
        "number": int(stay.sum()), "mass": p[stay].sum().item(),
        "entropy": -(some * some.log()).sum().item() + 0.0,
        "ownEntropy": -(own * own.log()).sum().item(),
        "distance": (some * (some / every).log()).sum().item(), "draws": drawn,
    }  # fmt: skip


def test_model():
    expected = [by_torch(case) for case in CASES]
    differential(MODEL, ASK, CASES, expected, MUTANTS)
    for case, want in zip(CASES[::5], expected[::5], strict=True):
        widget = NextToken(**case)
        assert widget.kept() == pytest.approx((want["number"], want["mass"]))
        assert widget.weights() == pytest.approx(want["p"], abs=1e-12)
        assert widget.entropy() == pytest.approx(want["entropy"], abs=1e-9)
        assert widget.distance() == pytest.approx(want["distance"], abs=1e-9)
        assert widget.draws() == "".join(want["draws"])


def test_temperature_keeps_the_order_and_raises_the_entropy():
    for text in range(8):
        found = [NextToken(text=text, heat=t, share=1) for t in (0.1, 0.5, 1, 2, 5)]
        assert all(w.weights() == sorted(w.weights(), reverse=True) for w in found)
        entropies = [w.entropy() for w in found]
        assert entropies == sorted(entropies) and entropies[-1] < math.log(61)


def test_uncut_at_temperature_one_the_distance_is_minus_the_logarithm_of_the_mass():
    for text, share in itertools.product(range(8), (0.3, 0.7, 0.95)):
        widget = NextToken(text=text, share=share)
        assert widget.distance() == pytest.approx(-math.log(widget.kept()[1]), abs=1e-9)


def test_runs_fit_the_maker():
    """Letters of the sonnets, and one score for each behind each text, the largest 0."""
    known, _, _ = letters()
    assert stored()["letters"] == known and len(known) == 61
    assert stored()["texts"] == TEXTS and SIZES["g"] < SIZES["h"]
    for text, name in zip(TEXTS, NAMES, strict=True):  # shortened before the last words
        assert text.endswith(name.split("… ")[-1].replace("_", " "))
        assert text.startswith(name.split("… ")[0].replace("_", " "))
    assert len(NAMES) == len(TEXTS) and len(set(NAMES)) == len(NAMES)
    for scores in stored()["scores"]:
        assert len(scores) == 61 and max(scores) == 0
    assert 1.4 < stored()["loss"] < 1.9

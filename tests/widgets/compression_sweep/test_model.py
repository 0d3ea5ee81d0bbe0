"""The sweep's arithmetic: everything against torch, in double precision."""

from __future__ import annotations

import itertools

import pytest
import torch

from dlworkbook.widgets.compression_sweep import CompressionSweep
from dlworkbook.widgets.compression_sweep.widget import levels, stored
from dlworkbook.widgets.kit import bundle
from tests.kit.node import differential, evaluate

MODEL = bundle.WIDGETS / "compression_sweep/model.js"
BITS = (2, 3, 4, 5, 6, 7, 8, 32)
FORMS, SCALES = ("symmetric", "affine"), ("tensor", "row", "group")
PRUNED = (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95)
CASES = [
    {"bits": b, "form": f, "scales": g, "pruned": p}
    for n, (b, f, g, p) in enumerate(itertools.product(BITS, FORMS, SCALES, PRUNED))
    if n % 2 == 0
]
ASK = """((r) => ({ right: r.right, dense: r.dense, sparse: r.sparse, scales: r.scales,
  error: r.error, half: r.half, first: r.first.filter((_, k) => k % 7 === 0) }))(m.result(c))"""
MUTANTS = [
    ("pixels too bright", "number(4 + (k >> 1)) / 16", "number(4 + (k >> 1)) / 8"),
    ("rounded half up", "part === 0.5 && low % 2 === 0", "part === 0.5 && false"),
    ("rounded down", "part < 0.5 ||", "part < 1 ||"),
    ("the largest go", "a[0] - b[0] || a[1] - b[1]", "b[0] - a[0] || a[1] - b[1]"),
    ("later ones first", "a[0] - b[0] || a[1] - b[1]", "a[0] - b[0] || b[1] - a[1]"),
    ("signed sizes", "[Math.abs(v), k]", "[v, k]"),
    ("pruned share", "(percent * flat.length) / 100", "(percent * flat.length) / 90"),
    ("one step too many", "top = 2 ** bits - 1", "top = 2 ** bits"),
    ("no zero point", "z = -round(low / s)", "z = -low / s"),
    ("zero point up", "z = -round(low / s)", "z = -Math.floor(low / s)"),
    ("signed range", "2 ** (bits - 1) - 1", "2 ** (bits - 1)"),
    ("without signs", "values.map(Math.abs)", "values"),
    ("quantised before the cut", "(kept[k] ? v : 0)", "v"),
    ("groups of 8", "GROUP = 16", "GROUP = 8"),
    ("row is group", "row: W[0].length", "row: GROUP"),
    ("32 bits are rounded", "bits === FLOAT", "bits === 31"),
    ("no bias", "b.map((sum, i)", "b.map((_, i, __, sum = 0)"),
    ("no ReLU", "Math.max(v, 0)", "v"),
    ("least score", "indexOf(Math.max(...scores))", "indexOf(Math.min(...scores))"),
    ("zero points are free", 's.form === "affine" ? ZERO : 0', "0"),
    ("scales in 16 bits", "SCALE = 32", "SCALE = 16"),
    ("biases are free", "(HIDDEN + CLASSES) * FLOAT", "0"),
    ("index of 16 bits", "INDEX = 8", "INDEX = 16"),
    ("rows not counted", "COUNT = 8", "COUNT = 0"),
    ("list rounded down", "sparse: Math.ceil", "sparse: Math.floor"),
    ("errors of what was cut", "one.kept[k] ?", "true ?"),
    ("whole scale", "Math.max(...one.scales) / 2", "Math.max(...one.scales)"),
    ("scales of one layer", "one.scales.length + two.scales.length", "one.scales.length"),
]  # fmt: skip


def by_torch(case: dict) -> dict:
    """The same with tensors: codes by torch.fake_quantize's formula, masks by a stable sort."""
    (W1, b1, W2, b2), images, labels = stored()
    W1, b1, W2, b2, X = (torch.tensor(t, dtype=torch.float64) for t in (W1, b1, W2, b2, images))
    used, masks, scales = [], [], []
    for W in (W1, W2):
        n = W.numel()
        keep = torch.ones(n, dtype=torch.float64)
        keep[W.flatten().abs().argsort(stable=True)[: round(case["pruned"] * n / 100)]] = 0
        cut = W.flatten() * keep
        q = case["bits"]
        if q < 32:
            G = {"tensor": n, "row": W.shape[1], "group": 16}[case["scales"]]
            V = cut.view(-1, G)
            if case["form"] == "affine":
                low, high = V.amin(1, True).clamp(max=0), V.amax(1, True).clamp(min=0)
                s = (high - low) / (2**q - 1)
                s[s == 0] = 1
                z = -(low / s).round()
                V = s * (((V / s).round() + z).clamp(0, 2**q - 1) - z)
            else:
                s = V.abs().amax(1, True) / (2 ** (q - 1) - 1)
                s[s == 0] = 1
                V = s * (V / s).round()
            cut = V.flatten()
            scales.append(s.flatten())
        used.append(cut.view_as(W))
        masks.append(keep.view_as(W))
    scores = (X @ used[0].T + b1).relu() @ used[1].T + b2
    count = sum(len(s) for s in scales)
    shared = count * (32 + 8 * (case["form"] == "affine")) + 42 * 32
    left = int(sum(m.sum() for m in masks))
    return {
        "right": int((scores.argmax(1) == torch.tensor(labels)).sum()),
        "dense": (2368 * case["bits"] + shared) / 8,
        "sparse": -(-(left * (case["bits"] + 8) + 42 * 8 + shared) // 8),
        "scales": count,
        "error": float(((used[0] - W1) * masks[0]).abs().max()),
        "half": float(scales[0].max()) / 2 if scales else 0.0,
        "first": used[0].flatten()[::7].tolist(),
    }


@pytest.fixture(scope="module")
def expected() -> list[dict]:
    torch.set_num_threads(1)
    return [by_torch(case) for case in CASES]


def test_model(expected):
    assert len(CASES) >= 200
    differential(MODEL, ASK, CASES, expected, MUTANTS, sample=slice(0, None, 5))


def test_python_says_the_same(expected):
    """The widget's Python side, too, on every twelfth case."""
    for case, want in list(zip(CASES, expected, strict=True))[::12]:
        found = CompressionSweep(**case).result()
        for key, value in found.items():
            assert value == pytest.approx(want[key], rel=1e-9, abs=1e-12), (case, key)


def test_no_kept_weight_is_off_by_more_than_half_a_scale():
    for case in CASES[::19]:
        found = CompressionSweep(**case).result()
        assert found["error"] <= found["half"] * (1 + 1e-12) + 1e-15, case


@pytest.mark.parametrize("v", [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49, -0.51, 3, -7])
def test_halves_go_to_the_even_number(v):
    assert evaluate(MODEL, "m.round(data)", v) == round(v)


def test_histogram():
    values = [-1, -0.99, 0, 0.5, 0.999, 1]
    assert evaluate(MODEL, "m.histogram(data, 1, 4)", values) == [2, 0, 1, 3]


def test_digits_are_those_of_the_set():
    """The stored pictures and labels stand in scikit-learn's set, each once."""
    from sklearn.datasets import load_digits

    data = load_digits()
    known = {(tuple(x), y) for x, y in zip(data.data.tolist(), data.target.tolist(), strict=True)}
    _, images, labels = stored()
    mine = {(tuple(16 * v for v in x), y) for x, y in zip(images, labels, strict=True)}
    assert len(mine) == 200 and mine <= known


@pytest.mark.parametrize("values", [[0.5, 2.0], [-3.0, -1.0], [0.0, 0.0], [-1.0, 3.0]])
@pytest.mark.parametrize("bits", [2, 4])
def test_zero_is_a_level(values, bits):
    """Also where all numbers have one sign; both languages."""
    ask = f"m.levels([...data, 0], {bits}, 'affine')"
    found = evaluate(MODEL, ask, values)
    assert found["to"][-1] == 0
    s = (max(0, *values) - min(0, *values)) / (2**bits - 1) or 1
    assert found["s"] == pytest.approx(s)
    assert levels([*values, 0.0], bits, "affine")[0] == pytest.approx(found["to"])
    alone = evaluate(MODEL, f"m.levels(data, {bits}, 'affine')", values)
    assert alone["to"] == pytest.approx(found["to"][:-1])

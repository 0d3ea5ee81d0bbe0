"""The Grad-CAM widget's JavaScript is torch's arithmetic on the stored maps; the maps are torch's."""

# ruff: noqa: E501
from __future__ import annotations

import itertools
import random

import pytest
import torch
import torch.nn.functional as F

from dlworkbook.widgets import StateError
from dlworkbook.widgets.grad_cam import GradCam, make_runs
from dlworkbook.widgets.grad_cam.widget import (
    DATA,
    FIELDS,
    LAYERS,
    MOST,
    PHOTOS,
    SIDES,
    TARGETS,
    chosen,
    maps,
    place,
    stored,
    walk,
)
from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.pack import Reader, Writer
from tests.kit.node import differential, evaluate, plain

MODEL = bundle.WIDGETS / "grad_cam/model.js"
torch.set_num_threads(1)
SETTINGS = list(itertools.product(PHOTOS, TARGETS, LAYERS, FIELDS["cover"]["of"], (True, False)))
CASES = [
    dict(zip(("photo", "target", "layer", "cover", "relu"), s, strict=True))
    for s in random.Random(7).sample(SETTINGS, 240)
]
SIZE = 16  # of the enlarged maps compared here
ASK = "({ levels: m.levels(c), covered: m.covered(c), facts: m.facts(c), chances: m.chances(c), heat: m.enlarge(m.heat(c), m.SIDES[c.layer], 16) })"


def answer(case: dict) -> dict:
    """The same by torch."""
    w = GradCam(**case)
    m = torch.tensor(w.levels()).double()
    n = SIDES[case["layer"]]
    m = m.reshape(n, n)
    sums = F.avg_pool2d(m[None, None], n // 7).flatten()
    order = sorted(range(49), key=lambda k: (sums[k].item() * (-1 if case["cover"] == "hot" else 1), k))
    up = m.relu()
    peak = up.flatten().argmax().item()
    fine = up.repeat_interleave(2, 1)  # half cells, for the odd middle
    total, sizes = up.sum().item(), m.abs().sum().item()
    heat = up if case["relu"] else m
    heat = heat / heat.abs().max().clamp(min=1e-300)
    return {
        "levels": w.levels(),
        "covered": [] if case["cover"] == "nothing" else order[:12],
        "facts": {
            "none": total == 0,
            "across": int(100 * (peak % n + 0.5) / n + 0.5), "down": int(100 * (peak // n + 0.5) / n + 0.5),
            "left": fine[:, :n].sum().item() / 2 / total if total else 0.0,
            "against": 1 - total / sizes,
        },
        "chances": w.chances(),
        "heat": F.interpolate(heat[None, None], (SIZE, SIZE), mode="bilinear").flatten(),
    }  # fmt: skip


def same(got, want) -> str:
    """Like differential, but 0 and 0.0 are one number in JSON."""
    from tests.kit.node import difference

    def floats(value):
        if isinstance(value, bool) or value is None or isinstance(value, str):
            return value
        if isinstance(value, (int, float)):
            return float(value)
        if isinstance(value, dict):
            return {k: floats(v) for k, v in value.items()}
        return [floats(v) for v in value]

    return difference(got, floats(plain(want)))


MUTANTS = [
    ("neighbours wrong", "Math.floor((left + up) / 2)", "Math.ceil((left + up) / 2)"),
    ("first row not from the left", "const left = k % n ? list[k - 1] : 0", "const left = 0"),
    ("row above forgotten", "up = k < n ? 0 : list[k - n]", "up = 0"),
    ("one context", "guess + number(l)", "guess + number(0)"),
    ("photographs mixed", "return all[f][c][l];", "return all[0][c][l];"),
    ("classes mixed", "return all[f][c][l];", "return all[f][0][l];"),
    ("squares turned", "7 * Math.floor(Math.floor(k / n) / size) + Math.floor((k % n) / size)", "7 * Math.floor((k % n) / size) + Math.floor(Math.floor(k / n) / size)"),
    ("hot is cold", 's.cover === "hot" ? -1 : 1', 's.cover === "hot" ? 1 : -1'),
    ("one square more", "COVERED = 12", "COVERED = 13"),
    ("never cut", "s.relu ? Math.max(v, 0) : v", "v"),
    ("always cut", "s.relu ? Math.max(v, 0) : v", "Math.max(v, 0)"),
    ("largest, not largest size", "Math.max(...list.map(Math.abs))", "Math.max(...list)"),
    ("corners aligned", "((i + 0.5) * n) / size - 0.5", "(i * (n - 1)) / (size - 1)"),
    ("below the first middle", "Math.max(0, ((i", "Math.abs(((i"),
    ("rows and columns", "v * ((1 - u) * list[j * n + k]", "v * ((1 - u) * list[k * n + j]"),
    ("covered cold instead", "hot: RUNS.hot, cold: RUNS.cold", "hot: RUNS.cold, cold: RUNS.hot"),
    ("probability of the best", "p: RUNS.p[f][c]", "p: RUNS.best[f][1]"),
    ("peak at the edge of its cell", "((peak % n) + 0.5)", "(peak % n)"),
    ("peak turned", "across: Math.round((100 * ((peak % n)", "across: Math.round((100 * (Math.floor(peak / n)"),
    ("middle column to the left", "Math.max(0, Math.min(1, n / 2 - (k % n)))", "(k % n < n / 2)"),
    ("share of all", "sum ? left / sum : 0", "sum ? left / sizes : 0"),
    ("for, not against", "sizes ? 1 - sum / sizes : 0", "sizes ? sum / sizes : 0"),
]


@pytest.mark.slow
def test_equal_to_torch():
    differential(MODEL, ASK, CASES, [answer(c) for c in CASES], MUTANTS, compare=same, sample=slice(0, None, 2))


def test_cases_cover_every_kind():
    for key in ("photo", "target", "layer", "cover"):
        for value in FIELDS[key]["of"]:
            assert sum(c[key] == value for c in CASES) >= 20, (key, value)


@pytest.mark.slow
def test_every_map_is_unpacked_alike():
    cases = [dict(zip(("photo", "target", "layer"), s, strict=True))
             for s in itertools.product(PHOTOS, TARGETS, LAYERS)]  # fmt: skip
    got = evaluate(MODEL, "data.map(m.levels)", cases)
    assert got == [maps()[c["photo"], c["target"], c["layer"]] for c in cases]


def test_packing_loses_nothing():
    rng = random.Random(1)
    given = {
        key: [rng.randint(-MOST[SIDES[key[2]]], MOST[SIDES[key[2]]]) for _ in cells]
        for key, cells in maps().items()
    }
    coder = Writer()
    walk(coder, given)
    assert walk(Reader(coder.text())) == given


def test_size():
    assert DATA.stat().st_size < 150_000


@pytest.fixture(scope="module")
def net():
    return make_runs.network()


@pytest.mark.slow
@pytest.mark.parametrize("photo", ["both", "camera"])
def test_maps_are_torch_s(net, photo):
    """Recomputed with autograd here, not by the maker: within one level; probabilities as well."""
    P = make_runs.photograph(photo)
    for target in ("espresso", "tripod"):
        c = make_runs.CLASSES[target]
        for layer in LAYERS:
            kept = []
            module = net._swish if layer == "last" else net._blocks[int(layer[1:]) - 1]
            handle = module.register_forward_hook(lambda m, i, out, kept=kept: kept.append(out))
            z = net(2 * P - 1)
            handle.remove()
            A = kept[-1]
            dA, = torch.autograd.grad(z[0, c], A)
            m = torch.einsum("kij,k->ij", A[0], dA[0].mean((1, 2)))
            want = (m / m.abs().max() * MOST[len(m)]).flatten()
            stored_levels = torch.tensor(maps()[photo, target, layer])
            assert (want - stored_levels).abs().max() < 1.05, (target, layer)
        f, t = PHOTOS.index(photo), TARGETS.index(target)
        assert stored()["p"][f][t] == pytest.approx(z.softmax(1)[0, c].item(), abs=2e-4)
        for how in ("hot", "cold"):
            squares = chosen(maps()[photo, target, "last"], how)
            covered = P.clone()
            for k in squares:
                covered[..., k // 7 * 32:k // 7 * 32 + 32, k % 7 * 32:k % 7 * 32 + 32] = 0.5
            with torch.no_grad():
                p = net(2 * covered - 1).softmax(1)[0, c].item()
            assert stored()[how][f][t][LAYERS.index("last")] == pytest.approx(p, abs=2e-4)


def test_last_map_is_cam(net):
    """Before the pooled head: weights of the class times channels, up to one factor."""
    P = make_runs.photograph("coffee")
    with torch.no_grad():
        cam = torch.einsum("k,kij->ij", net._fc.weight[967], net.extract_features(2 * P - 1)[0])
    cam = cam / cam.abs().max() * MOST[7]
    assert (cam.flatten() - torch.tensor(maps()["coffee", "espresso", "last"])).abs().max() < 1.05


def test_words():
    text = GradCam().describe()
    assert text.startswith("Photograph: cat and coffee. The network gives espresso the probability")
    assert "right" in text and "left half" in text
    assert "covered it is" in GradCam(photo="coffee", cover="hot").describe()
    assert GradCam().png()[:4] == b"\x89PNG"
    assert [place(*at) for at in ((10, 10), (50, 50), (50, 90), (90, 50), (50, 5))] == [
        "upper left", "middle", "bottom", "right", "top"]  # fmt: skip


@pytest.mark.parametrize(("settings", "message"), [
    ({"photo": "dog"}, "'dog' is not one of both"), ({"layer": "b7"}, "'b7' is not one of b5"),
    ({"relu": 1}, "neither True nor False"), ({"cover": "all"}, "'all' is not one of nothing"),
])  # fmt: skip
def test_validation(settings, message):
    with pytest.raises(StateError, match=message):
        GradCam(**settings)

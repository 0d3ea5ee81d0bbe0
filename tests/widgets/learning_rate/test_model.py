"""The learning-rate widget shows what torch trained; its lookup in JavaScript is exact.

All 1,107 runs are compared: with a batched reference written here from the published formulas
of the three methods, which in turn is compared with ``torch.optim`` on runs of every kind.
"""

# ruff: noqa: E501
from __future__ import annotations

import itertools
import json
import math
import random
import shutil

import pytest
import torch
from torch import nn

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.learning_rate import make_runs as maker
from dlworkbook.widgets.learning_rate.widget import (
    BATCHES,
    FEATURES,
    METHODS,
    NUM_RATES,
    LearningRateSweep,
    StateError,
    stored,
)
from tests.kit.node import differential, evaluate

torch.set_num_threads(1)
MODEL = bundle.WIDGETS / "learning_rate/model.js"
COMBINATIONS = list(itertools.product(FEATURES, METHODS, BATCHES))
CASES = [
    {"features": f, "method": m, "batch": b, "rate": k, "kept": ""}
    for f, m, b in COMBINATIONS for k in range(NUM_RATES)
]  # fmt: skip
ASK = """({ ...m.run(c), limit: m.limit(c), best: m.bestRates(c), verdict: m.verdict(c),
  later: m.laters(c)[c.rate], condition: m.condition(c), start: m.lossAtStart(c), rate: m.RATES[c.rate] })"""


@pytest.fixture(scope="module")
def problem():
    """{feature: x}, y, {batch size: batches}, {feature: (optimum, vectors)}."""
    versions, y = maker.examples()
    about = stored()["surfaces"]
    frames = {
        f: [torch.tensor(about[f][k], dtype=torch.float64) for k in ("optimum", "vectors")]
        for f in FEATURES
    }
    return versions, y, {b: maker.order(b) for b in BATCHES}, frames


def reference(problem, features: str, method: str, batch: int) -> torch.Tensor:
    """(w, b) of all rates after each update, (1001, 41, 2), by the formulas of the methods."""
    versions, y, batches, _ = problem
    X = torch.stack([versions[features], torch.ones(100, dtype=torch.float64)], 1)
    lr = torch.tensor(stored()["rates"], dtype=torch.float64)[:, None]
    theta = torch.zeros(NUM_RATES, 2, dtype=torch.float64)
    first, second, found = torch.zeros_like(theta), torch.zeros_like(theta), [theta]
    for t, rows in enumerate(batches[batch], 1):
        grad = (theta @ X[rows].T - y[rows]) @ X[rows] / len(rows)
        if method == "sgd":
            theta = theta - lr * grad
        elif method == "momentum":
            first = 0.9 * first + grad
            theta = theta - lr * first
        else:
            first, second = 0.9 * first + 0.1 * grad, 0.999 * second + 0.001 * grad**2
            mean, square = first / (1 - 0.9**t), second / (1 - 0.999**t)
            theta = theta - lr * mean / (square.sqrt() + 1e-8)
        found.append(theta)
    return torch.stack(found)


@pytest.fixture(scope="module")
def answers(problem) -> dict:
    return {c: reference(problem, *c) for c in COMBINATIONS}


def losses_of(problem, features: str, theta: torch.Tensor) -> torch.Tensor:
    """Loss of all examples at theta (..., 2), by the definition."""
    versions, y, _, _ = problem
    residual = theta[..., :1] * versions[features] + theta[..., 1:] - y
    return (residual**2).mean(-1) / 2


def hessian_eigenvalues(problem, features: str) -> list[float]:
    """By singular values, (smallest, largest)."""
    X = torch.stack([problem[0][features], torch.ones(100, dtype=torch.float64)], 1)
    return sorted((torch.linalg.svdvals(X) ** 2 / 100).tolist())


def verdict(s: dict, finals: list, later: list, start: float, least: float) -> str:
    """How a run went, by what more updates and what smaller rates came to."""
    final, end = finals[s["rate"]], later[s["rate"]]
    if final == math.inf:
        return "diverged"
    if end > start:
        return "up"
    if end > 1.1 * least and min(later[: s["rate"]], default=math.inf) < end / 1.1:
        return "held"
    if final < 1.1 * least:
        return "there"
    return "slow" if final > start / 2 else "near"


@pytest.fixture(scope="module")
def expected(problem, answers) -> list[dict]:
    """What torch says of each case, its final loss to 4e-5; ``exact`` holds Python's as well."""
    (K, S, top), steps = stored()["scale"], stored()["steps"]
    found, zero = [], torch.zeros(2, dtype=torch.float64)
    laters = {
        (f, m, b): [LearningRateSweep(features=f, method=m, batch=b, rate=k).later() for k in range(NUM_RATES)]
        for f, m, b in COMBINATIONS
    }
    for s in CASES:
        f, method = s["features"], s["method"]
        optimum, vectors = problem[3][f]
        theta = answers[f, method, s["batch"]][:101, s["rate"]]  # (101, 2)
        offset = (theta - optimum) @ vectors
        beyond = ~(offset.abs().max(1).values < top * (1 - 1e-9))  # nan is far away as well
        first = int(beyond.nonzero()[0]) if beyond.any() else math.inf
        low, high = hessian_eigenvalues(problem, f)
        finals = LearningRateSweep(**s).finals()
        final, start = finals[s["rate"]], losses_of(problem, f, zero).item()
        later = laters[f, method, s["batch"]]
        least = stored()["surfaces"][f]["least"]
        edge = {"sgd": 2, "momentum": 3.8, "adam": None}[method]
        found.append({
            "exact": {
                "left": next((t for t in steps if t >= first), None),
                "limit": edge and edge / high, "condition": high / low, "start": start,
                "final": final, "rate": 10 ** (s["rate"] / 10 - 3), "best": [k for k, v in enumerate(finals) if v <= 1.01 * min(finals)],
                "later": later[s["rate"]],
                "verdict": verdict(s, finals, later, start, least),
            },
            "final": math.inf if first < math.inf else losses_of(problem, f, theta[-1]).item(),
            "offset": torch.asinh(offset[[t for t in steps if t < first]] / S) * K,
            "scale": (K, S), "frame": (optimum, vectors), "features": f,
        })  # fmt: skip
    return found


@pytest.fixture(scope="module")
def compare(problem):
    """What is wrong with one run of the JavaScript, in words."""
    from tests.kit.node import difference

    def wrong(got: dict, want: dict) -> str:
        said = difference(got, want["exact"]) or difference(got["final"], want["final"], 4e-5)
        path = torch.tensor(got["path"], dtype=torch.float64)
        if said or path.shape != want["offset"].shape:
            return said or f"{len(path)} updates, torch {len(want['offset'])}"
        (K, S), (optimum, vectors) = want["scale"], want["frame"]
        # stored to half a unit of K asinh(c / S), in each direction
        apart = torch.asinh((path - optimum) @ vectors / S) * K - want["offset"]
        if not apart.abs().max() <= 0.501:
            return f"path off by {apart.abs().max():.3g} units"
        return difference(got["losses"], losses_of(problem, want["features"], path).tolist())

    return wrong


@pytest.mark.slow
def test_reference_is_torch_optim(problem, answers):
    """A random rate of each of the 27 kinds, trained with nn.Linear and torch.optim."""
    versions, y, batches, _ = problem
    rng = random.Random(5)
    for features, method, b in COMBINATIONS:
        k = rng.randrange(NUM_RATES)
        net = nn.Linear(1, 1, dtype=torch.float64)
        nn.init.zeros_(net.weight)
        nn.init.zeros_(net.bias)
        lr = 10 ** (k / 10 - 3)
        optimizer = (
            torch.optim.Adam(net.parameters(), lr)
            if method == "adam"
            else torch.optim.SGD(net.parameters(), lr, momentum=0.9 * (method == "momentum"))
        )
        x = versions[features][:, None]
        for t, rows in enumerate(batches[b], 1):
            optimizer.zero_grad()
            (nn.functional.mse_loss(net(x[rows]), y[rows, None]) / 2).backward()
            optimizer.step()
            now = torch.stack([net.weight[0, 0], net.bias[0]]).detach()
            want = answers[features, method, b][t, k]
            if not now.abs().max() < 1e9:
                break
            assert torch.allclose(now, want, rtol=1e-6, atol=1e-9), (features, method, b, k, t)


def test_the_surface_is_the_losss(problem):
    """Least-squares solution and curvatures that the file holds, by other means."""
    versions, y, _, frames = problem
    for features in FEATURES:
        x, about = versions[features], stored()["surfaces"][features]
        w = ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()
        optimum, vectors = frames[features]
        assert torch.allclose(optimum, torch.stack([w, y.mean() - w * x.mean()]), rtol=1e-9)
        assert about["least"] == pytest.approx(losses_of(problem, features, optimum).item())
        assert sorted(about["curvatures"]) == pytest.approx(hessian_eigenvalues(problem, features))
        assert torch.allclose(vectors.T @ vectors, torch.eye(2, dtype=torch.float64), atol=1e-12)
    conditions = [
        max(a["curvatures"]) / min(a["curvatures"]) for a in stored()["surfaces"].values()
    ]
    assert conditions[0] < 2 and conditions[1] > 100 and conditions[2] < 1 + 1e-9


@pytest.mark.slow
def test_ten_times_the_updates(problem, answers):
    """The median loss of updates 901 to 1,000 of every run, stored in steps of 2.3%."""
    for features, method, b in COMBINATIONS:
        theta = answers[features, method, b][1:]  # (1000, 41, 2)
        gone = ~(theta.abs().amax(2) <= 10 * maker.TOP).all(0)  # nan is gone as well
        end = losses_of(problem, features, theta[-100:]).quantile(0.5, dim=0)
        want = torch.where(gone, math.inf, end)
        got = torch.tensor([
            LearningRateSweep(features=features, method=method, batch=b, rate=k).later()
            for k in range(NUM_RATES)
        ]).double()  # fmt: skip
        assert torch.equal(got.isinf(), want.isinf()), (features, method, b)
        off = (got / want).log10().nan_to_num(0).abs().max()
        assert off < 0.51 / maker.COARSE, (features, method, b, off)


@pytest.mark.slow
def test_held_up_is_no_matter_of_time(expected):
    """A run that is told to be held up: in the long run a smaller rate has a lower loss."""
    held = [(s, w) for s, w in zip(CASES, expected) if w["exact"]["verdict"] == "held"]
    assert len(held) > 100
    for s, want in held:
        lower = [LearningRateSweep(**{**s, "rate": k}).later() for k in range(s["rate"])]
        assert min(lower) < want["exact"]["later"]
    for s, want in held:  # without noise only the limit itself holds up
        if s["batch"] == 100:
            assert 0.99 < want["exact"]["rate"] / want["exact"]["limit"] < 1


@pytest.mark.slow
def test_the_edge_is_where_the_widget_draws_it(problem):
    """Full batch, 20,000 updates at 0.99 and at 1.01 of the limit: one converges, one does not."""
    kinds = [(f, m, share) for f in FEATURES for m in ("sgd", "momentum") for share in (0.99, 1.01)]
    curvatures = torch.tensor([hessian_eigenvalues(problem, f) for f, _, _ in kinds]).double()
    edges = [[share * LearningRateSweep(features=f, method=m).limit()] for f, m, share in kinds]
    rates, beta = torch.tensor(edges).double(), torch.tensor([[0.9 * (m == "momentum")] for _, m, _ in kinds])
    c = before = torch.ones(len(kinds), 2, dtype=torch.float64)
    largest = c.abs().amax(1)
    for _ in range(20_000):
        c, before = c - rates * curvatures * c + beta * (c - before), c
        largest = torch.maximum(largest, c.abs().amax(1).nan_to_num(torch.inf))
    for (_, _, share), most in zip(kinds, largest, strict=True):
        assert (most > 1e6) == (share > 1), kinds
    assert LearningRateSweep(method="adam").limit() is None


def test_rates_and_the_regions_they_reach(expected):
    """Forty rates and more, from far too small to divergent, in every plain setting."""
    rates = stored()["rates"]
    assert len(rates) == NUM_RATES >= 40
    assert all(b / a == pytest.approx(10**0.1) for a, b in itertools.pairwise(rates))
    for n, (features, method, b) in enumerate(COMBINATIONS):
        part = expected[n * NUM_RATES : (n + 1) * NUM_RATES]
        got = [want["exact"]["verdict"] for want in part]
        assert got[0] in ("slow", "near")
        assert "held" not in got or got.index("held") > 8
        assert method == "adam" or got[-1] == "diverged"
        assert features == "badly" or {"there", "held"} & set(got)
        finals = LearningRateSweep(features=features, method=method, batch=b).finals()
        assert all(  # what is called far too slow is: a larger rate ends lower
            finals[k + 1] < finals[k] for k in range(NUM_RATES - 1) if got[k] == "slow"
        )


MUTANTS = [
    ("mean for median", "Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))", "Math.round((a + b + c) / 3)"),
    ("corner forgotten", "row[k - 1] + above[k] - above[k - 1]", "row[k - 1] + above[k]"),
    ("first column from nothing", "!k ? above[0]", "!k ? 0"),
    ("first row from nothing", "(k ? row[k - 1] : 0)", "0"),
    ("contexts mixed", "last = Math.min(Math.abs(off), 2);", "last = Math.min(Math.abs(off), 1);"),
    ("one context for both axes", "[0, 3].map", "[0, 0].map"),
    ("scale of the offsets", "S * Math.sinh(v / K)", "S * Math.sinh(v / (K + 1))"),
    ("sine of the wrong kind", "Math.sinh", "Math.tanh"),
    # (transposed they are the same: torch gives this 2 x 2 matrix in symmetric form)
    ("second eigenvector turned round", "optimum[a] + vectors[a][0] * c[0] + vectors[a][1] * c[1]", "optimum[a] + vectors[a][0] * c[0] - vectors[a][1] * c[1]"),
    ("offset without optimum", "=> optimum[a] + vectors", "=> vectors"),
    ("loss without the half", "(curvatures[0] * c[0] ** 2 + curvatures[1] * c[1] ** 2) / 2", "(curvatures[0] * c[0] ** 2 + curvatures[1] * c[1] ** 2)"),
    ("curvatures swapped", "(curvatures[0] * c[0] ** 2 + curvatures[1] * c[1] ** 2)", "(curvatures[1] * c[0] ** 2 + curvatures[0] * c[1] ** 2)"),
    ("loss without its least", "least + (curvatures", "(curvatures"),
    ("start somewhere else", "path = [[0, 0]]", "path = [[0, 1]]"),
    ("start's loss of a neighbour", "losses = [lossAt(s, [0, 0])]", "losses = [lossAt(s, [0, 0.1])]"),
    ("rate off by one", "at = [q[0][i][s.rate], q[1][i][s.rate]]", "at = [q[0][i][s.rate], q[1][i][Math.max(s.rate - 1, 0)]]"),
    ("never diverges", "if (Math.abs(at[0]) >= limit || Math.abs(at[1]) >= limit) break;", ""),
    ("leaves one update late", "STEPS[path.length] : null", "STEPS[path.length + 1] : null"),
    ("diverged is a number", "code === OUT ? Infinity :", "code === -1 ? Infinity :"),
    ("one cache for all", 'once("runs"', 'once("finals"'),
    ("paths of another batch", "${s.method} ${s.batch}`", "${s.method} 10`"),
    ("finals in bits", "LEAST * 10 ** (code / fine)", "LEAST * 2 ** (code / fine)"),
    ("edge of one", 'if (s.method === "sgd") return 2 / most;', 'if (s.method === "sgd") return 1 / most;'),
    ("edge by the smallest", "const most = Math.max(...surface(s).curvatures);\n  if", "const most = Math.min(...surface(s).curvatures);\n  if"),
    ("momentum's edge of plain descent", "(2 * (1 + RUNS.momentum)) / most", "2 / most"),
    ("condition upside down", "Math.max(...c) / Math.min(...c)", "Math.min(...c) / Math.max(...c)"),
    ("arrived too soon", "final < 1.1 * least", "final < 2 * least"),
    ("one best rate", "v <= most ? [n]", "v <= most / 1.01 ? [n]"),
    ("up is down", "later > start", "later < start"),
    ("time helps all", "later > 1.1 * least", "later > 100 * least"),
    ("any larger rate holds up", "slice(0, s.rate)", "slice(s.rate + 1)"),
    ("later as fine as the finals", "RUNS.coarse", "FINE"),
    ("slow from a tenth", "final > 0.5 * start", "final > 0.1 * start"),
]  # fmt: skip


@pytest.mark.slow
def test_every_run_is_torchs_and_every_mutant_is_caught(expected, compare):
    differential(MODEL, ASK, CASES, expected, MUTANTS, compare=compare, sample=slice(0, None, 4))


@pytest.mark.slow
def test_a_changed_number_in_the_file_is_caught(tmp_path, expected, compare):
    """The test would notice runs that are not torch's: one character is changed."""
    for part in ("kit", "learning_rate"):
        shutil.copytree(bundle.WIDGETS / part, tmp_path / part)
    target = tmp_path / "learning_rate" / "runs.json"
    runs = json.loads(target.read_text(encoding="utf-8"))
    half = len(runs["runs"]) // 2
    other = "A" if runs["runs"][half] != "A" else "B"
    runs["runs"] = runs["runs"][:half] + other + runs["runs"][half + 1 :]
    target.write_text(json.dumps(runs), encoding="utf-8")
    got = evaluate(tmp_path / "learning_rate/model.js", f"data.map((c) => ({ASK}))", CASES)
    assert any(compare(g, w) for g, w in zip(got, expected, strict=True))


def test_links_bring_back_the_state():
    rng = random.Random(3)
    cases = [rng.choice(CASES) for _ in range(80)]
    name = "{method}-{batch}-{features}-{rate}"
    cases = [s | {"kept": rng.choice(["", name.format(**rng.choice(CASES))])} for s in cases]
    bad = {
        "sgd-100-badly-41": "rate must be a whole number from 0 to 40",
        "sgd-100-badly-2.5": "is not a run",
        "sgd-7-badly-3": "batch must be one of 1, 10, 100",
        "rmsprop-10-badly-3": "method must be one of",
        "sgd-10-ugly-3": "features must be one of",
        "sgd-10-well": "is not a run",
        "sgd-10-well-3-4": "is not a run",
        "sgd-10-well-3_": "is not a run",
        "sgd-10-well-3_sgd-10-well-77": "rate must be",
        "": "is not a run",
        "__proto__": "is not a run",
    }
    links = evaluate(MODEL, "data.map((s) => m.STATE.encode(s))", cases)
    assert evaluate(MODEL, "data.map((t) => m.STATE.decode(t))", links) == cases
    assert all(set(link) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_") for link in links)
    said = "(t) => { try { m.STATE.decode(t); return ''; } catch (e) { return e.message; } }"
    for reason, message in zip(bad.values(), evaluate(MODEL, f"data.map({said})", list(bad))):
        assert reason in message


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ({"method": "rmsprop"}, "method"),
        ({"batch": 7}, "batch"),
        ({"kept": "sgd-10"}, "is not a run"),
        ({"kept": "sgd-10-well-99"}, "from 0 to 40"),
        ({"kept": 3}, "is not a run"),
    ],
)
def test_settings_are_checked(setting, reason):
    with pytest.raises(StateError, match=reason):
        LearningRateSweep(**setting)


@pytest.mark.slow
def test_words_and_picture():
    words = LearningRateSweep().describe()
    assert f"learning rate {stored()['rates'][22]:.3g} loss" in words
    assert "2/lambda_max = " in words and "0.158 ends lowest" in words
    finals = LearningRateSweep(features="well").finals()
    good = [k for k, v in enumerate(finals) if v <= 1.01 * min(finals)]
    low, high = (f"{stored()['rates'][k]:.3g}" for k in (good[0], good[-1]))
    assert len(good) > 5 and f" 10, {len(good)}, between {low} and {high}, end within 1%" in (
        LearningRateSweep(features="well").describe()
    )
    assert "diverged" in LearningRateSweep(rate=40).describe()
    assert "lambda" not in LearningRateSweep(method="adam").describe()
    assert LearningRateSweep().png().startswith(b"\x89PNG")
    assert LearningRateSweep(method="adam", rate=40).png()

"""The learning-rate widget shows what torch trained; its lookup in JavaScript is exact.

All 1,107 runs are compared: with a batched reference written here from the published formulas
of the three methods, which in turn is compared with ``torch.optim`` on runs of every kind.
"""

# ruff: noqa: E501
from __future__ import annotations

import gzip
import itertools
import json
import math
import random
import shutil
from pathlib import Path

import pytest
import torch
from torch import nn

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.learning_rate.widget import (
    BATCHES,
    FEATURES,
    METHODS,
    NUM_RATES,
    LearningRateSweep,
    StateError,
    stored,
)
from tests.kit.widget_reference import run_js

torch.set_num_threads(1)
COMBINATIONS = [(f, m, b) for f in FEATURES for m in METHODS for b in BATCHES]


@pytest.fixture(scope="module")
def maker():
    """The script that made the runs, for its examples and its order of batches."""
    from dlworkbook.widgets.learning_rate import make_runs

    return make_runs


@pytest.fixture(scope="module")
def problem(maker):
    """{feature: x}, y, {batch size: batches}, {feature: (optimum, vectors)}."""
    versions, y = maker.examples()
    about = stored()["surfaces"]
    frames = {
        f: [torch.tensor(about[f][k], dtype=torch.float64) for k in ("optimum", "vectors")]
        for f in FEATURES
    }
    return versions, y, {b: maker.order(b) for b in BATCHES}, frames


def reference(problem, features: str, method: str, batch: int) -> torch.Tensor:
    """(w, b) of all rates after each update, (101, 41, 2), by the formulas of the methods."""
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


ASK = """
import * as data from %s;
import fs from "node:fs";
const cases = JSON.parse(fs.readFileSync(0));
const out = cases.map((s) => ({ ...data.run(s), limit: data.limit(s), best: data.bestRate(s),
  verdict: data.verdict(s), condition: data.condition(s), start: data.startLoss(s) }));
console.log(JSON.stringify(out));
"""


def ask(cases: list[dict], folder: Path = bundle.WIDGETS / "learning_rate") -> list[dict]:
    return json.loads(run_js(ASK % json.dumps((folder / "model.js").resolve().as_uri()), cases))


def settings(features: str, method: str, batch: int, rates) -> list[dict]:
    return [
        {"features": features, "method": method, "batch": batch, "rate": k, "kept": ""}
        for k in rates
    ]


def failures(problem, answers, folder: Path = bundle.WIDGETS / "learning_rate", every: int = 1) -> list[str]:
    """One line for each run of the JS in ``folder`` that is not torch's."""
    rates = range(0, NUM_RATES, every)
    cases = [s for c in COMBINATIONS for s in settings(*c, rates)]
    got = ask(cases, folder)
    (K, S, top), steps = stored()["scale"], stored()["steps"]
    finals: dict = {}
    for s, run in zip(cases, got, strict=True):
        finals.setdefault((s["features"], s["method"], s["batch"]), []).append(run["final"])
    found = []
    for s, run in zip(cases, got, strict=True):
        c = s["features"], s["method"], s["batch"]
        name = f"{' '.join(map(str, c))} rate {s['rate']}"
        optimum, vectors = problem[3][s["features"]]
        all_steps = answers[c][:, s["rate"]]  # (101, 2)
        offset = (all_steps - optimum) @ vectors
        # nan is far away as well
        beyond = ~(offset.abs().max(1).values < top * (1 - 1e-9))
        first = int(beyond.nonzero()[0]) if beyond.any() else None
        left = None if first is None else next((t for t in steps if t >= first), None)
        if run["left"] != left:
            found.append(f"{name}: leaves at {run['left']}, torch at {left}")
            continue
        if (run["final"] is None) != (first is not None):
            found.append(f"{name}: final {run['final']}")
            continue
        kept = [t for t in steps if first is None or t < first]
        path = torch.tensor(run["path"], dtype=torch.float64)
        if path.shape != (len(kept), 2):
            found.append(f"{name}: {len(path)} updates, torch {len(kept)}")
            continue
        # stored to half a unit of K asinh(c / S), in each direction
        apart = torch.asinh((path - optimum) @ vectors / S) - torch.asinh(offset[kept] / S)
        if not apart.abs().max() * K <= 0.501:
            found.append(f"{name}: path off by {apart.abs().max() * K:.3g} units")
        want = losses_of(problem, s["features"], path)
        shown = torch.tensor(run["losses"], dtype=torch.float64)
        if not torch.allclose(shown, want, rtol=1e-9, atol=1e-12):
            found.append(f"{name}: losses are not those of the path")
        if first is None:
            exact = losses_of(problem, s["features"], all_steps[-1]).item()
            if abs(run["final"] / exact - 1) > 4e-5:
                found.append(f"{name}: final {run['final']}, torch {exact}")
        eigenvalues = hessian_eigenvalues(problem, s["features"])
        edge = {"sgd": 2, "momentum": 3.8, "adam": None}[s["method"]]
        if (run["limit"] is None) != (edge is None) or (
            edge and abs(run["limit"] * eigenvalues[1] / edge - 1) > 1e-9
        ):
            found.append(f"{name}: limit {run['limit']}")
        if abs(run["condition"] * eigenvalues[0] / eigenvalues[1] - 1) > 1e-9:
            found.append(f"{name}: condition {run['condition']}")
        start = losses_of(problem, s["features"], torch.zeros(2, dtype=torch.float64)).item()
        if abs(run["start"] / start - 1) > 1e-9:
            found.append(f"{name}: start {run['start']}")
        final = math.inf if run["final"] is None else run["final"]
        least = stored()["surfaces"][s["features"]]["least"]
        verdict = (
            "diverged" if final == math.inf else "up" if final > start
            else "there" if final < 1.1 * least else "slow" if final > start / 2 else "near"
        )  # fmt: skip
        if run["verdict"] != verdict:
            found.append(f"{name}: {run['verdict']}, should be {verdict}")
        if every == 1:
            own = [math.inf if v is None else v for v in finals[c]]
            if own[run["best"]] != min(own):
                found.append(f"{name}: best rate {run['best']}")
    return found


def hessian_eigenvalues(problem, features: str) -> list[float]:
    """By singular values, (smallest, largest)."""
    X = torch.stack([problem[0][features], torch.ones(100, dtype=torch.float64)], 1)
    return sorted((torch.linalg.svdvals(X) ** 2 / 100).tolist())


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


@pytest.mark.slow
def test_every_run_is_torchs(problem, answers):
    assert failures(problem, answers) == []


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
def test_the_edge_is_where_the_widget_draws_it(problem):
    """Full batch, 20,000 updates at 0.99 and at 1.01 of the limit: one converges, one does not."""
    for features in FEATURES:
        eigenvalues = torch.tensor(hessian_eigenvalues(problem, features), dtype=torch.float64)
        for method, beta in (("sgd", 0.0), ("momentum", 0.9)):
            edge = LearningRateSweep(features=features, method=method).limit()
            for share in (0.99, 1.01):
                c, before = torch.ones(2, dtype=torch.float64), torch.ones(2, dtype=torch.float64)
                for _ in range(20_000):
                    c, before = c - share * edge * eigenvalues * c + beta * (c - before), c
                    if c.abs().max() > 1e6:
                        break
                assert (c.abs().max() > 1e6) == (share > 1), (features, method, share)
    assert LearningRateSweep(method="adam").limit() is None


@pytest.mark.slow
def test_rates_and_the_regions_they_reach(problem, answers):
    """Forty rates and more, from far too small to divergent, in every plain setting."""
    rates = stored()["rates"]
    assert len(rates) == NUM_RATES >= 40
    assert all(b / a == pytest.approx(10**0.1) for a, b in itertools.pairwise(rates))
    for features, method, b in COMBINATIONS:
        got = [r["verdict"] for r in ask(settings(features, method, b, range(NUM_RATES)))]
        assert got[0] in ("slow", "near")
        if method != "adam":
            assert got[-1] == "diverged"
        if features != "badly":
            assert "there" in got


MUTANTS = [
    ("sign lost", "z % 2 ? -(z + 1) / 2 : z / 2", "z % 2 ? (z + 1) / 2 : z / 2"),
    ("odd numbers off by one", "-(z + 1) / 2", "-(z - 1) / 2"),
    ("escape one too early", "if (z >= SHORT) {", "if (z >= SHORT - 1) {"),
    ("escaped number without its base", "z = SHORT + (z - SHORT)", "z = (z - SHORT)"),
    ("escaped digits swapped", "DIGIT.get(text[n + 1]) * BASE + DIGIT.get(text[n + 2])", "DIGIT.get(text[n + 2]) * BASE + DIGIT.get(text[n + 1])"),
    ("escape not skipped", "n += 2;", "n += 1;"),
    ("mean for median", "Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))", "Math.round((a + b + c) / 3)"),
    ("corner forgotten", "row[k - 1] + above[k] - above[k - 1]", "row[k - 1] + above[k]"),
    ("first column from nothing", "else if (i) guess = above[0];", ""),
    ("first row from nothing", "else if (k) guess = row[k - 1];", ""),
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
    ("final of the next rate", "text[3 * k + n]", "text[(3 * k + 3 + n) % text.length]"),
    ("diverged is a number", "code === most ? Infinity :", "code === -1 ? Infinity :"),
    ("finals in bits", "LEAST * 10 ** (code / FINE)", "LEAST * 2 ** (code / FINE)"),
    ("one cache for all", "return once(`finals ${key}`, () => {", "return once(`finals`, () => {"),
    ("paths of another batch", "=> `${s.features} ${s.method} ${s.batch}`;", "=> `${s.features} ${s.method} 10`;"),
    ("edge of one", 'if (s.method === "sgd") return 2 / most;', 'if (s.method === "sgd") return 1 / most;'),
    ("edge by the smallest", "const most = Math.max(...surface(s).curvatures);\n  if", "const most = Math.min(...surface(s).curvatures);\n  if"),
    ("momentum's edge of plain descent", "(2 * (1 + RUNS.momentum)) / most", "2 / most"),
    ("condition upside down", "Math.max(...c) / Math.min(...c)", "Math.min(...c) / Math.max(...c)"),
    ("arrived too soon", "final < 1.1 * least", "final < 2 * least"),
    ("up is down", "final > start", "final < start"),
    ("slow from a tenth", "final > 0.5 * start", "final > 0.1 * start"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "old", "new"), MUTANTS, ids=[m[0] for m in MUTANTS])
def test_mutant_is_caught(name, old, new, tmp_path, problem, answers):
    shutil.copytree(bundle.WIDGETS / "learning_rate", tmp_path / "js")
    target = tmp_path / "js" / "model.js"
    code = target.read_text(encoding="utf-8")
    assert code.count(old) == 1, "the mutation must apply exactly once"
    target.write_text(code.replace(old, new), encoding="utf-8")
    try:
        caught = failures(problem, answers, tmp_path / "js", every=4)
    except RuntimeError as error:  # the broken copy fell over one of the cases
        assert "SyntaxError" not in str(error), error
        return
    assert caught, f"no run notices: {name}"


@pytest.mark.slow
def test_a_changed_number_in_the_file_is_caught(tmp_path, problem, answers):
    """The test would notice runs that are not torch's: one character of one run is changed."""
    shutil.copytree(bundle.WIDGETS / "learning_rate", tmp_path / "js")
    target = tmp_path / "js" / "runs.json"
    runs = json.loads(target.read_text(encoding="utf-8"))
    text = runs["runs"]["badly adam 10"]
    runs["runs"]["badly adam 10"] = ("%" if text[0] != "%" else "(") + text[1:]
    target.write_text(json.dumps(runs), encoding="utf-8")
    assert failures(problem, answers, tmp_path / "js")


def test_links_bring_back_the_state():
    rng = random.Random(3)
    cases = []
    for _ in range(80):
        f, m, b = rng.choice(COMBINATIONS)
        s = settings(f, m, b, [rng.randrange(NUM_RATES)])[0]
        if rng.random() < 0.5:
            f, m, b = rng.choice(COMBINATIONS)
            s["kept"] = f"{m}-{b}-{f}-{rng.randrange(NUM_RATES)}"
        cases.append(s)
    bad = {
        "sgd-100-badly-41": "rate must be",
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
    code = (
        f'import {{ encode, decode }} from "{(bundle.WIDGETS / "learning_rate" / "model.js").as_uri()}";'
        """
        import fs from "node:fs";
        const { cases, bad } = JSON.parse(fs.readFileSync(0));
        const sorted = (s) => JSON.stringify(Object.entries(s).sort());
        const wrong = cases.filter((s) => sorted(decode(encode(s))) !== sorted(s) || !/^[\\w-]+$/.test(encode(s)));
        const said = Object.fromEntries(bad.map((t) => { try { decode(t); return [t, ""]; } catch (e) { return [t, e.message]; } }));
        console.log(JSON.stringify({ wrong, said }));
        """
    )
    answer = json.loads(run_js(code, {"cases": cases, "bad": list(bad)}))
    assert answer["wrong"] == []
    for text, reason in bad.items():
        assert reason in answer["said"][text], text


def test_python_and_javascript_agree():
    code = (
        f'import {{ DEFAULTS, KEYS, finals }} from "{(bundle.WIDGETS / "learning_rate" / "model.js").as_uri()}";'
        """
        import fs from "node:fs";
        const cases = JSON.parse(fs.readFileSync(0));
        console.log(JSON.stringify({ start: KEYS.map((k) => [k, DEFAULTS[k]]), finals: cases.map(finals) }));
        """
    )
    cases = [settings(*c, [0])[0] for c in COMBINATIONS]
    answer = json.loads(run_js(code, cases))
    assert dict(answer["start"]) == LearningRateSweep().state()
    for s, theirs in zip(cases, answer["finals"], strict=True):
        ours = LearningRateSweep(**s).finals()
        assert ours == pytest.approx([math.inf if v is None else v for v in theirs])


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ({"method": "rmsprop"}, "method"),
        ({"batch": 7}, "batch"),
        ({"batch": True}, "batch"),
        ({"features": "ugly"}, "features"),
        ({"rate": 41}, "between 0 and 40"),
        ({"rate": 2.5}, "whole number"),
        ({"kept": "sgd-10"}, "is not a run"),
        ({"kept": "sgd-10-well-99"}, "between 0 and 40"),
        ({"kept": 3}, "is not a run"),
    ],
)
def test_settings_are_checked(setting, reason):
    with pytest.raises(StateError, match=reason):
        LearningRateSweep(**setting)


@pytest.mark.slow
def test_words_and_picture():
    words = LearningRateSweep().describe()
    runs = stored()
    assert f"learning rate {runs['rates'][22]:.3g} loss" in words
    assert "2/lambda_max = " in words
    assert "diverged" in LearningRateSweep(rate=40).describe()
    assert "lambda" not in LearningRateSweep(method="adam").describe()
    assert LearningRateSweep().png().startswith(b"\x89PNG")
    assert LearningRateSweep(method="adam", rate=40).png()


@pytest.mark.slow
def test_size():
    """The whole widget: script with all runs, its share of the style, the HTML with its picture."""
    sizes = {n: len(gzip.compress(t.encode(), 9, mtime=0)) for n, t in bundle.files().items()}
    html = len(gzip.compress(LearningRateSweep().html().encode(), 9, mtime=0))
    total = sizes["learning_rate.js"] + sizes["widgets.css"] + sizes["loader.js"] + html
    # 60 KB for the widget; the style and loader serve all widgets of a page.
    assert total - sizes["widgets.css"] - sizes["loader.js"] < 60_000
    assert total < 64_000 and sizes["learning_rate.js"] < 54_000, (sizes, html)


def test_bundles():
    run_js(bundle.module("learning_rate") + "console.log(1);")
    stub = (
        "globalThis.window = { dlworkbook: { define: (n, w) => console.log(n, typeof w.render) } };"
    )
    assert run_js(stub + bundle.script("learning_rate")).strip() == "learning_rate function"

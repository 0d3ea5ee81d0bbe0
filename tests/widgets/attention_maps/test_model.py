"""The attention maps' JavaScript is torch's forward pass, on the same weights; mutants are caught."""

# ruff: noqa: E501
from __future__ import annotations

import gzip
import json
import random
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
import torch

from dlworkbook.widgets import StateError
from dlworkbook.widgets.attention_maps import AttentionMaps
from dlworkbook.widgets.attention_maps import make_runs as made
from dlworkbook.widgets.attention_maps import widget as py
from dlworkbook.widgets.kit import bundle
from tests.kit.widget_reference import run_js

DATA = made.read()
STEPS = [s["step"] for s in DATA["snapshots"]]
RUN = """
import * as m from %s;
import REVERSER from %s with { type: "json" };
import fs from "node:fs";
const models = REVERSER.snapshots.map((s) => m.unpack(REVERSER, s));
const cases = JSON.parse(fs.readFileSync(0));
console.log(JSON.stringify(cases.map((c) => m.run(models[c.snapshot], m.toTokens(c.sequence), c.temperature, c.given))));
"""


def random_cases(count: int, seed: int) -> list[dict]:
    """Words of 1 to 12 letters, every snapshot, temperatures on both sides of 1."""
    rng = random.Random(seed)
    last = len(STEPS) - 1
    return [
        {
            "sequence": "".join(rng.choices(rng.choice(["AB", py.LETTERS]), k=rng.randint(1, 12))),
            "snapshot": last if n % 3 == 0 else rng.randint(0, last),
            "temperature": rng.choice([1, 1, *py.TEMPERATURES]),
            "given": rng.random() < 0.3,
        }
        for n in range(count)
    ]


CASES = random_cases(260, seed=1010)


def run_cases(cases: list[dict], folder: Path = bundle.WIDGETS / "attention_maps") -> list[dict]:
    urls = [json.dumps((folder / n).resolve().as_uri()) for n in ("model.js", "runs.json")]
    return json.loads(run_js(RUN % tuple(urls), cases))


@torch.no_grad()
def torch_answer(case: dict, nets: list) -> dict:
    """The same run by nn.GRU and nn.Linear, in float64, step by step."""
    net = nets[case["snapshot"]]
    X = torch.tensor([[py.LETTERS.index(c) + 1 for c in case["sequence"]]])
    hidden, _ = net.encoder(net.emb_layer(X))
    state, token, steps = (
        net.mlp1(hidden).mean(dim=1)[None],
        torch.zeros(1, 1, dtype=torch.long),
        [],
    )
    for t in range(X.shape[1]):
        scores = hidden[0] @ state[0, 0]
        alpha = torch.softmax(scores / case["temperature"], dim=0)
        context = alpha @ hidden[0]
        x = torch.cat([context[None, None], net.dec_emb_layer(token)], dim=2)
        output, after = net.decoder(x, state)
        probs = torch.softmax(net.mlp2(output)[0, 0], dim=0)
        steps.append({
            "query": state[0, 0], "token": token.item(), "scores": scores, "weights": alpha,
            "context": context, "state": after[0, 0], "probs": probs, "pick": probs.argmax().item(),
        })  # fmt: skip
        state = after
        token = X[:, -1 - t :][:, :1] if case["given"] else probs.argmax().reshape(1, 1)
    return {"hidden": hidden[0], "steps": steps}


@pytest.fixture(scope="module")
def nets() -> list:
    torch.set_num_threads(1)
    return [made.unpack(s) for s in DATA["snapshots"]]


@pytest.fixture(scope="module")
def answers(nets) -> list[dict]:
    return [torch_answer(c, nets) for c in CASES]


def difference(got: dict, want: dict) -> str:
    """What is wrong; empty if nothing is. Probabilities to 1e-5 would do: we ask for 1e-9."""

    def close(a, b):
        a = torch.tensor(a, dtype=torch.float64)
        return len(a) == len(b) and torch.allclose(a, b, rtol=1e-9, atol=1e-9)

    if len(got["hidden"]) != len(want["hidden"]) or not all(
        map(close, got["hidden"], want["hidden"])
    ):
        return "hidden states"
    if len(got["steps"]) != len(want["steps"]):
        return "number of steps"
    for t, (a, b) in enumerate(zip(got["steps"], want["steps"], strict=True)):
        for key, value in b.items():
            if not (a[key] == value if isinstance(value, int) else close(a[key], value)):
                return f"step {t}: {key}"
    return ""


def failures(answers: list[dict], folder: Path = bundle.WIDGETS / "attention_maps") -> list[str]:
    found = run_cases(CASES, folder)
    wrong = [
        f"case {n}: {difference(g, w)}"
        for n, (g, w) in enumerate(zip(found, answers, strict=True))
        if difference(g, w)
    ]
    return wrong[:9]


def test_equal_to_torch(answers):
    assert len(CASES) >= 200
    assert failures(answers) == []


def test_cases_cover_every_kind(answers):
    kinds = Counter()
    for case in CASES:
        kinds["given"] += case["given"]
        kinds["last snapshot"] += case["snapshot"] == len(STEPS) - 1
        kinds["earlier snapshot"] += case["snapshot"] < len(STEPS) - 1
        kinds["hot"] += case["temperature"] > 1
        kinds["cold"] += case["temperature"] < 1
        kinds["longer than seen"] += len(case["sequence"]) > 8
        kinds["one letter"] += len(case["sequence"]) == 1
        kinds["repeated letters"] += len(set(case["sequence"])) < len(case["sequence"])
    assert min(kinds.values()) >= 10, kinds
    assert {c["snapshot"] for c in CASES} == set(range(len(STEPS)))
    right = wrong = 0  # what is written is sometimes the reversal, and sometimes not
    for case, answer in zip(CASES, answers, strict=True):
        written = "".join(py.LETTERS[s["pick"] - 1] for s in answer["steps"])
        right += written == case["sequence"][::-1]
        wrong += written != case["sequence"][::-1]
    assert right >= 60 and wrong >= 60


MUTANTS = [
    ("reset gate before the product", "Math.tanh(a[2 * H + i] + r * c[2 * H + i])", "Math.tanh(a[2 * H + i] + c[2 * H + i])"),
    ("update gate the other way round", "(1 - z) * fresh + z * old", "z * fresh + (1 - z) * old"),
    ("gates swapped", "const r = sigmoid(a[i] + c[i]), z = sigmoid(a[H + i] + c[H + i]);", "const z = sigmoid(a[i] + c[i]), r = sigmoid(a[H + i] + c[H + i]);"),
    ("sum over time, not mean", "all.reduce((sum, v) => sum + v[i], 0) / all.length", "all.reduce((sum, v) => sum + v[i], 0)"),
    ("first state without mlp1", "const all = hidden.map((h) => affine(m.mlp1_w, m.mlp1_b, h));", "const all = hidden;"),
    ("last state only", "const all = hidden.map(", "const all = hidden.slice(-1).map("),
    ("embedding before context", "[...context, ...m.dec_emb[token]]", "[...m.dec_emb[token], ...context]"),
    ("state not carried", "    state = one.state;\n", ""),
    ("attention by the first query", "weights = softmax(scores, temperature);", "weights = softmax(hidden.map((h) => dot(hidden[0], h)), temperature);"),
    ("even weights", "sum + weights[s] * h[i]", "sum + h[i] / hidden.length"),
    ("divided by the square root", "const scores = hidden.map((h) => dot(state, h));", "const scores = hidden.map((h) => dot(state, h) / Math.sqrt(state.length));"),
    ("temperature multiplies", "Math.exp((v - top) / temperature)", "Math.exp((v - top) * temperature)"),
    ("temperature forgotten", "softmax(scores, temperature)", "softmax(scores)"),
    ("temperature on the letters", "softmax(affine(m.mlp2_w, m.mlp2_b, next))", "softmax(affine(m.mlp2_w, m.mlp2_b, next), temperature)"),
    ("own letters although given", "given ? tokens[tokens.length - 1 - t] : one.pick", "one.pick"),
    ("right letters although not given", "given ? tokens[tokens.length - 1 - t] : one.pick", "tokens[tokens.length - 1 - t]"),
    ("given in reading order", "tokens[tokens.length - 1 - t]", "tokens[t]"),
    ("starts with A", "let state = firstState(m, hidden), token = 0;", "let state = firstState(m, hidden), token = 1;"),
    ("prediction from the context", "affine(m.mlp2_w, m.mlp2_b, next)", "affine(m.mlp2_w, m.mlp2_b, context)"),
    ("levels off by one", "middle = digits === 1 ? 31 : 2047", "middle = digits === 1 ? 32 : 2048"),
    ("low digit first", "level = 64 * level + CODE[text[at++]]", "level = level + 64 * CODE[text[at++]]"),
    ("wrong scale", "(level - middle) * scales[n]", "(level - middle) * scales[0]"),
    ("reads backwards", "return tokens.map((token) => { h = gru(", "return [...tokens].reverse().map((token) => { h = gru("),
    ("letters from zero", "LETTERS.indexOf(c) + 1", "LETTERS.indexOf(c)"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "old", "new"), MUTANTS, ids=[m[0] for m in MUTANTS])
def test_mutant_is_caught(name, old, new, tmp_path, answers):
    for part in ("model.js", "runs.json"):
        shutil.copy(bundle.WIDGETS / "attention_maps" / part, tmp_path / part)
    target = tmp_path / "model.js"
    code = target.read_text(encoding="utf-8")
    assert code.count(old) == 1, "the mutation must apply exactly once"
    target.write_text(code.replace(old, new), encoding="utf-8")
    try:
        caught = failures(answers, tmp_path)
    except RuntimeError as error:
        assert "SyntaxError" not in str(error), error
        return
    assert caught, f"no case notices: {name}"


@pytest.mark.slow
def test_python_forward_is_the_pages(answers):
    """The still picture and its alt text show what torch computes."""
    for case, answer in list(zip(CASES, answers, strict=True))[:60]:
        written, maps = py.reverse(
            case["sequence"], STEPS[case["snapshot"]], case["temperature"], case["given"]
        )
        picks = [s["pick"] for s in answer["steps"]]
        assert written == "".join(py.LETTERS[p - 1] if p else "·" for p in picks)
        for row, s in zip(maps, answer["steps"], strict=True):
            assert row == pytest.approx(s["weights"].tolist(), abs=1e-9)


# --- the data
def test_snapshots_show_the_learning(nets):
    assert len(STEPS) >= 20 and STEPS[0] == 0
    assert DATA["lengths"] == list(range(1, 13))
    seen = [
        n
        for n in range(len(DATA["lengths"]))
        if DATA["seen"][0] <= DATA["lengths"][n] <= DATA["seen"][1]
    ]
    mean = [sum(s["right"][n] for n in seen) / len(seen) for s in DATA["snapshots"]]
    assert mean[0] < 0.01 and mean[-1] >= 0.99
    assert any(0.2 < m < 0.8 for m in mean), "the slider shows the way, not only both ends"
    assert DATA["snapshots"][-1]["right"][-1] < 0.5, "it fails on 12 letters"


@pytest.mark.parametrize("which", [0, 7, -1])
def test_stored_shares_are_those_of_the_stored_weights(nets, which):
    stored = DATA["snapshots"][which]["right"]
    for n in (3, 8, 12):
        assert made.share_right(nets[which], n) == pytest.approx(stored[n - 1], abs=0.0051)


def test_packing_loses_little():
    torch.manual_seed(0)
    net = made.Reverser()
    for digits, most in ((1, 0.5 / 31), (2, 0.5 / 2047)):
        back = made.unpack(made.pack(net.state_dict(), digits)).state_dict()
        for name, weights in net.state_dict().items():
            error = (back[name] - weights).abs().max() / weights.abs().max()
            assert error <= most * 1.01, (name, digits)


def test_size():
    raw = made.TARGET.stat().st_size
    assert raw <= 150_000, raw
    packed = len(gzip.compress(bundle.script("attention_maps").encode(), 9, mtime=0))
    assert packed <= 110_000, packed


# --- Python side
def test_first_view():
    widget = AttentionMaps()
    assert "reads STRESSED and writes DESSERTS" in widget.describe()
    assert "on letters 8, 7, 6, 5, 4, 3, 2, 1" in widget.describe()
    assert widget.png()[:4] == b"\x89PNG"
    assert 'data-widget="attention_maps"' in widget.html()


BAD = [
    ({"sequence": ""}, "0 letters, but 1 to 12 are possible"),
    ({"sequence": "A" * 13}, "13 letters"),
    ({"sequence": "STR3SS"}, "'3' is not a letter"),
    ({"sequence": "TWO WORDS"}, "' ' is not a letter"),
    ({"sequence": 5}, "5 is not text"),
    ({"trained": 123}, "123 is not one of 0, 50"),
    ({"temperature": 3}, "3 is not one of 0.1"),
    ({"step": 12}, "12 is not a whole number from 0 to 11"),
    ({"given": 1}, "1 is neither True nor False"),
]


@pytest.mark.parametrize(("settings", "message"), BAD, ids=lambda v: str(v)[:30])
def test_validation(settings, message):
    with pytest.raises(StateError, match=re.escape(message)):
        AttentionMaps(**settings)


def test_lower_case_is_welcome():
    assert AttentionMaps(sequence=" stressed ").sequence == "STRESSED"


# --- the state of the page
STATE = """
import * as m from %s;
import REVERSER from %s with { type: "json" };
import fs from "node:fs";
const { good, bad, typed } = JSON.parse(fs.readFileSync(0)), steps = REVERSER.snapshots.map((s) => s.step);
const said = (f) => { try { f(); return ""; } catch (e) { return e.message; } };
console.log(JSON.stringify({
  defaults: m.DEFAULTS, temperatures: m.TEMPERATURES, words: m.WORDS.map(([w]) => w),
  links: good.map((s) => [m.toLink(s), m.fromLink(m.toLink(s), steps)]),
  bad: bad.map((t) => said(() => m.fromLink(t, steps))), typed: typed.map((t) => m.trouble(t)),
}));
"""


def test_links_and_typed_words():
    rng = random.Random(3)
    good = [
        {
            "sequence": c["sequence"], "trained": rng.choice(STEPS), "temperature": rng.choice(py.TEMPERATURES),
            "step": rng.randrange(len(c["sequence"])), "given": c["given"],
        }
        for c in CASES[:60]
    ]  # fmt: skip
    bad = {
        "s:": "empty", "s:ABC1": "“1”", "s:ABCDEFGHIJKLM": "13 letters", "n:7": "trained must be one of",
        "t:3": "temperature must be one of", "t:hot": "not a number", "d:12": "step must be", "g:2": "given must be",
        "hello": "not a setting", "__proto__:1": "not a setting", "s:A:B": "not a setting",
    }  # fmt: skip
    typed = {
        "": "empty",
        "STR3SS": "“3”",
        "A B": "a space",
        "ÄRGER": "“Ä”",
        "A" * 13: "13 letters",
        "stressed": "",
        " abc ": "",
    }
    urls = [
        json.dumps((bundle.WIDGETS / "attention_maps" / n).as_uri())
        for n in ("state.js", "runs.json")
    ]
    answer = json.loads(
        run_js(STATE % tuple(urls), {"good": good, "bad": list(bad), "typed": list(typed)})
    )
    assert answer["defaults"] == AttentionMaps().state()
    assert answer["temperatures"] == list(py.TEMPERATURES)
    for word in answer["words"]:
        AttentionMaps(sequence=word)
    for state, (text, back) in zip(good, answer["links"], strict=True):
        assert back == state
        assert re.fullmatch(r"[\w:.]+", text), text
    for (text, reason), message in zip(bad.items(), answer["bad"], strict=True):
        assert reason in message, (text, message)
    for (text, reason), message in zip(typed.items(), answer["typed"], strict=True):
        assert (reason in message) if reason else message == "", (text, message)


def test_bundle(tmp_path):
    """Module and script are valid and define the widget (too long for a command line)."""
    (tmp_path / "module.mjs").write_text(bundle.module("attention_maps"), encoding="utf-8")
    (tmp_path / "script.js").write_text(bundle.script("attention_maps"), encoding="utf-8")
    code = """
    import fs from "node:fs";
    const { default: widget } = await import(%s);
    globalThis.window = { dlworkbook: { define: (n, w) => console.log(n, typeof w.render) } };
    (0, eval)(fs.readFileSync(%s, "utf8"));
    console.log(typeof widget.render);
    """
    paths = (tmp_path / "module.mjs").as_uri(), str(tmp_path / "script.js")
    assert run_js(code % tuple(map(json.dumps, paths))).split() == [
        "attention_maps",
        "function",
        "function",
    ]

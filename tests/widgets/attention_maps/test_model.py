"""The attention maps' JavaScript is torch's forward pass, on the same weights; the data; links."""

# ruff: noqa: E501
from __future__ import annotations

import random
import re
from collections import Counter

import pytest
import torch

from dlworkbook.widgets import StateError
from dlworkbook.widgets.attention_maps import AttentionMaps, reverser
from dlworkbook.widgets.attention_maps import make_runs as made
from dlworkbook.widgets.attention_maps.widget import LETTERS
from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.base import declared
from tests.kit.node import differential, evaluate, plain

MODEL, STATE = (bundle.WIDGETS / "attention_maps" / name for name in ("model.js", "state.js"))
FIELDS = declared("attention_maps")["fields"]
TRAININGS, TEMPERATURES = FIELDS["trained"]["of"], FIELDS["temperature"]["of"]
SNAPSHOTS = reverser.stored()["snapshots"]
LAST = len(TRAININGS) - 1
ASK = "m.run(m.modelAt(c.snapshot), m.toTokens(c.sequence), c.temperature, c.given)"


def random_cases(count: int, seed: int) -> list[dict]:
    """Words of 1 to 12 letters, every snapshot, temperatures on both sides of 1."""
    rng = random.Random(seed)
    return [
        {
            "sequence": "".join(rng.choices(rng.choice(["AB", LETTERS]), k=rng.randint(1, 12))),
            "snapshot": LAST if n % 3 == 0 else rng.randint(0, LAST),
            "temperature": rng.choice([1, 1, *TEMPERATURES]),
            "given": rng.random() < 0.3,
        }
        for n in range(count)
    ]


CASES = random_cases(260, seed=1010)


@torch.no_grad()
def torch_answer(case: dict) -> dict:
    """The same run by nn.GRU and nn.Linear, in float64, step by step."""
    net = reverser.trained(TRAININGS[case["snapshot"]])
    X = torch.tensor([[LETTERS.index(c) + 1 for c in case["sequence"]]])
    hidden, _ = net.encoder(net.emb_layer(X))
    state, steps = net.mlp1(hidden).mean(dim=1)[None], []
    token = torch.zeros(1, 1, dtype=torch.long)
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
    return plain({"hidden": hidden[0], "steps": steps})


@pytest.fixture(scope="module")
def answers() -> list[dict]:
    torch.set_num_threads(1)
    return [torch_answer(c) for c in CASES]


def test_cases_cover_every_kind(answers):
    kinds = Counter()
    for case in CASES:
        kinds["given"] += case["given"]
        kinds["last snapshot"] += case["snapshot"] == LAST
        kinds["earlier snapshot"] += case["snapshot"] < LAST
        kinds["hot"] += case["temperature"] > 1
        kinds["cold"] += case["temperature"] < 1
        kinds["longer than seen"] += len(case["sequence"]) > 8
        kinds["one letter"] += len(case["sequence"]) == 1
        kinds["repeated letters"] += len(set(case["sequence"])) < len(case["sequence"])
    assert min(kinds.values()) >= 10, kinds
    assert {c["snapshot"] for c in CASES} == set(range(len(TRAININGS)))
    right = wrong = 0  # what is written is sometimes the reversal, and sometimes not
    for case, answer in zip(CASES, answers, strict=True):
        written = "".join(LETTERS[s["pick"] - 1] for s in answer["steps"])
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
    ("levels off by one", "- 2047) * scale", "- 2048) * scale"),
    ("low digit first", "64 * code + CODE[text[at++]]", "code + 64 * CODE[text[at++]]"),
    ("nearest level, rounded down", "Math.floor(next[i] / scale + 0.5)", "Math.floor(next[i] / scale)"),
    ("signs the other way", "code % 2 ? -(code + 1) / 2 : code / 2", "code % 2 ? (code + 1) / 2 : -code / 2"),
    ("wrong scale", "scale = scales[t]", "scale = scales[0]"),
    ("reads backwards", "return tokens.map((token) => { h = gru(", "return [...tokens].reverse().map((token) => { h = gru("),
    ("letters from zero", "LETTERS.indexOf(c) + 1", "LETTERS.indexOf(c)"),
]  # fmt: skip


@pytest.mark.slow
def test_equal_to_torch(answers):
    differential(MODEL, ASK, CASES, answers, MUTANTS)


@pytest.mark.slow
def test_words_are_the_pages(answers):
    """The still picture and its alt text show what the page computes."""
    for case, answer in list(zip(CASES, answers, strict=True))[:60]:
        written, maps = reverser.reverse(
            case["sequence"], TRAININGS[case["snapshot"]], case["temperature"], case["given"]
        )
        picks = [s["pick"] for s in answer["steps"]]
        assert written == "".join(LETTERS[p - 1] if p else "·" for p in picks)
        for row, s in zip(maps, answer["steps"], strict=True):
            assert row == pytest.approx(s["weights"], abs=1e-9)


# --- the data
def test_snapshots_show_the_learning():
    data = reverser.stored()
    assert [s["step"] for s in SNAPSHOTS] == TRAININGS and len(TRAININGS) >= 20 and TRAININGS[0] == 0
    assert data["lengths"] == list(range(1, 13))
    low, high = data["seen"]
    mean = [sum(s["right"][low - 1 : high]) / (high - low + 1) for s in SNAPSHOTS]
    assert mean[0] < 0.01 and mean[-1] >= 0.99
    assert any(0.2 < m < 0.8 for m in mean), "the slider shows the way, not only both ends"
    assert SNAPSHOTS[-1]["right"][-1] < 0.5, "it fails on 12 letters"


@pytest.mark.parametrize("which", [0, 7, -1])
def test_stored_shares_are_those_of_the_stored_weights(which):
    net = reverser.trained(TRAININGS[which])
    for n in (3, 8, 12):
        stored = SNAPSHOTS[which]["right"][n - 1]
        assert made.share_right(net, n) == pytest.approx(stored, abs=0.0051)


def test_packing_loses_little():
    """A weight is off by half a level at most, alone or packed as a difference from another."""
    torch.manual_seed(0)
    nets = [made.Reverser(), made.Reverser()]
    later = None
    for net, most in zip(nets, (0.5 / 2047, 0.5 / 31), strict=True):
        later = reverser.decode(made.pack(net.state_dict(), later), later)
        back = reverser.unpack(later).state_dict()
        for name, weights in net.state_dict().items():
            error = (back[name] - weights).abs().max() / weights.abs().max()
            assert error <= most * 1.01, (name, most)


# --- Python side
def test_first_view():
    widget = AttentionMaps()
    assert "reads STRESSED and writes DESSERTS" in widget.describe()
    assert "on letters 8, 7, 6, 5, 4, 3, 2, 1" in widget.describe()
    assert widget.png()[:4] == b"\x89PNG"


def test_a_widget_leaves_the_random_numbers_of_its_page_alone():
    reverser.trained.cache_clear()
    torch.manual_seed(5)
    want = torch.rand(3)
    torch.manual_seed(5)
    AttentionMaps(trained=50).html()
    assert torch.equal(torch.rand(3), want)


def test_without_torch_the_words_say_less(monkeypatch):
    import sys

    monkeypatch.delitem(sys.modules, "dlworkbook.widgets.attention_maps.reverser")
    monkeypatch.setitem(sys.modules, "torch", None)
    widget = AttentionMaps()
    assert widget.describe() == (
        "After 4000 training steps the network reads STRESSED, to write it backwards."
    )
    assert widget.png() is None and "backwards.</p>" in widget.html()


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


# --- links and typed words
def test_links_bring_back_the_state():
    rng = random.Random(3)
    states = [
        {"sequence": c["sequence"], "trained": rng.choice(TRAININGS),
         "temperature": rng.choice(TEMPERATURES), "step": rng.randrange(len(c["sequence"])),
         "given": c["given"]}
        for c in CASES[:60]
    ]  # fmt: skip
    ask = "data.map((s) => [m.STATE.encode(s), m.STATE.decode(m.STATE.encode(s))])"
    for state, (text, back) in zip(states, evaluate(STATE, ask, states), strict=True):
        assert back == state and re.fullmatch(r"[\w:.]+", text), text
    for word in evaluate(STATE, "m.WORDS.map(([w]) => w)"):
        AttentionMaps(sequence=word)


BAD_LINKS = {
    "s:": "empty", "s:ABC1": "“1”", "s:ABCDEFGHIJKLM": "13 letters", "n:7": "trained must be one of", "t:3": "temperature must be one of",
    "d:12": "step must be", "g:2": "given must be", "hello": "not a setting", "__proto__:1": "not a setting", "s:A:B": "“:”",
}  # fmt: skip
TYPED = {
    "": "empty", "STR3SS": "“3”", "A B": "a space", "ÄRGER": "“Ä”", "A" * 13: "13 letters",
    "stressed": "", " abc ": "",
}  # fmt: skip


def test_bad_links_and_typed_words_are_explained():
    said = evaluate(STATE, """[data[0].map((t) => { try { m.STATE.decode(t); return ""; } catch (e) { return e.message; } }),
      data[1].map(m.trouble)]""", [list(BAD_LINKS), list(TYPED)])
    for wanted, found in zip((BAD_LINKS, TYPED), said, strict=True):
        for (text, reason), message in zip(wanted.items(), found, strict=True):
            assert (reason in message) if reason else message == "", (text, message)

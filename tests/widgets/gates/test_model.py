"""Gates over a text: all that is shown is torch's nn.GRU and nn.LSTM with the stored weights."""

from __future__ import annotations

import json
import random
import re

import pytest
import torch
from torch.nn import functional as F

from dlworkbook.widgets.gates import Gates
from dlworkbook.widgets.gates import make_runs as made
from dlworkbook.widgets.gates.widget import CLASSES, MOST, SIGNS, TENSORS, H, weights
from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.base import StateError
from tests.kit.node import differential

MODEL = bundle.WIDGETS / "gates/model.js"
SHIFTS = [-8, -4, -2, -1, 0, 1, 2, 4, 8]


def cases() -> list[dict]:
    rng = random.Random(0)
    found = []
    for n in range(240):
        length = rng.choice([1, 2, 5, 12, MOST])
        alphabet = SIGNS if n % 4 else SIGNS[:27]  # some hold no digit
        text = "".join(rng.choice(alphabet) for _ in range(length))
        found.append({"text": text, "cell": ("gru", "lstm")[n % 2], "shift": rng.choice(SHIFTS),
                      "step": rng.randrange(MOST), "show": "keep"})  # fmt: skip
    return found


CASES = cases()


def network(cell: str, shift: float = 0) -> made.Reader:
    """torch's cell with the stored weights; the shift goes into its bias."""
    net = made.Reader(cell).double()
    for name, values in weights(cell).items():
        tensor = net.state_dict()[TENSORS[name]]
        tensor.copy_(torch.tensor(values, dtype=torch.float64).reshape(tensor.shape))
    with torch.no_grad():
        net.cell.bias_ih_l0[H : 2 * H] += shift  # z of r, z, n; f of i, f, g, o
    return net


@torch.no_grad()
def by_torch(case: dict) -> dict:
    """States by the layer itself; gates from them and the weights."""
    net = network(case["cell"], case["shift"])
    signs = torch.tensor([[SIGNS.index(c) for c in case["text"]]])
    X = F.one_hot(signs, len(SIGNS)).double()
    hs, _ = net.cell(X)
    probs = net.out(hs)[0].softmax(1)
    before = torch.cat([torch.zeros(1, 1, H).double(), hs[:, :-1]], dim=1)
    cell = net.cell
    a = (X @ cell.weight_ih_l0.T + cell.bias_ih_l0)[0]
    u = (before @ cell.weight_hh_l0.T + cell.bias_hh_l0)[0]
    if case["cell"] == "gru":
        side, keep = (a + u)[:, : 2 * H].sigmoid().chunk(2, 1)
        new = (a[:, 2 * H :] + side * u[:, 2 * H :]).tanh()
        write, memory = 1 - keep, hs[0]
    else:
        write, keep, new, side = (a + u).chunk(4, 1)
        write, keep, side, new = write.sigmoid(), keep.sigmoid(), side.sigmoid(), new.tanh()
        memory = torch.cat([  # the layer gives its cell after a prefix only
            cell(X[:, : n + 1])[1][1][0] for n in range(X.shape[1])])
    at = min(case["step"], len(case["text"]) - 1)
    places = [m.start() for m in re.finditer(r"\d", case["text"][: at + 1])]
    place = places[-1] if places else -1
    said = int(probs[at].argmax())
    return {
        "steps": [
            {"keep": k, "write": w, "side": s, "new": n, "memory": m, "h": h, "probs": p}
            for k, w, s, n, m, h, p in zip(keep.tolist(), write.tolist(), side.tolist(),
                                           new.tolist(), memory.tolist(), hs[0].tolist(),
                                           probs.tolist(), strict=True)
        ],
        "at": at, "place": place, "said": said, "sure": probs[at, said].item(),
        "due": int(case["text"][place]) if places else CLASSES - 1,
        "since": keep[place + 1 : at + 1].prod(0).tolist(),
    }  # fmt: skip


ASK = "((steps) => ({ steps, ...m.verdict(c, steps) }))(m.run(c))"
MUTANTS = [
    ("reset and update exchanged", "side = h.map((_, k) => sigmoid(a[k] + u[k]))",
     "side = h.map((_, k) => sigmoid(a[H + k] + u[H + k]))"),
    ("reset gate before", "a[2 * H + k] + side[k] * u[2 * H + k]",
     "side[k] * (a[2 * H + k] + u[2 * H + k])"),
    ("no reset gate", "side[k] * u[2 * H + k]", "u[2 * H + k]"),
    ("shift forgotten in the GRU", "u[H + k] + shift)", "u[H + k])"),
    ("shift forgotten in the LSTM", "gate(1, shift)", "gate(1, 0)"),
    ("shift at the input gate", "gate(0, 0)", "gate(0, shift)"),
    ("shift at the output gate", "gate(3, 0)", "gate(3, shift)"),
    ("i and f exchanged", "write = gate(0, 0), keep = gate(1, shift)",
     "keep = gate(0, shift), write = gate(1, 0)"),
    ("o and g exchanged", "side = gate(3, 0)", "side = gate(2, 0)"),
    ("the GRU forgets nothing", "write = keep.map((z) => 1 - z)", "write = keep.map(() => 1)"),
    ("no tanh behind the cell", "side[k] * Math.tanh(v)", "side[k] * v"),
    ("the LSTM reads its cell", "lstm(a, u, last.memory, shift)", "lstm(a, u, last.h, shift)"),
    ("no candidate tanh", "fresh = c.map((_, k) => Math.tanh(",
     "fresh = c.map((_, k) => Math.sin("),
    ("input bias forgotten", "row[n] + w.bx[k]", "row[n]"),
    ("state bias forgotten", "+ w.bh[k]", ""),
    ("output bias forgotten", "+ w.bo[k]", ""),
    ("another unit of weights", "UNIT = 256", "UNIT = 255"),
    ("a context too few", "list(3, high)", "list(2, high)"),
    ("the letter after", "SIGNS.indexOf(sign)", "(SIGNS.indexOf(sign) + 1) % 37"),
    ("softmax of the negatives", "Math.exp(v - top)", "Math.exp(top - v)"),
    ("since the digit, with it", "steps.slice(place + 1, at + 1)",
     "steps.slice(Math.max(place, 0), at + 1)"),
    ("since the digit, to the end", "slice(place + 1, at + 1)", "slice(place + 1)"),
    ("the first digit",
     "let place = at;\n  while (place >= 0 && !/\\d/.test(seen[place])) place--;",
     "const place = seen.findIndex((c) => /\\d/.test(c));"),
    ("later digits count", "[...s.text].slice(0, at + 1)", "[...s.text]; seen.reverse()"),
    ("none is ten", "? CLASSES - 1 :", "? CLASSES :"),
    ("step beyond the end", "Math.min(s.step, steps.length - 1)", "steps.length - 1"),
]  # fmt: skip


def test_model():
    expected = [by_torch(case) for case in CASES]
    right = [e["said"] == e["due"] for e, c in zip(expected, CASES, strict=True) if not c["shift"]]
    assert sum(right) > 0.9 * len(right) and sum(e["place"] < 0 for e in expected) > 30
    differential(MODEL, ASK, CASES, expected, MUTANTS, sample=slice(0, None, 3))
    for case, want in zip(CASES, expected, strict=True):
        widget = Gates(**case)
        for mine, theirs in zip(widget.run(), want["steps"], strict=True):
            for key, values in theirs.items():
                assert mine[key] == pytest.approx(values, abs=1e-9)
        assert widget.verdict() == (want["due"], want["said"], pytest.approx(want["sure"]))


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_the_stored_networks_are_as_good_as_their_file_says(cell):
    stored = json.loads((bundle.WIDGETS / "gates/runs.json").read_text(encoding="utf-8"))
    share = made.share_right(network(cell).float())
    assert share == pytest.approx(stored[cell]["right"], abs=2e-3) and share > 0.98


def test_the_weights_are_small_as_a_file():
    assert (bundle.WIDGETS / "gates/runs.json").stat().st_size < 60_000


def test_examples_name_the_last_digit():
    X, y = made.examples(50, 20, torch.Generator().manual_seed(3))
    for signs, named in zip(X.tolist(), y.tolist(), strict=True):
        text = "".join(SIGNS[n] for n in signs)
        for t in range(20):
            digits = re.findall(r"\d", text[: t + 1])
            assert named[t] == (int(digits[-1]) if digits else CLASSES - 1)


def test_writing_stores_what_the_network_then_holds():
    torch.manual_seed(0)
    net = made.Reader("gru")
    before = [t.clone() for t in net.tensors()]
    with torch.no_grad():
        text = made.write(net)
    assert text and all((t - b).abs().max() <= 0.5 / 256 + 1e-7
                        for t, b in zip(net.tensors(), before, strict=True))  # fmt: skip


BAD = [
    ({"text": ""}, "0 signs, but 1 to 32 are possible"), ({"text": "a" * 33}, "33 signs"),
    ({"text": "a-b"}, "'-' is no letter"), ({"text": 7}, "7 is not text"),
    ({"cell": "rnn"}, "'rnn' is not one of gru, lstm"), ({"shift": 3}, "3 is not one of -8"),
    ({"step": 32}, "32 is not a whole number from 0 to 31"),
    ({"show": "z"}, "'z' is not one of keep"),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "message"), BAD, ids=lambda v: str(v)[:30])
def test_validation(settings, message):
    with pytest.raises(StateError, match=re.escape(message)):
        Gates(**settings)


def test_first_view():
    widget = Gates()
    assert "GRU of 8 units over “a7bcdefghijklm 3nopqrstuv”, update gate z" in widget.describe()
    assert "the last digit is 3, and the network says 3" in widget.describe()
    assert widget.png()[:4] == b"\x89PNG" and Gates(text="AB 1").text == "ab 1"

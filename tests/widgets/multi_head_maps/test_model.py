"""The widget of the encoder's maps: what is stored is the library's, and JavaScript is torch's."""

from __future__ import annotations

import itertools
import json

import pytest
import torch

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.multi_head_maps import MultiHeadMaps, make_runs
from dlworkbook.widgets.multi_head_maps.widget import SENTENCES, UNIT, maps, runs
from tests.kit.node import differential

MODEL = bundle.WIDGETS / "multi_head_maps/model.js"
CASES = [
    {"sentence": s, "layer": layer, "head": head, "token": token, "special": special}
    for s, layer, (head, token), special in itertools.product(
        (0, 1, 4, 7, 9), (1, 3, 5, 6), ((0, 0), (1, 11), (3, 6), (10, 8), (12, 2)), (False, True)
    )
]
ASK = """{ tokens: m.tokens(c), at: m.at(c), map: m.map(c), received: m.received(c),
  toCls: m.toCls(c), without: m.without(c) }"""
MUTANTS = [
    ("another context", "8 * (j === 0", "7 * (j === 0"),
    ("another bound", "[1, 5, 15,", "[1, 6, 15,"),
    ("bounds that are passed", "above >= bound", "above > bound"),
    ("contexts without the row above", "above = above.map((v, j)", "above.map((v, j)"),
    ("layers from 0", "maps(s.sentence)[s.layer - 1]", "maps(s.sentence)[s.layer % 6]"),
    ("heads from 0", "[all[s.head - 1]]", "[all[s.head % 12]]"),
    ("first head for the mean", ": all, kept", ": [all[0]], kept"),
    ("keys and queries swapped", "head[i][j]", "head[j][i]"),
    ("not rescaled", "total ? v / total : 0", "v / 500"),
    ("a word left out", "range(n - 2)", "range(n - 3)"),
    ("one place on", "map((k) => k + 1)", "map((k) => k)"),
    ("token not held back", "places(s).length - 1));", "places(s).length));"),
    ("token of the whole sentence", "s.token - places(s)[0]", "s.token"),
    ("rows in place of columns", "sum + row[j], 0) / rows.length",
     "sum + rows[j][j], 0) / rows.length"),
    ("special tokens counted as words", "slice(1, -1)", "slice(0)"),
    ("share of [SEP]", "sum + row[0], 0)", "sum + row.at(-1), 0)"),
    ("another head's change", "[s.layer - 1][s.head]", "[s.layer - 1][(s.head + 1) % 13]"),
    ("percent", "/ 1000", "/ 100"),
]  # fmt: skip


@pytest.fixture(scope="module")
def library():
    """(tokenizer, model, {sentence: (batch, weights (6, 12, n, n))})."""
    tokenizer, model = make_runs.encoder()
    found = {}
    for s, text in enumerate(SENTENCES):
        batch = tokenizer(text, return_tensors="pt")
        found[s] = batch, make_runs.maps(model, batch)
    return tokenizer, model, found


def by_torch(case: dict) -> dict:
    """From the stored numbers, with torch."""
    whole = torch.tensor(maps(case["sentence"]), dtype=torch.float64)[case["layer"] - 1]
    whole = whole.mean(0) if case["head"] == 0 else whole[case["head"] - 1]
    words = runs()[case["sentence"]]["tokens"]
    n, low = len(words), 0
    A = whole / whole.sum(1, keepdim=True)
    cls = A[1 : n - 1, 0].mean().item()
    if case["special"]:
        part = whole[1 : n - 1, 1 : n - 1]
        A, words, low = torch.nan_to_num(part / part.sum(1, keepdim=True)), words[1:-1], 1
    return {
        "tokens": words, "at": sorted((0, case["token"] - low, len(words) - 1))[1],
        "map": A.tolist(), "received": A.mean(0).tolist(), "toCls": cls,
        "without": runs()[case["sentence"]]["changes"][case["layer"] - 1][case["head"]] / 1000,
    }  # fmt: skip


def test_model():
    expected = [by_torch(case) for case in CASES]
    differential(MODEL, f"({ASK})", CASES, expected, MUTANTS)
    for case, want in zip(CASES, expected, strict=True):
        widget = MultiHeadMaps(**case)
        assert widget.tokens() == want["tokens"] and widget.at() == want["at"]
        assert torch.allclose(torch.tensor(widget.map()), torch.tensor(want["map"]))
        assert widget.received() == pytest.approx(want["received"], abs=1e-12)
        assert widget.to_cls() == pytest.approx(want["toCls"], abs=1e-12)
        assert widget.without() == want["without"]


def test_stored_maps_are_the_librarys(library):
    """All 720 maps to less than a unit; rows of whole numbers that sum to UNIT."""
    tokenizer, _, found = library
    for s, (batch, weights) in found.items():
        assert runs()[s]["tokens"] == tokenizer.convert_ids_to_tokens(batch["input_ids"][0])
        kept = torch.tensor(maps(s))
        assert kept.shape == weights.shape
        assert (kept.sum(3) == UNIT).all() and (kept >= 0).all()
        assert (kept / UNIT - weights).abs().max() < 1.01 / UNIT


@pytest.mark.parametrize(("s", "layer", "head"), [(0, 1, 3), (1, 3, 10), (4, 6, 12), (7, 2, 0)])
def test_stored_changes_are_the_librarys(library, s, layer, head):
    """A hook that erases a head's part in front of the dense map does the same."""
    _, model, found = library
    batch = found[s][0]

    def erase(module, inputs):
        (x,) = inputs
        x = x.clone()
        x[..., 32 * (head - 1) : 32 * head if head else None] = 0
        return (x if head else x * 0,)

    with torch.no_grad():
        before = model(**batch).last_hidden_state[0, 1:-1]
        dense = model.encoder.layer[layer - 1].attention.output.dense
        hook = dense.register_forward_pre_hook(erase)
        after = model(**batch).last_hidden_state[0, 1:-1]
        hook.remove()
    gap = ((after - before).norm(dim=1) / before.norm(dim=1)).mean().item()
    assert runs()[s]["changes"][layer - 1][head] == pytest.approx(1000 * gap, abs=1.5)


def test_rounding_keeps_the_sum():
    torch.manual_seed(0)
    for n in (1, 7, 12):
        row = torch.randn(n).mul(3).softmax(0)
        whole = make_runs.rounded(row)
        assert sum(whole) == UNIT
        assert (torch.tensor(whole) - row * UNIT).abs().max() < 1
    assert make_runs.rounded(torch.tensor([0.5, 0.25, 0.25])) == [250, 125, 125]


def test_no_file_is_stale():
    """Sentences of settings.json and of runs.json are the same, in order."""
    assert len(runs()) == len(SENTENCES) == 10
    for text, run in zip(SENTENCES, runs(), strict=True):
        plain = "".join(run["tokens"][1:-1]).replace("##", "")
        assert plain == text.lower().replace(" ", "")
        assert json.dumps(run["changes"]).count("[") == 7 and len(run["tokens"]) <= 12

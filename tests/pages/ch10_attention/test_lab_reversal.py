"""Independent checks of lab 8: its decoder, its training over other seeds, its parts."""

from __future__ import annotations

import ast
import re

import numpy as np
import pytest
import torch
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
from torch import nn

from dlworkbook import checks, experiment
from grading.make import plan
from publish.page import assignment, frontmatter
from tests.kit.pages import cells, definitions, judged, path_of

PAGE = "ch10_attention/lab_reversal"
CONSTANTS = ("V, EMBEDDING_SIZE, NUM_HIDDENS", "SHORTEST, LONGEST, START")
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, CONSTANTS, ENGLISH_STOP_WORDS=ENGLISH_STOP_WORDS)


def test_the_solution_passes_and_the_starter_is_not_done(page):
    assert checks.check("attention_decoder", page["AttentionDecoder"]).passed
    report = checks.check("attention_decoder", page["MyAttentionDecoder"])
    assert not report.passed and report.mistake is None
    solution, starter = page["AttentionDecoder"](7, 3, 5), page["MyAttentionDecoder"](7, 3, 5)
    assert str(solution) == str(starter).replace("MyAttention", "Attention")  # the same layers


def test_starter_and_solution_differ_in_name_only_by_my():
    by_tag = {tag: [c for c in cells(PAGE) if tag in c.metadata.get("tags", [])] for tag in (
        "starter", "check", "solution", "slow",
    )}
    assert len(by_tag["starter"]) == len(by_tag["check"]) == 1
    assert "class MyAttentionDecoder(nn.Module):" in by_tag["starter"][0].source
    assert "class AttentionDecoder(nn.Module):" in by_tag["solution"][0].source
    # no cell but the check depends on the starter
    users = [c.source for c in cells(PAGE) if re.search(r"\bMyAttentionDecoder\b", c.source)]
    assert users == [c.source for c in (*by_tag["starter"], *by_tag["check"])]


def test_what_needs_a_trained_network_is_tagged_slow():
    """No untagged cell of an assignment may use what training leaves."""
    trained = set()
    for cell in cells(PAGE, before="Break"):
        tags = set(cell.metadata.get("tags", []))
        lines = [n for n in ast.parse(cell.source).body
                 if not isinstance(n, ast.FunctionDef | ast.ClassDef)]
        names = [n for line in lines for n in ast.walk(line) if isinstance(n, ast.Name)]
        if "slow" in tags:
            trained |= {n.id for n in names if isinstance(n.ctx, ast.Store)}
        elif not tags >= assignment.HIDDEN:
            assert not {n.id for n in names} & trained, cell.source
    assert {"encoder", "decoder", "losses"} <= trained


def test_no_assigned_cell_gives_the_solution_away():
    """Above "Break", only solutions and cells that are left out hold a look."""
    for cell in cells(PAGE, before="Break"):
        tags = set(cell.metadata.get("tags", []))
        if "solution" not in tags and not tags >= assignment.HIDDEN:
            for part in ("transpose", "softmax(", "bmm", "mlp1", "emb_layer(dec"):
                assert part not in cell.source.replace("self.mlp1 = nn", ""), cell.source


test_boxes = judged([
    ("ex-lab8-padding", "2", "right"),
    ("ex-lab8-padding", "1", "One is the softmax"),
    ("ex-lab8-padding", "3", "weight is zero"),
    ("ex-lab8-padding", "5", "wrong"),
    ("ex-lab8-sort", "c", "right"),
    ("ex-lab8-sort", "a", "DRAW"),
    ("ex-lab8-sort", "b", "In a reversal"),
])


def test_the_assignment_names_the_task_and_its_points():
    assert plan.find(8).points == {"attention_decoder": 20}
    assert frontmatter.read(path_of(PAGE)).number == "10.4"


def test_decoder_in_any_split_and_by_the_library(page):
    for seed, (B, S, T, E, H, V) in enumerate([(3, 5, 6, 2, 4, 7), (2, 1, 3, 4, 4, 4)]):
        torch.manual_seed(seed)
        d = page["AttentionDecoder"](V, E, H).double()
        h, dec_y = torch.randn(B, S, H).double(), torch.randint(V, (B, T))
        whole, state = d.decode(dec_y, h, None, True)
        parts, s = [], None
        for t in range(T):
            row, s = d.decode(dec_y[:, t : t + 1], h, s, t == 0)
            parts.append(row)
        assert torch.allclose(torch.cat(parts, 1), whole) and torch.allclose(s, state)
        by_hand = d.mlp1(h).mean(1)
        for t in range(T):
            by_library, by_hand = page["step_with_library"](d, dec_y[:, t], h, by_hand)
            assert torch.allclose(by_library, whole[:, t])


def test_batches_are_reversed_words(page):
    X, dec_y, Y = page["batch"](50, 5, torch.Generator().manual_seed(0))
    assert X.min() >= 1 and X.max() <= 26
    for x, fed, y in zip(X.tolist(), dec_y.tolist(), Y.tolist(), strict=True):
        assert y == x[::-1] and fed == [0, *y[:-1]]
    assert page["text"](page["encode"](["DRAWER"])[0]) == "DRAWER"


def test_padding_does_not_matter(page):
    torch.manual_seed(3)
    encoder, d = page["Encoder"](9, 2, 5), page["AttentionDecoder"](9, 2, 5)
    lengths = torch.tensor([2, 7])
    X = torch.randint(1, 9, (2, 7))
    X[0, 2:] = 0
    dec_y = torch.randint(9, (2, 4))
    padded = page["decode_padded"](d, dec_y, encoder(X), lengths)
    for b, n in enumerate(lengths):
        alone, _ = d.decode(dec_y[b : b + 1], encoder(X[b : b + 1, :n]), None)
        assert torch.allclose(padded[b], alone[0], atol=1e-5)


@pytest.mark.parametrize("part", ["mean", "softmax", "context"])
def test_padding_enters_in_two_places(page, part):
    torch.manual_seed(3)
    encoder, d = page["Encoder"](9, 2, 5), page["AttentionDecoder"](9, 2, 5)
    lengths = torch.tensor([2, 7])
    h, dec_y = encoder(torch.randint(1, 9, (2, 7))), torch.randint(9, (2, 4))
    right = page["decode_padded"](d, dec_y, h, lengths)
    places = {"mean", "softmax", "context"}
    same = torch.allclose(page["padded_at"](d, dec_y, h, lengths, places - {part}), right)
    assert same == (part == "context")


def test_the_mixed_layout_is_named(page):
    report = checks.check("attention_decoder", page["Mixed"])
    assert report.mistake == "LAB8-19" and report.credit == 0.75


# --- training, over seeds that the page does not use
SEEDS = (100, 101, 102)


# One in `make test`; notebooks run with other seeds in test_execution.py, too.
@pytest.fixture(
    scope="module", params=[SEEDS[:1], pytest.param(SEEDS[1:], marks=pytest.mark.long)], ids=str
)
def trained(request, page):
    return [page["train"](seed) for seed in request.param]


@pytest.mark.slow
def test_words_of_the_lengths_seen_are_reversed(page, trained):
    shares = [
        np.mean(
            [page["exact"](*run[:2], page["random_words"](n)).double().mean() for n in range(3, 7)]
        )
        for run in trained
    ]
    print(f"exact match over {len(shares)} seeds: {min(shares):.4f} to {max(shares):.4f}")
    assert min(shares) > 0.95


@pytest.mark.slow
def test_the_map_is_a_band_on_the_letter_or_right_beside_it(page, trained):
    X = page["random_words"](6)
    for run in trained:
        written, weights = page["with_maps"](*run[:2], X)
        assert torch.equal(written, page["reverse"](*run[:2], X))
        offset = (weights.argmax(2) - torch.arange(5, -1, -1))[:, 1:]
        assert max((offset == k).double().mean() for k in (0, 1)) > 0.7
        assert (weights[:, 0].argmax(1) == 5).double().mean() > 0.9


def test_maps_are_those_of_any_layer_softmax(page):
    """Whatever axes its input has; none where it is not called."""

    class Flat(page["AttentionDecoder"]):
        def decode(self, dec_y, enc_hidden, state, is_first_step=True):
            if is_first_step:
                state = self.mlp1(enc_hidden).mean(1)[None]
            for _ in dec_y.T:
                alpha = self.softmax((enc_hidden * state[0][:, None]).sum(2))
            return torch.zeros(*dec_y.shape, 9), state + 0 * alpha.sum()

    class Functional(page["AttentionDecoder"]):
        def decode(self, dec_y, enc_hidden, state, is_first_step=True):
            return torch.zeros(*dec_y.shape, 9), state

    torch.manual_seed(0)
    encoder, X = page["Encoder"](9, 2, 5), torch.randint(1, 9, (3, 4))
    written, weights = page["with_maps"](encoder, Flat(9, 2, 5), X)
    assert weights.shape == (3, 4, 4) and torch.allclose(weights.sum(2), torch.ones(3, 4))
    assert page["with_maps"](encoder, Functional(9, 2, 5), X)[1] is None
    assert written.shape == (3, 4)


def test_the_table_is_that_of_right_answers(page):
    """Each number of the table has twenty seeds; the first is of the network of the page."""
    usual = experiment(f"{PAGE}_usual")
    torch.manual_seed(0)
    encoder, d = page["Encoder"](27, 8, 40), page["AttentionDecoder"](27, 8, 40)
    assert list(page["results"](encoder, d)) == list(usual)
    assert {len(values) for values in usual.values()} == {20}
    assert min(usual["words of 3 to 6 letters right, %"]) > 95


def test_one_word_at_a_time_is_a_batch_of_one(page, monkeypatch):
    """What is right in a batch and wrong alone costs this row, and no other."""
    torch.manual_seed(0)
    encoder, d = page["Encoder"](27, 8, 40), page["AttentionDecoder"](27, 8, 40)
    monkeypatch.setitem(page["results"].__globals__, "exact", lambda encoder, decoder, X: (
        torch.full((len(X),), len(X) > 1)))
    assert list(page["results"](encoder, d).values()) == [100, 0, 100, 100]


@pytest.mark.slow
def test_what_the_page_says_of_two_wrong_softmaxes_holds_for_another_seed(page):
    X = page["random_words"](6, 200)
    divided = page["train"](100, softmax=page["Divided"]())
    assert page["exact"](*divided[:2], X).double().mean() > 0.8
    batch_axis = page["train"](100, softmax=nn.Softmax(dim=0))
    alone = torch.cat([page["exact"](*batch_axis[:2], x[None]) for x in X])
    assert alone.double().mean() < 0.05

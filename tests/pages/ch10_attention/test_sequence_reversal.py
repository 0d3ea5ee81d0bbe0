"""Independent checks of what the page on sequence reversal teaches; none of its asserts is used."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dlworkbook import experiment
from tests.kit.pages import definitions

PAGE = "ch10_attention/sequence_reversal"
CONSTANTS = ("V", "NUM_HIDDENS, EMBEDDING_SIZE", "SHORTEST, LONGEST, START", "variants")
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, CONSTANTS, progress=lambda items, what: items)


def formula(decoder, dec_y, h, s=None):
    """The decoder by its formulas in NumPy, one word at a time; s (H,) is a given state."""
    w = {k: v.detach().double().numpy() for k, v in decoder.state_dict().items()}
    h = h.detach().double().numpy()
    if s is None:
        s = np.mean([w["mlp1.weight"] @ x + w["mlp1.bias"] for x in h], axis=0)
    rows, maps = [], []
    for token in dec_y.tolist():
        z = np.array([s @ x for x in h])
        a = np.exp(z - z.max())
        a /= a.sum()
        x = np.concatenate([sum(a[i] * h[i] for i in range(len(a))), w["emb_layer.weight"][token]])
        i_r, i_z, i_n = np.split(w["decoder.weight_ih_l0"] @ x + w["decoder.bias_ih_l0"], 3)
        h_r, h_z, h_n = np.split(w["decoder.weight_hh_l0"] @ s + w["decoder.bias_hh_l0"], 3)
        r, u = 1 / (1 + np.exp(-i_r - h_r)), 1 / (1 + np.exp(-i_z - h_z))
        s = (1 - u) * np.tanh(i_n + r * h_n) + u * s
        rows.append(w["mlp2.weight"] @ s + w["mlp2.bias"])
        maps.append(a)
    return np.array(rows), s, np.array(maps)


def test_decoder_is_the_formula(page):
    rng = random.Random(0)
    for trial in range(10):
        torch.manual_seed(trial)
        E, H, B, S, T = (rng.randint(1, 6) for _ in range(5))
        d = page["AttentionDecoder"](E, H).double()
        h = torch.randn(B, S, H, dtype=torch.float64)
        dec_y = torch.randint(page["V"], (B, T))
        scores, state = d.decode(dec_y, h, None)
        assert scores.shape == (B, T, page["V"]) and state.shape == (1, B, H)
        maps = torch.cat(d.maps, dim=1)
        for b in range(B):
            rows, s, a = formula(d, dec_y[b], h[b])
            assert np.allclose(scores[b].detach(), rows, atol=1e-12)
            assert np.allclose(state[0, b].detach(), s, atol=1e-12)
            assert np.allclose(maps[b], a, atol=1e-12)
        if T > 1:  # any split into two calls gives the same
            cut = rng.randint(1, T - 1)
            first, between = d.decode(dec_y[:, :cut], h, None)
            second, last = d.decode(dec_y[:, cut:], h, between, False)
            assert torch.allclose(torch.cat([first, second], dim=1), scores)
            assert torch.allclose(last, state)


def test_lstm_decoder_is_torchs_cell(page):
    torch.manual_seed(0)
    d = page["LSTMDecoder"](3, 4).double()
    h, dec_y = torch.randn(2, 5, 4).double(), torch.randint(27, (2, 3))
    scores, _ = d.decode(dec_y, h, None)
    cell = nn.LSTMCell(7, 4).double()
    for ours, theirs in zip(cell.parameters(), d.decoder.parameters(), strict=True):
        ours.data = theirs.data
    s, c = d.mlp1(h).mean(dim=1), torch.zeros(2, 4).double()
    for t in range(3):
        context = F.scaled_dot_product_attention(s[:, None], h, h, scale=1.0)[:, 0]
        s, c = cell(torch.cat([context, d.emb_layer(dec_y[:, t])], dim=1), (s, c))
        assert torch.allclose(d.mlp2(s), scores[:, t])


@pytest.mark.parametrize("name", ["attend", "attend_distance"])
def test_attention_functions(page, name):
    for B, T, S, H, D in [(2, 3, 5, 4, 6), (1, 1, 1, 1, 1), (3, 6, 2, 5, 1)]:
        q, k, v = (torch.randn(B, *n).double() for n in ((T, H), (S, H), (S, D)))
        y, alpha = page[name](q, k, v)
        if name == "attend":
            expected = F.scaled_dot_product_attention(q, k, v, scale=1.0)
        else:
            distance = (q[:, :, None] - k[:, None]).square().sum(dim=3)
            expected = torch.softmax(-distance / 2, dim=2) @ v
        assert torch.allclose(y, expected) and alpha.shape == (B, T, S)


def test_batches(page):
    X, dec_y, Y = page["batch"](50, 6, torch.Generator().manual_seed(0))
    assert X.shape == dec_y.shape == Y.shape == (50, 6)
    assert X.min() >= 1 and X.max() <= 26
    for x, fed, y in zip(X.tolist(), dec_y.tolist(), Y.tolist(), strict=True):
        assert y == x[::-1] and fed == [0, *y[:-1]]
    drawn = page["batches"](0, 200)
    assert {len(X[0]) for X, _, _ in drawn} == set(range(3, 9)) and len(drawn) == 200
    assert all(X.shape == Y.shape == (64, len(X[0])) for X, _, Y in drawn)


def test_reverse_feeds_back_its_own_letters(page):
    torch.manual_seed(0)
    encoder, decoder = page["Encoder"](4, 5), page["AttentionDecoder"](4, 5)
    X = torch.randint(1, 27, (3, 6))
    written, maps = page["reverse"](encoder, decoder, X)
    fed = F.pad(written[:, :-1], (1, 0))
    scores, _ = decoder.decode(fed, encoder(X), None)
    assert torch.equal(scores.argmax(dim=2), written)
    assert maps.shape == (3, 6, 6)
    assert page["text"](page["encode"]("HELLO")[0]) == "HELLO"


def test_the_exchanged_parts_are_what_their_names_say(page):
    """Each wrong decoder of the page, written again directly, for the first step."""
    torch.manual_seed(0)
    d = page["AttentionDecoder"](4, 4).double()
    h, dec_y = torch.randn(2, 5, 4).double(), torch.randint(27, (2, 3))
    e, m = d.emb_layer(dec_y[:, 0]), d.mlp1(h)
    right, last = m.mean(dim=1), h[:, -1]
    cases = {  # first state, query, keys
        "right": (right, right, h),
        "start: last state": (last, last, h),
        "start: sum": (5 * right, 5 * right, h),
        "start: no mlp1": (h.mean(dim=1), h.mean(dim=1), h),
        "start: mean first": (right, right, h),
        "first query: last h": (right, last, h),
        "query: embedding": (right, e, h),
        "query: mlp1(state)": (right, d.mlp1(right), h),
        "keys: mlp1(h)": (right, right, m),
    }
    assert set(cases) == set(page["variants"])
    for name, (s, q, k) in cases.items():
        c = F.scaled_dot_product_attention(q[:, None], k, h, scale=1.0)[:, 0]
        x = torch.cat([c, e], dim=1)[:, None]
        expected = d.mlp2(d.decoder(x, s[None].contiguous())[0])
        got, _, _ = page["decode_with"](d, dec_y[:, :1], h, None, **page["variants"][name])
        assert torch.allclose(got, expected), name


# --- training, over seeds that the page does not use
SEEDS = (100, 101, 102)


# One in `make test`; notebooks run with other seeds in test_execution.py, too.
@pytest.fixture(
    scope="module", params=[SEEDS[:1], pytest.param(SEEDS[1:], marks=pytest.mark.long)], ids=str
)
def trained(request, page):
    return [page["train"](seed) for seed in request.param]


@pytest.mark.slow
def test_words_of_lengths_seen_are_reversed(page, trained):
    shares = [np.mean([page["words_right"](*run[:2], n) for n in range(2, 9)]) for run in trained]
    print(f"share of words right over {len(shares)} seeds: {min(shares):.4f} to {max(shares):.4f}")
    assert min(shares) > 0.95


@pytest.mark.slow
def test_twelve_letters_fail(page, trained):
    shares = [page["words_right"](*run[:2], 12) for run in trained]
    print(f"share of words of 12 letters right: {min(shares):.3f} to {max(shares):.3f}")
    assert max(shares) < 0.6


@pytest.mark.slow
def test_the_map_is_a_band_on_the_letter_or_right_beside_it(page, trained):
    X, _, _ = page["batch"](200, 8, torch.Generator().manual_seed(7))
    for encoder, decoder, losses in trained:
        _, maps = page["reverse"](encoder, decoder, X)
        offset = (maps.argmax(dim=2) - torch.arange(7, -1, -1))[:, 1:]
        shares = [(offset == k).double().mean().item() for k in (0, 1)]
        print(f"looks at the letter {shares[0]:.3f}, to its right {shares[1]:.3f}")
        assert max(shares) > 0.7
        assert (maps[:, 0].argmax(dim=1) == 7).double().mean() > 0.9
        assert np.mean(losses[-50:]) < 0.1 * losses[0]


def test_the_forbidden_letter_gets_no_weight_in_any_split(page):
    """One call, or one for each letter: the letter that is due has weight 0, save at step one."""
    torch.manual_seed(0)
    encoder, d = page["Encoder"](4, 5), page["ElsewhereDecoder"](4, 5)
    X, dec_y = torch.randint(1, 27, (3, 6)), torch.randint(27, (3, 6))
    h = encoder(X)
    whole, _ = d.decode(dec_y, h, None)
    at_once = torch.cat(d.maps, dim=1)
    rows, state = [], None
    for t in range(6):
        row, state = d.decode(dec_y[:, t : t + 1], h, state, t == 0)
        rows.append(row)
    assert torch.allclose(torch.cat(rows, dim=1), whole, atol=1e-6)
    for maps in (at_once, page["reverse"](encoder, d, X)[1]):
        due = maps.flip(2).diagonal(dim1=1, dim2=2)  # (B, S): weight of the letter that is due
        assert (due[:, 1:] == 0).all() and (due[:, 0] > 0).all()
        assert torch.allclose(maps.sum(dim=2), torch.ones(3, 6))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [100, pytest.param(101, marks=pytest.mark.long)])
def test_without_attention_it_does_not_learn_to_reverse(page, seed):
    run = page["train"](seed, page["EvenDecoder"])
    assert page["words_right"](*run[:2], 8) < 0.5
    assert torch.allclose(torch.cat(run[1].maps, dim=1), torch.tensor(1 / 8), atol=1e-6)


@pytest.mark.parametrize("name", ["keys", "query", "start"])
def test_an_exchanged_part_is_the_only_change(page, name):
    """With the parts as they are, nothing changes; each exchange changes the maps it should."""
    torch.manual_seed(0)
    encoder, decoder = page["Encoder"](4, 5), page["AttentionDecoder"](4, 5)
    X = torch.randint(1, 27, (3, 6))
    _, maps = page["reverse"](encoder, decoder, X)
    other = torch.randn(6, 5)
    parts = {
        "keys": {"keys": lambda dec, h: other.expand_as(h)},
        "query": {"query": lambda dec, s, e, h, first: s.roll(1, dims=0)},
        "start": {"start": lambda dec, h: other[:3]},
    }
    _, same = page["reverse"](encoder, page["Exchanged"](decoder), X)
    assert torch.allclose(same, maps, atol=1e-6)
    _, changed = page["reverse"](encoder, page["Exchanged"](decoder, **parts[name]), X)
    h, s = encoder(X), decoder.mlp1(encoder(X)).mean(dim=1)
    query, keys = {
        "keys": (s, other.expand_as(h)), "query": (s.roll(1, 0), h), "start": (other[:3], h),
    }[name]
    first = torch.softmax((query[:, None] @ keys.mT)[:, 0], dim=1)
    assert torch.allclose(changed[:, 0], first, atol=1e-6)
    assert not torch.allclose(first, maps[:, 0], atol=1e-3)


def test_the_experiment_trained_the_network_of_the_page(page):
    """Its first losses are those of the page as it is now."""
    kept = experiment(PAGE)["first_losses"]
    losses = page["train"](0, num_steps=len(kept))[2]
    assert np.allclose(losses, kept, rtol=1e-3)


@pytest.mark.slow
def test_it_does_not_depend_on_threads(page):
    losses = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        losses.append(page["train"](0, num_steps=20)[2])
    torch.set_num_threads(1)
    assert np.allclose(*losses, rtol=1e-4)

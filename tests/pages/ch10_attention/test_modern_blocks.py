"""Independent checks of the page on modern blocks; none of its own asserts is used."""

from __future__ import annotations

import cmath
import itertools
import math
import random

import pytest
import torch
import torch.nn.functional as F

from tests.kit.pages import definitions, judged, maker, verdict

PAGE = "ch10_attention/modern_blocks"
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE)


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64)


@pytest.mark.parametrize("width", [2, 6, 8])
def test_rotation_is_multiplication_by_a_unit_number(page, width):
    """Number k and number k + half are one complex number, turned by place / 10000^(k / half)."""
    torch.manual_seed(1)
    x, half = draw(4, width), width // 2
    places = torch.tensor([0, 3, 11, 2000])
    got = page["rotate"](x, places)
    near = page["rotate_neighbours"](x, places)
    for row, place in enumerate(places.tolist()):
        for k in range(half):
            turn = cmath.exp(1j * place / 10000 ** (k / half))
            z = complex(x[row, k], x[row, k + half]) * turn
            assert got[row, [k, k + half]].tolist() == pytest.approx([z.real, z.imag])
            z = complex(x[row, 2 * k], x[row, 2 * k + 1]) * turn
            assert near[row, 2 * k : 2 * k + 2].tolist() == pytest.approx([z.real, z.imag])


def test_scores_know_differences_alone(page):
    torch.manual_seed(2)
    q, k = draw(2, 12, 8)
    places = torch.arange(12)
    first = page["rotate"](q, places) @ page["rotate"](k, places).T
    later = page["rotate"](q, places + 777) @ page["rotate"](k, places + 777).T
    assert torch.allclose(first, later, atol=1e-9)
    wrong = page["rotate"](q, places) @ page["rotate"](k, places + 1).T
    assert (wrong - first).abs().max() > 0.1


def test_rms_norm_by_hand(page):
    x, w = torch.tensor([[3.0, -4.0, 0.0, 5.0]]).double(), torch.tensor([1.0, 2, 3, 4]).double()
    root = math.sqrt((9 + 16 + 25) / 4 + 0.5)
    want = [3 / root, -8 / root, 0, 20 / root]
    assert page["rms_norm"](x, w, 0.5)[0].tolist() == pytest.approx(want)


def test_swiglu_by_loops(page):
    torch.manual_seed(3)
    net, x = page["SwiGLU"](3, 5).double(), draw(3)
    hidden = []
    for g, u in zip(net.gate.weight, net.up.weight, strict=True):
        a = (g @ x).item()
        hidden.append(a / (1 + math.exp(-a)) * (u @ x).item())
    want = net.down.weight @ torch.tensor(hidden).double()
    assert torch.allclose(net(x), want)


@pytest.mark.parametrize(("h", "g"), [(4, 4), (4, 2), (4, 1), (6, 3)])
@pytest.mark.parametrize("new", [1, 3, 7])
def test_attention_by_loops(page, h, g, new):
    """Query head i reads head i g / h; the last tokens of n see themselves and those before."""
    torch.manual_seed(4)
    n, width = 7, 4
    q, k, v = draw(2, h, new, width), draw(2, g, n, width), draw(2, g, n, width)
    got = page["attend"](q, k, v)
    for b, i, t in itertools.product(range(2), range(h), range(new)):
        keys, values = k[b, i * g // h], v[b, i * g // h]
        seen = n - new + t + 1
        scores = [math.exp((q[b, i, t] @ keys[s]).item() / 2) for s in range(seen)]
        want = sum(a * values[s] for s, a in enumerate(scores)) / sum(scores)
        assert torch.allclose(got[b, i, t], want)


@pytest.mark.parametrize("sizes", [(9, 2, 12, 6, 2, 16), (5, 1, 8, 2, 2, 7), (7, 3, 8, 4, 1, 6)])
def test_a_cache_changes_nothing_however_the_text_is_cut(page, sizes):
    torch.manual_seed(5)
    net = page["Decoder"](*sizes).double()
    ids = torch.randint(sizes[0], (2, 10))
    whole, kept = net(ids)
    for cuts in ((1,) * 10, (4, 6), (3, 1, 1, 5)):
        past, parts = None, []
        for piece in ids.split(cuts, 1):
            z, past = net(piece, past)
            parts.append(z)
        assert torch.allclose(torch.cat(parts, 1), whole)
        for (a, b), (c, d) in zip(past, kept, strict=True):
            assert torch.allclose(a, c) and torch.allclose(b, d)
    assert torch.allclose(net(ids, first=500)[0], whole)
    size = sum(t.numel() for pair in kept for t in pair)
    _, L, d, h, g, _ = sizes
    assert size == 2 * L * g * (d // h) * 10 * 2
    moved = net(ids[:, 4:5], net(ids[:, :4])[1], first=1)[0]
    assert (moved - whole[:, 4:5]).abs().max() > 1e-6


def test_the_model_is_the_librarys_llama():
    """Logits, all gradients, and generation with a cache; only names differ."""
    from transformers import LlamaConfig, LlamaForCausalLM

    space = definitions(PAGE, ["NAMES"], LlamaConfig=LlamaConfig, LlamaForCausalLM=LlamaForCausalLM)
    torch.manual_seed(6)
    sizes = (19, 2, 20, 10, 5, 13)
    ours = space["Decoder"](*sizes)
    with torch.no_grad():
        for p in ours.parameters():
            p.copy_(1 + torch.rand_like(p) if p.dim() == 1 else torch.randn_like(p) / 3)
    theirs, pairs = space["llama_like"](ours, *sizes)
    assert len(pairs) == len(list(ours.parameters())) == len(list(theirs.parameters()))
    ids = torch.randint(19, (2, 12))
    z, target = ours(ids)[0], theirs(ids).logits
    assert torch.allclose(z, target, atol=1e-4)
    G = torch.randn_like(z)
    (z * G).sum().backward()
    (target * G).sum().backward()
    other = dict(theirs.named_parameters())
    for name, p in ours.named_parameters():
        scale = p.grad.abs().max()
        assert (p.grad - other[pairs[name]].grad).abs().max() < 1e-4 * scale, name
    written = theirs.generate(ids[:, :4], max_new_tokens=6, do_sample=False, eos_token_id=None,
                              pad_token_id=0)  # fmt: skip
    greedy = space["write"](ours, ids[:, :4], 6, k=1)
    assert torch.equal(written[:, 4:], greedy)


def smallest(p: list[float], share: float) -> int:
    """The least number of tokens that together reach the share."""
    total, ranked = 0.0, sorted(p, reverse=True)
    for number, v in enumerate(ranked, 1):
        total += v
        if total >= share:
            return number
    return len(p)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.7, 0.95, 1.0])
@pytest.mark.parametrize("k", [None, 1, 3, 12])
@pytest.mark.parametrize("T", [0.3, 1.0, 2.5])
def test_reweigh_by_lists(page, T, k, share):
    torch.manual_seed(7)
    z = draw(3, 12)
    got = page["reweigh"](z, T, k, share)
    for row, out in zip(z.tolist(), got.tolist(), strict=True):
        powers = [math.exp(v / T) for v in row]
        ranked = sorted(range(12), key=lambda v: -row[v])[:k]
        total = sum(powers[v] for v in ranked)
        number = smallest([powers[v] / total for v in ranked], share)
        kept = ranked[:number]
        total = sum(powers[v] for v in kept)
        want = [powers[v] / total if v in kept else 0 for v in range(12)]
        assert out == pytest.approx(want, abs=1e-12)


def test_drafts_that_are_checked_are_draws_of_the_large_model():
    """Drawn 40,000 times by lists: the share of kept drafts, and the tokens that come out."""
    numbers, p, q = random.Random(0), (0.5, 0.3, 0.2), (0.2, 0.5, 0.3)
    counts, kept = [0, 0, 0], 0
    for _ in range(40_000):
        token = numbers.choices(range(3), q)[0]
        if numbers.random() < p[token] / q[token]:
            kept += 1
        else:
            token = numbers.choices(range(3), [max(0, a - b) for a, b in zip(p, q, strict=True)])[0]
        counts[token] += 1
    assert verdict("ex-mb-draft-kept", f"{kept / 40_000:.1f}") == "right"
    assert [c / 40_000 for c in counts] == pytest.approx(p, abs=0.01)


def pair_by_pair(space, net, ids, most):
    """Logits of a decoder in which each query is turned by its distance from one key."""
    x, n = net.table(ids), ids.shape[1]
    for b in net.blocks:
        y = space["rms_norm"](x, b.norm1)
        q, k, v = (b.split(W(y)) for W in (b.W_q, b.W_k, b.W_v))
        k, v = (t.repeat_interleave(q.shape[1] // t.shape[1], 1) for t in (k, v))
        scores = torch.full((*q.shape[:2], n, n), -torch.inf, dtype=q.dtype)
        for i, j in itertools.combinations_with_replacement(reversed(range(n)), 2):
            apart = torch.tensor([min(i - j, most)])
            turned = space["rotate"](q[:, :, i : i + 1], apart)[:, :, 0]
            scores[:, :, i, j] = (turned * k[:, :, j]).sum(-1) / b.dh**0.5
        x = x + b.W_o((scores.softmax(-1) @ v).transpose(1, 2).flatten(2))
        x = x + b.feed(space["rms_norm"](x, b.norm2))
    return F.linear(space["rms_norm"](x, net.norm), net.table.weight)


def test_clipped_distances_are_those_of_the_page():
    """Counting distances above n as n changes nothing; counting all as 0 takes places away."""
    space = definitions(PAGE)
    torch.manual_seed(8)
    net = space["Decoder"](9, 2, 12, 6, 2, 8).double()
    space["clipped"].__wrapped__.__globals__["net"] = net
    ids = torch.randint(9, (2, 7))
    assert torch.allclose(space["clipped"](ids, 7), net(ids)[0])
    assert torch.allclose(space["clipped"](ids, 3), pair_by_pair(space, net, ids, 3))
    first = space["clipped"](ids, 0)
    space["Block"].forward.__globals__["rotate"] = lambda x, place: x
    assert torch.allclose(first, net(ids)[0])


def test_study_exchanges_one_thing_with_as_many_weights():
    study = maker(PAGE)
    counts = {name: sum(p.numel() for p in study.built(name, 61).parameters())
              for name in study.VARIANTS}  # fmt: skip
    whole = counts["as built"]
    assert {n for n, c in counts.items() if c != whole} == {"g = h (MHA)", "g = 1 (MQA)"}
    torch.manual_seed(0)
    ids = torch.randint(61, (2, 9))
    outputs = {}
    for name in study.VARIANTS:
        torch.manual_seed(1)
        outputs[name] = study.built(name, 61)(ids)[0]
    for name, z in outputs.items():
        assert (name == "as built") == torch.allclose(z, outputs["as built"], atol=1e-6)
    swapped = ids[:, [1, 0, *range(2, 9)]]  # without places a later token sees a set
    net = study.built("no places", 61)
    with torch.no_grad():
        one = torch.nn.Sequential(*[net.blocks[0]])[0]
        x = [one(net.table(i), torch.arange(9))[0][:, -1] for i in (ids, swapped)]
    assert torch.allclose(*x, atol=1e-5)
    assert F.cross_entropy(outputs["as built"].flatten(0, 1), ids.flatten()).isfinite()


test_boxes = judged([
    ("pr-mb-shift", "a", "right"), ("pr-mb-shift", "c", "slip"), ("pr-mb-nucleus", "2", "right"),
    ("pr-mb-nucleus", "3", "slip"), ("pr-mb-saved", "b", "right"), ("pr-mb-saved", "c", "slip"),
    ("ex-mb-turn-query", "0.5, 0.866", "right"), ("ex-mb-turn-query", "(1/2, sqrt(3)/2)", "right"),
    ("ex-mb-turn-query", "0.5, -0.866", "slip"), ("ex-mb-turn-score", "-1", "right"),
    ("ex-mb-turn-score", "−1", "right"), ("ex-mb-turn-score", "0", "slip"),
    ("ex-mb-turn-later", "-0.866", "right"), ("ex-mb-turn-later", "-sqrt(3)/2", "right"),
    ("ex-mb-turn-later", "-0.5", "slip"), ("ex-mb-layout-order", "0 2 4 6 1 3 5 7", "right"),
    ("ex-mb-layout-order", "[0, 2, 4, 6, 1, 3, 5, 7]", "right"),
    ("ex-mb-layout-order", "0 4 1 5 2 6 3 7", "slip"), ("ex-mb-layout-test", "c", "right"),
    ("ex-mb-eps-size", "0.302", "right"), ("ex-mb-eps-size", "1/sqrt(11)", "right"),
    ("ex-mb-eps-size", "0.3015", "right"), ("ex-mb-eps-size", "1", "slip"),
    ("ex-mb-eps-size", "0.99", "slip"), ("ex-mb-eps-same", "10", "right"),
    ("ex-mb-eps-same", "1e1", "right"), ("ex-mb-eps-same", "0.01", "slip"),
    ("ex-mb-eps-size", "90.9", "slip"), ("ex-mb-draft-kept", "0.7", "right"),
    ("ex-mb-draft-kept", "70%", "right"), ("ex-mb-draft-kept", "7/10", "right"),
    ("ex-mb-draft-kept", "0.3", "slip"), ("ex-mb-draft-kept", "0.75", "slip"),
    ("ex-mb-draft-rest", "1 0 0", "right"), ("ex-mb-draft-rest", "[1, 0, 0]", "right"),
    ("ex-mb-draft-rest", "(1.0, 0, 0)", "right"), ("ex-mb-draft-rest", "0.3, 0, 0", "slip"),
    ("ex-mb-draft-rest", "0.5 0.3 0.2", "slip"), ("ex-mb-draft-law", "a", "right"),
    ("ex-mb-draft-law", "b", "slip"), ("ex-mb-draft-keys", "43", "right"),
    ("ex-mb-draft-keys", "40+3", "right"), ("ex-mb-draft-keys", "3", "slip"),
    ("ex-mb-draft-keys", "45", "slip"), ("ex-mb-memory-gqa", "4", "right"),
    ("ex-mb-memory-gqa", "4 GiB", "right"), ("ex-mb-memory-gqa", "2", "slip"),
    ("ex-mb-memory-mqa", "0.5", "right"), ("ex-mb-memory-mqa", "1/2", "right"),
    ("ex-mb-memory-mqa", "16", "slip"), ("ex-mb-memory-rope", "b", "right"),
    ("ex-mb-heads-right", "0", "right"), ("ex-mb-heads-right", "1", "slip"),
    ("ex-mb-heads-wrong", "1", "right"), ("ex-mb-heads-train", "c", "right"),
    ("ex-mb-count-with", "1099", "right"), ("ex-mb-count-with", "1,099", "right"),
    ("ex-mb-count-with", "1100", "slip"), ("ex-mb-count-without", "104950", "right"),
    ("ex-mb-count-without", "105050", "slip"), ("ex-mb-count-place", "a", "right"),
    ("ex-mb-sample-cold", "0.604", "right"), ("ex-mb-sample-cold", "32/53", "right"),
    ("ex-mb-sample-cold", "60.4%", "right"), ("ex-mb-sample-cold", "0.16", "slip"),
    ("ex-mb-sample-cold", "0.296", "slip"), ("ex-mb-sample-both", "2", "right"),
    ("ex-mb-sample-swap", "3", "right"), ("ex-mb-sample-swap", "2", "slip"),
    ("ex-mb-sample-far", "0.105", "right"), ("ex-mb-sample-far", "-log(0.9)", "right"),
    ("ex-mb-sample-far", "log(10/9)", "right"), ("ex-mb-sample-far", "2.3026", "slip"),
    ("ex-mb-sample-far", "0.1", "slip"), ("ex-mb-sample-far", "0.152", "slip"),
])  # fmt: skip

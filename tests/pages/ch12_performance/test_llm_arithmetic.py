"""Independent checks of the page that counts a language model."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dlworkbook import experiment
from tests.kit.pages import definitions, judged

PAGE = "ch12_performance/llm_arithmetic"
CONFIGS = [(11, 1, 12, 3, 3, 20), (50, 2, 16, 4, 1, 9), (29, 3, 24, 8, 4, 64)]


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, nn=nn, F=F)


@pytest.mark.parametrize("config", CONFIGS)
def test_parameters_one_by_one(page, config):
    """Shapes written out; a matrix has as many rows as outputs."""
    V, L, d, h, g, f = config
    kv = g * (d // h)
    block = [(d,), (d,), (d, d), (kv, d), (kv, d), (d, d), (f, d), (f, d), (d, f)]
    want = sorted([(V, d), (d,), *(L * block)])
    net = page["Decoder"](*config)
    assert sorted(tuple(p.shape) for p in net.parameters()) == want
    assert page["by_formula"](*config, 1)[0] == sum(torch.Size(s).numel() for s in want)


@pytest.mark.parametrize("config", CONFIGS)
def test_attention_by_loops(page, config):
    """Head by head and token by token; queries j of a group share keys."""
    torch.manual_seed(3)
    _, _, d, h, g, f = config
    block = page["Block"](d, h, g, f).double()
    x = torch.randn(2, 5, d, dtype=torch.float64)
    dh, out = d // h, torch.zeros(2, 5, d, dtype=torch.float64)
    for b in range(2):
        q, k, v = (m.weight @ x[b].T for m in (block.query, block.key, block.value))
        for head in range(h):
            own = slice(head * dh, (head + 1) * dh)
            shared = head // (h // g)
            keys = slice(shared * dh, (shared + 1) * dh)
            for t in range(5):
                scores = torch.stack([q[own, t] @ k[keys, s] / dh**0.5 for s in range(t + 1)])
                weights = scores.exp() / scores.exp().sum()
                out[b, t, own] = sum(w * v[keys, s] for s, w in enumerate(weights))
    want = out @ block.output.weight.T
    got, (k, _) = page["attend"](block, x)
    assert torch.allclose(got, want, atol=1e-10)
    assert k.shape == (2, g, 5, dh)


def test_no_token_sees_a_later_one(page):
    torch.manual_seed(0)
    net = page["Decoder"](*CONFIGS[2])
    a = torch.randint(29, (1, 9))
    b = a.clone()
    b[0, 6:] = (b[0, 6:] + 1) % 29
    with torch.no_grad():
        same = (net(a)[0] - net(b)[0]).abs().amax(-1)[0]
    assert same[:6].max() < 1e-5 < same[6:].min()


def test_a_cache_in_pieces_of_any_size(page):
    torch.manual_seed(0)
    net = page["Decoder"](*CONFIGS[1])
    ids = torch.randint(50, (3, 11))
    with torch.no_grad():
        whole, past, parts = net(ids)[0], None, []
        for piece in ids.split([4, 1, 5, 1], 1):
            out, past = net(piece, past)
            parts.append(out)
    assert torch.allclose(torch.cat(parts, 1), whole, atol=1e-5)


def test_operations_by_shapes(page):
    """Two for each multiplication: every matrix product of one pass, written out."""
    V, L, d, h, g, f = CONFIGS[2]
    n, dh = 7, d // h
    products = [(n, d, d), (n, d, g * dh), (n, d, g * dh), (n, d, d), *[(n, d, f)] * 2, (n, f, d)]
    products += h * [(n, dh, n), (n, n, dh)]
    want = 2 * (L * sum(a * b * c for a, b, c in products) + n * d * V)
    assert page["by_formula"](V, L, d, h, g, f, n)[1] == want


def test_the_real_model_is_what_its_paper_says():
    """The numbers of tensors and bytes that the text rests on."""
    real = experiment("ch12_performance/llm_arithmetic")
    counts = [numbers for name, numbers in real["tensors"].items() if name.startswith("blk.")]
    assert {numbers[0] for numbers in counts} == {30}
    assert sum(numbers[1] for numbers in real["tensors"].values()) == real["parameters"]
    assert real["file"] > sum(numbers[2] for numbers in real["tensors"].values())
    assert real["cache"]["text"].strip().startswith("Paris")


test_answers = judged(
    [
        ("ex-llm-count", "109,529,856", "right"),
        ("ex-llm-count", "109 529 856", "right"),
        ("ex-llm-count", "134105856", "two"),
        ("ex-llm-count", "90655488", "gate"),
        ("ex-llm-cache-full", "2.15 GB", "right"),
        ("ex-llm-cache-full", "2^31/10^9", "right"),
        ("ex-llm-cache-full", "1.07", "both are kept"),
        ("ex-llm-cache-shared", "0.537", "right"),
        ("ex-llm-cache-shared", "2.147", "heads of keys"),
        ("ex-llm-days", "34.7", "right"),
        ("ex-llm-days", "125000/3600", "right"),
        ("ex-llm-days", "11.6", "forward alone"),
        ("ex-llm-lora", "15", "right"),
        ("ex-llm-lora", "16", "would that train"),
        ("ex-llm-bits-each", "4.31", "right"),
        ("ex-llm-bits-each", "4+20/64", "right"),
        ("ex-llm-bits-each", "4.25", "offset"),
        ("ex-llm-bits-all", "3.77 GB", "right"),
        ("ex-llm-bits-all", "3.5", "share"),
        ("ex-llm-phone-empty", "29.6", "right"),
        ("ex-llm-phone-empty", "30", "just above"),
        ("ex-llm-phone-empty", "29", "one decimal"),
        ("ex-llm-bits-each", "4.3", "right"),
        ("ex-llm-days", "125000", "seconds"),
        ("ex-llm-cache-full", "2", "billion bytes"),
        ("ex-llm-phone-empty", "33.75", "milliseconds"),
        ("ex-llm-phone-cache", "22.9", "right"),
        ("ex-llm-phone-cache", "29.6", "cache is read"),
        ("ex-llm-cross", "6*d", "right"),
        ("ex-llm-cross", "6d", "right"),
        ("ex-llm-cross", "12 d", "four"),
        ("ex-llm-cross-text", "49151", "right"),
        ("ex-llm-cross-text", "49,152", "right"),
        ("ex-llm-cross-text", "24576", "half"),
        ("ex-llm-tape", "1", "right"),
        ("ex-llm-tape", "2", "softmax has its result"),
    ],
)

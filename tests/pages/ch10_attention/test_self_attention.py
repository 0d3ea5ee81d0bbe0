"""Independent checks of the page on self-attention; none of its own asserts is used."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.kit.pages import definitions, judged

PAGE = "ch10_attention/self_attention"
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE)


def softmax(scores: list[float]) -> list[float]:
    powers = [math.exp(z - max(scores)) for z in scores]
    return [p / sum(powers) for p in powers]


def mixed(q, k, v, weight) -> torch.Tensor:
    """Row i is the mean of v with softmax of weight(i, j) over the keys j where it is a number."""
    rows = []
    for b in range(len(q)):
        for i in range(q.shape[1]):
            scores = [(j, weight(b, i, j)) for j in range(k.shape[1])]
            scores = [(j, z) for j, z in scores if z is not None]
            alpha = softmax([z for _, z in scores])
            parts = [a * v[b, j] for a, (j, _) in zip(alpha, scores, strict=True)]
            rows.append(torch.stack(parts).sum(0))
    return torch.stack(rows).unflatten(0, q.shape[:2])


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64)


@pytest.mark.parametrize(("B", "n", "d", "heads"), [(2, 3, 8, 4), (1, 1, 6, 2), (3, 7, 10, 5)])
def test_layer_is_pytorchs_under_random_masks(page, B, n, d, heads):
    """Values and the gradient of the input, with a mask of its own for each sentence and query."""
    torch.manual_seed(1)
    ours = page["MultiHeadAttention"](d, heads).double()
    theirs = nn.MultiheadAttention(d, heads, batch_first=True).double()
    maps = (ours.W_q, ours.W_k, ours.W_v)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([m.weight for m in maps]))
        theirs.in_proj_bias.copy_(torch.cat([m.bias for m in maps]).normal_())
        for m, bias in zip(maps, theirs.in_proj_bias.chunk(3), strict=True):
            m.bias.copy_(bias)
    theirs.out_proj.load_state_dict(ours.W_o.state_dict())
    hidden = torch.rand(B, n, n) < 0.5
    hidden.diagonal(dim1=1, dim2=2).fill_(False)
    X, G = draw(B, n, d).requires_grad_(), draw(B, n, d)
    Y = ours(X, hidden[:, None])
    Z, _ = theirs(X, X, X, attn_mask=hidden.repeat_interleave(heads, 0))
    assert torch.allclose(Y, Z, atol=1e-12)
    grads = [torch.autograd.grad(t, X, G)[0] for t in (Y, Z)]
    assert torch.allclose(*grads, atol=1e-12)
    assert ours.alpha.shape == (B, heads, n, n)
    assert (ours.alpha.masked_select(hidden[:, None]) == 0).all()


def test_reshape_is_wrong_though_its_shape_is_right(page):
    torch.manual_seed(0)
    X = draw(2, 6, 8)
    right = page["MultiHeadAttention"](8, 2).double()
    wrong = page["Reshaped"](8, 2).double()
    wrong.load_state_dict(right.state_dict())
    assert wrong.split(X).shape == right.split(X).shape
    assert (wrong(X) - right(X)).abs().max() > 1e-3


def test_codes_by_the_formula(page):
    """sin(i / 10000^(2k/d)) and the cosine beside it; scores by distance."""
    for n, d, base in [(5, 2, 10000), (9, 6, 10000), (4, 8, 100)]:
        P = page["positions"](n, d, base)
        assert P.shape == (n, d)
        for i in range(n):
            for k in range(d // 2):
                angle = i / base ** (2 * k / d)
                want = [math.sin(angle), math.cos(angle)]
                assert P[i, 2 * k : 2 * k + 2].tolist() == pytest.approx(want, abs=1e-6)
    scores = page["positions"](40, 16) @ page["positions"](40, 16).T
    for gap in (1, 5, 20):
        row = scores.diagonal(gap)
        assert (row - row[0]).abs().max() < 1e-4


@pytest.mark.parametrize("reach", [0, 1, 2, 9])
def test_local_attention_by_loops(page, reach):
    torch.manual_seed(2)
    q, k, v = draw(2, 6, 5), draw(2, 6, 5), draw(2, 6, 5)

    def weight(b, i, j):
        return (q[b, i] @ k[b, j]).item() / 5**0.5 if abs(i - j) <= reach else None

    want = mixed(q, k, v, weight)
    assert torch.allclose(page["local_attention"](q, k, v, reach), want, atol=1e-12)


@pytest.mark.parametrize("stride", [1, 2, 3, 6])
def test_strided_attention_by_loops(page, stride):
    torch.manual_seed(3)
    q, k, v = draw(2, 6, 5), draw(2, 6, 5), draw(2, 6, 4)

    def weight(b, i, j):
        return (q[b, i] @ k[b, j]).item() / 5**0.5 if (i - j) % stride == 0 else None

    want = mixed(q, k, v, weight)
    assert torch.allclose(page["strided_attention"](q, k, v, stride), want, atol=1e-12)


def test_linear_attention_by_loops(page):
    """A softmax of the logarithms of the positive products is their share."""
    torch.manual_seed(4)
    q, k, v = draw(2, 5, 3), draw(2, 5, 3), draw(2, 5, 4)

    def phi(x):
        return [t + 1 if t > 0 else math.exp(t) for t in x.tolist()]

    def product(b, i, j):
        return math.log(sum(x * y for x, y in zip(phi(q[b, i]), phi(k[b, j]), strict=True)))

    full = mixed(q, k, v, product)
    assert torch.allclose(page["linear_attention"](q, k, v), full, atol=1e-12)
    causal = mixed(q, k, v, lambda b, i, j: product(b, i, j) if j <= i else None)
    assert torch.allclose(page["causal_linear"](q, k, v)[0], causal, atol=1e-12)


def test_kernel_regression_by_loops(page):
    keys, values = torch.tensor([0.0, 1, 3]), torch.tensor([2.0, -1, 5])
    for x in (0.0, 0.7, 2.5):
        for w in (0.5, 2.0):
            a = softmax([-((w * (x - key)) ** 2) / 2 for key in keys.tolist()])
            want = sum(s * y for s, y in zip(a, values.tolist(), strict=True))
            got = page["estimate"](torch.tensor([x]), keys, values, w)
            assert got.item() == pytest.approx(want, abs=1e-5)


def test_offsets_are_read_from_query_to_key(page):
    """Raise the bonus of one offset: only weights of keys that far to the right grow."""
    torch.manual_seed(5)
    net = page["RelativeAttention"](4, 1, longest=6).double()
    with torch.no_grad():
        net.bonus.zero_()
        net.bonus[5 + 2] = 50.0
        net.W_v.weight.copy_(torch.eye(4))
        net.W_o.weight.copy_(torch.eye(4))
        net.W_v.bias.zero_()
        net.W_o.bias.zero_()
    X = draw(1, 6, 4)
    assert torch.allclose(net(X)[0, :4], X[0, 2:], atol=1e-9)


def test_ring_asks_for_the_token_before_and_the_third_after(page):
    tokens, target = page["examples"](5)
    for i in range(8):
        assert torch.equal(target[:, i, 0], tokens[:, (i - 1) % 8])
        assert torch.equal(target[:, i, 1], tokens[:, (i + 3) % 8])


def test_masks_of_pytorch_have_opposite_meanings():
    """What the page says of them: True hides in the one and shows in the other."""
    torch.manual_seed(6)
    layer = nn.MultiheadAttention(4, 1, batch_first=True)
    X = torch.randn(1, 3, 4)
    only = torch.tensor([[False, True, True]])
    _, alpha = layer(X, X, X, key_padding_mask=only)
    assert alpha[0, :, 0].tolist() == pytest.approx([1, 1, 1])
    shown = F.scaled_dot_product_attention(X, X, X, attn_mask=~only)
    assert torch.allclose(shown, X[:, :1].expand(1, 3, 4))


test_boxes = judged([
    ("pr-sa-shuffle", "a", "right"), ("pr-sa-share", "c", "slip"),
    ("ex-sa-cues", "a", "right"), ("ex-sa-cues-sum", "10", "right"),
    ("ex-sa-cues-sum", "1", "slip"), ("ex-sa-data", "0.135", "right"),
    ("ex-sa-data", "e^-2", "right"), ("ex-sa-data", "13.5%", "right"),
    ("ex-sa-data", "0.607", "slip"), ("ex-sa-data", "0.5", "wrong"),
    ("ex-sa-data-more", "b", "right"), ("ex-sa-width", "7.39", "right"),
    ("ex-sa-width", "e^2", "right"), ("ex-sa-width", "1.133", "slip"),
    ("ex-sa-width", "1.649", "slip"), ("ex-sa-width", "54.6", "slip"),
    ("ex-sa-width-self", "c", "right"), ("ex-sa-heads", "b", "right"),
    ("ex-sa-heads-saved", "1/4", "right"), ("ex-sa-heads-saved", "25%", "right"),
    ("ex-sa-heads-saved", "0.25", "right"), ("ex-sa-heads-saved", "0", "slip"),
    ("ex-sa-heads-saved", "3/4", "slip"), ("ex-sa-width", "7.4", "right"),
    ("ex-sa-deep", "1/1024", "right"), ("ex-sa-deep", "2^-10", "right"),
    ("ex-sa-deep", "0.000977", "right"), ("ex-sa-deep", "0.1%", "right"),
    ("ex-sa-deep", "0.0563", "slip"), ("ex-sa-deep", "0.5", "slip"),
    ("ex-sa-deep-cure", "b", "right"), ("ex-sa-learned-table", "131072", "right"),
    ("ex-sa-learned-table", "131,072", "right"), ("ex-sa-learned-table", "512*256", "right"),
    ("ex-sa-learned-offsets", "1023", "right"), ("ex-sa-learned-offsets", "1024", "slip"),
    ("ex-sa-learned-rows", "412", "right"), ("ex-sa-learned-rows", "100", "slip"),
    ("ex-sa-count-parameters", "263,168", "right"), ("ex-sa-count-parameters", "262144", "slip"),
    ("ex-sa-count-scale", "1/sqrt(32)", "right"), ("ex-sa-count-scale", "0.177", "right"),
    ("ex-sa-count-scale", "0.0625", "slip"), ("ex-sa-count-work", "2672640", "right"),
    ("ex-sa-count-work", "2,621,440", "slip"), ("ex-sa-recurrent-state", "1056", "right"),
    ("ex-sa-recurrent-state", "1024", "slip"), ("ex-sa-recurrent-longer", "17", "right"),
    ("ex-sa-recurrent-longer", "16", "slip"),
])  # fmt: skip

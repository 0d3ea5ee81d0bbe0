"""Independent checks of the page on the transformer block; none of its own asserts is used."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from tests.kit.pages import definitions, judged, maker

PAGE = "ch10_attention/transformer_and_bert"
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, ("NAMES",))


def layer_norm(x: list[float], gain, shift, eps: float) -> list[float]:
    """One token, by the definition."""
    mean = sum(x) / len(x)
    var = sum((v - mean) ** 2 for v in x) / len(x)
    return [(v - mean) / math.sqrt(var + eps) * g + s
            for v, g, s in zip(x, gain.tolist(), shift.tolist(), strict=True)]  # fmt: skip


def gelu(v: float) -> float:
    """v times the normal distribution function."""
    return v * (1 + math.erf(v / math.sqrt(2))) / 2


@pytest.mark.parametrize("pre", [False, True])
def test_block_by_loops(page, pre):
    """One token at a time; the attention is the module's own, tested on 10.5."""
    torch.manual_seed(0)
    block = page["EncoderBlock"](6, 2, 10, pre, eps=0.1).double()
    for p in block.parameters():
        nn.init.normal_(p)
    X = torch.randn(2, 3, 6).double()

    def norm(which, X):
        layer = getattr(block, which)
        rows = [layer_norm(x, layer.weight, layer.bias, 0.1) for x in X.flatten(0, 1).tolist()]
        return torch.tensor(rows, dtype=torch.float64).reshape(X.shape)

    def dense(X):
        first, last = block.ffn[0], block.ffn[2]
        rows = []
        for x in X.flatten(0, 1):
            h = torch.tensor([gelu(v) for v in (first.weight @ x + first.bias).tolist()])
            rows.append(last.weight @ h.double() + last.bias)
        return torch.stack(rows).reshape(X.shape)

    if pre:
        H = X + block.attention(norm("norm1", X))
        want = H + dense(norm("norm2", H))
    else:
        H = norm("norm1", X + block.attention(X))
        want = norm("norm2", H + dense(H))
    assert torch.allclose(block(X), want, atol=1e-5)


def test_attention_reads_its_memory(page):
    """Cross-attention by PyTorch's function, with another length and a mask."""
    torch.manual_seed(1)
    net = page["MultiHeadAttention"](8, 4).double()
    X, M = torch.randn(2, 3, 8).double(), torch.randn(2, 5, 8).double()
    hidden = torch.tensor([[0, 0, 0, 0, 0], [0, 0, 0, 1, 1]]).bool()[:, None, None]
    q, k, v = (net.split(t) for t in (net.W_q(X), net.W_k(M), net.W_v(M)))
    want = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=~hidden)
    want = net.W_o(want.transpose(1, 2).flatten(2))
    assert torch.allclose(net(X, hidden, M), want, atol=1e-12)
    assert net.alpha.shape == (2, 4, 3, 5)
    net.change = lambda alpha, v: (alpha, v * 0)
    assert torch.allclose(net(X, hidden, M), net.W_o.bias.expand(2, 3, 8))


def test_decoder_sees_its_past_and_the_whole_source(page):
    torch.manual_seed(2)
    block = page["DecoderBlock"](8, 2, 12).double()
    X, M = torch.randn(1, 4, 8).double(), torch.randn(1, 3, 8).double()
    Y = block(X, M)
    for i in range(4):
        other = X.clone()
        other[:, i] += 1
        change = (block(other, M) - Y).abs().amax((0, 2))
        assert (change[:i] == 0).all() and (change[i:] > 0).all()
    for j in range(3):
        other = M.clone()
        other[:, j] += 1
        assert ((block(X, other) - Y).abs().amax((0, 2)) > 0).all()
    hidden = torch.tensor([False, False, True])[None, None, None]
    other = M.clone()
    other[:, 2] += 1
    assert torch.equal(block(X, M, hidden), block(X, other, hidden))


def test_every_name_of_the_library_finds_its_place(page):
    """The state dict of a BertModel of other sizes goes in whole, and its states come out."""
    from transformers import BertConfig, BertModel

    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=50, hidden_size=24, num_hidden_layers=2, num_attention_heads=3,
        intermediate_size=40, attn_implementation="eager",
    )  # fmt: skip
    theirs = BertModel(config, add_pooling_layer=False).eval()
    ours = page["Bert"](V=50, d=24, heads=3, f=40, L=2).eval()
    for p in theirs.parameters():
        nn.init.normal_(p, std=0.3)
    state = {page["renamed"](k): v for k, v in theirs.state_dict().items()}
    found = ours.load_state_dict(state, strict=False)
    assert not found.missing_keys
    ids = torch.randint(50, (3, 6))
    mask = (torch.arange(6) < torch.tensor([6, 4, 5])[:, None]).long()
    kinds = torch.randint(2, (3, 6))
    with torch.no_grad():
        want = theirs(
            input_ids=ids, attention_mask=mask, token_type_ids=kinds, output_hidden_states=True
        ).hidden_states
        got = ours(ids, mask, kinds)
    assert len(got) == len(want) == 3
    for a, b in zip(got, want, strict=True):
        assert (a - b).abs().max() < 1e-4


def test_multiply_adds_counts_products(page):
    page["FlopCounterMode"] = FlopCounterMode
    assert page["multiply_adds"](nn.Linear(3, 5), torch.randn(7, 3)) == 105


def test_additive_scores_by_loops(page):
    torch.manual_seed(4)
    q, k, w = torch.randn(3, 4), torch.randn(2, 4), torch.randn(4)
    got = page["additive"](q, k, w)
    for i in range(3):
        for j in range(2):
            parts = zip(q[i].tolist(), k[j].tolist(), w.tolist(), strict=True)
            want = sum(math.tanh(a + b) * c for a, b, c in parts)
            assert got[i, j].item() == pytest.approx(want, abs=1e-5)


def test_patches_are_squares_of_the_image(page):
    """With the identity as map, token 5 of 16 is the square two rows down and one to the right."""
    vit = page["SmallViT"](places=False)
    seen = []
    vit.embed.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0]))
    X = torch.arange(64.0).reshape(1, 8, 8)
    assert vit(X).shape == (1, 10)
    assert seen[0].shape == (1, 16, 4)
    assert seen[0][0, 5].tolist() == X[0, 2:4, 2:4].flatten().tolist()
    assert seen[0][0, 12].tolist() == X[0, 6:8, 0:2].flatten().tolist()


def test_ranks(page):
    assert page["ranks"]([0.3, 0.1, 0.9]).tolist() == [1, 0, 2]


def test_the_study_uses_the_pages_blocks(page):
    study = maker(PAGE)
    for kind, name in [("post", "EncoderBlock"), ("pre", "EncoderBlock"), ("none", "NoResidual")]:
        net = study.Net(page, kind, 3)
        assert [type(b).__name__ for b in net.blocks] == [name] * 3
        assert all(b.pre_norm == (kind == "pre") for b in net.blocks)
        assert isinstance(net.norm, nn.LayerNorm) == (kind == "pre")
        assert net(torch.randint(10, (2, 8))).shape == (2, 8, 10)


test_boxes = judged([
    ("pr-tb-share", "a", "right"), ("pr-tb-share", "c", "slip"),
    ("pr-tb-cls", "a", "right"), ("pr-tb-cls", "b", "slip"),
    ("ex-tb-deep", "1.47", "right"), ("ex-tb-deep", "1.4718", "right"),
    ("ex-tb-deep", "33212160/22565376", "right"), ("ex-tb-deep", "2", "slip"),
    ("ex-tb-deep", "0.472", "slip"), ("ex-tb-deep-work", "2", "right"),
    ("ex-tb-deep-work", "1.47", "slip"), ("ex-tb-deep-work", "200%", "right"),
    ("ex-tb-additive", "8388608", "right"), ("ex-tb-additive", "8,388,608", "right"),
    ("ex-tb-additive", "512^2*32", "right"), ("ex-tb-additive", "262144", "slip"),
    ("ex-tb-additive-bound", "a", "right"), ("ex-tb-language", "a", "right"),
    ("ex-tb-language-pairs", "61", "right"), ("ex-tb-language-pairs", "55", "slip"),
    ("ex-tb-long-memory", "4.83", "right"), ("ex-tb-long-memory", "4.8", "right"),
    ("ex-tb-long-memory", "4.8 GB", "right"), ("ex-tb-long-memory", "0.8", "slip"),
    ("ex-tb-long-memory", "1.2", "slip"), ("ex-tb-long-share", "64%", "right"),
    ("ex-tb-long-share", "0.64", "right"), ("ex-tb-long-share", "16/25", "right"),
    ("ex-tb-long-share", "36%", "slip"), ("ex-tb-long-local", "38%", "right"),
    ("ex-tb-long-local", "0.38", "right"), ("ex-tb-long-local", "3.1%", "slip"),
    ("ex-tb-vision", "197", "right"), ("ex-tb-vision", "196", "slip"),
    ("ex-tb-vision-embed", "590592", "right"), ("ex-tb-vision-embed", "589824", "slip"),
    ("ex-tb-vision-places", "b", "right"), ("ex-tb-count", "108891648", "right"),
    ("ex-tb-count", "108,891,648", "right"), ("ex-tb-count", "109482240", "slip"),
    ("ex-tb-count-decoder", "2363904", "right"), ("ex-tb-count-decoder", "2362368", "slip"),
    ("ex-tb-masked", "60", "right"), ("ex-tb-masked", "75", "slip"),
    ("ex-tb-long-memory", "4.5", "slip"), ("ex-tb-vision", "50177", "slip"),
    ("ex-tb-masked-signal", "6.65", "right"), ("ex-tb-masked-signal", "6.7", "right"),
    ("ex-tb-masked-signal", "8.3", "slip"), ("ex-tb-masked-stay", "a", "right"),
])  # fmt: skip

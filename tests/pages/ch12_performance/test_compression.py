"""Independent checks of the page on quantisation and pruning."""

from __future__ import annotations

import io
import itertools

import pytest
import torch
from torch import nn
from torch.nn.utils import prune

from tests.kit.pages import definitions, judged, maker

PAGE = "ch12_performance/compression"
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, io=io, nn=nn, prune=prune, pairwise=itertools.pairwise)


@pytest.mark.parametrize("q", [2, 3, 5, 8])
@pytest.mark.parametrize("ends", [(-1.0, 3.0), (0.2, 7.0), (-5.0, -0.1), (-2.0, 2.0)])
def test_affine_by_a_list_of_levels(page, q, ends):
    """Of all levels the nearest is chosen; zero is one; both ends get the end codes."""
    x = torch.linspace(*ends, 1001)
    s, z = page["affine"](x, q)
    codes = page["quantise"](x, s, z, q)
    levels = s * (torch.arange(2**q) - z)
    assert levels.abs().min() == 0
    gap = (x[:, None] - levels).abs()
    assert torch.allclose(gap.min(1).values, (s * (codes - z) - x).abs(), atol=1e-5)
    assert gap.min(1).values.max() <= s / 2 * (1 + 1e-4)
    low, high = min(ends[0], 0), max(ends[1], 0)
    both = page["quantise"](torch.tensor([low, high]), s, z, q)
    if low != -high:  # else both ends lie half-way between two codes
        assert both.tolist() == [0, 2**q - 1]


@pytest.mark.parametrize(("q", "G"), [(8, 60), (8, 12), (4, 4), (2, 3), (3, 1)])
def test_symmetric_group_by_group(page, q, G):
    torch.manual_seed(G)
    W = torch.randn(5, 12)
    codes, s = page["symmetric"](W, q, G)
    top = 2 ** (q - 1) - 1
    assert codes.shape == (60 // G, G) and s.shape == (60 // G, 1)
    for part, k, scale in zip(W.flatten().split(G), codes, s, strict=True):
        assert scale.item() == pytest.approx(part.abs().max().item() / top)
        assert k.abs().max() == top
        assert (part - k * scale).abs().max() <= scale / 2 * (1 + 1e-5)


def test_zeros_stay(page):
    """A batch that is all zero has a scale, too."""
    s, z = page["affine"](torch.zeros(3), 7)
    assert s > 0 and not (s * (page["quantise"](torch.zeros(3), s, z, 7) - z)).any()
    codes, scale = page["symmetric"](torch.randn(4, 3), 8, 12)
    dead = page["int8_linear"](torch.zeros(2, 3), codes.view(4, 3), scale.item(), torch.ones(4))
    assert torch.equal(dead, torch.ones(2, 4))


def test_a_group_of_zeros_stays(page):
    codes, s = page["symmetric"](torch.zeros(2, 4), 4, 4)
    assert not codes.any() and torch.isfinite(s).all()


@pytest.mark.parametrize("rows", [False, True])
def test_int8_layer_equals_the_dequantised_product(page, rows):
    torch.manual_seed(2)
    W, b, X = torch.randn(7, 11), torch.randn(7), torch.randn(5, 11)
    k, s = page["symmetric"](W, 8, 11 if rows else 77)
    k, s = k.view(7, 11), s.flatten() if rows else s.item()
    got = page["int8_linear"](X, k, s, b)
    s_x, z = page["affine"](X, 7)
    codes = page["quantise"](X, s_x, z, 7)
    assert codes.dtype == k.dtype == torch.int32 and codes.max() <= 127
    want = (s_x * (codes - z)).double() @ (torch.as_tensor(s).view(-1, 1) * k).double().T + b
    assert torch.allclose(got.double(), want, atol=1e-4)
    assert (got - (X @ W.T + b)).abs().max() < 0.5
    given = page["int8_linear"](X, k, s, b, (s_x, z))
    assert torch.equal(got, given)
    clipped = page["int8_linear"](100 * X, k, s, b, (s_x, z))
    assert clipped.abs().max() < (100 * X @ W.T).abs().max() / 5


def test_packed_codes(page):
    k = torch.tensor(list(itertools.product(range(-7, 8), repeat=2)), dtype=torch.int32)
    packed = page["pack"](k)
    assert packed.dtype == torch.uint8 and packed.numel() == 225 == len(packed.unique())
    assert torch.equal(page["unpack"](packed).view(-1, 2), k)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.77, 1.0])
def test_smallest_is_torch_s_mask(page, share):
    torch.manual_seed(1)
    layer = nn.Linear(9, 6)
    mask = page["smallest"](layer.weight.detach(), share)
    prune.l1_unstructured(layer, "weight", share)
    assert torch.equal(mask, layer.weight_mask)


def test_units_leave_with_their_constants(page):
    """Unit by unit: sums over the kept ones, and what the others say without inputs."""
    torch.manual_seed(4)
    a, c = nn.Linear(4, 6).double(), nn.Linear(6, 3).double()
    keep = torch.tensor([True, False, True, False, False, True])
    with torch.no_grad():
        a.weight[~keep] = 0
    one, two = page["without"](a, c, keep)
    x = torch.randn(8, 4, dtype=torch.float64)
    want = c(a(x).relu())
    got = two.double()(one.double()(x).relu())
    assert torch.allclose(got, want, atol=1e-6)
    assert one.weight.shape == (3, 4) and two.weight.shape == (3, 3)
    assert not torch.allclose(two.bias, c.bias)


def test_bytes_of_a_file(page):
    few, more = (page["on_disk"](torch.zeros(n)) for n in (1000, 3000))
    assert more - few == pytest.approx(8000, abs=128)


def test_the_maker_cuts_as_the_page_does(page):
    made = maker(PAGE)
    torch.manual_seed(0)
    net = made.network(12, 9)
    before = [m.weight.detach().clone() for m in made.linears(net)]
    masks = made.cut(net, 0.6)
    for W, mask, layer in zip(before, masks, made.linears(net), strict=True):
        assert torch.equal(mask, page["smallest"](W, 0.6))
        assert torch.equal(layer.weight, W * mask)
    made.train(net, 1e-2, 5, masks)
    for mask, layer in zip(masks, made.linears(net), strict=True):
        assert not layer.weight[mask == 0].any()


def test_the_maker_cuts_in_rounds_to_the_same_share():
    made = maker(PAGE)
    made.UPDATES, whole, shares = 10, made.cut, []
    made.cut = lambda net, share: shares.append(share) or whole(net, share)
    torch.manual_seed(0)
    net = made.network(12, 9)
    before = [m.weight.detach().clone() for m in made.linears(net)]
    for layer, W in zip(made.linears(made.in_rounds(net, 0.9, 1e-3)), before, strict=True):
        assert (layer.weight == 0).float().mean() == pytest.approx(0.9, abs=0.02)
        assert not torch.equal(layer.weight, W)
    assert all(torch.equal(m.weight, W) for m, W in zip(made.linears(net), before, strict=True))
    left = [1.0, *(1 - share for share in shares)]
    assert [b / a for a, b in itertools.pairwise(left)] == pytest.approx([0.1 ** (1 / 5)] * 5)


def test_the_maker_s_small_network_has_the_longest_rows():
    made = maker(PAGE)
    torch.manual_seed(0)
    net = made.network(12, 9)
    small = made.fewer_units(net, (5, 3))
    assert [m.weight.shape for m in made.linears(small)] == [(5, 64), (3, 5), (10, 3)]
    a, b, c = made.linears(net)
    i = sorted(range(12), key=lambda k: -a.weight[k].norm())[:5]
    j = sorted(range(9), key=lambda k: -b.weight[k].norm())[:3]
    h = a(torch.ones(64)).relu() * torch.tensor([k in i for k in range(12)])
    h = b(h).relu() * torch.tensor([k in j for k in range(9)])
    assert torch.allclose(small(torch.ones(64)), c(h), atol=1e-5)


test_answers = judged(
    [
        ("pr-compr-file", "c", "right"),
        ("pr-compr-file", "a", "leaves zeros out"),
        ("pr-compr-root", "b", "right"),
        ("pr-compr-root", "c", "one sign"),
        ("ex-compr-thirty-zeros", "60", "right"),
        ("ex-compr-thirty-zeros", "66", "Biases"),
        ("ex-compr-thirty-zeros", "6", "counts rows"),
        ("ex-compr-thirty-shape", "(14, 10)", "right"),
        ("ex-compr-thirty-shape", "14 x 10", "right"),
        ("ex-compr-thirty-shape", "(20, 7)", "outputs"),
        ("ex-compr-thirty-shape", "(10, 14)", "stores"),
        ("ex-compr-hand-z", "64", "right"),
        ("ex-compr-hand-z", "63", "nearest"),
        ("ex-compr-hand-code", "96", "right"),
        ("ex-compr-hand-code", "32", "zero point"),
        ("ex-compr-hand-error", "0.00196", "right"),
        ("ex-compr-hand-error", "1/510", "right"),
        ("ex-compr-hand-error", "0.0078", "largest"),
        ("ex-compr-index-float", "1/3", "right"),
        ("ex-compr-index-float", "33.3%", "right"),
        ("ex-compr-index-float", "0.333", "right"),
        ("ex-compr-index-float", "0.667", "may stay"),
        ("ex-compr-index-int8", "2/3", "right"),
        ("ex-compr-index-int8", "0.667", "right"),
        ("ex-compr-index-map", "0.03125", "right"),
        ("ex-compr-index-map", "0.0312", "right"),
        ("ex-compr-index-map", "3.1 %", "right"),
        ("ex-compr-index-map", "0.25", "bit, not a byte"),
        ("ex-compr-accumulator-n", "65,793", "right"),
        ("ex-compr-accumulator-n", "65793", "right"),
        ("ex-compr-accumulator-n", "65792", "the most"),
        ("ex-compr-accumulator-bits", "6", "the most"),
        ("ex-compr-accumulator-bits", "7", "right"),
        ("ex-compr-accumulator-bits", "8", "Two times"),
        ("ex-compr-sum-bound", "2.0", "right"),
        ("ex-compr-sum-bound", "4", "half a step"),
        ("ex-compr-sum-typical", "0.0577", "right"),
        ("ex-compr-sum-typical", "0.2/sqrt(12)", "right"),
        ("ex-compr-sum-typical", "0.058", "right"),
        ("ex-compr-sum-typical", "1.155", "Variances"),
        ("ex-compr-row-one", "3", "right"),
        ("ex-compr-row-one", "255", "scale of its own"),
        ("ex-compr-row-one", "2", "near 0"),
        ("ex-compr-row-factor", "127", "right"),
        ("ex-compr-row-factor", "2", "doubles"),
        ("ex-compr-unit-plus", "-1", "right"),
        ("ex-compr-unit-plus", "−1.0", "right"),
        ("ex-compr-unit-plus", "1", "sign"),
        ("ex-compr-unit-minus", "0", "right"),
        ("ex-compr-unit-minus", "1", "through ReLU"),
        ("ex-compr-saliency-large", "0.0009", "right"),
        ("ex-compr-saliency-large", "9e-4", "right"),
        ("ex-compr-saliency-large", "0.09", "input counts"),
        ("ex-compr-saliency-small", "0.01", "right"),
        ("ex-compr-saliency-small", "0.1", "squared"),
    ],
)

"""Independent checks of the page on looking inside CNNs; none of its own asserts is used."""

# ruff: noqa: E501
from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.stats import spearmanr
from sklearn.decomposition import PCA
from torch import nn

from dlworkbook.experiments import experiment
from dlworkbook.widgets.grad_cam import GradCam, make_runs
from tests.kit.pages import definitions, judged, maker

PAGE = "ch07_modern_convolutional_networks/looking_inside_cnns"
torch.set_num_threads(1)


class Small(nn.Module):
    """Two convolutions, pooling and a linear head: small enough for differences."""

    def __init__(self, flat: bool = False) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(3, 4, 3, 2), nn.Conv2d(4, 5, 3)
        self.act, self.flat = nn.ReLU6(), flat
        self._fc = nn.Linear(5 * 20 if flat else 5, 7)

    def forward(self, X):
        A = self.act(self.two(self.act(self.one(X))))
        return self._fc(A.flatten(1) if self.flat else A.mean((2, 3)))


@pytest.fixture
def page():
    return definitions(PAGE)


def small(page, flat: bool = False) -> tuple[Small, torch.Tensor]:
    torch.manual_seed(3)
    net = Small(flat).double().eval()
    page["ask"].__globals__["net"] = net
    return net, torch.rand(2, 3, 13, 15, dtype=torch.float64)


def test_square_is_the_middle(page):
    """A wide grey picture, a tall coloured one, and no change of a 224 x 224 one."""
    wide = np.zeros((100, 180), np.uint8)
    wide[:, 40:140] = 255
    assert torch.allclose(page["square"](wide), torch.ones(1, 3, 224, 224))
    tall = np.zeros((180, 100, 3), np.uint8)
    tall[40:140, :, 1] = 255
    P = page["square"](tall)
    assert P[:, 1].min() > 0.999 and P[:, [0, 2]].max() == 0
    own = np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8)
    assert torch.allclose(page["square"](own)[0], torch.tensor(own / 255).float().permute(2, 0, 1))


def test_watch_hands_out_the_last_call_and_leaves_no_hook(page):
    net, P = small(page)
    (first, act), z = page["watch"](P, net.one, net.act)
    assert torch.equal(first, net.one(2 * P - 1)) and torch.equal(z, net(2 * P - 1))
    assert act.shape[1] == 5, "the second call of the activation"
    assert not net.act._forward_hooks and not net.one._forward_hooks


@pytest.mark.parametrize("flat", [False, True])
def test_grad_cam_by_differences(page, flat):
    """Weights from raising a whole channel; maps by loops."""
    net, P = small(page, flat)
    for name, c in (("one", 2), ("act", 4)):
        layer = getattr(net, name)
        (A,), _ = page["watch"](P, layer)
        got = page["grad_cam"](layer, P, c, relu=False)
        for b, k in itertools.product(range(2), range(A.shape[1])):
            scores = []
            for sign in (1, -1):
                def raised(module, inputs, output, k=k, sign=sign, K=A.shape[1]):
                    if output.shape[1] != K:
                        return output
                    return output + sign * 1e-6 * (torch.arange(K) == k)[:, None, None]

                handle = layer.register_forward_hook(raised)
                scores.append(net(2 * P - 1)[b, c].item())
                handle.remove()
            alpha = (scores[0] - scores[1]) / 2e-6 / A[0, 0].numel()
            got[b] -= alpha * A[b, k].detach()
        assert got.abs().max() < 1e-6


def test_sum_is_the_score_only_if_pooled(page):
    for flat in (False, True):
        net, P = small(page, flat)
        M = page["grad_cam"](net.act, P, 1, relu=False)
        off = (M.sum((1, 2)) + net._fc.bias[1] - net(2 * P - 1)[:, 1]).abs().max()
        assert (off < 1e-9) == (not flat)
        assert torch.equal(page["grad_cam"](net.act, P, 1), M.relu())


def test_weigh_without_the_mean_splits_a_linear_score(page):
    torch.manual_seed(0)
    A, V = torch.randn(2, 3, 4, 5), torch.randn(2, 3, 4, 5)
    got = page["weigh"](A, V, mean=False)
    assert torch.allclose(got.sum((1, 2)), (A * V).sum((1, 2, 3)), atol=1e-5)
    assert not torch.allclose(page["weigh"](A, V), got)


def test_cover_hides_these_squares_alone(page):
    P = torch.rand(1, 3, 224, 224)
    C = page["cover"](P, torch.tensor([[0, 8], [48, 20]]), 0.25)
    for n, squares in enumerate(([0, 8], [48, 20])):
        same = (C[n] == P[0]).all(0).reshape(7, 32, 7, 32).transpose(1, 2).flatten(2).all(2).flatten()
        assert (~same).nonzero().flatten().tolist() == sorted(squares)
        r, c = divmod(squares[1], 7)
        assert (C[n][:, 32 * r:32 * r + 32, 32 * c:32 * c + 32] == 0.25).all()


def test_rank_correlation_is_spearman_s(page):
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 7, 7))
    assert page["rank_correlation"](a, a + b) == pytest.approx(spearmanr(a.ravel(), (a + b).ravel())[0])
    assert page["rank_correlation"](a, -a) == pytest.approx(-1)


def test_shares_of_halves(page):
    maps = torch.zeros(1, 7, 7)
    maps[0, 2, 6] = 1
    assert page["in_own_half"](maps, 1).item() == pytest.approx(1)
    assert page["in_own_half"](torch.ones(1, 7, 7), 0).item() == pytest.approx(0.5)


def test_guided_by_hand(page):
    """Each ReLU lets positive gradients back, by loops through the layers."""
    net, P = small(page)
    P = P[:1]
    X = 2 * P - 1
    a = net.one(X)
    h = net.act(a)
    b = net.two(h)

    def open_(v):
        return ((v > 0) & (v < 6)).double()

    d = net._fc.weight[2][None, :, None, None].expand_as(b) / b[0, 0].numel()
    d = (d * open_(b)).clamp(min=0)
    d = F.conv_transpose2d(d, net.two.weight)
    d = (d * open_(a)).clamp(min=0)
    d = torch.autograd.grad(net.one(X.requires_grad_()), X, d)[0] * 2
    got = page["guided"](P, 2)
    assert torch.allclose(got, d[0].abs().amax(0), atol=1e-9)
    assert not net.act._backward_hooks
    plain = page["gradient"](P, 2)
    assert not torch.allclose(plain, got)


def test_pca_is_scikit_learn_s(page):
    Z = torch.randn(40, 6, dtype=torch.float64) * torch.arange(1, 7)
    ours, theirs = page["pca"](Z).numpy(), PCA(2).fit_transform(Z.numpy())
    assert np.allclose(np.abs(ours), np.abs(theirs), atol=1e-8)


def test_neighbours_by_loops():
    torch.manual_seed(0)
    Z = torch.randn(30, 4)
    kinds = np.arange(30) % 6
    unit, right = Z.double().numpy(), 0
    unit = unit / np.linalg.norm(unit, axis=1, keepdims=True)
    for i in range(30):
        far = [np.linalg.norm(unit[i] - unit[j]) if j != i else np.inf for j in range(30)]
        near = np.argsort(far)[:5]
        right += np.bincount(kinds[near], minlength=6).argmax() == kinds[i]
    assert maker(PAGE).neighbours(Z, torch.tensor(kinds)) == pytest.approx(right / 30)


def test_gradients_and_covers_of_the_maker_are_the_page_s(page):
    """The maker of what is stored draws and covers as the page does."""
    made, (net, P) = maker(PAGE), small(page)
    for how in ("gradient", "guided"):
        assert torch.allclose(getattr(made, how)(net, P[:1], 2), page[how](P[:1], 2), atol=1e-12)
    assert not torch.allclose(made.guided(net, P[:1], 2), made.gradient(net, P[:1], 2))
    P = torch.rand(1, 3, 224, 224)
    for fill in (0.5, P.mean((2, 3), keepdim=True), P.flip(3)):
        assert torch.equal(made.covered(P, [3, 41], fill), page["cover"](P, torch.tensor([[3, 41]]), fill))


@pytest.mark.slow
def test_stored_numbers_by_the_page_s_functions(page):
    """Some of what the experiment kept, computed anew."""
    study, names = experiment(PAGE), list(make_runs.IMAGES)
    page["ask"].__globals__["net"] = make_runs.network()
    P = make_runs.photograph("cat")
    p = page["odds"](page["cover"](P, torch.tensor([[0], [24], [48]])), 285)
    assert p.tolist() == pytest.approx([study["one"]["cat"][k] for k in (0, 24, 48)], abs=1e-3)
    assert all(len(study["one"][name]) == 49 and len(study["fills"][name]) == 4 for name in names)
    P = torch.cat([make_runs.photograph(part)[..., 56:168] for part in ("astronaut", "cat")], 3)
    for how in ("gradient", "guided"):                  # the last pair of the ring
        picture = page[how](P, make_runs.CLASSES["cat"])
        share = picture[:, 112:].sum() / picture.sum()
        assert share.item() == pytest.approx(study["own"][how][-1], abs=1e-3)


@pytest.mark.slow
def test_page_and_widget_have_the_same_numbers(page):
    """Probability, hot and cold squares of each photograph, as stored by the widget."""
    from skimage import data

    net = make_runs.network()
    page["ask"].__globals__["net"] = net
    for photo, target in (("coffee", "espresso"), ("cat", "cat"), ("rocket", "missile"),
                          ("camera", "tripod"), ("astronaut", "bobsleigh")):  # fmt: skip
        P = page["square"](getattr(data, make_runs.IMAGES[photo])())
        assert torch.allclose(P, make_runs.photograph(photo), atol=1e-6)
        c = make_runs.CLASSES[target]
        order = page["grad_cam"](net._swish, P, c).flatten().argsort(descending=True)
        p = page["odds"](page["cover"](P, torch.stack([order[:12], order[-12:]])), c)
        for how, value in (("nothing", page["odds"](P, c)[0]), ("hot", p[0]), ("cold", p[1])):
            odds = GradCam(photo=photo, target=target, cover=how).chances()
            assert odds["p" if how == "nothing" else "after"] == pytest.approx(value.item(), abs=3e-4)


def test_the_widget_shows_what_the_page_asks_for():
    """Its four tasks, from the stored data."""
    assert GradCam().facts()["across"] > 50 > GradCam(target="cat").facts()["across"]
    assert GradCam(target="shuttle").chances()["p"] < 5e-4
    assert not GradCam(target="shuttle").facts()["none"]
    assert GradCam(target="cat", layer="b14").facts()["across"] > 60
    hot, cold = (GradCam(photo="coffee", cover=how).chances()["after"] for how in ("hot", "cold"))
    assert hot < cold / 2


test_boxes = judged([
    ("pr-look-alpha", "0.02", "right"), ("pr-look-alpha", "0.98/49", "right"),
    ("pr-look-alpha", "2e-2", "right"), ("pr-look-alpha", "0.98", "slip"),
    ("pr-look-alpha", "0.14", "slip"), ("pr-look-head", "b", "right"), ("pr-look-head", "a", "slip"),
    ("pr-look-square", "b", "right"), ("pr-look-square", "a", "slip"),
    ("ex-look-hand-map", "2 0; 1 0", "right"), ("ex-look-hand-map", "[[2, 0], [1, 0]]", "right"),
    ("ex-look-hand-map", "2 -2; 1 0", "slip"), ("ex-look-hand-map", "8 0; 4 0", "slip"),
    ("ex-look-hand-map", "0 0; 1 0", "wrong"),
    ("ex-look-hand-score", "1.5", "right"), ("ex-look-hand-score", "3/2", "right"),
    ("ex-look-hand-score", "3.5", "slip"), ("ex-look-hand-score", "1", "slip"),
    ("ex-look-flat-alpha", "0", "right"), ("ex-look-flat-alpha", "0.5", "slip"),
    ("ex-look-flat-alpha", "2", "slip"), ("ex-look-flat-why", "b", "right"),
    ("ex-look-softmax-alpha", "0.125", "right"), ("ex-look-softmax-alpha", "1/8", "right"),
    ("ex-look-softmax-alpha", "12.5%", "right"), ("ex-look-softmax-alpha", "0.75", "slip"),
    ("ex-look-softmax-alpha", "0.5", "slip"), ("ex-look-softmax-shift", "a", "right"),
    ("ex-look-resnet-filters", "(64, 3, 7, 7)", "right"),
    ("ex-look-resnet-filters", "64 3 7 7", "right"),
    ("ex-look-resnet-filters", "(64, 1, 7, 7)", "slip"),
    ("ex-look-resnet-share", "1/3", "right"), ("ex-look-resnet-share", "33.3%", "right"),
    ("ex-look-resnet-share", "0.333", "right"), ("ex-look-resnet-share", "2/3", "slip"),
    ("ex-look-resnet-cells", "100", "right"), ("ex-look-resnet-cells", "49", "slip"),
    ("ex-look-price-passes", "169", "right"), ("ex-look-price-passes", "13*13", "right"),
    ("ex-look-price-passes", "196", "slip"), ("ex-look-tsne-read", "c", "right"),
    ("ex-look-tsne-read", "d", "slip"),
])  # fmt: skip

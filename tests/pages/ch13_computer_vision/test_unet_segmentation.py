"""Independent checks of the page on segmentation; none of its own asserts is used."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from dlworkbook import answers, experiment
from dlworkbook.data import brain
from tests.kit.pages import definitions, judged, maker, path_of, verdict

PAGE = "ch13_computer_vision/unet_segmentation"
FULL = (64, 128, 256, 512, 1024)
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, brain=brain)


def by_hand(c_in, c_out, widths, gated) -> int:
    """Parameters, by adding up the entries of each weight and bias, layer after layer."""

    def conv(i, o, k, norm=True):
        return o * i * k * k + o + 2 * o * norm

    count, c = 0, c_in
    for w in widths:
        count, c = count + conv(c, w, 3) + conv(w, w, 3), w
    for w in reversed(widths[:-1]):
        count += 2 * w * w * 4 + w + conv(2 * w, w, 3) + conv(w, w, 3)
        if gated:
            count += 2 * conv(w, w // 2, 1) + conv(w // 2, 1, 1)
    return count + conv(widths[0], c_out, 1, norm=False)


def test_parameters_are_those_counted_by_hand(page):
    for widths in ((8, 16, 32), (4, 8, 16, 32), (6, 12)):
        for kind in ("Plain", "Gate"):
            net = page["UNet"](2, 3, widths, page[kind])
            told = sum(p.numel() for p in net.parameters())
            assert told == by_hand(2, 3, widths, kind == "Gate")
    assert by_hand(3, 1, FULL, False) == 31_043_521
    assert by_hand(3, 1, FULL, True) == 31_395_053


def test_the_full_networks_work_on_sides_divisible_by_16_alone(page):
    with torch.device("meta"):
        for kind in ("Plain", "Gate"):
            net = page["UNet"](3, 1, FULL, page[kind])
            for side in (16, 240, 256):
                assert net(torch.zeros(2, 3, side, side)).shape == (2, 1, side, side)
            for side in (248, 250):
                with pytest.raises(RuntimeError):
                    net(torch.zeros(2, 3, side, side))


def test_a_gate_multiplies_all_channels_of_a_pixel_by_one_number_in_between(page):
    torch.manual_seed(0)
    gate = page["Gate"](6).eval()
    g, x = torch.randn(2, 2, 6, 4, 5)
    ratio = (gate(g, x) / x).detach()
    assert (ratio > 0).all() and (ratio < 1).all()
    assert torch.allclose(ratio, ratio[:, :1].expand_as(ratio), atol=1e-5)
    moved = g.clone()
    moved[:, :, 0, 0] += 1  # asks no neighbour
    changed = (gate(moved, x) != gate(g, x)).any(1)
    assert changed[:, 0, 0].all() and changed.sum() == 2


def test_skips_carry_what_the_way_down_saw(page):
    """The picture reaches the output through the uppermost skip alone, if all else is cut."""
    torch.manual_seed(0)
    net = page["UNet"](1, 1, (4, 8)).eval()
    nn.init.zeros_(net.up[0].weight)
    X = torch.randn(1, 1, 8, 8, requires_grad=True)
    net(X)[0, 0, 4, 4].backward()
    seen = X.grad[0, 0].nonzero()
    assert seen.min() == 0 and seen.max() == 7 and len(seen) == 64  # 9 wide, cut by the border
    with torch.no_grad():
        assert net(X).std() > 0


def test_dice_and_its_soft_form_by_loops(page):
    rng = torch.Generator().manual_seed(1)
    z = torch.randn(3, 3, 4, 5, generator=rng)
    t = (torch.rand(3, 3, 4, 5, generator=rng) < 0.4).float()
    hard, soft = page["dice"](z, t), []
    for k in range(3):
        both = said = true = mixed = share = 0
        for n, i, j in np.ndindex(3, 4, 5):
            score, target = z[n, k, i, j].item(), t[n, k, i, j].item()
            p = 1 / (1 + np.exp(-score))
            both, said, true = both + (score > 0) * target, said + (score > 0), true + target
            mixed, share = mixed + p * target, share + p
        assert np.isclose(hard[k].item(), 2 * both / (said + true))
        soft.append((2 * mixed + 1) / (share + true + 1))
    assert np.isclose(page["soft_dice"](z, t).item(), 1 - np.mean(soft))
    empty = torch.zeros_like(t)
    assert page["soft_dice"](empty - 99, empty).item() == pytest.approx(0)


def test_no_slice_of_the_test_is_near_one_of_the_training(page):
    X, T, X_test, T_test = page["load_slices"]()
    whole = brain.load()
    heights = {}
    for name, part in (("train", X), ("test", X_test)):
        heights[name] = [
            int(whole.heights[next(n for n in range(80) if np.array_equal(
                np.round(x.numpy() * 255), whole.pictures[n]))]) for x in part[:, 0]
        ]  # fmt: skip
    assert (len(heights["train"]), len(heights["test"])) == (26, 8)
    gap = min(abs(a - b) for a in heights["train"] for b in heights["test"])
    assert gap == 4  # millimetres: three slices between
    assert T.shape == (26, 3, 64, 64) and (T_test[:, 2].sum((1, 2)) > 0).all()


def test_training_learns_what_can_be_learned(page):
    """Bright squares on noise: one mask, found after few steps."""
    torch.manual_seed(0)
    T = torch.zeros(12, 3, 16, 16)
    for n in range(12):
        T[n, :, n % 8 : n % 8 + 6, 4:10] = 1
    net = page["UNet"](1, 3, (4, 8))
    losses = page["train"](net, T[:, :1].clone(), T, num_steps=80, lr=0.03)
    assert len(losses) == 80 and np.mean(losses[-5:]) < losses[0] / 2
    assert min(page["test_dice"](net, T[:, :1], T)) > 0.9


def test_slices_of_the_test_are_noisy(page):
    """Black pictures handed on as they are: noise calls every other pixel of a full mask."""
    told = page["test_dice"](nn.Identity(), torch.zeros(2, 3, 64, 64), torch.ones(2, 3, 64, 64))
    assert told == pytest.approx([2 / 3] * 3, abs=0.02)


def test_fill_up_only_adds_zeros(page):
    x = torch.rand(2, 3, 17, 30)
    y = page["fill_up"](x)
    assert y.shape == (2, 3, 32, 32) and torch.equal(y[..., :17, :30], x)
    assert y.sum() == pytest.approx(x.sum().item(), rel=1e-5)
    assert page["fill_up"](torch.rand(1, 1, 16, 48)).shape == (1, 1, 16, 48)


def test_the_experiment_trained_the_network_of_the_page(page):
    """The first steps of its first run, again; other machines may differ a little."""
    made = maker(PAGE)
    X, T, _, _ = page["load_slices"]()
    torch.manual_seed(0)
    first = page["train"](made.build(page), X, T, num_steps=5)
    assert np.allclose(first, experiment(PAGE)["first"], rtol=0.05)
    assert set(experiment(PAGE)["runs"]) == set(made.JOBS)


def test_what_is_said_of_ten_times_the_steps_is_what_was_made():
    """Without the weight the ventricles are missed in 150 steps, and found in 1,500."""
    runs, longer = experiment(PAGE)["runs"], experiment(f"{PAGE}_longer")
    dice = np.array(longer["dice"])
    short = np.array([run["dice"] for run in runs["cross-entropy"]])
    assert longer["steps"] == 1500 and dice.shape == short.shape == (5, 3)
    assert not short[:, 2].any() and dice[:, 2].min() > 0.7
    text, ((g, w, v), (G, W, _)) = path_of(PAGE).read_text("utf-8"), (dice.mean(0), short.mean(0))
    assert f"find the ventricles without it (mean {v:.2f}), but grey and white matter" in text
    assert f"end at {g:.2f} and {w:.2f}, where 150 steps had reached {G:.2f} and {W:.2f}" in text
    worst, next_one = sorted(run["dice"][0] for run in runs["soft Dice"])[:2]
    assert f"most of that by one seed ({worst:.2f})" in text and next_one > 0.84


def test_without_skips_a_network_passes_nothing_across(page):
    made = maker(PAGE)
    torch.manual_seed(0)
    net = made.build(page, skips=False).eval()
    with torch.no_grad():
        for block in net.down[1:]:
            block[0].weight.zero_(), block[3].weight.zero_()
        assert torch.equal(net(torch.rand(1, 1, 16, 16)), net(torch.rand(1, 1, 16, 16)))


@pytest.mark.parametrize("box, right, wrong", [
    ("ex-unet-exam-gate", "263,939", "262,912"), ("ex-unet-memory-eight", "3.6 GiB", "3.15"),
    ("ex-unet-memory-sixteen", "6.77", "7.23"), ("ex-unet-pixels-overlap", "121900", "153,600"),
    ("pr-unet-dice", "0", "98%"),
])  # fmt: skip
def test_boxes_take_other_spellings(box, right, wrong):
    assert answers.load(box)
    assert verdict(box, right) == "right" and verdict(box, wrong) != "right"


test_boxes_name_what_went_wrong = judged([
    ("ex-unet-exam-gate", "263680", "third layer"), ("ex-unet-exam-work", "537395200", "one"),
    ("ex-unet-memory-eight", "3.38", "two"), ("ex-unet-memory-eight", "3.5", "three"),
    ("ex-unet-memory-sixteen", "7.26", "GB"), ("ex-unet-memory-sixteen", "7.23", "doubled"),
    ("ex-unet-middle-more", "27", "8 channels"),
])  # fmt: skip


def test_a_crop_that_begins_off_the_grid_of_the_poolings_changes_what_lies_inside(page):
    """Even far from every border; a crop that begins on the grid changes nothing there."""
    torch.manual_seed(0)
    net = page["UNet"](1, 1, (4, 8, 16)).eval()
    X = torch.randn(1, 1, 96, 96)
    with torch.no_grad():
        whole = net(X)

        def change(i):
            part = net(X[..., i : i + 88, :])
            return (part - whole[..., i : i + 88, :])[..., 36:52, :].abs().max().item()

        assert change(4) < 1e-5 < 1e-3 < change(5)

"""Independent checks of lab 5: its functions, its network, and what its text says of the study."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dlworkbook import checks, experiment, targets
from dlworkbook.data import emoji
from grading.make import plan
from tests.kit.pages import cells, definitions, maker

PAGE = "ch06_convolutional_networks/lab_convolution"
TASKS = ["corr2d", "conv2d", "max_pool2d", "linear"]
torch.set_num_threads(1)  # small pictures


@pytest.fixture(scope="module")
def page():
    """With the pictures; nothing is trained."""
    data = emoji.load()
    pictures = torch.from_numpy(data.images).float() / 255
    return definitions(PAGE, data=data, pictures=pictures, y=torch.from_numpy(data.labels))


@pytest.fixture(scope="module")
def study():
    """What the page's study changes."""
    return maker(PAGE).CHANGES


@pytest.mark.parametrize("task", TASKS)
def test_the_pages_own_functions_pass_and_its_starters_hold_no_answer(page, task):
    assert checks.check(task, page[task]).passed
    assert page[f"my_{task}"](*[None] * {"corr2d": 2, "max_pool2d": 2}.get(task, 3)) is None


def test_functions_are_those_of_torch_on_random_sizes(page):
    rng = random.Random(5)
    for _ in range(40):
        h, w = rng.randint(1, 4), rng.randint(1, 4)
        B, I, O = (rng.randint(1, 4) for _ in range(3))
        H, W = h + rng.randint(0, 6), w + rng.randint(0, 6)
        X = torch.randn(B, I, H, W, dtype=torch.float64)
        K, b = torch.randn(O, I, h, w, dtype=torch.float64), torch.randn(O, dtype=torch.float64)
        layer = nn.Linear(H, O, dtype=torch.float64)
        for ours, theirs in [
            (page["corr2d"](X.numpy(), K.numpy()), F.conv2d(X, K)),
            (page["conv2d"](X.numpy(), K.numpy(), b.numpy()), F.conv2d(X, K, b)),
            (page["max_pool2d"](X.numpy(), (h, w)), F.max_pool2d(X, (h, w))),
            (
                page["linear"](
                    X[:, 0, :, 0].numpy(),
                    layer.weight.detach().numpy().T,
                    layer.bias.detach().numpy(),
                ),
                layer(X[:, 0, :, 0]).detach(),
            ),
        ]:
            assert ours.shape == tuple(theirs.shape)
            assert np.abs(ours - theirs.numpy()).max() < 1e-12


def test_the_rule_of_the_lab_is_kept_by_its_own_solutions():
    tags = {"solution", "remove-input"}
    solutions = [c.source for c in cells(PAGE)
                 if tags & set(c.metadata.get("tags", [])) == {"solution"}]
    for task, source in zip(TASKS, solutions, strict=True):
        assert f"def {task}(" in source
        for forbidden in ("einsum", "as_strided", "sliding_window", "F.", "convolve", "unfold"):
            assert forbidden not in source, (task, forbidden)


def test_forward_is_the_network_that_make_net_builds(page):
    torch.manual_seed(1)
    net = page["make_net"]()
    weights = [p.detach().numpy() for p in net.parameters()]
    weights[4] = weights[4].T
    X = torch.randn(3, 3, 24, 24)
    with torch.no_grad():
        np.testing.assert_allclose(page["forward"](X.numpy(), weights), net(X), atol=1e-5)


def test_every_variant_of_the_study_is_what_its_name_says(page, study):
    def modules(name, kind):
        net = page["make_net"](side=16, **study[name])
        assert net(torch.zeros(2, 3, 16, 16)).shape == (2, 6)
        return [m for m in net if isinstance(m, kind)]

    for name in study:
        convolutions = modules(name, nn.Conv2d)
        kernel = {"kernel 1": 1, "kernel 5": 5}.get(name, 3)
        assert all(c.kernel_size == (kernel, kernel) for c in convolutions)
        assert len(convolutions) == {"1 convolution": 1, "3 convolutions": 3}.get(name, 2)
        first = {"4 channels": 4, "16 channels": 16}.get(name, 8)
        assert [c.out_channels for c in convolutions][:2] == [first, 2 * first][: len(convolutions)]
        strided = name in ("stride 2, no pooling", "neither ReLU nor pooling")
        assert all(c.stride == ((2, 2) if strided else (1, 1)) for c in convolutions)
        assert (not modules(name, nn.MaxPool2d)) == strided
        border = 0 if name == "no padding" else kernel // 2
        assert all(c.padding == (border, border) for c in convolutions)
        kind = {
            "sigmoid": nn.Sigmoid,
            "no activation": nn.Identity,
            "neither ReLU nor pooling": nn.Identity,
        }.get(name, nn.ReLU)
        assert len(modules(name, kind)) == len(convolutions)


def test_split_keeps_test_pictures_apart_and_scales_with_the_training_set(page):
    X, y, X_test, y_test, test = page["split"](page["pictures"], 7)
    assert (len(X), len(y), len(X_test), len(y_test), len(test)) == (468, 468, 200, 200, 200)
    assert torch.allclose(X.mean((0, 2, 3)), torch.zeros(3), atol=1e-4)
    assert torch.allclose(X.std((0, 2, 3)), torch.ones(3), atol=1e-4)
    assert torch.equal(y_test, page["y"][test])
    seen = {x.numpy().tobytes() for x in X}
    assert not any(x.numpy().tobytes() in seen for x in X_test)


def test_the_table_tells_what_a_learners_functions_get_wrong(page):
    """The row beside PyTorch is 100 for right functions, and falls with every mistake."""
    torch.manual_seed(0)
    net = page["make_net"]()
    X, y = torch.randn(40, 3, 24, 24), torch.arange(40) % 6
    weights = [p.detach().numpy() for p in net.parameters()]
    weights[4] = weights[4].T
    scores = page["forward"](X.numpy(), weights)
    same = "same class as PyTorch, %"
    right = page["results"](scores, net, X, y)
    assert right[same] == 100 and right.keys() == usual().keys()
    named = torch.from_numpy(scores.argmax(1))
    assert right["right classes, %"] == pytest.approx(100 * (named == y).double().mean().item())
    objects = (named[y == 4] == 4).double().mean().item()
    assert right["objects found, %"] == pytest.approx(100 * objects)
    assert page["results"](-scores, net, X, y)[same] < 10


def usual():
    return experiment(f"{PAGE}_usual")


def test_the_usual_range_tells_the_mistakes_that_the_help_names(page):
    table = targets({name: values[0] for name, values in usual().items()}, usual())
    assert table.seeds == 20
    assert {row.name: row.low for row in table.rows}["same class as PyTorch, %"] > 99


@pytest.mark.slow
def test_the_study_is_what_the_page_trains_now(study):
    """One seed of four variants again: to a few pictures, on whatever processor."""
    kept = experiment(PAGE)["8 epochs"]
    again = maker(PAGE).Study()
    for name in ("plain", "plain again", "no padding", "sigmoid"):
        assert again.accuracies(name, study[name], [3])[0] == pytest.approx(kept[name][3], abs=4)


def test_points_name_the_tasks_in_the_order_of_the_page():
    assignment = plan.find(5)
    checked = [c.source for c in cells(PAGE) if "check" in c.metadata.get("tags", [])]
    assert sum(assignment.points.values()) == 20
    for task, source in zip(assignment.points, checked, strict=True):
        assert f"checks.check('{task}', my_{task})" in source

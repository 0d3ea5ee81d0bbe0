"""Independent checks of what the page of lab 3 teaches; its own asserts are not used."""

from __future__ import annotations

import random

import numpy as np
import pytest
import scipy.special
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression

from dlworkbook import checks, experiment, targets
from grading.make import plan
from publish.page import assignment
from tests.kit import task_tests
from tests.kit.pages import cells, definitions, digits

PAGE = "ch03_linear_networks/lab_digits"
IMAGES, Y = digits()
X = IMAGES.flatten(1)
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, X=X, y=Y)


def gradients(W, b, inputs, labels):
    """By autograd, of the mean cross-entropy."""
    W, b = W.clone().requires_grad_(), b.clone().requires_grad_()
    F.cross_entropy(inputs @ W.T + b, labels).backward()
    return W.grad, b.grad


def test_the_solutions_pass_the_checks(page):
    for task in ("gradients", "softmax", "manual_step"):
        assert checks.check(task, page[task]).passed, task
        assert page[f"my_{task}"](*range(page[task].__code__.co_argcount)) is None
    assert plan.find(3).points == {"gradients": 4, "softmax": 6, "manual_step": 10}


def test_no_assigned_cell_gives_the_solution_away():
    """Above "Break", only solutions and cells that are left out hold a softmax or a gradient."""
    for cell in cells(PAGE, before="Break"):
        tags = set(cell.metadata.get("tags", []))
        if "solution" not in tags and not tags >= assignment.HIDDEN:
            for given_away in ("exp(", "one_hot", "backward()", "requires_grad", ".T @ X /"):
                assert given_away not in cell.source, cell.source


def test_softmax_is_scipys(page):
    rng = np.random.default_rng(0)
    for scale in (0.1, 1, 30, 1000, 1e30):
        scores = rng.normal(size=(5, 7)) * scale
        want = scipy.special.softmax(scores, axis=1)
        assert np.allclose(page["softmax"](torch.tensor(scores)).numpy(), want)


def test_step_is_autograds(page):
    rng = random.Random(1)
    for _ in range(30):
        B, C, D = rng.randint(1, 9), rng.randint(2, 6), rng.randint(1, 7)
        torch.manual_seed(rng.randrange(10**6))
        W, b, inputs = (
            torch.randn(C, D).double(),
            torch.randn(C).double(),
            torch.randn(B, D).double(),
        )
        labels, lr = torch.randint(C, (B,)), rng.uniform(0.01, 2)
        before = [t.clone() for t in (W, b)]
        y_hat = torch.softmax(inputs @ W.T + b, 1)
        got = page["manual_step"](W, b, inputs, labels, y_hat, lr)
        for new, old, grad in zip(got, before, gradients(W, b, inputs, labels), strict=True):
            assert torch.allclose(new, old - lr * grad, atol=1e-12)
        assert torch.equal(W, before[0]) and torch.equal(b, before[1])
        right = page["softmax"], page["manual_step"], page["gradients"]
        assert page["compare"](B, C, D, *right, seed=B) < 1e-13


def test_a_wrong_step_differs_from_autograd_where_the_help_says(page):
    right = page["softmax"], page["manual_step"], page["gradients"]
    for name in ("sum, not mean", "one bias gradient", "sign reversed"):
        wrong = page["softmax"], page["wrong_step"](name), page["gradients"]
        assert page["compare"](32, 10, 64, *wrong) > 1e-3, name
        assert (page["compare"](1, 3, 5, *wrong) < 1e-13) == (name == "sum, not mean")
    assert page["compare"](32, 10, 64, *right) < 1e-13


def test_answers_for_arrays_are_tried_with_arrays_and_inputs_stay(page):
    """Written for NumPy, in place, or as lists: the loop takes them all."""
    scores = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    wanted = torch.softmax(scores, 1)
    for name in ("vectorised", "row_by_row", "torch_logsumexp", "single_precision"):
        answer = getattr(task_tests.answers("softmax"), name)
        made = page["plain"](page["tried"](answer, scores))
        assert made.dtype == torch.float32 and torch.allclose(made, wanted, atol=1e-6), name
    inputs = torch.zeros(3, 2), torch.zeros(3), torch.ones(4, 2), torch.tensor([0, 1, 1, 2])
    for name in ("in_place", "row_by_row_in_place", "in_loops"):
        step = getattr(task_tests.answers("manual_step"), name)
        new, _ = page["tried"](step, *inputs, wanted, 0.5)
        assert new.any() and not inputs[0].any(), name


@pytest.mark.parametrize("task", ["gradients", "softmax", "manual_step"])
def test_every_right_answer_comes_through_the_comparison(page, task):
    """Also one that makes tensors of its own, in single precision."""
    for answer in task_tests.answers(task).RIGHT:
        used = {name: page[name] for name in ("softmax", "manual_step", "gradients")}
        used[task] = answer
        for shape in ((7, 4, 5), (1, 3, 2), (3, 3, 3)):
            assert page["compare"](*shape, *used.values()) < 1e-6, answer.__name__


def test_whose_code_fails_reads_of_tensors(page):
    """Of two errors, the one that his tensors gave."""
    def forgets_the_axis(X):
        return X / X.sum(dim=1)

    with pytest.raises(RuntimeError, match="size of tensor a") as told:
        page["tried"](forgets_the_axis, torch.ones(4, 3))
    assert told.value.__suppress_context__


def test_the_table_is_that_of_right_answers(page):
    """Its seeds are of the page's loop, and each of its numbers has a row."""
    usual = experiment(f"{PAGE}_usual")
    rows, test = page["split"](3)
    W, b, _ = page["train"](rows, 3, page["softmax"], page["manual_step"])
    found = page["results"](W, b, rows, test)
    assert list(found) == list(usual) and {len(values) for values in usual.values()} == {20}
    for name, value in found.items():
        assert value == pytest.approx(usual[name][3], rel=0.02), name


@pytest.mark.parametrize(("name", "wrong"), [
    ("none", False), ("one bias gradient", False), ("arg-max for y_hat", True),
    ("times y_hat (1 - y_hat)", True), ("sum, not mean", True),
])
def test_the_table_shows_wrong_steps(page, name, wrong):
    rows, test = page["split"](0)
    W, b, _ = page["train"](rows, 0, page["softmax"], page["wrong_step"](name))
    made = targets(page["results"](W, b, rows, test), experiment(f"{PAGE}_usual"))
    assert made.done == (not wrong) and (made.rows[0].verdict == "usual") == (not wrong)


def test_wrong_steps_are_what_their_names_say(page):
    torch.manual_seed(2)
    W, b, inputs = torch.randn(4, 3), torch.randn(4), torch.randn(6, 3)
    labels = torch.tensor([0, 3, 1, 1, 2, 0])
    p = torch.softmax(inputs @ W.T + b, 1)
    t = torch.eye(4)[labels]

    def moved(name):
        W_new, b_new = page["wrong_step"](name)(W, b, inputs, labels, p, 0.5)
        return (W - W_new) / 0.5, (b - b_new) / 0.5

    right = gradients(W, b, inputs, labels)
    errors = {
        "none": p - t,
        "arg-max for y_hat": torch.eye(4)[p.argmax(1)] - t,
        "times y_hat (1 - y_hat)": (p - t) * p * (1 - p),
        "labels, not one-hot": p - labels.reshape(6, 1),
        "sum, not mean": 6 * (p - t),
        "sign reversed": t - p,
    }
    for name, error in errors.items():
        grad_W, grad_b = moved(name)
        assert torch.allclose(grad_W, error.T @ inputs / 6, atol=1e-5), name
        assert torch.allclose(grad_b, error.mean(0), atol=1e-5), name
    assert all(map(torch.allclose, moved("none"), right))
    grad_W, grad_b = moved("one bias gradient")
    assert torch.allclose(grad_W, right[0], atol=1e-5) and grad_b.abs().max() < 1e-6


def test_splits(page):
    for seed in range(10):
        rows, test = page["split"](seed)
        assert len(test) == 360 and sorted([*rows.tolist(), *test.tolist()]) == list(range(1797))


def test_train_is_torchs_optimizer(page):
    """Two epochs on a part, with nn.Linear and SGD on the same batches."""
    part = torch.arange(100, 183)  # the last batch is short
    W, b, losses = page["train"](part, 4, page["softmax"], page["manual_step"], num_epochs=2)
    net = torch.nn.Linear(64, 10)
    torch.nn.init.zeros_(net.weight), torch.nn.init.zeros_(net.bias)
    optimizer = torch.optim.SGD(net.parameters(), 0.5)
    generator = torch.Generator().manual_seed(4)
    for _ in range(2):
        for i in part[torch.randperm(83, generator=generator)].split(32):
            optimizer.zero_grad()
            F.cross_entropy(net(X[i]), Y[i]).backward()
            optimizer.step()
    assert torch.allclose(W, net.weight, atol=1e-5) and torch.allclose(b, net.bias, atol=1e-5)
    assert losses[-1] == pytest.approx(F.cross_entropy(net(X[part]), Y[part]).item(), abs=1e-5)
    right = (net(X[:50]).argmax(1) == Y[:50]).float().mean().item()
    assert page["accuracy"](W, b, torch.arange(50)) == pytest.approx(right)


# --- training, over splits that the page does not use
SEEDS = range(100, 106)


@pytest.fixture(scope="module")
def trained(page):
    right = page["softmax"], page["manual_step"]
    splits = [(seed, *page["split"](seed)) for seed in SEEDS]
    return [(rows, test, *page["train"](rows, seed, *right)) for seed, rows, test in splits]


@pytest.mark.slow
def test_ranges_of_the_page(page, trained):
    found = [
        (losses[-1], page["accuracy"](W, b, rows), page["accuracy"](W, b, test))
        for rows, test, W, b, losses in trained
    ]
    print("loss, accuracy on training and on test:", *found, sep="\n")
    for loss, on_training, on_test in found:
        assert 0.10 < loss < 0.15 and 0.96 < on_training < 0.99 and 0.90 < on_test < 1
    assert np.median([on_test for *_, on_test in found]) > 0.94


@pytest.mark.slow
def test_rows_of_weights_sum_to_zero(trained):
    for _, _, W, b, _ in trained:
        assert W.sum(0).abs().max() < 1e-4 and b.sum().abs() < 1e-4 < W.abs().max()


@pytest.mark.slow
def test_new_hands_are_harder_for_another_program_too():
    """The fall from random split to cut in order, with scikit-learn's own softmax regression."""
    inputs, labels = X.numpy(), Y.numpy()

    def score(rows, test):
        model = LogisticRegression(C=10, max_iter=500).fit(inputs[rows], labels[rows])
        return model.score(inputs[test], labels[test])

    in_order = score(range(1437), range(1437, 1797))
    shuffled = [np.random.default_rng(seed).permutation(1797) for seed in range(3)]
    at_random = [score(order[360:], order[:360]) for order in shuffled]
    print(f"in order {in_order:.3f}, at random {at_random}")
    assert in_order < min(at_random) - 0.02


@pytest.mark.slow
def test_it_does_not_depend_on_threads(page):
    rows, _ = page["split"](0)
    losses, right = [], (page["softmax"], page["manual_step"])
    for threads in (1, 2):
        torch.set_num_threads(threads)
        losses.append(page["train"](rows, 0, *right, num_epochs=3)[2])
    torch.set_num_threads(1)
    assert np.allclose(*losses, rtol=1e-3)

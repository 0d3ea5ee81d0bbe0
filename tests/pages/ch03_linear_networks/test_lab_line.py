"""Independent checks of what the page of lab 2 teaches; its own asserts are not used."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression

from dlworkbook import checks, experiment, targets
from grading.make import lab
from publish.page import assignment
from tests.kit.pages import cells, definitions

PAGE = "ch03_linear_networks/lab_line"
IRIS = load_iris()
X, Y, SPECIES = IRIS.data[:, 2], IRIS.data[:, 3], IRIS.target


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, x=X, y=Y, species=SPECIES)


def other_line(x, y):
    """Slope and intercept by scikit-learn."""
    model = LinearRegression().fit(x[:, None], y)
    return model.coef_[0], model.intercept_


def epoch_map(x, y, lr, batch_size):
    """One epoch in order as (w, b, 1) -> M (w, b, 1): every step is affine."""
    M = np.eye(3)
    for i in range(0, len(x), batch_size):
        A = np.c_[x[i : i + batch_size], np.ones(len(x[i : i + batch_size]))]
        step = np.eye(3)
        step[:2, :2] -= lr * 2 / len(A) * A.T @ A
        step[:2, 2] = lr * 2 / len(A) * A.T @ y[i : i + batch_size]
        M = step @ M
    return M


def test_the_solutions_pass_the_checks(page):
    for task in ("least_squares", "mean_squared_error", "sgd"):
        assert checks.check(task, page[task]).passed, task
        assert page[f"my_{task}"](*range(page[task].__code__.co_argcount)) is None


def test_no_assigned_cell_gives_the_solution_away():
    """Above "Break", only solutions and cells that are left out take a mean or a square."""
    for cell in cells(PAGE, before="Break"):
        tags = set(cell.metadata.get("tags", []))
        if not {"solution", "not-assigned"} & tags and not tags >= assignment.HIDDEN:
            assert not [code for code in ("lr * ", "** 2", "error *", "x.mean()", "polyfit")
                        if code in cell.source]


def test_words_make_sense_where_names_are_those_of_the_assignment():
    """There, my_sgd is sgd: a line such as sgd = my_sgd would say nothing, nor would `my_`."""
    words = " ".join(cell.source for cell in lab.load(2).cells if cell.kind != "code")
    assert "my_" not in words and not re.search(r"\b(\w+) = \1\b", words)


@pytest.mark.parametrize("mistake", ["short batch", "epochs", "b after w"])
def test_mistakes_of_which_run_tells_nothing(page, mistake):
    """The last row of 'Help by symptom': all usual, the check is red."""

    def sgd(x, y, w, b, lr, num_epochs, batch_size):
        for _ in range(num_epochs):
            for start in range(0, len(x), batch_size):
                u, v = x[start : start + batch_size], y[start : start + batch_size]
                size = batch_size if mistake == "short batch" else len(u)
                error = w * u + b - v
                w, old = w - lr * 2 * (error * u).sum() / size, w
                error = (w if mistake == "b after w" else old) * u + b - v
                b = b - lr * 2 * error.sum() / size
            if mistake == "epochs":
                return w, b
        return w, b

    assert not checks.check("sgd", sgd).passed
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(page["walk"].__globals__, "sgd", sgd)
        table = targets(page["results"](page["trials"](0)), experiment(f"{PAGE}_usual"))
    assert table.done


def test_walk_in_order_is_an_affine_map(page):
    rng = random.Random(0)
    for _ in range(20):
        rows = rng.sample(range(150), rng.randint(3, 60))
        lr, size, epochs = rng.uniform(0.001, 0.02), rng.randint(1, 20), rng.randint(1, 4)
        w, b = rng.uniform(-1, 1), rng.uniform(-1, 1)
        M = np.linalg.matrix_power(epoch_map(X[rows], Y[rows], lr, size), epochs)
        found = page["sgd"](X[rows], Y[rows], w, b, lr, epochs, size)
        assert np.allclose(found, (M @ [w, b, 1])[:2], atol=1e-9)


def test_the_sorted_table_has_a_fixed_point_off_the_line(page):
    M = epoch_map(X, Y, 0.02, 10)
    assert abs(np.linalg.eigvals(M[:2, :2])).max() < 1
    w, b = np.linalg.solve(np.eye(2) - M[:2, :2], M[:2, 2])
    assert np.allclose(page["sgd"](X, Y, 0.0, 0.0, 0.02, 400, 10), (w, b), atol=1e-6)
    before = epoch_map(X[:-10], Y[:-10], 0.02, 10) @ [w, b, 1]
    error = [np.mean(line[0] * X[-10:] + line[1] - Y[-10:]) for line in (before, (w, b))]
    assert -0.2 < error[1] / error[0] < -0.1  # its own batch takes all away, and a little more
    best = np.mean((np.polyval(np.polyfit(X, Y, 1), X) - Y) ** 2)
    assert np.mean((w * X + b - Y) ** 2) / best == pytest.approx(2.96, abs=0.01)
    shuffled = np.random.default_rng(5).permutation(150)
    M = epoch_map(X[shuffled], Y[shuffled], 0.02, 10)
    w, b = np.linalg.solve(np.eye(2) - M[:2, :2], M[:2, 2])
    assert np.mean((w * X + b - Y) ** 2) < 1.5 * best


def test_splits(page):
    rng, seen = np.random.default_rng(0), set()
    for _ in range(20):
        rows, test = page["split"](rng)
        assert len(rows) == 120 and sorted([*rows, *test]) == list(range(150))
        seen.add(tuple(test))
    assert len(seen) == 20


def test_walk_visits_all_and_returns_its_path(page):
    stages = (0.01, 2), (0.001, 3)
    path = page["walk"](X[:47], Y[:47], np.random.default_rng(3), stages)
    assert path.shape == (5, 2)
    rng, w, b = np.random.default_rng(3), 0.0, 0.0
    for k, lr in enumerate(lr for lr, epochs in stages for _ in range(epochs)):
        order = rng.permutation(47)
        w, b = (epoch_map(X[:47][order], Y[:47][order], lr, 10) @ [w, b, 1])[:2]
        assert np.allclose(path[k], (w, b))


def test_numbers_are_plain_in_whatever_form_they_come(page):
    for line in ((2.0, 3.0), [np.array([2.0]), np.array([[3.0]])], np.array([[2.0], [3.0]]),
                 torch.tensor([2.0, 3.0]), (torch.tensor(2.0), torch.tensor([3.0]))):
        assert page["pair"](line) == [2, 3] and {*map(type, page["pair"](line))} == {float}


def test_the_table_is_that_of_right_answers(page):
    """Its numbers are those of the page as it is now, worked out here by the map of an epoch."""
    usual = experiment(f"{PAGE}_usual")
    assert {len(values) for values in usual.values()} == {20}
    found = page["results"](page["trials"](3))
    assert list(found) == list(usual)
    assert np.allclose([values[3] for values in usual.values()], list(found.values()), atol=5e-4)
    rng, rows_of = np.random.default_rng(3), []
    for _ in range(10):
        order = rng.permutation(150)
        test, rows = order[:30], order[30:]
        theirs, state = other_line(X[rows], Y[rows]), np.array([0.0, 0, 1])
        for lr in [0.02] * 60 + [0.002] * 40:
            order = rows[rng.permutation(120)]
            state = epoch_map(X[order], Y[order], lr, 10) @ state
        errors = [((w * X[test] + b - Y[test]) ** 2).mean() for w, b in (theirs, state[:2])]
        rows_of.append([*theirs, *(state[:2] - theirs), *errors])
    w, b, gap_w, gap_b, loss, loss_walk = np.mean(rows_of, axis=0)
    assert np.allclose(list(found.values()), [
        10 * w, 10 * b, 10 * loss**0.5, 10 * loss_walk**0.5, 1e4 * gap_w, 1e4 * gap_b], rtol=1e-6)


@pytest.mark.parametrize(("wrong", "seen"), [
    (lambda grad_w, grad_b, m: (grad_w / 2, grad_b / 2), (-67, 301)),
    (lambda grad_w, grad_b, m: (grad_w, 0), (-809, 3688)),
    (lambda grad_w, grad_b, m: (m * grad_w, m * grad_b), (np.nan, np.nan)),
    (lambda grad_w, grad_b, m: (grad_w, grad_b), (-6.8, 26.1)),
])
def test_symptoms_in_the_last_two_rows(page, wrong, seen):
    """As 'Help by symptom' tells them, and the right answer as the page shows it."""

    def sgd(x, y, w, b, lr, num_epochs, batch_size):
        for start in range(0, len(x), batch_size):
            u, v = x[start : start + batch_size], y[start : start + batch_size]
            error = w * u + b - v
            grads = wrong(2 * (error * u).mean(), 2 * error.mean(), len(u))
            w, b = w - lr * grads[0], b - lr * grads[1]
        return w, b

    with pytest.MonkeyPatch.context() as patch, np.errstate(all="ignore"):
        patch.setitem(page["walk"].__globals__, "sgd", sgd)
        found = list(page["results"](page["trials"](0)).values())[-2:]
    assert np.allclose(found, seen, rtol=0.02, equal_nan=True)


def test_wrong_loops(page):
    """Where each ends, without running it: by its own matrix."""
    A, n = np.c_[X, np.ones(150)], 150
    H, g = 2 * A.T @ A / n, 2 * A.T @ Y / n
    w, b = page["loop"]("b after w", num_epochs=1)
    w1 = 0.02 * g[0]
    assert np.allclose((w, b), (w1, 0.02 * (g[1] - H[1, 0] * w1)))
    assert np.allclose(page["loop"]("half the gradient", num_epochs=7),
                       page["loop"]("nothing", lr=0.01, num_epochs=7))
    assert np.allclose(page["loop"]("sum, not mean", lr=1e-4, num_epochs=7),
                       page["loop"]("nothing", lr=150e-4, num_epochs=7))
    assert page["loop"]("b stays", num_epochs=9)[1] == 0
    swing = np.block([[np.eye(2) - 0.02 * H, -0.02 * np.eye(2)], [H, np.eye(2)]])
    assert np.allclose(abs(np.linalg.eigvals(swing)), 1)  # neither grows nor fades


def test_slopes_of_the_species(page):
    for i, j, sign in ((2, 3, 1), (0, 1, -1)):
        common, own = page["slopes"](IRIS.data[:, i], IRIS.data[:, j])
        assert np.sign(common) == sign and (own > 0).all()
        for k in range(3):
            part = k == SPECIES
            assert own[k] == pytest.approx(other_line(IRIS.data[part, i], IRIS.data[part, j])[0])

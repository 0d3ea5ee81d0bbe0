"""Independent checks of what the linear-regression page teaches; its own asserts are not used."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import constants, integrate, optimize
from sklearn.linear_model import LinearRegression

from tests.kit.pages import definitions

PAGE = "ch03_linear_networks/linear_regression_scratch"
pytestmark = pytest.mark.usefixtures("double_precision")
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page(double_precision):
    constants = ("h, c, k", "x4, y4", "halves", "targets", "four", "X, y")
    return definitions(PAGE, constants)


def columns(rng: random.Random, n: int, d: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(rng.randrange(10**6))
    scale = torch.tensor([10 ** rng.uniform(-1, 1) for _ in range(d)])
    shift = torch.tensor([rng.uniform(-3, 3) for _ in range(d)])
    return torch.randn(n, d, generator=generator) * scale + shift


def test_least_squares_is_scikit_learns(page):
    rng = random.Random(1)
    for _ in range(20):
        d = rng.randint(1, 4)
        X = columns(rng, rng.randint(d + 2, 30), d)
        y = torch.randn(len(X), 1)
        theirs = LinearRegression().fit(X.numpy(), y.numpy())
        ours = page["least_squares"](X, y).flatten().numpy()
        assert np.allclose(ours, [*theirs.coef_[0], theirs.intercept_[0]])
        loss = np.mean((theirs.predict(X.numpy()) - y.numpy()) ** 2) / 2
        A = page["with_ones"](X)
        assert (A @ torch.tensor(ours)[:, None] - y).square().mean() / 2 == pytest.approx(loss)


def test_batches_cover_every_example_once(page):
    rng = random.Random(2)
    for _ in range(50):
        n, size = rng.randint(1, 60), rng.randint(1, 20)
        X, y = torch.arange(n)[:, None], 7 * torch.arange(n)[:, None]
        batches = list(page["data_iter"](size, X, y))
        assert [len(a) for a, _ in batches] == [size] * (n // size) + [n % size] * (n % size > 0)
        assert sorted(torch.cat([a for a, _ in batches]).flatten().tolist()) == list(range(n))
        assert all(torch.equal(7 * a, b) for a, b in batches)
    orders = {tuple(torch.cat([a for a, _ in page["data_iter"](5, X, y)]).flatten().tolist())
              for _ in range(4)}
    assert len(orders) > 1 or n < 3, "not shuffled"


@pytest.mark.slow
def test_train_is_written_out_by_hand(page):
    """NumPy, the gradient by formula, the mean over each batch's true size."""
    rng = random.Random(3)
    for _ in range(20):
        n, d, size, epochs = rng.randint(3, 30), rng.randint(1, 3), rng.randint(1, 12), 3
        X, y, seed = columns(rng, n, d), torch.randn(n, 1), rng.randrange(99)
        lr = 0.3 / float((X**2).sum(1).max() + 1)
        w, b, losses = page["train"](X, y, lr, epochs, size, seed)
        A, t = np.c_[X.numpy(), np.ones(n)], y.numpy()[:, 0]
        theta, generator = np.zeros(d + 1), torch.Generator().manual_seed(seed)
        for epoch in range(epochs):
            order = torch.randperm(n, generator=generator).numpy()
            for start in range(0, n, size):
                rows = order[start : start + size]
                theta -= lr * A[rows].T @ (A[rows] @ theta - t[rows]) / len(rows)
            assert losses[epoch] == pytest.approx(np.mean((A @ theta - t) ** 2) / 2, rel=1e-9)
        assert np.allclose(np.r_[w.numpy()[:, 0], b.numpy()], theta, atol=1e-10)
        v, c = page["train_torch"](X, y, lr, epochs, size, seed)
        assert torch.allclose(torch.cat([v[:, 0], c]), torch.cat([w[:, 0], b]), atol=1e-10)


def test_edge_and_best_by_running(page):
    """The three numbers, found by descending and bisecting instead of by eigenvalues."""
    rng = random.Random(4)
    for _ in range(5):
        X = columns(rng, 25, 2) / 2
        lam = page["curvatures"](X)
        edge, best, kappa = 2 / lam[-1].item(), page["best_rate"](X), (lam[-1] / lam[0]).item()
        A = page["with_ones"](X)

        def radius(lr, A=A, X=X):
            """Growth per step over a million steps, by squaring the step's matrix 20 times."""
            power, logarithm = torch.eye(3) - lr * A.T @ A / len(X), 0.0
            for _ in range(20):
                logarithm = 2 * (logarithm + power.norm().log().item())
                power = (power / power.norm()) @ (power / power.norm())
            return np.exp((logarithm + power.norm().log().item()) / 2**20)

        found = optimize.brentq(lambda lr: radius(lr) - 1, 0.5 * edge, 3 * edge, xtol=1e-4 * edge)
        assert found == pytest.approx(edge, rel=1e-3)
        assert radius(best) < min(radius(0.97 * best), radius(1.03 * best))
        values = np.linalg.svd(A.numpy(), compute_uv=False) ** 2
        assert kappa == pytest.approx(values[0] / values[-1])
        assert radius(best) == pytest.approx((kappa - 1) / (kappa + 1), rel=1e-3)


def test_offsets(page):
    """The way of the full batch, plain and with momentum, by torch.optim."""
    rng = random.Random(5)
    X, y = columns(rng, 20, 2), torch.randn(20, 1)
    star, A = page["least_squares"](X, y).flatten(), page["with_ones"](X)
    for momentum in (0.0, 0.7):
        lr = page["best_rate"](X)
        found = page["offsets"](X, y, lr, 7, momentum)
        theta = torch.zeros(3, 1, requires_grad=True)
        optimizer = torch.optim.SGD([theta], lr, momentum=momentum)
        for step in range(8):
            assert torch.allclose(found[step], theta.detach()[:, 0] - star, atol=1e-9)
            optimizer.zero_grad()
            ((A @ theta - y).square().mean() / 2).backward()
            optimizer.step()
        assert len(found) == 8


def test_steps_needed(page):
    """From step n on the distance is below a thousandth of the first, and at n - 1 it was not."""
    rng = random.Random(6)
    X = columns(rng, 30, 1)
    y = torch.randn(30, 1)
    before, page["y"] = page["y"], y  # which the function reads
    try:
        for share in (0.3, 0.9):
            lr = share * 2 / page["curvatures"](X)[-1].item()
            n = page["steps_needed"](X, lr, num_steps=20_000)
            distance = page["offsets"](X, y, lr, n + 500).norm(dim=1)
            assert (distance[n:] <= distance[0] / 1000).all()
            assert distance[n - 1] > distance[0] / 1000
    finally:
        page["y"] = before


def test_sweep_is_train(page):
    rates = torch.tensor([0.003, 0.05, 0.4])
    X, y = page["X"], page["y"]
    assert X.shape == (1000, 2) and y.shape == (1000, 1)
    for seed in (11, 12):
        final = page["sweep"](rates, seed, num_epochs=2, batch_size=30)
        for lr, loss in zip(rates, final):
            assert loss.item() == pytest.approx(
                page["train"](X, y, lr.item(), 2, 30, seed)[2][-1], rel=1e-9
            )


def test_data_of_d2l(page):
    X, y = page["synthetic_data"](torch.tensor([2, -3.4]), 4.2, 50_000, seed=9)
    theta = page["least_squares"](X, y).flatten()
    assert torch.allclose(theta, torch.tensor([2, -3.4, 4.2]), atol=5e-4)
    loss = (page["with_ones"](X) @ theta[:, None] - y).square().mean() / 2
    assert loss == pytest.approx(0.5e-4, rel=0.03)
    assert X.mean().abs() < 0.02 and abs(X.std() - 1) < 0.02


def test_squared_loss_repairs_the_shape(page):
    y_hat, y = torch.randn(6, 1), torch.randn(6)
    want = F.mse_loss(y_hat[:, 0], y) / 2
    assert torch.isclose(page["squared_loss"](y_hat, y).mean(), want)
    with pytest.raises(RuntimeError):
        page["squared_loss"](y_hat, y[:5])


def test_lab_2_mistakes(page):
    """Probes of the lab, worked out by hand; each mistake with an answer of its own."""
    first, halves = [(page["x4"][:2], page["y4"][:2])], page["halves"]
    two = page["two_steps"]
    # x = 1, 2; y = 5, 7 from zero: mean of -2*(5 + 14)/2 = -19 and -12; rate 0.1
    assert two(first, lr=0.1) == (1.9, 1.2)
    assert two(first, "sum of the batch", lr=0.1) == (3.8, 2.4)
    assert two(first, "bias after weight", lr=0.1) == (1.9, 0.63)
    assert two(first, "bias stays", lr=0.1) == (1.9, 0)
    # second batch, from (0.19, 0.12) at rate 0.01: errors -8.31, -10.12
    w = 0.19 + 0.01 * (8.31 * 3 + 10.12 * 4)
    assert two(halves) == pytest.approx((w, 0.12 + 0.01 * (8.31 + 10.12)))
    assert two(halves, "gradients pile up") == pytest.approx((w + 0.19, 0.3043 + 0.12))


def test_planck_radiates_as_stefan_and_boltzmann_say(page):
    """pi times the integral over all wavelengths is sigma T^4; the constants are scipy's."""
    assert (page["h"], page["c"], page["k"]) == (constants.h, constants.c, constants.k)
    for kelvin in (300.0, 5772.0):
        log_T = torch.tensor(kelvin).log()

        def density(log_wavelength, log_T=log_T):
            wavelength = torch.tensor(np.exp(log_wavelength))
            return page["log_planck"](wavelength, log_T).exp().item() * wavelength.item()

        middle = np.log(constants.h * constants.c / constants.k / kelvin / 5)
        total, _ = integrate.quad(density, middle - 2.5, middle + 9, limit=200)
        assert np.pi * total == pytest.approx(constants.sigma * kelvin**4, rel=1e-4)


@pytest.mark.slow
def test_temperatures_that_the_page_does_not_use(page):
    wavelength = torch.linspace(0.35e-6, 2.2e-6, 40)
    for kelvin in (3500.0, 4800.0, 7000.0, 9500.0):
        clean = page["log_planck"](wavelength, torch.tensor(kelvin).log()) + 3.3
        assert page["fit_temperature"](wavelength, clean[None], 800).exp().item() == pytest.approx(
            kelvin, rel=1e-6
        )
        noisy = clean + 0.02 * torch.randn(40, generator=torch.Generator().manual_seed(0))
        ours = page["fit_temperature"](wavelength, noisy[None], 800).exp().item()

        def model(x, T, factor):
            u = constants.h * constants.c / (x * constants.k * T)
            known = np.log(2 * constants.h * constants.c**2) + factor
            return known - 5 * np.log(x) - np.log(np.expm1(u))

        theirs, covariance = optimize.curve_fit(model, wavelength.numpy(), noisy.numpy(), [5000, 0])
        assert ours == pytest.approx(theirs[0], abs=0.05 * covariance[0, 0] ** 0.5)


def test_hessian_times(page):
    A = torch.randn(4, 4)

    def loss(theta):
        return torch.sin(A @ theta).pow(3).sum() + theta.prod()

    theta, v = torch.randn(4), torch.randn(4)
    full = torch.autograd.functional.hessian(loss, theta)
    assert torch.allclose(page["hessian_times"](loss, theta, v), full @ v)


def test_orders_of_an_exercise(page):
    """In order the bias sits at the fixed point of the epoch, which is known in closed form."""
    after = (1 - 0.9**50) / (1 + 0.9**50)  # b = -f + ... with f the half epoch's pull
    found = page["only_bias"](False, 30)
    assert found[-1].item() == pytest.approx(-after, abs=1e-9)
    assert page["only_bias"](True, 100).abs().max() < 0.5


def test_mean_over_all_orders(page):
    """The mean of (w, b) over shuffled epochs, by running all 24 orders from the mean so far."""
    mean = np.zeros(2)
    for _ in range(6000):
        ends = []
        for order in itertools.permutations(page["four"]):
            w, b = mean
            for x, y in order:
                error = w * x + b - y
                w, b = w - 0.02 * 2 * error * x, b - 0.02 * 2 * error
            ends.append((w, b))
        new = np.mean(ends, axis=0)
        if np.abs(new - mean).max() < 1e-12:
            break
        mean = new
    found = page["mean_end"](itertools.permutations(page["four"]), lr=0.02)
    assert np.allclose(mean, found, atol=1e-8)
    assert abs(found[0] - 2.3) > 0.01, "shuffling does not take the bias away"

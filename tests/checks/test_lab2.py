"""The catalogues of lab 2: right answers are never named, wrong ones as themselves."""

import functools

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression, SGDRegressor
from torch import nn

from dlworkbook import checks
from dlworkbook.checks import naming
from dlworkbook.checks.tasks import load
from tests.kit import catalogue

pytestmark = pytest.mark.catalogue

LINE, LOSS, SGD = (load(name) for name in ("least_squares", "mean_squared_error", "sgd"))
TASKS = (LINE, LOSS, SGD)
WANTED = {
    "least_squares": {"LAB2-01", "LAB2-02", "LAB2-04"},
    "mean_squared_error": {"LAB2-06", "LAB2-07"},
    "sgd": {"LAB2-09", "LAB2-11", "LAB2-12", "LAB2-14", "LAB2-16"},
}

# ---- right answers, each written on its own ----------------------------------------------------


def by_covariance(x, y):
    w = np.cov(x, y, bias=True)[0, 1] / np.var(x)
    return w, np.mean(y) - w * np.mean(x)


def by_sums(xs, ys):
    n, sx, sy, sxy, sxx = 0, 0, 0, 0, 0
    for a, c in zip(xs, ys):
        n, sx, sy, sxy, sxx = n + 1, sx + a, sy + c, sxy + a * c, sxx + a * a
    slope = (n * sxy - sx * sy) / (n * sxx - sx**2)
    return [slope, (sy - slope * sx) / n]


def by_normal_equations(x, y):
    A = np.stack([x, np.ones_like(x)], axis=1)
    return np.linalg.solve(A.T @ A, A.T @ y)  # an array of two entries


def by_polyfit(x, y):
    return np.polyfit(x, y, deg=1)


def by_library(x, y):
    model = LinearRegression().fit(x.reshape(-1, 1), y.reshape(-1, 1))
    return model.coef_, model.intercept_  # (1, 1) and (1,)


def by_pinv_column(x, y):
    ones = np.ones((len(x), 1))
    return np.linalg.pinv(np.hstack([x[:, None], ones])) @ y[:, None]  # (2, 1)


def single_precision_line(x, y):
    x, y = x.astype("float32"), y.astype("float32")
    dx = x - x.mean()
    w = dx @ y / (dx @ dx)
    return float(w), float(y.mean() - w * x.mean())


def torch_line(x, y):
    A = torch.stack([x, torch.ones_like(x)], dim=1)
    theta = torch.linalg.lstsq(A, y.unsqueeze(1)).solution
    return theta[0], theta[1]


def torch_line_inside(x, y):
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    d = x - x.mean()
    w = (d * y).sum() / d.square().sum()
    return w, y.mean() - w * x.mean()


def mean_square(w, b, x, y):
    return np.mean((w * x + b - y) ** 2)


def loop_loss(slope, bias, inputs, targets):
    loss = 0
    for i in range(len(inputs)):
        loss += (targets[i] - (slope * inputs[i] + bias)) ** 2
    return loss / len(inputs)


def dot_loss(w, b, x, y):
    r = y - b - x * w
    return r @ r / r.size


def column_loss(w, b, x, y):
    r = w * x.reshape(-1, 1) + b - y.reshape(-1, 1)
    return r.T @ r / len(r)  # (1, 1)


def norm_loss(w, b, x, y):
    return np.linalg.norm(w * x + b - y) ** 2 / len(x)


def expanded_loss(w, b, x, y):
    return (y @ y - 2 * w * (x @ y) - 2 * b * y.sum() + w * w * (x @ x)) / len(x) + (
        2 * w * b * x.mean() + b * b
    )


def single_precision_loss(w, b, x, y):
    return np.float32(((np.float32(w) * x.astype("f4") + np.float32(b) - y) ** 2).mean())


def torch_loss(w, b, x, y):
    return nn.functional.mse_loss(w * x + b, y)


def torch_loss_with_graph(w, b, x, y):
    w = torch.tensor(w, requires_grad=True)
    return (w * x.clone() + b - y).pow(2).mean()


def slices(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for i in range(0, len(x), batch_size):
            u, v = x[i : i + batch_size], y[i : i + batch_size]
            r = w * u + b - v
            w, b = w - lr * 2 * np.mean(r * u), b - lr * 2 * np.mean(r)
    return w, b


def loops(x, y, w, b, lr, num_epochs, batch_size):
    n, epoch = len(x), 0
    while epoch < num_epochs:
        first = 0
        while first < n:
            last = min(n, first + batch_size)
            dw = db = 0
            for k in range(first, last):
                difference = y[k] - (w * x[k] + b)
                dw -= 2 * difference * x[k]
                db -= 2 * difference
            w -= lr * dw / (last - first)
            b -= lr * db / (last - first)
            first = last
        epoch += 1
    return [w, b]


def with_matrix(x, y, w, b, lr, num_epochs, batch_size):
    theta, A = np.array([[w], [b]], dtype=float), np.c_[x, np.ones(len(x))]
    for _ in range(num_epochs):
        for rows in np.split(np.arange(len(x)), range(batch_size, len(x), batch_size)):
            theta -= lr * 2 / len(rows) * A[rows].T @ (A[rows] @ theta - y[rows, None])
    return theta  # (2, 1)


def single_precision(x, y, w, b, lr, num_epochs, batch_size):
    x, y, w, b, lr = (np.asarray(v, dtype="float32") for v in (x, y, w, b, lr))
    return slices(x, y, w, b, lr, num_epochs, batch_size)


def library(x, y, w, b, lr, num_epochs, batch_size):
    if batch_size > 1:
        return slices(x, y, w, b, lr, num_epochs, batch_size)
    model = SGDRegressor(
        penalty=None, learning_rate="constant", eta0=2 * lr, shuffle=False, tol=None
    )
    model.coef_, model.intercept_ = np.array([w]), np.array([b])
    for _ in range(num_epochs):
        model.partial_fit(x[:, None], y)
    return model.coef_, model.intercept_


def torch_optimizer(x, y, w, b, lr, num_epochs, batch_size):
    params = [torch.tensor(float(v), requires_grad=True) for v in (w, b)]
    optimizer = torch.optim.SGD(params, lr)
    for _ in range(num_epochs):
        for u, v in zip(x.split(batch_size), y.split(batch_size)):
            optimizer.zero_grad()
            nn.MSELoss()(params[0] * u + params[1], v).backward()
            optimizer.step()
    return tuple(params)


def torch_module(x, y, w, b, lr, num_epochs, batch_size):
    x, y = torch.as_tensor(x)[:, None], torch.as_tensor(y)[:, None]
    net = nn.Linear(1, 1).to(x.dtype)
    nn.init.constant_(net.weight, w), nn.init.constant_(net.bias, b)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size)
    for _ in range(num_epochs):
        for u, v in loader:
            net.zero_grad()
            (net(u) - v).square().mean().backward()
            with torch.no_grad():
                for p in net.parameters():
                    p -= lr * p.grad
    return net.weight, net.bias  # (1, 1) and (1,)


RIGHT = [
    (LINE, by_covariance),
    (LINE, by_sums),
    (LINE, by_normal_equations),
    (LINE, by_polyfit),
    (LINE, by_library),
    (LINE, by_pinv_column),
    (LINE, single_precision_line),
    (LINE, torch_line),
    (LINE, torch_line_inside),
    (LOSS, mean_square),
    (LOSS, loop_loss),
    (LOSS, dot_loss),
    (LOSS, column_loss),
    (LOSS, norm_loss),
    (LOSS, expanded_loss),
    (LOSS, single_precision_loss),
    (LOSS, torch_loss),
    (LOSS, torch_loss_with_graph),
    (SGD, slices),
    (SGD, loops),
    (SGD, with_matrix),
    (SGD, single_precision),
    (SGD, library),
    (SGD, torch_optimizer),
    (SGD, torch_module),
]


@pytest.mark.parametrize(("task", "answer"), RIGHT, ids=lambda a: getattr(a, "__name__", ""))
def test_right_answers_pass_and_are_never_named(task, answer):
    catalogue.assert_accepted(task, answer)


def test_references_agree_with_libraries():
    for probe in LINE.asked:
        x, y = probe.inputs
        assert np.allclose(LINE.expected(probe), np.polyfit(x, y, 1)), probe.name
    for probe in LOSS.asked:
        w, b, x, y = probe.inputs
        loss = nn.functional.mse_loss(torch.tensor(w * x + b), torch.tensor(y))
        assert np.isclose(LOSS.expected(probe)[0], loss.item()), probe.name
    for probe in SGD.asked:
        x, y, *rest = probe.inputs
        ours = torch_module(x, y, *rest)  # float64 inside
        assert np.allclose(SGD.expected(probe), [p.item() for p in ours]), probe.name


# ---- the confusion matrix ----------------------------------------------------------------------

VARIANTS = [
    pytest.param(task, *p.values, id=p.id) for task in TASKS for p in catalogue.variants(task)
]


@pytest.mark.parametrize(("task", "mistake", "k"), VARIANTS)
def test_each_variant_is_named_as_itself(task, mistake, k):
    variant = mistake.variants[k]
    catalogue.assert_named(task, lambda *inputs: variant(*inputs), mistake.id)
    catalogue.assert_no_other_fits(task, mistake, k)
    catalogue.assert_wrong_somewhere(task, mistake, k)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_catalogue_is_complete_and_well_formed(task):
    code = (".mean()", ".sum()", "np.", "- lr *", "polyfit", "lstsq", "range(0", "** 2")
    catalogue.assert_well_formed(task, WANTED[task.name], never_shown=code)
    assert task.name in task.contract and "shape (n,)" in task.contract


def by_id(task, id_, k=0):
    return next(m for m in task.mistakes if m.id == id_).variants[k]


def test_numbers_that_the_list_of_mistakes_states():
    """The signatures of the list, on its own probes."""
    exact, noisy = (p.inputs for p in LINE.probes[:2])
    assert [p.name for p in LINE.probes[:2]] == ["ls_exact", "ls_noisy"]
    assert np.allclose(LINE.reference(*exact), (2, 3))
    assert np.allclose(by_id(LINE, "LAB2-01")(*exact), (3, 0))
    assert np.allclose(by_id(LINE, "LAB2-02")(*exact), (3, 2))
    assert np.allclose(by_id(LINE, "LAB2-02")(*noisy), (2.5, 2.3))
    assert np.allclose(by_id(LINE, "LAB2-04")(*exact), (2, 3))
    assert by_id(LINE, "LAB2-04")(*noisy)[0] == pytest.approx(2.3261, abs=5e-5)
    wrong, perfect = (p.inputs for p in LOSS.probes[:2])
    assert (LOSS.reference(*wrong), LOSS.reference(*perfect)) == (31.5, 0)
    assert by_id(LOSS, "LAB2-06")(*wrong) == 126 and by_id(LOSS, "LAB2-07")(*wrong) == 15.75
    step, two = (p.inputs for p in SGD.probes[:2])
    assert np.allclose(SGD.reference(*step), (1.9, 1.2))
    assert np.allclose(by_id(SGD, "LAB2-09")(*step), (3.8, 2.4))
    assert np.allclose(by_id(SGD, "LAB2-11")(*step), (1.9, 0.63))
    assert by_id(SGD, "LAB2-12")(*two)[1] == 0
    x, y, *rest = two
    twice = SGD.reference(np.r_[x[:2], x[:2]], np.r_[y[:2], y[:2]], *rest)
    assert np.allclose(by_id(SGD, "LAB2-14")(*two), twice)
    first = np.array(SGD.reference(x[:2], y[:2], *rest))
    right, piled = np.array(SGD.reference(*two)), np.array(by_id(SGD, "LAB2-16")(*two))
    assert np.allclose(piled - right, first)  # the first step once more, from 0
    optimum = next(p for p in SGD.probes if p.name == "at_optimum").inputs
    assert np.allclose(SGD.reference(*optimum), (2, 3))


# ---- wrong answers as students write them ------------------------------------------------------


def student_no_ones(x, y):
    X = x.reshape(-1, 1)
    theta, *_ = np.linalg.lstsq(X, y, rcond=None)
    return theta[0], 0


def student_ones_first(x, y):
    X = np.column_stack([np.ones(len(x)), x])
    return np.linalg.inv(X.T @ X) @ X.T @ y


def student_inverts(x, y):
    slope, _intercept = np.polyfit(y, x, 1)
    slope = 1 / slope
    return slope, y.mean() - slope * x.mean()


def student_cov_var(x, y):
    w = np.cov(x, y)[0][1] / np.var(x)
    b = y.mean() - w * x.mean()
    return w, b


def student_corrcoef(x, y):
    w = np.corrcoef(x, y)[0, 1]
    return w, np.mean(y) - w * np.mean(x)


def student_torch_no_ones(x, y):
    w = torch.dot(x, y) / torch.dot(x, x)
    return w, torch.zeros(())


def student_forgets_last(x, y):
    n = len(x) - 1
    mx, my = sum(x[:n]) / n, sum(y[:n]) / n
    top = sum((x[i] - mx) * (y[i] - my) for i in range(n))
    w = top / sum((x[i] - mx) ** 2 for i in range(n))
    return w, my - w * mx


def student_predicts(x, y):
    w, b = np.polyfit(x, y, 1)
    y_hat = w * x + b
    return y_hat


def student_wants_columns(x, y):
    n, d = x.shape
    X = np.hstack([x, np.ones((n, d))])
    w, b = (np.linalg.inv(X.T @ X) @ X.T @ y)[:, 0]
    return w, b


def student_sum(w, b, x, y):
    total = 0
    for a, c in zip(x, y):
        total += (a * w + b - c) ** 2
    return total


def student_half(w, b, x, y):
    return ((w * x + b - y) ** 2 / 2).mean()


def student_brackets(w, b, x, y):
    return np.mean((y - w * x + b) ** 2)


def student_root(w, b, x, y):
    return torch.sqrt(nn.functional.mse_loss(torch.tensor(w * x + b), torch.tensor(y)))


def student_broadcasts(w, b, x, y):
    y_hat = x.reshape(-1, 1) * w + b
    return ((y_hat - y) ** 2).mean()


def student_returns_in_loop(w, b, x, y):
    loss = 0
    for i in range(len(x)):
        loss += (w * x[i] + b - y[i]) ** 2
        return loss / len(x)


def student_elementwise(w, b, x, y):
    loss = nn.MSELoss(reduction="none")
    return loss(torch.tensor(w * x + b), torch.tensor(y))


def student_abs(w, b, x, y):
    return sum(abs(w * x + b - y)) / len(y)


def batches(x, y, size):
    return [(x[i : i + size], y[i : i + size]) for i in range(0, len(x), size)]


def student_sums_gradient(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for u, v in batches(x, y, batch_size):
            dw = db = 0
            for a, c in zip(u, v):
                dw += 2 * (w * a + b - c) * a
                db += 2 * (w * a + b - c)
            w -= lr * dw
            b -= lr * db
    return w, b


def student_in_sequence(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for u, v in batches(x, y, batch_size):
            w = w - lr * (2 * (w * u + b - v) * u).mean()
            b = b - lr * (2 * (w * u + b - v)).mean()
    return w, b


def student_forgets_zero_grad(x, y, w, b, lr, num_epochs, batch_size):
    w, b = (torch.tensor(v, requires_grad=True) for v in (w, b))
    for _ in range(num_epochs):
        for i in range(0, len(x), batch_size):
            u, v = x[i : i + batch_size].clone(), y[i : i + batch_size]
            ((w * u + b - v) ** 2).mean().backward()
            with torch.no_grad():
                w -= lr * w.grad
                b -= lr * b.grad
    return w, b


def student_first_batch(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for _ in range(0, len(x), batch_size):
            u, v = x[:batch_size], y[:batch_size]
            r = w * u + b - v
            w, b = w - 2 * lr * (r * u).mean(), b - 2 * lr * r.mean()
    return w, b


def student_bias_stays(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for u, v in batches(x, y, batch_size):
            w = w - lr * np.mean(2 * (w * u + b - v) * u)
    return w, b


def student_half_gradient(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for u, v in batches(x, y, batch_size):
            r = w * u + b - v
            w, b = w - lr * (r @ u) / len(u), b - lr * r.sum() / len(u)
    return w, b


def student_constant_size(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for u, v in batches(x, y, batch_size):
            r = w * u + b - v
            w, b = w - 2 * lr * (r @ u) / batch_size, b - 2 * lr * r.sum() / batch_size
    return w, b


def student_drops_rest(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for k in range(len(x) // batch_size):
            u = x[k * batch_size : (k + 1) * batch_size]
            r = w * u + b - y[k * batch_size : (k + 1) * batch_size]
            w, b = w - 2 * lr * (r * u).mean(), b - 2 * lr * r.mean()
    return w, b


def student_uphill(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for u, v in batches(x, y, batch_size):
            r = v - (w * u + b)
            w, b = w - lr * 2 * (r * u).mean(), b - lr * 2 * r.mean()
    return w, b


def student_returns_early(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for u, v in batches(x, y, batch_size):
            r = w * u + b - v
            w, b = w - lr * 2 * (r * u).mean(), b - lr * 2 * r.mean()
        return w, b


def student_overlaps(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for i in range(len(x)):
            u, v = x[i : i + batch_size], y[i : i + batch_size]
            r = w * u + b - v
            w, b = w - lr * 2 * (r * u).mean(), b - lr * 2 * r.mean()
    return w, b


STUDENTS = [
    (LINE, student_no_ones, "LAB2-01"),
    (LINE, student_torch_no_ones, "LAB2-01"),
    (LINE, student_ones_first, "LAB2-02"),
    (LINE, student_inverts, "LAB2-04"),
    (LINE, student_cov_var, "LSQ-04"),
    (LINE, student_corrcoef, "LSQ-05"),
    (LINE, student_forgets_last, "LSQ-30"),
    (LINE, student_predicts, "LSQ-34"),
    (LINE, student_wants_columns, "LSQ-35"),
    (LOSS, student_sum, "LAB2-06"),
    (LOSS, student_half, "LAB2-07"),
    (LOSS, student_abs, "MSE-02"),
    (LOSS, student_root, "MSE-04"),
    (LOSS, student_elementwise, "MSE-07"),
    (LOSS, student_broadcasts, "MSE-12"),
    (LOSS, student_returns_in_loop, "MSE-13"),
    (LOSS, student_brackets, "MSE-23"),
    (SGD, student_sums_gradient, "LAB2-09"),
    (SGD, student_in_sequence, "LAB2-11"),
    (SGD, student_bias_stays, "LAB2-12"),
    (SGD, student_first_batch, "LAB2-14"),
    (SGD, student_forgets_zero_grad, "LAB2-16"),
    (SGD, student_half_gradient, "SGD-01"),
    (SGD, student_uphill, "SGD-02"),
    (SGD, student_constant_size, "SGD-20"),
    (SGD, student_drops_rest, "SGD-21"),
    (SGD, student_overlaps, "SGD-23"),
    (SGD, student_returns_early, "SGD-40"),
]


@pytest.mark.parametrize(
    ("task", "answer", "wanted"), STUDENTS, ids=lambda a: getattr(a, "__name__", "")
)
def test_wrong_answers_of_students_are_named(task, answer, wanted):
    catalogue.assert_named(task, answer, wanted)


# ---- two at once, and answers that have no name ------------------------------------------------

PAIRS = [
    (LINE, "LAB2-01", "LAB2-02"),
    (LINE, "LAB2-04", "LSQ-22"),
    (LINE, "LAB2-02", "LSQ-30"),
    (LOSS, "LAB2-06", "MSE-20"),
    (LOSS, "LAB2-07", "MSE-21"),
    (LOSS, "MSE-04", "MSE-23"),
    (SGD, "LAB2-11", "SGD-01"),
    (SGD, "LAB2-16", "SGD-47"),
    (SGD, "SGD-02", "SGD-40"),
]


@pytest.mark.parametrize(("task", "first", "second"), PAIRS)
def test_two_mistakes_at_once_are_not_named_as_one(task, first, second):
    both = by_id(task, first).with_other(by_id(task, second))
    report = checks.check(task.name, lambda *inputs: both(*inputs))
    assert report.mistake is None and report.status == "differs", str(report)
    assert report.pair == (first, second), str(report)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_no_pair_is_named_as_a_third(task):
    catalogue.assert_pairs_are_never_a_third(task)


def test_unknown_mistakes_are_located_and_not_named():
    for task, right in ((LINE, by_covariance), (SGD, slices)):

        def wrong(*inputs, right=right):
            w, b = right(*inputs)
            return w, b + 0.001

        report = checks.check(task.name, wrong)
        assert (report.status, report.mistake) == ("differs", None), str(report)
        assert "off by 0.001" in report.message or "where yours" in report.message
    report = checks.check("mean_squared_error", lambda *a: mean_square(*a) * 1.7)
    assert (report.status, report.mistake) == ("differs", None), str(report)


def test_random_order_is_not_repeatable():
    def shuffled(x, y, *rest):
        order = np.random.permutation(len(x))
        return slices(x[order], y[order], *rest)

    # The small probes come out right by chance now and then, never all of them.
    reports = [checks.check("sgd", shuffled) for _ in range(4)]
    assert not any(r.passed for r in reports)
    assert {r.status for r in reports} <= {"not_repeatable", "differs", "named_mistake"}


def test_one_number_where_two_are_asked():
    report = checks.check("least_squares", lambda x, y: by_covariance(x, y)[0])
    assert report.status == "wrong_type" and "returns 1 result;" in report.message
    report = checks.check("sgd", lambda *inputs: print(slices(*inputs)))
    assert report.status == "wrong_type" and "None" in report.message


def test_changed_inputs_are_a_remark():
    def centres_in_place(x, y):
        w, b = by_covariance(x, y)
        x -= x.mean()
        return w, b

    report = checks.check("least_squares", centres_in_place)
    assert report.passed and report.credit == 1 and "writes into x" in report.remarks[0]


def test_starters_are_not_done_yet():
    def my_sgd(x, y, w, b, lr, num_epochs, batch_size):
        """w and b after num_epochs passes."""
        ...

    assert checks.check("sgd", my_sgd).status == "not_done"
    assert checks.check("sgd", functools.partial(slices)).passed
    assert checks.check("sgd", lambda x, y, w, b, lr: (w, b)).status == "wrong_signature"


def test_answers_learnt_by_heart_do_not_pass():
    memory = {}

    def by_shape(x, y):
        return memory.setdefault(x.shape, by_covariance(x, y))

    assert not checks.check("least_squares", by_shape).passed
    shapes = [(len(p.inputs[0]), p.inputs[4:]) for p in SGD.asked]
    assert any(n % rest[2] for n, rest in shapes) and any(rest[2] > n for n, rest in shapes)
    assert sum(naming.right(LINE, p, [np.array(2.0), np.array(3.0)]) for p in LINE.asked) == 1


def test_a_check_is_quick():
    catalogue.assert_quick(LINE, by_sums, student_cov_var, lambda x, y: (x[0], y[0]))
    catalogue.assert_quick(LOSS, loop_loss, lambda *a: 1.7 * loop_loss(*a))
    catalogue.assert_quick(SGD, loops, torch_module, lambda *a: np.sin(slices(*a)))

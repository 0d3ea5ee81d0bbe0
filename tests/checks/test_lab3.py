"""The catalogues of lab 3: right answers are never named, wrong ones as themselves."""

import numpy as np
import pytest
import scipy.special
import torch
import torch.nn.functional as F
from torch import nn

from dlworkbook import checks
from dlworkbook.checks.tasks import load
from tests.kit import catalogue

pytestmark = pytest.mark.catalogue

SOFTMAX, STEP = load("softmax"), load("manual_step")
TASKS = (SOFTMAX, STEP)
WANTED = {
    "softmax": {"LAB3-01", "LAB3-02", "LAB3-04", "LAB3-06", "LAB3-07"},
    "manual_step": {
        "LAB3-09", "LAB3-11", "LAB3-12", "LAB3-14", "LAB3-16", "LAB3-17", "LAB3-19",
    },
}  # fmt: skip

# ---- right answers, each written on its own ----------------------------------------------------


def vectorised(X):
    E = np.exp(X - X.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def transposed_twice(X):
    Z = X.T - X.max(1)
    return (np.exp(Z) / np.exp(Z).sum(0)).T


def row_by_row(scores):
    rows = []
    for row in scores:
        powers = [np.e ** (v - max(row)) for v in row]
        rows.append([p / sum(powers) for p in powers])
    return np.array(rows)


def by_log_sum_exp(X):
    return np.exp(X - scipy.special.logsumexp(X, axis=1)[:, None])


def by_differences(X):
    with np.errstate(over="ignore"):  # an exponential may be inf here: 1 / inf is 0
        return 1 / np.exp(X[:, None, :] - X[:, :, None]).sum(2)


def with_library(X):
    return scipy.special.softmax(X, axis=-1)


def single_precision(X):
    X = X.astype("float32")
    E = np.exp(X - np.max(X, 1).reshape(-1, 1))
    return E / np.einsum("ij->i", E)[:, None]


def torch_vectorised(X):
    E = torch.exp(X - X.max(dim=1, keepdim=True).values)
    return E / E.sum(dim=1, keepdim=True)


def torch_inside(X):
    return torch.softmax(torch.as_tensor(X), dim=1).numpy()


def torch_log(X):
    return F.log_softmax(X.clone().requires_grad_(), dim=-1).exp()


def formula(W, b, X, y, y_hat, lr):
    T = np.zeros_like(y_hat)
    T[np.arange(len(y)), y] = 1
    D = (y_hat - T) / len(y)
    return W - lr * D.T @ X, b - lr * D.sum(axis=0)


def in_loops(W, b, X, y, y_hat, lr):
    W, b, n = W.copy(), b.copy(), len(X)
    for features, label, probabilities in zip(X, y, y_hat):
        for c in range(len(b)):
            error = probabilities[c] - float(c == label)
            W[c] -= lr / n * error * features
            b[c] -= lr / n * error
    return [W, b]


def with_copied_probabilities(W, b, X, y, y_hat, lr):
    dZ = y_hat.copy()
    dZ[range(len(y)), y] -= 1
    dZ /= dZ.shape[0]
    dW = np.einsum("bc,bd->cd", dZ, X)
    return W - lr * dW, b - lr * np.einsum("bc->c", dZ)


def with_ones(W, b, X, y, y_hat, lr):
    theta, A = np.c_[W, b], np.c_[X, np.ones(len(X))]
    onehot = (y[:, None] == np.arange(y_hat.shape[1])).astype(float)
    theta = theta - lr * np.mean((y_hat - onehot)[:, :, None] * A[:, None], axis=0)
    return theta[:, :-1], theta[:, -1]


def single_precision_step(W, b, X, y, y_hat, lr):
    W, b, X, y_hat = (np.asarray(v, dtype="f4") for v in (W, b, X, y_hat))
    return formula(W, b, X, y, y_hat, np.float32(lr))


def torch_formula(W, b, X, y, y_hat, lr):
    error = y_hat - F.one_hot(y, b.shape[0])
    return W - lr * error.T @ X / len(X), b - lr * error.mean(dim=0)


def torch_scatter(W, b, X, y, y_hat, lr):
    error = y_hat.scatter_add(1, y.unsqueeze(1), -torch.ones(len(y), 1))
    return W - lr * torch.einsum("bc,bd->cd", error, X) / len(y), b - lr * error.sum(0) / len(y)


def torch_parameters(W, b, X, y, y_hat, lr):
    W, b = nn.Parameter(torch.tensor(W)), nn.Parameter(torch.tensor(b))
    with torch.no_grad():
        error = torch.tensor(y_hat)
        error[torch.arange(len(y)), torch.tensor(y)] -= 1
        W -= lr * error.T @ torch.tensor(X) / len(y)
        b -= lr * error.mean(0)
    return W, b


RIGHT = [
    *((SOFTMAX, a) for a in (
        vectorised, transposed_twice, row_by_row, by_log_sum_exp, by_differences, with_library,
        single_precision, torch_vectorised, torch_inside, torch_log,
    )),
    *((STEP, a) for a in (
        formula, in_loops, with_copied_probabilities, with_ones, single_precision_step,
        torch_formula, torch_scatter, torch_parameters,
    )),
]  # fmt: skip


@pytest.mark.parametrize(("task", "answer"), RIGHT, ids=lambda a: getattr(a, "__name__", ""))
def test_right_answers_pass_and_are_never_named(task, answer):
    catalogue.assert_accepted(task, answer)


def test_references_agree_with_autograd():
    for probe in SOFTMAX.asked:
        X = torch.tensor(probe.inputs[0])
        assert np.allclose(SOFTMAX.expected(probe)[0], torch.softmax(X, 1).numpy()), probe.name
    checked = 0
    for probe in STEP.asked:
        W, b, X, y, y_hat, lr = probe.inputs
        tW, tb = (torch.tensor(v, requires_grad=True) for v in (W, b))
        scores = torch.tensor(X) @ tW.T + tb
        if not np.allclose(torch.softmax(scores, 1).detach(), y_hat):
            continue  # probabilities of our own choice: autograd does not know them
        F.cross_entropy(scores, torch.tensor(y)).backward()
        theirs = W - lr * tW.grad.numpy(), b - lr * tb.grad.numpy()
        assert all(map(np.allclose, STEP.expected(probe), theirs)), probe.name
        checked += 1
    assert checked >= 6 and len(STEP.asked) - checked >= 3


# ---- the confusion matrix ----------------------------------------------------------------------

VARIANTS = [
    pytest.param(task, *p.values, id=p.id) for task in TASKS for p in catalogue.variants(task)
]


@pytest.mark.parametrize(("task", "mistake", "k"), VARIANTS)
def test_each_variant_is_named_as_itself(task, mistake, k):
    variant = mistake.variants[k]

    def answer(*inputs):
        with np.errstate(all="ignore"):
            return variant(*inputs)

    catalogue.assert_named(task, answer, mistake.id)
    catalogue.assert_no_other_fits(task, mistake, k)
    catalogue.assert_wrong_somewhere(task, mistake, k)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_catalogue_is_complete_and_well_formed(task):
    code = ("keepdims=", ".sum(", ".mean(", "np.", ".T @", "one_hot", "- lr *", "X.max")
    catalogue.assert_well_formed(task, WANTED[task.name], never_shown=code)
    assert task.name in task.contract and "has shape" in task.contract


def by_id(task, id_, k=0):
    return next(m for m in task.mistakes if m.id == id_).variants[k]


def probe_inputs(task, name):
    return next(p.inputs for p in task.probes if p.name == name)


def test_numbers_that_the_list_of_mistakes_states():
    (square,) = probe_inputs(SOFTMAX, "sm_square")
    (big,) = probe_inputs(SOFTMAX, "sm_big")
    (one,) = probe_inputs(SOFTMAX, "one row")
    wanted = [0.09003057, 0.24472847, 0.66524096]
    assert np.allclose(SOFTMAX.reference(square)[0], wanted)
    assert np.allclose(SOFTMAX.reference(big)[0], wanted)
    assert np.allclose(by_id(SOFTMAX, "LAB3-01")(square).sum(0), 1)
    assert (by_id(SOFTMAX, "LAB3-01")(one) == 1).all()
    with np.errstate(all="ignore"):
        assert np.isnan(by_id(SOFTMAX, "LAB3-02")(big)).all()
    E = np.exp(square - square.max(1, keepdims=True))
    assert np.allclose(by_id(SOFTMAX, "LAB3-04")(square)[:, 1], E[:, 1] / E[1].sum())
    assert np.allclose(by_id(SOFTMAX, "LAB3-06")(one), 1 / 3)
    assert np.allclose(np.exp(by_id(SOFTMAX, "LAB3-07")(square)), SOFTMAX.reference(square))

    W, b, X, y, y_hat, lr = bw = probe_inputs(STEP, "bw")
    new_W, new_b = STEP.reference(*bw)
    assert -np.log(y_hat[[0, 1], y]).mean() == pytest.approx(1.2638293436)
    expected = [[0.0531145, -0.1801883], [-0.0000863, 0.2264920], [0.2469718, 0.1536964]]
    assert np.allclose(new_W, expected, atol=1e-7)
    assert np.allclose(new_b, [0.0288363, 0.0510234, -0.0798597], atol=1e-7)
    up = by_id(STEP, "LAB3-09")(*bw)
    assert np.allclose(up[0] - W, W - new_W) and np.allclose(up[1] - b, b - new_b)
    with pytest.raises(ValueError):
        by_id(STEP, "LAB3-11")(*bw)
    square_bw = probe_inputs(STEP, "bw_square")
    change = STEP.reference(*square_bw)[0] - square_bw[0]
    wrong = by_id(STEP, "LAB3-12")(*square_bw)[0] - square_bw[0]
    assert np.allclose(wrong, change.T)
    assert np.allclose(by_id(STEP, "LAB3-14")(*bw)[1], b)
    not_1 = probe_inputs(STEP, "bw_rows_not_1")
    assert np.allclose(by_id(STEP, "LAB3-14")(*not_1)[1] - b, 0.025)
    sure = probe_inputs(STEP, "confidently wrong")
    assert np.array_equal(by_id(STEP, "LAB3-16")(*sure)[0], W)
    moves = (by_id(STEP, "LAB3-17")(*bw)[1] - b) / (lr / len(X))
    assert np.allclose(moves, np.round(moves))
    assert np.allclose(by_id(STEP, "LAB3-19")(*bw)[0] - W, (new_W - W) / lr)


# ---- wrong answers as students write them ------------------------------------------------------


def student_axis_0(X):
    X = X - X.max()
    return np.exp(X) / np.sum(np.exp(X), axis=0)


def student_plain(X):
    e = np.exp(X)
    return e / e.sum(axis=1, keepdims=True)


def student_plain_torch(X):
    X_exp = torch.exp(torch.as_tensor(X))
    partition = X_exp.sum(1, keepdim=True)
    return X_exp / partition


def student_keepdims(X):
    e = np.exp(X - X.max(axis=1, keepdims=True))
    return e / e.sum(axis=1)


def student_column_maximum(X):
    e = torch.exp(X - X.max(dim=0).values)
    return e / e.sum(dim=1).unsqueeze(1)


def student_log(X):
    return torch.log_softmax(torch.tensor(X), dim=1)


def student_whole_matrix(X):
    e = np.exp(X - np.max(X))
    return e / np.sum(e)


def student_global_maximum(X):
    e = np.exp(X - np.max(X))
    return e / e.sum(axis=1, keepdims=True)


def student_vector(X):
    out = np.zeros(X.shape)
    for j in range(X.shape[0]):
        out[j] = float(np.exp(X[j] - max(X)))
    return out / sum(out)


def student_loop_overwrites(X):
    out = np.zeros_like(X)
    for row in X:
        out[0] = np.exp(row - row.max()) / np.exp(row - row.max()).sum()
        return out


def student_sigmoid(X):
    return torch.sigmoid(torch.tensor(X))


def student_clips(X):
    e = np.exp(np.clip(X, -100, 100))
    return e / e.sum(1)[:, None]


def targets(y, C):
    return np.eye(C)[y]


def student_plus(W, b, X, y, y_hat, lr):
    D = (y_hat - targets(y, len(b))) / len(X)
    W = W + lr * D.T.dot(X)
    b = b + lr * D.sum(0)
    return W, b


def student_labels(W, b, X, y, y_hat, lr):
    error = y_hat - y
    return W - lr * error.T @ X / len(X), b - lr * error.mean(0)


def student_label_columns(W, b, X, y, y_hat, lr):
    error = y_hat - y.reshape(-1, 1)
    return W - lr * error.T @ X / len(X), b - lr * error.mean(0)


def student_x_first(W, b, X, y, y_hat, lr):
    error = (y_hat - targets(y, len(b))) / len(X)
    return W - lr * np.dot(X.T, error), b - lr * error.sum(0)


def student_one_bias(W, b, X, y, y_hat, lr):
    error = (y_hat - targets(y, len(b))) / len(X)
    return W - lr * error.T @ X, b - lr * np.sum(error)


def student_sigmoid_habit(W, b, X, y, y_hat, lr):
    delta = (y_hat - targets(y, len(b))) * y_hat * (1 - y_hat)
    return W - lr * delta.T @ X / len(X), b - lr * delta.mean(0)


def student_argmax(W, b, X, y, y_hat, lr):
    W, b = W.copy(), b.copy()
    for i in range(len(X)):
        guess = y_hat[i].argmax()
        W[guess] -= lr * X[i] / len(X)
        b[guess] -= lr / len(X)
        W[y[i]] += lr * X[i] / len(X)
        b[y[i]] += lr / len(X)
    return W, b


def student_no_rate(W, b, X, y, y_hat, lr):
    error = y_hat - targets(y, len(b))
    return W - error.T @ X / len(X), b - error.mean(0)


def student_torch_sum(W, b, X, y, y_hat, lr):
    error = y_hat - F.one_hot(y, len(b)).float()
    return W - lr * (error.T @ X), b - lr * error.sum(dim=0)


def student_mean_everywhere(W, b, X, y, y_hat, lr):
    error = (y_hat - targets(y, len(b))) / y_hat.size
    return W - lr * error.T @ X, b - lr * error.sum(0)


def student_bias_stays(W, b, X, y, y_hat, lr):
    error = (y_hat - targets(y, len(b))) / len(X)
    return W - lr * error.T @ X, b


def student_counts_labels(W, b, X, y, y_hat, lr):
    error = y_hat - np.eye(np.max(y) + 1)[y]
    return W - lr * error.T @ X / len(X), b - lr * error.mean(0)


def student_torch_counts_labels(W, b, X, y, y_hat, lr):
    error = y_hat - F.one_hot(y)
    return W - lr * error.T @ X / len(X), b - lr * error.mean(0)


def student_autograd(W, b, X, y, y_hat, lr):
    W, b = (torch.tensor(v, requires_grad=True) for v in (W, b))
    F.cross_entropy(torch.tensor(X) @ W.T + b, torch.tensor(y)).backward()
    return W - lr * W.grad, b - lr * b.grad


def student_gradients(W, b, X, y, y_hat, lr):
    error = y_hat - targets(y, len(b))
    return error.T @ X / len(X), error.mean(0)


def student_right_class(W, b, X, y, y_hat, lr):
    dW, db = np.zeros_like(W), np.zeros_like(b)
    for i, label in enumerate(y):
        dW[label] += (y_hat[i, label] - 1) * X[i]
        db[label] += y_hat[i, label] - 1
    return W - lr * dW / len(X), b - lr * db / len(X)


STUDENTS = [
    (SOFTMAX, student_axis_0, "LAB3-01"),
    (SOFTMAX, student_plain, "LAB3-02"),
    (SOFTMAX, student_plain_torch, "LAB3-02"),
    (SOFTMAX, student_keepdims, "LAB3-04"),
    (SOFTMAX, student_column_maximum, "LAB3-06"),
    (SOFTMAX, student_log, "LAB3-07"),
    (SOFTMAX, student_whole_matrix, "SOFTMAX-01"),
    (SOFTMAX, student_sigmoid, "SOFTMAX-07"),
    (SOFTMAX, student_loop_overwrites, "SOFTMAX-09"),
    (SOFTMAX, student_global_maximum, "SOFTMAX-20"),
    (SOFTMAX, student_clips, "SOFTMAX-23"),
    (SOFTMAX, student_vector, "SOFTMAX-36"),
    (STEP, student_plus, "LAB3-09"),
    (STEP, student_labels, "LAB3-11"),
    (STEP, student_label_columns, "LAB3-11"),
    (STEP, student_x_first, "LAB3-12"),
    (STEP, student_one_bias, "LAB3-14"),
    (STEP, student_sigmoid_habit, "LAB3-16"),
    (STEP, student_argmax, "LAB3-17"),
    (STEP, student_no_rate, "LAB3-19"),
    (STEP, student_right_class, "STEP-03"),
    (STEP, student_autograd, "STEP-08"),
    (STEP, student_counts_labels, "STEP-12"),
    (STEP, student_torch_counts_labels, "STEP-12"),
    (STEP, student_torch_sum, "STEP-20"),
    (STEP, student_mean_everywhere, "STEP-21"),
    (STEP, student_bias_stays, "STEP-30"),
    (STEP, student_gradients, "STEP-37"),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # overflow is what some are about
@pytest.mark.parametrize(
    ("task", "answer", "wanted"), STUDENTS, ids=lambda a: getattr(a, "__name__", "")
)
def test_wrong_answers_of_students_are_named(task, answer, wanted):
    catalogue.assert_named(task, answer, wanted)


# ---- two at once, and answers that have no name ------------------------------------------------

PAIRS = [
    (SOFTMAX, "LAB3-06", "SOFTMAX-30"),
    (SOFTMAX, "SOFTMAX-20", "SOFTMAX-34"),
    (STEP, "LAB3-09", "STEP-20"),
    (STEP, "LAB3-16", "LAB3-19"),
    (STEP, "LAB3-17", "STEP-30"),
    (STEP, "LAB3-14", "STEP-36"),
]


@pytest.mark.parametrize(("task", "first", "second"), PAIRS)
def test_two_mistakes_at_once_are_not_named_as_one(task, first, second):
    both = by_id(task, first).with_other(by_id(task, second))

    def answer(*inputs):
        with np.errstate(all="ignore"):
            return both(*inputs)

    report = checks.check(task.name, answer)
    assert report.mistake is None and report.status in ("differs", "wrong_shape", "nan")
    assert report.pair == (first, second), str(report)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_no_pair_is_named_as_a_third(task):
    catalogue.assert_pairs_are_never_a_third(task)


def test_unknown_mistakes_are_located_and_not_named():
    report = checks.check("softmax", lambda X: vectorised(X) ** 1.5)
    assert (report.status, report.mistake) == ("differs", None), str(report)
    assert report.place is not None and report.expected_entry is not None

    def wrong(*inputs):
        W, b = formula(*inputs)
        return W, b + 0.001

    report = checks.check("manual_step", wrong)
    assert (report.status, report.mistake) == ("differs", None), str(report)
    assert "The new b" in report.message and "off by 0.001" in report.message


def test_probabilities_changed_in_place_are_told():
    def minus_one_in_place(W, b, X, y, y_hat, lr):
        y_hat[np.arange(len(y)), y] -= 1
        return W - lr * y_hat.T @ X / len(X), b - lr * y_hat.mean(0)

    report = checks.check("manual_step", minus_one_in_place)
    assert report.status == "changed_input" and report.credit == 0.75
    assert "y_hat" in report.message


def test_starters_are_not_done_yet():
    def my_softmax(X):
        """Each row as probabilities."""
        ...

    assert checks.check("softmax", my_softmax).status == "not_done"
    assert checks.check("softmax", lambda: None).status == "wrong_signature"
    report = checks.check(
        "manual_step", lambda W, b, X, y, y_hat, lr: formula(W, b, X, y, y_hat, lr)[0]
    )
    assert report.status == "wrong_type" and "returns 1 result;" in report.message


def test_probes_hold_the_silent_cases():
    shapes = [(*p.inputs[2].shape, len(p.inputs[1])) for p in STEP.asked]
    assert any(len({B, D, C}) == 3 for B, D, C in shapes)
    assert any(B == D == C > 1 for B, D, C in shapes)  # nothing raises
    assert any(D == C != B for B, D, C in shapes)
    assert any(len(set(p.inputs[3].tolist())) < len(p.inputs[1]) for p in STEP.asked)
    sizes = [p.inputs[0].shape for p in SOFTMAX.asked]
    assert any(n == q > 1 for n, q in sizes) and any(n > q for n, q in sizes)
    assert any(abs(p.inputs[0]).max() >= 1000 for p in SOFTMAX.asked)


def test_a_check_is_quick():
    catalogue.assert_quick(SOFTMAX, row_by_row, lambda X: vectorised(X) ** 1.5)
    catalogue.assert_quick(STEP, in_loops, lambda *a: [v + 0.001 for v in formula(*a)])

"""The catalogues of ``conv2d``, ``max_pool2d`` and ``linear`` (lab 5)."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlworkbook import checks
from dlworkbook.checks.tasks import load
from dlworkbook.checks.tasks.ch03_linear_networks import linear as linear_module
from dlworkbook.checks.tasks.ch06_convolutional_networks import conv2d as conv2d_module
from dlworkbook.checks.tasks.ch06_convolutional_networks import max_pool2d as pool_module
from tests.kit.catalogue import (
    assert_accepted,
    assert_named,
    assert_no_other_fits,
    assert_pairs_are_never_a_third,
    assert_quick,
    assert_well_formed,
    assert_wrong_somewhere,
    variants,
)

pytestmark = pytest.mark.catalogue

CONV, POOL, LINEAR, CORR = map(load, ["conv2d", "max_pool2d", "linear", "corr2d"])
TASKS = [CONV, POOL, LINEAR]
IDS = {
    "conv2d": {"LAB5-01", "LAB5-02", "LAB5-04", "LAB5-06", "LAB5-07", "LAB5-09", "LAB5-11",
               "LAB5-12"},
    "max_pool2d": {"LAB5-14", "LAB5-16", "LAB5-17", "LAB5-19", "LAB5-21"},
    "linear": {"LAB5-22"},
}  # fmt: skip
ALL = [
    pytest.param(task, *p.values, id=f"{task.name}-{p.id}")
    for task in TASKS
    for p in variants(task)
]

# ---- right answers, each written on its own ----------------------------------------------------


def conv_eight_loops(X, K, b):
    n, c_in, H, W = X.shape
    c_out, _, h, w = K.shape
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for s in range(n):
        for o in range(c_out):
            for r in range(H - h + 1):
                for c in range(W - w + 1):
                    out[s, o, r, c] = b[o]
                    for i in range(c_in):
                        for u in range(h):
                            for v in range(w):
                                out[s, o, r, c] += X[s, i, r + u, c + v] * K[o, i, u, v]
    return out


def conv_bias_first(images, filters, offsets):
    rows = images.shape[2] - filters.shape[2] + 1
    cols = images.shape[3] - filters.shape[3] + 1
    maps = np.ones((len(images), 1, rows, cols)) * offsets.reshape(1, -1, 1, 1)
    for u in range(filters.shape[2]):
        for v in range(filters.shape[3]):
            part = images[:, None, :, u : u + rows, v : v + cols]
            maps += (part * filters[None, :, :, u : u + 1, v : v + 1]).sum(2)
    return maps


def conv_im2col_float32(X, K, b):
    X, K, b = (a.astype("float32") for a in (X, K, b))
    (B, I, H, W), (O, _, h, w) = X.shape, K.shape
    p, q = H - h + 1, W - w + 1
    columns = np.stack([X[:, :, u : u + p, v : v + q] for u in range(h) for v in range(w)], 2)
    flat = K.reshape(O, -1) @ columns.reshape(B, I * h * w, p * q) + b[:, None]
    return flat.reshape(B, O, p, q)


def conv_lists(X, K, b):
    h, w = K.shape[2:]
    return np.array(
        [
            [
                [
                    [
                        float((x[:, i : i + h, j : j + w] * k).sum() + bias)
                        for j in range(x.shape[2] - w + 1)
                    ]
                    for i in range(x.shape[1] - h + 1)
                ]
                for k, bias in zip(K, b)
            ]
            for x in X
        ]
    )


def conv_torch(X, K, b):
    return F.conv2d(X, K, b)


def conv_torch_windows(X, K, b):
    patches = X.unfold(2, K.size(2), 1).unfold(3, K.size(3), 1)
    return (patches[:, None] * K[None, :, :, None, None]).sum((2, 5, 6)) + b[:, None, None]


def pool_loops(X, pool_size):
    h, w = pool_size
    out = np.zeros((X.shape[0], X.shape[1], X.shape[2] // h, X.shape[3] // w))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = X[:, :, i * h : i * h + h, j * w : j * w + w].max(axis=(2, 3))
    return out


def pool_search(images, size):
    n, c, H, W = images.shape
    result = np.full((n, c, H // size[0], W // size[1]), -np.inf)
    for s in range(n):
        for k in range(c):
            for r in range(H // size[0] * size[0]):
                for q in range(W // size[1] * size[1]):
                    place = s, k, r // size[0], q // size[1]
                    if images[s, k, r, q] > result[place]:
                        result[place] = images[s, k, r, q]
    return result


def pool_reshape_float32(X, pool_size):
    (B, C, H, W), (h, w) = X.shape, pool_size
    X = X.astype("float32")[:, :, : H - H % h, : W - W % w]
    return X.reshape(B, C, H // h, h, W // w, w).max(axis=5).max(axis=3)


def pool_slices(X, pool_size):
    (H, W), (h, w) = X.shape[2:], pool_size
    best = None
    for u in range(h):
        for v in range(w):
            part = X[:, :, u : H - H % h : h, v : W - W % w : w]
            best = part if best is None else np.maximum(best, part)
    return best.copy()


def pool_torch(X, pool_size):
    return F.max_pool2d(X, pool_size)


def pool_torch_amax(X, pool_size):
    return (
        X.unfold(2, pool_size[0], pool_size[0]).unfold(3, pool_size[1], pool_size[1]).amax((4, 5))
    )


def linear_matmul(X, W, b):
    return np.dot(X, W) + b


def linear_loops(inputs, weight, bias):
    out = np.zeros((inputs.shape[0], weight.shape[1]))
    for n in range(inputs.shape[0]):
        for j in range(weight.shape[1]):
            out[n, j] = bias[j]
            for i in range(weight.shape[0]):
                out[n, j] += inputs[n, i] * weight[i, j]
    return out


def linear_transposed_twice_float32(X, W, b):
    X, W, b = (a.astype("float32") for a in (X, W, b))
    return (W.T @ X.T + b[:, None]).T


def linear_outer(X, W, b):
    return b + sum(X[:, i : i + 1] * W[i : i + 1] for i in range(len(W)))


def linear_torch(X, W, b):
    return F.linear(X, W.T, b)


def linear_addmm(X, W, b):
    return torch.addmm(b, X, W)


RIGHT = [
    *[(CONV, f) for f in (conv_eight_loops, conv_bias_first, conv_im2col_float32, conv_lists,
                          conv_torch, conv_torch_windows)],
    *[(POOL, f) for f in (pool_loops, pool_search, pool_reshape_float32, pool_slices, pool_torch,
                          pool_torch_amax)],
    *[(LINEAR, f) for f in (linear_matmul, linear_loops, linear_transposed_twice_float32,
                            linear_outer, linear_torch, linear_addmm)],
]  # fmt: skip


@pytest.mark.parametrize(("task", "answer"), RIGHT, ids=lambda x: getattr(x, "__name__", "task"))
def test_right_answers_pass_and_are_never_named(task, answer):
    assert_accepted(task, answer)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_references_are_those_of_torch(task):
    """Compared with torch on every probe; so is the fast form that the variants are made from."""
    module = {"conv2d": conv2d_module, "max_pool2d": pool_module, "linear": linear_module}[
        task.name
    ]
    library = {
        "conv2d": F.conv2d,
        "max_pool2d": F.max_pool2d,
        "linear": lambda X, W, b: F.linear(X, W.T, b),
    }[task.name]
    for probe in task.asked:
        given = [torch.tensor(a) if isinstance(a, np.ndarray) else a for a in probe.inputs]
        want = library(*given).numpy()
        assert np.array_equal(module.reference(*probe.inputs), want), probe.name
        assert np.array_equal(module.right(*probe.inputs), want), probe.name


# ---- the confusion matrix ----------------------------------------------------------------------


@pytest.mark.parametrize(("task", "mistake", "k"), ALL)
def test_each_variant_is_named_as_itself(task, mistake, k):
    variant = mistake.variants[k]
    assert_named(task, lambda *inputs: variant(*inputs), mistake.id)


@pytest.mark.parametrize(("task", "mistake", "k"), ALL)
def test_each_variant_has_a_signature_of_its_own(task, mistake, k):
    assert_no_other_fits(task, mistake, k)
    assert_wrong_somewhere(task, mistake, k)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_catalogue_is_complete_and_well_formed(task):
    code = ("einsum", ".max(", "[::-1", "range(H", "[:, None", "X @", "reshape(1", "// h")
    assert_well_formed(task, IDS[task.name], never_shown=code)
    assert len(task.mistakes) >= 20


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_pairs_are_never_named_as_a_third(task):
    assert_pairs_are_never_a_third(task)


def test_faults_of_the_correlation_keep_their_name_and_most_points():
    """A wrong ``corr2d`` costs once, in its own task."""
    of_corr2d = {m.id: m for m in CORR.mistakes}
    shared = [m for m in CONV.mistakes if m.id in of_corr2d]
    assert len(shared) > 35
    for m in shared:
        assert m.title == of_corr2d[m.id].title and m.keeps == 0.75


# ---- the numbers that the list of mistakes states for its probes --------------------------------


def gives(task, id_, name, k=0):
    """What a mistake's variant gives on a probe."""
    probe = next(p for p in task.probes if p.name == name)
    mistake = next(m for m in task.mistakes if m.id == id_)
    return mistake.variants[k](*probe.inputs)


def test_values_of_the_published_probes():
    assert (gives(CONV, "LAB5-11", "zero image") == [1, 10, 100]).all()
    assert gives(CONV, "LAB5-12", "zero image")[0, :, 0, 0].tolist() == [2, 20, 200]
    assert gives(POOL, "LAB5-14", "0 to 15").shape == (1, 1, 3, 3)
    assert gives(POOL, "LAB5-16", "0 to 15")[0, 0].tolist() == [[2.5, 4.5], [10.5, 12.5]]
    both = gives(POOL, "LAB5-17", "two channels")
    assert both.tolist() == [[[[105, 107], [113, 115]]] * 2]
    assert gives(POOL, "LAB5-19", "0 to 24").shape == (1, 1, 3, 3)
    assert gives(POOL, "LAB5-21", "0 to 23").shape == (1, 1, 1, 3)
    assert POOL.expected(next(p for p in POOL.probes if p.name == "0 to 23"))[0].shape[2:] == (2, 2)
    assert gives(LINEAR, "LAB5-22", "demo, square").tolist() == [[0, 3, 6], [2, 5, 8]]
    with pytest.raises(ValueError):
        gives(LINEAR, "LAB5-22", "demo")


# ---- wrong answers as students write them (none of them comes from the catalogue) --------------


def corr(X, K):
    """A right correlation for the students of ``conv2d``."""
    return F.conv2d(torch.from_numpy(X), torch.from_numpy(K)).numpy()


def conv_forgets_to_reshape(X, K, b):
    return corr(X, K) + b


def conv_reshapes_for_rows(X, K, b):
    return corr(X, K) + b.reshape(-1, 1)


def conv_bias_in_channel_loop(X, K, b):
    out = np.zeros((len(X), len(K), *(X.shape[k] - K.shape[k] + 1 for k in (2, 3))))
    for n in range(len(X)):
        for o in range(len(K)):
            for i in range(K.shape[1]):
                out[n, o] += corr(X[n : n + 1, i : i + 1], K[o : o + 1, i : i + 1])[0, 0] + b[o]
    return out


def conv_bias_in_window_loop(X, K, b):
    (n, c_in, H, W), (c_out, _, h, w) = X.shape, K.shape
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for s, o, r, c in np.ndindex(*out.shape):
        for i, u, v in np.ndindex(c_in, h, w):
            out[s, o, r, c] += X[s, i, r + u, c + v] * K[o, i, u, v] + b[o]
    return out


def conv_adds_to_everything(X, K, b):
    Y = corr(X, K)
    for o in range(len(b)):
        Y += b[o]
    return Y


def conv_forgets_bias(X, K, b):
    return corr(X, K)


def conv_first_bias_only(X, K, b):
    return corr(X, K) + b[0]


def conv_integers(X, K, b):
    out = np.zeros(corr(X, K).shape, dtype=int)
    for o in range(len(K)):
        out[:, o] = corr(X, K)[:, o] + b[o]
    return out


def conv_with_relu(X, K, b):
    return F.relu(F.conv2d(torch.from_numpy(X), torch.from_numpy(K), torch.from_numpy(b)))


def conv_true_convolution(X, K, b):
    from scipy.signal import convolve2d

    maps = [[sum(map(lambda x, k: convolve2d(x, k, "valid"), xs, ks)) for ks in K] for xs in X]
    return np.array(maps) + b[None, :, None, None]


def conv_one_input_channel(X, K, b):
    return corr(X[:, 0:1], K[:, 0:1]) + b.reshape(1, len(b), 1, 1)


def conv_bias_to_first_sample(X, K, b):
    Y = corr(X, K)
    for o in range(len(b)):
        Y[0, o] += b[o]
    return Y


def pool_stride_one(X, pool_size):
    h, w = pool_size
    out = np.zeros((*X.shape[:2], X.shape[2] - h + 1, X.shape[3] - w + 1))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = X[:, :, i : i + h, j : j + w].max((2, 3))
    return out


def pool_forgets_times(X, pool_size):
    out = np.zeros((*X.shape[:2], X.shape[2] // pool_size[0], X.shape[3] // pool_size[1]))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            window = X[:, :, i : i + pool_size[0], j : j + pool_size[1]]
            out[:, :, i, j] = window.max((2, 3))
    return out


def pool_average(X, pool_size):
    return F.avg_pool2d(torch.from_numpy(X), pool_size)


def pool_one_maximum(X, pool_size):
    h, w = pool_size
    out = np.zeros((*X.shape[:2], X.shape[2] // h, X.shape[3] // w))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = np.max(X[:, :, i * h : (i + 1) * h, j * w : (j + 1) * w])
    return out


def pool_ceil(X, pool_size):
    return F.max_pool2d(torch.from_numpy(X), pool_size, ceil_mode=True)


def pool_exchanged(X, pool_size):
    w, h = pool_size
    return F.max_pool2d(torch.from_numpy(X), (h, w))


def pool_from_zero(X, pool_size):
    h, w = pool_size
    out = np.zeros((*X.shape[:2], X.shape[2] // h, X.shape[3] // w))
    for n, c, i, j in np.ndindex(*out.shape):
        best = 0
        for u in range(h):
            for v in range(w):
                if X[n, c, i * h + u, j * w + v] > best:
                    best = X[n, c, i * h + u, j * w + v]
        out[n, c, i, j] = best
    return out


def pool_builtin_max_of_rows(X, pool_size):
    h, w = pool_size
    out = np.zeros((*X.shape[:2], X.shape[2] // h, X.shape[3] // w))
    for n, c, i, j in np.ndindex(*out.shape):
        out[n, c, i, j] = max(X[n, c, i * h, j * w : (j + 1) * w])
    return out


def pool_indivisible(X, pool_size):
    (B, C, H, W), (h, w) = X.shape, pool_size
    return X.reshape(B, C, H // h, h, W // w, w).max((3, 5))


def pool_wrong_axes(X, pool_size):
    (B, C, H, W), (h, w) = X.shape, pool_size
    X = X[:, :, : H // h * h, : W // w * w]
    return X.reshape(B, C, H // h, W // w, h, w).max((4, 5))


def pool_one_number(X, pool_size):
    out = np.zeros((*X.shape[:2], X.shape[2] // pool_size, X.shape[3] // pool_size))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            rows = slice(i * pool_size, (i + 1) * pool_size)
            out[:, :, i, j] = X[:, :, rows, j * pool_size : (j + 1) * pool_size].max((2, 3))
    return out


def pool_first_size_twice(X, pool_size):
    p = pool_size[0]
    out = np.zeros((*X.shape[:2], X.shape[2] // p, X.shape[3] // p))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = X[:, :, i * p : i * p + p, j * p : j * p + p].max((2, 3))
    return out


def pool_integers(X, pool_size):
    out = np.zeros(F.max_pool2d(torch.from_numpy(X), pool_size).shape, dtype=np.int64)
    out[...] = F.max_pool2d(torch.from_numpy(X), pool_size).numpy()
    return out


def linear_printed_answer(X, W, b):
    return X.dot(W.transpose()) + b


def linear_library(X, W, b):
    return F.linear(torch.from_numpy(X), torch.from_numpy(W), torch.from_numpy(b))


def linear_forgets_bias(X, W, b):
    return np.matmul(X, W)


def linear_bias_in_loop(X, W, b):
    out = np.zeros((len(X), W.shape[1]))
    for n in range(len(X)):
        for j in range(W.shape[1]):
            for i in range(W.shape[0]):
                out[n, j] += X[n, i] * W[i, j] + b[j]
    return out


def linear_bias_column(X, W, b):
    return X @ W + b.reshape(-1, 1)


def linear_columns(X, W, b):
    return W.T @ X.T + b.reshape(-1, 1)


def linear_star(X, W, b):
    return X * W + b


def linear_overwrites(X, W, b):
    out = np.zeros((len(X), W.shape[1]))
    for n in range(len(X)):
        for j in range(W.shape[1]):
            for i in range(W.shape[0]):
                out[n, j] = X[n, i] * W[i, j]
    return out + b


def linear_reshape(X, W, b):
    return X @ W.reshape(W.shape[1], W.shape[0]).T + b


def linear_with_relu(X, W, b):
    return np.where(X @ W + b > 0, X @ W + b, 0)


STUDENTS = {
    conv_forgets_to_reshape: (CONV, "LAB5-11"),
    conv_reshapes_for_rows: (CONV, "LAB5-11"),
    conv_bias_in_channel_loop: (CONV, "LAB5-12"),
    conv_bias_in_window_loop: (CONV, "CONV2D-02"),
    conv_adds_to_everything: (CONV, "CONV2D-06"),
    conv_forgets_bias: (CONV, "CONV2D-01"),
    conv_first_bias_only: (CONV, "CONV2D-05"),
    conv_integers: (CONV, "CONV2D-11"),
    conv_with_relu: (CONV, "CONV2D-10"),
    conv_true_convolution: (CONV, "LAB5-01"),
    conv_one_input_channel: (CONV, "LAB5-02"),
    conv_bias_to_first_sample: (CONV, "CONV2D-08"),
    pool_stride_one: (POOL, "LAB5-14"),
    pool_forgets_times: (POOL, "MAXPOOL-01"),
    pool_average: (POOL, "LAB5-16"),
    pool_one_maximum: (POOL, "LAB5-17"),
    pool_ceil: (POOL, "LAB5-19"),
    pool_exchanged: (POOL, "LAB5-21"),
    pool_from_zero: (POOL, "MAXPOOL-04"),
    pool_builtin_max_of_rows: (POOL, "MAXPOOL-06"),
    pool_indivisible: (POOL, "MAXPOOL-17"),
    pool_wrong_axes: (POOL, "MAXPOOL-13"),
    pool_one_number: (POOL, "MAXPOOL-28"),
    pool_first_size_twice: (POOL, "MAXPOOL-09"),
    pool_integers: (POOL, "MAXPOOL-25"),
    linear_printed_answer: (LINEAR, "LAB5-22"),
    linear_library: (LINEAR, "LAB5-22"),
    linear_forgets_bias: (LINEAR, "LINEAR-07"),
    linear_bias_in_loop: (LINEAR, "LINEAR-11"),
    linear_bias_column: (LINEAR, "LINEAR-09"),
    linear_columns: (LINEAR, "LINEAR-15"),
    linear_star: (LINEAR, "LINEAR-02"),
    linear_overwrites: (LINEAR, "LINEAR-05"),
    linear_reshape: (LINEAR, "LINEAR-01"),
    linear_with_relu: (LINEAR, "LINEAR-19"),
}


@pytest.mark.parametrize("answer", STUDENTS, ids=lambda f: f.__name__)
def test_wrong_answers_of_students_are_named(answer):
    task, wanted = STUDENTS[answer]
    assert_named(task, answer, wanted)


# ---- two at once, and answers that have no name ------------------------------------------------

PAIRS = [
    (CONV, "LAB5-12", "LAB5-01"),
    (CONV, "CONV2D-01", "LAB5-04"),
    (CONV, "CONV2D-03", "CONV2D-10"),
    (POOL, "LAB5-16", "LAB5-21"),
    (POOL, "LAB5-17", "LAB5-19"),
    (POOL, "MAXPOOL-02", "MAXPOOL-25"),
    (LINEAR, "LINEAR-01", "LINEAR-07"),
    (LINEAR, "LINEAR-08", "LINEAR-15"),
]


@pytest.mark.parametrize(("task", "first", "second"), PAIRS)
def test_two_mistakes_at_once_are_not_named_as_one(task, first, second):
    by_id = {m.id: m for m in task.mistakes}
    both = by_id[first].variants[0].with_other(by_id[second].variants[0])
    report = checks.check(task.name, lambda *inputs: both(*inputs))
    assert report.mistake is None and set(report.pair or ()) == {first, second}, str(report)
    assert report.credit == max(0, by_id[first].keeps + by_id[second].keeps - 1)


def test_two_mistakes_are_told_also_where_one_of_them_stops():
    """The transposed weight raises unless it is square; there the bias is seen to be missing."""
    report = checks.check("linear", lambda X, W, b: X @ W.T)
    assert report.status == "raised" and "stopped with ValueError" in report.message
    assert set(report.pair) == {"LAB5-22", "LINEAR-07"} and report.credit == 0.25


def test_what_always_stops_is_not_searched_for_pairs():
    report = checks.check("linear", lambda X, W, b: 1 / 0)
    assert report.status == "raised" and report.pair is None and report.credit == 0


@pytest.mark.parametrize(
    ("task", "wrong"),
    [
        (CONV, lambda X, K, b: conv2d_module.right(X, K, b) + 0.001),
        (CONV, lambda X, K, b: conv2d_module.right(X, K, b * b)),
        (POOL, lambda X, s: np.exp(pool_module.right(X, s))),
        (POOL, lambda X, s: pool_module.right(X, s) * 3),
        (LINEAR, lambda X, W, b: linear_module.right(X, W, b) ** 3),
        (LINEAR, lambda X, W, b: linear_module.right(X, np.sort(W, 0), b)),
    ],
)
def test_unknown_mistakes_are_located_and_not_named(task, wrong):
    report = checks.check(task.name, wrong)
    assert (report.status, report.mistake, report.pair) == ("differs", None, None), str(report)
    shown = next(p for p in task.probes if p.name == report.probe)
    assert report.expected_entry == pytest.approx(task.expected(shown)[0][report.place])


def test_answers_remembered_by_shape_do_not_pass():
    for task in TASKS:
        memory = {}

        def by_shape(*inputs, task=task, memory=memory):
            key = tuple(getattr(x, "shape", x) for x in inputs)
            if key not in memory:
                memory[key] = task.reference(*inputs)
            return memory[key].copy()

        report = checks.check(task.name, by_shape)
        assert not report.passed and report.right >= len(task.asked) - 4, str(report)


def test_probe_sizes_differ_and_agree_where_they_should():
    pools = [(p.inputs[0].shape, p.inputs[1]) for p in POOL.asked]
    assert any(len({*x, *s}) == 6 for x, s in pools)
    assert any(x[2] % s[0] and x[3] % s[1] for x, s in pools)
    convs = [(p.inputs[0].shape, p.inputs[1].shape) for p in CONV.asked]
    assert any(k[0] == x[3] - k[3] + 1 > 1 for x, k in convs)  # the bias fits the width
    assert any(k[0] == x[0] > 1 for x, k in convs)
    layers = [(len(p.inputs[0]), *p.inputs[1].shape) for p in LINEAR.asked]
    assert any(len(set(s)) == 3 for s in layers) and any(len(set(s)) == 1 for s in layers)
    assert any(s[0] == s[2] != s[1] for s in layers) and any(s[1] == s[2] != s[0] for s in layers)


def test_ready_made_answers_lose_nothing_and_are_remarked_on():
    """The rule of the lab is about learning: the task says so in one sentence, and that is all."""
    assert "`conv2d`" in CONV.remark(conv_torch) and "`unfold`" in CONV.remark(conv_torch_windows)
    assert "`max_pool2d`" in POOL.remark(pool_torch)
    assert "`unfold`" in POOL.remark(pool_torch_amax)
    for task, answer in RIGHT[:4]:
        assert task.remark(answer) == ""
    for answer in (pool_loops, pool_search, pool_reshape_float32, pool_slices):
        assert POOL.remark(answer) == ""
    assert CONV.remark(np.sin) == ""  # no source


def test_a_check_is_quick():
    assert_quick(CONV, conv_eight_loops, conv_forgets_bias, lambda X, K, b: corr(X, K) + b.max())
    assert_quick(POOL, pool_search, pool_average, lambda X, s: pool_loops(X, s) * 3)
    assert_quick(LINEAR, linear_loops, linear_star, lambda X, W, b: (X @ W + b) ** 3)

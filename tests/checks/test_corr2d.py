"""The catalogue of ``corr2d``: right answers are never named, wrong ones as themselves."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from dlworkbook import checks
from dlworkbook.checks import naming
from dlworkbook.checks.tasks import load
from dlworkbook.checks.tasks.ch06_convolutional_networks import corr2d as task_module
from tests.kit.catalogue import assert_quick

TASK = load("corr2d")
VARIANTS = [(m, k) for m in TASK.mistakes for k in range(len(m.variants))]
VARIANT_IDS = [f"{m.id}-{k}" for m, k in VARIANTS]

# ---- right answers, each written on its own ----------------------------------------------------


def seven_loops(X, K):
    n, c_in, H, W = X.shape
    c_out, _, h, w = K.shape
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b in range(n):
        for o in range(c_out):
            for r in range(H - h + 1):
                for c in range(W - w + 1):
                    total = 0.0
                    for i in range(c_in):
                        for u in range(h):
                            for v in range(w):
                                total += X[b, i, r + u, c + v] * K[o, i, u, v]
                    out[b, o, r, c] = total
    return out


def window_at_a_time(image, kernel):
    rows = image.shape[-2] - kernel.shape[-2] + 1
    cols = image.shape[-1] - kernel.shape[-1] + 1
    result = np.empty((len(image), len(kernel), rows, cols), dtype=image.dtype)
    for r in range(rows):
        for c in range(cols):
            patch = image[:, None, :, r : r + kernel.shape[-2], c : c + kernel.shape[-1]]
            result[:, :, r, c] = (patch * kernel).sum(axis=(2, 3, 4))
    return result


def with_windows(X, K):
    return np.einsum("bipqhw,oihw->bopq", sliding_window_view(X, K.shape[2:], axis=(2, 3)), K)


def with_tensordot(X, K):
    windows = sliding_window_view(X, K.shape[2:], (2, 3))
    return np.tensordot(windows, K, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)


def with_strides(X, K):
    b, i, H, W = X.shape
    o, _, h, w = K.shape
    sb, si, sr, sc = X.strides
    view = as_strided(X, (b, H - h + 1, W - w + 1, i, h, w), (sb, sr, sc, si, sr, sc))
    return (view.reshape(b, H - h + 1, W - w + 1, -1) @ K.reshape(o, -1).T).transpose(0, 3, 1, 2)


def im2col(X, K):
    B, I, H, W = X.shape
    O, _, h, w = K.shape
    p, q = H - h + 1, W - w + 1
    columns = np.stack([X[:, :, u : u + p, v : v + q] for u in range(h) for v in range(w)], 2)
    return (K.reshape(O, -1) @ columns.reshape(B, I * h * w, p * q)).reshape(B, O, p, q)


def with_fft(X, K):
    s = X.shape[2:]
    spectrum = np.einsum("biuv,oiuv->bouv", np.fft.fft2(X), np.fft.fft2(K, s).conj())
    p, q = s[0] - K.shape[2] + 1, s[1] - K.shape[3] + 1
    return np.fft.ifft2(spectrum).real[:, :, :p, :q]


def single_precision(X, K):
    return with_windows(X.astype("float32"), K.astype("float32")).astype("float32")


def helpers_from_d2l(X, K):
    def one(x, k):
        y = np.zeros((x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1))
        for i in range(y.shape[0]):
            for j in range(y.shape[1]):
                y[i, j] = (x[i : i + k.shape[0], j : j + k.shape[1]] * k).sum()
        return y

    return np.stack([np.stack([sum(one(x, k) for x, k in zip(xs, ks)) for ks in K]) for xs in X])


def on_flipped_convolve(X, K):
    from scipy.signal import convolve2d

    return np.array(
        [
            [sum(convolve2d(x, k[::-1, ::-1], "valid") for x, k in zip(xs, ks)) for ks in K]
            for xs in X
        ]
    )


def torch_library(X, K):
    return F.conv2d(X, K)


def torch_inside(X, K):
    return F.conv2d(torch.from_numpy(X), torch.from_numpy(K)).numpy()


def torch_module_inside(X, K):
    layer = torch.nn.Conv2d(K.shape[1], K.shape[0], K.shape[2:], bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.as_tensor(K))
    return layer(torch.as_tensor(X).float())  # requires grad


def torch_unfold_method(X, K):
    return torch.einsum("bipqhw,oihw->bopq", X.unfold(2, K.size(2), 1).unfold(3, K.size(3), 1), K)


def torch_loops(X, K):
    Y = torch.zeros(X.size(0), K.size(0), X.size(2) - K.size(2) + 1, X.size(3) - K.size(3) + 1)
    for r in range(Y.size(2)):
        for c in range(Y.size(3)):
            patch = X[:, :, r : r + K.size(2), c : c + K.size(3)]
            Y[:, :, r, c] = torch.tensordot(patch, K, dims=([1, 2, 3], [1, 2, 3]))
    return Y


class Callable:
    """An answer may be an object."""

    def __call__(self, X, K, stride=1):
        return with_windows(X, K)


RIGHT = [
    seven_loops,
    window_at_a_time,
    with_windows,
    with_tensordot,
    with_strides,
    im2col,
    with_fft,
    single_precision,
    helpers_from_d2l,
    on_flipped_convolve,
    torch_library,
    torch_inside,
    torch_module_inside,
    torch_unfold_method,
    torch_loops,
    Callable(),
]


@pytest.mark.parametrize("answer", RIGHT, ids=lambda f: getattr(f, "__name__", "object"))
def test_right_answers_pass_and_are_never_named(answer):
    report = checks.check("corr2d", answer)
    assert report.status == "passed", str(report)
    assert report.passed and report.mistake is None and report.right == report.probes == 13


# ---- the confusion matrix ----------------------------------------------------------------------


@pytest.mark.parametrize(("mistake", "k"), VARIANTS, ids=VARIANT_IDS)
def test_each_variant_is_named_as_itself_by_check(mistake, k):
    variant = mistake.variants[k]

    def answer(X, K):
        return variant(X, K)

    report = checks.check("corr2d", answer)
    assert (report.status, report.mistake) == ("named_mistake", mistake.id), str(report)
    assert not report.passed


@pytest.mark.catalogue
@pytest.mark.parametrize(("mistake", "k"), VARIANTS, ids=VARIANT_IDS)
def test_each_variant_has_a_signature_of_its_own(mistake, k):
    """No other mistake fits in the stage in which this one does (so a name is never a guess)."""
    outcomes = [(p, TASK.outcome(mistake.variants[k], p)) for p in TASK.probes]
    assert [m.id for m in naming.candidates(TASK, outcomes)] == [mistake.id]


def test_no_variant_is_right_on_all_probes_and_the_reference_is():
    for mistake, k in VARIANTS:
        got = [naming.right(TASK, p, TASK.outcome(mistake.variants[k], p)) for p in TASK.asked]
        assert not all(got), mistake.id
    for p in TASK.asked:
        X, K = p.inputs
        want = F.conv2d(torch.tensor(X), torch.tensor(K)).numpy()
        assert np.array_equal(task_module.reference(X, K), want), p.name
        assert np.array_equal(task_module.right(X, K), want), p.name


def test_catalogue_is_complete_and_well_formed():
    ids = [m.id for m in TASK.mistakes]
    assert len(ids) == len(set(ids))
    wanted = {"LAB5-01", "LAB5-02", "LAB5-04", "LAB5-06", "LAB5-07", "LAB5-09"}
    assert wanted <= set(ids)
    assert len([i for i in ids if i.startswith("CORR2D-")]) >= 15
    for m in TASK.mistakes:
        assert m.variants and m.title and m.message.endswith(".") and m.hint[-1] in ".?", m.id
        for code in ("einsum", "sliding_window", "F.conv2d", "[::-1", "range(H", ".sum("):
            assert code not in m.message + m.hint, f"{m.id} shows code of the answer"


def test_values_of_the_published_probes():
    """The numbers that the list of mistakes states for its demonstration probe."""
    X, K = TASK.probes[0].inputs
    by_id = {m.id: m for m in TASK.mistakes}
    assert task_module.reference(X, K)[0, 0].tolist() == [[37, 47], [67, 77]]
    assert by_id["LAB5-01"].variants[0](X, K)[0, 0].tolist() == [[23, 33], [53, 63]]
    assert by_id["LAB5-07"].variants[0](X, K)[0, 0].tolist() == [[37, 67], [47, 77]]
    assert by_id["LAB5-04"].variants[0](X, K).shape == (1, 1, 1, 1)


# ---- wrong answers as students write them (none of them comes from the catalogue) --------------


def sizes(X, K):
    return (*X.shape, K.shape[0], *K.shape[2:])


def student_lab5_01(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for i in range(h):
        for j in range(w):
            piece = X[:, :, i : i + H - h + 1, j : j + W - w + 1]
            out += np.tensordot(piece, K[:, :, h - 1 - i, w - 1 - j], (1, 1)).transpose(0, 3, 1, 2)
    return out


def student_lab5_02(X, K):
    n, _, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b, o, i, j in np.ndindex(*out.shape):
        out[b, o, i, j] = np.sum(X[b][0][i : i + h, j : j + w] * K[o][0])
    return out


def student_lab5_04(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h, W - w))
    for i in range(H - h):
        for j in range(W - w):
            patch = X[:, :, i : i + h, j : j + w].reshape(n, -1)
            out[:, :, i, j] = patch @ K.reshape(c_out, -1).T
    return out


def student_lab5_06(X, K):
    n, c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b in range(n):
        for o in range(c_out):
            for c in range(c_in):
                for i in range(H - h + 1):
                    for j in range(W - w + 1):
                        out[b, o, i, j] += (X[b, c, i : i + h, j : j + w] * K[c, o]).sum()
    return out


def student_lab5_06_unpack(X, K):
    n, _, H, W = X.shape
    c_in, c_out, h, w = K.shape
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b, o, i, j in np.ndindex(*out.shape):
        for c in range(c_in):
            out[b, o, i, j] += (X[b, c, i : i + h, j : j + w] * K[c, o]).sum()
    return out


def student_lab5_07(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b in range(n):
        for o in range(c_out):
            for i in range(H - h + 1):
                for j in range(W - w + 1):
                    out[b, o, j, i] = np.sum(X[b, :, i : i + h, j : j + w] * K[o])
    return out


def student_lab5_07_lists(X, K):
    _n, _c_in, H, W, _c_out, h, w = sizes(X, K)
    columns = range(W - w + 1)
    return np.array(
        [
            [
                [
                    [(x[:, i : i + h, j : j + w] * k).sum() for i in range(H - h + 1)]
                    for j in columns
                ]
                for k in K
            ]
            for x in X
        ]
    )


def student_lab5_09(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for o in range(c_out):
        for i in range(H - h + 1):
            for j in range(W - w + 1):
                out[:, o, i, j] = np.sum(X[0, :, i : i + h, j : j + w] * K[o])
    return out


def student_lab5_09_return_in_loop(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b in range(n):
        for o, i, j in np.ndindex(*out.shape[1:]):
            out[b, o, i, j] = np.sum(X[b, :, i : i + h, j : j + w] * K[o])
        return out


def student_overwrites(X, K):
    n, c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b, o, i, j in np.ndindex(*out.shape):
        for c in range(c_in):
            out[b, o, i, j] = (X[b, c, i : i + h, j : j + w] * K[o, c]).sum()
    return out


def student_2d(X, K):
    h, w = K.shape
    Y = np.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


def student_integer(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1), dtype=int)
    for b, o, i, j in np.ndindex(*out.shape):
        out[b, o, i, j] = (X[b, :, i : i + h, j : j + w] * K[o]).sum()
    return out


def student_mean(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b, o, i, j in np.ndindex(*out.shape):
        out[b, o, i, j] = (X[b, :, i : i + h, j : j + w] * K[o]).mean()
    return out


def student_exchanged_sizes(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, W - w + 1, H - h + 1))
    for b in range(n):
        for o in range(c_out):
            for i in range(H - h + 1):
                for j in range(W - w + 1):
                    out[b, o, i, j] = (X[b, :, i : i + h, j : j + w] * K[o]).sum()
    return out


def student_square_kernel(X, K):
    n, _c_in, H, W = X.shape
    c_out, k = K.shape[0], K.shape[2]
    out = np.zeros((n, c_out, H - k + 1, W - k + 1))
    for b, o, i, j in np.ndindex(*out.shape):
        out[b, o, i, j] = (X[b, :, i : i + k, j : j + k] * K[o]).sum()
    return out


def student_accumulates(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out, total = np.zeros((n, c_out, H - h + 1, W - w + 1)), 0.0
    for b, o, i, j in np.ndindex(*out.shape):
        total += (X[b, :, i : i + h, j : j + w] * K[o]).sum()
        out[b, o, i, j] = total
    return out


def student_torch_padding(X, K):
    return F.conv2d(X, K, padding=(K.shape[2] // 2, K.shape[3] // 2))


def student_torch_flip(X, K):
    return F.conv2d(X, K.flip(2, 3))


def student_torch_relu(X, K):
    return F.relu(F.conv2d(X, K))


def student_in_place(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b, o, i, j in np.ndindex(*out.shape):
        X[b, :, i : i + h, j : j + w] *= K[o]
        out[b, o, i, j] = X[b, :, i : i + h, j : j + w].sum()
    return out


def student_one_channel(X, K):
    n, _, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b, o, i, j in np.ndindex(*out.shape):
        out[b, o, i, j] = (X[b, :, i : i + h, j : j + w].reshape(h, w) * K[o]).sum()
    return out


STUDENTS = {
    student_lab5_01: "LAB5-01",
    student_lab5_02: "LAB5-02",
    student_lab5_04: "LAB5-04",
    student_lab5_06: "LAB5-06",
    student_lab5_06_unpack: "LAB5-06",
    student_lab5_07: "LAB5-07",
    student_lab5_07_lists: "LAB5-07",
    student_lab5_09: "LAB5-09",
    student_lab5_09_return_in_loop: "LAB5-09",
    student_overwrites: "CORR2D-02",
    student_mean: "CORR2D-03",
    student_square_kernel: "CORR2D-15",
    student_torch_padding: "CORR2D-23",
    student_exchanged_sizes: "CORR2D-32",
    student_integer: "CORR2D-33",
    student_torch_relu: "CORR2D-34",
    student_torch_flip: "LAB5-01",
    student_accumulates: "CORR2D-37",
    student_in_place: "CORR2D-41",
    student_2d: "CORR2D-42",
    student_one_channel: "CORR2D-43",
}


@pytest.mark.parametrize(
    ("answer", "wanted"), STUDENTS.items(), ids=lambda x: getattr(x, "__name__", x)
)
def test_wrong_answers_of_students_are_named(answer, wanted):
    report = checks.check("corr2d", answer)
    assert (report.status, report.mistake) == ("named_mistake", wanted), str(report)


# ---- two at once, and answers that have no name ------------------------------------------------

PAIRS = [
    ("LAB5-01", "LAB5-04"),
    ("LAB5-02", "CORR2D-34"),
    ("LAB5-01", "CORR2D-22"),
    ("CORR2D-03", "CORR2D-10"),
    ("LAB5-09", "CORR2D-13"),
    ("LAB5-07", "CORR2D-33"),
]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_two_mistakes_at_once_are_not_named_as_one(first, second):
    by_id = {m.id: m.variants[0] for m in TASK.mistakes}
    both = by_id[first].with_other(by_id[second])
    report = checks.check("corr2d", lambda X, K: both(X, K))
    assert report.mistake is None and report.status in ("differs", "wrong_shape", "wrong_dtype")
    assert report.pair == (first, second), str(report)


@pytest.mark.catalogue
def test_no_pair_of_mistakes_is_named_as_a_third_one_unless_it_equals_it():
    """Sampled: a name is only given when the outputs are those of the mistake on every probe."""
    parts = [(m.id, m.variants[0]) for m in TASK.mistakes if hasattr(m.variants[0], "with_other")]
    rng = np.random.default_rng(0)
    for _ in range(60):
        a, b = rng.choice(len(parts), 2, replace=False)
        both = parts[a][1].with_other(parts[b][1])
        if both is None:
            continue
        outcomes = [(p, TASK.compute(both, p)) for p in TASK.probes]
        found = naming.name(TASK, outcomes)
        if found is None:
            continue
        fits = naming.exact(TASK, found, outcomes, 1e-5) or naming.loose(
            TASK, found, outcomes, 1e-5
        )
        assert fits, (parts[a][0], parts[b][0], found.id)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda X, K: np.sin(with_windows(X, K)),
        lambda X, K: with_windows(X, K) ** 2,
        lambda X, K: with_windows(X, K) + 0.001,
        lambda X, K: with_windows(X, np.sort(K, axis=3)),
        lambda X, K: with_windows(X, K) * 3,
        lambda X, K: np.zeros_like(with_windows(X, K)),
    ],
)
def test_unknown_mistakes_are_located_and_not_named(wrong):
    report = checks.check("corr2d", wrong)
    assert (report.status, report.mistake) == ("differs", None), str(report)
    shown = next(p for p in TASK.probes if p.name == report.probe)
    want = TASK.expected(shown)[0]
    assert report.place is not None
    assert report.expected_entry == pytest.approx(want[report.place])
    assert report.output[report.place] != pytest.approx(want[report.place], abs=1e-4)
    before = np.ravel_multi_index(report.place, want.shape)
    assert np.allclose(report.output.ravel()[:before], want.ravel()[:before])
    assert f"[{', '.join(map(str, report.place))}]" in report.message
    assert np.array_equal(report.inputs[0], shown.inputs[0])


def test_regular_differences_are_described():
    assert "3 times" in checks.check("corr2d", lambda X, K: 3 * with_windows(X, K)).message
    assert "off by 0.5" in checks.check("corr2d", lambda X, K: with_windows(X, K) + 0.5).message
    zero = checks.check("corr2d", lambda X, K: 0 * with_windows(X, K))
    assert "zero" in zero.message


def test_what_failing_inputs_have_in_common_is_said():
    def answer(X, K):
        return with_windows(X, K) * (1.7 if len(X) > 1 else 1)

    report = checks.check("corr2d", answer)
    assert (
        report.status == "differs" and "all that fail have more than one sample" in report.message
    )


@pytest.mark.slow
def test_answers_learnt_by_heart_do_not_pass():
    learnt = np.array([[[[37.0, 47.0], [67.0, 77.0]]]])
    report = checks.check("corr2d", lambda X, K: learnt)
    assert not report.passed and report.right == 1

    memory = {}

    def by_shape(X, K):
        key = (X.shape, K.shape)
        if key not in memory:
            memory[key] = with_windows(X, K)
        return memory[key].copy()

    report = checks.check("corr2d", by_shape)
    assert not report.passed and report.probe == "general, other numbers", str(report)


def test_probe_shapes_have_no_accidental_equality_and_the_silent_cases_are_there():
    shapes = [
        (*p.inputs[0].shape, p.inputs[1].shape[0], *p.inputs[1].shape[2:]) for p in TASK.asked
    ]
    assert any(len(set(s)) == 7 for s in shapes)
    assert any(s[1] == s[4] > 1 for s in shapes)  # as many outputs as inputs
    assert any(s[5] > s[6] for s in shapes) and any(s[5] < s[6] for s in shapes)


def test_a_check_is_quick():
    assert_quick(TASK, with_windows, student_lab5_09, lambda X, K: np.sin(with_windows(X, K)))

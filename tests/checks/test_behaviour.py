"""Whatever a learner's function does, the check returns a report with a clear sentence."""

import functools
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import types
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from dlworkbook import checks
from dlworkbook.checks import faults, guard
from tests.checks.ch06_convolutional_networks.corr2d import im2col as good
from tests.checks.ch06_convolutional_networks.corr2d import torch_loops

ROOT = Path(__file__).resolve().parents[2]


def checked(answer, **options):
    """Check, and hold every report to what all reports must be."""
    report = checks.check("corr2d", answer, **options)
    text, page = str(report), report._repr_html_()
    assert report.status != "check_failed", text
    assert report.passed == (report.status == "passed")
    assert report.message and len(text) < 3000 and "Traceback" not in text
    assert "dlworkbook" not in report.message
    assert page.startswith("<div")
    return report


# ---- not begun ---------------------------------------------------------------------------------


def starter_dots(X, K):
    """Cross-correlation."""
    ...


def starter_pass(X, K):
    pass


def starter_not_implemented(X, K):
    raise NotImplementedError("your turn")


def starter_returns_dots(X, K):
    Y = ...
    return Y


def starter_with_shapes(X, K):
    B, _I, H, W = X.shape
    O, _, h, w = K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    ...
    return Y


def starter_loop_over_dots(X, K):
    for _ in range(...):
        pass


def starter_stores_into_dots(X, K):
    Y = ...
    Y[0] = 1
    return Y


@pytest.mark.parametrize(
    "answer",
    [
        None,
        ...,
        NotImplemented,
        starter_dots,
        starter_pass,
        starter_not_implemented,
        starter_returns_dots,
        starter_with_shapes,
        starter_loop_over_dots,
        starter_stores_into_dots,
        lambda X, K: NotImplemented,
    ],
    ids=lambda a: getattr(a, "__name__", str(a)),
)
def test_an_untouched_starter_is_not_done_yet(answer):
    report = checked(answer)
    assert report.status == "not_done" and not report.passed and report.mistake is None
    assert "not done yet" in str(report).lower()


def test_an_operation_that_a_dtype_lacks_is_no_gap():
    """PyTorch raises NotImplementedError for the product of two masks."""

    def answer(X, K):
        mask = torch.ones(3, 3) > 0
        return mask @ mask

    report = checked(answer)
    assert report.status == "raised" and "not implemented for" in str(report)


def test_an_index_with_dots_is_not_a_gap():
    def answer(X, K):
        X[..., 0]

    report = checked(answer)
    assert report.status == "wrong_type" and "return" in report.hint


# ---- exceptions --------------------------------------------------------------------------------


class BrokenText(Exception):
    def __str__(self):
        raise RuntimeError("no text for you")


class NotAnException(BaseException):
    pass


def raises(error):
    def answer(X, K):
        raise error

    return answer


def endless_recursion(X, K):
    return endless_recursion(X, K)


RAISING = {
    "ValueError": raises(ValueError("<b>bad</b> `value`")),
    "BrokenText": raises(BrokenText()),
    "NotAnException": raises(NotAnException("deep")),
    "SystemExit": lambda X, K: sys.exit(3),
    "KeyboardInterrupt": raises(KeyboardInterrupt()),
    "GeneratorExit": raises(GeneratorExit()),
    "StopIteration": lambda X, K: next(iter([])),
    "RecursionError": endless_recursion,
    "MemoryError": lambda X, K: np.zeros((10**9, 10**9)),
    "NameError": lambda X, K: undefined_name,  # noqa: F821
    "ZeroDivisionError": lambda X, K: 1 // 0,
    "IndexError": lambda X, K: X[9],
    "AssertionError": raises(AssertionError()),
    "SyntaxError": lambda X, K: eval("1 +"),
    "ExceptionGroup": raises(ValueError("x" * 100_000)),
}


@pytest.mark.parametrize("name", RAISING)
def test_exceptions_become_one_sentence(name):
    report = checked(RAISING[name])
    wanted = "ValueError" if name == "ExceptionGroup" else name
    assert report.status == "raised" and wanted in report.message
    assert report.hint
    assert len(report.message) < 1000


def tensor_of(*shape):
    return torch.zeros(shape)


# What a hint says -> the faults that get it: each is raised by PyTorch, NumPy or Python itself.
OF_INDICES = {
    "beyond the end": {
        "number": lambda: tensor_of(2, 3)[5],
        "list": lambda: tensor_of(2, 3)[:, torch.tensor([0, 7])],
        "negative": lambda: tensor_of(3)[torch.tensor([-9])],
        "array": lambda: np.zeros((2, 3))[5],
        "gather": lambda: tensor_of(1, 3).gather(1, torch.tensor([[9]])),
        "selected": lambda: tensor_of(3).index_select(0, torch.tensor([9])),
        "added": lambda: tensor_of(2).index_add(0, torch.tensor([8]), tensor_of(1)),
        "embedding": lambda: torch.nn.functional.embedding(torch.tensor([9]), tensor_of(3, 2)),
    },
    "fewer axes": {
        "tensor": lambda: tensor_of(2, 3)[0, 1, 2],
        "array": lambda: np.zeros((2, 3))[0, 1, 2],
        "sum": lambda: tensor_of(2, 3).sum(2),
        "array's sum": lambda: np.zeros((2, 3)).sum(2),
        "sort": lambda: tensor_of(3).argsort(dim=1),
        "softmax": lambda: tensor_of(3).softmax(1),
        "column of a number": lambda: torch.tensor(3.0)[:, None],
    },
    "dtype of the index": {
        "floats": lambda: tensor_of(3)[tensor_of(2)],
        "array of floats": lambda: np.zeros(3)[np.zeros(2)],
        "a float": lambda: tensor_of(3)[1.5],
        "an array and a float": lambda: np.zeros(3)[1.5],
    },
    "mask of True and False": {
        "tensor": lambda: tensor_of(2, 3)[tensor_of(3) > 0],
        "array": lambda: np.zeros((2, 3))[np.zeros(3) > 0],
    },
    "side by side": {
        "tensors": lambda: tensor_of(2, 3)[torch.arange(2), torch.arange(3)],
        "arrays": lambda: np.zeros((2, 3))[np.arange(2), np.arange(3)],
    },
    "it has no axes": {
        "tensor": lambda: torch.tensor(3.0)[0],
        "array": lambda: np.float64(3)[0],
        "size": lambda: torch.tensor(3.0).size(0),
        "select": lambda: torch.tensor(3.0).select(0, 0),
    },
    "a list is empty": {
        "amax": lambda: tensor_of(0).amax(0),
        "argmax": lambda: tensor_of(2, 0).argmax(1),
        "pop": lambda: [].pop(),
    },
    "shorter than the index": {
        "shape": lambda: tensor_of(2, 3).shape[2],
        "list": lambda: [1, 2][2],
    },
    "number of classes": {
        "loss": lambda: torch.nn.functional.cross_entropy(tensor_of(1, 3), torch.tensor([5])),
    },
}


@pytest.mark.parametrize(
    ("said", "fault"), [(said, fault) for said, those in OF_INDICES.items() for fault in those]
)
def test_each_fault_of_an_index_gets_the_hint_that_fits(said, fault):
    with pytest.raises((IndexError, RuntimeError)) as raised:
        OF_INDICES[said][fault]()
    hint = faults.describe(raised.value).hint
    assert [words for words in OF_INDICES if words in hint] == [said], hint


def test_the_learners_own_line_is_shown():
    def answer(X, K):
        rows = X.shape[2]
        return X[rows + 7]

    report = checked(answer)
    line = answer.__code__.co_firstlineno + 2
    assert f"line {line}, `return X[rows + 7]`" in report.message


def test_the_line_is_found_below_a_library_call():
    def answer(X, K):
        return np.concatenate([X, K[0]])

    report = checked(answer)
    assert "`return np.concatenate([X, K[0]])`" in report.message


def test_an_exception_for_some_inputs_says_for_which():
    def answer(X, K):
        if K.shape[2] != K.shape[3] and len(X) > 1:
            raise ValueError("no")
        return good(X, K) if len(X) == 1 else good(X, K) + 0

    report = checked(answer)
    assert report.status == "raised" and "come out right" in report.message


# ---- time --------------------------------------------------------------------------------------


def loop_plain(X, K):
    while True:
        pass


def loop_sleeping(X, K):
    while True:
        time.sleep(0.01)


def sleeps(X, K):
    time.sleep(1e9)


def waits_for_a_lock(X, K):
    threading.Lock().acquire() and threading.Event().wait()


def loop_swallowing(X, K):  # its point is the bare except
    while True:
        try:  # noqa: SIM105
            time.sleep(0.01)
        except:  # noqa: E722
            pass


def loop_swallowing_twice(X, K):
    while True:
        try:
            try:
                time.sleep(0.01)
            except BaseException:
                X.sum()
        except BaseException:
            pass


def loop_swallowing_in_functions(X, K):
    def step():
        try:
            return sum(i for i in range(1000))
        except BaseException:
            return 0

    while True:
        try:
            step()
        except BaseException:
            continue


def loop_swallowing_with_finally(X, K):
    total = 0
    while True:
        try:
            total += float(X.sum())
        except BaseException:
            total = 0
        finally:
            total += 1


def caught_and_returned(X, K):
    try:
        while True:
            time.sleep(0.01)
    except BaseException:
        return good(X, K)


def caught_and_raised_as_another(X, K):
    try:
        while True:
            time.sleep(0.01)
    except BaseException:
        raise ValueError("hidden") from None


def loop_recursing(X, K):
    try:
        return loop_recursing(X, K)
    except RecursionError:
        while True:
            pass


LOOPS = [
    loop_plain,
    loop_sleeping,
    sleeps,
    waits_for_a_lock,
    loop_swallowing,
    loop_swallowing_twice,
    loop_swallowing_in_functions,
    loop_swallowing_with_finally,
    caught_and_returned,
    caught_and_raised_as_another,
    loop_recursing,
]


@pytest.mark.slow
@pytest.mark.parametrize("answer", LOOPS, ids=lambda f: f.__name__)
def test_endless_loops_end(answer):
    start = time.perf_counter()
    report = checked(answer, seconds=0.3)
    assert report.status == "timed_out" and "0.3 s" in report.message
    assert time.perf_counter() - start < 200  # a second, where the machine is not busy


def test_the_line_of_the_loop_is_shown():
    def answer(X, K):
        i = 0
        while i < 3:
            i += 0

    report = checked(answer, seconds=0.2)
    assert "`while i < 3:`" in report.message or "`i += 0`" in report.message


def test_a_late_endless_loop_says_that_earlier_inputs_were_fine():
    def answer(X, K):
        while len(X) > 1:
            pass
        return good(X, K)

    report = checked(answer, seconds=0.3)
    assert report.status == "timed_out" and "It finished on" in report.hint


IN_THREAD = [
    (loop_plain, False),
    (loop_sleeping, False),
    (loop_swallowing, None),  # may survive, as it always sleeps inside of its try
]


@pytest.mark.slow
@pytest.mark.parametrize(("answer", "left"), IN_THREAD, ids=lambda x: getattr(x, "__name__", ""))
def test_endless_loops_end_outside_of_the_main_thread(answer, left):
    box = []
    thread = threading.Thread(target=lambda: box.append(checked(answer, seconds=0.2)), daemon=True)
    thread.start()
    thread.join(200)
    assert box and box[0].status == "timed_out"
    assert left is None or ("still runs" in box[0].message) == left


@pytest.mark.parametrize("line", range(1, 25))
def test_a_late_time_limit_stays_in_its_thread(monkeypatch, line):
    """One more TimeLimit, raised at any line of the guard after the call has ended."""
    left, ran, lines = [], [], []

    def tracer(frame, event, argument):
        if event == "line" and frame.f_code.co_filename == guard.__file__:
            lines.append(frame.f_lineno)
            if len(lines) == line:
                raise guard.TimeLimit
        return tracer

    def call():
        frame = sys._getframe().f_back
        while frame is not None:  # lines of frames that run already are only told if they ask
            if frame.f_code.co_filename == guard.__file__:
                frame.f_trace = tracer
            frame = frame.f_back
        sys.settrace(tracer)
        raise guard.TimeLimit

    monkeypatch.setattr(threading, "excepthook", left.append)
    thread = threading.Thread(target=lambda: ran.append(guard.run(call, 5)))
    thread.start()
    thread.join(30)
    assert len(lines) >= line  # or nothing was raised
    assert [r.kind for r in ran] == ["timed_out"] and left == []


# Seconds on the clock, of the processor, in the queue for it; seconds that are charged.
CHARGED = [
    (6.0, 0.5, 5.5, 0.5),  # a busy machine
    (6.0, 0.5, 4.0, 2 / 3),  # as busy, and asleep for a while
    (6.0, 0.0, 0.0, 2.0),  # asleep
    (6.0, 12.0, 0.0, 12.0),  # two threads
    (6.0, 0.1, None, 0.3),  # no one knows
    (6.0, 2.0, None, 2.0),
]


@pytest.mark.parametrize(("clock", "processor", "queue", "charged"), CHARGED)
def test_only_a_busy_machine_costs_nothing(monkeypatch, clock, processor, queue, charged):
    now = [100.0, 10.0, None if queue is None else 50.0]
    times = types.SimpleNamespace(monotonic=lambda: now[0], process_time=lambda: now[1])
    monkeypatch.setattr(guard, "time", times)
    monkeypatch.setattr(guard, "_queued", lambda: now[2])
    used = guard._Clock(5, first=True)
    now[:] = [100 + clock, 10 + processor, None if queue is None else 50 + queue]
    assert used.used() == pytest.approx(charged)


def test_where_nobody_knows_how_busy_the_machine_is_sleep_ends_as_well(monkeypatch):
    monkeypatch.setattr(guard, "_queued", lambda: None)
    report = checked(sleeps, seconds=0.05)
    assert report.status == "timed_out" and "0.05 s" in report.message


@pytest.mark.slow
def test_a_thread_that_cannot_be_stopped_is_left_and_said_so():
    box = []

    def work():
        box.append(checked(lambda X, K: time.sleep(300), seconds=0.1))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(200)
    assert box and box[0].status == "timed_out" and "restart the kernel" in box[0].message


def test_a_right_answer_passes_outside_of_the_main_thread():
    box = []
    thread = threading.Thread(target=lambda: box.append(checked(good)))
    thread.start()
    thread.join(30)
    assert box[0].passed


def test_without_alarms_the_check_works_too(monkeypatch):
    monkeypatch.delattr(signal, "setitimer")
    assert checked(good).passed
    assert checked(loop_plain, seconds=0.2).status == "timed_out"


def test_alarm_trace_and_handlers_are_as_before():
    rang = []
    old = signal.signal(signal.SIGALRM, lambda *_: rang.append(1))
    before = signal.getsignal(signal.SIGALRM), signal.getsignal(signal.SIGINT), sys.gettrace()
    try:
        signal.setitimer(signal.ITIMER_REAL, 600)
        checked(good)
        checked(loop_swallowing, seconds=0.1)
        left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
        assert 1 < left < 600  # a guard around the check keeps the time it had left
        after = signal.getsignal(signal.SIGALRM), signal.getsignal(signal.SIGINT), sys.gettrace()
        assert before == after and not rang
        signal.setitimer(signal.ITIMER_REAL, 0.2)  # one that should have rung meanwhile rings
        checked(loop_plain, seconds=0.5)
        end = time.monotonic() + 60
        while not rang and time.monotonic() < end:
            time.sleep(0.01)
        assert rang
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


# ---- Ctrl-C ------------------------------------------------------------------------------------


INTERRUPTED = """
import time
from dlworkbook import checks

def corr2d(X, K):
    print("never shown")
    open(STARTED, "w").close()
    while True:
        try:
            time.sleep(0.05)
        except CAUGHT:
            pass

try:
    checks.check("corr2d", corr2d, seconds=SECONDS)
except KeyboardInterrupt:
    print("interrupted by the user")
"""


@pytest.mark.slow
@pytest.mark.parametrize(("caught", "seconds"), [("ValueError", 60), ("BaseException", 2)])
def test_a_real_ctrl_c_gets_through(caught, seconds, tmp_path):
    """Also where the loop swallows it: then when the time is up."""
    code = INTERRUPTED.replace("STARTED", repr(str(tmp_path / "started")))
    code = code.replace("CAUGHT", caught).replace("SECONDS", str(seconds))
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 300
    while not (tmp_path / "started").exists() and process.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.02)
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=200)
    assert out.strip() == "interrupted by the user", err
    assert time.monotonic() - start < 100  # no limit ends the first of them so early


def test_ctrl_c_inside_the_call_reaches_the_caller():
    def answer(X, K):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)

    with pytest.raises(KeyboardInterrupt):
        checks.check("corr2d", answer)
    assert sys.stdout is not None and checked(good).passed


# ---- what comes back ---------------------------------------------------------------------------


class Awkward:
    """Raises whenever it is looked at."""

    def __getattribute__(self, name):
        raise RuntimeError("hands off")

    __eq__ = __bool__ = __len__ = __array__ = __repr__ = __hash__ = __float__ = __getattribute__


class AwkwardArray(np.ndarray):
    def __array_finalize__(self, other):
        pass

    def __eq__(self, other):
        raise RuntimeError("no comparison")

    def __getitem__(self, key):
        raise RuntimeError("no entries")


def generator(X, K):
    yield good(X, K)


async def asynchronous(X, K):
    return good(X, K)


def no_return(X, K):
    good(X, K)


TYPES = {
    "list": lambda X, K: good(X, K).tolist(),
    "str": lambda X, K: "37 47",
    "dict": lambda X, K: {"Y": 1},
    "tuple": lambda X, K: (good(X, K), K),
    "None": no_return,
    "generator": generator,
    "async": asynchronous,
    "coroutine": lambda X, K: asynchronous(X, K),
    "type Awkward": lambda X, K: Awkward(),
    "type module": lambda X, K: np,
    "type function": lambda X, K: good,
    "type Tensor": lambda X, K: torch.eye(3).to_sparse(),
}


@pytest.mark.parametrize("word", TYPES)
def test_other_types_are_named(word):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no 'coroutine was never awaited' either
        report = checked(TYPES[word])
    assert report.status == "wrong_type" and word in report.message, str(report)


def test_subclasses_of_arrays_are_read_as_arrays():
    assert checked(lambda X, K: good(X, K).view(AwkwardArray)).passed
    assert checked(lambda X, K: np.ma.masked_array(good(X, K))).passed


SHAPES = {
    "(a single number)": lambda X, K: 3.0,
    "(1, 1, 4)": lambda X, K: good(X, K).reshape(*good(X, K).shape[:2], -1),
    "(0,)": lambda X, K: np.zeros(0),
    "(3, 100000, 100000)": lambda X, K: np.broadcast_to(1.0, (3, 100_000, 100_000)),
    "(40000, 40000)": lambda X, K: torch.ones(1).expand(40_000, 40_000),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_wrong_shapes_are_told(shape):
    report = checked(SHAPES[shape])
    assert report.status == "wrong_shape" and shape in report.message, str(report)


def test_dtypes():
    def whole(X, K):
        return (good(X, K) * 3).astype("int64")

    report = checked(lambda X, K: good(X, K) + 0j)
    assert report.status == "wrong_dtype" and "complex128" in report.message
    assert checked(lambda X, K: good(X, K).astype(object)).status == "wrong_dtype"
    assert checked(lambda X, K: good(X, K).astype("U")).status == "wrong_dtype"
    report = checked(lambda X, K: whole(X, K))
    assert report.mistake is None and not report.passed
    report = checked(lambda X, K: good(X, K).astype("int64"))
    assert report.mistake == "CORR2D-33"
    assert checked(lambda X, K: good(X, K) > 0).status == "wrong_dtype"
    for dtype in ("float32", "float64", "float16", "longdouble"):
        assert checked(lambda X, K: good(X, K).astype(dtype)).passed, dtype  # noqa: B023
    half = checked(lambda X, K: torch.from_numpy(good(X, K)).bfloat16())
    assert half.passed and "bfloat16" in " ".join(half.remarks)


def test_nan_and_infinity_are_told_with_their_place():
    def with_nan(X, K):
        Y = good(X, K)
        Y[0, 0, -1, 0] = np.nan
        return Y

    report = checked(with_nan)
    assert report.status == "nan" and "nan at [0, 0, 1, 0]" in report.message
    assert checked(lambda X, K: good(X, K) + np.inf).status == "nan"


def test_not_a_function():
    for value in (3, "corr2d", good(*np.ones((2, 1, 1, 2, 2))), [good], Awkward()):
        assert checked(value).status == "not_callable"
    report = checked(type("Corr", (), {}))
    assert report.status == "not_callable" and "class" in report.message


def test_signatures():
    report = checked(lambda X: X)
    assert report.status == "wrong_signature" and "(X)" in report.message
    assert checked(lambda: 1).status == "wrong_signature"
    assert checked(lambda X, K, b: 1).status == "wrong_signature"
    assert checked(lambda X, *, K: 1).status == "wrong_signature"
    assert checked(lambda image, kernel, bias=None: good(image, kernel)).passed
    assert checked(lambda *a: good(*a)).passed
    assert checked(functools.partial(good)).passed
    assert checked(np.matmul).mistake is None
    assert checked(len).status == "wrong_signature"


# ---- side effects ------------------------------------------------------------------------------


def test_changed_inputs():
    def zeroes(X, K):
        Y = good(X, K)
        K *= 0
        return Y

    report = checked(zeroes)
    assert report.passed and report.credit == 1 and "writes into K" in str(report)

    def wrong_as_well(X, K):
        X += 1
        return good(X, K) ** 2

    report = checked(wrong_as_well)
    assert not report.passed and "changes X" in str(report)

    def reshapes(X, K):
        Y = good(X, K)
        X.resize(X.size, refcheck=False)
        return Y

    assert "writes into X" in str(checked(reshapes))

    def tensor(X, K):
        Y = torch_loops(X, K)
        X.zero_()
        return Y

    report = checked(tensor)
    assert report.passed and "writes into X" in str(report)


def test_answers_that_depend_on_earlier_calls():
    calls = []

    def drifts(X, K):
        calls.append(1)
        return good(X, K) + (len(calls) > 1)

    assert checked(drifts).status == "not_repeatable"

    rng = np.random.default_rng(0)
    assert checked(lambda X, K: good(X, K) + rng.normal()).status == "not_repeatable"

    def keeps(X, K, store={}):  # noqa: B006
        Y = store.setdefault(0, np.zeros(1000))
        result = good(X, K)
        view = Y[: result.size].reshape(result.shape)
        view[:] = result
        return view

    report = checked(keeps)
    assert report.status == "not_repeatable" and "same array" in report.message


def test_constant_answers_are_described():
    report = checked(lambda X, K: np.full((1, 1, 2, 2), 5.0) * [[1, 2], [3, 4]])
    assert not report.passed and report.mistake is None


def test_an_output_that_shares_memory_gets_a_remark_only(tmp_path):
    from dlworkbook.checks import values

    x = np.ones(3)
    assert values.shares_memory(x[:2], x) and not values.shares_memory(x.copy(), x)
    t = torch.ones(3)
    assert values.shares_memory(t[:2], t) and not values.shares_memory(t.clone(), t)


def test_printing_is_kept_back_and_bounded(capsys):
    def chatty(X, K):
        print("<script>shape", X.shape)
        print("to stderr", file=sys.stderr)
        return good(X, K)

    report = checked(chatty)
    assert report.passed and capsys.readouterr() == ("", "")
    assert any("printed" in r and "shape" in r for r in report.remarks)
    assert "<script>" not in report._repr_html_()

    def floods(X, K):
        if X.shape == (1, 1, 3, 3):
            for _ in range(100):
                print("x" * 1_000_000)
        return good(X, K)

    report = checked(floods)
    assert report.passed and len(str(report)) < 1000
    assert any("100000100 characters" in r for r in report.remarks)


def test_warnings_and_closed_streams_do_no_harm(capsys):
    def noisy(X, K):
        warnings.warn("careful", stacklevel=1)
        np.zeros(1) / np.zeros(1)
        sys.stdout.close()
        return good(X, K)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert checked(noisy).passed
    print("still here")
    assert capsys.readouterr().out == "still here\n"


def test_patched_comparisons_change_nothing(monkeypatch):
    for name in ("allclose", "array_equal", "isclose", "all", "abs"):
        monkeypatch.setattr(np, name, lambda *a, **k: True)
    assert not checked(lambda X, K: good(X, K) + 1).passed


def test_settings_of_numpy_do_no_harm():
    with np.errstate(all="raise"):
        assert checked(good).passed
        assert checked(lambda X, K: good(X, K) / 0).status in ("raised", "nan")


def test_random_state_of_the_learner_is_left_alone():
    import random

    random.seed(3)
    np.random.seed(3)
    before = random.getstate(), np.random.get_state()[1].tolist()
    checked(good)
    checked(loop_swallowing, seconds=0.1)
    assert before == (random.getstate(), np.random.get_state()[1].tolist())


def test_inside_a_running_event_loop():
    # In a process of its own: other tests may have left a loop running in this thread.
    code = """
import asyncio
from dlworkbook import checks
from tests.checks.ch06_convolutional_networks.corr2d import im2col as good

async def cell():
    return checks.check("corr2d", good)

print(asyncio.run(cell()).passed)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "True", done.stderr


# ---- arrays or tensors -------------------------------------------------------------------------


def test_tensors_in_and_out():
    report = checked(lambda X, K: torch_loops(X, K))
    assert report.passed and not report.remarks
    report = checked(lambda X, K: torch_loops(torch.tensor(X), torch.tensor(K)))
    assert report.passed and "tensor" in report.remarks[0]
    weight = torch.nn.Parameter(torch.ones(1))
    assert checked(lambda X, K: torch_loops(X, K) * weight).passed
    assert checked(lambda X, K: torch_loops(X, K).numpy()).passed


def test_errors_of_tensor_code_are_those_on_tensors():
    def answer(X, K):
        return torch.conv2d(X, K[0])

    report = checked(answer)
    assert report.status == "raised" and "numpy" not in report.message
    assert isinstance(report.inputs[0], torch.Tensor)


@pytest.mark.parametrize("words", [{"dim": 1}, {"axis": 1, "keepdim": True}])
def test_words_that_only_tensors_know_are_not_the_error(words):
    """Arrays stop at them before the learner's own mistake shows."""
    def answer(X, K):
        return torch.conv2d(X.sum(**words), K[0])

    report = checked(answer)
    assert report.status == "raised" and "unexpected keyword" not in report.message, str(report)
    assert isinstance(report.inputs[0], torch.Tensor)


@pytest.mark.slow
def test_torch_is_not_imported_for_numpy_answers():
    code = """
    import sys
    from dlworkbook import checks
    assert "numpy" not in sys.modules and "torch" not in sys.modules, "import must be light"
    import numpy as np
    report = checks.check("corr2d", lambda X, K: X.shape + K)
    report = checks.check("corr2d", lambda X, K: np.zeros((1, 1, 2, 2)))
    assert report.status, report
    assert "torch" not in sys.modules
    report = checks.check("corr2d", lambda X, K: X.unfold(2, K.size(2), 1).unfold(
        3, K.size(3), 1).mul(1)[:, None].mul(K[None, :, :, None, None]).sum((2, -1, -2)))
    assert report.right == report.probes and report.mistake == "CORR2D-45", report
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, check=True, timeout=120)


# ---- the guard by itself -----------------------------------------------------------------------


def test_guard_measures_and_keeps_output():
    ran = guard.run(lambda: print("abc") or 7, 5)
    assert (ran.kind, ran.value, ran.printed) == ("value", 7, "abc\n") and 0 < ran.seconds < 5


@pytest.mark.slow
def test_guards_nest():
    def outer():
        inner = guard.run(lambda: time.sleep(60), 0.1)
        assert inner.kind == "timed_out"
        while True:
            time.sleep(0.01)

    start = time.perf_counter()
    assert guard.run(outer, 0.5).kind == "timed_out"
    assert time.perf_counter() - start < 50

"""A task written as a draft: slips by names of arguments, probes in one line, mechanical slips."""

from types import SimpleNamespace

import numpy as np
import pytest

from dlworkbook import checks
from dlworkbook.checks.slips import FORM, STOCK, Draft
from dlworkbook.checks.values import scattered
from tests.kit import task_tests

CONTRACT = """weighted(X, w, c): the mean over rows of X @ w, plus c.

X has shape (n, d), w has shape (d, m); the result has shape (m,)."""


def weighted(X, w, c):
    return (X @ w).mean(0) + c


def draft(**more):
    made = Draft(
        "weighted", CONTRACT, weighted,
        terms={"n": lambda X: len(X), "half": lambda n: n / 2}, **more,
    )
    made.probe("small", [[1, 2], [3, 5]], [[1], [0]], 2)
    made.probe("general", scattered((5, 3), 1), scattered((3, 4), 2), 0.5)
    return made


INPUTS = scattered((4, 3), 3), scattered((3, 2), 4), 0.25
X, W, C = INPUTS
RIGHT = weighted(*INPUTS)


def test_slips_ask_by_name_for_what_they_need():
    made = draft()
    for slip, wanted in (
        (made.out(lambda Y, c: Y - c), RIGHT - C),
        (made.out(lambda Y, half: Y * half), RIGHT * 2),  # a term of a term
        (made.out(np.sqrt), np.sqrt(RIGHT + 0j).real),  # a ufunc asks for the output alone
        (made.out(lambda Y, power=2: Y**power), RIGHT**2),  # a default is left alone
        (made.given(c=1.5), RIGHT - C + 1.5),
        (made.given(c=lambda w: w[0, 0], w=lambda w: w[::-1]), weighted(X, W[::-1], W[0, 0])),
        (made.instead(lambda n, c: c / n), C / 4),
    ):
        with np.errstate(invalid="ignore"):
            got = slip(*INPUTS)
        ok = ~np.isnan(got)
        assert np.allclose(np.asarray(got)[ok], np.asarray(wanted)[ok])
        assert np.allclose(weighted(*INPUTS), RIGHT)  # and leaves the inputs alone


def test_one_of_several_results_is_another():
    made = Draft("ends", "ends(x)", lambda x: (x[0], x[-1]))
    assert made.result(0, lambda first: -first)([3, 5, 7]) == (-3, 7)
    assert made.result(1, lambda last, x: last + x[1])([3, 5, 7]) == (3, 12)
    alone = made.out(lambda ends: ends[0]).with_other(made.result(0, lambda first: 2 * first))
    assert alone([3, 5, 7]) == (6,)


def test_right_on_some_inputs_only():
    slip = draft().only(lambda n, c: n > 3 and c > 0)
    assert np.allclose(slip(*INPUTS), RIGHT)
    for x, c in ((X[:3], C), (X, -C)):
        with pytest.raises(ValueError):
            slip(x, W, c)


def test_two_slips_can_be_put_together():
    made = draft()
    both = made.given(c=lambda c: -c).with_other(made.out(lambda Y: 2 * Y))
    assert np.allclose(both(*INPUTS), 2 * (RIGHT - 2 * C))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda made: made.out(lambda Y, z: Y),
        lambda made: made.instead(lambda x: x),
        lambda made: made.given(b=0.0),
        lambda made: made.given(c=lambda d: d),
        lambda made: draft(traits={"none": lambda rows: True}),
    ],
)
def test_a_name_that_the_task_does_not_have_is_told_at_once(wrong):
    with pytest.raises(TypeError, match="weighted: no argument"):
        wrong(draft())


def test_probes_tell_the_numbers_that_they_are_written_with():
    made = draft(traits={"many rows": lambda n: n > 2}, whole=("c",))
    made.probe("quiet", [[1, 2]], [[1], [0]], 2, shown="", has="one row", contract=False)
    small, general, quiet = made.task().probes
    assert small.shown == "X = [[1, 2], [3, 5]], w = [[1], [0]] and c = 2"
    assert small.inputs[0].dtype == float and type(small.inputs[2]) is int
    assert general.shown == quiet.shown == ""
    assert [p.traits for p in (small, general, quiet)] == [set(), {"many rows"}, {"one row"}]
    assert [p.name for p in made.task().asked] == ["small", "general"]


def test_the_task_of_a_draft():
    task = draft(outputs=("the mean",)).task()
    assert task.arguments == ("X", "w", "c") and task.fits == 3 and task.outputs == ("the mean",)
    assert task.contract == CONTRACT + FORM
    a_class = Draft("Layer", "A class.", lambda X, p: X, answer_is="class").task()
    assert a_class.fits is None and a_class.contract == "A class."


# What each mechanical slip makes of the inputs, or of the right output, one entry an answer.
MADE = {
    ("negate",): [-RIGHT],
    ("whole",): [np.trunc(RIGHT), np.rint(RIGHT), np.floor(RIGHT)],
    ("integer", "X"): [weighted(np.trunc(X), W, C)],
    ("unused", "c"): [RIGHT - C, RIGHT - C + 1],
    ("zero", "w"): [0 * RIGHT + C],
    ("one", "w"): [weighted(X, W * 0 + 1, C)],
    ("minus", "c"): [RIGHT - 2 * C],
    ("flipped", "w"): [weighted(X, W[::-1], C)],
    ("flipped", "w", 1): [weighted(X, W[:, ::-1], C)],
    ("flip",): [RIGHT[::-1]],
    ("summed", 0): [RIGHT.sum(), RIGHT.sum(keepdims=True)],
    ("times", "n"): [RIGHT * 4],
    ("over", "half"): [RIGHT / 2],
    ("left_out", "X"): [weighted(X[:-1], W, C), weighted(X[1:], W, C)],
    ("one_short",): [RIGHT[:-1], RIGHT[1:]],
    ("running",): [RIGHT.cumsum()],
    ("running", 0): [RIGHT.cumsum(), RIGHT.cumsum(0)],
    ("first_only",): [RIGHT[[0, 0]], RIGHT * [1, 0], RIGHT[:1], RIGHT[0]],
    ("dropped",): [RIGHT],
    ("transposed", 0, 0): [RIGHT],
}
APART = {"swapped", "columns", "single"}  # tried below


def by_polynomial(X, w, c):
    np.polyfit([0, 1, 2], [0, 1, 2], 1)
    return weighted(X, w, c)


def test_what_no_number_shows_is_looked_for_in_order():
    made = draft()
    made.without("W-01", "np.polyfit", "np.linalg.lstsq")
    made.beside("W-02", "a title", "A message.", "A hint?", lambda answer: "Seen.", keeps=0.25)
    task = made.task()
    with task_tests.in_place_of(task):
        report = checks.check("weighted", by_polynomial)
        assert (report.mistake, report.credit) == ("W-01", 0.5)
        assert "In your code stands `np.polyfit`." in report.message
        report = checks.check("weighted", weighted)
        assert (report.mistake, report.credit) == ("W-02", 0.25) and "Seen." in report.message
        wrong = checks.check("weighted", lambda X, w, c: np.polyfit([0, 1], [0, 1], 1))
        assert not wrong.passed and wrong.mistake is None  # a remark beside wrong numbers
    assert draft().task().slip is None


def test_every_mechanical_slip_is_tried():
    assert {kind for kind, *_ in MADE} | APART == set(STOCK)


@pytest.mark.parametrize("asked", MADE, ids=lambda asked: " ".join(map(str, asked)))
def test_mechanical_slips(asked):
    kind, *names = asked
    answers = draft().variants(kind, *names)
    assert len(answers) == len(MADE[asked])
    for answer, wanted in zip(answers, MADE[asked], strict=True):
        got = answer(*INPUTS)
        assert got.shape == np.shape(wanted) and np.allclose(got, wanted)


def test_exchanged_arguments_columns_and_single_examples():
    line = Draft("line", "line(x, y)", lambda x, y: x - 2 * y)
    x, y = np.array([1.0, 2]), np.array([5.0, 7])
    (swapped,) = line.variants("swapped", "x", "y")
    assert swapped(x, y).tolist() == [3, 3]
    (columns,) = line.variants("columns", "x", "y")
    assert columns(x[:, None], y[:, None]).tolist() == [-9, -12]
    with pytest.raises(IndexError):
        columns(x, y[:, None])
    rows = Draft("rows", "rows(X)", lambda X: X.cumsum(1))
    (single,) = rows.variants("single", "X")
    assert single(x).tolist() == [1, 3]
    with pytest.raises(ValueError):
        single(x[None])


def test_a_change_of_every_result_where_there_are_several():
    two = Draft("two", "two(x)", lambda x: (x.sum(), x))
    (negated,) = two.variants("negate")
    total, rest = negated(np.array([1.0, 2]))
    assert total == -3 and rest.tolist() == [-1, -2]


# ---- a whole check, of mechanical slips alone --------------------------------------------------


def corr1d(x, k):
    """One window after the other."""
    return np.array([x[i : i + len(k)] @ k for i in range(len(x) - len(k) + 1)])


def drafted():
    made = Draft("corr1d", "corr1d(x, k): the products of k with every window of x.", corr1d)
    made.probe("small", [1, 2, 4], [1, -3])
    made.probe("three", [1, 0, 2, -5, 3.5], [2, 1.5, -1])
    made.probe("one window", [1, 2, 4, 3], [1, 0.25, 2, -4])
    made.probe("general", scattered((9,), 2), scattered((3,), 5))
    made.probe("other numbers", scattered((9,), 4), scattered((3,), 1))
    made.stock("flipped", "k", title="convolution: k is flipped")
    made.stock("unused", "k")
    made.stock("minus", "x")
    made.stock("one_short")
    made.stock("running")
    made.stock("whole")
    made.stock("summed", 0)
    made.slip("CORR1D-08", "a mean", "Your sums are divided by the length of k.",
              "Does the task speak of a mean?",
              made.out(lambda Y, k: Y / len(k)))
    return made.task()


def by_library(x, k):
    return np.correlate(x, k, "valid")


def by_windows(x, k):
    return np.lib.stride_tricks.sliding_window_view(x, len(k)) @ k


def by_shifts(x, k):
    return sum(weight * x[j : len(x) - len(k) + j + 1] for j, weight in enumerate(k))


def test_a_check_of_mechanical_slips():
    """It stands every test that a task has to stand; its words name what they are about."""
    task = drafted()
    data = SimpleNamespace(RIGHT=[by_library, by_windows, by_shifts])
    assert task_tests.problems(task, data) == []
    unused = task.mistakes[1]
    assert unused.title == "k is not used" and unused.id == "CORR1D-02"
    assert unused.message == "`k` does not enter your result."
    with task_tests.in_place_of(task):
        report = checks.check("corr1d", lambda x, k: by_library(x, k[::-1]))
    assert report.mistake == "CORR1D-01" and "x = [1, 2, 4] and k = [1, -3]" in report.message

"""Independent checks of the page on IoU, NMS and AP; none of its own asserts is used."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
import torch

from tests.kit import pages
from tests.kit.pages import definitions, named, verdict

PAGE = "ch13_computer_vision/detection_metrics"
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, ["SPREAD"])


def boxes(rng: random.Random, n: int, most: int = 14) -> list[tuple[int, ...]]:
    """Whole-numbered boxes, many of which overlap."""
    corners = [(rng.randint(0, 8), rng.randint(0, 8)) for _ in range(n)]
    return [(x, y, x + rng.randint(1, most - 8), y + rng.randint(1, most - 8)) for x, y in corners]


def squares(box: tuple[int, ...]) -> set:
    x1, y1, x2, y2 = box
    return {(x, y) for x in range(x1, x2) for y in range(y1, y2)}


def jaccard(a: tuple[int, ...], b: tuple[int, ...]) -> Fraction:
    return Fraction(len(squares(a) & squares(b)), len(squares(a) | squares(b)))


def test_iou_is_that_of_sets_of_squares(page):
    rng = random.Random(1)
    for _ in range(40):
        A, B = boxes(rng, rng.randint(1, 5)), boxes(rng, rng.randint(1, 4))
        got = page["iou"](torch.tensor(A).double(), torch.tensor(B).double())
        assert got.tolist() == [[float(jaccard(a, b)) for b in B] for a in A]


def test_giou_is_its_definition_on_sets(page):
    rng = random.Random(2)
    for _ in range(60):
        a, b = boxes(rng, 2)
        hull = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
        both = squares(a) | squares(b)
        want = float(jaccard(a, b) - Fraction(len(squares(hull) - both), len(squares(hull))))
        got = page["one_by_one"](torch.tensor(a).double(), torch.tensor(b).double(), True)
        assert abs(got.item() - want) < 1e-12
    # apart, IoU has no gradient and GIoU has one
    a, b = torch.tensor([0.0, 0, 2, 2], requires_grad=True), torch.tensor([4.0, 0, 6, 2])
    none, some = (torch.autograd.grad(page["one_by_one"](a, b, g), a)[0] for g in (False, True))
    assert not none.any() and some.any()


def test_forms_are_inverse(page):
    rng = np.random.default_rng(0)
    corners = torch.tensor(rng.integers(0, 9, (3, 5, 4))).double()
    centre = page["to_center"](corners)
    assert torch.equal(page["to_corners"](centre), corners)
    assert page["to_center"](torch.tensor([2.0, 4, 6, 12])).tolist() == [4, 8, 4, 8]


def test_nms_leaves_what_a_maximal_set_may_hold(page):
    """No two kept ones overlap too much; each removed one overlaps a kept one that ranks higher."""
    rng = random.Random(3)
    for _ in range(80):
        A = boxes(rng, rng.randint(1, 9))
        scores = [rng.choice((0.2, 0.5, 0.5, 0.7, 0.9)) for _ in A]
        t = rng.choice((0, 0.25, 0.5, 1))
        keep = page["nms"](torch.tensor(A).double(), torch.tensor(scores), t)
        rank = sorted(range(len(A)), key=lambda k: (-scores[k], k))
        assert keep == [k for k in rank if k in keep]
        for n, i in enumerate(keep):
            assert all(jaccard(A[i], A[j]) <= t for j in keep[:n])
        for i in set(range(len(A))) - set(keep):
            before = [j for j in keep if rank.index(j) < rank.index(i)]
            assert any(jaccard(A[i], A[j]) > t for j in before)


def test_match_takes_each_truth_once(page):
    rng = random.Random(4)
    for _ in range(80):
        A, truth = boxes(rng, 7), boxes(rng, rng.randint(1, 4))
        scores = [rng.random() for _ in A]
        got = page["match"](torch.tensor(A).double(), torch.tensor(scores), torch.tensor(truth))
        free, want = list(truth), []
        for i in sorted(range(7), key=lambda k: -scores[k]):
            best = max(free, key=lambda b: jaccard(A[i], b), default=None)
            want.append(best is not None and jaccard(A[i], best) >= Fraction(1, 2))
            if want[-1]:
                free.remove(best)
        assert got.tolist() == want


def test_match_of_a_picture_without_objects_or_detections(page):
    """All false, in the dtype that average_precision needs; without detections AP is 0."""
    A, scores = torch.tensor([[0.0, 0, 2, 2], [1, 1, 4, 4]]), torch.tensor([0.2, 0.9])
    none = page["match"](A, scores, torch.zeros(0, 4))
    assert none.tolist() == [False, False] and none.dtype == torch.bool
    empty = page["match"](torch.zeros(0, 4), torch.zeros(0), A)
    assert empty.dtype == torch.bool and page["average_precision"](empty, 2) == 0


def by_definition(hits: list[bool], n: int, recalls: list[Fraction]) -> Fraction:
    """The mean over recalls of the largest precision among prefixes that reach it."""
    total = Fraction(0)
    for r in recalls:
        prefixes = [hits[:k] for k in range(1, len(hits) + 1) if sum(hits[:k]) >= r * n]
        total += max((Fraction(sum(p), len(p)) for p in prefixes), default=Fraction(0))
    return total / len(recalls)


def test_average_precision_in_fractions(page):
    rng = random.Random(5)
    for _ in range(60):
        n, hits = rng.randint(1, 12), [rng.random() < 0.5 for _ in range(rng.randint(1, 12))]
        while sum(hits) > n:
            hits[hits.index(True)] = False
        given = torch.tensor(hits)
        area = by_definition(hits, n, [Fraction(k, n) for k in range(1, n + 1)])
        assert page["average_precision"](given, n) == pytest.approx(float(area), abs=1e-12)
        for points in (11, 101):
            want = by_definition(hits, n, [Fraction(k, points - 1) for k in range(points)])
            got = page["average_precision"](given, n, points)
            assert got == pytest.approx(float(want), abs=1e-12)


def test_numbers_of_the_text(page):
    """By the page's function and by the definition: area, eleven and 101 recalls."""
    hits, text = [True, False, True, True, False, False], pages.path_of(PAGE).read_text("utf-8")
    for points, want in ((None, "0.625"), (11, "0.614"), (101, "0.629")):
        parts = range(1, 5) if points is None else range(points)
        exact = by_definition(hits, 4, [Fraction(k, parts[-1]) for k in parts])
        given = (torch.tensor(hits), 4) if points is None else (torch.tensor(hits), 4, points)
        assert page["average_precision"](*given) == pytest.approx(float(exact))
        assert f"{float(exact):.3f}" == want and want in text


def test_assignment_and_offsets(page):
    """Each truth has an anchor, those over the threshold take their best; decode undoes encode."""
    rng = random.Random(6)
    for _ in range(60):
        A, B = boxes(rng, 8), boxes(rng, 3)
        got = page["assign"](torch.tensor(A).double(), torch.tensor(B).double()).tolist()
        assert set(got) >= {0, 1, 2}
        left, forced = {(i, j) for i in range(8) for j in range(3)}, {}
        while left:
            i, j = max(sorted(left), key=lambda p: jaccard(A[p[0]], B[p[1]]))
            forced[i] = j
            left = {p for p in left if p[0] != i and p[1] != j}
        for i, a in enumerate(A):
            values = [jaccard(a, b) for b in B]
            own = values.index(max(values)) if max(values) >= Fraction(1, 2) else -1
            assert got[i] == forced.get(i, own)
    a, b = torch.tensor([[10.0, 10, 30, 30]]), torch.tensor([[14.0, 10, 34, 50]])
    assert page["encode"](a, b)[0].tolist() == pytest.approx([2, 5, 0, 5 * np.log(2)], rel=1e-5)
    assert torch.allclose(page["decode"](a, page["encode"](a, b)), b)


def test_boxes_take_what_readers_write():
    for answer, right, wrong in (
        ("ex-detect-half-right", ("1/3", "0.333", "0.33"), "0.5"),
        ("ex-detect-half-inside", ("1/sqrt(2)", "0.707", "0.71"), "2/3"),
        ("ex-detect-tiles-iou", ("1/3", "0.33", "20/60"), "0.5"),
        ("ex-detect-half-diagonal", ("1-sqrt(2/3)", "0.184", "0.18"), "0.1667"),
        ("ex-detect-ap-area", ("34/45", "0.756", "0.76"), "0.917"),
        ("ex-detect-ap-eleven", ("42/55", "0.764", "8.4/11"), "0.74"),
        ("ex-detect-ap-empty", ("3/7", "0.429", "0.43"), "0.756"),
        ("ex-detect-anchors-wide", ("128", "128 px", "128.0"), "256"),
        ("ex-detect-tiles-bound", ("30", "30 px", "30.0"), "20"),
        ("ex-detect-soft-score", ("0.389", "0.8*exp(-0.72)", "0.3894"), "0.32"),
    ):
        assert all(verdict(answer, text) == "right" for text in right), answer
        assert named(answer, wrong)

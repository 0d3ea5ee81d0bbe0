"""Independent checks of the page on design questions; none of its own asserts is used."""

from __future__ import annotations

import collections
import itertools
import math
import random

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage import data, draw

from dlworkbook import answers
from tests.kit.pages import definitions, verdict

PAGE = "exam/design_questions"


@pytest.fixture(scope="module")
def page():
    constants = ("manual", "questions", "spread", "SIZE")
    return definitions(PAGE, constants, math=math, draw=draw)


@pytest.mark.parametrize("length, tile, overlap", [
    (4000, 640, 0), (4000, 640, 63), (640, 640, 63), (641, 640, 0), (1217, 640, 63),
    (1218, 640, 63), (100, 30, 29),
])  # fmt: skip
def test_tiles_cover_the_row_with_as_few_as_possible(page, length, tile, overlap):
    tiles = page["starts"](length, tile, overlap)
    assert tiles[0] == 0 and tiles[-1] == length - tile
    assert all(tile - (b - a) >= overlap for a, b in itertools.pairwise(tiles))
    reach = (len(tiles) - 1) * tile - (len(tiles) - 2) * overlap  # one tile fewer
    assert len(tiles) == 1 or reach < length


def test_an_overlap_of_the_width_less_one_is_enough_and_nothing_less(page):
    rng = random.Random(0)
    for _ in range(60):
        size = rng.randint(2, 12)
        tile = rng.randint(2 * size, 40)
        length = rng.randint(3 * tile, 200)
        assert page["whole"](length, tile, size - 1, size) == 1
    assert page["whole"](400, 40, 10, 12) < 1  # 11 would be enough


def test_f1_of_words_counts_repeated_words_as_often_as_both_have_them(page):
    for a, b in [("x y", "y x"), ("a a b", "a b b"), ("a", "b"), ("a b c d", "b"),
                 ("spring 1998 at night", "in spring 1998")]:  # fmt: skip
        shared = sum((collections.Counter(a.split()) & collections.Counter(b.split())).values())
        p, r = shared / len(a.split()), shared / len(b.split())
        expected = 2 * p * r / (p + r) if shared else 0
        assert page["f1"](a, b) == pytest.approx(expected)


def test_the_baseline_looks_for_rare_words(page):
    assert page["guess"]("water filter") == 3  # 'filter' is rarer than 'water'
    for question, sentence in page["questions"].items():
        assert 0 <= sentence < len(page["manual"]), question


def test_rule_b_scores_what_its_patterns_cannot_rebuild(page):
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.standard_normal((256, 3)))[0]
    train = (rng.standard_normal((200, 3)) @ basis.T + 5).reshape(200, 16, 16)
    score = page["left_over"](train, patterns=3)
    inside = (rng.standard_normal((50, 3)) @ basis.T + 5).reshape(50, 16, 16)
    assert score(inside).max() < 1e-12
    off = rng.standard_normal((50, 256))
    off -= off @ basis @ basis.T
    expected = (off**2).sum(axis=1)
    assert np.allclose(score(inside + off.reshape(50, 16, 16)), expected)


def test_scratches_are_thin_and_stay_on_the_patch(page):
    rng = np.random.default_rng(0)
    flat = np.full((300, 16, 16), .3)
    change = page["scratch"](flat, rng) - flat
    assert (change >= 0).all() and change.max() <= .4 + 1e-12
    assert (change > 0).any(axis=(1, 2)).all()
    assert (change > 0).sum(axis=(1, 2)).max() <= 40
    assert (flat == .3).all()


def test_training_and_test_patches_share_no_pixel(page):
    photo = np.arange(512)[:, None] * np.ones(512)
    rng = np.random.default_rng(0)
    assert page["cut"](photo, 0, 500, rng).max() < 256 <= page["cut"](photo, 256, 500, rng).min()


@pytest.mark.parametrize("entry, state", [
    ("19.2%", "right"), ("0.192", "right"), ("95/495", "right"), ("0.95", "slip"),
    ("24%", "slip"), ("50%", "wrong"),
])  # fmt: skip
def test_the_precision_may_be_written_as_people_write_it(entry, state):
    assert verdict("ex-design-line-precision", entry) == state


def test_counting_gives_the_numbers_of_the_exercises():
    parts = [True] + [False] * 1999
    found = sum(.95 if defect else .002 for defect in parts)
    assert verdict("ex-design-line-precision", .95 / found) == "right"
    assert verdict("ex-design-line-hour", 9 * found) == "right"
    enough = next(n for n in range(1, 999) if .98**n <= .05)
    assert verdict("ex-design-line-cases", enough) == "right"


def test_rule_b_fails_by_how_unevenly_patches_are_left_over_not_by_how_much(page):
    """Waves of grass at random places leave as much, but more evenly: B finds scratches."""
    grass = data.grass() / 255
    rng = np.random.default_rng(0)
    waves = np.abs(np.fft.fft2(grass - grass.mean()))
    turns = np.angle(np.fft.fft2(rng.standard_normal(grass.shape)))
    moved = np.fft.ifft2(waves * np.exp(1j * turns)).real + grass.mean()
    left, above, found = [], [], []
    for photo in (grass, moved):
        score = page["left_over"](page["cut"](photo, 0, 1000, rng))
        good = score(page["cut"](photo, 256, 1000, rng))
        left.append(good.mean())
        above.append(np.quantile(good, .99) - good.mean())
        found.append(page["recall"](photo, page["left_over"], rng))
    assert math.isclose(moved.std(), grass.std())
    assert left[1] > .9 * left[0] and above[1] < .5 * above[0]
    assert found[0] < .15 and found[1] > .4


def test_noise_leaves_rule_b_scratches_only_if_it_is_as_strong_on_every_patch(page):
    brick = data.brick() / 255
    rng = np.random.default_rng(1)
    noise = rng.normal(0, .08, brick.shape)
    strength = gaussian_filter(rng.standard_normal(brick.shape), 12)
    uneven = np.exp(1.2 * strength / strength.std())
    uneven /= np.sqrt((uneven**2).mean())  # as much in all
    even, other = (page["recall"](brick + noise * k, page["left_over"], rng) for k in (1, uneven))
    assert even > .9 and other < .2


@pytest.mark.parametrize("box, entry, state", [
    ("line-precision", "0.19", "right"), ("line-precision", "19%", "right"),
    ("line-precision", "0.2", "wrong"), ("line-precision", "19.2", "slip"),
    ("reading-f1", "0.57", "right"), ("reading-f1", "57%", "right"), ("reading-f1", "0.67", "slip"),
    ("reading-f1", "0.58", "slip"), ("cameras-tiles", "24", "slip"),
    ("cameras-machines", "40", "slip"),
    ("cameras-machines", "32", "slip"), ("mark-missing", "a, e", "wrong"),
    ("line-hour", "44.5 alarms", "right"), ("cameras-tiles", "37", "slip"),
    ("cameras-machines", "50", "slip"), ("mark-points", "2 points", "right"),
    ("mark-points", "3", "slip"), ("line-precision", "0.488", "slip"),
])  # fmt: skip
def test_boxes_read_what_students_write(box, entry, state):
    found = answers.judge(answers.load(f"ex-design-{box}"), entry)
    assert found.state == state
    assert box != "mark-missing" or "there is more" in found.say


def test_no_slip_of_the_longest_passage_says_how_far_it_is_off():
    spec = answers.load("ex-design-reading-length")
    assert not any("one more" in slip["say"].lower() for slip in spec["slips"])

"""Independent checks of the page on the perceptron; none of its own asserts is used."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tests.kit.pages import definitions, verdict

PAGE = "ch03_linear_networks/perceptron"
CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


@pytest.fixture(scope="module")
def page():
    from scipy.optimize import linprog

    return definitions(PAGE, np=np, itertools=itertools, linprog=linprog)


def test_it_ends_where_a_line_exists_and_only_there(page):
    """Against all lines through a fine grid of weights, for each of the sixteen tables."""
    grid = np.arange(-4, 4.5, 0.5)
    lines = np.array(list(itertools.product(grid, repeat=3)))
    signs = np.sign(lines[:, :1] + lines[:, 1:] @ CORNERS.T)
    for table in itertools.product((-1, 1), repeat=4):
        exists = (signs == np.array(table)).all(1).any()
        history, ended = page["perceptron"](CORNERS, np.array(table))
        assert ended == exists, table
        if ended:
            said = page["unit"](CORNERS, history[-1][0], history[-1][1:])
            assert (2 * said - 1 == table).all()


def test_updates_keep_to_the_bound(page):
    """On random separable points, with the margin of the line that made the labels."""
    rng = np.random.default_rng(1)
    for _ in range(30):
        u = rng.normal(size=4)
        X = rng.normal(size=(25, 3))
        Z = np.c_[np.ones(25), X]
        far = np.abs(Z @ u) > 0.3 * np.linalg.norm(u)
        t = np.sign(Z @ u)[far].astype(int)
        margin = np.abs(Z[far] @ u).min() / np.linalg.norm(u)
        history, ended = page["perceptron"](X[far], t, max_rounds=1000)
        assert ended
        assert len(history) - 1 <= (Z[far] ** 2).sum(1).max() / margin**2


def test_xor_goes_in_a_circle_in_any_order_and_through_zero_only_in_some(page):
    """Why the text names the order: of the 24, eight never come back to 0."""
    target, back = np.array([-1, 1, 1, -1]), {}
    for order in itertools.permutations(range(4)):
        rows = list(order)
        history, ended = page["perceptron"](CORNERS[rows], target[rows], max_rounds=50)
        assert not ended and np.abs(history).max() == 1
        back[order] = (history[4::4] == 0).all()
        assert back[order] or (history[1:] != 0).any(1).all()
    assert back[0, 1, 2, 3] and sum(back.values()) == 16


def test_mistakes_with_the_bound_are_named():
    for text, state in (("2.5", "right"), ("2", "slip"), ("0.4", "slip"), ("3.54", "slip")):
        assert verdict("ex-perc-bound-most", text) == state

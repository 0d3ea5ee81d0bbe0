"""Answers that no name fits: each is refused, and not told a mistake that it does not make."""

from __future__ import annotations

import numpy as np
import pytest

from dlworkbook import checks


def takes_the_mean_out(X):
    m = X.mean(1)
    return m + np.log(np.exp(X - m[:, None]).sum(1))


def up_to_the_largest_label(labels, guesses, c):
    classes = range(max(labels.max(), guesses.max()) + 1)
    both = [(labels == j).sum() + (guesses == j).sum() for j in classes]
    hits = [((labels == j) & (guesses == j)).sum() for j in classes]
    return np.mean([2 * h / b if b else 0 for h, b in zip(hits, both, strict=True)])


def begins_at_the_first_point(scores, labels):
    """Trapezoids that count equal scores by halves, but not those from the corner on."""
    levels = np.unique(scores)[::-1]
    up = np.array([(scores[labels == 1] >= level).mean() for level in levels])
    along = np.array([(scores[labels == 0] >= level).mean() for level in levels])
    return (np.diff(along) * (up[1:] + up[:-1]) / 2).sum()


def empty_goes_to_the_first_point(X, C):
    owner = ((X[:, None] - C) ** 2).sum(2).argmin(1)
    return np.array([X[owner == j].mean(0) if (owner == j).any() else X[0]
                     for j in range(len(C))])  # fmt: skip


@pytest.mark.parametrize(("task", "answer"), [
    ("log_sum_exp", takes_the_mean_out), ("macro_f1", up_to_the_largest_label),
    ("roc_auc", begins_at_the_first_point), ("kmeans_step", empty_goes_to_the_first_point),
])  # fmt: skip
def test_refused_without_a_name(task, answer):
    with np.errstate(all="ignore"):
        report = checks.check(task, answer)
    assert not report.passed and report.mistake is None, str(report)


def test_a_probability_of_zero_is_said_to_be_one():
    def softmax_first(X, labels):
        E = np.exp(X - X.max(1, keepdims=True))
        return -np.log((E / E.sum(1, keepdims=True))[np.arange(len(X)), labels]).mean()

    with np.errstate(all="ignore"):
        report = checks.check("cross_entropy", softmax_first)
    assert report.mistake == "CE-03" and "or a probability is" in report.message

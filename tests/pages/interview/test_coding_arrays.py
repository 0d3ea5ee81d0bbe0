"""The page of questions on arrays and losses; its tasks are tried with all others."""

from __future__ import annotations

import pytest

from tests.kit import coding
from tests.kit.pages import judged

PAGE = "interview/coding_arrays"


def test_every_question_is_whole_and_its_example_is_right():
    assert coding.problems(PAGE, 10) == []


@pytest.mark.parametrize("change", [
    ("is `[1, 0]`.", "is `[0, 1]`."), (":::{hint}", ":::{note}"), ("*Cost.*", "Cost:"),
    ("better = (scores > own", "better = (scores >= own"), ("*They ask next:*", "*Next:*"),
    ("The arguments stay as they are.", ""),
])  # fmt: skip
def test_a_fault_is_found(change, monkeypatch, tmp_path):
    text = coding.path_of(PAGE).read_text(encoding="utf-8")
    faulty = tmp_path / "page.md"
    old, new = change
    faulty.write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(coding, "path_of", lambda name: faulty)
    monkeypatch.setattr("tests.kit.pages.path_of", lambda name: faulty)
    assert coding.problems(PAGE, 10)


test_what_the_boxes_say = judged([
    ("pr-arrays-exp", "b", "right"), ("pr-arrays-exp", "c", "0 / 0"),
    ("pr-arrays-table", "(100, 5, 3)", "right"), ("pr-arrays-table", "100, 5", "distances"),
    ("ex-code-roc-auc-cost", "210000", "right"), ("ex-code-roc-auc-cost", "210,000", "right"),
    ("ex-code-roc-auc-cost", "499500", "no pair"), ("ex-code-roc-auc-cost", "7", "wrong"),
    ("ex-code-knn-predict-cost", "12800000", "right"), ("ex-code-knn-predict-cost", "64000", "one"),
    ("ex-code-kmeans-step-cost", "3e5", "right"), ("ex-code-kmeans-step-cost", "1e5", "dimension"),
])  # fmt: skip

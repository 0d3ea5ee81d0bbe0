"""The numbers of exercises have one grammar."""

from __future__ import annotations

import pytest

from publish.page import numbers


@pytest.mark.parametrize(("text", "found"), [
    ("own", []),
    (" own ", []),
    ("zh 6.2.1", [("zh", "6.2.1")]),
    ("zh 6.2.1, en 7.2.1", [("zh", "6.2.1"), ("en", "7.2.1")]),
    ("zh 1.4", [("zh", "1.4")]),  # the introduction is a chapter without sections
    ("lab 6", [("lab", "6")]),
    ("exam 2021, zh 10.2.11", [("exam", "2021"), ("zh", "10.2.11")]),
])
def test_numbers_are_parsed(text, found):
    assert numbers.parse(text) == found


@pytest.mark.parametrize("text", [
    "zh 6", "exam 21", "lab 6.1", "exam 2021.1",  # on these the two grammars of old disagreed
    "", "6.2.1", "de 1.2", "zh 6.2.", "zh 6.2.1 en 7.2", "zh 6.2.1,", "own, zh 6.2.1", "zh  6.2.1",
    "ZH 6.2.1", "lab six", "zh ٦.٢",
])
def test_anything_else_is_an_error_that_says_what_is_wanted(text):
    with pytest.raises(ValueError, match=r"must be 'own' or numbers such as 'zh 6\.2\.1") as caught:
        numbers.parse(text)
    assert str(caught.value).endswith(f"not '{text}'")


def test_numbers_are_shown_with_the_book_that_they_come_from():
    assert numbers.shown([("zh", "6.2.1"), ("lab", "6")]) == ["d2l zh 6.2.1", "lab 6"]


def test_numbers_are_sorted_as_numbers():
    found = sorted(["10.2.1", "9.10.1", "9.2.1"], key=numbers.sort_key)
    assert found == ["9.2.1", "9.10.1", "10.2.1"]
    assert numbers.section_of("9.10.1") == "9.10"


def test_ranges():
    assert numbers.ranges(["6.2.1", "6.2.2", "6.2.3", "6.3.1"]) == "6.2.1–3, 6.3.1"
    assert numbers.ranges(["6.2.1", "6.2.3"]) == "6.2.1, 6.2.3"
    assert numbers.ranges([]) == ""

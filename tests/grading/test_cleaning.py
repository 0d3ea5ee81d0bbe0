"""Text of submissions is made harmless before it is shown or written."""

from __future__ import annotations

import pytest

from grading.read.cleaning import clean


@pytest.mark.parametrize(("text", "wanted"), [
    ("x \ud83d y", "x \ufffd y"),  # half of a pair: no file could hold it
    ("\x1b[31mred\x00", "\ufffd[31mred\ufffd"),  # a terminal would obey it
    ("20/20 \u202etxet\u202c \u2066a\u2069\u200f\u061c", "20/20 txet a"),
    ("a\r\nb\tc\u2028d", "a  b cd"),
    ("caf\u00e9 cafe\u0301 \u6df1\u5ea6 \U0001f469\u200d\U0001f4bb \u0646\u0645\u06cc\u200c",
     "caf\u00e9 cafe\u0301 \u6df1\u5ea6 \U0001f469\u200d\U0001f4bb \u0646\u0645\u06cc\u200c"),
    (3, "3"),
])
def test_what_stays(text, wanted):
    assert clean(text) == wanted
    wanted.encode()


def test_length_and_lines():
    assert clean("a" * 30, 10) == "a" * 9 + "…" and clean("a" * 10, 10) == "a" * 10
    assert clean("a\nb\x07", lines=True) == "a\nb\ufffd"
    assert len(clean("x" * 10**7)) == 2000

"""Every answer box of the book: a right answer may be written with the box's unit."""

from __future__ import annotations

import pytest

from dlworkbook import answers

WITH_UNIT = [box for box, spec in answers.every().items() if spec.get("unit")]


@pytest.mark.parametrize("box", WITH_UNIT)
def test_the_unit_may_stand_behind_the_number(box):
    spec = answers.load(box)
    key, unit = str(spec["is"]), spec["unit"]
    for text in (key, f"{key} {unit}", f"{key}{unit}"):
        assert answers.judge(spec, text).state == "right", text
    assert answers.judge(spec, f"{key} apples").state == "malformed"


def test_there_are_such_boxes():
    assert len(WITH_UNIT) > 40

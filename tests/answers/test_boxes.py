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


SAME = {
    "nats": "nat", "bits": "bit", "pixels": "px", "ms": "milliseconds", "MB": "megabytes",
    "GB": "gb", "GiB": "gibibytes", "layers": "layer", "batches": "batch", "kg": "kilograms",
    "Hz": "hertz", "bytes": "B", "%": "per cent",
}  # fmt: skip


OTHERWISE = [box for box in WITH_UNIT if answers.load(box)["unit"] in SAME]


@pytest.mark.parametrize("box", OTHERWISE)
def test_the_unit_may_be_written_otherwise(box):
    spec = answers.load(box)
    assert answers.judge(spec, f"{spec['is']} {SAME[spec['unit']]}").state == "right"


def test_there_are_such_boxes():
    assert len(WITH_UNIT) > 40
    assert {answers.load(box)["unit"] for box in OTHERWISE} == SAME.keys()

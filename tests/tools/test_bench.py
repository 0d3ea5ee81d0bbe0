"""The arithmetic of the benchmark: what it measures is measured by ``make bench`` only."""

from __future__ import annotations

import json

import pytest

from bench import __main__ as command
from bench import buildtime, ladder, stats, table


def test_ratio_of_unknown_is_unknown():
    assert stats.ratio(1, 4) == 0.25
    assert stats.ratio(None, 4) is stats.ratio(1, None) is stats.ratio(1, 0) is None


@pytest.mark.parametrize("exponent", [0.5, 1, 2])
def test_growth_finds_the_exponent(exponent):
    sizes = [10, 40, 120, 240]
    assert stats.growth(sizes, [0.3 * n**exponent for n in sizes]) == pytest.approx(exponent)


def test_growth_needs_two_sizes():
    for sizes, times in (([10], [1]), ([10, 10], [1, 2]), ([10, 20], [1])):
        with pytest.raises(ValueError):
            stats.growth(sizes, times)


def test_blocking_time_counts_what_exceeds_50_ms_after_the_start():
    tasks = [(0, 400), (500, 49), (600, 80), (900, 150)]
    assert stats.blocking_time(tasks, 500) == 30 + 100
    assert stats.blocking_time(tasks, 0) == 350 + 30 + 100
    assert stats.blocking_time([(400, 200)], 500) == 50  # only its part after the start
    assert stats.blocking_time([], 0) == 0


def test_table_shows_numbers_ratios_and_gaps(tmp_path):
    rows = [
        table.Row("page", "weight", "KB", 100, 400, goal="350"),
        table.Row("page", "answers", "ms", 812.345, None),
        table.Row("other", "shift", "", 0.0, 0.109),
    ]
    text = table.save(rows, ["a note"], tmp_path)
    assert "| weight | KB | 100 | 400 | 0.25 | 350 |" in text
    assert "| answers | ms | 812 | – | – |" in text
    assert "| shift |  | 0 | 0.109 | 0 |" in text
    assert text.count("**page**") == 1 and "- a note" in text
    assert (tmp_path / "bench.md").read_text() == text
    data = json.loads((tmp_path / "bench.json").read_text())
    assert [row["ratio"] for row in data["rows"]] == [0.25, None, 0.0]


def test_copies_of_a_page_have_names_of_their_own():
    page = (
        "# Title\n\nSee {eq}`eq-a` and {ref}`ex-a`, not `ex-a-b`.\n\n$$x$$ (eq-a)\n\n"
        "::::{exercise} E\n:label: ex-a\n::::\n\n(spot)=\n## Spot\n\n# not the title\n"
    )
    copy = buildtime.copy_of(page, 3)
    assert copy.startswith("# Title (3)\n")
    for name in ("{eq}`eq-a-3`", "{ref}`ex-a-3`", "$$ (eq-a-3)", ":label: ex-a-3\n", "(spot-3)="):
        assert name in copy
    assert "`ex-a-b`" in copy and "\n# not the title\n" in copy


def test_ladder_takes_the_functions_of_the_page_and_they_are_right():
    import torch
    from torch.nn import functional

    ways = ladder.functions(ladder.code_of(ladder.PAGE.read_text(encoding="utf-8")))
    assert len(ways) >= 4
    x, k = torch.randn(2, 3, 7, 6), torch.randn(4, 3, 3, 2)
    for way in ways.values():
        assert torch.allclose(way(x, k), functional.conv2d(x, k), atol=1e-5)
    with pytest.raises(KeyError, match="defines no function"):
        ladder.functions(["def other(): pass"])


def test_unknown_section_is_refused(capsys):
    with pytest.raises(SystemExit):
        command.parse(["--only", "weight,wait"])
    assert "unknown: wait" in capsys.readouterr().err
    assert command.parse(["--only", "build", "--sizes", "10,60"]).sizes == (10, 60)

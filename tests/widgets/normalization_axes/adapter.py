"""How the widget of shared means is read in Chromium, and what it must show."""

from __future__ import annotations

import re

import pytest

from dlworkbook.widgets.normalization_axes import NormalizationAxes
from dlworkbook.widgets.normalization_axes.widget import EPS
from tests.kit.widget_page import GRID_ROWS, facts

KIND = NormalizationAxes
OTHER = {"norm": "layer", "samples": 3}
STATES = (
    "", "bad", "n:group_g:4_s:3_p:4_f:contrast", "n:token_s:3_p:4_c:47", "n:instance_p:1",
    "x:-999.25,1;2,3;4,5;6,1000_n:layer_e:large", "f:flat_n:instance_p:4_s:1",
)  # fmt: skip
BAD = ("s:4", "samples must be a whole number from 1 to 3")
GARBAGE = (
    "x:1,2;3,4", "x:1;2;3;4;5", "x:a;1;2;3", "x:1e9;1;1;1", "x:1,2;3,4;5,6;7",
    "x:1,2,3,4,5;1,2,3,4,5;1,2,3,4,5;1,2,3,4,5", "n:norm",
    "g:3", "p:0", "e:0", "c:48", "n:constructor", "f:2",
)  # fmt: skip
ALT = "2 samples of 4 channels and 2 places, batch norm: cell [0, 3, 0] goes from 6 to -1."
NEEDS = {"groups": {"norm": "group"}}
RESIZES = ("Samples", "Places")
READ = r"""(box) => {
  const rowsOf = GRID_ROWS;
  const number = (t) => Number(t.replace("−", "-"));
  const rows = (k) => [...box.querySelectorAll(".dlw-sample:not([hidden])")]
    .flatMap((e) => rowsOf(e.querySelectorAll(".dlw-grid")[k]));
  const values = (k) => rows(k).map((row) => row.map((c) => number(c.value || c.textContent)));
  const marks = (k) => rows(k).map((row) => row.map((c) => c.dataset.is ?? ""));
  return { x: values(0), y: values(1), marks: [marks(0), marks(1)],
    words: box.querySelector(".dlw-work").textContent,
    title: box.querySelector(".dlw-shapes").textContent };
}""".replace("GRID_ROWS", GRID_ROWS)


def read(page, box: int = 0) -> dict:
    return page.locator(".dlw-box").nth(box).evaluate(READ)


def agrees(page, box: int = 0, **settings) -> None:
    """The output is torch's; marked is what torch's output at the chosen cell depends on."""
    want, shown = NormalizationAxes(**settings), read(page, box)
    x, y = want.array(), want.output()
    places = y.shape[1]
    assert shown["x"] == [pytest.approx(row) for row in want.x()]
    assert shown["y"] == [pytest.approx(row, abs=0.0051) for row in y.tolist()]
    r, p = divmod(min(want.cell, y.numel() - 1), places)
    shared = want.members()
    for marks in shown["marks"]:
        assert marks[r][p] == "chosen" and sum(row.count("chosen") for row in marks) == 1
        if shared is not None and shared.any():
            assert [[bool(m) for m in row] for row in marks] == shared.tolist()
        else:
            assert sum(bool(m) for row in marks for m in row) == 1
    words = shown["words"]
    assert words.startswith(f"X[{r // 4}, {r % 4}, {p}] = ")
    assert f"sample {r // 4}, channel {r % 4}, place {p}." in words
    assert ("PyTorch refuses" in words) == (shared is None)
    size = sum(bool(m) for row in shown["marks"][0] for m in row)
    told = facts(page, box)
    assert told[1].endswith(f" of {size} cell" + "s" * (size > 1))
    assert int(told[1].split()[0]) * size == x.numel()
    if size > 1:
        mean, variance = (float(v.replace("−", "-")) for v in re.search(
            r"Mean (\S+), variance (\S+)\.", words).groups())  # fmt: skip
        value = (want.x()[r][p] - mean) / (variance + EPS[want.eps]) ** 0.5
        assert value == pytest.approx(y[r, p].item(), abs=0.02)
        assert f"has {size} cells" in words
    weight = x[0].numel() if want.norm == "layer" else 4
    assert told[2].startswith(f"{weight} weights and {weight} biases")

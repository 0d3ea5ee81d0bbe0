"""How pooling is read in Chromium, and what it must show (see tests/kit/widget_page.py)."""

from __future__ import annotations

import re

import pytest

from dlworkbook.widgets.pooling import Pooling
from tests.kit.widget_page import GRID_ROWS, facts

KIND = Pooling
OTHER = {"kind": "average", "stride": 1}
STATES = (
    "", "bad", "k:average_w:3_s:1_p:1_i:0_r:6_c:6_n:35", "f:ones_w:2_s:1_p:1_r:6_c:6_g:ones",
    "x:-999.25,0,1;2,3,4;5,6,1000_k:average_w:3_s:1_p:1", "w:3_s:2_u:1_f:negative",
)  # fmt: skip
BAD = ("w:4", "window must be a whole number from 1 to 3")
GARBAGE = (
    "x:1,2;3,4", "x:1,2,3;1,2,3;1,2", "x:a,b,c;1,2,3;1,2,3", "x:1e9,2,3;1,2,3;1,2,3", "y:,",
    "k:min", "p:2", "r:7", "n:100", "u:2", "x:1,2,3", "y:1001", "f:constructor",
)  # fmt: skip
ALT = "max pooling of 4 × 4, window 2, stride 2: output 7 5; 6 8."
NEEDS: dict = {}
RESIZES = ("Window", "Stride", "Padding", "Rows", "Columns")
SLACK = 24  # on a phone its title takes one line or two
READ = r"""(box) => {
  const rowsOf = GRID_ROWS;
  const number = (t) => Number(t.replace("−", "-"));
  const text = (e) => number(e.value || e.textContent);
  const grids = [...box.querySelectorAll(".dlw-four .dlw-grid")];
  const read = (grid) => rowsOf(grid).map((row) => row.map(text));
  return { grids: grids.map(read), words: box.querySelector(".dlw-work").textContent,
    wins: grids.map((g) => g.querySelectorAll("[data-is=wins]").length),
    ties: grids.map((g) => g.querySelectorAll("[data-is=ties]").length),
    border: [...grids[0].querySelectorAll(".dlw-pad")].map((e) => e.textContent),
    title: box.querySelector(".dlw-shapes").textContent };
}""".replace("GRID_ROWS", GRID_ROWS)


def read(page, box: int = 0) -> dict:
    return page.locator(".dlw-box").nth(box).evaluate(READ)


def agrees(page, box: int = 0, **settings) -> None:
    """The four tables are torch's, and so are the marked winner and the share that is told."""
    want, shown = Pooling(**settings), read(page, box)
    y, sent, dx = want.torch()
    for got, true in zip(shown["grids"], (want.x(), y.tolist(), dx.tolist(), sent.tolist())):
        assert len(got) == len(true)
        for row, line in zip(got, true, strict=True):
            assert row == pytest.approx(line, rel=1e-3, abs=1e-3)
    n = min(want.step, y.numel() - 1)
    i, j = divmod(n, y.shape[1])
    assert shown["words"].startswith(f"Y[{i}, {j}] = ")
    p = min(want.padding, want.window // 2)
    assert set(shown["border"]) <= {"−∞" if want.kind == "max" else "0"}
    assert shown["title"] == f"{len(want.x())} × {len(want.x()[0])}  →  {y.shape[0]} × {y.shape[1]}"
    if want.kind == "average":
        assert shown["wins"] == [0] * 4 == shown["ties"]
    else:
        a, b = map(int, re.search(r"goes to X\[(\d), (\d)\]\.$", shown["words"]).groups())
        rows, cols = (slice(max(v * want.stride - p, 0), v * want.stride - p + want.window)
                      for v in (i, j))  # fmt: skip
        part = [v for row in want.x()[rows] for v in row[cols]]
        first = part.index(max(part))
        wide = len(want.x()[0][cols])
        assert (a, b) == (rows.start + first // wide, cols.start + first % wide)
        others = part.count(max(part)) - 1
        assert shown["wins"] == [1, 0, 1, 0] and shown["ties"] == [others, 0, others, 0]
        assert (" A tie: " in shown["words"]) == (others > 0)
    told = facts(page, box)
    sums = re.search(r"dY sums to (\S+), dX to ([^\s:]+)", told[1]).groups()
    numbers = [float(v.replace("−", "-")) for v in sums]
    assert numbers == pytest.approx([sent.sum().item(), dx.sum().item()], rel=1e-3, abs=1e-3)
    assert told[0].split(" = ")[-1].split(",")[0] == str(y.shape[1]) or want.ceil

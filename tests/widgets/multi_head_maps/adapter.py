"""How the maps of the encoder are read in Chromium, and what they must show (widget_page.py)."""

from __future__ import annotations

import pytest

from dlworkbook.widgets.multi_head_maps import MultiHeadMaps
from tests.kit.widget_page import facts

KIND = MultiHeadMaps
OTHER = {"sentence": 1, "head": 0, "token": 2}
STATES = ("", "bad", "l:3_h:10_w:1", "s:1_t:11", "s:5_l:6_h:0_t:0", "s:8_h:12_w:1_t:0", "s:4_l:5")
BAD = ("h:13", "head must be a whole number from 0 to 12")
ALT = "Block 1, head 3: “bank” looks most at “the”"
NEEDS: dict = {}
READ = """(box) => {
  const plot = box.querySelector("svg.dlw-plot");
  const all = (kind) => [...plot.querySelectorAll(kind)];
  const of = (e, ...names) => names.map((name) => Number(e.getAttribute(name)));
  const frames = all(".dlw-frame-at").map((e) => of(e, "x", "y", "width", "height"));
  return {
    cells: all(".dlw-cell").map((e) => [...of(e, "x", "y", "fill-opacity"), Number(e.dataset.v)]),
    to: all(".dlw-bar-to").map((e) => [...of(e, "y", "width"), Number(e.dataset.v)]),
    from: all(".dlw-bar-from").map((e) => [...of(e, "y", "width"), Number(e.dataset.v)]),
    names: all("text[text-anchor=end]").map((e) => e.textContent),
    tops: all("text[transform]").map((e) => e.textContent),
    here: all(".dlw-here").map((e) => e.textContent),
    frames, title: box.querySelector(".dlw-shapes").textContent };
}"""


def agrees(page, box: int = 0, **settings) -> None:
    """Cells, bars, names, frames and the words are Python's."""
    want = MultiHeadMaps(**settings)
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    tokens, rows, at = want.tokens(), want.map(), want.at()
    n = len(tokens)
    assert shown["names"] == shown["tops"] == tokens
    assert shown["here"] == [tokens[at]] * 2
    cells = sorted(shown["cells"], key=lambda c: (c[1], c[0]))
    assert [c[3] for c in cells] == pytest.approx([v for r in rows for v in r], abs=6e-5)
    assert [c[2] for c in cells] == pytest.approx([c[3] for c in cells], abs=6e-5)
    column, row = shown["frames"]
    assert row[1] == pytest.approx(cells[at * n][1], abs=2)
    assert column[0] == pytest.approx(cells[at][0], abs=2)
    for side, values in (("to", rows[at]), ("from", [r[at] for r in rows])):
        bars = sorted(shown[side])
        assert [b[2] for b in bars] == pytest.approx(values, abs=6e-5)
        long = max(bars, key=lambda b: b[2])
        for _, width, v in bars:
            assert width == pytest.approx(max(0.5, long[1] * v / max(long[2], 1e-9)), abs=0.2)
    which = f"head {want.head}" if want.head else "mean of 12 heads"
    assert shown["title"] == f"block {want.layer}, {which}"
    most, gets, parked, silent = facts(page, box)
    best = sorted(range(n), key=lambda j: (-rows[at][j], j))[:3]
    for said, j in zip(most.split("%, "), best, strict=True):
        word, _, share = said.rstrip("%").rpartition(" ")
        assert word == tokens[j] and float(share) == pytest.approx(100 * rows[at][j], abs=0.0501)
    share = float(gets.split("%")[0])
    assert share == pytest.approx(100 * want.received()[at], abs=0.0501)
    assert f"“{tokens[at]}”; even: {100 / n:.1f}%" in gets
    assert float(parked.split("%")[0]) == pytest.approx(100 * want.to_cls(), abs=0.0501)
    assert f"move by {100 * want.without():.1f}% of their length" in silent
    assert ("this head" in silent) == bool(want.head)

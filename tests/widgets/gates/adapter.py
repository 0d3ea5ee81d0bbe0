"""How the gates widget is read in Chromium, and what it must show (see widget_page.py)."""

from __future__ import annotations

import re

import pytest

from dlworkbook.widgets.gates import Gates
from tests.kit.widget_page import facts

KIND = Gates
OTHER = {"cell": "lstm", "text": "12 ab"}
STATES = ("", "bad", "c:lstm_g:memory", "t:5", "t:abcdefgh_b:-8", "g:new_n:3",
          "t:9aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_c:lstm")  # fmt: skip
BAD = ("t:a!b", "The text holds “!”")
ALT = "after sign 25 the last digit is 3, and the network says 3"
NEEDS: dict = {}
FIELDS = {"Text, up to 32 signs": ("q4 xyz", {"text": "q4 xyz"}, "a7bcdefghijklm 3nopqrstuv", {
    "": "The text is empty", "a.b": "The text holds “.”", "über": "The text holds “ü”",
    "a" * 33: "The text has 33 signs",
})}  # fmt: skip
READ = """(box) => {
  const cells = [...box.querySelectorAll(".dlw-plot rect[data-v]")];
  const seen = (e) => ["x", "y"].map((name) => Number(e.getAttribute(name)));
  return {
    values: cells.map((e) => [...seen(e), Number(e.dataset.v), Number(e.getAttribute("fill-opacity")), e.classList.contains("dlw-less-cells")]),
    signs: [...box.querySelectorAll(".dlw-axes text[text-anchor=middle]")].map((t) => t.textContent),
    column: Number(box.querySelector(".dlw-column").getAttribute("x")),
    title: box.querySelector(".dlw-shapes").textContent };
}"""  # noqa: E501


def agrees(page, box: int = 0, **settings) -> None:
    """Every cell, the column in view, and the words are Python's."""
    want = Gates(**settings)
    shown, steps = page.locator(".dlw-box").nth(box).evaluate(READ), want.run()
    n, at = len(want.text), min(want.step, len(want.text) - 1)
    assert "".join(shown["signs"]).replace("␣", " ") == want.text
    assert shown["title"].startswith(want.cell.upper())
    rows = sorted(shown["values"], key=lambda v: (v[0], v[1]))
    assert len(rows) == 8 * n
    values = [v for step in steps for v in step[want.show]]
    assert [r[2] for r in rows] == pytest.approx(values, abs=6e-5)
    most = max(1, *map(abs, values))
    assert [r[3] for r in rows] == pytest.approx([abs(v) / most for v in values], abs=6e-5)
    assert [r[4] for r in rows] == [v < 0 for v in values]
    xs = sorted({r[0] for r in rows})
    assert shown["column"] == pytest.approx(xs[at], abs=1)
    due, said, sure = want.verdict()
    read, says, kept, _ = facts(page, box)
    assert read.startswith("no digit" if due == 10 else f"{due} last")
    name = "no digit" if said == 10 else str(said)
    assert says == f"{name}, with {100 * sure:.1f}%: {'right' if due == said else 'wrong'}"
    mean = float(re.search(r"on average (\d\.\d+|\d·10)", kept)[1].replace("·10", ""))
    got = sum(steps[at]["keep"]) / 8
    assert mean == pytest.approx(got, abs=0.0051) or got < 0.005

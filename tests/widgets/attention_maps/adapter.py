"""How the attention maps are read in Chromium, and that they show what torch computes."""

from __future__ import annotations

import pytest

from dlworkbook.widgets.attention_maps import AttentionMaps

KIND = AttentionMaps
OTHER = {"sequence": "REVERSE"}
STATES = ("", "oops", "s:ABCDEFGHIJKL_t:20", "s:Z", "n:0_t:0.1")
BAD = ("s:AB1", "The sequence holds “1”")
ALT = "reads STRESSED and writes DESSERTS"
NEEDS: dict = {}
FIELDS = {"Letters, up to 12": ("HELLO", {"sequence": "HELLO"}, "STRESSED", {
    "": "The sequence is empty", "STR3SS": "The sequence holds “3”",
    "ÜBER": "The sequence holds “Ü”",
    "TWO WORDS": "The sequence holds a space", "ABCDEFGHIJKLM": "The sequence has 13 letters",
})}  # fmt: skip

READ = """(box) => {
  const grid = box.querySelector(".dlw-map");
  const all = [...grid.children].filter((e) => !e.matches(".dlw-sheet"));
  const n = all.filter((e) => e.tagName === "BUTTON").length ** 0.5, cols = n + 2;
  const at = (i, j) => all[i * cols + j].textContent, range = [...Array(n).keys()];
  return {
    read: range.map((j) => at(0, j + 1)).join(""), fed: range.map((i) => at(i + 1, 0)),
    written: range.map((i) => at(i + 1, n + 1)).join(""),
    wrong: range.filter((i) => all[(i + 1) * cols + n + 1].classList.contains("dlw-wrong")),
    weights: range.map((i) => range.map((j) => Number(at(i + 1, j + 1)))),
    title: box.querySelector(".dlw-shapes").textContent,
    fact: box.querySelector(".dlw-facts dd").textContent,
    training: box.querySelector(".dlw-training input").getAttribute("aria-valuetext") };
}"""


def agrees(page, box: int = 0, **settings) -> dict:
    """The shown map is torch's; returns what is shown."""
    want = AttentionMaps(**settings)
    written, maps = want.reverse()
    shown, right = page.locator(".dlw-box").nth(box).evaluate(READ), want.sequence[::-1]
    assert shown["read"] == want.sequence and shown["written"] == written
    for row, weights in zip(shown["weights"], maps, strict=True):
        assert row == pytest.approx([100 * w for w in weights], abs=0.51)
    assert shown["wrong"] == [t for t in range(len(right)) if written[t] != right[t]]
    assert shown["fed"] == ["▸", *(right if want.given else written)[:-1]]
    assert shown["title"].startswith(f"{want.sequence} → {written}")
    assert shown["training"] == f"{want.trained:,} steps"
    return shown

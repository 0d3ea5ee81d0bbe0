"""How the widget of Huffman's tree is read in Chromium, and what it must show."""

from __future__ import annotations

import itertools

import pytest

from dlworkbook.widgets.huffman import Huffman
from dlworkbook.widgets.huffman.widget import WORDS
from tests.kit.widget_page import facts

KIND = Huffman
OTHER = {"a": 3, "e": 9, "word": 4}
STATES = ("", "bad", "a:16_w:4", "a:1_b:1_c:1_w:0", "a:16_b:16_c:16_d:16_e:16", "e:16_w:4")
BAD = ("a:17", "a must be a whole number from 1 to 16")
ALT = "Huffman's codes for counts 8, 4, 2, 1, 1: the 0, sea 10, love 110, moon 1110, oar 1111"
NEEDS: dict = {}
READ = """(box) => {
  const texts = (kind) => [...box.querySelectorAll(`.dlw-tree ${kind}`)].map((t) => t.textContent);
  const at = (kind) => [...box.querySelectorAll(`.dlw-tree ${kind}`)].map((t) => [+t.getAttribute("x"), +t.getAttribute("y")]);
  const ends = (kind) => [...box.querySelector(kind).getAttribute("d").matchAll(/M([\\d.]+) ([\\d.]+)L([\\d.]+) ([\\d.]+)/g)].map((m) => m.slice(1).map(Number));
  return { words: texts(".dlw-word"), counts: texts(".dlw-count").map(Number), codes: texts(".dlw-code"),
    sums: texts(".dlw-sum").map(Number), leaves: at(".dlw-word"), taken: ends(".dlw-taken"), others: ends(".dlw-edge") };
}"""  # noqa: E501


def agrees(page, box: int = 0, **settings) -> None:
    """Words with counts and codes, depth by length, the way's branches, and the numbers below."""
    want = Huffman(**settings)
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    codes, total = want.codes(), sum(want.counts())
    assert shown["words"] == list(WORDS) and shown["counts"] == want.counts()
    assert shown["codes"] == codes and max(shown["sums"]) == total
    for code, (_, y) in zip(codes, shown["leaves"], strict=True):
        assert y == pytest.approx(22 + 54 * len(code) + 14, abs=0.2)
    # From left to right the codes are in the order of an alphabet, and no two words meet.
    xs = [x for _, (x, _) in sorted(zip(codes, shown["leaves"], strict=True))]
    assert all(b - a > 30 for a, b in itertools.pairwise(xs))
    assert len(shown["taken"]) == len(codes[want.word])
    assert len(shown["taken"]) + len(shown["others"]) == 8
    x, y = shown["leaves"][want.word]
    assert shown["taken"][0][2:] == pytest.approx([x, y - 14], abs=0.2)
    mean, entropy, level, start = facts(page, box)
    assert float(mean.split()[0]) == pytest.approx(want.mean(), abs=6e-4)
    assert float(entropy.split()[0]) == pytest.approx(want.entropy(), abs=6e-4)
    assert float(level.split()[0]) == pytest.approx(
        2 + sum(sorted(want.counts())[:2]) / total, abs=6e-4)
    share = want.counts()[want.word] / total
    assert start.startswith(f"'{WORDS[want.word]}' has {0.5 ** len(codes[want.word]):g};")
    assert float(start.split()[-1]) == pytest.approx(share, abs=6e-4)

"""How the broadcasting widget is read in Chromium, and what it must show (see widget_page.py)."""

from __future__ import annotations

import re

import torch

from dlworkbook.widgets.broadcasting import Broadcasting
from tests.kit.widget_page import facts

KIND = Broadcasting
OTHER = {"a": [2, 3], "b": [2]}
STATES = (
    "", "a:2x3_b:2", "a:5x5x1_b:5x1x2_n:30", "a:2x5x6x6_b:6_t:float64",
    "a:100000x100000x100000x100000_b:", "a:100000x1_b:100000", "a:_b:0x3",
    "a:100000x1x1x1_b:100000x100000x100000", "bad",
)  # fmt: skip
BAD = ("a:3xx1", "is not a length")
ALT = "The shapes (3, 1) and (4,), lined up at the right, give (3, 4)."
NEEDS: dict = {}
FIELDS = {"Shape of A": ("2, 1", {"a": [2, 1]}, "(3, 1)", {
    "4, x": "A: “4, x” is not", "1 1 1 1 1": "A: 5 axes are too many",
    "-3": "A: “-3” is not a length",
    "<img src=x>": "A: “<img” is not a length", "1" * 9: "A: lengths are whole numbers from 0",
})}  # fmt: skip
READ = """(box) => {
  const rows = [...box.querySelectorAll(".dlw-lengths tbody tr")];
  const cells = (kind) => [...box.querySelectorAll(`.dlw-tables .dlw-${kind}`)];
  const at = (e) => [e.getAttribute("x"), e.getAttribute("y")].map(Number);
  const marks = [...box.querySelectorAll(".dlw-source, .dlw-place")].filter((e) => e.style.display !== "none");
  const texts = [...box.querySelectorAll(".dlw-tables text:not(.dlw-tag)")].map((e) => e.textContent);
  const inside = (mark, list) => list.findIndex((e) => Math.abs(at(e)[0] - at(mark)[0] - 1) < .3 && Math.abs(at(e)[1] - at(mark)[1] - 1) < .3);
  const all = ["a", "b", "sum"].map(cells);
  return { fields: [...box.querySelectorAll(".dlw-typed")].map((e) => e.value),
    table: rows.map((r) => [...r.querySelectorAll("td")].map((e) => e.textContent)),
    ghosts: all.map((list) => list.map((e) => e.matches(".dlw-ghost"))), texts,
    marks: marks.map((m, n) => inside(m, all[[0, 1, 0, 1, 2][n]])),
    title: box.querySelector(".dlw-shapes").textContent, words: box.querySelector(".dlw-work").textContent };
}"""  # noqa: E501
BYTES = {"float64": 8, "float32": 4, "float16": 2, "uint8": 1}
UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "PiB": 2**50, "EiB": 2**60}


def said_bytes(text: str) -> list[float]:
    found = re.findall(r"([\d.]+) (B|[KMGTPE]iB)\b", text)
    return [float(number) * UNITS[name] for number, name in found]


def near(got: list[float], want: list[float]) -> bool:
    return len(got) == len(want) and all(
        abs(g - w) <= 0.006 * w for g, w in zip(got, want, strict=True)
    )


def agrees(page, box: int = 0, **settings) -> None:
    """Table, cells, their numbers, the marked entries and the memory are torch's."""
    want = Broadcasting(**settings)
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    a, b = torch.Size(want.a), torch.Size(want.b)
    assert shown["fields"] == [", ".join(map(str, v)) for v in (a, b)]
    held = [v.numel() * BYTES[want.dtype] for v in (a, b)]
    memory = facts(page, box)
    for v, text in zip((a, b), memory, strict=False):
        assert f" for {v.numel():,} entr" in text
    try:
        result = torch.broadcast_shapes(a, b)
    except RuntimeError:
        assert shown["title"].endswith("has no result") and shown["words"].startswith("No result")
        assert "clash" in shown["table"][2] and shown["ghosts"][2] == [] == shown["marks"]
        assert memory[2] == "does not exist"
        assert near(said_bytes(memory[0]), held[:1]) and near(said_bytes(memory[1]), held[1:])
        return
    number, size = result.numel(), result.numel() * BYTES[want.dtype]
    assert shown["table"][2] == [str(n) for n in result]
    for k, v in enumerate((a, b)):
        padded = ["–"] * (len(result) - len(v)) + [str(n) for n in v]
        padded = [n if n == str(r) or (n == "–" and r == 1) else f"{n} → {r}".replace("–", "none")
                  for n, r in zip(padded, result, strict=True)]  # fmt: skip
        assert shown["table"][k] == padded
        assert near(said_bytes(memory[k]), [held[k], *([size] if v != result else [])])
    assert near(said_bytes(memory[2]), [size])

    four = torch.Size([1] * (4 - len(result)) + list(result))
    drawn = torch.empty(four, device="meta")[:2, :5, :6, :6].shape
    assert [len(g) for g in shown["ghosts"]] == [drawn.numel()] * 3
    if drawn != four or not number:
        assert shown["texts"] == [] == shown["marks"]
        return
    A, B = (torch.arange(v.numel()).reshape(v).expand(result).flatten() for v in (a, b))
    factor = 10 if b.numel() <= 10 else 100 if b.numel() <= 100 else 1000
    for ghosts, read in zip(shown["ghosts"], (A, B, torch.arange(number)), strict=True):
        first = {int(n): k for k, n in reversed(list(enumerate(read.tolist())))}
        assert ghosts == [first[n] != k for k, n in enumerate(read.tolist())]
    sums = (factor * A + B).tolist()
    numbers = [str(n) for n in (factor * A).tolist() + B.tolist() + sums]
    assert shown["texts"] in (numbers, []), "all, or none where the cells are too narrow"
    assert shown["texts"] or number > 100 or len(max(numbers, key=len)) > 3
    n = min(want.entry, number - 1)
    source = [read.tolist().index(read[n]) for read in (A, B)]
    assert shown["marks"] == [*source, n, n, n]
    assert shown["words"].endswith(f"= {factor * A[n]} + {B[n]} = {sums[n]}.")

"""Broadcasting: which axes and which entries meet, and what copies take, are torch's answers."""

from __future__ import annotations

import random

import pytest
import torch

from dlworkbook.widgets.broadcasting import Broadcasting
from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.base import StateError
from tests.kit.node import differential, evaluate

MODEL = bundle.WIDGETS / "broadcasting/model.js"
RNG = random.Random(3)


def shapes(lengths: list[int], weights: list[int]) -> list[list[int]]:
    """Two shapes; half of the time the second is the first with some axes cut or made 1."""
    a = RNG.choices(lengths, weights, k=RNG.randint(0, 4))
    b = [n if RNG.random() < 0.6 else 1 for n in a[RNG.randint(0, len(a)) :]]
    other = RNG.choices(lengths, weights, k=RNG.randint(0, 4))
    pair = [a, b if RNG.random() < 0.5 else other]
    return pair if RNG.random() < 0.5 else pair[::-1]


PAIRS = [[[3, 1], [4]], [[], []], [[0], [1]], [[0], [3]], [[0, 1], []], [[5, 5, 1], [5, 1, 2]],
         *(shapes([0, 1, 2, 3, 4, 6], [1, 4, 3, 3, 3, 1]) for _ in range(400)),
         *(shapes([1, 3, 7, 100_000], [3, 2, 2, 3]) for _ in range(60))]  # fmt: skip
CASES = [{"a": a, "b": b} for a, b in PAIRS]
ASK = """(() => {
  const result = m.resultOf(c.a, c.b), axes = m.align(c.a, c.b), small = result && m.total(result) <= 3000;
  const places = small ? Array.from({ length: m.total(result) }, (_, n) => m.unravel(n, result)) : [];
  const read = (own) => places.map((at) => m.flat(m.source(at, own), own));
  return { result, fits: axes.map((x) => x.fits), A: axes.map((x) => x.repeats[0]), B: axes.map((x) => x.repeats[1]),
    reads: [read(c.a), read(c.b)], order: places.map((at) => m.flat(at, result)),
    bytes: ["float64", "float32", "float16", "uint8"].map((t) => m.bytes(result ?? c.a, t)),
    whole: m.isWhole(c.a), drawn: m.drawn(c.a), tells: m.unit(c.b) };
})()"""  # noqa: E501
MUTANTS = [
    ("lined up at the left", "v[v.length - count + k] ?? null", "v[k] ?? null"),
    ("the shorter one", "Math.max(a.length, b.length)", "Math.min(a.length, b.length)"),
    ("a missing axis is 0", "v ?? 1)", "v ?? 0)"),
    ("only A may stretch", " || n === 1,", ","),
    ("only B may stretch", "|| m === 1 ||", "||"),
    ("the longer length", "length = m === 1 ? n : m", "length = Math.max(m, n)"),
    ("repeats without a result", "fits && v !== length", "v !== length"),
    ("every 1 is repeated", "fits && v !== length", "fits && v === 1"),
    ("one axis is enough", "axes.every((x) => x.fits)", "axes.some((x) => x.fits)"),
    ("sum of lengths", "product * n, 1", "product + n, 1"),
    ("half of float32", "float32: 4", "float32: 2"),
    ("columns first", "at.unshift(", "at.push("),
    ("rest of the wrong length", "rest / shape[k]", "rest / shape[0]"),
    ("last entry of a repeated axis", "length === 1 ? 0 :", "length === 1 ? 1 :"),
    ("read from the left", "at[at.length - own.length + k]", "at[k]"),
    ("strides the other way", "n * shape[k] + i", "n + i * shape[k]"),
    ("axes added behind", "[...Array(AXES - shape.length).fill(1), ...shape]",
     "[...shape, ...Array(AXES - shape.length).fill(1)]"),
    ("one short", "n <= DRAWN[k]", "n < DRAWN[k]"),
    ("too much drawn", "Math.min(n, DRAWN[k])", "n"),
    ("tens too narrow", "> 10 ? 100", "> 20 ? 100"),
]  # fmt: skip


def by_torch(case: dict) -> dict:
    a, b = (torch.empty(case[k], device="meta") for k in "ab")  # no memory: 10^20 entries do
    try:
        result = list(torch.broadcast_shapes(a.shape, b.shape))
        assert result == list((a + b).shape) if a.numel() < 1e9 > b.numel() else result
    except RuntimeError:
        result = None
    count = max(a.ndim, b.ndim)
    pairs = list(zip(*([1] * (count - len(v)) + v for v in (case["a"], case["b"])), strict=True))
    fits = [_fits(*pair) for pair in pairs]
    reads, order = [[], []], []
    if result is not None and torch.Size(result).numel() <= 3000:
        reads = [torch.arange(v.numel()).reshape(v.shape).expand(result).flatten() for v in (a, b)]
        order = list(range(torch.Size(result).numel()))
    number = torch.Size(case["a"] if result is None else result).numel()
    four = torch.empty([1] * (4 - a.ndim) + case["a"], device="meta")
    drawn = four[:2, :5, :6, :6].shape
    return {
        "result": result, "fits": fits, "reads": reads, "order": order,
        "A": [f and m == 1 and n != 1 for f, (m, n) in zip(fits, pairs, strict=True)],
        "B": [f and n == 1 and m != 1 for f, (m, n) in zip(fits, pairs, strict=True)],
        "bytes": [exact(number * torch.empty(0, dtype=t).element_size())
                  for t in (torch.float64, torch.float32, torch.float16, torch.uint8)],
        "whole": drawn == four.shape, "drawn": list(drawn),
        "tells": 10 if b.numel() <= 10 else 100 if b.numel() <= 100 else 1000,
    }  # fmt: skip


def _fits(m: int, n: int) -> bool:
    try:
        return bool(torch.broadcast_shapes((m,), (n,)) or True)
    except RuntimeError:
        return False


def exact(n: int) -> int | float:
    """Beyond 2^53 a number of JavaScript is not exact."""
    return n if n < 2**53 else float(n)


def test_model():
    expected = [by_torch(case) for case in CASES]
    without = sum(want["result"] is None for want in expected)
    assert 40 < without < len(CASES) - 200 and len({str(want["A"]) for want in expected}) > 15
    differential(MODEL, ASK, CASES, expected, MUTANTS)
    for case, want in zip(CASES, expected, strict=True):
        assert Broadcasting(**case).result() == want["result"]
        assert ("do not fit" in Broadcasting(**case).describe()) == (want["result"] is None)


WRITTEN = {
    "3, 1": [3, 1], "(3, 1)": [3, 1], "(3,)": [3], "3,": [3], "3": [3], "": [], "()": [],
    " ( ) ": [], "[2,3,4]": [2, 3, 4], "2 3 4": [2, 3, 4], "2x3x4": [2, 3, 4],
    "2 × 3": [2, 3], "2*3": [2, 3],
    "torch.Size([3, 1])": [3, 1], "torch.Size([])": [], "（3，1）": [3, 1], "(3, 1": [3, 1],
    "0": [0], "100000": [100_000], "1,1,1,1": [1, 1, 1, 1],
}  # fmt: skip
REFUSED = {
    "a": "“a” is not a length", "-1": "“-1” is not a length", "3,,1": "is not a length",
    "2.5": "“2.5” is not", "1e3": "“1e3” is not", ",": "is not a length", "3, 1; 2": "“1;” is not",
    "٣": "is not a length", "100001": "from 0 to 100000", "9" * 400: "from 0 to 100000",
    "1 1 1 1 1": "5 axes are too many: 4 fit", "<b>": "is not a length", "((3)(1))": "is not",
}  # fmt: skip


def test_a_shape_is_read_as_people_write_it():
    ask = "data.map((t) => { try { return m.readShape(t); } catch (e) { return e.message; } })"
    assert evaluate(MODEL, ask, list(WRITTEN)) == list(WRITTEN.values())
    for (text, reason), said in zip(REFUSED.items(), evaluate(MODEL, ask, list(REFUSED))):
        assert reason in said, (text, said)


def test_sizes_in_words():
    sizes = [0, 48, 1023, 1024, 1536, 4 * 10**10, 8 * 10**20]
    said = ["0 B", "48 B", "1023 B", "1 KiB", "1.5 KiB", "37.3 GiB", "694 EiB"]
    assert evaluate(MODEL, "data.map(m.sizeText)", sizes) == said


def test_python_refuses_what_is_no_shape():
    assert Broadcasting(a=torch.Size([2, 3]), b=()).result() == [2, 3]
    for bad in ([1] * 5, [-1], [2.5], [True], ["3"], 3, [100_001]):
        with pytest.raises(StateError, match="is not a"):
            Broadcasting(a=bad)
    assert Broadcasting(a=(3,), b=(4,)).png().startswith(b"\x89PNG")

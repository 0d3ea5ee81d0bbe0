"""Pooling: output, gradient of the input, ties and sizes are torch's."""

from __future__ import annotations

import random

import pytest
import torch
from torch.nn import functional as F

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.base import StateError
from dlworkbook.widgets.pooling import Pooling
from dlworkbook.widgets.pooling.widget import FILLS
from tests.kit.node import differential, evaluate

MODEL = bundle.WIDGETS / "pooling/model.js"
torch.set_num_threads(1)


def make_cases() -> list[dict]:
    """Every fill, ties on purpose (few different numbers), and each way to set the borders."""
    rng, found = random.Random(7), []
    while len(found) < 400:
        rows, columns = rng.randint(3, 6), rng.randint(3, 6)
        case = {
            "kind": rng.choice(("max", "average")), "window": rng.randint(1, 3),
            "stride": rng.randint(1, 3), "padding": rng.randint(0, 1), "rows": rows,
            "columns": columns, "fill": rng.choice(list(FILLS)),
            "sent": rng.choice(("counted", "ones")), "ceil": rng.random() < 0.5,
            "include": rng.random() < 0.5, "input": [], "grad": [],
        }  # fmt: skip
        if rng.random() < 0.7:
            few = rng.random() < 0.5
            case["input"] = [[rng.randint(-1, 1) if few else rng.randint(-90, 90) / 8
                              for _ in range(columns)] for _ in range(rows)]  # fmt: skip
        if rng.random() < 0.5:
            case["grad"] = [[rng.randint(-9, 9) / 2 for _ in range(3)]
                            for _ in range(rng.randint(1, 5))]  # fmt: skip
        found.append(case)
    return found


def by_torch(case: dict) -> dict:
    want = Pooling(**case)
    y, sent, dx = want.torch()
    k, p = case["window"], min(case["padding"], case["window"] // 2)
    x = torch.tensor(want.x(), dtype=torch.float64)
    # Where windows reach: of an index map, torch's own max pooling says the last place read.
    index = torch.arange(x.numel(), dtype=torch.float64).reshape(1, 1, *x.shape)
    options = {"stride": case["stride"], "padding": p, "ceil_mode": case["ceil"]}
    last = F.max_pool2d(index, k, **options)[0, 0].long()
    first = -F.max_pool2d(-index, k, **options)[0, 0].long()
    _, winner = F.max_pool2d(x[None, None], k, return_indices=True, **options)

    def equal(f: int, u: int, w: int) -> int:
        """How many entries between the places f and u, corners of the window, are as large."""
        (top, left), (bottom, right) = (divmod(at, x.shape[1]) for at in (f, u))
        return int((x[top : bottom + 1, left : right + 1] == x.flatten()[w]).sum())

    rows = (first.tolist(), last.tolist(), winner[0, 0].tolist())
    ties = [[equal(*places) for places in zip(*line, strict=True)]
            for line in zip(*rows, strict=True)]  # fmt: skip
    return {
        "size": list(y.shape), "y": y, "dx": dx, "sent": sent.double(), "x": x, "padding": p,
        "first": first, "last": last, "winner": winner[0, 0], "ties": ties,
    }  # fmt: skip


ASK = """((made, size, wide) => {
  const each = (f) => made.y.map((row, i) => row.map((_, j) => f(m.windowAt(c, i, j))));
  const place = (cell) => (cell ? cell[0] * wide + cell[1] : -1);
  return { size, x: m.inputOf(c), padding: m.paddingOf(c), y: made.y, dx: made.dx, sent: made.sent,
    first: each((w) => place(w.cells[0])), last: each((w) => place(w.cells[w.cells.length - 1])),
    winner: each((w) => place(w.ties[0])), ties: each((w) => w.ties.length) };
})(m.run(c), m.sizeOf(c), m.inputOf(c)[0].length)"""
MUTANTS = [line.split(" | ") for line in """\
padding on one side | rest = n + 2 * p - k | rest = n + p - k
rounded up | return Math.floor(rest / stride) + 1 | return Math.ceil(rest / stride) + 1
ceil like floor | most = Math.ceil(rest / stride) + 1 | most = Math.floor(rest / stride) + 1
a window in the padding alone | ? most - 1 : most | ? most : most
begins one too early | (most - 1) * stride >= n + p | (most - 1) * stride > n + p
padding as it is set | Math.min(s.padding, Math.floor(s.window / 2)) | s.padding
half rounded up | Math.floor(s.window / 2) | Math.ceil(s.window / 2)
window without stride | at * s.stride - p | at - p
window without padding | at * s.stride - p | at * s.stride
the last of the largest | w.ties.slice(0, 1) | w.ties.slice(-1)
smallest | Math.max(...cells | Math.min(...cells
the padding counts in a maximum | most = Math.max(...cells.map((c) => c[2])) | most = Math.max(...cells.map((c) => c[2]), cells.length < s.window ** 2 ? 0 : -1e9)
always counted | s.include ? (to | true ? (to
never counted | s.include ? (to | false ? (to
a full window | divisor = s.include ? (to[0] - from[0]) * (to[1] - from[1]) | divisor = s.include ? s.window ** 2
end of the padding forgotten | Math.min(f + s.window, n[a] + p) | f + s.window
end of the padding cut | Math.min(f + s.window, n[a] + p) | Math.min(f + s.window, n[a])
sum for mean | most : sum / divisor | most : sum
gradient of a sum | : sent[i][j] / w.divisor | : sent[i][j]
gradient spread over what is there | : sent[i][j] / w.divisor | : sent[i][j] / w.cells.length
a share for each tie | w.ties.slice(0, 1) | w.ties
only the last window | list.reduce((t, share) => t + share[2], 0) | list.reduce((t, share) => share[2], 0)
counted by columns | i * cols + j + 1 | j * rows + i + 1
counted from zero | i * cols + j + 1 | i * cols + j
ones forgotten | s.sent === "ones" ? 1 | s.sent === "one" ? 1
no gradient beyond those given | s.grad[i]?.[j] ?? 1 | s.grad[i]?.[j] ?? 0
rows and columns changed | range(s.rows).map((i) => range(s.columns).map( | range(s.columns).map((i) => range(s.rows).map(
all below ten | PAGE[i][j] - 10 | PAGE[i][j] - 9""".splitlines()]  # fmt: skip # noqa: E501


def test_model():
    cases = make_cases()
    expected = [by_torch(case) for case in cases]
    tied = sum(max(map(max, e["ties"])) > 1 for e in expected)
    over = sum(c["ceil"] and e["size"] != by_torch(c | {"ceil": False})["size"]
               for c, e in zip(cases, expected, strict=True))  # fmt: skip
    assert tied > 100 and over > 40
    differential(MODEL, ASK, cases, expected, MUTANTS)


def test_busiest_and_frame():
    """The page's example: 5 in the second row wins three windows; what sticks out is drawn."""
    case = Pooling(stride=1).state()
    made = evaluate(MODEL, "m.run(data)", case)
    assert evaluate(MODEL, "m.busiest(m.run(data))", case) == [1, 2]
    assert [share[2] for share in made["shares"][1][2]] == [3, 5, 6] and made["dx"][1][2] == 14
    case = Pooling(window=3, padding=1, ceil=True, stride=3).state()
    assert evaluate(MODEL, "m.frameOf(data)", case) == [[1, 1], [1, 1]]
    case = Pooling(window=3, ceil=True, stride=2).state()
    assert evaluate(MODEL, "m.frameOf(data)", case) == [[0, 1], [0, 1]]


def test_words_picture_and_settings():
    words = Pooling().describe()
    assert "output 7 5; 6 8." in words
    assert words.endswith("0 1 0 0; 0 0 2 0; 3 0 0 0; 0 0 0 4.")
    assert Pooling().png().startswith(b"\x89PNG")
    assert Pooling(input=torch.ones(3, 4)).x() == [[1] * 4] * 3
    for bad in (
        {"window": 4}, {"kind": "min"}, {"input": [[1, 2], [3, 4]]}, {"input": [1, 2, 3]},
        {"input": [[1, 2, 3]] * 7}, {"input": [[1, 2, 3], [1, 2, 3], [1, 2]]}, {"ceil": 1},
        {"input": [[1, 2, float("nan")]] * 3}, {"grad": [[2000]]}, {"grad": [[]]}, {"step": 100},
    ):  # fmt: skip
        with pytest.raises(StateError):
            Pooling(**bad)

"""IoU, order, who removes whom, and edits of boxes: as by torch, and by counting squares."""

from __future__ import annotations

import random

import pytest
import torch

from dlworkbook.widgets.iou_nms import IouNms
from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.base import StateError
from tests.kit.node import NodeError, difference, differential, evaluate
from tests.widgets.iou_nms.adapter import pairs

MODEL = bundle.WIDGETS / "iou_nms/model.js"
torch.set_num_threads(1)


def random_box(rng: random.Random) -> list:
    x, y = rng.randint(0, 48), rng.randint(0, 28)
    w, h = rng.randint(1, 12), rng.randint(1, 12)
    return [x, y, x + w, y + h, rng.choice((0, 0.2, 0.5, 0.5, 0.5, 0.8, 1, round(rng.random(), 2)))]


def make_cases() -> list[dict]:
    rng, found = random.Random(7), [{**IouNms().state()}]
    for n in range(279):
        boxes = [random_box(rng) for _ in range(rng.choice((1, 2, 3, 4, 5, 6, 7, 8, 8, 8)))]
        for k in range(1, len(boxes)):  # many that overlap: moved copies of others
            if rng.random() < 0.7:
                x1, y1, x2, y2, _ = boxes[rng.choice((k - 1, rng.randrange(k)))]
                dx, dy = rng.choice((0, 1, 2, 3, 4)), rng.choice((0, 0, 1, 2))
                boxes[k][:4] = x1 + dx, y1 + dy, x2 + dx, y2 + dy
        if n % 9 == 0:
            boxes = [[*(v * rng.choice((1, 2, 20)) for v in row[:2]), 1100, 790, row[4]]
                     for row in boxes]  # fmt: skip
        if n % 11 == 0:
            boxes = [[v / 40 for v in row[:4]] + row[4:] for row in boxes]
        found.append(
            {
                "boxes": boxes,
                "threshold": rng.choice((*range(21), *range(3, 12))),
                "equal": rng.random() < 0.5,
            }
        )
    for case in found:
        case["step"] = [rng.randint(-70, 70), rng.randint(-50, 50)]
    return found


def exact(case: dict) -> dict:
    """By torch: a mask of who is left is walked down the sorted list."""
    boxes = torch.tensor(case["boxes"], dtype=torch.float64)
    order = torch.sort(boxes[:, 4], descending=True, stable=True).indices
    values, bound = pairs(boxes), case["threshold"] / 20
    hits = values >= bound if case["equal"] else values > bound
    by = torch.full((len(boxes),), -2)
    for i in order.tolist():
        if by[i] == -2:
            by[i] = -1
            by[(by == -2) & hits[i]] = i
    rank = {int(i): at for at, i in enumerate(order)}
    told = None
    for i in order.tolist():
        lost = [j for j in order.tolist()[: rank[i]] if by[j] >= 0 and hits[i, j]]
        if by[i] == -1 and lost:
            told = [i, lost[0]]
            break
    right, low = boxes[:, 2].max().item(), boxes[:, 3].max().item()
    wide = next(e for e in (1.5, 60, 120, 300, 600, 1200, 1800) if right <= e and 1.5 * low <= e)
    first = boxes[0, :4].reshape(2, 2)
    limit, step = torch.tensor([wide, wide * 2 / 3]).double(), torch.tensor(case["step"]).double()
    shift = torch.minimum(torch.maximum(step, -first[0]), limit - first[1])
    end = torch.minimum(torch.maximum(first[1] + step, first[0] + wide / 60), limit)
    return {
        "iou": values.tolist(), "order": order.tolist(), "by": by.tolist(), "spared": told,
        "wide": float(wide), "moved": [round(v, 3) for v in (first + shift).flatten().tolist()],
        "resized": [round(v, 3) for v in end.tolist()],
    }  # fmt: skip


ASK = """((r) => ({ iou: c.boxes.map((a) => c.boxes.map((b) => m.iou(a, b))), ...r,
  spared: m.spared(c), wide: m.extent(c.boxes),
  moved: m.moved(c.boxes[0], ...c.step, m.extent(c.boxes)).slice(0, 4),
  resized: m.resized(c.boxes[0], ...c.step, m.extent(c.boxes)).slice(2, 4) }))(m.suppress(c))"""
MUTANTS = [line.split(" | ") for line in """\
no clamp | Math.max(0, high - low) | high - low
pixels counted inclusively | Math.max(0, high - low) | Math.max(0, high - low + 1)
union of the sums | (area(a) + area(b) - both) | (area(a) + area(b))
over the smaller | (area(a) + area(b) - both) | Math.min(area(a), area(b))
the wrong axis | Math.min(a[3], b[3]) | Math.min(a[3], b[2])
union box | side(Math.max(a[0], b[0]), | side(Math.min(a[0], b[0]),
lowest score first | boxes[j][4] - boxes[i][4] | boxes[i][4] - boxes[j][4]
the last of equal ones | || i - j) | || j - i)
no order | .sort((i, j) => boxes[j][4] - boxes[i][4] || i - j) | .slice()
equality always | (equal && v === threshold / 20) | v === threshold / 20
equality never | || (equal && v === threshold / 20) | || false
threshold in tenths | v > threshold / 20 | v > threshold / 10
removed ones remove, too | .find((j) => by[j] < 0 && over( | .find((j) => over(
all look at all | order.slice(0, at).find((j) => | order.filter((j) => j !== i).find((j) =>
kept means none | s)) ?? -1; | s)) ?? 0;
removed ones are spared | by[i] < 0 ? order | by[i] >= 0 ? order
the picture is square | b[3] <= (2 / 3) * e | b[3] <= e
leaves the picture at the right | within(dx, -x1, wide - x2) | within(dx, -x1, wide)
leaves it above | within(dy, -y1, | within(dy, -1e9,
turned inside out | within(x2 + dx, x1 + step, wide) | within(x2 + dx, 0, wide)
both by dx | within(y2 + dy, | within(y2 + dx,""".splitlines()]  # fmt: skip


def test_model():
    cases = make_cases()
    want = [exact(case) for case in cases]
    assert sum(w["spared"] is not None for w in want) > 20
    ties = [v == case["threshold"] / 20 for case, w in zip(cases, want, strict=True)
            for row in w["iou"] for v in row]  # fmt: skip
    assert sum(ties) > 50

    def compare(got, expected):
        for key in ("moved", "resized"):
            got[key] = [float(v) for v in got[key]]
        got["wide"] = float(got["wide"])
        got["iou"] = [[-1.0 if v is None else float(v) for v in row] for row in got["iou"]]
        return difference(got, expected)

    differential(MODEL, ASK, cases, want, MUTANTS, compare=compare)


def test_iou_is_a_count_of_squares():
    """Whole numbers: both boxes painted on a grid, and squares counted."""
    rng = random.Random(2)
    for _ in range(60):
        grid, boxes = torch.zeros(2, 41, 61, dtype=torch.bool), [random_box(rng), random_box(rng)]
        for layer, (x1, y1, x2, y2, _score) in zip(grid, boxes, strict=True):
            layer[y1:y2, x1:x2] = True
        got = evaluate(MODEL, "m.iou(...data)", boxes)
        assert got == (grid[0] & grid[1]).sum().item() / (grid[0] | grid[1]).sum().item()


@pytest.mark.parametrize("bad, said", [
    ([], "Nothing is written"), ([[0, 0, 1, 1]], "Box A needs five numbers"),
    ([[0, 0, 1, 1, 2]], "score must be at most 1"), ([[0, 0, 1, -1, 0.5]], "must be from 0"),
    ([[2, 0, 1, 1, 0.5]], "needs x1 < x2"), ([[0, 1, 1, 1, 0.5]], "y1 < y2"),
    ([[0, 0, 1, 1, 0.5]] * 9, "At most 8"), ([[0, 0, 1201, 1, 0.5]], "must be from 0"),
    ([[0, 0, 1, 1, 0.5], [0, 0, 1, 1, None]], "Box B: numbers"),
    ([[0, 0, 1, 1e-200, 0.5]] * 2, "Box A: sides must be"), ([[1, 1, 1, 1, 0.5]], "needs x1 < x2"),
])  # fmt: skip
def test_what_does_not_fit_is_said(bad, said):
    with pytest.raises(NodeError, match=said):
        evaluate(MODEL, "m.checkBoxes(data)", bad)
    with pytest.raises(StateError):
        IouNms(boxes=bad)


def test_words_picture_and_settings():
    assert IouNms(threshold=20).describe() == "Boxes kept at a threshold of 1: A, B, C, D, E."
    assert IouNms().png().startswith(b"\x89PNG")
    assert IouNms(threshold=15, equal=True).removed_by() == [-1, -1, -1, 4, -1]
    for bad in ({"threshold": 21}, {"equal": 1}, {"marked": 8}):
        with pytest.raises(StateError):
            IouNms(**bad)

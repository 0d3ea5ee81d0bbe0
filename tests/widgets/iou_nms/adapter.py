"""How IoU and NMS is read in Chromium, and what it must show (see tests/kit/widget_page.py)."""

from __future__ import annotations

import re

import torch

from dlworkbook.widgets.iou_nms import IouNms

KIND = IouNms
OTHER = {"threshold": 5, "boxes": [[0, 0, 6, 6, 0.5], [2, 0, 8, 6, 0.5], [30, 10, 36, 22, 0.9]]}
STATES = (
    "", "bad", "h:0_m:3", "h:20_e:1",
    "r:0,0,20,20,0.5;0,0,20,20,0.5;30,0,40,30,1;0,25,10,35,0;45,5,55,15,0.25;20,30,30,40,0.1;50,25,60,40,0.3;30,0,40,29,1_h:10_m:7",
    "r:100,100,700,500,0.9;400,300,1200,800,0.8_h:2",
    "r:0.1,0.08,0.52,0.92,0.9;0.55,0.2,0.9,0.88,0.9",
)  # fmt: skip
BAD = ("r:5,5,4,9,0.5", "Box A needs x1 < x2 and y1 < y2")
GARBAGE = (
    "h:21", "h:-1", "h:0.5", "e:2", "m:8", "r:", "r:1,2,3,4", "r:1,2,3,4,5", "r:1,2,3,x,0.5",
    "r:-1,2,3,4,0.5", "r:0,0,1,1,0.5;0,0,1,1", "r:" + ";".join(["0,0,1,1,0.5"] * 9),
    "r:%3Cscript%3E", "r:0,0,9999,1,0.5",
)  # fmt: skip
ALT = "Boxes kept at a threshold of 0.5: A, C, E. B is removed by A. D is removed by E."
NEEDS: dict = {}
FIELDS = {"Boxes: x1 y1 x2 y2 score": (
    "[[2, 2, 12, 12, .9], [4, 2, 14, 12, .8]]",
    {"boxes": [[2, 2, 12, 12, 0.9], [4, 2, 14, 12, 0.8]]},
    "The last list that fitted", {
        "1 2 3 4": "Box A needs five numbers: x1 y1 x2 y2 score",
        "4 0 2 2 .5": "Box A needs x1 < x2 and y1 < y2",
        "0 0 2 2 .5; 0 0 2 2 1.5": "Box B: the score must be at most 1",
        "0 0 2 -2 .5": "Box A: numbers must be from 0 to 1200", "": "There is no number in it",
        "0 0 2 2 <b>": "“<b>” (row 1, column 5) is not a number",
        "0 0 2 2 .5; " * 9: "At most 8 boxes can be shown",
    },
)}  # fmt: skip
SLACK = 24  # on a phone its title takes one line or two
READ = """(box) => {
  const rects = [...box.querySelectorAll(".dlw-rect")].map((e) => [...["x", "y", "width", "height"].map((k) => +e.getAttribute(k)), e.matches(".dlw-out")]);
  const axis = (anchor, name, off) => [...box.querySelectorAll(`.dlw-axes text[text-anchor=${anchor}]`)].map((t) => [+t.textContent, t.getAttribute(name) - off]);
  return { rects, xs: axis("middle", "x", 0), ys: axis("end", "y", 4),
    rows: [...box.querySelectorAll(".dlw-ious tbody tr")].map((tr) => [...tr.children].map((e) => e.textContent)),
    chosen: [...box.querySelectorAll(".dlw-ious tbody tr")].findIndex((tr) => tr.className === "dlw-chosen"),
    over: [...box.querySelectorAll(".dlw-ious tbody tr")].map((tr) => tr.querySelectorAll(".dlw-over").length),
    field: box.querySelector(".dlw-typed").value, words: box.querySelector(".dlw-work").textContent }; }"""  # noqa: E501


def read(page, box: int = 0) -> dict:
    return page.locator(".dlw-box").nth(box).evaluate(READ)


def pairs(boxes: torch.Tensor) -> torch.Tensor:
    """IoU of all pairs (N, N), by torch alone."""
    low = torch.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = torch.minimum(boxes[:, None, 2:4], boxes[None, :, 2:4])
    both = (high - low).clamp(min=0).prod(-1)
    areas = (boxes[:, 2:4] - boxes[:, :2]).prod(-1)
    return both / (areas[:, None] + areas - both)


def agrees(page, box: int = 0, **settings) -> None:
    """Rectangles where the boxes are, dashed if removed; IoU and verdict of each, in its order."""
    want, shown = IouNms(**settings), read(page, box)
    boxes, names = torch.tensor(want.boxes, dtype=torch.float64), "ABCDEFGH"
    order = torch.argsort(-boxes[:, 4], stable=True).tolist()
    values, gone = pairs(boxes), {}
    for i in order:
        for j in [k for k in order if k in gone and gone[k] is None]:
            bound = want.threshold / 20
            if values[i, j] > bound or (want.equal and values[i, j] == bound):
                gone[i] = j
                break
        gone.setdefault(i, None)
    (x0, left), (x1, right) = shown["xs"][0], shown["xs"][-1]
    (y0, high), (y1, low) = shown["ys"][0], shown["ys"][-1]
    sx, sy = (right - left) / (x1 - x0), (low - high) / (y1 - y0)
    drawn = [i for i in range(len(boxes)) if gone[i] is not None]
    drawn += [i for i in range(len(boxes)) if gone[i] is None]
    for i, (x, y, w, h, out) in zip(drawn, shown["rects"], strict=True):
        bx1, by1, bx2, by2, _ = want.boxes[i]
        assert abs(x - left - bx1 * sx) < 0.3 and abs(y - high - by1 * sy) < 0.3
        assert abs(w - (bx2 - bx1) * sx) < 0.3 and abs(h - (by2 - by1) * sy) < 0.3
        assert out == (gone[i] is not None)
    assert [row[0] for row in shown["rows"]] == [names[i] for i in order]
    for at, (i, row) in enumerate(zip(order, shown["rows"], strict=True)):
        assert float(row[1]) == round(want.boxes[i][4], 2)
        for k, j in enumerate(order[:-1]):
            told = row[3 + k]
            assert (told == "") == (k >= at)
            assert told == "" or abs(float(told) - values[i, j]) < 6e-4
        assert row[2] == ("kept" if gone[i] is None else f"out, by {names[gone[i]]}")
        assert (shown["over"][at] > 0) == (gone[i] is not None)
    assert shown["chosen"] == order.index(min(want.marked, len(boxes) - 1))
    kept = [names[i] for i in order if gone[i] is None]
    assert f"kept: {', '.join(kept)}." in shown["words"]
    typed = [float(v) for v in re.findall(r"[\d.]+", shown["field"])]
    assert typed == [v for row in want.boxes for v in row]

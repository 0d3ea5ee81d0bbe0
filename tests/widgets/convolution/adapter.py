"""How the convolution explorer is read in Chromium, and that it shows what torch computes."""

from __future__ import annotations

import re

from dlworkbook.widgets.convolution import ConvolutionExplorer
from tests.kit.widget_page import GRID_ROWS
from tests.widgets.convolution.reference import torch_answer

KIND = ConvolutionExplorer
OTHER = {"mode": "same", "relu": True}
STATES = (
    "", "channels-bad", "x:photo_k:blur_m:same", "x:ramp_s:2_m:same", "s:2_t:1_m:custom",
    "x:photo_k:sobel_m:full_d:3", "t:1_s:4_x:photo",
    "g:3_x:3x2x2:1,2,3,4,1,2,3,4,1,2,3,4_k:3x1x1x1:1,2,3_b:1,2,3",
)  # fmt: skip
BAD = ("s:99", "stride must be a whole number from 1 to 4")
ALT = "6 by 6 input, 3 by 3 kernel, mode valid, stride 1: output 4 by 4, first row -7, 8, 20, -6"
NEEDS: dict = {}
RESIZES = ("Stride",)

READ = r"""(box) => {
  const rowsOf = GRID_ROWS;
  const number = (t) => {
    const m = t.replace("−", "-").split("/");
    return m.length === 2 ? m[0] / m[1] : Number(m[0]);
  };
  const seen = (e) => e.offsetParent !== null;
  const cells = (g) => [...g.querySelectorAll("input")]
    .map((e) => [e.getAttribute("aria-label"), number(e.value)]);
  const outs = [...box.querySelectorAll(".dlw-outs .dlw-grid")].filter(seen)
    .map((g) => rowsOf(g).map((row) => row.map((e) => number(e.textContent))));
  const grids = [...box.querySelectorAll(".dlw-pairs .dlw-grid")].filter(seen);
  const labels = [...box.querySelectorAll("label")];
  const padding = ["rows", "columns"].map((axis) =>
    Number(labels.find((l) => l.textContent === `Padding, ${axis}`).control.value));
  return { cells: grids.flatMap(cells), outs, padding,
    shapes: box.querySelector(".dlw-shapes").textContent,
    facts: [...box.querySelectorAll(".dlw-facts dd")].map((e) => e.textContent) };
}""".replace("GRID_ROWS", GRID_ROWS)


def put_into(array: list, index: list[int], value: float) -> None:
    """array[i][j]... = value; the array grows as needed."""
    for i in index[:-1]:
        array.extend([] for _ in range(i + 1 - len(array)))
        array = array[i]
    array.extend(None for _ in range(index[-1] + 1 - len(array)))
    array[index[-1]] = value


def read(page, box: int = 0) -> dict:
    """What is shown, with "input" and "kernel" (of all output channels) as arrays."""
    widget = page.locator(".dlw-box").nth(box)
    grids, inputs, kernel = widget.locator(".dlw-outs .dlw-grid:visible"), [], []
    for o in range(max(1, grids.count())):
        if grids.count() > 1 and grids.nth(o).locator("button").count():
            grids.nth(o).locator("button").first.click()
        shown = widget.evaluate(READ)
        for label, value in shown["cells"]:
            name, index = re.fullmatch(r"([XK])\[([\d, ]+)\]", label).groups()
            index = [int(i) for i in index.split(",")]
            rank = 3 if name == "X" else 4
            array = inputs if name == "X" else kernel
            put_into(array, [0] * (rank - len(index)) + index, value)
    return shown | {"input": inputs, "kernel": kernel}


def computes(page, box: int = 0, **settings) -> dict:
    """The shown output is torch's for the shown numbers and these settings; what is shown."""
    shown = read(page, box)
    start = KIND().state()
    case = start | {key: shown[key] for key in ("input", "kernel", "padding")} | settings
    want = torch_answer(case)
    if want is None:
        assert shown["outs"] == [] and shown["shapes"] == "no output"
        assert page.locator(".dlw-nothing").nth(box).is_visible()
        return shown
    assert shown["outs"] == want["y"]
    assert shown["shapes"].endswith("{} × {}".format(*want["size"]))
    assert f"= {want['nominal']}" in shown["facts"][1]
    rest = want["nominal"] - want["real"]
    assert not rest or f"; {rest} of them" in shown["facts"][1]
    return shown


def agrees(page, box: int = 0, **settings) -> dict:
    """The same, and the shown numbers are those of the first view."""
    shown = computes(page, box, **settings)
    first = KIND().state()
    assert [shown["input"], shown["kernel"]] == [first["input"], first["kernel"]]
    return shown

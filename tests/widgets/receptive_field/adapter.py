"""How the receptive field is read in Chromium, and what it must show (see widget_page.py)."""

from __future__ import annotations

import re
from fractions import Fraction

import torch
from torch import nn

from dlworkbook.widgets.receptive_field import ReceptiveField
from dlworkbook.widgets.receptive_field.widget import STEPS, parse, shapes

KIND = ReceptiveField
OTHER = {"example": "lenet", "layer": 4, "unit": 1}
STATES = (
    "", "bad", "e:resnet_u:0", "e:lenet_b:1_l:6", "e:dilated_l:2_u:30", "e:unet_l:5_u:3",
    "t:input%209;conv%203%20s2;up%203_l:2",
    "t:input%20256%20c3" + "%3B%20conv%203%20c2048%20p1" * 15 + "%3B%20fc%204096_b:1",
    "t:input%205;conv%203%20p30_l:1_u:0",
)  # fmt: skip
BAD = ("t:input 5; conv 9", "A window of 9 does not fit into 5")
GARBAGE = (
    "t:%25", "t:input", "t:input%205", "l:-1", "l:100", "u:-2", "u:1.5", "b:2", "e:alexnet",
    "t:%3Cscript%3E", "t:input%209;constructor%203", "t:" + "a" * 501,
)  # fmt: skip
ALT = "input: 3 × 32 × 32, conv 3: 5 × 30 × 30"
NEEDS: dict = {}
FIELDS = {"Layers": (
    "input 9 c2; conv 3 c4", {"layers": "input 9 c2; conv 3 c4"}, ReceptiveField().text(), {
        "input 20; conv": "conv needs the kernel, as in conv 3",
        "input 20; <b>": "“<b>”: a layer begins with conv, up, pool or fc",
        "": "Nothing is written here yet", "input 5; conv 7": "A window of 7 does not fit into 5",
    },
)}  # fmt: skip
SLACK = 20  # on a phone its title takes one line or two
READ = """(box) => ({
  rows: [...box.querySelectorAll(".dlw-layers tbody tr")].map((tr) => [...tr.children].map((e) => e.textContent)),
  sums: [...box.querySelectorAll(".dlw-layers tfoot td")].map((e) => e.textContent),
  chosen: [...box.querySelectorAll(".dlw-layers tbody tr")].findIndex((tr) => tr.className === "dlw-chosen"),
  units: [...box.querySelectorAll(".dlw-cells")].map((e) => e.getAttribute("d").split("M").length - 1),
  marked: [...box.querySelectorAll(".dlw-marked")].map((e) => e.getAttribute("d").split("M").length - 1),
  field: box.querySelector(".dlw-typed").value, words: box.querySelector(".dlw-work").textContent })"""  # noqa: E501


def read(page, box: int = 0) -> dict:
    return page.locator(".dlw-box").nth(box).evaluate(READ)


def agrees(page, box: int = 0, **settings) -> None:
    """Sizes and parameters are those of torch's layers, the marked places have a gradient."""
    want, shown = ReceptiveField(**settings), read(page, box)
    net, shape = want.network()
    rows = shapes(want.text())
    at = want.marked()
    assert shown["field"] == want.text() and shown["chosen"] == at
    for cells, (name, c, n, field) in zip(shown["rows"], rows, strict=True):
        size = f"{c}" if name.startswith("fc") else f"{c} × {n} × {n}"
        assert (cells[0], cells[1], cells[5]) == (name, size, str(field))
    jump = Fraction(1)
    for (kind, k, own), cells in zip(parse(want.text())[1:], shown["rows"][1:], strict=True):
        s = own.get("s", k if kind in STEPS else 1)
        jump = jump / s if kind == "up" else jump * s
        assert cells[4] == ("–" if kind == "fc" else str(jump))
    params = [sum(p.numel() for p in layer.parameters()) for layer in net]
    told = [int(cells[2].replace(",", "")) for cells in shown["rows"][1:]]
    assert told == params and shown["sums"][1] == f"{sum(params):,}"
    if len(rows) > 10:
        return
    for weight in net.parameters():
        nn.init.constant_(weight, 0.01)
    x = torch.ones(1, *shape, requires_grad=True)
    y = net[:at](x)
    last = y.shape[-1] - 1 if y.dim() == 4 else 0
    unit = last // 2 if want.unit < 0 else min(want.unit, last)
    (y[..., unit] if y.dim() == 4 else y).sum().backward()
    seen = (x.grad[0] != 0).any(0).any(0).nonzero().flatten().tolist()
    assert shown["units"] == [1 if name.startswith("fc") else n for name, _, n, _ in rows]
    assert shown["marked"][0] == len(seen) and shown["marked"][at + 1:] == [0] * (len(net) - at)
    places = re.search(r"sees places? (\d+)(?: to (\d+))?", shown["words"])
    assert [int(places[1]), int(places[2] or places[1])] == [seen[0], seen[-1]]

"""How the Grad-CAM widget is read in Chromium, and what it must show (tests/kit/widget_page.py)."""

# ruff: noqa: E501
from __future__ import annotations

import re

import pytest
import torch
import torch.nn.functional as F

from dlworkbook.widgets.grad_cam import GradCam
from dlworkbook.widgets.grad_cam.widget import FIELDS as SETTINGS
from dlworkbook.widgets.grad_cam.widget import chosen, place

KIND = GradCam
OTHER = {"photo": "coffee", "cover": "hot"}
STATES = ("", "bad", "f:cat_c:shuttle_l:b5_r:0", "f:camera_c:tripod_h:cold", "f:astronaut_l:b16_h:hot")
BAD = ("l:b7", "layer must be one of b5, b11, b14")
ALT = "Photograph: cat and coffee. The network gives espresso the probability"
NEEDS: dict = {}
PIXELS = 112

READ = """(box) => {
  const canvas = box.querySelector("canvas"), n = canvas.width;
  const data = canvas.getContext("2d").getImageData(0, 0, n, n).data;
  const cells = [];
  for (let k = 0; k < n * n; k++) cells.push([data[4 * k], data[4 * k + 2], data[4 * k + 3]]);
  return { cells, words: canvas.getAttribute("aria-label"), loaded: box.querySelector(".dlw-photo").style.backgroundImage.length,
    facts: [...box.querySelectorAll(".dlw-facts dd")].map((d) => d.textContent) };
}"""


def number(text: str) -> float:
    return 0.0 if text.startswith("below") else float(text)


def agrees(page, box: int = 0, **settings) -> None:
    """The painted map, read pixel by pixel, and the numbers, are those of Python and torch."""
    want = GradCam(**settings)
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    assert shown["loaded"] > 2000
    levels = torch.tensor(want.levels()).double()
    n = round(len(levels) ** 0.5)
    heat = levels.clamp(min=0) if want.relu else levels
    heat = heat / max(heat.abs().max().item(), 1e-9)
    heat = F.interpolate(heat.reshape(1, 1, n, n), (PIXELS, PIXELS), mode="bilinear").flatten()
    mask = torch.zeros(49)
    mask[chosen(want.levels(), want.cover)] = 1
    mask = F.interpolate(mask.reshape(1, 1, 7, 7), (PIXELS, PIXELS), mode="nearest").flatten() > 0
    red, blue, alpha = torch.tensor(shown["cells"]).double().T
    assert (alpha[mask] == 255).all() and mask.sum() == (0 if want.cover == "nothing" else 12 * 256)
    assert ((alpha - 200 * heat.abs()).abs()[~mask] <= 0.51).all()
    strong = ~mask & (alpha > 40)
    assert ((red > blue) == (heat > 0))[strong].all()

    odds, found = want.chances(), want.facts()
    guess, own, peak, left, against, after = shown["facts"]
    assert guess.startswith(odds["best"]) and number(guess.split(", ")[1]) == pytest.approx(odds["bestP"], abs=6e-4)
    name = SETTINGS["target"]["names"][SETTINGS["target"]["of"].index(want.target)]
    assert own.startswith(name) and number(own.split(", ")[1]) == pytest.approx(odds["p"], abs=6e-4)
    if found["none"]:
        assert peak == "no place speaks for it"
    else:
        assert peak == f"{place(found['across'], found['down'])}: {found['across']}% across, {found['down']}% down"
        assert float(re.match(r"\d+", left)[0]) == pytest.approx(100 * found["left"], abs=0.51)
    assert float(re.match(r"\d+", against)[0]) == pytest.approx(100 * found["against"], abs=0.51)
    assert ("blue" in against) == (not want.relu)
    if odds["after"] is None:
        assert after == "none covered"
    else:
        assert number(after.split("→ ")[1]) == pytest.approx(odds["after"], abs=6e-4)
        assert "covered the probability is" in shown["words"]

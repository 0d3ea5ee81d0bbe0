"""The attention maps in Chromium: what only this widget has."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch

from dlworkbook.widgets.attention_maps import reverser
from tests.kit.widget_page import choose, control, facts, more, put, ready, slide
from tests.widgets.attention_maps.adapter import agrees
from tests.widgets.test_every_widget import HOW


def headline(page) -> str:
    return page.locator(".dlw-headline").inner_text()


def current(page) -> str:
    return page.locator(".dlw-map [aria-current]").get_attribute("aria-label")


def test_words(widget):
    assert headline(widget).startswith("Step 3 of 8: fed E, writes S")
    put(widget, "attention_maps", "trained", 300, "keyboard")
    right = reverser.stored()["snapshots"][6]["right"][7]
    assert facts(widget)[0].startswith(f"{100 * right:.1f}%".replace(".0%", "%"))
    agrees(widget, trained=300)
    put(widget, "attention_maps", "given", True, "mouse")
    agrees(widget, trained=300, given=True)


def test_colours_are_the_weights(widget):
    """A cell's ground is the page's ground with 42% of its weight of blue; the strips likewise."""
    blue, ground = np.array([0x1D, 0x6F, 0xD1]) / 255, np.ones(3)
    cells = widget.locator(".dlw-map > button").evaluate_all(
        "(all) => all.map((e) => [Number(e.textContent), getComputedStyle(e).backgroundColor])"
    )
    assert len(cells) == 64
    for percent, colour in cells:
        found = np.array([float(c) for c in re.findall(r"[\d.]+", colour)])
        share = (ground - found)[0] / (ground - blue)[0]
        assert share == pytest.approx(0.42 * percent / 100, abs=0.013)
        assert found == pytest.approx(share * blue + (1 - share) * ground, abs=0.01)
    grounds = widget.locator(".dlw-strip > span").evaluate_all(
        "(all) => all.map((e) => getComputedStyle(e).backgroundColor)"
    )
    assert len(grounds) == 60 and len(set(grounds)) > 20


@HOW
def test_words_to_choose(widget, how):
    for word in ("REVERSE", "ATTENTION", "ABCDEFGHIJKL"):
        choose(widget.get_by_label("Example", exact=True), word, how)
        agrees(widget, sequence=word)
        assert widget.get_by_label("Letters, up to 12").input_value() == word
        assert ("training showed 3 to 8 letters" in facts(widget)[0]) == (len(word) > 8)


@HOW
def test_typed_word(widget, how):
    field = widget.get_by_label("Letters, up to 12")
    if how == "mouse":
        field.fill("hello")
    else:
        field.press("Control+a")
        widget.keyboard.type("hello")
    agrees(widget, sequence="HELLO")
    assert widget.get_by_label("Example", exact=True).input_value() == ""
    field.fill("Z")
    agrees(widget, sequence="Z")
    step = widget.get_by_label("Output step", exact=True)
    assert step.get_attribute("aria-valuetext") == "1 of 1"
    widget.wait_for_function("() => location.search === '?attention_maps=s:Z_d:0'")
    more(widget)
    widget.get_by_role("button", name="Reset").click()
    assert field.input_value() == "STRESSED"
    agrees(widget)


@HOW
def test_output_step(widget, how):
    step = widget.get_by_label("Output step", exact=True)
    slide(step, 5, how)
    assert headline(widget) == "Step 6 of 8: fed E, writes R: right"
    assert step.get_attribute("aria-valuetext") == "6 of 8"
    assert current(widget).startswith("step 6, letter 3, R: weight 0.")
    widget.wait_for_function(
        "() => document.querySelector('.dlw-live > *').textContent"
        ".includes('step 6 of 8: looks at letter 3, R, with weight')"
    )


@HOW
def test_cell(widget, how):
    if how == "mouse":
        widget.locator(".dlw-map button").nth(8 * 1 + 3).click()
    else:
        stop = widget.locator(".dlw-map [tabindex='0']")
        assert stop.get_attribute("aria-label").startswith("step 3, letter 6, S")
        stop.focus()
        for key in ("ArrowUp", "ArrowLeft", "ArrowLeft"):
            widget.keyboard.press(key)
    assert current(widget).startswith("step 2, letter 4, E")
    assert headline(widget).startswith("Step 2 of 8")
    with torch.no_grad():  # the numbers of that cell
        net, X = reverser.trained(4000), torch.tensor([[ord(c) - 64 for c in "STRESSED"]])
        hidden, _ = net.encoder(net.emb_layer(X))
        query, x = net.mlp1(hidden).mean(dim=1)[None], torch.zeros(1, 1, dtype=torch.long)
        context = torch.softmax(query.transpose(0, 1) @ hidden.transpose(1, 2), dim=2) @ hidden
        _, query = net.decoder(torch.cat([context, net.dec_emb_layer(x)], dim=2), query)
        scores = hidden[0] @ query[0, 0]
        context = torch.softmax(scores, dim=0) @ hidden[0]

    def numbers(cells) -> list[float]:
        return [float(t.replace("−", "-")) for t in cells.all_inner_texts()]

    work = widget.locator(".dlw-work p").first.inner_text()
    assert work.startswith("s₁·h₄ = ")
    assert work.endswith(f"= {scores[3]:.2f}".replace("-", "−"))
    row = numbers(widget.locator(".dlw-scores tbody tr").first.locator("td"))
    assert row == pytest.approx(scores.tolist(), abs=0.051)
    more(widget)
    units = widget.locator(".dlw-units tbody tr")
    widget.wait_for_function("() => document.querySelector('.dlw-units td').textContent")
    for i in (0, 7, 19):
        q, k, c = query[0, 0, i], hidden[0, 3, i], context[i]
        want = [float(v) for v in (q, k, q * k, c)]
        assert numbers(units.nth(i).locator("td")) == pytest.approx(want, abs=0.00051)


def test_hover(widget):
    widget.locator(".dlw-map button").nth(8 * 6 + 1).hover()
    assert headline(widget).startswith("Step 7 of 8")
    assert current(widget).startswith("step 7, letter 2, T")
    widget.mouse.move(2, 2)
    assert headline(widget).startswith("Step 3 of 8")


def test_a_bad_link_is_told_until_something_changes(widget, widget_site):
    widget.goto(f"{widget_site}/attention_maps.html?attention_maps=t:3")
    ready(widget)
    more(widget)
    widget.locator(".dlw-map button").nth(9).hover()
    assert "temperature must be one of 0.1, 0.25" in widget.locator(".dlw-alert").inner_text()
    assert control(widget, "attention_maps", "temperature").input_value() == "4"

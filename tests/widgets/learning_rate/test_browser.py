"""The learning-rate sweep in Chromium: what only this widget has."""

from __future__ import annotations

import itertools

import pytest

from dlworkbook.widgets.learning_rate import LearningRateSweep, stored
from tests.kit.widget_page import control, press, put, ready
from tests.widgets.learning_rate.adapter import READ, agrees
from tests.widgets.test_every_widget import HOW, OVERLAPS


def read(page) -> dict:
    return page.locator(".dlw-box").evaluate(READ)


def give(page, how: str, **settings) -> None:
    for key, value in settings.items():
        put(page, "learning_rate", key, value, how)


def test_words(widget):
    """What the first view says, what a screen reader hears, and what the other settings change."""
    assert "2/λmax" in read(widget)["value"]
    for rate in (23, 40):
        give(widget, "keyboard", rate=rate)
        words = f"rate {stored()['rates'][rate]:.3g}:"
        widget.wait_for_function(
            "(words) => document.querySelector('.dlw-live > *').textContent.includes(words)",
            arg=words,
        )
    give(widget, "mouse", method="adam")
    assert "no bound" in read(widget)["facts"][0]
    assert read(widget)["facts"][1].split(" here")[0].endswith("of the 41")
    for features in ("badly", "well"):  # one rate ends lowest, or many are as good
        give(widget, "mouse", method="sgd", features=features)
        good = LearningRateSweep(features=features).best()
        low, high = (f"{stored()['rates'][k]:.3g}" for k in (good[0], good[-1]))
        said = f"{len(good)} of the 41 here, between {low} and {high}, end within 1%"
        assert (len(good) == 1) == (features == "badly")
        fact = read(widget)["facts"][1]
        assert fact.startswith(f"{low} of the 41 here;" if len(good) == 1 else said)
    give(widget, "mouse", method="adam")
    for features in ("well", "standardised"):
        give(widget, "mouse", features=features)
        curvatures = stored()["surfaces"][features]["curvatures"]
        ratio = max(curvatures) / min(curvatures)
        assert widget.locator(".dlw-shapes").inner_text().endswith(f"= {ratio:.3g}")


@HOW
@pytest.mark.parametrize(
    "settings",
    [{"method": "momentum", "rate": 20}, {"batch": 1, "rate": 18},
     {"features": "standardised", "rate": 31}], ids=str,
)  # fmt: skip
def test_two_settings(widget, settings, how):
    give(widget, how, **settings)
    agrees(widget, **settings)


def test_keys_of_a_slider(widget):
    slider = control(widget, "learning_rate", "rate")
    slider.focus()
    for key, rate in (("Home", 0), ("ArrowUp", 1), ("End", 40), ("ArrowDown", 39)):
        slider.press(key)
        agrees(widget, rate=rate)


def test_click_in_the_sweep(widget):
    """The picture chooses the rate below the pointer, also while it is dragged."""
    box = widget.locator(".dlw-pick").bounding_box()
    points = read(widget)["sweep"]
    widget.mouse.move(box["x"] + points[12][0], box["y"] + 60)
    widget.mouse.down()
    agrees(widget, rate=12)
    widget.mouse.move(box["x"] + points[30][0] + 1, box["y"] + 80)
    widget.mouse.up()
    agrees(widget, rate=30)
    widget.mouse.move(box["x"] + points[3][0], box["y"] + 80)
    agrees(widget, rate=30)


@HOW
def test_keep(widget, how):
    before = read(widget)
    kept = widget.locator(".dlw-run.dlw-kept").first
    assert before["keptWay"] == [] or not kept.is_visible()
    press(widget.get_by_role("button", name="Keep this run"), how)
    give(widget, how, rate=15)
    shown = agrees(widget, rate=15, kept="sgd-100-badly-22")
    assert shown["keptWay"] == before["way"] and shown["keptCurve"] == before["curve"]
    assert shown["keptMark"] == before["mark"]
    final = LearningRateSweep().finals()[22]
    assert shown["facts"][2] == f"SGD, full batch, badly conditioned, rate 0.158: loss {final:.3g}"
    widget.wait_for_function("() => location.search.endsWith('badly-15_sgd-100-badly-22')")
    give(widget, how, features="well")
    shown = agrees(widget, features="well", rate=15)
    assert shown["keptWay"] == [], "its path has no place over another loss"
    assert shown["keptCurve"] == before["curve"]
    press(widget.get_by_role("button", name="Drop kept run"), how)
    assert read(widget)["facts"][2] == "none"
    assert not kept.is_visible()


def test_labels_do_not_overlap(widget, widget_site):
    """Texts of one picture keep apart, whatever the setting."""
    for width in (360, 1280):
        widget.set_viewport_size({"width": width, "height": 900})
        for state in itertools.product(("sgd", "momentum", "adam"), (1, 100), ("well", "badly")):
            link = "-".join(map(str, state))
            widget.goto(f"{widget_site}/learning_rate.html?learning_rate={link}-20")
            ready(widget)
            assert widget.evaluate(OVERLAPS) == [], (width, link)

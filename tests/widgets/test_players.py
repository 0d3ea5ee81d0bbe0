"""Widgets whose steps play: the slider and the button of kit/player.js."""

from __future__ import annotations

import pytest

from tests.kit.widget_page import press, ready
from tests.widgets.test_every_widget import HOW

LABELS = {"convolution": "Window", "attention_maps": "Output step", "graph_stepper": "Step"}
PLAYERS = pytest.mark.parametrize("name", LABELS)
SLIDING = pytest.mark.parametrize("name", ["convolution", "attention_maps"])
AT = "document.querySelector('.dlw-player input').value"


@PLAYERS
@HOW
def test_play(tab, widget_site, name, how):
    tab.goto(f"{widget_site}/{name}.html")
    ready(tab)
    button, start = tab.locator(".dlw-play"), tab.evaluate(AT)
    press(button, how)
    assert button.inner_text() == "Pause"
    tab.wait_for_function(f"(start) => {AT} >= Number(start) + 2", arg=start)
    assert tab.evaluate("location.search") == "", "a running show leaves the address alone"
    press(button, how)
    assert button.inner_text() == "Play"
    at = tab.evaluate(AT)
    tab.wait_for_function(f"() => location.search.startsWith('?{name}=')")
    tab.wait_for_timeout(1100)
    assert tab.evaluate(AT) == at
    press(button, how)  # at the end it stops; from the end it begins again
    tab.get_by_label(LABELS[name], exact=True).press("End")
    assert button.inner_text() == "Play", "who takes the slider stops the show"
    press(button, how)
    tab.wait_for_function(f"() => Number({AT}) <= 1")
    press(button, how)


@SLIDING
@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_outlines_slide_while_playing_unless_motion_is_reduced(new_page, widget_site, name, motion):
    """A key press moves the outline at once; only a show slides it."""
    page = new_page(reduced_motion=motion)
    page.goto(f"{widget_site}/{name}.html")
    ready(page)
    sheet = page.locator(".dlw-sheet").first
    duration = "(e) => getComputedStyle(e).transitionDuration"
    assert sheet.evaluate(duration) == "0s"
    page.locator(".dlw-play").click()
    assert (sheet.evaluate(duration) == "0s") == (motion == "reduce")
    page.locator(".dlw-play").click()
    assert sheet.evaluate(duration) == "0s"


@PLAYERS
def test_status_is_quiet_while_playing(tab, widget_site, name):
    tab.goto(f"{widget_site}/{name}.html")
    ready(tab)
    tab.wait_for_timeout(700)
    tab.evaluate(
        "() => { window.said = 0; new MutationObserver(() => window.said++).observe("
        "document.querySelector('.dlw-live > *'), "
        "{ childList: true, characterData: true, subtree: true }); }"
    )
    start = tab.evaluate(AT)
    tab.locator(".dlw-play").click()
    tab.wait_for_function(f"(start) => {AT} >= Number(start) + 3", arg=start)
    assert tab.evaluate("said") <= 2

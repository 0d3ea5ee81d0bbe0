"""From a key press on a widget's control to the painted result."""

from __future__ import annotations

from pathlib import Path
from statistics import median, quantiles

from bench.browser import FAST, Profile, browser, slowed_page
from bench.table import Row
from bench.weight import CONVOLUTION
from publish.tools.serve import background

PRESSES = 100
# What the browser itself needs on this machine: a slider that changes one short text.
BARE = """<!doctype html><title>bare</title><input type=range min=0 max=20 value=3><p>3</p>
<script>document.querySelector('input').oninput = event => {
  document.querySelector('p').textContent = event.target.value;
}</script>"""
# From the time stamp of the key event to a task after the next frame was produced.
LISTEN = """(slider) => {
  window.__latency = [];
  addEventListener('keydown', event => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => __latency.push(performance.now() - event.timeStamp);
    requestAnimationFrame(() => channel.port2.postMessage(0));
  }, true);
  slider.focus();
}"""


def press(page, slider, presses: int) -> list[float]:
    """Press arrow keys on a slider, back and forth; returns the latencies in ms."""
    slider.scroll_into_view_if_needed()
    slider = slider.element_handle()  # a locator would search the whole page before each press
    slider.evaluate(LISTEN)
    key = "ArrowRight"
    for _ in range(presses):
        value, low, high = slider.evaluate("e => [+e.value, +e.min, +e.max]")
        if value >= high:
            key = "ArrowLeft"
        elif value <= low:
            key = "ArrowRight"
        page.keyboard.press(key)
        page.wait_for_timeout(40)
    page.wait_for_timeout(300)
    return page.evaluate("__latency")


def rows(ours: Path, quick: bool = False) -> list[Row]:
    """Measure every slider of the convolution explorer, beside a bare one, at CPU x1 and x4."""
    found = []
    presses = 30 if quick else PRESSES
    with background(ours) as (base, _), browser() as instance:
        for cpu in (1, 4):
            profile = Profile(f"CPU x{cpu}", cpu=cpu)
            section = f"widget latency, key press to painted result, CPU x{cpu}"
            with slowed_page(instance, profile) as page:
                page.set_content(BARE)
                bare = press(page, page.locator("input"), presses)
            found += _pair(section, "a bare slider on an empty page", bare, "")
            every: list[float] = []
            names = _sliders(instance, f"{base}/{CONVOLUTION}")
            for index, name in enumerate(names):
                with slowed_page(instance, profile) as page:
                    page.goto(f"{base}/{CONVOLUTION}", wait_until="load")
                    show_widget(page)
                    slider = page.locator("[data-widget] input[type=range]:visible").nth(index)
                    times = press(page, slider, presses)
                every += times
                found += _pair(section, f"slider {name!r}", times, "")
            if every:
                goal = "30" if cpu == 4 else ""
                what = f"all {len(names)} sliders, {len(every)} presses"
                found += _pair(section, what, every, goal)
    return found


def show_widget(page) -> None:
    """Scroll to the widget, which mounts when it comes near the window, and let it settle."""
    page.locator("[data-widget]").first.scroll_into_view_if_needed()
    page.locator("[data-widget][data-ready=true]").wait_for()
    page.wait_for_timeout(1500)


def _sliders(instance, url: str) -> list[str]:
    with slowed_page(instance, FAST) as page:
        page.goto(url, wait_until="networkidle")
        show_widget(page)
        return page.locator("[data-widget] input[type=range]:visible").evaluate_all(
            "all => all.map(e => e.labels?.[0]?.textContent.trim() || e.ariaLabel || e.id)"
        )


def _pair(section: str, what: str, times: list[float], goal: str) -> list[Row]:
    return [
        Row(section, f"{what}: median", "ms", round(median(times), 1)),
        Row(section, f"{what}: p95", "ms", round(quantiles(times, n=20)[-1], 1), goal=goal),
    ]

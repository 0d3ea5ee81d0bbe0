"""Chromium for the benchmark: profiles, watched visits, and what they measured."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.stats import blocking_time
from publish.tools import chromium
from publish.tools.serve import Hit, background

LOCAL = "http://127.0.0.1:"


@dataclass(frozen=True)
class Profile:
    """A network (Mbit/s, ms of delay) and a processor slowed down so many times."""

    name: str
    mbit: float | None = None
    delay: float = 0
    cpu: int = 1
    wait: int = 1500  # ms of quiet after loading in which late work is still counted


FAST = Profile("fast")
SLOW = Profile("slow (1.6 Mbit/s, 150 ms, CPU x4)", mbit=1.6, delay=150, cpu=4, wait=4000)

OBSERVE = """(() => {
  const seen = window.__bench = {lcp: 0, shift: 0, tasks: []};
  const watch = (type, f) => new PerformanceObserver(list => list.getEntries().forEach(f))
    .observe({type, buffered: true});
  watch('largest-contentful-paint', e => { seen.lcp = e.startTime });
  watch('layout-shift', e => { if (!e.hadRecentInput) seen.shift += e.value });
  watch('longtask', e => { seen.tasks.push([e.startTime, e.duration]) });
})()"""

# Scrolls to the first widget as soon as it exists, and notes when a control of it is there: both
# editions attach what answers to a control together with the control. While the page loads, what
# stands above may grow and push the widget out of the window, where it would wait for ever: so
# this scrolls again, as a reader does.
UNTIL_WIDGET = """(() => {
  const controls = '[data-widget] input, .widget-subarea input, .cell_output input';
  const look = () => {
    const place = document.querySelector('[data-widget], .widget-subarea');
    if (place && !(performance.now() - window.__scrolled < 200)) {
      window.__scrolled = performance.now();
      place.scrollIntoView({behavior: 'instant'});
    }
    if (document.querySelector(controls))
      requestAnimationFrame(() => { window.__answers ??= performance.now() });
    else setTimeout(look, 4);
  };
  look();
})()"""


@dataclass
class Visit:
    """Medians over visits of one page under one profile; times in ms, sizes in bytes."""

    raw: float
    sent: float
    requests: float
    scripts: float
    elsewhere: float
    fcp: float
    lcp: float
    shift: float
    blocking: float
    answers: float | None = None
    hits: list[Hit] = field(default_factory=list)


@contextlib.contextmanager
def browser() -> Iterator:
    """Start the Chromium of the tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
        )
        yield instance
        instance.close()


@contextlib.contextmanager
def slowed_page(instance, profile: Profile) -> Iterator:
    """Open a page without a cache under the profile."""
    context = instance.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    if profile.mbit:
        speed = profile.mbit * 1e6 / 8
        limits = {"downloadThroughput": speed, "uploadThroughput": speed}
        session.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": profile.delay, **limits},
        )
    if profile.cpu > 1:
        session.send("Emulation.setCPUThrottlingRate", {"rate": profile.cpu})
    try:
        yield page
    finally:
        context.close()


def visit_once(instance, url: str, log: list[Hit], profile: Profile) -> Visit:
    """Load a page, wait until it is quiet, read what the browser observed."""
    with slowed_page(instance, profile) as page:
        elsewhere: list[str] = []
        page.on("request", lambda r: _note(r.url, elsewhere))
        page.add_init_script(OBSERVE)
        log.clear()
        page.goto(url, wait_until="load", timeout=180_000)
        page.wait_for_load_state("networkidle", timeout=180_000)
        page.wait_for_timeout(profile.wait)
        seen = page.evaluate("window.__bench")
        fcp = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
        # Read to the end: what loads lazily belongs to the page's weight.
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(300)
        hits = [hit for hit in log if hit.status == 200]
        return Visit(
            raw=sum(hit.raw for hit in hits),
            sent=sum(hit.sent for hit in hits),
            requests=len(log),
            scripts=sum(hit.sent for hit in hits if "javascript" in hit.kind),
            elsewhere=len(elsewhere) + sum("/_static/cdn/" in hit.path for hit in hits),
            fcp=fcp,
            lcp=seen["lcp"],
            shift=seen["shift"],
            blocking=blocking_time([tuple(task) for task in seen["tasks"]], fcp),
            hits=hits,
        )


def _note(url: str, elsewhere: list[str]) -> None:
    if not url.startswith((LOCAL, "data:", "blob:", "about:")):
        elsewhere.append(url)


def until_widget_answers(instance, url: str, profile: Profile, limit: int = 60) -> float | None:
    """Return ms from the start of the navigation until the widget has controls; None if never."""
    from playwright.sync_api import TimeoutError as Late

    with slowed_page(instance, profile) as page:
        page.add_init_script(UNTIL_WIDGET)
        page.goto(url, wait_until="commit", timeout=limit * 1000)
        try:
            page.wait_for_function("() => window.__answers", timeout=limit * 1000)
        except Late:
            return None
        return page.evaluate("window.__answers")


def measure(html: Path, path: str, profile: Profile, runs: int, widget: bool = True) -> Visit:
    """Visit a page of a built site several times; returns the medians."""
    with background(html) as (base, log), browser() as instance:
        url = f"{base}/{path}"
        visits = [visit_once(instance, url, log, profile) for _ in range(runs)]
        answers: list[float | None] = []
        if widget:
            # One miss of a minute is enough to know.
            for _ in range(runs):
                answers.append(until_widget_answers(instance, url, profile))
                if answers[-1] is None:
                    break
    names = ("raw", "sent", "requests", "scripts", "elsewhere", "fcp", "lcp", "shift", "blocking")
    result = Visit(**{name: median([getattr(v, name) for v in visits]) for name in names})
    result.hits = visits[-1].hits
    if answers and None not in answers:
        result.answers = median(answers)
    return result

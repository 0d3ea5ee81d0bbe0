"""What a page weighs and how soon it is there, ours beside the default."""

from __future__ import annotations

from pathlib import Path

from bench.browser import FAST, SLOW, measure
from bench.table import Row

CONVOLUTION = "book/ch06_convolutional_networks/convolution.html"
PAGES = {"convolution": CONVOLUTION, "landing page": "index.html"}
GOALS = {"sent": "350 (250 without widget)", "requests": "20", "scripts": "120",
         "elsewhere": "0", "lcp": "2000", "shift": "0.02", "blocking": "100"}


def rows(ours: Path, default: Path, quick: bool = False) -> list[Row]:
    """Measure both pages in both books under both profiles."""
    found = []
    runs = 2 if quick else 3
    for name, path in PAGES.items():
        for profile in (FAST, SLOW):
            a = measure(ours, path, profile, runs)
            b = measure(default, path, profile, runs)
            section = f"{name}, {profile.name}"
            if profile is FAST:
                sizes = [
                    ("transferred, gzip", "KB", "sent", 1000),
                    ("transferred, unpacked", "KB", "raw", 1000),
                    ("JavaScript, gzip", "KB", "scripts", 1000),
                    ("requests", "", "requests", 1),
                    ("of these to third parties", "", "elsewhere", 1),
                ]
                found += [_row(section, a, b, *size) for size in sizes]
            times = [
                ("first contentful paint", "ms", "fcp", 1),
                ("largest contentful paint", "ms", "lcp", 1),
                ("layout shift", "", "shift", 1),
                ("blocking time", "ms", "blocking", 1),
                ("widget answers", "ms", "answers", 1),
            ]
            found += [_row(section, a, b, *time) for time in times]
    return found


def _row(section, a, b, what, unit, attribute, scale) -> Row:
    values = [getattr(visit, attribute) for visit in (a, b)]
    values = [None if v is None else round(v / scale, 4) for v in values]
    note = ""
    if attribute == "answers" and None in values:
        note = "–: no widget, or none that answered within 60 s"
    if attribute == "elsewhere":
        note = "the default's are served from here"
    return Row(section, what, unit, *values, GOALS.get(attribute, ""), note)

"""How long a page takes: reading and exercises, by one rule for lint, site and notebooks."""

from __future__ import annotations

from .model import Page, Paragraph

WORDS, LINES = 150, 12  # in a minute
LEFT_OUT = {"exercise", "solution", "fold"}  # directives that a reader of the main path passes by


def reading(page: Page) -> int:
    """Minutes to read the main path: a formula counts as a word, an empty line of code not."""
    texts = [p.text for p in page.of(Paragraph) if LEFT_OUT.isdisjoint(p.directives)]
    cells = [c for c in page.cells if c.role == "code" and c.fold is None]
    captions = [c.caption.text for c in cells if c.caption and not c.tagged("notebook-only")]
    words = sum(len(text.split()) for text in [*texts, *captions])
    lines = sum(bool(line.strip()) for c in cells if c.visible for line in c.source.split("\n"))
    return max(1, round(words / WORDS + lines / LINES))


def exercises(page: Page) -> int:
    """Minutes to think about all exercises of the page."""
    return sum(exercise.minutes for exercise in page.exercises)


def told(page: Page) -> str:
    """The time that a page takes, in words; empty for one that does not teach."""
    if page.meta.minutes:
        return f"{page.meta.minutes} minutes"
    if not page.meta.is_section:
        return ""
    more = exercises(page)
    return f"{reading(page)} min reading" + (f" + {more} min exercises" if more else "")

"""Measure built pages against the limits of a page: ``python -m publish.tools.measure``.

For each page (all that teach, or those named: ``book/ch06_convolutional_networks/convolution``):

height     of the text at 1280 px, in px, with every fold closed and without the part Exercises
picture    top of the first schematic or plot below the top of the text, in px
widget     top of the first widget, likewise
words      of the prose that is then visible: text, lists, tables, captions; no formulas or headings
cells, lines, longest   code cells that are then visible, their lines, and lines of the longest
asserts    lines of these that begin with assert, glue, claim or proves
starter    top of a lab's first starter, likewise; to it: the words that stand above it
cut 1280, cut 360   formulas wider than their column at that width, every fold open; that they
           scroll on a phone, and show it, is held by tests/site/test_every_page.py
exercises, answered   all of them; those with an answer box or a check (publish/lint/standard.py
           says how many there may and must be)
time       as the page's head states it

A number beyond its limit has a ``!``, and the exit status is 1 if there is one on a page that is
held to them: a page with ``minutes`` in its front matter was written before there were limits.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from publish.page import frontmatter

from . import chromium
from .serve import background

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
MOST = {
    "height": 15_000, "picture": 1_800, "widget": 4_000, "words": 1_500, "cells": 12,
    "lines": 200, "longest": 20, "asserts": 0, "cut 1280": 0,
}
# A lab, known by the box on its first screen, is to be written and not to be read.
MOST_LAB = MOST | {"words": 1_200, "lines": 120, "starter": 1_800, "to it": 300}
COLUMNS = (
    "height", "picture", "widget", "starter", "to it", "words", "cells", "lines", "longest",
    "asserts", "cut 1280",
    "cut 360", "exercises", "answered", "time",
)


def wide(page) -> dict:
    """All but what a phone shows, of a page that is open at 1280 px."""
    found = page.evaluate(SCRIPT, True)
    return found | {"cut 1280": len(found["cut"])}


def narrow(page) -> dict:
    """The formulas of a page that is open at 360 px."""
    return {"cut 360": len(page.evaluate(SCRIPT, False)["cut"])}


def limits(found: dict) -> dict[str, int]:
    """The limits of what was measured: those of a lab, or of any other page."""
    return MOST_LAB if found["lab"] else MOST


def over(found: dict) -> list[str]:
    """Names of the numbers that are beyond their limits."""
    names = [name for name, most in limits(found).items() if (found.get(name) or 0) > most]
    if "picture" in found and found["picture"] is None:
        names.append("picture")
    return names


def problems(found: dict) -> list[str]:
    """What is beyond its limit, in words."""
    told = []
    for name in over(found):
        if found[name] is None:
            told.append("no picture; a page shows one within its first 1,800 px")
        else:
            told.append(f"{name} {found[name]:,}, at most {limits(found)[name]:,}")
    return told + [f"wider than its column at 1280 px: {formula}" for formula in found["cut"]]


def is_held(meta: frontmatter.PageMeta) -> bool:
    """Whether a page is held to the limits: it teaches, and was written since there are limits."""
    return meta.is_section and not meta.minutes


def measure(html: Path, names: list[str]) -> dict[str, dict]:
    """Measure pages (without .html, below html) in Chromium. Raises ChromiumMissing."""
    from playwright.sync_api import sync_playwright

    rows = {}
    with background(html) as (url, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
        )
        page = browser.new_page(viewport=WIDE, reduced_motion="reduce")
        for name in names:
            page.set_viewport_size(WIDE)
            page.goto(f"{url}/{name}.html", wait_until="load")
            page.evaluate("() => document.fonts.ready.then(() => null)")
            # a picture that is still on its way has no height
            page.evaluate("() => { for (const i of document.images) i.loading = 'eager'; }")
            page.wait_for_function("() => [...document.images].every((i) => i.complete)")
            rows[name] = wide(page)
            page.set_viewport_size(PHONE)
            rows[name] |= narrow(page)
        browser.close()
    return rows


def table(rows: dict[str, dict], markdown: bool = False) -> str:
    """One line a page, as aligned columns or as Markdown."""
    lines = [["page", *COLUMNS]]
    for name, found in rows.items():
        marked = over(found)
        lines.append([name.removeprefix("book/")] + [
            f"{'-' if found[key] is None else found[key]}{'!' if key in marked else ''}"
            for key in COLUMNS
        ])
    if markdown:
        lines.insert(1, ["---", *["---:"] * len(COLUMNS)])
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip()
        for line in lines
    )


def main(argv: list[str] | None = None) -> int:
    """Print the table; 1 if a page that is held to the limits breaks one."""
    parser = argparse.ArgumentParser(
        prog="python -m publish.tools.measure", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("pages", nargs="*", help="names of pages; without one, all that teach")
    parser.add_argument("--html", type=Path, default=ROOT / "_build/html", help="the built site")
    parser.add_argument("--markdown", action="store_true", help="print a table of Markdown")
    options = parser.parse_args(argv)
    meta = frontmatter.pages(ROOT)
    named = [name.removesuffix(".html").removesuffix(".md") for name in options.pages]
    names = named or [name for name, of in meta.items() if of.is_section]
    for name in names:
        if not (options.html / f"{name}.html").is_file():
            parser.error(f"there is no page {name}.html in {options.html}; run make book")
    rows = measure(options.html, names)
    print(table(rows, options.markdown))
    broken = {n: problems(found) for n, found in rows.items() if n in meta and is_held(meta[n])}
    for name, told in broken.items():
        for line in told:
            print(f"{name}: {line}", file=sys.stderr)
    return 1 if any(broken.values()) else 0


if __name__ == "__main__":
    sys.exit(main())

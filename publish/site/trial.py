"""The directive ``trial``: an exam of several practice problems against the clock.

Written here are its form, what must be known of the families to draw one, and the empty boxes of
the practice. What happens then is ``dlworkbook/trial``; its style is that of the mock interview
and a little more. It stands on the page with all the practice, to which its review leads back.
"""

from __future__ import annotations

from functools import cache
from typing import ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from dlworkbook.widgets.kit import bundle
from publish import practice

from .assets import Part
from .bundle import compact
from .practice import FOLDER, empty_boxes, told
from .questions import SOURCES as MOCK
from .questions import group, option

SOURCES = practice.SOURCES.parent / "trial"
NUMBERS = ("3", "6", "10")
LEVELS = {"1": "1", "2": "2", "3": "3", "mixed": "mixed"}


class Trial(nodes.General, nodes.Element):
    """The place of the trial exam."""


class TrialDirective(SphinxDirective):
    """``:::{trial}``."""

    has_content = False
    option_spec: ClassVar = {}

    def run(self) -> list[nodes.Node]:
        node = Trial(ids=["trial"])
        self.set_source_info(node)
        return [node]


@cache
def files() -> dict[str, str]:
    """Name below ``_static/practice/`` -> contents; the families lie there, too."""
    style = "".join((folder / "style.css").read_text(encoding="utf-8")
                    for folder in (MOCK, SOURCES))
    return {"trial.js": bundle.classic(SOURCES / "view.js"), "trial.css": compact(style)}


def visit_trial(writer, node: Trial) -> None:
    parts = [
        group("Problems", [option("radio", "number", n, n, n == NUMBERS[0]) for n in NUMBERS]),
        group("Level", [option("radio", "level", key, words, key == "1")
                        for key, words in LEVELS.items()]),
    ]
    writer.body.append(
        f'<form class="mock needs-js" id="{node["ids"][0]}" data-trial="" autocomplete="off">\n'
        f'{"".join(parts)}<p class="mock-set" role="status"></p>\n'
        '<p class="mock-buttons"><button type="submit" class="mock-main">Start</button>\n'
        '<button type="button" data-do="again">Draw another exam</button>\n'
        '<button type="button" data-do="print">Print</button></p>\n'
        '<p class="mock-record"></p>\n<template>'
    )
    empty_boxes(writer, node["ids"][0])
    data = told(writer, practice.names(), "title", "minutes", "levels")
    writer.body.append(
        f'</template><script type="application/json">{data}</script></form>\n'
        "<noscript><p>Drawing an exam, the clock and the marks need JavaScript. Without it, "
        "<code>make exam</code> in a copy of the book prints a sheet and its key.</p></noscript>\n"
    )
    raise nodes.SkipNode


def _skip(writer, node: nodes.Element) -> None:
    raise nodes.SkipNode


PART = Part("trial", FOLDER, "data-trial=", files, holds=("practice", "answers"), fresh=(files,))


def setup(app: Sphinx) -> None:
    other = dict.fromkeys(("latex", "text", "man", "texinfo"), (_skip, None))
    app.add_node(Trial, html=(visit_trial, None), **other)
    app.add_directive("trial", TrialDirective)
    PART.setup(app)

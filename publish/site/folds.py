"""The directive ``fold``: depth that a reader of the main path may leave closed.

``:::{fold} Title that says what it settles`` with a body; the code cells tagged ``fold`` directly
after it stand in it, too (cells.py moves them), and so does a further ``:::{fold}`` without a
title behind them. A native ``<details>``, closed, whose id makes it a target of links.
"""

from __future__ import annotations

from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from .exercises import Fold, Summary, depart_fold, visit_fold

logger = logging.getLogger(__name__)


class Depth(Fold):
    """A fold of the text; one without a title (attribute ``continues``) goes on with another."""


class FoldDirective(SphinxDirective):
    """``:::{fold} Title``."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar = {"name": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        title = self.arguments[0] if self.arguments else ""
        inline, messages = self.state.inline_text(title, self.lineno)
        node = Depth(classes=["fold"], continues=not title)
        self.set_source_info(node)
        summary = Summary("", "", *inline)
        if title:
            node["ids"] = [self._anchor(summary.astext())]
        self.add_name(node)
        node += summary
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node, *messages]

    def _anchor(self, title: str) -> str:
        """``fold-`` and the title; with a number where the page has this already."""
        taken = self.env.temp_data.setdefault("workbook_folds", set())
        anchor = wanted = nodes.make_id(f"fold-{title}")
        n = 1
        while anchor in taken:
            n += 1
            anchor = f"{wanted}-{n}"
        taken.add(anchor)
        return anchor


class NameLonelyFolds(SphinxTransform):
    """After the folds are gathered: one without a title that goes on with none is a mistake."""

    default_priority = 212

    def apply(self, **kwargs: object) -> None:
        for node in self.document.findall(Depth):
            if node["continues"]:
                logger.warning(
                    "fold without a title: it continues the fold whose cells stand directly above "
                    "it, and there is none", location=node,
                )


def setup(app: Sphinx) -> None:
    skip = (lambda writer, node: None,) * 2
    other = dict.fromkeys(("latex", "text", "man", "texinfo"), skip)
    app.add_node(Depth, html=(visit_fold, depart_fold), **other)
    app.add_directive("fold", FoldDirective)
    app.add_transform(NameLonelyFolds)

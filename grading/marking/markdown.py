"""Markdown from outside as HTML that can do nothing: no HTML of its own, no links, no pictures."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin

from grading.read.cleaning import clean

MOST = 60_000  # characters that are shown of an answer
CUT = "\n\n(Cut here: the answer goes on. Open the file to read all of it.)"
DEEPEST = 3  # headings of an answer begin below those of the page

_MAKER = MarkdownIt("commonmark", {"html": False, "maxNesting": 30}).enable("table")
# What looks like a link or a picture is shown as it was typed, with its address.
_MAKER.disable(["link", "image", "autolink", "reference", "html_inline", "html_block"])
_MAKER.use(dollarmath_plugin, double_inline=True, allow_labels=False)


def _headings(self, tokens: list[Token], k: int, options: dict, env: dict) -> str:
    token = tokens[k]
    token.tag = f"h{min(6, int(token.tag[1]) + DEEPEST)}"
    return self.renderToken(tokens, k, options, env)


_MAKER.add_render_rule("heading_open", _headings)
_MAKER.add_render_rule("heading_close", _headings)


def html(text: str) -> Markup:
    """The text as HTML. Formulas stand in ``.math``, as they were typed; KaTeX shows them."""
    shown = clean(text, MOST, lines=True)
    return Markup(_MAKER.render(shown if len(text) <= MOST else shown + CUT))

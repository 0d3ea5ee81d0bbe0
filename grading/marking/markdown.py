"""Markdown as HTML that can do nothing: no links, no pictures, and from outside no HTML of its own.
"""

from __future__ import annotations

import html as plain
import re

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin

from grading.read.cleaning import clean

MOST = 60_000  # characters that are shown of an answer
CUT = "\n\n(Cut here: the answer goes on. Open the file to read all of it.)"
DEEPEST = 3  # headings of an answer begin below those of the page

_KEPT = re.compile(r"</?(?:details|summary|sup)>")  # of the book's own HTML
_ANCHOR = re.compile(r'<a id="[^"<>]*" name="[^"<>]*"></a>')  # what links of a notebook lead to


def _headings(self, tokens: list[Token], k: int, options: dict, env: dict) -> str:
    token = tokens[k]
    token.tag = f"h{min(6, int(token.tag[1]) + DEEPEST)}"
    return self.renderToken(tokens, k, options, env)


def _tags(self, tokens: list[Token], k: int, options: dict, env: dict) -> str:
    text = tokens[k].content
    between, kept = _KEPT.split(text), [*_KEPT.findall(text), ""]
    return "".join(plain.escape(said) + tag for said, tag in zip(between, kept, strict=True))


def _maker(*, ours: bool) -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": ours, "maxNesting": 30}).enable("table")
    # What looks like a link or a picture is shown as it was typed, with its address.
    made.disable(["link", "image", "autolink", "reference"])
    made.disable([] if ours else ["html_inline", "html_block"])
    made.use(dollarmath_plugin, double_inline=True, allow_labels=False)
    for name in ("heading_open", "heading_close"):
        made.add_render_rule(name, _headings)
    for name in ("html_block", "html_inline"):
        made.add_render_rule(name, _tags)
    return made


_THEIRS, _OURS = _maker(ours=False), _maker(ours=True)


def html(text: str, *, ours: bool = False) -> Markup:
    """The text as HTML. Formulas stand in ``.math``, as they were typed; KaTeX shows them.

    ``ours``: it is the book's, whose notebooks have folds (``publish/notebooks/text.py``).
    """
    shown = clean(text, MOST, lines=True)
    shown = shown if len(text) <= MOST else shown + CUT
    return Markup(_OURS.render(_ANCHOR.sub("", shown)) if ours else _THEIRS.render(shown))

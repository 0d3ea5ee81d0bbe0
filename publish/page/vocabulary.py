"""What pages may use. Anything else is an error that names page and line.

The notebook edition is plain Markdown: a construct that is not listed here would reach a
reader of the notebook as raw source, so the list is closed. To add a construct, add it here,
say in notebooks/text.py what becomes of it, and test it.
"""

from __future__ import annotations

from .exercises import OPTIONS

# Directives: what stands after the name (True: required, None: allowed), and the options.
ADMONITIONS = ("note", "tip", "warning", "important")
DIRECTIVES: dict[str, tuple[bool | None, frozenset[str]]] = {
    "admonition": (True, frozenset({"class", "name"})),
    **{name: (False, frozenset({"class", "name"})) for name in ADMONITIONS},
    "exercise": (True, frozenset(OPTIONS)),
    "hint": (False, frozenset()),
    "solution": (True, frozenset()),
    "answer": (True, frozenset()),
    "predict": (False, frozenset()),
    "practice": (None, frozenset()),
    "trial": (False, frozenset()),
    "fold": (None, frozenset({"name"})),
    "book-only": (False, frozenset()),
    "bibliography": (False, frozenset({"filter", "style", "cited"})),
}
# Directives whose argument is a title, which may hold mathematics and roles.
TITLED = frozenset({"admonition", "exercise", "fold"})
# Directives that stand at the left margin, outside of lists, quotes and other directives.
TOP_LEVEL = frozenset({"exercise", "solution", "bibliography", "predict", "fold"})
# Directives that may also stand inside of these, but in nothing else.
INSIDE = {"answer": frozenset({"exercise", "predict"})}
CODE_CELL = "code-cell"
# Directives of any page whose body is not Markdown.
VERBATIM = frozenset(
    {"answer", "code", "code-block", "math", "bibliography", "toctree", "route", "raw",
     "practice", "trial"}
)

ROLES = frozenset(
    {"eq", "doc", "ref", "numref", "cite", "cite:t", "cite:p", "glue:text", "settles"}
)

CELL_KEYS = frozenset({"tags", "mystnb"})
MYSTNB_KEYS = frozenset({"image", "figure", "execution_timeout"})
IMAGE_KEYS = frozenset({"alt", "width", "height", "align", "classes"})
FIGURE_KEYS = frozenset({"caption", "name", "align", "classes", "caption_before"})
TAGS = frozenset(
    {
        "hide-input", "remove-input", "remove-output", "notebook-only", "site-only",
        "solution", "starter", "check", "fold", "photo", "raises-exception", "not-assigned", "slow",
    }
)

# Tags of cells whose code the site does not show, or in a fold only.
OUT_OF_SIGHT = frozenset(
    {"hide-input", "remove-input", "notebook-only", "solution", "check", "fold"}
)

# Token types of the parser that plain Markdown knows, too: they pass through unchanged.
PLAIN_BLOCKS = frozenset(
    {
        "paragraph", "heading", "blockquote", "bullet_list", "ordered_list", "list_item",
        "table", "thead", "tbody", "tr", "th", "td", "hr", "code_block", "inline",
    }
)
# Token types that are rewritten.
OWN_BLOCKS = frozenset(
    {
        "front_matter", "fence", "colon_fence", "math_block", "math_block_label", "html_block",
        "myst_target", "myst_line_comment", "myst_block_break", "footnote_reference",
    }
)
# Token types inside of others that are not in the vocabulary, which say it for them.
INNER_BLOCKS = frozenset({"dt", "dd"})
PLAIN_INLINES = frozenset(
    {
        "text", "text_special", "softbreak", "hardbreak", "code_inline", "em", "strong", "link",
        "math_inline",
    }
)
OWN_INLINES = frozenset({"myst_role", "footnote_ref", "html_inline"})

# What to write instead of the constructs that people try first.
ADVICE = {
    "amsmath": "write $$ ... $$ around the environment, with a label (eq-name) if it is numbered",
    "math_inline_double": "put a blank line before and after $$ ... $$: inside a paragraph it "
                          "carries no number",
    "image": "draw the figure in a code cell, with an alt text in its metadata",
    "dl": "write a list with a bold first word",
    "html_block": "write Markdown; of HTML only comments are allowed",
    "html_inline": "write Markdown; of HTML only comments are allowed",
    "span": "attributes in braces do not exist in notebooks",
}

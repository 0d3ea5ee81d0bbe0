"""Small repairs of the HTML that Sphinx and docutils write."""

from __future__ import annotations

import re

_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
_NOTHING = r"\s*(?:<p>\s*</p>)?\s*"
_CORNER = re.compile(rf"<thead>\s*<tr\b[^>]*>\s*<th\b[^>]*>{_NOTHING}</th>.*?</thead>", re.DOTALL)
_FIRST_CELL = re.compile(r"(<tr\b[^>]*>\s*)<td\b([^>]*)>(.*?)</td>", re.DOTALL)
# Pygments' classes for what keeps the colour of the text: names, punctuation, operators, blanks.
_UNCOLOURED = re.compile(r'<span class="(?:n|nx|nv|na|py|p|pm|o|w|x|vc|vg|vi|vm)">([^<]*)</span>')
_SCOPE = re.compile(r' scope="\w+"')
_NAME = re.compile(r'(?<=<span class="pre">)[^<]+')
_JOINT = re.compile(r"(?<=[_/])(?=\w)|(?<=[a-z])(?=[A-Z])")  # in week_01, data/x, MaxPool
_EMPTY_HEAD = re.compile(rf"<th\b([^>]*)>{_NOTHING}</th>")


def wrap_tables(html: str) -> str:
    """Put each table into ``<div class="table-box">``. `html` is what Sphinx wrote.

    A table with an empty cell in the corner of its head has names in its first column: these become
    the heads of their rows, and the corner, which names nothing, becomes a plain cell. A long name
    in code may break in a narrow column, but only where its parts meet.
    """

    def box(match: re.Match) -> str:
        table = match.group()
        if _CORNER.search(table):
            head, body = table.split("</thead>", 1)
            body = _FIRST_CELL.sub(r'\1<th scope="row"\2>\3</th>', body)
            table = f"{head}</thead>{body}"
        table = _NAME.sub(lambda name: _JOINT.sub("<wbr>", name.group()), table)
        table = _EMPTY_HEAD.sub(lambda cell: f"<td{_SCOPE.sub('', cell[1])}></td>", table)
        return f'<div class="table-box">{table}</div>'

    return _TABLE.sub(box, html)


def list_citations(html: str) -> str:
    """Make the entries of a bibliography items of their list.

    docutils gives them ``doc-biblioentry``, which ARIA 1.2 deprecates, inside a ``list``.
    """
    return html.replace('role="doc-biblioentry"', 'role="listitem"')


def name_folds(html: str) -> str:
    """Let a fold of myst-nb be called what it shows ("Show code cell source")."""
    return html.replace(' aria-label="Toggle hidden content"', "")


def thin_code(html: str) -> str:
    """Drop the elements around code that no rule colours: half of all elements of a long page."""
    return _UNCOLOURED.sub(r"\1", html).replace("<pre><span></span>", "<pre>")

"""Small repairs of the HTML that Sphinx and docutils write."""

from __future__ import annotations

import re

_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
_EMPTY_HEAD = re.compile(r"<th\b([^>]*)>\s*</th>")


def wrap_tables(html: str) -> str:
    """Put each table into ``<div class="table-box">``. `html` is what Sphinx wrote.

    An empty head cell, such as the corner of a data frame, becomes a plain cell: screen readers
    announce heads, and there is nothing to announce.
    """

    def box(table: re.Match) -> str:
        content = _EMPTY_HEAD.sub(r"<td\1></td>", table.group())
        return f'<div class="table-box">{content}</div>'

    return _TABLE.sub(box, html)


def list_citations(html: str) -> str:
    """Make the entries of a bibliography items of their list.

    docutils gives them ``doc-biblioentry``, which ARIA 1.2 deprecates, inside a ``list``.
    """
    return html.replace('role="doc-biblioentry"', 'role="listitem"')

"""Tables that are wider than the page scroll inside a box of their own."""

from __future__ import annotations

import re

_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)


def wrap_tables(html: str) -> str:
    """Put each table into ``<div class="table-box">``. `html` is what Sphinx wrote."""
    return _TABLE.sub(lambda table: f'<div class="table-box">{table.group()}</div>', html)

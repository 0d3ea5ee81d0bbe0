"""Statement and steps of a practice problem as Markdown, which a notebook shows.

The twin of ``dlworkbook/practice/show.js``, which makes HTML of the same blocks.
"""

from __future__ import annotations

import re
from typing import Any

PARTS = re.compile(r"\$([^$]+)\$|\*\*([^*]+)\*\*|`([^`]+)`")
SPECIAL = re.compile(r"[\\`*_\[\]<>|#]")  # what means something to Markdown
FORMULA = {"|": r"\vert ", "<": r"\lt ", ">": r"\gt "}  # what means something in tables, in HTML


def text(source: str) -> str:
    """A text of one line."""
    found, start = [], 0
    for part in PARTS.finditer(source):
        formula, strong, code = part.groups()
        found.append(_plain(source[start : part.start()]))
        said = f"**{text(strong)}**" if strong else f"`{code}`"
        found.append(f"${_formula(formula)}$" if formula else said)
        start = part.end()
    return "".join([*found, _plain(source[start:])])


def blocks(held: Any) -> str:
    """A block, or a list of them."""
    return "\n\n".join(map(_block, held if isinstance(held, list) else [held]))


def steps(held: list[Any]) -> str:
    """The steps of a solution, as a list with numbers."""
    items = (f"{n}. {blocks(step)}" for n, step in enumerate(held, 1))
    return "\n".join(item.replace("\n", "\n   ").replace("\n   \n", "\n\n") for item in items)


def _block(held: Any) -> str:
    if isinstance(held, str):
        # a number or a sign in front would begin a list
        return re.sub(r"^(\d*)([-+.)])(?=\s)", r"\1\\\2", text(held))
    if "formula" in held:
        return f"$$\n{_formula(held['formula'])}\n$$"
    if "matrices" in held:
        side_by_side = r", \qquad ".join(_matrix(*matrix) for matrix in held["matrices"])
        return f"$$\n{side_by_side}\n$$"
    head, rows = held["table"]["head"], held["table"]["rows"]
    lines = [[text(str(cell)) for cell in line] for line in (head, *rows)]
    lines.insert(1, ["---"] * len(head))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _matrix(name: str, rows: list[list[Any]]) -> str:
    body = r" \\ ".join(" & ".join(_entry(str(value)) for value in row) for row in rows)
    return rf"{_formula(name)} = \begin{{bmatrix}} {body} \end{{bmatrix}}"


def _entry(value: str) -> str:
    """An entry of a matrix: a number, a formula between $, or a text."""
    if value.startswith("$"):
        return _formula(value.strip("$"))
    return value if re.fullmatch(r"-?[\d.]+", value) else rf"\text{{{value}}}"


def _formula(source: str) -> str:
    return re.sub(r"[|<>]", lambda sign: FORMULA[sign[0]], source)


def _plain(source: str) -> str:
    """Text outside of formulas; a hyphen before a number is a minus."""
    minus = re.sub(r"(^|[\s(])-(?=\d)", r"\1−", source)
    return SPECIAL.sub(r"\\\g<0>", minus)

"""Where a question in words is answered: a cell whose first line tells which one it is."""

from __future__ import annotations

TAG = "written"
START = "**Your answer to"
EMPTY = "*Write your answer here.*"


def cell(name: str, title: str) -> str:
    """The source of the cell below the statement; ``name`` is the label of the exercise."""
    return f"{first_line(name, title)}\n\n{EMPTY}"


def first_line(name: str, title: str) -> str:
    """The line above the answer; the grader knows the question by the name in its backquotes."""
    return f'{START} "{title}"** (`{name}`; write below this line)'


def name_of(line: str, names: list[str]) -> str:
    """The question that this line is above; empty if it is no such line.

    What editors do to a line is no harm: blanks, quotation marks, marks of Markdown.
    """
    plain = line.replace("\\", "")
    if "your answer to" not in plain.lower():
        return ""
    return next((name for name in names if f"`{name}`" in plain or f"({name};" in plain), "")

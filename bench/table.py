"""The one table: rows of what was measured, as Markdown and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.stats import ratio


@dataclass
class Row:
    """One measured quantity. ``note`` says how; ``goal`` is what the book asks of itself."""

    section: str
    what: str
    unit: str
    ours: float | None
    default: float | None = None
    goal: str = ""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Return ours / default, None where there is no default to compare with."""
        return ratio(self.ours, self.default)


def number(value: float | None) -> str:
    """Write a number with three significant digits; a dash for None."""
    if value is None:
        return "–"
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


def markdown(rows: list[Row], notes: list[str]) -> str:
    """Return the table with the notes below it."""
    head = ["", "unit", "this book", "default Jupyter Book 1", "ratio", "goal", "note"]
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join(["---"] * len(head)) + "|"]
    section = ""
    for row in rows:
        if row.section != section:
            section = row.section
            lines.append(f"| **{section}** |" + " |" * (len(head) - 1))
        cells = [row.what, row.unit, number(row.ours), number(row.default), number(row.ratio)]
        lines.append("| " + " | ".join([*cells, row.goal, row.note]) + " |")
    return "\n".join([*lines, "", *[f"- {note}" for note in notes], ""])


def save(rows: list[Row], notes: list[str], folder: Path) -> str:
    """Write bench.md and bench.json into ``folder``; returns the Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    text = markdown(rows, notes)
    (folder / "bench.md").write_text(text, encoding="utf-8")
    data = {"notes": notes, "rows": [asdict(row) | {"ratio": row.ratio} for row in rows]}
    (folder / "bench.json").write_text(json.dumps(data, indent=1), encoding="utf-8")
    return text

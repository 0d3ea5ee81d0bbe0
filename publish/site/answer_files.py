"""What the site loads for answers, made from ``dlworkbook/answers``.

``answers.js`` (on pages with an answer) holds the judge, the parser of expressions, the fields
and the count; ``progress.js`` (on pages that only show progress) the count alone.
"""

from __future__ import annotations

from pathlib import Path

from dlworkbook.widgets.kit.bundle import classic

from .bundle import compact

SOURCES = Path(__file__).resolve().parents[2] / "dlworkbook" / "answers"


def files() -> dict[str, str]:
    """Name below ``_static/answers/`` -> contents."""
    return {
        "answers.js": classic(SOURCES / "view.js"),
        "progress.js": classic(SOURCES / "progress.js"),
        "answers.css": compact((SOURCES / "style.css").read_text(encoding="utf-8")),
    }

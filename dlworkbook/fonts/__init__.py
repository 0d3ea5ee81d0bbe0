"""The Chinese characters of this book as a font, for machines that have none.

``chinese.ttf`` is made by ``make_chinese.py``. The site gives each page those that it shows.
"""

from __future__ import annotations

from pathlib import Path

CHINESE = Path(__file__).with_name("chinese.ttf")
FAMILY = "Workbook Chinese"


def is_chinese(character: str) -> bool:
    """Whether it is a Chinese character, or a mark or letter of the width of one."""
    return (
        "\u2e80" <= character <= "\u303f" or "\u3400" <= character <= "\u9fff"
        or "\uff00" <= character <= "\uffef"
    )

"""What an exercise must say of itself: one rule for site, notebooks and lint."""

from __future__ import annotations

from collections.abc import Mapping

from . import numbers
from .frontmatter import LEVELS

OPTIONS = ("label", "number", "level")  # all of them, always


def complaint(options: Mapping[str, str]) -> str | None:
    """What is wrong with the options of an exercise, to stand after its name; None if nothing."""
    for option in OPTIONS:
        if not options.get(option):
            return f"lacks the option :{option}:"
    if options["level"] not in LEVELS:
        return f"level must be one of {', '.join(LEVELS)}, not {options['level']!r}"
    try:
        numbers.parse(options["number"])
    except ValueError as error:
        return f"number {error}"
    return None

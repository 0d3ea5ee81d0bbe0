"""What an exercise must say of itself: one rule for site, notebooks and lint."""

from __future__ import annotations

from collections.abc import Mapping

from . import numbers
from .frontmatter import LEVELS

REQUIRED = ("label", "number", "level")
OPTIONS = (*REQUIRED, "minutes")
MINUTES = {"E": 4, "M": 8, "H": 15}  # to think about an exercise that does not say how long


def complaint(options: Mapping[str, str]) -> str | None:
    """What is wrong with the options of an exercise, to stand after its name; None if nothing."""
    for option in REQUIRED:
        if not options.get(option):
            return f"lacks the option :{option}:"
    if options["level"] not in LEVELS:
        return f"level must be one of {', '.join(LEVELS)}, not {options['level']!r}"
    try:
        numbers.parse(options["number"])
    except ValueError as error:
        return f"number {error}"
    minutes = options.get("minutes")
    if minutes is not None and not (minutes.isascii() and minutes.isdigit() and int(minutes)):
        return f"minutes must be a whole number such as 8, not {minutes!r}"
    return None


def minutes(options: Mapping[str, str]) -> int:
    """Minutes that an exercise takes: those that it states, or those of its level."""
    return int(options.get("minutes") or MINUTES.get(options.get("level", ""), 0))

"""What the tasks about a straight line share."""

from __future__ import annotations


def exchanged(output):
    """(b, w) for (w, b)."""
    return output[1], output[0]

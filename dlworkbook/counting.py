"""Tells the reader of a notebook how far a long cell has come."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence

__all__ = ["progress"]


def progress(items: Sequence, what: str) -> Iterator:
    """The items one by one, and a line that counts them: 'networks: 1 of 3 done, 7 s'.

    The line shows in a notebook alone. While the site is built it would be another one each
    time, and outside of a notebook there is no place that could be written anew.
    """
    place = None if os.environ.get("DLWORKBOOK_STATIC") == "1" else _place()
    if place is None:
        yield from items
        return
    start = time.perf_counter()
    place.display(_line(what, 0, len(items), 0.0))
    for done, item in enumerate(items, start=1):
        yield item
        place.update(_line(what, done, len(items), time.perf_counter() - start))


def _line(what: str, done: int, total: int, seconds: float):
    from IPython.display import Pretty

    took = f", {seconds:.0f} s" if done else ""
    return Pretty(f"{what}: {done} of {total} done{took}")


def _place():
    """Something in a notebook that can be displayed and updated; None outside of one."""
    try:
        from IPython import get_ipython
        from IPython.display import DisplayHandle
    except ImportError:
        return None
    shell = get_ipython()
    return DisplayHandle() if getattr(shell, "kernel", None) is not None else None

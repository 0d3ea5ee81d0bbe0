"""Call a function of ours on something that somebody else made, with limits.

Reading a file may cost hundreds of times its size: a cell of 4.5 MB that says ``x=[[],[],...]``
takes 2.5 GB to parse. So it is read in a process of its own, which may fail.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
from collections.abc import Callable
from typing import Any

from . import sandbox

MEMORY = 800_000_000  # bytes beyond what the grader has
SECONDS = 10.0  # of processor time
BACKSTOP = 20  # so many times as much on the clock: the machine may be busy, and it does not sleep
LARGEST = 100_000_000  # bytes of what comes back


class TooMuch(RuntimeError):
    """The limits were reached, or the process ended suddenly."""


def call(function: Callable[[], Any], *, memory: int = MEMORY, seconds: float = SECONDS) -> Any:
    """What ``function()`` gives, from a process of its own: JSON data, and sets as lists.

    Raises TooMuch.
    """
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        code = 1
        try:
            os.close(reading)
            sandbox.end_with_parent()
            sandbox.limit_resources(memory, seconds)
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(json.dumps(function(), default=list).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    data, end = bytearray(), time.monotonic() + BACKSTOP * seconds
    try:
        while len(data) <= LARGEST:
            ready, _, _ = select.select([reading], [], [], max(end - time.monotonic(), 0))
            part = os.read(reading, 1 << 20) if ready else b""
            if not part:
                break
            data += part
    finally:
        os.close(reading)
        if time.monotonic() >= end or len(data) > LARGEST:
            os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
    if status or not data:
        raise TooMuch
    return json.loads(data)

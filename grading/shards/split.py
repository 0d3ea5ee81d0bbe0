"""Which files of a class are those of a shard: told by their names alone.

So machines that never talk to each other agree, and a file that comes later moves no other.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

MOST = 10_000  # shards of a class


class ShardError(ValueError):
    """What was asked for is no shard, or its results cannot be used; says why, and the remedy."""


@dataclass(frozen=True)
class Shard:
    """The ``number``-th of ``of`` shards, counted from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def holds(self, parts: tuple[str, ...]) -> bool:
        """Whether the file with these parts of its name belongs to this shard."""
        digest = hashlib.sha256(unit(parts).encode("utf-8", "surrogateescape")).digest()
        return int.from_bytes(digest[:8], "big") % self.of == self.number - 1


def unit(parts: tuple[str, ...]) -> str:
    """What stays together: a file, or a zip with all that is in it, which is opened once."""
    zips = (k for k, part in enumerate(parts, start=1) if part.lower().endswith(".zip"))
    return "/".join(parts[: next(zips, None)])


def parse(text: str) -> Shard:
    """``3/16`` as a shard. Raises ShardError."""
    found = re.fullmatch(r"\s*([0-9]{1,6})\s*/\s*([0-9]{1,6})\s*", text)
    number, of = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= of <= MOST:
        raise ShardError(
            f"SHARD={text} is no shard. Write number/count, the number from 1 to the count, which "
            f"may be {MOST:,} at most: SHARD=1/16 to SHARD=16/16."
        )
    return Shard(number, of)

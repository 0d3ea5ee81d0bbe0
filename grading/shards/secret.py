"""The secret of a class: what the inputs are drawn from on which right answers are tried again.

It lies beside the results, so that a run that goes on grades as it began. All shards need the same:
those that share a folder make it together, others are given it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import time
from pathlib import Path

from .split import ShardError

NAME = "secret"
LENGTH = 32  # of one that we make
LONGEST = 1_000
PATIENCE = 10.0  # seconds until another machine has written what it began
NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL}


def of(out: Path, given: Path | None = None) -> str:
    """The secret of a folder of results, made if there is none. Raises ShardError.

    ``given``: a file with the secret of all shards.
    """
    path = Path(out) / "results" / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    wanted = read(given) if given else ""
    if not path.exists():
        _make(path, wanted or secrets.token_hex(LENGTH // 2))
    found = _whole(path)
    if wanted and found != wanted:
        raise ShardError(
            f"What lies in {out} was graded with another secret than that of SECRET={given}. Take "
            f"another OUT, or SECRET={path}."
        )
    return found


def kept(out: Path) -> str:
    """The secret of a folder of results; empty if there is none."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return (Path(out) / "results" / NAME).read_text(encoding="utf-8")
    return ""


def read(given: Path) -> str:
    """A secret that somebody wrote into a file. Raises ShardError."""
    try:
        with open(given, encoding="utf-8") as file:
            text = file.read(LONGEST + 1).strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise ShardError(f"SECRET={given} cannot be read: {why}.") from None
    if not LENGTH // 2 <= len(text) <= LONGEST:
        raise ShardError(
            f"SECRET={given} holds {len(text):,} letters; a secret has {LENGTH // 2} to "
            f"{LONGEST:,}. For example: openssl rand -hex 16 > {given}"
        )
    return text


def _make(path: Path, text: str) -> None:
    """Make the file, unless another machine makes it at this moment: then theirs counts."""
    part = path.with_name(f".{NAME}.{secrets.token_hex(8)}.part")
    part.write_text(text, encoding="utf-8")
    try:
        os.link(part, path)  # as a whole, and never over another
    except FileExistsError:
        pass
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        with contextlib.suppress(FileExistsError), path.open("x", encoding="utf-8") as file:
            file.write(text)
    finally:
        part.unlink()


def _whole(path: Path) -> str:
    """The secret in a file that another machine may be writing. Raises ShardError."""
    end = time.monotonic() + PATIENCE
    while len(text := path.read_text(encoding="utf-8")) < LENGTH // 2:
        if time.monotonic() > end:
            raise ShardError(f"{path} holds no secret: a run that made it was killed. Remove it.")
        time.sleep(0.1)
    return text

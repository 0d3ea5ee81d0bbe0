"""Builds the wheel of the helper package: small, and the same bytes each time."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from flit_core.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parents[2]
# The earliest time that a zip file can hold: file times must not change the wheel.
TIME = (1980, 1, 1, 0, 0, 0)


class _Wheel(WheelBuilder):
    """flit's wheel without the makers: scripts that made a file which is shipped as it is.

    The results of the book's experiments go into the package: a page shows them anywhere.
    """

    def _add_file(self, full_path, rel_path) -> None:
        if not Path(full_path).match("make_*.py"):
            super()._add_file(full_path, rel_path)

    def copy_module(self) -> None:
        super().copy_module()
        root = Path(self.directory)
        for path in sorted((root / "experiments").glob("*/*.json")):
            self._add_file(str(path), f"dlworkbook/{path.relative_to(root).as_posix()}")


def build(out: Path, *, root: Path = ROOT) -> Path:
    """Write ``dlworkbook-<version>-py3-none-any.whl`` into the folder ``out``; its path."""
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as folder:
        # the name depends on the version, which flit reads while it builds
        unnamed = Path(folder) / "wheel"
        with unnamed.open("wb") as file:
            builder = _Wheel.from_ini_path(Path(root) / "pyproject.toml", file)
            builder.source_time_stamp = TIME
            builder.build()
        path = out / builder.wheel_filename
        os.replace(unnamed, path)
    return path

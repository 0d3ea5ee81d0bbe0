"""Results of work that is too long for a page: made once by a script, shown by the page."""

from __future__ import annotations

import json
from pathlib import Path

_HERE = Path(__file__).resolve().parent
# Beside the scripts in a checkout of the book, inside of the package in its wheel.
FOLDERS = (_HERE.parent / "experiments", _HERE / "experiments")


class ExperimentMissing(LookupError):
    """There is no result of this name; says which there are."""


def experiment(name: str) -> dict:
    """What the script ``experiments/<name>.py`` of the book gave, for example ``"ch03_x/page"``.

    Plain data, as its ``make()`` returned it. Raises ExperimentMissing.
    """
    for folder in FOLDERS:
        path = folder / f"{name}.json"
        if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            return json.loads(path.read_text(encoding="utf-8"))["result"]
    known = sorted(
        path.relative_to(folder).with_suffix("").as_posix()
        for folder in FOLDERS for path in folder.glob("*/*.json")
    )
    raise ExperimentMissing(f"There is no experiment '{name}'; there are: {', '.join(known)}.")

"""A class of any size: honest, half done and wrong notebooks, in folders and zips, of each system.

The notebooks are those of ``classroom``, over and over, each with a line of its own. None takes a
limit of time to end, so that every run must say the same.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path

from grading.make.lab import Lab
from tests.grading import answers, classroom

# Of the bad inputs, those that run, and those that are rejected when they are read.
RUN = ("no_metadata.ipynb", "untouched.ipynb", "syntax_error.ipynb")
REJECTED = ("empty.ipynb", "truncated.ipynb", "not_a_notebook.ipynb", "wrong_lab.ipynb")
ZIPPED = 7  # each seventh hands in a zip
SHEET = ("Identifier", "Full name", "Status", "Grade", "Maximum grade", "Grade can be changed",
         "Last modified (grade)", "Feedback comments")  # fmt: skip


def write(lab: Lab, folder: Path, size: int, *, dear: int | None = None) -> list[str]:
    """Write ``size`` submissions below a folder; their names.

    ``dear``: how many of them run, spread evenly; default: all but each eighth.
    """
    run, rejected, names = *_kinds(lab), []
    dear = size - size // 8 if dear is None else dear
    for k in range(size):
        before, after = k * dear // size, (k + 1) * dear // size
        kinds, j = (run, before) if after > before else (rejected, k - before)
        name, data = kinds[j % len(kinds)]
        names.append(_put(folder, k, name, _own(data, k)))
    sheet = io.StringIO()
    csv.writer(sheet).writerows([SHEET, *_participants(size, lab.total)])
    (folder / "worksheet.csv").write_text(sheet.getvalue(), encoding="utf-8")
    return names


def _kinds(lab: Lab) -> tuple[list[tuple[str, bytes]], list[tuple[str, bytes]]]:
    """Name and content of each kind of file that runs, and of each that is rejected."""
    own = {name: found[0].code for name, found in answers.right(lab).items()}
    bad = {name: data for name, (data, _) in classroom.bad(lab, own).items()}
    half = classroom.notebook(lab, {lab.tasks[0].name: own[lab.tasks[0].name]})
    run = [("half_done.ipynb", json.dumps(half).encode())]
    run += [(re.sub(r".*(/|_9\d+_)", "", name), data)
            for name, (data, _) in classroom.whole(lab, most=40, only=()).items()]
    run += [(name, bad[name]) for name in RUN]
    return run, [(name, bad[name]) for name in REJECTED]


def _own(data: bytes, k: int) -> bytes:
    """A notebook with a line that only this student has; other files stay as they are."""
    try:
        notebook = json.loads(data)
    except ValueError:
        return data
    notebook["cells"].append(classroom._cell(f"student_{k} = 'work of student {k}'"))
    return json.dumps(notebook).encode()


def _put(folder: Path, k: int, name: str, data: bytes) -> str:
    """Write the file of the k-th student as a learning system names it; the name."""
    late = "LATE_" if k % 5 == 0 else ""
    name = f"{k:05}_{name}"
    name = (f"student{k}_{late}{10_000 + k}_{900_000 + k}_{name}",
            f"Student No {k}_{10_000 + k}_assignsubmission_file_/{name}",
            f"submission_{10_000 + k}/{name}", f"student{k}/{name}")[k % 4]
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if k % ZIPPED:
        path.write_bytes(data)
        return name
    with zipfile.ZipFile(f"{path}.zip", "w") as archive:
        archive.writestr("work/lab.ipynb", data)
        archive.writestr("notes.txt", "not a notebook")
    return f"{name}.zip"


def _participants(size: int, total: float) -> list[list[str]]:
    """The lines of Moodle's worksheet, for those who hand in there."""
    return [[f"Participant {10_000 + k}", f"Student No {k}", "Submitted for grading", "",
             f"{total:g}", "Yes", "-", ""] for k in range(size) if k % 4 == 1]  # fmt: skip

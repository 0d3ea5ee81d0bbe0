"""A test class of 40 or more submissions for any lab, with the row that each must get.

Right answers written differently, each named mistake, and every bad input that a class hands in.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from grading.make.lab import Lab
from grading.make.master import metadata
from grading.read import reading
from grading.read.submissions import Submission
from grading.report import gradebook, moodle, results
from grading.roster import book
from grading.roster.inputs import Inputs, Terms
from tests.grading import answers


@dataclass
class Expected:
    """What the row of a file must say. Task missing in ``points``: all of its points."""

    status: str = "graded"
    codes: set[str] = field(default_factory=set)
    points: dict[str, float] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)


Class = dict[str, tuple[bytes, Expected]]


def notebook(lab: Lab, code: dict[str, str] | None = None, extra: str = "") -> dict:
    """The student's notebook as JSON; ``code`` replaces the starter of each task.

    ``extra`` is one more cell at the end.
    """
    starters = {task.label: task.name for task in lab.tasks}
    cells = []
    for cell in lab.cells:
        if cell.role == "solution":
            continue
        source, tags = cell.source, list(cell.tags)
        task = starters.get(cell.label)
        if cell.role == "starter" and code and task in code:
            source = code[task]
        cells.append(_cell(source, cell.kind, tags))
    if extra:
        cells.append(_cell(extra))
    return {"cells": cells, "metadata": metadata(lab), "nbformat": 4, "nbformat_minor": 5}


def _cell(source: str, kind: str = "code", tags: list[str] | None = None) -> dict:
    cell = {"cell_type": kind, "metadata": {"tags": tags} if tags else {}, "source": source}
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    return cell


def _bytes(made: dict) -> bytes:
    return json.dumps(made, ensure_ascii=False).encode()


# Bad inputs that take their time: each is stopped by a limit.
SLOW = {"loop_in_function.ipynb", "loop_at_top.ipynb"}


def whole(lab: Lab, *, most: int | None = None, only: Collection[str] | None = None) -> Class:
    """The class; with ``most``, so many with right answers or named mistakes, and no loops.

    ``only``: names of the bad inputs that are wanted.
    """
    good, wrong = answers.right(lab), answers.wrong(lab)
    made: Class = {}
    for task in lab.tasks:
        assert len(good[task.name]) >= 3, f"{task.name}: {len(good[task.name])} right answers"
    own = {name: found[0].code for name, found in good.items()}
    for k in range(max(map(len, good.values()))):
        code = {name: found[k % len(found)].code for name, found in good.items()}
        made[f"right_{k:02}.ipynb"] = _bytes(notebook(lab, code)), Expected()
    for k in range(max(map(len, wrong.values()))):
        code, expected = dict(own), Expected()
        for task in lab.tasks:
            if k < len(wrong[task.name]):
                answer = wrong[task.name][k]
                code[task.name] = answer.code
                keeps = next(m.keeps for m in task.check.mistakes if m.id == answer.wanted)
                expected.points[task.name] = keeps * task.points
                expected.mistakes.append(answer.wanted)
        made[f"mistake_{k:02}.ipynb"] = _bytes(notebook(lab, code)), expected
    if most is not None:
        made = dict(sorted(made.items(), key=lambda item: item[0][-8:])[:most])
    others = bad(lab, own)
    if most is not None:
        others = {name: item for name, item in others.items() if name not in SLOW}
    if only is not None:
        others = {name: others[name] for name in only}
    return named_by_systems(made | others)


def named_by_systems(made: Class) -> Class:
    """The same files under names as learning systems give them."""
    out: Class = {}
    for k, (name, item) in enumerate(made.items()):
        if k % 4 == 0:
            name = f"student{k}_{1000 + k}_{9000 + k}_{name}"
        elif k % 4 == 1:
            name = f"student{k}_LATE_{1000 + k}_{9000 + k}_{name}"
        elif k % 4 == 2:
            name = f"Student No {k}_{1000 + k}_assignsubmission_file_/{name}"
        out[name] = item
    return out


def bad(lab: Lab, own: dict[str, str]) -> Class:
    """Every bad input. ``own``: a right answer to each task."""
    task = lab.tasks[0]
    is_class = task.check.answer_is == "class"

    def answer(body: str) -> dict[str, str]:
        """The right answers, but the first one does ``body`` when it is called."""
        if is_class:
            text = (f"import os, torch\n\nclass {task.answer}(torch.nn.Module):\n"
                    f"    def __init__(self, *args, **options):\n        {body}\n")
        else:
            names = ", ".join(task.check.arguments)
            text = f"import os\n\ndef {task.answer}({names}):\n    {body}\n"
        return own | {task.name: text}

    none = {task.name: 0.0}
    nothing = {t.name: 0.0 for t in lab.tasks}
    right = notebook(lab, own)
    no_metadata = copy.deepcopy(right)
    del no_metadata["metadata"]
    for cell in no_metadata["cells"]:
        del cell["metadata"]
    checks = [c for c in right["cells"] if "check" in c["metadata"].get("tags", [])]
    twice = copy.deepcopy(right)
    twice["cells"] += copy.deepcopy(checks) * 3
    deleted = copy.deepcopy(right)
    deleted["cells"] = [c for c in deleted["cells"] if c not in checks]
    edited = notebook(lab, answer("return None"))
    for cell in edited["cells"]:
        if "check" in cell["metadata"].get("tags", []):
            cell["source"] = "from dlworkbook import checks\nchecks.check = lambda *a: print('✓')"
    elsewhere = notebook(lab)
    elsewhere["metadata"]["workbook"]["assignment"] = "lab91"
    elsewhere["cells"] = [c for c in elsewhere["cells"] if c["cell_type"] == "markdown"]
    elsewhere["cells"].append(_cell("def something_else():\n    return 1\n"))
    syntax = own | {task.name: f"def {task.answer}(:\n    return 1\n"}
    patched = ("import torch\ntorch.allclose = lambda *a, **k: True\n"
               "torch.equal = lambda *a, **k: True")
    children = ("import subprocess\nsubprocess.Popen(['sleep', '600'])\n"
                "subprocess.Popen(['sleep', '600'], start_new_session=True)")
    outside = "open('/tmp/written_by_a_submission', 'w').write('x')"

    def with_extra(extra: str, code: dict[str, str] = own) -> bytes:
        return _bytes(notebook(lab, code, extra))

    full = _bytes(right)
    return {
        "not_a_notebook.ipynb": (b"Dear professor, see attachment.", _rejected("not_a_notebook",
                                                                              nothing)),
        "a_pdf.ipynb": (b"%PDF-1.4\n\x00\xff", _rejected("not_a_notebook", nothing)),
        "empty.ipynb": (b"", _rejected("empty", nothing)),
        "truncated.ipynb": (full[: len(full) // 2], _rejected("damaged", nothing)),
        "wrong_lab.ipynb": (_bytes(elsewhere), _rejected("wrong_lab", nothing)),
        "no_metadata.ipynb": (_bytes(no_metadata), Expected(codes={"no_metadata"})),
        "checks_twice.ipynb": (_bytes(twice), Expected()),
        "checks_deleted.ipynb": (_bytes(deleted), Expected()),
        "checks_edited.ipynb": (_bytes(edited), Expected("look", {"patched"}, none)),
        "untouched.ipynb": (_bytes(notebook(lab)), Expected(codes={"nothing_done"},
                                                            points=nothing)),
        "syntax_error.ipynb": (_bytes(notebook(lab, syntax)),
                               Expected(codes={"syntax_error"}, points=none)),
        "exception.ipynb": (with_extra("raise RuntimeError('x')"),
                            Expected(codes={"cell_error"})),
        "loop_in_function.ipynb": (_bytes(notebook(lab, answer("while True: pass"))),
                                   Expected(points=none)),
        "loop_at_top.ipynb": (with_extra("while True:\n    pass"),
                              Expected(codes={"endless_loop"})),
        "exit_in_function.ipynb": (_bytes(notebook(lab, answer("os._exit(0)"))),
                                   Expected(codes={"died"}, points=none)),
        "exit_at_top.ipynb": (with_extra("import os\nos._exit(0)"), Expected(codes={"died"})),
        "children.ipynb": (with_extra(children), Expected(codes={"left_running"})),
        "two_gigabytes.ipynb": (
            with_extra("import numpy as np\nlarge = np.ones(2 * 1024**3 // 8)"),
            Expected(codes={"memory"}),
        ),
        "much_output.ipynb": (
            with_extra("for _ in range(100):\n    print('x' * 1_000_000)"),
            Expected(codes={"much_output"}),
        ),
        "patched.ipynb": (with_extra(patched, answer("return None")),
                          Expected("look", {"patched"}, none)),
        "wrote_outside.ipynb": (with_extra(outside), Expected("look", {"wrote_outside"})),
    }


def _rejected(code: str, points: dict[str, float]) -> Expected:
    return Expected("rejected", {code}, points)


def write(made: Class, folder: Path) -> None:
    """Write the files below a folder."""
    for name, (data, _) in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def of_points(one: Submission, lab: Lab, points: float) -> results.Row:
    """The row of a submission with so many points in all, as if it had been run."""
    report = {"passed": False, "status": "differs", "mistake": None, "title": "", "pair": None,
              "message": "", "hint": "", "remarks": [], "credit": points / lab.total}
    found = {"notes": [], "reports": {task.name: report for task in lab.tasks}, "seconds": 1.0}
    return results.graded(one, lab, reading.Submitted([]), found)


def differences(rows, made: Class, lab: Lab) -> list[str]:
    """What is not as expected, in words; empty if all is."""
    found, seen = [], {row.file: row for row in rows}
    if set(seen) != set(made):
        found.append(f"files {sorted(set(seen) ^ set(made))}")
    for file, (_, want) in made.items():
        row = seen.get(file)
        if row is None:
            continue
        points = {t.name: want.points.get(t.name, t.points) for t in lab.tasks}
        if row.status != want.status:
            found.append(f"{file}: status {row.status}, not {want.status}: {row.reason}")
        if not want.codes <= set(row.codes):
            found.append(f"{file}: codes {row.codes}, not {sorted(want.codes)}")
        if row.points != points:
            reports = {n: (r["status"], r["mistake"]) for n, r in row.reports.items()}
            found.append(f"{file}: points {row.points}, not {points}; {reports} {row.reason}")
        if row.mistakes != want.mistakes:
            found.append(f"{file}: mistakes {row.mistakes}, not {want.mistakes}")
    return found


def gradebooks(
    rows: list[results.Row], lab: Lab, sheets: list[moodle.Worksheet]
) -> tuple[dict[str, str], list[str]]:
    """The files for Canvas and Moodle of a class without roster and dates."""
    return gradebook.files(rows, lab, sheets, book.make(rows, lab, Terms(), Inputs(), sheets))

"""A class of three for the tests of marking: two written questions beside the small lab's tasks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

from grading.make.lab import Lab
from grading.make.written import Written
from grading.marking.group import Group
from grading.marking.server import Server
from grading.marking.standing import every
from grading.report import grades
from grading.report.results import Row
from grading.run.keeper import write_atomically

QUESTIONS = [
    Written("conv-why", 4, "ex-conv-why", "Why $y_i$?", "It **commutes** with shifts.",
            ("names the shift: 2", "gives a counterexample: 2")),
    Written("pool-why", 3, "ex-pool-why", "What is lost?", "The place.",
            ("place: 2", "by how much: 1")),
]
REPORT = {"task": "corr2d", "title": "the kernel is flipped", "status": "named_mistake",
          "message": "Look.", "hint": "", "passed": False, "credit": 0.5, "mistake": "LAB5-01",
          "pair": None, "remarks": []}
RIGHT = REPORT | {"title": "right", "status": "passed", "passed": True, "credit": 1.0,
                  "mistake": None, "message": "All right."}
HOSTILE = ("<script>document.title='owned'</script><img src=x onerror=alert(1)> "
           "[here](javascript:alert(1)) ![p](http://192.0.2.1/p.png) <http://192.0.2.1> "
           "$\\href{javascript:alert(1)}{x}$ and $y_i = 1$")
NAMES = ("Ada", "Bo", "Cy")


def lab(small: Lab) -> Lab:
    """The small lab, with written questions."""
    return replace(small, written=QUESTIONS)


def row(student: str, id_: str, texts: dict[str, str], content: str = "", **more) -> Row:
    """A graded row: 6 of 12 points for corr2d, all 6 for linear."""
    key = hashlib.sha256((content or repr(texts)).encode()).hexdigest()
    made = Row(f"{student.lower()}_{id_}_9_lab.ipynb", student, id_, "canvas", "graded", [], "",
               {"corr2d": 6.0, "linear": 6.0}, 12.0, 18.0,
               {"corr2d": REPORT, "linear": RIGHT | {"task": "linear"}}, key=f"{key}-x",
               written=texts)
    return replace(made, **more)


def rows() -> list[Row]:
    """Three students."""
    texts = [HOSTILE, "因为平移。\n\nIt shifts.", ""]
    return [row(name, str(k), {"conv-why": text, "pool-why": f"the place {k}"})
            for k, (name, text) in enumerate(zip(NAMES, texts), start=1)]


def store(out: Path, this: Lab, made: list[Row]) -> None:
    """Write results as the grader does."""
    for one in made:
        name = hashlib.sha256(one.file.encode()).hexdigest()[:24]
        write_atomically(out / "results" / f"{name}.json", json.dumps(one.as_dict()))
    write_atomically(out / "results" / "secret", "0" * 32)
    write_atomically(out / "grades.csv", grades.table(every(made, this, out), this))


@contextmanager
def served(out: Path, this: Lab, who: str = "Ms T") -> Iterator[Server]:
    """The marking page, in a thread."""
    server = Server(Group(out, this), who)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

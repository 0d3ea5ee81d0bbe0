"""The assignment of one student, where practice problems vary: its notebook, and its tasks.

Who grades goes by the student to whom a file belongs, and not by what its notebook says of itself:
a neighbour's numbers give no points. Only where nobody knows the student, the notebook counts.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import nbformat

from dlworkbook import answers
from dlworkbook.answers import packed
from dlworkbook.answers.values import text_of

from . import problems, variants
from .lab import Lab, LabError
from .setup_cell import held, setup_cell
from .variants import EVERYBODY, Own, Variants, varies

FOLDER = re.compile(r"\w[\w.@+-]{0,99}")  # what an id may be that names a folder
# Codes of files that are judged by their notebooks: with a table of the class, and without.
BY_NOTEBOOK, NO_ROSTER = "variant_by_notebook", "variant_without_roster"
BETWEEN = "@"  # a task and the mark of a student, for the judge


class Row(Protocol):
    """The result of a file, as far as it matters here."""

    codes: list[str]


def lab_of(lab: Lab, own: Own | None) -> Lab:
    """The assignment with the problems of one student; as it is for nobody in particular."""
    if own is None:
        return lab
    given = [
        replace(one, problem=own.problems.get(k, one.problem))
        for k, one in enumerate(lab.problems)
    ]
    specs = {one.name: one.spec for one in given}
    tasks = [replace(task, spec=specs.get(task.name, task.spec)) for task in lab.tasks]
    return replace(lab, problems=given, tasks=tasks)


def varying(lab: Lab) -> list[str]:
    """Names of the tasks whose problem is another one for each student."""
    if lab.plan is None or not lab.variants.own:
        return []
    asked = zip(problems.names(lab.plan), lab.plan.addresses)
    return [name for name, text in asked if varies(text)]


def common_mark(lab: Lab) -> str:
    """The mark of the notebook for everybody; empty where all have the same problems."""
    return EVERYBODY if lab.plan is not None and any(map(varies, lab.plan.addresses)) else ""


# -- what is handed out


def write(lab: Lab, made: Path, wheel: str) -> None:
    """A notebook for each student, ``student/<id>/<name>.ipynb``, in the folder of an assignment.

    That for everybody goes to the instructor: nobody gets it by mistake. Raises LabError for an id
    that can name no folder, and for a key that its own check refuses.
    """
    student = made / "student"
    path = student / f"{lab.name}.ipynb"
    common = nbformat.read(path, as_version=4)
    for own in lab.variants.own:
        if not FOLDER.fullmatch(own.student):
            raise LabError(
                f"The id '{own.student}' of the roster can name no folder: use letters, digits and "
                "the signs . _ @ + - in the column id."
            )
        for problem in own.problems.values():
            for part in problem.fields:
                if answers.judge(part, text_of(part["is"], part["kind"])).state != "right":
                    raise LabError(
                        f"The check of practice problem {problem.address} refuses its own key; "
                        f"so no notebook was made for {own.student}. Take another family."
                    )
        folder = student / own.student
        folder.mkdir()
        nbformat.write(notebook(common, lab, own, wheel), folder / f"{lab.name}.ipynb")
    path.rename(made / "instructor" / f"{lab.name}_everybody.ipynb")


def notebook(
    common: nbformat.NotebookNode, lab: Lab, own: Own, wheel: str
) -> nbformat.NotebookNode:
    """The notebook for everybody with the problems, keys and mark of one student."""
    mine = lab_of(lab, own)
    new = {_setup(lab, wheel, common_mark(lab)): _setup(mine, wheel, own.mark)}
    for before, after in zip(lab.problems, mine.problems, strict=True):
        new |= {before.statement: after.statement, before.starter: after.starter}
    made = copy.deepcopy(common)
    missing = set(new)
    for cell in made.cells:
        missing.discard(cell.source)
        cell.source = new.get(cell.source, cell.source)
    if missing:
        raise LabError(f"{lab.name}: the practice problems are not in the notebook as written.")
    made.metadata["workbook"]["variant"] = own.mark
    return made


def _setup(lab: Lab, wheel: str, mark: str) -> str:
    return setup_cell(lab.imports, lab.site, wheel, lab.answers, lab.keys, mark)


def handed_out(lab: Lab) -> list[str]:
    """The lines about practice problems in the set-up cells of all notebooks, where they vary."""
    if not common_mark(lab):
        return []
    own = [held(lab_of(lab, one).keys, one.mark) for one in lab.variants.own]
    return [held(lab.keys, common_mark(lab)), *own]


def otter(lab: Lab, name: str) -> str:
    """The declarations of a task for all students, packed: by name and mark."""
    place = list(problems.names(lab.plan)).index(name)
    return packed({
        f"{name}{BETWEEN}{own.mark}": {"fields": own.problems[place].fields}
        for own in lab.variants.own
    })


# -- whose problems a file is judged by


def kept(lab: Lab, folder: Path) -> Variants:
    """The problems of each student, from the folder of an assignment. Raises LabError."""
    if lab.plan is None or not any(map(varies, lab.plan.addresses)):
        return Variants()
    try:
        return variants.read(folder / problems.KEYS)
    except variants.VariantsError as error:
        raise LabError(str(error)) from None


@dataclass(frozen=True)
class Choice:
    """By whose problems a file is judged, and what is to be said of that."""

    own: Own | None = None
    notes: tuple[tuple[str, str], ...] = ()
    owners: tuple[str, ...] = ()  # whose file it is: ids of students with problems of their own


def choose(lab: Lab, names: tuple[str, ...], said: str, *, roster: bool = False) -> Choice:
    """``names``: what the owner of a file is called, id first; ``said``: the notebook's mark.

    ``roster``: whether a table of the class was given. If not, a file of nobody who has problems of
    their own is for a person to look at: it may be anybody's.
    """
    if not varying(lab):
        return Choice()
    owners, told = lab.variants.of(*names), lab.variants.by_mark.get(said)
    if owners:
        own = next((one for one in owners if one is told), owners[0])
        return Choice(own, tuple(_other(own, told, said)), tuple(one.student for one in owners))
    by = "of the notebook for everybody"
    if told is not None:
        by = f"that the notebook says it holds, of {told.student}"
    text = (
        "Nobody of this file's id was on the roster when the assignment was made. Its practice "
        f"problems were judged as those {by}. If a table of the class tells whose file it is, by "
        "its name or another id, give that table as ROSTER."
    )
    if not roster:
        text += " Until then look whether its points are this student's."
    return Choice(told, ((BY_NOTEBOOK if roster else NO_ROSTER, text),))


def by_notebook(rows: Iterable[Row]) -> list[str]:
    """How many files were judged by whose problems the notebook holds, in sentences."""
    codes = [row.codes for row in rows]
    told = []
    for code, more in (
        (NO_ROSTER, "not one has an id that was on the roster when the assignment was made. A "
                    "neighbour's notebook gets its points there, so their status is look: give "
                    "ROSTER, a table of the class that tells whose they are."),
        (BY_NOTEBOOK, "by ROSTER, none of them belongs to anybody who was on the roster when the "
                      "assignment was made. A neighbour's notebook gets its points there."),
    ):
        count = sum(code in each for each in codes)
        if count:
            was = "file was" if len(codes) == 1 else "files were"
            told.append(f"{count} of {len(codes)} {was} judged by whose problems the notebook "
                        f"holds ({code}): {more}")
    return told


def whose(lab: Lab, names: tuple[str, ...], roster: bool) -> str:
    """By whom a file is judged, for the key of its result: it changes with what ``choose`` says."""
    own = lab.variants.of(*names)
    if not own and not roster and varying(lab):
        return f"-{NO_ROSTER}"
    return "".join(f"-{one.mark}" for one in own)


def _other(own: Own, told: Own | None, said: str) -> Iterator[tuple[str, str]]:
    """What is to be said where a notebook names another variant than its owner's, or none."""
    if told is own:
        return
    if not said:
        yield "no_variant", (
            "The notebook lost the line that says whose practice problems it holds; its answers "
            f"were judged by those of {own.student}, to whom the file belongs."
        )
        return
    holds = "practice problems that were made for nobody on the roster"
    if said == EVERYBODY:
        holds = "the practice problems of the notebook for everybody"
    elif told is not None:
        holds = f"the practice problems that were made for {told.student}"
    yield "other_variant", (
        f"The notebook says that it holds {holds}; its answers were judged by those of "
        f"{own.student}, to whom the file belongs. Files get mixed up; ask which one was filled in."
    )


def names(lab: Lab, own: Own | None) -> dict[str, str]:
    """What the judge calls each task; with a mark where the problem is a student's own."""
    mine = set(varying(lab)) if own is not None else set()
    return {
        task.name: f"{task.name}{BETWEEN}{own.mark}" if task.name in mine else task.name
        for task in lab.tasks
    }


def plain(found: dict, called: dict[str, str]) -> dict:
    """A result with the tasks under their own names, in reports and in notes."""
    back = {long: name for name, long in called.items() if long != name}
    if not back:
        return found
    reports = {
        back.get(name, name): report | {"task": back.get(name, name)}
        for name, report in found["reports"].items()
    }
    notes = []
    for note in found["notes"]:
        for long, name in back.items():
            note = note | {"text": note["text"].replace(long, name)}
        notes.append(note)
    return found | {"reports": reports, "notes": notes}


def says(lab: Lab, name: str) -> list[str]:
    """What slips of a task may be told, of whomever's problem."""
    own = [lab_of(lab, one) for one in lab.variants.own] if name in varying(lab) else [lab]
    tasks = [task for each in (lab, *own) for task in each.tasks if task.name == name]
    return list(dict.fromkeys(
        slip["say"] for task in tasks for part in task.fields for slip in part["slips"]
    ))

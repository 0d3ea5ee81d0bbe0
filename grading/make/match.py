"""Whether the pages of a book hold what an assignment asks of them; lint tells the same."""

from __future__ import annotations

from collections.abc import Iterator

from publish import practice
from publish.page import assignment
from publish.page.model import Exercise, Page

from .plan import STUDENT, Part, Plan, PlanError


def problems(plan: Plan, book, *, draw: bool = True) -> Iterator[PlanError]:
    """What is wrong, each with file, line and remedy. ``book`` gives pages by their names.

    An instructor's own pages are looked at where the book has them: lint leaves them alone.

    ``draw``: also whether its practice problems can be drawn, which asks Node.

    Raises PageError or FrontMatterError for a page that cannot be read.
    """
    answers: dict[str, str] = {}  # what students call an answer: who asks for it
    for k, part in enumerate(plan.pages):
        if part.folder is not None and part.name not in book.own:
            continue
        if part.folder is None and part.name not in book.names:
            yield plan.error(f"page '{part.page}' is not in the table of contents (_toc.yml)",
                             "pages", k, "page")
            continue
        page = book.page(part.name)
        for key, line, message in assignment.problems(page, part.points, whole=part.whole):
            if key is None:
                yield PlanError(f"{page.name}.md", line, message)
            else:
                yield plan.error(message, "pages", k, "points", *filter(None, [key]))
        for label in part.written:
            message = _written(page, part, label)
            if message:
                yield plan.error(message, "pages", k, "written", label)
        for label in part.vary:
            message = _varied(page, part, label)
            if message:
                yield plan.error(message, "pages", k, "vary", label)
        for task in assignment.tasks(page, part.kept, whole=part.whole):
            name = task.interface
            here = f"'{task.name}' of page '{part.page}'"
            if answers.setdefault(name, here) != here:
                yield plan.error(
                    f"students would call two answers `{name}`: that of {answers[name]} and that "
                    f"of {here}; take one out", "pages", k, "points", task.name,
                )
    if draw:
        yield from undrawable(plan)


def _written(page: Page, part: Part, label: str) -> str:
    """What is wrong with a written question; empty if nothing is."""
    exercise = page.exercise(label)
    if exercise is None:
        labels = ", ".join(one.label for one in page.exercises) or "none"
        return f"page '{part.page}' has no exercise '{label}'; its exercises are {labels}"
    if part.whole and exercise.line >= assignment.end(page):
        return (f"exercise '{label}' stands below '{assignment.END.capitalize()}', with which the "
                "students' notebook ends")
    if not exercise.solutions:
        return f"exercise '{label}' has no solution, which the marker reads; write one"
    if exercise.starters or exercise.checks:
        return (f"exercise '{label}' has a check, which marks it; give points to its task, not "
                "to 'written'")
    pointed = [name for name in part.points if _holds(exercise, name)]
    if pointed:
        return (f"exercise '{label}' is written, and '{pointed[0]}' in it has points; leave it in "
                "one")
    return ""


def _varied(page: Page, part: Part, label: str) -> str:
    """What is wrong with an exercise in whose place a problem shall stand; empty if nothing is."""
    exercise, box = page.exercise(label), page.answer(label)
    if exercise is None and box is not None and box.exercise is not None:
        return f"'{label}' is a box of exercise '{box.exercise.label}'; name the exercise"
    with_boxes = [one for one in page.exercises if one.answers and not one.starters]
    labels = ", ".join(one.label for one in with_boxes) or "none"
    if exercise is None:
        return (f"page '{part.page}' has no exercise '{label}'; its exercises with answer boxes "
                f"are {labels}")
    if exercise not in with_boxes:
        return (f"exercise '{label}' asks for no answers in boxes, so no numbers of it can vary; "
                f"those that do are {labels}")
    other = [name for name in part.boxes(label) if not _holds(exercise, name)]
    if other:
        return (f"'{other[0]}', which has points, is not in exercise '{label}', though its name "
                "begins so; call one of the two otherwise on the page")
    return ""


def _holds(exercise: Exercise, name: str) -> bool:
    return any(answer.name == name for answer in exercise.answers)


def undrawable(plan: Plan) -> Iterator[PlanError]:
    """Practice problems of an assignment that cannot be drawn. Asks Node."""
    for one in plan.problems:
        family, level, seed = one.address.split(".")
        try:
            practice.check_level(family, level)
            if seed != STUDENT:
                practice.problems([practice.address(one.address)])
        except (ValueError, practice.PracticeError) as error:
            yield plan.error(f"practice problem '{one.address}': {error}", *one.keys)

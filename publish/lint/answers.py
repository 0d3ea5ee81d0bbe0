"""Lint rules about answers, predictions and folds.

A rule takes (page, book) and yields (line, what is wrong and what to do).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dlworkbook.answers import problems
from publish.page import code
from publish.page.model import Answer, Page, Paragraph
from publish.page.parser import Cell

Found = Iterator[tuple[int, str]]

PREFIXES = {"prediction": "pr-", "text": "try-"}
PREDICTED = ("choice", "number", "integer", "shape")
NOT_RUN = ("raises-exception", "notebook-only", "site-only")  # cells that prove nothing


def bodies(page: Page, book) -> Found:
    """What an answer declares can be judged, and nobody takes one answer for another."""
    for answer in page.answers:
        for problem in problems(answer.spec) if answer.spec else ():
            key = problem.partition(":")[0]
            yield answer.line_of(key), f"answer '{answer.name}': {problem}"
        if answer.place == "prediction" and answer.spec.get("kind", "choice") not in PREDICTED:
            yield answer.line_of("kind"), (
                f"answer '{answer.name}': a prediction is one of {', '.join(PREDICTED)}, which "
                "can be shown again where the page settles it"
            )
        if len(_neighbours(page, answer)) > 1 and "ask" not in answer.spec:
            yield answer.line, (
                f"answer '{answer.name}': several boxes stand together; say with 'ask:' what "
                "this one asks for"
            )


def _neighbours(page: Page, answer: Answer) -> list[Answer]:
    """The answers of the same exercise or prediction, itself too."""
    if answer.exercise:
        return answer.exercise.answers
    same = [a for a in page.answers if a.place == answer.place == "prediction"]
    return same or [answer]


def ids(page: Page, book) -> Found:
    """The id of an answer says where it belongs, and is used once in the book."""
    for answer in page.answers:
        name, prefix = answer.name, PREFIXES.get(answer.place, "")
        for other in book.asked.get(name, ()):
            if other != page.name:
                yield answer.line, f"answer '{name}' is also one of {other}.md; rename one"
        label = answer.exercise.label if answer.exercise else ""
        if label and name != label and not name.startswith(f"{label}-"):
            yield answer.line, (
                f"answer '{name}' belongs to exercise '{label}': call it that, or '{label}-...' "
                "if there are several"
            )
        elif not name.startswith(prefix):
            yield answer.line, (
                f"answer '{name}' stands in {_WHERE[answer.place]}; its id begins with '{prefix}'"
            )


_WHERE = {"prediction": "a prediction", "text": "the text"}


def proofs(page: Page, book) -> Found:
    """A cell proves each answer: of an exercise in its solution, of others out of sight."""
    known = {answer.name: answer for answer in page.answers}
    proved: set[str] = set()
    for cell in page.cells:
        for line, name in _proved(cell):
            answer = known.get(name)
            if answer is None:
                yield line, f"checks.proves: no answer of this page has the id '{name}'"
            elif answer.exercise and cell not in answer.exercise.solution_cells:
                yield line, (
                    f"'{name}' is proved outside of the solution of its exercise; move this call "
                    "to a cell tagged 'solution'"
                )
            elif cell.tagged(*NOT_RUN):
                yield line, f"'{name}' is proved in a cell that need not succeed; move the call"
            else:
                proved.add(name)
    for name, answer in known.items():
        if name not in proved:
            where = "its solution" if answer.exercise else (
                "a cell of its own, tagged [remove-input, remove-output]"
            )
            yield answer.line, (
                f"no cell proves answer '{name}': compute it, and call "
                f"checks.proves('{name}', value) in {where}"
            )


def _proved(cell: Cell) -> Iterator[tuple[int, str]]:
    """Line and id of each call of ``checks.proves``."""
    for call in code.calls(cell.tree, "proves"):
        if call.args and isinstance(call.args[0], ast.Constant):
            yield cell.first + call.lineno - 1, str(call.args[0].value)


def by_hand(page: Page, book) -> Found:
    """Starter and check of an answer are the notebook's business."""
    names = {answer.name for answer in page.answers}
    for cell in page.cells:
        for name, _ in code.checked(cell.tree):
            if name in names:
                yield cell.line, (
                    f"this cell checks answer '{name}', as its notebook does by itself; leave it "
                    "out, or prove the key with checks.proves"
                )


def settled(page: Page, book) -> Found:
    """Each prediction is settled once, below it, in the text itself."""
    open_ = {a.name: a for a in page.answers if a.place == "prediction"}
    done: dict[str, int] = {}
    for role in page.references:
        if role.kind != "settles":
            continue
        name, line = role.content, role.line
        if name not in open_:
            yield line, f"{{settles}} '{name}': no prediction of this page has the id"
        elif _inside(page, line):
            yield line, (
                f"{{settles}} '{name}' stands inside of {{{_inside(page, line)}}}; a prediction is "
                "settled in the text, where its check can follow"
            )
        elif name in done:
            yield line, f"prediction '{name}' is settled in line {done[name]} already"
        elif line < open_[name].line:
            yield line, f"prediction '{name}' is settled before it is asked for"
        done.setdefault(name, line)
    for name, answer in open_.items():
        if name not in done:
            yield answer.line, (
                f"prediction '{name}' is never settled; write {{settles}}`{name}` where the page "
                "tells how it comes out"
            )


def _inside(page: Page, line: int) -> str:
    """The directive around a line of text; empty outside of all."""
    before = [p for p in page.of(Paragraph) if p.line <= line]
    return before[-1].directives[-1] if before and before[-1].directives else ""


def folds(page: Page, book) -> Found:
    """A fold holds something, and its cells belong to nothing else."""
    for fold in page.folds:
        if not fold.cells and not any(d.body.text.strip() for d in fold.directives):
            yield fold.directives[0].line, (
                f"the fold '{fold.title}' is empty: write text inside, or cells tagged 'fold' "
                "directly below"
            )
        for cell in fold.cells:
            if cell.role != "code":
                yield cell.line, f"a cell is tagged 'fold' or '{cell.role}', not both"


RULES = ()
SECTION_RULES = (bodies, ids, proofs, by_hand, settled, folds)

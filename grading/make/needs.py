"""Which answers the cells of a lab need, so that they can wait for them; see ``dlworkbook.needs``.

The cells are followed in the order of the page. A cell needs an answer that it reads, or that a
function reads which it names; and whatever another cell needs whose names it reads. A function
that is only defined needs nothing yet.
"""

from __future__ import annotations

import ast
import dis
import inspect
from collections.abc import Iterable
from types import CodeType

from dlworkbook.needs import reads
from publish.page.code import bound, imported, parse, top_level

from .page import LabCell


def of(cells: Iterable[LabCell]) -> list[list[str]]:
    """For each cell the answers that it needs, in the order of the page.

    A learner's own cells (starters and checks) wait for nothing, nor does anything but code.
    """
    flow, order, found = _Flow(), [], []
    for cell in cells:
        tree = parse(cell.source) if cell.kind == "code" else None
        needs: set[str] = set()
        if tree is not None and cell.role == "solution":  # students have to write it
            answers = [name for node in top_level(tree) for name in bound(node)]
            order += flow.promise(name for name in answers if name not in flow.waits)
        elif tree is not None:
            needs = flow.run(tree, waits=cell.role == "code")
            if cell.role == "starter":
                order += flow.promise(name for node in top_level(tree) for name in bound(node))
        found.append([name for name in order if name in needs])
    return found


class _Flow:
    """What stands behind each name after the cells so far."""

    def __init__(self) -> None:
        self.waits: dict[str, set[str]] = {}  # answers without which a name has no value
        self.inside: dict[str, set[str]] = {}  # names that the code of a function or class reads
        self.changes: dict[str, set[str]] = {}  # those of them whose objects it changes
        self.imports: dict[str, str] = {}  # the line that imported a name

    def promise(self, names: Iterable[str]) -> list[str]:
        """Take names as answers, each of which a learner has yet to give."""
        names = list(names)
        self.waits |= {name: {name} for name in names}
        return names

    def run(self, tree: ast.Module, *, waits: bool) -> set[str]:
        """Follow one cell; the answers that it needs. ``waits=False``: it is run without them."""
        before = dict(self.waits)
        needs, used, own = self._steps(compile(tree, "cell", "exec"))
        needs = needs if waits else set()
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                self.changes[node.name] = _changed(ast.walk(node)) & self.inside[node.name]
        again = dict(item for node in ast.walk(tree) for item in imported(node))
        for name in own:
            known = again.get(name, "") == self.imports.get(name)  # it was imported already
            self.waits[name] = before[name] if known else set(needs)
        self.imports |= again
        changed = _changed(top_level(tree)).union(*(self.changes.get(n, ()) for n in used))
        for name in changed - own - self.imports.keys():
            self.waits[name] = self.waits.get(name, set()) | needs
        return needs

    def _steps(self, code: CodeType) -> tuple[set[str], set[str], set[str]]:
        """Go through a cell's code: answers that it needs, names that it uses, and binds."""
        needs: set[str] = set()
        used: set[str] = set()
        own: set[str] = set()
        body: CodeType | None = None  # of the function or class that is being made
        for step in dis.get_instructions(code):
            now: set[str] = set()
            if isinstance(step.argval, CodeType):
                body = step.argval
                if body.co_name.startswith("<"):  # a lambda or comprehension may run at once
                    now = reads(body)
                elif not body.co_flags & inspect.CO_OPTIMIZED:  # what a class does when it is made
                    now = {s.argval for s in dis.get_instructions(body) if s.opname == "LOAD_NAME"}
            elif step.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
                now = {step.argval}
            elif step.opname in ("STORE_NAME", "STORE_GLOBAL"):
                own.add(step.argval)
                self.waits[step.argval] = set()
                self.inside[step.argval] = reads(body)
                self.changes.pop(step.argval, None)
                body = None
            reached = self._reached(now)
            used |= reached
            needs = needs.union(*(self.waits.get(name, ()) for name in reached))
        return needs, used, own

    def _reached(self, names: set[str]) -> set[str]:
        """These names, and those that the code behind them reads."""
        todo, seen = list(names), set(names)
        while todo:
            new = self.inside.get(todo.pop(), set()) - seen
            seen |= new
            todo += new
        return seen


def _changed(nodes: Iterable[ast.AST]) -> set[str]:
    """Names into whose objects statements write, or of which they call a method for its effect."""
    found = set()
    for node in nodes:
        places = getattr(node, "targets", [getattr(node, "target", None)])
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            places = [node.value.func]
        for place in places:
            for part in getattr(place, "elts", [place]):
                while isinstance(part, ast.Attribute | ast.Subscript | ast.Starred):
                    part = part.value
                    if isinstance(part, ast.Name):
                        found.add(part.id)
    return found

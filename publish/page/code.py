"""The code of a cell as Python reads it: what it defines, imports, calls and checks."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

# Magic commands of IPython that run Python in the notebook's own names.
RUN_CELL = {"time", "capture", "prun"}
RUN_LINE = {"time"}
BLOCKS = (ast.If, ast.Try, ast.With, ast.For, ast.While)
BROKEN = (SyntaxError, ValueError, RecursionError, MemoryError)  # what a parser says of a text


def interface_name(starter: str) -> str:
    """``my_softmax`` as ``softmax``, ``MyGRU`` as ``GRU``; other names as they are.

    The starters of a page have the first names, its solutions and the assignments the others.
    """
    if starter.startswith("My") and starter[2:3].isupper():
        return starter[2:]
    return starter.removeprefix("my_") or starter


def read(source: str) -> ast.Module:
    """The code of a cell as IPython reads it, magic commands included, line for line.

    What a magic runs as Python (``%%time``) stands in place of the magic. Raises SyntaxError, or
    another of BROKEN, for what is no Python.
    """
    try:
        return _parse(source)
    except BROKEN as error:
        from IPython.core.inputtransformer2 import TransformerManager  # only magics pay for it

        try:
            transformed = TransformerManager().transform_cell(source)
        except Exception:  # text that its tokenizer cannot take
            raise error from None
        tree = _parse(transformed)
    tree.body = [part for statement in tree.body for part in _body_of_magic(statement)]
    return tree


def parse(source: str) -> ast.Module | None:
    """As read; None if the code is broken."""
    try:
        return read(source)
    except BROKEN:
        return None


def _parse(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "\\d" in a student's string
        return ast.parse(source)


def _body_of_magic(statement: ast.stmt) -> list[ast.stmt]:
    """The statements that a magic runs as Python; else the statement itself."""
    call = getattr(statement, "value", None)
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return [statement]
    texts = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    if call.func.attr == "run_cell_magic" and len(texts) == 3 and texts[0] in RUN_CELL:
        inner, above = parse(texts[2]), statement.lineno
    elif call.func.attr == "run_line_magic" and len(texts) == 2 and texts[0] in RUN_LINE:
        inner, above = parse(texts[1]), statement.lineno - 1
    else:
        return [statement]
    return [statement] if inner is None else ast.increment_lineno(inner, above).body


def defined(source: str) -> list[str]:
    """Functions, classes and variables that code defines at its top level; [] if it is broken."""
    tree = parse(source)
    return [] if tree is None else [name for node in top_level(tree) for name in bound(node)]


def top_level(tree: ast.Module) -> Iterator[ast.stmt]:
    """Statements outside of functions and classes, those inside of ``if``, ``try``, ... too."""
    todo = list(tree.body)
    while todo:
        node = todo.pop(0)
        yield node
        if isinstance(node, BLOCKS):
            inner = [getattr(node, part, []) for part in ("body", "orelse", "finalbody")]
            inner += [handler.body for handler in getattr(node, "handlers", [])]
            todo = [statement for part in inner for statement in part] + todo


def bound(node: ast.stmt) -> list[str]:
    """Names that one statement defines; imports are not counted."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = [node.target]
    return [
        part.id
        for target in targets
        for part in ast.walk(target)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    ]


def imported(node: ast.AST) -> list[tuple[str, str]]:
    """Each name that an import binds, with a line that imports it alone."""
    if isinstance(node, ast.Import):
        return [
            (alias.asname or alias.name.partition(".")[0], f"import {ast.unparse(alias)}")
            for alias in node.names
        ]
    if isinstance(node, ast.ImportFrom):
        source = "." * node.level + (node.module or "")
        return [
            (alias.asname or alias.name, f"from {source} import {ast.unparse(alias)}")
            for alias in node.names
        ]
    return []


def packages(tree: ast.Module) -> set[str]:
    """Top-level packages that code imports."""
    lines = [line for node in ast.walk(tree) for _, line in imported(node)]
    return {line.split()[1].partition(".")[0] for line in lines} - {""}


def calls(tree: ast.Module | None, name: str) -> Iterator[ast.Call]:
    """Calls of a function by its name (``checks.check``), or by that behind a module's."""
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Call) and f".{ast.unparse(node.func)}".endswith(f".{name}"):
            yield node


def glued(tree: ast.Module | None) -> list[str]:
    """Names of the numbers that code glues."""
    return [
        str(call.args[0].value)
        for call in calls(tree, "glue")
        if call.args and isinstance(call.args[0], ast.Constant)
    ]


def checked(tree: ast.Module | None) -> list[tuple[str, str]]:
    """Task and answer of each ``checks.check("task", answer)``."""
    return [
        (str(call.args[0].value), ast.unparse(call.args[1]))
        for call in calls(tree, "checks.check")
        if len(call.args) == 2 and isinstance(call.args[0], ast.Constant)
    ]

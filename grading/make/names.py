"""Rename identifiers: the starter's ``my_softmax`` is ``softmax`` in an assignment."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from collections.abc import Iterator

# Magic commands of IPython that run Python in the notebook's own names.
RUN_CELL = {"time", "capture", "prun"}
RUN_LINE = {"time"}
BLOCKS = (ast.If, ast.Try, ast.With, ast.For, ast.While)


def interface_name(starter: str) -> str:
    """``my_softmax`` as ``softmax``, ``MyGRU`` as ``GRU``; other names as they are."""
    if starter.startswith("My") and starter[2:3].isupper():
        return starter[2:]
    return starter.removeprefix("my_") or starter


def parse(source: str) -> ast.Module | None:
    """The code of a cell as IPython reads it, magic commands included; None if it is broken.

    The body of a cell magic that runs Python (``%%time``) stands in place of the magic.
    """
    tree = _parse(source)
    if tree is not None:
        return tree
    from IPython.core.inputtransformer2 import TransformerManager  # only cells with magics pay

    try:
        tree = _parse(TransformerManager().transform_cell(source))
    except Exception:  # text that its tokenizer cannot take
        return None
    if tree is not None:
        body = [_body_of_magic(statement) for statement in tree.body]
        tree.body = [statement for part in body for statement in part]
    return tree


def _parse(source: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\\d" in a student's string
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _body_of_magic(statement: ast.stmt) -> list[ast.stmt]:
    """The statements that a magic runs as Python; else the statement itself."""
    call = getattr(statement, "value", None)
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return [statement]
    texts = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    if call.func.attr == "run_cell_magic" and len(texts) == 3 and texts[0] in RUN_CELL:
        inner = parse(texts[2])
    elif call.func.attr == "run_line_magic" and len(texts) == 2 and texts[0] in RUN_LINE:
        inner = parse(texts[1])
    else:
        return [statement]
    return [statement] if inner is None else inner.body


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


def renamed(source: str, names: dict[str, str]) -> str:
    """Code in which identifiers have other names; strings and comments that quote them, too."""
    lines = source.splitlines(keepends=True)
    edits: list[tuple[int, int, int, str]] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME and token.string in names:
            edits.append((token.start[0], token.start[1], token.end[1], names[token.string]))
        elif token.type in (tokenize.STRING, tokenize.COMMENT) and token.start[0] == token.end[0]:
            new = in_text(token.string, names)
            if new != token.string:
                edits.append((token.start[0], token.start[1], token.end[1], new))
    for row, start, end, new in sorted(edits, reverse=True):
        line = lines[row - 1]
        lines[row - 1] = line[:start] + new + line[end:]
    return "".join(lines)


def in_text(text: str, names: dict[str, str]) -> str:
    """Text in which these words, and no parts of longer ones, are replaced."""
    out, word = [], ""
    for character in text + "\0":
        if character.isidentifier() or (word and character.isdigit()):
            word += character
            continue
        out += [names.get(word, word), character]
        word = ""
    return "".join(out)[:-1]

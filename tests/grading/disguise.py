"""Copies of code that look like another's: for tests of what tells the structure of answers.

It shares no code with what it tests, so that both do not make the same mistake.
"""

from __future__ import annotations

import ast
import builtins
import random

WORDS = ["alpha", "beta", "gamma", "delta", "kappa", "sigma", "omega", "rho", "tau", "phi", "chi"]
FUNCTIONS = (ast.FunctionDef, ast.ClassDef)


def copied(code: str, answer: str, seed: int) -> str:
    """Code with other names, literals, texts, order of statements, and no comments."""
    rng = random.Random(seed)
    tree = ast.parse(code)
    tree = ast.fix_missing_locations(_Renamed(_chosen(tree) - {answer}, rng).visit(tree))
    _reorder(tree, rng)
    return ast.unparse(ast.fix_missing_locations(_Spelled(rng).visit(tree)))


def worked_on(code: str, answer: str, seed: int) -> str:
    """Such a copy with statements in between that do nothing, and results that get a name."""
    rng = random.Random(seed)
    tree = ast.parse(copied(code, answer, seed))
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        body = []
        for statement in node.body:
            if rng.random() < 0.3:
                body += ast.parse(f"{rng.choice(WORDS)}_{rng.randrange(99)} = {rng.random()}").body
            if isinstance(statement, ast.Return) and statement.value and rng.random() < 0.7:
                body += [ast.Assign([ast.Name("the_result", ast.Store())], statement.value)]
                statement = ast.Return(ast.Name("the_result", ast.Load()))
            body.append(statement)
        node.body = body
    return ast.unparse(ast.fix_missing_locations(tree))


def _chosen(tree: ast.AST) -> set[str]:
    """Names that who wrote the code has chosen."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, FUNCTIONS) and node.name != "forward":
            names.add(node.name)
    return {n for n in names if n != "self" and not n.startswith("__")} - set(dir(builtins))


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: set[str], rng: random.Random) -> None:
        self.new = {n: f"{rng.choice(WORDS)}_{k}" for k, n in enumerate(sorted(names))}

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for field in ("id", "arg", "name"):
            old = getattr(node, field, None)
            if isinstance(old, str) and old in self.new:
                setattr(node, field, self.new[old])
        return super().generic_visit(node)


class _Spelled(ast.NodeTransformer):
    """Other numbers, other texts, no docstrings, other spellings of the same."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if type(node.value) in (int, float):
            return ast.Constant(node.value + self.rng.randrange(9))
        return ast.Constant("other words") if isinstance(node.value, str) else node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if isinstance(node.value, ast.Constant):
            return ast.parse("print('here')").body[0]
        return self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.target, ast.Name):
            return node
        value = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
        return ast.Assign([node.target], value)


def _reorder(tree: ast.AST, rng: random.Random) -> None:
    """Exchange neighbours of which neither names what the other does; methods and functions."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        if all(isinstance(part, FUNCTIONS) for part in body):
            rng.shuffle(body)
            continue
        for _ in range(3):
            for k in range(len(body) - 1):
                one, two = body[k : k + 2]
                if _independent(one, two) and rng.random() < 0.6:
                    body[k : k + 2] = two, one


def _independent(one: ast.stmt, two: ast.stmt) -> bool:
    plain = all(isinstance(part, ast.Assign) for part in (one, two))
    return plain and not (_names(one) & _written(two) or _names(two) & _written(one))


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _written(node: ast.Assign) -> set[str]:
    return {name for target in node.targets for name in _names(target)}

"""The structure of an answer: what is left of code without names, numbers, comments and layout.

The code of an answer, with the helpers that it uses, becomes a sequence of tokens for each
function: kinds of statements and operators, and the names of what a library brings. Statements
that do not depend on each other get one order. Of each run of ``K`` tokens a hash is taken, and of
each ``WINDOW`` neighbours among these the smallest is kept, so that any run of ``K + WINDOW - 1``
tokens that two files share leaves a common hash: winnowing, by which MOSS compares programs
(Schleimer, Wilkerson and Aiken, Winnowing: local algorithms for document fingerprinting, SIGMOD
2003). Runs that were handed out are never kept.

The code comes from students: ``limited.call`` this.
"""

from __future__ import annotations

import ast
import builtins
import heapq
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator

from publish.page.code import bound, parse, top_level

K, WINDOW = 14, 4  # tokens; hashes
MOST_SOURCE, MOST_SOURCES = 100_000, 500_000  # characters of a cell, and of a notebook
MOST_CODE = 40_000  # characters of an answer and its helpers
MOST_STATEMENTS = 200  # of a block whose order is looked at
PRIME, BASE = (1 << 61) - 1, 1_000_003  # of the hash of a run, which is a polynomial
SPREAD = 0x9E3779B97F4A7C15  # so that the smallest of a window is any of them
BUILTINS = frozenset(dir(builtins))
LEFT_OUT = (ast.Pass, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Assert)
JUMPS = (ast.Return, ast.Break, ast.Continue, ast.Raise, ast.Yield, ast.YieldFrom, ast.Await)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
SWAPPED = {ast.Gt: "Lt", ast.GtE: "LtE"}  # a > b is b < a

Token = tuple[str, int]  # what it is, and its line
Structure = dict[str, object]  # code: text; prints: [hash, first line, last line] of each


def of(
    cells: list[str], skipped: Iterable[int], answers: dict[str, str], known: frozenset[int]
) -> dict[str, Structure] | None:
    """For each task whose answer is a function or class: its code, and what was kept of it.

    ``answers``: task and name of its answer. ``known``: the runs that were handed out. None if
    there is more code, or deeper code, than anybody writes by hand.
    """
    skipped = set(skipped)
    try:
        book = _Notebook(source for k, source in enumerate(cells) if k not in skipped)
        found = {}
        for task, answer in answers.items():
            names = (answer, f"my_{answer}", f"My{answer}")
            start = next((name for name in names if name in book.definitions), None)
            if start is not None:
                code, prints = _kept(book.reached(start), book, known)
                found[task] = {"code": code, "prints": prints}
            elif any(answer in source for source in book.unread):
                return None
    except (_TooMuch, RecursionError):
        return None
    return found


def runs(sources: Iterable[str]) -> frozenset[int]:
    """The hashes of all runs in code that was handed out."""
    sources = list(sources)
    book, found = _Notebook(sources), set()
    for tree in filter(None, map(parse, sources)):
        for tokens in _Reader(tree.body, book.imports).sequences:
            found |= {value for value, _, _ in _hashes(tokens)}
    return frozenset(found)


class _TooMuch(Exception):
    """The code of an answer is too long."""


class _Notebook:
    """What the code of a notebook defines and imports; ``unread``: cells that are too long."""

    def __init__(self, cells: Iterable[str]) -> None:
        self.definitions: dict[str, tuple[str, ast.stmt]] = {}  # the last one of a name counts
        self.imports: dict[str, str] = {}  # name: its name where it comes from; "" a module
        self.unread: list[str] = []
        size = 0
        for source in cells:
            size += len(source) if len(source) <= MOST_SOURCE else 0
            if len(source) > MOST_SOURCE or size > MOST_SOURCES:
                self.unread.append(source)
                continue
            tree = parse(source)
            if tree is None:
                continue
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    self.imports |= {
                        alias.asname or alias.name.partition(".")[0]: "" for alias in node.names
                    }
                elif isinstance(node, ast.ImportFrom):
                    for alias in node.names:
                        module = alias.name in ("functional", "nn", "linalg", "optim")
                        self.imports[alias.asname or alias.name] = "" if module else alias.name
            for node in top_level(tree):
                for name in bound(node):
                    self.definitions.pop(name, None)
                    self.definitions[name] = source, node

    def reached(self, name: str) -> list[tuple[str, ast.stmt]]:
        """A definition and those that it uses, the first one first; each once. Raises _TooMuch."""
        todo, names, parts, size = [name], {name}, [], 0
        while todo:
            source, node = self.definitions[todo.pop(0)]
            if any(node is other for _, other in parts):
                continue
            text = _lines(source, node)
            size += len(text)
            if size > MOST_CODE:
                raise _TooMuch
            parts.append((text, node))
            for part in ast.walk(node):
                name = part.id if isinstance(part, ast.Name) and not _stored(part) else ""
                if name in self.definitions and name not in names:
                    names.add(name)
                    todo.append(name)
        return parts


def _first(node: ast.stmt) -> int:
    """The line in which a definition begins, or the first of what decorates it."""
    return min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])


def _lines(source: str, node: ast.stmt) -> str:
    return "\n".join(source.split("\n")[_first(node) - 1 : node.end_lineno])


def _kept(
    parts: list[tuple[str, ast.stmt]], book: _Notebook, known: frozenset[int]
) -> tuple[str, list[list[int]]]:
    """The code of an answer as one text, and the hashes that are kept, by their lines in it."""
    text: list[str] = []
    prints = []
    for lines, node in parts:
        node.down = len(text) + 1 - _first(node)  # from its line there to its line here
        text += [*lines.split("\n"), ""]
    for tokens in _Reader([node for _, node in parts], book.imports).sequences:
        prints += winnow(list(_hashes(tokens)), known)
    return "\n".join(text[:-1]), prints


def winnow(hashes: list[tuple[int, int, int]], known: frozenset[int]) -> list[list[int]]:
    """The smallest of each window of hashes, the last one of equals, and each place once."""
    kept: dict[int, list[int]] = {}
    for start in range(max(1, len(hashes) - WINDOW + 1)):
        window = [
            (value, -place)
            for place, (value, _, _) in enumerate(hashes[start : start + WINDOW], start)
            if value not in known
        ]
        if window:
            place = -min(window)[1]
            kept[place] = list(hashes[place])
    return [kept[place] for place in sorted(kept)]


def _hashes(tokens: list[Token]) -> Iterator[tuple[int, int, int]]:
    """The hash of each run of K tokens, with its first and last line."""
    lead, value = pow(BASE, K, PRIME), 0
    codes = [zlib.crc32(text.encode("utf-8", "replace")) + 1 for text, _ in tokens]
    for k, code in enumerate(codes):
        value = (value * BASE + code) % PRIME
        if k >= K:
            value = (value - codes[k - K] * lead) % PRIME
        if k >= K - 1:
            lines = [line for _, line in tokens[k - K + 1 : k + 1]]
            yield value * SPREAD % PRIME, min(lines), max(lines)


class _Reader:
    """Statements as sequences of tokens, one for each function or class and one for the rest."""

    def __init__(self, statements: list[ast.stmt], imports: dict[str, str]) -> None:
        self.imports = imports
        nodes = [part for node in statements for part in ast.walk(node)]
        self.names = {n.id for n in nodes if isinstance(n, ast.Name) and _stored(n)}
        self.names |= {n.arg for n in nodes if isinstance(n, ast.arg)}
        self.names |= {n.name for n in nodes if isinstance(n, FUNCTIONS)}
        self.read = {n.id for n in nodes if isinstance(n, ast.Name) and not _stored(n)}
        self.attributes = {n.attr for n in nodes if isinstance(n, ast.Attribute) and _stored(n)}
        self.attributes |= {n.name for n in nodes if isinstance(n, FUNCTIONS)}
        self.sequences: list[list[Token]] = []
        self.down = 0  # lines
        self.sequences.append(self.block(statements))

    def block(self, statements: list[ast.stmt]) -> list[Token]:
        """The tokens of statements, in an order that does not depend on how they stand."""
        parts = [part for node in statements for part in _split(node)]
        parts = _returned([part for part in parts if not self.nothing(part)])
        made = [(node, self.statement(node)) for node in parts]
        if 1 < len(made) <= MOST_STATEMENTS:
            made = [made[k] for k in _order(made)]
        return [token for _, tokens in made for token in tokens]

    def nothing(self, node: ast.stmt) -> bool:
        """What may stand in code or not: ``pass``, prints, values that nobody reads, and so on."""
        if isinstance(node, ast.Expr):
            value = node.value
            printed = isinstance(value, ast.Call) and isinstance(value.func, ast.Name)
            return isinstance(value, ast.Constant) or (printed and value.func.id == "print")
        if isinstance(node, ast.Assign):
            targets = node.targets
            return all(isinstance(t, ast.Name) and t.id not in self.read for t in targets)
        return isinstance(node, (*LEFT_OUT, ast.AnnAssign))  # one with a value is no AnnAssign here

    def statement(self, node: ast.stmt) -> list[Token]:
        """The tokens of one statement; a function in it is a sequence of its own."""
        self.down = getattr(node, "down", self.down)
        line = node.lineno + self.down
        if isinstance(node, FUNCTIONS):
            heads = list(node.decorator_list)
            inside: list[Token] = []
            if isinstance(node, ast.ClassDef):
                heads += [*node.bases, *(k.value for k in node.keywords)]
            else:
                inside = self.arguments(node.args, line)
            self.sequences.append([*inside, *self.block(node.body)])
            return [(type(node).__name__, line), *(t for head in heads for t in self.tokens(head))]
        found: list[Token] = [(type(node).__name__, line)]
        for name, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                found += [(f"{{{name}", line), *self.block(value), ("}", line)]
            elif isinstance(value, list) and value and isinstance(value[0], ast.ExceptHandler):
                for handler in value:
                    found += self.tokens(handler.type) if handler.type else []
                    found += [("{except", line), *self.block(handler.body), ("}", line)]
            elif isinstance(value, list) and value and isinstance(value[0], ast.match_case):
                for case in value:
                    found += [(f"{{case {type(case.pattern).__name__}", line)]
                    found += [*self.block(case.body), ("}", line)]
            elif name == "items":
                found += [t for i in value for t in self.tokens(i.context_expr)]
            else:
                for part in value if isinstance(value, list) else [value]:
                    found += self.tokens(part) if isinstance(part, ast.expr) else []
        return found

    def arguments(self, args: ast.arguments, line: int) -> list[Token]:
        count = len([*args.posonlyargs, *args.args, *args.kwonlyargs])
        found = [(f"arguments {count}", line)]
        for default in [*args.defaults, *filter(None, args.kw_defaults)]:
            found += self.tokens(default)
        return found

    def tokens(self, node: ast.expr) -> list[Token]:
        """The tokens of an expression, operators first. Without recursion: it may be deep."""
        found: list[Token] = []
        todo: list[ast.AST | str] = [node]
        line = node.lineno + self.down
        while todo:
            part = todo.pop()
            if isinstance(part, str):
                found.append((part, line))
                continue
            if hasattr(part, "lineno"):
                line = part.lineno + self.down
            text, inside = self.parts(part)
            if text:
                found.append((text, line))
            todo += reversed(inside)
        return found

    def parts(self, node: ast.AST) -> tuple[str, list]:
        """What a node is, and what comes below it."""
        match node:
            case ast.Name(id=name):
                if name in self.imports and name not in self.names:
                    return f".{self.imports[name]}" if self.imports[name] else "", []
                return (name if name in BUILTINS - self.names else "name"), []
            case ast.Attribute(value=owner, attr=attr):
                own = isinstance(owner, ast.Name) and owner.id == "self"
                own = own or attr in self.attributes
                if self.module(owner):
                    return f".{attr}", []
                return (".name" if own else f".{attr}"), [owner]
            case ast.Constant(value=value):
                if value is None or value is ... or isinstance(value, bool):
                    return repr(value), []
                return ("text" if isinstance(value, str | bytes) else "number"), []
            case ast.JoinedStr():
                return "text", []
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
                return "number", []
            case ast.UnaryOp(op=op, operand=operand):
                return type(op).__name__, [operand]
            case ast.BinOp(left=left, op=op, right=right):
                return type(op).__name__, [left, right]
            case ast.BoolOp(op=op, values=values):
                return type(op).__name__, list(values)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in SWAPPED:
                return SWAPPED[type(op)], [right, left]
            case ast.Compare(left=left, ops=ops, comparators=right):
                return " ".join(type(op).__name__ for op in ops), [left, *right]
            case ast.Call(func=func, args=args, keywords=keywords):
                named = sorted(keywords, key=lambda k: k.arg or "")
                return "call", [func, *args, *named]
            case ast.keyword(arg=arg, value=value):
                return ("name=" if arg in self.names or not arg else f"{arg}="), [value]
            case ast.Slice(lower=lower, upper=upper, step=step):
                return ":", [lower or "_", upper or "_", step or "_"]
            case ast.Lambda(args=args, body=body):
                return f"lambda {len(args.args)}", [body]
            case ast.comprehension(target=target, iter=iterable, ifs=ifs):
                return "for", [target, iterable, *ifs]
            case _:
                inside = [
                    child for child in ast.iter_child_nodes(node)
                    if not isinstance(child, ast.expr_context)
                ]
                return type(node).__name__, inside

    def module(self, node: ast.expr) -> bool:
        """Whether this is a module that was imported, or a module of it: ``torch.nn``."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return (
            isinstance(node, ast.Name)
            and self.imports.get(node.id) == ""
            and node.id not in self.names
        )


def _stored(node: ast.Name | ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Store)


def _split(node: ast.stmt) -> list[ast.stmt]:
    """One spelling for several: ``x += 1`` is ``x = x + 1``, ``a, b = 1, 2`` are two statements."""
    made: list[ast.stmt] = [node]
    if isinstance(node, ast.AugAssign):
        value = ast.BinOp(node.target, node.op, node.value)
        made = [ast.Assign([node.target], ast.copy_location(value, node))]
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        made = [ast.Assign([node.target], node.value)]
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        (target,), value = node.targets, node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            both = [*target.elts, *value.elts]
            same = len(target.elts) == len(value.elts)
            if same and not any(isinstance(part, ast.Starred) for part in both):
                made = [ast.Assign([t], v) for t, v in zip(target.elts, value.elts)]
    for one in made:
        ast.copy_location(one, node)
        if hasattr(node, "down"):
            one.down = node.down
    return made


def _returned(statements: list[ast.stmt]) -> list[ast.stmt]:
    """``y = x + 1`` and ``return y`` as ``return x + 1``."""
    made: list[ast.stmt] = []
    for node in statements:
        match made[-1:], node:
            case [ast.Assign([ast.Name(one)], value)], ast.Return(ast.Name(two)) if one == two:
                made[-1] = ast.copy_location(ast.Return(value), made[-1])
            case _:
                made.append(node)
    return made


def _order(made: list[tuple[ast.stmt, list[Token]]]) -> list[int]:
    """Places of statements: of those that may come next, the one whose tokens come first."""
    before: list[set[int]] = []
    written: dict[str, int] = {}
    readers: dict[str, set[int]] = defaultdict(set)
    wall = -1
    for k, (node, _) in enumerate(made):
        reads, writes, jumps = _uses(node)
        if jumps:
            before.append(set(range(wall + 1, k)) | ({wall} if wall >= 0 else set()))
            wall, written, readers = k, {}, defaultdict(set)
            continue
        needs = {wall} if wall >= 0 else set()
        needs |= {written[name] for name in reads | writes if name in written}
        for name in writes:
            needs |= readers.pop(name, set())
            written[name] = k
        for name in reads:
            readers[name].add(k)
        before.append(needs - {k})
    after: dict[int, list[int]] = defaultdict(list)
    for k, needs in enumerate(before):
        for first in needs:
            after[first].append(k)
    keys = [" ".join(text for text, _ in tokens) for _, tokens in made]
    open_ = [len(needs) for needs in before]
    ready = [(keys[k], k) for k, count in enumerate(open_) if not count]
    heapq.heapify(ready)
    order = []
    while ready:
        _, k = heapq.heappop(ready)
        order.append(k)
        for later in after[k]:
            open_[later] -= 1
            if not open_[later]:
                heapq.heappush(ready, (keys[later], later))
    return order


def _uses(node: ast.stmt) -> tuple[set[str], set[str], bool]:
    """Names that a statement reads, names that it changes, and whether it may leave the block."""
    reads: set[str] = set()
    writes: set[str] = set()
    jumps = False
    for part in ast.walk(node):
        jumps |= isinstance(part, JUMPS)
        if isinstance(part, ast.Name):
            (reads if isinstance(part.ctx, ast.Load) else writes).add(part.id)
        elif isinstance(part, FUNCTIONS):
            writes.add(part.name)
        target: ast.AST | None = None
        if isinstance(part, ast.Attribute | ast.Subscript) and isinstance(part.ctx, ast.Store):
            target = part
        elif isinstance(part, ast.Expr) and isinstance(part.value, ast.Call):
            target = part.value.func  # called for its effect
        while isinstance(target, ast.Attribute | ast.Subscript):
            target = target.value
        if isinstance(target, ast.Name):
            writes.add(target.id)
    return reads, writes, jumps

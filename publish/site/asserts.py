"""Tells the values of an assertion that fails; run in the kernel of a page when it starts.

The operands of an ``assert`` at the top of a cell are noted while they are computed. Nothing is
computed twice or in another order. When the assertion fails, they are published as an output of
the type ``MIME``, which no reader sees; publish/site/damage.py reads it. It imports nothing of
the project, because it is run by its path.
"""

from __future__ import annotations

import ast
import builtins

MIME = "application/vnd.dlworkbook.assert+json"
LONGEST = 200  # characters of one value
# Builtins, so that a page's own names stay its own.
BEGIN, NOTE, FAIL = "__workbook_begin__", "__workbook_note__", "__workbook_fail__"


class Instrument(ast.NodeTransformer):
    """``assert a < b`` becomes ``assert begin() or note(a) < note(b) or fail()``.

    Not in functions, whose assertions may be caught.
    """

    def visit_FunctionDef(self, node: ast.AST) -> ast.AST:
        return node

    visit_AsyncFunctionDef = visit_ClassDef = visit_Lambda = visit_Try = visit_FunctionDef

    def visit_Assert(self, node: ast.Assert) -> ast.Assert:
        text = ast.unparse(node.test)
        parts = [_call(BEGIN), self.noted(node.test), _call(FAIL, ast.Constant(text))]
        node.test = ast.BoolOp(ast.Or(), parts)
        ast.copy_location(node.test, node)
        return ast.fix_missing_locations(node)

    def noted(self, test: ast.expr) -> ast.expr:
        """The expression with its operands noted: of comparisons, of calls, and of and, or, not."""
        if isinstance(test, ast.Compare):
            test.left = _note(test.left)
            test.comparators = [_note(operand) for operand in test.comparators]
        elif isinstance(test, ast.Call):
            test.args = [_note(argument) for argument in test.args]
        elif isinstance(test, ast.BoolOp):
            test.values = [self.noted(value) for value in test.values]
        elif isinstance(test, ast.UnaryOp):
            test.operand = self.noted(test.operand)
        return test


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _note(operand: ast.expr) -> ast.expr:
    plain = (ast.Constant, ast.GeneratorExp, ast.Starred, ast.Lambda)
    if isinstance(operand, plain) or isinstance(getattr(operand, "operand", None), plain):
        return operand
    return _call(NOTE, ast.Constant(ast.unparse(operand)), operand)


def startup_line() -> str:
    """Python code for the first line of a kernel (``--IPKernelApp.exec_lines``)."""
    return f"import runpy; runpy.run_path({__file__!r})['install'](get_ipython()); del runpy"


def install(shell) -> None:
    """Instrument all cells that this IPython shell will run."""
    noted: dict[str, object] = {}

    def begin() -> bool:
        noted.clear()
        return False

    def note(text: str, value: object) -> object:
        noted[text] = value
        return value

    def fail(text: str) -> bool:
        values = [[name, _shown(value)] for name, value in noted.items()]
        shell.display_pub.publish(data={MIME: {"test": text, "values": values}})
        return begin()

    for name, function in {BEGIN: begin, NOTE: note, FAIL: fail}.items():
        setattr(builtins, name, function)
    shell.events.register("post_run_cell", lambda *_: noted.clear())
    shell.ast_transformers.append(Instrument())


def _shown(value: object) -> str:
    try:
        text = " ".join(repr(value).split())
    except Exception as error:  # a value that cannot be shown
        text = f"<{type(value).__name__}: {type(error).__name__}>"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"

"""Right and wrong answers as source code, for the notebooks of a test class.

They are those with which the checks are tested (``tests/checks/chNN_name/<task>.py``, see
``tests.kit.task_tests``), and every mistake of the catalogue itself. The source of such a module
travels whole, behind that of a neighbour from which it takes answers; it imports nothing else of
ours.
"""

from __future__ import annotations

import ast
import base64
import importlib.util
import inspect
import textwrap
import zlib
from dataclasses import dataclass
from functools import cache

from tests.kit import task_tests


@dataclass(frozen=True)
class Answer:
    """One answer to a task as code; ``wanted`` is the mistake that must be named, or ""."""

    task: str
    code: str
    wanted: str = ""


def right(lab) -> dict[str, list[Answer]]:
    """For each task of a lab, right answers that were written independently."""
    return {
        task.name: [written(task, answer) for answer in _named(task_tests.answers(task.name).RIGHT)]
        for task in lab.tasks
    }


def wrong(lab) -> dict[str, list[Answer]]:
    """For each task, answers with a named mistake: each mistake at most once."""
    found: dict[str, list[Answer]] = {}
    for task in lab.tasks:
        natural = task_tests.answers(task.name).WRONG
        base = right(lab)[task.name][0].code
        made = []
        for id_ in (m.id for m in task.check.mistakes):
            if id_ in natural:
                made.append(written(task, natural[id_][0], id_))
            elif id_ not in IN_SEVERAL_CALLS:
                code = from_catalogue(task.name, task.answer, id_)
                if task.check.answer_is == "class":
                    code += as_class(task.name, task.answer, base)
                made.append(Answer(task.name, alone(code, task.answer), id_))
        found[task.name] = made
    return found


def _named(answers: list) -> list:
    """Without objects, which have no name in their module."""
    return [answer for answer in answers if hasattr(answer, "__name__")]


def written(task, answer, wanted: str = "") -> Answer:
    """An answer of the module of a task, with all that stands beside it."""
    code = _source(task.name)
    if answer.__name__ != task.answer:
        code += f"\n{task.answer} = {answer.__name__}\n"
    return Answer(task.name, alone(code, task.answer), wanted)


@cache
def _source(task: str) -> str:
    source = inspect.getsource(task_tests.answers(task))
    assert "import dlworkbook" not in source and "from dlworkbook" not in source, task
    tree, before = ast.parse(source), []
    for node in list(tree.body):
        if isinstance(node, ast.ImportFrom) and node.level:
            before.append(_source(node.module))
            tree.body.remove(node)
    return "\n".join([*before, ast.unparse(tree) if before else source])


def alone(code: str, answer: str) -> str:
    """Code in a scope of its own: what one answer brings along must not replace another's."""
    inside = textwrap.indent(code, "    ")
    return f"def make_{answer}():\n{inside}\n    return {answer}\n\n{answer} = make_{answer}()\n"


def from_catalogue(task: str, answer: str, mistake: str) -> str:
    """Code that defines ``answer`` as the first variant of a mistake of the catalogue.

    The catalogue's source travels with the notebook, packed, as a module of another name.
    """
    return (
        f"import base64, sys, types, zlib\n"
        f"for name, text in {_packed(task)!r}:\n"
        f"    if name not in sys.modules:\n"
        f"        sys.modules[name] = module = types.ModuleType(name)\n"
        f"        exec(zlib.decompress(base64.b64decode(text)).decode(), vars(module))\n"
        f"{answer} = next(m for m in sys.modules[{_renamed(_module(task))!r}].TASK.mistakes\n"
        f"    if m.id == {mistake!r}).variants[0]\n"
    )


# The catalogue's own answers to these tasks are functions of the whole probe, also of its
# parameters: a class that makes the same mistake looks for the probe in the frames of the check.
CLASS = '''
import numpy
import torch

variant = {answer}
{base}

def probe_of_the_check():
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name in ('use', 'run') and 'inputs' in frame.f_locals:
            return frame.f_locals['inputs']
        frame = frame.f_back

class {answer}({answer}):
    def {method}(self, *args, **options):
        real = super().{method}(*args, **options)
        inputs = probe_of_the_check()
        if inputs is None:
            return real
        made = sys.modules['{module}'].TASK.use(variant, inputs)
        both = isinstance(real, tuple)
        made = [torch.as_tensor(numpy.array(part)) for part in (made if both else [made])]
        parts = list(real) if both else [real]
        if all(a.shape == b.shape and numpy.allclose(a.numpy(), b.detach().double().numpy(), 1e-6)
               for a, b in zip(made, parts)):
            return real
        return tuple(made) if both else made[0]
'''
METHODS = {"attention_decoder": "decode"}
# Where the check asks for a sequence in several calls, the class above answers each of them with
# the whole result; with these mistakes that is another answer.
IN_SEVERAL_CALLS = {"DEC-16", "DEC-25", "DEC-26"}


def as_class(task: str, answer: str, base: str) -> str:
    """What makes such a function a class, for a task that wants one; ``base`` is a right class."""
    method = METHODS.get(task, "forward")
    return CLASS.format(answer=answer, base=base, method=method, module=_renamed(_module(task)))


# What travels with a mistake: what it raises is then raised by code of the notebook.
CHECKS = "dlworkbook.checks."
TRAVEL = tuple(CHECKS + part for part in ("tasks.", "adapters.", "references.", "slips"))


def _module(task: str) -> str:
    return task_tests.answers(task).__name__.replace("tests.checks.", f"{CHECKS}tasks.")


def _renamed(module: str) -> str:
    return module.replace(CHECKS, "handed_in_").replace(".", "_")


@cache
def _packed(task: str) -> tuple[tuple[str, str], ...]:
    """New name and packed source of the task's modules, those that it needs first."""
    done: dict[str, str] = {}

    def add(module: str) -> None:
        spec = importlib.util.find_spec(module)
        tree = ast.parse(spec.loader.get_source(module))
        for number, node in enumerate(tree.body):
            if not isinstance(node, ast.ImportFrom) or not node.level:
                continue
            start = "." * node.level + (node.module or "")
            origin = importlib.util.resolve_name(start, module.rpartition(".")[0])
            whole = [f"{origin}.{alias.name}" for alias in node.names]  # if these are modules
            for needed in [origin, *whole]:
                if needed.startswith(TRAVEL) and _exists(needed) and needed not in done:
                    add(needed)
            node.level, node.module = 0, _renamed(origin) if origin in done else origin
            if whole[0] in done:
                names = zip(whole, node.names)
                tree.body[number] = ast.Import(
                    [ast.alias(_renamed(name), alias.asname or alias.name) for name, alias in names]
                )
        done[module] = ast.unparse(tree)

    add(_module(task))
    return tuple(
        (_renamed(name), base64.b64encode(zlib.compress(source.encode(), 9)).decode())
        for name, source in done.items()
    )


def _exists(module: str) -> bool:
    """Whether this is a module (and not something in one)."""
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return False
    return spec is not None and spec.submodule_search_locations is None

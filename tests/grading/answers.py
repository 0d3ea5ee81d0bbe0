"""Right and wrong answers as source code, for the notebooks of a test class.

They come from where the checks are tested: functions and classes of ``tests/checks`` that are right
(``RIGHT``, ...) or make a mistake that is named (``STUDENTS``, ...), cut out with what they need;
and, for tasks whose answer is a function, every mistake of the catalogue itself.
"""

from __future__ import annotations

import ast
import base64
import importlib
import textwrap
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dlworkbook.checks.task import Task as Check
from dlworkbook.checks.tasks import load

ROOT = Path(__file__).resolve().parents[2]
MODULES = {5: ["corr2d", "lab5"], 90: ["corr2d", "lab5"]}
# Right classes that the tests of lab 6 name in a decorator only.
ALSO_RIGHT = {"gru": ["GRU", "Uniform", "Double", "OneSampleAtATime", "WithLists"]}


@dataclass(frozen=True)
class Answer:
    """One answer to a task as code; ``wanted`` is the mistake that must be named, or ""."""

    task: str
    code: str
    wanted: str = ""


def right(lab) -> dict[str, list[Answer]]:
    """For each task of a lab, right answers that were written independently."""
    found = {task.name: [] for task in lab.tasks}
    for module in _modules(lab.number):
        for task, value, wanted in _cases(module, lab):
            if not wanted and task in found:
                _add(found[task], module, task, lab, value)
        for task, names in ALSO_RIGHT.items():
            for name in names if task in found else []:
                _add(found[task], module, task, lab, getattr(module, name, None))
    return found


def wrong(lab) -> dict[str, list[Answer]]:
    """For each task, answers with a named mistake: each mistake at most once."""
    found: dict[str, dict[str, Answer]] = {task.name: {} for task in lab.tasks}
    for module in _modules(lab.number):
        for task, value, wanted in _cases(module, lab):
            if wanted and task in found and wanted not in found[task]:
                made: list[Answer] = []
                _add(made, module, task, lab, value, wanted)
                found[task] |= {a.wanted: a for a in made}
    base = right(lab)
    for task in lab.tasks:
        for mistake in task.check.mistakes:
            if mistake.id in found[task.name] or mistake.id in IN_SEVERAL_CALLS:
                continue
            code = from_catalogue(task.name, task.answer, mistake.id)
            if task.check.answer_is == "class":
                code = as_class(task.name, task.answer, mistake.id, base[task.name][0].code)
            found[task.name][mistake.id] = Answer(task.name, alone(code, task.answer), mistake.id)
    return {name: list(answers.values()) for name, answers in found.items()}


def _modules(number: int):
    for name in MODULES.get(number, [f"lab{number}"]):
        if (ROOT / "tests" / "unit" / f"test_checks_{name}.py").is_file():
            yield importlib.import_module(f"tests.unit.test_checks_{name}")


def _cases(module, lab):
    """(task, answer, wanted) of the lists and dicts in which a test module keeps its answers."""
    owner = {m.id: task.name for task in lab.tasks for m in task.check.mistakes}
    single = [task.name for task in lab.tasks if task.name == module.__name__.split("_")[-1]]
    single = single or ([lab.tasks[0].name] if len(lab.tasks) == 1 else [])
    for name, value in vars(module).items():
        if not any(word in name for word in ("RIGHT", "STUDENTS", "MODELS")):
            continue
        if not isinstance(value, list | dict | tuple):
            continue
        default = ["sequence_model"] if name.startswith("MODEL") else single
        for item in value.items() if isinstance(value, dict) else value:
            parts = list(_flat(item))
            answer = next((p for p in parts if callable(p) and not isinstance(p, Check)), None)
            words = [p for p in parts if isinstance(p, str)]
            words += [p.name for p in parts if isinstance(p, Check)]
            wanted = next((w for w in words if w in owner), "")
            task = next((w for w in words if w in {t.name for t in lab.tasks}), "")
            # an id may stand in the catalogues of several tasks
            task = task or (default[0] if default else "") or owner.get(wanted, "")
            if answer is not None and task and ("STUDENTS" not in name or wanted):
                yield task, answer, wanted


def _flat(item):
    item = getattr(item, "values", item) if type(item).__name__ == "ParameterSet" else item
    if isinstance(item, tuple | list):
        for part in item:
            yield from _flat(part)
    else:
        yield item


def _add(found, module, task, lab, value, wanted="") -> None:
    code = cut_out(module, getattr(value, "__name__", ""))
    if code is not None and vars(module).get(value.__name__) is value:
        answer = next(t.answer for t in lab.tasks if t.name == task)
        name = value.__name__
        end = "" if name == answer else f"\n\n{answer} = {name}\n"
        found.append(Answer(task, alone(code + end, answer), wanted))


def alone(code: str, answer: str) -> str:
    """Code in a scope of its own: what one answer brings along must not replace another's."""
    inside = textwrap.indent(code, "    ")
    return f"def make_{answer}():\n{inside}\n    return {answer}\n\n{answer} = make_{answer}()\n"


@cache
def _tree(path: str) -> ast.Module:
    return ast.parse(Path(path).read_text(encoding="utf-8"))


def cut_out(module, name: str) -> str | None:
    """Source of a definition with all that it needs; None if it needs the checks themselves."""
    tree, needed, imports, out = _tree(module.__file__), {name}, {}, {}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                imports[alias.asname or alias.name.partition(".")[0]] = node
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            out[node.name] = node
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                for part in ast.walk(target):
                    if isinstance(part, ast.Name):
                        out[part.id] = node
    if name not in out:
        return None
    used, todo = set(), [name]
    while todo:
        word = todo.pop()
        if word in used or (word not in out and word not in imports):
            continue
        used.add(word)
        node = out.get(word, imports.get(word))
        todo += [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]
    nodes = [n for n in tree.body if any(out.get(w, imports.get(w)) is n for w in used)]
    code = "\n\n".join(ast.unparse(node) for node in nodes)
    needed = [ast.unparse(n) for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)]
    inside = any("dlworkbook" in line or "tests" in line or "pytest" in line for line in needed)
    return None if inside else code


def from_catalogue(task: str, answer: str, mistake: str) -> str:
    """Code that defines ``answer`` as the first variant of a mistake of the catalogue.

    The catalogue's source travels with the notebook, packed, as a module of another name.
    """
    return (
        f"import base64, sys, types, zlib\n"
        f"parent = sys.modules.setdefault('handed_in', types.ModuleType('handed_in'))\n"
        f"parent.__path__ = []\n"
        f"for name, text in {_packed(task)!r}:\n"
        f"    if name not in sys.modules:\n"
        f"        sys.modules[name] = module = types.ModuleType(name)\n"
        f"        module.__package__ = 'handed_in'\n"
        f"        exec(zlib.decompress(base64.b64decode(text)).decode(), vars(module))\n"
        f"        setattr(parent, name.partition('.')[2], module)\n"
        f"{answer} = next(m for m in sys.modules['handed_in.{task}'].TASK.mistakes\n"
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
        made = sys.modules['handed_in.{task}'].TASK.use(variant, inputs)
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


def as_class(task: str, answer: str, mistake: str, base: str) -> str:
    """As ``from_catalogue`` for a task whose answer is a class; ``base`` is a right class."""
    method = METHODS.get(task, "forward")
    return from_catalogue(task, answer, mistake) + CLASS.format(
        answer=answer, base=base, method=method, task=task
    )


@cache
def _packed(task: str) -> tuple[tuple[str, str], ...]:
    """Name and packed source of the task's modules, those that it needs first."""
    folder = ROOT / "dlworkbook" / "checks" / "tasks"
    done: dict[str, str] = {}

    def add(name: str) -> None:
        source = (folder / f"{name}.py").read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                for part in [node.module] if node.module else [a.name for a in node.names]:
                    if part not in done:
                        add(part)
        source = source.replace("from ..", "from dlworkbook.checks.")
        source = source.replace("from . import", "from handed_in import")
        source = source.replace("from ._", "from handed_in._")
        packed = base64.b64encode(zlib.compress(source.encode(), 9)).decode()
        done[f"handed_in.{name}"] = packed

    load(task)
    add(task)
    return tuple(done.items())

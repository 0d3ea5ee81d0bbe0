"""Finds what a task leaves out in the code of an answer, without running it.

The code is read as Python has compiled it: a class of a notebook has no source that could be found.
"""

from __future__ import annotations

import dis
import inspect
import sys
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

AUTOGRAD = (  # what differentiates by itself, for tasks that leave it out, or ask for it
    ".backward", "torch.autograd.grad", "torch.func.grad", "torch.func.grad_and_value",
    "torch.func.jacrev", "torch.func.jacfwd", "torch.func.vjp", "torch.func.jvp",
    "torch.autograd.functional.jacobian", "torch.autograd.functional.vjp",
)
SHORT = {"nn": "torch.nn", "F": "torch.nn.functional", "np": "numpy"}
_READ = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF")


def used(answer: Any, names: Iterable[str]) -> list[str]:
    """Those of the names that the code of an answer uses, itself or through the learner's own code.

    A name is that of a thing in a library, as pages write it (``nn.GRU``, ``np.polyfit``), which is
    found under any other name too; ``.softmax`` is a method or attribute of whatever object, left
    out where a thing is found whose name ends so.
    """
    names, seen = list(names), list(_seen(answer, getattr(answer, "__module__", None), set()))
    known = {name: _thing(name) for name in names if not name.startswith(".")}
    found = [
        name for name in names
        if any(one is known[name] for one in seen if known.get(name) is not None)
        or any(isinstance(one, str) and one == name for one in seen)
    ]
    things = [name for name in found if name in known]
    return [
        name for name in found
        if name in known or not any(thing.endswith(name) for thing in things)
    ]


def _thing(name: str) -> Any:
    """What a name stands for; None where no code can have loaded it."""
    first, _, rest = name.partition(".")
    path = f"{SHORT.get(first, first)}.{rest}".split(".")
    k = next((k for k in range(len(path), 0, -1) if ".".join(path[:k]) in sys.modules), 0)
    thing = sys.modules.get(".".join(path[:k]))
    for part in path[k:]:  # of a module only what is there: to ask may load more
        thing = vars(thing).get(part) if isinstance(thing, ModuleType) else getattr(
            thing, part, None)
    return thing


def _seen(value: Any, module: str | None, done: set[int]) -> Iterator[Any]:
    """All things that code of the learner's ``module`` refers to, and ``.name`` of attributes."""
    yield value
    if id(value) in done or getattr(value, "__module__", None) != module:
        return
    done.add(id(value))
    if isinstance(value, type):
        parts = [*value.__bases__, *vars(value).values()]
    else:
        parts = list(_references(value))
    for part in parts:
        yield part
        if not isinstance(part, str):
            yield from _seen(_function(part), module, done)


def _function(value: Any) -> Any:
    """The function of a learner's method, behind ``staticmethod``, ``property`` and decorators."""
    value = getattr(value, "fget", None) or getattr(value, "__func__", value)
    try:
        return inspect.unwrap(value)
    except ValueError:  # it wraps itself
        return value


def _references(function: Any) -> Iterator[Any]:
    if not isinstance(function, FunctionType):
        return
    outer = dict(function.__globals__)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        try:
            outer[name] = cell.cell_contents
        except ValueError:  # not filled yet
            continue
    todo = [function.__code__]
    while todo:
        code = todo.pop()
        todo += [part for part in code.co_consts if isinstance(part, CodeType)]
        value: Any = None
        package: Any = None  # of `from package import name`
        before: Any = None  # the constant before: in an import, the names behind `from ... import`
        local: dict[str, Any] = {}  # what the function itself has imported or named
        for step in dis.get_instructions(code):
            names = step.argval if isinstance(step.argval, tuple) else (step.argval,)
            if step.opname.startswith("STORE_FAST"):
                local[names[0]] = value
            if step.opname in _READ:
                value = outer.get(step.argval)
            elif "LOAD_FAST" in step.opname:  # of two names in one step, the last is on top
                value = local.get(names[-1])
            elif step.opname == "STORE_DEREF":
                outer[step.argval] = value
            elif step.opname in ("SWAP", "POP_TOP"):  # in `import torch.nn as nn`
                package = value
                continue
            elif step.opname == "IMPORT_NAME":  # without `from`, it gives torch for torch.nn
                whole = step.argval if before else step.argval.partition(".")[0]
                value = package = sys.modules.get(whole)
            elif step.opname == "IMPORT_FROM":
                value = getattr(package, step.argval, None)
            elif step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
                yield f".{step.argval}"
                inside = value if isinstance(value, ModuleType) else None  # runs no other code
                value = getattr(inside, step.argval, None)
            else:
                value, before = None, step.argval
                continue
            yield value

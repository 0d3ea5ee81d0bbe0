"""Shifts every seed of a program from outside: torch, NumPy, ``random`` and their generators.

A result that holds for one seed only is luck. ``make claims`` and the notebook tests run pages
with other seeds without changing the pages: this file is executed when a kernel starts, before
its first cell, and from then on ``torch.manual_seed(0)`` seeds with 0 + shift, and so does every
other call that takes a whole number as a seed. It imports nothing of the project, because it
also runs in environments that lack it.
"""

from __future__ import annotations

import ctypes
import functools
import gc
import random


def shift(amount: int) -> None:
    """Add ``amount`` to every seed that is given from now on."""
    if not amount:
        return
    _shift_random(amount)
    _shift_numpy(amount)
    _shift_torch(amount)


def startup_line(amount: int) -> str:
    """Python code for a kernel's first line (``--IPKernelApp.exec_lines``)."""
    return f"import runpy; runpy.run_path({__file__!r})['shift']({amount}); del runpy"


def _moved(function, amount: int, position: int = 0):
    """The function with ``amount`` added to the seed, a whole number at this position."""

    @functools.wraps(function)
    def seeded(*args, **kwargs):
        args = list(args)
        if len(args) > position:
            args[position] = _added(args[position], amount)
        for name in ("seed", "a", "random_state"):
            if name in kwargs:
                kwargs[name] = _added(kwargs[name], amount)
        return function(*args, **kwargs)

    return seeded


def _added(seed, amount: int):
    whole = hasattr(seed, "__index__") and not isinstance(seed, bool)
    return int(seed) + amount if whole else seed


def _shift_random(amount: int) -> None:
    class Random(random.Random):
        def __new__(cls, *args):
            return super().__new__(cls)

        def __init__(self, x=None):
            super().__init__(_added(x, amount))

    random.Random = Random
    random.seed = _moved(random.seed, amount)


def _shift_numpy(amount: int) -> None:
    import numpy as np

    class RandomState(np.random.RandomState):
        def __init__(self, seed=None):
            super().__init__(_added(seed, amount))

    np.random.RandomState = RandomState
    for name in ("seed", "default_rng", "SeedSequence", "PCG64", "MT19937", "Philox", "SFC64"):
        if isinstance(getattr(np.random, name), type):
            setattr(np.random, name, _seeded_class(getattr(np.random, name), amount))
        else:
            setattr(np.random, name, _moved(getattr(np.random, name), amount))


def _seeded_class(cls: type, amount: int) -> type:
    class Seeded(cls):
        def __init__(self, seed=None, **kwargs):
            super().__init__(_added(seed, amount), **kwargs)

    Seeded.__name__ = cls.__name__
    return Seeded


def _shift_torch(amount: int) -> None:
    try:
        import torch
    except ImportError:
        return
    original = torch.manual_seed
    torch.manual_seed = _moved(original, amount)
    torch.random.manual_seed = torch.manual_seed
    # Generator is a type of C that takes no subclass and no new attribute: write into its table.
    table = gc.get_referents(torch.Generator.__dict__)[0]
    method = table["manual_seed"]

    def manual_seed(self, seed):
        return method(self, _added(seed, amount))

    table["manual_seed"] = manual_seed
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(torch.Generator))
    # torch.manual_seed seeds the default generator by this very method: not twice.
    default = torch.default_generator

    def seed_default(seed):
        seed = int(seed) + amount if hasattr(seed, "__index__") else seed
        torch.cuda.manual_seed_all(seed)
        method(default, seed)
        return default

    torch.manual_seed = torch.random.manual_seed = functools.wraps(original)(seed_default)

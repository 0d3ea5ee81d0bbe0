"""Notice, and undo, what a notebook changed in the libraries that checks rely on.

Not a wall: code that runs in the same process can always find a way. It catches what is tried,
such as ``torch.allclose = lambda *a, **k: True``.
"""

from __future__ import annotations

import builtins
import sys
import sysconfig
import types

WATCHED = (
    "builtins",
    "numpy",
    "numpy.linalg",
    "torch",
    "torch.nn",
    "torch.nn.functional",
    "torch.testing",
    "inspect",
    "signal",
    "time",
    "json",
    "os",
    "ast",
    "importlib",
)
CLASSES = (("torch", "Tensor"),)
OWN = "dlworkbook"
# What Python and IPython change themselves; a cell that is stopped may leave it either way.
STATE = {"__builtins__", "__warningregistry__", "_", "exit", "quit", "get_ipython", "display"}
# What people replace to read more comfortably: put back, and no word about it.
SHOWS = {"__repr__", "__str__", "__format__", "_repr_html_", "print", "input", "help"}
LIBRARIES = tuple({sysconfig.get_path(key) for key in ("stdlib", "purelib", "platlib")})


class Watch:
    """What the libraries were like when this was made."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, object, dict]] = []
        for name, module in sorted(sys.modules.items()):
            if isinstance(module, types.ModuleType) and (
                name in WATCHED or name.partition(".")[0] == OWN
            ):
                self.kept.append((name, module, dict(vars(module))))
        for module, name in CLASSES:
            owner = getattr(sys.modules.get(module), name, None)
            if owner is not None:
                self.kept.append((f"{module}.{name}", owner, dict(vars(owner))))
        self.code = {
            id(value): (f"{name}.{key}", value, value.__code__)
            for name, owner, before in self.kept
            if name.partition(".")[0] == OWN
            for key, value in before.items()
            if isinstance(value, types.FunctionType)
        }

    def undo(self) -> list[str]:
        """Put everything back; the names of what was changed, such as ``torch.allclose``."""
        changed = []
        for name, owner, before in self.kept:
            for key, value in before.items():
                if key in STATE:
                    continue
                now = vars(owner).get(key, self)
                if now is value or not _replaced(value, now) or _by_library(key, now):
                    continue
                if not _harmless(key, now):
                    changed.append(f"{name}.{key}".removeprefix("builtins."))
                setattr(owner, key, value)
        for name, function, code in self.code.values():
            if function.__code__ is not code:
                changed.append(name)
                function.__code__ = code
        builtins.__dict__.pop("_", None)
        return sorted(set(changed))


def _replaced(before: object, now: object) -> bool:
    """Whether a change is a replaced function, class or module, and not just new state."""
    kinds = (type, types.ModuleType)
    return callable(before) or isinstance(before, kinds) or isinstance(now, kinds)


def _by_library(name: str, now: object) -> bool:
    """Whether a library wrapped its own function late, as torch does with ``manual_seed``."""
    code = getattr(now, "__code__", None)
    file = getattr(code, "co_filename", "")
    return file.startswith(LIBRARIES) and getattr(now, "__name__", "") == name


def _harmless(key: str, now: object) -> bool:
    """Whether a change only shows values in another way, or is an alias such as np.bool = bool."""
    return key in SHOWS or (isinstance(now, type) and vars(builtins).get(key) is now)


def private(prefix: str = OWN) -> dict[str, types.ModuleType]:
    """Take the package's modules out of ``sys.modules``: a copy that notebooks do not see."""
    names = [n for n in sys.modules if n.partition(".")[0] == prefix]
    return {name: sys.modules.pop(name) for name in names}


def put_back(modules: dict[str, types.ModuleType], prefix: str = OWN) -> None:
    """Make a private copy the one that imports find."""
    for name in [n for n in sys.modules if n.partition(".")[0] == prefix]:
        del sys.modules[name]
    sys.modules.update(modules)

"""Gets the packages that a page imports where they are missing, and changes no other."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import subprocess
import sys

# Never installed from here: the right build of PyTorch depends on the machine.
TORCH = (
    "This page needs PyTorch, which is missing here. https://pytorch.org/get-started/locally/ "
    "says how to install it for this machine; then restart the kernel and run this cell again."
)
KEPT = ("torch", "numpy", "matplotlib")  # what is here already stays as it is
ALONE = "--no-deps "


def need(**modules: str) -> None:
    """Install what is missing: the name of a module = what pip calls it.

    With ``--no-deps`` before the name its dependencies are left out. Raises ModuleNotFoundError,
    with the command to type, if a package cannot be had here.
    """
    lacking = _lacking(modules)
    if "torch" in lacking:
        raise ModuleNotFoundError(TORCH)
    if not lacking:
        return
    names = [modules[module] for module in lacking]
    together = [name for name in names if not name.startswith(ALONE)]
    commands = [["--no-deps", name.removeprefix(ALONE)] for name in names if name not in together]
    if together:
        kept = [name for name in KEPT if importlib.util.find_spec(name) and name not in together]
        pins = [f"{name}=={importlib.metadata.version(name)}" for name in kept]
        commands.append([*together, *pins])
    print("Installing", ", ".join(name.removeprefix(ALONE) for name in names))
    for command in commands:
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", *command], check=False)
    if _lacking(modules):
        lines = "".join(f"\n    {sys.executable} -m pip install {' '.join(c)}" for c in commands)
        raise ModuleNotFoundError(
            f"This page needs {', '.join(_lacking(modules))}, and pip could not install it here. "
            f"Does this notebook have a network? In a terminal:{lines}\n"
            f"Then restart the kernel and run this cell again."
        )


def _lacking(modules: dict[str, str]) -> list[str]:
    importlib.invalidate_caches()
    return [module for module in modules if importlib.util.find_spec(module) is None]

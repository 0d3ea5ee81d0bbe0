"""The set-up cell of a student's notebook: gets the helper package from beside the notebook."""

from __future__ import annotations

import textwrap

from publish.notebooks.set_up import packages

from .variants import MARK

CODE = """\
# @title Set-up: run this first. It gets the helper package of the course if it is missing
try:
    import dlworkbook
except ImportError:
    import pathlib

    wheels = sorted(pathlib.Path().resolve().glob('dlworkbook-*.whl'))
    site = {site!r}
    source = str(wheels[-1]) if wheels else f'{{site}}/wheels/{wheel}' if site else ''
    if not source:
        raise ModuleNotFoundError(
            "The helper package 'dlworkbook' is missing. Put the file {wheel}, "
            'which was handed out with this notebook, into the folder of the notebook (in '
            'Colab: drag it into the Files pane on the left), then run this cell again.'
        ) from None
    %pip install -q --no-deps {{source}}
    import dlworkbook

from dlworkbook import needs, packages

packages.need(
{packages})
needs.heed(  # what cells that begin with '# needs:' wait for
{answers})"""
HOLD = """

from dlworkbook import checks

checks.hold(  # what the checks of this notebook ask for
{keys})"""


def setup_cell(
    imports: set[str],
    site: str,
    wheel: str,
    answers: dict[str, str | None],
    keys: str = "",
    mark: str = "",
) -> str:
    """Code of the first cell. ``wheel`` is the file name of the helper package.

    ``imports`` are the lab's; what is missing of them is installed. ``answers`` are those that
    cells may wait for, each with the task that checks it. ``keys``: of the practice problems,
    packed; empty without any. ``mark``: of whom these problems are, where they vary.
    """
    code = CODE.format(
        site=site, wheel=wheel, packages=_arguments(packages(imports)), answers=_arguments(answers)
    )
    return code + held(keys, mark)


def held(keys: str, mark: str) -> str:
    """The end of the cell, which is about practice problems; empty without any."""
    lines = "".join(f"    {line!r}\n" for line in textwrap.wrap(keys, 72))
    whose = f"\n{MARK} = {mark!r}  # whose problems these are" if mark else ""
    return HOLD.format(keys=lines) * bool(keys) + whose


def _arguments(given: dict[str, str | None]) -> str:
    return "".join(f"    {name}={value!r},\n" for name, value in given.items())

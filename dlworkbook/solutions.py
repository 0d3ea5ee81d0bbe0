"""Keeps what a solution puts out in a fold, so that 'Run all' gives nothing away.

Later cells may build on a solution, so a notebook runs it with all the others. Once :func:`fold`
was called, which the set-up cell does, a cell that begins with the line

    # @title Solution of exercise 3

runs as it stands, but what it prints and draws appears in a fold below it, which opens with a
click in JupyterLab, Colab and VS Code. An error is shown as ever. The code is plain Python and
can be copied; without that first line it is a cell like any other.
"""

from __future__ import annotations

import base64
import sys
from html import escape

TITLE = "Solution of exercise"
MARK = f"# @title {TITLE}"
MAGIC = "folded"
_SVG = "image/svg+xml"
_PICTURES = (_SVG, "image/png", "image/jpeg")


def fold() -> None:
    """From now on, fold what solutions put out. Does nothing outside of IPython, or twice."""
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None or _mark in shell.input_transformers_cleanup:
        return
    shell.register_magic_function(_run, "cell", MAGIC)
    shell.input_transformers_cleanup.append(_mark)


def _mark(lines: list[str]) -> list[str]:
    """Hand a cell with the title of a solution to :func:`_run`."""
    if not lines or not lines[0].startswith(MARK):
        return lines
    return [lines[0].replace("# @title", f"%%{MAGIC}"), *lines[1:]]


def _run(title: str, code: str) -> None:
    """Run a solution and show what it puts out in a fold; raises what the solution raises."""
    from IPython import get_ipython
    from IPython.display import display
    from IPython.utils.capture import capture_output

    shell = get_ipython()
    shell.showtraceback = lambda *args, **kwargs: None  # the error is raised below: once is enough
    try:
        with capture_output() as seen:
            result = shell.run_cell(f"# {title}\n{code}")  # so that its lines keep their numbers
    finally:
        del shell.showtraceback
    inside = "".join(_html(seen))
    if inside:
        words = f"{title}: to see what it puts out, delete the first line and run it again."
        summary = f'<summary style="cursor: pointer">{escape(title)}: what it puts out</summary>'
        data = {"text/html": f"<details>{summary}\n{inside}\n</details>", "text/plain": words}
        display(data, raw=True)
    result.raise_error()


def _html(seen):
    """Pieces of HTML for the text and the rich outputs that were captured."""
    for text in (seen.stdout, seen.stderr):
        if text:
            yield f"<pre>{escape(text)}</pre>"
    for data in _last(seen.outputs):
        picture = next((kind for kind in _PICTURES if kind in data), None)
        if "text/html" in data:
            yield f"<div>{data['text/html']}</div>"
        elif picture:
            yield f'<img alt="Figure of the solution" src="{_address(picture, data[picture])}">'
        elif "text/latex" in data and "google.colab" not in sys.modules:  # Colab would not set it
            yield f"<div>{escape(data['text/latex'])}</div>"
        else:
            yield f"<pre>{escape(data.get('text/plain', ''))}</pre>"


def _last(outputs):
    """The data of each output; of one that was written anew, as it was in the end."""
    found = {}
    for number, output in enumerate(outputs):
        name = (getattr(output, "transient", None) or {}).get("display_id", number)
        found[name] = output.data
    return found.values()


def _address(kind: str, data: bytes | str) -> str:
    """A data address of a picture. IPython has SVG as text, others as bytes or in base64."""
    if kind == _SVG:
        data = data.encode()
    packed = base64.b64encode(data).decode() if isinstance(data, bytes) else data.strip()
    return f"data:{kind};base64,{packed}"

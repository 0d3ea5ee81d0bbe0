"""The box of an answer as a notebook has it: what is asked, a line to fill in, and its check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from publish.page import answers
from publish.page.model import Answer

DEFAULT_LABEL = "Your answer"
_FORMS = {
    "number": "a number",
    "integer": "a whole number",
    "interval": "an interval, as text such as `'[0, 1)'`",
    "shape": "a shape, as a tuple",
    "vector": "a list of numbers",
    "matrix": "a list of rows",
    "expression": "an expression, as text or from sympy",
    "choice": "a letter, as text",
    "order": "a list of letters, first one first",
}
_SEVERAL = "a list of letters"


def label(name: str, spec: dict[str, Any], variable: str, line: Callable[[str], str]) -> str:
    """What is asked, what to call the answer, and the things to choose from.

    line(text) rewrites a line of Markdown for the notebook.
    """
    asked = line(str(spec.get("ask") or DEFAULT_LABEL))
    text = f"**{asked}**: `{variable}`, {form(spec)}"
    of = spec.get("of")
    if not isinstance(of, dict):
        return f"{text}."
    letters = list(of)
    if spec.get("kind") == "order":
        letters = answers.shuffled(name, letters, spec.get("is") or [])
    items = [f"- `'{letter}'`: {line(str(of[letter]))}" for letter in letters]
    return "\n".join([f"{text}:", "", *items])


def form(spec: dict[str, Any]) -> str:
    """How an answer of this kind is written in Python."""
    kind = spec.get("kind")
    words = _FORMS.get(str(kind), "a value")
    if kind == "choice" and isinstance(spec.get("is"), list):
        words = _SEVERAL
    if kind == "expression" and isinstance(spec.get("names"), dict) and spec["names"]:
        words += f", in {_listed([f'`{name}`' for name in spec['names']])}"
    if spec.get("unit"):
        words += f" ({spec['unit']})"
    if spec.get("tol"):
        words += f", within {100 * float(spec['tol']):g}%"
    return words


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def plain(title: str) -> str:
    """A title as the form of a cell shows it: without the marks of mathematics and code."""
    return title.translate(dict.fromkeys(map(ord, "$`*")))


def starter(answer: Answer) -> str:
    """The line to fill in."""
    return f"{answer.variable} = ..."


def check(name: str, variable: str) -> str:
    """The code of the cell that judges the answer with this id."""
    return f"from dlworkbook import checks\n\nchecks.check('{name}', {variable})"

"""The lint finds what it promises to find, at the right line, and nothing on a good page."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from publish import lint
from publish.lint import code as code_rules
from publish.lint.structure import sentences
from publish.page import code
from publish.page.book import Book
from publish.page.model import Heading, Paragraph
from publish.page.parser import Cell, Directive

ROOT = Path(__file__).resolve().parents[2]

GOOD = '''\
---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3}
workbook:
  number: "6.2"
  d2l:
    zh: ["6.2.1"]
    en: ["7.2.1"]
  level: E
  minutes: 10
  needs: [ch02_preliminaries/calculus, ch06_convolutional_networks/other]
  goals: [first goal, second goal, third goal]
  summary: What a doubled number is.
  widgets: []
  skip: {turn: the page has nothing to turn}
---

# Doubling

Twice a number is the number added to itself. How fast does it grow?

:::{admonition} Predict
:class: predict
What is twice 21?
:::

(here)=
## Derive: the sum

Two equal terms:

$$
d = x + x
$$ (eq-double)

```{code-cell} python
import sympy as sp

x = sp.symbols('x')
assert sp.expand(x + x - 2 * x) == 0
```

## Build: a function

```{code-cell} python
import matplotlib.pyplot as plt
import numpy as np

from dlworkbook import glue

def double(x):
    """Twice x."""
    y = x + x
    return y

assert double(21) == 42
glue('seconds', 0.5)
```

It took {glue:text}`seconds:.1f` s.

## See

```{code-cell} python
---
mystnb:
  image: {alt: "A straight line with slope two."}
  figure: {caption: "Twice x grows twice as fast as x.", name: fig-double}
---
plt.plot(np.arange(3), double(np.arange(3)))
plt.show()
```

By {eq}`eq-double` and {numref}`fig-double`, see {ref}`the sum <here>`, {ref}`ex-half`,
{doc}`other`, {cite:t}`someone2020` and [the other page](other.md).

## Break

```{code-cell} python
double('21')
```

## Exercises

::::{exercise} Half
:label: ex-half
:number: zh 6.2.1, en 7.2.1
:level: M

Write the inverse.

:::{hint}
Divide.
:::
::::

```{code-cell} python
:tags: [starter]
def my_half(x):
    """Half of x."""
    ...
```

```{code-cell} python
:tags: [check]
from dlworkbook import checks

checks.check('half', my_half)
```

:::{solution} ex-half
Divide by two.
:::

```{code-cell} python
:tags: [solution]
def half(x):
    """Half of x."""
    y = x / 2
    return y
```

## In two minutes

Twice a number is its sum with itself.

## Sources

None is needed.
'''
NAME = "book/ch06_convolutional_networks/doubling"
OTHER = '---\nworkbook: {number: "6.3"}\n---\n\n# Other\n\n(taken)=\nText.\n'


class SmallBook:
    """A book of two pages in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        folder = root / "book" / "ch06_convolutional_networks"
        folder.mkdir(parents=True)
        (root / "_toc.yml").write_text(
            "format: jb-book\nroot: index\nchapters:\n"
            f"- file: {NAME}\n- file: {NAME.replace('doubling', 'other')}\n"
        )
        (root / "index.md").write_text("# Book\n")
        (folder / "other.md").write_text(OTHER)
        (root / "book" / "references.bib").write_text(
            "@book{someone2020, title={T}, author={A. Someone}, year={2020}, publisher={P}}\n"
        )

    def lint(self, text: str) -> list[lint.Issue]:
        (self.root / f"{NAME}.md").write_text(text, encoding="utf-8")
        return lint.lint(self.root, [NAME])


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> SmallBook:
    return SmallBook(tmp_path_factory.mktemp("book"))


def test_a_good_page_has_no_findings(book):
    assert book.lint(GOOD) == []


# What is replaced, by what, what the line of the finding holds, what the finding says.
BROKEN = {
    # front matter
    "yaml": ("minutes: 10", "minutes: [10", None, "the front matter is not YAML"),
    "unknown key": ("minutes: 10", "hours: 1", "hours: 1", "unknown key"),
    "wrong level": ("  level: E", "  level: X", "level: X", "must be one of E, M, H"),
    "no kernel": ("kernelspec: {name: python3, display_name: Python 3}\n", "", "---", "kernelspec"),
    "no jupytext": (
        "jupytext: {text_representation: {extension: .md, format_name: myst}}\n", "", "---",
        "jupytext",
    ),
    "no summary": ("  summary: What a doubled number is.\n", "", "workbook:", "lacks 'summary'"),
    "no level": ("  level: E\n", "", "workbook:", "lacks 'level'"),
    "no number": ('  number: "6.2"\n', "", "workbook:", "lacks 'number'"),
    "two-sentence summary": ("number is.", "number is. So.", "summary:", "one sentence"),
    "open summary": ("number is.", "number is", "summary:", "full stop"),
    "two goals": (", third goal]", "]", "goals:", "2 goals; write three or four"),
    "five goals": ("third goal", "third, fourth, fifth", "goals:", "5 goals"),
    "wrong number": ('number: "6.2"', 'number: "6.4"', "number:", 'is "6.2"; use that'),
    "wrong chapter": ('number: "6.2"', 'number: "7.2"', "number:", "does not belong into folder"),
    "number taken": ('number: "6.2"', 'number: "6.3"', "number:", "is also that of"),
    "unplanned need": ("ch02_preliminaries/calc", "ch02_prelims/calc", "needs:", "planned chapter"),
    "misspelt need": ("networks/other]", "networks/othr]", "needs:", "did you mean"),

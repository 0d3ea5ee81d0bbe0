"""Single exercises of pages: the code that they need comes along, and nothing that tells an answer.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from grading.make import lab
from tests.grading import small_lab

HEAD = """\
---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3}
workbook:
  number: "6.7"
  level: M
  minutes: 20
  goals: [a, b, c]
  summary: A page for the tests of grading.
---

"""
PAGE = HEAD + """\
# Windows

A window slides. One formula:

$$
y = x + 1
$$ (eq-windows)

```{code-cell} python
import numpy as np, time
from torch import nn
from dlworkbook import style

style.use()
unused = 1
```

```{code-cell} python
sizes = 3, 4
```

```{code-cell} python
:tags: [slow]
weights = np.ones(sizes)
```

```{code-cell} python
scale, factor = 2, np.pi
```

```{code-cell} python
import math

def helper(x):
    \"\"\"Reads another name, and an import.\"\"\"
    local = 1
    return math.floor(scale * x[:local].sum())
```

```{code-cell} python
scale = scale + 1
X, unrelated = np.arange(4.), 5
```

```{code-cell} python
def linear(X, W, b):
    \"\"\"What students are asked for.\"\"\"
    return X @ W + b
```

```{code-cell} python
:tags: [remove-input, remove-output]
from dlworkbook import checks

shown = 6
checks.proves('ex-win-size', shown)
```

## Break: mistakes

```{code-cell} python
print('told')
```

## Exercises

::::{exercise} A linear layer
:label: ex-win-linear
:number: own
:level: E

Write `my_linear(X, W, b)`; {eq}`eq-windows` helps, and so does {ref}`the other <ex-win-size>`, not
{ref}`that <ex-win-other>`.[^why] Look at `helper(X)` and `nn.Linear(2, 3)`; `unrelated` is none.
::::

```{code-cell} python
:tags: [starter]
def my_linear(X, W, b):
    \"\"\"X (batch, inputs).\"\"\"
    ...
```

```{code-cell} python
:tags: [check]
from dlworkbook import checks

checks.check('linear', my_linear)
```

:::{solution} ex-win-linear
A product and a shift.
:::

```{code-cell} python
:tags: [solution]
from functools import reduce

order = [0, 1]

def by_hand(X, W, b):
    \"\"\"Uses names of this cell.\"\"\"
    return [X @ W, b][order[0]] + reduce(max, [b])

assert np.allclose(linear(X[None], np.ones((4, 2)), 0), by_hand(X, np.ones((4, 2)), 0))
report = checks.check('linear', by_hand)
report
```

::::{exercise} Sizes
:label: ex-win-size
:number: own
:level: E

How many?

:::{answer} ex-win-size
kind: integer
ask: "Windows"
is: 6
slips: [{is: 8, say: "Nothing is padded here."}]
else: "Count."
:::
::::

:::{solution} ex-win-size
Six.
:::

```{code-cell} python
:tags: [solution]
checks.proves('ex-win-size', len(weights) * 2)
```

::::{exercise} Not chosen
:label: ex-win-other
:number: own
:level: E

Nobody asks.
::::

:::{solution} ex-win-other
Nothing.[^other]
:::

[^why]: By definition.
[^other]: Not pointed to.
"""
PLAN = """\
title: Windows
pages:
  - {page: ch06_small/windows, points: {linear: 2, ex-win-size: 1}}
"""


def loaded(root: Path, page: str = PAGE, plan: str = PLAN) -> lab.Lab:
    """The assignment of a book with these."""
    if not root.exists():
        small_lab.make(root)
        (root / "_toc.yml").open("a").write("  - file: book/ch06_small/windows\n")
    (root / "book" / "ch06_small" / "windows.md").write_text(page, encoding="utf-8")
    (root / "assignments" / "windows.yml").write_text(plan, encoding="utf-8")
    return lab.load("windows", root)


@pytest.fixture
def cells(tmp_path) -> list:
    return loaded(tmp_path / "book").cells


def code(cells, *roles: str) -> list[str]:
    return [c.source for c in cells if c.kind == "code" and c.role in roles]


def test_what_is_needed_comes_along_in_the_order_of_the_page(cells):
    imports, values, helper = code(cells, "code")
    assert imports.split("\n") == [
        "import math", "import numpy as np", "from dlworkbook import checks"]
    assert values == "scale, factor = 2, np.pi"
    assert helper.startswith("def helper(x):") and helper.endswith("sum())")
    text = "\n".join(cell.source for cell in cells)
    assert "style.use()" not in text and "sizes" not in text and "told" not in text
    assert "X @ W + b" not in text  # the page's own answer, needed by what is left out alone


def test_a_solution_is_cut_down_to_the_answer(cells):
    key, solution = code(cells, "solution")[::-1]
    assert key == "ex_win_size = 6"
    assert solution == (
        "from functools import reduce\n\norder = [0, 1]\n\ndef by_hand(X, W, b):\n"
        '    """Uses names of this cell."""\n    return [X @ W, b][order[0]] + reduce(max, [b])\n\n'
        "linear = by_hand\nreport = checks.check('linear', by_hand)\nreport")
    argued = [c.source for c in cells if c.role == "solution" and c.kind == "markdown"]
    assert "```python\nchecks.proves('ex-win-size', len(weights) * 2)\n```" in argued


def test_what_the_text_points_to(cells):
    (statement,) = [c.source for c in cells if "Write `linear" in c.source]
    assert statement.startswith("### Exercise 1: A linear layer\n")
    assert "(1) of Windows helps" in statement
    assert "[the other](#ex-win-size), not\nthat.<sup>[1](#note-1)</sup>" in statement
    assert cells[-3].source == (  # behind it, all checks once more
        '## Notes\n\n1. <a id="note-1" name="note-1"></a>By definition.\n'
        '2. <a id="note-2" name="note-2"></a>Not pointed to.')
    assert next(c.source for c in cells if c.source.startswith("## ")) == "## Windows"


def test_a_cell_that_tells_is_for_the_solution_alone(tmp_path):
    """The solution of the task is made of what the page computes beside the answer."""
    page = PAGE.replace("    return [X @ W, b][order[0]] + reduce(max, [b])",
                        "    return linear(X, W, b) + 0 * shown")
    cells = loaded(tmp_path / "book", page).cells
    told = [c for c in cells if "return X @ W + b" in c.source or "shown = 6" in c.source]
    assert len(told) == 2 and {c.role for c in told} == {"solution"}
    roles = [c.role for c in cells if c.label == "ex-win-linear"]
    assert roles == ["exercise", "starter", "check", *["solution"] * 4]


def test_a_needed_cell_that_trains_keeps_its_tag(tmp_path):
    page = PAGE.replace("Look at `helper(X)`", "Look at `helper(X)` and `train()`").replace(
        "weights = np.ones(sizes)", "def train():\n    return np.ones(sizes)")
    made = loaded(tmp_path / "book", page)
    (cell,) = [c for c in made.cells if "def train()" in c.source]
    assert (cell.role, cell.tags) == ("code", ["slow"])
    assert "sizes = 3, 4" in code(made.cells, "code")


def test_notes_of_several_pages_have_numbers_of_their_own(tmp_path):
    root = tmp_path / "book"
    loaded(root)
    other = PAGE.replace("ex-win", "ex-two").replace("eq-windows", "eq-two").replace(
        "# Windows", "# Doors").replace("'linear'", "'corr2d'").replace("my_linear", "my_corr2d")
    (root / "book" / "ch06_small" / "doors.md").write_text(other, encoding="utf-8")
    (root / "_toc.yml").open("a").write("  - file: book/ch06_small/doors\n")
    more = PLAN + "  - {page: ch06_small/doors, points: {corr2d: 1, ex-two-size: 1}}\n"
    made = loaded(root, plan=more)
    texts = [c.source for c in made.cells if "<sup>" in c.source]
    assert [text.count(f"](#note-{k}-1)") for k, text in enumerate(texts, 1)] == [1, 1]
    notes = made.cells[-3].source
    assert notes.startswith('## Notes\n\nWindows:\n\n1. <a id="note-1-1" name="note-1-1">')
    assert '\n\nDoors:\n\n1. <a id="note-2-1"' in notes
    assert [c.source for c in made.cells if c.source.startswith("# ")] == [made.cells[0].source]

"""A lab page: what its first screen must say, and what students must not find."""

from __future__ import annotations

import pytest

from tests.lint.test_lint import GOOD, SmallBook

HEAD, _, REST = GOOD.partition("# Doubling\n")
HEAD = HEAD.replace(
    "  minutes: 10\n", '  lab: ["3"]\n')
HEAD = HEAD.replace("skip: {turn: the page has nothing to turn}", "skip: {see: nothing to draw}")
HEAD = HEAD.replace('    zh: ["6.2.1"]\n    en: ["7.2.1"]', "    zh: []\n    en: []")
EXERCISE = REST[REST.index("::::{exercise}") : REST.index("## In two")]
EXERCISE = EXERCISE.replace("zh 6.2.1, en 7.2.1", "lab 3").replace(
    "    y = x / 2\n    return y\n", "    y = x\n    y = y / 2\n    return y\n"
).replace("check('half'", "check('softmax'")
LAB = f"""{HEAD}# Lab 3: half

Half of a number is what it is the double of. How is it written?

:::{{admonition}} What you write
:class: lab
| | lines | points | minutes |
|---|---:|---:|---:|
| `half`: one number | 3 | 4 | 8 |

**Open** the notebook. **Done when** the check is green.
:::

## Write

{EXERCISE}
## Run

```{{code-cell}} python
from dlworkbook import experiment, targets

targets({{'a': 1}}, experiment('ch06_convolutional_networks/doubling_usual'))
```

## Break

```{{code-cell}} python
print(1)
```

## Sources

None is needed.
"""


PLAN = """\
title: half
lab: 3
pages:
  - {page: ch06_convolutional_networks/doubling, text: page, points: {softmax: 4}}
"""


@pytest.fixture
def book(tmp_path) -> SmallBook:
    made = SmallBook(tmp_path)
    (made.root / "assignments").mkdir()
    (made.root / "assignments" / "lab3.yml").write_text(PLAN)
    return made


def test_a_good_lab_has_no_findings(book):
    assert book.lint(LAB) == []


@pytest.mark.parametrize(("old", "new", "told"), [
    (":class: lab\n", "", "a lab begins with"),
    ("| `half`: one number | 3 | 4 | 8 |", "| `half`: one number | 2 | 4 | 8 |",
     "needs the row '| `half`: ... | 3 | 4 | 8 |'"),
    (":level: M\n", ":level: M\n:minutes: 20\n", "| 3 | 4 | 20 |"),
    ("| `half`: one", "| half: one", "needs the row"),
    ("**Open**", "Open", "says nothing of '**Open**'"),
    ("**Done when**", "Done when", "says nothing of '**Done when**'"),
    ("Write the inverse.", "Write the inverse. 4 points.", "'4 points': points stand in"),
    ("targets({'a': 1}, experiment(", "print(targets, experiment(", "no table of targets"),
    ("## Write", "## Tasks", "part 'Write' is missing"),
    ("## Run\n", "## Run\n\n{glue:text}`x`\n\n```{code-cell} python\n:tags: [remove-input, "
     "remove-output]\nfrom dlworkbook import glue\n\nglue('x', 1)\n```\n", "a glued number"),
])
def test_what_a_lab_lacks_is_told(book, old, new, told):
    assert old in LAB
    found = [issue.message for issue in book.lint(LAB.replace(old, new, 1))]
    assert len(found) == 1 and told in found[0], found


@pytest.mark.parametrize(("old", "new", "told"), [
    ("softmax: 4", "softmax: 5", "| 3 | 5 | 8 |"),
    ("lab: 3\n", "", "a lab needs the file assignments/lab3.yml"),
    ("text: page", "text: exercises", "a lab needs the file assignments/lab3.yml"),
])
def test_points_stand_in_the_file_of_the_assignment(book, old, new, told):
    (book.root / "assignments" / "lab3.yml").write_text(PLAN.replace(old, new))
    found = [issue.message for issue in book.lint(LAB)]
    assert len(found) == 1 and told in found[0], found


def test_pages_from_before_and_other_pages_are_no_labs(book):
    assert book.lint(GOOD.replace("  level: E", '  lab: ["3"]\n  level: E')) == []

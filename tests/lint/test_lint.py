"""The lint finds what it promises to find, at the right line, and nothing on a good page."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from publish import lint
from publish.lint import code as code_rules
from publish.lint import structure
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
    "wrong number": ('number: "6.2"', 'number: "6.4"', "number:", 'is "6.2"; use that, or'),
    "wrong chapter": ('number: "6.2"', 'number: "7.2"', "number:", "does not belong into folder"),
    "number taken": ('number: "6.2"', 'number: "6.3"', "number:", "is also that of"),
    "unplanned need": ("ch02_preliminaries/calc", "ch02_prelims/calc", "needs:", "planned chapter"),
    "misspelt need": ("networks/other]", "networks/othr]", "needs:", "did you mean"),
    "unknown question": ("  needs:",
                         "  interview: [vanishing gradient in sigmoid layers]\n  needs:",
                         "interview:", "the nearest is 'vanishing gradients in 20 sigmoid"),
    "unknown lab": ("  level: E", '  lab: ["7"]\n  level: E', "lab:", "known are 2, 3, 5"),
    # head and parts
    "no title": ("# Doubling\n", "", "---", "no title"),
    "second title": ("## Break", "# Break", "# Break", "a second title"),
    "text before title": ("# Doubling", "Hm.\n\n# Doubling", "Hm.", "stands before the title"),
    "level left out": ("## Sources\n", "## Sources\n\n#### Deep\n", "#### Deep", "leave none out"),
    "no first paragraph": (
        "Twice a number is the number added to itself. How fast does it grow?\n", "",
        ":::{admonition}", "a paragraph of one or two sentences must follow the title",
    ),
    "three sentences": ("How fast", "So. How fast", "Twice a", "has 3 sentences"),
    "no prediction": (":class: predict\n", "", "# Doubling", "no prediction"),
    "late prediction": ("# Doubling\n\nTwice", "# Doubling\n\nT.\n\n## Early\n\nTwice",
                        ":::{admonition}", "before the first '##'"),
    "part missing": ("## Derive: the sum", "## Sum", "# Doubling", "part 'Derive' is missing"),
    "part empty": ("None is needed.\n", "", "## Sources", "is empty"),
    "part twice": ("None is", "Hm.\n\n## Sources\n\nNone is", "## Sources", "a second part"),
    "parts swapped": ("## Build: a function", "## See first", "## See", "a second part"),
    "wrong order": ("## Derive: the sum\n", "## Break\n\n## Derive: the sum\n", "## Break",
                    "stands before"),
    "skipped but there": ("{turn: the", "{see: x, turn: the", "## See", "remove it from skip"),
    "predict skipped but there": ("{turn: the", "{predict: x, turn: the", ":::{admonition}",
                                  "remove it from skip"),
    "skip without reason": ("{turn: the page has nothing to turn}", "{turn: ''}", "skip:",
                            "needs a reason"),
    "nothing asserted": ("assert double(21) == 42\n", "", "## Build", "'Build' is asserted"),
    "formula unchecked": ("assert sp.expand(x + x - 2 * x) == 0", "x + x", "## Derive",
                          "nothing in 'Derive' is asserted"),
    "nothing run in Break": ("```{code-cell} python\ndouble('21')\n```", "Nothing.", "## Break",
                             "'Break' runs nothing"),
    # vocabulary
    "unknown directive": (":::{hint}", ":::{dropdown}", ":::{dropdown}",
                          "unknown directive {dropdown}"),
    "unknown role": ("{doc}`other`", "{term}`other`", "{term}", "unknown role {term}"),
    "unknown tag": ("[solution]", "[solutions]", "```{code-cell}", "unknown tag 'solutions'"),
    "raw HTML": ("None is needed.", "<b>None</b>.", "<b>", "HTML"),
    # exercises
    "no label": (":label: ex-half\n", "", "{exercise} Half", "lacks the option :label:"),
    "label prefix": ("ex-half", "half", "{exercise} Half", "must begin with 'ex-'"),
    "exercise level": (":level: M", ":level: X", "{exercise} Half",
                       "level must be one of E, M, H, not 'X'"),
    "no hint": (":::{hint}\nDivide.\n:::\n", "", "{exercise} Half", "has no hint"),
    "no solution": (":::{solution} ex-half\nDivide by two.\n:::\n", "", "{exercise} Half",
                    "has no solution"),
    "empty solution": ("Divide by two.\n:::\n", ":::\n\nText.\n", ":::{solution}",
                       "the solution is empty"),
    "solution of nothing": (":::{solution} ex-half", ":::{solution} ex-whole", ":::{solution}",
                            "no exercise of this label above"),
    "solution cell apart": ("Divide by two.\n:::\n", "Divide by two.\n:::\n\nText.\n",
                            "```{code-cell}", "must directly follow"),
    "no number of exercise": (":number: zh 6.2.1, en 7.2.1", ":number: ''", "{exercise} Half",
                              "lacks the option :number:"),
    "bad number of exercise": ("zh 6.2.1, en 7.2.1", "6.2.1", "{exercise} Half", "not '6.2.1'"),
    "number not listed": ("zh 6.2.1, en", "zh 6.2.1, zh 6.2.2, en", "{exercise} Half",
                          "zh 6.2.2 is not in the front matter"),
    "number not solved": ('zh: ["6.2.1"]', 'zh: ["6.2.1", "6.2.3"]', "zh:", "no exercise has"),
    "number that is none": ('"6.2.1"', '"6.2.9"', "zh:", "has exercises 1 to 4, not 9"),
    "section that is none": ('"7.2.1"', '"7.77.1"', "en:", "has no section 7.77"),
    "number twice": ("::::{exercise} Half", "::::{exercise} O\n:label: ex-o\n:number: zh 6.2.1\n"
                     ":level: E\nT\n::::\n\n::::{exercise} Half", "{exercise} Half",
                     "is also the number of the exercise"),
    "untitled exercise": ("{exercise} Half", "{exercise}", "{exercise}",
                          "needs a text after its name"),
    "hint outside": ("## In two", ":::{hint}\nH.\n:::\n\n## In two", ":::{hint}",
                     "outside an exercise"),
    "no exercise": ("## Exercises\n", "## Exercises\n\nNone.\n\n## More\n", "## Exercises",
                    "holds no {exercise}"),
    # labels and targets
    "label twice": ("(here)=", "(eq-double)=", "$$", "is already used in line"),
    "label taken": ("(here)=", "(taken)=", "(taken)=", "is also defined in"),
    "equation prefix": ("(eq-double)", "(double)", "$$", "must begin with 'eq-'"),
    "no such equation": ("{eq}`eq-double`", "{eq}`eq-triple`", "{eq}", "no equation has"),
    "no such label": ("<here>", "<there>", "{ref}", "nothing has this label"),
    "no such page": ("{doc}`other`", "{doc}`another`", "{doc}", "no such page in _toc.yml"),
    "number of another page": ("{doc}`other`", "{doc}`6.9 <other>`", "{doc}", "not 6.9"),
    "planned, and there": ("Twice a number is its sum with itself.", "Planned: other (6.3).",
                           "Planned", "is written; link to it"),
    "planned section, and there": ("Twice a number is its sum with itself.",
                                   "Section 6.3 on sums is planned.",
                                   "Section 6.3", "is written; link to it"),
    "chapter to come, and there": ("Twice a number is its sum with itself.",
                                   "Sums (chapter 6, still to come) are long.",
                                   "chapter 6", "is written; link to it"),
    "no such figure": ("{numref}`fig-double`", "{numref}`fig-half`", "{numref}", "no figure has"),
    "no such source": ("`someone2020`", "`someone2021`", "{cite:t}", "not in book/references.bib"),
    "broken link": ("(other.md)", "(another.md)", "(another.md)", "no such page in _toc.yml"),
    "broken file link": ("(other.md)", "(data.csv)", "(data.csv)", "no such file"),
    "http": ("(other.md)", "(http://example.org)", "http:", "use https"),
    # code
    "long line": ('    """Twice x."""', '    """Twice x."""  # ' + 70 * "x", "xxx", "at most 79"),
    "undefined name": ("y = x + x", "y = x + z", "y = x + z", "F821"),
    "unused import": ("import sympy as sp", "import os\nimport sympy as sp", "import os", "F401"),
    "syntax error": ("y = x + x", "y = x +", "y = x +", "invalid-syntax"),
    "no docstring": ('    """Twice x."""\n', "", "def double", "has no docstring"),
    "long docstring": ('"""Twice x."""', '"""Twice x.\n\n    More.\n    """', "def double",
                       "has several lines"),
    "starter unchecked": ("checks.check('half', my_half)\n", "checks\n", "```{code-cell}",
                          "must call checks.check"),
    "no check": (":tags: [check]", ":tags: [hide-input]", "```{code-cell}", "has no check"),
    "starter's name": ("my_half", "half_of", "def half_of", "call it 'my_half_of'"),
    "starter needed later": ("y = x / 2", "y = my_half(x)", "```{code-cell}", "uses 'my_half'"),
    "starter alone": (":::{hint}\nDivide.\n:::\n::::\n\n", ":::{hint}\nDivide.\n:::\n::::\n\n"
                      ":::{solution} ex-half\nS.\n:::\n\n", "```{code-cell}", "follows no"),
    "check untagged": (":tags: [check]", ":tags: [hide-input]", "```{code-cell}", "tag it 'check'"),
    "no figure in See": ("## See\n", "## See\n\nText.\n\n## More\n", "## See", "has no figure"),
    "image without alt": ("None is needed.", "![](other.md)", "![]", "has no alt text"),
    "plot without figure": ("  figure: {caption: \"Twice x grows twice as fast as x.\", "
                            "name: fig-double}\n", "", "```{code-cell}", "plots, but is no figure"),
    "no caption": ('caption: "Twice x grows twice as fast as x."', 'caption: ""', "```{code-cell}",
                   "no caption"),
    "no alt": ('alt: "A straight line with slope two."', "width: 10px", "```{code-cell}", "alt:"),
    "figure prefix": ("name: fig-double", "name: double", "```{code-cell}", "begins with 'fig-'"),
    "not glued": ("glue('seconds', 0.5)", "glue('minutes', 0.5)", "{glue:text}", "no cell calls"),
    "glued in vain": ("It took {glue:text}`seconds:.1f` s.", "It took.", "glue('seconds'",
                      "the text never uses it"),
    "glued twice": ("glue('seconds', 0.5)", "glue('seconds', 0.5)\nglue('seconds', 1)",
                    "glue('seconds', 1)", "glued twice"),
    "claim in sight": ("glue('seconds', 0.5)", "claim(1, '<', 2, 'one')", "claim(1",
                       "put it into a cell tagged 'remove-input'"),
    "glued by variable": ("glue('seconds', 0.5)", "glue('seconds', 0.5)\nglue(x, 1)", "glue(x",
                          "literal name"),
    # prose
    "filler": ("Twice a number is its sum", "It is important to note that twice is its sum",
               "important", "leave it out"),
    "edition": ("Twice a number is its sum", "Timed on the machine that built this page",
                "Timed on", "'ran' in place of 'built'"),
    "way back": ("Twice a number is its sum", "Back to {doc}`the chapter <page>`",
                 "Back to", "no way back to a chapter"),
    "filler over lines": ("Twice a number is its sum", "It is important\nto note: the sum",
                          "important", "leave it out"),
    "data point": ("None is needed.", "Each data point.", "data point", "write 'example'"),
    "emoji": ("None is needed.", "None \N{ROCKET} is needed.", "\N{ROCKET}", "emoji U+1F680"),
    "control": ("None is needed.", "None\x0c is needed.", "None", "character U+000C"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_each_rule_finds_its_break(book, case):
    # The label of an exercise stands in several places; a number only where it is replaced.
    count = -1 if case in ("label prefix", "starter's name") else 1
    finds(book, GOOD, *BROKEN[case], count=count)


def finds(book, good, old, new, line_text, message, count=1):
    """Lint finds what is wrong once ``old`` is ``new``, in a line that holds line_text."""
    assert old in good
    text = good.replace(old, new, count)
    issues = book.lint(text)
    found = [issue for issue in issues if message in issue.message]
    assert found, f"not found; the lint says {[str(i) for i in issues]}"
    if line_text is not None:
        lines = text.splitlines()
        assert any(line_text in lines[i.line - 1] for i in found), [str(i) for i in found]


IMPORTS = "import matplotlib.pyplot as plt\nimport numpy as np\n\n"
DRAWN = GOOD.partition("## See\n\n")[2].partition("\n\nBy {eq}")[0]
FIGURE = DRAWN.replace("double(np.arange(3))", "2 * np.arange(3)").replace(
    "---\nplt", f"---\n{IMPORTS}plt")
ANSWER = """:::{answer} ex-half
kind: number
is: 1/2
slips:
  - {is: 2, say: "That is twice."}
else: "Divide."
:::
"""
PREDICTION = """:::{answer} pr-twice
kind: choice
of: {a: "42", b: "21"}
is: a
right: "Two of them."
slips: [{is: b, say: "Twice, not once."}]
:::
"""


def by_the_newer_standard(text: str) -> str:
    """The good page with boxes and folds, the picture first, and what it asserts out of sight."""
    for old, new in {
        "  minutes: 10\n": "",
        "What is twice 21?\n:::\n": f"What is twice 21?\n\n{PREDICTION}::::\n\n{FIGURE}\n",
        ":::{admonition} Predict\n:class: predict\n": "::::{predict}\n",
        f"## See\n\n{DRAWN}\n\n": "",
        f"{IMPORTS}from dlworkbook import glue\n\n": "",
        "Two equal terms:\n": "Two equal terms, as you said: {settles}`pr-twice`\n",
        "$$ (eq-double)\n\n```{code-cell} python\n":
            "$$ (eq-double)\n\n:::{fold} Sympy adds them up\n:::\n\n"
            "```{code-cell} python\n:tags: [fold]\n",
        "assert double(21) == 42\n":
            "double(21)\n```\n\n```{code-cell} python\n:tags: [remove-input, remove-output]\n"
            "from dlworkbook import checks, glue\n\n"
            "assert double(21) == 42\nchecks.proves('pr-twice', 'a')\n",
        "Write the inverse.\n": f"Write the inverse. What is half of 1?\n\n{ANSWER}",
        "    y = x / 2\n    return y\n":
            "    y = x / 2\n    return y\n\nchecks.proves('ex-half', half(1))\n",
    }.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


NEW = by_the_newer_standard(GOOD)
MORE_EXERCISES = "".join(
    f"::::{{exercise}} E{k}\n:label: ex-e{k}\n:number: own\n:level: {'EMH'[k % 3]}\n\n"
    f"Text.\n\n:::{{hint}}\nH.\n:::\n::::\n\n:::{{solution}} ex-e{k}\nS.\n:::\n\n"
    for k in range(9)
) + "## In two minutes"
# As BROKEN, on the page by the newer standard.
BROKEN_NEW = {
    # boxes
    "no kind": ("kind: number\n", "kind: numeral\n", "kind:", "must be one of number, integer"),
    "no key": ("is: 1/2\n", "", "{answer} ex-half", "the key is missing"),
    "key among slips": ("is: 2, say", "is: 0.5, say", "slips:", "is right by the key"),
    "vary": ("else: \"Divide.\"", "vary: {a: 1}\nelse: \"Divide.\"", "vary:", "reserved"),
    "no YAML": ("is: 1/2\n", "is: [1\n", None, "its body is not YAML"),
    "no mapping": ("kind: number\nis: 1/2\nslips:\n  - {is: 2, say: \"That is twice.\"}\n"
                   "else: \"Divide.\"\n", "6\n", "6", "must be lines such as"),
    "key twice": ("is: 1/2\n", "is: 1/2\nis: 1/3\n", "is: 1/3", "'is' stands here twice"),
    "date": ("is: 1/2\n", "is: 2020-01-01\n", "kind: number", "reads as a date; quote it"),
    "a word that YAML reads": ("of: {a: \"42\"", "of: {yes: \"42\"", "kind: choice",
                               "has a key that YAML reads as True"),
    "capitals": ("{answer} ex-half", "{answer} ex-Half", "{answer}", "made of small letters"),
    "no id": ("{answer} ex-half", "{answer}", "{answer}", "needs a text after its name"),
    "id of another exercise": ("{answer} ex-half", "{answer} ex-whole", "{answer} ex-whole",
                               "belongs to exercise 'ex-half'"),
    "id of no prediction": ("{answer} pr-twice", "{answer} try-twice", "{answer} try-twice",
                            "begins with 'pr-'"),
    "id of no text": ("## Break\n", f"{ANSWER}\n## Break\n", "{answer} ex-half",
                      "begins with 'try-'"),
    "box twice": (ANSWER, ANSWER * 2, "{answer} ex-half", "stands in line"),
    "box in a list": (ANSWER, f"- {ANSWER}".replace("\n", "\n  "), "{answer}",
                      "{answer} cannot stand inside a list"),
    "box in a note": ("## Break\n", f"::::{{note}}\n\n{ANSWER}::::\n\n## Break\n", "{answer}",
                      "{answer} cannot stand inside {note}"),
    "what is asked": (ANSWER, ANSWER + ANSWER.replace("ex-half", "ex-half-b"),
                      "{answer} ex-half-b", "several boxes stand together"),
    "predicted expression": ("kind: choice", "kind: matrix", "kind: matrix", "a prediction is one"),
    # proofs
    "not proved": ("checks.proves('ex-half', half(1))\n", "half(1)\n", "{answer} ex-half",
                   "no cell proves answer 'ex-half'"),
    "prediction not proved": ("checks.proves('pr-twice', 'a')\n", "", "{answer} pr-twice",
                              "tagged [remove-input, remove-output]"),
    "proof of nothing": ("proves('ex-half'", "proves('ex-hall'", "checks.proves", "no answer of"),
    "proof outside": ("checks.proves('pr-twice', 'a')\n",
                      "checks.proves('pr-twice', 'a')\nchecks.proves('ex-half', .5)\n",
                      "checks.proves('ex-half', .5)", "outside of the solution"),
    "proof that may fail": (":tags: [remove-input, remove-output]\nfrom",
                            ":tags: [remove-input, raises-exception]\nfrom",
                            "checks.proves('pr-twice'", "need not succeed"),
    "checked by hand": ("checks.proves('ex-half', half(1))\n",
                        "checks.proves('ex-half', half(1))\nchecks.check('ex-half', half(1))\n",
                        "```{code-cell}", "as its notebook does by itself"),
    # predictions
    "settled never": (" {settles}`pr-twice`", "", "{answer} pr-twice", "is never settled"),
    "settled twice": ("None is needed.", "{settles}`pr-twice` None.", "None.", "already"),
    "settles nothing": ("{settles}`pr-twice`", "{settles}`pr-half`", "{settles}", "no prediction"),
    "settled early": ("Twice a number is the number", "{settles}`pr-twice` Twice is the number",
                      "{settles}", "settled before it is asked for"),
    "settled in a fold": ("adds them up\n:::", "adds them up\n{settles}`pr-twice`\n:::",
                          "{settles}", "inside of {fold}"),
    "old prediction": ("::::{predict}\n", "::::{admonition} Predict\n:class: predict\n",
                       "# Doubling", "no prediction; add '::::{predict}'"),
    # folds
    "fold without title": ("{fold} Sympy adds them up", "{fold}", ":::{fold}", "has no title"),
    "fold cell apart": ("up\n:::\n", "up\n:::\n\nText.\n", "```{code-cell}", "directly follow"),
    "empty fold": ("## Break\n", ":::{fold} Nothing\n:::\n\n## Break\n", "{fold} Nothing",
                   "is empty"),
    "fold and solution": (":tags: [solution]", ":tags: [solution, fold]", "```{code-cell}",
                          "must directly follow its {fold}"),
    "fold in a list": (":::{fold} Sympy adds them up\n:::", "- :::{fold} Sympy\n  :::",
                       "{fold} Sympy", "{fold} cannot stand inside a list"),
    # parts
    "wrong order": ("## Derive: the sum\n", "## Break\n\n## Derive: the sum\n", "## Break",
                    "stands before"),
    # what readers see
    "assertion in sight": ("double('21')", "assert double('21')", "assert double", "readers see"),
    "glue in sight": ("double(21)\n```", "glue('more', 1)\n```", "glue('more'", "'glue' in a cell"),
    "proof in sight": (":tags: [remove-input, remove-output]\nfrom", "from",
                       "checks.proves('pr-twice'", "'checks.proves' in a cell"),
    "claim in sight": ("double('21')", "claim(1, '<', 2, 'one')", "claim(1", "'claim' in a cell"),
    "no needs": ("  needs: [ch02_preliminaries/calculus, ch06_convolutional_networks/other]\n", "",
                 "workbook:", "lacks 'needs'"),
    "formula first": (FIGURE, "", "# Doubling", "no figure stands before the first formula"),
    "figure late": ("::::{predict}\n", "$$\n1 + 1\n$$\n\n::::{predict}\n", "$$",
                    "before the first formula"),
    "few boxes": ("## In two minutes", MORE_EXERCISES, "{exercise} Half", "1 of 10 exercises"),
    "many exercises": ("## In two minutes", MORE_EXERCISES, "{exercise} E7",
                       "10 exercises; a page has at most 8"),
    "many hard exercises": ("## In two minutes", MORE_EXERCISES, "{exercise} E8",
                            "3 hard exercises; a page has at most 2"),
}


def test_a_good_page_by_the_newer_standard_has_no_findings(book):
    assert book.lint(NEW) == []


@pytest.mark.parametrize("case", BROKEN_NEW)
def test_each_rule_of_the_newer_standard_finds_its_break(book, case):
    finds(book, NEW, *BROKEN_NEW[case])


def test_a_chapter_that_d2l_does_not_divide_shares_its_number_with_its_page(tmp_path):
    """Chapter 1 is one section; chapter 6 has sections, so its number is the chapter's alone."""
    names = {
        f"book/{folder}/{stem}": number
        for folder, number in (("ch01_introduction", "1"), ("ch06_convolutional_networks", "6"))
        for stem in ("index", "page")
    } | {"book/ch01_introduction/second": "1"}
    for name, number in names.items():
        path = tmp_path / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'---\nworkbook: {{number: "{number}"}}\n---\n\n# T\n\nText.\n')
    (tmp_path / "index.md").write_text("# Book\n")
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n" + "".join(f"- file: {n}\n" for n in names)
    )
    book = lint.Book(tmp_path)
    told = {
        name.removeprefix("book/"): [text.split(" is also that of ")[1].split(".md")[0]
                                     for _, text in structure.page_number(page, book)
                                     if "is also that of" in text]
        for name, page in book.pages.items() if name in names and not name.endswith("index")
    }
    assert told == {
        "ch01_introduction/page": ["book/ch01_introduction/second"],
        "ch01_introduction/second": ["book/ch01_introduction/page"],
        "ch06_convolutional_networks/page": ["book/ch06_convolutional_networks/index"],
    }


def test_an_answer_of_another_page_has_another_id(book):
    other = book.root / f"{NAME.replace('doubling', 'other')}.md"
    try:
        other.write_text(f"{OTHER}\n{ANSWER}")
        told = f"'ex-half' is also one of {NAME.replace('doubling', 'other')}.md"
        finds(book, NEW, "", "", "{answer} ex-half", told)
    finally:
        other.write_text(OTHER)


def test_limits_may_be_passed_with_a_reason(book):
    many = NEW.replace("## In two minutes", MORE_EXERCISES)
    assert len(book.lint(many)) == 3
    skipped = many.replace("skip: {", "skip: {limits: these are puzzles, ")
    assert ["at least two thirds" in issue.message for issue in book.lint(skipped)] == [True]


def test_a_page_by_the_newer_standard_turns_its_widget_where_it_likes(book):
    turn = ("## Turn\n\n```{code-cell} python\n:tags: [remove-input]\n"
            "from dlworkbook.widgets import ConvolutionExplorer\n\nConvolutionExplorer()\n```\n\n")
    for place in ("## Derive: the sum\n", "## Build: a function\n", "## Break\n"):
        for page, rewritten in ((NEW, True), (GOOD, False)):
            page = page.replace("{turn: the page has nothing to turn}", "{}").replace(
                "widgets: []", "widgets: [convolution]")
            found = [issue.message for issue in book.lint(page.replace(place, turn + place))
                     if "the order is" in issue.message]
            assert bool(found) == (not rewritten), (place, rewritten, found)


def test_widgets_of_front_matter_and_cells_agree(book):
    turn = ("## See\n", "## Turn\n\n```{code-cell} python\n:tags: [remove-input]\n"
            "from dlworkbook.widgets import ConvolutionExplorer\n\nConvolutionExplorer()\n```\n\n"
            "## See\n")
    shown = GOOD.replace("{turn: the page has nothing to turn}", "{}").replace(*turn)
    good = shown.replace("widgets: []", "widgets: [convolution]")
    assert book.lint(good) == []
    assert "widget 'convolution' is not in the front matter" in str(book.lint(shown)[0])
    named = GOOD.replace("widgets: []", "widgets: [convolution]")
    assert "no cell shows it" in str(book.lint(named)[0])
    open_input = good.replace(":tags: [remove-input]\n", "")
    assert "needs the tag 'remove-input'" in str(book.lint(open_input)[0])


def test_code_and_comments_are_not_prose(book):
    comment = "% It is important to note {eq}`eq-none` that.\n\n<!-- leverage -->\n\n"
    code = "```{code-cell} python\nprint('It should be noted: {ref}`none`, [a](b.md)')\n```\n\n"
    assert book.lint(GOOD.replace("## Sources", comment + code + "## Sources")) == []


@pytest.mark.parametrize(("name", "good"), [
    ("my_half", True), ("MyHalf", True), ("mypool", False), ("Mygru", False), ("my", False),
])
def test_a_starter_has_a_name_that_an_assignment_changes(book, name, good):
    """The same rule names it and renames it."""
    found = [i.message for i in book.lint(GOOD.replace("my_half", name))]
    assert (found == []) is good is (code.interface_name(name) != name)
    assert good or f"the starter defines '{name}'; call it 'my_{name}'" in found[0]


def test_magics_are_not_syntax_errors(book):
    magic = GOOD.replace("import sympy as sp\n", "%matplotlib inline\nimport sympy as sp\n")
    assert book.lint(magic) == []


def test_pages_without_goals_meet_fewer_rules(book):
    text = "# Route\n\nText of a page. It has three sentences. See {doc}`other`.\n"
    assert book.lint(text) == []
    assert "no such page" in str(book.lint(text.replace("`other`", "`none`"))[0])
    assert "needs goals" in str(book.lint(text + "\n```{code-cell} python\n1 + 1\n```\n")[0])


def test_a_missing_page_is_a_finding(book):
    assert "no such file" in str(lint.lint(book.root, ["book/nothing"])[0])


def test_pages_that_cannot_be_read_are_findings_of_their_own(tmp_path):
    book = SmallBook(tmp_path)
    book.lint(GOOD.replace("<here>", "<there>"))  # which no page has
    other = tmp_path / f"{NAME.replace('doubling', 'other')}.md"
    other.write_text("---\nworkbook: {hours: 1}\n---\n\n(there)=\n# Other\n", encoding="utf-8")
    toc = tmp_path / "_toc.yml"
    toc.write_text(toc.read_text() + "- file: book/there\n")  # which is no file
    found = [str(issue) for issue in lint.lint(tmp_path)]
    assert [issue.partition(":")[0] for issue in found] == [
        f"{NAME}.md", f"{NAME.replace('doubling', 'other')}.md", "book/there.md",
    ]
    for words, issue in zip(("'there': nothing", "unknown key", "no such file"), found):
        assert words in issue


def test_a_finding_reads_path_line_message(book):
    issue = book.lint(GOOD.replace("minutes: 10", "hours: 1"))[0]
    assert str(issue).startswith(f"{NAME}.md:10: front matter 'workbook.hours': unknown key")


def test_lines_of_nested_blocks(book):
    book.lint(GOOD)
    page = lint.Book(book.root).pages[NAME]
    lines = page.text.splitlines()
    starts = {Heading: "#", Directive: ":::", Cell: "```{code-cell}"}
    for block in page.blocks:
        if isinstance(block, Paragraph):
            assert lines[block.line - 1].split()[0] in block.text.split()[0]
        else:
            assert lines[block.line - 1].startswith(starts[type(block)])
    for cell in page.cells:
        assert lines[cell.first - 1] == cell.source.split("\n")[0]
    hint, = page.directives("hint")
    assert hint.parents == ("exercise",)


@pytest.mark.parametrize(("text", "count"), [
    ("One.", 1), ("One. Two?", 2), ("It is 3.5 m, e.g. here.", 1), ("No stop", 1),
    ("(All.) Done!", 2), ("One. Two", 2), ("By X et al. in one.", 1),
])
def test_sentences(text, count):
    assert sentences(text) == count


def test_the_command_counts_and_fails(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "publish.lint", str(tmp_path / "page.md")],
        cwd=ROOT, capture_output=True, text=True,
    )
    assert run.returncode == 2
    assert "is not a page (.md) of this book" in run.stderr


def test_the_command_fails_with_a_count(book, monkeypatch, capsys):
    path = book.root / f"{NAME}.md"
    path.write_text(GOOD.replace("minutes: 10", "hours: 1"), encoding="utf-8")
    monkeypatch.setattr(lint, "ROOT", book.root)
    monkeypatch.setattr(lint.lint, "__defaults__", (book.root, None))
    assert lint.main([str(path)]) == 1
    assert capsys.readouterr().out.endswith("1 finding\n")
    path.write_text(GOOD, encoding="utf-8")
    assert lint.main([]) == 0


def test_code_is_checked_where_the_folder_has_a_dollar_sign(tmp_path, monkeypatch):
    """ruff takes `$NAME` in the path of its settings for a variable."""
    place = tmp_path / "a book for $HOME"
    place.mkdir()
    shutil.copy(ROOT / "pyproject.toml", place)
    monkeypatch.setattr(code_rules, "_PYPROJECT", place / "pyproject.toml")
    (place / "page.md").write_text(
        "---\n---\n\n# T\n\n```{code-cell} python\nimport os\n```\n", encoding="utf-8"
    )
    ((line, message),) = code_rules.ruff(Book(place).page("page"), None)
    assert line == 7 and "F401" in message

"""One reading of a page: exercises and what belongs to them, labels, references, problems."""

from __future__ import annotations

import pytest

from publish.page import code
from publish.page.book import Book
from publish.page.model import Label, Reference
from tests.kit.notebooks import HEAD_LINES, book

FIRST = HEAD_LINES + 3  # line of the first line of a text below the title
TEXT = """\
See {ref}`the *first* <ex-one>`, {cite}`one, two`, [there](#sec-b) and
again {eq}`eq-a`[^note].

:::{note}
:name: a-note
$$ a $$ (eq-a)
:::

[^note]: From {cite:t}`three`.

::::{exercise} First, as {eq}`eq-a`
:label: ex-One
:number: zh 6.2.1, lab 6
:level: E
Text.

:::{hint}
Think.
:::
::::

```{code-cell} python
:tags: [starter]
def my_f(x): ...
class MyGRU: ...
```

```{code-cell} python
:tags: [check]
checks.check('f', my_f)
```

:::{exercise} Second
:label: ex-two
:number: own
:level: H
Text.
:::

:::{solution} ex-one
Text.
:::

<!-- a comment -->

```{code-cell} python
:tags: [solution]
def f(x): ...
```

:::{solution} ex-one
:::

```{code-cell} python
:tags: [hide-input, solution]
f(1)
```

```{code-cell} python
---
mystnb: {figure: {caption: "See {numref}`fig-a`.", name: fig-a}}
---
glue('n', 1)
```

(sec-b)=
## B *b*
"""


def read(folder, text: str, workbook: str = '{number: "6.2"}'):
    return Book(book(folder, {"ch/page": "# Title\n\n" + text}, {"ch/page": workbook})).page(
        "book/ch/page"
    )


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return read(tmp_path_factory.mktemp("book"), TEXT)


def line_of(text: str, nth: int = 0) -> int:
    found = [k for k, line in enumerate(TEXT.split("\n")) if text in line]
    return FIRST + found[nth]


def test_a_good_page_has_no_problems(page):
    assert page.problems == [] and page.is_notebook and page.title == "Title"


def test_an_exercise_has_all_that_belongs_to_it(page):
    first, second = page.exercises
    assert (first.label, first.number, first.title) == ("ex-one", 1, "First, as {eq}`eq-a`")
    assert first.line == line_of("{exercise} First")
    assert first.numbers == [("zh", "6.2.1"), ("lab", "6")] and second.numbers == []
    assert [hint.line for hint in first.hints] == [line_of("{hint}")]
    assert [list(cell.defined) for cell in first.starters] == [["my_f", "MyGRU"]]
    assert [code.checked(cell.tree) for cell in first.checks] == [[("f", "my_f")]]
    assert first.interface == {"my_f": "f", "MyGRU": "GRU"}
    # its solution stands below the second exercise, in two parts
    assert [s.directive.line for s in first.solutions] == [
        line_of("{solution}"), line_of("{solution}", 1),
    ]
    assert [[cell.source for cell in s.cells] for s in first.solutions] == [
        ["def f(x): ..."], ["f(1)"],
    ]
    assert not second.solution_cells and not second.starters and not second.checks
    roles = [(cell.role, cell.exercise) for cell in page.cells]
    assert roles == [
        ("starter", first), ("check", first), ("solution", first), ("solution", first),
        ("code", None),
    ]


def test_a_name_is_known_with_its_line(page):
    starter = page.exercises[0].starters[0]
    assert starter.defined == {"my_f": line_of("my_f(x)"), "MyGRU": line_of("class MyGRU")}


def test_labels_have_kind_number_and_line(page):
    assert page.labels == {
        "eq-a": Label("equation", "eq-a", "1", "", line_of("(eq-a)")),
        "a-note": Label("section", "a-note", "", "Note", line_of("{note}")),
        "ex-one": Label("exercise", "ex-One", "1", "First, as {eq}`eq-a`", line_of("First,")),
        "ex-two": Label("exercise", "ex-two", "2", "Second", line_of("Second")),
        "fig-a": Label("figure", "fig-a", "6.2.1", "", line_of("mystnb") - 2),
        "sec-b": Label("section", "sec-b", "", "B *b*", line_of("(sec-b)=")),
    }


def test_references_of_text_titles_and_captions_have_their_line(page):
    ref, cite, *others = page.references
    assert (ref.kind, ref.title, ref.target, ref.line) == ("ref", "the *first*", "ex-one", FIRST)
    assert (cite.content, cite.line) == ("one, two", FIRST)
    assert others == [
        Reference("link", "#sec-b", FIRST),
        Reference("eq", "eq-a", FIRST + 1),
        Reference("cite:t", "three", line_of("[^note]:")),
        Reference("eq", "eq-a", line_of("First,")),
        Reference("numref", "fig-a", line_of("mystnb") - 2),
    ]
    assert page.cited == ["one", "two", "three"] and page.footnotes == ["note"]
    assert page.glued == {"n": line_of("mystnb") - 2}


def test_all_problems_are_found_one_a_line(tmp_path):
    text = (
        ":::{figure} a {abbr}`b`\n:::\n\n{abbr}`b` and {sub}`c`\n\n<b>x</b>\n\n"
        "```{code-cell}\n:tags: [solution, tag]\na =\n```\n\n:::{note}\n\n- b\n\n  {abbr}`c`\n:::"
    )
    problems = [(p.line - FIRST, p.message) for p in read(tmp_path, text).problems]
    assert [line for line, _ in problems] == [0, 3, 5, 7, 16, 7, 9]
    for (_, message), words in zip(problems, [
        "unknown directive {figure}", "unknown role {abbr}", "of HTML only", "unknown tag 'tag'",
        "unknown role {abbr}", "must directly follow", "is not Python",
    ], strict=True):
        assert words in message


def test_an_exercise_ends_with_the_next_heading(tmp_path):
    starter = "```{code-cell} python\n:tags: [starter]\nmy_f = 1\n```\n"
    head, rest = TEXT.split("```{code-cell} python\n:tags: [starter]")[0], "\n## Next\n\n" + starter
    page = read(tmp_path, head + starter + rest)
    assert [cell.exercise is None for cell in page.cells] == [False, True]


def test_a_starter_stands_before_the_solution(tmp_path):
    starter = "```{code-cell} python\n:tags: [starter]\nmy_f = 1\n```\n"
    head = TEXT.split("```{code-cell} python\n:tags: [starter]")[0]
    page = read(tmp_path, f"{head}{starter}\n:::{{solution}} ex-one\nA.\n:::\n\n{starter}")
    assert [cell.exercise is None for cell in page.cells] == [False, True]


def test_one_thing_is_one_problem(tmp_path):
    (problem,) = read(tmp_path, "Text.\n\n**a**\n: b\n\n  c").problems
    assert problem.line == FIRST + 2 and "write a list" in problem.message


def test_a_page_that_becomes_no_notebook_may_hold_anything(tmp_path):
    root = book(tmp_path, {})
    text = "# Cover\n\n:::{grid}\n{abbr}`b` <b>x</b>\n\n$$ a $$ (eq-x)\n:::\n\n# More\n"
    (root / "index.md").write_text(text, encoding="utf-8")
    page = Book(root).page("index")
    assert [p.message for p in page.problems] == [
        "a second title; a page has one title: use ## here",  # for the site, too
    ]
    assert list(page.labels) == ["eq-x"] and [d.name for d in page.directives("grid")] == ["grid"]


@pytest.mark.parametrize(("source", "lines"), [
    ("%matplotlib inline\na = 1", {"a": 2}),
    ("%%time\nb = 1\na = 2", {"b": 2, "a": 3}),
    ("c = 1\n%time a = 2", {"c": 1, "a": 2}),
    ("!ls\nif True:\n    a: int = 1", {"a": 3}),
    ("a = 10 \\\n % 3", {"a": 1}),  # no magic, though the line begins like one
    ("a = ", {}),
])
def test_code_keeps_its_lines_below_magics(source, lines):
    tree = code.parse(source)
    found = {n: s.lineno for s in code.top_level(tree) for n in code.bound(s)} if tree else {}
    assert found == lines


def test_calls_are_known_by_their_name():
    tree = code.read("checks.check('a', b)\nlib.checks.check('c', D)\nmychecks.check('e', f)\n"
                     "checks.checks('g', h)\nchecks.check('i')\nf(x)(y)")
    assert code.checked(tree) == [("a", "b"), ("c", "D")]
    assert code.packages(code.read("import a.b as c, d\nfrom e.f import g\nfrom . import h")) == {
        "a", "d", "e",
    }

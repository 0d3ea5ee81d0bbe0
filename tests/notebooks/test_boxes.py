"""Answers, predictions and folds in a notebook: what stands where, and what an untouched one says.
"""

from __future__ import annotations

import os

import nbformat
import pytest

from publish import notebooks
from publish.page import answers
from publish.page.book import Book
from publish.page.parser import PageError
from publish.tools.kernels import run_notebook
from tests.kit.notebooks import ROOT, convert

SIZE = ':::{answer} ex-size\nkind: integer\nis: 6\nask: "Rows of $y$"\nelse: "Count."\n:::\n'
EXERCISE = f"""\
::::{{exercise}} Sizes
:label: ex-size
:number: own
:level: M
:minutes: 5

How tall is it?

{SIZE}
And how wide, in % of 12?

{SIZE.replace("ex-size", "ex-size-wide").replace("Rows", "Columns")}
:::{{hint}}
Count.
:::
::::

:::{{solution}} ex-size
Six.
:::

```{{code-cell}} python
:tags: [solution]
from dlworkbook import checks

checks.proves('ex-size', 9 - 4 + 1)
checks.proves('ex-size-wide', 6)
```
"""
PREDICT = """\
::::{predict}
Which one?

:::{answer} pr-which
kind: choice
of: {a: "the *first*", b: "$x_2$"}
is: b
right: "It is."
slips: [{is: a, say: "No."}]
:::

Think of $y$.
::::
"""
CHECK = "from dlworkbook import checks\n\nchecks.check('{}', {})"


def cells(notebook: nbformat.NotebookNode) -> list[tuple[str, list[str]]]:
    return [(c.source, c.metadata.get("tags", [])) for c in notebook.cells[2:]]


def test_a_box_stands_where_the_exercise_has_it(tmp_path):
    found = cells(convert(tmp_path, EXERCISE))
    assert found[:-2] == [
        ("## Exercise 1: Sizes\n\n*medium*\n\nHow tall is it?\n\n"
         "**Rows of $y$**: `my_ex_size`, a whole number.", []),
        ("my_ex_size = ...", ["starter"]),
        (CHECK.format("ex-size", "my_ex_size"), ["check"]),
        ("And how wide, in % of 12?\n\n**Columns of $y$**: `my_ex_size_wide`, a whole number.", []),
        ("my_ex_size_wide = ...", ["starter"]),
        (CHECK.format("ex-size-wide", "my_ex_size_wide"), ["check"]),
        ("<details>\n<summary>Hint</summary>\n\nCount.\n\n</details>", []),
    ]


def test_an_exercise_says_its_minutes_where_the_page_counts_them(tmp_path):
    goals = "goals: [a, b, c]"
    for workbook, said in ((f"{{{goals}}}", "medium · 5 min"),
                           (f"{{{goals}, minutes: 30}}", "medium")):
        found = convert(tmp_path, f"Text.\n\n{EXERCISE}", workbook=workbook)
        assert any(f"*{said}*" in cell.source for cell in found.cells), workbook


def test_a_prediction_is_checked_where_the_page_settles_it(tmp_path):
    text = f"{PREDICT}\nText.\n\nIt is {{settles}}`pr-which` the second.\nSo.\n\nMore."
    assert cells(convert(tmp_path, text)) == [
        ("> **Predict**\n>\n> Which one?\n>\n> **Your answer**: `my_pr_which`, a letter, as text:\n"
         ">\n> - `'a'`: the *first*\n> - `'b'`: $x_2$", []),
        ("my_pr_which = ...", ["starter"]),
        ("> Think of $y$.", []),
        ("Text.\n\nIt is the second.\nSo.", []),
        (CHECK.format("pr-which", "my_pr_which"), ["check"]),
        ("More.", []),
    ]


@pytest.mark.parametrize(("text", "left"), [
    ("{settles}`pr-which` It is.", "It is."),
    ("It is. {settles}`pr-which`", "It is."),
    ("It is. {settles}`pr-which`\nSo.", "It is.\nSo."),
    ("- one\n- two {settles}`pr-which`", "- one\n- two"),
])
def test_the_place_where_a_prediction_is_settled_leaves_nothing(tmp_path, text, left):
    found = cells(convert(tmp_path, f"{PREDICT}\n## More\n\n{text}"))
    assert [source for source, _ in found[-2:]] == [
        f"## More\n\n{left}", CHECK.format("pr-which", "my_pr_which")
    ]


def test_settling_nothing_is_an_error_with_its_line(tmp_path):
    with pytest.raises(PageError, match=r"page.md:\d+: .*no prediction of the page is 'pr-none'"):
        convert(tmp_path, "It is {settles}`pr-none`.")


def test_a_box_in_the_text_is_followed_by_its_check(tmp_path):
    text = "Try it.\n\n" + SIZE.replace("ex-size", "try-size") + "\nThen on."
    assert cells(convert(tmp_path, text)) == [
        ("Try it.\n\n**Rows of $y$**: `my_try_size`, a whole number.", []),
        ("my_try_size = ...", ["starter"]),
        (CHECK.format("try-size", "my_try_size"), ["check"]),
        ("Then on.", []),
    ]


@pytest.mark.parametrize(("spec", "said"), [
    ("kind: number\nis: 2\nunit: px\ntol: 0.05", "a number (px), within 5%"),
    ("kind: interval\nis: [0, 1]", "an interval, as text such as `'[0, 1)'`"),
    ("kind: shape\nis: [2, 8]", "a shape, as a tuple"),
    ("kind: vector\nis: [1, 2]", "a list of numbers"),
    ("kind: matrix\nis: [[1, 2]]", "a list of rows"),
    ("kind: expression\nis: p*q\nnames: {p: [0, 1], q: [0, 1]}",
     "an expression, as text or from sympy, in `p` and `q`"),
])
def test_a_label_says_how_an_answer_is_written(tmp_path, spec, said):
    found = cells(convert(tmp_path, f":::{{answer}} try-it\n{spec}\n:::"))
    assert found[0][0] == f"**Your answer**: `my_try_it`, {said}."


def test_things_to_order_are_listed_in_another_order(tmp_path):
    text = ":::{answer} try-it\nkind: order\nof: {a: one, b: two}\nis: [%s]\nelse: No.\n:::"
    for right, other in ((["a", "b"], ["b", "a"]), (["b", "a"], ["a", "b"])):
        label = cells(convert(tmp_path, text % ", ".join(right)))[0][0]
        assert "`my_try_it`, a list of letters, first one first:" in label
        assert [line[3:4] for line in label.splitlines()[2:]] == ["'"] * 2
        assert [line[4:5] for line in label.splitlines()[2:]] == other


def test_a_fold_is_a_bold_title_and_cells_that_start_closed(tmp_path):
    text = (
        ":::{fold} Proof that $n$ is `n`\n:name: proof\nFirst.\n:::\n\n"
        "```{code-cell} python\n:tags: [fold]\nf = 1\n```\n\n:::{fold}\nSecond.\n:::\n\n"
        "```{code-cell} python\n:tags: [fold]\n%%time\nf = 2\n```\n\nSee [there](#proof)."
    )
    notebook = convert(tmp_path, text)
    closed = {"tags": ["fold"], "jupyter": {"source_hidden": True}}
    assert [(c.source, dict(c.metadata)) for c in notebook.cells[1:]] == [
        ('<a id="proof" name="proof"></a>**Proof that $n$ is `n`**\n\nFirst.', {}),
        ("# @title Proof that n is n\nf = 1", closed | {"cellView": "form"}),
        ("Second.", {}),
        ("%%time\nf = 2", closed),
        ("See [there](#proof).", {}),
    ]


def test_an_untouched_notebook_reaches_its_end_and_says_so_kindly(tmp_path):
    """With the answers of the page, which its own cells prove."""
    text = f"{PREDICT}\nIt is {{settles}}`pr-which`.\n\n{EXERCISE}"
    notebook = convert(tmp_path, text)
    answers.write(tmp_path, Book(tmp_path).with_answers())
    env = {answers.VARIABLE: str(answers.folder(tmp_path)), "PYTHONPATH": str(ROOT)}
    assert run_notebook(notebook, tmp_path, env=env).error is None
    told = [
        cell.outputs[0].data["text/plain"] for cell in notebook.cells
        if "check" in cell.metadata.get("tags", [])
    ]
    assert len(told) == 3 and all("Not done yet" in text for text in told), told

    notebook.cells[-1].source = "checks.proves('ex-size', 7)"  # and a wrong key is an error
    assert "the key of ex-size is 6" in str(run_notebook(notebook, tmp_path, env=env).error)


def test_the_command_writes_the_answers_and_tells_of_old_ones(tmp_path, capsys):
    convert(tmp_path, EXERCISE)
    (tmp_path / "dlworkbook").mkdir()
    (tmp_path / "dlworkbook" / "__init__.py").write_text("__version__ = '1'\n")
    stray = tmp_path / answers.FOLDER / "ch" / "gone.json"
    stray.parent.mkdir(parents=True)
    stray.write_text("{}")
    arguments = ["--root", str(tmp_path)]
    assert notebooks.main(arguments) == 0
    file = tmp_path / answers.FOLDER / "ch" / "page.json"
    assert [p.name for p in stray.parent.iterdir()] == ["page.json"]
    assert file.read_text().splitlines()[1].startswith('"ex-size": {"kind": "integer", "is": 6,')
    assert notebooks.main([*arguments, "--check"]) == 0
    file.write_text(file.read_text().replace("6", "7", 1))
    assert notebooks.main([*arguments, "--check"]) == 1
    assert "page.json is not what the pages say: run 'make notebooks'" in capsys.readouterr().err


def test_a_page_that_cannot_be_read_costs_no_other_its_answers(tmp_path):
    text = f"Text.\n\n{EXERCISE}"
    convert(tmp_path, text, broken=SIZE.replace("ex-size", "try-b").replace("is: 6", "is: [6"))
    found = Book(tmp_path).with_answers()
    assert [list(answers.files(tmp_path, [p])) != [] for p in found] == [True, False]
    assert os.path.commonpath([tmp_path, answers.folder(tmp_path)]) == str(tmp_path)

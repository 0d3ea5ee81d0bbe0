"""What becomes of each construct of the pages' vocabulary in a notebook."""

from __future__ import annotations

import pytest

from dlworkbook.solutions import MARK
from publish import notebooks
from publish.page.parser import PageError
from publish.site.addresses import Addresses
from tests.kit.notebooks import body, book, convert

SITE = Addresses(repository="https://host.invalid/o/n", branch="main", site="https://s.invalid/b")
EXERCISE = """\
::::{exercise} Turn $k$
:label: ex-turn
:number: zh 6.2.1, en 7.2.1
:level: M
Turn it.

:::{hint}
Use $f$.
:::
::::
"""


def test_plain_markdown_passes_unchanged(tmp_path):
    text = (
        "Text with *em*, **strong**, `code`, $x_1$, \\$5, [link](https://a.invalid \"t\").  \n"
        "Second line, 2 * 3 * 4 and a_b_c.\n\n- a\n  - b\n\n1. c\n\n> quote\n\n"
        "| a | b |\n|:-:|---|\n| 1 | `x` |\n\n```python\nx = '{eq}`no`'\n```\n\n    indented\n\n"
        "$$\n\\frac{a}{b}\n$$\n\n---"
    )
    assert "\n\n".join(body(convert(tmp_path, text))) == text


def test_admonition_becomes_a_quote_with_a_bold_title(tmp_path):
    text = (
        ":::{admonition} Predict $n$\n:class: predict\nA.\n\n- b\n\n```python\nc = 1\n```\n\n"
        "$$\na \\\\\nb\n$$\n:::"
    )
    assert body(convert(tmp_path, text)) == [
        "> **Predict $n$**\n>\n> A.\n>\n> - b\n>\n> ```python\n> c = 1\n> ```\n>\n> $$ a \\\\ b $$"
    ]


@pytest.mark.parametrize("name", ["note", "tip", "warning", "important"])
def test_the_other_admonitions_carry_their_name(tmp_path, name):
    assert body(convert(tmp_path, f"```{{{name}}}\nA.\n```")) == [
        f"> **{name.capitalize()}**\n>\n> A."
    ]


def test_dropdown_becomes_a_fold(tmp_path):
    text = ":::{tip}\n:class: dropdown\nA.\n:::"
    assert body(convert(tmp_path, text)) == [
        "<details>\n<summary>Tip</summary>\n\nA.\n\n</details>"
    ]


def test_a_directive_in_a_list_keeps_the_indentation(tmp_path):
    text = "- a\n\n  :::{note}\n  B $c$.\n\n  D.\n  :::\n- e"
    assert body(convert(tmp_path, text)) == [
        "- a\n\n  > **Note**\n  >\n  > B $c$.\n  >\n  > D.\n- e"
    ]


def test_mathematics_in_a_quote_keeps_to_one_line(tmp_path):
    """Notebooks cut mathematics out before they strip the quote's marks."""
    text = "> a $x +\n> y$ b\n>\n> $$\n> u \\\\\n> v\n> $$"
    assert body(convert(tmp_path, text)) == ["> a $x + y$ b\n>\n> $$ u \\\\ v $$"]


def test_equations_are_numbered_in_order_and_referred_to(tmp_path):
    text = (
        "See {eq}`eq-b` and {eq}`eq-a`.\n\n$$ a $$ (eq-a)\n\n$$\nno number\n$$\n\n"
        ":::{note}\n$$\nb \\\\\nc\n$$ (eq-b)\n:::\n\n- x\n\n  $$\n  d\n    e\n  $$ (eq-c)\n\n"
        "So {eq}`eq-c`."
    )
    assert "\n\n".join(body(convert(tmp_path, text))) == (
        "See (2) and (1).\n\n$$\na \\tag{1}\n$$\n\n$$\nno number\n$$\n\n"
        "> **Note**\n>\n> $$ b \\\\ c \\tag{2} $$\n\n- x\n\n  $$\n  d\n    e \\tag{3}\n  $$\n\n"
        "So (3)."
    )


def test_what_students_do_not_get_is_text_as_any_other(tmp_path):
    text = (
        "Before.\n\n:::{book-only}\nOf $x$.\n:::\n\n"
        "::::{admonition} Do\nFirst.\n\n:::{book-only}\nInside.\n:::\n\nThis.\n::::\n"
    )
    [cell] = body(convert(tmp_path, text))
    assert cell == "Before.\n\nOf $x$.\n\n> **Do**\n>\n> First.\n>\n> Inside.\n>\n> This."


def test_exercise_hint_and_solution(tmp_path):
    text = (
        "## Exercises\n\n" + EXERCISE
        + "\n```{code-cell} python\n:tags: [starter]\ndef my_f(): ...\n```\n\n"
        ":::{solution} ex-turn\nThus $y$.\n:::\n\n% comment\n\n"
        "```{code-cell} python\n:tags: [solution]\nf = 1\n```\n\nAfter {ref}`ex-turn`."
    )
    notebook = convert(tmp_path, text)
    assert body(notebook) == [
        "## Exercises",
        "### Exercise 1: Turn $k$\n\n"
        '<a id="ex-turn" name="ex-turn"></a>*medium · d2l zh 6.2.1 · d2l en 7.2.1*\n\nTurn it.\n\n'
        "<details>\n<summary>Hint</summary>\n\nUse $f$.\n\n</details>",
        "def my_f(): ...",
        "<details>\n<summary>Solution of exercise 1</summary>\n\nThus $y$.\n\n</details>",
        "# @title Solution of exercise 1\nf = 1",
        "After [Exercise 1](#ex-turn).",
    ]
    starter, solution = [
        cell for cell in notebook.cells
        if {"starter", "solution"} & set(cell.metadata.get("tags", []))
    ]
    assert starter.metadata == {"tags": ["starter"]}
    assert solution.metadata == {
        "tags": ["solution"], "jupyter": {"source_hidden": True}, "cellView": "form",
    }


def test_further_parts_of_a_solution_and_a_solution_without_text(tmp_path):
    text = (
        EXERCISE + "\n:::{solution} ex-turn\nA.\n:::\n\n:::{solution} ex-turn\nB.\n:::\n\n"
        + EXERCISE.replace("ex-turn", "ex-two") + "\n:::{solution} ex-two\n:::\n\n"
        "```{code-cell} python\n:tags: [solution]\nf = 1\n```"
    )
    cells = body(convert(tmp_path, text))
    assert [c.split("\n")[1] for c in cells[1:3]] == [
        "<summary>Solution of exercise 1</summary>",
        "<summary>Solution of exercise 1, continued</summary>",
    ]
    assert cells[3].startswith("## Exercise 2")
    assert cells[4:] == ["# @title Solution of exercise 2\nf = 1"]  # no empty fold


def test_cell_tags(tmp_path):
    def cell(tag: str) -> str:
        return f"```{{code-cell}} python\n:tags: [{tag}]\n{tag.replace('-', '_')} = 1\n```\n\n"

    tags = ["hide-input", "remove-input", "notebook-only", "site-only", "check", "starter",
            "photo", "raises-exception"]
    cells = convert(tmp_path, "".join(map(cell, tags))).cells[1:]
    assert [c.metadata.tags for c in cells] == [[t] for t in tags if t != "site-only"]
    folded = [c.metadata.tags[0] for c in cells if c.metadata.get("jupyter")]
    assert folded == ["hide-input", "remove-input"]
    assert [c.source for c in cells[:2]] == ["hide_input = 1", "remove_input = 1"]


FIGURE = """\
```{code-cell} python
---
mystnb:
  image: {alt: "a line"}
  figure: {caption: "See {eq}`eq-a` and $x$.", name: NAME}
tags: [TAG]
---
plot()
```

"""


def test_figures_have_a_numbered_caption_below_the_cell(tmp_path):
    text = (
        "{numref}`fig-b`, {numref}`Fig. %s <fig-b>`.\n\n+++\n\n$$ a $$ (eq-a)\n\n"
        + FIGURE.replace("NAME", "fig-a").replace("TAG", "site-only")
        + FIGURE.replace("NAME", "fig-b").replace("TAG", "hide-input")
    )
    assert body(convert(tmp_path, text, workbook='{number: "6.2"}')) == [
        "Figure 6.2.2, Fig. 6.2.2.",  # the site counts the figure that only it shows
        "$$\na \\tag{1}\n$$",
        "plot()",
        "**Figure 6.2.2.** See (1) and $x$.",
    ]


def test_glue_names_the_number_that_a_cell_prints(tmp_path):
    text = (
        "First {glue:text}`speed:.1f` times.\n\n"
        '```{code-cell} python\nfrom dlworkbook import glue\nglue("speed", 2.0)\n```\n\n'
        "Then {glue:text}`speed`."
    )
    cells = body(convert(tmp_path, text))
    assert cells[0] == "First `speed` (printed below) times."
    assert cells[2] == "Then `speed` (printed above)."


def test_citations_link_to_the_list_of_sources(tmp_path):
    text = (
        "A {cite}`one,three`, {cite:p}`two`, {cite:t}`three`.\n\n## Sources\n\n"
        "```{bibliography}\n:filter: docname in docnames\n```"
    )
    assert body(convert(tmp_path, text)) == [
        "A ([Ng, 2001](#cite-one); [Lé et al., 2003](#cite-three)), "
        "([Ng and Bo, 2002](#cite-two)), [Lé et al. (2003)](#cite-three).",
        "## Sources\n\n"
        '- <a id="cite-three" name="cite-three"></a>A Lé, Ed Bo, and F Cy. T. *J*, 2003.\n'
        '- <a id="cite-one" name="cite-one"></a>Ann Ng. On U and $x$. *J*, 2001.\n'
        '- <a id="cite-two" name="cite-two"></a>Ann Ng and Ed Bo. T. *J*, 2002.',
    ]


def test_sources_are_listed_also_without_a_place_for_them(tmp_path):
    assert body(convert(tmp_path, "A {cite}`one`."))[-1].startswith("## References\n\n- <a id=")


def test_footnotes_gather_at_the_end(tmp_path):
    text = "A[^z] and[^y].\n\n+++\n\n[^y]: Why {eq}`eq-a`.\n[^z]: Zed\n    on.\n\n$$ a $$ (eq-a)"
    assert body(convert(tmp_path, text)) == [
        "A<sup>[1](#note-1)</sup> and<sup>[2](#note-2)</sup>.",
        "$$\na \\tag{1}\n$$",
        '## Notes\n\n1. <a id="note-1" name="note-1"></a>Zed\n   on.\n'
        '2. <a id="note-2" name="note-2"></a>Why (1).',
    ]


OTHER = "(top)=\n# Other $o$\n\n(sec-o)=\n## Section o\n\n$$ a $$ (eq-o)\n"
LINKS = (
    "{doc}`other`, {doc}`text <../ch/other>`, {doc}`/index`, {ref}`sec-o`, {ref}`sec <sec-o>`, "
    "{ref}`top`, {eq}`eq-o`, [a](other.md), [b](other.md#sec-o), [c](#sec-o), <https://a.invalid>."
)


def test_links_go_to_the_site_where_its_address_is_known(tmp_path):
    page = "https://s.invalid/b/book/ch/other.html"
    assert body(convert(tmp_path, LINKS, other=OTHER, addresses=SITE)) == [
        f"[Other $o$]({page}), [text]({page}), [Cover](https://s.invalid/b/index.html), "
        f"[Section o]({page}#sec-o), [sec]({page}#sec-o), [Other $o$]({page}), "
        f"(1) of [Other $o$]({page}), [a]({page}), [b]({page}#sec-o), [c]({page}#sec-o), "
        "<https://a.invalid>."
    ]


def test_links_go_to_the_other_notebook_without_an_address(tmp_path):
    assert body(convert(tmp_path, LINKS, other=OTHER)) == [
        "[Other $o$](other.ipynb), [text](other.ipynb), Cover, [Section o](other.ipynb), "
        "[sec](other.ipynb), [Other $o$](other.ipynb), (1) of [Other $o$](other.ipynb), "
        "[a](other.ipynb), [b](other.ipynb), [c](other.ipynb), <https://a.invalid>."
    ]


def test_a_link_may_have_code_and_roles_in_its_text(tmp_path):
    text = "$$ a $$ (eq-a)\n\n+++\n\n[`a](b` {eq}`eq-a`](other.md \"t\")"
    assert body(convert(tmp_path, text, other=OTHER))[1] == "[`a](b` (1)](other.ipynb \"t\")"


def test_a_section_gets_an_anchor_only_if_the_page_links_to_it(tmp_path):
    text = "{ref}`sec-a`, [b](#sec-b)\n\n(sec-a)=\n## A\n\na\n\n(sec-b)=\n## B\n\n(sec-c)=\n## C"
    assert body(convert(tmp_path, text)) == [
        "[A](#sec-a), [b](#sec-b)",
        '## A\n\n<a id="sec-a" name="sec-a"></a>\n\na',
        '## B\n\n<a id="sec-b" name="sec-b"></a>',
        "## C",
    ]


def test_comments_are_dropped(tmp_path):
    text = "a <!-- inline -->b\n\n<!-- block\n\nof lines -->\n\n% line\n\nc"
    assert body(convert(tmp_path, text))[0].split() == ["a", "b", "c"]


def test_roles_in_tables_headings_and_lists(tmp_path):
    text = (
        "x\n\n$$ a $$ (eq-a)\n\n## H {eq}`eq-a`\n\n| x {eq}`eq-a` | {eq}`eq-a` y |\n|---|---|\n"
        "| z | {eq}`eq-a` |\n\n- l\n  - m {eq}`eq-a`\n    n {eq}`eq-a`"
    )
    assert body(convert(tmp_path, text))[1] == (
        "## H (1)\n\n| x (1) | (1) y |\n|---|---|\n| z | (1) |\n\n- l\n  - m (1)\n    n (1)"
    )


def test_block_breaks_split_cells(tmp_path):
    assert body(convert(tmp_path, "a\n\n+++\n\nb")) == ["a", "b"]


def test_first_cell_names_the_source_and_the_site(tmp_path):
    first = convert(tmp_path, "a", workbook='{number: "6.2"}').cells[0].source
    assert first.startswith("# 6.2 Title\n\n*This notebook is generated from `book/ch/page.md`:")
    first = convert(tmp_path, "a", addresses=SITE).cells[0].source
    assert "[`book/ch/page.md`](https://host.invalid/o/n/blob/main/book/ch/page.md)" in first
    assert "(https://s.invalid/b/book/ch/page.html)" in first


def test_facts_and_goals_follow_the_first_paragraph(tmp_path):
    workbook = (
        '{goals: ["do {eq}`eq-a`", g], minutes: 5, level: H, '
        "needs: [ch/other, ch/missing]}"
    )
    text = "One.\n\nTwo.\n\n$$ a $$ (eq-a)"
    cells = body(convert(tmp_path, text, workbook=workbook, other=OTHER))
    first, *rest = cells[0].split("\n\n")
    assert first == "One."
    assert "5 minutes" in rest[0] and "hard" in rest[0]
    assert rest[0].endswith(
        "**Needed before** [Other $o$](other.ipynb) · **Needed before, not yet here** missing"
    )
    assert rest[1:] == ["After this page you can:", "- do (1)\n- g"]
    assert cells[1].startswith("Two.")


def test_solutions_are_folded_and_the_notebook_says_so(tmp_path):
    solution = "```{code-cell} python\n:tags: [solution]\nf = 1\n```"
    notebook = convert(tmp_path, f"{EXERCISE}\n:::{{solution}} ex-turn\n:::\n\n{solution}")
    assert "'Run all' runs them" in notebook.cells[0].source
    setup = notebook.cells[1].source
    assert "from dlworkbook import solutions\n\nsolutions.fold()" in setup
    titles = [cell.source.split("\n")[0] for cell in notebook.cells
              if "solution" in cell.metadata.get("tags", [])]
    assert titles and all(title.startswith(MARK) for title in titles)
    plain = convert(tmp_path, "```{code-cell} python\nf = 1\n```")
    assert "solution" not in "".join(cell.source for cell in plain.cells)


def test_a_solution_with_a_cell_magic_could_not_be_folded(tmp_path):
    text = (EXERCISE + "\n:::{solution} ex-turn\n:::\n\n"
            "```{code-cell} python\n:tags: [solution]\n%%time\nf = 1\n```")
    with pytest.raises(PageError, match="cannot start with a cell magic"):
        convert(tmp_path, text)


@pytest.mark.parametrize("directive", ["{practice} convolution_by_hand", "{trial}"])
def test_practice_leaves_the_way_to_the_site(tmp_path, directive):
    text = f"# Title\n\n:::{directive}\n:::\n"
    root = book(tmp_path, {"ch/page": text, "exam/practice": ""})
    (root / "book/exam/practice.md").write_text("# Practice\n\n:::{practice}\n:::\n")
    path = root / "book/ch/page.md"
    (plain,) = body(notebooks.convert(path, root=root, addresses=Addresses()))
    assert plain == "*To practise this with fresh numbers: Practice, on the site.*"
    (linked,) = body(notebooks.convert(path, root=root, addresses=SITE))
    assert "[Practice](https://s.invalid/b/book/exam/practice.html)" in linked


def test_practice_needs_its_page(tmp_path):
    with pytest.raises(PageError, match=r"page.md:\d+: practice: there is no page"):
        convert(tmp_path, ":::{practice} convolution_by_hand\n:::")

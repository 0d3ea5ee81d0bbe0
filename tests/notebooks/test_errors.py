"""What a notebook cannot show is an error with page, line, and what to do."""

from __future__ import annotations

import pytest

from publish.page.parser import PageError
from tests.kit.notebooks import HEAD_LINES, convert

FIRST = HEAD_LINES + 3  # page line of the first line below the title
EXERCISE = ":::{exercise} T\n:label: ex-a\n:number: own\n:level: E\nx\n:::\n"

CASES = {
    # name: (text, line counted from 0, words of the message)
    "directive": ("a\n\n:::{figure} x\n:::", 2, "unknown directive {figure}; allowed: admonition"),
    "in a directive": (
        ":::{note}\na\n\n```{image} x\n```\n:::", 3, "unknown directive {image}"
    ),
    "in an option block": (
        ":::{admonition} A\n:class: predict\n\nb {sub}`x`\n:::", 3, "unknown role {sub}"
    ),
    "option": (":::{note}\n:icon: x\na\n:::", 0, "Unknown option keys: ['icon']"),
    "option of an optionless one": (
        EXERCISE.replace("x\n", "x\n\n:::{hint}\n:a: b\nx\n:::\n").replace(":::{ex", "::::{ex", 1)
        .removesuffix(":::\n") + "::::", 6, "Unknown option keys: ['a']",
    ),
    "argument missing": (":::{admonition}\na\n:::", 0, "{admonition} needs a text"),
    "argument too many": (":::{note} a\nb\n:::", 0, "takes no text after its name: 'a'"),
    "no name": (":::\na\n:::", 0, "without the {name} of a directive"),
    "not closed": (":::{note}\na\n", 0, "never closed"),
    "closed too short": ("::::{note}\na\n:::\n", 0, "never closed"),
    "no blank line above a directive": (
        EXERCISE.replace("x\n:::", ":::{hint}\nx\n:::\n::::").replace(":::{ex", "::::{ex", 1),
        4, "put a blank line above ':::{hint}'",
    ),
    "exercise without level": (
        EXERCISE.replace(":level: E\n", ""), 0, "{exercise} lacks the option :level:"
    ),
    "exercise of a wrong level": (EXERCISE.replace(": E", ": X"), 0, "level must be one of"),
    "exercise with a wrong number": (EXERCISE.replace("own", "62"), 0, "number must be 'own'"),
    "exercise in a list": (
        "- " + EXERCISE.replace("\n", "\n  "), 0, "{exercise} cannot stand inside a list or quote"
    ),
    "exercise in an admonition": (
        "::::{note}\na\n\n" + EXERCISE + "::::", 3, "{exercise} cannot stand inside {note}"
    ),
    "solution of nothing": (":::{solution} ex-b\na\n:::", 0, "no exercise of this label above"),
    "heading in a directive": (":::{note}\na\n\n## b\n:::", 3, "a heading cannot stand inside"),
    "role": ("a\nb {abbr}`c` d", 1, "unknown role {abbr}; allowed: cite"),
    "role in a list": ("- a\n- b\n  {abbr}`c`", 2, "unknown role {abbr}"),
    "label": ("a {ref}`nowhere`", 0, "there is no label 'nowhere' in the book"),
    "kind of label": ("a {eq}`ex-a`\n\n" + EXERCISE, 0, "this is the label of a exercise"),
    "equation as figure": ("a {numref}`eq-a`\n\n$$ a $$ (eq-a)", 0, "takes that of a figure"),
    "label twice": ("$$ a $$ (eq-a)\n\n$$ b $$ (eq-a)", 2, "already used in line"),
    "target before a text": ("(here)=\nText.", 0, "must stand before a heading"),
    "page": ("{doc}`nowhere`", 0, "there is no page 'nowhere'"),
    "link to a page": ("[a](nowhere.md)", 0, "there is no such page"),
    "link to a file": ("[a](data.csv)", 0, "allowed are full addresses"),
    "link in a link": ("[a {doc}`/index` {cite}`one`](/index.md)", 0, "a link inside a link"),
    "citation": ("a\n\n{cite}`nobody`", 2, "'nobody' is in no BibTeX file"),
    "glue": ("{glue:text}`x:.1f`", 0, "no cell of the page glues 'x'"),
    "html": ("a\n\n<div>b</div>", 2, "of HTML only comments"),
    "comment with html": ("a\n\n<!-- a --><b>x</b>", 2, "of HTML only comments"),
    "inline html": ("a <kbd>b</kbd>", 0, "of HTML only comments"),
    "image": ("![a](b.png)", 0, "draw the figure in a code cell"),
    "attributes": ("[a]{.b}", 0, "attributes in braces"),
    "attributes of code": ("`a`{.b}", 0, "attributes in braces"),
    "definition list": ("a\n: b", 0, "write a list with a bold first word"),
    "bare environment": ("\\begin{align}\na\n\\end{align}", 0, "write $$ ... $$ around"),
    "mathematics in a paragraph": (
        "a\n$$\nb\n$$ (eq-a)", 1, "put a blank line before and after $$"
    ),
    "lone dollar": ("`$` and \\$ and $x$\nand $y", 1, "a lone dollar sign"),
    "formula that ends in a list": ("a\n\n> b $c\n> + d$", 2, "a lone dollar sign"),
    "comment in quoted mathematics": (
        ":::{note}\n$$\na % b\n$$\n:::", 1, "a LaTeX comment (%)"
    ),
    "link definition": ("[a][b]\n\n[b]: https://a.invalid", 2, "write [text](address)"),
    "second title": ("a\n\n# b", 2, "a page has one title"),
    "nested cell": (":::{note}\n```{code-cell}\na\n```\n:::", 1, "a code cell must stand at"),
    "cell in a list": ("- a\n\n  ```{code-cell}\n  a\n  ```", 2, "a code cell must stand at"),
    "tag": ("```{code-cell}\n:tags: [hide-inputs]\na\n```", 0, "unknown tag 'hide-inputs'; all"),
    "cell key": ("```{code-cell}\n:name: a\nb\n```", 0, "unknown key 'name' in 'metadata'"),
    "image key": (
        "```{code-cell}\n---\nmystnb: {image: {alternative: a}}\n---\nb\n```", 0,
        "unknown key 'alternative' in 'mystnb.image'",
    ),
    "cell yaml": ("```{code-cell}\n:tags: [a\nb\n```", 0, "bad YAML"),
    "cell syntax": ("```{code-cell}\nb = 1\na = \n```", 2, "is not Python: invalid syntax"),
    "solution cell alone": (
        "```{code-cell}\n:tags: [solution]\na = 1\n```", 0, "must directly follow its {solution}"
    ),
    "solution cell after a text": (
        EXERCISE + "\n:::{solution} ex-a\nb\n:::\n\nText.\n\n"
        "```{code-cell}\n:tags: [solution]\na = 1\n```", 13, "must directly follow its {solution}",
    ),
    "solution cell after another cell": (
        EXERCISE + "\n:::{solution} ex-a\nb\n:::\n\n```{code-cell}\na = 1\n```\n\n"
        "```{code-cell}\n:tags: [solution]\na = 1\n```", 15, "must directly follow its {solution}",
    ),
    "figure for notebooks only": (
        "```{code-cell}\n---\nmystnb: {figure: {caption: a}}\ntags: [notebook-only]\n---\nb\n```",
        0, "cannot be a numbered figure",
    ),
    "role in a caption": (
        "a\n\n```{code-cell}\n---\nmystnb: {figure: {caption: 'a {x}`b`'}}\n---\nc\n```", 2,
        "unknown role {x}",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_error_names_page_line_and_reason(tmp_path, name):
    text, line, message = CASES[name]
    with pytest.raises(PageError) as caught:
        convert(tmp_path, text)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"book/ch/page.md:{FIRST + line}: ")


def test_goals_need_a_paragraph_to_stand_below(tmp_path):
    with pytest.raises(PageError, match="no paragraph below the title"):
        convert(tmp_path, "## Section", workbook="{goals: [a]}")


def test_a_goal_is_checked_at_its_line(tmp_path):
    with pytest.raises(PageError, match=r"page\.md:4: unknown role \{abbr\}"):
        convert(tmp_path, "Text.", workbook='{goals: [a, "b {abbr}`c`"]}')


def test_label_of_another_page_must_exist_there(tmp_path):
    with pytest.raises(PageError, match="no label 'sec-x'"):
        convert(tmp_path, "{ref}`sec-x`", other="# Other\n")


def test_pages_that_become_no_notebook_may_use_anything(tmp_path):
    convert(tmp_path, "{doc}`/index`")
    (tmp_path / "index.md").write_text("# Cover\n\n:::{grid}\n:::\n\n<div>x</div>\n")
    from publish import notebooks
    from publish.site.addresses import Addresses

    notebooks.write_all(tmp_path / "out", root=tmp_path, addresses=Addresses())

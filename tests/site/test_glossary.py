"""Behind each term of the glossary stands the page that introduces it."""

from __future__ import annotations

from bs4 import BeautifulSoup

from publish.site.glossary import chinese, introduced
from tests.kit.small_book import build, page

HEAD = '{{number: "{number}", level: M, goals: [one, two, three], summary: S, needs: []}}'
INDEX = """# Book

```{toctree}
words
lab
first
second
```
"""
WORDS = """# Words

```{glossary}
entropy
  熵. A mean of logarithms.

ReLU
  修正线性单元. The positive part.

batch
  批量, 批. Some rows.

sheaf
  层. Nowhere.
```
"""


def built(folder, second="Its *batch* (批量) and *entropy* (熵)."):
    return build(folder, {
        "index": INDEX,
        "words": WORDS,
        "lab": page("# Lab 1: words\n\nA batch (批) and a *ReLU*.\n", HEAD.format(number="2")),
        "first": page("# First\n\nWords.\n", HEAD.format(number="1.1")),
        "second": page(f"# Second\n\n{second}\n", HEAD.format(number="1.2")),
    }, ("answers", "exercises", "facts", "glossary"))  # fmt: skip


def shown(book) -> dict[str, tuple[str, str]]:
    """Term -> what its meaning says at the end, and where that points."""
    soup = BeautifulSoup(book.html("words"), "html.parser")
    found = {}
    for term in soup.select("dl.glossary dt"):
        link = term.find_next("dd").find("a")
        name = term.get_text().rstrip("¶#")
        found[name] = (link.get_text(), link["href"]) if link else ("", "")
    return found


def test_the_page_is_named_by_its_number(tmp_path):
    book = built(tmp_path)
    assert not book.warnings
    assert shown(book) == {
        "entropy": ("1.2", "second.html"), "batch": ("1.2", "second.html"),
        "ReLU": ("2", "lab.html"),  # a lab, as no other page has it
        "sheaf": ("", ""),
    }  # fmt: skip


def test_it_follows_the_pages(tmp_path):
    """Also in a build that reads one page alone: the glossary's own text has not changed."""
    built(tmp_path)
    later = built(tmp_path, second="A *ReLU*, nothing else.")
    assert shown(later)["ReLU"] == ("1.2", "second.html")
    assert shown(built(tmp_path))["entropy"] == ("1.2", "second.html")


def test_brackets_come_before_a_mere_mention():
    texts = {"one": "熵 in passing", "two": "*entropy* (熵)", "three": "**entropy**"}
    assert introduced("entropy", "熵. A mean.", texts) == "two"
    assert introduced("entropy", "熵. A mean.", {"one": texts["one"]}) == "one"
    assert introduced("entropy", "A mean.", {"three": texts["three"]}) is None
    titled = {"one": "Of the sheaf.", "two": "# What a sheaf is"}
    assert introduced("sheaf", "A mean.", titled) == "two"
    assert introduced("of the sheaf", "A mean.", titled) == "one"
    assert chinese("im2col, 矩阵乘法展开. Writing") == ["矩阵乘法展开"]

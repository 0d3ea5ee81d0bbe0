"""The way out of Jupyter Book: the same content and extensions under plain Sphinx, -W -n."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

INDEX = """# First

A formula $\\softmax(x)$ and a numbered one:

$$y = x * k$$ (eq-first)

See {doc}`second` and {ref}`ex-turn`.

::::{exercise} Turn it
:label: ex-turn
:number: own
:level: E
How often?
:::{hint}
Count.
:::
::::

:::{solution} ex-turn
Twice, by {eq}`eq-first`.
:::

```{code-cell} python3
:tags: [solution]
print("turned", 2)
```
"""
SECOND = """# Second

```{code-cell} python3
:tags: [remove-input]
from dlworkbook.widgets import ConvolutionExplorer
ConvolutionExplorer()
```
"""


def check(book, built) -> None:
    """Assert that the two pages hold what an author put there."""
    assert built.returncode == 0, built.stdout[-4000:]
    first = BeautifulSoup((book.html / "index.html").read_text(), "html.parser")
    assert first.select_one(".exercise .exercise-number").get_text() == "Exercise 1"
    assert first.select_one("details.hint > summary")
    solution = first.select_one("details.solution")
    assert "Twice" in solution.get_text() and "turned 2" in solution.get_text()
    assert len(first.select(".katex")) >= 2
    assert first.find("a", string="Exercise 1")["href"].endswith("#ex-turn")
    second = BeautifulSoup((book.html / "second.html").read_text(), "html.parser")
    widget = second.select_one("[data-widget=convolution]")
    assert widget is not None
    scripts = [tag["src"] for tag in second.select("script[src]")]
    local = [src.split("?")[0] for src in scripts if "dlworkbook" in src]
    assert local, scripts
    for source in local:
        assert (book.html / source).is_file(), source
    for page in (first, second):
        for tag in page.select("script[src], link[rel=stylesheet], img[src]"):
            address = tag.get("src") or tag.get("href")
            assert not address.startswith(("http", "//")), address


@pytest.mark.slow
@pytest.mark.parametrize("how", ["build", "build_with_sphinx_alone"])
def test_two_pages_build_with_and_without_jupyter_book(small_book, how):
    small_book.settings(["index", "second"])
    small_book.write("index", INDEX)
    small_book.write("second", SECOND)
    check(small_book, getattr(small_book, how)())


@pytest.mark.slow
def test_warnings_still_fail_the_build_under_sphinx(small_book):
    small_book.settings(["index", "second"])
    small_book.write("index", INDEX.replace("`second`", "`gone`"))
    small_book.write("second", "# Second\n")
    built = small_book.build_with_sphinx_alone()
    assert built.returncode != 0
    assert "gone" in built.stdout

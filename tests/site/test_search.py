"""Searching: what the index holds and what a reader sees, on a small book and on the site."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from publish.site import search
from tests.kit import sitecheck
from tests.kit.server import serve
from tests.kit.small_book import build, page, without_addresses

MODULES = ("exercises", "folds", "answers", "facts", "numbering", "theme", "search", "seo",
           "policy")
CONFIG = {"html_title": "The Book", "project": "The Book"}
INDEX = """# The Book

A first paragraph.

```{toctree}
book/ch06/convolution
book/ch06/weights
book/instructors/labs
book/appendix/words
```
"""
CONVOLUTION = """# Windows that slide

One small window is moved over a picture, again and again, and each place gets a number.

## Two operations

What networks call a *convolution* leaves the kernel (卷积核) as it is.

### Borders

With padding 'same' the output keeps its size. The colour of a border is black. \
A 3 × 3 kernel pools nothing.

## Build

```python
Y = F.conv2d(X[None], my_kernel, padding='same')
```

Our loop gives what the library gives, entry by entry.

::::{fold} Proof that borders matter
An eigenvector settles it, if 7 > 2 & 2 < 5.

```python
eigenvector = torch.linalg.eigh(K)
```
::::

## Exercises

::::{exercise} Count the windows
:label: ex-windows
:number: own
:level: E

How many windows fit into a row of ten?
::::

:::{solution} ex-windows
Eight: a pigeonhole argument.
:::
"""
WEIGHTS = """# First weights

## The factor of a layer

He initialization keeps<br> the variance of a signal. A long short-term memory needs another one. \
Its rows are &lt;img src=x onerror=alert(1)&gt; in words.

## In two minutes

Padding 'same' and a window again.
"""
LABS = "# Labs\n\n## Hand-ins\n\nPadding padding padding 'same' in a hand-in, and a rubric \
of $\\mathbf{n}-k+1$ points.\n"
WORDS = """# Words

```{glossary}
convolution
  卷积. A window that slides.

long short-term memory
  长短期记忆网络 (LSTM). A layer with a memory cell.

padding
  填充. Entries around an input.
```
"""
PAGES = {
    "index": INDEX, "book/ch06/convolution": page(CONVOLUTION, '{number: "6.2"}'),
    "book/ch06/weights": page(WEIGHTS, '{number: "6.3"}'), "book/instructors/labs": page(LABS),
    "book/appendix/words": WORDS,
}  # fmt: skip
WINDOWS = "book/ch06/convolution.html"
BORDERS = f"{WINDOWS}#borders"
SAID = ".found [role=status], #search-progress"


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        without_addresses(patch)
        return build(tmp_path_factory.mktemp("search"), PAGES, MODULES, **CONFIG)


@pytest.fixture(scope="module")
def records(book) -> dict[str, dict]:
    """Records by address, as Pagefind is given them."""
    kept = Path(book.app.doctreedir) / "search"
    pages = {name: [search.Record(**one) for one in
                    json.loads((kept / f"{name}.json").read_text(encoding="utf-8"))]
             for name in PAGES}  # fmt: skip
    return {one["url"]: one for one in search.entries(pages, dict.fromkeys(PAGES, "A page"))}


def shown(record: dict) -> str:
    return record["content"].split(search.HIDDEN)[0]


def found(record: dict) -> str:
    """What is found by words, and not shown."""
    return record["content"].split(search.HIDDEN)[1]


# --- records


def test_each_section_exercise_and_term_is_a_record(book, records):
    assert book.warnings == ""
    assert list(records) == [
        "index.html", WINDOWS, f"{WINDOWS}#two-operations", BORDERS, f"{WINDOWS}#build",
        f"{WINDOWS}#exercises", f"{WINDOWS}#ex-windows", "book/ch06/weights.html",
        "book/ch06/weights.html#the-factor-of-a-layer", "book/ch06/weights.html#in-two-minutes",
        "book/instructors/labs.html", "book/instructors/labs.html#hand-ins",
        "book/appendix/words.html", "book/appendix/words.html#term-convolution",
        "book/appendix/words.html#term-long-short-term-memory",
        "book/appendix/words.html#term-padding",
    ]  # fmt: skip
    assert shown(records["index.html"]).split() == ["A", "first", f"paragraph.{search.END}"]
    assert "keeps its size" in shown(records[BORDERS])
    assert "keeps its size" not in shown(records[f"{WINDOWS}#two-operations"])
    kinds = {one["meta"]["title"]: one["filters"]["kind"][0] for one in records.values()}
    assert kinds["Exercise 1: Count the windows"] == "exercise" and kinds["padding"] == "term"
    assert kinds["In two minutes"] == "end" and kinds["Hand-ins"] == "later"
    assert records["book/appendix/words.html"]["filters"]["kind"] == ["later"]
    assert set(kinds.values()) == set(search.KINDS)
    for address in records:
        name, _, anchor = address.partition(".html")
        assert not anchor or f'id="{anchor[1:]}"' in book.html(name), address


def test_a_solution_is_found_and_not_shown(records):
    exercise = records[f"{WINDOWS}#ex-windows"]
    assert "How many windows" in shown(exercise) and "pigeonhole" not in shown(exercise)
    assert "pigeonhole" in found(exercise)
    assert all("pigeonhole" not in shown(one) for one in records.values())


def test_html_inside_of_a_sentence_is_no_word(records):
    text = shown(records["book/ch06/weights.html#the-factor-of-a-layer"])
    assert text.startswith("He initialization keeps the variance") and "<img src=x" in text


def test_a_fold_belongs_to_its_section(records):
    build = records[f"{WINDOWS}#build"]
    assert "eigenvector settles" in shown(build)
    assert build["meta"]["parts"] == "Proof that borders matter"


def test_code_is_cut_where_names_end(records):
    words = shown(records[f"{WINDOWS}#build"]).split()
    cut = {"F.conv2d(", "X[", "padding="}
    block = {"my_kernel,", *(f"{name}{search.JOINED}" for name in cut)}
    assert {f"{search.LINE}{word}" for word in block} <= set(words)
    assert search.code("a(b)[c]").replace(f"{search.JOINED} ", "") == "a(b)[c]"


def pieces(tex: str) -> str:
    return search.formula(tex).replace(search.FORMULA, "")


def test_formulas_are_their_tex_without_what_shapes_it(records):
    assert f"of {search.FORMULA}n {search.FORMULA}-k+1 points" in (
        shown(records["book/instructors/labs.html#hand-ins"]))
    tex = r"\hat{\mathbf{y}}_i = \operatorname{softmax}(\mathbf o)_i \quad \text{for } i \leq q"
    assert pieces(tex) == r"\hat y_i = softmax(o)_i for i \leq q"
    tex = r"\begin{aligned}\left(a\right) &= \frac{1}{n}\sum_{i=1}^{n} \mathcal{L}\end{aligned}"
    assert pieces(tex) == r"(a) = \frac 1 n \sum_i=1^n L"
    assert pieces(r"r\,x \\ \textstyle\sum y") == r"r x \sum y"


def test_other_words_for_what_a_record_holds(records):
    weights = found(records["book/ch06/weights.html#the-factor-of-a-layer"]).split()
    assert {"initialisation", "LSTM", "长短期记忆网络", "记忆网络", "网络"} <= set(weights)
    assert {"color", "填充", "3x3"} <= set(found(records[BORDERS]).split())
    assert "卷积" in found(records[f"{WINDOWS}#two-operations"]).split()
    # What begins inside of Chinese words is found, too.
    assert "积核" in found(records[f"{WINDOWS}#two-operations"]).split()


@pytest.mark.parametrize(("term", "meaning", "names"), [
    ("GRU cell", "门控循环单元 (GRU). A layer.", {"GRU cell", "门控循环单元", "GRU"}),
    ("multilayer perceptron", "多层感知机. Layers; MLP for short.",
     {"multilayer perceptron", "多层感知机", "MLP"}),
    ("binary", "二元交叉熵. Of two, also called log loss, in code BCE.",
     {"binary", "二元交叉熵", "log loss", "BCE"}),
    ("average pooling", "平均汇聚, 平均池化. A mean.", {"average pooling", "平均汇聚", "平均池化"}),
])
def test_the_glossary_tells_all_names_of_a_term(term, meaning, names):
    assert search.names(term, meaning) == names


def test_pages_that_ask_stand_behind_those_that_teach():
    pages = {name: [search.Record("", "Rows"), search.Record("a", "A word")]
             for name in ("book/ch06/rows", "book/ch06/lab_rows", "book/exam/rows", "index")}
    found = search.entries(pages, dict.fromkeys(pages, "Rows"))
    kinds = {one["url"].split(".")[0]: one["filters"]["kind"][0] for one in found}
    assert list(kinds.values()) == ["text", "exercise", "exercise", "end"]


def test_the_vocabulary_is_that_of_titles_and_terms():
    term = search.Record("m", "Max pooling", "term", "最大汇聚. The largest; argmaximum for short.")
    place = search.Record("a", "How far?", shown="Unread", parts=["Proof"], terms=["stride"])
    assert search.vocabulary({"a": [place], "b": [term]}) == [
        "argmaximum", "pooling", "proof", "stride"]


def test_a_name_leads_to_its_term_unless_two_have_it():
    terms = [search.Record("p", "pooling", "term", "汇聚, 池化. One number; MP for short."),
             search.Record("m", "momentum", "term", "动量. A mean; MP for short."),
             search.Record("t", "text", shown="其它. No term.")]
    assert search.called(terms) == {"池化": "pooling", "汇聚": "pooling", "动量": "momentum"}


# --- the index


def test_the_index_is_ours_alone(book):
    """Nothing of what Pagefind brings for sites without a search of their own, nor of Sphinx."""
    names = {path.name for path in (book.out / search.FOLDER).iterdir()}
    assert {"pagefind.js", "pagefind-worker.js", "wasm.en.pagefind", "fragment"} <= names
    held = json.loads((book.out / search.FOLDER / search.WORDS).read_text(encoding="utf-8"))
    words = held["words"]
    assert "convolution" in words and words == sorted(words)
    assert held["called"]["卷积"] == "convolution" and "convolution" not in held["called"]
    assert not any("ui" in name or "highlight" in name or "unknown" in name for name in names)
    assert not (book.out / "searchindex.js").exists()
    fragments = list((book.out / search.FOLDER / "fragment").iterdir())
    assert len(fragments) == 16


def test_the_index_is_whole(book):
    """The program ends at once when it has answered, whatever it was writing."""
    for folder in ("fragment", "index", "filter"):
        for path in (book.out / search.FOLDER / folder).iterdir():
            assert gzip.decompress(path.read_bytes()).startswith(b"pagefind_dcd"), path.name
    for path in (book.out / search.FOLDER).iterdir():
        assert path.is_dir() or path.stat().st_size > 100, path.name


def test_it_follows_the_pages_and_is_left_alone_otherwise(tmp_path):
    def entry():
        return tmp_path / "out/html/pagefind/pagefind-entry.json"

    build(tmp_path, PAGES, MODULES, **CONFIG)
    before = entry().stat().st_ino, entry().read_text()
    build(tmp_path, PAGES, MODULES, **CONFIG)
    assert (entry().stat().st_ino, entry().read_text()) == before
    script = entry().with_name("pagefind.js")
    whole = script.read_bytes()
    script.write_bytes(b"")  # a disk that was full
    build(tmp_path, PAGES, MODULES, **CONFIG)
    assert script.read_bytes() == whole
    labs = page(LABS.replace("rubric", "sundial"))
    build(tmp_path, PAGES | {"book/instructors/labs": labs}, MODULES, **CONFIG)
    assert entry().read_text() != before[1]


def test_what_pagefind_refuses_ends_the_build(tmp_path):
    with search.Pagefind() as pagefind, pytest.raises(search.ExtensionError, match="Pagefind"):
        pagefind.ask("NoSuchThing")


# --- in a browser


@pytest.fixture(scope="module")
def served(book):
    with serve(book.out) as (url, log):
        yield url, log


class Search:
    """The field in the head of a page."""

    def __init__(self, page, url: str):
        self.page = page
        page.goto(url)
        self.field = page.locator("[role=search] input")

    def ask(self, query: str) -> list[str]:
        """Addresses of the results, below the root and without the text to mark."""
        status = self.page.locator(SAID)
        if status.count():
            status.evaluate("e => { e.textContent = '' }")
        self.field.fill(query)
        status.filter(has_text=re.compile(r"\S")).wait_for()
        return self.results()

    def results(self) -> list[str]:
        root = self.page.evaluate(
            "new URL(document.documentElement.dataset.content_root, location.href).href")
        links = self.page.locator(".found-list a").evaluate_all("all => all.map(a => a.href)")
        return [link.removeprefix(root).split(":~:")[0].rstrip("#") for link in links]

    def said(self) -> str:
        return self.page.locator(SAID).inner_text()


@pytest.fixture
def asked(page, served):
    return Search(page, f"{served[0]}/book/ch06/weights.html")


def test_nothing_is_loaded_before_the_field_is_used(page, served):
    url, log = served
    log.clear()
    asked = Search(page, f"{url}/{WINDOWS}")
    page.wait_for_load_state("networkidle")
    assert not [hit.path for hit in log if "search" in hit.path or "pagefind" in hit.path]
    asked.field.focus()
    page.locator(".found").wait_for(state="attached")
    page.wait_for_load_state("networkidle")
    assert [hit.path for hit in log if "search" in hit.path or "pagefind" in hit.path] == [
        "/_static/search.js"]  # fmt: skip
    assert asked.ask("padding") and not page.dlw_events.problems()
    assert sum(hit.sent for hit in log if "pagefind" in hit.path) < 150_000


@pytest.mark.parametrize(("query", "first"), [
    ("padding same", BORDERS),  # not the sections of instructors, nor the summary
    ("F.conv2d", f"{WINDOWS}#build"),
    ("conv2d", f"{WINDOWS}#build"),
    ("my_kernel", f"{WINDOWS}#build"),
    ("卷积", f"{WINDOWS}#two-operations"),
    ("积核", f"{WINDOWS}#two-operations"),
    ("He initialisation", "book/ch06/weights.html#the-factor-of-a-layer"),
    ("LSTM", "book/ch06/weights.html#the-factor-of-a-layer"),
    ("color", BORDERS),
    ("pigeonhole", f"{WINDOWS}#ex-windows"),
    ("eigenvector", f"{WINDOWS}#build"),
    ("windows slide", WINDOWS),
    ("pooling", BORDERS),  # its stem has four letters
    ("3x3 kernel", BORDERS),
])  # fmt: skip
def test_the_right_section_stands_first(asked, query, first):
    assert asked.ask(query)[0] == first
    sitecheck.none(asked.page.dlw_events.problems())


def test_instructors_and_the_glossary_stand_last(asked):
    kinds = ["instructors" in one or "appendix" in one for one in asked.ask("padding")]
    assert kinds == sorted(kinds) and sum(kinds) == 2 and len(kinds) == 5


def test_results_are_grouped_by_page_with_marked_words(asked):
    asked.ask("padding")
    pages = asked.page.locator(".of-page").all_inner_texts()
    assert len(pages) == len(set(pages)) == 4 and pages[0].startswith("6.2 Windows")
    text = asked.page.locator(".context").first.inner_text()
    assert "the output keeps its size" in text
    marks = asked.page.locator(".context mark").all_inner_texts()
    assert len(marks) >= 4 and set(map(str.lower, marks)) == {"padding"}
    assert "5 sections" in asked.said() and not asked.page.locator(".found-all").is_visible()


def test_a_word_that_is_misspelt_is_looked_for_as_it_was_meant(asked):
    assert asked.ask("konvolution") == asked.ask("convolution")
    asked.ask("konvolution")
    assert asked.said().startswith("Looked for “convolution”. ")
    assert asked.ask("kernel konvolution")[0] == f"{WINDOWS}#two-operations"
    assert asked.said() == "Looked for “kernel convolution”. 1 section."
    sitecheck.none(asked.page.dlw_events.problems())


def test_an_excerpt_is_prose_if_it_can_be_and_shows_signs_as_they_are(asked):
    asked.ask("eigenvector")
    text = asked.page.locator(".context").first.inner_text()
    assert "An eigenvector settles it, if 7 > 2 & 2 < 5" in text
    asked.ask("initialization onerror")
    assert "<img src=x onerror" in asked.page.locator(".context").first.inner_text()


def test_code_is_shown_as_it_is_written(asked):
    asked.ask("conv2d")
    assert "Y = F.conv2d(X[None], my_kernel, padding='same')" in (
        asked.page.locator(".context").first.inner_text())


def test_keys(asked):
    """Enter opens the first result, arrows go through them, Escape closes."""
    page = asked.page
    page.keyboard.press("/")
    assert asked.field.evaluate("e => e === document.activeElement")
    asked.ask("padding")
    links = page.locator(".found-list a")

    def focused(locator) -> bool:
        return locator.evaluate("e => e === document.activeElement")

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert focused(links.nth(1))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert focused(asked.field)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    assert focused(asked.field) and not page.locator(".found").is_visible()
    asked.ask("padding same")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{BORDERS}*")


def test_enter_waits_for_the_results(asked):
    asked.field.fill("eigenvector")
    asked.field.press("Enter")
    asked.page.wait_for_url(f"**/{WINDOWS}*build*")


def test_leaving_the_field_closes_the_results(asked):
    asked.ask("padding")
    assert asked.page.locator(".found").is_visible()
    asked.page.mouse.click(300, 650)
    assert not asked.page.locator(".found").is_visible()


def test_a_result_marks_its_words_and_leaves_nothing_behind(asked):
    page = asked.page
    asked.ask("kernel convolution leaves")
    link = page.locator(".found-list a").first
    assert unquote(link.get_attribute("href")).endswith(
        "#two-operations:~:text=networks call a-,convolution leaves,-the kernel (卷积核)")
    link.click()
    page.wait_for_url(f"**/{WINDOWS}*")
    assert page.locator("mark").count() == 0
    assert page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))") == []


def test_a_solution_is_not_opened_by_a_result(asked):
    asked.ask("pigeonhole")
    link = asked.page.locator(".found-list a").first
    assert ":~:" not in link.get_attribute("href")
    assert "pigeonhole" not in asked.page.locator(".found").inner_text()


@pytest.mark.parametrize(("query", "said"), [
    ("zyxxyzzy", "No section holds this word."),
    ("zyxxyzzy xyzzzy", "No section holds any of these words."),
    ("eigenvector pigeonhole", "No section of a chapter holds all these words; "
                               "2 sections hold some."),
    ("pigeonhole", "1 section."),
    ("Why does an eigenvector settle it?", "1 section."),
])
def test_what_is_found_is_said(asked, query, said):
    asked.ask(query)
    assert asked.said() == said


@pytest.mark.parametrize("word", ["constructor", "__proto__", "toString", "<img src=x onerror=1>"])
def test_words_are_words(asked, word):
    asked.ask(word)
    assert "undefined" not in asked.said() and asked.page.locator(".found img").count() == 0
    sitecheck.none(asked.page.dlw_events.problems())


def test_the_page_of_results_takes_the_query_from_its_address(page, served):
    asked = Search(page, f"{served[0]}/search.html?q=padding+same")
    page.locator(".found-list a").first.wait_for()
    assert asked.field.input_value() == "padding same" and asked.results()[0] == BORDERS
    asked.ask("eigenvector")
    assert page.evaluate("location.search") == "?q=eigenvector"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{WINDOWS}*build*")
    sitecheck.none(page.dlw_events.problems())


def test_more_than_the_field_shows_stand_on_the_page_of_results(page, tmp_path):
    many = "\n".join(f"## Part {i}\n\nA gargoyle.\n" for i in range(14))
    built = build(tmp_path, {"index": page_text(many)}, MODULES, **CONFIG)
    with serve(built.out) as (url, _):
        asked = Search(page, f"{url}/index.html")
        assert len(asked.ask("gargoyle")) == 10 and "14 sections, the best 10" in asked.said()
        page.locator(".found-all").click()
        page.wait_for_url("**/search.html?q=gargoyle")
        page.locator(".found-list a").nth(13).wait_for()


def page_text(parts: str) -> str:
    return f"# The Book\n\nText.\n\n{parts}"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "path"), [(1280, WINDOWS), (768, WINDOWS), (360, "search.html")])
def test_results_fit_and_can_be_read(new_page, served, theme, width, path):
    page = new_page(viewport={"width": width, "height": 700}, color_scheme=theme)
    asked = Search(page, f"{served[0]}/{path}")
    assert len(asked.ask("padding")) == 5
    sitecheck.none(sitecheck.overflow(page))
    sitecheck.none(sitecheck.axe_violations(page))
    box = page.locator(".found-list").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    assert page.locator(".found-list a").first.bounding_box()["x"] == box["x"]  # no indentation


def test_narrow_screens_go_to_the_page_of_results(new_page, served):
    page = new_page(viewport=sitecheck.PHONE)
    page.goto(f"{served[0]}/{WINDOWS}")
    page.locator(".find-link").click()
    page.wait_for_url("**/search.html")
    page.wait_for_function("() => document.activeElement.matches('[role=search] input')")


@pytest.mark.parametrize("path", [WINDOWS, "search.html?q=padding"])
def test_opened_as_a_file_it_says_how_to_serve(page, book, path):
    page.goto((book.out / WINDOWS).parent.as_uri().replace("/book/ch06", "/") + path)
    page.locator("[role=search] input").focus()
    status = page.locator(SAID).filter(has_text="python -m http.server")
    status.wait_for()
    assert status.is_visible() and not page.dlw_events.errors


# --- the book: queries that must lead to the right section first

SOFTMAX = "ch03_linear_networks/softmax_regression"
GRADIENTS = "ch04_multilayer_perceptrons/vanishing_gradients"
CH06, CH10 = "ch06_convolutional_networks", "ch10_attention"
QUERIES = {
    "convolution": f"{CH06}/convolution.html",
    "receptive field": f"{CH06}/receptive_fields.html",
    "softmax gradient": f"{SOFTMAX}.html#one-function-and-its-two-derivatives",
    "padding same": f"{CH06}/padding_and_stride.html#same-keeps-the-size-only-at-stride-1-and-"
                    "evenly-only-for-odd-kernels",
    "卷积": f"{CH06}/convolution.html",
    "vanishing gradient": f"{GRADIENTS}.html",
    "He initialisation": f"{GRADIENTS}.html#xavier-and-he-make-the-factor-1",
    "F.conv2d": f"{CH06}/convolution.html#build-channels",
    "teacher forcing": f"{CH10}/sequence_reversal.html#train-it",
    "learning rate too large": "ch03_linear_networks/linear_regression_scratch.html"
                               "#see-one-example-three-rates",
    "attention mask": f"{CH10}/self_attention.html#several-heads",
    "pooling": f"{CH06}/pooling.html",
    "池化": f"{CH06}/pooling.html",
    "丢弃法": "ch04_multilayer_perceptrons/dropout.html",
    "mAP": "ch13_computer_vision/detection_metrics.html#from-detections-to-one-number",
    "批量归一化": "ch07_modern_convolutional_networks/batch_normalization.html",
    "positional encoding": f"{CH10}/self_attention.html#derive-a-table-its-blindness-and-a-code-"
                           "for-places",
    "1x1 convolution": f"{CH06}/channels.html",
    "how does the LSTM forget gate work": "ch09_modern_rnn/gated_units.html"
                                          "#lstm-three-gates-and-a-second-state",
    "backpropogation": "ch04_multilayer_perceptrons/backpropagation.html",
}


@pytest.mark.parametrize("query", QUERIES)
def test_the_book_leads_to_the_right_section(page, site, query):
    asked = Search(page, f"{site}/index.html")
    assert asked.ask(query)[0] == f"book/{QUERIES[query]}"
    sitecheck.none(page.dlw_events.problems())

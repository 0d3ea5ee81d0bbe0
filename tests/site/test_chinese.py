"""Chinese characters are legible without a Chinese font: the page brings the ones that it shows."""

from __future__ import annotations

import base64
import io
import re

import pytest
from fontTools.ttLib import TTFont

from dlworkbook.fonts import CHINESE, FAMILY
from dlworkbook.fonts.make_chinese import sources, used
from publish.site import chinese
from tests.kit.server import serve
from tests.kit.small_book import build, page

TERMS = "A convolution (卷积) slides a **window (窗口)**.\n\n```python\nprint('卷')\n```\n"


def known(rule: str) -> set[str]:
    """The characters in the font of a rule."""
    data = re.search(r"base64,([^)]+)\)", rule)[1]
    return set(map(chr, TTFont(io.BytesIO(base64.b64decode(data))).getBestCmap()))


def test_every_chinese_character_of_the_book_is_in_the_font():
    has = set(map(chr, TTFont(CHINESE).getBestCmap()))
    missing = {str(path): "".join(lost) for path in sources() if (lost := used([path]) - has)}
    assert not missing, (
        f"{missing}: the font of the book lacks these characters. Run "
        "dlworkbook/fonts/make_chinese.py as its first lines say, and commit the font."
    )


def test_the_font_keeps_its_licence_and_not_its_name():
    licence = CHINESE.with_name("LICENSE.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence and "Adobe" in licence
    names = {record.nameID: record.toUnicode() for record in TTFont(CHINESE)["name"].names}
    assert "Adobe" in names[0] and "SIL Open Font License" in names[13]
    assert "Noto" not in names[1] + names[4] + names[6] and FAMILY in names[1]
    published = TTFont(io.BytesIO(chinese.whole(CHINESE.stat().st_mtime)))
    assert {r.nameID: r.toUnicode() for r in published["name"].names} == names
    assert published.getBestCmap().keys() == TTFont(CHINESE).getBestCmap().keys()


def test_a_page_brings_the_characters_that_it_shows():
    rule = chinese.face("<p>The convolution (卷积), a word of its own. 卷</p>")
    assert known(rule) == set("卷积") and "unicode-range: U+5377,U+79EF;" in rule
    assert len(rule) < 1_500
    assert chinese.face("<p>No such character: é × – “</p>") == ""
    assert chinese.face("<p>\u2e80</p>") == ""  # one that the font of the book lacks


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    pages = {"index": page("# Book\n\nText.\n\n```{toctree}\nterms\n```\n"),
             "terms": page(f"# Terms\n\n{TERMS}")}
    built = build(tmp_path_factory.mktemp("chinese"), pages, ("facts", "numbering", "theme",
                                                              "policy"))
    assert built.warnings == "" and FAMILY not in built.html("index")
    with serve(built.out) as (url, _log):
        yield url


def test_text_and_code_use_it(page, served):
    """The site's policy lets it in, and every kind of text names it."""
    page.goto(f"{served}/terms.html")
    page.wait_for_function("document.fonts.status === 'loaded'")
    loaded = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded')"
                           ".map(f => f.family.replaceAll('\"', ''))")
    assert FAMILY in loaded
    for selector in ("article p", "article strong", "article pre", "header .brand"):
        family = page.evaluate("s => getComputedStyle(document.querySelector(s)).fontFamily",
                               selector)
        assert FAMILY in family, selector
    assert not page.dlw_events.problems()


def test_what_a_search_finds_elsewhere_has_the_whole_font(page, served):
    """Fetched when one of its characters comes up there; the text of a page never asks for it."""
    loaded = ("[...document.fonts].filter(f => f.status === 'loaded')"
              ".some(f => f.family.includes('Workbook Chinese All'))")
    page.goto(f"{served}/terms.html")
    page.wait_for_function("document.fonts.status === 'loaded'")
    assert not page.evaluate(loaded)
    add = "s => { document.querySelector(s).append('\u611f\u53d7\u91ce'); document.body.offsetTop }"
    page.evaluate(add, "article")
    page.evaluate("document.fonts.ready")
    assert not page.evaluate(loaded)
    page.evaluate(add, ".find")
    page.wait_for_function(f"() => {loaded}")
    assert not page.dlw_events.problems()

"""The route pages list what the front matter of the pages says, also in an incremental build."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from publish.site import routes

pytestmark = pytest.mark.slow  # each test builds a small book, some twice

# The modules of the extension that routes stand on; the others need more of the book.
EXTENSION = """
from publish.site import exercises, facts, routes
def setup(app):
    for module in (exercises, facts, routes):
        module.setup(app)
"""
CONF = """
extensions = ["myst_parser", "routes_only"]
myst_enable_extensions = ["colon_fence"]
exclude_patterns = ["out"]
"""
PAGE = """\
---
workbook:
  number: "{number}"
  d2l: {{zh: {zh}, en: {en}}}
  exam: {exam}
  lab: {lab}
  level: M
  minutes: 40
  goals: [one, two, three]
  summary: What the page is about.
---
# {title}

First paragraph.

"""
EXERCISE = """\
:::{{exercise}} {title}
:label: {label}
:number: {number}
:level: H
Task.
:::

"""


class Book:
    """A small book in a folder of its own, built by Sphinx in this process."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "conf.py").write_text(CONF)
        (root / "routes_only.py").write_text(EXTENSION)
        toc = "\n".join(["d2l", "exam", "interview", "lab", "ch06", "ch07", "other"])
        self.write("index", f"# Book\n\nText.\n\n```{{toctree}}\n{toc}\n```\n")
        zh, en = (f":::{{route}} d2l\n:edition: {e}\n:::\n\n" for e in ("zh", "en"))
        self.write("d2l", f"# By number\n\n{zh}{en}")
        for kind in ("exam", "interview", "lab"):
            self.write(kind, f"# By {kind}\n\n:::{{route}} {kind}\n:::\n")
        self.write("other", "# Other\n\nText.\n")
        self.page("ch06", zh=["6.2.10", "6.2.2"], en=["7.2.2"], exercises=[
            ("Ten", "ex-ten", "zh 6.2.10"), ("Two & more", "ex_two", "zh 6.2.2, en 7.2.2"),
        ], exam=["2021 convolution"], lab=["10"])
        self.page("ch07", number="6.1", zh=["6.1.1"], exercises=[("One", "ex-one", "zh 6.1.1")],
                  lab=["9"])

    def write(self, name: str, text: str) -> None:
        (self.root / f"{name}.md").write_text(text, encoding="utf-8")

    def page(self, name, *, title="Convolution", number="6.2", zh=(), en=(), exercises=(),
             exam=(), lab=()) -> None:
        head = PAGE.format(title=title, number=number, zh=list(zh), en=list(en), exam=list(exam),
                           lab=list(lab))
        tasks = (EXERCISE.format(title=t, label=label, number=n) for t, label, n in exercises)
        self.write(name, head + "".join(tasks))

    def build(self) -> set[str]:
        """Build; a warning is an error. Returns the names of the pages that were written."""
        written: set[str] = set()
        out = self.root / "out"
        with docutils_namespace():  # what one build registers, the next registers again
            app = Sphinx(self.root, self.root, out / "html", out / "doctrees", "html",
                         status=None, warningiserror=True, confoverrides={"nitpicky": True})
            app.connect("html-page-context", lambda app, name, *rest: written.add(name))
            app.build()
        assert app.statuscode == 0
        return written

    def html(self, name: str) -> BeautifulSoup:
        text = (self.root / f"out/html/{name}.html").read_text(encoding="utf-8")
        return BeautifulSoup(text, "html.parser").find(attrs={"role": "main"})


@pytest.fixture
def book(tmp_path, monkeypatch) -> Book:
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Book(tmp_path)
    sys.modules.pop("routes_only", None)


def exercise_links(main: BeautifulSoup, index: int) -> list[tuple[str, str]]:
    groups = main.find_all(class_="route-exercises")
    return [(a.get_text(), a["href"]) for a in groups[index].find_all("a")]


def test_exercises_are_sorted_by_number_and_linked(book):
    book.build()
    main = book.html("d2l")
    assert exercise_links(main, 0) == [("6.1.1 One", "ch07.html#ex-one")]
    # 2 before 10, and an anchor as Sphinx makes it from the label
    assert exercise_links(main, 1) == [
        ("6.2.2 Two & more", "ch06.html#ex-two"), ("6.2.10 Ten", "ch06.html#ex-ten"),
    ]
    assert exercise_links(main, 2) == [("7.2.2 Two & more", "ch06.html#ex-two")]
    assert "6.2 图像卷积 (2 of 4 exercises)" in main.get_text()
    assert main.find(lang="zh").get_text() == "6.1 从全连接层到卷积"
    assert "(40 minutes, medium). What the page is about." in main.get_text()
    for _, href in exercise_links(main, 1):
        name, _, anchor = href.partition(".html#")
        assert book.html(name).find(id=anchor), href


def test_a_page_of_two_sections_is_introduced_once(book):
    book.page("ch06", zh=["6.2.1", "6.3.1"], exercises=[
        ("One", "ex-a", "zh 6.2.1"), ("Two", "ex-b", "zh 6.3.1")])
    book.build()
    about = [p.get_text() for p in book.html("d2l").find_all(class_="route-page")]
    assert about == [
        "6.1 Convolution (40 minutes, medium). What the page is about.",
        "6.2 Convolution (40 minutes, medium). What the page is about.",
        "6.2 Convolution (40 minutes, medium).",
    ]


def test_exams_and_labs_come_from_the_front_matter(book):
    book.build()
    assert [t.get_text() for t in book.html("lab").find_all("dt")] == ["Lab 9", "Lab 10"]
    term = book.html("exam").find("dt")
    assert term.get_text() == "2021 convolution"
    assert term.find_next("a")["href"] == "ch06.html"


def test_an_empty_route_says_so(book):
    book.build()
    assert routes.EMPTY["interview"] in book.html("interview").get_text()


def test_a_change_elsewhere_rewrites_the_routes(book):
    book.build()
    book.page("ch07", number="6.1", zh=["6.1.2"], exercises=[("New", "ex-new", "zh 6.1.2")])
    assert {"d2l", "exam", "interview", "lab"} <= book.build()
    assert exercise_links(book.html("d2l"), 0) == [("6.1.2 New", "ch07.html#ex-new")]
    assert [t.get_text() for t in book.html("lab").find_all("dt")] == ["Lab 10"]


def test_a_change_that_routes_do_not_show_leaves_them_alone(book):
    book.build()
    book.write("other", "# Other\n\nNew text.\n")
    assert book.build() & {"d2l", "exam", "interview", "lab", "other"} == {"other"}
    assert not book.build() & {"d2l", "exam", "interview", "lab", "other"}


def test_a_page_that_is_gone_leaves_the_routes(book):
    book.build()
    (book.root / "ch07.md").unlink()
    index = (book.root / "index.md").read_text().replace("ch07\n", "")
    book.write("index", index)
    book.build()
    assert "6.1" not in book.html("d2l").get_text()


@pytest.mark.parametrize(("text", "message"), [
    (":::{route} d2l\n:::", "needs the option 'edition'"),
    (":::{route} exam\n:edition: zh\n:::", "needs the option 'edition'"),
    (":::{route} songs\n:::", "must be one of"),
])
def test_a_wrong_route_fails_the_build(book, text, message):
    book.write("other", f"# Other\n\n{text}\n")
    with pytest.raises(Exception, match=message):
        book.build()

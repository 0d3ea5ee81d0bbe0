"""The route pages list what the front matter of the pages says, also in an incremental build."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from publish import practice
from publish.page import d2l, items

pytestmark = pytest.mark.slow  # each test builds a small book, some twice

# The modules of the extension that routes stand on; the others need more of the book.
EXTENSION = """
from publish.site import answers, cells, exercises, facts, folds, routes
def setup(app):
    for module in (answers, cells, exercises, facts, folds, routes):
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
::::{{exercise}} {title}
:label: {label}
:number: {number}
:level: H
Task.
::::

"""

ANSWER = """
:::{answer} ex-ten
kind: integer
ask: "Ten"
is: 10
else: "Count again."
:::
"""
EXAM = items.keys("exam")[1]


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
        ], exam=[EXAM], lab=["9"])
        self.page("ch07", number="6.1", zh=["6.1.1"], exercises=[("One", "ex-one", "zh 6.1.1")],
                  lab=["2", "9"])

    def write(self, name: str, text: str) -> None:
        (self.root / f"{name}.md").write_text(text, encoding="utf-8")

    def text(self, name: str) -> str:
        return (self.root / f"{name}.md").read_text(encoding="utf-8")

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
    assert main.find("strong", lang="zh").get_text() == "6.1 从全连接层到卷积"
    assert "(40 minutes, medium). What the page is about." in main.get_text()
    for _, href in exercise_links(main, 1):
        name, _, anchor = href.partition(".html#")
        assert book.html(name).find(id=anchor), href


def test_each_exercise_says_where_it_is_checked(book):
    book.write("ch06", book.text("ch06").replace("Task.", ANSWER, 1))
    book.build()
    main = book.html("d2l")
    said = [item.get_text() for item in main.select(".route-exercises li")]
    assert said[:3] == [
        "6.1.1 One (hard, discussed)", "6.2.2 Two & more (hard, discussed)",
        "6.2.10 Ten (hard, checked on the page)",
    ]
    counted = main.find(class_="route-count").get_text()
    assert counted.endswith("exercises solved: 1 checked on the page, 2 discussed.")


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


def test_every_item_is_listed_with_its_pages_or_not_yet(book):
    book.build()
    main = book.html("exam")
    known = items.keys("exam")
    listed = main.find(class_="route-items").parent.select(".route-items > li")
    assert [li.p.get_text().split(": not")[0].casefold() for li in listed] == [
        f"{key} (trains {items.trains()[key]})".casefold() for key in known
    ]
    done = [li for li in listed if li.find("a")]
    assert [a["href"] for li in done for a in li.find_all("a")] == ["ch06.html"]
    assert done[0].p.get_text() == f"{EXAM} (trains {items.trains()[EXAM]})"
    others = [li for li in listed if li not in done]
    assert all(li.get_text().strip().endswith(": not yet") for li in others)
    assert main.find(class_="route-count").get_text() == f"1 of {len(known)} worked."
    assert "Convolution (1 of 2 worked)" in main.get_text()


def test_labs_are_in_order_with_all_their_pages(book):
    book.build()
    main = book.html("lab")
    heads = [p.get_text() for p in main.find_all(class_="route-section")]
    assert [head.split(":")[0] for head in heads] == [f"Lab {n}" for n in items.keys("lab")]
    assert [head.endswith("(not yet)") for head in heads] == [
        n not in ("2", "9") for n in items.keys("lab")
    ]
    assert [a["href"] for a in main.select(".route-items")[-1].find_all("a")] == [
        "ch06.html", "ch07.html",
    ]
    assert "2 of 6 here" in main.get_text()


def test_a_route_without_a_page_lists_what_is_missing(book):
    book.build()
    main = book.html("interview")
    known = items.keys("interview")
    assert f"0 of {len(known)} answered" in main.get_text()
    assert len(main.select(".route-items > li")) == len(known)


def test_sections_without_a_page_are_named_by_chapter_in_folds(book):
    book.build()
    folds = book.html("d2l").find_all("details")
    said = [fold.summary.get_text() for fold in folds]
    sections = [s for s in d2l.sections().values() if s.edition == "zh" and s.exercises]
    ours = [s for s in sections if s.number.startswith("6.") and s.number not in ("6.1", "6.2")]
    count = sum(s.exercises for s in ours)
    assert f"Chapter 6: {len(ours)} sections not yet ({count} exercises)" in said
    assert "6.5 汇聚层 (6): not yet" in folds[6].get_text()
    assert not any(fold.has_attr("open") for fold in folds)
    total = sum(s.exercises for s in sections)
    assert f"3 of {total} exercises solved: 3 discussed." in book.html("d2l").get_text()


def test_a_change_elsewhere_rewrites_the_routes(book):
    book.build()
    book.page("ch07", number="6.1", zh=["6.1.2"], exercises=[("New", "ex-new", "zh 6.1.2")])
    assert {"d2l", "exam", "interview", "lab"} <= book.build()
    assert exercise_links(book.html("d2l"), 0) == [("6.1.2 New", "ch07.html#ex-new")]
    assert "1 of 6 here" in book.html("lab").get_text()


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
    missing = d2l.sections()["zh", "6.1"]
    said = f"6.1 {missing.title} ({missing.exercises}): not yet"
    assert said in book.html("d2l").get_text()


def test_the_state_of_the_book_is_counted(book):
    book.write("other", "# Other\n\n:::{route} state\n:::\n")
    book.build()
    said = book.html("other").find(class_="state").get_text()
    assert said.startswith("2 pages are finished, 0 of them labs. They cover 3 of ")
    assert f"0 of {len(items.keys('interview'))} interview questions, 1 of " in said
    assert "and 2 of 6 labs; the routes name the rest. Chapters 1, 2, " in said
    book.page("ch07", number="6.1", zh=["6.1.1", "6.1.2"])
    assert "other" in book.build()
    assert "They cover 4 of " in book.html("other").get_text()


@pytest.mark.parametrize(("text", "message"), [
    (":::{route} d2l\n:::", "needs the option 'edition'"),
    (":::{route} exam\n:edition: zh\n:::", "needs the option 'edition'"),
    (":::{route} songs\n:::", "must be one of"),
])
def test_a_wrong_route_fails_the_build(book, text, message):
    book.write("other", f"# Other\n\n{text}\n")
    with pytest.raises(Exception, match=message):
        book.build()


def asked(monkeypatch, *pages: str) -> None:
    """Let two kinds of problems be counted, the first with these pages."""
    kinds = (items.Asked("A kernel by hand", 8, pages, "in part"), items.Asked("Others", 2, (), ""))
    monkeypatch.setattr(items, "asked", lambda: kinds)


def test_kinds_of_problems_stand_in_a_table_with_their_pages(book, monkeypatch):
    asked(monkeypatch, "ch06", "ch07")
    book.write("other", "# Other\n\n:::{route} papers\n:::\n")
    book.build()
    rows = [[cell.get_text().strip() for cell in row.find_all("td")]
            for row in book.html("other").select("tbody tr")]
    assert rows == [["A kernel by hand", "8", "Convolution, Convolution (in part)", ""],
                    ["Others", "2", "not yet", ""]]
    assert [a["href"] for a in book.html("other").select("td a")] == ["ch06.html", "ch07.html"]


def test_a_kind_of_problem_on_a_page_that_is_not_there_fails_the_build(book, monkeypatch):
    asked(monkeypatch, "ch99")
    book.write("other", "# Other\n\n:::{route} papers\n:::\n")
    with pytest.raises(Exception, match=r"there is no page ch99\.md"):
        book.build()


FAMILY = "softmax_cross_entropy"
ADDRESS = f"book/exam/practice.html?practice={FAMILY}.1.1#practice"


def with_practice(book: Book) -> None:
    """A page at the address of all practice problems, which the others may link to."""
    (book.root / "book/exam").mkdir(parents=True)
    book.write("book/exam/practice", "# Practice\n\nText.\n")
    book.write("index", book.text("index").replace("other\n", "other\nbook/exam/practice\n"))


def test_problems_lead_to_their_practice(book, monkeypatch):
    with_practice(book)
    kinds = (items.Asked("Losses", 8, ("ch06",), "", (FAMILY,)), items.Asked("Others", 2, (), ""))
    monkeypatch.setattr(items, "asked", lambda: kinds)
    monkeypatch.setattr(items, "practice", lambda: {EXAM: (FAMILY, "cnn_shapes")})
    book.write("other", "# Other\n\n:::{route} papers\n:::\n")
    book.build()
    cells = book.html("other").select("tbody tr td:nth-child(4)")
    assert [cell.get_text().strip() for cell in cells] == ["Softmax and cross-entropy", ""]
    assert cells[0].a["href"] == ADDRESS
    exam = book.html("exam")
    assert ("; with fresh numbers: Softmax and cross-entropy, Shapes through a CNN"
            in exam.get_text())
    assert exam.find(href=ADDRESS)


def test_a_family_that_is_not_there_fails_the_build(book, monkeypatch):
    with_practice(book)
    monkeypatch.setattr(items, "practice", lambda: {EXAM: ("nothing",)})
    with pytest.raises(Exception, match="there is no family 'nothing'"):
        book.build()


def test_each_problem_names_families_that_are_there():
    known = set(practice.names())
    own = {family for families in items.practice().values() for family in families}
    kinds = {family for kind in items.asked() for family in kind.practice}
    assert own <= known and kinds <= known
    assert FAMILY in own and FAMILY in kinds, "the columns were read"
    assert set(items.practice()) <= set(items.keys("exam"))


def test_the_counted_papers_are_sorted_and_name_each_kind_once():
    kinds = items.asked()
    assert [kind.papers for kind in kinds] == sorted((k.papers for k in kinds), reverse=True)
    assert len({kind.problem for kind in kinds}) == len(kinds) == 16
    assert all(kind.papers <= 36 for kind in kinds)
    assert set(items.trains()) == set(items.keys("exam"))

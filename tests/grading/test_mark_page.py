"""The marking page in a browser, by keyboard alone: a class of three, two questions and a check."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grading.marking import comments, marks, requests, standing
from tests.grading import marked
from tests.kit import sitecheck

PHONE = {"width": 360, "height": 780}


@pytest.fixture
def this(small):
    return marked.lab(small)


@pytest.fixture
def out(tmp_path, this):
    marked.store(tmp_path, this, marked.rows())
    return tmp_path


def _entries(out):
    return {row.student: marks.load(marks.place(out, row)).entries for row in marked.rows()}


def _press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def _saved(page):
    page.wait_for_selector("#status:text-matches('^Saved')")


def _go(page, key, told):
    """Press a key that leads to another page, and wait until that says where it is."""
    with page.expect_navigation():
        page.keyboard.press(key)
    page.wait_for_selector(f"text={told}")


def test_a_class_is_marked_by_keyboard(new_page, out, this):
    with marked.served(out, this) as server:
        page = new_page()
        page.goto(f"{server.url}mark?q=conv-why")
        assert page.inner_text("h1") == "Ada (1)" and page.title() != "owned"
        assert page.locator(".answer math").count() >= 1  # formulas are set
        _press(page, "c")
        page.keyboard.type("Say what moves: j 2 0 are no keys here.")
        _press(page, "Escape")
        _saved(page)  # a comment alone is no mark
        assert page.inner_text("#points") == "open, of 4" and page.inner_text("#done") == "0"
        _press(page, "1", "s")
        page.wait_for_selector("#reuse li")
        _go(page, "j", "Bo (2)")  # what was typed is saved first
        _press(page, "1", "2", "r", "1")
        assert page.input_value("#comment") == "Say what moves: j 2 0 are no keys here."
        _saved(page)
        _press(page, "Escape")
        _go(page, "ArrowRight", "Cy (3)")
        assert page.is_visible("text=Nothing stands in the cell")
        _press(page, "0")
        _saved(page)
        assert page.inner_text("#done") == "3" and page.inner_text("#points") == "0 of 4"
        _go(page, "k", "Bo (2)")
        assert page.inner_text("#points") == "4 of 4"
        # the other question: names hidden, open ones only
        _go(page, "]", "pool-why")
        _go(page, "a", "Name hidden")
        _go(page, "o", "Open only")
        seen = set()
        for k in range(3):
            assert "Name hidden" in page.inner_text("h1") and "lab.ipynb" not in page.content()
            seen.add(page.inner_text(".answer"))
            _press(page, "1")
            _saved(page)
            assert page.inner_text("#done") == str(k + 1)
            if k < 2:
                _go(page, "n", "Name hidden")
        assert len(seen) == 3
        _press(page, "n")  # nothing is open any more
        assert page.inner_text("#status") == "There is no other one"
        # other points for a check, with a reason
        _go(page, "]", "corr2d")
        _go(page, "o", "Name hidden")
        _go(page, "a", "corr2d")
        while page.inner_text("h1") != "Ada (1)":
            _go(page, "k", "corr2d")
        _press(page, "p")
        page.keyboard.type("7.5")
        _press(page, "Tab")
        page.keyboard.type("The kernel is right, the sign is a typo.")
        with page.expect_navigation():
            _press(page, "Control+Enter")
        assert page.inner_text("#points") == "7.5 of 12"
        assert not page.dlw_events.errors and not page.dlw_events.third_party
    got = _entries(out)
    said = [(e.task, e.points, e.comment) for e in got["Ada"] if e.task == "conv-why"]
    half = {"names the shift": 2, "gives a counterexample": 0}
    line = "Say what moves: j 2 0 are no keys here."
    assert said[-1] == ("conv-why", half, line)
    assert [e for e in got["Bo"] if e.task == "conv-why"][-1].points == dict.fromkeys(half, 2)
    assert [e for e in got["Cy"] if e.task == "conv-why"][-1].points == dict.fromkeys(half, 0)
    assert comments.load(out) == [line]
    assert all(e.who == "Ms T" and e.version and e.when for one in got.values() for e in one)
    # the class is graded again, by another grader: marks are where they were
    again = [replace(row, key=row.key + "2") for row in marked.rows()]
    marked.store(out, this, again)
    stand = standing.every(again, this, out)
    assert [one.total for one in stand] == [7.5 + 6 + 2 + 2, 12 + 4 + 2, 12 + 0 + 2]
    assert _entries(out) == got


def _tab_to(page, what):
    """Press Tab until the keyboard is there."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("what => document.activeElement.matches(what)", what):
            return
    raise AssertionError(f"the keyboard does not reach {what}")


def _shown(page):
    """All that stands on the page about one answer and its marks."""
    lines = page.locator("input[data-line]").all()
    numbers = page.locator("#rubric input[type=number]").all()
    return {"whose": page.inner_text("h1"), "points": page.inner_text("#points"),
            "lines": [one.is_checked() for one in lines],
            "numbers": [one.input_value() for one in numbers],
            "comment": page.input_value("#comment"), "done": page.inner_text("#done"),
            "history": page.locator("#history li").all_text_contents(),
            "reuse": page.locator("#reuse .insert").all_text_contents()}


def test_one_question_from_the_overview_to_its_end_and_back(new_page, out, this):
    """No mouse: points for a line and for half of one, a comment kept, one reused, taken back."""
    for text in ("Give an example.", "Say what moves."):
        comments.change(out, text)
    with marked.served(out, this) as server:
        page = new_page()
        page.goto(server.url)
        _tab_to(page, "a[href='mark?q=conv-why']")
        _go(page, "Enter", "Ada (1)")
        _press(page, "1")
        _tab_to(page, "[aria-label='Points: gives a counterexample']")
        _press(page, "Control+a")
        page.keyboard.type("0.5")
        _press(page, "Escape", "r", "ArrowDown", "Enter")
        page.keyboard.type(" 好")
        _press(page, "Escape")
        page.wait_for_function("!document.querySelector('#history').textContent.includes('(0)')")
        _go(page, "j", "Bo (2)")
        _press(page, "1", "2")
        _saved(page)
        _press(page, "r", "1", "Escape")
        _go(page, "j", "Cy (3)")
        _press(page, "0", "c")
        page.keyboard.type("Nothing here, 1 j u.")
        _press(page, "Escape", "s")
        page.wait_for_selector("#reuse li:nth-child(3)")
        page.wait_for_selector("#history li:has-text('Nothing here')", state="attached")
        cy = _shown(page)
        assert cy["points"] == "0 of 4" and cy["done"] == "3"
        assert cy["reuse"] == ["Give an example.", "Say what moves.", "Nothing here, 1 j u."]
        # taken back, and given otherwise
        _go(page, "k", "Bo (2)")
        assert _shown(page)["comment"] == "Give an example."
        with page.expect_navigation():
            _press(page, "u")
        bo = _shown(page)
        assert (bo["points"], bo["done"], bo["lines"]) == ("open, of 4", "2", [False, False])
        _press(page, "2")
        _saved(page)
        bo = _shown(page)
        assert (bo["points"], bo["done"], bo["numbers"]) == ("2 of 4", "3", ["0", "2"])
        page.reload()
        assert _shown(page) == bo
        _go(page, "k", "Ada (1)")
        ada = _shown(page)
        assert (ada["points"], ada["numbers"]) == ("2.5 of 4", ["2", "0.5"])
        assert (ada["lines"], ada["comment"]) == ([True, True], "Say what moves. 好")
        page.reload()
        assert _shown(page) == ada
        assert not page.dlw_events.errors
    with marked.served(out, this) as server:  # the next day
        page.goto(f"{server.url}mark?q=conv-why")
        assert _shown(page) == ada
        _go(page, "j", "Bo (2)")
        assert _shown(page) == bo
        _go(page, "j", "Cy (3)")
        assert _shown(page) == cy
    got = _entries(out)
    assert [entry.kind for entry in got["Bo"]][-2:] == ["withdrawn", "mark"]
    assert got["Ada"][-1].points == {"names the shift": 2, "gives a counterexample": 0.5}
    stand = [standing.one(row, this, out).by_name["conv-why"].points for row in marked.rows()]
    assert stand == [2.5, 2, 0]


def test_two_windows_lose_nothing(new_page, out, this):
    with marked.served(out, this) as server:
        page, other = new_page(), new_page()
        for one in (page, other):
            one.goto(f"{server.url}mark?q=conv-why")
        _press(page, "1")
        _saved(page)
        _press(other, "c")
        other.keyboard.type("Mine")
        _press(other, "Escape")
        other.wait_for_selector("#trouble:visible")
        assert "Ms T has saved this answer meanwhile" in other.inner_text("#trouble")
        _press(other, "j")  # leads nowhere before it is decided
        assert other.evaluate("document.activeElement.textContent") == "Keep theirs, load them"
        assert other.input_value("#comment") == "Mine" and len(_entries(out)["Ada"]) == 1
        other.click("text=Save mine after theirs")
        _saved(other)
        theirs, mine = _entries(out)["Ada"]
        assert (theirs.comment, mine.comment) == ("", "Mine") and mine.points == theirs.points
        # the file is handed in anew while it is marked
        rows = marked.rows()
        rows[0] = replace(rows[0], written=rows[0].written | {"conv-why": "Quite another."})
        marked.store(out, this, rows)
        _press(other, "2")
        other.wait_for_selector("text=another version")
        with other.expect_navigation():
            other.click("text=Load the new version")
        other.wait_for_selector("text=Quite another.")
        assert other.is_checked("[data-line='2']") and other.input_value("#comment") == "Mine"
        assert other.is_visible("#earlier") and len(_entries(out)["Ada"]) == 2
        _press(other, "h")  # they still hold
        _saved(other)
        last = _entries(out)["Ada"][2]
        assert last.answer == marks.digest("Quite another.") and last.comment == "Mine"
        # the server ends: nothing is lost, and it is said
        server.server_close()
        server.shutdown()
        other.keyboard.press("c")
        other.keyboard.type("!")
        other.wait_for_selector("text=does not answer")
        assert other.input_value("#comment").endswith("!")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(new_page, out, this, scheme):
    row = marked.rows()[0]
    marks.add(out, row, marks.Entry("conv-why", "mark", "T", marks.now(), answer="other",
                                    version="other", comment="Long " * 40))
    comments.change(out, "Say why. " * 20)
    for task, new in (("", row), ("conv-why", None)):
        requests.write(out, row, "Look again. " * 20, task, new, "lab.ipynb")
    problems = []
    with marked.served(out, this) as server:
        page = new_page(color_scheme=scheme)
        for place in ("", "mark?q=conv-why", "mark?q=corr2d", "regrades"):
            page.set_viewport_size(sitecheck.DESKTOP)
            page.goto(f"{server.url}{place}")
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
            problems += [f"{place}: {one}" for one in sitecheck.axe_violations(page)]
            page.set_viewport_size(PHONE)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            problems += [f"{place}: {wide} px too wide"] if wide > 0 else []
            for side in page.locator("section").all():  # below each other, each over the width
                if (room := side.bounding_box()["width"]) < 300:
                    problems.append(f"{place}: a part is {room} px wide")
        page.goto(f"{server.url}mark?q=conv-why")
        for _ in range(12):  # wherever the keyboard is, it shows
            page.keyboard.press("Tab")
            if not page.evaluate("parseFloat(getComputedStyle(document.activeElement)"
                                 ".outlineWidth) >= 2"):
                problems.append(page.evaluate("document.activeElement.outerHTML"))
    sitecheck.none(problems)

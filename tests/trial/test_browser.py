"""The trial exam in Chromium, by keyboard: from the draw to the review, resumed, and on paper."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dlworkbook.answers import spec
from dlworkbook.widgets.kit import bundle
from publish import practice
from publish.site import trial
from tests.kit import sitecheck
from tests.kit.node import evaluate
from tests.kit.server import serve
from tests.kit.small_book import build

MODULES = ("exercises", "folds", "answers", "practice", "trial", "progress", "cells", "facts",
           "numbering", "routes", "theme", "policy")
PAGE = "book/exam/practice"
MODEL = bundle.WIDGETS.parent / "trial/model.js"
MOST = {"trial.js": 27_000, "trial.css": 2_800}  # bytes, compressed
EXAM = "s:7"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    text = Path(f"{practice.SOURCES.parents[1]}/{PAGE}.md").read_text(encoding="utf-8")
    box = ":::{answer} try-two\nkind: integer\nis: 2\nelse: Count.\n:::\n"  # then there is a shelf
    pages = {"index": f"# Index\n\n```{{toctree}}\n{PAGE}\nbook/two\n```\n", PAGE: text,
             "book/two": f"# Two\n\n{box}"}
    return build(tmp_path_factory.mktemp("trial"), pages, MODULES)


@pytest.fixture(scope="module")
def served(built):
    with serve(built.out) as (url, _log):
        yield url


def problems(text: str = EXAM) -> list[dict]:
    """The problems of an exam, from Node."""
    drawn = evaluate(MODEL, "m.drawExam(data[0], m.exams.decode(data[1]))",
                     [practice.families(), text])
    return practice.problems([(p["family"], p["level"], p["seed"]) for p in drawn], html=True)


def points(problem: dict) -> list[int]:
    """What each field of a problem is worth: a point for a minute, the rest to the last ones."""
    whole, rest = divmod(max(problem["minutes"], len(problem["fields"])), len(problem["fields"]))
    return [whole + (k >= len(problem["fields"]) - rest) for k in range(len(problem["fields"]))]


def minutes(text: str = EXAM) -> int:
    return sum(problem["minutes"] for problem in problems(text))


@pytest.fixture
def tab(new_page, served):
    one = new_page()
    one.clock.install()
    opened(one, served)
    yield one
    sitecheck.none(one.dlw_events.problems())


def opened(page, served, text: str = EXAM):
    page.goto(f"{served}/{PAGE}.html?trial={text}")
    expect(page.locator(".mock-set")).not_to_be_empty()
    return page


def form(tab):
    return tab.locator("form[data-trial]")


def stage(tab):
    return tab.locator(".trial-stage")


def said(tab):
    return tab.locator(".trial-stage + [role=status]")


def begin(tab) -> None:
    form(tab).get_by_role("button", name="Start").focus()
    tab.keyboard.press("Enter")
    expect(stage(tab)).to_be_visible()


def hand_in(tab) -> None:
    stage(tab).get_by_role("button", name="Hand in", exact=True).focus()
    tab.keyboard.press("Enter")
    expect(stage(tab).locator(".trial-result h4")).to_be_focused()


def enter(tab, n: int, k: int, kind: str, value) -> None:
    """Into field k of problem n, by keyboard."""
    box = tab.locator(f"#trial-{n}-{k}")
    if kind == "choice":
        for letter in [value] if isinstance(value, str) else value:
            box.locator(f"input[value={letter}]").focus()
            tab.keyboard.press("Space")
        return
    box.locator("input[type=text], textarea").focus()
    tab.keyboard.press("ControlOrMeta+a")
    tab.keyboard.type(spec.spellings(kind, {"is": value}, {})[0])


def fill(tab, held: list[dict], change=lambda field: field["is"]) -> None:
    for n, problem in enumerate(held, 1):
        for k, field in enumerate(problem["fields"], 1):
            enter(tab, n, k, field["kind"], change(field))


def confirms(tab, answer: bool) -> None:
    tab.evaluate("yes => { window.confirm = (words) => { window.asked = words; return yes; }; }",
                 answer)


def kept(tab, page: str) -> dict:
    return json.loads(tab.evaluate("key => localStorage.getItem(key)",
                                   f"dlworkbook:answers:trial/{page}") or "{}")


def result(tab) -> str:
    return stage(tab).locator(".trial-result").inner_text()


def test_nothing_is_wrong_with_the_build(built):
    assert built.warnings == ""


def test_a_whole_exam_by_keyboard(tab):
    """All right but one field, which is a slip: nothing is judged before, all is named after."""
    held = problems()
    words = f"3 problems, {minutes()} minutes, exam 7."
    assert form(tab).locator(".mock-set").inner_text() == words
    begin(tab)
    assert stage(tab).locator(".trial-head").evaluate("e => e === document.activeElement")
    assert stage(tab).locator(".trial-problem > h4").all_inner_texts() == [
        problem["title"] for problem in held]
    fill(tab, held)
    first = held[0]["fields"][0]
    slip = first["slips"][0]
    enter(tab, 1, 1, first["kind"], slip["is"])
    box = tab.locator("#trial-1-1")
    if first["kind"] != "choice":
        tab.keyboard.press("Control+Enter" if first["kind"] in ("vector", "matrix") else "Enter")
        assert box.locator("[role=status]").inner_text() == "Kept. It is judged when you hand in."
    text = stage(tab).inner_text()
    for word in ("Right.", "Not yet.", slip["say"].replace("`", ""), "of 1 point"):
        assert word not in text
    assert stage(tab).get_by_role("button", name="Check").count() == 0
    assert stage(tab).get_by_role("button", name="Show the first step").count() == 0
    assert kept(tab, "record") == {}
    tab.clock.run_for(65_000)
    hand_in(tab)
    of = sum(max(p["minutes"], len(p["fields"])) for p in held)
    lost = max(held[0]["minutes"], len(held[0]["fields"])) // len(held[0]["fields"])
    assert result(tab).startswith(f"{of - lost} of {of} points\n")
    assert re.search(rf"1:0\d of {minutes()}:00 were used\.", result(tab))
    item = stage(tab).locator(".trial-slips li")
    assert item.count() == 1
    assert item.inner_text() == (f"{slip['id'].replace('_', ' ')} ({held[0]['title']}): "
                                 f"{slip['say'].replace('`', '')}")
    assert box.locator("[role=status]").inner_text() == f"Not yet. {slip['say']}".replace("`", "")
    marks = stage(tab).locator(".trial-mark").all_inner_texts()
    assert len(marks) == sum(len(p["fields"]) for p in held)
    assert marks[0].startswith(f"0 of {lost} point") and "named above" in marks[0]
    assert not stage(tab).get_by_text("Nothing is judged").is_visible()
    links = stage(tab).locator(".trial-weak a")
    assert links.count() == 1
    assert re.search(rf"\?practice={held[0]['family']}\.{held[0]['level']}\.\d+#practice$",
                     links.get_attribute("href"))
    more = stage(tab).get_by_role("button", name="Show the first step").first
    more.focus()
    tab.keyboard.press("Enter")
    assert stage(tab).locator(".trial-problem").first.locator(".practice-steps > li").count() == 1
    record = kept(tab, "record")
    assert record["exam:s:7"]["text"] == f"{of - lost}/{of}"
    assert record[f"slip:{held[0]['family']}.{slip['id']}"]["tries"] == 1
    stage(tab).get_by_role("button", name="Another exam").focus()
    tab.keyboard.press("Enter")
    assert f"1 exam, the last with {of - lost} of {of} points" in form(tab).inner_text()
    assert slip["id"].replace("_", " ") in form(tab).locator(".mock-record").inner_text()


def test_clock(tab):
    """It counts down, says half, five minutes and the bell, and locks nothing."""
    opened(tab, tab.url.split("/book")[0], "s:7_l:3")
    held, total = problems("s:7_l:3"), minutes("s:7_l:3")
    assert total > 12
    begin(tab)
    clock = stage(tab).locator(".mock-clock")
    tab.clock.run_for(1_000 * 30 * total - 5_000)
    assert said(tab).inner_text() == ""
    tab.clock.run_for(10_000)
    assert said(tab).inner_text().startswith("Half of the time is over, ")
    tab.clock.run_for(1_000 * (30 * total - 300))
    assert said(tab).inner_text() == "Five minutes are left."
    assert re.match(rf"4:5\d of {total}:00 left", clock.inner_text())
    assert not stage(tab).locator(".trial-bell").is_visible()
    tab.locator("#trial-1-1").locator("input, textarea").first.focus()
    tab.clock.run_for(300_000)
    assert said(tab).inner_text().startswith("The time is over. Hand in now, or go on")
    assert clock.get_attribute("data-over") == "true" and "over the time" in clock.inner_text()
    assert clock.get_attribute("aria-live") == "off"
    bell = stage(tab).locator(".trial-bell")
    assert bell.is_visible()
    assert tab.locator("#trial-1-1").evaluate("e => e.contains(document.activeElement)")
    bell.get_by_role("button", name="Go on").focus()
    tab.keyboard.press("Enter")
    tab.clock.run_for(2_000)
    assert not bell.is_visible()
    fill(tab, held)
    hand_in(tab)
    of = sum(max(p["minutes"], len(p["fields"])) for p in held)
    assert result(tab).startswith(f"0 of {of} points, and {of} more after the bell")
    assert "too long" in result(tab) and "No known slip" in result(tab)
    assert all("entered after the bell" in mark
               for mark in stage(tab).locator(".trial-mark").all_inner_texts())


def test_handing_in_with_empty_fields_asks(tab):
    begin(tab)
    confirms(tab, False)
    stage(tab).get_by_role("button", name="Hand in", exact=True).click()
    assert "still empty" in tab.evaluate("asked")
    assert not stage(tab).locator(".trial-result h4").count() and kept(tab, "record") == {}
    confirms(tab, True)
    hand_in(tab)
    assert result(tab).startswith("0 of ")
    assert all("no answer" in mark for mark in stage(tab).locator(".trial-mark").all_inner_texts())
    assert stage(tab).locator(".trial-weak a").count() == 3


def test_closed_and_opened_again(tab):
    """What was entered and when it began are kept; so is what was handed in, with its review."""
    held = problems()
    begin(tab)
    fill(tab, held[:1])
    tab.clock.run_for(61_000)
    tab.reload()
    expect(stage(tab)).to_be_visible()
    clock = stage(tab).locator(".mock-time").inner_text()
    assert re.match(rf"{minutes() - 2}:5\d", clock), clock
    assert tab.evaluate("document.activeElement === document.body")
    confirms(tab, True)
    hand_in(tab)
    before = result(tab)
    assert not before.startswith("0 of ")
    enter(tab, 1, 1, held[0]["fields"][0]["kind"], held[0]["fields"][0]["slips"][0]["is"])
    tab.reload()
    expect(stage(tab).locator(".trial-result h4")).to_be_visible()
    assert result(tab) == before, "the points stay"
    assert len([key for key in kept(tab, "record") if key.startswith("exam:")]) == 1
    assert kept(tab, "record")["exam:s:7"]["tries"] == 1
    assert tab.evaluate("document.activeElement === document.body")
    stage(tab).locator(".trial-weak a").first.click()
    expect(tab.locator("#practice[data-shows]")).to_be_attached()
    assert "practice=" in sitecheck.in_the_bar(tab)
    assert result(tab) == before


def test_the_address_holds_the_exam(tab, new_page, served):
    form(tab).get_by_label("6").check()
    form(tab).get_by_label("mixed").check()
    assert re.match(r"6 problems, \d+ minutes", form(tab).locator(".mock-set").inner_text())
    begin(tab)
    assert "trial=s:7_n:6_l:mixed" in sitecheck.in_the_bar(tab)
    other = opened(new_page(), served, "s:7_n:6_l:mixed")
    begin(other)
    texts = [stage(one).locator(".trial-problem").all_inner_texts() for one in (tab, other)]
    assert texts[0] == texts[1] and len(texts[0]) == 6


@pytest.mark.parametrize("text", ["s:x", "n:7", "l:9", "%3Cimg src=x%3E", "q:1", "__proto__:1"])
def test_rubbish_in_the_address_is_told(tab, served, text):
    opened(tab, served, text)
    expect(form(tab).locator(".mock-set strong")).to_contain_text("could not be read: ")
    begin(tab)
    assert stage(tab).locator(".trial-problem").count() == 3


@pytest.mark.parametrize("entry", [
    {"begun": {"text": "nothing", "kept": "2026-01-01T00:00:00.000Z"}},
    {"begun": {"text": "s:7", "kept": "yesterday"}}, {"begun": {"text": "s:7"}},
    {"begun": {"text": "s:7", "kept": "2026-01-01T00:00:00.000Z"}, "handed": {"text": "{"}},
    {"begun": {"text": "s:7", "kept": "2026-01-01T00:00:00.000Z"}, "handed": {"text": "null"}},
    {"1.1": {"text": "3"}},
])  # fmt: skip
def test_rubbish_in_the_store_is_left_alone(tab, served, entry):
    tab.evaluate("text => localStorage.setItem('dlworkbook:answers:trial/exam', text)",
                 json.dumps(entry))
    tab.evaluate("localStorage.setItem('dlworkbook:answers:trial/record', "
                 "JSON.stringify({'exam:s:1': {text: 'x'}, 'slip:constructor.x': {tries: 3}}))")
    tab.goto(f"{served}/{PAGE}.html")
    expect(form(tab).locator(".mock-set")).to_contain_text("3 problems, ")
    assert "kept in this browser only" in form(tab).locator(".mock-record").inner_text()
    begin(tab)


def test_forgetting(tab):
    confirms(tab, True)
    begin(tab)
    hand_in(tab)
    stage(tab).get_by_role("button", name="Another exam").click()
    assert kept(tab, "exam") == {}
    assert "1 exam" in form(tab).locator(".mock-record").inner_text()
    form(tab).get_by_role("button", name="Forget it").click()
    assert kept(tab, "record") == {}
    assert "Points and slips are kept" in form(tab).locator(".mock-record").inner_text()


def test_on_paper(tab):
    """The sheet before, the key only when it was handed in."""
    held = problems()
    key = [slip["say"].replace("`", "") for p in held for f in p["fields"] for slip in f["slips"]]
    tab.evaluate("window.print = () => {}")

    def printed(button) -> str:
        button.focus()
        tab.keyboard.press("Enter")
        expect(tab.locator(".mock-sheet")).to_be_attached()
        tab.emulate_media(media="print")
        text = tab.locator("body").inner_text()
        tab.emulate_media(media="screen")
        tab.evaluate("dispatchEvent(new Event('afterprint'))")
        assert tab.locator(".mock-sheet").count() == 0
        return text

    def sheet(text: str, with_key: bool) -> None:
        assert f"Trial exam 7: 3 problems, {minutes()} minutes" in text
        assert all(text.count(p["title"]) == 1 + with_key for p in held)
        assert all((words in text) == with_key for words in key)
        assert ("Key" in text) == with_key

    sheet(printed(form(tab).get_by_role("button", name="Print")), False)
    begin(tab)
    sheet(printed(stage(tab).get_by_role("button", name="Print")), False)
    confirms(tab, True)
    hand_in(tab)
    sheet(printed(stage(tab).get_by_role("button", name="Print")), True)


def test_what_was_handed_in_is_in_the_file(tab, served, tmp_path):
    """The export of the first page: each field as it was entered and judged; it can come back."""
    exam = "s:7_n:6"
    opened(tab, served, exam)
    held = problems(exam)
    fields = {f"{n}.{k}": field for n, problem in enumerate(held, 1)
              for k, field in enumerate(problem["fields"], 1)}
    names = list(fields)
    slips = {name: fields[name]["slips"][0] for name in names[1:-1:3]}
    empty, late = names[2:-1:3], names[-1]
    values = {name: slips[name]["is"] if name in slips else field["is"]
              for name, field in fields.items() if name not in empty}
    texts = {name: ", ".join(value) if fields[name]["kind"] == "choice"
             else spec.spellings(fields[name]["kind"], {"is": value}, {})[0]
             for name, value in values.items()}
    assert slips and empty
    begin(tab)
    for name, value in values.items():
        if name == late:
            tab.clock.run_for(60_000 * minutes(exam))
        enter(tab, *map(int, name.split(".")), fields[name]["kind"], value)
    confirms(tab, True)
    hand_in(tab)
    before = result(tab)

    tab.goto(f"{served}/index.html")
    shelf = tab.get_by_role("region", name="Your answers")
    with tab.expect_download() as waiting:
        shelf.get_by_role("button", name="Export").press("Enter")
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    found = json.loads(file.read_text(encoding="utf-8"))["pages"]
    assert set(found) == {"trial/exam", "trial/record"}
    sheet = found["trial/exam"]
    assert sheet.pop("begun")["text"] == exam
    handed = json.loads(sheet.pop("handed")["text"])
    assert [[one["text"] for one in row] for row in handed["given"]] == [
        [texts.get(f"{n}.{k}", "") for k in range(1, len(problem["fields"]) + 1)]
        for n, problem in enumerate(held, 1)]
    assert [one["late"] for row in handed["given"] for one in row] == [
        name == late for name in names]
    assert 60 * minutes(exam) <= handed["seconds"] < 60 * minutes(exam) + 60
    assert set(sheet) == set(texts)
    for name, entry in sheet.items():
        assert entry["text"] == entry["tried"] == texts[name]
        assert entry["state"] == ("slip" if name in slips else "right"), name
    worth = {name: points(held[int(name.split(".")[0]) - 1])[int(name.split(".")[1]) - 1]
             for name in names}
    got = sum(worth[name] for name in values if name not in slips and name != late)
    record = found["trial/record"]
    assert record.pop(f"exam:{exam}")["text"] == f"{got}/{sum(worth.values())}"
    named = Counter(f"slip:{held[int(name.split('.')[0]) - 1]['family']}.{slip['id']}"
                    for name, slip in slips.items())
    assert {key: entry["tries"] for key, entry in record.items()} == named

    confirms(tab, True)
    shelf.get_by_role("button", name="Clear").click()
    assert tab.evaluate("localStorage.length") == 0
    shelf.locator("input[type=file]").set_input_files(file)
    expect(shelf.get_by_role("status")).to_contain_text("were added")
    tab.goto(f"{served}/{PAGE}.html")
    expect(stage(tab).locator(".trial-result h4")).to_be_visible()
    assert result(tab) == before


@pytest.mark.parametrize("look", ["light", "dark"])
def test_fits_and_can_be_read(tab, served, look):
    """Form, exam behind the bell, and review: on a phone, light and dark."""
    tab.set_viewport_size({"width": 360, "height": 740})
    tab.emulate_media(color_scheme=look)

    def whole(where: str) -> None:
        scrolls = sitecheck.unmarked_scrolling(tab)  # a field is a stop of the tab key as it is
        scrolls = [line for line in scrolls if not line.startswith("TEXTAREA")]
        sitecheck.none([*sitecheck.overflow(tab), *scrolls, *sitecheck.cut_off(tab)], where)
        sitecheck.none(sitecheck.axe_violations(tab, "form[data-trial], .trial-stage"), where)
        ids = tab.locator("[id]").evaluate_all("all => all.map(e => e.id)")
        assert len(ids) == len(set(ids))

    opened(tab, served, "s:5_n:10_l:mixed")
    whole("form")
    begin(tab)
    tab.clock.run_for(60_000 * minutes("s:5_n:10_l:mixed") + 1_000)
    whole("behind the bell")
    held = problems("s:5_n:10_l:mixed")
    fill(tab, held, lambda field: field["slips"][0]["is"])
    hand_in(tab)
    for more in stage(tab).locator(".practice-more").all():
        more.click()
    tab.evaluate("scrollTo(0, 0)")
    whole("review")
    assert stage(tab).locator(".trial-slips li").count() >= 10


def test_without_scripts(new_page, served):
    bare = new_page(java_script_enabled=False)
    bare.goto(f"{served}/{PAGE}.html")
    assert not bare.locator("form[data-trial]").is_visible()
    words = bare.locator("noscript").last.inner_text()
    assert "need JavaScript" in words and "make exam" in words


def test_light(built):
    for name, text in trial.files().items():
        assert len(gzip.compress(text.encode())) <= MOST[name], name
    html = built.html(PAGE)
    assert "practice/trial.js" in html
    assert "practice/practice.js" not in html and "answers.js" not in html

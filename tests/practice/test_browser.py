"""Practice in a browser: judged, shared by its address, by keyboard, narrow, dark, and as paper."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dlworkbook.answers import spec
from publish import practice
from publish.practice import proof, sheet
from tests.kit import sitecheck
from tests.kit.server import serve
from tests.kit.small_book import build

MODULES = ("exercises", "folds", "answers", "practice", "progress", "cells", "facts", "numbering",
           "routes", "theme", "policy")
PAGE, BESIDE, FAR = "book/exam/practice", "book/two", "book/far"
LESSON = "book/ch06_convolutional_networks/pooling"
MOST = {"practice.js": 20_000, "practice.css": 1_500}  # bytes, compressed
MOST_FAMILY = 5_500  # fetched alone, when somebody chooses it; the largest name 19 and 24 methods


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    text = Path(f"{practice.SOURCES.parents[1]}/{PAGE}.md").read_text(encoding="utf-8")
    text = text.partition("## Trial exam")[0]  # has its own tests, and script
    pages = {
        "index": f"# Index\n\n```{{toctree}}\n{PAGE}\n{BESIDE}\n{FAR}\n{LESSON}\n```\n", PAGE: text,
        LESSON: "# Small & large\n\n:::{practice} pooling\n:::\n",
        FAR: "# Far\n\n" + "Text.\n\n" * 200 + ":::{practice} cnn_shapes\n:::\n\n"
             + "Text.\n\n" * 200 + ":::{practice} pooling\n:::\n",
        BESIDE: "# Two\n\n:::{practice} convolution_by_hand\n:::\n\n:::{practice} cnn_shapes\n:::\n"
                "\n:::{answer} try-two\nkind: integer\nis: 2\nelse: Count.\n:::\n",
    }
    return build(tmp_path_factory.mktemp("practice"), pages, MODULES)


@pytest.fixture(scope="module")
def served(built):
    with serve(built.out) as (url, _log):
        yield url


def opened(page, served, name: str, problem: str = ""):
    page.goto(f"{served}/{name}.html" + (f"?practice={problem}" if problem else ""))
    expect(page.locator("[data-shows]").first).to_be_attached()
    return page


def made(problem: str):
    family, level, seed = problem.split(".")
    return practice.problems([(family, int(level), int(seed))], html=True)[0]


def shown(page) -> str:
    return page.locator("[data-shows]").first.get_attribute("data-shows")


def said(page, n: int = 1) -> str:
    return page.locator(f"#practice-box-{n} [role=status]").inner_text().replace("\u00a0", "")


def entered(page, kind: str, value, n: int = 1) -> None:
    if kind == "choice":
        for letter in [value] if isinstance(value, str) else value:
            page.locator(f"#practice-box-{n} input[value={letter}]").check()
        page.locator(f"#practice-box-{n} button").click()
        return
    field = page.locator(f"#practice-box-{n}-field")
    field.fill(spec.spellings(kind, {"is": value}, {})[0])
    field.press("Control+Enter" if field.evaluate("e => e.tagName") == "TEXTAREA" else "Enter")


def test_nothing_is_wrong_with_the_build(built):
    assert built.warnings == ""


@pytest.mark.parametrize("name", practice.names())
def test_key_and_slips_are_judged(page, served, name):
    """A problem of a link is that of Node; its key is right and each slip gets its sentence."""
    problem = f"{name}.{max(practice.families()[name]['levels'])}.12"
    opened(page, served, PAGE, problem)
    wanted = made(problem)
    assert page.locator(".practice-family").input_value() == name
    statement = page.locator(".practice-problem").inner_text().split()
    page.evaluate("html => { document.querySelector('.practice-problem').innerHTML = html; }",
                  wanted["html"]["statement"])
    assert page.locator(".practice-problem").inner_text().split() == statement
    for n, field in enumerate(wanted["fields"], 1):
        for slip in field["slips"]:
            entered(page, field["kind"], slip["is"], n)
            assert said(page, n) == f"Not yet. {slip['say']}".replace("`", ""), slip
        entered(page, field["kind"], field["is"], n)
        assert said(page, n).startswith("Right."), field
    sitecheck.none(page.dlw_events.problems())


def test_by_keyboard(page, served):
    """From the list of families to an answer, the steps and new numbers without a mouse."""
    opened(page, served, PAGE)
    assert shown(page) == f"{practice.names()[0]}.1.1"
    page.locator(".practice-family").focus()
    page.keyboard.press("End")
    expect(page.locator("[data-shows]")).to_have_attribute(
        "data-shows", re.compile(rf"{practice.names()[-1]}\.1\.\d+"))
    for _ in range(2):
        page.keyboard.press("Tab")
    before = shown(page)
    page.keyboard.press("Enter")  # new numbers
    page.wait_for_function("b => document.querySelector('[data-shows]').dataset.shows !== b",
                           arg=before)
    assert "New numbers." in page.locator(".practice-told").inner_text()
    assert f"practice={shown(page)}" in sitecheck.in_the_bar(page)
    wanted = made(shown(page))
    more = page.locator(".practice-more")
    more.focus()
    for k in range(len(wanted["steps"])):
        assert page.locator(".practice-steps > li").count() == k
        page.keyboard.press("Enter")
    assert more.inner_text() == "All steps are shown"
    page.keyboard.press("Enter")
    assert page.locator(".practice-steps > li").count() == len(wanted["steps"])
    assert more.evaluate("e => e === document.activeElement")
    known = shown(page)
    page.reload()
    expect(page.locator("[data-shows]")).to_have_attribute("data-shows", known)
    sitecheck.none(page.dlw_events.problems())


def test_what_was_entered_is_kept_until_the_next_problem(page, served):
    opened(page, served, PAGE, "cnn_shapes.1.3")
    entered(page, "shape", [1, 1, 1])
    page.reload()
    expect(page.locator("#practice-box-1-field")).to_have_value("(1, 1, 1)")
    assert said(page).startswith("Not yet.")
    page.locator(".practice-new").click()
    expect(page.locator("#practice-box-1-field")).to_have_value("")
    assert page.evaluate("Object.keys(localStorage)") == []


def test_a_link_that_names_nothing_is_told(page, served):
    for link in ("nothing.1.1", "cnn_shapes.9.1", "cnn_shapes.1.-1", "<img src=x>", "%E0%A4%A"):
        opened(page, served, PAGE, link)
        assert shown(page) == f"{practice.names()[0]}.1.1"
        assert "names no problem" in page.locator(".practice-told").inner_text()


def test_beside_a_page(page, served):
    """Each place has its own family and address; the answers of the page work as ever."""
    opened(page, served, BESIDE)
    places = page.locator("[data-practice]")
    assert places.count() == 2 and page.locator(".practice-family").count() == 0
    expect(places.nth(1)).to_have_attribute("data-shows", "cnn_shapes.1.1")
    places.nth(1).locator(".practice-new").click()
    shown_there = sitecheck.in_the_bar(page)
    assert "practice-2=cnn_shapes.1." in shown_there and "practice=" not in shown_there
    page.locator("#answer-try-two-field").fill("2")
    page.locator("#answer-try-two-field").press("Enter")
    assert page.locator("#answer-try-two [role=status]").inner_text().startswith("Right.")
    scripts = page.evaluate("[...document.scripts].map(s => s.src)")
    assert not [src for src in scripts if "answers.js" in src]
    sitecheck.none(page.dlw_events.problems())


FETCHED = """() => [...document.scripts].map(s => /practice\\/(\\w+)\\.js/.exec(s.src)?.[1])
  .filter(name => name && name !== 'practice')"""


# The observers have had their say after a frame.
FRAMES = """new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"""


def far(new_page, served, link: str = ""):
    """A page on which problems stand far below, after its observers have had their say."""
    page = new_page()
    page.goto(f"{served}/{FAR}.html{link}")
    page.evaluate(FRAMES)
    tops = "all => all.map(e => e.getBoundingClientRect().top / innerHeight)"
    first, second = page.locator("[data-practice]").evaluate_all(tops)
    assert first > 3 and second > first + 3
    return page


def test_a_family_is_fetched_when_it_comes_near(new_page, served):
    """Before that the first problem stands there, as the page has it, on paper, too."""
    page = far(new_page, served)
    assert page.evaluate(FETCHED) == [] and page.locator("[data-shows]").count() == 0
    first = page.locator("[data-practice]").first
    before = first.locator(".practice-problem").inner_text()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert first.locator(".practice-problem p").first.is_visible() and before
    page.emulate_media(media="screen")
    assert page.evaluate(FETCHED) == []
    page.evaluate("""() => scrollBy({ behavior: 'instant', top: document.querySelector(
        '[data-practice]').getBoundingClientRect().top - 2.4 * innerHeight })""")
    expect(first).to_have_attribute("data-shows", "cnn_shapes.1.1")
    assert page.evaluate(FETCHED) == ["cnn_shapes"]
    assert first.locator(".practice-problem").inner_text().split() == before.split()
    assert first.locator("form").count() and first.locator(".practice-new").is_enabled()
    assert "practice" not in sitecheck.in_the_bar(page)
    sitecheck.none(page.dlw_events.problems())


def test_the_page_that_teaches_it_is_named(page, served):
    """Where the book has it; not on that page itself."""
    taught = opened(page, served, PAGE).locator(".practice-taught")
    assert taught.inner_text() == ""
    page.locator(".practice-family").select_option("pooling")
    expect(taught).to_have_text("Taught on Small & large.")
    taught.get_by_role("link").click()
    expect(page.locator("h1")).to_contain_text("Small & large")
    expect(page.locator("[data-shows]")).to_be_attached()
    assert page.locator(".practice-taught").inner_text() == ""
    page.goto(f"{served}/{FAR}.html")
    page.locator("[data-practice]").nth(1).scroll_into_view_if_needed()
    before = page.locator(".practice-taught").nth(1).inner_html()
    expect(page.locator("[data-practice]").nth(1)).to_have_attribute("data-shows", "pooling.1.1")
    assert page.locator(".practice-taught").nth(1).inner_html() == before
    assert "pooling.html" in before
    sitecheck.none(page.dlw_events.problems())


def test_a_family_is_fetched_when_it_is_asked_for(new_page, served):
    """By a link or by a control, wherever the page stands; coming near then changes nothing."""
    page = far(new_page, served, "?practice-2=pooling.1.7")
    second = page.locator("#practice-2")
    expect(second).to_have_attribute("data-shows", "pooling.1.7")
    assert page.evaluate(FETCHED) == ["pooling"]
    first = page.locator("[data-practice]").first
    first.locator(".practice-new").evaluate("button => button.click()")
    expect(first).to_have_attribute("data-shows", re.compile(r"cnn_shapes\.1\.\d+"))
    known = shown(page)
    page.locator("#practice-box-1-field").scroll_into_view_if_needed()
    page.locator("#practice-box-1-field").fill("7")
    page.evaluate(FRAMES)
    assert shown(page) == known and "New numbers." in first.inner_text()
    assert page.locator("#practice-box-1-field").input_value() == "7"
    ids = page.locator("[id]").evaluate_all("all => all.map(e => e.id)")
    assert len(ids) == len(set(ids)), "of two places, the first with two boxes"
    sitecheck.none(page.dlw_events.problems())


def test_a_tab_stop_follows_the_width_of_the_window(new_page, served):
    """A box is one only while it scrolls: not in a wide window, in a narrow one, and back."""
    page = new_page()
    opened(page, served, PAGE, "cnn_shapes.3.5")
    while page.locator(".practice-more").get_attribute("aria-disabled") != "true":
        page.locator(".practice-more").click()
    stops = page.locator(":is(.practice-problem, .practice-steps) [role=group][tabindex='0']")
    expect(stops).to_have_count(0)
    for _ in range(2):
        page.set_viewport_size({"width": 360, "height": 740})
        expect(stops).not_to_have_count(0)
        sitecheck.none(sitecheck.unmarked_scrolling(page))
        for stop in stops.all():
            assert "scrolls sideways" in stop.get_attribute("aria-label")
            expect(stop).to_have_css("background-image", re.compile("gradient"))  # it shows it
        page.set_viewport_size(sitecheck.DESKTOP)
        expect(stops).to_have_count(0)


@pytest.mark.parametrize("name", practice.names())
def test_narrow_and_dark(new_page, served, name):
    page = new_page(viewport={"width": 360, "height": 740}, color_scheme="dark")
    for level in practice.families()[name]["levels"]:
        opened(page, served, PAGE, f"{name}.{level}.5")
        while page.locator(".practice-more").get_attribute("aria-disabled") != "true":
            page.locator(".practice-more").click()
        out = page.evaluate("""() => [...document.querySelectorAll('.practice *')].filter(e => {
            const box = e.parentElement.closest('[tabindex]:not(button)');
            return !box && e.getBoundingClientRect().right > 361;
        }).map(e => `beyond the window: ${e.outerHTML.slice(0, 90)}`)""")
        sitecheck.none([*out, *sitecheck.overflow(page), *sitecheck.unmarked_scrolling(page)])
    page.evaluate("scrollTo(0, 0)")  # a button half below the bar of the page is no small target
    sitecheck.none(sitecheck.axe_violations(page, ".practice"))


def test_without_a_script(new_page, served):
    page = new_page(java_script_enabled=False)
    page.goto(f"{served}/{PAGE}.html")
    assert "With JavaScript there are as many as you like" in page.content()
    assert page.locator(".practice-problem p").first.is_visible()
    assert not page.locator(".practice-controls").is_visible()
    assert not page.locator(".practice-more").is_visible()


def test_weight(built):
    for path in (built.out / "_static/practice").iterdir():
        size = len(gzip.compress(path.read_bytes()))
        assert size <= MOST.get(path.name, MOST_FAMILY), f"{path.name}: {size}"


def test_the_page_makes_the_problems_of_node(page):
    asked = [(name, level, seed) for name, about in practice.families().items()
             for level in about["levels"] for seed in (1, 77, 999_999)]
    made = proof.made_in(page, asked)
    assert made == practice.problems(asked)
    made[0]["data"] = {}
    assert made != practice.problems(asked)


def test_sheet_on_paper(page, tmp_path):
    """Variants differ in numbers alone; the sheet holds no key, the key every answer and step."""
    wanted = [(name, max(about["levels"])) for name, about in practice.families().items()]
    paths = {path.name: path for path in sheet.write(wanted, 7, 2, tmp_path)}
    assert set(paths) == {"variant_1.html", "variant_2.html", "key.html", "keys.json"}
    keys = json.loads(paths["keys.json"].read_text(encoding="utf-8"))["variants"]
    assert [[p["family"] for p in keys[v]] for v in "12"] == [[n for n, _ in wanted]] * 2
    assert all(a["fields"] != b["fields"] for a, b in zip(keys["1"], keys["2"], strict=True))
    page.set_viewport_size({"width": 760, "height": 1000})  # A4 without its margins
    page.emulate_media(media="print")
    page.goto(paths["variant_1.html"].as_uri())
    text = page.locator("body").inner_text()
    assert page.locator(".problem").count() == len(wanted)
    assert page.evaluate("document.documentElement.scrollWidth") <= 760
    for problem in keys["1"]:
        for field in problem["fields"]:
            assert field["slips"][0]["say"] not in text and field["else"] not in text
    page.goto(paths["key.html"].as_uri())
    key = page.locator("body").inner_text()
    for variant in keys.values():
        for problem in variant:
            assert f"{problem['family']}.{problem['level']}.{problem['seed']}" in key
            for field in problem["fields"]:
                assert all(s["say"].replace("`", "") in key for s in field["slips"])


def test_a_sheet_that_cannot_be_is_told(capsys):
    for wrong, words in ((["--families", "nothing"], "there is no family 'nothing'"),
                         (["--families", "cnn_shapes:9"], "has the levels 1, 2, 3"),
                         (["--variants", "0"], "1 to 99")):
        with pytest.raises(SystemExit):
            sheet.main(wrong)
        assert words in capsys.readouterr().err

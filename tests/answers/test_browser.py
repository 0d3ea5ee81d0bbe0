"""Answers in a browser: every kind by keyboard and mouse, what is kept, and who may read it."""

from __future__ import annotations

import gzip
import json
import time

import pytest
from playwright.sync_api import expect

from publish.site import answer_files
from tests.answers import small_pages as book
from tests.answers.small_pages import ENTRIES, PAGE, kind
from tests.kit import sitecheck
from tests.kit.server import serve
from tests.kit.widget_page import SHIFT

MOST = 14_000  # bytes, compressed: parser, judge, fields, style
HOSTILE = '<img src=x onerror="document.title=\'hacked\'"><script>document.title="hacked"</script>'
KEPT = "Kept. You will meet it again where the page settles it."


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return book.make(tmp_path_factory.mktemp("answers"))


@pytest.fixture(scope="module")
def served(built):
    """Base URL of the book, sent with its policy."""
    with serve(built.out) as (url, _log):
        yield url


@pytest.fixture(scope="module")
def _tab(browser):
    context = browser.new_context(viewport=sitecheck.DESKTOP, reduced_motion="reduce")
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.dlw_events = sitecheck.watch(page)
    yield page
    context.close()


@pytest.fixture
def tab(_tab, served):
    """The page with all kinds, for a reader who has answered nothing; it must not complain."""
    _tab.goto(f"{served}/{PAGE}.html")
    _tab.evaluate("localStorage.clear()")
    _tab.reload()
    yield _tab
    problems = _tab.dlw_events.problems()
    _tab.dlw_events.__init__()
    sitecheck.none(problems)
    assert "hacked" not in _tab.title()


def form(page, name: str):
    return page.locator(f"#answer-{name}")


def said(page, name: str) -> str:
    return form(page, name).locator("[role=status]").inner_text().replace("\u00a0", "")


def state(page, name: str) -> str:
    return form(page, name).get_attribute("data-state") or ""


def field(page, name: str):
    return form(page, name).locator("input[type=text], textarea")


def order(page, name: str) -> list[str]:
    items = form(page, name).locator("li")
    return items.evaluate_all("items => items.map(item => item.dataset.letter)")


def entry(page, name: str) -> str:
    """What stands in the field, written as it is kept."""
    if kind(name) == "order":
        return ", ".join(order(page, name))
    if kind(name) == "choice":
        boxes = form(page, name).locator("input:checked")
        return ", ".join(boxes.evaluate_all("boxes => boxes.map(box => box.value)"))
    return field(page, name).input_value()


def by_keyboard(page, name: str, text: str) -> None:
    """Enter an answer and have it checked without a mouse."""
    if kind(name) == "choice":
        boxes = form(page, name).locator("input")
        several = boxes.first.get_attribute("type") == "checkbox"
        boxes.first.focus()
        for k in range(boxes.count()):
            wanted = boxes.nth(k).get_attribute("value") in text.split(", ")
            if several and boxes.nth(k).is_checked() != wanted:
                page.keyboard.press("Space")
            if not several and wanted:
                break
            page.keyboard.press("Tab" if several else "ArrowDown")
        if not several and not boxes.nth(k).is_checked():
            page.keyboard.press("Space")
        boxes.nth(k).press("Enter")
    elif kind(name) == "order":
        wanted = text.split(", ")
        for place, letter in enumerate(wanted):
            button = form(page, name).locator(f"[data-letter={letter}] button").first
            button.focus()
            for _ in range(order(page, name).index(letter) - place):
                page.keyboard.press("Enter")
                assert button.evaluate("b => b === document.activeElement")
        form(page, name).locator("button[type=submit]").press("Enter")
    else:
        field(page, name).focus()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.insert_text(text)
        lines = field(page, name).evaluate("e => e.tagName") == "TEXTAREA"
        page.keyboard.press("Control+Enter" if lines else "Enter")


def by_mouse(page, name: str, text: str) -> None:
    """Enter an answer with clicks and drags; what is typed is pasted."""
    if kind(name) == "choice":
        for box in form(page, name).locator("input").all():
            wanted = box.get_attribute("value") in text.split(", ")
            if box.is_checked() != wanted and (wanted or box.get_attribute("type") == "checkbox"):
                box.locator("xpath=..").locator("span").click()
    elif kind(name) == "order":
        form(page, name).scroll_into_view_if_needed()
        for place, letter in enumerate(text.split(", ")):
            grip = form(page, name).locator(f"[data-letter={letter}] .answer-grip").bounding_box()
            goal = form(page, name).locator("li").nth(place).bounding_box()
            if order(page, name)[place] == letter:
                continue
            page.mouse.move(grip["x"] + 5, grip["y"] + grip["height"] / 2)
            page.mouse.down()
            page.mouse.move(grip["x"] + 9, goal["y"] + 3, steps=4)
            page.mouse.up()
    else:
        field(page, name).click()
        field(page, name).fill(text)
    form(page, name).locator("button[type=submit]").click()


def answered(page, name: str, text: str, expected: str, words: str, enter) -> list[str]:
    """What is wrong after an entry whose verdict is known."""
    enter(page, name, text)
    found = []
    if entry(page, name) != text:
        found.append(f"{name}: {entry(page, name)!r} was entered, not {text!r}")
    if state(page, name) != expected:
        found.append(f"{name}: {text!r} is {state(page, name)}, not {expected}")
    lead = {"right": "Right.", "malformed": "This cannot be read."}.get(expected, "Not yet.")
    if not said(page, name).startswith(lead) or words not in said(page, name):
        found.append(f"{name}: {text!r} is told {said(page, name)!r}")
    invalid = form(page, name).locator("[aria-invalid=true]").count()
    if invalid != (expected == "malformed"):
        found.append(f"{name}: {text!r} has {invalid} fields marked invalid")
    return found


def test_every_kind_by_keyboard(tab):
    """Wrong, slip, malformed, right: each is told in its words, and Enter is enough."""
    problems = []
    for name, known in ENTRIES.items():
        covered = name == "ex-kinds-choice"  # each letter has a sentence of its own
        wrong = "slip" if covered else "wrong"
        problems += answered(tab, name, known.wrong[0], wrong, known.wrong[1], by_keyboard)
        problems += answered(tab, name, known.slip[0], "slip", known.slip[1], by_keyboard)
        if known.malformed:
            text, words = known.malformed
            problems += answered(tab, name, text, "malformed", words, by_keyboard)
        problems += answered(tab, name, known.right, "right", known.right_says, by_keyboard)
    sitecheck.none(problems)
    assert tab.locator(".facts-line .progress").inner_text() == "10 of 10 checked, all right"


def test_every_kind_by_mouse_and_in_other_spellings(tab):
    problems = []
    for name, known in ENTRIES.items():
        problems += answered(tab, name, known.slip[0], "slip", known.slip[1], by_mouse)
        for text in [*known.other, known.right]:
            problems += answered(tab, name, text, "right", known.right_says, by_mouse)
    sitecheck.none(problems)


def test_fields_have_names_and_say_what_they_expect(tab):
    for name, known in ENTRIES.items():
        if not known.form:
            continue
        about = (form(tab, name).locator("fieldset") if kind(name) in book.LISTED
                 else field(tab, name)).get_attribute("aria-describedby").split()
        texts = [tab.locator(f"#{part}").inner_text() for part in about]
        assert any(known.form in text for text in texts), (name, texts)
    assert field(tab, "ex-kinds-number").get_attribute("aria-describedby").split()[0].endswith(
        "-unit")
    assert tab.get_by_role("textbox", name="How many places?").count() == 1
    assert tab.get_by_role("group", name="What happens?").count() == 1
    assert tab.get_by_role("button", name="Move up shift the scores").count() == 1


def test_nothing_entered_is_no_try(tab):
    form(tab, "ex-kinds-integer").locator("button").click()
    assert state(tab, "ex-kinds-integer") == "empty" and said(tab, "ex-kinds-integer")
    assert tab.locator(".facts-line .progress").inner_text() == "0 of 10 checked"


def test_verdict_belongs_to_the_entry_that_was_judged(tab):
    """A right one goes with the entry, a hint stays behind a change; the same words again count."""
    by_keyboard(tab, "ex-kinds-integer", "6")
    field(tab, "ex-kinds-integer").fill("7")
    assert said(tab, "ex-kinds-integer") == "" and state(tab, "ex-kinds-integer") == ""
    field(tab, "ex-kinds-integer").fill("6")
    assert said(tab, "ex-kinds-integer").startswith("Right.")
    by_keyboard(tab, "ex-kinds-integer", "8")
    field(tab, "ex-kinds-integer").fill("7")
    assert "valid pads nothing." in said(tab, "ex-kinds-integer")
    assert form(tab, "ex-kinds-integer").locator("[role=status] code").inner_text() == "valid"
    assert state(tab, "ex-kinds-integer") == "stale"
    by_keyboard(tab, "ex-kinds-integer", "7")
    told = form(tab, "ex-kinds-integer").locator("[role=status]")
    before = told.text_content()
    field(tab, "ex-kinds-integer").press("Enter")
    assert told.text_content() != before, "the second try says nothing to a screen reader"
    assert told.text_content().strip("\u00a0") == before.strip("\u00a0")
    kept = json.loads(tab.evaluate(f"localStorage['dlworkbook:answers:{PAGE}']"))
    assert kept["ex-kinds-integer"] == {"text": "7", "tried": "7", "state": "wrong", "tries": 4}


def late(route):
    """Answer a request when the rest of the page could long have been painted."""
    time.sleep(.6)
    route.continue_()


def test_reload_loses_nothing_and_moves_nothing(tab):
    """Also where the script comes late: what it adds is part of the first picture."""
    for name, known in ENTRIES.items():
        (by_mouse if kind(name) in book.LISTED else by_keyboard)(tab, name, known.slip[0])
    field(tab, "ex-kinds-shape").fill("half writ")
    by_mouse(tab, "pr-choice", "b")
    before = {name: (entry(tab, name), said(tab, name), state(tab, name)) for name in ENTRIES}
    progress = tab.locator(".facts-line .progress").inner_text()
    assert progress == "10 of 10 checked, 0 right"
    tab.evaluate("scrollTo(0, 0)")
    tab.context.add_init_script(SHIFT)
    tab.route("**/answers.js*", late)
    tab.reload()
    tab.unroute("**/answers.js*", late)
    after = {name: (entry(tab, name), said(tab, name), state(tab, name)) for name in ENTRIES}
    assert after == before
    assert said(tab, "pr-choice") == KEPT
    assert tab.locator("[data-settles=pr-choice]").is_visible()
    assert tab.locator(".facts-line .progress").inner_text() == progress
    tab.wait_for_timeout(200)
    assert tab.evaluate("window.shift") < 0.01
    field(tab, "ex-kinds-matrix").fill("1\n2\n3\n4\n5")
    assert field(tab, "ex-kinds-matrix").get_attribute("rows") == "5"


def test_predictions_are_kept_and_met_again(tab):
    """Not judged on the spot; right or not, with the slip's sentence, where the page settles it."""
    places = tab.locator("[data-settles]")
    assert places.count() == 2
    assert not any(place.is_visible() for place in places.all())
    by_keyboard(tab, "pr-choice", "b")
    assert said(tab, "pr-choice") == KEPT
    assert places.nth(0).inner_text() == (
        "You predicted “close, not equal”. Not so. Divide one by the other.")
    by_mouse(tab, "pr-choice", "a")
    assert "“equal”. Right. The factor cancels." in places.nth(0).inner_text()
    by_mouse(tab, "pr-choice", "c")
    assert "“different, as 1<2”" in places.nth(0).inner_text()
    by_keyboard(tab, "pr-number", "6 px or so")
    assert said(tab, "pr-number").startswith("This cannot be read.")
    assert not places.nth(1).is_visible()
    by_keyboard(tab, "pr-number", "6")
    assert places.nth(1).inner_text() == "You predicted 6 px. Not so. That is without padding."
    field(tab, "pr-number").fill("7")
    assert said(tab, "pr-number") == "" and "predicted 6 px" in places.nth(1).inner_text()
    by_keyboard(tab, "pr-unsettled", "3")
    assert said(tab, "pr-unsettled") == KEPT
    assert tab.locator(".facts-line .progress").inner_text() == "0 of 10 checked"


def test_hostile_text_is_text(tab):
    """Long, and with markup: shown as it is, judged at once, kept or not without harm."""
    for text in ("9" * 100_000, "(" * 3_000, HOSTILE, "constructor", "__proto__", "\x00\u202e"):
        for name in ("ex-kinds-number", "ex-kinds-matrix", "ex-kinds-expression", "pr-number"):
            field(tab, name).fill(text)
            form(tab, name).locator("button").click()
            assert state(tab, name) in ("malformed", "wrong"), (name, text[:20])
    assert tab.locator("main img, main form script:not([type='application/json'])").count() == 0
    tab.evaluate(
        f"localStorage['dlworkbook:answers:{PAGE}'] = {json.dumps(json.dumps(hostile_store()))}")
    tab.reload()
    assert tab.evaluate("({}).polluted") is None
    assert field(tab, "ex-kinds-number").input_value() == HOSTILE
    assert HOSTILE[:40] in tab.locator("[data-settles=pr-choice]").inner_text()
    assert state(tab, "ex-kinds-integer") == ""
    sitecheck.none(sitecheck.overflow(tab))


def hostile_store() -> dict:
    return {
        "ex-kinds-number": {"text": HOSTILE, "tried": HOSTILE, "state": "right", "tries": 1},
        "ex-kinds-integer": "not an entry", "ex-kinds-shape": None, "ex-kinds-order": {"text": 5},
        "pr-choice": {"text": HOSTILE, "kept": HOSTILE}, "__proto__": {"polluted": "yes"},
    }


def test_progress_everywhere(tab, served):
    by_mouse(tab, "ex-kinds-integer", "6")
    by_mouse(tab, "ex-kinds-shape", "(3, 2)")
    other = tab.context.new_page()
    other.goto(f"{served}/{book.OTHER}.html")
    by_keyboard(other, "try-other", "2")
    shown = {
        book.CHAPTER: ["3 of 11 checked, 2 right"],
        book.ROUTE: ["1 of 1 checked, all right", "2 of 10 checked, 1 right"],
        "index": ["3 of 11 checked, 2 right", "2 of 10 checked, 1 right",
                  "1 of 1 checked, all right", "3 of 11 checked, 2 right"],
    }
    for name, texts in shown.items():
        other.goto(f"{served}/{name}.html")
        assert other.locator(".progress:visible").all_inner_texts() == texts, name
        sitecheck.none(sitecheck.axe_violations(other))
    by_mouse(tab, "ex-kinds-shape", "(2, 3)")
    expect(other.locator(".progress").last).to_have_text("3 of 11 checked, all right")
    other.close()


def test_export_import_and_clear(tab, served, tmp_path):
    by_mouse(tab, "ex-kinds-integer", "6")
    by_mouse(tab, "ex-kinds-shape", "(3, 2)")
    by_mouse(tab, "pr-number", "6")
    tab.goto(f"{served}/index.html")
    shelf = tab.get_by_role("region", name="Your answers")
    told = shelf.get_by_role("status")
    kept = tab.evaluate("JSON.stringify(localStorage)")

    with tab.expect_download() as download:
        shelf.get_by_role("button", name="Export").press("Enter")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name.startswith("workbook-answers-20") and file.suffix == ".json"
    assert told.inner_text() == f"3 answers are in the file {file.name}."

    asked = []

    def answer(dialog, accept):
        asked.append(dialog.message)
        dialog.accept() if accept else dialog.dismiss()

    tab.once("dialog", lambda dialog: answer(dialog, False))
    shelf.get_by_role("button", name="Clear").click()
    assert told.inner_text() == "Nothing was cleared."
    assert tab.evaluate("JSON.stringify(localStorage)") == kept
    tab.once("dialog", lambda dialog: answer(dialog, True))
    shelf.get_by_role("button", name="Clear").click()
    assert told.inner_text() == "All answers and predictions are cleared."
    assert tab.evaluate("localStorage.length") == 0
    assert "of 1 page in this browser" in asked[0]
    assert shelf.locator(".progress").inner_text() == "0 of 11 checked"

    def bring(text: str) -> str:
        again = tmp_path / "again.json"
        again.write_text(text, encoding="utf-8")
        told.evaluate("e => e.replaceChildren()")
        with tab.expect_file_chooser() as chooser:
            shelf.get_by_role("button", name="Import").click()
        chooser.value.set_files(again)
        expect(told).not_to_be_empty()
        return told.inner_text()

    text = file.read_text(encoding="utf-8")
    data = json.loads(text)
    assert bring(text) == "3 answers were added."
    assert json.loads(tab.evaluate("JSON.stringify(localStorage)")) == json.loads(kept)
    assert shelf.locator(".progress").inner_text() == "2 of 11 checked, 1 right"

    better = {"ex-kinds-shape": {"text": "(2, 3)", "tried": "(2, 3)", "state": "right", "tries": 2},
              "ex-kinds-integer": {"text": "8", "tried": "8", "state": "slip", "tries": 1},
              "pr-number": {"text": "8", "kept": "8"}}
    assert bring(json.dumps(data | {"pages": {PAGE: better}})) == (
        "1 answer was added. 2 answers that you have here already stayed as they are.")
    entries = json.loads(tab.evaluate(f"localStorage['dlworkbook:answers:{PAGE}']"))
    assert [entries[name]["text"] for name in better] == ["(2, 3)", "6", "6"]

    before = tab.evaluate("JSON.stringify(localStorage)")
    for wrong, words in (
        ("no JSON", "it is not JSON"), ("[]", "not answers that were exported here"),
        ('{"cells": []}', "not answers that were exported here"), ("null", "not answers"),
        (json.dumps(data | {"version": 2}), "newer version"),
        (json.dumps(data | {"pages": 3}), "not answers that were exported here"),
        (" " * 4_100_000, "too large"),
    ):
        assert words in bring(wrong) and "Nothing was changed." in told.inner_text(), wrong[:40]
        assert tab.evaluate("JSON.stringify(localStorage)") == before
    odd = {"../../theme": {"x": {"text": "1"}}, "__proto__": {"a": {"text": "1"}},
           "book/a": {"__proto__": {"text": "1"}, "b": 3, "c": {"text": "1", "more": HOSTILE}}}
    bring(json.dumps(data | {"pages": odd}))
    assert "theme" not in tab.evaluate("Object.keys(localStorage).join()")
    assert tab.evaluate("({}).text") is None
    full = {f"book/{k}": {"a": {"text": "x" * 900_000}} for k in range(4)}
    tab.evaluate("localStorage.filler = 'y'.repeat(3e6)")
    before = tab.evaluate("JSON.stringify(localStorage)")
    assert bring(json.dumps(data | {"pages": full})) == (
        "The browser has no room for these answers. Nothing was changed.")
    assert tab.evaluate("JSON.stringify(localStorage)") == before
    tab.evaluate("localStorage.clear()")
    sitecheck.none(sitecheck.axe_violations(tab))


@pytest.mark.parametrize("where", ["sub-path", "file"])
def test_works_below_a_path_and_from_disk(page, built, where):
    with serve(built.out.parent) as (url, _log):
        base = f"{url}/html" if where == "sub-path" else built.out.as_uri()
        page.goto(f"{base}/{PAGE}.html")
        by_keyboard(page, "ex-kinds-integer", "6")
        by_mouse(page, "pr-number", "6")
        page.reload()
        assert said(page, "ex-kinds-integer") == "Right. Six, from 0 to 5."
        assert page.locator("[data-settles=pr-number]").is_visible()
        page.goto(f"{base}/index.html")
        assert page.locator(".shelf .progress").inner_text() == "1 of 11 checked, all right"
    # To the watch, anything but the test's server is somebody else's.
    sitecheck.none([line for line in page.dlw_events.problems() if base not in line])


def test_works_where_nothing_may_be_stored(page, served):
    page.add_init_script("Object.defineProperty(window, 'localStorage', "
                         "{ get() { throw new DOMException('denied', 'SecurityError'); } })")
    page.goto(f"{served}/{PAGE}.html")
    by_keyboard(page, "ex-kinds-integer", "8")
    by_mouse(page, "pr-number", "6")
    assert "valid pads nothing." in said(page, "ex-kinds-integer")
    assert page.locator("[data-settles=pr-number]").is_visible()
    assert page.locator(".facts-line .progress").inner_text() == "1 of 10 checked, 0 right"
    page.goto(f"{served}/index.html")
    page.get_by_role("button", name="Clear").click()
    assert page.get_by_role("status").inner_text() == "Nothing is kept here yet."
    sitecheck.none(page.dlw_events.problems())


def test_without_scripts_the_page_reads_as_a_text(new_page, served):
    page = new_page(java_script_enabled=False)
    page.goto(f"{served}/{PAGE}.html")
    assert page.locator("main form :is(input, textarea, button):visible").count() == 0
    assert page.locator("[role=status]:visible, .progress:visible, .settles:visible").count() == 0
    assert page.locator("#answer-ex-kinds-number:visible").count() == 0
    assert form(page, "ex-kinds-choice").inner_text().split() == (
        ["What", "happens?", "a", "underflow", "b", "overflow", "c", "neither"])
    assert form(page, "pr-choice").inner_text().split()[:2] == ["a", "equal"]
    heights = page.locator("form.needs-js").evaluate_all("f => f.map(e => e.offsetHeight)")
    assert heights and not any(heights)
    page.goto(f"{served}/index.html")
    assert page.locator(".shelf:visible, .progress:visible").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_fits_a_phone_and_is_accessible_in_every_state(new_page, served, theme):
    page = new_page(viewport=sitecheck.PHONE, color_scheme=theme, has_touch=True)
    page.goto(f"{served}/{PAGE}.html")
    entries = list(ENTRIES.items())
    for k, (name, known) in enumerate(entries):
        texts = [known.slip[0], known.wrong[0], known.right, (known.malformed or known.wrong)[0]]
        by_mouse(page, name, texts[k % 4])
    field(page, "ex-kinds-matrix").fill("1 2 3 4 5 6 7 8 9 " * 12)
    by_mouse(page, "ex-kinds-expression", "p" * 400)
    by_mouse(page, "pr-choice", "b")
    by_mouse(page, "pr-number", "8")
    sitecheck.lay_out_all(page)
    found = sitecheck.overflow(page)
    found += [line for line in sitecheck.clipped(page) if not line.startswith("input.")]
    found += sitecheck.axe_violations(page)
    small = page.locator("main :is(form button, .answer-grip, form label.answer-item)")
    sizes = small.evaluate_all("all => all.map(e => e.getBoundingClientRect().height)")
    found += [f"a target of {height} px" for height in sizes if height < 24]
    sitecheck.none(found)


def test_paper_has_a_line_to_write_on_and_no_verdicts(tab):
    by_keyboard(tab, "ex-kinds-integer", "8")
    by_mouse(tab, "pr-number", "8")
    tab.emulate_media(media="print")
    sitecheck.settle(tab)
    hidden = "form button, [role=status], .settles, .progress, .answer-item input"
    assert not any(part.is_visible() for part in tab.locator(hidden).all())
    line = field(tab, "ex-kinds-shape").evaluate("e => getComputedStyle(e).borderBottomWidth")
    assert line == "1px"
    assert tab.locator("#answer-ex-kinds-choice li").first.is_visible()
    tab.emulate_media(media="screen")


def test_a_fold_holds_its_cells_and_opens_for_a_link(tab, served):
    fold = tab.locator("details.fold")
    assert fold.count() == 1 and fold.get_attribute("open") is None
    texts = ["Deep text.", "cell of the fold", "More of it."]
    whole = fold.evaluate("e => e.textContent")
    assert [text for text in texts if text not in whole] == []
    assert "After the fold." not in whole
    fold.locator("summary").press("Enter")
    assert fold.get_attribute("open") is not None
    for anchor in ("inside", fold.get_attribute("id")):
        tab.goto("about:blank")
        tab.goto(f"{served}/{PAGE}.html#{anchor}")
        assert fold.get_attribute("open") is not None
        expect(tab.locator(f"[id='{anchor}']")).to_be_in_viewport()
    tab.goto(f"{served}/{PAGE}.html")
    for _ in range(2):  # the second time the address stays as it is
        tab.get_by_role("link", name="proof").click()
        assert fold.get_attribute("open") is not None
        expect(fold).to_be_in_viewport()
        fold.locator("summary").click()
        assert fold.get_attribute("open") is None


def test_paper_opens_hints_and_on_request_folds(tab):
    """As the browser prints: whoever asks for a print event gets what the button gives."""
    tab.evaluate(
        """() => {
          const open = kind => document.querySelector(`details.${kind}`).open;
          window.print = () => {
            dispatchEvent(new Event('beforeprint'));
            window.printed = [open('hint'), open('fold')];
            dispatchEvent(new Event('afterprint'));
          };
        }""")
    for button, folds in (("Print", False), ("Print all", True), ("Print", False)):
        tab.get_by_role("button", name=button, exact=True).click()
        assert tab.evaluate("printed") == [True, folds]
        assert tab.locator("main details[open]:not(.on-page)").count() == 0
    tab.emulate_media(media="print")
    assert not tab.get_by_text("Deep text.").is_visible()
    assert tab.get_by_text("A hint.").is_visible()
    tab.emulate_media(media="screen")


def test_script_and_style_are_small_and_loaded_only_where_used(page, built):
    files = answer_files.files()
    sizes = {name: len(gzip.compress(text.encode(), 9)) for name, text in files.items()}
    assert sizes["answers.js"] + sizes["answers.css"] <= MOST, sizes
    assert sizes["progress.js"] <= 3_000, sizes
    wanted = {
        PAGE: {"answers.js", "answers.css"}, "index": {"progress.js"},
        book.CHAPTER: {"progress.js"}, book.ROUTE: {"progress.js"}, "book/ch01_x/plain": set(),
    }
    for name, files in wanted.items():
        with serve(built.out) as (url, log):
            page.goto(f"{url}/{name}.html")
        loaded = {hit.path.split("?")[0].split("/")[-1] for hit in log if "/answers/" in hit.path}
        assert loaded == files, name
    sitecheck.none(page.dlw_events.problems())

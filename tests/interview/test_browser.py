"""The mock interview in Chromium, by keyboard: a set from the draw to the summary, and on paper."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from dlworkbook.widgets.kit import bundle
from tests.kit import sitecheck
from tests.kit.node import evaluate
from tests.kit.server import serve
from tests.kit.small_book import build, page

MODULES = ("exercises", "folds", "answers", "progress", "cells", "facts", "numbering", "routes",
           "questions", "math", "theme", "policy")
SETTINGS = {"html_math_renderer": "katex_strict", "katex_prerender": True,
            "katex_css_path": "vendor/katex/katex.min.css"}
MODEL = bundle.WIDGETS.parent / "interview/model.js"
ROUTE = "book/routes/asked"
STORE = f"dlworkbook:answers:{ROUTE}"
RUNNING = f"dlworkbook:answers:mock/{ROUTE}"
NAMES = ["rates", "losses", "gates", "heads", "maps", "boxes"]
TOPICS = {"Training": NAMES[:2], "Networks": NAMES[2:4], "Pictures": NAMES[4:]}
LEVELS = dict(zip(NAMES, "EMHEMH", strict=True))
MOST = 11_300  # bytes of script and style, compressed


def answer(name: str) -> str:
    """A page with a part to copy; a formula for which only a phone has no room, and a link."""
    wide = " + ".join(f"x_{{{n}}}" for n in range(8))
    box = ":::{answer} try-a\nkind: integer\nis: 1\nelse: No.\n:::\n" if name == "rates" else ""
    return page(
        f"# The {name}\n\nA promise.\n\n## Text\n\nText.\n\n{box}\n## In two minutes\n\n"
        f"The {name} answer, as [the text](#text) says:\n\n$$\n\\text{{the sum }} {wide}\n$$\n\n"
        f"*They ask next:* First of {name}? (One, $a$.) Second? (Two (2).)\n\n"
        "## Sources\n\nNone.\n",
        '{goals: [one, two, three], level: M, number: "1.1"}',
    )


def question(name: str) -> str:
    return (f":::{{question}} What of `{name}`?\n:page: book/ch01_x/{name}\n"
            f":level: {LEVELS[name]}\n\n*And then:* Third of {name}? (Three.)\n\n"
            f"The {name} mistake.\n:::\n\n")


def route() -> str:
    text = "".join(f"## {topic}\n\n{''.join(map(question, names))}"
                   for topic, names in TOPICS.items())
    return page("# Questions\n\nAll of them.\n\n## Mock interview\n\nSay it.\n\n:::{mock}\n:::\n\n"
                f"{text}")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    listing = "```{{toctree}}\n{}\n```\n".format
    names = "".join(listing(f"/book/ch01_x/{name}") for name in NAMES)
    pages = {"index": page(f"# Book\n\nText.\n\n{listing(f'/{ROUTE}')}{names}"), ROUTE: route()}
    pages |= {f"book/ch01_x/{name}": answer(name) for name in NAMES}
    return build(tmp_path_factory.mktemp("mock"), pages, MODULES, **SETTINGS)


@pytest.fixture(scope="module")
def served(built):
    """Base URL of the book, sent with its policy."""
    with serve(built.out) as (url, _log):
        yield url


@pytest.fixture
def tab(new_page, served):
    """The route, for a reader who has done nothing; it must not complain."""
    one = new_page()
    one.clock.install()
    one.goto(f"{served}/{ROUTE}.html")
    yield one
    sitecheck.none(one.dlw_events.problems())


def opened(tab, text: str):
    """The route with this in its address."""
    tab.goto(f"{tab.url.split('?')[0]}?mock={text}")
    return tab


def form(tab):
    return tab.locator("form.mock")


def stage(tab):
    return tab.locator(".mock-stage")


def press(tab, *keys: str) -> None:
    for key in keys:
        tab.keyboard.press(key)


def begin(tab) -> None:
    """Start by keyboard."""
    form(tab).get_by_role("button", name="Start").focus()
    press(tab, "Enter")
    expect(stage(tab)).to_be_visible()


def asked(tab) -> str:
    """Name of the question on the stage."""
    return stage(tab).locator(".mock-question code").inner_text()


def focus(tab) -> str:
    return tab.evaluate("document.activeElement.textContent.trim()")


def go(tab, verdict: str) -> str:
    """Open the answer and judge; the question that was asked."""
    name = asked(tab)
    press(tab, "Enter", verdict)
    return name


def kept(tab) -> dict:
    return json.loads(tab.evaluate(f"localStorage.getItem('{STORE}')") or "{}")


def states(tab) -> dict[str, str]:
    return {key.rsplit("/", 1)[-1]: entry["state"] for key, entry in kept(tab).items()}


def test_a_whole_set_by_keyboard(tab):
    """Draw, answer, follow-ups one by one, mistake, verdict; what went badly comes once more."""
    opened(tab, "s:7_n:all")
    expect(form(tab).locator(".mock-set")).to_have_text("6 questions, drawn from 6, set 7.")
    begin(tab)
    first = asked(tab)
    assert focus(tab) == f"What of {first}?"
    shown = stage(tab).locator(".mock-shown")
    assert shown.inner_text() == ""
    press(tab, "1")  # nothing to judge yet
    assert asked(tab) == first and kept(tab) == {}
    steps = [
        ("In two minutes", f"The {first} answer", f"First of {first}?"),
        ("They ask next", f"First of {first}?", "One, "),
        ("One, a.", "One, ", "Second?"),
        ("And then", "Second?", "Two (2)."),
        ("Two (2).", "Two (2).", f"Third of {first}?"),
        ("And then", f"Third of {first}?", "Three."),
        ("Three.", "Three.", f"The {first} mistake."),
        ("The mistake that costs the offer", f"The {first} mistake.", "nothing more"),
    ]
    for n, (head, there, later) in enumerate(steps):
        press(tab, "Space" if n % 2 else "Enter")
        assert re.sub(r"One, .*\.$", "One, a.", focus(tab), flags=re.S) == head
        text = shown.inner_text()
        assert there in text and later not in text
    assert stage(tab).locator(".mock-main").is_hidden()
    assert shown.locator("a").last.get_attribute("href") == f"../ch01_x/{first}.html"
    press(tab, "3")
    order = [first]
    for verdict in "12121":
        order.append(go(tab, verdict))
    assert sorted(order) == sorted(NAMES)
    assert asked(tab) == first, "what was not answered well comes again at the end"
    assert "Question 7 of 7" in stage(tab).inner_text() and "once more" in stage(tab).inner_text()
    go(tab, "3")
    assert focus(tab) == "6 questions: 3 well, 2 halfway, 1 not", "once, and not for ever"
    items = stage(tab).locator(".mock-list > li")
    words = [text.split(" in ")[0] for text in items.all_inner_texts()]
    assert words == ["not", "halfway", "halfway", "well", "well", "well"]
    links = items.locator("a").evaluate_all("links => links.map(a => a.getAttribute('href'))")
    assert links[0] == f"../ch01_x/{first}.html"
    want = dict(zip(order, ["wrong", *["right", "slip"] * 2, "right"], strict=True))
    assert states(tab) == want
    assert kept(tab)[f"mock:ch01_x/{first}"]["tries"] == 2
    rows = stage(tab).locator("tbody tr").all_inner_texts()
    assert [row.split("\t")[:2] for row in rows] == [
        ["Training", "2"], ["Networks", "2"], ["Pictures", "2"], ["All", "6"]]
    press(tab, "Tab")
    while "weak ones" not in focus(tab):
        press(tab, "Tab")
    press(tab, "Enter")
    assert asked(tab) == first and "Question 1 of 3" in stage(tab).inner_text()


def test_the_buttons_do_it_too(tab):
    opened(tab, "s:1")
    form(tab).get_by_role("button", name="Start").click()
    for name in ("Open the answer", "First follow-up question", "Open its answer",
                 "Next follow-up question"):
        stage(tab).get_by_role("button", name=name).click()
    name = asked(tab)
    stage(tab).get_by_role("button", name="Halfway").click()
    assert states(tab) == {name: "slip"}
    assert "Question 2 of 5" in stage(tab).inner_text()
    stage(tab).get_by_role("button", name="End here").click()
    assert focus(tab) == "1 question: 0 well, 1 halfway, 0 not"
    stage(tab).get_by_role("button", name="Another set").click()
    expect(form(tab)).to_be_visible()
    counts = "0 well, 1 halfway, 0 not, 5 of 6 not asked yet"
    expect(form(tab).locator(".mock-record")).to_contain_text(counts)


def test_clock(tab):
    """It counts, says two marks and nothing between, goes on when over, and pauses."""
    tab.clock.pause_at(tab.evaluate("Date.now()") + 1_000)  # time runs here only by run_for
    begin(tab)
    clock, said = stage(tab).locator(".mock-clock"), tab.locator(".mock-stage + [role=status]")
    tab.clock.run_for(43_000)
    expect(clock).to_have_text("0:43 of 2:00")
    expect(said).to_have_text("")
    colour = clock.locator(".mock-time").evaluate("e => getComputedStyle(e).color")
    tab.clock.run_for(17_300)
    expect(said).to_have_text("One minute is over, one is left.")
    press(tab, "p")
    expect(clock).to_have_text("1:00 of 2:00, paused")
    tab.clock.run_for(30_000)
    expect(clock).to_have_text("1:00 of 2:00, paused")
    assert stage(tab).get_by_role("button", name="Go on").is_visible()
    press(tab, "p")
    tab.clock.run_for(65_000)
    expect(said).to_have_text("Two minutes are over. The clock goes on.")
    expect(clock).to_have_text("2:05 over: more than two minutes")
    expect(clock.locator(".mock-time")).not_to_have_css("color", colour)
    assert clock.get_attribute("aria-live") == "off"
    press(tab, "Enter")
    tab.clock.run_for(50_000)
    expect(clock).to_have_text("2:05 for your answer, over: more than two minutes")
    press(tab, "1")
    expect(clock).to_have_text("0:00 of 2:00")
    stage(tab).get_by_role("button", name="End here").click()
    assert "well in 2:05, over the two minutes" in stage(tab).inner_text()


def test_a_reload_goes_on(tab):
    """With the question, what was given, opened and written; the clock waits where it was."""
    opened(tab, "s:7_n:all")
    tab.clock.pause_at(tab.evaluate("Date.now()") + 1_000)  # time runs here only by run_for
    begin(tab)
    first = go(tab, "3")
    name, clock = asked(tab), stage(tab).locator(".mock-clock")
    stage(tab).locator("textarea").fill("of <b>mine</b>")
    tab.clock.run_for(43_000)

    def again() -> None:
        tab.reload()
        expect(stage(tab)).to_be_visible()
        assert tab.evaluate("document.activeElement === document.body")

    again()
    assert asked(tab) == name and "Question 2 of 7" in stage(tab).inner_text()
    assert stage(tab).locator("textarea").input_value() == "of <b>mine</b>"
    assert stage(tab).locator(".mock-shown").inner_text() == ""
    assert not form(tab).is_visible() and not stage(tab).locator(".mock-verdicts").is_visible()
    tab.clock.run_for(30_000)
    expect(clock).to_have_text("0:43 of 2:00, paused")
    stage(tab).get_by_role("button", name="Go on").press("Enter")
    tab.clock.run_for(20_000)
    expect(clock).to_have_text("1:03 of 2:00")
    said = tab.locator(".mock-stage + [role=status]")
    expect(said).to_have_text("One minute is over, one is left.")
    stage(tab).locator(".mock-question").focus()
    press(tab, "Enter", "Enter")
    again()
    tab.clock.run_for(30_000)
    expect(clock).to_have_text("1:03 for your answer, of 2:00")
    assert not stage(tab).get_by_role("button", name="Go on").is_visible()
    shown = stage(tab).locator(".mock-shown").inner_text()
    assert f"First of {name}?" in shown and "One, " not in shown
    assert stage(tab).locator(".mock-main").inner_text() == "Open its answer"
    stage(tab).get_by_role("button", name="Halfway").click()
    for verdict in "1111":
        go(tab, verdict)
    assert asked(tab) == first and "once more" in stage(tab).inner_text()
    again()
    assert asked(tab) == first and "once more" in stage(tab).inner_text()
    stage(tab).get_by_role("button", name="Open the answer").click()
    press(tab, "3")
    assert kept(tab)[f"mock:ch01_x/{first}"]["tries"] == 2
    summary = stage(tab).inner_text()
    assert summary.startswith("6 questions: 4 well, 1 halfway, 1 not")
    again()
    assert stage(tab).inner_text() == summary and "halfway in 1:03: " in summary
    stage(tab).locator("li").filter(has_text=name).locator("summary").click()
    expect(stage(tab).locator(".mock-own")).to_have_text("of <b>mine</b>")
    stage(tab).get_by_role("button", name="Another set").click()
    tab.reload()
    expect(form(tab)).to_be_visible()
    assert not stage(tab).is_visible()


def test_another_page_between_pauses_too(tab, served):
    """The clock stands still while the page is away, also where the browser keeps the page."""
    tab.clock.pause_at(tab.evaluate("Date.now()") + 1_000)
    begin(tab)
    tab.clock.run_for(20_000)
    tab.evaluate("dispatchEvent(new Event('pagehide'))")
    tab.clock.run_for(20_000)
    expect(stage(tab).locator(".mock-clock")).to_have_text("0:20 of 2:00, paused")
    name = asked(tab)
    tab.goto(f"{served}/index.html")
    tab.goto(f"{served}/{ROUTE}.html")
    assert asked(tab) == name


def test_starting_again(tab):
    """The same set from its first question, also after a reload and from the summary."""
    opened(tab, "s:7")
    begin(tab)
    button = stage(tab).get_by_role("button", name="Start again")
    order = [go(tab, "3"), go(tab, "1"), asked(tab)]
    said = []
    tab.once("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    button.click()
    assert "is lost" in said[0] and asked(tab) == order[2]
    tab.reload()
    tab.once("dialog", lambda dialog: dialog.accept())
    button.click()
    assert "Question 1 of 5" in stage(tab).inner_text()
    assert [go(tab, "1") for _ in range(5)][:3] == order
    tab.once("dialog", lambda dialog: dialog.accept())
    button.click()
    assert asked(tab) == order[0] and states(tab)[order[0]] == "right"
    button.click()  # nothing can be lost: no question is asked
    assert asked(tab) == order[0]


def test_a_link_to_another_set_is_followed(tab, served):
    """The set that goes on waits for its own address, or for none."""
    opened(tab, "s:7")
    begin(tab)
    name = go(tab, "3")
    opened(tab, "s:8")
    expect(form(tab).locator(".mock-set")).to_have_text("5 questions, drawn from 6, set 8.")
    assert not stage(tab).is_visible()
    for address in ("", "?mock=s:7"):
        tab.goto(f"{served}/{ROUTE}.html{address}")
        expect(stage(tab)).to_contain_text("Question 2 of 6")
        assert asked(tab) != name
    begin(opened(tab, "s:8"))
    tab.reload()
    expect(stage(tab)).to_contain_text("Question 1 of 5")


@pytest.mark.parametrize("broken", [
    "Object.defineProperty(window, 'localStorage', { get() { throw Error('no'); } })",
    "Storage.prototype.setItem = () => { throw Error('full'); }",
])  # fmt: skip
def test_without_storage_it_goes_on_as_ever(new_page, served, broken):
    """A whole set; only a reload has nothing to go on with."""
    tab = new_page()
    tab.add_init_script(broken)
    tab.goto(f"{served}/{ROUTE}.html?mock=s:7")
    begin(tab)
    stage(tab).locator("textarea").fill("words")
    stage(tab).locator(".mock-question").focus()
    for _ in range(5):
        go(tab, "1")
    assert focus(tab) == "5 questions: 5 well, 0 halfway, 0 not"
    tab.reload()
    expect(form(tab)).to_be_visible()
    sitecheck.none(tab.dlw_events.problems())


@pytest.mark.parametrize("text", [
    "{", "null", '{"run": 3}', '{"run": {"text": "{"}}', '{"run": {"kept": "x"}}',
    '{"run": {"text": "{\\"keys\\": [\\"ch01_x/gone\\"], \\"given\\": []}"}}',
])  # fmt: skip
def test_a_broken_set_is_forgotten(tab, text):
    tab.evaluate(f"text => localStorage.setItem('{RUNNING}', text)", text)
    tab.reload()
    expect(form(tab).locator(".mock-set")).to_contain_text("5 questions, drawn from 6")
    assert tab.evaluate(f"localStorage.getItem('{RUNNING}')") is None
    begin(tab)


def test_writing(tab):
    """Keys belong to the text while one writes; it is shown at the end."""
    begin(tab)
    press(tab, "Tab", "Tab")  # behind the button Pause
    expect(stage(tab).locator("textarea")).to_be_focused()
    tab.keyboard.type("p 1 <b>2</b> 3")
    press(tab, "Enter")
    assert stage(tab).locator(".mock-shown").inner_text() == "" and kept(tab) == {}
    press(tab, "Control+Enter")
    assert focus(tab) == "In two minutes"
    press(tab, "2")
    assert stage(tab).locator("textarea").input_value() == ""
    stage(tab).get_by_role("button", name="End here").click()
    stage(tab).locator("summary").click()
    expect(stage(tab).locator(".mock-own")).to_have_text("p 1 <b>2</b> 3")
    assert "<b>" not in json.dumps(kept(tab))


def test_the_address_holds_the_set(tab, new_page, served):
    """The same five for whoever opens the link; another seed, others."""
    begin(tab)
    address = sitecheck.in_the_bar(tab)
    assert re.search(r"\?mock=s:\d{6}$", address)
    first = asked(tab)
    other = new_page()
    other.goto(address)
    begin(other)
    assert asked(other) == first
    seen = set()
    for seed in range(12):
        begin(opened(tab, f"s:{seed}_t:training.pictures_l:EM"))
        seen.add(asked(tab))
        assert "of 3" in stage(tab).inner_text()
    assert seen == {"rates", "losses", "maps"}


def test_weak_ones_come_first_and_the_link_says_which(tab, new_page):
    """A record has a say in the draw; then the link names the questions."""
    entry = {"state": "wrong", "kept": "2026-01-01", "tries": 1}
    entries = {"mock:ch01_x/boxes": entry, "mock:ch01_x/maps": {**entry, "state": "slip"},
               **{f"mock:ch01_x/{name}": {**entry, "state": "right"} for name in NAMES[:4]}}
    entries["mock:ch01_x/heads"]["kept"] = "2025-01-01"
    tab.evaluate(f"text => localStorage.setItem('{STORE}', text)", json.dumps(entries))
    tab.reload()
    begin(tab)
    assert re.search(r"\?mock=q:\w{4}(\.\w{4}){4}$", sitecheck.in_the_bar(tab))
    address, order = sitecheck.in_the_bar(tab), [go(tab, "1") for _ in range(5)]
    assert order[:3] == ["boxes", "maps", "heads"]
    other = new_page()
    other.goto(address)
    expect(form(other).locator(".mock-set")).to_have_text("5 questions, from the link.")
    begin(other)
    assert [go(other, "1") for _ in range(5)] == order
    other = new_page()
    other.goto(address)
    form(other).get_by_label("10").check()
    expect(form(other).locator(".mock-set")).to_contain_text("6 questions, drawn from 6, set ")


def test_copying_the_link(new_page, served):
    """With a clipboard, and without one; it leads to the set that the form shows."""
    tab = new_page(permissions=["clipboard-read", "clipboard-write"])
    tab.goto(f"{served}/{ROUTE}.html?convolution=k:3&mock=s:5#training")
    form(tab).get_by_label("10").check()
    link = form(tab).get_by_role("button", name="Copy link")
    link.click()
    expect(form(tab).locator(".mock-buttons")).to_contain_text("Link copied.")
    want = f"{served}/{ROUTE}.html?convolution=k:3&mock=s:5_n:10#mock-interview"
    assert tab.evaluate("navigator.clipboard.readText()") == want
    tab.evaluate("void (navigator.clipboard.writeText = () => Promise.reject(Error()))")
    link.click()
    field = form(tab).get_by_label("link to this state")
    expect(field).to_be_focused()
    assert field.input_value() == want
    sitecheck.none(tab.dlw_events.problems())


@pytest.mark.parametrize("text", ["s:x", "n:7", "t:toString", "q:zzzz", "%E0%A4%A", "<img src=x>",
                                  "s:1_s:", "q:", "l:", "__proto__:1"])  # fmt: skip
def test_rubbish_in_the_address_is_told(tab, text):
    opened(tab, text)
    expect(form(tab).locator(".mock-set strong")).to_contain_text("could not be read: ")
    begin(tab)
    assert asked(tab) in NAMES


def test_a_question_that_is_gone_is_told(tab):
    codes = evaluate(MODEL, "data.map(m.codeOf)", [f"ch01_x/{name}" for name in NAMES[:5]])
    opened(tab, f"q:{'.'.join(codes)}.0000.zzzz")
    expect(form(tab).locator(".mock-set")).to_contain_text(
        "2 questions of this set are not on the page any more. 5 questions, from the link.")


@pytest.mark.parametrize("text", [
    "{", "null", "[]", '"x"', '{"mock:ch01_x/rates": 3}', '{"mock:ch01_x/rates": {"state": 1}}',
    '{"mock:ch01_x/rates": {"state": "excellent", "tries": "x", "kept": []}}',
    '{"mock:gone": {"state": "wrong"}, "__proto__": {"state": "wrong"}}',
])  # fmt: skip
def test_rubbish_in_the_store_is_left_alone(tab, text):
    tab.evaluate(f"text => localStorage.setItem('{STORE}', text)", text)
    tab.reload()
    expect(form(tab).locator(".mock-set")).to_contain_text("5 questions, drawn from 6")
    begin(tab)
    name = go(tab, "1")
    assert states(tab)[name] == "right"


def test_export_import_and_forgetting(tab, served, tmp_path):
    """The site's own export takes verdicts along, its import brings them back, both forget."""
    begin(tab)
    name = go(tab, "2")
    tab.goto(f"{served}/index.html")
    with tab.expect_download() as waiting:
        tab.get_by_role("button", name="Export").click()
    file = tmp_path / "answers.json"
    waiting.value.save_as(file)
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.get_by_role("button", name="Clear").click()
    assert kept(tab) == {}
    tab.locator(".shelf input").set_input_files(file)
    told = "2 answers were added"  # the verdict, and the set that goes on
    expect(tab.locator(".shelf [role=status]")).to_contain_text(told)
    assert states(tab) == {name: "slip"}
    tab.goto(f"{served}/{ROUTE}.html")
    expect(stage(tab)).to_contain_text("Question 2 of 5")
    opened(tab, "s:1")
    form(tab).get_by_role("button", name="Forget it").click()
    assert kept(tab) == {} and tab.evaluate(f"localStorage.getItem('{RUNNING}')") is None
    expect(form(tab).locator(".mock-record")).to_contain_text("is kept in this browser only")
    assert focus(tab) == "Start"


def test_nothing_to_draw(tab):
    """Without a topic or a level the form says so, and offers no start."""
    for box in form(tab).locator("[name=level]").all():
        box.focus()
        press(tab, "Space")
    expect(form(tab).locator(".mock-set")).to_contain_text("No question has this topic and level")
    assert form(tab).get_by_role("button", name="Start").is_disabled()
    assert form(tab).get_by_role("button", name="Print this set").is_disabled()
    form(tab).get_by_label("hard").check()
    expect(form(tab).locator(".mock-set")).to_contain_text("2 questions, drawn from 2")


def test_on_paper(tab):
    """Only what was drawn: the questions on one sheet, the answers on the next; then it is gone."""
    opened(tab, "s:3_t:training")
    tab.evaluate("window.print = () => {}")
    form(tab).get_by_role("button", name="Print this set").focus()
    press(tab, "Enter")
    tab.emulate_media(media="print")
    text = tab.locator("body").inner_text()
    assert "Mock interview: 2 questions" in text
    for name in NAMES:
        count = 2 if name in TOPICS["Training"] else 0
        assert text.count(f"What of {name}?") == count
        assert text.count(f"The {name} mistake.") == text.count(f"Third of {name}?") == count // 2
    assert "Say it." not in text and "All of them." not in text
    words = tab.locator(".mock-sheet .katex-html .text")  # a class of KaTeX, and of the site
    assert words.first.inner_text().split() == ["the", "sum"]
    pages = len(re.findall(rb"/Type\s*/Page\b", tab.pdf()))
    assert pages >= 2
    tab.emulate_media(media="screen")
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.locator(".mock-sheet").count() == 0
    assert tab.locator("html.mock-print").count() == 0


@pytest.mark.parametrize("look", ["light", "dark"])
def test_fits_and_can_be_read(tab, look):
    """Form, question with its answer open, and summary: on a phone, light and dark."""
    tab.set_viewport_size(sitecheck.PHONE)
    tab.emulate_media(color_scheme=look)

    def whole(where: str) -> None:
        sitecheck.lay_out_all(tab)  # a section that may be skipped also hides what is too wide
        sitecheck.none(sitecheck.overflow(tab), where)
        sitecheck.none(sitecheck.cut_off(tab) + sitecheck.clipped(tab), where)
        sitecheck.none(sitecheck.unmarked_scrolling(tab), where)
        found = sitecheck.axe_violations(tab)
        sitecheck.whole_again(tab)
        sitecheck.none(found, where)

    opened(tab, "s:3_n:all")
    whole("form")
    begin(tab)
    tab.clock.run_for(121_000)
    whole("over")
    press(tab, *["Enter"] * 8)
    whole("answer")
    press(tab, "3")
    for verdict in "123123":
        go(tab, verdict)
    while tab.locator(".mock-question").count():
        go(tab, "1")
    whole("summary")
    ids = tab.locator("[id]").evaluate_all("all => all.map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_a_tab_stop_follows_the_width_of_the_window(tab):
    """The formula of an answer and the table of the summary, each one only while it scrolls."""
    opened(tab, "s:3")

    def follows(box) -> None:
        for _ in range(2):
            tab.set_viewport_size({"width": 300, "height": 740})
            expect(box).to_have_attribute("tabindex", "0")
            expect(box).to_have_attribute("aria-label", re.compile("scrolls sideways"))
            tab.set_viewport_size(sitecheck.DESKTOP)
            expect(box).not_to_have_attribute("tabindex", "0")

    begin(tab)
    press(tab, "Enter")
    follows(stage(tab).locator(".katex-display"))
    press(tab, "2")
    stage(tab).get_by_role("button", name="End here").click()
    follows(stage(tab).locator(".table-box"))


def test_every_question_of_the_book(new_page, site):
    """Each with all its parts, on a phone: nothing is cut off, no text is lost on the way."""
    tab = new_page(viewport=sitecheck.PHONE)
    tab.goto(f"{site}/book/routes/interview.html?mock=s:1_n:all")
    number = tab.locator("p.question").count()
    problems = []
    begin(tab)
    for n in range(number):
        title = stage(tab).locator(".mock-question").inner_text()
        while stage(tab).locator(".mock-main").is_visible():
            press(tab, "Enter")
        parts = stage(tab).locator(".mock-shown > section").count()
        sitecheck.lay_out_all(tab)
        found = sitecheck.overflow(tab) + sitecheck.cut_off(tab)
        found += sitecheck.clipped(tab) + sitecheck.unmarked_scrolling(tab)
        problems += [f"{title}: {line}" for line in found]
        problems += [f"{title}: {parts} parts"] if parts < 8 else []
        press(tab, "1")
        assert n == number - 1 or f"Question {n + 2} of" in stage(tab).inner_text()
    sitecheck.none(problems)
    assert f"{number} questions: {number} well" in stage(tab).inner_text()
    sitecheck.none(tab.dlw_events.problems())


def test_without_scripts_it_is_the_route(new_page, served):
    bare = new_page(java_script_enabled=False)
    bare.goto(f"{served}/{ROUTE}.html")
    assert not bare.locator("form.mock").is_visible()
    assert "need JavaScript" in bare.locator("noscript").inner_text()
    assert bare.locator("p.question").count() == bare.locator(".fold").count() / 2 == len(NAMES)
    bare.locator(".fold summary").first.click()
    assert bare.get_by_text("The rates answer").is_visible()


def test_light(built):
    import gzip

    files = [built.out / "_static/interview" / name for name in ("mock.js", "mock.css")]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < MOST
    assert "interview/mock" not in built.html("book/ch01_x/rates")

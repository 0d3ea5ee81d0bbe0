"""What every widget must do, from its settings.json: each control by mouse and by keyboard, link,
bad link, reset, no JavaScript, a broken script, from disk; axe, overflow, layout shift.

What a widget shows is compared by ``agrees`` of its adapter (see tests/kit/widget_page.py).
"""

from __future__ import annotations

import json

import pytest

from dlworkbook.widgets.kit import bundle
from tests.kit import widget_page as kit
from tests.kit.widget_page import more, put, ready

pytestmark = pytest.mark.parametrize("name", kit.names())
HOW = pytest.mark.parametrize("how", ["mouse", "keyboard"])


def first_view(tab, site: str, name: str, query: str = "") -> None:
    tab.goto(f"{site}/{name}.html{query}")
    ready(tab)


def test_first_view(tab, widget_site, name):
    first_view(tab, widget_site, name)
    kit.adapter(name).agrees(tab)
    seen = ".dlw-root :is(select, input, button):visible:not(.dlw-grid *)"
    assert tab.locator(seen).count() <= 6, "at most six controls in sight, the rest behind More"
    assert tab.evaluate("location.search") == ""


def test_paper_shows_its_picture_before_the_script_is_there(tab, widget_site, name):
    """Printed at once, the still picture stands in its place; later the widget itself."""
    held = []
    tab.route(f"**/{name}.js*", lambda route: held.append(route))
    tab.goto(f"{widget_site}/{name}.html")
    tab.wait_for_selector("[data-key]", state="attached")
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")  # once more, and still on its way
    still = tab.locator(".dlw-box img")
    still.wait_for()  # there is one
    assert still.evaluate("(e) => e.decode().then(() => e.naturalWidth)") > 100
    assert not tab.locator(".dlw-wait").is_visible()
    tab.emulate_media(media="screen")
    assert not still.is_visible() and tab.locator(".dlw-wait").is_visible()
    tab.wait_for_timeout(100)
    assert len(held) == 1
    held[0].continue_()
    tab.unroute(f"**/{name}.js*")
    ready(tab)
    assert still.count() == 0 and tab.locator(".dlw-root").count() == 1
    kit.adapter(name).agrees(tab)
    tab.emulate_media(media="print")  # whole, and without the room that was kept for it
    assert not tab.locator(".dlw-wait").is_visible()
    assert tab.locator(".dlw-root :is(select, input, button):visible:not(.dlw-grid *)").count() == 0
    kept = tab.locator(".dlw-box").evaluate("(e) => getComputedStyle(e).breakInside")
    assert kept == "avoid"
    tab.emulate_media(media="screen")


@HOW
def test_controls(tab, widget_site, name, how):
    """Each control alone, by keyboard to several values, by mouse to the farthest of them; no
    arrow key reaches the page."""
    about = kit.adapter(name)
    first_view(tab, widget_site, name)
    for key, field in kit.controls(name).items():
        needs = about.NEEDS.get(key, {})
        if needs:
            assert kit.control(tab, name, key).is_disabled()
        for other, value in needs.items():
            put(tab, name, other, value, how)
        for value in kit.others(field)[0 if how == "keyboard" else -1 :]:
            put(tab, name, key, value, how)
            about.agrees(tab, **needs, **{key: value})
        put(tab, name, key, field["start"], how)
        for other in needs:
            put(tab, name, other, kit.controls(name)[other]["start"], how)
    about.agrees(tab)
    assert tab.evaluate("pageKeys.filter((k) => k.startsWith('Arrow'))") == []


def test_status_says_what_changed(tab, widget_site, name):
    first_view(tab, widget_site, name)
    status = ".dlw-live > [role=status]"
    tab.wait_for_function(f"() => document.querySelector('{status}').textContent")
    before = tab.locator(status).text_content()
    key, field = next(iter(kit.controls(name).items()))
    put(tab, name, key, kit.others(field)[0], "keyboard")
    tab.wait_for_function(
        f"(old) => document.querySelector('{status}').textContent !== old", arg=before
    )


def test_link_and_reset(tab, widget_site, name):
    """A link brings back every setting, of two widgets on a page; reset takes one of them away."""
    about = kit.adapter(name)
    tab.goto(f"{widget_site}/{name}-two.html#further")
    ready(tab, 2)
    visits = tab.evaluate("history.length")
    about.agrees(tab, 1, **about.OTHER)
    put_all = {}
    for key, field in kit.controls(name).items():
        for other, value in about.NEEDS.get(key, {}).items():
            put(tab, name, other, value, "mouse")
            put_all[other] = value
        if key not in put_all:
            put_all[key] = kit.others(field)[0]
            put(tab, name, key, put_all[key], "mouse")
    free = {k: f for k, f in kit.controls(name).items() if k not in {*about.OTHER, *about.NEEDS}}
    key, field = next(iter(free.items()))
    second = {**about.OTHER, key: kit.others(field)[-1]}
    put(tab, name, key, second[key], "mouse", box=1)
    tab.wait_for_function(f"() => /{name}=.*{name}-2=/.test(location.search)")
    assert tab.url.endswith("#further"), "the anchor stays"
    assert tab.evaluate("history.length") == visits, "Back leaves the page"
    more(tab)
    tab.get_by_role("button", name="Copy link").first.click()
    tab.wait_for_function("() => document.querySelector('.dlw-copied').textContent")
    link = tab.evaluate("navigator.clipboard.readText()")
    assert link.endswith(f"#widget-{name}")

    tab.goto("about:blank")
    tab.goto(link)
    ready(tab, 2)
    about.agrees(tab, **put_all)
    about.agrees(tab, 1, **second)
    more(tab)
    kit.press(tab.get_by_role("button", name="Reset").first, "keyboard")
    tab.wait_for_function(f"() => !location.search.includes('{name}=')")
    assert f"{name}-2=" in tab.url
    about.agrees(tab)


def test_bad_link(tab, widget_site, name):
    about = kit.adapter(name)
    link, said = about.BAD
    first_view(tab, widget_site, name, f"?{name}={link}&other=1")
    alert = tab.locator(".dlw-alert")
    message = alert.inner_text()
    assert message.startswith("The link's setting could not be read: ") and said in message
    assert alert.is_visible()
    about.agrees(tab)
    key, field = next(iter(kit.controls(name).items()))
    put(tab, name, key, kit.others(field)[0], "keyboard")
    tab.wait_for_function(f"() => location.search.startsWith('?other=1&{name}=')")
    assert not alert.is_visible()


def test_garbage_in_the_address(tab, widget_site, name):
    """Further links that a widget must refuse: ``GARBAGE`` of its adapter, and of any widget."""
    for link in (*getattr(kit.adapter(name), "GARBAGE", ()), "qq:1", "%25", "%3Cscript%3E"):
        first_view(tab, widget_site, name, f"?{name}={link}")
        said = tab.locator(".dlw-alert").inner_text()
        assert said.endswith("This is the first view instead."), link
        kit.adapter(name).agrees(tab)


def test_keys_stay_inside(tab, widget_site, name):
    """No key without a modifier reaches the page, where a theme might turn it; Ctrl+K does."""
    first_view(tab, widget_site, name)
    more(tab)
    sent = tab.evaluate("""() => {
      const all = [...document.querySelectorAll(".dlw-root :is(input, select, button):enabled")];
      for (const key of ["ArrowRight", "k"]) for (const e of all)
        e.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ctrlKey: key === "k" }));
      return [all.length, pageKeys.filter((k) => k !== "k").length, pageKeys.length];
    }""")
    assert sent[0] > 3 and sent[1:] == [0, sent[0]]
    bare = ".dlw-root :is(input, select, button, summary, a):not([data-lm-suppress-shortcuts])"
    assert tab.locator(bare).count() == 0
    link = tab.get_by_role("link", name="Open as notebook")
    assert link.get_attribute("href").endswith("/page.ipynb")


def test_without_javascript(new_page, widget_site, name):
    page = new_page(java_script_enabled=False)
    page.goto(f"{widget_site}/{name}.html")
    image = page.locator(".dlw-box img")
    assert image.is_visible() and kit.adapter(name).ALT in image.get_attribute("alt")
    assert not page.locator(".dlw-wait").is_visible()


def test_broken_script_leaves_the_picture(new_page, widget_site, name):
    page = new_page()
    broken = f'dlworkbook.define("{name}", {{ render() {{ throw new Error("broken"); }} }});'
    page.route(
        f"**/{name}.js*", lambda r: r.fulfill(content_type="text/javascript", body=broken)
    )
    page.goto(f"{widget_site}/{name}.html")
    page.wait_for_selector(".dlw-box[data-ready=failed] img")


def test_from_disk(new_page, widget_folder, name):
    page = new_page()
    page.goto((widget_folder / f"{name}.html").as_uri())
    ready(page)
    key, field = next(iter(kit.controls(name).items()))
    put(page, name, key, kit.others(field)[0], "keyboard")
    kit.adapter(name).agrees(page, **{key: kit.others(field)[0]})


OUTSIDE = """() => {
  const root = document.querySelector(".dlw-root").getBoundingClientRect();
  const parts = ".dlw-root :is(.dlw-plot text, button, select, input, output)";
  const all = document.querySelectorAll(parts);
  return [...all].filter((e) => !e.closest(".dlw-scroll")).filter((e) => {
    const r = e.getBoundingClientRect();
    return r.width && (r.left < root.left - 1 || r.right > root.right + 1);
  }).map((e) => e.textContent || e.outerHTML);
}"""
WRONG_STOPS = """() => [...document.querySelectorAll(".dlw-scroll")].filter((e) => {
  const scrolls = e.scrollWidth > e.clientWidth + 1, marks = ["tabindex", "role"];
  return marks.some((name) => e.hasAttribute(name) !== scrolls);
}).map((e) => e.outerHTML.slice(0, 120))"""
OVERLAPS = """() => [...document.querySelectorAll(".dlw-plot")].flatMap((svg) => {
  const texts = [...svg.querySelectorAll("text")].filter((t) => t.textContent);
  const all = texts.map((t) => [t.textContent, t.getBoundingClientRect()]);
  const meet = (r, q) => r.left < q.right - 1 && q.left < r.right - 1
    && r.top < q.bottom - 2 && q.top < r.bottom - 2;
  const others = ([a, r], i) => all.slice(i + 1).filter(([, q]) => meet(r, q)).map(([b]) => a + b);
  return all.flatMap(others);
})"""


def test_looks(tab, widget_site, name):
    """In each of its states: no finding of axe, light and wide, dark and narrow; nothing leaves
    the widget and no two labels of a picture meet."""
    from axe_playwright_python.sync_playwright import Axe

    def accessible(theme: str) -> list:
        tab.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        found = Axe().run(tab).response["violations"]
        return [(v["id"], v["nodes"][0]["html"][:200]) for v in found]

    for state in kit.adapter(name).STATES:
        tab.set_viewport_size({"width": 1280, "height": 900})
        first_view(tab, widget_site, name, state and f"?{name}={state}")
        more(tab)
        assert accessible("light") == [], state
        for width in (1280, 768, 360, 320):
            tab.set_viewport_size({"width": width, "height": 900})
            tab.wait_for_timeout(200)  # observers of sizes
            over = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert over <= 0, (width, state)
            assert tab.evaluate(OUTSIDE) == [], (width, state)
            assert width < 360 or tab.evaluate(OVERLAPS) == [], (width, state)
            assert tab.evaluate(WRONG_STOPS) == [], (width, state)
            if width == 360:
                assert accessible("dark") == [], state
        tab.set_viewport_size({"width": 1280, "height": 900})
        tab.wait_for_timeout(200)
        assert tab.evaluate(WRONG_STOPS) == [], f"{state}, wide again"


def test_nothing_moves(tab, widget_site, name):
    """The page does not shift when two widgets start, at four widths; what was kept free is what
    is taken; and no press of a slider changes the height, but of one that makes grids larger."""
    about = kit.adapter(name)
    height = "document.querySelector('.dlw-root').offsetHeight"
    kept = "parseFloat(getComputedStyle(document.querySelector('.dlw-wait')).minHeight)"
    for width in (360, 412, 768, 1280):
        tab.set_viewport_size({"width": width, "height": 900})
        tab.goto("about:blank")
        tab.goto(f"{widget_site}/{name}-two.html")
        ready(tab, 2)
        tab.wait_for_timeout(300)
        assert tab.evaluate("shift") <= 0.02, width
        taken = tab.evaluate(height)
        slack = getattr(kit.adapter(name), "SLACK", 8)
        assert -8 <= tab.evaluate(kept) - taken <= slack, width
        for slider in tab.locator(".dlw-root").first.locator("[type=range]:visible:enabled").all():
            name_of = slider.evaluate("(e) => e.labels[0].textContent")
            if name_of in getattr(about, "RESIZES", ()):
                continue
            for key in ["Home", *["ArrowRight"] * 12, "End"]:
                slider.press(key)
                assert tab.evaluate(height) == taken, (width, key)


# Of the style sheets that name parts of widgets, the shared one is linked, the widget's is not.
LAST_SHEET = """(hasStyle) => {
  const ours = [...document.styleSheets].filter((s) => [...s.cssRules].some((r) =>
    r.selectorText?.includes(".dlw-")));
  const own = hasStyle ? ours.pop() : null;
  return !own?.href && ours.length > 0 && ours.at(-1).href.includes("widgets.css");
}"""


def test_on_the_built_page(page, site, html, name):
    """On its page of the book: it starts when it comes near, and no key turns the page."""
    about = kit.adapter(name)
    pages = sorted(  # the first is where it is introduced
        file.relative_to(html).as_posix() for file in (html / "book").rglob("*.html")
        if f'data-widget="{name}"' in file.read_text(encoding="utf-8")
    )
    assert pages, "no page of the built book holds it"
    path = pages[0]
    asked = []
    page.on("request", lambda r: asked.append("/".join(r.url.split("?")[0].split("/")[-2:])))
    page.set_viewport_size({"width": 1280, "height": 400})  # an early widget is far below, too
    page.goto(f"{site}/{path}")
    page.wait_for_timeout(1000)  # a script that should not be asked for would be by now
    assert "dlworkbook/loader.js" in asked
    assert f"dlworkbook/{name}.js" not in asked, "far below: not yet"
    place = page.locator(f'[data-widget="{name}"]')
    place.scroll_into_view_if_needed()
    page.locator(f'[data-widget="{name}"][data-ready=true]').wait_for()
    has_style = (bundle.WIDGETS / name / "style.css").is_file()
    assert page.evaluate(LAST_SHEET, has_style), "its own style must come behind the shared one"
    own = json.loads(place.locator("> script").first.text_content())
    usual = about.KIND().state()
    start = {name: value for name, value in own.items() if value != usual[name]}
    key, field = next(iter(kit.controls(name).items()))
    box = page.locator("[data-widget]").evaluate_all(
        "(all, name) => all.findIndex((one) => one.dataset.widget === name)", name)
    put(page, name, key, kit.others(field)[-1], "keyboard", box)
    about.agrees(page, box, **start | {key: kit.others(field)[-1]})
    assert page.url.split("?")[0].endswith(path), "the arrow key turned the page"

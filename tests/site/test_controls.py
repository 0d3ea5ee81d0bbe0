"""The buttons of a page, the theme switch, and the keyboard."""

from __future__ import annotations

import nbformat
import pytest

from tests.kit import sitecheck

CONVOLUTION = "book/ch06_convolutional_networks/convolution.html"
NOTEBOOK = sitecheck.ROOT / "notebooks" / "ch06_convolutional_networks" / "convolution.ipynb"


def theme_of(page) -> str:
    """Return the theme that the page shows."""
    return page.evaluate("document.documentElement.dataset.theme")


def ground(page) -> str:
    """Return the colour behind the text."""
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_notebook_button_gives_our_notebook(page, site, tmp_path):
    page.goto(f"{site}/{CONVOLUTION}")
    with page.expect_download() as download:
        page.locator(".tools a[download]").click()
    path = tmp_path / "page.ipynb"
    download.value.save_as(path)
    assert download.value.suggested_filename == "convolution.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    ours = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    # The first code cell is the set-up, which holds this copy's address.
    assert code[1:] == [cell.source for cell in ours.cells if cell.cell_type == "code"][1:]
    assert len(code) > 5
    sitecheck.none(page.dlw_events.problems())


def test_print_button_prints(page, site):
    page.add_init_script("window.printed = 0; window.print = () => { window.printed += 1 }")
    page.goto(f"{site}/{CONVOLUTION}")
    page.locator("button.print").first.click()
    assert page.evaluate("window.printed") == 1


def test_theme_switch_works_stays_and_goes_back(new_page, site):
    page = new_page(color_scheme="light")
    page.goto(f"{site}/{CONVOLUTION}")
    light = ground(page)
    button = page.locator("button.theme")
    assert (theme_of(page), button.get_attribute("aria-pressed")) == ("light", "false")
    button.click()
    sitecheck.settle(page)
    assert (theme_of(page), button.get_attribute("aria-pressed")) == ("dark", "true")
    dark = ground(page)
    assert dark != light
    page.reload()
    assert (theme_of(page), ground(page)) == ("dark", dark)
    page.goto(f"{site}/index.html")
    assert theme_of(page) == "dark"
    assert page.locator("button.theme").get_attribute("aria-pressed") == "true"
    page.locator("button.theme").press("Enter")
    assert theme_of(page) == "light"
    page.reload()
    sitecheck.settle(page)
    assert (theme_of(page), ground(page)) == ("light", light)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_first_visit_follows_the_system(new_page, site, scheme):
    page = new_page(color_scheme=scheme)
    page.goto(f"{site}/{CONVOLUTION}")
    assert theme_of(page) == scheme
    wanted = "true" if scheme == "dark" else "false"
    assert page.locator("button.theme").get_attribute("aria-pressed") == wanted


def test_arrow_keys_never_turn_the_page(page, site, html):
    """On the text and on every slider of every page."""
    sliders = 0
    for path in sitecheck.all_pages(html):
        page.goto(f"{site}/{path}", wait_until="load")
        for key in ("ArrowRight", "ArrowLeft"):
            page.locator("body").press(key)
        if page.locator("[data-widget]").count():
            page.locator("[data-widget]").first.scroll_into_view_if_needed()
            page.locator("[data-widget] input, [data-widget] button").first.wait_for(
                state="attached"
            )
        for slider in page.locator("input[type=range]:visible:enabled").all():
            sliders += 1
            slider.focus()
            for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "PageUp", "PageDown", "Home"):
                page.keyboard.press(key)
            assert slider.evaluate("e => e === document.activeElement"), "focus was lost"
        page.wait_for_timeout(50)
        assert page.url.split("?")[0].split("#")[0] == f"{site}/{path}"
    assert sliders > 0, "no slider on any page: this test looked at nothing"


def test_every_control_shows_where_the_keyboard_is(page, site):
    """Tab through the landing page and the convolution page: each stop is visible and marked."""
    for path in ("index.html", CONVOLUTION):
        page.goto(f"{site}/{path}", wait_until="load")
        sitecheck.wait_until_loaded(page)
        seen, unmarked = set(), []
        for _ in range(60):
            page.keyboard.press("Tab")
            spot = page.evaluate(
                """() => {
                  const e = document.activeElement;
                  if (e === document.body) return null;
                  const now = getComputedStyle(e);
                  const outline = now.outlineStyle !== 'none' && parseFloat(now.outlineWidth) > 0;
                  const box = e.getBoundingClientRect();
                  const marked = outline || now.boxShadow !== 'none';
                  return {name: e.outerHTML.slice(0, 90), marked,
                          visible: box.width > 0 && box.height > 0};
                }"""
            )
            if spot is None:
                break
            seen.add(spot["name"])
            if not (spot["marked"] and spot["visible"]):
                unmarked.append(spot["name"])
        assert len(seen) > 10, path
        sitecheck.none(unmarked, path)


def test_skip_link_leads_to_the_text(page, site):
    page.goto(f"{site}/{CONVOLUTION}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_slash_and_menu_on_a_phone(new_page, site):
    page = new_page(viewport=sitecheck.PHONE, has_touch=True)
    page.goto(f"{site}/{CONVOLUTION}")
    chapters = page.locator("nav.chapters")
    menu = page.locator("header .menu")
    assert menu.get_attribute("aria-expanded") == "false"
    menu.click()
    sitecheck.settle(page)
    assert menu.get_attribute("aria-expanded") == "true"
    assert chapters.is_visible()
    sitecheck.none(sitecheck.axe_violations(page, "header.top, nav.chapters"))
    page.keyboard.press("Escape")
    assert menu.get_attribute("aria-expanded") == "false"


@pytest.mark.parametrize(("width", "scrolls"), [(360, True), (1280, False)])
def test_a_wide_plot_is_readable_on_a_phone(new_page, site, width, scrolls):
    """It keeps most of its size and scrolls in its box, also by keyboard; the page does not."""
    page = new_page(viewport={"width": width, "height": 800})
    page.goto(f"{site}/{CONVOLUTION}")
    box = page.locator(".picture-box").first
    box.scroll_into_view_if_needed()
    image = box.locator("img")
    shown, natural = image.evaluate("e => [e.clientWidth, +e.getAttribute('width')]")
    assert natural >= 600 and shown >= 0.7 * natural
    assert box.evaluate("e => e.scrollWidth > e.clientWidth + 1") == scrolls
    if scrolls:
        page.wait_for_function("e => e.tabIndex === 0", arg=box.element_handle())
        box.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("e => e.scrollLeft > 0", arg=box.element_handle())
    assert page.evaluate("document.documentElement.scrollWidth") <= width

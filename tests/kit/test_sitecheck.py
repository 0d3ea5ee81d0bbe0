"""The helpers of the browser tests, shown small pages that have the defect they look for."""

from __future__ import annotations

import base64
import re
import struct
import zlib

import pytest

from publish.site import policy
from tests.kit import sitecheck
from tests.kit.server import serve

GOOD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width">{head}</head>
<body><main class="bd-article"><h1>Title</h1>{body}</main></body></html>"""


def png(width: int, height: int, rgba: tuple[int, int, int, int]) -> str:
    """Return a data URL of a PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        packed = kind + data
        return struct.pack(">I", len(data)) + packed + struct.pack(">I", zlib.crc32(packed))

    row = b"\0" + bytes(rgba) * width
    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(row * height))
        + chunk(b"IEND", b"")
    )
    return "data:image/png;base64," + base64.b64encode(data).decode()


@pytest.fixture
def show(tmp_path, new_page):
    """Return a function that serves a page with this body and opens it."""
    with serve(tmp_path) as (url, log):

        def go(body: str = "", head: str = "", **settings):
            (tmp_path / "index.html").write_text(GOOD.format(body=body, head=head))
            page = new_page(**settings)
            page.dlw_log = log
            scripts = settings.get("java_script_enabled", True)
            sitecheck.visit(page, f"{url}/index.html", scripts=scripts)
            return page

        yield go


def test_a_good_page_has_no_problem(show):
    page = show("<p>Text</p>", viewport=sitecheck.PHONE)
    assert page.dlw_events.problems() == []
    assert sitecheck.overflow(page) == []
    assert sitecheck.axe_violations(page) == []
    assert sitecheck.blank_widgets(page) == []
    assert sitecheck.dark_images(page) == []


def test_third_party_image_is_seen_and_not_fetched(show):
    page = show('<img alt="" src="https://third.invalid/pixel.png">')
    assert page.dlw_events.third_party == ["https://third.invalid/pixel.png"]
    assert any("NAME_NOT_RESOLVED" in item for item in page.dlw_events.failed)


def test_third_party_image_in_a_fold_or_far_below_is_seen(show):
    image = '<img alt="" loading="lazy" src="https://third.invalid/{}.png">'
    page = show(
        f'<details><summary>More</summary>{image.format("fold")}</details>'
        f'<div style="height: 9000px"></div>{image.format("below")}'
    )
    assert len(page.dlw_events.third_party) == 2


def test_beacon_of_a_script_is_seen(show):
    page = show("<script>fetch('https://third.invalid/beacon').catch(() => 0)</script>")
    assert page.dlw_events.third_party == ["https://third.invalid/beacon"]


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("console.error('broken')", "console"),
        ("console.warn('old')", "console"),
        ("const A = 1; undefinedName.call()", "page error"),
        ("setTimeout(() => { throw new Error('late') }, 5)", "page error"),
    ],
)
def test_console_and_page_errors_are_seen(show, script, kind):
    page = show(f"<script>{script}</script>")
    page.wait_for_timeout(60)
    assert [item.split(":")[0] for item in page.dlw_events.problems()] == [kind]


@pytest.mark.parametrize("body", [
    "<script>window.ran = 1</script>", '<p onclick="run()">x</p>', '<img alt="" src="/x.png?blob">',
])
def test_what_the_policy_refuses_is_seen(show, tmp_path, body):
    """The policy of the page without the defect, as when something slips in behind the build."""
    rules = policy.policy(set(), header=True).replace("img-src 'self'", "img-src")
    (tmp_path / "_headers").write_text(f"/*\n  {policy.NAME}: {rules}\n")
    page = show(body)
    assert any("Content Security Policy" in item for item in page.dlw_events.console)
    assert page.evaluate("window.ran") is None


def test_missing_file_is_seen(show):
    page = show('<img alt="" src="gone.png">')
    assert any(re.match(r"404 .*/gone\.png", item) for item in page.dlw_events.failed)


def test_overflow_names_the_wide_element(show):
    page = show('<div class="wide" style="width: 500px">x</div>', viewport=sitecheck.PHONE)
    first, second = sitecheck.overflow(page)
    assert first.endswith("in a window of 360 px")
    assert second.startswith("div.wide reaches 5")


def test_a_box_that_scrolls_is_no_overflow(show):
    page = show(
        '<div tabindex="0" style="overflow-x: auto"><div style="width: 500px">x</div></div>',
        viewport=sitecheck.PHONE,
    )
    assert sitecheck.overflow(page) == []


def test_text_cut_off_by_its_box_is_seen(show):
    page = show(
        '<div style="overflow-x: hidden; width: 90px; white-space: nowrap">'
        "a long line that is cut off</div>"
    )
    assert len(sitecheck.clipped(page)) == 1


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ('<input type="range">', "label"),
        ("<button></button>", "button-name"),
        ('<img src="data:,x">', "image-alt"),
        ('<p style="color: #999; background: #fff">pale</p>', "color-contrast"),
        ('<pre style="background: #fff; color: #000"><span>a</span> <span>b</span> <em><span>c'
         '</span></em> <span style="color: #aaa">pale</span></pre>', "color-contrast"),
        ('<pre style="background: linear-gradient(#ccc, #fff) #fff; color: #aaa">pale</pre>',
         "color-contrast"),
        ("<h4>skips levels</h4>", "heading-order"),
        ('<a href="#a" style="font-size: 9px">a</a><br><button style="width: 9px; height: 9px; '
         'padding: 0" aria-label="b"></button><button style="width: 9px; height: 9px; padding: 0"'
         ' aria-label="c"></button>', "target-size"),
        ('<details><summary>s</summary><input type="range"></details>', "label"),
    ],
)
def test_axe_sees_the_defect(show, body, rule):
    assert any(line.startswith(rule) for line in sitecheck.axe_violations(show(body)))


def test_axe_sees_contrast_that_fails_in_the_dark_only(show):
    page = show(
        '<p class="note">note</p>',
        head="<style>.note { color: #333 } html[data-theme=dark] { background: #111 }"
        "html[data-theme=dark] h1 { color: #fff }</style>",
    )
    assert sitecheck.axe_violations(page) == []
    sitecheck.set_theme(page, "dark")
    assert any("contrast" in line for line in sitecheck.axe_violations(page))


def test_widget_without_a_picture_is_blank(show):
    page = show('<div data-widget="convolution"></div>', java_script_enabled=False)
    assert sitecheck.blank_widgets(page) == ["widget 1 (convolution) shows no picture"]


def test_widget_with_a_picture_but_no_words_is_reported(show):
    picture = png(60, 60, (0, 0, 0, 255))
    page = show(
        '<div data-widget="conv"><noscript>'
        f'<img width="60" alt="" src="{picture}"></noscript></div>',
        java_script_enabled=False,
    )
    assert sitecheck.blank_widgets(page) == ["widget 1 (conv): empty alt"]


def test_latex_left_as_text_is_seen(show):
    page = show(r'<span class="math notranslate">\(x^2\)</span>')
    assert sitecheck.unreadable_math(page) == [r"not set: \(x^2\)"]


@pytest.mark.parametrize(
    ("colour", "style", "tag", "defect"),
    [
        ((255, 255, 255, 255), "", "", "white sheet"),
        ((255, 255, 255, 255), "filter: invert(1)", "", None),
        ((0, 0, 0, 0), "", "", "dark lines"),
        ((0, 0, 0, 0), "filter: invert(1) hue-rotate(180deg)", "", None),
        ((0, 0, 0, 0), "filter: invert(1)", "tag_photo", "negative"),
        ((200, 180, 170, 255), "", "tag_photo", None),
    ],
)
def test_images_in_the_dark(show, colour, style, tag, defect):
    page = show(
        f'<div class="cell {tag}"><div class="cell_output">'
        f'<img alt="plot" style="{style}" src="{png(60, 60, colour)}"></div></div>',
        head="<style>html[data-theme=dark] body { background: #111; color: #eee }</style>",
    )
    sitecheck.set_theme(page, "dark")
    found = sitecheck.dark_images(page)
    assert (defect is None) == (found == [])
    assert defect is None or defect in found[0]


def test_server_compresses_and_reports_404(tmp_path, new_page):
    (tmp_path / "index.html").write_text(GOOD.format(body="text " * 500, head=""))
    (tmp_path / "404.html").write_text(GOOD.format(body="<p>Lost</p>", head=""))
    with serve(tmp_path) as (url, log):
        page = new_page()
        assert page.goto(f"{url}/").header_value("content-encoding") == "gzip"
        answer = page.goto(f"{url}/nowhere.html")
        assert answer.status == 404
        assert page.get_by_text("Lost").is_visible()
        assert page.goto(f"{url}/../../etc/passwd").status == 404
        page.goto("about:blank")
    assert log[0].sent < log[0].raw / 4

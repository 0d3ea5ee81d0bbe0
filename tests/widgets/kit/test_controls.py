"""What widgets and pages share of controls, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from dlworkbook.widgets.kit import bundle
from tests.kit.server import serve

PAGE = """<!doctype html><title>Box</title><link rel="icon" href="data:,">
<div id="box" style="overflow-x: auto"><div id="part" style="width: 600px">Text</div></div>"""


@pytest.fixture
def box(page, tmp_path):
    """A box with a part 600 pixels wide, told of its marks."""
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "controls.js").write_text((bundle.KIT / "controls.js").read_text(encoding="utf-8"))
    with serve(tmp_path) as (url, _log):
        page.goto(f"{url}/index.html")
        page.evaluate("""async () => {
          const { scrollStop } = await import("./controls.js");
          scrollStop(document.querySelector("#box"), { "aria-label": "a part" }, "group");
        }""")
        yield page.locator("#box")


def test_a_box_is_a_tab_stop_while_it_scrolls(page, box):
    """With each change of the room and of the content; one that is not shown is none."""
    name = {"role": "group", "aria-label": "a part"}

    def is_stop() -> None:
        expect(box).to_have_attribute("tabindex", "0")
        assert {key: box.get_attribute(key) for key in name} == name

    def is_none() -> None:
        expect(box).not_to_have_attribute("tabindex", "0")
        assert not any(box.get_attribute(key) for key in ("tabindex", *name))

    for _ in range(2):
        page.set_viewport_size({"width": 360, "height": 600})
        is_stop()
        page.set_viewport_size({"width": 1280, "height": 600})
        is_none()
    page.evaluate("part.style.width = '2000px'")
    is_stop()
    page.evaluate("box.hidden = true")
    is_none()
    page.evaluate("box.hidden = false")
    is_stop()
    page.evaluate("part.style.width = '20px'")
    is_none()

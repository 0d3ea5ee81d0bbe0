"""Takes the README's picture of the convolution page anew: `python -m publish.tools.screenshot`.

Needs the built site (`make book`) and a Chromium (`python -m publish.tools.chromium`).
"""

from __future__ import annotations

from pathlib import Path

from . import chromium
from .serve import background

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "book/_assets/readme/convolution.png"
PAGE = "book/ch06_convolutional_networks/convolution.html"
SIZE = {"width": 1180, "height": 860}  # CSS pixels


def take(html: Path, picture: Path) -> None:
    """Write the picture of the widget on its page, light theme, palette of 256 colours."""
    from io import BytesIO

    from PIL import Image
    from playwright.sync_api import sync_playwright

    with background(html) as (url, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
        )
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.goto(f"{url}/{PAGE}")
        page.evaluate("document.querySelector('[data-widget]').scrollIntoView()")
        page.locator("[data-ready=true]").wait_for()
        page.wait_for_timeout(500)
        shot = page.screenshot()
        browser.close()
    picture.parent.mkdir(parents=True, exist_ok=True)
    colours = Image.open(BytesIO(shot)).convert("RGB").quantize(256)
    colours.save(picture, "PNG", optimize=True)


if __name__ == "__main__":
    take(ROOT / "_build/html", PICTURE)
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size / 1024:.0f} KB")

"""Draw the favicon and the picture for link previews. Run by hand; the results are committed:

    .venv/bin/python -m publish.tools.pictures
"""

from __future__ import annotations

import base64
import io

from PIL import Image, ImageDraw

from publish.site.bundle import ASSETS

from . import chromium

KERNEL, LINE, PAPER = "#b8461c", "#8b8370", "#fffdf8"
CELLS = [(2 + 10 * i, 2 + 10 * j) for j in range(3) for i in range(3)]  # on a field of 32 by 32


def favicon(size: int) -> Image.Image:
    """The mark of the book, size by size pixels, on a transparent ground."""
    scale = 8 * size / 32
    image = Image.new("RGBA", (8 * size, 8 * size))
    draw = ImageDraw.Draw(image)
    for x, y in CELLS:
        box = [x * scale, y * scale, (x + 8) * scale, (y + 8) * scale]
        if x >= 12 and y >= 12:
            draw.rectangle(box, fill=KERNEL)
        else:
            draw.rectangle(box, outline=LINE, width=round(1.8 * scale))
    return image.resize((size, size), Image.Resampling.LANCZOS)


def preview_html() -> str:
    """A page of 1200 by 630 pixels: a 9 by 7 grid, a window on it, and the book's name."""
    font = base64.b64encode((ASSETS / "fonts/serif-semibold.woff2").read_bytes()).decode()
    cells = []
    for j in range(7):
        for i in range(9):
            # A bright diagonal edge, as in the first exercise of the convolution page.
            shade = 0.92 if i - j > 2 else 0.06 if i - j < 2 else 0.45
            inside = 3 <= i <= 5 and 2 <= j <= 4
            fill = KERNEL if inside else LINE
            opacity = 0.35 + 0.65 * shade if inside else 0.06 + 0.34 * shade
            cells.append(
                f'<rect x="{i * 56}" y="{j * 56}" width="50" height="50" fill="{fill}" '
                f'fill-opacity="{opacity:.2f}"/>'
            )
    window = (
        '<rect x="164" y="108" width="170" height="170" fill="none" '
        'stroke="#23201b" stroke-width="5"/>'
    )
    return f"""<!DOCTYPE html><style>
@font-face{{font-family:S;font-weight:600;src:url(data:font/woff2;base64,{font})}}
body{{margin:0;width:1200px;height:630px;background:{PAPER};color:#23201b;overflow:hidden;
font:600 84px/1.04 S}}
h1{{position:absolute;left:72px;top:72px;margin:0;font:inherit;letter-spacing:-.02em;width:560px}}
p{{position:absolute;left:72px;bottom:64px;margin:0;font:600 32px/1.35 S;width:480px;color:#5d574b}}
svg{{position:absolute;left:640px;top:120px}}
</style><h1>Deep Learning Workbook</h1><p>Derive it, build it, turn it, break it.</p>
<svg width="504" height="392">{"".join(cells)}{window}</svg>"""


def preview() -> Image.Image:
    """The picture for link previews, drawn by Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium.find(), args=[*chromium.ARGUMENTS])
        page = browser.new_page(viewport={"width": 1200, "height": 630})
        page.set_content(preview_html())
        page.evaluate("document.fonts.ready")
        data = page.screenshot()
        browser.close()
    return Image.open(io.BytesIO(data)).convert("RGB")


def main() -> None:
    favicon(48).save(ASSETS / "favicon.ico", sizes=[(16, 16), (32, 32), (48, 48)])
    preview().quantize(64).save(ASSETS / "og.png", optimize=True)


if __name__ == "__main__":
    main()

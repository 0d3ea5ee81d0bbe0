"""Make the vendored fonts and the KaTeX style sheet from their npm packages.

Run once, by hand, when a version changes; the results are committed, so a build downloads nothing:

    npm install --prefix node_vendor katex@0.16.22 @fontsource/source-serif-4@5.3.1
    .venv/bin/python -m publish.tools.vendor node_vendor/node_modules

The KaTeX version must be the one whose JavaScript sphinxcontrib-katex carries (`katex_version`
there): the prerendered markup and the style sheet belong together, and a test compares them.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import sys
from pathlib import Path

ASSETS = Path(__file__).resolve().parents[2] / "book" / "_assets"

# Characters of the text. Rare signs are left to the system's fonts, Chinese has one of its own
# (dlworkbook/fonts).
TEXT = [
    *range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x2010, 0x2016),
    *map(ord, "ıŁłŒœŠšŽž‘’‚“”„†•…′″‹›⁄™−"),
]
# Fonts are cut in two: what nearly every page uses, and the rest, which a browser fetches only for
# a page that has one of its characters (unicode-range).
COMMON = [*range(0x20, 0x7F), *map(ord, "\u00a0·×−–—‘’“”…±²µ¼½éëöü")]
COMMON_MATH = {
    "KaTeX_Main-Regular": [
        *range(0x20, 0x7F), *range(0x393, 0x3AA),
        *map(ord, "\u00a0±×·ˆˇˉ˙˜‘’“”…′ℓ←→↑↓⇐⇒⇔↦⟹∀∂∃∅∇∈∉−∗∘√∝∞∣∥∧∨∩∪∫∼≈≠≡≤≥≪≫⊂⊆⊕⊗⊙⊤⊥⋅⋆⋮⋯⋱⌈⌉⌊⌋⟨⟩"),
        0xE020,  # the stroke of ≠
    ],
    "KaTeX_AMS-Regular": [*range(0x41, 0x5B)],  # blackboard bold: sets, expectations
}
COPYRIGHT = (
    "Workbook Serif is Source Serif 4, reduced to the characters of this book and renamed.\n"
    "Copyright 2014 - 2021 Adobe (http://www.adobe.com/), with Reserved Font Name 'Source'.\n"
)
FACES = {  # file, weight, style
    "serif-regular": ("source-serif-4-latin-400-normal.woff2", 400, "normal"),
    "serif-italic": ("source-serif-4-latin-400-italic.woff2", 400, "italic"),
    "serif-semibold": ("source-serif-4-latin-600-normal.woff2", 600, "normal"),
}
FACE = (
    '@font-face { font-family: "Workbook Serif"; font-weight: %d; font-style: %s; '
    'font-display: swap; src: url(fonts/%s.woff2) format("woff2"); unicode-range: %s; }\n'
)
# Code points that no font has may lie inside a range, which keeps the style sheet short; but not
# the zero-width space U+200B, which is on every page with formulas and would fetch the font.
GAP = 4
# Bold upright mathematics is letters, digits, Greek capitals and a few signs: vectors and matrices.
BOLD = [
    *range(0x20, 0x7F), *range(0x393, 0x3AA), *map(ord, "\u00a0±·×ıȷ′∂∇−‖∣∥ˆˇ˘˙˚˜¯¨´\u20d7"),
]
FEATURES = ["kern", "liga", "ccmp", "locl", "mark", "mkmk", "lnum", "pnum", "tnum", "calt"]


def ranges(unicodes: list[int], gap: int = 0) -> str:
    """The value of `unicode-range` for some characters; holes of up to `gap` are filled."""
    runs: list[list[int]] = []
    for code in sorted(unicodes):
        if runs and code - runs[-1][1] <= gap + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return ",".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in runs)


def halves(font: Path, common: list[int]) -> dict[str, list[int]]:
    """The ending of each file's name and the characters of `font` in it, the rest first."""
    from fontTools.ttLib import TTFont

    known = set(TTFont(font).getBestCmap())
    return {"-more": sorted(known - set(common)), "": sorted(known & set(common))}


def subset(source: Path, target: Path, unicodes: list[int]) -> None:
    """Write `source` to `target` as woff2, reduced to `unicodes` and FEATURES."""
    from fontTools import subset as ft

    options = ft.Options(
        flavor="woff2", layout_features=FEATURES, hinting=False, desubroutinize=True,
        bidi_closure=False,
    )
    font = ft.load_font(str(source), options)
    subsetter = ft.Subsetter(options)
    subsetter.populate(unicodes=unicodes)
    subsetter.subset(font)
    for record in font["name"].names:  # the licence reserves the original's name for the original
        if record.nameID in (1, 3, 4, 6, 16, 18, 25):
            record.string = record.toUnicode().replace("Source Serif 4", "Workbook Serif").replace(
                "SourceSerif4", "WorkbookSerif"
            )
    ft.save_font(font, str(target), options)


def trim_katex(css: str) -> str:
    """KaTeX's style sheet with woff2 sources only."""
    return re.sub(r',url\([^)]*\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)', "", css)


def split_sizes(css: str, fonts: Path) -> tuple[str, str]:
    """Take the four fonts of tall delimiters and operators out of the style sheet.

    Most pages with formulas need them together, so they make a style sheet of their own with the
    fonts written into it: one request instead of four, and one that does not hold up the text.
    """
    rules = re.findall(r"@font-face\{[^}]*KaTeX_Size\d[^}]*\}", css)
    for rule in rules:
        css = css.replace(rule, "")

    def embed(match: re.Match) -> str:
        data = base64.b64encode((fonts / match[1]).read_bytes()).decode("ascii")
        return f"url(data:font/woff2;base64,{data})"

    return css, re.sub(r"url\(fonts/([\w-]+\.woff2)\)", embed, "\n".join(rules) + "\n")


def split_face(css: str, stem: str, parts: dict[str, list[int]]) -> str:
    """Replace the `@font-face` of the font `stem` by one for each of its `parts`."""
    face = re.search(r"@font-face\{[^}]*fonts/" + stem + r"\.woff2[^}]*\}", css)[0]
    both = ""
    for ending, unicodes in parts.items():
        covered = ranges(unicodes, GAP if ending else 0)
        both += face.replace(f"{stem}.woff2", f"{stem}{ending}.woff2").replace(
            "}", f";unicode-range:{covered}}}"
        )
    return css.replace(face, both)


def slim(source: Path, target: Path, unicodes: list[int] | None = None) -> None:
    """Write a KaTeX font to `target` without hints, reduced to `unicodes` if given."""
    from fontTools import subset as ft

    options = ft.Options(
        flavor="woff2", layout_features=[], hinting=False, desubroutinize=True, glyph_names=False,
        name_IDs=[0, 1, 2, 13, 14], notdef_outline=True, legacy_kern=False,
        drop_tables=["FFTM", "GDEF"], bidi_closure=False,
    )
    font = ft.load_font(str(source), options)
    subsetter = ft.Subsetter(options)
    subsetter.populate(unicodes=unicodes or list(font.getBestCmap()))
    subsetter.subset(font)
    ft.save_font(font, str(target), options)


def main(modules: Path) -> None:
    """Write `book/_assets/fonts` and `book/_assets/vendor/katex` from a `node_modules` folder."""
    fonts = ASSETS / "fonts"
    fonts.mkdir(parents=True, exist_ok=True)
    serif = modules / "@fontsource" / "source-serif-4"
    faces = "/* Made by publish/tools/vendor.py. A later face wins where ranges overlap. */\n"
    for name, (file, weight, style) in FACES.items():
        source = serif / "files" / file
        for ending, known in halves(source, COMMON).items():
            unicodes = [code for code in known if code in TEXT]
            subset(source, fonts / f"{name}{ending}.woff2", unicodes)
            covered = ranges(unicodes, GAP if ending else 0)
            faces += FACE % (weight, style, name + ending, covered)
    (ASSETS / "css" / "fonts.css").write_text(faces, encoding="utf-8")
    licence = (serif / "LICENSE").read_text(encoding="utf-8").split("\n", 1)[1]
    (fonts / "LICENSE.txt").write_text(COPYRIGHT + licence, encoding="utf-8")

    katex = modules / "katex"
    out = ASSETS / "vendor" / "katex"
    (out / "fonts").mkdir(parents=True, exist_ok=True)
    css = trim_katex((katex / "dist" / "katex.min.css").read_text(encoding="utf-8"))
    for font in sorted((katex / "dist" / "fonts").glob("*.woff2")):
        if font.stem in COMMON_MATH:
            parts = halves(font, COMMON_MATH[font.stem])
            for ending, unicodes in parts.items():
                slim(font, out / "fonts" / f"{font.stem}{ending}.woff2", unicodes)
            css = split_face(css, font.stem, parts)
        else:
            slim(font, out / "fonts" / font.name, BOLD if font.stem == "KaTeX_Main-Bold" else None)
    css, sizes = split_sizes(css, out / "fonts")
    (out / "katex.min.css").write_text(css, encoding="utf-8")
    (out / "katex-sizes.css").write_text(sizes, encoding="utf-8")
    for font in (out / "fonts").glob("KaTeX_Size*"):  # they are in katex-sizes.css
        font.unlink()
    shutil.copyfile(katex / "LICENSE", out / "LICENSE.txt")
    version = json.loads((katex / "package.json").read_text(encoding="utf-8"))["version"]
    (out / "VERSION").write_text(version + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

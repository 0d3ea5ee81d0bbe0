"""What lies in a folder or zip: every file is found once, by one rule, and costs no other."""

from __future__ import annotations

import json
import os
import zipfile

import pytest

from grading.read import archives, reading, submissions
from grading.report import feedback, results


def _zip(path, members, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return path


def _found(source, tmp_path):
    made = submissions.find(source, tmp_path / "unpack").submissions
    return {s.file: s.problem[0] if s.problem else "" for s in made}


@pytest.mark.parametrize("name", ["a.ipynb", "a.IPYNB", "a.ipynb.txt", "a.Ipynb.TXT", ".ipynb",
                                  "a.ipynb.json"])
def test_one_rule_for_what_a_notebook_is(tmp_path, name):
    """Loose, in a student's zip, in a zip in it, and each of these in the zip of the class."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / name).write_text("{}")
    inner = _zip(tmp_path / "inner.zip", {f"x/{name}": "{}", "data.csv": "1"})
    _zip(folder / "one.zip", {f"x/{name}": "{}", "readme.txt": "hello"})
    _zip(folder / "two.ZIP", {"work/inner.zip": inner.read_bytes()})
    wanted = {name: "", f"one.zip/x/{name}": "", f"two.ZIP/work/inner.zip/x/{name}": ""}
    assert _found(folder, tmp_path) == wanted
    members = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert _found(_zip(tmp_path / "all.zip", members), tmp_path) == wanted


@pytest.mark.parametrize("name", ["a.txt", "ipynb", "a.ipynb.pdf", "a.py", "lab.ipynb~"])
def test_other_names_are_no_notebooks(tmp_path, name):
    folder = tmp_path / "in"
    folder.mkdir()
    _zip(folder / "one.zip", {name: "{}"})
    assert _found(folder, tmp_path) == {"one.zip": "no_notebook"}
    assert not reading.is_notebook(name)


def test_a_student_has_not_the_time_of_a_class(tmp_path):
    folder, most = tmp_path / "in", archives.MOST_NOTEBOOKS
    folder.mkdir()
    many = {f"{k}.ipynb": "{}" for k in range(most)}
    _zip(folder / "some.zip", many)
    _zip(folder / "many.zip", many | {"one more.ipynb": "{}"})
    inner = _zip(tmp_path / "inner.zip", {"one more.ipynb": "{}"})
    _zip(folder / "deep.zip", many | {"inner.zip": inner.read_bytes()})
    found = _found(folder, tmp_path)
    assert found.pop("many.zip") == found.pop("deep.zip") == "many_notebooks"
    assert found == {f"some.zip/{name}": "" for name in many}
    # of a class there are as many as there are students
    whole = _found(_zip(tmp_path / "class.zip", {f"{k}.ipynb": "{}" for k in range(40)}), tmp_path)
    assert len(whole) == 40 and not any(whole.values())


def test_each_thing_in_a_folder_has_a_row(tmp_path):
    folder = tmp_path / "in"
    (folder / "x.ipynb").mkdir(parents=True)
    (folder / "Ada_4321_assignsubmission_file_").mkdir()
    (folder / "only" / ".git").mkdir(parents=True)
    (folder / "only" / ".git" / "config").write_text("")
    (folder / "a.ipynb").write_text("{}")
    (folder / "link.ipynb").symlink_to(folder / "a.ipynb")
    (folder / "nowhere.ipynb").symlink_to("/no/such/file")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
    (folder / "none.zip").write_bytes(b"")
    os.close(os.open(os.fsencode(folder) + b"/\xff\xfe.ipynb", os.O_CREAT))
    found = _found(folder, tmp_path)
    assert found == {
        "x.ipynb": "empty_folder", "Ada_4321_assignsubmission_file_": "empty_folder",
        "only": "empty_folder", "a.ipynb": "", "link.ipynb": "not_a_file",
        "nowhere.ipynb": "not_a_file", "loop": "not_a_file", "pipe.ipynb": "not_a_file",
        "broken.zip": "damaged", "none.zip": "empty", "\\xff\\xfe.ipynb": "",
    }
    (empty,) = [s for s in submissions.find(folder, tmp_path / "u").submissions if "Ada" in s.file]
    assert (empty.student_id, empty.path) == ("4321", None)  # the id is not lost


def test_two_names_that_look_alike_have_a_row_each(tmp_path):
    (tmp_path / "a\x01.ipynb").write_text("1")
    (tmp_path / "a\x02.ipynb").write_text("2")
    (tmp_path / "a\u202eb.ipynb").write_text("3")
    made = submissions.find(tmp_path, tmp_path / "unpack").submissions
    assert [s.file for s in made] == ["ab.ipynb", "a\ufffd.ipynb", "a\ufffd.ipynb (2)"]
    assert {s.path.read_text() for s in made} == {"1", "2", "3"}


def test_sizes_are_known_before_anything_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "LARGEST", 1_000)
    monkeypatch.setattr(archives, "LARGEST_STUDENT", 2_500)
    members = {f"{k}.ipynb": b" " * 900 for k in range(4)} | {"bomb.ipynb": b" " * 10**7}
    folder = tmp_path / "in"
    folder.mkdir()
    _zip(folder / "ada.zip", members)
    found = _found(folder, tmp_path)
    assert found == {"ada.zip/0.ipynb": "", "ada.zip/1.ipynb": "", "ada.zip/2.ipynb": "too_large",
                     "ada.zip/3.ipynb": "too_large", "ada.zip/bomb.ipynb": "too_large"}
    unpacked = [p.stat().st_size for p in (tmp_path / "unpack").rglob("*") if p.is_file()]
    assert sum(unpacked) < 3_000
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    assert _found(folder, tmp_path) == {"ada.zip": "too_large"}


def test_zips_in_a_students_zip_share_its_room(tmp_path, monkeypatch):
    """Else each of them may unpack to as much as the whole."""
    monkeypatch.setattr(archives, "LARGEST_STUDENT", 6_000)
    inner = _zip(tmp_path / "inner.zip", {f"{k}.ipynb": b" " * 900 for k in range(5)}).read_bytes()
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("ada.zip", "bo.zip"):
        _zip(folder / name, {f"{k}.zip": inner for k in range(4)})
    found = _found(folder, tmp_path)
    read = [file for file, code in found.items() if not code]
    assert {file.partition("/")[0] for file in read} == {"ada.zip", "bo.zip"}
    unpacked = sum(p.stat().st_size for p in (tmp_path / "unpack").rglob("*") if p.is_file())
    assert len(read) < 14 and unpacked < 12_500, (read, unpacked)
    assert "too_large" in found.values()
    members = {name: (folder / name).read_bytes() for name in ("ada.zip", "bo.zip")}
    assert _found(_zip(tmp_path / "all.zip", members), tmp_path) == found


def test_a_zip_in_a_zip_in_a_zip_ends(tmp_path):
    data = b"{}"
    for k in range(8):
        name = "a.ipynb" if k == 0 else "in.zip"
        data = _zip(tmp_path / f"{k}.zip", {name: data}).read_bytes()
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "ada.zip").write_bytes(data)
    ((file, code),) = _found(folder, tmp_path).items()
    assert code == "no_notebook" and file.count(".zip") == archives.DEEPEST + 1


def test_names_in_a_zip_lead_nowhere_else(tmp_path):
    long = "ü" * 200 + ".ipynb"
    names = ["../../out.ipynb", "/etc/x.ipynb", "C:\\work\\y.ipynb", "..\\z.ipynb", long,
             "a/b.ipynb", "a/b.ipynb"]
    with pytest.warns(UserWarning, match="Duplicate"):
        path = tmp_path / "all.zip"
        with zipfile.ZipFile(path, "w") as made:
            for name in names:
                made.writestr(name, "{}")
    found = _found(path, tmp_path)
    assert set(found.values()) == {""} and len(found) == 7
    assert {"out.ipynb", "etc/x.ipynb", "work/y.ipynb", "z.ipynb", "a/b.ipynb",
            "a/b.ipynb (2)"} < set(found)
    assert {p.parent for p in tmp_path.rglob("*") if p.is_file()} == {tmp_path, tmp_path / "unpack"}


def _renamed(path, names: dict[str, bytes]):
    """A zip whose names are these bytes, without a mark for their letters."""
    _zip(path, dict.fromkeys(names, "{}"))
    data = path.read_bytes()
    for old, new in names.items():
        assert len(old) == len(new)
        data = data.replace(old.encode(), new)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("name", "encoding"), [
    ("李小明_作业.ipynb", "gbk"), ("王喆.ipynb", "gbk"), ("李小明.ipynb", "utf-8"),
    ("Müller.ipynb", "utf-8"),
    ("Müller.ipynb", "cp437"), ("José Ñandú.ipynb", "cp437"), ("Ågård_Łuk.ipynb", "utf-8"),
])
def test_letters_of_names_in_a_zip(tmp_path, name, encoding):
    raw = name.encode(encoding)
    path = _renamed(tmp_path / "all.zip", {"x" * len(raw): raw})
    assert _found(path, tmp_path) == {name: ""}


def test_links_and_locks_in_a_zip(tmp_path):
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as made:
        link = zipfile.ZipInfo("link.ipynb")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "/etc/passwd")
        made.writestr("locked.ipynb", "{}")
        made.writestr("bad.ipynb", "{}")
        made.mkdir("Ada_4321_assignsubmission_file_")
    data = bytearray(path.read_bytes())
    for mark, shift in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := data.find(mark, start + 1)) >= 0:
            if data[start:].startswith(mark) and b"locked" in data[start : start + 60]:
                data[start + shift] |= 1
    place = data.find(b"bad.ipynb") + len("bad.ipynb")
    data[place] ^= 0xFF  # its content does not match its sum
    path.write_bytes(data)
    assert _found(path, tmp_path) == {
        "link.ipynb": "not_a_file", "locked.ipynb": "encrypted", "bad.ipynb": "damaged",
        "Ada_4321_assignsubmission_file_": "empty_folder",
    }


METADATA = """\
---
submission_7:
  :submitters:
  - :name: Ada Lovelace
    :sid: s0815
    :email: ada@example.org
  - :name: "Bo \\u202e B"
    :sid:
    :email: bo@example.org
  :created_at: 2025-03-03 10:00:00.000000000 Z
  :score: 0.0
"""


def test_gradescope_tells_the_names(tmp_path):
    export = tmp_path / "assignment_9_export"
    for k in (7, 8):
        (export / f"submission_{k}").mkdir(parents=True)
        (export / f"submission_{k}" / "lab.ipynb").write_text("{}")
    (export / "submission_metadata.yml").write_text(METADATA, encoding="utf-8")
    (export / "submission_8" / "submission_metadata.yml").write_text(
        METADATA.replace("submission_7", "submission_8"))
    for source in (export, tmp_path):
        found = submissions.find(source, tmp_path / "u")
        people = [(s.student, s.student_id) for s in found.submissions]
        assert people == [("Ada Lovelace and Bo  B", "s0815 bo@example.org"), ("8", "8"),
                          ("8", "8")] and not found.messages
    (export / "submission_metadata.yml").write_text("submission_7: [1, {")
    assert "could not be read" in submissions.find(export, tmp_path / "u").messages[0]


def _row(small, file, **options):
    (owner,) = submissions.identify([tuple(file.split("/"))])
    one = submissions.Submission(file, None, **vars(owner) | options)
    return results.rejected(one, small, "empty", "The file is empty.")


@pytest.mark.parametrize("files", [
    ("lab2", "lab2.ipynb", "Lab2.IPYNB", "lab2.ipynb.txt", "lab2.html", "lab2.txt"),
    ("x.html/a.ipynb", "x.ipynb", "x.txt/b.ipynb", "X.ipynb"),
    ("ü" * 124 + ".ipynb", "ü" * 124 + ".txt", "ü" * 124 + "a.ipynb"),
    ("a/" * 40 + "x.ipynb", "", "..", "/", "a/../b.ipynb", "b.ipynb"),
    ("a" * 255, "b" * 255 + "/" + "c" * 255),
])
def test_every_file_has_its_own_feedback(small, tmp_path, files):
    rows = [_row(small, file) for file in files]
    places = feedback.places(rows, tmp_path)
    for row in rows:
        feedback.write(row, small, places[row.file])
        assert places[row.file].is_relative_to(tmp_path)
    made = [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()]
    assert len(made) == len({name.casefold() for name in made}) == 2 * len(files)


def test_feedback_of_files_that_are_gone_goes_and_nothing_else(small, tmp_path):
    """The folder is zipped and handed back: nobody gets the page of another run."""
    folder, kept = tmp_path / "feedback", tmp_path / "results" / "feedback"

    def write(*files):
        rows = [_row(small, file) for file in files]
        assert feedback.write_all([(row, row) for row in rows], small, folder, kept) == []
        return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}

    assert len(write("a/lab.ipynb", "b/lab.ipynb", "c.ipynb")) == 6
    for name in ("a/seen.txt", "d.html"):
        (folder / name).write_text("mine", encoding="utf-8")
    assert write("b/lab.ipynb") == {"b/lab.html", "b/lab.txt", "a/seen.txt", "d.html"}
    assert write("d.ipynb") == {"d.html", "d.txt", "a/seen.txt"} and not (folder / "b").exists()
    # a list that cannot be read, or leads elsewhere, takes nothing away
    outside = tmp_path / "out.html"
    outside.write_text("mine", encoding="utf-8")
    away = json.dumps(["../out.html", "a/../../out.html", str(outside), 3])
    for text in ("{", away, '{"d.html": 1}'):
        kept.write_text(text, encoding="utf-8")
        assert len(write("d.ipynb")) == 3 and outside.exists()


def test_what_cannot_be_written_is_told_and_leaves_no_old_page(small, tmp_path):
    folder, kept = tmp_path / "feedback", tmp_path / "results" / "feedback"
    rows = [_row(small, file) for file in ("a.ipynb", "b.ipynb")]
    feedback.write_all([(row, row) for row in rows], small, folder, kept)
    (folder / "a.txt").unlink()
    (folder / "a.txt").mkdir()  # in its way
    (told,) = feedback.write_all([(row, row) for row in rows], small, folder, kept)
    assert told.startswith("No feedback was written for a.ipynb: IsADirectoryError")
    assert sorted(p.name for p in folder.iterdir()) == ["a.txt", "b.html", "b.txt"]


def test_feedback_keeps_the_names_that_moodle_wants(small, tmp_path):
    names = ["Ada_4321_assignsubmission_file_/lab6.ipynb", "Bo_7_assignsubmission_file_lab6.ipynb"]
    places = feedback.places([_row(small, name) for name in names], tmp_path)
    assert [p.relative_to(tmp_path).as_posix() for p in places.values()] == [
        name.removesuffix(".ipynb") for name in names
    ]

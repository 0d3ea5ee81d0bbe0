"""Rosters as systems export them, and whose each file is; nobody is guessed."""

from __future__ import annotations

import csv
import io
import random

import pytest

from grading.read import tables
from grading.read.submissions import Folder, Member, Submission, identify
from grading.read.tables import TableError
from grading.report import moodle, results
from grading.roster import book as books
from grading.roster import matching, people
from grading.roster.inputs import Inputs, Terms
from grading.roster.matching import Index, Unclear
from tests.grading.canvas_importer import Canvas
from tests.grading.moodle_importer import LANGUAGES, Moodle

OWN = """Name,Section,ID,Group,Email,Remarks
Ada Lovelace,A,007,Red,ada@example.org,likes engines
Émilie du Châtelet,B,008,Blue,emilie@example.org,
李小明,A,009,Red,,
"""
CANVAS = Canvas({
    501: ("Lovelace, Ada", "S1", "alovelace", "Section A"),
    502: ("Noether, Emmy", "S2", "enoether", "Section A and Section B"),
}, {31: ("Lab 90", 18.0)})
GRADESCOPE = """First Name,Last Name,SID,Email,Role,Sections
Ada,Lovelace,007,ada@example.org,Student,A
Emmy,Noether,,emmy@example.org,Student,B
Karl,Prof,1,karl@example.org,Instructor,
"""
PARTICIPANTS = """"First name","Last name","ID number","Email address",Groups
Ada,Lovelace,007,ada@example.org,"Tutorial 1, Tutorial 3"
Emmy,Noether,,emmy@example.org,
"""


def _file(folder, text, encoding="utf-8", name="roster.csv"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def _roster(folder, text, encoding="utf-8"):
    return people.read(_file(folder, text, encoding))


def _ids(roster):
    return [one.id for one in roster.people]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_table_of_ones_own(tmp_path, encoding, delimiter):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(csv.reader(io.StringIO(OWN)))
    roster = _roster(tmp_path, out.getvalue(), encoding)
    assert roster.kind == "own" and roster.teams and roster.told == []
    assert [(p.id, p.name, p.section, p.group, p.email) for p in roster.people] == [
        ("007", "Ada Lovelace", "A", "Red", "ada@example.org"),
        ("008", "Émilie du Châtelet", "B", "Blue", "emilie@example.org"),
        ("009", "李小明", "A", "Red", ""),
    ]


def test_an_old_encoding_is_read_and_told(tmp_path):
    roster = _roster(tmp_path, "id;name\n1;Émilie Châtelet\n", "cp1252")
    assert roster.people[0].name == "Émilie Châtelet" and "Windows-1252" in roster.told[0]


@pytest.mark.parametrize("hidden", [True, False])
@pytest.mark.parametrize("sis", [True, False])
def test_the_export_of_canvas(tmp_path, sis, hidden):
    roster = _roster(tmp_path, CANVAS.export(sis=sis, hidden=hidden))
    assert roster.kind == "canvas" and _ids(roster) == ["501", "502"]
    ada = roster.people[0]
    assert (ada.sis_id, ada.login, ada.section) == ("S1" if sis else "", "alovelace", "Section A")
    assert "test student" in roster.told[0] and "Lab 90 (31)" in roster.columns


def test_canvas_with_names_apart(tmp_path):
    text = CANVAS.export().replace("Student,ID", "LastName,FirstName,ID", 1)
    for name in ("Lovelace, Ada", "Noether, Emmy", "Student, Test"):
        text = text.replace(f'"{name}"', name.replace(", ", ","))
    text = text.replace("Possible,", "Possible,,")
    roster = _roster(tmp_path, text)
    assert [(p.id, p.name) for p in roster.people] == [("501", "Lovelace, Ada"),
                                                      ("502", "Noether, Emmy")]


def test_a_real_student_of_that_name_stays(tmp_path):
    text = "Student,ID,SIS User ID,SIS Login ID,Section\n\"Student, Test\",7,S7,tstudent,A\n"
    assert _ids(_roster(tmp_path, text)) == ["7"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_worksheet_of_moodle_in_any_language(tmp_path, language):
    site = Moodle(language, [7, 8, 9, 10, 11], extra=("Email address",))
    text = site.export()
    for k in site.students:
        text = text.replace(f"extra{k}\"", f"s{k}@example.org\"").replace(
            f",extra{k},", f",s{k}@example.org,")
    roster = _roster(tmp_path, text)
    assert roster.kind == "moodle" and not roster.teams
    assert [(p.participant, p.name, p.email) for p in roster.people] == [
        (str(k), f"Student, No {k}", f"s{k}@example.org") for k in site.students]


def test_other_exports(tmp_path):
    roster = _roster(tmp_path, GRADESCOPE)
    assert roster.kind == "gradescope" and _ids(roster) == ["007", "emmy@example.org"]
    one = _roster(tmp_path, "Full Name,SID,Email\nAda Lovelace,007,a@example.org\n").people[0]
    assert (one.id, one.name) == ("007", "Ada Lovelace")
    roster = _roster(tmp_path, PARTICIPANTS)
    assert roster.kind == "moodle" and _ids(roster) == ["007", "emmy@example.org"]
    assert roster.people[0].group and not roster.teams  # any group, not those that work together


@pytest.mark.parametrize(("text", "told"), [
    ("", "roster.csv is empty"),
    ("Nom,Prénom\na,b\n", r"roster.csv:1: no roster has the headings Nom, Prénom. Known are"),
    ("id,name\n", "names no students"),
    ("id,name\n1,a\n\n2,b\n1,c\n", r"roster.csv:5: the id 1 stands in line 2, too"),
    ("id,name\n1,a\n,b\n", r"roster.csv:3: b has no id: fill the column id"),
    ("id,name\n1,Lovelace, Ada\n", r"roster.csv:2: 3 cells under 2 headings. Put quotation marks"),
    ("id,name\n1.23457E+11,a\n", r"roster.csv:2: the id 1.23457E\+11 was rounded"),
    ("id,name\n" + 'x,"a\nb"\n' + ",c\n", "roster.csv:4: c has no id"),
    ("Student,ID,Section\nAda,,A\n", r"roster.csv:2: Ada has no id in the column ID"),
    ('id,name\n1,"Ada\n2,Bo\n3,Cy\n', "no CSV file, in the line that begins at 2: unexpected end"),
    ("sep=;\nid;name\n1;a\n1;b\n", "roster.csv:4: the id 1 stands in line 3, too"),
    ("id,name\n1," + "x" * 200_000, "no CSV file, in the line that begins at 2: field larger"),
    ("PK\x03\x04", "is a workbook of a spreadsheet"),
])
def test_a_wrong_roster_is_told_with_its_line(tmp_path, text, told):
    with pytest.raises(TableError, match=told):
        _roster(tmp_path, text)


def test_whatever_is_in_a_file_it_is_a_roster_or_told(tmp_path):
    texts = [OWN.encode(), CANVAS.export().encode("utf-16"), GRADESCOPE.encode(),
             Moodle("de", [7, 8]).export().encode()]
    for seed in range(150):
        draw = random.Random(seed)
        data = bytearray(draw.choice(texts))
        for _ in range(draw.randrange(1, 12)):
            k = draw.randrange(len(data))
            data[k : k + draw.randrange(3)] = draw.randbytes(draw.randrange(4))
        path = tmp_path / "roster.csv"
        path.write_bytes(data)
        try:
            assert people.read(path).people
        except TableError as error:
            assert "roster.csv" in str(error)


@pytest.mark.parametrize("data", [
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", b"\xd0\xcf\x11\xe0\xa1\xb1" + b"\0" * 40,
    b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\nid,name\n", b"\x7fELF" + bytes(range(32)) * 4,
])
def test_what_is_no_text_is_not_printed(data, tmp_path):
    path = tmp_path / "class.csv"
    path.write_bytes(data)
    with pytest.raises(TableError, match=r"^class.csv is no table. Save it as CSV .UTF-8.[.]$"):
        people.read(path)


def test_all_faults_are_told_at_once_and_a_missing_file(tmp_path):
    with pytest.raises(TableError) as caught:
        _roster(tmp_path, "id,name\n" + "1,a\n" * 30)
    assert len(str(caught.value).splitlines()) == tables.MOST_FAULTS + 1
    with pytest.raises(TableError, match=r"ROSTER=.*none\.csv cannot be read: there is no"):
        people.read(tmp_path / "none.csv")


def _rows(small, *files, folders=None):
    owners = identify([tuple(file.split("/")) for file in files], folders)
    made = []
    for file, owner in zip(files, owners):
        one = Submission(file, None, **vars(owner))
        made.append(results.rejected(one, small, "empty", "Nothing."))
    return made


def _owners(matched):
    return {file: [p.id for p in found] for file, found in matched.owners.items()}


def test_ids_then_logins_then_names(small, tmp_path):
    roster = _roster(tmp_path, OWN.replace("Red", "").replace("Blue", ""))
    rows = _rows(small, "7/lab.ipynb", "emilie@example.org/lab.ipynb", "李小明/lab.ipynb",
                 "nobody/lab.ipynb")
    matched = matching.match(rows, roster, [])
    assert _owners(matched) == {"7/lab.ipynb": ["007"], "emilie@example.org/lab.ipynb": ["008"],
                                "李小明/lab.ipynb": ["009"]}
    (told,) = matched.told
    assert "On no line of roster.csv: nobody/lab.ipynb" in told and "graded" not in told


def test_names_as_canvas_squeezes_them(small, tmp_path):
    roster = _roster(tmp_path, OWN)
    rows = _rows(small, "lovelaceada_501_9001_lab.ipynb", "duchâteletémilie_502_9002_lab.ipynb")
    assert _owners(matching.match(rows, roster, [])) == {
        rows[0].file: ["007", "009"],  # her team
        rows[1].file: ["008"],
    }


def test_a_group_of_which_several_hand_in_is_told(small, tmp_path):
    roster = _roster(tmp_path, OWN)
    told = matching.match(_rows(small, "007/lab.ipynb", "008/lab.ipynb"), roster, []).told
    assert told == []
    told = matching.match(_rows(small, "007/lab.ipynb", "009/lab.ipynb"), roster, []).told
    assert len(told) == 1 and "Of group Red several handed in (Ada Lovelace, 李小明)" in told[0]


def test_two_of_one_name_are_told_and_nobody_is_guessed(small, tmp_path):
    roster = _roster(tmp_path, "id,name\n1,Wei Li\n2,Li Wei\n3,Ada Lovelace\n")
    rows = _rows(small, "liwei_501_9001_lab.ipynb", "lovelaceada_502_9002_lab.ipynb")
    matched = matching.match(rows, roster, [])
    assert _owners(matched) == {rows[1].file: ["3"]}
    assert any("not clear whose" in text and "Wei Li (1) and Li Wei (2)" in text
               for text in matched.told)


def test_a_stranger_of_the_same_name_gets_nobodys_place(small, tmp_path):
    """A file whose Canvas id is on nobody's line, though its name is: ids decide."""
    roster = _roster(tmp_path, CANVAS.export())
    rows = _rows(small, "noetheremmy_502_9001_lab.ipynb", "lovelaceada_777_9002_lab.ipynb")
    matched = matching.match(rows, roster, [])
    assert _owners(matched) == {rows[0].file: ["502"]}
    assert any(rows[1].file in text for text in matched.told)


def test_an_id_that_is_another_ones_by_chance_is_told(small, tmp_path):
    """Numbers of Moodle's participants are not those of the university."""
    roster = _roster(tmp_path, "id,name\n4321,Emmy Noether\n5,Ada Lovelace\n")
    for name in ("Ada Lovelace", "Cy Coleman"):
        rows = _rows(small, f"{name}_4321_assignsubmission_file_/lab.ipynb")
        matched = matching.match(rows, roster, [])
        assert matched.owners == {} and "the id says Emmy Noether" in matched.told[0]
    rows = _rows(small, "Emmy A. Noether_4321_assignsubmission_file_/lab.ipynb")
    assert _owners(matching.match(rows, roster, [])) == {rows[0].file: ["4321"]}


IDS = """id,name
9001,Ada Lovelace
9002,Emmy Noether
9003,王小明
9004,Olga Li
"""


@pytest.mark.parametrize(("others", "by_id"), [
    (["lovelaceada_9001_1_x.ipynb", "noetheremmy_9002_2_x.ipynb"], True),
    ([], False),  # nothing tells that these are the system's ids
    # here they are not
    (["noetheremmy_9001_1_x.ipynb", "noetheremmy_9002_2_x.ipynb", "liolga_9004_3_x.ipynb"], False),
    (["lovelaceada_9001_1_x.ipynb", "oliviac_9004_3_x.ipynb"], False),  # no name of Li's: two open
])
def test_an_id_decides_where_a_name_is_nobodys_and_the_others_fit(small, tmp_path, others, by_id):
    """A name in another script, or a nickname: the id is the system's, if the others are."""
    roster, file = _roster(tmp_path, IDS), "xiaoming_9003_7_x.ipynb"
    rows = _rows(small, file, *others)
    matched = matching.match(rows, roster, [])
    assert _owners(matched).get(file) == (["9003"] if by_id else None)
    (told,) = [text for text in matched.told if file in text]
    book = books.make(rows, small, Terms(), Inputs(roster=roster), [])
    entry, *nobody = [entry for entry in book.entries if entry.person.id == "9003"]
    if by_id:
        assert told.startswith("By their ids alone") and "王小明, 9003" in told
    else:
        assert "Mend names or ids in roster.csv" in told and "Canvas's own export" in told
        assert "name of the file" not in told
        # nobody is said to have handed in nothing of whom a file may be
        assert entry.reason == f"It is not clear whose this is: {file}."
        assert "9003" not in " ".join(text for text in book.told if "Handed in nothing" in text)
        why = "Nobody's yet: the id says 王小明 (9003), the name xiaoming."
        assert nobody[0].reason.endswith(why)


def test_a_worksheet_joins_participants_to_the_roster(small, tmp_path):
    site = Moodle("en", [7, 8], 18, extra=("ID number",))
    text = site.export().replace("extra7", "007").replace("extra8", "99")
    sheet = moodle.read(_file(tmp_path, text, name="Grades.csv"))
    roster = _roster(tmp_path, "id,name\n007,Ada Lovelace\n8,Bo Other\n")
    rows = _rows(small, "Student No 7_7_assignsubmission_file_/lab.ipynb",
                 "Student No 8_8_assignsubmission_file_/lab.ipynb")
    matched = matching.match(rows, roster, [sheet])
    # 8 is a participant's number and, by chance, the id of somebody else
    assert _owners(matched) == {rows[0].file: ["007"]}
    assert {number: one.id for number, one in matched.participants.items()} == {"7": "007"}


def test_those_who_hand_in_together_on_gradescope(small, tmp_path):
    roster = _roster(tmp_path, GRADESCOPE)
    two = (Member("Ada Lovelace", "007", "ada@example.org"),
           Member("Emmy Noether", "", "emmy@example.org"),
           Member("Cy Gone", "12", "cy@example.org"))
    folders = {"submission_1": Folder("all", "007 emmy 12", two)}
    rows = _rows(small, "submission_1/lab.ipynb", folders=folders)
    matched = matching.match(rows, roster, [])
    assert _owners(matched) == {rows[0].file: ["007", "emmy@example.org"]}
    assert any("Cy Gone" in text for text in matched.told)


def test_keys_of_an_instructors_tables(tmp_path):
    index = Index(_roster(tmp_path, CANVAS.export()).people)
    for key in ("501", "S1", "s1", "alovelace", "ALOVELACE", "Lovelace, Ada", "Ada Lovelace"):
        assert index.any(key).id == "501"
    assert index.any("Ada") is None and index.any("50") is None
    twins = Index([people.Person("1", "A", email="x@example.org"),
                   people.Person("2", "B", email="x@example.org")])
    with pytest.raises(Unclear, match=r"A \(1\) and B \(2\)"):
        twins.any("x@example.org")

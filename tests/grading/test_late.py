"""Dates as systems write them, what late work costs, and which of several files counts."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from grading.make.written import Written
from grading.marking import standing
from grading.read.submissions import Submission
from grading.read.tables import TableError
from grading.report import class_report, moodle, results
from grading.roster import book, dates, inputs, late, times
from grading.roster.inputs import Inputs, Terms
from grading.roster.late import Extension, Late, cost, judge
from tests.grading import classroom
from tests.grading.moodle_importer import LANGUAGES, Moodle

ZONE = timezone(timedelta(hours=2))
DUE = datetime(2026, 9, 14, 23, 59, tzinfo=ZONE)
POLICY = Late(grace_minutes=10, per_day=10, days=3)
HOURS = timedelta(hours=1)


@pytest.mark.parametrize(("text", "wanted"), [
    ("2025-03-03 10:00", "2025-03-03T10:00:00+02:00"),
    ("2025-03-03T10:00:59Z", "2025-03-03T10:00:59+00:00"),
    ("2025-03-03 10:00:00.123456789 -0800", "2025-03-03T10:00:00-08:00"),
    ("2025-03-03 10:00:00 UTC", "2025-03-03T10:00:00+00:00"),
    ("Monday, 3 March 2025, 10:00 AM", "2025-03-03T10:00:00+02:00"),
    ("Monday, March 3, 2025, 12:05 AM", "2025-03-03T00:05:00+02:00"),
    ("Mar 3, 2025 at 11:59pm", "2025-03-03T23:59:00+02:00"),
    ("Montag, 3. März 2025, 10:00", "2025-03-03T10:00:00+02:00"),
    ("lundi 3 mars 2025, 10:00", "2025-03-03T10:00:00+02:00"),
    ("lunes, 3 de marzo de 2025, 10:00", "2025-03-03T10:00:00+02:00"),
    ("понедельник, 3 марта 2025, 10:00", "2025-03-03T10:00:00+02:00"),
    ("2025年3月3日 星期一 下午 3:05", "2025-03-03T15:05:00+02:00"),
    ("13/04/2025, 10:00", "2025-04-13T10:00:00+02:00"),
    ("03.04.2025 10:00", "2025-04-03T10:00:00+02:00"),
    # what may mean two days, or none
    ("03/04/2025, 10:00", None),
    ("Tuesday, 3 March 2025, 10:00", None),  # it was a Monday
    ("2025-02-30 10:00", None), ("3 March 25, 10:00", None), ("2025-03-03", None),
    ("yesterday, 10:00", None), ("-", None), ("", None), ("3 March 2025, 25:00", None),
])
def test_dates(text, wanted):
    found = dates.read(text, ZONE)
    assert (found.isoformat() if found else None) == wanted


def test_a_column_tells_which_number_is_the_day():
    column = ["03/04/2025, 10:00", "14/04/2025, 10:00"]
    assert dates.read(column[0], ZONE, dates.order_of(column)).day == 3
    column[1] = "04/14/2025, 10:00"
    assert dates.read(column[0], ZONE, dates.order_of(column)).day == 4
    assert dates.order_of(["03/04/2025, 10:00"]) == dates.order_of([*column, "14/04/2025"]) == ""


@pytest.mark.parametrize(("delay", "kind", "left", "told"), [
    (timedelta(), "on_time", 16, ""),
    (timedelta(minutes=10), "on_time", 16, ""),
    (timedelta(minutes=10, seconds=59), "on_time", 16, ""),
    (timedelta(minutes=11), "late", 14,
     "handed in 11 min late: 1 day begun, 10% of 20 points = 2 points less"),
    (27 * HOURS, "late", 12,
     "handed in 1 day 3 h late: 2 days begun, 20% of 20 points = 4 points less"),
    (timedelta(days=1, minutes=10), "late", 14,
     "handed in 1 day late: 1 day begun after 10 min of grace, 10% of 20 points = 2 points less"),
    (timedelta(days=4), "not_taken", 0,
     "handed in 4 days late: nothing is taken after 3 days"),
])
def test_what_late_work_costs(delay, kind, left, told):
    verdict = judge(POLICY, DUE, DUE + delay)
    assert (verdict.kind, *cost(verdict, 16.0, 20.0)) == (kind, 16.0 - left, left, told)


def test_free_days_and_a_cost_above_the_points():
    verdict = judge(Late(free_days=2, per_day=25), DUE, DUE + timedelta(days=5))
    assert (verdict.days, verdict.charged) == (5, 3)
    lost, left, told = cost(verdict, 10.0, 20.0)
    assert (lost, left) == (10.0, 0.0)
    assert "5 days begun, 2 of them free, 75% of 20 points = 15 points less" in told
    assert "not more than the 10 that were reached" in told
    assert cost(judge(Late(free_days=2, per_day=25), DUE, DUE + HOURS), 10.0, 20.0) == (
        0.0, 10.0, "handed in 1 h late: 1 day begun, free: no points less")


def test_late_by_nobody_knows_how_much_costs_nothing():
    verdict = judge(POLICY, DUE, None, marked=True)
    lost, left, told = cost(verdict, 10.0, 20.0)
    assert (lost, left) == (0.0, 10.0) and "by how much is unknown" in told
    assert judge(POLICY, DUE, None).kind == "unknown"
    assert judge(POLICY, None, DUE).kind == "undated"


def test_points_are_rounded_once_and_what_is_not_known_stays_so():
    verdict = judge(Late(per_day=1), DUE, DUE + HOURS)
    assert cost(verdict, 2.675 + .195, 19.5)[1] == 2.68  # not 2.67, as its binary digits say
    assert cost(verdict, None, 20.0)[1] is None


def _some_policy(draw):
    days = draw.choice([None, draw.randrange(6)])
    return Late(draw.choice([0, 5, 60]), draw.randrange(3), draw.choice([0, 7.5, 10, 50]), days)


def test_later_never_costs_less_an_extension_never_hurts_and_nothing_falls_below_zero():
    for seed in range(600):
        draw = random.Random(seed)
        policy, most = _some_policy(draw), draw.choice([1, 18, 20, 7.5])
        points = round(draw.uniform(0, most), 2)
        moments = sorted(DUE + draw.uniform(-24, 200) * HOURS for _ in range(8))
        left = [cost(judge(policy, DUE, at), points, most) for at in moments]
        assert [new[1] for new in left] == sorted((new[1] for new in left), reverse=True), seed
        assert all(0 <= kept <= points and abs(lost + kept - points) < .005 + 1e-9
                   for lost, kept, _ in left), seed
        more = draw.choice([Extension(days=draw.uniform(0, 6)),
                            Extension(due=DUE + draw.uniform(-100, 150) * HOURS)])
        helped = [cost(judge(policy, DUE, at, extension=more), points, most)[1] for at in moments]
        assert all(new >= old[1] for new, old in zip(helped, left)), seed


def test_a_due_time_of_a_whole_minute_lasts_to_its_end():
    policy = Late(per_day=10, days=3)
    half = timedelta(seconds=30)
    for days, at in enumerate([DUE + half, DUE + timedelta(days=1) + half]):
        verdict = judge(policy, DUE, at)
        assert (verdict.days, verdict.late) == (days, bool(days))
        assert not judge(policy, DUE, at, extension=Extension(days=days)).late
    verdict = judge(policy, DUE, DUE + 2 * half)
    assert verdict.days == 1 and verdict.told.startswith("handed in 1 min late")
    assert judge(policy, DUE + half, DUE + half + half / 5).told.startswith("handed in 6 s late")
    # an extension that ends within that minute takes nothing away
    short = Extension(due=DUE + half / 3)
    assert not judge(policy, DUE, DUE + half, extension=short).late


def test_an_extension_is_told_with_its_reason():
    verdict = judge(POLICY, DUE, DUE + 20 * HOURS, extension=Extension(days=2, why="ill"))
    assert verdict.kind == "extended"
    assert verdict.told == "in time by an extension to 2026-09-16 23:59+02:00 (ill)"
    verdict = judge(POLICY, DUE, DUE + 49 * HOURS, extension=Extension(days=2, why="ill"))
    assert verdict.told.startswith("handed in 1 h late, counted from an extension to 2026-09-16")
    assert judge(POLICY, DUE, DUE, extension=Extension(days=2)).told == ""  # not needed


def _table(folder, text, name="table.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("read", "text", "told"), [
    (times.read_times, "id,when\n1,2026\n", "table.csv:1: TIMES needs the columns id and time"),
    (times.read_times, "id,time\n1,2026-09-14T10:00\n2,soon\n", "table.csv:3: soon is no time"),
    (times.read_times, "id,time\n,2026-09-14T10:00\n", "table.csv:2: a time without an id"),
    (times.read_times, "id,time\n1,2026-09-14T10:00\n1,2026-09-14T11:00\n",
     "table.csv:3: 1 stands here twice"),
    (times.read_extensions, "id,why\n1,ill\n", "table.csv:1: EXTENSIONS needs the columns id"),
    (times.read_extensions, "id,days\n1,two\n", "table.csv:2: two is no number of days"),
    (times.read_extensions, "id,days\n1,-1\n", "table.csv:2: -1 is no number of days"),
    (times.read_extensions, "id,due,days\n1,2026-09-16,2\n", "table.csv:2: 1 needs a date in the"),
    (times.read_extensions, "id,due\n1,\n", "table.csv:2: 1 needs a date in the"),
    (times.read_extensions, "id,due\n1,9/10/2026\n", "table.csv:2: 9/10/2026 is no date"),
    (times.read_extensions, "id,days\n1,2\n1,3\n", r"already \(table.csv:2\)"),
])
def test_wrong_tables_are_told_with_their_line(tmp_path, read, text, told):
    with pytest.raises(TableError, match=told):
        read(_table(tmp_path, text), ZONE)


def test_ids_of_nobody_are_told_before_anything_is_graded(tmp_path):
    roster = _table(tmp_path, "id,name,email\n1,Ada,ada@example.org\n", "roster.csv")
    terms = Terms(DUE, POLICY)
    for text, told in (
        ("id,days,why\n2,1,ill\n", "table.csv:2: 2 is on no line of roster.csv"),
        ("id,days\n1,1\nada@example.org,2\n", "table.csv:3: ada@example.org is Ada"),
    ):
        with pytest.raises(TableError, match=told):
            inputs.read(terms, roster, _table(tmp_path, text))
    given = inputs.read(terms, roster, _table(tmp_path, "id,due\nADA@example.org,2026-09-16\n"))
    (extension,) = given.extensions.by_key.values()
    assert extension.due == datetime(2026, 9, 16, 23, 59, 59, tzinfo=ZONE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_times_in_moodles_worksheet(tmp_path, language):
    site = Moodle(language, [7, 8])
    text = site.export().replace("Monday, 3 March 2025, 10:00 AM", "-", 1)
    found, told = times.of_worksheet(moodle.read(_table(tmp_path, text)), ZONE)
    assert found == {"8": datetime(2025, 3, 3, 10, tzinfo=ZONE)} and told == []
    text = site.export().replace("Monday, 3 March", "Mandag xyz 3 March", 1)
    found, told = times.of_worksheet(moodle.read(_table(tmp_path, text)), ZONE)
    assert list(found) == ["8"] and "7 (Mandag xyz 3 March 2025, 10:00 AM)" in told[0]


# -- which of several files counts


def _row(small, file, points, id_="", *, at="", system="", marked=False, known=True):
    one = Submission(file, None, id_ or "ada", id_, system, marked, submitted=at)
    if not known:
        return results.rejected(one, small, "damaged", "It cannot be read.")
    return classroom.of_points(one, small, points)


def _book(small, rows, terms, given=None):
    return book.make(rows, small, terms, given or Inputs(), [])


def _at(hours):
    return (DUE + hours * HOURS).isoformat()


def test_the_latest_counts_by_time_and_the_best_after_what_it_costs(small):
    rows = [_row(small, "b.ipynb", 10, "7", at=_at(-1)), _row(small, "a.ipynb", 11, "7", at=_at(5))]
    (entry,) = _book(small, rows, Terms(DUE, POLICY, "latest")).entries
    assert (entry.chosen.row.file, entry.points) == ("a.ipynb", 9.2)  # 10% of 18 points
    for order in (rows, rows[::-1]):
        (entry,) = _book(small, order, Terms(DUE, POLICY, "best")).entries
        assert (entry.chosen.row.file, entry.points) == ("b.ipynb", 10.0)
    rows[1] = _row(small, "a.ipynb", 18, "7", at=_at(100))  # too late to be taken
    for counts in ("latest", "best"):
        (entry,) = _book(small, rows, Terms(DUE, POLICY, counts)).entries
        assert entry.chosen.row.file == "b.ipynb"
    (entry,) = _book(small, rows[1:], Terms(DUE, POLICY)).entries
    assert entry.points == 0 and "nothing is taken after 3 days" in entry.reason


def test_the_report_counts_students_and_what_late_work_leaves_them(small):
    rows = [_row(small, "b.ipynb", 18, "7", at=_at(-1)), _row(small, "a.ipynb", 9, "7", at=_at(-2)),
            _row(small, "c.ipynb", 18, "8", at=_at(5)), _row(small, "d.ipynb", 0, "9", known=False)]
    stands = [standing.of(row, small) for row in rows]
    book = _book(small, stands, Terms(DUE, POLICY, "latest"))
    page = class_report.page(stands, small, [], [], book)
    assert "4 files of 3 students: 3 graded, 1 rejected." in page
    assert ("Mean of the 2 students whose points are known, after what late work costs: 17.1 of 18 "
            "points.<") in page
    assert "Histogram of the points of 2 students" in page and "2 of 2</td>" in page


def test_files_of_one_submission_and_one_that_nobody_can_read(small):
    rows = [_row(small, "a.pdf", 0, "7", at=_at(-1), known=False),
            _row(small, "b.ipynb", 10, "7", at=_at(-1))]
    (entry,) = _book(small, rows, Terms(DUE, POLICY, "latest")).entries
    assert entry.chosen.row.file == "b.ipynb"
    rows[0] = _row(small, "a.pdf", 0, "7", at=_at(0), known=False)  # a later submission
    book = _book(small, rows, Terms(DUE, POLICY, "latest"))
    assert book.entries[0].points is None
    assert any("an earlier one, b.ipynb, has 10 points" in text for text in book.told)


def test_without_times_the_last_number_counts_and_that_is_told(small):
    files = ["ada_7_1000_lab.ipynb", "ada_LATE_7_999_lab.ipynb"]
    rows = [_row(small, file, 10 - k, "7", system="canvas") for k, file in enumerate(files)]
    book = _book(small, rows, Terms(DUE, POLICY, "latest"))
    assert book.entries[0].chosen.row.file == files[0]
    assert any("last number" in text for text in book.told)
    rows = [_row(small, f"7/lab-{k}.ipynb", 12 - k, "7") for k in (2, 10, 9)]
    book = _book(small, rows, Terms(DUE, POLICY, "latest"))
    assert book.entries[0].chosen.row.file == "7/lab-10.ipynb"
    assert any("though 7/lab-2.ipynb has 10 points" in text for text in book.told)


def _waiting(small, file, id_="7"):
    """A file with an answer in words that nobody has marked."""
    row = _row(small, file, 10, id_, system="canvas")
    question = Written("why", 4, "ex-why", "Why?", "So.", ())
    return replace(row, written={"why": "Because."}), replace(small, written=[question])


def test_without_times_the_last_file_counts_also_while_its_points_are_open(small):
    """Else the points of an older file would stand in its place."""
    old = _row(small, "ada_7_1000_lab.ipynb", 12, "7", system="canvas")
    new, asked = _waiting(small, "ada_7_1001_lab.ipynb")
    older = replace(standing.of(old, small), most=asked.total)
    for rows in ([older, new], [new, older]):
        book = _book(asked, rows, Terms(DUE, POLICY, "latest"))
        (entry,) = book.entries
        assert (entry.chosen.row.file, entry.points) == (new.file, None)
        told = " ".join(book.told)
        assert f"its points are not known: {new.file} (an earlier one, {old.file}, has 12" in told
    # a file that a reader may take for another one, but which is no notebook, is only told
    pdf = _row(small, "ada_7_1002_notes.pdf", 0, "7", system="canvas", known=False)
    book = _book(small, [old, pdf], Terms(DUE, POLICY, "latest"))
    assert book.entries[0].points == 12
    assert any("no notebooks, so they were passed over" in told and pdf.file in told
               for told in book.told)
    torn = _row(small, "ada_7_1002_lab.ipynb (2)", 0, "7", system="canvas", known=False)
    assert _book(small, [old, torn], Terms(DUE, POLICY, "latest")).entries[0].points is None
    # with the best: an open one may become it
    book = _book(asked, [older, new], Terms(DUE, POLICY, "best"))
    assert book.entries[0].points == 12
    rising = f"once they are marked: {new.file}"
    assert any(rising in told for told in book.told)
    # so it is with files of one moment, as all of a student are whose time stands by the id
    given = Inputs()
    given.times.by_key["7"], given.times.places["7"] = DUE, "times.csv:2"
    book = _book(asked, [older, new], Terms(DUE, POLICY, "latest"), given)
    assert book.entries[0].points == 12 and any(rising in told for told in book.told)
    better = replace(older, total=asked.total)  # which the open one cannot pass
    told = _book(asked, [better, new], Terms(DUE, POLICY, "best")).told
    assert not any("marked" in text for text in told)


def test_a_mark_of_canvas_alone_costs_nothing_and_is_told(small):
    rows = [_row(small, "ada_LATE_7_1000_lab.ipynb", 10, "7", system="canvas", marked=True)]
    book = _book(small, rows, Terms(DUE, POLICY))
    assert book.entries[0].points == 10 and "unknown" in book.table()
    assert any("by how much is unknown, so nothing is taken off" in text for text in book.told)
    given = Inputs()
    given.times.by_key["7"], given.times.places["7"] = DUE + HOURS, "times.csv:2"
    assert _book(small, rows, Terms(DUE, POLICY), given).entries[0].points == 8.2
    given.times.by_key["8"], given.times.places["8"] = DUE, "times.csv:3"
    told = _book(small, rows, Terms(DUE, POLICY), given).told
    assert any("times.csv:3: 8 is on no line of the submissions" in text for text in told)


def test_unknown_times_are_told(small):
    book = _book(small, [_row(small, "ada.ipynb", 10)], Terms(DUE, POLICY))
    assert book.entries[0].points == 10 and any("is not known" in text for text in book.told)
    assert not _book(small, [_row(small, "ada.ipynb", 10)], Terms()).told


def test_spans_in_words():
    assert [late.span(timedelta(seconds=s)) for s in (40, 90, 3_600, 90_061, 172_800)] == [
        "40 s", "1 min", "1 h", "1 day 1 h", "2 days"]

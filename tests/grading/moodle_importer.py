"""The rules by which Moodle imports a grading worksheet, as a small program of our own.

Written from Moodle's source (GPL; nothing of it is copied): ``init`` and ``next`` of
``mod/assign/feedback/offline/importgradeslib.php``, the loop over the records in
``importgradesform.php`` there, ``load_csv_content`` in ``lib/csvlib.class.php`` and
``unformat_float`` in ``lib/moodlelib.php``. The columns of an export are those that
``mod/assign/gradingtable.php`` writes when it is downloaded.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field

# identifier, grade, last modified (grade), participant; the others are not asked for
LANGUAGES = {
    "en": ("Identifier", "Grade", "Last modified (grade)", "Participant "),
    "de": ("ID", "Bewertung", "Zuletzt geändert (Bewertung)", "Teilnehmer/in"),
    "zh_tw": ("識別碼", "成績", "最後修改的(得分)", "參與者"),
}


@dataclass
class Moodle:
    """A site with one assignment: its language, its maximum, and what it knows of each student."""

    language: str
    students: list[int]
    most: float = 20.0
    comments: bool = True
    extra: tuple[str, ...] = ()  # other columns about a student, as a site may show them
    grades: dict[int, float] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)

    def export(self) -> str:
        """Download grading worksheet."""
        identifier, grade, modified, participant = LANGUAGES[self.language]
        head = [identifier, "Name", *self.extra, "Status", grade, "Maximum", "Can be changed",
                "Modified (submission)", modified]
        lines = [[*head, *(["Comments"] if self.comments else [])]]
        comma = self.language == "de"
        for student in self.students:
            given = f"{self.grades[student]:.2f}" if student in self.grades else ""
            cells = [f"{participant}{student}", f"Student, No {student}",
                     *(f"extra{student}" for _ in self.extra), "Submitted", given,
                     f"{self.most:.2f}", "Yes", "Monday, 3 March 2025, 10:00 AM",
                     "Tuesday, 4 March 2025, 9:30 AM" if given else "-"]
            cells = [cell.replace(".", ",") if comma and k > 2 else cell
                     for k, cell in enumerate(cells)]
            lines.append([*cells, *([self.texts.get(student, "")] if self.comments else [])])
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerows(lines)
        return "\ufeff" + out.getvalue()

    def upload(self, text: str) -> list[str]:
        """Upload grading worksheet, as it comes; the updates. Raises ValueError as Moodle stops."""
        text = text.removeprefix("\ufeff")
        rows = list(csv.reader(io.StringIO(text)))
        head = [cell.strip() for cell in rows[0]]
        if any(len(row) != len(head) for row in rows):
            raise ValueError("csvweirdcolumns")
        *wanted, participant = LANGUAGES[self.language]
        if any(head.count(name) < 1 for name in wanted):
            raise ValueError("invalidgradeimport")
        identifier, grade, modified = map(head.index, wanted)
        done = []
        for row in rows[1:]:
            id_ = row[identifier][len(participant) :]
            if not id_.isdigit() or int(id_) not in self.students:
                continue
            student = int(id_)
            value = row[grade].strip().replace(" ", "").replace(",", ".")
            stale = student in self.grades and row[modified] == "-"
            try:
                number = float(value) if value else None
            except ValueError:
                number = None
            if number is None or number == self.grades.get(student) or stale:
                pass
            elif 0 <= number <= self.most:
                self.grades[student] = number
                done.append(f"{student}: {number:g}")
            if self.comments and not stale and row[-1] != self.texts.get(student, ""):
                self.texts[student] = row[-1]
                done.append(f"{student}: text")
        return done

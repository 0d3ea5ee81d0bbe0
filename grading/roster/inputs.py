"""What an instructor gives beside the submissions, read before anything is graded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from grading.make.lab import Lab
from grading.read.tables import MOST_FAULTS, TableError

from . import people, times
from .late import Extension, Late
from .matching import Index
from .people import Person, Roster
from .times import Extensions, Times

NO_POLICY = Late()  # everything is taken, and nothing taken off


@dataclass(frozen=True)
class Terms:
    """What an assignment says of dates. ``counts``: latest or best, of several submissions."""

    due: datetime | None = None
    late: Late = NO_POLICY
    counts: str = "best"

    @property
    def zone(self) -> tzinfo:
        """The zone of times that name none: that of the due date."""
        return self.due.tzinfo if self.due and self.due.tzinfo else UTC


def terms(lab: Lab) -> Terms:
    """The terms of an assignment; one without a plan has no dates, and its best file counts."""
    if lab.plan is None:
        return Terms()
    return Terms(lab.plan.due, lab.plan.late or NO_POLICY, lab.plan.counts)


@dataclass
class Inputs:
    """Roster, extensions and times; each may be absent."""

    roster: Roster | None = None
    extensions: Extensions = field(default_factory=Extensions)
    times: Times = field(default_factory=Times)
    told: list[str] = field(default_factory=list)

    def whom(
        self, index: Index, name: str
    ) -> tuple[dict[Person, Extension], dict[str, Person], list[str]]:
        """Extensions by person, whom the keys of the times mean, and who is nobody."""
        known = self.extensions
        places = {key: known.places[key] for key in known.by_key}
        meant, faults = times.persons(places, index, name)
        extended = {person: known.by_key[key] for key, person in meant.items()}
        places = {key: self.times.places[key] for key in self.times.by_key}
        keys, more = times.persons(places, index, name)
        return extended, keys, [*faults, *more]


def read(
    terms: Terms,
    roster: Path | None = None,
    extensions: Path | None = None,
    given: Path | None = None,
) -> Inputs:
    """Read the tables that were given. Raises TableError."""
    made = Inputs()
    if roster:
        made.roster = people.read(roster)
        made.told += made.roster.told
    if extensions:
        made.extensions = times.read_extensions(extensions, terms.zone)
        if terms.due is None:
            made.told.append(f"{made.extensions.name}: the assignment has no due date, so "
                             "extensions change nothing.")
    if given:
        made.times = times.read_times(given, terms.zone)
    if made.roster:
        *_, faults = made.whom(Index(made.roster.people), made.roster.name)
        if faults:  # told now, and not when the class is graded
            raise TableError("\n".join(faults[:MOST_FAULTS]))
    return made

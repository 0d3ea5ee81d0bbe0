"""What late work costs: the policy of an assignment, an extension, a moment, and a verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Late:
    """The policy, as ``late`` of an assignment file says it.

    ``grace_minutes`` are taken off every delay before days are counted. Of the days begun the first
    ``free_days`` cost nothing; each further one costs ``per_day`` percent of the points of the
    assignment. What comes later than ``days`` days begun is not taken; None: everything is.
    """

    grace_minutes: float = 0.0
    free_days: int = 0
    per_day: float = 0.0
    days: int | None = None


@dataclass(frozen=True)
class Extension:
    """More time for one student: a date of its own, or days on top of the date of all."""

    due: datetime | None = None
    days: float = 0.0
    why: str = ""

    def until(self, due: datetime) -> datetime:
        """When work is due for this student: never before the date of all."""
        own = self.due or due + self.days * DAY
        return max(due, own)


@dataclass(frozen=True)
class Verdict:
    """How late one submission is for one student.

    ``kind``: undated (nothing is due); on_time; extended (in time by an extension
    only); late; not_taken; unknown (late, by how much nobody knows, or the moment is not known).
    ``days``: days begun; ``charged``: those that cost points; ``percent`` of all points.
    """

    kind: str
    days: int = 0
    charged: int = 0
    percent: float = 0.0
    delay: timedelta = timedelta()
    told: str = ""  # in words, without the points

    @property
    def taken(self) -> bool:
        """Whether the submission counts at all."""
        return self.kind != "not_taken"

    @property
    def late(self) -> bool:
        """Whether it came after what was due for this student."""
        return self.kind in ("late", "not_taken")


def judge(
    policy: Late,
    due: datetime | None,
    at: datetime | None,
    *,
    marked: bool = False,
    extension: Extension | None = None,
) -> Verdict:
    """How late a submission is. ``at``: when it came; ``marked``: a system calls it late.

    A due time of a whole minute lasts to the end of that minute.
    """
    if due is None:
        return Verdict("undated")
    until = extension.until(due) if extension else due
    if at is None:
        if marked:
            return Verdict("unknown", told="marked late by the system it comes from, by how much "
                                           "is unknown: nothing is taken off")
        return Verdict("unknown")
    grace = timedelta(minutes=policy.grace_minutes)
    delay = min(_behind(at, due), _behind(at, until))
    counted = delay - grace
    if counted <= timedelta():
        if _behind(at, due) > grace:
            told = f"in time by an extension to {moment(until)}{_why(extension)}"
            return Verdict("extended", told=told)
        return Verdict("on_time")
    days = math.ceil(counted / DAY)
    charged = max(0, days - policy.free_days)
    told = f"handed in {span(delay)} late"
    if extension and until > due:
        told += f", counted from an extension to {moment(until)}{_why(extension)}"
    if policy.days is not None and days > policy.days:
        after = f"after {count(policy.days, 'day')}" if policy.days else "after its due date"
        return Verdict("not_taken", days, 0, 100.0, delay, f"{told}: nothing is taken {after}")
    percent = min(100.0, charged * policy.per_day)
    told += f": {count(days, 'day')} begun"
    if days < math.ceil(delay / DAY):
        told += f" after {policy.grace_minutes:g} min of grace"
    if days > charged:
        free = days - charged
        told += ", free" if not charged else f", {free} of them free"
    return Verdict("late", days, charged, percent, delay, told)


def cost(verdict: Verdict, points: float | None, most: float) -> tuple[float, float | None, str]:
    """Points that are lost, points that are left, and the sentence on it.

    ``points``: what the work would bring, None while that is not known; ``most``: all points of the
    assignment. Rounded once, here, to 0.01.
    """
    if verdict.kind == "not_taken":
        return rounded(points or 0.0), None if points is None else 0.0, verdict.told
    loss = verdict.percent / 100 * most
    if verdict.kind != "late":
        return 0.0, None if points is None else rounded(points), verdict.told
    if not loss:
        return 0.0, None if points is None else rounded(points), f"{verdict.told}: no points less"
    told = (f"{verdict.told}, {verdict.percent:g}% of {count(most, 'point')} = "
            f"{count(rounded(loss), 'point')} less")
    if points is None:
        return rounded(loss), None, told
    left = max(0.0, rounded(points - loss))
    if loss > points:
        told += f", but not more than the {rounded(points):g} that were reached"
    return rounded(points - left), left, told


def rounded(points: float) -> float:
    """To 0.01, halves up, as people do it: 2.675 is 2.68 whatever its binary digits say."""
    exact = Decimal(repr(round(points, 9)))
    return float(exact.quantize(Decimal("0.01"), ROUND_HALF_UP))


def count(number: float, what: str) -> str:
    """A number and its noun: 1 day, 2 days."""
    return f"{number:g} {what}" + ("" if number == 1 else "s")


def span(delay: timedelta) -> str:
    """A delay in words, minutes cut off: 1 day 3 h, 25 min, 40 s."""
    seconds = int(delay.total_seconds())
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    parts = [count(days, "day")] if days else []
    parts += [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes and not days else []
    return " ".join(parts) or f"{seconds} s"


def _behind(at: datetime, due: datetime) -> timedelta:
    """By how much a moment is behind a due time, in the unit in which that is given."""
    if not due.microsecond:
        at = at.replace(microsecond=0) if due.second else at.replace(second=0, microsecond=0)
    return at - due


def moment(at: datetime) -> str:
    """A moment for people, in its own zone."""
    return at.isoformat(" ", "minutes")


def _why(extension: Extension) -> str:
    return f" ({extension.why})" if extension.why else ""

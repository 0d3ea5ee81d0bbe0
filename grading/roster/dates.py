"""Dates as systems write them, in ISO 8601 or in words. What may mean two days is not read."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, tzinfo
from functools import cache

# Languages whose months and days of the week are known; names that mean two months are not.
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sv", "da", "nb", "fi", "tr",
             "ru", "uk", "el", "hu", "ro", "ca", "eu", "zh", "ja", "ko")
FILLERS = {"de", "del", "at", "um", "uhr", "kl", "le", "a", "à", "às", "as", "den", "der", "di",
           "klo", "o", "г", "в", "р", "u", "om", "alle", "ore", "of", "st", "nd", "rd", "th", "e"}
HALVES = {"am": 0, "pm": 1, "上午": 0, "下午": 1, "午前": 0, "午後": 1, "오전": 0, "오후": 1}
TIME = re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?![\d:])")
CHINESE = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
ISO = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,]\d+)?\s*"
                 r"(Z|UTC|[+-]\d{2}:?\d{2})?", re.IGNORECASE)
OFFSET = re.compile(r"\s*(?:(?:UTC|GMT)\s*)?([+-]\d{2}:?\d{2})$|\s*\b(UTC|GMT|Z)$")


def read(text: str, zone: tzinfo, order: str = "") -> datetime | None:
    """A date with its time; None if it is none, or may be two.

    ``zone`` is taken where the text names none. ``order``: dmy or mdy for dates like 03/04/2026,
    see ``order_of``.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    found = ISO.fullmatch(text)
    if found:
        day, time, offset = found.groups()
        offset = (offset or "").upper().replace("UTC", "Z")
        try:
            made = datetime.fromisoformat(f"{day}T{time}{offset}")
        except ValueError:
            return None
        return made if made.tzinfo else made.replace(tzinfo=zone)
    offset = OFFSET.search(text)
    if offset:
        text = text[: offset.start()]
    times = list(TIME.finditer(text))
    if len(times) != 1:
        return None
    time = times[0]
    rest = f"{text[: time.start()]} {text[time.end() :]}".casefold()
    rest, half = _half(rest)
    hour = int(time[1])
    if half is not None and hour <= 12:  # 15:00 PM says it twice
        hour = hour % 12 + 12 * half
    try:
        day = _day(rest, order)
        if day is None:
            return None
        year, month, number, weekday = day
        made = datetime(year, month, number, hour, int(time[2]), int(time[3] or 0), tzinfo=zone)
    except ValueError:
        return None
    if weekday is not None and made.weekday() != weekday:
        return None  # month and day were taken for each other, or the words for others
    if offset:
        sign = (offset[1] or "Z").replace("Z", "+00:00")
        made = made.replace(tzinfo=datetime.fromisoformat(f"2000-01-01T00:00{sign}").tzinfo)
    return made


def order_of(texts: list[str]) -> str:
    """Whether dates like 03/04/2026 name the day first or the month; empty if all of them may."""
    firsts, seconds = [0], [0]
    for text in texts:
        found = YEAR_LAST.search(text)
        if found and found[2] != ".":
            firsts.append(int(found[1]))
            seconds.append(int(found[3]))
    if max(firsts) > 12 >= max(seconds):
        return "dmy"
    return "mdy" if max(seconds) > 12 >= max(firsts) else ""


def _half(text: str) -> tuple[str, int | None]:
    """The text without its mark of the half of the day; and 0 or 1, or None."""
    text = re.sub(r"\b([ap])\.\s?m\.", r"\1m", text)
    for mark, half in HALVES.items():
        found = re.search(rf"\b{mark}\b" if mark.isascii() else mark, text)
        if found:
            return f"{text[: found.start()]} {text[found.end() :]}", half
    return text, None


def _day(text: str, order: str) -> tuple[int, int, int, int | None] | None:
    """Year, month, day, and day of the week from 0 for Monday where it is named."""
    months, weekdays = _words()
    year = month = number = None
    if found := CHINESE.search(text):
        year, month, number = map(int, found.groups())
    elif found := YEAR_FIRST.search(text):
        year, month, number = int(found[1]), int(found[3]), int(found[4])
    elif found := YEAR_LAST.search(text):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        if found[2] == "." or order == "dmy" or first > 12 or first == second:
            number, month = first, second
        elif order == "mdy" or second > 12:
            month, number = first, second
        else:
            return None
    if found:
        text = f"{text[: found.start()]} {text[found.end() :]}"
    weekday = None
    for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*|\d+", text):
        if word.isdecimal():
            if len(word) == 4 and year is None:
                year = int(word)
            elif len(word) <= 2 and number is None:
                number = int(word)
            else:
                return None
        elif word in weekdays:
            weekday = weekdays[word]
        elif word in months and month is None:
            month = months[word]
        elif word not in FILLERS:
            return None
    return None if None in (year, month, number) else (year, month, number, weekday)


@cache
def _words() -> tuple[dict[str, int], dict[str, int]]:
    """Names of months (from 1) and of days of the week (from 0), each of which means but one."""
    from babel.dates import get_day_names, get_month_names

    months: dict[str, set[int]] = {}
    days: dict[str, set[int]] = {}
    for language in LANGUAGES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for k, name in get_month_names(width, context, language).items():
                    months.setdefault(_word(name), set()).add(k)
            for k, name in get_day_names("wide", context, language).items():
                days.setdefault(_word(name), set()).add(k)
    found = {word: next(iter(ks)) for word, ks in months.items() if len(ks) == 1}
    week = {word: next(iter(ks)) for word, ks in days.items() if len(ks) == 1}
    return found, {word: k for word, k in week.items() if word not in found}


def _word(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip(". ")

"""Dates, instants and daily time windows as footnotes write them, with the zone they name.

An instant without a readable zone raises: hours are never guessed. A day alone stays a day.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from scrapers.parsing.text import clean

# Words for a zone -> its IANA name. China has had no other offset than +8 since 1991.
_ZONES = {
    "utc": "UTC",
    "gmt": "UTC",
    "utc+8": "Asia/Shanghai",
    "beijing time": "Asia/Shanghai",
    "北京时间": "Asia/Shanghai",
}
_OFFSETS = {"UTC": UTC, "Asia/Shanghai": timezone(timedelta(hours=8))}
_MONTHS = [name.lower() for name in calendar.month_name]  # index 0 is empty

_ZONE = r"UTC ?\+ ?0?8(?::00)?|UTC(?! ?[+-] ?\d)|GMT(?! ?[+-] ?\d)|Beijing time|北京时间"
_ZONE_WORD = re.compile(_ZONE, re.IGNORECASE)
_DAY = (
    r"(?:(?P<year>\d{4}) ?[-/年.] ?(?P<month>\d{1,2}) ?[-/月.] ?(?P<day>\d{1,2})(?!\d) ?日?"
    rf"|(?P<word>{'|'.join(_MONTHS[1:])}) (?P<day2>\d{{1,2}}),? (?P<year2>\d{{4}}))"
)
_DAY_ONLY = re.compile(_DAY, re.IGNORECASE)
_INSTANT = re.compile(
    rf"(?:(?P<zone_before>{_ZONE}) ?)?{_DAY},? ?(?:at )?(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})"
    rf"(?: ?\(?(?P<zone_after>{_ZONE}))?",
    re.IGNORECASE,
)
_TIME_FIRST = re.compile(
    rf"(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}}) ?\(?(?P<zone_after>{_ZONE})(?: time)?\)? on {_DAY}", re.IGNORECASE
)
_HOURS = re.compile(r"(\d{1,2}):(\d{2}) ?(?:-|–|—|~|至|到|to) ?(\d{1,2}):(\d{2})")
_WEEKDAYS = re.compile(r"\bMon(?:day)?s? ?(?:-|–|to|through) ?Fri(?:day)?s?\b|周一至周五|星期一至星期五", re.IGNORECASE)
_EVERY_DAY = re.compile(r"\bdaily\b|\bevery ?day\b|每日|每天", re.IGNORECASE)


class UnreadableDate(ValueError):
    """A date, time or window that cannot be read surely; the message quotes the text."""


@dataclass(frozen=True)
class Window:
    """Hours of the day in one zone. Days and zone are None where the text names none."""

    hours: str
    days: str | None
    zone: str | None


def find_instant(text: str) -> datetime | None:
    """The first date with a time in the text, in UTC; None without one; raise when its zone is unknown."""
    match = _INSTANT.search(clean(text)) or _TIME_FIRST.search(clean(text))
    if match is None:
        return None
    word = match.groupdict().get("zone_before") or match["zone_after"]
    if word is None:
        raise UnreadableDate(f"no known time zone in {text!r}")
    day = _to_date(match, text)
    try:
        instant = datetime(
            day.year, day.month, day.day, int(match["hour"]), int(match["minute"]), tzinfo=_OFFSETS[_zone(word)]
        )
    except ValueError as error:
        raise UnreadableDate(f"{error} in {text!r}") from error
    return instant.astimezone(UTC)


def find_day(text: str) -> date | None:
    """The first calendar day in the text; None without one."""
    match = _DAY_ONLY.search(clean(text))
    return None if match is None else _to_date(match, text)


def find_window(text: str) -> Window | None:
    """The daily hours a text names; None without hours; raise when it names two zones for them.

    A second zone in brackets repeats the first, so the brackets are left out then.
    """
    plain = clean(text)
    if len(_zones(plain)) > 1:
        plain = re.sub(r"\([^()]*\)", " ", plain)
    ranges = _HOURS.findall(plain)
    if not ranges:
        return None
    zones = _zones(plain)
    if len(zones) > 1:
        raise UnreadableDate(f"hours in two time zones: {text!r}")
    if any(int(h1) > 24 or int(h2) > 24 or int(m1) > 59 or int(m2) > 59 for h1, m1, h2, m2 in ranges):
        raise UnreadableDate(f"impossible hours in {text!r}")
    hours = ",".join(f"{int(h1):02}:{m1}-{int(h2):02}:{m2}" for h1, m1, h2, m2 in ranges)
    return Window(hours, _days(plain), zones.pop() if zones else None)


def _days(text: str) -> str | None:
    if _WEEKDAYS.search(text):
        return "Mon-Fri"
    return "Mon-Sun" if _EVERY_DAY.search(text) else None


def _zones(text: str) -> set[str]:
    return {_zone(word) for word in _ZONE_WORD.findall(text)}


def _zone(word: str) -> str:
    word = word.lower().replace("utc +", "utc+")
    return _ZONES["utc+8" if word.startswith("utc+") else word]


def _to_date(match: re.Match[str], text: str) -> date:
    try:
        if match["word"]:
            return date(int(match["year2"]), _MONTHS.index(match["word"].lower()), int(match["day2"]))
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError as error:
        raise UnreadableDate(f"{error} in {text!r}") from error

"""ISO weeks: 2026-W47 runs from Monday 00:00 to the next Monday 00:00, UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True)
class Week:
    """One ISO week."""

    monday: date

    @classmethod
    def parse(cls, text: str) -> Week:
        """From 2026-W47. Raises ValueError with what was expected."""
        match = re.fullmatch(r"(\d{4})-W(\d{2})", text)
        if not match:
            raise ValueError(f"{text!r} is not an ISO week such as 2026-W47")
        if not 2000 <= int(match[1]) <= 2100:
            raise ValueError(f"{text!r} lies outside the years 2000 to 2100")
        try:
            return cls(date.fromisocalendar(int(match[1]), int(match[2]), 1))
        except ValueError as error:
            raise ValueError(f"{text!r} is not an ISO week: {error}") from error

    @classmethod
    def of(cls, day: date) -> Week:
        """The week a day lies in."""
        return cls(day - timedelta(days=day.weekday()))

    @property
    def name(self) -> str:
        """2026-W47."""
        year, number, _ = self.monday.isocalendar()
        return f"{year}-W{number:02d}"

    @property
    def ends_at(self) -> datetime:
        """The last second of the week, naive UTC."""
        return datetime.combine(self.monday + timedelta(days=7), time()) - timedelta(seconds=1)

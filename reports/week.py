"""The week of a report, in ISO 8601 form (2026-W47); here belongs nothing that reads a clock."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

PATTERN = re.compile(r"^(\d{4})-W(\d{2})$")


@dataclass(frozen=True)
class Week:
    """Monday 00:00 UTC (included) to the next Monday 00:00 UTC (excluded)."""

    label: str
    start: dt.datetime
    end: dt.datetime

    @classmethod
    def parse(cls, label: str) -> Week:
        """The week named by `label`; raises ValueError for any other form or a week that does not exist."""
        found = PATTERN.match(label)
        if not found:
            raise ValueError(f"not an ISO week such as 2026-W47: {label!r}")
        monday = dt.date.fromisocalendar(int(found[1]), int(found[2]), 1)
        start = dt.datetime.combine(monday, dt.time())
        return cls(label, start, start + dt.timedelta(days=7))

    @property
    def first_day(self) -> dt.date:
        """Monday."""
        return self.start.date()

    @property
    def last_day(self) -> dt.date:
        """Sunday."""
        return (self.end - dt.timedelta(days=1)).date()

    @property
    def days(self) -> str:
        """First and last day as text."""
        return f"{self.first_day} to {self.last_day}"

"""When the simulated Hub refreshes its counts, and on which days it does so badly.

What was seen on the real Hub (31 snapshots and a two-year series): one refresh a day between 04 and 13 UTC; days
without any, with a catch-up on the next; a day with 22 % of the values only; whole cohorts 30 % off for a day; one
repository from 83,484 to 1,605,940 overnight after a change of the counting rule, which works backwards; all-time
counts that fall; a new release with 2 downloads for two days, then 91,917. Which day has which is a script of sixty
days that repeats, so that a short demo has one of each.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

CYCLE_DAYS = 60


@dataclass(frozen=True)
class Script:
    """Days of the cycle (0 is the first day) on which something is off."""

    stale: frozenset[int] = frozenset({11, 40, 41})
    partial: dict[int, float] = field(default_factory=lambda: {25: 0.22})
    off_by: dict[int, float] = field(default_factory=lambda: {52: 0.7})
    jump_of_one: frozenset[int] = frozenset({20})
    jump_of_library: dict[int, str] = field(default_factory=lambda: {47: "diffusers"})
    revision: frozenset[int] = frozenset({30})
    launch: frozenset[int] = frozenset({5, 33})

    @classmethod
    def quiet(cls) -> Script:
        """Every day is refreshed and nothing else happens."""
        nothing: frozenset[int] = frozenset()
        return cls(nothing, {}, {}, nothing, {}, nothing, nothing)


@dataclass(frozen=True)
class Calendar:
    """The script laid on dates."""

    seed: int
    start: date
    script: Script = field(default_factory=Script)

    def offset(self, day: date) -> int:
        """Day of the cycle."""
        return (day - self.start).days % CYCLE_DAYS

    def refresh_at(self, day: date) -> datetime:
        """When the counts of a day come out: between 04:13 and 12:50 UTC, mostly after 06:40."""
        drawn = hashlib.blake2b(f"{self.seed}/refresh/{day}".encode(), digest_size=4).digest()
        part = (int.from_bytes(drawn, "big") / 2**32) ** 0.6
        return midnight(day) + timedelta(hours=4, minutes=13) + timedelta(minutes=int(part * 517))

    def is_stale(self, day: date) -> bool:
        """No refresh at all."""
        return self.offset(day) in self.script.stale

    def share(self, day: date) -> float:
        """Share of the values that are refreshed."""
        return self.script.partial.get(self.offset(day), 1.0)

    def factor(self, day: date) -> float:
        """What all 30-day counts of this day are multiplied by."""
        return self.script.off_by.get(self.offset(day), 1.0)


def midnight(day: date) -> datetime:
    """Begin of a day, UTC."""
    return datetime.combine(day, time(), UTC)

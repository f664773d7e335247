"""What the Hub's counters did over some days besides counting: no refresh, a day off, downloads taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from reports import words
from reports.hub import off_days
from reports.mart import Record, Result


@dataclass(frozen=True)
class Counters:
    """What the counters did on the days drawn: spans without a refresh, days off, and what was taken back."""

    stale: list[tuple[dt.date, dt.date | None]]
    off: list[tuple[dt.date, float]]
    revised: Result

    @classmethod
    def of(cls, records: Iterable[Record], revised: Result) -> Counters:
        """As groups of all downloads by day tell it."""
        found = list(records)
        return cls(_stale(found), off_days(found), revised)

    @property
    def notes(self) -> tuple[str, ...]:
        """The same in sentences."""
        notes = []
        if self.stale:
            notes.append(f"Counters not refreshed, or only in part: {'; '.join(map(_span, self.stale))}.")
        if self.off:
            days = [f"{words.day(day)} ({words.percent_change(ratio)})" for day, ratio in self.off]
            notes.append(f"All counts off for a day, against the captures before and after: {words.listed(days)}.")
        taken = [
            f"{words.count(r['downloads_removed'])} on {words.day(r['observed_on'])} from "
            + words.plural(r["repositories_revised"], "repository", "repositories")
            for r in self.revised.records
        ]
        if taken:
            notes.append(f"Taken back by the Hub, from all-time counts: {words.listed(taken)}.")
        return tuple(notes)


def _span(span: tuple[dt.date, dt.date | None]) -> str:
    first, until = span
    if until is None:
        return f"since {words.day(first)}, not caught up yet"
    return f"{words.days_between([first, until - dt.timedelta(days=1)])}, caught up on {words.day(until)}"


def _stale(records: list[Record]) -> list[tuple[dt.date, dt.date | None]]:
    """Spans of days without a full refresh, each with the next refreshed day, where there is one yet."""
    days = {r["observed_on"]: bool(r["is_stale"]) for r in records}
    spans: list[tuple[dt.date, dt.date | None]] = []
    first = None
    for day in sorted(days):
        if days[day]:
            first = first or day
        elif first:
            spans.append((first, day))
            first = None
    return [*spans, (first, None)] if first else spans

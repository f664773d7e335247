"""How the sources stand: origin, age and state of each, read once and used by several parts of the report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reports import words
from reports.mart import Mart, Result
from reports.week import Week

SQL = """
select source, title, kind, homepage, licence, document, state, problem, origin, origin_note,
       captured_at, url, sha256, rows, rejected, captures, stale_after_hours
from marts.source_health
order by title, source, document nulls first
"""

# A source with several documents counts as the weakest origin among them.
_WEAKEST_FIRST = ("simulated", "starter", "imported", "live")


@dataclass(frozen=True)
class Health:
    """The sources as `marts.source_health` gives them, judged at one moment."""

    result: Result
    as_of: dt.datetime
    records: list[dict[str, Any]] = field(repr=False)
    _by_source: Mapping[str, list[dict[str, Any]]] = field(repr=False)

    @classmethod
    def read(cls, mart: Mart, week: Week, known_on: dt.date | None) -> Health:
        """Read the mart; the sources are judged at the end of the week, or at the newest capture in a week still open.

        Without a clock the newest capture within the week is the latest moment known to have passed.
        """
        result = mart.query(SQL)
        records = result.records
        inside = [r["captured_at"] for r in records if r["captured_at"] and week.start <= r["captured_at"] < week.end]
        after = any(r["captured_at"] and r["captured_at"] >= week.end for r in records)
        as_of = max(inside) if inside and not after else week.end
        if known_on is not None:
            as_of = min(as_of, dt.datetime.combine(known_on, dt.time()) + dt.timedelta(days=1))
        by_source: dict[str, list[dict[str, Any]]] = {}
        for record in records:
            by_source.setdefault(record["source"], []).append(record)
        return cls(result, as_of, records, by_source)

    @property
    def newest(self) -> dt.datetime | None:
        """The newest good capture of all."""
        return max((r["captured_at"] for r in self.records if r["captured_at"]), default=None)

    def title_of(self, source: str) -> str:
        """Title of a source; its name where the mart does not list it."""
        found = self._by_source.get(source)
        return str(found[0]["title"]) if found else source

    def captures_of(self, source: str) -> list[dt.datetime]:
        """Times of the newest good capture of each document."""
        return [r["captured_at"] for r in self._by_source.get(source, ()) if r["captured_at"]]

    def age_days(self, record: Mapping[str, Any]) -> float | None:
        """Days from the capture to the moment of judgement; negative when it was made after."""
        if record["captured_at"] is None:
            return None
        age: dt.timedelta = self.as_of - record["captured_at"]
        return age / dt.timedelta(days=1)

    def is_stale(self, record: Mapping[str, Any]) -> bool:
        """True when the newest good capture is older than the source allows, whatever its origin."""
        age = self.age_days(record)
        return age is not None and age * 24 > record["stale_after_hours"]

    def origins(self) -> dict[str, str]:
        """Origin of every source, the weakest of its documents; `never` without any capture."""
        found = {}
        for source, records in sorted(self._by_source.items()):
            kinds = {r["origin"] for r in records}
            found[source] = next((kind for kind in _WEAKEST_FIRST if kind in kinds), "never")
        return found

    def stale_sources(self) -> set[str]:
        """Sources with a document older than allowed."""
        return {r["source"] for r in self.records if self.is_stale(r)}

    def broken_sources(self) -> set[str]:
        """Sources whose newest capture of some document was not usable."""
        return {r["source"] for r in self.records if r["state"] == "bad"}


def documents_in_words(records: Sequence[Mapping[str, Any]]) -> str:
    """The documents by name while they are few, else their number."""
    names = [str(record["document"]) for record in records]
    return words.listed(names) if len(names) <= 3 else f"{len(names):,} documents"

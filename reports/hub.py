"""What the sections on the Hub share: which captures the figures rest on, and the places of families and regions.

Here belongs what more than one of them needs. Each section asks its own questions of the marts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reports.charts import SERIES
from reports.mart import Mart, Record, Result
from reports.section import Provenance

HUB = "Hugging Face Hub"
OFF = 0.15
REGIONS = {"china": "China", "us": "United States", "eu": "Europe", "other": "other regions", "unknown": "unknown"}

# Every day of capture, those of the whole Hub and those of the watched lists.
CAPTURES = """
select coverage, observed_on, repositories, origin, capture_id
from marts.download_rollup
where dimension = 'all' and observed_on < $week_end
order by observed_on, coverage
"""

# A family, its organisation and a region keep their colour and shape from chart to chart; others take what is left.
_HOMES = {
    "qwen": 0, "alibaba": 0, "us": 0,
    "llama": 1, "meta": 1, "china": 1,
    "deepseek": 2, "eu": 2,
    "gemma": 3, "google": 3, "other": 3,
    "unknown": 4,
    "mistral": 5,
}  # fmt: skip


def places(keys: Sequence[str]) -> list[int]:
    """A place in `charts.SERIES` for each of at most six keys: its own where it has one, else the first left over."""
    taken: dict[str, int] = {}
    for key in keys:
        if _HOMES.get(key) not in (None, *taken.values()):
            taken[key] = _HOMES[key]
    # Grey comes last: it is read as the rest.
    left = [n for n in (*(n for n in range(len(SERIES)) if n != 4), 4) if n not in taken.values()]
    for key in keys:
        if key not in taken:
            taken[key] = left.pop(0)
    return [taken[key] for key in keys]


@dataclass(frozen=True)
class Captures:
    """The days on which the Hub was captured, until the end of the week."""

    result: Result
    records: list[Record]

    @classmethod
    def read(cls, mart: Mart) -> Captures:
        """Ask the mart."""
        result = mart.query(CAPTURES)
        return cls(result, result.records)

    @property
    def of_whole_hub(self) -> list[Record]:
        """Those that list every repository."""
        return [record for record in self.records if record["coverage"] == "whole_hub"]

    def provenance(self, coverage: str | None = None) -> tuple[Provenance, ...]:
        """Where figures on the state of the Hub come from: everything captured, for changes are kept from all of it."""
        return provenance(record for record in self.records if coverage in (None, record["coverage"]))


def provenance(records: Iterable[Record]) -> tuple[Provenance, ...]:
    """One entry per origin, with the days of capture."""
    days: dict[str, list[dt.date]] = {}
    for record in records:
        days.setdefault(record["origin"], []).append(record["observed_on"])
    return tuple(
        Provenance(name=HUB, origin=origin, captured_from=min(seen), captured_to=max(seen))
        for origin, seen in sorted(days.items())
    )


def off_days(records: Iterable[Record]) -> list[tuple[dt.date, float]]:
    """Days whose sum is at least 15 % below or above both neighbouring crawls', with the ratio to the nearer one.

    Downloads of thirty days move slowly: such a day speaks of the counters. Of whole crawls only, as lists of watched
    repositories may show more on one day than on another.
    """
    totals: dict[dt.date, int] = {}
    for record in records:
        if record["coverage"] == "whole_hub":
            day = record["observed_on"]
            totals[day] = totals.get(day, 0) + (record["downloads_30d"] or 0)
    days = sorted(day for day, total in totals.items() if total)
    found = []
    for before, day, after in zip(days, days[1:], days[2:], strict=False):
        ratios = [totals[day] / totals[other] for other in (before, after)]
        nearer = min(ratios, key=lambda ratio: abs(ratio - 1))
        if (max(ratios) < 1 or min(ratios) > 1) and abs(nearer - 1) >= OFF:
            found.append((day, nearer))
    return found


def region(code: str) -> str:
    """Name of a region; a code unknown here is shown as it is written."""
    return REGIONS.get(code, code)


def newest(records: Iterable[Record], key: str) -> dict[Any, Record]:
    """The last record of each key, in the order in which the keys first come; records come oldest first."""
    return {record[key]: record for record in records}
